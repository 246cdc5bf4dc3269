//! What a CMS pushes: "look now", or one article. The web part checks and records each message; here it is worked
//! off, and what was left when the daemon stopped is worked off at the next start. An article takes the same way as
//! one that a look found: guards, identity, filter, outbox.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

use super::App;
use super::look::LookError;
use super::ways::Known;
use crate::article::Candidate;
use crate::config::Section;
use crate::source::{Listing, filter};
use crate::store::{Push, StoreError};

/// How a pushed article's entry in the listing is marked until the listing shows it.
pub(super) const PUSHED: &str = "pushed";
/// What a listing that is one pushed article is called.
pub(super) const PUSH: &str = "push";

/// How long the loop sleeps when nothing is pushed: then it finds what another instance left.
const POLL: Duration = Duration::from_secs(30);
/// Messages of one round.
const ROUND: i64 = 50;
/// How long a pushed article is tried whose page is not there yet or cannot be read.
const PATIENCE_MS: i64 = 10 * 60_000;

impl App {
    /// Works off what was pushed, until it is cancelled. A slow section keeps only its own messages waiting.
    pub(super) async fn run_pushes(self, cancel: CancellationToken) {
        let mut tasks: JoinSet<bool> = JoinSet::new();
        let mut busy: HashMap<Id, String> = HashMap::new();
        // Sections with a message that has to wait: tried again when the clock ticks or something new comes.
        let mut resting: HashSet<String> = HashSet::new();
        let mut ticks = tokio::time::interval(POLL);
        loop {
            let rung = self.push_bell.notified();
            match self.store.open_pushes(ROUND).await {
                Ok(open) => {
                    for (section, messages) in by_section(open) {
                        if !resting.contains(&section) && !busy.values().any(|other| *other == section) {
                            let app = self.clone();
                            let task = tasks.spawn(async move { app.work_off_all(messages).await });
                            busy.insert(task.id(), section);
                        }
                    }
                }
                Err(error) => tracing::error!(%error, "what was pushed waits while the store is not well"),
            }
            tokio::select! {
                // What is cut off here is worked off after the next start.
                () = cancel.cancelled() => return,
                () = rung => resting.clear(),
                _ = ticks.tick() => resting.clear(),
                Some(done) = tasks.join_next_with_id(), if !tasks.is_empty() => {
                    let (id, all_done) = done.unwrap_or_else(|error| (error.id(), false));
                    if let Some(section) = busy.remove(&id).filter(|_| !all_done) {
                        resting.insert(section);
                    }
                }
            }
        }
    }

    /// Works off messages of one section; whether none is left. Several "look now" are one look.
    async fn work_off_all(&self, messages: Vec<Push>) -> bool {
        let (looks, articles): (Vec<Push>, Vec<Push>) = messages.into_iter().partition(|push| push.body.is_empty());
        let mut all_done = true;
        for group in std::iter::once(looks).chain(articles.into_iter().map(|push| vec![push])) {
            match self.work_off_group(&group).await {
                Ok(done) => all_done &= done,
                Err(error) => {
                    tracing::error!(%error, "what was pushed waits while the store is not well");
                    all_done = false;
                }
            }
        }
        all_done
    }

    /// Works off messages that are one: the same thing is asked for by each.
    async fn work_off_group(&self, group: &[Push]) -> Result<bool, StoreError> {
        let Some(push) = group.first() else { return Ok(true) };
        let outcome = match self.config.sections.get(&push.section) {
            Some(section) => self.work_off(section, push).await?,
            None => "the section is no longer configured".to_owned(),
        };
        let now_ms = self.clock.now_ms();
        if !outcome.is_empty() {
            if !push.body.is_empty() && now_ms - push.received_at < PATIENCE_MS {
                tracing::info!(section = push.section, outcome, "a pushed article cannot be read yet");
                return Ok(false);
            }
            tracing::warn!(section = push.section, outcome, "a push could not be worked off");
        }
        for push in group {
            self.store.push_done(&push.id, &outcome, now_ms).await?;
        }
        Ok(true)
    }

    /// Works off one message; what went wrong in words, or nothing. An error is one of the store: it is tried again.
    async fn work_off(&self, section: &Arc<Section>, push: &Push) -> Result<String, StoreError> {
        let outcome = if push.body.is_empty() {
            Box::pin(self.look_and_tell(section)).await.map(|_| ())
        } else {
            match serde_json::from_str::<Candidate>(&push.body) {
                Ok(candidate) => Box::pin(self.take_pushed(section, candidate)).await,
                Err(error) => return Ok(error.to_string()),
            }
        };
        match outcome {
            Ok(()) => Ok(String::new()),
            Err(LookError::Store(error)) => Err(error),
            Err(error) => Ok(error.to_string()),
        }
    }

    async fn take_pushed(&self, section: &Arc<Section>, candidate: Candidate) -> Result<(), LookError> {
        let mut condition = self.condition(section).await?;
        if condition.row.seeded_at.is_none() {
            // What stands in the section already is no news; only then can this article be.
            Box::pin(self.look_and_tell(section)).await?;
            condition = self.condition(section).await?;
        }
        if let Some(reason) = filter::listed(&section.filter, &candidate) {
            tracing::info!(section = section.slug, url = %candidate.url, reason, "dropped");
            return Ok(());
        }
        let mut seen = self.compare(section, condition.row.id, vec![candidate]).await?;
        if let Some(article) = seen.first().and_then(|seen| seen.known.as_ref()).filter(|k| k.listing_hash.is_some()) {
            // Published already: whatever changed stands on its page.
            let (article, now_ms) = (article.article_id, self.clock.now_ms());
            self.store.read_soon(article, now_ms).await?;
            if seen.first().is_some_and(|seen| seen.candidate.urgent) {
                self.store.make_urgent(article, Some(condition.row.id), now_ms).await?;
                self.outbox_bell.notify_waiters();
            }
            return Ok(());
        }
        let candidates: Vec<Candidate> = seen.drain(..).map(|seen| seen.candidate).collect();
        let listing = Listing { kind: PUSH, candidates, ..Listing::default() };
        let looked =
            Box::pin(self.take_in(section, &condition, listing, &Known::as_it_is(section), None, true)).await?;
        self.metrics.articles(&section.slug, "new", looked.new as u64);
        if looked.new + looked.also + looked.dropped > 0 {
            return Ok(());
        }
        let reason = looked.failed.into_iter().next().unwrap_or_else(|| "its page is not there (404)".to_owned());
        Err(LookError::Pushed(reason))
    }
}

/// The messages of each section, in the order in which they came.
fn by_section(open: Vec<Push>) -> Vec<(String, Vec<Push>)> {
    let mut out: Vec<(String, Vec<Push>)> = Vec::new();
    for push in open {
        match out.iter_mut().find(|(section, _)| *section == push.section) {
            Some((_, messages)) => messages.push(push),
            None => out.push((push.section.clone(), vec![push])),
        }
    }
    out
}
