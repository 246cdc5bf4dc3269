//! Bytes as they are served: identity, and gzip and brotli made at most once, when somebody first asks for them;
//! each with its strong ETag. Header values are made here, not at every request.

use std::io::Write as _;
use std::sync::OnceLock;

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
}

impl Coding {
    /// The token of `Content-Encoding`.
    pub fn token(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// A feed or file in memory with everything a response needs.
#[derive(Debug)]
pub struct Served {
    kind: Kind,
    body: Bytes,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
    etags: [String; 3],
    modified: DateTime<Utc>,
    last_modified: HeaderValue,
}

impl Served {
    /// Takes the identity bytes and the moment since when they are what they are.
    pub fn new(kind: Kind, body: impl Into<Bytes>, modified: DateTime<Utc>) -> Self {
        let body = body.into();
        let hash = hash(&body);
        let date = modified.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        Self {
            kind,
            body,
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
            etags: [format!("\"{hash}\""), format!("\"{hash}-gz\""), format!("\"{hash}-br\"")],
            modified,
            last_modified: HeaderValue::from_str(&date).unwrap_or_else(|_| HeaderValue::from_static("")),
        }
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The identity bytes.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The bytes in a coding; made once.
    pub fn coded(&self, coding: Coding) -> Bytes {
        match coding {
            Coding::Identity => self.body.clone(),
            Coding::Gzip => self.gzip.get_or_init(|| gzip(&self.body)).clone(),
            Coding::Brotli => self.brotli.get_or_init(|| brotli(&self.body)).clone(),
        }
    }

    /// The strong ETag of the bytes in a coding, with its quotes: the hash of the identity bytes and the coding's
    /// suffix, so it is the same after a restart and on every instance.
    pub fn etag(&self, coding: Coding) -> &str {
        let [identity, gzip, brotli] = &self.etags;
        match coding {
            Coding::Identity => identity,
            Coding::Gzip => gzip,
            Coding::Brotli => brotli,
        }
    }

    /// Since when the bytes are what they are.
    pub fn modified(&self) -> DateTime<Utc> {
        self.modified
    }

    /// The `Last-Modified` header.
    pub fn last_modified(&self) -> HeaderValue {
        self.last_modified.clone()
    }
}

/// The hash of identity bytes: what every ETag is made of.
fn hash(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    BASE32_NOPAD.encode(digest.get(..15).unwrap_or_default()).to_lowercase()
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

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn codings_unpack_to_the_identity_and_have_their_own_etags() {
        let served = Served::new(Kind::Rss, "Đảng bộ ".repeat(500), DateTime::UNIX_EPOCH);
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&*served.coded(Coding::Gzip)).read_to_end(&mut plain).unwrap();
        assert_eq!(&plain, served.body());
        plain.clear();
        brotli::Decompressor::new(&*served.coded(Coding::Brotli), 4096).read_to_end(&mut plain).unwrap();
        assert_eq!(&plain, served.body());
        assert!(served.coded(Coding::Gzip).as_ptr() == served.coded(Coding::Gzip).as_ptr(), "made once");
        let hash = served.etag(Coding::Identity).trim_matches('"');
        assert_eq!(served.etag(Coding::Gzip), format!("\"{hash}-gz\""));
        assert_eq!(served.last_modified(), "Thu, 01 Jan 1970 00:00:00 GMT");
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
