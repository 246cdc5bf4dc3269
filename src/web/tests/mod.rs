//! The router driven in process, over a real store and rendered feeds.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use tower::ServiceExt as _;

use super::Web;
use crate::clock::Clock;
use crate::config::{Config, Email, OnUncertain};
use crate::feed::FeedSet;
use crate::feed::tests::{article, at, config, hostile, publish, store};
use crate::lifecycle::Health;
use crate::schedule::Plan;
use crate::store::Store;
use crate::subscriber::Tokens;
use crate::telemetry::Metrics;
use crate::templates::Templates;

mod feeds;
mod live;
mod locales;
mod pages;
mod push;
mod subscription;

/// bantin's web part with two sections and two articles, at a standing clock.
pub(super) struct Site {
    pub router: Router,
    pub door: super::Door,
    pub feeds: Arc<FeedSet>,
    pub store: Store,
    pub clock: Clock,
    pub tokens: Tokens,
    pub health: Arc<Health>,
    _folder: tempfile::TempDir,
}

/// An answer, read whole.
pub(super) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Site {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A site whose configuration `change` has touched.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config();
        config.feeds.directory = folder.path().join("feeds");
        config.email = Some(Email {
            from: "Bản tin <bantin@example.vn>".parse().unwrap(),
            smtp: Vec::new(),
            daily: Plan::parse("0 7 * * *").unwrap(),
            weekly: Plan::parse("0 7 * * 1").unwrap(),
            on_uncertain: OnUncertain::AtLeastOnce,
            dkim: crate::config::Dkim::None,
            domains: Vec::new(),
            bounces: None,
        });
        change(&mut config);
        let store = store(folder.path(), &config).await;
        if config.sections.contains_key("tin-tuc") {
            publish(&store, "tin-tuc", "a", &article()).await;
            publish(&store, "tin-tuc", "b", &hostile()).await;
        }
        let feeds = FeedSet::load(&config);
        feeds.refresh(&store, &config).await.unwrap();
        let feeds = Arc::new(feeds);
        let (clock, tokens) = (Clock::manual(at("2026-07-10T00:00:00Z")), Tokens::new("a key"));
        let health = Arc::new(Health::default());
        let web = Web {
            config: Arc::new(config),
            store: store.clone(),
            feeds: feeds.clone(),
            templates: Arc::new(Templates::load(None).unwrap()),
            metrics: Arc::new(Metrics::new()),
            health: health.clone(),
            clock: clock.clone(),
            tokens: tokens.clone(),
            push_bell: Arc::default(),
            hub: None,
            limits: Arc::default(),
        };
        let door = web.door();
        Self { router: door.router.clone(), door, feeds, store, clock, tokens, health, _folder: folder }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        Answer { status: parts.status, headers: parts.headers, body: to_bytes(body, usize::MAX).await.unwrap() }
    }

    pub async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body.to_owned())).unwrap();
        let peer: SocketAddr = "192.0.2.7:4711".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        self.send(request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], "").await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, path, headers, "").await
    }

    pub async fn post(&self, path: &str, body: &str) -> Answer {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.ask(Method::POST, path, &kind, body).await
    }
}
