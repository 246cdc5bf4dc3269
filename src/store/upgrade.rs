//! Before a migration changes an existing SQLite file, the file is copied beside itself; a bounded number of such copies
//! is kept. On PostgreSQL backups are the server's: it is told in the log that a migration begins.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sqlx::AssertSqlSafe;

use super::sql::Pool;
use super::{Result, Store, StoreError};
use crate::clock::Clock;

/// How many copies are kept.
const KEPT: usize = 3;

/// The versions of the migrations that a database has; none for an empty one.
pub(super) async fn applied(pool: &Pool) -> Result<BTreeSet<i64>> {
    let (there, all) = match pool {
        Pool::Sqlite { .. } => (
            "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'",
            "SELECT version FROM _sqlx_migrations WHERE success",
        ),
        Pool::Postgres(_) => (
            "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = '_sqlx_migrations'",
            "SELECT version FROM _sqlx_migrations WHERE success",
        ),
    };
    let versions: Vec<i64> = match pool {
        Pool::Sqlite { read, .. } => {
            if sqlx::query_scalar::<_, i64>(there).fetch_one(read).await? == 0 {
                return Ok(BTreeSet::new());
            }
            sqlx::query_scalar(all).fetch_all(read).await?
        }
        Pool::Postgres(pool) => {
            if sqlx::query_scalar::<_, i64>(there).fetch_one(pool).await? == 0 {
                return Ok(BTreeSet::new());
            }
            sqlx::query_scalar(all).fetch_all(pool).await?
        }
    };
    Ok(versions.into_iter().collect())
}

impl Store {
    /// Copies the database when `known` migrations would change it.
    pub(super) async fn copy_before_migrating(&self, known: &[i64]) -> Result<()> {
        let applied = applied(&self.pool).await?;
        let newest = applied.last().copied().unwrap_or_default();
        let is_new = applied.is_empty();
        if is_new || known.iter().all(|version| applied.contains(version)) || applied.iter().any(|v| !known.contains(v))
        {
            return Ok(());
        }
        let Pool::Sqlite { read, .. } = &self.pool else {
            tracing::info!(from = newest, "the database is brought to the schema of this version");
            return Ok(());
        };
        let file = PathBuf::from(self.place());
        let now = Clock::System.now().format("%Y%m%dT%H%M%SZ");
        let copy = beside(&file, &format!("before-{}-{now}", env!("CARGO_PKG_VERSION")));
        let scratch = beside(&file, &format!("copying-{}", std::process::id()));
        let made = vacuum_into(read, &scratch).await.map_err(|error| error.to_string()).and_then(|()| {
            std::fs::File::open(&scratch).and_then(|file| file.sync_all()).map_err(|error| error.to_string())?;
            std::fs::rename(&scratch, &copy).map_err(|error| error.to_string())
        });
        if let Err(reason) = made {
            let _ = std::fs::remove_file(&scratch); // half a copy helps nobody
            return Err(StoreError::Open {
                place: self.place().to_owned(),
                reason: format!(
                    "it has to be brought to the schema of this version, and could not be copied before: {reason}; its \
                     folder must be writable and have room for the file once more"
                ),
            });
        }
        tracing::info!(copy = %copy.display(), "the database was copied before its schema is brought up to date");
        prune(&file);
        Ok(())
    }
}

/// Writes all that a database holds at one moment into a new file; who writes meanwhile is not kept waiting.
pub(super) async fn vacuum_into(pool: &sqlx::SqlitePool, to: &Path) -> Result<()> {
    let text = to.to_str().ok_or_else(|| StoreError::Value(format!("the name of {} is not UTF-8", to.display())))?;
    let sql = format!("VACUUM INTO '{}'", text.replace('\'', "''"));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await?;
    Ok(())
}

/// `bantin.db` → `bantin.MARK.db`.
pub(super) fn beside(file: &Path, mark: &str) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let extension = file.extension().map(|e| format!(".{}", e.to_string_lossy())).unwrap_or_default();
    file.with_file_name(format!("{stem}.{mark}{extension}"))
}

/// The copies made before migrations, the oldest first.
pub fn copies(file: &Path) -> Vec<PathBuf> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let start = format!("{stem}.before-");
    let named = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start));
    let mut found: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(named).collect();
    // By the time at the end of the name: a version's number does not sort as text.
    let time = |path: &PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        name.rsplit('-').next().unwrap_or_default().to_owned()
    };
    found.sort_by_key(|path| (time(path), path.clone()));
    found
}

fn prune(file: &Path) {
    let copies = copies(file);
    for old in &copies[..copies.len().saturating_sub(KEPT)] {
        if let Err(error) = std::fs::remove_file(old) {
            tracing::warn!(copy = %old.display(), %error, "an old copy of the database could not be removed");
        }
    }
}
