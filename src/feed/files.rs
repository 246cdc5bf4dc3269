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

/// Replaces a file by a rename, so that a reader sees the old bytes or the new ones, also after a power cut. Answers
/// the moment of its change.
pub async fn write(folder: &Path, name: &str, bytes: Bytes) -> io::Result<DateTime<Utc>> {
    let scratch = folder.join(format!(".{name}.{}.new", std::process::id()));
    let (path, folder) = (folder.join(name), folder.to_owned());
    let written = blocking({
        let (scratch, folder) = (scratch.clone(), folder.clone());
        move || {
            std::fs::create_dir_all(&folder)?;
            let mut file = std::fs::File::create(&scratch)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            file.metadata()?.modified()
        }
    })
    .await;
    fault("feed.written").await;
    match written {
        Ok(modified) => {
            blocking(move || {
                std::fs::rename(&scratch, &path)?;
                std::fs::File::open(&folder)?.sync_all()
            })
            .await?;
            Ok(modified.into())
        }
        Err(error) => {
            let _ = std::fs::remove_file(&scratch); // half a file helps nobody
            Err(error)
        }
    }
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

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
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
