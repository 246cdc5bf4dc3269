//! What each section's source would yield now. Asked as the daemon would: by the way it remembers, as robots.txt and the
//! pauses of each host allow, one section of a host after the other; nothing is stored.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use super::super::output::over;
use super::within;
use super::wrong::{Tried, Wrong};
use crate::app::recognise::{Prober, Recognised};
use crate::app::{LookError, stored_way};
use crate::article::{Candidate, Moment};
use crate::clock::Clock;
use crate::config::{Code, Config, Section};
use crate::fetch::{Fetcher, Forgetful, Memory, Remembered, Robots, guard::SystemNames};
use crate::store::{Store, StoredWay};

/// Hosts asked at a time.
const HOSTS: usize = 8;
/// How many times longer than anything else a source may take: recognition asks several addresses, with pauses between.
const LONGER: u32 = 4;
/// Letters of a title.
const TITLE: usize = 80;

/// What is known of hosts, read but not written.
#[derive(Debug)]
struct Reading(Store);

impl Memory for Reading {
    fn of<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Remembered> {
        Box::pin(async move { self.0.host(host).await.unwrap_or_default() })
    }

    fn robots<'a>(&'a self, _host: &'a str, _rules: &'a Robots, _asked: i64) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    fn rest<'a>(&'a self, _host: &'a str, _until: i64, _why: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Asks every source, in the order of the file.
pub(super) async fn all(
    config: &Config,
    store: Option<Store>,
    patience: Duration,
    progress: bool,
    clock: &Clock,
) -> Vec<Tried> {
    let ways = match &store {
        Some(store) => known_ways(store).await,
        None => BTreeMap::new(),
    };
    let memory: Arc<dyn Memory> = match store {
        Some(store) => Arc::new(Reading(store)),
        None => Arc::new(Forgetful),
    };
    let fetcher = Fetcher::with(&config.fetch, clock.clone(), memory, Arc::new(SystemNames));
    let prober = Prober::new(fetcher, clock.clone(), config.fetch.allow_private);
    let mut by_host: BTreeMap<String, Vec<(usize, &Arc<Section>)>> = BTreeMap::new();
    for (at, section) in config.sections.values().enumerate() {
        let host = section.url.host_str().unwrap_or_default().to_owned();
        by_host.entry(host).or_default().push((at, section));
    }
    let (count, done) = (config.sections.len(), std::sync::atomic::AtomicUsize::new(0));
    let asking = by_host.into_values().map(|sections| {
        let (prober, ways, done) = (&prober, &ways, &done);
        async move {
            let mut tried = Vec::with_capacity(sections.len());
            for (at, section) in sections {
                let way = ways.get(&section.slug);
                let asked = within(patience * LONGER, stored_way(prober, section, way)).await;
                tried.push((at, judge(section, asked)));
                let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
                if progress && count > 1 {
                    over(format_args!("sources: {done} of {count} "));
                }
            }
            tried
        }
    });
    let mut tried: Vec<(usize, Tried)> = stream::iter(asking).buffer_unordered(HOSTS).concat().await;
    if progress && count > 1 {
        over(format_args!("{:40}\r", ""));
    }
    tried.sort_by_key(|(at, _)| *at);
    tried.into_iter().map(|(_, one)| one).collect()
}

/// The ways that are remembered, by slug. Where they cannot be read, sources are recognised anew.
async fn known_ways(store: &Store) -> BTreeMap<String, StoredWay> {
    let (Ok(rows), Ok(mut ways)) = (store.sections().await, store.ways().await) else { return BTreeMap::new() };
    rows.into_iter().filter_map(|row| Some((row.slug, ways.remove(&row.id)?))).collect()
}

fn judge(section: &Section, asked: Result<Result<Recognised, LookError>, String>) -> Tried {
    let key = format!("section.{}.url", section.slug);
    let tried = Tried { section: Some(section.slug.clone()), ..Tried::new("source", key.clone()) };
    let (reason, help) = match asked {
        Ok(Ok(found)) => return yields(tried, section, &found),
        Ok(Err(LookError::Empty { url, why, .. })) => (
            format!("{url} lists no article: {why}"),
            format!("`bantin inspect section {}` shows what was tried", section.slug),
        ),
        Ok(Err(error)) => (
            error.to_string(),
            format!("does the address open in a browser? `bantin inspect section {}` tells more", section.slug),
        ),
        Err(late) => (late, "the site is slow; --timeout waits longer".to_owned()),
    };
    let message = format!("section \"{}\" would get nothing now: {reason}", section.slug);
    tried.not(Wrong::error(Code::SourceFails, &key, message, help).or(&format!("section.{}", section.slug)))
}

fn yields(tried: Tried, section: &Section, found: &Recognised) -> Tried {
    let items = &found.listing.candidates;
    let newest = newest(items, section);
    let title = newest.and_then(|one| one.title.clone());
    let date = newest.and_then(|one| one.published.as_ref()).map(|date| date.at);
    let when = date.map(|at| match at {
        Moment::Instant(at) => at.with_timezone(&section.timezone).format("%Y-%m-%d %H:%M").to_string(),
        Moment::Day(day) => day.to_string(),
    });
    let count = items.len();
    let articles = if count == 1 { "1 article".to_owned() } else { format!("{count} articles") };
    let first = title.as_ref().map_or_else(String::new, |title| {
        let cut: String = title.chars().take(TITLE).collect();
        let dots = if cut.len() < title.len() { "…" } else { "" };
        format!(", the newest \"{cut}{dots}\" ({})", when.as_deref().unwrap_or("no date"))
    });
    let dropped = match found.listing.dropped {
        0 => String::new(),
        some => format!("; its filter drops {some} more"),
    };
    let says = format!("{} at {}: {articles}{first}{dropped}", found.way.kind, found.way.url);
    let yields = json!({
        "kind": found.way.kind,
        "url": found.way.url.as_str(),
        "items": count,
        "newest": newest.map(|one| json!({
            "url": one.url.as_str(), "title": title, "published": date.map(Moment::to_text),
        })),
    });
    Tried { yields: Some(yields), ..tried.well(says) }
}

/// The article with the latest date; where none has one, the first.
fn newest<'a>(items: &'a [Candidate], section: &Section) -> Option<&'a Candidate> {
    let local = |at: Moment| match at {
        Moment::Instant(at) => at.with_timezone(&section.timezone).naive_local(),
        Moment::Day(day) => day.and_time(chrono::NaiveTime::MIN),
    };
    // Of several at one moment the first in the list.
    let dated = items.iter().rev().filter(|one| one.published.is_some());
    dated.max_by_key(|one| one.published.as_ref().map(|date| local(date.at))).or_else(|| items.first())
}
