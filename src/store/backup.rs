//! Backups: one SQLite file with all that the store knows at one moment, whichever engine it is on, made while the daemon
//! works; and what a restored store is told, so that it sends nothing that was sent since.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};

use super::sql::{Pool, args};
use super::upgrade::{applied, beside, vacuum_into};
use super::{HoldKind, Result, Store, StoreError, Told};

/// The fact of a copy that says what it is.
const NOTE: &str = "copy";
/// Why what was queued is not sent by itself after a restore.
const MAYBE_SENT: &str = "it may have been sent after the copy was made";

/// What a copy says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyNote {
    /// The version of bantin that made it.
    pub version: String,
    /// When (Unix milliseconds).
    pub made_at: i64,
    /// "sqlite" or "postgres".
    pub engine: String,
    /// Slugs that were served once and answer 410.
    #[serde(default)]
    pub gone: Vec<String>,
}

/// What a restored store does not send by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Quieted {
    /// Messages that were queued: `uncertain` now.
    pub deliveries: u64,
    /// Subscriptions that begin at the head again.
    pub subscriptions: u64,
    /// Articles that waited to be let out: held now.
    pub held: u64,
}

/// Copies the store at `url` into the new file `to`, which is complete or not there. The daemon may be at work.
pub async fn backup(url: &str, to: &Path, note: &CopyNote) -> Result<()> {
    let scratch = scratch(to);
    let made = copy_into(url, &scratch, note).await;
    let made = match made {
        Ok(()) => put_in_place(&scratch, to).map_err(|error| failed(to, &error)),
        Err(error) => Err(error),
    };
    if made.is_err() {
        for end in ["", "-wal", "-shm", "-journal"] {
            let _ = std::fs::remove_file(format!("{}{end}", scratch.display())); // half a copy helps nobody
        }
    }
    made
}

