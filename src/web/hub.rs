//! `/websub`: our own hub takes what subscribers ask for. It answers 202 and confirms with the callback afterwards
//! (`feed::websub`), so nothing is kept of who only asks.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::response::{IntoResponse as _, Response};

use super::form::Form;
use super::{Shared, Visitor};
use crate::feed::websub::{Ask, Refused};
use crate::fetch::guard;

/// `GET /websub`: for people who follow the link.
pub(super) async fn show(State(app): State<Shared>) -> Response {
    match app.web.hub {
        Some(_) => said(StatusCode::OK, "This is a WebSub hub: feed readers subscribe here by POST.\n"),
        None => said(StatusCode::NOT_FOUND, "there is no hub here\n"),
    }
}

/// `POST /websub`.
pub(super) async fn ask(State(app): State<Shared>, visitor: Visitor, body: Bytes) -> Response {
    let Some(hub) = &app.web.hub else { return said(StatusCode::NOT_FOUND, "there is no hub here\n") };
    if let Err(seconds) = app.web.limits.hub.take(visitor.ip, app.web.clock.now_ms()) {
        return later(seconds);
    }
    let form = Form::read(&body);
    // A private callback is for tests and for networks of one's own: never for who comes from outside.
    let private = app.web.config.fetch.allow_private && !guard::is_public(visitor.ip);
    match Ask::read(|name| form.one(name), &app.web.config, private) {
        Err(fault) => said(StatusCode::BAD_REQUEST, &format!("{fault}\n")),
        Ok(ask) => match hub.ask(ask) {
            Ok(()) => said(StatusCode::ACCEPTED, "the callback is asked to confirm\n"),
            Err(Refused(seconds)) => later(seconds),
        },
    }
}

fn later(seconds: i64) -> Response {
    ([(RETRY_AFTER, seconds.to_string())], said(StatusCode::TOO_MANY_REQUESTS, "too many at a time\n")).into_response()
}

fn said(status: StatusCode, text: &str) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], text.to_owned()).into_response()
}
