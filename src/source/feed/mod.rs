//! RSS, Atom and JSON feeds, read with `feed-rs` behind limits and repairs of our own: document type
//! definitions are refused, bare ampersands mended, dates read by our parser, and a missing guid stays missing.

mod entry;
mod xml;

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Timelike as _, Utc};
use feed_rs::parser::ParseFeedError;

use super::{Context, Kind, Listing, SourceError, date_options, sniff};
use crate::article::Moment;
use crate::extract::date;
use crate::fetch::{Document, bound};

/// The kind.
pub struct Feed;

impl Kind for Feed {
    fn name(&self) -> &'static str {
        "feed"
    }

    fn recognises(&self, document: &Document) -> bool {
        match document.media_type.as_str() {
            "application/rss+xml" | "application/atom+xml" | "application/feed+json" | "application/rdf+xml" => true,
            // Feeds are often served as something more general.
            general if sniff::is_general(general) => looks_like_feed(&document.bytes),
            _ => false,
        }
    }

    fn list(&self, document: &Document, context: Context<'_>) -> Result<Listing, SourceError> {
        let broken = |reason: String| SourceError::Broken { url: document.url.to_string(), reason };
        let text = document.text();
        let text = without_declaration(&text);
        let mut why = Vec::new();
        let dates = Dates::default();
        let parsed = if text.trim_start().starts_with('{') {
            if bound::weight(text) > bound::MAX_WEIGHT {
                return Err(broken("the JSON feed holds too many values; its publisher has to list fewer".to_owned()));
            }
            parse(text, document, context, &dates)
                .map_err(|error| broken(format!("the JSON feed cannot be read: {error}")))?
        } else {
            let bounded = xml::bounded(text).map_err(|fault| broken(fault.tell(text)))?;
            if bounded.len() < text.len() {
                why.push("the feed has very many entries; the first are read".to_owned());
            }
            let text = &*bounded;
            match parse(text, document, context, &dates) {
                Ok(parsed) => parsed,
                Err(error) => {
                    let fault = xml::fault(text);
                    let told = fault.as_ref().map_or_else(|| error.to_string(), |fault| fault.tell(text));
                    dates.clear();
                    let parsed = parse(&xml::repair(text), document, context, &dates).map_err(|_| {
                        broken(format!("the feed is not well-formed XML: {told}; its publisher has to mend that"))
                    })?;
                    why.push(format!("the feed is not well-formed XML and was repaired: {told}"));
                    parsed
                }
            }
        };
        why.insert(0, format!("a feed ({:?}) of {} entries", parsed.feed_type, parsed.entries.len()));
        let mut candidates = Vec::new();
        let mut without_link = 0usize;
        let maker = entry::Maker::of(&parsed, context.section.timezone);
        for entry in &parsed.entries {
            match entry::candidate(entry, &document.url, &dates, &maker) {
                Some(candidate) => candidates.push(candidate),
                None => without_link += 1,
            }
        }
        if without_link > 0 {
            why.push(format!("{without_link} entries have no link and were left out"));
        }
        Ok(Listing { kind: self.name(), candidates, why, ..Listing::default() })
    }
}

/// Longest date that is read.
const LONGEST_DATE: usize = 160;

/// Whether the first element is a feed's, or the JSON names the feed's version.
fn looks_like_feed(bytes: &[u8]) -> bool {
    let head = sniff::head(bytes);
    if head.starts_with('{') {
        return head.contains("https://jsonfeed.org/version/")
            || head.contains("https:\\/\\/jsonfeed.org\\/version\\/");
    }
    matches!(sniff::root_name(&head), Some("rss" | "feed" | "RDF"))
}

/// Without the XML declaration, whose charset no longer holds: the text is decoded.
fn without_declaration(text: &str) -> &str {
    let text = text.trim_start();
    match text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) {
        Some((_, rest)) => rest,
        None => text,
    }
}

/// Dates as our parser read them. `feed-rs` only carries instants, so each instant it is given carries in its
/// nanoseconds the place of the moment that was read.
#[derive(Debug, Clone, Default)]
pub struct Dates(Arc<Mutex<Vec<Moment>>>);

impl Dates {
    fn keep(&self, moment: Moment, context: &date::Options) -> Option<DateTime<Utc>> {
        let at = match moment {
            Moment::Instant(at) => at.with_timezone(&Utc),
            Moment::Day(day) => {
                day.and_hms_opt(12, 0, 0)?.and_local_timezone(context.timezone).earliest()?.with_timezone(&Utc)
            }
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(moment);
        at.with_nanosecond(u32::try_from(kept.len() - 1).ok()?)
    }

    /// The moment that an instant stands for.
    pub fn moment(&self, at: DateTime<Utc>) -> Option<Moment> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(at.nanosecond() as usize).copied()
    }

    fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn parse(
    text: &str,
    document: &Document,
    context: Context<'_>,
    dates: &Dates,
) -> Result<feed_rs::model::Feed, ParseFeedError> {
    let (dates, options) = (dates.clone(), date_options(context));
    feed_rs::parser::Builder::new()
        .base_uri(Some(document.url.as_str()))
        // Cleaned once, at the end of reading.
        .sanitize_content(false)
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(move |text| {
            let text = text.get(..text.floor_char_boundary(LONGEST_DATE)).unwrap_or(text);
            dates.keep(date::parse(text, &options)?, &options)
        })
        .build()
        .parse(text.as_bytes())
}

#[cfg(test)]
mod tests;
