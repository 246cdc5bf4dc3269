//! Where a section's articles are found. A [`Document`] fetched from the section's address is recognised by
//! one of the [`KINDS`] and turned into a [`Listing`] of candidates, newest first as the source orders them;
//! [`filter`] drops what the section does not want.
//! A new kind is one file or folder here and one line in [`KINDS`].

mod feed;
pub mod filter;
mod folder;
pub mod html;
mod json;
pub mod plain;
pub mod recognise;
mod sitemap;
mod sniff;
mod wordpress;

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use url::Url;

use crate::article::{Candidate, Moment, canonical};
use crate::config::Section;
use crate::extract::date;
use crate::fetch::Document;
use crate::fetch::bound::{self, within};

/// What a source lists at the moment.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Which kind read it ("feed", "html", "folder", "sitemap", "wordpress", "json").
    pub kind: &'static str,
    /// The articles, in the source's order, each address once.
    pub candidates: Vec<Candidate>,
    /// The next page, where there is one.
    pub next: Option<Url>,
    /// Further documents that belong to this listing (the sitemaps of an index), few and in this order. Whoever
    /// fetches them lists each and [joins](Listing::join) it.
    pub follow: Vec<Url>,
    /// Whether `follow` has to be asked even when this document is as before.
    pub follow_always: bool,
    /// How sure the kind is that these are the section's articles, 0 to 1: 1 where the source says so itself (a
    /// feed, selectors of the section), less where they were recognised on a page; `why` has the reason.
    pub confidence: f32,
    /// How many articles the section's filter dropped; `why` names them.
    pub dropped: usize,
    /// Why these and not others: one sentence each, for `inspect section` and `explain`.
    pub why: Vec<String>,
}

impl Default for Listing {
    /// Nothing, from a source that says itself what it lists.
    fn default() -> Self {
        Self {
            kind: "",
            candidates: Vec::new(),
            next: None,
            follow: Vec::new(),
            follow_always: false,
            confidence: 1.0,
            dropped: 0,
            why: Vec::new(),
        }
    }
}

impl Listing {
    /// Adds what a followed document lists. Its own `follow` goes nowhere: two levels are enough.
    pub fn join(&mut self, other: Self, zone: Tz) {
        self.candidates.extend(other.candidates);
        self.why.extend(other.why);
        self.dropped += other.dropped;
        once_each(&mut self.candidates);
        newest_first(&mut self.candidates, zone);
    }
}

/// Why a document gives no listing.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It is no kind of source that bantin knows.
    #[error(
        "{url} is {media_type}, which is no page, feed, sitemap, known API or folder; point `url` at a \
             listing page or feed"
    )]
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

/// Most articles of one listing: each of them may be opened, and a page made to hurt can list a hundred thousand.
const MOST: usize = 1000;

/// Longest address of an article.
const LONGEST_ADDRESS: usize = 2048;

/// Most markup of all texts of one listing together: what two long pages have.
const MOST_MARKUP: usize = 100_000;

/// Every kind, asked in this order.
pub static KINDS: &[&dyn Kind] =
    &[&folder::Folder, &feed::Feed, &sitemap::SitemapKind, &wordpress::WordPress, &json::Json, &html::Html];

/// The kind that recognises a document.
pub fn kind_of(document: &Document) -> Option<&'static dyn Kind> {
    let document = sniff::unpacked(document);
    KINDS.iter().find(|kind| kind.recognises(&document)).copied()
}

/// Lists a document by the first kind that recognises it; each address once, and without what the section's filter
/// drops by the listing alone.
pub fn list(document: &Document, context: Context<'_>) -> Result<Listing, SourceError> {
    let document = &*sniff::unpacked(document);
    let kind: &dyn Kind = if json::is_meant(document, context.section) {
        &json::Json
    } else {
        let found = KINDS.iter().find(|kind| kind.recognises(document)).copied();
        found.ok_or_else(|| SourceError::Unknown {
            url: document.url.to_string(),
            media_type: document.media_type.clone(),
        })?
    };
    let (listing, cut) = within(|| -> Result<Listing, SourceError> {
        let listing = kind.list(document, context)?;
        if listing.candidates.is_empty()
            && kind.name() == "html"
            && let Some(mut found) = json::in_page(document, context)
        {
            found.why.splice(0..0, listing.why);
            return Ok(found);
        }
        Ok(listing)
    });
    let mut listing = listing?;
    if cut {
        let reason = "looking through it was given up, it takes too many steps; give the address of a feed as `url`";
        return Err(SourceError::Broken { url: document.url.to_string(), reason: reason.to_owned() });
    }
    let listed = listing.candidates.len();
    listing.candidates.retain(|candidate| candidate.url.as_str().len() <= LONGEST_ADDRESS);
    if listing.candidates.len() < listed {
        let many = listed - listing.candidates.len();
        listing.why.push(format!("{many} addresses are longer than {LONGEST_ADDRESS} bytes; they are left out"));
    }
    once_each(&mut listing.candidates);
    own_ids(&mut listing);
    filtered(&mut listing, context.section);
    if listing.candidates.len() > MOST {
        listing.why.push(format!("{} articles are listed; the first {MOST} are taken in", listing.candidates.len()));
        listing.candidates.truncate(MOST);
    }
    lighter(&mut listing);
    Ok(listing)
}

