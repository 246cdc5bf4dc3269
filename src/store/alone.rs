//! What one instance does for all: locks that instances on one PostgreSQL take of each other, by name. They are
//! advisory locks of one session that is kept for them alone, so nothing is written, and a process that ends gives
//! them back at once. A process that is stopped or cut off falls silent; the server then ends its session
//! (`idle_session_timeout`), and others go on. On SQLite there is one daemon, and every lock is free.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Result, Store};
use crate::lifecycle;

/// How long a question to the server may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The session of this process; clones share it.
#[derive(Debug, Clone)]
pub(super) struct Alone(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    options: PgConnectOptions,
    session: Mutex<Option<Session>>,
}

#[derive(Debug)]
struct Session {
    connection: PgConnection,
    held: HashSet<i64>,
    /// When the server last answered.
    heard: Instant,
}

/// A name as a key of PostgreSQL's advisory locks.
fn key(name: &str) -> i64 {
    let hash = Sha256::digest(name);
    i64::from_be_bytes(std::array::from_fn(|n| hash.get(n).copied().unwrap_or_default()))
}

impl Alone {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Self(Arc::new(Shared { options, session: Mutex::default() }))
    }

    /// Whether this process holds the lock, after trying to take it.
    async fn take(&self, name: &str) -> Result<bool> {
        let key = key(name);
        let mut slot = self.0.session.lock().await;
        // Dropped on the way (a time-out, somebody who waits no more), the session is closed: its state is not known.
        let mut session = match slot.take() {
            Some(session) => session,
            None => self.begin().await?,
        };
        if session.held.contains(&key) && session.heard.elapsed() < lifecycle::lease() / 3 {
            *slot = Some(session);
            return Ok(true);
        }
        let held = session.held.contains(&key);
        let sql = if held { "SELECT TRUE" } else { "SELECT pg_try_advisory_lock($1)" };
        let mut query = sqlx::query_scalar(sql);
        if !held {
            query = query.bind(key);
        }
        let taken: bool = timely(query.fetch_one(&mut session.connection)).await?;
        session.heard = Instant::now();
        if taken {
            session.held.insert(key);
        }
        *slot = Some(session);
        Ok(taken)
    }

    async fn give_back(&self, name: &str) {
        let key = key(name);
        let mut slot = self.0.session.lock().await;
        let Some(mut session) = slot.take().filter(|session| session.held.contains(&key)) else { return };
        let query = sqlx::query("SELECT pg_advisory_unlock($1)").bind(key);
        // A session that fails ends here, and its locks with it.
        if timely(query.execute(&mut session.connection)).await.is_ok() {
            session.held.remove(&key);
            session.heard = Instant::now();
            *slot = Some(session);
        }
    }

    async fn begin(&self) -> Result<Session> {
        let mut connection = timely(self.0.options.connect()).await?;
        let silence = (lifecycle::lease() * 3 / 4).as_millis();
        let sql = format!("SET idle_session_timeout = {silence}");
        if let Err(error) = timely(sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection)).await {
            tracing::debug!(%error, "PostgreSQL before 14: an instance that is stopped keeps its locks");
        }
        Ok(Session { connection, held: HashSet::new(), heard: Instant::now() })
    }

    /// Keeps the session from falling silent; where it is gone, so are its locks.
    async fn beat(&self) {
        let mut slot = self.0.session.lock().await;
        let Some(mut session) = slot.take() else { return };
        if timely(sqlx::query("SELECT TRUE").execute(&mut session.connection)).await.is_ok() {
            session.heard = Instant::now();
            *slot = Some(session);
        } else {
            tracing::warn!("what this instance did for all is left to others: the database ended its session");
        }
    }

    pub(super) async fn close(&self) {
        if let Some(session) = self.0.session.lock().await.take() {
            let _ = session.connection.close().await;
        }
    }
}

/// An answer in time, or none.
async fn timely<T>(answer: impl Future<Output = std::result::Result<T, sqlx::Error>>) -> Result<T> {
    Ok(tokio::time::timeout(PATIENCE, answer).await.map_err(|_| sqlx::Error::PoolTimedOut)??)
}

impl Store {
    /// Whether this instance is the one that does something for all at present. It stays so until the process ends or
    /// falls silent for three quarters of a lease.
    pub async fn is_mine(&self, name: &str) -> Result<bool> {
        match &self.alone {
            Some(alone) => alone.take(name).await,
            None => Ok(true),
        }
    }

    /// Gives back what [`Store::is_mine`] took.
    pub async fn not_mine(&self, name: &str) {
        if let Some(alone) = &self.alone {
            alone.give_back(name).await;
        }
    }

    /// Keeps what this instance does for all, until it is dropped. Asked for once, where instances share the store.
    pub async fn keep_mine(&self) {
        let Some(alone) = &self.alone else { return };
        loop {
            tokio::time::sleep(lifecycle::lease() / 6).await;
            alone.beat().await;
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_far_apart() {
        assert_ne!(super::key("section:a"), super::key("section:b"));
    }
}
