//! The way by which a section is looked at: remembered in the store, taken from there at the next start, and
//! recognised anew when it fails. A look through a new way pushes nothing old (promise 2), and no article gets
//! another identity by it (promise 4).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use url::Url;

use super::App;
use super::lanes::Reads;
use super::look::{LookError, Looked};
use super::recognise::{Prober, is_fixed};
use crate::config::Section;
use crate::fetch::{FetchError, Fetched, Validators};
use crate::source::recognise::{self, Way};
use crate::source::{Listing, SourceError};
use crate::store::{Condition, SectionRow, Store, StoreError, StoredWay};

/// After how many failures in a row, that may pass by themselves, the section is recognised anew. Doubled each time.
const PATIENCE: u32 = 4;
/// How often a shared way may bring what is not on the section's page before it is given up.
const DOUBTS: u32 = 3;

/// What a look goes by.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) way: Way,
    /// Found by recognition: its address is not the one in the configuration.
    pub(super) found: bool,
    /// A look through it is done.
    pub(super) settled: bool,
}

impl Known {
    /// A section's own address.
    pub(super) fn as_it_is(section: &Section) -> Self {
        let why = "the address of the section".to_owned();
        let way = Way { kind: String::new(), url: section.url.clone(), why, confidence: 100, shared: false };
        Self { way, found: false, settled: true }
    }
}

/// The ways in memory, and how they fare; shared by the clones of an [`App`].
#[derive(Debug, Default)]
pub struct Ways {
    /// What an earlier start remembered, read once for all sections; taken out as sections are first looked at.
    stored: tokio::sync::OnceCell<Mutex<HashMap<i64, StoredWay>>>,
    known: Mutex<HashMap<i64, Arc<Known>>>,
    failures: Mutex<HashMap<i64, u32>>,
    doubts: Mutex<HashMap<i64, u32>>,
}

impl Ways {
    /// The way that an earlier start remembered for a section.
    async fn recall(&self, store: &Store, section: i64) -> Result<Option<StoredWay>, StoreError> {
        let stored = self.stored.get_or_try_init(|| async { store.ways().await.map(Mutex::new) }).await?;
        Ok(stored.lock().unwrap_or_else(PoisonError::into_inner).remove(&section))
    }

    fn get(&self, section: i64) -> Option<Arc<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&section).cloned()
    }

    /// By what a section is looked at, in words.
    pub(super) fn told(&self, section: i64) -> Option<String> {
        let known = self.get(section)?;
        Some(format!("{} {}", known.way.kind, known.way.url).trim_start().to_owned())
    }

    fn keep(&self, section: i64, known: Known) -> Arc<Known> {
        let known = Arc::new(known);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(section, Arc::clone(&known));
        known
    }

    fn well(&self, section: i64) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&section);
    }

    /// One more failure; how many there are in a row.
    fn failed(&self, section: i64) -> u32 {
        count(&self.failures, section)
    }

    fn doubted(&self, section: i64) -> u32 {
        count(&self.doubts, section)
    }

    fn trusted(&self, section: i64) {
        self.doubts.lock().unwrap_or_else(PoisonError::into_inner).remove(&section);
    }
}

fn count(counts: &Mutex<HashMap<i64, u32>>, section: i64) -> u32 {
    let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
    let count = counts.entry(section).or_default();
    *count += 1;
    *count
}

impl App {
    /// Looks at a section once.
    pub async fn look(&self, section: &Arc<Section>) -> Result<Looked, LookError> {
        let mut looked = self.look_only(section).await?;
        self.store.set_validators(&std::mem::take(&mut looked.read)).await?;
        Ok(looked)
    }

    /// The same; the validators of what was read are still to be kept.
    pub(super) async fn look_only(&self, section: &Arc<Section>) -> Result<Looked, LookError> {
        let no_section = || LookError::NoSection(section.slug.clone());
        let row = self.store.known_section(&section.slug, self.clock.now_ms()).await?.ok_or_else(no_section)?;
        let Some(known) = self.known_way(section, &row).await? else {
            return Box::pin(self.look_anew(section, row.id, None)).await;
        };
        match self.look_by(section, &row, &known).await {
            Ok(looked) => {
                self.ways.well(row.id);
                Ok(looked)
            }
            Err(error) if !is_fixed(section) && self.is_given_up(&row, &known, &error) => {
                Box::pin(self.look_anew(section, row.id, Some((&known, error)))).await
            }
            Err(error) => Err(error),
        }
    }

    /// The way to look by, unless the section has to be recognised first.
    pub(super) async fn known_way(
        &self,
        section: &Section,
        row: &SectionRow,
    ) -> Result<Option<Arc<Known>>, StoreError> {
        if let Some(known) = self.ways.get(row.id) {
            return Ok(Some(known));
        }
        let as_it_is = || Known::as_it_is(section);
        if is_fixed(section) {
            return Ok(Some(self.ways.keep(row.id, as_it_is())));
        }
        let known = match self.ways.recall(&self.store, row.id).await? {
            Some(stored) if stored.source == source_of(section) => {
                let found = stored.way.url != section.url;
                Known { way: stored.way, found, settled: stored.settled }
            }
            // Looked at before ways were remembered: it goes on as it was.
            None if row.seeded_at.is_some() => as_it_is(),
            // Never recognised, or from another address.
            _ => return Ok(None),
        };
        Ok(Some(self.ways.keep(row.id, known)))
    }

