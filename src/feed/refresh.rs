//! Bringing the served feeds up to date: in which order those are rendered that a change touches (see `plan`), the
//! files and the manifest. [`FeedSet::refresh`] and [`FeedSet::follow`] are the only writers of the folder.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration as StdDuration, Instant};

use axum::body::Bytes;
use chrono::{DateTime, Duration, Utc};
use futures_util::{StreamExt as _, stream};

use super::files::{self, MANIFEST, Manifest};
use super::plan::{Plan, Planner, names};
use super::served::Hash;
use super::set::{FeedError, FeedSet};
use super::{Head, Item, Kind, Served, Tombstone, entry, opml};
use crate::article::Article;
use crate::config::{Config, Section};
use crate::store::{Store, StoreError};

/// How long a withdrawn article stays as a tombstone, counted back from the feed's newest article.
const TOMBSTONE_DAYS: i64 = 30;
/// How many feeds are rendered before they are written and swapped in.
const AT_ONCE: usize = 16;
/// How long feeds that are touched while others are rendered still go before these.
const OPEN: StdDuration = StdDuration::from_secs(10);
/// How many threads write files: each waits for the disk, which takes many waiters at once.
const WRITERS: usize = 8;

/// Up to which revisions of the store the files show everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// The feeds of one section each.
    pub own: i64,
    /// Those of several: `all` and the languages'.
    pub joint: i64,
}

/// What a refresh came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refreshed {
    /// Files that changed.
    pub count: usize,
    /// What is shown now.
    pub shown: Shown,
}

/// A file's name, what it is, its bytes, and the newest moment in it.
type Rendered = (String, Kind, Vec<u8>, DateTime<Utc>);

impl FeedSet {
    /// Renders everything (at start, after a change of the configuration), writes the files whose bytes changed and
    /// swaps them in. Where neither store nor configuration nor bantin changed since the manifest was written,
    /// nothing is rendered.
    ///
    /// # Errors
    /// When the store does not answer (feeds not yet rendered stay as they are) or a file cannot be written (the new
    /// bytes are served from memory all the same).
    pub async fn refresh(&self, store: &Store, config: &Config) -> Result<Refreshed, FeedError> {
        let mut manifest = self.manifest.lock().await;
        self.name(config);
        // Read first: the manifest must never claim a revision that the files do not show.
        let revision = store.revision().await?;
        let authority = self.authority(store, config).await?;
        let made = made(config, &authority);
        if manifest.made == made && manifest.revision == revision && self.is_whole(config) {
            return Ok(self.done(0, Shown { own: revision, joint: revision }));
        }
        let planner = Planner::new(store, config, &authority).await?;
        let mut work: VecDeque<Plan> = planner.own(None).into();
        work.extend(planner.joint(None));
        let mut trouble = None;
        let (mut count, own) = self.work_off(store, &planner, work, revision, &mut trouble).await?;
        let outlines: Vec<Head> =
            config.sections.values().map(|section| Head::of_section(config, section, &authority)).collect();
        let title = Head::of_all(config, None, &authority).title;
        let list = ("feeds.opml".to_owned(), Kind::Opml, opml::render(&title, &outlines), DateTime::UNIX_EPOCH);
        count += self.put(config, vec![list], &mut trouble).await;
        self.keep_only(&names(config).collect());
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
        let next = Manifest { authority, revision, made, ..Manifest::default() };
        self.settle(&mut manifest, config, next, count, true).await?;
        Ok(self.done(count, Shown { own, joint: revision }))
    }

    /// Renders what changed after `shown`: the feeds of the sections that were touched and, where they are due, the
    /// joint ones (`all`, those of the languages), which anything touches. Answers what is shown now.
    ///
    /// # Errors
    /// As [`FeedSet::refresh`].
    pub async fn follow(
        &self,
        store: &Store,
        config: &Config,
        shown: Shown,
        joint_due: bool,
    ) -> Result<Refreshed, FeedError> {
        let mut manifest = self.manifest.lock().await;
        let revision = store.revision().await?;
        let authority = self.authority(store, config).await?;
        let planner = Planner::new(store, config, &authority).await?;
        let mut work: VecDeque<Plan> = planner.own(Some(&store.touched_since(shown.own).await?)).into();
        if joint_due {
            work.extend(planner.joint(Some(&store.touched_since(shown.joint).await?)));
        }
        let mut trouble = None;
        let (count, own) = self.work_off(store, &planner, work, revision, &mut trouble).await?;
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
        if !joint_due {
            // The manifest follows with the joint feeds, soon: until then it claims less than is there.
            return Ok(self.done(count, Shown { own, ..shown }));
        }
        let made = made(config, &authority);
        let next = Manifest { authority, revision, made, ..Manifest::default() };
        self.settle(&mut manifest, config, next, count, false).await?;
        Ok(self.done(count, Shown { own, joint: revision }))
    }

    fn done(&self, count: usize, shown: Shown) -> Refreshed {
        self.set_shown(shown);
        Refreshed { count, shown }
    }

