//! Opening the store: creating or connecting, migrating, and the lock that keeps a second daemon away from
//! one SQLite file.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqlSafeStr};

use super::alone::Alone;
use super::group::Writer;
use super::sql::Pool;
use super::{Result, Store, StoreError};

/// Every migration, in order. A published one never changes.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "pipeline", include_str!("../../migrations/0001_pipeline.sql")),
    (2, "ways", include_str!("../../migrations/0002_ways.sql")),
    (3, "health", include_str!("../../migrations/0003_health.sql")),
    (4, "sources", include_str!("../../migrations/0004_sources.sql")),
    (6, "hosts", include_str!("../../migrations/0006_hosts.sql")),
    (7, "looks", include_str!("../../migrations/0007_looks.sql")),
    (10, "holds", include_str!("../../migrations/0010_holds.sql")),
    (15, "bounces", include_str!("../../migrations/0015_bounces.sql")),
    (16, "reader_times", include_str!("../../migrations/0016_reader_times.sql")),
    (20, "telegram", include_str!("../../migrations/0020_telegram.sql")),
    (21, "bot", include_str!("../../migrations/0021_bot.sql")),
    (23, "story", include_str!("../../migrations/0023_story.sql")),
    (26, "behind", include_str!("../../migrations/0026_behind.sql")),
    (29, "websub", include_str!("../../migrations/0029_websub.sql")),
    (32, "readers_rights", include_str!("../../migrations/0032_readers_rights.sql")),
    (33, "blocked", include_str!("../../migrations/0033_blocked.sql")),
    (35, "erased", include_str!("../../migrations/0035_erased.sql")),
    (36, "paused_until", include_str!("../../migrations/0036_paused_until.sql")),
    (38, "urgent", include_str!("../../migrations/0038_urgent.sql")),
    (39, "queue", include_str!("../../migrations/0039_queue.sql")),
    (40, "retention", include_str!("../../migrations/0040_retention.sql")),
    (41, "troubles", include_str!("../../migrations/0041_troubles.sql")),
];

/// The versions of every migration, in order.
pub(super) fn known_migrations() -> Vec<i64> {
    MIGRATIONS.iter().map(|migration| migration.0).collect()
}

/// How long the end waits for the database to be closed.
const CLOSING: Duration = Duration::from_secs(2);
/// Up to this size a SQLite file is looked through at each start (a second or so where the disk is slow).
const CHECKED_BYTES: i64 = 256 * 1024 * 1024;
/// The oldest SQLite without the WAL-reset corruption.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// While it lives, no other daemon works on the SQLite file.
#[derive(Debug)]
pub struct DaemonLock {
    _file: Option<File>,
}

impl DaemonLock {
    /// Takes the lock of a daemon on `[database] url`, before anything is opened. PostgreSQL needs none: instances
    /// share it.
    pub fn take(url: &str) -> Result<Self> {
        let Some(database) = url.strip_prefix("sqlite:").map(PathBuf::from) else { return Ok(Self { _file: None }) };
        let path = database.with_extension("lock");
        let open = |e: std::io::Error| StoreError::Open {
            place: path.display().to_string(),
            reason: format!("{e}; the folder must be writable"),
        };
        make_folder(&database)?;
        let file = File::options().create(true).append(true).open(&path).map_err(open)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy(database)),
            Err(TryLockError::Error(e)) => Err(open(e)),
        }
    }
}

impl Store {
    /// Opens `sqlite:PATH` (created with its folder when it is not there) or `postgres://…` and brings it to
    /// the present schema.
    pub async fn open(url: &str) -> Result<Self> {
        let store = Self::connect(url).await?;
        store.copy_before_migrating(&known_migrations()).await?;
        store.migrate(|_| true).await?;
        Ok(store)
    }

    /// Opens it as it is, whatever its schema.
    pub(super) async fn connect(url: &str) -> Result<Self> {
        let (pool, place, alone) = match url.strip_prefix("sqlite:") {
            Some(path) => (open_sqlite(Path::new(path)).await?, path.to_owned(), None),
            None => open_postgres(url).await?,
        };
        let last_id = Arc::new(AtomicI64::new(0));
        Ok(Self { pool, place: place.into(), last_id, looks: Arc::default(), alone })
    }