    /// Looks by a known way.
    async fn look_by(&self, section: &Arc<Section>, row: &SectionRow, known: &Known) -> Result<Looked, LookError> {
        let key = validators_key(known, row.id);
        // The first look reads whole, whatever an earlier database knew of the page.
        let validators = match row.seeded_at {
            Some(_) if known.settled => self.store.known_validators(&key, self.clock.now_ms()).await?,
            _ => None,
        };
        let document = match self.fetch(section, &known.way.url, validators.as_ref(), Reads::Listing).await? {
            Fetched::NotModified => return Ok(Looked { unchanged: true, ..Looked::default() }),
            Fetched::Document(document) => document,
        };
        let mut fetched = vec![(key, document.validators.clone())];
        let document = Arc::new(document);
        let mut listing = self.list(section, Arc::clone(&document)).await?;
        let mut is_part = false;
        if known.found && listing.kind != known.way.kind {
            let reason = format!("it was {} and is {} now", known.way.kind, listing.kind);
            return Err(SourceError::Broken { url: known.way.url.to_string(), reason }.into());
        }
        if !listing.follow.is_empty() {
            if listing.follow_always {
                // Asked again each time: it cannot vouch for what it leads to.
                fetched.clear();
            }
            let parts = listing.follow.len();
            let of = Some(row.id).filter(|_| row.seeded_at.is_some() && known.settled);
            let news = Box::pin(self.follow(section, &mut listing, of)).await?;
            is_part = news.len() < parts;
            if news.is_empty() {
                self.store.set_validators(&fetched).await?;
                return Ok(Looked { unchanged: true, ..Looked::default() });
            }
            fetched.extend(shared(news, row.id));
        }
        if known.found {
            recognise::narrow(&section.url, &mut listing);
        }
        if listing.candidates.is_empty() && listing.dropped == 0 {
            let why = listing.why.join("; ");
            let proposal = self.proposal(section, row.id, &document).await?;
            return Err(LookError::Empty { url: known.way.url.to_string(), why, proposal });
        }
        // What is pushed depends on it: not as remembered, but as it is.
        let condition = &self.condition(section).await?;
        let row = &condition.row;
        let mut trusted = true;
        if known.way.shared && known.settled {
            (listing, trusted) = self.held_against_the_page(section, row, known, listing).await?;
        }
        is_part |= !trusted;
        let mut looked = Box::pin(self.take_in(section, condition, listing, known, Some(document), is_part)).await?;
        let is_own = looked.check.as_ref().is_none_or(|check| check.is_own());
        if looked.failed.is_empty() && trusted && is_own {
            // Only when nothing is left to do may the next look be answered with "not modified".
            looked.read = fetched;
            self.settle(row, known).await?;
        }
        Ok(looked)
    }

    /// Recognises the section and looks by the way that is found. `dead` is the way before and what became of it.
    async fn look_anew(
        &self,
        section: &Arc<Section>,
        id: i64,
        dead: Option<(&Known, LookError)>,
    ) -> Result<Looked, LookError> {
        let allow_private = self.config.fetch.allow_private;
        let mut prober = Prober::new(self.fetcher.clone(), self.clock.clone(), allow_private).beside(&self.lanes);
        if dead.is_none() && !self.ways.failed(id).is_power_of_two() {
            prober = prober.without_probes();
        }
        let avoid = dead.as_ref().filter(|(known, _)| known.found).map(|(known, _)| &known.way.url);
        let recognised = match (prober.recognise(section, avoid).await, dead) {
            (Ok(recognised), dead) => {
                if let Some((known, error)) = &dead
                    && recognised.way.url == known.way.url
                {
                    // The same way again: nothing else leads there.
                    tracing::debug!(section = section.slug, %error, "recognised again, the same way");
                }
                if let Some((known, error)) = dead.filter(|(known, _)| recognised.way.url != known.way.url) {
                    tracing::warn!(
                        section = section.slug,
                        was = %known.way.url,
                        now = %recognised.way.url,
                        why = %error,
                        "the way to this section's articles is gone; it is looked at by another from now on"
                    );
                }
                recognised
            }
            // The way's own trouble says more than that no other was found.
            (Err(_), Some((_, error))) | (Err(error), None) => return Err(error),
        };
        let condition = &self.condition(section).await?;
        let row = &condition.row;
        let Way { kind, url, why, confidence, .. } = &recognised.way;
        tracing::info!(section = section.slug, kind, %url, confidence, why, "recognised");
        let first = row.seeded_at.is_none();
        let known = Known { found: *url != section.url, way: recognised.way.clone(), settled: first };
        let stored = StoredWay {
            source: source_of(section),
            way: recognised.way,
            chosen_at: self.clock.now_ms(),
            settled: first,
        };
        self.store.set_way(row.id, &stored).await?;
        let known = self.ways.keep(row.id, known);
        self.ways.well(row.id);
        self.ways.trusted(row.id);
        if recognised.listing.candidates.is_empty() && recognised.listing.dropped == 0 {
            let why = recognised.listing.why.join("; ");
            return Err(LookError::Empty { url: known.way.url.to_string(), why, proposal: String::new() });
        }
        let mut looked = Box::pin(self.take_in(section, condition, recognised.listing, &known, None, false)).await?;
        if looked.failed.is_empty() {
            let mut fetched = shared(recognised.followed, row.id);
            if !recognised.follow_always {
                fetched.push((validators_key(&known, row.id), recognised.validators));
            }
            looked.read = fetched;
            self.settle(row, &known).await?;
        }
        Ok(looked)
    }

