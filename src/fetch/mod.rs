//! The only door to the outside for reading: polite, guarded, bounded. Hands on a [`Document`] whose bytes
//! are decoded from their transfer coding and no larger than allowed, or says that nothing changed.
//!
//! [`guard`] refuses private addresses, `robots` what a site forbids, `polite` spaces requests to one host and leaves
//! it alone when it asks for that, `http` follows redirects hop by hop with one of the `clients`, `wire` is one exchange,
//! `file` reads what lies under a root, `charset` makes text of bytes, and [`bound`] is the pass that precedes every HTML parser.

pub mod bound;
mod charset;
mod clients;
mod file;
pub mod guard;
mod http;
mod memory;
pub mod outgoing;
mod polite;
mod robots;
mod room;
mod size;
mod trouble;
mod wire;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::clock::Clock;
use crate::config::{self, Proxy, Section};

pub use charset::decode;
pub use file::{FOLDER, media_type as media_type_of};
pub use memory::{Forgetful, Memory, Release, Remembered};
pub use robots::Rules as Robots;
pub use room::{LARGE, Room};
pub use size::Size;

/// Largest picture: what Telegram takes as a photo.
pub const MAX_PICTURE_BYTES: usize = 10 * 1024 * 1024;

/// What makes a repeated request cheap: sent as `If-None-Match` and `If-Modified-Since`. For files and
/// folders the etag is made of sizes and times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag` as received.
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
    /// From so many bytes on the answer waits for room in memory: [`LARGE`], or less for what takes long to read.
    pub large: usize,
}

/// What the answer is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// A page or feed.
    Text,
    /// A picture, up to Telegram's 10 MB.
    Picture,
    /// A robots.txt, of which only the beginning is read.
    Robots,
}

/// What came back.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "lives only until it is taken apart")]
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
    /// `inode/directory`, its bytes one `file:` address of an article file a line, the last changed first.
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
    /// The room its bytes take in memory, given back with it.
    pub room: Room,
}

impl Document {
    /// The text: charset by byte-order mark, transport, `<meta>` or XML declaration, else UTF-8 when it is
    /// valid and windows-1258 or windows-1252 when it is not.
    pub fn text(&self) -> String {
        charset::decode(&self.bytes, self.charset.as_deref())
    }
}

/// Why nothing could be read. Every message says what happened and what to do.
#[derive(Debug, Clone, thiserror::Error)]
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
    /// The host asked to be left alone, or could not be reached a moment ago: it was not asked now.
    #[error("{url} is not asked before {}: {reason}", until.format("%H:%M:%S UTC"))]
    Resting {
        /// The address.
        url: String,
        /// Until when.
        until: DateTime<Utc>,
        /// Why.
        reason: String,
    },
    /// One redirect after another.
    #[error("{url} could not be reached: it redirects more than {limit} times, last to {last}")]
    Redirects {
        /// The address.
        url: String,
        /// The limit.
        limit: usize,
        /// The last one.
        last: String,
    },
    /// A file or folder is not there.
    #[error("{path} is not there; check the path in `url`")]
    Missing {
        /// The path.
        path: String,
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
        matches!(self, Self::Status { status: 404 | 410, .. } | Self::Missing { .. })
    }
}

/// The client: one for the whole daemon; clones share it.
#[derive(Debug, Clone)]
pub struct Fetcher {
    inner: Arc<Inner>,
    manners: Manners,
}

/// How a site is asked.
#[derive(Debug, Clone)]
struct Manners {
    /// Whether robots.txt is obeyed.
    robots: bool,
    /// The pause between two requests, where it is not that of `[fetch]`.
    interval: Option<Duration>,
    /// The way there.
    proxy: Proxy,
}

impl Manners {
    fn is_through_proxy(&self) -> bool {
        self.proxy != Proxy::Off
    }
}

/// What the clones of a [`Fetcher`] share.
#[derive(Debug)]
struct Inner {
    /// The HTTP clients, or why there are none (the TLS library refused to start).
    clients: Result<clients::Clients, String>,
    names: Arc<dyn guard::Names>,
    polite: polite::Polite,
    rooms: room::Rooms,
    memory: Arc<dyn Memory>,
    config: config::Fetch,
    clock: Clock,
}

impl Fetcher {
    /// Builds the client from `[fetch]`.
    pub fn new(config: &config::Fetch, clock: Clock) -> Self {
        Self::with(config, clock, Arc::new(Forgetful), Arc::new(guard::SystemNames))
    }

    /// The same with a memory of hosts that outlives the process, and a resolver.
    pub fn with(config: &config::Fetch, clock: Clock, memory: Arc<dyn Memory>, names: Arc<dyn guard::Names>) -> Self {
        let inner = Inner {
            clients: clients::Clients::new(config.contact.as_deref(), Arc::clone(&names)),
            names,
            polite: polite::Polite::default(),
            rooms: room::Rooms::default(),
            memory,
            config: config.clone(),
            clock,
        };
        let manners = inner.manners(config.own_site, None);
        Self { inner: Arc::new(inner), manners }
    }

    /// The same client with the manners of a section: `own_site`, `proxy`.
    #[must_use]
    pub fn of(&self, section: &Section) -> Self {
        let own_site = section.own_site || self.inner.config.own_site;
        Self { inner: Arc::clone(&self.inner), manners: self.inner.manners(own_site, section.proxy.as_ref()) }
    }

    /// The same client for a person who asks for one address by a command: that is no robot, and robots.txt is not
    /// asked.
    #[must_use]
    pub fn by_hand(&self) -> Self {
        let manners = Manners { robots: false, ..self.manners.clone() };
        Self { inner: Arc::clone(&self.inner), manners }
    }

    /// Reads one address; redirects are followed here, each hop checked.
    pub async fn get(&self, request: &Request<'_>) -> Result<Fetched, FetchError> {
        match request.url.scheme() {
            "http" | "https" => http::get(&self.inner, &self.manners, request).await,
            "file" => file::get(request, self.inner.limit(request.want)).await,
            other => Err(FetchError::Refused {
                url: clients::shown(request.url),
                reason: format!("`{other}:` is none of http:, https: and file:"),
            }),
        }
    }
}

impl Inner {
    /// The most bytes an answer may have.
    fn limit(&self, want: Want) -> usize {
        match want {
            Want::Text => self.config.max_bytes,
            Want::Picture => MAX_PICTURE_BYTES,
            Want::Robots => robots::MAX_BYTES,
        }
    }

    /// The manners towards one's own site, or towards others.
    fn manners(&self, own_site: bool, proxy: Option<&Proxy>) -> Manners {
        Manners {
            robots: !own_site,
            interval: own_site.then_some(Duration::ZERO),
            proxy: proxy.unwrap_or(&self.config.proxy).clone(),
        }
    }

    /// The client for these manners.
    fn client(&self, manners: &Manners, open: bool) -> Result<clients::Way, String> {
        let clients = self.clients.as_ref().map_err(Clone::clone)?;
        match &manners.proxy {
            Proxy::Off => Ok(clients.direct(open)),
            Proxy::Through { url, tls } => clients.through(url, *tls),
        }
    }
}

/// The hash by which the same bytes are known again.
fn body_hash(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    data_encoding::HEXLOWER.encode(hash.get(..16).unwrap_or(&hash))
}

#[cfg(test)]
mod tests;
