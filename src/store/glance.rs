//! A look at a database that changes nothing: is it there, can it be read and written, and of which version is its
//! schema? What `check` tells.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::alone::Alone;
use super::group::Writer;
use super::open::{explain_sqlite, known_migrations};
use super::sql::Pool;
use super::upgrade::applied;
use super::{Result, Store, StoreError};

/// How a schema stands to this version of bantin's; numbers are those of migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// There is no file.
    Absent,
    /// There is no table.
    Empty,
    /// It is this version's.
    Present(i64),
    /// It is older; this version's.
    Older(i64, i64),
    /// It is newer; the newest known here.
    Newer(i64, i64),
}

/// What was seen.
#[derive(Debug)]
pub struct Glance {
    /// To read by, where there is something to read. Nothing can be written by it.
    pub store: Option<Store>,
    /// Its schema.
    pub schema: Schema,
    /// File or server, without password.
    pub place: String,
    /// Why it could not be written by a daemon either; `None`: it could, as far as can be told.
    pub read_only: Option<String>,
}

impl Store {
    /// Looks at a database.
    pub async fn glance(url: &str) -> Result<Glance> {
        let (pool, place, alone, read_only) = match url.strip_prefix("sqlite:") {
            Some(path) if !Path::new(path).exists() => {
                return Ok(Glance { store: None, schema: Schema::Absent, place: path.to_owned(), read_only: None });
            }
            Some(path) => {
                let written = std::fs::OpenOptions::new().write(true).open(path);
                (sqlite(Path::new(path)).await?, path.to_owned(), None, written.err().map(|error| error.to_string()))
            }
            None => {
                let (pool, place, alone) = postgres(url).await?;
                let sql = "SELECT CASE WHEN pg_is_in_recovery() THEN 'it is a standby server'
                           WHEN NOT has_schema_privilege(current_schema(), 'CREATE') THEN 'this user may make no tables in it'
                           END";
                let read_only: Option<String> = match &pool {
                    Pool::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await?,
                    Pool::Sqlite { .. } => None,
                };
                (pool, place, Some(alone), read_only)
            }
        };
        let applied = applied(&pool).await?;
        let known = known_migrations();
        let newest = known.last().copied().unwrap_or_default();
        let schema = match applied.last().copied() {
            None => Schema::Empty,
            Some(last) => match applied.iter().rev().find(|version| !known.contains(version)) {
                Some(strange) => Schema::Newer(*strange, newest),
                None if known.iter().all(|version| applied.contains(version)) => Schema::Present(last),
                None => Schema::Older(last, newest),
            },
        };
        let last_id = Arc::new(AtomicI64::new(0));
        let store = Self { pool, place: place.as_str().into(), last_id, looks: Arc::default(), alone };
        Ok(Glance { store: Some(store), schema, place, read_only })
    }
}

async fn sqlite(path: &Path) -> Result<Pool> {
    let mut log = PathBuf::from(path).into_os_string();
    log.push("-wal");
    // Without a log nobody writes, and nothing is left beside the file.
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(!Path::new(&log).exists())
        .busy_timeout(Duration::from_secs(5))
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new().max_connections(2).connect_with(options).await;
    let open =
        |error: &sqlx::Error| StoreError::Open { place: path.display().to_string(), reason: explain_sqlite(error) };
    let pool = pool.map_err(|error| open(&error))?;
    // The file is read at the first question only.
    sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM sqlite_master")
        .fetch_one(&pool)
        .await
        .map_err(|error| open(&error))?;
    Ok(Pool::Sqlite { read: pool.clone(), write: Writer::new(pool) })
}

async fn postgres(url: &str) -> Result<(Pool, String, Alone)> {
    let fail = |place: &str, reason: String| StoreError::Open { place: place.to_owned(), reason };
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| fail("[database] url", error.to_string()))?
        .application_name("bantin check")
        .options([("statement_timeout", "10000"), ("default_transaction_read_only", "on")])
        .disable_statement_logging();
    let place = format!("{}:{}/{}", options.get_host(), options.get_port(), options.get_database().unwrap_or_default());
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options.clone())
        .await
        .map_err(|error| fail(&place, error.to_string()))?;
    Ok((Pool::Postgres(pool), place, Alone::new(options)))
}
