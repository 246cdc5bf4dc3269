//! One exchange with a site, over HTTP/1.1 and connections of our own: what a server sends before its answer is bounded
//! too. (reqwest, which asks proxies, passes over interim answers (1xx) without end.) Bodies are decoded from gzip,
//! deflate or brotli a piece at a time, so that no piece grows beyond its limit unseen.

mod unpack;

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue, USER_AGENT};
use reqwest::{Method, StatusCode};
use tokio::sync::Notify;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tower::Service;
use url::Url;

use super::guard::Guarded;
use unpack::Unpacker;

/// Most interim answers (1xx) before the answer.
const MAX_INTERIM: usize = 16;
/// Most bytes of the head of an answer, and of one read.
const MAX_HEAD: usize = 128 * 1024;
/// How long a connection that is not needed stays open.
const IDLE: Duration = Duration::from_secs(90);

/// A client that connects directly; clones share its connections.
#[derive(Debug, Clone)]
pub struct Direct {
    client: Client<HttpsConnector<HttpConnector<Guarded>>, Full<Bytes>>,
    agent: HeaderValue,
}

/// Why there is no answer, or no more of it.
#[derive(Debug)]
pub struct Trouble {
    /// No connection came about.
    pub connect: bool,
    /// Something took longer than it may.
    pub timeout: bool,
    /// What happened, with its causes.
    pub error: Box<dyn Error + Send + Sync>,
}

impl Trouble {
    fn of(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { connect: false, timeout: false, error: error.into() }
    }
}

impl From<reqwest::Error> for Trouble {
    fn from(error: reqwest::Error) -> Self {
        let connect = error.is_connect() || error.is_builder();
        Self { connect, timeout: error.is_timeout(), error: error.without_url().into() }
    }
}

/// The server sends interim answers without end.
#[derive(Debug, thiserror::Error)]
#[error("it sends interim answers (1xx) in place of an answer, more than {MAX_INTERIM} of them")]
pub struct Interim;

/// An answer, its body not read yet.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    /// Without those of a coding that is undone here.
    pub headers: HeaderMap,
    /// The length it announces, where it is not coded.
    pub length: Option<u64>,
    /// How many pieces came so far, and how many bytes, still coded.
    pub pieces: usize,
    pub came: usize,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Direct(Box<Incoming>, Unpacker),
    Proxied(Box<reqwest::Response>),
}

impl Direct {
    /// A client whose connections lead where `guarded` lets them.
    ///
    /// # Errors
    /// The TLS library refused to start, or the agent is no header.
    pub fn new(guarded: Guarded, agent: &str, connect_timeout: Duration) -> Result<Self, String> {
        let failed = |error: &dyn Error| format!("the HTTP client could not be started: {error}");
        let agent = HeaderValue::from_str(agent).map_err(|error| failed(&error))?;
        let provider = Arc::new(ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = tls.map_err(|error| failed(&error))?.with_root_certificates(roots).with_no_client_auth();
        let mut http = HttpConnector::new_with_resolver(guarded);
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(connect_timeout));
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(1)
            .http1_max_buf_size(MAX_HEAD)
            .build(connector.wrap_connector(http));
        Ok(Self { client, agent })
    }

    /// Sends a request and waits for the head of its answer.
    ///
    /// # Errors
    /// No connection, no answer.
    pub async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Option<Bytes>,
    ) -> Result<Answer, Trouble> {
        let mut request = hyper::Request::new(Full::new(body.unwrap_or_default()));
        *request.uri_mut() = url.as_str().parse().map_err(|error| Trouble {
            connect: true,
            ..Trouble::of(format!("the address cannot be asked for: {error}"))
        })?;
        *request.method_mut() = method;
        *request.headers_mut() = headers;
        let headers = request.headers_mut();
        headers.entry(USER_AGENT).or_insert_with(|| self.agent.clone());
        headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("gzip, br, deflate"));
        let (seen, flooded) = (AtomicUsize::new(0), Arc::new(Notify::new()));
        let tell = Arc::clone(&flooded);
        hyper::ext::on_informational(&mut request, move |_| {
            if seen.fetch_add(1, Ordering::Relaxed) == MAX_INTERIM {
                tell.notify_one();
            }
        });
        let answer = tokio::select! {
            // Whoever is dropped closes the connection.
            () = flooded.notified() => return Err(Trouble::of(Interim)),
            answer = self.client.request(request) => answer,
        };
        let (head, body) =
            answer.map_err(|error| Trouble { connect: error.is_connect(), ..Trouble::of(error) })?.into_parts();
        let mut headers = head.headers;
        let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let coding = headers.get(CONTENT_ENCODING).and_then(|coding| coding.to_str().ok());
        let unpacker = Unpacker::of(coding);
        let length = if unpacker.is_plain() {
            length
        } else {
            headers.remove(CONTENT_ENCODING);
            headers.remove(CONTENT_LENGTH);
            None
        };
        Ok(Answer {
            status: head.status,
            headers,
            length,
            pieces: 0,
            came: 0,
            body: Body::Direct(Box::new(body), unpacker),
        })
    }
}

impl Answer {
    /// The answer that a proxy gave.
    pub fn proxied(answer: reqwest::Response) -> Self {
        let (status, headers, length) = (answer.status(), answer.headers().clone(), answer.content_length());
        Self { status, headers, length, pieces: 0, came: 0, body: Body::Proxied(Box::new(answer)) }
    }

    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// The connection broke, or the coding is damaged.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Trouble> {
        match &mut self.body {
            Body::Proxied(answer) => {
                self.pieces += 1;
                answer.chunk().await.map_err(Trouble::from)
            }
            Body::Direct(incoming, unpacker) => loop {
                if let Some(piece) = unpacker.next().map_err(Trouble::of)? {
                    return Ok(Some(piece));
                }
                self.pieces += 1;
                match incoming.frame().await {
                    Some(frame) => {
                        // Trailers say nothing of the page.
                        if let Ok(data) = frame.map_err(Trouble::of)?.into_data() {
                            self.came += data.len();
                            unpacker.feed(data);
                        }
                    }
                    // Nothing at all is no damaged coding.
                    None if self.pieces == 1 => return Ok(None),
                    None => return unpacker.finish().map_err(Trouble::of),
                }
                // What becomes nothing is counted by the caller too.
                if self.pieces.is_multiple_of(64) {
                    return Ok(Some(Bytes::new()));
                }
            },
        }
    }
}

/// Looks names up for connections, with the addresses that may be connected to alone.
impl Service<Name> for Guarded {
    type Response = std::vec::IntoIter<std::net::SocketAddr>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let guarded = self.clone();
        Box::pin(async move { guarded.addresses(name.as_str()).await.map(Vec::into_iter) })
    }
}