    /// Renders and puts one after another. The feeds of sections that are touched meanwhile go first: somebody waits
    /// for them. Answers how many files changed, and up to which revision the sections' own feeds show everything.
    async fn work_off(
        &self,
        store: &Store,
        planner: &Planner<'_>,
        mut work: VecDeque<Plan>,
        revision: i64,
        trouble: &mut Option<FeedError>,
    ) -> Result<(usize, i64), FeedError> {
        let (mut count, mut seen, begun) = (0, revision, Instant::now());
        // Read after the revision that it belongs to. Feeds that do not go back to it have no tombstones.
        let mut withdrawn = store.last_withdrawn().await?;
        while !work.is_empty() {
            let newest = if begun.elapsed() < OPEN { store.revision().await? } else { seen };
            if newest > seen {
                let fresh = planner.own(Some(&store.touched_since(seen).await?));
                work.retain(|plan| fresh.iter().all(|fresh| fresh.head.slug != plan.head.slug));
                for plan in fresh.into_iter().rev() {
                    work.push_front(plan);
                }
                seen = newest;
                withdrawn = store.last_withdrawn().await?;
            }
            // Some at a time: all feeds together weigh too much to be held.
            let mut rendered = Vec::with_capacity(AT_ONCE * 4);
            for plan in work.drain(..work.len().min(AT_ONCE)) {
                rendered.extend(self.render(store, planner, &plan, withdrawn).await?);
            }
            count += self.put(planner.config, rendered, trouble).await;
        }
        Ok((count, seen))
    }

    /// Whether every feed of the configuration is served, and nothing was found damaged.
    fn is_whole(&self, config: &Config) -> bool {
        !self.is_damaged() && names(config).all(|name| self.get(&name).is_some())
    }

    /// Writes and swaps in those whose bytes changed. Answers how many; `trouble` is the last failure to write.
    async fn put(&self, config: &Config, rendered: Vec<Rendered>, trouble: &mut Option<FeedError>) -> usize {
        let folder = &config.feeds.directory;
        let fresh = rendered.into_iter().filter_map(|(name, kind, body, newest)| {
            let hash = Hash::of(&body);
            let old = self.get(&name);
            // Without the room the writer had left over: these bytes may stay.
            let new = || (name, kind, Bytes::from(body.into_boxed_slice()), hash, newest);
            old.is_none_or(|old| old.hash() != hash).then(new)
        });
        let mut shares: Vec<Vec<_>> = (0..WRITERS).map(|_| Vec::new()).collect();
        for (at, file) in fresh.enumerate() {
            if let Some(share) = shares.get_mut(at % WRITERS) {
                share.push(file);
            }
        }
        shares.retain(|share| !share.is_empty());
        let written = stream::iter(shares).map(|share| async move {
            let files = share.iter().map(|(name, _, body, ..)| (name.clone(), body.clone())).collect();
            let outcomes = files::write_all(folder, files).await;
            share.into_iter().zip(outcomes).collect::<Vec<_>>()
        });
        let mut count = 0;
        let mut written = written.buffer_unordered(WRITERS);
        while let Some(share) = written.next().await {
            for ((name, kind, body, hash, newest), outcome) in share {
                count += 1;
                match outcome {
                    Ok(modified) => self.put_in_file(name, kind, hash, modified, &body),
                    Err(source) => {
                        *trouble = Some(FeedError::Write { path: files::place(folder, &name), source });
                        self.put_in_memory(name, Served::new(kind, body, newest));
                    }
                }
            }
        }
        count
    }

    /// Renders one feed in its three formats, with the newest moment in it. A section of which the store knows
    /// nothing keeps what is served: the store may be new and the first look still to come. `withdrawn` is when an article
    /// was last withdrawn.
    async fn render(
        &self,
        store: &Store,
        planner: &Planner<'_>,
        plan: &Plan,
        withdrawn: Option<i64>,
    ) -> Result<Vec<Rendered>, StoreError> {
        let config = planner.config;
        let articles = store.feed_articles(&plan.sections, config.feeds.items).await?;
        let newest = articles.iter().map(|(article, _)| article.updated_at).max();
        let since = newest.map_or(0, |at| (at - Duration::days(TOMBSTONE_DAYS)).timestamp_millis());
        let tombstones = match withdrawn {
            Some(last) if last >= since => store.tombstones(&plan.sections, since).await?,
            _ => Vec::new(),
        };
        let file = |kind: Kind| format!("{}.{}", plan.head.slug, kind.extension());
        if articles.is_empty() && tombstones.is_empty() && self.get(&file(Kind::Rss)).is_some() {
            return Ok(Vec::new());
        }
        let (items, tombstones) = compose(store, planner, plan, articles, tombstones).await?;
        let newest = newest.into_iter().chain(tombstones.iter().map(|t| t.when)).max().unwrap_or_default();
        let rendered = super::render(&plan.head, &items, &tombstones);
        Ok(rendered.into_iter().map(|(kind, body)| (file(kind), kind, body, newest)).collect())
    }

