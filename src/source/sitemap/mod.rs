//! Sitemaps: `urlset` with the news and picture extensions, and `sitemapindex`, also gzipped. A sitemap lists a whole
//! site, so what is surely no article (the front page, pages that others lie below, pictures) is left out and the
//! newest of the rest are taken.

mod index;
mod read;

use std::collections::HashMap;

use url::Url;

use self::read::{Entry, Sitemap};
use super::{Context, Kind, Listing, SourceError, date_options, sniff};
use crate::article::{Candidate, SourceDate, text};
use crate::extract::date;
use crate::fetch::Document;

/// The kind.
pub struct SitemapKind;

/// Most articles taken from one sitemap.
const MOST: usize = 100;
/// From this many other addresses below it on, an address is a page that lists them.
const BELOW: usize = 3;
/// Dates of change that all lie within this (in milliseconds) tell when the sitemap was made.
const AT_ONCE_MS: i64 = 5 * 60_000;

impl Kind for SitemapKind {
    fn name(&self) -> &'static str {
        "sitemap"
    }

    fn recognises(&self, document: &Document) -> bool {
        let named = document.media_type.ends_with("+xml") || sniff::is_general(&document.media_type);
        named && matches!(sniff::root_name(&sniff::head(&document.bytes)), Some("urlset" | "sitemapindex"))
    }

    fn list(&self, document: &Document, context: Context<'_>) -> Result<Listing, SourceError> {
        let text = document.text();
        let broken = |reason| SourceError::Broken { url: document.url.to_string(), reason };
        let sitemap = read::sitemap(&text).map_err(broken)?;
        let mut listing = Listing { kind: self.name(), ..Listing::default() };
        if sitemap.is_index {
            index::choose(&sitemap, &document.url, &mut listing);
        } else {
            listing.why.push(format!("a sitemap of {} addresses", sitemap.entries.len()));
            entries(sitemap, document, context, &mut listing);
        }
        Ok(listing)
    }
}

/// The articles of a `urlset`.
fn entries(sitemap: Sitemap, document: &Document, context: Context<'_>, listing: &mut Listing) {
    let Sitemap { mut entries, cut, .. } = sitemap;
    if cut {
        listing.why.push("what stands behind the first 50,000 addresses was not read".to_owned());
    }
    if entries.iter().any(|entry| entry.is_news) {
        entries.retain(|entry| entry.is_news);
        listing.why.push(format!("a news sitemap: {} of its addresses are news", entries.len()));
    }
    let mut found: Vec<(Url, Entry)> =
        entries.into_iter().filter_map(|entry| Some((address(&entry.loc, &document.url)?, entry))).collect();
    let all = found.len();
    let below = below(&found);
    found.retain(|(url, entry)| entry.is_news || may_be_article(url, &below));
    if found.len() < all {
        let left_out = all - found.len();
        listing.why.push(format!("{left_out} are the front page, listing pages or files, and were left out"));
    }
    let options = date_options(context);
    let stated = |text: &Option<String>, provenance: &str| {
        let at = date::parse(text.as_deref()?, &options)?;
        Some(SourceDate { at, provenance: provenance.to_owned() })
    };
    let mut candidates: Vec<Candidate> = found
        .into_iter()
        .map(|(url, entry)| Candidate {
            title: entry.title.map(|title| text::one_line(&title)).filter(|title| !title.is_empty()),
            published: stated(&entry.published, "news sitemap"),
            updated: stated(&entry.lastmod, "sitemap"),
            image: entry.image.as_deref().and_then(|image| address(image, &document.url)),
            tags: entry.keywords.split(',').map(text::one_line).filter(|tag| !tag.is_empty()).collect(),
            ..Candidate::of(url)
        })
        .collect();
    drop_false_dates(&mut candidates, context, &mut listing.why);
    let dated = candidates.iter().filter(|c| c.published.is_some() || c.updated.is_some()).count();
    super::newest_first(&mut candidates, context.section.timezone);
    if candidates.len() > MOST {
        if dated == 0 {
            // Nobody can say at which end the news stand.
            let end = candidates.split_off(candidates.len() - MOST / 2);
            candidates.truncate(MOST / 2);
            candidates.extend(end);
            listing.why.push(format!("no address has a date: the first and the last {} were taken", MOST / 2));
        } else {
            candidates.truncate(MOST);
            listing.why.push(format!("the newest {MOST} were taken"));
        }
    }
    listing.candidates = candidates;
}

/// An address of a sitemap: on the web, or a file where the sitemap is one.
fn address(text: &str, base: &Url) -> Option<Url> {
    let url = base.join(text.trim()).ok().filter(|_| (1..=super::LONGEST_ADDRESS).contains(&text.trim().len()))?;
    (matches!(url.scheme(), "http" | "https") || url.scheme() == base.scheme()).then_some(url)
}

/// Most folders above an address that are counted.
const MOST_FOLDERS: usize = 16;

/// How many addresses lie below each path.
fn below(found: &[(Url, Entry)]) -> HashMap<String, usize> {
    let mut below: HashMap<String, usize> = HashMap::new();
    for (url, _) in found {
        let path = url.path().trim_end_matches('/');
        for (end, _) in path.match_indices('/').skip(1).take(MOST_FOLDERS) {
            if let Some(above) = path.get(..end) {
                *below.entry(above.to_owned()).or_default() += 1;
            }
        }
    }
    below
}

/// Whether an address may be that of an article: not the front page, no page of others, no picture or style sheet.
fn may_be_article(url: &Url, below: &HashMap<String, usize>) -> bool {
    const FILES: &[&str] = &[
        ".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".ico", ".mp3", ".mp4", ".css", ".js", ".xml", ".gz", ".zip",
    ];
    let path = url.path().trim_end_matches('/');
    let name = path.to_ascii_lowercase();
    let has_query = url.query().is_some_and(|query| !query.is_empty());
    if FILES.iter().any(|ending| name.ends_with(ending)) || (path.is_empty() && !has_query) {
        return false;
    }
    let is_index = ["/index.html", "/index.htm", "/index.php"].iter().any(|ending| name.ends_with(ending));
    has_query || (!is_index && below.get(path).is_none_or(|count| *count < BELOW))
}

/// A sitemap that gives every page the moment of its own making says nothing about the pages.
fn drop_false_dates(candidates: &mut [Candidate], context: Context<'_>, why: &mut Vec<String>) {
    let zone = context.section.timezone;
    let times: Vec<i64> =
        candidates.iter().filter_map(|c| c.updated.as_ref()).map(|d| super::sort_time(d.at, zone)).collect();
    let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else { return };
    if times.len() < 3 || last - first > AT_ONCE_MS {
        return;
    }
    for candidate in candidates.iter_mut() {
        candidate.updated = None;
    }
    why.push("all `lastmod` are the same moment, so they tell nothing and were not used".to_owned());
}

#[cfg(test)]
mod tests;
