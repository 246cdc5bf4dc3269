//! Feeds: RSS 2.0, Atom and JSON Feed of a section, of all sections and of a language, and the OPML list.
//! Rendering is a pure function of stored rows, configuration and version: no clock, no request. Hands on
//! bytes with their validators ([`Served`]), kept in files by [`files`] and, while asked for, in memory by [`FeedSet`].
//!
//! ```text
//! store rows → Head, Item → entry (sanitised once) ─┬─ rss ─┐
//!                                                   ├─ atom ┼─ Served ─ FeedSet → web, feeds/
//!                                                   └─ json ┘
//! ```

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::article::Article;
use crate::config::{EnclosureMode, TextMode};

pub mod atom;
mod entry;
pub mod files;
mod filter;
mod heads;
pub mod json;
mod moment;
pub mod opml;
mod plain;
mod plan;
mod refresh;
pub mod rss;
pub mod sanitise;
mod served;
mod set;
pub mod websub;
mod xml;

#[cfg(test)]
pub(crate) mod tests;

pub use filter::{Filter, TooMuch};
pub use heads::authority;
pub use refresh::Shown;
pub use served::{Coding, Hash, Kind, Lines, Served};
pub use set::{FeedError, FeedSet};

/// What a feed may weigh in bytes: readers poll often, and a quarter of a megabyte is where it becomes a burden.
pub const MAX_BYTES: usize = 250_000;

/// One feed: what its head says.
#[derive(Debug, Clone)]
pub struct Head {
    /// The slug: file name and path ("tin-tuc", "all", "all-vi").
    pub slug: String,
    /// The slug the feed began with: its Atom id is made of it and never changes.
    pub first_slug: String,
    /// The authority of ids ("example.vn,2026").
    pub authority: String,
    /// Title.
    pub title: String,
    /// One sentence.
    pub description: String,
    /// BCP 47 language.
    pub language: String,
    /// The zone whose offset dates carry.
    pub timezone: Tz,
    /// The readers' page: the section on the site, or bantin's own page for `all`.
    pub link: String,
    /// The public address of bantin, ending with `/`.
    pub base_url: String,
    /// The publisher's name.
    pub publisher: String,
    /// What items carry.
    pub text: TextMode,
    /// What items have as their enclosure.
    pub enclosure: EnclosureMode,
    /// The query that made it, in its one form.
    pub query: Option<String>,
    /// The WebSub hubs, our own first.
    pub hubs: Vec<String>,
    /// The slug and language of the same section in another language.
    pub translation: Option<(String, String)>,
    /// Most bytes; a larger feed carries fewer items.
    pub max_bytes: usize,
}

/// One item: the article and the names of the sections it is in (its categories, with its tags).
#[derive(Debug, Clone)]
pub struct Item {
    /// The article.
    pub article: Article,
    /// Section names, this feed's first.
    pub sections: Vec<String>,
    /// Where the link points when the article has no page on the web: a section's page of bantin.
    pub page: String,
    /// BCP 47 language of the article.
    pub language: String,
    /// What the article's own sections let out; the shorter of this and the head's holds.
    pub text: TextMode,
    /// The source's own id, where its section keeps it.
    pub guid: Option<String>,
}

/// A withdrawn article, for Atom's tombstones (RFC 6721).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// The id the feed carried it under.
    pub public_id: String,
    /// Its key in the store.
    pub article_id: i64,
    /// When it was withdrawn.
    pub when: DateTime<Utc>,
}

impl Tombstone {
    /// The same under the source's own id, where it is kept and Atom can carry it.
    fn under(self, guids: &std::collections::HashMap<i64, String>) -> Self {
        match guids.get(&self.article_id).filter(|guid| entry::is_uri(guid)) {
            Some(guid) => Self { public_id: guid.clone(), ..self },
            None => self,
        }
    }
}

/// The three formats of a feed; every item is sanitised once for all of them.
pub fn render(head: &Head, items: &[Item], tombstones: &[Tombstone]) -> [(Kind, Vec<u8>); 3] {
    let entries = entry::entries(head, items);
    Kind::FORMATS.map(|kind| (kind, of_entries(head, &entries, tombstones, kind)))
}

/// One format of a feed without tombstones.
fn render_one(head: &Head, items: &[Item], kind: Kind) -> Vec<u8> {
    of_entries(head, &entry::entries(head, items), &[], kind)
}

fn of_entries(head: &Head, entries: &[entry::Entry<'_>], tombstones: &[Tombstone], kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Atom => atom::of_entries(head, entries, tombstones),
        Kind::Json => json::of_entries(head, entries),
        Kind::Rss | Kind::Opml => rss::of_entries(head, entries),
    }
}

impl Head {
    /// The public address of a feed of bantin: `BASE/feeds/<slug>.<extension>`.
    pub fn feed_url(&self, slug: &str, kind: Kind) -> String {
        format!("{}feeds/{slug}.{}", self.base_url, kind.extension())
    }

    /// The feed's own address in a format.
    pub fn self_url(&self, kind: Kind) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.feed_url(&self.slug, kind)),
            None => self.feed_url(&self.slug, kind),
        }
    }
}
