//! The thin layer that lets one SQL text run on both engines: arguments, rows, transactions. Only `BIGINT`,
//! `TEXT` and `BOOLEAN` pass through it.
//!
//! A limit that is an argument is written `LIMIT $2 + 0`. SQLite takes a bare one for a hint to its planner and prepares
//! the statement anew each time it is bound; a sum is no hint.

use std::cell::Cell;

use sqlx::{Column, Executor, PgPool, Row as _, SqlSafeStr, SqlitePool};

use super::group::{Unit, Writer};
use super::{Result, Store, StoreError};

thread_local! {
    /// Statements run from this thread.
    static STATEMENTS: Cell<u64> = const { Cell::new(0) };
}

/// How many statements this thread has run: what a test on one thread counts by.
pub fn statements_of_this_thread() -> u64 {
    STATEMENTS.get()
}

/// The open database. SQLite has one writing connection and several reading ones.
#[derive(Debug, Clone)]
pub(super) enum Pool {
    Sqlite { read: SqlitePool, write: Writer },
    Postgres(PgPool),
}

/// One argument of a statement.
#[derive(Debug, Clone)]
pub(super) enum Arg {
    Int(Option<i64>),
    Text(Option<String>),
    Bool(bool),
}

impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}
impl From<Option<i64>> for Arg {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}
impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}
impl From<String> for Arg {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}
impl From<&String> for Arg {
    fn from(value: &String) -> Self {
        Self::Text(Some(value.clone()))
    }
}
impl From<Option<String>> for Arg {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}
impl From<bool> for Arg {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// `args![a, b]`: the arguments of a statement.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::sql::Arg::from($value)),*] };
}
pub(super) use args;

/// A row of either engine.
#[derive(Debug)]
pub(super) enum Row {
    Sqlite(sqlx::sqlite::SqliteRow),
    Postgres(sqlx::postgres::PgRow),
}

macro_rules! get {
    ($self:ident, $index:ident, $kind:ty) => {
        match $self {
            Row::Sqlite(row) => row.try_get::<$kind, _>($index),
            Row::Postgres(row) => row.try_get::<$kind, _>($index),
        }
        .map_err(StoreError::from)
    };
}

impl Row {
    pub(super) fn int(&self, index: usize) -> Result<i64> {
        get!(self, index, i64)
    }
    pub(super) fn opt_int(&self, index: usize) -> Result<Option<i64>> {
        get!(self, index, Option<i64>)
    }
    pub(super) fn text(&self, index: usize) -> Result<String> {
        get!(self, index, String)
    }
    pub(super) fn opt_text(&self, index: usize) -> Result<Option<String>> {
        get!(self, index, Option<String>)
    }
    pub(super) fn bool(&self, index: usize) -> Result<bool> {
        get!(self, index, bool)
    }
    /// The column names, for messages about rows that do not read back.
    #[allow(dead_code, reason = "used by messages in tests")]
    pub(super) fn columns(&self) -> Vec<String> {
        match self {
            Self::Sqlite(row) => row.columns().iter().map(|c| c.name().to_owned()).collect(),
            Self::Postgres(row) => row.columns().iter().map(|c| c.name().to_owned()).collect(),
        }
    }
}

macro_rules! bound {
    ($sql:expr, $args:expr) => {{
        STATEMENTS.set(STATEMENTS.get() + 1);
        let mut query = sqlx::query($sql);
        for arg in $args {
            query = match arg {
                Arg::Int(value) => query.bind(value),
                Arg::Text(value) => query.bind(value),
                Arg::Bool(value) => query.bind(value),
            };
        }
        query
    }};
}

async fn run_sqlite<'e, E>(executor: E, sql: impl SqlSafeStr, args: Vec<Arg>) -> Result<u64>
where
    E: Executor<'e, Database = sqlx::Sqlite>,
{
    Ok(bound!(sql, args).execute(executor).await?.rows_affected())
}

async fn run_postgres<'e, E>(executor: E, sql: impl SqlSafeStr, args: Vec<Arg>) -> Result<u64>
where
    E: Executor<'e, Database = sqlx::Postgres>,
{
    Ok(bound!(sql, args).execute(executor).await?.rows_affected())
}

async fn rows_sqlite<'e, E>(executor: E, sql: impl SqlSafeStr, args: Vec<Arg>) -> Result<Vec<Row>>
where
    E: Executor<'e, Database = sqlx::Sqlite>,
{
    Ok(bound!(sql, args).fetch_all(executor).await?.into_iter().map(Row::Sqlite).collect())
}

async fn rows_postgres<'e, E>(executor: E, sql: impl SqlSafeStr, args: Vec<Arg>) -> Result<Vec<Row>>
where
    E: Executor<'e, Database = sqlx::Postgres>,
{
    Ok(bound!(sql, args).fetch_all(executor).await?.into_iter().map(Row::Postgres).collect())
}

