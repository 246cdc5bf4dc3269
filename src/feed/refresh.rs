//! Bringing the served feeds up to date: which feeds a change touches, their rendering from the store's rows, the
//! files and the manifest. [`FeedSet::refresh`] is the only writer of the folder.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use chrono::{DateTime, Duration, Utc};
use futures_util::{StreamExt as _, stream};

use super::files::{self, MANIFEST, Manifest};
use super::served::Hash;
use super::set::{FeedError, FeedSet};
use super::{Head, Item, Kind, Served, Tombstone, entry, heads, opml};
use crate::article::Article;
use crate::config::{Config, Section};
use crate::store::{Store, StoreError};

/// How long a withdrawn article stays as a tombstone, counted back from the feed's newest article.
const TOMBSTONE_DAYS: i64 = 30;
/// How many feeds are rendered before they are written and swapped in.
const AT_ONCE: usize = 16;
/// How many threads write files: each waits for the disk, which takes many waiters at once.
const WRITERS: usize = 8;

/// One feed to render: its head and the sections whose articles it shows.
struct Plan {
    head: Head,
    sections: Vec<i64>,
}

/// A file's name, what it is, its bytes, and the newest moment in it.
type Rendered = (String, Kind, Vec<u8>, DateTime<Utc>);

impl FeedSet {
    /// Renders the feeds that the changed sections touch (their own, `all`, those of their languages) and the OPML
    /// list, or everything for `None` (at start, after a change of the configuration); writes the files whose bytes
    /// changed and swaps them in. Answers how many changed. Where neither store nor configuration nor bantin changed
    /// since the manifest was written, nothing is rendered.
    ///
    /// # Errors
    /// When the store does not answer (feeds not yet rendered stay as they are) or a file cannot be written (the new
    /// bytes are served from memory all the same).
    pub async fn refresh(&self, store: &Store, config: &Config, changed: Option<&[i64]>) -> Result<usize, FeedError> {
        let mut manifest = self.manifest.lock().await;
        // Read first: the manifest must never claim a revision that the files do not show.
        let revision = store.revision().await?;
        let authority = self.authority(store, config).await?;
        let made = made(config, &authority);
        if changed.is_none() && manifest.made == made && manifest.revision == revision && self.is_whole(config) {
            return Ok(0);
        }
        let ids = store.section_ids().await?;
        let sections: HashMap<i64, Arc<Section>> =
            config.sections.iter().filter_map(|(slug, section)| Some((*ids.get(slug)?, section.clone()))).collect();
        let (mut count, mut trouble) = (0, None);
        // Some at a time: all feeds together weigh too much to be held.
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
            self.keep_only(&names(config).collect());
        }
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
        let next = Manifest { authority, revision, made, ..Manifest::default() };
        self.settle(&mut manifest, config, next, count, changed.is_none()).await?;
        Ok(count)
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
        let mut guids = kept_guids(store, sections, plan, &articles, &tombstones).await?;
        let tombstones = tombstones.into_iter().map(|gone| gone.under(&guids)).collect::<Vec<_>>();
        let items: Vec<Item> = articles
            .into_iter()
            .map(|(article, in_sections)| {
                let mut sections: Vec<_> = in_sections.iter().filter_map(|id| sections.get(id).cloned()).collect();
                sections.sort_by_key(|section| section.slug != plan.head.slug); // stable: this feed's first
                let guid = guids.remove(&article.id);
                Item { guid, ..Item::new(config, article, &sections) }
            })
            .collect();
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

/// What feeds are made by and of, apart from the store: this very program and what the configuration says of them.
fn made(config: &Config, authority: &str) -> String {
    use std::fmt::Write as _;
    let program = std::env::current_exe().and_then(std::fs::metadata).ok();
    let built = program.and_then(|file| Some((file.len(), file.modified().ok()?)));
    let mut said = format!(
        "{} {built:?} {authority} {} {} {} {} {}",
        env!("CARGO_PKG_VERSION"),
        config.base_url,
        config.organisation.name,
        config.language.code(),
        config.timezone,
        config.feeds.items
    );
    for s in config.sections.values() {
        let (site, language) = (s.site.as_ref().map_or("", url::Url::as_str), s.language.code());
        // Writing to a String does not fail.
        let _ = write!(said, "\n{} {:?} {language} {} {site} {}", s.slug, s.name, s.url, s.timezone);
        let _ = write!(said, " {:?} {:?} {:?} {}", s.text, s.translation_of, s.formerly, s.keep_guid);
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
pub(super) fn names(config: &Config) -> impl Iterator<Item = String> {
    let languages = heads::languages(config).into_iter().map(|language| format!("all-{}", language.code()));
    let slugs = config.sections.keys().cloned().chain(["all".to_owned()]).chain(languages);
    let files = slugs.flat_map(|slug| Kind::FORMATS.map(|kind| format!("{slug}.{}", kind.extension())));
    files.chain(["feeds.opml".to_owned()])
}
