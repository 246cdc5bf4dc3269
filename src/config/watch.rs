//! Notices that the files of a configuration changed, by looking at them now and then.
//!
//! It asks for the state of the path, not of the file that was open: a file that is written in place, replaced by a
//! rename, reached through a symlink that is turned, or mounted anew is seen alike, and no file system has to tell
//! anything. What has changed is taken when it rests: an editor that writes in two steps is not read in between.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use super::files;

/// How often the files are looked at. What changed is taken at the second look that finds it alike.
pub const EVERY: Duration = Duration::from_millis(400);

/// The files of one configuration, and what was last seen and taken of them.
#[derive(Debug)]
pub struct Watched {
    file: PathBuf,
    seen: Vec<Stamp>,
    restless: bool,
    taken: [u8; 32],
}

/// What tells that a file was touched without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    path: PathBuf,
    modified: Option<SystemTime>,
    length: u64,
    /// Number of the file: another after a rename or a turned symlink.
    inode: u64,
}

impl Watched {
    /// Watches the configuration in `file` from now on: as it stands it counts as taken.
    pub fn new(file: &Path) -> Self {
        Self { file: file.to_owned(), seen: stamps(file), restless: false, taken: content(file) }
    }

    /// Looks once; whether there is something new that has come to rest.
    pub fn changed(&mut self) -> bool {
        let now = stamps(&self.file);
        if now != self.seen {
            self.seen = now;
            self.restless = true;
            return false;
        }
        if !std::mem::take(&mut self.restless) {
            return false;
        }
        let content = content(&self.file);
        std::mem::replace(&mut self.taken, content) != content
    }

    /// Everything as it stands now counts as taken: it was just read for another reason.
    pub fn taken(&mut self) {
        *self = Self::new(&self.file);
    }
}

fn stamps(file: &Path) -> Vec<Stamp> {
    files::all(file).into_iter().map(stamp).collect()
}

fn stamp(path: PathBuf) -> Stamp {
    let found = std::fs::metadata(&path).ok();
    #[cfg(unix)]
    let inode = found.as_ref().map_or(0, std::os::unix::fs::MetadataExt::ino);
    #[cfg(not(unix))]
    let inode = 0;
    Stamp {
        path,
        modified: found.as_ref().and_then(|found| found.modified().ok()),
        length: found.as_ref().map_or(0, std::fs::Metadata::len),
        inode,
    }
}

fn content(file: &Path) -> [u8; 32] {
    let mut hash = Sha256::new();
    for path in files::all(file) {
        let bytes = std::fs::read(&path).unwrap_or_default();
        hash.update(path.as_os_str().as_encoded_bytes());
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(&bytes);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with a file, watched; the second look after a change is the one that tells.
    fn watched(text: &str) -> (tempfile::TempDir, PathBuf, Watched) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, text).unwrap();
        let watched = Watched::new(&file);
        (folder, file, watched)
    }

    #[test]
    fn what_rests_is_told_once() {
        let (_folder, file, mut watched) = watched("a = 1");
        assert!(!watched.changed() && !watched.changed(), "nothing happened");
        std::fs::write(&file, "a = 22").unwrap();
        assert!(!watched.changed(), "it may still be written");
        assert!(watched.changed());
        assert!(!watched.changed() && !watched.changed(), "told once");
    }

    #[test]
    fn a_file_half_written_is_waited_for() {
        let (_folder, file, mut watched) = watched("a = 1");
        std::fs::write(&file, "a =").unwrap();
        assert!(!watched.changed());
        std::fs::write(&file, "a = 23").unwrap();
        assert!(!watched.changed(), "it moved again");
        assert!(watched.changed());
    }

    #[test]
    fn what_is_touched_but_the_same_is_no_change() {
        let (_folder, file, mut watched) = watched("a = 1");
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, "a = 1").unwrap();
        assert!(!watched.changed() && !watched.changed());
    }

    #[test]
    fn a_rename_over_it_and_a_removal_are_seen() {
        let (folder, file, mut watched) = watched("a = 1");
        std::fs::write(folder.path().join("new"), "a = 9").unwrap();
        std::fs::rename(folder.path().join("new"), &file).unwrap();
        assert!(!watched.changed());
        assert!(watched.changed());
        std::fs::remove_file(&file).unwrap();
        assert!(!watched.changed());
        assert!(watched.changed());
    }

    #[cfg(unix)]
    #[test]
    fn a_symlink_that_is_turned_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (name, text) in [("one", "a = 1"), ("two", "a = 2")] {
            std::fs::create_dir(at(name)).unwrap();
            std::fs::write(at(name).join("config.toml"), text).unwrap();
        }
        // As Kubernetes does it: the file is a link into a folder that is a link itself.
        std::os::unix::fs::symlink("one", at("data")).unwrap();
        std::os::unix::fs::symlink("data/config.toml", at("config.toml")).unwrap();
        let mut watched = Watched::new(&at("config.toml"));
        std::os::unix::fs::symlink("two", at("next")).unwrap();
        std::fs::rename(at("next"), at("data")).unwrap();
        assert!(!watched.changed());
        assert!(watched.changed());
    }

    #[test]
    fn files_of_sections_come_and_go() {
        let (folder, _file, mut watched) = watched("a = 1");
        let more = folder.path().join("sections.d");
        std::fs::create_dir(&more).unwrap();
        std::fs::write(more.join("news.toml"), "").unwrap();
        assert!(!watched.changed());
        assert!(watched.changed());
        std::fs::write(more.join("README"), "not a section").unwrap();
        assert!(!watched.changed() && !watched.changed(), "only .toml files count");
        std::fs::remove_file(more.join("news.toml")).unwrap();
        assert!(!watched.changed());
        assert!(watched.changed());
    }
}