/// A transaction of either engine; dropped without [`Tx::commit`] it rolls back.
pub(super) enum Tx {
    Sqlite(Unit),
    Postgres(sqlx::Transaction<'static, sqlx::Postgres>),
}

impl Tx {
    /// Runs one statement; the number of rows it changed.
    pub(super) async fn run(&mut self, sql: impl SqlSafeStr, args: Vec<Arg>) -> Result<u64> {
        match self {
            Self::Sqlite(unit) => {
                let outcome = run_sqlite(unit.connection()?, sql, args).await;
                unit.note(&outcome);
                outcome
            }
            Self::Postgres(tx) => run_postgres(&mut **tx, sql, args).await,
        }
    }

    /// The rows of one statement.
    pub(super) async fn rows(&mut self, sql: impl SqlSafeStr, args: Vec<Arg>) -> Result<Vec<Row>> {
        match self {
            Self::Sqlite(unit) => {
                let outcome = rows_sqlite(unit.connection()?, sql, args).await;
                unit.note(&outcome);
                outcome
            }
            Self::Postgres(tx) => rows_postgres(&mut **tx, sql, args).await,
        }
    }

    /// The first row of one statement.
    pub(super) async fn row(&mut self, sql: impl SqlSafeStr, args: Vec<Arg>) -> Result<Option<Row>> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// Makes it last (SQLite: fsync; `synchronous=FULL`).
    pub(super) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(unit) => unit.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// The fragment that makes a claim skip rows another instance is claiming.
    pub(super) fn skip_locked(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres(_) => " FOR UPDATE OF d SKIP LOCKED",
        }
    }

    /// The fragment that locks the rows of a reading statement until the end. SQLite has one writer at a time.
    pub(super) fn locked(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres(_) => " FOR UPDATE",
        }
    }
}

impl Tx {
    /// The fragment that locks the subscriptions (`s`) of a reading statement until the end; whoever waits for them reads
    /// them anew. SQLite has one writer at a time.
    pub(super) fn locked_followers(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres(_) => " FOR UPDATE OF s",
        }
    }
}

impl Store {
    /// The moment by which leases run, as SQL: PostgreSQL's own clock, the same for all instances whatever theirs say. On
    /// SQLite there is one daemon, and its clock is as good.
    pub(super) fn now_of_leases(&self, now_ms: i64) -> String {
        match &self.pool {
            Pool::Sqlite { .. } => now_ms.to_string(),
            Pool::Postgres(_) => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)".to_owned(),
        }
    }

    /// When a lease that begins now ends, as SQL and the argument that stands at its `place`.
    pub(super) fn lease_end(&self, place: &str, now_ms: i64) -> (String, i64) {
        let lease = crate::lifecycle::lease().as_millis() as i64;
        match &self.pool {
            // The same text at every moment, so that it is prepared once.
            Pool::Sqlite { .. } => (place.to_owned(), now_ms + lease),
            Pool::Postgres(_) => (format!("{} + {place}", self.now_of_leases(now_ms)), lease),
        }
    }

    /// Begins a writing transaction. SQLite takes its one writer at once, so that nothing read in it can
    /// be stale by the time it is written.
    pub(super) async fn begin(&self) -> Result<Tx> {
        Ok(match &self.pool {
            Pool::Sqlite { write, .. } => Tx::Sqlite(write.begin().await?),
            Pool::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// One writing statement of its own; the number of rows it changed.
    pub(super) async fn run(&self, sql: impl SqlSafeStr, args: Vec<Arg>) -> Result<u64> {
        match &self.pool {
            Pool::Sqlite { write, .. } => {
                let mut unit = write.begin().await?;
                let rows = run_sqlite(unit.connection()?, sql, args).await;
                unit.note(&rows);
                let rows = rows?;
                unit.commit().await?;
                Ok(rows)
            }
            Pool::Postgres(pool) => run_postgres(pool, sql, args).await,
        }
    }

    /// The rows of a reading statement.
    pub(super) async fn rows(&self, sql: impl SqlSafeStr, args: Vec<Arg>) -> Result<Vec<Row>> {
        match &self.pool {
            Pool::Sqlite { read, .. } => rows_sqlite(read, sql, args).await,
            Pool::Postgres(pool) => rows_postgres(pool, sql, args).await,
        }
    }

    /// The first row of a reading statement.
    pub(super) async fn row(&self, sql: impl SqlSafeStr, args: Vec<Arg>) -> Result<Option<Row>> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }
}

/// `($3, $4), ($5, $6)`: `rows` groups of `columns` placeholders, the first one numbered `first`.
pub(super) fn groups(first: usize, rows: usize, columns: usize) -> String {
    let mut out = String::new();
    for row in 0..rows {
        out.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            if column > 0 {
                out.push_str(", ");
            }
            out.push('$');
            out.push_str(&(first + row * columns + column).to_string());
        }
        out.push(')');
    }
    out
}

/// `($3, $4, $5)`: a list of `count` placeholders for `IN`, the first one numbered `first`.
pub(super) fn list(first: usize, count: usize) -> String {
    groups(first, 1, count)
}
