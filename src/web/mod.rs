//! What bantin serves: feeds, pages, the subscription flow, health and metrics. Feeds come from memory and wait for
//! nothing (promise 7); pages ask the store. Every link is made of `base_url`; the Host header is never read.
//!
//! GET and HEAD change nothing anywhere: what acts is a POST, so that a mail scanner that follows links cannot.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequestParts};
use axum::http::header::{ACCEPT_LANGUAGE, FORWARDED};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post};
use tower::ServiceExt as _;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use crate::clock::Clock;
use crate::config::{Config, Language};
use crate::feed::FeedSet;
use crate::lifecycle::Health;
use crate::store::Store;
use crate::subscriber::Tokens;
use crate::telemetry::Metrics;
use crate::templates::Templates;

mod bounces;
mod chart;
mod conditional;
mod feeds;
mod form;
mod health;
mod hub;
mod limits;
mod negotiate;
mod pages;
mod pollers;
mod push;
mod reader;
mod reply;
mod rights;
mod serve;
mod status;
mod subscribe;
mod teaser;
mod views;

#[cfg(test)]
mod tests;

pub use limits::Limits;
pub use serve::{Routes, serve};

/// Longest body of a request.
const BODY_LIMIT: usize = 64 * 1024;
/// Longest time for an answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Everything the web part needs.
#[derive(Debug, Clone)]
pub struct Web {
    /// The configuration.
    pub config: Arc<Config>,
    /// The store.
    pub store: Store,
    /// The feeds.
    pub feeds: Arc<FeedSet>,
    /// The templates of pages.
    pub templates: Arc<Templates>,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// What the parts say of themselves.
    pub health: Arc<Health>,
    /// Where the time comes from.
    pub clock: Clock,
    /// What signs the links in mails.
    pub tokens: Tokens,
    /// Rung when a CMS pushed something.
    pub push_bell: Arc<tokio::sync::Notify>,
    /// How often a network may do what costs others something; it outlives a change of the configuration.
    pub limits: Arc<Limits>,
    /// Our own WebSub hub, where there is one.
    pub hub: Option<Arc<crate::feed::websub::Hub>>,
}

/// The web part while it serves: the parts, and what it remembers between requests.
#[derive(Debug)]
struct App {
    web: Web,
    /// The path of `base_url`, ending with `/`.
    root: String,
    style: reply::Style,
    numbers: status::Numbers,
    codes: chart::Codes,
}

/// The way in: feeds that are in memory at once, everything else by the router.
#[derive(Debug, Clone)]
pub struct Door {
    app: Shared,
    router: Router,
}

impl Door {
    /// Answers a request of a peer.
    async fn answer(&self, mut request: axum::http::Request<hyper::body::Incoming>, peer: SocketAddr) -> Response {
        let trusted = &self.app.web.config.server.trusted_proxies;
        let ip = || client(request.headers(), peer.ip().to_canonical(), trusted);
        if let Some(response) = feeds::quick(&self.app, request.method(), request.uri(), request.headers(), ip) {
            return response;
        }
        request.extensions_mut().insert(ConnectInfo(peer));
        self.router.clone().oneshot(request).await.into_response()
    }
}

type Shared = Arc<App>;

impl Web {
    /// The router. Everything stands below the path of `base_url`, and without it too, for proxies that strip the
    /// path and for probes.
    pub fn router(self) -> Router {
        self.door().router
    }

