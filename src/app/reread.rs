//! Reading articles again (promise 5): conditionally, at the planned times after first sight, and at once
//! when a listing's entry changed. Finds edits and withdrawals.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::App;
use super::page::{Page, PageError};
use crate::article::{Candidate, identity};
use crate::config::{ReadMode, Section};
use crate::extract;
use crate::store::{Due, Gone, HoldKind, Reread, Result};

/// Between two tries of a page that could not be read.
const AGAIN: TimeDelta = TimeDelta::minutes(10);
/// How long after the last planned reading a troubled page is still tried.
const GIVE_UP: TimeDelta = TimeDelta::hours(24);
/// Readings of one round.
const ROUND: i64 = 50;

/// A page that was read again: `None` inside where it is as it was.
type Found = std::result::Result<Option<Page>, PageError>;

impl App {
    /// When a new article of the section is read again for the first time (Unix milliseconds).
    pub(super) fn first_reread(&self, section: &Section, first_seen: DateTime<Utc>) -> Option<i64> {
        (section.read == ReadMode::Article).then(|| self.next_planned(first_seen, first_seen)).flatten()
    }

    /// The next planned reading after `now`.
    fn next_planned(&self, first_seen: DateTime<Utc>, now: DateTime<Utc>) -> Option<i64> {
        self.config
            .fetch
            .reread
            .iter()
            .map(|&after| first_seen + TimeDelta::from_std(after).unwrap_or(TimeDelta::MAX))
            .filter(|&at| at > now)
            .min()
            .map(|at| at.timestamp_millis())
    }

    fn last_planned(&self, first_seen: DateTime<Utc>) -> DateTime<Utc> {
        let last = self.config.fetch.reread.iter().max().copied().unwrap_or(Duration::ZERO);
        first_seen + TimeDelta::from_std(last).unwrap_or(TimeDelta::zero())
    }

    /// Reads again whatever is due, one round; how many changed or were withdrawn. All of the round is read before
    /// anything of it is stored: many changes of a section at a time are held as a whole.
    pub async fn reread_due(&self) -> Result<usize> {
        let mut round = Vec::new();
        let mut changes: HashMap<(String, HoldKind), usize> = HashMap::new();
        for due in self.store.due_reads(self.clock.now_ms(), ROUND).await? {
            let found = self.read_again(&due).await;
            if let Some(kind) = found.as_ref().and_then(|found| self.change(&due, found)) {
                *changes.entry((due.section.clone(), kind)).or_default() += 1;
            }
            round.push((due, found));
        }
        let mut holds: HashMap<(String, HoldKind), i64> = HashMap::new();
        for ((slug, kind), count) in changes {
            let Some(section) = self.config.sections.get(&slug) else { continue };
            let Some(row) = self.store.section(&slug).await? else { continue };
            if let Some(hold) = self.hold_changes(section, row.id, kind, count).await? {
                holds.insert((slug, kind), hold);
            }
        }
        let mut news = 0;
        for (due, found) in round {
            let hold = |kind| holds.get(&(due.section.clone(), kind)).copied();
            let (edits, withdrawals) = (hold(HoldKind::Edits), hold(HoldKind::Withdrawals));
            news += usize::from(self.settle_reading(&due, found, edits, withdrawals).await?);
        }
        for ((slug, kind), hold) in holds {
            if let Some(reason) = self.store.hold_is_whole(hold, self.clock.now_ms()).await? {
                let kind = kind.word();
                tracing::warn!(section = slug, hold, kind, reason, "held until `bantin holds approve|seen {hold}`");
            }
        }
        if news > 0 {
            self.feed_bell.notify_waiters();
            self.outbox_bell.notify_waiters();
        }
        Ok(news)
    }

