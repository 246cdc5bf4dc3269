//! The feeds that are served: in memory, swapped without a lock, and in files. [`FeedSet::load`] serves what the
//! folder holds before anything else is ready (promise 7); [`FeedSet::refresh`] renders what a change touches.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::body::Bytes;
use chrono::{DateTime, Duration, Utc};
use futures_util::{StreamExt as _, stream};
use tokio::sync::Mutex;

use super::files::{self, MANIFEST, Manifest};
use super::{Coding, Head, Item, Kind, Served, heads, opml};
use crate::config::{Config, Section};
use crate::store::{Store, StoreError};

/// How long a withdrawn article stays as a tombstone, counted back from the feed's newest article.
const TOMBSTONE_DAYS: i64 = 30;
/// How many feeds are rendered before they are written and swapped in.
const AT_ONCE: usize = 8;
/// How many files are written at a time: each waits for the disk, which takes many waiters at once.
const WRITERS: usize = 8;
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
    served: ArcSwap<HashMap<String, Arc<Served>>>,
    gone: ArcSwap<std::collections::BTreeSet<String>>,
    /// What the folder's manifest says; held by the one refresh that is under way.
    manifest: Mutex<Manifest>,
    first: Option<(String, i64)>,
}

/// One feed to render: its head and the sections whose articles it shows.
struct Plan {
    head: Head,
    sections: Vec<i64>,
}

/// A file's name, what it is, its bytes, and the newest moment in it.
type Rendered = (String, Kind, Vec<u8>, DateTime<Utc>);

impl FeedSet {
    /// Reads the files of the configured feeds back.
    pub fn load(config: &Config) -> Self {
        let folder = &config.feeds.directory;
        let manifest = files::manifest(folder);
        let mut served = HashMap::new();
        for name in names(config) {
            let Some(kind) = Kind::of(&name) else { continue };
            if let Some((body, modified)) = files::read(folder, &name) {
                served.insert(name, Arc::new(Served::new(kind, body, modified)));
            }
        }
        let first = manifest.as_ref().map(|m| (m.authority.clone(), m.revision));
        let manifest = manifest.unwrap_or_default();
        Self {
            served: ArcSwap::from_pointee(served),
            gone: ArcSwap::from_pointee(manifest.gone.clone()),
            manifest: Mutex::new(manifest),
            first,
        }
    }

    /// A feed by its file name ("tin-tuc.rss", "feeds.opml").
    pub fn get(&self, name: &str) -> Option<Arc<Served>> {
        self.served.load().get(name).cloned()
    }

    /// How many files are served.
    pub fn len(&self) -> usize {
        self.served.load().len()
    }

    /// Whether nothing is served yet.
    pub fn is_empty(&self) -> bool {
        self.served.load().is_empty()
    }

    /// Whether a section of this slug was served once and is configured no more.
    pub fn is_gone(&self, slug: &str) -> bool {
        self.gone.load().contains(slug)
    }

    /// The revision of the store that the files showed at start; a store that is older was lost or restored (seed
    /// mode, promise 2). `None` when there was no manifest.
    pub fn manifest_revision(&self) -> Option<i64> {
        self.first.as_ref().map(|(_, revision)| *revision)
    }

    /// The authority of ids: frozen in the store by the first that asks; a new store takes the manifest's, so that
    /// a lost database makes the same ids again.
    pub async fn authority(&self, store: &Store, config: &Config) -> Result<String, StoreError> {
        let before = self.first.as_ref().map(|(authority, _)| authority.clone()).filter(|a| !a.is_empty());
        store.set_meta_once(META_AUTHORITY, &before.unwrap_or_else(|| heads::authority(config))).await
    }

    /// Swaps in what changed; the rest keeps its bytes. With `keep`, only files of those names stay.
    fn replace(&self, fresh: Vec<(String, Served)>, keep: Option<&HashSet<String>>) {
        let mut served = HashMap::clone(&self.served.load());
        if let Some(keep) = keep {
            served.retain(|name, _| keep.contains(name));
        }
        served.extend(fresh.into_iter().map(|(name, feed)| (name, Arc::new(feed))));
        self.served.store(Arc::new(served));
    }

