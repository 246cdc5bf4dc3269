//! Targets and their subscriptions: the chats of the configuration, and what is known of any target.

use super::sql::{Tx, args};
use super::{Result, Store};

/// A target as commands show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetRow {
    /// Its key.
    pub id: i64,
    /// "telegram" or "email".
    pub channel: String,
    /// Chat, or chat/topic; an e-mail address.
    pub address: String,
    /// "active", "paused" or "gone".
    pub state: String,
    /// Why it is not active.
    pub reason: String,
}

/// Between two tries of a target that rests.
const PROBE_MS: i64 = 3_600_000;

impl Store {
    /// The target of an address, made when it is not there.
    pub(super) async fn target_in(&self, tx: &mut Tx, channel: &str, address: &str, now_ms: i64) -> Result<i64> {
        let sql = "SELECT id FROM targets WHERE channel = $1 AND address = $2";
        if let Some(row) = tx.row(sql, args![channel, address]).await? {
            return row.int(0);
        }
        let id = self.new_id(now_ms);
        let sql = "INSERT INTO targets (id, channel, address, created_at) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (channel, address) DO NOTHING";
        if tx.run(sql, args![id, channel, address, now_ms]).await? == 1 {
            return Ok(id);
        }
        // Another transaction was faster.
        let row = tx.row("SELECT id FROM targets WHERE channel = $1 AND address = $2", args![channel, address]).await?;
        row.map_or(Ok(id), |row| row.int(0))
    }

    /// The target of an address, made when it is not there.
    pub async fn target(&self, channel: &str, address: &str, now_ms: i64) -> Result<TargetRow> {
        let mut tx = self.begin().await?;
        let id = self.target_in(&mut tx, channel, address, now_ms).await?;
        let row = tx.row("SELECT state, reason FROM targets WHERE id = $1", args![id]).await?;
        let (state, reason) =
            row.map_or(Ok((String::new(), String::new())), |r| Ok::<_, super::StoreError>((r.text(0)?, r.text(1)?)))?;
        tx.commit().await?;
        Ok(TargetRow { id, channel: channel.to_owned(), address: address.to_owned(), state, reason })
    }

    /// Makes the subscriptions of a channel's configured targets: (section, address, cadence). A new one
    /// begins at the head, so a new chat gets nothing old; one no longer named rests.
    pub async fn sync_subscriptions(
        &self,
        channel: &str,
        wanted: &[(i64, String, &'static str)],
        now_ms: i64,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let sql = "SELECT s.id, s.section_id, t.address, s.cadence, s.active FROM subscriptions s
                   JOIN targets t ON t.id = s.target_id WHERE t.channel = $1";
        let mut rest = std::collections::HashMap::new();
        for row in tx.rows(sql, args![channel]).await? {
            rest.insert((row.int(1)?, row.text(2)?), (row.int(0)?, row.text(3)?, row.bool(4)?));
        }
        for (section_id, address, cadence) in wanted {
            match rest.remove(&(*section_id, address.clone())) {
                Some((_, old, true)) if old == *cadence => {}
                Some((id, _, true)) => {
                    tx.run("UPDATE subscriptions SET cadence = $2 WHERE id = $1", args![id, *cadence]).await?;
                }
                Some((id, _, false)) => {
                    let head = Self::head(&mut tx).await?;
                    let sql =
                        "UPDATE subscriptions SET cadence = $2, start = $3, cursor = $3, active = $4 WHERE id = $1";
                    tx.run(sql, args![id, *cadence, head, true]).await?;
                }
                None => {
                    let target = self.target_in(&mut tx, channel, address, now_ms).await?;
                    self.subscribe_in(&mut tx, target, *section_id, cadence, true, now_ms).await?;
                }
            }
        }
        for (id, _, active) in rest.into_values() {
            if active {
                tx.run("UPDATE subscriptions SET active = $2 WHERE id = $1", args![id, false]).await?;
            }
        }
        tx.commit().await
    }

    /// A subscription that begins at the head; an existing one changes its cadence and keeps its cursor, and
    /// begins at the head again when it rested.
    pub(super) async fn subscribe_in(
        &self,
        tx: &mut Tx,
        target: i64,
        section: i64,
        cadence: &str,
        active: bool,
        now_ms: i64,
    ) -> Result<()> {
        let head = Self::head(tx).await?;
        let sql = "INSERT INTO subscriptions (id, target_id, section_id, cadence, start, cursor, active, created_at)
                   VALUES ($1, $2, $3, $4, $5, $5, $6, $7)
                   ON CONFLICT (target_id, section_id) DO UPDATE SET cadence = excluded.cadence,
                     start = CASE WHEN subscriptions.active THEN subscriptions.start ELSE excluded.start END,
                     cursor = CASE WHEN subscriptions.active THEN subscriptions.cursor ELSE excluded.cursor END,
                     active = excluded.active";
        let id = self.new_id(now_ms);
        tx.run(sql, args![id, target, section, cadence, head, active, now_ms]).await.map(|_| ())
    }

    /// Lets chats and webhooks that were last tried an hour ago be tried again: the oldest message that waits is the
    /// probe. What has waited since before `oldest_ms` is dropped, so that a chat that comes back after weeks is not
    /// flooded. How many chats.
    pub async fn probe_paused(&self, oldest_ms: i64, now_ms: i64) -> Result<u64> {
        let paused = "SELECT id FROM targets WHERE channel IN ('telegram', 'webhook') AND state = 'paused'
                        AND COALESCE(probed_at, 0) <= $1 LIMIT 1";
        if self.row(paused, args![now_ms - PROBE_MS]).await?.is_none() {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        let sql = "UPDATE deliveries SET state = 'dropped', reason = 'too old: the chat did not take messages',
                     settled_at = $2
                   WHERE state IN ('pending', 'retry') AND created_at < $1 AND target_id IN
                     (SELECT id FROM targets WHERE channel <> 'email' AND state = 'paused')";
        tx.run(sql, args![oldest_ms, now_ms]).await?;
        let sql = "UPDATE targets SET state = 'active', probed_at = $2 WHERE channel IN ('telegram', 'webhook')
                     AND state = 'paused' AND COALESCE(probed_at, 0) <= $1";
        let count = tx.run(sql, args![now_ms - PROBE_MS, now_ms]).await?;
        tx.commit().await?;
        Ok(count)
    }

    /// Has the webhooks that rest tried again: whoever starts bantin has put things right, or finds out at once. Chats
    /// are left to [`Store::probe_paused`], because Telegram minds being asked in vain.
    pub async fn wake_webhooks(&self, now_ms: i64) -> Result<u64> {
        let sql = "UPDATE targets SET state = 'active', probed_at = $1 WHERE channel = 'webhook' AND state = 'paused'";
        self.run(sql, args![now_ms]).await
    }

    /// The targets that are not active.
    pub async fn troubled_targets(&self) -> Result<Vec<TargetRow>> {
        let sql = "SELECT id, channel, address, state, reason FROM targets WHERE state <> 'active' ORDER BY id";
        let rows = self.rows(sql, vec![]).await?;
        rows.iter()
            .map(|r| {
                Ok(TargetRow {
                    id: r.int(0)?,
                    channel: r.text(1)?,
                    address: r.text(2)?,
                    state: r.text(3)?,
                    reason: r.text(4)?,
                })
            })
            .collect()
    }
}
