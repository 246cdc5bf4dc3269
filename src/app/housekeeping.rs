//! What is done once an hour: what is old is removed as `[retention]` says, holds that nobody decided are settled, readers
//! whose pause is over begin again. Each part stands alone: one that fails keeps none of the others from its work.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::App;
use crate::outbox::HOLD_MS;
use crate::store::StoreError;

const DAY_MS: i64 = 24 * 3_600_000;
/// How long the ids of uploaded pictures are used.
const UPLOADS_MS: i64 = 30 * DAY_MS;
/// How long it is remembered who wrote to the bot and was answered.
const STRANGERS_MS: i64 = 365 * DAY_MS;
/// How long a host is remembered that is not read any more.
const HOSTS_MS: i64 = 30 * DAY_MS;
/// How long it is remembered what a filter dropped; what is still listed then is read once more.
const DROPS_MS: i64 = 180 * DAY_MS;
/// How long the ids of pushed messages are kept: far longer than a message is good for.
const PUSHES_MS: i64 = 7 * DAY_MS;
/// How long what was not well is remembered.
const FINDINGS_MS: i64 = 180 * DAY_MS;

fn ms(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}

impl App {
    /// At the start and once an hour until it is cancelled.
    pub(super) async fn run_housekeeping(self, cancel: CancellationToken) {
        loop {
            tokio::select! {
                () = cancel.cancelled() => return,
                () = self.keep_house() => {}
            }
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(Duration::from_hours(1)) => {}
            }
        }
    }

    /// Once.
    pub async fn keep_house(&self) {
        let (store, now_ms) = (&self.store, self.clock.now_ms());
        let kept = &self.config.retention;
        note("the note that bantin runs", self.note_alive().await.map(|()| 0));
        note("holds", store.expire_holds(now_ms - HOLD_MS, now_ms).await.map(|count| count as u64));
        note("readers whose pause is over", store.resume_readers(now_ms).await);
        if let Some(articles) = kept.articles {
            let shown = self.config.feeds.items;
            note("texts of articles", store.prune_articles(now_ms - ms(articles), shown, now_ms).await);
        }
        note("source pages", store.prune_pages(now_ms - ms(kept.pages)).await);
        note("deliveries", store.prune_deliveries(now_ms - ms(kept.deliveries)).await);
        note("alerts", store.prune_alerts(now_ms - ms(kept.deliveries)).await);
        note("pages of digests", store.prune_digest_pages(now_ms - ms(kept.digests)).await);
        note("what came back", store.prune_bounces(now_ms - ms(kept.bounces)).await);
        note("addresses that never confirmed", store.erase_unconfirmed(now_ms - ms(kept.unconfirmed)).await);
        if let Some(left) = kept.left {
            note("readers who left", store.erase_left(now_ms - ms(left), now_ms).await);
        }
        note("hosts", store.prune_hosts(now_ms - HOSTS_MS).await);
        note("uploads", store.prune_uploads(now_ms - UPLOADS_MS).await);
        note("who wrote to the bot", store.prune_strangers(now_ms - STRANGERS_MS).await);
        note("what filters dropped", store.prune_drops(now_ms - DROPS_MS).await);
        note("what was pushed", store.prune_pushes(now_ms - PUSHES_MS).await);
        note("what was not well", store.prune_findings(now_ms - FINDINGS_MS).await);
        note("troubles of other machines", store.prune_troubles(&self.machine(), now_ms - 7 * DAY_MS).await);
    }
}

fn note(what: &str, done: Result<u64, StoreError>) {
    match done {
        Ok(0) => {}
        Ok(count) => tracing::debug!(count, "kept house: {what}"),
        Err(error) => tracing::error!(%error, "housekeeping of {what} failed; it is tried again in an hour"),
    }
}