    /// Renders the feeds that the changed sections touch (their own, `all`, those of their languages) and the OPML
    /// list, or everything for `None` (at start, after a change of the configuration); writes the files whose bytes
    /// changed and swaps them in. Answers how many changed.
    ///
    /// # Errors
    /// When the store does not answer (feeds not yet rendered stay as they are) or a file cannot be written (the new
    /// bytes are served from memory all the same).
    pub async fn refresh(&self, store: &Store, config: &Config, changed: Option<&[i64]>) -> Result<usize, FeedError> {
        let mut manifest = self.manifest.lock().await;
        // Read first: the manifest must never claim a revision that the files do not show.
        let revision = store.revision().await?;
        let authority = self.authority(store, config).await?;
        let ids = store.section_ids().await?;
        let sections: HashMap<i64, Arc<Section>> =
            config.sections.iter().filter_map(|(slug, section)| Some((*ids.get(slug)?, section.clone()))).collect();
        let (mut count, mut trouble) = (0, None);
        // Some at a time: all feeds together weigh too much to be held twice.
        for plans in plans(config, &ids, &authority, changed).chunks(AT_ONCE) {
            let mut rendered = Vec::with_capacity(plans.len() * 4);
            for plan in plans {
                rendered.extend(self.render(store, config, &sections, plan).await?);
            }
            count += self.put(config, rendered, &mut trouble).await;
        }
        if changed.is_none() {
            let outlines: Vec<Head> =
                config.sections.values().map(|section| Head::of_section(config, section, &authority)).collect();
            let title = Head::of_all(config, None, &authority).title;
            let list = ("feeds.opml".to_owned(), Kind::Opml, opml::render(&title, &outlines), DateTime::UNIX_EPOCH);
            count += self.put(config, vec![list], &mut trouble).await;
            self.replace(Vec::new(), Some(&names(config).into_iter().collect()));
        }
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
        self.settle(&mut manifest, config, authority, revision).await?;
        Ok(count)
    }

    /// Writes and swaps in those whose bytes changed. Answers how many; `trouble` is the last failure to write.
    async fn put(&self, config: &Config, mut rendered: Vec<Rendered>, trouble: &mut Option<FeedError>) -> usize {
        rendered.retain(|(name, _, body, _)| self.get(name).is_none_or(|old| old.body() != body.as_slice()));
        let folder = &config.feeds.directory;
        let written = stream::iter(rendered).map(|(name, kind, body, newest)| async move {
            // Without the room the writer had left over: these bytes stay.
            let body = Bytes::from(body.into_boxed_slice());
            let outcome = files::write(folder, &name, body.clone()).await;
            (name, kind, body, newest, outcome)
        });
        let written: Vec<_> = written.buffered(WRITERS).collect().await;
        let fresh: Vec<_> = written
            .into_iter()
            .map(|(name, kind, body, newest, outcome)| {
                let modified = outcome.unwrap_or_else(|source| {
                    *trouble = Some(FeedError::Write { path: files::place(folder, &name), source });
                    newest
                });
                (name, Served::new(kind, body, modified))
            })
            .collect();
        let count = fresh.len();
        if count > 0 {
            self.replace(fresh, None);
        }
        count
    }

    /// Renders one feed in its three formats, with the newest moment in it. A section of which the store knows
    /// nothing keeps what is served: the store may be new and the first look still to come.
    async fn render(
        &self,
        store: &Store,
        config: &Config,
        sections: &HashMap<i64, Arc<Section>>,
        plan: &Plan,
    ) -> Result<Vec<Rendered>, StoreError> {
        let articles = store.feed_articles(&plan.sections, config.feeds.items).await?;
        let newest = articles.iter().map(|(article, _)| article.updated_at).max();
        let since = newest.map_or(0, |at| (at - Duration::days(TOMBSTONE_DAYS)).timestamp_millis());
        let tombstones = store.tombstones(&plan.sections, since).await?;
        let file = |kind: Kind| format!("{}.{}", plan.head.slug, kind.extension());
        if articles.is_empty() && tombstones.is_empty() && self.get(&file(Kind::Rss)).is_some() {
            return Ok(Vec::new());
        }
        let items: Vec<Item> = articles
            .into_iter()
            .map(|(article, in_sections)| {
                let mut sections: Vec<_> = in_sections.iter().filter_map(|id| sections.get(id).cloned()).collect();
                sections.sort_by_key(|section| section.slug != plan.head.slug); // stable: this feed's first
                Item::new(config, article, &sections)
            })
            .collect();
        let newest = newest.into_iter().chain(tombstones.iter().map(|t| t.when)).max().unwrap_or_default();
        let rendered = super::render(&plan.head, &items, &tombstones);
        Ok(rendered.into_iter().map(|(kind, body)| (file(kind), kind, body, newest)).collect())
    }