    /// Brings it to the present schema, or as far as `wanted` says.
    pub(super) async fn migrate(&self, wanted: impl Fn(i64) -> bool) -> Result<()> {
        let known = MIGRATIONS.last().map_or(0, |m| m.0);
        let migrator = Migrator::with_migrations(
            MIGRATIONS
                .iter()
                .filter(|m| wanted(m.0))
                .map(|&(version, name, sql)| {
                    Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
                })
                .collect(),
        );
        let outcome = match &self.pool {
            Pool::Sqlite { write, .. } => migrator.run(write.pool()).await,
            Pool::Postgres(pool) => migrator.run(pool).await,
        };
        let open = |reason: String| StoreError::Open { place: self.place.to_string(), reason };
        match outcome {
            Ok(()) => Ok(()),
            Err(MigrateError::VersionMissing(found)) => {
                Err(StoreError::Newer { place: self.place.to_string(), found, known })
            }
            Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
                Err(open(format!("its schema could not be brought up to date: {error}")))
            }
            Err(error) => Err(open(error.to_string())),
        }
    }

    /// Looks for damage in a SQLite file, before a daemon sends anything by what stands in it. What is damaged stays where
    /// it is: a start that made an empty database in its place would lose every reader. PostgreSQL looks by itself.
    pub async fn check_whole(&self) -> Result<()> {
        let Pool::Sqlite { read, .. } = &self.pool else { return Ok(()) };
        let fail = |reason: &str| StoreError::Open { place: self.place.to_string(), reason: damaged(reason) };
        let size: i64 = sqlx::query_scalar("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            .fetch_one(read)
            .await
            .map_err(|e| fail(&e.to_string()))?;
        if size > CHECKED_BYTES {
            tracing::info!(bytes = size, "the database is too large to be looked through at each start");
            return Ok(());
        }
        let found: std::result::Result<String, _> = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(read).await;
        match found {
            Ok(found) if found == "ok" => Ok(()),
            Ok(found) => Err(fail(&found)),
            Err(error) => Err(fail(&error.to_string())),
        }
    }

    /// Closes the database, when nothing uses it any more: SQLite then puts what is in its log into the file, which
    /// would be left to the next start. Gives up soon: nothing is lost without it.
    pub async fn close(&self) {
        let close = async {
            match &self.pool {
                Pool::Sqlite { read, write } => {
                    read.close().await;
                    write.close().await;
                }
                Pool::Postgres(pool) => {
                    if let Some(alone) = &self.alone {
                        alone.close().await;
                    }
                    pool.close().await;
                }
            }
        };
        if tokio::time::timeout(CLOSING, close).await.is_err() {
            tracing::debug!("the database was not closed in time");
        }
    }

    /// Whether the database answers, and takes what is written where it did not once: also more than the little that
    /// is tried.
    pub async fn ping(&self) -> Result<()> {
        self.row("SELECT value FROM counters WHERE name = 'revision'", vec![]).await?;
        if let Pool::Sqlite { write, .. } = &self.pool
            && let Some(why) = write.trouble()
        {
            let sql = "UPDATE counters SET value = value WHERE name = 'revision'";
            self.run(sql, vec![]).await.map_err(|_| StoreError::NotCommitted(why.clone()))?;
            let file = write.pool().connect_options().get_filename().to_owned();
            if let Ok(Err(error)) = tokio::task::spawn_blocking(move || grow(&file)).await {
                let why = format!("{why}; its files cannot grow: {error}; is there a limit on them (`ulimit -f`)?");
                return Err(StoreError::NotCommitted(why));
            }
            write.well();
        }
        Ok(())
    }
}

/// Tries whether a file beside the database may become larger than it and its log by far. It takes no room.
fn grow(database: &Path) -> std::io::Result<()> {
    const FAR: u64 = 16 * 1024 * 1024;
    let length = |ending: &str| database.with_extension(ending).metadata().map_or(0, |file| file.len());
    let largest = database.metadata().map_or(0, |file| file.len()).max(length("db-wal"));
    let path = database.with_extension("probe");
    let tried = File::create(&path).and_then(|file| file.set_len(largest + FAR));
    // What is left behind is empty, and taken at the next time.
    let removed = std::fs::remove_file(&path);
    tried.and(removed)
}

