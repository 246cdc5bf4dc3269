//! What a look at a section brings: the candidates are listed and compared with what is known, and each is taken in
//! (see `take`). What could not be read now is tried again at the next look. By which way a section is looked at is
//! settled in `ways`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use url::Url;

use super::App;
use super::again::Again;
use super::guard::{self, Run};
use super::health::{Check, Found, Verdict, newest};
use super::holding;
use super::lanes::Reads;
use super::push::{PUSH, PUSHED};
use super::take::Taken;
use super::ways as way;
use crate::article::{Candidate, alike, canonical, identity, text};
use crate::config::{ReadMode, Section};
use crate::fetch::{Document, FetchError, Fetched, Validators};
use crate::health;
use crate::source::{self, Listing, SourceError};
use crate::store::{Also, Condition, HoldKind, Known, StoreError};

/// Most articles of one commit.
const SET: usize = 100;
/// How many articles below the first known one tell whether two ways list the same.
const ALIKE: usize = 5;
/// What `guard.day` counts back.
pub(super) const DAY_MS: i64 = 24 * 3_600_000;

/// What a look brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// The source was as before: nothing was written.
    pub unchanged: bool,
    /// Candidates listed.
    pub listed: usize,
    /// New articles.
    pub new: usize,
    /// Known articles that are now in this section too.
    pub also: usize,
    /// Articles whose entry changed.
    pub changed: usize,
    /// Articles that the section's filter dropped now.
    pub dropped: usize,
    /// Articles that could not be read now, in words.
    pub failed: Vec<String>,
    /// Articles that were known again by what stands in them.
    pub again: usize,
    /// Why the run is held, if it is.
    pub held: Option<String>,
    /// It was the first good look: nothing is pushed.
    pub seeded: bool,
    /// The site asked to be left alone in the middle of it: what is missing is left to the next look.
    pub left_alone: bool,
    /// How the source fares; `None` where it is as it was.
    pub check: Option<Box<Check>>,
    /// The newest date of the list.
    pub newest: Option<i64>,
    /// The validators of what was read, where nothing is left to do: when they are kept, the next look may be answered
    /// with "not modified".
    pub read: Vec<(String, Validators)>,
}

/// Why a look failed as a whole.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The source could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The source could not be understood.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The source lists nothing.
    #[error("{url} lists no article: {why}; `bantin inspect section` shows what was tried")]
    Empty {
        /// The source.
        url: String,
        /// What was tried.
        why: String,
        /// What would be recognised without the section's selectors; empty: nothing better.
        proposal: String,
    },
    /// The section is held to a kind of source that its address does not lead to.
    #[error(
        "{url} leads to no {kind} (`source = \"{kind}\"`): {tried}; give its own address as `url`, or take `source` away"
    )]
    Pinned {
        /// The section's address.
        url: String,
        /// The kind asked for.
        kind: &'static str,
        /// What was tried.
        tried: String,
    },
    /// A pushed article could not be read.
    #[error("{0}")]
    Pushed(String),
    /// The store said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The section is not in the store.
    #[error("the section {0} is not in the store; this is a fault of bantin")]
    NoSection(String),
}

/// A candidate with its keys and what is known of it.
pub(super) struct Seen {
    pub(super) candidate: Candidate,
    pub(super) keys: Vec<String>,
    pub(super) hash: String,
    pub(super) known: Option<Known>,
    /// Found by a new way, but no news: it was there before.
    pub(super) old: bool,
}

impl Seen {
    /// Whether it is known to be in this section.
    pub(super) fn is_here(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.listing_hash.is_some())
    }

    /// Whether the list says something else of it than before.
    pub(super) fn is_changed(&self) -> bool {
        self.known
            .as_ref()
            .and_then(|known| known.listing_hash.as_ref())
            .is_some_and(|hash| *hash != self.hash && hash != PUSHED)
    }
}

