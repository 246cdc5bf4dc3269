//! The feeds that are served: validators in memory, bytes in files and, while they are asked for, in memory up to
//! `[feeds] memory`. [`FeedSet::load`] serves what the folder holds before anything else is ready (promise 7);
//! [`FeedSet::refresh`] brings it up to date.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use arc_swap::ArcSwap;
use axum::body::Bytes;
use chrono::{DateTime, Utc};
use tokio::sync::{Mutex, Notify};

use super::files::{self, Manifest};
use super::served::Hash;
use super::{Coding, Kind, Served, heads, plan};
use crate::config::Config;
use crate::store::{Store, StoreError};

/// The row of `meta` that freezes the authority of ids.
const META_AUTHORITY: &str = "authority";

/// Why feeds could not be brought up to date. What was served before is served still.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The store did not answer.
    #[error("the feeds could not be rendered: {0}")]
    Store(#[from] StoreError),
    /// The new feeds are served from memory, but not written.
    #[error("the feed file {path} could not be written: {source}; the folder must be writable by bantin")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Every feed by its file name.
#[derive(Debug)]
pub struct FeedSet {
    folder: PathBuf,
    served: RwLock<HashMap<String, Arc<Served>>>,
    gone: ArcSwap<BTreeSet<String>>,
    /// What the folder's manifest says, but for its list of files; held by the one refresh that is under way.
    pub(super) manifest: Mutex<Manifest>,
    first: Option<(String, i64)>,
    /// Most bytes of files held in memory.
    pub(super) memory: usize,
    held: AtomicUsize,
    tick: AtomicU64,
    /// A file was found missing or changed by somebody else: the next refresh makes everything anew.
    damaged: AtomicBool,
    /// Up to which revision of the store the feeds show everything: those of one section, those of several.
    shown: [AtomicI64; 2],
    /// Rung when feeds were brought up to date.
    changed: Notify,
    /// One who makes what was not asked for before, so that it is made once; by the feed's name.
    making: [Mutex<()>; 16],
    made: AtomicU64,
    /// What was made for queries.
    pub(super) kept: super::filter::Kept,
    /// The public address, and what follows the feed's own in `Link` (some subscribers read the first link only).
    names: ArcSwap<(String, String)>,
}

impl FeedSet {
    /// Finds the files of the configured feeds. Their bytes are read when somebody asks.
    pub fn load(config: &Config) -> Self {
        let folder = &config.feeds.directory;
        let mut manifest = files::manifest(folder);
        let known = manifest.as_mut().map(|manifest| std::mem::take(&mut manifest.files)).unwrap_or_default();
        let mut served = HashMap::new();
        for name in plan::names(config) {
            let Some(kind) = Kind::of(&name) else { continue };
            let Some(modified) = files::modified(folder, &name) else { continue };
            let hash = known.get(&name).and_then(|etag| Hash::parse(etag));
            let hash = hash.or_else(|| files::read(folder, &name).map(|(body, _)| Hash::of(&body)));
            if let Some(hash) = hash {
                served.insert(name, Arc::new(Served::in_file(kind, hash, modified)));
            }
        }
        let first = manifest.as_ref().map(|m| (m.authority.clone(), m.revision));
        let manifest = manifest.unwrap_or_default();
        Self {
            folder: folder.clone(),
            served: RwLock::new(served),
            gone: ArcSwap::from_pointee(manifest.gone.clone()),
            manifest: Mutex::new(manifest),
            first,
            memory: config.feeds.memory,
            held: AtomicUsize::new(0),
            tick: AtomicU64::new(0),
            damaged: AtomicBool::new(false),
            shown: [const { AtomicI64::new(0) }; 2],
            changed: Notify::new(),
            making: [const { Mutex::const_new(()) }; 16],
            made: AtomicU64::new(0),
            kept: super::filter::Kept::default(),
            names: ArcSwap::from_pointee(names_in(config)),
        }
    }

    /// A feed by its file name ("tin-tuc.rss", "feeds.opml"): its validators.
    pub fn get(&self, name: &str) -> Option<Arc<Served>> {
        self.served.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// What `Link` says of a feed: its hubs and itself. A feed that a query made has no hub.
    pub fn link(&self, name: &str) -> String {
        let names = self.names.load();
        let (address, hubs) = names.as_ref();
        match name {
            "feeds.opml" => format!("<{address}{name}>; rel=\"self\""),
            _ if name.contains('?') => format!("<{address}feeds/{name}>; rel=\"self\""),
            _ => format!("<{address}feeds/{name}>; rel=\"self\"{hubs}"),
        }
    }

    /// Takes another configuration's address and hubs.
    pub(super) fn name(&self, config: &Config) {
        self.names.store(Arc::new(names_in(config)));
    }

    /// The bytes of a feed in a coding, where they are in memory.
    pub fn held(&self, served: &Served, coding: Coding) -> Option<Bytes> {
        let bytes = served.held(coding)?;
        served.touch(self.tick.fetch_add(1, Ordering::Relaxed) + 1);
        Some(bytes)
    }

    /// How many codings were made so far.
    pub fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// A feed with its bytes in a coding: from memory, else from its file. `None` when there is no such feed, or its
    /// file was taken away: it is made anew within seconds.
    pub async fn open(&self, name: &str, coding: Coding) -> Option<(Arc<Served>, Bytes)> {
        let served = self.get(name)?;
        if let Some(bytes) = self.held(&served, coding) {
            return Some((served, bytes));
        }
        // Whoever asks for the same meanwhile waits for it instead of making it too.
        let place =
            name.bytes().fold(0, |sum: usize, byte| sum.wrapping_mul(31) + usize::from(byte)) % self.making.len();
        let _turn = self.making.get(place)?.lock().await;
        let served = self.get(name)?;
        if let Some(bytes) = self.held(&served, coding) {
            return Some((served, bytes));
        }
        served.touch(self.tick.fetch_add(1, Ordering::Relaxed) + 1);
        let (folder, file) = (self.folder.clone(), name.to_owned());
        let opened = tokio::task::spawn_blocking(move || {
            let before = served.weight();
            let (served, identity) = match served.held(Coding::Identity) {
                Some(bytes) => (served, bytes),
                None => from_file(&folder, &file, served)?,
            };
            let bytes = served.coded(coding, &identity);
            if coding != Coding::Identity {
                served.coded(Coding::Identity, &identity);
            }
            let grown = served.weight().saturating_sub(before);
            Some((served, bytes, grown))
        });
        let Some((served, bytes, grown)) = opened.await.ok().flatten() else {
            tracing::warn!(feed = name, "its file is gone from the feeds' folder; all feeds are written anew");
            self.served.write().unwrap_or_else(PoisonError::into_inner).remove(name);
            self.damaged.store(true, Ordering::SeqCst);
            return None;
        };
        if coding != Coding::Identity {
            self.made.fetch_add(1, Ordering::Relaxed);
        }
        if served.used() == 0 {
            // Somebody else wrote the file: it is told by its own validators until it is made anew.
            self.served.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), served.clone());
            self.damaged.store(true, Ordering::SeqCst);
        }
        // The rest of it is for what queries made (`filter`).
        if self.held.fetch_add(grown, Ordering::SeqCst) + grown > self.memory - self.memory / 8 {
            self.make_room();
        }
        Some((served, bytes))
    }

    /// Lets go of the bytes nobody asked for in the longest time, down to three quarters of what is allowed.
    fn make_room(&self) {
        let mut all: Vec<Arc<Served>> =
            self.served.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        all.sort_by_key(|served| served.used());
        // Counted anew: replaced feeds took their bytes with them.
        let mut total: usize = all.iter().map(|served| served.weight()).sum();
        for served in all {
            if total * 4 <= self.memory * 3 {
                break;
            }
            total -= served.let_go().min(total);
        }
        self.held.store(total, Ordering::SeqCst);
    }

    /// How many files are served.
    pub fn len(&self) -> usize {
        self.served.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether nothing is served yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a section of this slug was served once and is configured no more.
    pub fn is_gone(&self, slug: &str) -> bool {
        self.gone.load().contains(slug)
    }

    /// Whether a file was found missing or changed since the last whole refresh.
    pub fn is_damaged(&self) -> bool {
        self.damaged.load(Ordering::SeqCst)
    }

    /// The revision of the store that the files showed at start; a store that is older was lost or restored (seed
    /// mode, promise 2). `None` when there was no manifest.
    pub fn manifest_revision(&self) -> Option<i64> {
        self.first.as_ref().map(|(_, revision)| *revision)
    }

    /// When the files of the folder were last brought up to date, by its manifest; `None` when there is none.
    pub fn written_at(&self) -> Option<DateTime<Utc>> {
        files::modified(&self.folder, files::MANIFEST)
    }

    /// The authority of ids: frozen in the store by the first that asks; a new store takes the manifest's, so that
    /// a lost database makes the same ids again.
    pub async fn authority(&self, store: &Store, config: &Config) -> Result<String, StoreError> {
        let before = self.first.as_ref().map(|(authority, _)| authority.clone()).filter(|a| !a.is_empty());
        store.set_meta_once(META_AUTHORITY, &before.unwrap_or_else(|| heads::authority(config))).await
    }

    /// Swaps in what was written; bytes that were asked for stay in memory, the others are in the file.
    pub(super) fn put_in_file(&self, name: String, kind: Kind, hash: Hash, modified: DateTime<Utc>, body: &Bytes) {
        let served = Served::in_file(kind, hash, modified);
        if let Some(old) = self.get(&name).filter(|old| old.weight() > 0) {
            served.touch(old.used());
            served.coded(Coding::Identity, body);
        }
        self.put_in_memory(name, served);
    }

    /// Swaps in one feed.
    pub(super) fn put_in_memory(&self, name: String, served: Served) {
        self.served.write().unwrap_or_else(PoisonError::into_inner).insert(name, Arc::new(served));
    }

    /// Serves only files of these names from now on.
    pub(super) fn keep_only(&self, names: &HashSet<String>) {
        self.served.write().unwrap_or_else(PoisonError::into_inner).retain(|name, _| names.contains(name));
    }

    /// File name → ETag of the identity bytes, for the manifest.
    pub(super) fn etags(&self) -> BTreeMap<String, String> {
        let served = self.served.read().unwrap_or_else(PoisonError::into_inner);
        served.iter().map(|(name, feed)| (name.clone(), feed.etag(Coding::Identity))).collect()
    }

    /// Up to which revision of the store the feeds show everything; 0 before they were first brought up to date.
    pub fn shown(&self, joint: bool) -> i64 {
        self.shown[usize::from(joint)].load(Ordering::SeqCst)
    }

    /// Comes to pass when feeds were brought up to date after this was called.
    pub fn changed(&self) -> impl Future<Output = ()> + '_ {
        let mut rung = Box::pin(self.changed.notified());
        // Counts from now on, not from when it is first waited for.
        rung.as_mut().enable();
        rung
    }

    pub(super) fn set_shown(&self, shown: super::Shown) {
        for (place, revision) in self.shown.iter().zip([shown.own, shown.joint]) {
            place.fetch_max(revision, Ordering::SeqCst);
        }
        self.changed.notify_waiters();
    }

    pub(super) fn set_gone(&self, gone: BTreeSet<String>) {
        self.gone.store(Arc::new(gone));
    }

    pub(super) fn mended(&self) {
        self.damaged.store(false, Ordering::SeqCst);
    }
}

/// What links to feeds are made of.
fn names_in(config: &Config) -> (String, String) {
    let hubs = super::websub::hubs(config);
    (config.base_url.to_string(), hubs.iter().fold(String::new(), |all, hub| all + &format!(", <{hub}>; rel=\"hub\"")))
}

/// The bytes of a file. Where they are other bytes than were known, they come with validators of their own.
fn from_file(folder: &std::path::Path, name: &str, known: Arc<Served>) -> Option<(Arc<Served>, Bytes)> {
    let (bytes, modified) = files::read(folder, name)?;
    let hash = Hash::of(&bytes);
    let bytes = Bytes::from(bytes);
    let served = if hash == known.hash() { known } else { Arc::new(Served::in_file(known.kind(), hash, modified)) };
    Some((served, bytes))
}
