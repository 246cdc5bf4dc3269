//! The demo in the browser: the front page that shows everything side by side, [`telegram`] and [`mail`].
//! Pages work without JavaScript and load nothing from other machines; `?live` has them load again by themselves.

mod index;
mod mail;
mod telegram;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;

use super::edition::ZONE;
use super::journal::Journal;
use super::mailbox::Mailbox;
use super::telegram::Telegram;
use crate::clock::Clock;
use crate::config::Language;
use crate::templates::Templates;

/// What the pages show.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub(super) templates: Arc<Templates>,
    pub(super) clock: Clock,
    pub(super) journal: Journal,
    pub(super) mailbox: Mailbox,
    pub(super) telegram: Telegram,
    pub(super) site_url: Url,
    pub(super) base_url: Url,
}

/// What every page may be asked.
type Asked = axum::extract::Query<HashMap<String, String>>;

/// What every page is told.
#[derive(Debug, Serialize)]
struct Frame {
    /// `vi` or `en`.
    lang: &'static str,
    /// Whether that is Vietnamese.
    vi: bool,
    /// Whether the page loads itself again.
    live: bool,
    /// Whether it is shown inside the front page.
    embed: bool,
}

impl View {
    /// Every page of the view.
    pub(super) fn router(self) -> Router {
        index::routes().merge(telegram::routes()).merge(mail::routes()).with_state(self)
    }

    fn render(&self, template: &str, context: impl Serialize) -> Response {
        // Everything a page needs comes from this machine; mails are framed from here, sites from their ports.
        const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; \
            frame-src http://127.0.0.1:*; form-action http://127.0.0.1:* http://localhost:*; base-uri 'none'";
        match self.templates.render(template, context) {
            Ok(html) => {
                let mut response = Html(html).into_response();
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
                headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
                response
            }
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")).into_response(),
        }
    }
}

impl Frame {
    fn new(asked: &Asked, headers: &HeaderMap) -> Self {
        let preferred = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let tag = asked.get("lang").map_or(preferred, String::as_str);
        let language = tag.split(',').find_map(Language::from_tag).unwrap_or(Language::En);
        Self {
            lang: language.code(),
            vi: language == Language::Vi,
            live: asked.contains_key("live"),
            embed: asked.contains_key("embed"),
        }
    }
}

/// `14:35`, in the zone of the demo.
fn time(at: DateTime<Utc>) -> String {
    at.with_timezone(&ZONE).format("%H:%M").to_string()
}

/// The day in words, in the zone of the demo.
fn day(at: DateTime<Utc>, vi: bool) -> String {
    let at = at.with_timezone(&ZONE);
    if vi { at.format("%-d tháng %-m").to_string() } else { at.format("%-d %B").to_string() }
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "there is nothing here (any more)").into_response()
}