impl App {
    /// Fetches and lists what a listing leads to (the sitemaps of an index), each conditionally for the section `of`
    /// where one is given; which of them are not as before, with their validators. One that fails does not keep the
    /// others from being read.
    pub(super) async fn follow(
        &self,
        section: &Arc<Section>,
        listing: &mut Listing,
        of: Option<i64>,
    ) -> Result<Vec<(Url, Validators)>, LookError> {
        let mut news = Vec::new();
        let mut failed = None;
        for url in std::mem::take(&mut listing.follow) {
            let key = of.map(|id| way::shared_key(&url, id)).unwrap_or_default();
            let known = match of {
                Some(_) => self.store.known_validators(&key, self.clock.now_ms()).await?,
                None => None,
            };
            let part = match self.fetch(section, &url, known.as_ref(), Reads::Listing).await {
                Ok(Fetched::NotModified) => continue,
                Ok(Fetched::Document(document)) => {
                    let validators = document.validators.clone();
                    self.list(section, Arc::new(document)).await.map(|part| (part, validators))
                }
                Err(error) => Err(error.into()),
            };
            match part {
                Ok((part, validators)) => {
                    listing.join(part, section.timezone);
                    news.push((url, validators));
                }
                Err(error) => {
                    tracing::warn!(section = section.slug, %url, %error, "a part of the listing could not be read");
                    listing.why.push(error.to_string());
                    failed = Some(error);
                }
            }
        }
        match failed {
            Some(error) if news.is_empty() => Err(error),
            _ => Ok(news),
        }
    }

    /// Lists a document on the blocking pool.
    pub(super) async fn list(&self, section: &Arc<Section>, document: Arc<Document>) -> Result<Listing, LookError> {
        let (section, now) = (section.clone(), self.clock.now());
        let (url, bytes) = (document.url.to_string(), document.bytes.len());
        let slug = section.slug.clone();
        let list = move || source::list(&document, source::Context { section: &section, now });
        match self.lanes.read(&slug, Reads::Listing, bytes, list).await {
            Ok(listing) => Ok(listing?),
            Err(_) => {
                Err(SourceError::Broken { url, reason: "reading it failed; please report the page".into() }.into())
            }
        }
    }