    /// Reads an article's page again; `None` where its section is gone.
    async fn read_again(&self, due: &Due) -> Option<Found> {
        let section = self.config.sections.get(&due.section)?;
        let version = extract::Context::version(section);
        // Under new rules the page is read whole: "not modified" would leave the old reading in place.
        let validators = Some(&due.validators).filter(|_| version == due.extraction && due.gone_at.is_none());
        let candidate = Candidate::of(due.article.source_url.clone());
        Some(self.open_page(section, &candidate, validators).await)
    }

    /// What a reading would change so that others hear of it.
    fn change(&self, due: &Due, found: &Found) -> Option<HoldKind> {
        let section = self.config.sections.get(&due.section)?;
        match found {
            Ok(Some(page)) => {
                let is_edit = extract::Context::version(section) == due.extraction
                    && due.article.withdrawn_at.is_none()
                    && identity::content_hash(&page.reading) != due.content_hash;
                is_edit.then_some(HoldKind::Edits)
            }
            Err(PageError::Fetch(error)) if error.is_gone() => {
                let apart = self.config.fetch.withdrawn_after.as_millis() as i64;
                let is_gone = due.gone_at.is_some_and(|first| self.clock.now_ms() - first >= apart);
                is_gone.then_some(HoldKind::Withdrawals)
            }
            _ => None,
        }
    }

    /// Stores what a reading found; whether somebody may see a change.
    async fn settle_reading(
        &self,
        due: &Due,
        found: Option<Found>,
        edits: Option<i64>,
        withdrawals: Option<i64>,
    ) -> Result<bool> {
        let now = self.clock.now();
        let now_ms = now.timestamp_millis();
        let (id, first_seen) = (due.article.id, due.article.first_seen);
        let next = self.next_planned(first_seen, now);
        let (Some(section), Some(found)) = (self.config.sections.get(&due.section), found) else {
            self.store.plan_read(id, due.reads, None, false).await?;
            return Ok(false);
        };
        match found {
            Ok(None) => {
                self.store.plan_read(id, due.reads + 1, next, true).await?;
                Ok(false)
            }
            // While the site shows something else than itself, or broken letters, nothing known is changed by it.
            Ok(Some(_)) if self.store.is_frozen(&section.slug).await? => {
                let again = (now + AGAIN).timestamp_millis();
                self.store.plan_read(id, due.reads, Some(again), true).await?;
                Ok(false)
            }
            Ok(Some(mut page)) => {
                self.measure(section, &mut page.reading, &due.article.reading.measured).await;
                let (version, reads) = (extract::Context::version(section), due.reads + 1);
                let source = Some(page.source.as_str()).filter(|s| !s.is_empty());
                let Page { reading, validators, .. } = &page;
                let outcome = self
                    .store
                    .commit_reread(id, reading, &version, validators, source, reads, next, edits, now_ms)
                    .await?;
                if let Reread::Edited(revision) = outcome {
                    tracing::info!(section = section.slug, article = id, revision, title = reading.title, "changed");
                    self.metrics.articles(&section.slug, "changed", 1);
                }
                Ok(outcome != Reread::Same)
            }
            Err(PageError::Fetch(error)) if error.is_gone() => {
                let apart = self.config.fetch.withdrawn_after.as_millis() as i64;
                let outcome = self.store.page_gone(id, apart, now_ms + apart, withdrawals, now_ms).await?;
                if outcome == Gone::Withdrawn {
                    let title = &due.article.reading.title;
                    tracing::info!(section = section.slug, article = id, title, "withdrawn");
                    self.metrics.articles(&section.slug, "withdrawn", 1);
                }
                Ok(outcome == Gone::Withdrawn)
            }
            Err(error) => {
                // Trouble is not absence: an error, a refusal or a captcha never withdraws an article.
                tracing::info!(section = section.slug, article = id, %error, "could not be read again now");
                let again = (now < self.last_planned(first_seen) + GIVE_UP).then(|| (now + AGAIN).timestamp_millis());
                self.store.plan_read(id, due.reads, again, false).await?;
                Ok(false)
            }
        }
    }
}
