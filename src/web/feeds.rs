//! Feeds over HTTP: 200, 304, 301 for a former slug, 410 for a removed section, 429 for who asks too often; never 226.
//! What is in memory is answered by [`quick`], before the router; the rest comes from the feed's file, or, for a feed
//! with a query (`?tag=`, `?q=`, `?limit=`), is made for who asks.

use std::net::IpAddr;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, CONTENT_ENCODING,
    CONTENT_TYPE, ETAG, LAST_MODIFIED, LINK, LOCATION, RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::{App, Shared, Visitor, conditional, negotiate};
use crate::feed::{Coding, Filter, Kind, Lines, Served, TooMuch};

/// Readers may keep a feed for a minute, and longer while bantin is away.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=60, stale-if-error=86400");

/// The short way: a feed that is in memory, or not modified. `None`: the router answers.
pub(super) fn quick(
    app: &App,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    ip: impl FnOnce() -> IpAddr,
) -> Option<Response> {
    if (method != Method::GET && method != Method::HEAD) || uri.query().is_some() {
        return None;
    }
    let path = uri.path();
    let file = path.strip_prefix(app.root.as_str()).or_else(|| path.strip_prefix('/'))?.strip_prefix("feeds/")?;
    let served = app.web.feeds.get(file)?;
    let coding = coding(headers);
    let lines = served.lines(|| app.web.feeds.link(file));
    let fresh = conditional::is_fresh(headers, lines.etag(coding), served.modified());
    let bytes = if fresh { None } else { Some(app.web.feeds.held(&served, coding)?) };
    let response = match app.web.limits.pollers.take(ip(), file, !fresh, app.web.clock.now_ms()) {
        Err(seconds) => too_often(seconds),
        Ok(()) => match bytes {
            None => not_modified(&served, coding, lines),
            Some(bytes) => whole(&served, coding, lines, bytes),
        },
    };
    app.web.metrics.feed_request(response.status().as_u16());
    Some(response)
}

/// `GET /feeds/<slug>.<rss|atom|json>`.
pub(super) async fn feed(
    State(app): State<Shared>,
    Path(file): Path<String>,
    visitor: Visitor,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let response = match uri.query().map(Filter::read) {
        Some(Err(fault)) => said(StatusCode::BAD_REQUEST, fault),
        Some(Ok(Some(filter))) => filtered(&app, &file, &filter, &visitor, &headers).await,
        Some(Ok(None)) | None => answer(&app, &file, &headers, visitor.ip).await,
    };
    app.web.metrics.feed_request(response.status().as_u16());
    response
}

/// `GET /feeds.opml`.
pub(super) async fn opml(State(app): State<Shared>, visitor: Visitor, headers: HeaderMap) -> Response {
    answer(&app, "feeds.opml", &headers, visitor.ip).await
}

async fn answer(app: &App, file: &str, headers: &HeaderMap, ip: IpAddr) -> Response {
    let config = &app.web.config;
    if let Some(served) = app.web.feeds.get(file) {
        let coding = coding(headers);
        let lines = served.lines(|| app.web.feeds.link(file));
        let fresh = conditional::is_fresh(headers, lines.etag(coding), served.modified());
        if let Err(seconds) = app.web.limits.pollers.take(ip, file, !fresh, app.web.clock.now_ms()) {
            return too_often(seconds);
        }
        if fresh {
            return not_modified(&served, coding, lines);
        }
        // The file may hold newer bytes than were known: what was opened tells its own validators.
        if let Some((served, bytes)) = app.web.feeds.open(file, coding).await {
            return whole(&served, coding, served.lines(|| app.web.feeds.link(file)), bytes);
        }
    }
    let Some((slug, kind)) = file.rsplit_once('.').and_then(|(slug, _)| Some((slug, Kind::of(file)?))) else {
        return plain(StatusCode::NOT_FOUND, "there is no such feed\n");
    };
    if let Some(response) = moved(app, slug, kind, "") {
        return response;
    }
    if config.sections.contains_key(slug) || slug == "all" || file == "feeds.opml" {
        // Configured, but not rendered yet: the daemon has just begun.
        return ([(RETRY_AFTER, "5")], plain(StatusCode::SERVICE_UNAVAILABLE, "not ready yet\n")).into_response();
    }
    plain(StatusCode::NOT_FOUND, "there is no such feed\n")
}

