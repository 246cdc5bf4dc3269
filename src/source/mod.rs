//! Where a section's articles are found. A [`Document`] fetched from the section's address is recognised by
//! one of the [`KINDS`] and turned into a [`Listing`] of candidates, newest first as the source orders them.
//! A new kind is one file or folder here and one line in [`KINDS`].

mod feed;
mod folder;
mod html;
pub mod plain;

use chrono::{DateTime, Utc};
use url::Url;

use crate::article::{Candidate, canonical};
use crate::config::Section;
use crate::extract::date;
use crate::fetch::Document;

/// What a source lists at the moment.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Which kind read it ("feed", "html", "folder").
    pub kind: &'static str,
    /// The articles, in the source's order, each address once.
    pub candidates: Vec<Candidate>,
    /// The next page, where there is one.
    pub next: Option<Url>,
    /// Why these and not others: one sentence each, for `inspect section` and `explain`.
    pub why: Vec<String>,
}

/// Why a document gives no listing.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It is no kind of source that bantin knows.
    #[error("{url} is {media_type}, which is no page, feed or folder; point `url` at a listing page or feed")]
    Unknown {
        /// The address.
        url: String,
        /// What it is.
        media_type: String,
    },
    /// It is of a known kind but cannot be read.
    #[error("{url}: {reason}")]
    Broken {
        /// The address.
        url: String,
        /// What is wrong, where, and what to do.
        reason: String,
    },
}

/// What a kind may need to know besides the document.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The section, for its zone, language, date order and rules.
    pub section: &'a Section,
    /// The moment of the look.
    pub now: DateTime<Utc>,
}

/// A kind of source. Listing is pure computing on bounded input; callers run it on the blocking pool.
pub trait Kind: Sync {
    /// The name shown by `inspect section` and used for its table in `config.toml`.
    fn name(&self) -> &'static str;
    /// Whether the document is of this kind.
    fn recognises(&self, document: &Document) -> bool;
    /// The articles it lists.
    fn list(&self, document: &Document, context: Context<'_>) -> Result<Listing, SourceError>;
}

/// Every kind, asked in this order.
pub static KINDS: &[&dyn Kind] = &[&folder::Folder, &feed::Feed, &html::Html];

/// Lists a document by the first kind that recognises it; each address once.
pub fn list(document: &Document, context: Context<'_>) -> Result<Listing, SourceError> {
    let Some(kind) = KINDS.iter().find(|kind| kind.recognises(document)) else {
        return Err(SourceError::Unknown { url: document.url.to_string(), media_type: document.media_type.clone() });
    };
    let mut listing = kind.list(document, context)?;
    let mut seen = std::collections::HashSet::new();
    listing.candidates.retain(|candidate| seen.insert(canonical::key(&candidate.url)));
    Ok(listing)
}

/// How the dates of a section's source are read.
fn date_options(context: Context<'_>) -> date::Options {
    date::Options {
        language: context.section.language,
        timezone: context.section.timezone,
        order: context.section.date_order,
        now: context.now,
    }
}