    /// Brings manifest and folder in line with what is served; `whole`: everything was rendered, so what is no
    /// longer configured goes. Writes nothing when nothing changed.
    async fn settle(
        &self,
        manifest: &mut Manifest,
        config: &Config,
        mut next: Manifest,
        count: usize,
        whole: bool,
    ) -> Result<(), FeedError> {
        let folder = &config.feeds.directory;
        // Never downwards: a store that was lost must be noticed at the next start too (see Store::raise_revision).
        next.revision = next.revision.max(manifest.revision);
        next.gone.clone_from(&manifest.gone);
        if whole {
            let is_configured = |slug: &str| {
                config.sections.contains_key(slug)
                    || config.sections.values().any(|s| s.formerly.iter().any(|f| f == slug))
            };
            let written = files::manifest(folder).unwrap_or_default().files;
            let dropped: Vec<String> = written.into_keys().filter(|name| self.get(name).is_none()).collect();
            next.gone.extend(dropped.iter().filter_map(|name| Some(name.rsplit_once('.')?.0.to_owned())));
            next.gone.retain(|slug| !is_configured(slug) && slug != "all" && !slug.starts_with("all-"));
            files::remove(folder, &dropped);
        }
        if next != *manifest || count > 0 {
            let text = serde_json::to_vec_pretty(&Manifest { files: self.etags(), ..next.clone() });
            let text = text.unwrap_or_default(); // strings and numbers serialise
            files::write(folder, MANIFEST, text.into())
                .await
                .map_err(|source| FeedError::Write { path: files::place(folder, MANIFEST), source })?;
            self.set_gone(next.gone.clone());
            *manifest = next;
        }
        if whole {
            self.mended();
        }
        Ok(())
    }
}

/// The articles of a feed as its items, and its tombstones under the ids that the feed uses.
pub(super) async fn compose(
    store: &Store,
    planner: &Planner<'_>,
    plan: &Plan,
    articles: Vec<(Article, Vec<i64>)>,
    tombstones: Vec<Tombstone>,
) -> Result<(Vec<Item>, Vec<Tombstone>), StoreError> {
    let (config, sections) = (planner.config, &planner.sections);
    let mut guids = kept_guids(store, sections, plan, &articles, &tombstones).await?;
    let tombstones = tombstones.into_iter().map(|gone| gone.under(&guids)).collect();
    let items = articles.into_iter().map(|(article, in_sections)| {
        let mut sections: Vec<_> = in_sections.iter().filter_map(|id| sections.get(id).cloned()).collect();
        sections.sort_by_key(|section| section.slug != plan.head.slug); // stable: this feed's first
        let guid = guids.remove(&article.id);
        Item { guid, ..Item::new(config, article, &sections) }
    });
    Ok((items.collect(), tombstones))
}

/// What feeds are made by and of, apart from the store: this very program and what the configuration says of them.
fn made(config: &Config, authority: &str) -> String {
    use std::fmt::Write as _;
    let program = std::env::current_exe().and_then(std::fs::metadata).ok();
    let built = program.and_then(|file| Some((file.len(), file.modified().ok()?)));
    let mut said = format!(
        "{} {built:?} {authority} {} {} {} {} {} {:?} {:?}",
        env!("CARGO_PKG_VERSION"),
        config.base_url,
        config.organisation.name,
        config.language.code(),
        config.timezone,
        config.feeds.items,
        super::websub::hubs(config),
        config.feeds.enclosure,
    );
    for s in config.sections.values() {
        let (site, language) = (s.site.as_ref().map_or("", url::Url::as_str), s.language.code());
        // Writing to a String does not fail.
        let _ = write!(said, "\n{} {:?} {language} {} {site} {}", s.slug, s.name, s.url, s.timezone);
        let _ = write!(said, " {:?} {:?} {:?} {}", s.text, s.translation_of, s.formerly, s.keep_guid);
        let _ = write!(said, " {:?}", s.description);
    }
    Hash::of(said.as_bytes()).to_string()
}

/// The sources' own ids of the articles of a feed, where their sections keep them. The feeds of several sections
/// carry only ids that are unique in the whole world (addresses, `tag:`, `urn:`), so that two sources cannot collide.
async fn kept_guids(
    store: &Store,
    sections: &HashMap<i64, Arc<Section>>,
    plan: &Plan,
    articles: &[(Article, Vec<i64>)],
    tombstones: &[Tombstone],
) -> Result<HashMap<i64, String>, StoreError> {
    let keeps = |id: &&i64| sections.get(*id).is_some_and(|section| section.keep_guid);
    let keeping: Vec<i64> = plan.sections.iter().filter(keeps).copied().collect();
    if keeping.is_empty() {
        return Ok(HashMap::new());
    }
    let shown = articles.iter().map(|(article, _)| article.id).chain(tombstones.iter().map(|gone| gone.article_id));
    let mut guids = store.guids(&keeping, &shown.collect::<Vec<_>>()).await?;
    if plan.sections.len() > 1 {
        guids.retain(|(_, guid)| entry::is_uri(guid));
    }
    Ok(guids.into_iter().collect())
}
