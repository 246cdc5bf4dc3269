//! From a page to its fields: selectors of the section first, then the page's own metadata, then
//! readability; dates by our own parser; the tail of the page cut off. Hands on a [`Reading`].

mod around;
mod attachments;
mod author;
mod blocks;
mod body;
mod byline;
mod captions;
pub mod date;
mod furniture;
mod html;
mod image;
mod language;
mod lead;
mod listed;
mod markdown;
mod metadata;
mod official;
mod page;
mod plain;
mod section;
mod tags;
mod tail;
mod title;
mod when;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_strange;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use url::Url;

use crate::article::{Candidate, Reading};
use crate::config::{DateOrder, HtmlRules, Language, Section};
use crate::fetch::Document;
use crate::fetch::bound::{bound_lean, bound_plain, within};

/// The version of these rules. It changes when the same page would be read differently: then content is
/// replaced silently and no edit is announced (promise 5).
pub const VERSION: u32 = 5;

/// What reading may need to know besides the page.
#[derive(Debug, Clone)]
pub struct Context {
    /// Zone of dates without one.
    pub timezone: Tz,
    /// Language of the section.
    pub language: Language,
    /// Day or month first.
    pub date_order: DateOrder,
    /// Whether a section says so; without one, a page in American English is read month first.
    pub date_order_known: bool,
    /// The first sight of the article: years are filled in by it, nothing lies after it.
    pub now: DateTime<Utc>,
    /// The section's selectors.
    pub rules: HtmlRules,
}

impl Context {
    /// The context of a section at a moment.
    pub fn of(section: &Section, now: DateTime<Utc>) -> Self {
        Self {
            timezone: section.timezone,
            language: section.language,
            date_order: section.date_order,
            date_order_known: true,
            now,
            rules: section.html.clone(),
        }
    }

    /// The extraction version of a section: equal versions read a page the same way.
    pub fn version(section: &Section) -> String {
        format!("{VERSION}.{}", section.rules_hash)
    }
}

/// Why a page could not be read as an article.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// Not a kind of document that holds an article (a PDF, a picture).
    #[error("{url} is {media_type}, not an article page")]
    NotAPage {
        /// The address.
        url: String,
        /// What it is.
        media_type: String,
    },
    /// No title or no text was found.
    #[error("{url}: no {missing} was found; `[section.<slug>.html]` can name it with a selector")]
    Empty {
        /// The address.
        url: String,
        /// "title" or "text".
        missing: &'static str,
    },
    /// The page is made so that a reading does not end.
    #[error(
        "{url}: reading the page was given up, it takes too many steps; `body` in `[section.<slug>.html]` can name the \
         part to read"
    )]
    TooMuch {
        /// The address.
        url: String,
    },
}

/// Reads an article from its document (HTML, Markdown with front matter, plain text), with what the listing
/// said as a witness. Pure computing on bounded input; callers run it on the blocking pool.
pub fn read(document: &Document, candidate: &Candidate, context: &Context) -> Result<Reading, ExtractError> {
    let source = document.text();
    within_steps(&document.url, || match document.media_type.as_str() {
        "text/html" | "application/xhtml+xml" => page(&source, document, candidate, context),
        "text/markdown" | "text/x-markdown" => markdown::read(bound_plain(&source), &document.url, candidate, context),
        "text/plain" => plain::read(bound_plain(&source), &document.url, candidate, context),
        // Servers that name no type, or a wrong one, for a page.
        "" | "application/octet-stream" | "text/xml" | "application/xml" if looks_like_html(&source) => {
            page(&source, document, candidate, context)
        }
        other => Err(ExtractError::NotAPage { url: document.url.to_string(), media_type: other.to_owned() }),
    })
}

/// One reading; what it found where it had to be cut short is nothing to show.
fn within_steps(url: &Url, read: impl FnOnce() -> Result<Reading, ExtractError>) -> Result<Reading, ExtractError> {
    match within(read) {
        (read, false) => read,
        (_, true) => Err(ExtractError::TooMuch { url: url.to_string() }),
    }
}

/// Reads a page within the limits of pages; one that was cut says so.
fn page(source: &str, document: &Document, candidate: &Candidate, context: &Context) -> Result<Reading, ExtractError> {
    let bounded = bound_lean(source);
    let mut reading = html::read(&bounded.html, &document.url, candidate, context)?;
    if let Some(much) = bounded.cut {
        reading
            .provenance
            .insert("cut".to_owned(), format!("the page has too much ({much}); what comes after is left out"));
    }
    Ok(reading)
}

/// Makes an article of what the listing alone says (`read = "listing"`, or a full-text feed).
pub fn from_candidate(candidate: &Candidate, context: &Context) -> Result<Reading, ExtractError> {
    within_steps(&candidate.url, || listed::read(candidate, context))
}

/// Whether a text begins like a page.
fn looks_like_html(content: &str) -> bool {
    let start: String = content.chars().take(600).collect::<String>().to_ascii_lowercase();
    start.contains("<!doctype html") || start.contains("<html") || start.contains("<head")
}
