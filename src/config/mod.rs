//! The configuration: what `config.toml` says, checked and resolved into the types the rest of bantin uses.
//! [`load`] reads a file and reports *every* mistake with file, line, column, caret and remedy; nothing
//! after it has to doubt a value.

mod checker;
mod codes;
pub mod defaults;
mod email;
mod files;
mod filter;
mod followers;
mod general;
mod load;
mod mailing;
mod mails;
mod mask;
mod parse;
mod raw;
mod report;
mod schema;
mod secrets;
mod sections;
mod shape;
mod shapes;
mod show;
pub(crate) mod suggest;
mod text;
mod tree;
mod values;
pub mod watch;
mod webhook;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use indexmap::IndexMap;
use secrecy::SecretString;
use url::Url;

pub use self::codes::Code;
pub use self::filter::{FilterField, FilterPattern, FilterRule, FilterRules, filter_pattern};
pub use self::followers::{Follower, HookTarget};
pub use self::load::{environment, load, load_str};
pub use self::mails::{Bounces, Dkim, Email, Inbox, Rate, Relay, Tls};
pub use self::report::{ConfigErrors, Problem, Report, Severity};
pub use self::schema::schema;
pub use self::sections::check_slug;
pub use self::show::{effective, texts};
pub use self::webhook::{Call, Form, Webhook, preview as webhook_for_preview};
use crate::schedule::{Plan, Quiet};

/// Everything `config.toml` says.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it was read from.
    pub file: PathBuf,
    /// Public address used in every link; ends with `/`.
    pub base_url: Url,
    /// Language of pages and mails where a section or reader says nothing.
    pub language: Language,
    /// Time zone of sections that name none.
    pub timezone: Tz,
    /// Where to listen.
    pub server: Server,
    /// Who publishes.
    pub organisation: Organisation,
    /// `sqlite:PATH` (resolved against the file's folder) or `postgres://…`.
    pub database: SecretString,
    /// The feeds.
    pub feeds: Feeds,
    /// Reading the web.
    pub fetch: Fetch,
    /// Telegram, when a token is configured.
    pub telegram: Option<Telegram>,
    /// E-mail, when a relay is configured.
    pub email: Option<Email>,
    /// The webhooks, by name.
    pub webhooks: Vec<Webhook>,
    /// Who is told what has to be decided or mended.
    pub admin: Admin,
    /// Folder of templates that override the built-in ones.
    pub templates: Option<PathBuf>,
    /// Sections by slug, in the file's order.
    pub sections: IndexMap<String, Arc<Section>>,
    /// Slugs of sections that were removed on purpose: their feeds answer 410.
    pub removed: Vec<String>,
    /// What the file allows but somebody should look at.
    pub warnings: Report,
}

/// The two languages bantin speaks to readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

impl Language {
    /// `vi` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// The language of a BCP 47 tag ("vi-VN" is Vietnamese); `None` for any other.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "vi" => Some(Self::Vi),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

/// `[server]`.
#[derive(Debug, Clone)]
pub struct Server {
    /// Address and port to listen on.
    pub listen: String,
    /// Token that opens `/metrics` and the detail of `/status`; without one they answer on loopback only.
    pub admin_token: Option<SecretString>,
    /// The key that signs what a CMS pushes; without one nothing can be pushed.
    pub push_key: Option<SecretString>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
}

/// `[admin]`.
#[derive(Debug, Clone, Default)]
pub struct Admin {
    /// Chats that alerts are posted to.
    pub telegram: Vec<TelegramTarget>,
    /// Addresses that alerts are mailed to.
    pub email: Vec<String>,
    /// The language of alerts; `None`: the general one.
    pub language: Option<Language>,
}

/// `[organisation]`.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// Name shown on pages and mails.
    pub name: String,
    /// Postal address shown in mails.
    pub address: Option<String>,
    /// Where the privacy statement stands.
    pub privacy_url: Option<Url>,
}

/// `[feeds]`.
#[derive(Debug, Clone)]
pub struct Feeds {
    /// Folder the feed files are written to, resolved against the file's folder.
    pub directory: PathBuf,
    /// Articles in a feed.
    pub items: usize,
    /// Most bytes of feed files held in memory; the others are read when asked for.
    pub memory: usize,
    /// The authority of article ids; `None`: the host of `base_url` and `,2026`, frozen in the store.
    pub authority: Option<String>,
    /// Whether bantin is the WebSub hub of its own feeds.
    pub websub: bool,
    /// Outside hubs that are told of news too.
    pub hubs: Vec<Url>,
    /// What an item has as its enclosure.
    pub enclosure: EnclosureMode,
}

/// `[feeds] enclosure`: what an item has as its enclosure in RSS, where its length is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EnclosureMode {
    /// Nothing, in no format.
    Off,
    /// Its files.
    #[default]
    Files,
    /// Its files, else its lead picture.
    Pictures,
}

/// `[fetch]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// Address or page of an admin, named in the user agent.
    pub contact: Option<String>,
    /// Whether the sites that are read are one's own: robots.txt is not asked, and no pause is made.
    pub own_site: bool,
    /// Whether loopback and private addresses may be read.
    pub allow_private: bool,
    /// The proxy that is asked.
    pub proxy: Proxy,
    /// Longest time for one request, redirects included.
    pub timeout: Duration,
    /// Largest body, after decompression.
    pub max_bytes: usize,
    /// Least time between two requests to one host.
    pub interval: Duration,
    /// `reread`: how long after its first sight an article is read again (promise 5).
    pub reread: Vec<Duration>,
    /// `withdrawn_after`: how far apart two 404s or 410s must lie to mean "withdrawn".
    pub withdrawn_after: Duration,
}

/// `proxy` and `proxy_tls`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Proxy {
    /// None: sites are asked directly.
    #[default]
    Off,
    /// This one.
    Through {
        /// Its address.
        url: Url,
        /// Whether it speaks TLS to the site itself, so that https is asked of it in plain.
        tls: bool,
    },
}

/// `[telegram]`.
#[derive(Debug, Clone)]
pub struct Telegram {
    /// The bot's token.
    pub token: SecretString,
    /// Address of the Bot API, for tests and local servers.
    pub api_url: Option<Url>,
    /// What happens to a message whose fate is unknown.
    pub on_uncertain: OnUncertain,
    /// Calls a second over all chats.
    pub per_second: u32,
    /// Messages a minute to one chat.
    pub per_chat_minute: u32,
    /// Further limits, of all sends, edits or deletions together.
    pub methods: Methods,
}

/// `[telegram] methods`: limits of single methods of the Bot API, over all chats.
#[derive(Debug, Clone, Default)]
pub struct Methods {
    /// New messages.
    pub send: Option<Rate>,
    /// Edits.
    pub edit: Option<Rate>,
    /// Deletions.
    pub delete: Option<Rate>,
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

/// What happens to a message that may or may not have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUncertain {
    /// One more try.
    #[default]
    AtLeastOnce,
    /// No more try.
    AtMostOnce,
    /// Wait for an admin.
    Ask,
}

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

#[cfg(test)]
mod tests;