/// A former slug leads to its section, a removed one is gone.
fn moved(app: &App, slug: &str, kind: Kind, query: &str) -> Option<Response> {
    let config = &app.web.config;
    if let Some(section) = config.sections.values().find(|section| section.formerly.iter().any(|old| old == slug)) {
        let to = format!("{}feeds/{}.{}{query}", config.base_url, section.slug, kind.extension());
        let cache = HeaderValue::from_static("public, max-age=86400");
        return Some((StatusCode::MOVED_PERMANENTLY, [(CACHE_CONTROL, cache)], [(LOCATION, to)]).into_response());
    }
    let is_gone = config.removed.iter().any(|removed| removed == slug) || app.web.feeds.is_gone(slug);
    is_gone.then(|| plain(StatusCode::GONE, "this section was removed\n"))
}

/// A feed of what the query asks for.
async fn filtered(app: &App, file: &str, filter: &Filter, visitor: &Visitor, headers: &HeaderMap) -> Response {
    let Some((slug, kind)) = file.rsplit_once('.').and_then(|(slug, _)| Some((slug, Kind::of(file)?))) else {
        return plain(StatusCode::NOT_FOUND, "there is no such feed\n");
    };
    if let Some(response) = moved(app, slug, kind, &format!("?{}", filter.query())) {
        return response;
    }
    if app.web.feeds.get(file).is_none() {
        return plain(StatusCode::NOT_FOUND, "there is no such feed\n");
    }
    let (now, ip) = (app.web.clock.now_ms(), visitor.ip);
    let making = || app.web.limits.filters.take(ip, now).map_err(TooMuch);
    let served = match app.web.feeds.filtered(&app.web.store, &app.web.config, file, filter, making).await {
        Ok(Ok(served)) => served,
        Ok(Err(TooMuch(seconds))) => return too_often(seconds),
        Err(error) => {
            tracing::error!("a filtered feed could not be made: {error}");
            return ([(RETRY_AFTER, "10")], plain(StatusCode::SERVICE_UNAVAILABLE, "not now\n")).into_response();
        }
    };
    let coding = coding(headers);
    let lines = served.lines(|| app.web.feeds.link(&format!("{file}?{}", filter.query())));
    let fresh = conditional::is_fresh(headers, lines.etag(coding), served.modified());
    if let Err(seconds) = app.web.limits.pollers.take(ip, file, !fresh, now) {
        return too_often(seconds);
    }
    if fresh {
        return not_modified(&served, coding, lines);
    }
    let bytes = served.held(coding).unwrap_or_else(|| {
        let identity = served.held(Coding::Identity).unwrap_or_default();
        served.coded(coding, &identity)
    });
    whole(&served, coding, lines, bytes)
}

fn coding(headers: &HeaderMap) -> Coding {
    negotiate::coding(headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()))
}

fn not_modified(served: &Served, coding: Coding, lines: &Lines) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    head(response.headers_mut(), served, coding, lines);
    response
}

fn whole(served: &Served, coding: Coding, lines: &Lines, bytes: Bytes) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let out = response.headers_mut();
    head(out, served, coding, lines);
    out.insert(CONTENT_TYPE, HeaderValue::from_static(served.kind().content_type()));
    out.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(token) = coding.token() {
        out.insert(CONTENT_ENCODING, HeaderValue::from_static(token));
    }
    response
}

/// The headers that a 200 and a 304 share.
fn head(out: &mut HeaderMap, served: &Served, coding: Coding, lines: &Lines) {
    out.reserve(9);
    out.insert(ETAG, lines.etag(coding).clone());
    out.insert(LINK, lines.link().clone());
    if served.kind() == Kind::Json {
        out.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        out.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("ETag, Link"));
    }
    out.insert(CACHE_CONTROL, CACHE);
    out.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    out.insert(LAST_MODIFIED, lines.last_modified().clone());
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [(CACHE_CONTROL, "public, max-age=300")], text).into_response()
}

fn said(status: StatusCode, text: String) -> Response {
    (status, [(CACHE_CONTROL, "public, max-age=300")], text).into_response()
}

fn too_often(seconds: i64) -> Response {
    let text = "this feed was asked for too often; send If-None-Match and wait\n";
    let headers = [(RETRY_AFTER, seconds.to_string()), (CACHE_CONTROL, "no-store".to_owned())];
    (StatusCode::TOO_MANY_REQUESTS, headers, text).into_response()
}
