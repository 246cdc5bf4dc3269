//! Letting out what has waited, and expanding releases into deliveries, chunk by chunk.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Outbox;
use crate::clock::from_ms;
use crate::store::Result;

/// How long the loop sleeps when nobody rings: another instance, or a command, may have released something.
const POLL: Duration = Duration::from_secs(3);

/// How long messages to a resting chat are kept.
const PAUSED_MS: i64 = 24 * 3_600_000;

impl Outbox {
    /// Lets out and expands whatever is due now; how many deliveries were made.
    pub async fn expand_due(&self) -> Result<u64> {
        let out = self.store.let_out_due(self.clock.now_ms()).await?;
        if out > 0 {
            tracing::info!(releases = out, "let out after their delay");
        }
        let admins = self.admins();
        let mut made = self.store.queue_alerts(&admins, self.clock.now_ms()).await?;
        made += self.store.queue_asks(&admins, self.clock.now_ms()).await?;
        self.store.probe_paused(self.clock.now_ms() - PAUSED_MS, self.clock.now_ms()).await?;
        made += self.expand_urgent().await?;
        made += self.fire_slots().await?;
        while self.store.has_hold_digests().await? {
            let in_slots = self.digest_chats().await?;
            made += self.store.expand_hold_digests(&in_slots, self.clock.now_ms()).await?.deliveries;
            self.bell.notify_waiters();
        }
        loop {
            if !self.store.is_behind().await? {
                return Ok(made);
            }
            let budgets = self.budgets().await?;
            let chunk = self.store.expand_now_within(&budgets, self.clock.now_ms()).await?;
            made += chunk.deliveries;
            if chunk.deliveries > 0 {
                // Sending goes on between the chunks.
                self.bell.notify_waiters();
            }
            if !chunk.more {
                return Ok(made);
            }
        }
    }

    /// What is urgent does not wait for the fixed times of a chat.
    async fn expand_urgent(&self) -> Result<u64> {
        let mut made = 0;
        while self.store.has_urgent().await? {
            let budgets = self.budgets().await?;
            let chunk = self.store.expand_urgent(&budgets, self.clock.now_ms()).await?;
            made += chunk.deliveries;
            self.bell.notify_waiters();
            if !chunk.more {
                break;
            }
        }
        Ok(made)
    }

    /// Expands until it is cancelled. A database that does not answer is waited for.
    pub async fn run_expansion(&self, cancel: CancellationToken) {
        loop {
            let rung = self.bell.notified();
            if let Err(error) = self.expand_due().await {
                tracing::error!(%error, "the outbox cannot expand releases; it tries again");
            }
            let sleep = self.until_next().await.min(POLL);
            tokio::select! {
                () = cancel.cancelled() => return,
                () = rung => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    /// How long until the next waiting release or slot.
    async fn until_next(&self) -> Duration {
        let now = self.clock.now();
        let waiting = self.store.next_waiting().await.ok().flatten().map(from_ms);
        let slot = self.next_slot(now);
        [waiting, slot]
            .into_iter()
            .flatten()
            .min()
            .map_or(POLL, |at| (at - now).to_std().unwrap_or(Duration::from_millis(1)))
            .max(Duration::from_millis(1))
    }
}
