//! SQLite's one writer, and one commit for all who queue for it. A commit waits for the disk; while one unit of work
//! waits, others could not begin. So a unit that is done leaves its transaction open to those who already queue, each
//! in a savepoint of its own, and the last of them commits for all. Each is told when *that* commit is on the disk:
//! nothing is called recorded before. Hands [`Unit`]s to `sql`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};

use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection, SqlitePool};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::{Result, StoreError};

/// The writer; clones share it.
#[derive(Debug, Clone)]
pub(super) struct Writer(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Of one connection.
    pool: SqlitePool,
    /// Handed from one unit to the next in the order of their asking.
    group: Arc<Mutex<Group>>,
    queued: AtomicUsize,
    trouble: Trouble,
}

/// Why something could not be written, until it was tried whether it can be again; clones share it.
#[derive(Debug, Clone, Default)]
struct Trouble(Arc<std::sync::Mutex<Option<String>>>);

impl Trouble {
    fn set(&self, why: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The units since the last commit.
#[derive(Debug, Default)]
struct Group {
    /// Counts the commits.
    number: u64,
    /// Kept from one commit to the next; none before the first, and after a failure.
    connection: Option<PoolConnection<Sqlite>>,
    /// Whether a transaction is open.
    is_open: bool,
    /// Whom to tell of the commit.
    done: Vec<oneshot::Sender<Outcome>>,
    /// A unit that has begun and not ended yet; left behind where it was dropped.
    midway: Option<Midway>,
    trouble: Trouble,
}

/// How a unit is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Midway {
    /// With the whole transaction: there is nothing else in it.
    First,
    /// Back to its savepoint.
    Later,
    /// The same, where it is not known whether the savepoint is still there.
    Ending,
}

/// Whether a commit came about; else why not.
type Outcome = std::result::Result<(), String>;

/// One unit of work: it is committed as a whole, or undone when it is dropped.
pub(super) struct Unit {
    writer: Writer,
    group: Option<OwnedMutexGuard<Group>>,
}

/// Counts one who queues.
struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Writer {
    /// Writes through this pool, which has one connection.
    pub fn new(pool: SqlitePool) -> Self {
        let trouble = Trouble::default();
        let group = Group { trouble: trouble.clone(), ..Group::default() };
        Self(Arc::new(Shared { pool, group: Arc::new(Mutex::new(group)), queued: AtomicUsize::new(0), trouble }))
    }

    /// Why something could not be written, as the last one who failed was told.
    pub fn trouble(&self) -> Option<String> {
        self.0.trouble.get()
    }

    /// It was tried, and can be written to again.
    pub fn well(&self) {
        self.0.trouble.set(None);
    }

    /// Remembers a failure of the disk, or of what lies on it; any other is the statement's own.
    pub fn note<T>(&self, outcome: &Result<T>) {
        if let Err(StoreError::Database(error)) = outcome
            && is_of_the_disk(error)
        {
            self.0.trouble.set(Some(error.to_string()));
        }
    }

    /// The pool, for what needs a connection to itself.
    pub fn pool(&self) -> &SqlitePool {
        &self.0.pool
    }

    /// Begins a unit when it is its turn. What is read in it cannot be stale by the time it is written.
    pub async fn begin(&self) -> Result<Unit> {
        let queued = Queued::new(&self.0.queued);
        let mut group = Arc::clone(&self.0.group).lock_owned().await;
        drop(queued);
        group.tidy().await;
        if group.connection.is_none() {
            group.connection = Some(self.0.pool.acquire().await?);
        }
        let (midway, begin) =
            if group.is_open { (Midway::Later, "SAVEPOINT unit") } else { (Midway::First, "BEGIN IMMEDIATE") };
        group.midway = Some(midway);
        group.is_open = true;
        let mut unit = Unit { writer: self.clone(), group: Some(group) };
        let outcome = sqlx::query(begin).execute(unit.connection()?).await.map(|_| ()).map_err(StoreError::from);
        self.note(&outcome);
        outcome.map(|()| unit)
    }

    /// Commits what is open and closes the connection; there is none for whoever comes later.
    pub async fn close(&self) {
        let mut group = self.0.group.lock().await;
        group.tidy().await;
        group.commit().await;
        drop(group.connection.take());
        drop(group);
        self.0.pool.close().await;
    }

    /// Commits the group of that number, or undoes what was left midway in it, when nobody is at work.
    fn finish_later(&self, number: u64) {
        let group = Arc::clone(&self.0.group);
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            let mut group = group.lock_owned().await;
            group.tidy().await;
            if group.number == number {
                group.commit().await;
            }
        });
    }
}