/// Cuts what no article's entry is as long as, and leaves out the texts beyond what one listing may bring: each of them
/// is read like a page, and a listing that is made to hurt has a thousand.
fn lighter(listing: &mut Listing) {
    const TITLE: usize = 2000;
    const LEAD: usize = 16_000;
    const TAGS: usize = 50;
    let cut = |text: &mut Option<String>, most: usize| {
        if let Some(text) = text {
            text.truncate(text.floor_char_boundary(most));
        }
    };
    let (mut markup, mut without) = (0, 0);
    for candidate in &mut listing.candidates {
        cut(&mut candidate.title, TITLE);
        cut(&mut candidate.byline, TITLE);
        cut(&mut candidate.lead, LEAD);
        candidate.tags.truncate(TAGS);
        if let Some(body) = &candidate.body {
            markup += bound::markup(body);
            if markup > MOST_MARKUP {
                candidate.body = None;
                without += 1;
            }
        }
    }
    if without > 0 {
        listing.why.push(format!("the texts of {without} articles are left out: the listing is too large"));
    }
}

/// An id that several articles of one listing carry names none of them: they are known by their addresses.
fn own_ids(listing: &mut Listing) {
    let mut counts: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    for id in listing.candidates.iter().filter_map(|candidate| candidate.native_id.clone()) {
        *counts.entry(id).or_default() += 1;
    }
    let mut shared = 0usize;
    for candidate in &mut listing.candidates {
        if candidate.native_id.as_ref().is_some_and(|id| counts.get(id).is_some_and(|count| *count > 1)) {
            candidate.native_id = None;
            shared += 1;
        }
    }
    if shared > 0 {
        listing
            .why
            .push(format!("{shared} articles share an id (guid) with another; they are known by their addresses"));
    }
}

/// Drops what the section's filter drops by the listing alone.
fn filtered(listing: &mut Listing, section: &Section) {
    const TOLD: usize = 20;
    if section.filter.is_empty() {
        return;
    }
    let mut dropped = 0usize;
    let why = &mut listing.why;
    listing.candidates.retain(|candidate| {
        let Some(reason) = filter::listed(&section.filter, candidate) else { return true };
        dropped += 1;
        if dropped <= TOLD {
            why.push(format!("{reason}: {}", candidate.title.as_deref().unwrap_or(candidate.url.as_str())));
        }
        false
    });
    if dropped > TOLD {
        why.push(format!("{} more were dropped by the filter", dropped - TOLD));
    }
    listing.dropped = dropped;
}

fn once_each(candidates: &mut Vec<Candidate>) {
    let mut seen = std::collections::HashSet::new();
    candidates.retain(|candidate| seen.insert(canonical::key(&candidate.url)));
}

/// Sorts by publication, else by change; what has no date stays behind, in its order.
fn newest_first(candidates: &mut [Candidate], zone: Tz) {
    candidates.sort_by_cached_key(|candidate| {
        let date = candidate.published.as_ref().or(candidate.updated.as_ref());
        std::cmp::Reverse(date.map(|date| sort_time(date.at, zone)))
    });
}

/// A moment as a number to sort by (Unix milliseconds); a bare day counts from its midnight.
fn sort_time(at: Moment, zone: Tz) -> i64 {
    match at {
        Moment::Instant(at) => at.timestamp_millis(),
        Moment::Day(day) => {
            let midnight = day.and_time(NaiveTime::MIN).and_local_timezone(zone).earliest();
            midnight.map_or(0, |at| at.timestamp_millis())
        }
    }
}

/// A by-line of the names a system gives, without those of machines and without addresses.
fn people(names: Vec<String>) -> Option<String> {
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        let machine = ["admin", "administrator", "webmaster", "root"].contains(&name.to_lowercase().as_str());
        if !name.is_empty() && !name.contains('@') && !machine && !kept.contains(&name) {
            kept.push(name);
        }
    }
    (!kept.is_empty()).then(|| kept.join(", "))
}

/// The address with its query parameter `name` set to `page`.
fn with_page(url: &Url, name: &str, page: usize) -> Url {
    let mut out = url.clone();
    let kept: Vec<(String, String)> =
        url.query_pairs().filter(|(key, _)| key != name).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
    out.query_pairs_mut().clear().extend_pairs(kept).append_pair(name, &page.to_string());
    out
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
