//! Who follows feeds by bantin's own hub. A row says what its callback has; what it has not yet is found by comparing,
//! so a restart loses no news, and several instances share the work by claiming rows.

use sqlx::AssertSqlSafe;

use super::sql::args;
use super::{Result, Store};

/// What a follower has, or is to have: the hash of the feed's bytes, and the store's revision that they show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The hash of the identity bytes.
    pub hash: String,
    /// The revision.
    pub revision: i64,
}

/// A callback that was confirmed.
#[derive(Debug, Clone)]
pub struct NewFollow {
    /// The feed's file.
    pub topic: String,
    /// The callback.
    pub callback: String,
    /// Its host.
    pub host: String,
    /// What signs what it gets; empty: nothing.
    pub secret: String,
    /// Whether it may have a private address.
    pub private: bool,
    /// How long it follows.
    pub lease_until: i64,
}

/// A follower who has not yet what a feed says now, claimed by this instance.
#[derive(Debug, Clone)]
pub struct Follow {
    /// Its key.
    pub id: i64,
    /// The callback.
    pub callback: String,
    /// What signs what it gets; empty: nothing.
    pub secret: String,
    /// Whether it may have a private address.
    pub private: bool,
    /// How often it was tried, this time included.
    pub attempts: i64,
}

/// Which followers are served: those in trouble must not keep the others waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Those who took what came last.
    Well,
    /// Those who did not.
    Troubled,
}

impl Store {
    /// Takes a confirmed callback, or renews it.
    pub async fn keep_follower(&self, new: &NewFollow, has: &Seen, now_ms: i64) -> Result<()> {
        let sql = "INSERT INTO websub (id, topic, callback, host, secret, private, lease_until, seen, shown)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                   ON CONFLICT (topic, callback) DO UPDATE SET secret = excluded.secret, private = excluded.private,
                     lease_until = excluded.lease_until, attempts = 0, due_at = 0";
        let (id, NewFollow { topic, callback, host, secret, private, lease_until }) = (self.new_id(now_ms), new);
        let arguments =
            args![id, topic, callback, host, secret, *private, *lease_until, has.hash.as_str(), has.revision];
        self.run(sql, arguments).await.map(|_| ())
    }

    /// Forgets a callback; whether it was known.
    pub async fn drop_follower(&self, topic: &str, callback: &str) -> Result<bool> {
        let sql = "DELETE FROM websub WHERE topic = $1 AND callback = $2";
        Ok(self.run(sql, args![topic, callback]).await? > 0)
    }

    /// The callbacks of a feed: they are told when it is gone.
    pub async fn followers(&self, topic: &str) -> Result<Vec<(String, bool)>> {
        let rows = self.rows("SELECT callback, private FROM websub WHERE topic = $1 ORDER BY id", args![topic]).await?;
        rows.iter().map(|row| Ok((row.text(0)?, row.bool(1)?))).collect()
    }

    /// Whether somebody follows a feed at a callback.
    pub async fn is_follower(&self, topic: &str, callback: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM websub WHERE topic = $1 AND callback = $2";
        Ok(self.row(sql, args![topic, callback]).await?.is_some())
    }

    /// How many follow at a host, and in all.
    pub async fn count_followers(&self, host: &str) -> Result<(i64, i64)> {
        let sql = "SELECT (SELECT COUNT(*) FROM websub WHERE host = $1), (SELECT COUNT(*) FROM websub)";
        self.row(sql, args![host]).await?.map_or(Ok((0, 0)), |row| Ok((row.int(0)?, row.int(1)?)))
    }

    /// The feeds that somebody follows.
    pub async fn followed(&self) -> Result<Vec<String>> {
        self.rows("SELECT DISTINCT topic FROM websub", vec![]).await?.iter().map(|row| row.text(0)).collect()
    }

    /// Claims followers of a feed who have not yet what it says now, until `until_ms`.
    pub async fn claim_followers(
        &self,
        topic: &str,
        now: &Seen,
        lane: Lane,
        (now_ms, until_ms): (i64, i64),
        limit: i64,
    ) -> Result<Vec<Follow>> {
        let wants = format!(
            "topic = $1 AND seen <> $2 AND shown < $3 AND due_at <= $4 AND lease_until > $4 AND {}",
            if lane == Lane::Well { "attempts = 0" } else { "attempts > 0" }
        );
        // Asked by a reading statement first: a change that nobody follows writes nothing.
        let look = AssertSqlSafe(format!("SELECT 1 FROM websub WHERE {wants} LIMIT 1"));
        if self.row(look, args![topic, now.hash.as_str(), now.revision, now_ms]).await?.is_none() {
            return Ok(Vec::new());
        }
        // Said twice: the outer one is looked at again when another instance was first.
        let sql = format!(
            "UPDATE websub SET due_at = $5, attempts = attempts + 1 WHERE {wants} AND id IN (
               SELECT id FROM websub WHERE {wants} ORDER BY id LIMIT $6 + 0)
             RETURNING id, callback, secret, private, attempts"
        );
        let arguments = args![topic, now.hash.as_str(), now.revision, now_ms, until_ms, limit];
        let mut tx = self.begin().await?;
        let rows = tx.rows(AssertSqlSafe(sql), arguments).await?;
        tx.commit().await?;
        let read = |row: &super::sql::Row| {
            Ok(Follow {
                id: row.int(0)?,
                callback: row.text(1)?,
                secret: row.text(2)?,
                private: row.bool(3)?,
                attempts: row.int(4)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// A follower has it.
    pub async fn follower_has(&self, id: i64, has: &Seen) -> Result<()> {
        let sql = "UPDATE websub SET seen = $2, shown = $3, attempts = 0, due_at = 0 WHERE id = $1";
        self.run(sql, args![id, has.hash.as_str(), has.revision]).await.map(|_| ())
    }

    /// A follower did not take it: tried again not before `due_ms`.
    pub async fn follower_failed(&self, id: i64, due_ms: i64) -> Result<()> {
        self.run("UPDATE websub SET due_at = $2 WHERE id = $1", args![id, due_ms]).await.map(|_| ())
    }

    /// A follower said that it is gone.
    pub async fn follower_gone(&self, id: i64) -> Result<()> {
        self.run("DELETE FROM websub WHERE id = $1", args![id]).await.map(|_| ())
    }

    /// When a follower is to be tried again; `None`: all are at rest.
    pub async fn next_follower(&self, now_ms: i64) -> Result<Option<i64>> {
        let row = self.row("SELECT MIN(due_at) FROM websub WHERE due_at > $1", args![now_ms]).await?;
        row.map_or(Ok(None), |row| row.opt_int(0))
    }

    /// Forgets followers whose time is over.
    pub async fn prune_followers(&self, now_ms: i64) -> Result<u64> {
        if self.row("SELECT 1 FROM websub WHERE lease_until <= $1 LIMIT 1", args![now_ms]).await?.is_none() {
            return Ok(0);
        }
        self.run("DELETE FROM websub WHERE lease_until <= $1", args![now_ms]).await
    }
}
