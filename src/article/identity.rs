//! Stable identity (promise 4): the keys by which an article is known again, and its public id.

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};
use url::Url;

use super::{Candidate, Reading, canonical, text};

/// The keys of a candidate: the canonical address, of which its public id is made, then the source's own id. The store
/// knows an article by any of them. The address comes first because every kind of source has it: the same article
/// gets the same id from a listing, a feed, a sitemap and an API. The source's id finds an article that moved.
pub fn keys(section_source: &Url, candidate: &Candidate) -> Vec<String> {
    let mut keys = Vec::with_capacity(2);
    keys.push(match file_key(section_source, &candidate.url) {
        Some(key) => key,
        None => canonical::key(&candidate.url),
    });
    if let Some(id) = candidate.native_id.as_deref().map(str::trim).filter(|id| !id.is_empty()) {
        // A guid is unique within its source only, unless it is itself an address or URI.
        let id = match Url::parse(id) {
            Ok(url) if url.has_host() => canonical::key(&url),
            Ok(_) => format!("id:{id}"),
            Err(_) => format!("id:{}:{id}", section_source.host_str().unwrap_or("file")),
        };
        if !keys.contains(&id) {
            keys.push(id);
        }
    }
    keys
}

/// The key of a file: its path from two folders above its source's folder on. What lies further up belongs to the
/// machine, and the same site checked out elsewhere makes the same ids again.
fn file_key(section_source: &Url, file: &Url) -> Option<String> {
    if section_source.scheme() != "file" || file.scheme() != "file" {
        return None;
    }
    let source = section_source.path();
    // A listing lies in its folder; a folder is its own.
    let folder = source.rfind('/').and_then(|end| source.get(..end))?;
    let is_page = source.get(folder.len()..).is_some_and(|name| name.contains('.'));
    let folder = if is_page { folder } else { source.trim_end_matches('/') };
    let kept: Vec<&str> = folder.rsplit('/').take(2).filter(|name| !name.is_empty()).collect();
    let top = folder.len().checked_sub(kept.iter().map(|name| name.len() + 1).sum())?;
    let below = folder.get(top..)?;
    let rest = file.path().strip_prefix(folder)?;
    Some(format!("file:{}{rest}", below.trim_start_matches('/')))
}

/// `tag:<authority>:<hash of the native key>` (RFC 4151): the same key makes the same id again after a
/// lost database.
pub fn public_id(authority: &str, native_key: &str) -> String {
    let hash = Sha256::digest(native_key.as_bytes());
    let name = BASE32_NOPAD.encode(&hash[..15]).to_lowercase();
    format!("tag:{authority}:{name}")
}

/// The fingerprint of what makes a revision: title, text (the lead is text) and lead picture. Formatting, tags
/// and dates do not make an edit.
pub fn content_hash(reading: &Reading) -> String {
    let mut hash = Sha256::new();
    hash.update(text::match_key(&reading.title).as_bytes());
    hash.update([0]);
    hash.update(text::match_key(reading.lead.as_deref().unwrap_or_default()).as_bytes());
    hash.update([0]);
    hash.update(text::match_key(&reading.text).as_bytes());
    hash.update([0]);
    if let Some(image) = &reading.image {
        hash.update(image.url.as_bytes());
    }
    BASE32_NOPAD.encode(&hash.finalize()[..15]).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_same_key_wherever_the_site_lies() {
        let key = |source: &str, file: &str| keys(&source.parse().unwrap(), &Candidate::of(file.parse().unwrap()));
        let expected = ["file:site/tin-tuc/bai-1.html"];
        assert_eq!(key("file:///a/b/site/tin-tuc/index.html", "file:///a/b/site/tin-tuc/bai-1.html"), expected);
        assert_eq!(key("file:///srv/site/tin-tuc/", "file:///srv/site/tin-tuc/bai-1.html"), expected);
        assert_eq!(key("file:///srv/site/tin-tuc", "file:///srv/site/tin-tuc/bai-1.html"), expected);
        assert_eq!(key("file:///index.html", "file:///bai.html"), ["file:/bai.html"]);
        assert_eq!(key("file:///srv/index.html", "file:///srv/x/bai.html"), ["file:srv/x/bai.html"]);
        assert_eq!(key("file:///srv/rss.xml", "https://example.vn/a"), ["url:example.vn/a"]);
    }
}
