//! A listing page: by the section's selectors, or recognised without any. Recognition collects the links that
//! read like titles ([`links`]), finds the card around each ([`cards`]), groups cards of like structure, scores
//! the groups ([`groups`]) and reads each card's fields ([`fields`]). Every dropped group keeps its reason.

mod beside;
mod cards;
mod choose;
mod empty;
mod fields;
mod groups;
mod itemlist;
mod judge;
mod links;
mod next;
mod page;
mod pages;
mod propose;
mod rules;
mod survey;
mod words;

use super::{Context, Kind, Listing, SourceError};
use crate::fetch::Document;
use page::Page;

pub use pages::following;
pub use propose::propose;

/// The kind.
pub struct Html;

impl Kind for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn recognises(&self, document: &Document) -> bool {
        match document.media_type.as_str() {
            "text/html" | "application/xhtml+xml" => true,
            "" | "text/plain" | "application/octet-stream" | "application/xml" | "text/xml" => {
                let head = document.bytes.get(..1024).unwrap_or(&document.bytes);
                let head = String::from_utf8_lossy(head).to_ascii_lowercase();
                head.contains("<html") || head.contains("<!doctype html")
            }
            _ => false,
        }
    }

    fn list(&self, document: &Document, context: Context<'_>) -> Result<Listing, SourceError> {
        let page = Page::new(document, context);
        let rules = &context.section.html;
        let mut why = Vec::new();
        if let Some(feed) = page.feed() {
            why.push(format!("the page names a feed: {feed}; it may be the better `url`"));
        }
        if let Some(much) = page.cut {
            why.push(format!("the page has too much ({much}); what comes after is left out"));
        }
        let by_rules = rules.item.is_some() || rules.link.is_some();
        let (candidates, confidence) = if by_rules {
            let candidates = rules::list(&page, rules, &mut why)
                .map_err(|reason| SourceError::Broken { url: document.url.to_string(), reason })?;
            (candidates, 1.0)
        } else {
            let found = groups::recognise(&page, &mut why);
            let (mut candidates, mut confidence) = (found.candidates, found.confidence);
            itemlist::complete(&page, &mut candidates, &mut confidence, &mut why);
            rules::overrule(&page, rules, &found.cards, &mut candidates, &mut why)
                .map_err(|reason| SourceError::Broken { url: document.url.to_string(), reason })?;
            if !candidates.is_empty() {
                why.push(format!("confidence {confidence:.2}: {}", found.because));
            }
            (candidates, confidence)
        };
        if candidates.is_empty() {
            why.push(empty::reason(&page, by_rules.then_some(rules)));
        }
        #[expect(clippy::cast_possible_truncation, reason = "a share between 0 and 1")]
        let confidence = if candidates.is_empty() { 0.0 } else { confidence as f32 };
        let next = next::page(&page, &mut why);
        Ok(Listing { kind: self.name(), candidates, next, confidence, why, ..Listing::default() })
    }
}

#[cfg(test)]
mod mutate;
#[cfg(test)]
mod score;
#[cfg(test)]
mod tests;
