//! The article: what every other module speaks about. A source lists [`Candidate`]s, `extract` turns the
//! page of each into a [`Reading`], the store keeps it as an [`Article`] with an identity and revisions,
//! and feeds and channels render that. This module knows no other module.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use url::Url;

pub mod alike;
pub mod attachment;
pub mod canonical;
pub mod clean;
pub mod fingerprint;

pub mod identity;
pub mod picture;
pub mod text;

pub use attachment::{Attachment, Measured, OfficialDocument};

/// A moment as a source states it: right to the second or minute, or a bare day. Never guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Moment {
    /// An instant with the offset in which it was stated.
    Instant(DateTime<FixedOffset>),
    /// A day of the section's calendar without a time.
    Day(NaiveDate),
}

impl Moment {
    /// RFC 3339 for an instant, `YYYY-MM-DD` for a bare day.
    pub fn to_text(self) -> String {
        match self {
            Self::Instant(at) => at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            Self::Day(day) => day.to_string(),
        }
    }

    /// Reads what [`Moment::to_text`] wrote.
    pub fn from_text(text: &str) -> Option<Self> {
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Some(Self::Instant(at));
        }
        text.parse().ok().map(Self::Day)
    }

    /// The calendar day in `zone`.
    pub fn day(self, zone: Tz) -> NaiveDate {
        match self {
            Self::Instant(at) => at.with_timezone(&zone).date_naive(),
            Self::Day(day) => day,
        }
    }
}

/// A date as found, and where it was found ("json-ld", "listing", "visible text", …).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceDate {
    /// The moment with its precision.
    pub at: Moment,
    /// Where it came from, for `inspect` and `explain`.
    pub provenance: String,
}

/// A picture of an article.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Picture {
    /// Absolute address.
    pub url: String,
    /// The caption bound to it, as plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Width in pixels, where the page states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels, where the page states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// What a source lists: a link and whatever the listing says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The absolute address of the article's page.
    pub url: Url,
    /// The source's own key of the article (a feed's guid, trimmed), where there is one.
    pub native_id: Option<String>,
    /// Title as listed, plain text.
    pub title: Option<String>,
    /// Lead or summary as listed, plain text.
    pub lead: Option<String>,
    /// By-line as listed.
    pub byline: Option<String>,
    /// Date of publication as listed.
    pub published: Option<SourceDate>,
    /// Date of the last change as listed.
    pub updated: Option<SourceDate>,
    /// Picture as listed, absolute.
    pub image: Option<Url>,
    /// Tags or categories as listed.
    pub tags: Vec<String>,
    /// The whole body as HTML (not yet cleaned), where the source carries it (a full-text feed).
    pub body: Option<String>,
    /// Whether whoever named it says that it waits for nothing (a push of the CMS).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
}

impl Candidate {
    /// A candidate of which only the address is known.
    pub fn of(url: Url) -> Self {
        Self {
            url,
            native_id: None,
            title: None,
            lead: None,
            byline: None,
            published: None,
            updated: None,
            image: None,
            tags: Vec::new(),
            body: None,
            urgent: false,
        }
    }
}

/// An article as read from its page, before it has an identity. All text is NFC; `html` is clean
/// (sanitised, absolute addresses, no boilerplate) and must not be edited afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reading {
    /// Plain text, one line.
    pub title: String,
    /// Plain text, one paragraph.
    pub lead: Option<String>,
    /// Who wrote it, as the page says ("Thủy Châu").
    pub byline: Option<String>,
    /// The body as clean HTML.
    pub html: String,
    /// The body as plain text, paragraphs separated by one newline.
    pub text: String,
    /// BCP 47 language, where the page states or shows it.
    pub language: Option<String>,
    /// The picture that stands for the article.
    pub image: Option<Picture>,
    /// All pictures of the body with their captions, in order.
    pub pictures: Vec<Picture>,
    /// Tags, in the page's order.
    pub tags: Vec<String>,
    /// The part of the site that the page says it belongs to ("Kinh tế"), from its breadcrumbs or metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// Files that belong to it, in the page's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The lengths of files and pictures, where their server told them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measured: Vec<Measured>,
    /// The fields of an official document, where the page describes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<OfficialDocument>,
    /// Date of publication.
    pub published: Option<SourceDate>,
    /// Date of the last change, where the page states one.
    pub updated: Option<SourceDate>,
    /// The page's own canonical address (http or https), where it states one.
    pub canonical: Option<Url>,
    /// Field name → where the field came from, for `inspect article`.
    pub provenance: std::collections::BTreeMap<String, String>,
}

/// A stored article: a reading with an identity, dates for feeds, and revisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// Key in the store.
    pub id: i64,
    /// `tag:<authority>:<hash>`: the id feeds carry, for ever.
    pub public_id: String,
    /// Canonical address: what links point to. `None` when the article has no page on the web
    /// (a file without a stated address): links then point to the section's page.
    pub url: Option<Url>,
    /// The address it is read from (may be `file:`).
    pub source_url: Url,
    /// What was read.
    pub reading: Reading,
    /// 1 for the first reading, one more for each real change.
    pub revision: i64,
    /// The instant for feeds' mandatory date fields, frozen at first sight.
    pub feed_date: DateTime<Utc>,
    /// When the present revision was seen; equals `feed_date` until the first edit.
    pub updated_at: DateTime<Utc>,
    /// When it was first seen.
    pub first_seen: DateTime<Utc>,
    /// When it was found to be withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// The `feed_date` of an article first seen at `first_seen` (promise 3): the source's instant, never after
/// now; a bare day is 12:00 local, or the first sight if that is the same day; no date is the first sight.
pub fn feed_date(published: Option<Moment>, first_seen: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let stated = match published {
        None => return first_seen,
        Some(Moment::Instant(at)) => at.with_timezone(&Utc),
        Some(Moment::Day(day)) => {
            if first_seen.with_timezone(&zone).date_naive() == day {
                return first_seen;
            }
            let noon = day.and_hms_opt(12, 0, 0).unwrap_or_default();
            match noon.and_local_timezone(zone).earliest() {
                Some(at) => at.with_timezone(&Utc),
                None => first_seen,
            }
        }
    };
    stated.min(first_seen)
}
