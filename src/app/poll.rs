//! The loops that keep looking: one a section, one for articles to read again, one for the feeds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::App;
use super::backoff::Backoff;
use super::look::{LookError, Looked};
use super::plans::Plan;
use crate::clock::from_ms;
use crate::config::Section;
use crate::feed::Shown;
use crate::lifecycle::{PastLook, SectionHealth};
use crate::store::StoreError;

/// How long the loop of readings sleeps when nothing is planned sooner.
const REREAD_POLL: Duration = Duration::from_secs(5);
/// The longest that feeds rest after they were brought up to date: those of one section, and those of several.
const OWN_REST: Duration = Duration::from_millis(200);
const JOINT_REST: Duration = Duration::from_secs(2);
/// The end of a pause that somebody has to end.
const FOR_EVER: i64 = i64::MAX;

impl App {
    /// Looks at a section now and then by its schedule, until it is cancelled. A thousand of these wait most of the
    /// time, so all that a turn needs is in a box of its own, which goes with the turn.
    pub(super) async fn run_section(&self, section: &Arc<Section>, cancel: &CancellationToken) {
        let mut backoff = Backoff::default();
        // Another configuration that says nothing new of the section does not make it be looked at.
        if let Some(plan) = self.plans.take(section) {
            let sleep = (plan.at - self.clock.now()).to_std().unwrap_or_default();
            let at = plan.at;
            tokio::select! {
                () = cancel.cancelled() => return self.plans.keep(plan),
                () = tokio::time::sleep(sleep) => backoff = plan.backoff,
            }
            self.health.planned(&section.slug, at, false);
        }
        loop {
            tokio::select! {
                () = cancel.cancelled() => return,
                () = self.turnstile.pass() => {}
            }
            let paused = tokio::select! {
                // A look that is cut off loses nothing: every article is a commit of its own.
                () = cancel.cancelled() => return,
                paused = Box::pin(self.take_turn(section, &mut backoff)) => paused,
            };
            let now = self.clock.now();
            let slot = backoff.next(&section.slug, &section.schedule, section.timezone, now);
            let usual = section.schedule.next(now, section.timezone).at;
            self.health.planned(&section.slug, slot.at, slot.at > usual);
            // A pause that ends before the next time is over when it ends.
            let at = paused.filter(|&until| until < FOR_EVER).map_or(slot.at, |until| slot.at.min(from_ms(until)));
            let sleep = (at - now).to_std().unwrap_or(Duration::from_secs(1));
            tokio::select! {
                () = cancel.cancelled() => {
                    return self.plans.keep(Plan { section: section.clone(), backoff, at: slot.at });
                }
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    /// Looks, where the section is not paused and it is this instance that looks; returns until when it is paused.
    async fn take_turn(&self, section: &Arc<Section>, backoff: &mut Backoff) -> Option<i64> {
        let paused = self.paused_until(&section.slug).await;
        // Of several instances one looks; when it ends or falls silent, another goes on.
        if paused.is_none() && self.is_mine(&format!("section:{}", section.slug)).await {
            let outcome = self.look_and_tell(section).await;
            backoff.note(&outcome, &section.schedule, section.timezone, self.clock.now());
        }
        paused
    }

    /// Whether this instance does something for all. While the database is away nobody does.
    pub(super) async fn is_mine(&self, what: &str) -> bool {
        self.store.is_mine(what).await.unwrap_or_else(|error| {
            tracing::debug!(%error, what, "nobody can say whose turn it is");
            false
        })
    }

    /// Until when a section is paused, if it is. A pause that is over is ended here.
    async fn paused_until(&self, slug: &str) -> Option<i64> {
        let now_ms = self.clock.now_ms();
        let row = self.store.known_section(slug, now_ms).await.ok().flatten().filter(|row| row.paused)?;
        let until = row.paused_until.unwrap_or(FOR_EVER);
        if until > now_ms {
            return Some(until);
        }
        match self.store.pause(slug, false, None).await {
            Ok(_) => tracing::info!(section = slug, "the pause is over"),
            Err(error) => tracing::warn!(section = slug, %error, "the end of a pause could not be kept"),
        }
        None
    }

    /// Looks once, and says what came of it in the log, the metrics, the store and `/status`.
    pub async fn look_and_tell(&self, section: &Arc<Section>) -> Result<Looked, LookError> {
        let outcome = self.look_only(section).await;
        let (word, trouble) = match &outcome {
            Ok(looked) if looked.unchanged => ("unchanged", String::new()),
            Ok(looked) => {
                tell(section, looked);
                self.metrics.articles(&section.slug, "new", looked.new as u64);
                ("ok", String::new())
            }
            Err(error) => ("failed", error.to_string()),
        };
        self.metrics.look(&section.slug, word);
        let now = self.clock.now();
        let row = self.store.known_section(&section.slug, now.timestamp_millis()).await;
        let way = row.as_ref().ok().and_then(Option::as_ref).and_then(|row| self.ways.told(row.id)).unwrap_or_default();
        if let Ok(Some(row)) = &row {
            self.note_health(section, row, &outcome).await;
        }
        if let Ok(Some(row)) = row
            && row.outcome != trouble
        {
            // What lasts is told by its finding.
            if !trouble.is_empty() {
                tracing::info!(
                    section = section.slug,
                    trouble,
                    "could not be looked at now; its feeds stay as they are"
                );
            }
            if let Err(error) = self.store.section_outcome(row.id, &trouble, now.timestamp_millis()).await {
                tracing::error!(%error, "the outcome of a look could not be recorded");
            }
        }
        let found = match &outcome {
            Ok(looked) if !looked.unchanged => Some((looked.listed, looked.new)),
            _ => None,
        };
        self.health.looked(&section.slug, PastLook { at: now, found, trouble: trouble.clone() });
        let next_look = Some(section.schedule.next(now, section.timezone).at);
        let health = SectionHealth { last_look: Some(now), trouble, next_look, backs_off: false, way };
        self.health.section(&section.slug, health);
        outcome
    }

    /// Reads articles again as planned, until it is cancelled.
    pub(super) async fn run_rereading(self, cancel: CancellationToken) {
        loop {
            tokio::select! {
                // What is cut off is read at the next start: every article is a commit of its own.
                () = cancel.cancelled() => return,
                done = Box::pin(self.reread_mine()) => if let Err(error) = done {
                    tracing::error!(%error, "articles cannot be read again while the store is not well");
                },
            }
            let now = self.clock.now();
            let due = self.store.next_read().await.ok().flatten().map(from_ms);
            let sleep = due.map_or(REREAD_POLL, |at| (at - now).to_std().unwrap_or_default());
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(sleep.clamp(Duration::from_millis(200), REREAD_POLL)) => {}
            }
        }
    }

    /// Reads what is due again, where that is this instance's to do.
    async fn reread_mine(&self) -> Result<(), StoreError> {
        if self.is_mine("rereading").await { self.reread_due().await.map(|_| ()) } else { Ok(()) }
    }

    /// Renders feeds whenever something changed, until it is cancelled.
    pub(super) async fn run_feeds(self, cancel: CancellationToken) {
        let mut shown: Option<Shown> = None;
        // Those of several sections show every news: where there is a lot, they follow half of the time at most.
        let mut joint_at = Instant::now();
        loop {
            let rung = self.feed_bell.notified();
            if self.feeds.is_damaged() {
                shown = None;
            }
            let begun = Instant::now();
            let joint_due = begun >= joint_at;
            let is_behind =
                |revision: i64| shown.is_none_or(|shown| shown.own < revision || (joint_due && shown.joint < revision));
            match self.store.revision().await {
                Ok(revision) if is_behind(revision) => match self.follow_feeds(shown, joint_due).await {
                    Ok(now) => {
                        if shown.is_none_or(|before| before.joint < now.joint) {
                            joint_at = Instant::now() + begun.elapsed().min(JOINT_REST);
                        }
                        shown = Some(now);
                    }
                    Err(error) => {
                        self.health.set("feeds", Some(format!("{error:#}")));
                        tracing::error!(
                            error = format!("{error:#}"),
                            "feeds could not be written; the last good ones stay"
                        );
                    }
                },
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "feeds cannot be brought up to date; the last good ones stay"),
            }
            // What many looks find at once is rendered together.
            let rest = begun.elapsed().min(OWN_REST);
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(rest) => {}
            }
            // A command beside the daemon may have changed something.
            let again = Instant::now() + Duration::from_secs(5);
            let again = if shown.is_some_and(|shown| shown.joint < shown.own) { joint_at.min(again) } else { again };
            tokio::select! {
                () = cancel.cancelled() => return,
                () = rung => {}
                () = tokio::time::sleep_until(again.into()) => {}
            }
        }
    }

    /// Renders, writes and swaps the feeds of what changed since; without anything shown, all.
    async fn follow_feeds(&self, shown: Option<Shown>, joint_due: bool) -> anyhow::Result<Shown> {
        let refreshed = match shown {
            Some(shown) => self.feeds.follow(&self.store, &self.config, shown, joint_due).await?,
            None => self.feeds.refresh(&self.store, &self.config).await?,
        };
        self.health.set("feeds", None);
        Ok(refreshed.shown)
    }

    /// Brings all feeds up to date.
    pub async fn refresh_feeds(&self) -> anyhow::Result<()> {
        self.follow_feeds(None, true).await.map(|_| ())
    }
}

fn tell(section: &Section, looked: &Looked) {
    let Looked { listed, new, also, changed, .. } = *looked;
    let failed = looked.failed.len();
    if looked.seeded {
        tracing::info!(section = section.slug, listed, new, also, failed, "first look: recorded, nothing is pushed");
    } else if new + also + changed + failed > 0 {
        tracing::info!(section = section.slug, listed, new, also, changed, failed, "looked");
    }
}
