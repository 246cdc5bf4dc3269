//! What the bot keeps: answers as deliveries, who was answered already, and which instance alone asks for updates.

use sqlx::{Connection as _, PgConnection};

use super::sql::{Pool, args};
use super::{Result, Store};
use crate::channel::Reply;

/// The key of the PostgreSQL advisory lock under which one instance asks for updates ("bantin" and a number).
const POLLER_LOCK: i64 = 0x6261_6e74_696e_0001;

/// Holding it, an instance is the only one that asks Telegram for updates. On SQLite the daemon is the only one.
#[derive(Debug)]
pub struct Poller(Option<PgConnection>);

impl Poller {
    /// Whether it still holds: the lock ends with its connection.
    pub async fn holds(&mut self) -> bool {
        match &mut self.0 {
            None => true,
            Some(connection) => connection.ping().await.is_ok(),
        }
    }

    /// Lets another instance ask.
    pub async fn release(self) {
        if let Some(connection) = self.0 {
            let _ = connection.close().await;
        }
    }
}

impl Store {
    /// Becomes the one that asks for updates, if nobody is.
    pub async fn poller(&self) -> Result<Option<Poller>> {
        let Pool::Postgres(pool) = &self.pool else { return Ok(Some(Poller(None))) };
        let mut connection = pool.acquire().await?.detach();
        let taken: bool =
            sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(POLLER_LOCK).fetch_one(&mut connection).await?;
        if taken {
            return Ok(Some(Poller(Some(connection))));
        }
        let _ = connection.close().await;
        Ok(None)
    }

    /// Queues an answer of the bot; the same one (`dedup`) once.
    pub async fn queue_answer(&self, address: &str, dedup: &str, reply: &Reply, now_ms: i64) -> Result<bool> {
        let payload = serde_json::to_string(reply)?;
        let mut tx = self.begin().await?;
        let target = self.target_in(&mut tx, "telegram", address, now_ms).await?;
        let sql = "INSERT INTO deliveries (id, dedup, channel, target_id, kind, payload, state, due_at, created_at)
                   VALUES ($1, $2, 'telegram', $3, 'answer', $4, 'pending', $5, $5) ON CONFLICT (dedup) DO NOTHING";
        let made = tx.run(sql, args![self.new_id(now_ms), dedup, target, payload, now_ms]).await?;
        tx.commit().await?;
        Ok(made == 1)
    }

    /// Whether a chat that is no admin's writes for the first time.
    pub async fn is_new_stranger(&self, chat: &str, now_ms: i64) -> Result<bool> {
        let sql = "INSERT INTO strangers (chat, answered_at) VALUES ($1, $2) ON CONFLICT (chat) DO NOTHING";
        Ok(self.run(sql, args![chat, now_ms]).await? == 1)
    }

    /// Forgets who was answered before a moment.
    pub async fn prune_strangers(&self, before_ms: i64) -> Result<u64> {
        if self.row("SELECT chat FROM strangers WHERE answered_at < $1 LIMIT 1", args![before_ms]).await?.is_none() {
            return Ok(0);
        }
        self.run("DELETE FROM strangers WHERE answered_at < $1", args![before_ms]).await
    }
}