/// Takes the lock of a daemon on a SQLite file, which need not be there.
pub fn lock_sqlite(database: &Path) -> Result<DaemonLock> {
    let path = database.with_extension("lock");
    let open = |e: std::io::Error| StoreError::Open {
        place: path.display().to_string(),
        reason: format!("{e}; the folder must be writable"),
    };
    let file = File::options().create(true).append(true).open(&path).map_err(open)?;
    match file.try_lock() {
        Ok(()) => Ok(DaemonLock { _file: Some(file) }),
        Err(TryLockError::WouldBlock) => Err(StoreError::Busy(database.to_owned())),
        Err(TryLockError::Error(e)) => Err(open(e)),
    }
}

async fn open_sqlite(path: &Path) -> Result<Pool> {
    let place = path.display().to_string();
    let fail = |reason: String| StoreError::Open { place: place.clone(), reason };
    make_folder(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What is recorded before a message is sent must survive a power cut.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10))
        .foreign_keys(true)
        .disable_statement_logging();
    let say = |e: sqlx::Error| fail(explain_sqlite(&e));
    // A connection to a file is not lost as one to a server may be: it is not tried before each use.
    let pool = || SqlitePoolOptions::new().test_before_acquire(false);
    // The writer keeps more pages at hand, and moves its log into the file in larger parts: each costs two waits for the
    // disk, and a page that was changed often meanwhile is moved once.
    let writer = options.clone().pragma("cache_size", "-4096").pragma("wal_autocheckpoint", "4000");
    let write = pool().max_connections(1).connect_with(writer).await.map_err(say)?;
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&write).await?;
    let numbers: Vec<u32> = version.split('.').filter_map(|n| n.parse().ok()).collect();
    if numbers.as_slice() < OLDEST_SQLITE.as_slice() {
        return Err(fail(format!("SQLite {version} can corrupt its log; bantin needs 3.51.3 or newer")));
    }
    let read = pool().max_connections(4).connect_with(options).await.map_err(say)?;
    Ok(Pool::Sqlite { read, write: Writer::new(write) })
}

/// The folder of a database, if it is not there.
fn make_folder(database: &Path) -> Result<()> {
    let Some(folder) = database.parent().filter(|f| !f.as_os_str().is_empty()) else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|e| StoreError::Open {
        place: database.display().to_string(),
        reason: format!("its folder {} could not be made: {e}", folder.display()),
    })
}

/// What is said of a damaged file.
fn damaged(found: &str) -> String {
    format!(
        "the file is damaged ({}); nothing is sent by it. Move it away with its -wal and -shm, keep them, and put a \
         backup in their place",
        found.lines().collect::<Vec<_>>().join(" ")
    )
}

pub(super) fn explain_sqlite(error: &sqlx::Error) -> String {
    let text = error.to_string();
    if text.contains("code: 26") {
        "it is not a SQLite database; move the file away or correct `[database] url`".into()
    } else if text.contains("code: 11") {
        damaged(&text)
    } else if text.contains("code: 14") {
        "the file cannot be opened; it and its folder must be readable and writable for this user".into()
    } else {
        text
    }
}

async fn open_postgres(url: &str) -> Result<(Pool, String, Option<Alone>)> {
    let fail = |place: String, reason: String| StoreError::Open { place, reason };
    let options = PgConnectOptions::from_str(url)
        .map_err(|e| fail("[database] url".into(), format!("{e}; write sqlite:PATH or postgres://USER@HOST/DATABASE")))?
        .application_name("bantin")
        .options([("statement_timeout", "30000"), ("idle_in_transaction_session_timeout", "60000")])
        .disable_statement_logging();
    let place = format!("{}:{}/{}", options.get_host(), options.get_port(), options.get_database().unwrap_or_default());
    let pool = PgPoolOptions::new()
        .max_connections(8)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options.clone())
        .await
        .map_err(|e| fail(place.clone(), format!("{e}; is the server running, and are user and password right?")))?;
    Ok((Pool::Postgres(pool), place, Some(Alone::new(options))))
}