    /// Brings manifest and folder in line with what is served. Writes nothing when nothing changed.
    async fn settle(
        &self,
        manifest: &mut Manifest,
        config: &Config,
        authority: String,
        revision: i64,
    ) -> Result<(), FeedError> {
        let served = self.served.load_full();
        let files = served.iter().map(|(name, feed)| (name.clone(), feed.etag(Coding::Identity).to_owned())).collect();
        // Never downwards: a store that was lost must be noticed at the next start too (see Store::raise_revision).
        let revision = revision.max(manifest.revision);
        let mut next = Manifest { authority, revision, files, gone: manifest.gone.clone() };
        let dropped: Vec<String> =
            manifest.files.keys().filter(|name| !next.files.contains_key(*name)).cloned().collect();
        let is_configured = |slug: &str| {
            config.sections.contains_key(slug) || config.sections.values().any(|s| s.formerly.iter().any(|f| f == slug))
        };
        next.gone.extend(dropped.iter().filter_map(|name| Some(name.rsplit_once('.')?.0.to_owned())));
        next.gone.retain(|slug| !is_configured(slug) && slug != "all" && !slug.starts_with("all-"));
        files::remove(&config.feeds.directory, &dropped);
        if next != *manifest {
            let text = serde_json::to_vec_pretty(&next).unwrap_or_default(); // strings and numbers serialise
            files::write(&config.feeds.directory, MANIFEST, text.into())
                .await
                .map_err(|source| FeedError::Write { path: files::place(&config.feeds.directory, MANIFEST), source })?;
            self.gone.store(Arc::new(next.gone.clone()));
            *manifest = next;
        }
        Ok(())
    }
}

/// The feeds that a change of the given sections touches.
fn plans(config: &Config, ids: &HashMap<String, i64>, authority: &str, changed: Option<&[i64]>) -> Vec<Plan> {
    let sections: Vec<(&Arc<Section>, Option<i64>)> =
        config.sections.values().map(|section| (section, ids.get(&section.slug).copied())).collect();
    let touched = |id: Option<i64>| changed.is_none_or(|changed| id.is_some_and(|id| changed.contains(&id)));
    let mut plans: Vec<Plan> = sections
        .iter()
        .filter(|(_, id)| touched(*id))
        .map(|(section, id)| Plan {
            head: Head::of_section(config, section, authority),
            sections: id.iter().copied().collect(),
        })
        .collect();
    for language in std::iter::once(None).chain(heads::languages(config).into_iter().map(Some)) {
        let of: Vec<Option<i64>> = sections
            .iter()
            .filter(|(section, _)| language.is_none_or(|language| section.language == language))
            .map(|(_, id)| *id)
            .collect();
        if changed.is_none() || of.iter().any(|id| touched(*id)) {
            let sections = of.into_iter().flatten().collect();
            plans.push(Plan { head: Head::of_all(config, language, authority), sections });
        }
    }
    plans
}

/// The names of all feed files of a configuration.
fn names(config: &Config) -> Vec<String> {
    let languages = heads::languages(config).into_iter().map(|language| format!("all-{}", language.code()));
    let slugs = config.sections.keys().cloned().chain(["all".to_owned()]).chain(languages);
    let files = slugs.flat_map(|slug| Kind::FORMATS.map(|kind| format!("{slug}.{}", kind.extension())));
    files.chain(["feeds.opml".to_owned()]).collect()
}
