//! A section is recognised from its address: the page is read, the ways that it leads to are tried one after the
//! other, each is held against the page's own list, and the first that is the section's is taken. Used by the first
//! look at a section, by `add`, `init` and `inspect section`.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use url::Url;

use super::lanes::{Lanes, Reads};
use super::look::LookError;
use crate::clock::Clock;
use crate::config::{Section, SourceKind};
use crate::fetch::{Document, Fetched, Fetcher, Request, Room, Validators, Want};
use crate::source::recognise::{self, LIST, Match, Proposal, SURE, Signs, Way, judge};
use crate::source::{self, Listing, SourceError};
use crate::store::StoredWay;

/// Most addresses tried for one section.
const MOST_PROBES: usize = 8;

/// What was recognised.
#[derive(Debug, Clone)]
pub struct Recognised {
    /// The way chosen.
    pub way: Way,
    /// What it lists.
    pub listing: Listing,
    /// For the next request to it.
    pub validators: Validators,
    /// The same of what it led to (the sitemaps of an index).
    pub followed: Vec<(Url, Validators)>,
    /// Whether what it leads to has to be asked even when it is as before itself.
    pub follow_always: bool,
    /// The ways that were tried and not taken.
    pub refused: Vec<Refused>,
    /// The moment of the look.
    pub at: DateTime<Utc>,
    /// The page at the section's address, where that is a page and was asked for.
    pub page: Option<Document>,
}

/// A way that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Where it is.
    pub url: Url,
    /// Why not.
    pub why: String,
}

impl Recognised {
    /// The choice in sentences, the chosen way first.
    pub fn why(&self) -> Vec<String> {
        let Way { kind, url, why, confidence, .. } = &self.way;
        let chosen = format!("chosen: {kind} at {url} ({confidence} % sure): {why}");
        let refused = self.refused.iter().map(|refused| format!("refused: {}: {}", refused.url, refused.why));
        std::iter::once(chosen).chain(refused).chain(self.listing.why.iter().cloned()).collect()
    }
}

/// Whether a section's address is looked at as it is: a file, or a page that the admin has said how to read.
pub fn is_fixed(section: &Section) -> bool {
    section.url.scheme() == "file"
        || section.html.item.is_some()
        || section.html.link.is_some()
        || section.source == Some(SourceKind::Html)
}

/// How sure a page's own list is, 0 to 100.
pub fn page_confidence(listing: &Listing) -> u8 {
    (listing.confidence.clamp(0.0, 1.0) * 100.0).round() as u8
}

/// Asks the web on behalf of recognition.
#[derive(Debug, Clone)]
pub struct Prober {
    fetcher: Fetcher,
    clock: Clock,
    lanes: Lanes,
    allow_private: bool,
    probes: usize,
    keeps_page: bool,
}

impl Prober {
    /// Through this client.
    pub fn new(fetcher: Fetcher, clock: Clock, allow_private: bool) -> Self {
        Self { fetcher, clock, lanes: Lanes::default(), allow_private, probes: MOST_PROBES, keeps_page: false }
    }

    /// The same, reading in the lanes of others.
    #[must_use]
    pub(super) fn beside(self, lanes: &Lanes) -> Self {
        Self { lanes: lanes.clone(), ..self }
    }

    /// The same, and the page is handed on with what was recognised.
    #[must_use]
    pub fn keeping_page(self) -> Self {
        Self { keeps_page: true, ..self }
    }

    /// The same, but only the section's own address is asked: what was tried in vain is not tried each time.
    #[must_use]
    pub fn without_probes(self) -> Self {
        Self { probes: 0, ..self }
    }

    /// Reads one address of a section.
    pub async fn get(&self, section: &Section, url: &Url) -> Result<Document, LookError> {
        let allow_private = section.allow_private || self.allow_private;
        let large = self.lanes.large(&section.slug, Reads::Listing);
        let request = Request { url, validators: None, allow_private, root: root(section), want: Want::Text, large };
        match self.fetcher.of(section).get(&request).await? {
            Fetched::Document(document) => Ok(document),
            Fetched::NotModified => Err(SourceError::Broken {
                url: url.to_string(),
                reason: "it answered \"not modified\" to a first request".to_owned(),
            }
            .into()),
        }
    }

    /// Lists a document in its lane.
    pub async fn list(&self, section: &Arc<Section>, document: Document) -> Result<(Listing, Document), LookError> {
        let (of, now) = (Arc::clone(section), self.clock.now());
        let (url, bytes) = (document.url.to_string(), document.bytes.len());
        let list = move || {
            let listing = source::list(&document, source::Context { section: &of, now });
            (listing, document)
        };
        match self.lanes.read(&section.slug, Reads::Listing, bytes, list).await {
            Ok((listing, document)) => Ok((listing?, document)),
            Err(_) => {
                Err(SourceError::Broken { url, reason: "reading it failed; please report the page".into() }.into())
            }
        }
    }

