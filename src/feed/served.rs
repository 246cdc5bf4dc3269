//! Bytes as they are served: identity, and gzip, brotli and zstd made when somebody first asks for them; each with its
//! strong ETag. What is asked for stays in memory as long as there is room ([`super::FeedSet`]); the rest is in files.

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use axum::body::Bytes;
use axum::http::HeaderValue;
use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

/// The kinds of feed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// RSS 2.0.
    Rss,
    /// Atom.
    Atom,
    /// JSON Feed.
    Json,
    /// OPML.
    Opml,
}

impl Kind {
    /// The three formats of a feed.
    pub const FORMATS: [Self; 3] = [Self::Rss, Self::Atom, Self::Json];

    /// The kind of a file by its name ("tin-tuc.rss").
    pub fn of(name: &str) -> Option<Self> {
        [Self::Rss, Self::Atom, Self::Json, Self::Opml]
            .into_iter()
            .find(|kind| name.rsplit_once('.').is_some_and(|(_, extension)| extension == kind.extension()))
    }

    /// The file name's end.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::Json => "json",
            Self::Opml => "opml",
        }
    }

    /// The media type without parameters, for links.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml",
            Self::Atom => "application/atom+xml",
            Self::Json => "application/feed+json",
            Self::Opml => "text/x-opml",
        }
    }

    /// The `Content-Type`. The charset is always named: some readers take XML without one for Latin-1.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
            Self::Opml => "text/x-opml; charset=utf-8",
        }
    }
}

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// As it is.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

impl Coding {
    /// The token of `Content-Encoding`.
    pub fn token(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
        }
    }

    /// What it adds to the ETag.
    fn suffix(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Gzip => "-gz",
            Self::Brotli => "-br",
            Self::Zstd => "-zst",
        }
    }
}

/// The header values that stay the same as long as the bytes do; made on first request.
#[derive(Debug)]
pub struct Lines {
    etags: [HeaderValue; 4],
    last_modified: HeaderValue,
    link: HeaderValue,
}

impl Lines {
    /// `ETag`.
    pub fn etag(&self, coding: Coding) -> &HeaderValue {
        self.etags.get(coding as usize).unwrap_or(&self.link)
    }

    /// `Last-Modified`.
    pub fn last_modified(&self) -> &HeaderValue {
        &self.last_modified
    }

    /// `Link`.
    pub fn link(&self) -> &HeaderValue {
        &self.link
    }
}

/// The codings, in the order of their numbers.
const CODINGS: [Coding; 4] = [Coding::Identity, Coding::Gzip, Coding::Brotli, Coding::Zstd];

/// A feed or file with everything a response needs. Its bytes are in memory or in its file; the validators always
/// are here, so that "not modified" needs neither. Small, because there are three for each section.
#[derive(Debug)]
pub struct Served {
    kind: Kind,
    /// No file has these bytes: they must stay in memory.
    pinned: bool,
    hash: Hash,
    modified: DateTime<Utc>,
    lines: OnceLock<Box<Lines>>,
    /// Bytes in memory, in each coding.
    held: Mutex<Option<Box<[Option<Bytes>; 4]>>>,
    /// When it was last asked for, on the set's own count.
    used: AtomicU64,
}

impl Served {
    /// Takes the identity bytes and the moment since when they are what they are; they stay in memory.
    pub fn new(kind: Kind, body: impl Into<Bytes>, modified: DateTime<Utc>) -> Self {
        let body = body.into();
        let served = Self { pinned: true, ..Self::in_file(kind, Hash::of(&body), modified) };
        served.hold(Coding::Identity, body);
        served
    }