    /// The router, and the short way before it.
    pub fn door(self) -> Door {
        let root = self.config.base_url.path().to_owned();
        let prefix = root.trim_end_matches('/').to_owned();
        let style = reply::Style::render(&self.templates, &root);
        let app: Shared = Arc::new(App {
            web: self,
            root,
            style,
            numbers: status::Numbers::default(),
            codes: chart::Codes::default(),
        });
        let table: [(&str, MethodRouter<Shared>); 18] = [
            ("/", get(pages::index)),
            ("/s/{slug}", get(pages::section)),
            ("/s/{slug}/{number}", get(views::article)),
            ("/digest/{name}", get(views::digest)),
            ("/feeds/{file}", get(feeds::feed)),
            ("/feeds.opml", get(feeds::opml)),
            ("/subscribe", get(subscribe::show).post(subscribe::act)),
            ("/confirm/{token}", get(reader::show_confirm).post(reader::confirm)),
            ("/unsubscribe/{token}", get(reader::show_unsubscribe).post(reader::unsubscribe)),
            ("/preferences/{token}", get(reader::show_preferences).post(reader::set_preferences)),
            ("/preferences/{token}/{act}", get(rights::show).post(rights::act)),
            ("/status", get(status::status).post(status::open)),
            ("/websub", get(hub::show).post(hub::ask)),
            ("/livez", get(health::livez)),
            ("/readyz", get(health::readyz)),
            ("/metrics", get(health::metrics)),
            ("/style.css", get(reply::style)),
            ("/favicon.ico", get(reply::no_icon)),
        ];
        let mut router = Router::new();
        for (path, method) in table {
            if !prefix.is_empty() {
                router = router.route(&format!("{prefix}{path}"), method.clone());
                if path == "/" {
                    router = router.route(&prefix, method.clone());
                }
            }
            router = router.route(path, method);
        }
        for at in ["", prefix.as_str()].into_iter().take(if prefix.is_empty() { 1 } else { 2 }) {
            let pushed = |method: MethodRouter<Shared>| method.layer(DefaultBodyLimit::max(push::BODY_LIMIT));
            router = router
                .route(&format!("{at}/api/articles"), pushed(post(push::article)))
                .route(&format!("{at}/api/bounces"), pushed(post(bounces::bounce)))
                .route(&format!("{at}/api/ping/{{slug}}"), pushed(post(push::ping)));
        }
        let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
        let router = router
            .fallback(reply::not_found)
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
            .layer(CatchPanicLayer::new())
            .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .layer(header(header::REFERRER_POLICY, "no-referrer"))
            .layer(header(header::CONTENT_SECURITY_POLICY, reply::POLICY))
            .with_state(app.clone());
        Door { app, router }
    }
}

/// Who asks, and in which language.
#[derive(Debug, Clone)]
struct Visitor {
    lang: Language,
    /// Whether `?lang=` chose it: then links within the pages keep it.
    chosen: bool,
    /// The client's address, behind trusted proxies the one they name.
    ip: IpAddr,
    /// A process of this machine, speaking to us without a proxy between.
    local: bool,
    /// Path and query below the root, without `lang`: what the language switch points to.
    here: String,
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        let config = &app.web.config;
        let asked = query(&parts.uri).find(|(name, _)| name == "lang").and_then(|(_, tag)| Language::from_tag(&tag));
        let accepted = || parts.headers.get(ACCEPT_LANGUAGE).and_then(|v| negotiate::language(v.to_str().ok()?));
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip().to_canonical());
        Ok(Self {
            lang: asked.or_else(accepted).unwrap_or(config.language),
            chosen: asked.is_some(),
            ip: client(&parts.headers, peer, &config.server.trusted_proxies),
            local: peer.is_loopback()
                && !parts.headers.contains_key("x-forwarded-for")
                && !parts.headers.contains_key(FORWARDED),
            here: here(&parts.uri, &app.root),
        })
    }
}

/// The query's pairs.
fn query(uri: &Uri) -> impl Iterator<Item = (String, String)> + '_ {
    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned()
}

/// Path and query below the root, without `lang`.
fn here(uri: &Uri, root: &str) -> String {
    let path = uri.path().strip_prefix(root).or_else(|| uri.path().strip_prefix('/')).unwrap_or_default();
    let rest: Vec<(String, String)> = query(uri).filter(|(name, _)| name != "lang").collect();
    if rest.is_empty() {
        return path.to_owned();
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(rest).finish();
    format!("{path}?{query}")
}

/// The client's address: the peer's, unless a trusted proxy names another. Read from the right, because everything
/// left of the first untrusted address is the client's own claim.
fn client(headers: &HeaderMap, peer: IpAddr, trusted: &[IpAddr]) -> IpAddr {
    if !trusted.contains(&peer) {
        return peer;
    }
    let lists = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let named: Vec<IpAddr> =
        lists.flat_map(|list| list.split(',')).filter_map(|part| part.trim().parse().ok()).collect();
    named.into_iter().map(|ip| ip.to_canonical()).rfind(|ip| !trusted.contains(ip)).unwrap_or(peer)
}
