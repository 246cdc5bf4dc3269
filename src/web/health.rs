//! Is it alive, is it ready, how does it fare: `/livez`, `/readyz`, `/metrics`; [`super::status`] says it in plain words.

use std::fmt::Write as _;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};

use super::{App, Shared, Visitor};

/// How long the database may take to answer `/readyz`.
const PATIENCE: Duration = Duration::from_secs(2);

/// `GET /livez`: the process answers.
pub(super) async fn livez() -> Response {
    ([(CACHE_CONTROL, "no-store")], "ok\n").into_response()
}

/// `GET /readyz`: 200, or 503 with one reason a line.
pub(super) async fn readyz(State(app): State<Shared>) -> Response {
    let reasons = reasons(&app).await;
    let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut text = String::new();
    for (part, reason) in &reasons {
        let _ = writeln!(text, "{part}: {reason}"); // writing to a String does not fail
    }
    if reasons.is_empty() {
        text.push_str("ok\n");
    }
    (status, [(CACHE_CONTROL, "no-store")], text).into_response()
}

pub(super) async fn reasons(app: &App) -> Vec<(String, String)> {
    let mut reasons = app.web.health.reasons();
    match tokio::time::timeout(PATIENCE, app.web.store.ping()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => reasons.push(("store".to_owned(), error.to_string())),
        Err(_) => reasons.push(("store".to_owned(), "the database does not answer in time".to_owned())),
    }
    reasons
}

/// `GET /metrics`: with the admin token, or without one configured from this machine only.
pub(super) async fn metrics(State(app): State<Shared>, visitor: Visitor, headers: HeaderMap) -> Response {
    if !is_admin(&app, &visitor, &headers) {
        return (StatusCode::UNAUTHORIZED, "the admin token is needed (Authorization: Bearer …)\n").into_response();
    }
    if let Ok(queue) = app.web.store.open_counts().await {
        let counts: Vec<_> = queue.into_iter().map(|line| (line.channel, line.state, line.count)).collect();
        app.web.metrics.queue(&counts);
    }
    if let Ok(told) = app.web.store.told_findings().await {
        let told: Vec<_> = told.into_iter().map(|(slug, finding)| (slug, finding.code.text().to_owned())).collect();
        app.web.metrics.findings(&told);
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store")], app.web.metrics.encode()).into_response()
}

/// Whether the request may see what is not public.
pub(super) fn is_admin(app: &App, visitor: &Visitor, headers: &HeaderMap) -> bool {
    if app.web.config.server.admin_token.is_none() {
        return visitor.local;
    }
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    given.is_some_and(|given| is_token(app, given))
}

/// What an admin is told while the configuration's files are broken: nothing is ill, but it is not what they say.
pub(super) fn position(app: &App) -> Option<(String, String)> {
    let position = app.web.health.position();
    let (at, mistake) = position.broken?;
    let zone = app.web.config.timezone;
    let since = position.since.unwrap_or(at).with_timezone(&zone).format("%Y-%m-%d %H:%M");
    let found = at.with_timezone(&zone).format("%H:%M");
    Some((
        "configuration".to_owned(),
        format!("the one of {since} is in force; the files are broken since {found}: {mistake}"),
    ))
}

/// Whether this is the admin's token.
pub(super) fn is_token(app: &App, given: &str) -> bool {
    // Equal time for every guess: the hashes of two guesses have nothing in common.
    let token = app.web.config.server.admin_token.as_ref();
    token.is_some_and(|token| Sha256::digest(given.trim()) == Sha256::digest(token.expose_secret()))
}