impl Group {
    async fn run(&mut self, sql: &'static str) -> Outcome {
        let Some(connection) = &mut self.connection else { return Err("its connection is gone".to_owned()) };
        sqlx::raw_sql(sql).execute(&mut **connection).await.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Undoes the unit that was dropped midway.
    async fn tidy(&mut self) {
        let undone = match self.midway {
            None => return,
            Some(Midway::First) => {
                let undone = self.run("ROLLBACK").await;
                self.is_open = undone.is_err();
                undone
            }
            Some(Midway::Later) => self.run("ROLLBACK TO unit; RELEASE unit").await,
            Some(Midway::Ending) => self.run("ROLLBACK TO unit; RELEASE unit").await.or(Ok(())),
        };
        // SQLite may have given up the whole transaction (a full disk): none of it is there.
        if undone.is_err() {
            self.end(&undone);
        }
        self.midway = None;
    }

    /// Commits what is open, and tells everybody.
    async fn commit(&mut self) {
        if self.is_open {
            let outcome = self.run("COMMIT").await;
            self.end(&outcome);
        }
    }

    /// What was open has ended: everybody is told.
    fn end(&mut self, outcome: &Outcome) {
        self.number += 1;
        self.is_open = false;
        // A commit that succeeds ends no trouble: a small one may fit where the next will not.
        if let Err(why) = outcome {
            self.trouble.set(Some(why.clone()));
        }
        if outcome.is_err()
            && let Some(mut connection) = self.connection.take()
        {
            // Closed: whatever state it is in ends with it.
            connection.close_on_drop();
        }
        for waiting in self.done.drain(..) {
            // Who has gone does not want to know.
            let _ = waiting.send(outcome.clone());
        }
    }
}

impl Unit {
    /// The connection, inside the unit.
    pub fn connection(&mut self) -> Result<&mut SqliteConnection> {
        let connection = self.group.as_mut().and_then(|group| group.connection.as_mut());
        connection.map(|connection| &mut **connection).ok_or_else(|| lost("its connection is gone"))
    }

    /// Remembers what a statement of it says of the disk.
    pub fn note<T>(&self, outcome: &Result<T>) {
        self.writer.note(outcome);
    }

    /// Makes it last: answers when it is on the disk (`synchronous=FULL`).
    pub async fn commit(mut self) -> Result<()> {
        let told = self.hand_over().await?;
        drop(self);
        told.await
            .map_or_else(|_| Err(lost("nobody committed it")), |outcome| outcome.map_err(StoreError::NotCommitted))
    }

    /// Ends the unit, and leaves its transaction to those who queue; where nobody does, commits it.
    async fn hand_over(&mut self) -> Result<oneshot::Receiver<Outcome>> {
        let group = self.group.as_mut().ok_or_else(|| lost("the unit has ended"))?;
        if group.midway == Some(Midway::Later) {
            group.midway = Some(Midway::Ending);
            if let Err(why) = group.run("RELEASE unit").await {
                group.end(&Err(why.clone()));
                group.midway = None;
                return Err(StoreError::NotCommitted(why));
            }
        }
        group.midway = None;
        let (tell, told) = oneshot::channel();
        let is_alone = group.done.is_empty() && self.writer.0.queued.load(Ordering::SeqCst) == 0;
        group.done.push(tell);
        if is_alone {
            group.commit().await;
        }
        // What is not committed yet is by whoever comes last; see `drop`.
        Ok(told)
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        let Some(group) = self.group.take() else { return };
        let (number, is_open) = (group.number, group.is_open);
        drop(group);
        // Committed or undone soon, whoever comes: an open transaction keeps other programs from writing.
        if is_open {
            self.writer.finish_later(number);
        }
    }
}

/// Full, not to be read or written, not to be opened, damaged: SQLite's primary codes.
fn is_of_the_disk(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    let code: Option<i64> = code.and_then(|code| code.parse().ok());
    code.is_some_and(|code| matches!(code & 0xff, 8 | 10 | 11 | 13 | 14 | 26))
}

fn lost(why: &str) -> StoreError {
    StoreError::NotCommitted(why.to_owned())
}

#[cfg(test)]
mod tests;