    /// Fetches and lists what a listing leads to; the validators of each.
    pub async fn follow(&self, section: &Arc<Section>, listing: &mut Listing) -> Vec<(Url, Validators)> {
        let mut followed = Vec::new();
        for url in std::mem::take(&mut listing.follow) {
            let part = match self.get(section, &url).await {
                Ok(document) => self.list(section, document).await,
                Err(error) => Err(error),
            };
            match part {
                Ok((part, document)) => {
                    listing.join(part, section.timezone);
                    followed.push((url, document.validators));
                }
                Err(error) => listing.why.push(error.to_string()),
            }
        }
        followed
    }

    /// Looks by a way that is known.
    async fn by_way(&self, section: &Arc<Section>, way: &Way) -> Result<Recognised, LookError> {
        let document = self.get(section, &way.url).await?;
        let validators = document.validators.clone();
        let (mut listing, _) = self.list(section, document).await?;
        if listing.kind != way.kind {
            let reason = format!("it was {} and is {} now", way.kind, listing.kind);
            return Err(SourceError::Broken { url: way.url.to_string(), reason }.into());
        }
        let follow_always = listing.follow_always;
        let followed = self.follow(section, &mut listing).await;
        if way.url != section.url {
            recognise::narrow(&section.url, &mut listing);
        }
        let (way, refused, at) = (way.clone(), Vec::new(), self.clock.now());
        Ok(Recognised { way, listing, validators, followed, follow_always, refused, page: None, at })
    }

    /// Recognises a section from its address. `avoid` is a way that was just found dead.
    pub async fn recognise(&self, section: &Arc<Section>, avoid: Option<&Url>) -> Result<Recognised, LookError> {
        let document = self.get(section, &section.url).await?;
        self.recognise_from(section, document, avoid).await
    }

    /// Recognises a section from the document at its address.
    pub async fn recognise_from(
        &self,
        section: &Arc<Section>,
        document: Document,
        avoid: Option<&Url>,
    ) -> Result<Recognised, LookError> {
        let validators = document.validators.clone();
        let (mut listing, document) = self.list(section, document).await?;
        let url = section.url.clone();
        if listing.kind != "html" {
            let why = format!("the address is itself a {}", listing.kind);
            let way = Way { kind: listing.kind.to_owned(), url, why, confidence: 100, shared: false };
            let follow_always = listing.follow_always;
            let followed = self.follow(section, &mut listing).await;
            let refused = Vec::new();
            return Ok(Recognised {
                way,
                listing,
                validators,
                followed,
                follow_always,
                refused,
                page: None,
                at: self.clock.now(),
            });
        }
        let confidence = page_confidence(&listing);
        let mut refused = Vec::new();
        let (proposals, document) = self.proposals(section, document, &listing, confidence >= SURE).await;
        // While others are asked the page takes no room, and none from those who need it.
        let page = document.filter(|_| self.keeps_page).map(|page| Document { room: Room::default(), ..page });
        if !is_fixed(section) {
            for proposal in proposals.into_iter().take(self.probes) {
                if avoid == Some(&proposal.url) {
                    continue;
                }
                match self.probe(section, &listing, &proposal).await {
                    Ok(mut found) => {
                        found.refused = refused;
                        found.page = page;
                        return Ok(found);
                    }
                    Err(why) => refused.push(Refused { url: proposal.url, why }),
                }
            }
        }
        // A page that lists nothing by itself may still have its articles in a sitemap.
        if !is_fixed(section)
            && self.probes > 0
            && (listing.candidates.len() < LIST || section.source == Some(SourceKind::Sitemap))
        {
            for proposal in self.sitemaps(section).await {
                if avoid == Some(&proposal.url) {
                    continue;
                }
                match self.probe(section, &listing, &proposal).await {
                    Ok(mut found) => {
                        found.refused = refused;
                        found.page = page;
                        return Ok(found);
                    }
                    Err(why) => refused.push(Refused { url: proposal.url, why }),
                }
            }
        }
        if let Some(pin) = section.source.filter(|pin| *pin != SourceKind::Html) {
            return Err(LookError::Pinned { url: url.to_string(), kind: pin.name(), tried: told(&refused) });
        }
        if listing.candidates.is_empty() {
            let why = listing.why.iter().cloned().chain(refused.iter().map(tell)).collect::<Vec<_>>().join("; ");
            return Err(LookError::Empty { url: url.to_string(), why, proposal: String::new() });
        }
        let why = if is_fixed(section) { "the section says how its page is read" } else { "the page's own list" };
        let way = Way { kind: "html".to_owned(), url, why: why.to_owned(), confidence, shared: false };
        let followed = Vec::new();
        Ok(Recognised { way, listing, validators, followed, follow_always: false, refused, page, at: self.clock.now() })
    }

