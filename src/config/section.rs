//! What `[section.<slug>]` means, the values of `[defaults]` and bantin's own filled in.

use std::time::Duration;

use chrono_tz::Tz;
use url::Url;

use super::{FilterRules, HookTarget, Language, Proxy};
use crate::schedule::{Plan, Quiet};

/// `[section.<slug>]`, the defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The slug: `^[a-z0-9][a-z0-9-]{0,63}$`.
    pub slug: String,
    /// The name readers see.
    pub name: String,
    /// What it is about, in a sentence, for feeds and pages.
    pub description: Option<String>,
    /// Language of its articles.
    pub language: Language,
    /// Its time zone.
    pub timezone: Tz,
    /// Where its articles are found: http, https or file (a relative `file:` is resolved).
    pub url: Url,
    /// The kind of source that is looked for at `url`; `None`: whatever is recognised.
    pub source: Option<SourceKind>,
    /// What the readers' page of the section on the site is, when it is not `url`.
    pub site: Option<Url>,
    /// When to look.
    pub schedule: Plan,
    /// Time to settle before a push.
    pub delay: Duration,
    /// By which rules (`include`) an article waits for no delay, fixed time or quiet hours.
    pub urgent: FilterRules,
    /// How often the source should bring something new.
    pub expect_every: Expect,
    /// What feeds and mails carry.
    pub text: TextMode,
    /// Whether the article pages are opened.
    pub read: ReadMode,
    /// Which of day and month comes first in its dates.
    pub date_order: DateOrder,
    /// The guards against floods; `None` for `guard = "off"`.
    pub guard: Option<Guard>,
    /// The Telegram chats it is posted to.
    pub telegram: Vec<TelegramTarget>,
    /// The webhooks it is posted to.
    pub webhook: Vec<HookTarget>,
    /// The section in the other language.
    pub translation_of: Option<String>,
    /// Old slugs, which answer 301.
    pub formerly: Vec<String>,
    /// Whether the site is one's own: robots.txt is not asked, and no pause is made.
    pub own_site: bool,
    /// Whether private addresses may be read for this section.
    pub allow_private: bool,
    /// The proxy that is asked, where it is not that of `[fetch]`.
    pub proxy: Option<Proxy>,
    /// Whether its feeds carry the source's own ids.
    pub keep_guid: bool,
    /// `[section.<slug>.html]`: help for recognition and reading.
    pub html: HtmlRules,
    /// `[section.<slug>.json]`: where a JSON source keeps what.
    pub json: JsonRules,
    /// `[section.<slug>.filter]`: which articles are let in.
    pub filter: FilterRules,
    /// A hash of everything that changes how its pages are read: part of the extraction version.
    pub rules_hash: String,
}

/// `source = "…"`: the kind of source a section is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// The page itself.
    Html,
    /// A feed: the address itself, or one that its page leads to.
    Feed,
    /// A sitemap.
    Sitemap,
    /// The REST API of WordPress.
    Wordpress,
    /// A JSON API.
    Json,
}

impl SourceKind {
    /// The name of the kind, as in `source`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Feed => "feed",
            Self::Sitemap => "sitemap",
            Self::Wordpress => "wordpress",
            Self::Json => "json",
        }
    }
}

/// `expect_every`: how long a source may be silent before an admin is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expect {
    /// By what the source did so far.
    #[default]
    Learnt,
    /// For ever.
    Off,
    /// So long.
    Every(Duration),
}

/// What feeds and mails carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextMode {
    /// The whole article.
    #[default]
    Full,
    /// The lead alone.
    Lead,
}

/// Whether article pages are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReadMode {
    /// Open the page of each article.
    #[default]
    Article,
    /// Take what the listing says.
    Listing,
}

/// Which of day and month comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// 31/12/2026.
    #[default]
    Dmy,
    /// 12/31/2026.
    Mdy,
}

/// `guard = { run, day, fresh, per_hour }`; 0 is "learnt from the section's past".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// Most new articles of one run.
    pub run: u32,
    /// Most new articles of one day.
    pub day: u32,
    /// Articles older than this are not pushed.
    pub fresh: Duration,
    /// Most posts an hour to one chat.
    pub per_hour: u32,
}

/// One chat of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own")]
pub struct TelegramTarget {
    /// `@name` or a number, as text.
    pub chat: String,
    /// The topic of a forum.
    pub topic: Option<i32>,
    /// When to post; `None`: at once.
    pub at: Option<Plan>,
    /// Whether a slot is one digest post.
    pub digest: bool,
    /// Hours in which nothing is posted, in the section's zone.
    pub quiet: Option<Quiet>,
    /// Post without a sound.
    pub silent: bool,
    /// Quiet hours are not waited for: what comes in them is posted without a sound.
    pub quiet_silent: bool,
    /// A withdrawn article's post is marked instead of deleted.
    pub mark: bool,
    /// How an article stands there.
    pub style: PostStyle,
}

/// CSS selectors that help where recognition does not suffice. Every one is optional; all are valid CSS.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HtmlRules {
    /// Listing: one article's box.
    pub item: Option<String>,
    /// Listing, within `item`: the link.
    pub link: Option<String>,
    /// Listing, within `item`: the title (may be the link itself).
    pub title: Option<String>,
    /// Listing, within `item`: the date.
    pub date: Option<String>,
    /// Listing, within `item`: the lead.
    pub lead: Option<String>,
    /// Listing, within `item`: the picture.
    pub image: Option<String>,
    /// Article page: the body.
    pub body: Option<String>,
    /// Article page: the title.
    pub article_title: Option<String>,
    /// Article page: the lead.
    pub article_lead: Option<String>,
    /// Article page: the date.
    pub article_date: Option<String>,
    /// Article page: the by-line.
    pub byline: Option<String>,
    /// Article page: parts of the body to drop.
    pub remove: Vec<String>,
    /// Article page: lines at which the article ends.
    pub stop_at: Vec<String>,
}

/// Where a JSON source keeps what: paths of names with dots between. Every one is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct JsonRules {
    /// The script or attribute of a page that holds the JSON; `None`: the document is JSON itself.
    pub script: Option<String>,
    /// The list of articles.
    pub items: Option<String>,
    /// Within an item: its address, or a template with paths in braces.
    pub url: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// When it was published.
    pub date: Option<String>,
    /// When it was changed.
    pub updated: Option<String>,
    /// Its lead.
    pub lead: Option<String>,
    /// Its picture.
    pub image: Option<String>,
    /// Who wrote it.
    pub byline: Option<String>,
    /// Its tags.
    pub tags: Option<String>,
    /// Its whole text.
    pub body: Option<String>,
    /// The API's own key of it.
    pub id: Option<String>,
    /// The address of the next page, or a cursor for `page`.
    pub next: Option<String>,
    /// The query parameter that counts pages.
    pub page: Option<String>,
}

/// How an article stands in a chat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostStyle {
    /// The whole text instead of the lead.
    pub full: bool,
    /// A whole text that is too long for one message goes on in further ones; else it is cut.
    pub split: bool,
    /// Several pictures as an album.
    pub album: bool,
    /// The hashtags instead of the one made of the section's name; without `#`.
    pub hashtags: Option<Vec<String>>,
    /// The template instead of `telegram/post.html`: a name in that folder.
    pub template: Option<String>,
}
