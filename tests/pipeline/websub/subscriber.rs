//! A WebSub subscriber in the test's own process, which shares no code with bantin: it subscribes as the standard
//! says, confirms what it asked for and nothing else, checks signature, links and type of what it gets, and misbehaves
//! on order. Each path is a callback of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// How a callback behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Confirms, and takes what comes.
    Good,
    /// Answers the confirmation with something else.
    Wrong,
    /// Answers 404 to the confirmation.
    Denies,
    /// Confirms, and answers this to what comes.
    Answers(u16),
}

/// What came to a callback.
#[derive(Debug, Clone)]
pub struct Got {
    /// Path of the callback.
    pub callback: String,
    /// GET of a confirmation or refusal: its parameters, the callback's own among them. POST: none.
    pub asked: Vec<(String, String)>,
    /// POST: the body.
    pub body: String,
    /// POST: the headers.
    pub headers: HeaderMap,
    /// When.
    pub at: Instant,
}

impl Got {
    /// A parameter of a confirmation.
    pub fn asked(&self, name: &str) -> &str {
        self.asked.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// A header.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// Whether the signature is that of the body under a secret.
    pub fn is_signed_by(&self, secret: &str) -> bool {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()).expect("a key");
        mac.update(self.body.as_bytes());
        self.header("x-hub-signature")
            == format!("sha256={}", data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()))
    }
}

#[derive(Default)]
struct Inner {
    manners: HashMap<String, Manner>,
    got: Vec<Got>,
}

/// The subscriber; it serves until the test ends.
#[derive(Clone)]
pub struct Subscriber {
    url: String,
    inner: Arc<Mutex<Inner>>,
}

impl Subscriber {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let subscriber = Self { url, inner: Arc::default() };
        let router = Router::new().fallback(take).with_state(subscriber.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        subscriber
    }

    /// The address of a callback.
    pub fn callback(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// How a callback behaves from now on.
    pub fn manner(&self, path: &str, manner: Manner) {
        self.inner.lock().expect("the state").manners.insert(path.to_owned(), manner);
    }

    /// Subscribes a callback by the hub that the feed itself names; the hub's status.
    pub async fn ask(&self, topic: &str, callback: &str, more: &[(&str, &str)]) -> u16 {
        let client = crate::harness::client();
        let feed = client.get(topic).send().await.expect("the feed");
        let links = feed.headers()["link"].to_str().expect("text").to_owned();
        let hub = links.split(", ").find_map(|link| link.strip_suffix(">; rel=\"hub\"")?.strip_prefix('<'));
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("hub.topic", topic).append_pair("hub.callback", &self.callback(callback));
        if !more.iter().any(|(name, _)| *name == "hub.mode") {
            form.append_pair("hub.mode", "subscribe");
        }
        form.extend_pairs(more);
        let request = client.post(hub.expect("a hub")).header("content-type", "application/x-www-form-urlencoded");
        request.body(form.finish()).send().await.expect("the hub answers").status().as_u16()
    }

    /// What came to a callback so far: confirmations and feeds.
    pub fn got(&self, path: &str) -> Vec<Got> {
        self.inner.lock().expect("the state").got.iter().filter(|got| got.callback == path).cloned().collect()
    }

    /// The feeds that came to a callback so far.
    pub fn feeds(&self, path: &str) -> Vec<Got> {
        self.got(path).into_iter().filter(|got| !got.body.is_empty()).collect()
    }

    /// Waits until so many requests came to a callback.
    pub async fn wait(&self, path: &str, count: usize) -> Vec<Got> {
        crate::harness::until(&format!("{count} requests to {path}"), async || {
            Some(self.got(path)).filter(|got| got.len() >= count)
        })
        .await
    }

    /// Waits until a feed with a piece of text came to a callback.
    pub async fn feed_with(&self, path: &str, piece: &str) -> Got {
        crate::harness::until(&format!("{piece:?} at {path}"), async || {
            self.feeds(path).into_iter().find(|got| got.body.contains(piece))
        })
        .await
    }
}

async fn take(State(own): State<Subscriber>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let mut inner = own.inner.lock().expect("the state");
    let path = uri.path().to_owned();
    let manner = inner.manners.get(&path).copied().unwrap_or(Manner::Good);
    let asked: Vec<(String, String)> =
        url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let body = String::from_utf8(body.to_vec()).expect("UTF-8");
    let got = Got { callback: path, asked, body, headers, at: Instant::now() };
    let challenge = got.asked("hub.challenge").to_owned();
    inner.got.push(got);
    match (method, manner) {
        (Method::GET, Manner::Denies) => StatusCode::NOT_FOUND.into_response(),
        (Method::GET, Manner::Wrong) => format!("{challenge}!").into_response(),
        (Method::GET, _) => challenge.into_response(),
        (_, Manner::Answers(status)) => StatusCode::from_u16(status).expect("a status").into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}