    /// One whose bytes are in its file and are read when somebody asks.
    pub fn in_file(kind: Kind, hash: Hash, modified: DateTime<Utc>) -> Self {
        Self {
            kind,
            pinned: false,
            hash,
            modified,
            lines: OnceLock::new(),
            held: Mutex::new(None),
            used: AtomicU64::new(0),
        }
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The hash of the identity bytes.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The bytes in a coding, where they are in memory.
    pub fn held(&self, coding: Coding) -> Option<Bytes> {
        self.lock().as_ref()?.get(coding as usize)?.clone()
    }

    /// The bytes in a coding, made of the identity bytes; kept in memory.
    pub fn coded(&self, coding: Coding, identity: &Bytes) -> Bytes {
        let bytes = match coding {
            Coding::Identity => identity.clone(),
            Coding::Gzip => gzip(identity),
            Coding::Brotli => brotli(identity),
            Coding::Zstd => zstd(identity),
        };
        self.hold(coding, bytes.clone());
        bytes
    }

    /// Bytes it holds in memory.
    pub fn weight(&self) -> usize {
        self.lock().iter().flat_map(|held| held.iter()).flatten().map(Bytes::len).sum()
    }

    /// Lets go of the bytes that its file has too, and of the codings; how many bytes that were.
    pub fn let_go(&self) -> usize {
        let mut held = self.lock();
        let before: usize = held.iter().flat_map(|held| held.iter()).flatten().map(Bytes::len).sum();
        match held.as_mut() {
            Some(codings) if self.pinned => {
                let [identity, rest @ ..] = &mut **codings;
                for coding in rest {
                    *coding = None;
                }
                before - identity.as_ref().map_or(0, Bytes::len)
            }
            _ => {
                *held = None;
                before
            }
        }
    }

    /// Notes that it was asked for at `tick`.
    pub fn touch(&self, tick: u64) {
        self.used.store(tick, Ordering::Relaxed);
    }

    /// When it was last asked for; 0: never.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// The strong ETag of the bytes in a coding, with its quotes: the hash of the identity bytes and the coding's
    /// suffix, so it is the same after a restart and on every instance.
    pub fn etag(&self, coding: Coding) -> String {
        format!("\"{}{}\"", self.hash, coding.suffix())
    }

    /// Since when the bytes are what they are.
    pub fn modified(&self) -> DateTime<Utc> {
        self.modified
    }

    /// The header values; `link` is asked for what `Link` says when they are made.
    pub fn lines(&self, link: impl FnOnce() -> String) -> &Lines {
        let value = |text: String| HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
        self.lines.get_or_init(|| {
            let date = self.modified.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            let etags = CODINGS.map(|coding| value(self.etag(coding)));
            Box::new(Lines { etags, last_modified: value(date), link: value(link()) })
        })
    }

    fn hold(&self, coding: Coding, bytes: Bytes) {
        let mut held = self.lock();
        if let Some(slot) = held.get_or_insert_default().get_mut(coding as usize) {
            *slot = Some(bytes);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Box<[Option<Bytes>; 4]>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hash of identity bytes: what every ETag is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; 15]);

impl Hash {
    /// The hash of these bytes.
    pub fn of(body: &[u8]) -> Self {
        let digest = Sha256::digest(body);
        let mut hash = [0; 15];
        hash.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self(hash)
    }

    /// Reads what its `Display` wrote, with or without the quotes of an ETag.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE32_NOPAD.decode(text.trim_matches('"').to_uppercase().as_bytes()).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&BASE32_NOPAD.encode(&self.0).to_lowercase())
    }
}

fn gzip(body: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    // Writing to memory does not fail; if it did, an empty body would be worse than none.
    match encoder.write_all(body).and_then(|()| encoder.finish()) {
        Ok(bytes) => bytes.into_boxed_slice().into(),
        Err(_) => Bytes::new(),
    }
}

fn brotli(body: &[u8]) -> Bytes {
    let mut out = Vec::new();
    // Quality 5 packs as well as gzip's best in twice the time; 11 would take forty times as long.
    let mut writer = brotli::CompressorWriter::new(&mut out, 64 * 1024, 5, 22);
    let written = writer.write_all(body);
    drop(writer);
    if written.is_ok() { out.into_boxed_slice().into() } else { Bytes::new() }
}

fn zstd(body: &[u8]) -> Bytes {
    // Level 12 packs a feed a little better than gzip's best, in about its time.
    match zstd::bulk::compress(body, 12) {
        Ok(bytes) => bytes.into_boxed_slice().into(),
        Err(_) => Bytes::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn codings_unpack_to_the_identity_and_have_their_own_etags() {
        let body = Bytes::from("Đảng bộ ".repeat(500));
        let served = Served::new(Kind::Rss, body.clone(), DateTime::UNIX_EPOCH);
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&*served.coded(Coding::Gzip, &body)).read_to_end(&mut plain).unwrap();
        assert_eq!(&plain, &body);
        plain.clear();
        brotli::Decompressor::new(&*served.coded(Coding::Brotli, &body), 4096).read_to_end(&mut plain).unwrap();
        assert_eq!(&plain, &body);
        assert!(served.held(Coding::Gzip).is_some(), "kept");
        assert_eq!(served.weight() - served.let_go(), body.len(), "what no file has stays");
        assert!(served.held(Coding::Gzip).is_none() && served.held(Coding::Identity).is_some());
        let hash = served.hash();
        assert_eq!(served.etag(Coding::Gzip), format!("\"{hash}-gz\""));
        assert_eq!(Hash::parse(&served.etag(Coding::Identity)), Some(served.hash()));
        assert_eq!(zstd::decode_all(&*served.coded(Coding::Zstd, &body)).unwrap(), body);
        let lines = served.lines(|| "<https://a.vn/>; rel=\"self\"".to_owned());
        assert_eq!(lines.last_modified(), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(lines.etag(Coding::Zstd), &format!("\"{hash}-zst\""));
    }

    #[test]
    fn the_etag_is_of_the_bytes_alone() {
        let first = Served::new(Kind::Rss, "a", DateTime::UNIX_EPOCH);
        let second = Served::new(Kind::Rss, "a", DateTime::UNIX_EPOCH + chrono::Duration::days(1));
        assert_eq!(first.etag(Coding::Identity), second.etag(Coding::Identity));
        assert_ne!(
            first.etag(Coding::Identity),
            Served::new(Kind::Rss, "b", DateTime::UNIX_EPOCH).etag(Coding::Identity)
        );
    }
}