fn scratch(to: &Path) -> PathBuf {
    let name = to.file_name().unwrap_or_default().to_string_lossy().into_owned();
    to.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

fn failed(to: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Open { place: to.display().to_string(), reason: format!("the copy could not be written: {error}") }
}

/// The name is given to the whole file only, and never taken from another.
fn put_in_place(scratch: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::File::open(scratch)?.sync_all()?;
    std::fs::hard_link(scratch, to).or_else(|error| {
        // Some file systems have no links.
        if to.exists() { Err(error) } else { std::fs::rename(scratch, to) }
    })?;
    let _ = std::fs::remove_file(scratch); // the other name of the same file
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}

async fn copy_into(url: &str, scratch: &Path, note: &CopyNote) -> Result<()> {
    if let Some(path) = url.strip_prefix("sqlite:")
        && !Path::new(path).exists()
    {
        return Err(StoreError::Open { place: path.to_owned(), reason: "there is no such file yet".to_owned() });
    }
    let store = Store::connect(url).await?;
    let outcome = async {
        match &store.pool {
            Pool::Sqlite { read, .. } => vacuum_into(read, scratch).await,
            Pool::Postgres(_) => {
                let has = applied(&store.pool).await?;
                let target = Store::connect(&format!("sqlite:{}", scratch.display())).await?;
                target.migrate(|version| has.contains(&version)).await?;
                store.copy_to(&target, |_, _| {}).await?;
                target.close().await;
                Ok(())
            }
        }
    }
    .await;
    store.close().await;
    outcome?;
    // One file with nothing beside it.
    let mut file =
        SqliteConnectOptions::new().filename(scratch).journal_mode(SqliteJournalMode::Delete).connect().await?;
    let sql = "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    sqlx::query(sql).bind(NOTE).bind(serde_json::to_string(note)?).execute(&mut file).await?;
    sqlx::Connection::close(file).await?;
    Ok(())
}

/// Puts a SQLite file, with what stands beside it, aside under a name of its own; where to, if there was one.
pub fn aside(file: &Path, mark: &str) -> std::io::Result<Option<PathBuf>> {
    if !file.exists() {
        return Ok(None);
    }
    // Two of one second do not take each other's name.
    let free =
        |n: u32| beside(file, &format!("replaced-{mark}{}", if n == 0 { String::new() } else { format!("-{n}") }));
    let to = (0..1_000).map(free).find(|name| !name.exists()).unwrap_or_else(|| free(0));
    for end in ["-wal", "-shm", ""] {
        let (from, to) = (format!("{}{end}", file.display()), format!("{}{end}", to.display()));
        match std::fs::rename(from, to) {
            Err(error) if end.is_empty() || error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(Some(to))
}

/// Whether a file is a whole copy of a store, and what it says of itself; a database file as it is has no note.
pub async fn check_copy(file: &Path) -> Result<Option<CopyNote>> {
    let fail = |reason: String| StoreError::Open { place: file.display().to_string(), reason };
    let mut connection = SqliteConnectOptions::new()
        .filename(file)
        .read_only(true)
        .connect()
        .await
        .map_err(|error| fail(format!("it cannot be read as a copy: {error}")))?;
    let sound: String = sqlx::query_scalar("PRAGMA quick_check")
        .fetch_one(&mut connection)
        .await
        .map_err(|_| fail("it is no copy made by `bantin backup`: not a SQLite database".to_owned()))?;
    if sound != "ok" {
        return Err(fail(format!("it is damaged ({sound}); use another copy")));
    }
    let note: Option<String> = sqlx::query_scalar("SELECT value FROM meta WHERE key = $1")
        .bind(NOTE)
        .fetch_optional(&mut connection)
        .await
        .map_err(|_| fail("it is a SQLite database, but not one of bantin's".to_owned()))?;
    sqlx::Connection::close(connection).await?;
    Ok(note.and_then(|text| serde_json::from_str(&text).ok()))
}

impl Store {
    /// Opens a copy for reading all of it: brought to the present schema, without its note.
    pub async fn open_copy(file: &Path) -> Result<Self> {
        let store = Self::connect(&format!("sqlite:{}", file.display())).await?;
        store.migrate(|_| true).await?;
        store.run("DELETE FROM meta WHERE key = $1", args![NOTE]).await?;
        Ok(store)
    }

    /// Tells a restored store that others may have worked since the copy was made: what was queued waits for an admin,
    /// who follows at once begins at the head, and so do the digests (cadence and timetable) whose time has passed. The
    /// next look at each section is a first one, and feeds are made anew above `revision`.
    pub async fn quieten(&self, passed: &[(&'static str, i64)], revision: i64, now_ms: i64) -> Result<Quieted> {
        let since = self.last_seen().await?;
        let mut quieted = Quieted::default();
        let mut tx = self.begin().await?;
        let sql = "UPDATE deliveries SET state = 'uncertain', reason = $1, owner = '', settled_at = $2
                   WHERE state IN ('pending', 'retry', 'sending')";
        quieted.deliveries = tx.run(sql, args![MAYBE_SENT, now_ms]).await?;
        let head = Self::head(&mut tx).await?;
        let sql =
            "UPDATE subscriptions SET cursor = $1 WHERE active AND cursor < $1 AND cadence NOT IN ('daily', 'weekly')";
        quieted.subscriptions = tx.run(sql, args![head]).await?;
        for &(cadence, time) in passed {
            let sql = "UPDATE subscriptions SET cursor = $1 WHERE active AND cursor < $1 AND cadence = $2
                         AND target_id IN (SELECT id FROM subscribers WHERE time_id = $3)";
            quieted.subscriptions += tx.run(sql, args![head, cadence, time]).await?;
        }
        let waiting = tx.rows("SELECT DISTINCT section_id FROM releases WHERE state = 'waiting'", vec![]).await?;
        tx.commit().await?;
        for row in waiting {
            let section = row.int(0)?;
            let hold = self.hold(section, HoldKind::Restored, &Told::new("hold-restored", &[]), now_ms).await?;
            let sql = "UPDATE releases SET state = 'held', hold_id = $2 WHERE section_id = $1 AND state = 'waiting'";
            quieted.held += self.run(sql, args![section, hold]).await?;
            self.hold_is_whole(hold, now_ms).await?;
        }
        self.unseed_all(since).await?;
        self.raise_revision(revision + 1).await?;
        Ok(quieted)
    }
}
