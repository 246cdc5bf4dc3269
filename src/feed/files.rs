//! Feeds on disk: the same bytes as over HTTP, replaced atomically, so that a web server or CDN can carry them and
//! bantin can serve them before it has looked at anything. `manifest.json`, written last, says what they belong to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::lifecycle::fault;

/// The manifest's file name. No section may be called `manifest`, whose JSON feed would take the name.
pub const MANIFEST: &str = "manifest.json";

/// A scratch file as old as this is nobody's any more.
const LEFTOVER: Duration = Duration::from_mins(10);

/// What the files of a folder belong to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Manifest {
    /// The authority of the ids in them.
    pub authority: String,
    /// The store's revision they show at least: a store older than this was lost or restored.
    pub revision: i64,
    /// What the files were made by and of, apart from the store: where nothing of it changed since and the store
    /// stands at `revision`, they need not be made again.
    #[serde(default)]
    pub made: String,
    /// File name → ETag of the identity bytes.
    pub files: BTreeMap<String, String>,
    /// Slugs of sections that were served once and are configured no more: they answer 410.
    #[serde(default)]
    pub gone: BTreeSet<String>,
}

/// Reads the manifest of a folder; `None` when there is none that can be read.
pub fn manifest(folder: &Path) -> Option<Manifest> {
    serde_json::from_slice(&std::fs::read(folder.join(MANIFEST)).ok()?).ok()
}

/// Reads one file with the moment of its last change.
pub fn read(folder: &Path, name: &str) -> Option<(Vec<u8>, DateTime<Utc>)> {
    let path = folder.join(name);
    let modified = std::fs::metadata(&path).ok()?.modified().ok()?;
    Some((std::fs::read(&path).ok()?, modified.into()))
}

/// Whether a file is there, and the moment of its last change.
pub fn modified(folder: &Path, name: &str) -> Option<DateTime<Utc>> {
    Some(std::fs::metadata(folder.join(name)).ok()?.modified().ok()?.into())
}

/// Replaces one file; see [`write_all`].
pub async fn write(folder: &Path, name: &str, bytes: Bytes) -> io::Result<DateTime<Utc>> {
    let mut outcomes = write_all(folder, vec![(name.to_owned(), bytes)]).await;
    outcomes.pop().unwrap_or_else(|| Err(io::Error::other("nothing was written")))
}

/// Replaces files by renames, so that a reader sees the old bytes or the new ones, also after a power cut. Answers
/// the moment of change of each, in the order given. The folder itself is synchronised once for all.
pub async fn write_all(folder: &Path, files: Vec<(String, Bytes)>) -> Vec<io::Result<DateTime<Utc>>> {
    let scratch = |name: &str| format!(".{name}.{}.new", std::process::id());
    let moves: Vec<(String, String)> = files.iter().map(|(name, _)| (scratch(name), name.clone())).collect();
    let root = folder.to_owned();
    let written = tokio::task::spawn_blocking(move || {
        files.into_iter().map(|(name, bytes)| write_one(&root, &scratch(&name), &bytes)).collect::<Vec<_>>()
    })
    .await;
    fault("feed.written").await;
    let failed = |error: &dyn std::fmt::Display| Err(io::Error::other(error.to_string()));
    let mut outcomes = match written {
        Ok(outcomes) => outcomes,
        Err(error) => return moves.iter().map(|_| failed(&error)).collect(),
    };
    let root = folder.to_owned();
    let renamed = tokio::task::spawn_blocking(move || {
        for ((scratch, name), outcome) in moves.iter().zip(&mut outcomes) {
            if outcome.is_err() {
                let _ = std::fs::remove_file(root.join(scratch)); // half a file helps nobody
            } else if let Err(error) = std::fs::rename(root.join(scratch), root.join(name)) {
                *outcome = Err(error);
            }
        }
        let synced = std::fs::File::open(&root).and_then(|folder| folder.sync_all());
        if let Err(error) = synced {
            for outcome in &mut outcomes {
                *outcome = failed(&error);
            }
        }
        outcomes
    })
    .await;
    renamed.unwrap_or_default()
}

fn write_one(folder: &Path, scratch: &str, bytes: &[u8]) -> io::Result<DateTime<Utc>> {
    std::fs::create_dir_all(folder)?;
    let mut file = std::fs::File::create(folder.join(scratch))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(file.metadata()?.modified()?.into())
}

/// Removes files that are served no more, and what a kill left behind between writing and renaming.
pub fn remove(folder: &Path, names: &[String]) {
    for name in names {
        let _ = std::fs::remove_file(folder.join(name)); // it may be gone already
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(is_leftover) {
        let _ = std::fs::remove_file(entry.path());
    }
}

/// A scratch file that no process can be working on any more.
fn is_leftover(entry: &std::fs::DirEntry) -> bool {
    let name = entry.file_name();
    let ours = name.to_str().and_then(|name| name.strip_prefix('.')?.strip_suffix(".new")).is_some();
    let age = entry.metadata().and_then(|data| data.modified()).ok().and_then(|at| at.elapsed().ok());
    ours && age.is_some_and(|age| age > LEFTOVER)
}

/// Where a file stands, for messages.
pub(super) fn place(folder: &Path, name: &str) -> PathBuf {
    folder.join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_replaced_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a.rss", Bytes::from_static(b"one")).await.unwrap();
        let modified = write(folder.path(), "a.rss", Bytes::from_static(b"two")).await.unwrap();
        assert_eq!(read(folder.path(), "a.rss"), Some((b"two".to_vec(), modified)));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        assert!(write(&file, "a.rss", Bytes::new()).await.is_err());
    }

    #[test]
    fn a_broken_manifest_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(manifest(folder.path()), None);
        std::fs::write(folder.path().join(MANIFEST), "{").unwrap();
        assert_eq!(manifest(folder.path()), None);
    }
}