    /// Takes in what a look by the way `by` listed.
    pub(super) async fn take_in(
        &self,
        section: &Arc<Section>,
        condition: &Condition,
        listing: Listing,
        by: &way::Known,
        document: Option<Arc<Document>>,
        is_part: bool,
    ) -> Result<Looked, LookError> {
        let row = &condition.row;
        let is_push = listing.kind == PUSH;
        let found = Found {
            run: health::Run::of(&listing),
            next: listing.next.clone(),
            document,
            way: by.way.url.clone(),
            // Another way than before lists in its own manner.
            is_part: is_part || !by.settled || is_push,
        };
        let mut seen = self.compare(section, row.id, listing.candidates).await?;
        if is_push {
            for seen in &mut seen {
                PUSHED.clone_into(&mut seen.hash);
            }
        }
        let mut looked = Looked {
            listed: seen.len(),
            dropped: listing.dropped,
            seeded: row.seeded_at.is_none(),
            ..Looked::default()
        };
        if !section.filter.is_empty() {
            self.without_dropped(section, row.id, &mut seen).await?;
        }
        if section.keep_guid {
            self.keep_guids(row.id, &seen).await?;
        }
        if !looked.seeded && !is_push && (!by.settled || holding::reads_anew(section, &condition.memory, &found)) {
            self.moved(row.id, &mut seen).await?;
        }
        without_twins(&mut seen);
        let check = Box::new(self.check(section, condition, found, &mut seen, false).await?);
        let (verdict, is_believed) = (check.verdict, check.is_believed());
        looked.newest = newest(&seen, section, self.clock.now_ms());
        let new = seen.iter().filter(|one| !one.is_here() && !one.old).count();
        let mut holding = self.judge(section, row, &check, new).await?;
        let mut again = Again::of(&seen, check.is_moved(seen.len()));
        again.away_since = holding.away_since;
        again.places = check.moved.iter().map(|(at, _)| *at).collect();
        looked.check = Some(check);
        if verdict == Verdict::KeepOut {
            return Ok(looked);
        }
        self.hold_entries(section, row.id, &seen, &mut holding).await?;
        let run = holding.run;
        // What needs no page is committed together; between two pages of a slow site each article goes out at once.
        let set = if section.read == ReadMode::Listing { SET } else { 1 };
        let (mut ready, mut also, mut strangers) = (Vec::new(), Vec::new(), Vec::new());
        // The source lists the newest first; what is older goes first into the store and out.
        for (at, seen) in seen.into_iter().enumerate().rev() {
            if seen.known.is_some() {
                self.commit(section, &mut ready, &mut looked).await?;
            }
            if seen.known.as_ref().is_none_or(|known| known.listing_hash.is_some()) || also.len() >= SET {
                self.commit_also(row.id, &mut also, &mut looked).await?;
            }
            let run = if seen.old { Run::Seed } else { run };
            match &seen.known {
                None if looked.left_alone => {}
                None => match self.take_new(section, row.id, run, at, seen, &mut looked, &mut again).await? {
                    // A list that moved: what is not known again is judged when all of it was read.
                    Some(Taken::New(article)) if again.as_a_whole && matches!(run, Run::Usual | Run::Suspicious) => {
                        strangers.push((at, *article));
                    }
                    Some(Taken::New(mut article)) => {
                        article.release = self.kept(row.id, run, article.release, &mut holding).await?;
                        ready.push(*article);
                    }
                    Some(Taken::Also(mut one)) => {
                        one.release = self.kept(row.id, run, one.release, &mut holding).await?;
                        also.push(one);
                    }
                    None => {}
                },
                Some(Known { article_id, listing_hash: None }) => {
                    if self.is_dropped(section, row.id, *article_id, &seen).await? {
                        looked.dropped += 1;
                        continue;
                    }
                    let published = seen.candidate.published.as_ref();
                    let urgent = self.is_urgent(section, *article_id, &seen).await?;
                    let now = self.clock.now();
                    let release = guard::release(run, section, published, urgent, holding.away_since, now);
                    let release = self.kept(row.id, run, release, &mut holding).await?;
                    let guid = seen.candidate.native_id.clone().filter(|_| section.keep_guid);
                    let article_id = *article_id;
                    also.push(Also { article_id, keys: seen.keys, listing_hash: seen.hash, release, guid, urgent });
                }
                // Pushed before it was listed: this is what the listing says of it from now on.
                Some(Known { article_id, listing_hash: Some(hash) }) if hash == PUSHED => {
                    self.store.listing_hash(row.id, *article_id, &seen.hash).await?;
                }
                Some(Known { article_id, .. }) if is_believed && seen.is_changed() => {
                    let article_id = *article_id;
                    let hold = holding.open.get(&HoldKind::Edits).copied();
                    self.entry_changed(section, row.id, article_id, &seen, hold).await?;
                    looked.changed += 1;
                }
                Some(_) => {}
            }
            if ready.len() >= set {
                self.commit(section, &mut ready, &mut looked).await?;
            }
            if looked.new + looked.also + looked.changed > 0 {
                self.feed_bell.notify_waiters();
            }
        }
        self.commit(section, &mut ready, &mut looked).await?;
        self.take_strangers(section, row.id, strangers, &again, &mut holding, &mut looked).await?;
        self.commit_also(row.id, &mut also, &mut looked).await?;
        if looked.new + looked.also > 0 {
            self.feed_bell.notify_waiters();
        }
        holding::tell_moved(&again, &mut looked);
        self.hold_done(section, &holding, &mut looked).await?;
        if looked.seeded {
            self.store.seeded(row.id, self.clock.now_ms()).await?;
        }
        self.outbox_bell.notify_waiters();
        Ok(looked)
    }

