//! Is it alive, is it ready, how does it fare: `/livez`, `/readyz`, `/metrics`, and `/status` in plain words.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::reply::{Keep, page};
use super::{App, Shared, Visitor};
use crate::config::Language;
use crate::health::Finding;

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

async fn reasons(app: &App) -> Vec<(String, String)> {
    let mut reasons = app.web.health.reasons();
    if let Err(error) = app.web.store.ping().await {
        reasons.push(("store".to_owned(), error.to_string()));
    }
    reasons
}

/// `GET /metrics`: with the admin token, or without one configured from this machine only.
pub(super) async fn metrics(State(app): State<Shared>, visitor: Visitor, headers: HeaderMap) -> Response {
    if !is_admin(&app, &visitor, &headers) {
        return (StatusCode::UNAUTHORIZED, "the admin token is needed (Authorization: Bearer …)\n").into_response();
    }
    if let Ok(queue) = app.web.store.queue_counts().await {
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
fn is_admin(app: &App, visitor: &Visitor, headers: &HeaderMap) -> bool {
    let Some(token) = &app.web.config.server.admin_token else { return visitor.local };
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    // Equal time for every guess: the hashes of two guesses have nothing in common.
    given.is_some_and(|given| Sha256::digest(given.trim()) == Sha256::digest(token.expose_secret()))
}

#[derive(Debug, Serialize)]
struct Status {
    sections: Vec<SectionStatus>,
    well: bool,
    /// The outbox, for admins: channel, state, how many.
    queue: Vec<(String, String, i64)>,
    /// Why bantin is not ready, for admins.
    reasons: Vec<(String, String)>,
    admin: bool,
}

#[derive(Debug, Serialize)]
struct SectionStatus {
    slug: String,
    name: String,
    lang: &'static str,
    zone: &'static str,
    last_look: Option<i64>,
    next_look: Option<i64>,
    well: bool,
    /// The error in words, for admins.
    trouble: String,
    /// What is not well with its source, for admins.
    findings: Vec<FindingStatus>,
}

#[derive(Debug, Serialize)]
struct FindingStatus {
    code: &'static str,
    since: i64,
    words: String,
    /// What to do.
    remedy: &'static str,
    /// What may be put into `config.toml`.
    proposal: String,
}

fn shown(finding: &Finding, lang: Language) -> FindingStatus {
    let (_, remedy) = match lang {
        Language::Vi => finding.code.vietnamese(),
        Language::En => finding.code.english(),
    };
    FindingStatus {
        code: finding.code.text(),
        since: finding.since,
        words: finding.words.clone(),
        remedy,
        proposal: finding.proposal.clone(),
    }
}

/// What an admin is told while the configuration's files are broken: nothing is ill, but it is not what they say.
fn position(app: &App) -> Option<(String, String)> {
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

/// `GET /status`.
pub(super) async fn status(State(app): State<Shared>, visitor: Visitor, headers: HeaderMap) -> Response {
    let admin = is_admin(&app, &visitor, &headers);
    let reasons = reasons(&app).await;
    let known = app.web.health.sections();
    let told = if admin { app.web.store.told_findings().await.unwrap_or_default() } else { Vec::new() };
    let sections: Vec<SectionStatus> = app
        .web
        .config
        .sections
        .values()
        .map(|section| {
            let health = known.get(&section.slug).cloned().unwrap_or_default();
            SectionStatus {
                slug: section.slug.clone(),
                name: section.name.clone(),
                lang: section.language.code(),
                zone: section.timezone.name(),
                last_look: health.last_look.map(|at| at.timestamp_millis()),
                next_look: health.next_look.map(|at| at.timestamp_millis()),
                well: health.trouble.is_empty() && !told.iter().any(|(slug, _)| *slug == section.slug),
                findings: told
                    .iter()
                    .filter(|(slug, _)| *slug == section.slug)
                    .map(|(_, f)| shown(f, visitor.lang))
                    .collect(),
                trouble: if admin { health.trouble } else { String::new() },
            }
        })
        .collect();
    let queue = if admin { app.web.store.queue_counts().await.unwrap_or_default() } else { Vec::new() };
    let content = Status {
        well: reasons.is_empty() && sections.iter().all(|section| section.well),
        sections,
        queue: queue.into_iter().map(|line| (line.channel, line.state, line.count)).collect(),
        reasons: if admin { reasons.into_iter().chain(position(&app)).collect() } else { Vec::new() },
        admin,
    };
    let keep = if admin { Keep::Never } else { Keep::Briefly };
    page(&app, &visitor, StatusCode::OK, keep, "page/status.html", content)
}
