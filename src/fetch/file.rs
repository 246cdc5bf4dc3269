//! `file:` addresses: a file, or a folder as a list of its article files. Only what lies under the root that the
//! configuration names is read; links that lead out of it are refused.

use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use url::Url;

use super::{Document, FetchError, Fetched, Request, Validators, Want, body_hash};

/// What a folder lists: files that hold an article.
const ARTICLE_FILES: &[&str] = &["html", "htm", "md", "markdown", "txt"];
/// The media type of a folder.
pub const FOLDER: &str = "inode/directory";

/// Reads a file or folder on the blocking pool.
pub async fn get(request: &Request<'_>, limit: usize) -> Result<Fetched, FetchError> {
    let url = request.url.clone();
    let known = request.validators.cloned();
    let (root, want) = (request.root.clone(), request.want);
    let path = url.to_file_path().unwrap_or_default().display().to_string();
    tokio::task::spawn_blocking(move || read(&url, known.as_ref(), root.as_deref(), want, limit))
        .await
        .unwrap_or_else(|error| Err(FetchError::File { path, reason: error.to_string() }))
}

fn read(
    url: &Url,
    known: Option<&Validators>,
    root: Option<&Path>,
    want: Want,
    limit: usize,
) -> Result<Fetched, FetchError> {
    let refused = |reason: &str| FetchError::Refused { url: url.to_string(), reason: reason.to_owned() };
    let asked = url.to_file_path().map_err(|()| refused("it is no path on this machine"))?;
    let root = root.ok_or_else(|| refused("files are read only for a section whose `url` is a file: address"))?;
    let root = root.canonicalize().map_err(|error| trouble(root, &error))?;
    let path = asked.canonicalize().map_err(|error| trouble(&asked, &error))?;
    if !path.starts_with(&root) {
        return Err(refused(&format!("it lies outside {}", root.display())));
    }
    let about = fs::metadata(&path).map_err(|error| trouble(&path, &error))?;
    let (etag, changed) = (etag(&about), changed(&about));
    let unchanged = |etag: &str| known.is_some_and(|known| known.etag.as_deref() == Some(etag));
    let document = |media_type: String, bytes: Vec<u8>, etag: String| {
        let validators = Validators { etag: Some(etag), last_modified: None, body_hash: Some(body_hash(&bytes)) };
        let date = changed.map(DateTime::<Utc>::from);
        Document {
            url: url.clone(),
            media_type,
            charset: None,
            bytes,
            validators,
            date,
            moved: false,
            room: super::Room::default(),
        }
    };
    if about.is_dir() {
        let (listing, etag) = folder(&path, &root).map_err(|error| trouble(&path, &error))?;
        if unchanged(&etag) {
            return Ok(Fetched::NotModified);
        }
        return Ok(Fetched::Document(document(FOLDER.to_owned(), listing.into_bytes(), etag)));
    }
    let media_type = media_type(&path);
    if !about.is_file() {
        return Err(refused("it is neither a file nor a folder"));
    }
    if want == Want::Picture && !media_type.starts_with("image/") {
        return Err(refused(&format!("it is {media_type}, not a picture")));
    }
    if unchanged(&etag) {
        return Ok(Fetched::NotModified);
    }
    let mut bytes = Vec::new();
    let opened = File::open(&path).map_err(|error| trouble(&path, &error))?;
    opened.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| trouble(&path, &error))?;
    if bytes.len() > limit {
        return Err(FetchError::TooLarge { url: url.to_string(), limit });
    }
    let document = document(media_type.to_owned(), bytes, etag);
    // Touched, but the same.
    if known.is_some_and(|known| known.body_hash.is_some() && known.body_hash == document.validators.body_hash) {
        return Ok(Fetched::NotModified);
    }
    Ok(Fetched::Document(document))
}

/// The article files of a folder, one address a line, the last changed first (then the greatest name, which is
/// the newest where names begin with a date), and an etag over names, sizes and times.
fn folder(path: &Path, root: &Path) -> std::io::Result<(String, String)> {
    let mut files: Vec<(u64, String, PathBuf, String)> = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let listed = entry.path();
        if name.starts_with('.') || !ARTICLE_FILES.contains(&extension(&listed).as_str()) {
            continue;
        }
        // A file that vanished meanwhile or leads out of the root is none of ours.
        let Ok(target) = listed.canonicalize() else { continue };
        let Ok(about) = fs::metadata(&target) else { continue };
        if target.starts_with(root) && about.is_file() {
            let seconds = changed(&about).map_or(0, |at| since_epoch(at).as_secs());
            files.push((seconds, name, listed, etag(&about)));
        }
    }
    files.sort_by(|a, b| (b.0, &b.1).cmp(&(a.0, &a.1)));
    let stamp: Vec<String> = files.iter().map(|(_, name, _, etag)| format!("{name}\n{etag}")).collect();
    let addresses: Vec<String> =
        files.iter().filter_map(|(_, _, path, _)| Url::from_file_path(path).ok()).map(String::from).collect();
    Ok((addresses.join("\n"), body_hash(stamp.join("\n").as_bytes())))
}

