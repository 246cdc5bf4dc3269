//! Feeds: RSS 2.0, Atom and JSON Feed of a section, of all sections and of a language, and the OPML list.
//! Rendering is a pure function of stored rows, configuration and version: no clock, no request. Hands on
//! bytes with their validators ([`Served`]), kept in memory by [`FeedSet`] and in files by [`files`].

use chrono::{DateTime, Utc};

use crate::article::Article;
use crate::config::TextMode;

/// One feed: what its head says.
#[derive(Debug, Clone)]
pub struct Head {
    /// The slug: file name and path ("tin-tuc", "all", "all-vi").
    pub slug: String,
    /// Title.
    pub title: String,
    /// One sentence.
    pub description: String,
    /// BCP 47 language.
    pub language: String,
    /// The readers' page: the section on the site, or bantin's own page for `all`.
    pub link: String,
    /// The public address of bantin, ending with `/`.
    pub base_url: String,
    /// The publisher's name.
    pub publisher: String,
    /// What items carry.
    pub text: TextMode,
    /// The slug and language of the same section in another language.
    pub translation: Option<(String, String)>,
}

/// One item: the article and the names of the sections it is in (its categories, with its tags).
#[derive(Debug, Clone)]
pub struct Item {
    /// The article.
    pub article: Article,
    /// Section names, this feed's first.
    pub sections: Vec<String>,
}

/// A withdrawn article, for Atom's tombstones (RFC 6721).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// The article's public id.
    pub public_id: String,
    /// When it was withdrawn.
    pub when: DateTime<Utc>,
}
