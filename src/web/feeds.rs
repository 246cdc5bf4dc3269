//! Feeds over HTTP: 200, 304, 301 for a former slug, 410 for a removed section; never 226. Everything comes from
//! memory or from the feed's file.

use axum::extract::{Path, State};
use axum::http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, LAST_MODIFIED,
    LINK, LOCATION, RETRY_AFTER, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{App, Shared, conditional, negotiate};
use crate::feed::{Coding, Kind, Served};

/// Readers may keep a feed for a minute, and longer while bantin is away.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=60, stale-if-error=86400");

/// `GET /feeds/<slug>.<rss|atom|json>`.
pub(super) async fn feed(State(app): State<Shared>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    let response = answer(&app, &file, &headers).await;
    app.web.metrics.feed_request(response.status().as_u16());
    response
}

/// `GET /feeds.opml`.
pub(super) async fn opml(State(app): State<Shared>, headers: HeaderMap) -> Response {
    answer(&app, "feeds.opml", &headers).await
}

async fn answer(app: &App, file: &str, headers: &HeaderMap) -> Response {
    let config = &app.web.config;
    if let Some(served) = app.web.feeds.get(file) {
        let path = if served.kind() == Kind::Opml { file.to_owned() } else { format!("feeds/{file}") };
        let link = format!("<{}{path}>; rel=\"self\"", config.base_url);
        let coding = negotiate::coding(headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()));
        if conditional::is_fresh(headers, &served.etag(coding), served.modified()) {
            return (StatusCode::NOT_MODIFIED, head(&served, coding, &link)).into_response();
        }
        // The file may hold newer bytes than were known: what was opened tells its own validators.
        if let Some((served, bytes)) = app.web.feeds.open(file, coding).await {
            let mut out = head(&served, coding, &link);
            out.insert(CONTENT_TYPE, HeaderValue::from_static(served.kind().content_type()));
            if let Some(token) = coding.token() {
                out.insert(CONTENT_ENCODING, HeaderValue::from_static(token));
            }
            return (out, bytes).into_response();
        }
    }
    let Some((slug, kind)) = file.rsplit_once('.').and_then(|(slug, _)| Some((slug, Kind::of(file)?))) else {
        return plain(StatusCode::NOT_FOUND, "there is no such feed\n");
    };
    if let Some(section) = config.sections.values().find(|section| section.formerly.iter().any(|old| old == slug)) {
        let to = format!("{}feeds/{}.{}", config.base_url, section.slug, kind.extension());
        let cache = HeaderValue::from_static("public, max-age=86400");
        return (StatusCode::MOVED_PERMANENTLY, [(CACHE_CONTROL, cache)], [(LOCATION, to)]).into_response();
    }
    if config.removed.iter().any(|removed| removed == slug) || app.web.feeds.is_gone(slug) {
        return plain(StatusCode::GONE, "this section was removed\n");
    }
    if config.sections.contains_key(slug) || slug == "all" || file == "feeds.opml" {
        // Configured, but not rendered yet: the daemon has just begun.
        return ([(RETRY_AFTER, "5")], plain(StatusCode::SERVICE_UNAVAILABLE, "not ready yet\n")).into_response();
    }
    plain(StatusCode::NOT_FOUND, "there is no such feed\n")
}

/// The headers that a 200 and a 304 share.
fn head(served: &Served, coding: Coding, link: &str) -> HeaderMap {
    let mut out = HeaderMap::with_capacity(9);
    let mut set = |name, value: &str| HeaderValue::from_str(value).map(|value| out.insert(name, value));
    let _ = set(ETAG, &served.etag(coding)); // letters, digits and quotes
    let _ = set(LINK, link); // an address in ASCII
    if served.kind() == Kind::Json {
        out.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    out.insert(CACHE_CONTROL, CACHE);
    out.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    out.insert(LAST_MODIFIED, served.last_modified());
    out
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [(CACHE_CONTROL, "public, max-age=300")], text).into_response()
}