/// Size and time of change.
fn etag(about: &Metadata) -> String {
    format!("{}-{}", about.len(), changed(about).map_or(0, |at| since_epoch(at).as_nanos()))
}

fn changed(about: &Metadata) -> Option<SystemTime> {
    about.modified().ok()
}

fn since_epoch(at: SystemTime) -> std::time::Duration {
    at.duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}

/// The media type by the name's extension.
pub fn media_type(path: &Path) -> &'static str {
    match extension(path).as_str() {
        "html" | "htm" => "text/html",
        "xhtml" => "application/xhtml+xml",
        "md" | "markdown" => "text/markdown",
        "txt" => "text/plain",
        "xml" => "application/xml",
        "rss" => "application/rss+xml",
        "atom" => "application/atom+xml",
        "json" => "application/json",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "avif" => "image/avif",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

fn trouble(path: &Path, error: &std::io::Error) -> FetchError {
    let path = path.display().to_string();
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => FetchError::Missing { path },
        ErrorKind::PermissionDenied => {
            FetchError::File { path, reason: "this user may not read it; change its owner or mode".to_owned() }
        }
        _ => FetchError::File { path, reason: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &Path, root: &Path, known: Option<&Validators>) -> Result<Fetched, FetchError> {
        read(&Url::from_file_path(path).unwrap(), known, Some(root), Want::Text, 1000)
    }

    fn document(path: &Path, root: &Path) -> Document {
        match get(path, root, None).unwrap() {
            Fetched::Document(document) => document,
            Fetched::NotModified => panic!("nothing was known of it"),
        }
    }

    fn write(path: &Path, text: &str, seconds: u64) {
        fs::write(path, text).unwrap();
        File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_modified(UNIX_EPOCH + std::time::Duration::from_secs(seconds))
            .unwrap();
    }

    #[test]
    fn a_folder_lists_its_article_files_newest_first() {
        let dir = tempfile::tempdir().unwrap();
        for (name, at) in
            [("b.md", 50), ("a.html", 50), ("old.txt", 10), ("new.HTM", 90), (".hidden.md", 99), ("x.css", 99)]
        {
            write(&dir.path().join(name), name, at);
        }
        let folder = document(dir.path(), dir.path());
        let names: Vec<_> = std::str::from_utf8(&folder.bytes)
            .unwrap()
            .lines()
            .map(|l| l.rsplit('/').next().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["new.HTM", "b.md", "a.html", "old.txt"]);
        assert_eq!(folder.media_type, FOLDER);
        assert!(matches!(get(dir.path(), dir.path(), Some(&folder.validators)), Ok(Fetched::NotModified)));
        write(&dir.path().join("old.txt"), "changed since", 10);
        assert!(matches!(get(dir.path(), dir.path(), Some(&folder.validators)), Ok(Fetched::Document(_))));
    }

    #[test]
    fn a_file_is_read_once_and_its_etag_is_size_and_time() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.md");
        write(&file, "# Tin", 50);
        let first = document(&file, dir.path());
        assert_eq!((first.media_type.as_str(), first.text().as_str()), ("text/markdown", "# Tin"));
        assert_eq!(first.date.unwrap().timestamp(), 50);
        write(&file, "# Tin", 60);
        assert!(matches!(get(&file, dir.path(), Some(&first.validators)), Ok(Fetched::NotModified)), "same bytes");
        write(&file, &"x".repeat(1001), 70);
        assert!(matches!(get(&file, dir.path(), None), Err(FetchError::TooLarge { .. })));
        fs::remove_file(&file).unwrap();
        assert!(get(&file, dir.path(), None).unwrap_err().is_gone());
    }

    #[test]
    fn nothing_outside_the_root_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let (inside, outside) = (dir.path().join("in"), dir.path().join("out"));
        fs::create_dir(&inside).unwrap();
        fs::create_dir(&outside).unwrap();
        write(&outside.join("secret.md"), "secret", 1);
        write(&inside.join("own.md"), "own", 1);
        #[cfg(unix)]
        std::os::unix::fs::symlink(outside.join("secret.md"), inside.join("link.md")).unwrap();
        for path in
            [outside.join("secret.md"), inside.join("../out/secret.md"), inside.join("link.md"), outside.clone()]
        {
            assert!(matches!(get(&path, &inside, None), Err(FetchError::Refused { .. })), "{}", path.display());
        }
        let listing = String::from_utf8(document(&inside, &inside).bytes).unwrap();
        assert!(listing.contains("own.md") && !listing.contains("link.md"), "{listing}");
        let url = Url::from_file_path(inside.join("own.md")).unwrap();
        assert!(matches!(read(&url, None, None, Want::Text, 10), Err(FetchError::Refused { .. })), "no root, no file");
    }
}
