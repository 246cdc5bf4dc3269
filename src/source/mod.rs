//! Where a section's articles are found. A [`Document`] fetched from the section's address is recognised by
//! one of the [`KINDS`] and turned into a [`Listing`] of candidates, newest first as the source orders them.
//! A new kind is one file or folder here and one line in [`KINDS`].

use chrono::{DateTime, Utc};
use url::Url;

use crate::article::Candidate;
use crate::config::Section;
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
pub static KINDS: &[&dyn Kind] = &[];

/// Lists a document by the first kind that recognises it.
pub fn list(document: &Document, context: Context<'_>) -> Result<Listing, SourceError> {
    match KINDS.iter().find(|kind| kind.recognises(document)) {
        Some(kind) => kind.list(document, context),
        None => Err(SourceError::Unknown { url: document.url.to_string(), media_type: document.media_type.clone() }),
    }
}
