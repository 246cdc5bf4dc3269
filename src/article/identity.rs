//! Stable identity (promise 4): the keys by which an article is known again, and its public id.

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};
use url::Url;

use super::{Candidate, Reading, canonical, text};

/// The keys of a candidate, strongest first: the source's own id, then the canonical address.
/// The store knows an article by any of them.
pub fn keys(section_source: &Url, candidate: &Candidate) -> Vec<String> {
    let mut keys = Vec::with_capacity(2);
    if let Some(id) = candidate.native_id.as_deref().map(str::trim).filter(|id| !id.is_empty()) {
        // A guid is unique within its source only, unless it is itself an address or URI.
        match Url::parse(id) {
            Ok(url) if url.has_host() => keys.push(canonical::key(&url)),
            Ok(_) => keys.push(format!("id:{id}")),
            Err(_) => keys.push(format!("id:{}:{id}", section_source.host_str().unwrap_or("file"))),
        }
    }
    let address = canonical::key(&candidate.url);
    if !keys.contains(&address) {
        keys.push(address);
    }
    keys
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