    pub(super) async fn compare(
        &self,
        section: &Section,
        section_id: i64,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<Seen>, StoreError> {
        let keyed: Vec<_> = candidates.into_iter().map(|c| (identity::keys(&section.url, &c), c)).collect();
        let keys: Vec<String> = keyed.iter().flat_map(|(keys, _)| keys.clone()).collect();
        let mut known: HashMap<String, Known> = self.store.known(section_id, &keys).await?;
        Ok(keyed
            .into_iter()
            .map(|(keys, candidate)| Seen {
                known: keys.iter().find_map(|key| known.remove(key)),
                hash: entry_hash(&candidate),
                keys,
                candidate,
                old: false,
            })
            .collect())
    }

    /// The keys of what a listing brings that the section does not have yet.
    pub(super) async fn unknown(
        &self,
        section: &Section,
        section_id: i64,
        listing: &Listing,
    ) -> Result<Vec<String>, StoreError> {
        let seen = self.compare(section, section_id, listing.candidates.clone()).await?;
        Ok(seen.iter().filter(|s| !s.is_here()).map(|s| canonical::key(&s.candidate.url)).collect())
    }

    /// The first look by another way than before. Only what stands above the articles the section has is news, and
    /// only where the two ways list mostly the same; the rest was there before, or is told in other words.
    async fn moved(&self, section_id: i64, seen: &mut [Seen]) -> Result<(), StoreError> {
        let first = seen.iter().position(Seen::is_here).unwrap_or(0);
        let next: Vec<bool> = seen.iter().skip(first).take(ALIKE).map(Seen::is_here).collect();
        let alike = next.iter().filter(|is_here| **is_here).count() * 5 >= next.len() * 3;
        let mut entries = Vec::new();
        for (place, seen) in seen.iter_mut().enumerate() {
            match &mut seen.known {
                Some(Known { article_id, listing_hash: Some(hash) }) => {
                    hash.clone_from(&seen.hash);
                    entries.push((*article_id, seen.hash.clone(), seen.keys.clone()));
                }
                _ => seen.old = !alike || place >= first,
            }
        }
        self.store.listing_moved(section_id, &entries).await
    }
}

/// An article that a list shows twice, word for word, is one: the second address is one more key of the first.
fn without_twins(seen: &mut Vec<Seen>) {
    let mut first: HashMap<(String, String), usize> = HashMap::new();
    let mut twins = Vec::new();
    for (at, one) in seen.iter().enumerate() {
        let candidate = &one.candidate;
        let Some(title) = candidate.title.as_deref().filter(|title| !alike::key(title).is_empty()) else { continue };
        let date = candidate.published.as_ref().map(|date| date.at.to_text()).unwrap_or_default();
        let says_more = !date.is_empty() || candidate.lead.is_some() || candidate.body.is_some();
        if one.known.is_some() || !says_more {
            continue;
        }
        match first.entry((format!("{} {}", one.hash, alike::key(title)), date)) {
            Entry::Occupied(entry) => twins.push((*entry.get(), at)),
            Entry::Vacant(entry) => {
                entry.insert(at);
            }
        }
    }
    for &(first, twin) in twins.iter().rev() {
        let keys = seen.remove(twin).keys;
        if let Some(one) = seen.get_mut(first) {
            one.keys.extend(keys);
        }
    }
}

/// The fingerprint of what a listing says of an article. Dates and pictures are left out: relative dates and
/// thumbnails change by themselves.
fn entry_hash(candidate: &Candidate) -> String {
    let mut hash = Sha256::new();
    for part in [candidate.title.as_deref(), candidate.lead.as_deref(), candidate.body.as_deref()] {
        hash.update(text::match_key(part.unwrap_or_default()).as_bytes());
        hash.update([0]);
    }
    if let Some(updated) = &candidate.updated {
        hash.update(updated.at.to_text().as_bytes());
    }
    HEXLOWER.encode(&hash.finalize()[..8])
}