    /// The ways worth a request, worked out in the page's lane, and the page again.
    async fn proposals(
        &self,
        section: &Section,
        document: Document,
        listing: &Listing,
        sure: bool,
    ) -> (Vec<Proposal>, Option<Document>) {
        let (count, bytes) = (listing.candidates.len(), document.bytes.len());
        let find = move || {
            let tells = !sure || count < LIST || Signs::may_tell(&document);
            let found = if tells { Signs::of(&document).proposals(count, sure) } else { Vec::new() };
            (found, Some(document))
        };
        // A page that cannot be looked through has no ways: its own list is judged elsewhere.
        self.lanes.read(&section.slug, Reads::Listing, bytes, find).await.unwrap_or_default()
    }

    /// The sitemaps of the section's site.
    async fn sitemaps(&self, section: &Section) -> Vec<Proposal> {
        let Ok(robots) = section.url.join("/robots.txt") else { return Vec::new() };
        let robots = self.get(section, &robots).await.map(|document| document.text()).unwrap_or_default();
        recognise::sitemaps(&section.url, &robots)
    }

    /// Tries one way; the reason when it is not the section's.
    async fn probe(&self, section: &Arc<Section>, page: &Listing, proposal: &Proposal) -> Result<Recognised, String> {
        let document = self.get(section, &proposal.url).await.map_err(|error| error.to_string())?;
        // Sites answer unknown addresses with a page; it is not worth a reading.
        if source::kind_of(&document).is_some_and(|kind| kind.name() == "html") {
            return Err("it is a page, no feed".to_owned());
        }
        let validators = document.validators.clone();
        let (mut listing, _) = self.list(section, document).await.map_err(|error| error.to_string())?;
        let follow_always = listing.follow_always;
        let followed = self.follow(section, &mut listing).await;
        recognise::narrow(&section.url, &mut listing);
        match listing.kind {
            "html" => return Err("it is a page, no feed".to_owned()),
            kind if section.source.is_some_and(|pin| pin.name() != kind) => {
                return Err(format!("it is {kind}, and the section asks for another kind"));
            }
            _ => {}
        }
        let found = if section.source.is_some() && !listing.candidates.is_empty() {
            let why = "the section asks for this kind".to_owned();
            Match { confidence: SURE, shared: false, why }
        } else {
            judge(&section.url, &page.candidates, &proposal.url, &listing.candidates)?
        };
        let way = Way {
            kind: listing.kind.to_owned(),
            url: proposal.url.clone(),
            why: format!("{}; {}", proposal.why, found.why),
            confidence: found.confidence,
            shared: found.shared,
        };
        Ok(Recognised {
            way,
            listing,
            validators,
            followed,
            follow_always,
            refused: Vec::new(),
            page: None,
            at: self.clock.now(),
        })
    }
}

fn tell(refused: &Refused) -> String {
    format!("{}: {}", refused.url, refused.why)
}

/// The refused ways in one sentence.
fn told(refused: &[Refused]) -> String {
    match refused {
        [] => "the page leads to none".to_owned(),
        some => some.iter().map(tell).collect::<Vec<_>>().join("; "),
    }
}

/// The folder under which a section's `file:` source may read: its own, or its listing's.
pub(super) fn root(section: &Section) -> Option<PathBuf> {
    if section.url.scheme() != "file" {
        return None;
    }
    let path = section.url.to_file_path().ok()?;
    if path.is_dir() { Some(path) } else { path.parent().map(PathBuf::from) }
}

/// What a section's source would yield now: by the way that is remembered while it brings something, else by the one that
/// is recognised. Nothing is remembered. Used by `check`.
///
/// # Errors
/// Why there is nothing.
pub async fn stored_way(
    prober: &Prober,
    section: &Arc<Section>,
    stored: Option<&StoredWay>,
) -> Result<Recognised, LookError> {
    let found = match stored.filter(|stored| !is_fixed(section) && stored.source == super::ways::source_of(section)) {
        Some(stored) => prober.by_way(section, &stored.way).await,
        None => prober.recognise(section, None).await,
    };
    match found {
        Err(LookError::Source(_) | LookError::Empty { .. }) if stored.is_some() => {
            prober.recognise(section, None).await
        }
        Err(LookError::Fetch(error)) if stored.is_some() && error.is_gone() => prober.recognise(section, None).await,
        Ok(found) if found.listing.candidates.is_empty() && found.listing.dropped == 0 => {
            let why = found.listing.why.join("; ");
            Err(LookError::Empty { url: found.way.url.to_string(), why, proposal: String::new() })
        }
        other => other,
    }
}