    /// A section as the store has it now.
    pub(super) async fn condition(&self, section: &Section) -> Result<Condition, LookError> {
        let condition = self.store.condition(&section.slug).await?;
        condition.ok_or_else(|| LookError::NoSection(section.slug.clone()))
    }

    async fn settle(&self, row: &SectionRow, known: &Known) -> Result<(), StoreError> {
        if !known.settled {
            self.store.settle_way(row.id).await?;
            self.ways.keep(row.id, Known { settled: true, ..known.clone() });
        }
        Ok(())
    }

    /// Whether a failure means that another way has to be looked for now.
    fn is_given_up(&self, row: &SectionRow, known: &Known, error: &LookError) -> bool {
        if matches!(error, LookError::Fetch(FetchError::Resting { .. })) {
            return false;
        }
        let failures = self.ways.failed(row.id);
        let gone = match error {
            LookError::Fetch(error) => error.is_gone() || matches!(error, FetchError::Refused { .. }),
            LookError::Source(_) | LookError::Empty { .. } => true,
            LookError::Store(_) | LookError::NoSection(_) | LookError::Pushed(_) => return false,
            LookError::Pinned { .. } => false,
        };
        // A way that was found is dead when it is gone; the section's own address may come back.
        (gone && known.found && failures == 1)
            || (failures >= PATIENCE && (failures / PATIENCE).is_power_of_two() && failures.is_multiple_of(PATIENCE))
    }

    /// A way that stands for the whole site may bring articles of other sections. When it brings something new, the
    /// section's page has the last word: what is not on it is not taken. Answers the listing to go by, and whether
    /// the way is still to be trusted.
    async fn held_against_the_page(
        &self,
        section: &Arc<Section>,
        row: &SectionRow,
        known: &Known,
        listing: Listing,
    ) -> Result<(Listing, bool), LookError> {
        let unknown = self.unknown(section, row.id, &listing).await?;
        if unknown.is_empty() {
            return Ok((listing, true));
        }
        let Fetched::Document(document) = self.fetch(section, &section.url, None, Reads::Listing).await? else {
            return Ok((listing, true));
        };
        let page = self.list(section, Arc::new(document)).await?;
        let on_page: std::collections::HashSet<String> =
            page.candidates.iter().map(|c| crate::article::canonical::key(&c.url)).collect();
        if unknown.iter().all(|key| on_page.contains(key)) {
            self.ways.trusted(row.id);
            return Ok((listing, true));
        }
        let mut listing = listing;
        listing.candidates.retain(|candidate| {
            let key = crate::article::canonical::key(&candidate.url);
            on_page.contains(&key) || !unknown.contains(&key)
        });
        if self.ways.doubted(row.id) >= DOUBTS && !page.candidates.is_empty() {
            tracing::warn!(
                section = section.slug,
                was = %known.way.url,
                now = %section.url,
                "the feed brings articles that are not this section's; its page is looked at from now on"
            );
            let why = format!("{} brings articles of other sections", known.way.url);
            let confidence = super::recognise::page_confidence(&page);
            let way = Way { kind: page.kind.to_owned(), url: section.url.clone(), why, confidence, shared: false };
            let stored = StoredWay {
                source: source_of(section),
                way: way.clone(),
                chosen_at: self.clock.now_ms(),
                settled: false,
            };
            self.store.set_way(row.id, &stored).await?;
            self.ways.keep(row.id, Known { way, found: false, settled: false });
        }
        Ok((listing, false))
    }
}

/// What a way was recognised from: when this changes, it no longer holds.
pub(super) fn source_of(section: &Section) -> String {
    match section.source {
        Some(pin) => format!("{} {}", pin.name(), section.url),
        None => section.url.to_string(),
    }
}

/// Under which name the validators of a way are kept. Two sections may be led to one address, and each has to see
/// what is new there.
fn validators_key(known: &Known, section: i64) -> String {
    if known.found { shared_key(&known.way.url, section) } else { known.way.url.to_string() }
}

/// The name of an address that other sections may read too.
pub(super) fn shared_key(url: &Url, section: i64) -> String {
    format!("{url}#{section}")
}

fn shared(fetched: Vec<(Url, Validators)>, section: i64) -> Vec<(String, Validators)> {
    fetched.into_iter().map(|(url, validators)| (shared_key(&url, section), validators)).collect()
}
