//! Reading articles again (promise 5): conditionally, at the planned times after first sight, and at once
//! when a listing's entry changed. Finds edits and withdrawals.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::App;
use super::page::PageError;
use crate::article::Candidate;
use crate::config::{ReadMode, Section};
use crate::extract;
use crate::store::{Due, Gone, Reread, Result};

/// Between two tries of a page that could not be read.
const AGAIN: TimeDelta = TimeDelta::minutes(10);
/// How long after the last planned reading a troubled page is still tried.
const GIVE_UP: TimeDelta = TimeDelta::hours(24);
/// Readings of one round.
const ROUND: i64 = 50;

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

    /// Reads again whatever is due, one round; how many changed or were withdrawn.
    pub async fn reread_due(&self) -> Result<usize> {
        let mut news = 0;
        for due in self.store.due_reads(self.clock.now_ms(), ROUND).await? {
            news += usize::from(self.reread(&due).await?);
        }
        if news > 0 {
            self.feed_bell.notify_waiters();
            self.outbox_bell.notify_waiters();
        }
        Ok(news)
    }

    async fn reread(&self, due: &Due) -> Result<bool> {
        let now = self.clock.now();
        let now_ms = now.timestamp_millis();
        let (id, first_seen) = (due.article.id, due.article.first_seen);
        let next = self.next_planned(first_seen, now);
        let Some(section) = self.config.sections.get(&due.section) else {
            self.store.plan_read(id, due.reads, None, false).await?;
            return Ok(false);
        };
        let version = extract::Context::version(section);
        // Under new rules the page is read whole: "not modified" would leave the old reading in place.
        let validators = Some(&due.validators).filter(|_| version == due.extraction && due.gone_at.is_none());
        let candidate = Candidate::of(due.article.source_url.clone());
        match self.open_page(section, &candidate, validators).await {
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
            Ok(Some(page)) => {
                let source = Some(page.source.as_str()).filter(|s| !s.is_empty());
                let outcome = self
                    .store
                    .commit_reread(id, &page.reading, &version, &page.validators, source, due.reads + 1, next, now_ms)
                    .await?;
                if let Reread::Edited(revision) = outcome {
                    tracing::info!(
                        section = section.slug,
                        article = id,
                        revision,
                        title = page.reading.title,
                        "changed"
                    );
                    self.metrics.articles(&section.slug, "changed", 1);
                }
                Ok(outcome != Reread::Same)
            }
            Err(PageError::Fetch(error)) if error.is_gone() => {
                let apart = self.config.fetch.withdrawn_after.as_millis() as i64;
                let outcome = self.store.page_gone(id, apart, now_ms + apart, now_ms).await?;
                if outcome == Gone::Withdrawn {
                    tracing::info!(
                        section = section.slug,
                        article = id,
                        title = due.article.reading.title,
                        "withdrawn"
                    );
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
