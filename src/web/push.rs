//! `POST /api/articles` and `POST /api/ping/<slug>`: the CMS's publish button. A message is signed by HMAC-SHA256 over
//! its time and body, good for five minutes, and taken once. It can only name a configured section and an address on
//! that section's own site; what it sets in motion is worked off by the daemon. Answers are JSON.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::{Hmac, Mac};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;
use url::Url;

use super::Shared;
use crate::article::{Candidate, SourceDate, text};
use crate::config::Section;
use crate::extract::date;

/// Longest message: an article with its whole text.
pub(super) const BODY_LIMIT: usize = 1024 * 1024;
/// How far the time of a message may be from ours, in seconds.
const WINDOW: i64 = 5 * 60;
/// Longest id of a message.
const LONGEST_ID: usize = 200;

/// Why a message is not taken: status, a word for programs, and what to do.
pub(super) struct Refusal {
    status: StatusCode,
    error: &'static str,
    field: Option<&'static str>,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        Self { status, error, field: None, message: message.into() }
    }

    pub(super) fn field(field: &'static str, message: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "field": self.field, "message": self.message });
        (self.status, [(CACHE_CONTROL, "no-store")], axum::Json(body)).into_response()
    }
}

/// The body of `POST /api/articles`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    /// The slug.
    section: String,
    /// The message's own id, used once.
    id: Option<String>,
    /// The address of the article's page. Without one the message means "look now".
    url: Option<String>,
    /// The CMS's own key of the article.
    guid: Option<String>,
    title: Option<String>,
    lead: Option<String>,
    byline: Option<String>,
    published: Option<String>,
    updated: Option<String>,
    image: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    /// The whole text as HTML.
    html: Option<String>,
    /// Whether it waits for no delay, fixed time or quiet hours.
    #[serde(default)]
    urgent: bool,
}

/// The body of `POST /api/ping/<slug>`, which may be empty.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ping {
    /// The message's own id, used once.
    id: Option<String>,
}

/// `POST /api/articles`.
pub(super) async fn article(
    State(app): State<Shared>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match take_article(&app, &headers, body).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

/// `POST /api/ping/<slug>`.
pub(super) async fn ping(
    State(app): State<Shared>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match take_ping(&app, &slug, &headers, body).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

async fn take_article(
    app: &Shared,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let (body, signature) = signed(app, headers, body)?;
    let message: Message = serde_json::from_slice(&body)
        .map_err(|error| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", format!("the body: {error}")))?;
    let section = section(app, &message.section)?;
    let id = id(message.id.as_deref(), &signature)?;
    let article = match &message.url {
        None if message.urgent => {
            return Err(Refusal::field("urgent", "it is an article that is urgent: give its `url`"));
        }
        None => String::new(),
        Some(url) => {
            let candidate = candidate(app, section, &message, url)?;
            serde_json::to_string(&candidate).map_err(|error| Refusal::field("html", error.to_string()))?
        }
    };
    keep(app, section, &id, &article).await
}

async fn take_ping(
    app: &Shared,
    slug: &str,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let (body, signature) = signed(app, headers, body)?;
    let ping: Ping = if body.trim_ascii().is_empty() {
        Ping::default()
    } else {
        serde_json::from_slice(&body)
            .map_err(|error| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", format!("the body: {error}")))?
    };
    let section = section(app, slug)?;
    let id = id(ping.id.as_deref(), &signature)?;
    keep(app, section, &id, "").await
}

/// The body and its signature, once both are what the key says they are.
pub(super) fn signed(
    app: &Shared,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(Bytes, String), Refusal> {
    let unsigned = |message: &str| Refusal::new(StatusCode::UNAUTHORIZED, "signature", message);
    let Some(key) = &app.web.config.server.push_key else {
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "off",
            "nothing can be pushed here: the admin has to set [server] push_key",
        ));
    };
    let body = body.map_err(|_| {
        let message = format!("the body is longer than {BODY_LIMIT} bytes; leave `html` out, the page will be read");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    })?;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let sent = text("x-bantin-timestamp").ok_or_else(|| unsigned("the header X-Bantin-Timestamp is missing"))?;
    let given = text("x-bantin-signature").ok_or_else(|| unsigned("the header X-Bantin-Signature is missing"))?;
    let at: i64 =
        sent.parse().map_err(|_| unsigned("X-Bantin-Timestamp is not a Unix time in seconds, as `date +%s` prints"))?;
    let code = given
        .strip_prefix("sha256=")
        .and_then(|hex| HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok())
        .ok_or_else(|| unsigned("X-Bantin-Signature is not `sha256=` and 64 hexadecimal digits"))?;
    let mac = <Hmac<Sha256> as Mac>::new_from_slice(key.expose_secret().as_bytes());
    let mac = mac.map_err(|_| unsigned("the key cannot be used"))?;
    let mac = mac.chain_update(sent.as_bytes()).chain_update(b".").chain_update(&body);
    // In constant time, and before the time is looked at: only who has the key learns what is wrong with it.
    mac.verify_slice(&code).map_err(|_| {
        unsigned(
            "the signature does not fit: it is HMAC-SHA256 with the push key over TIMESTAMP, a full stop and the body",
        )
    })?;
    let now = app.web.clock.now_ms() / 1000;
    if (now - at).abs() > WINDOW {
        let message = format!("the message is of {at}, and it is {now} here; it must be sent within {WINDOW} s");
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "stale", message));
    }
    Ok((body, data_encoding::HEXLOWER.encode(&code)))
}

fn section<'a>(app: &'a Shared, slug: &str) -> Result<&'a Section, Refusal> {
    app.web.config.sections.get(slug).map(AsRef::as_ref).ok_or_else(|| {
        let message = format!("there is no section \"{slug}\"");
        Refusal { field: Some("section"), ..Refusal::new(StatusCode::NOT_FOUND, "unknown_section", message) }
    })
}

/// What is used once: the message's own id, else its signature.
pub(super) fn id(stated: Option<&str>, signature: &str) -> Result<String, Refusal> {
    match stated.map(str::trim) {
        None => Ok(format!("signature:{signature}")),
        Some("") => Err(Refusal::field("id", "an empty id; leave it out")),
        Some(id) if id.len() > LONGEST_ID => Err(Refusal::field("id", format!("longer than {LONGEST_ID} bytes"))),
        Some(id) => Ok(format!("id:{id}")),
    }
}

/// Records the message and wakes whoever works it off.
async fn keep(app: &Shared, section: &Section, id: &str, article: &str) -> Result<Response, Refusal> {
    let failed = |error: crate::store::StoreError| {
        tracing::error!(%error, "a push could not be recorded");
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "store", "the message could not be recorded; send it again")
    };
    let now_ms = app.web.clock.now_ms();
    let row = app.web.store.section(&section.slug).await.map_err(failed)?;
    let Some(row) = row else {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "unknown_section", "the section is not in the store"));
    };
    if !app.web.store.take_push(id, row.id, article, now_ms).await.map_err(failed)? {
        let message = "this message was taken before; give each message an `id` of its own (`guid` names the article)";
        return Err(Refusal { field: Some("id"), ..Refusal::new(StatusCode::CONFLICT, "replay", message) });
    }
    app.web.push_bell.notify_one();
    let what = if article.is_empty() { "look" } else { "article" };
    let body = json!({ "accepted": what, "section": section.slug, "paused": row.paused });
    Ok((StatusCode::ACCEPTED, [(CACHE_CONTROL, "no-store")], axum::Json(body)).into_response())
}

/// The article of a message, as if a source had listed it.
fn candidate(app: &Shared, section: &Section, message: &Message, url: &str) -> Result<Candidate, Refusal> {
    let mut found = Candidate::of(address(section, "url", url)?);
    let line = |text: &Option<String>| text.as_deref().map(text::one_line).filter(|text| !text.is_empty());
    found.native_id = line(&message.guid);
    found.title = line(&message.title);
    found.lead = line(&message.lead);
    found.byline = line(&message.byline);
    found.urgent = message.urgent;
    found.body = message.html.clone().filter(|html| !html.trim().is_empty());
    found.tags = message.tags.iter().map(|tag| text::one_line(tag)).filter(|tag| !tag.is_empty()).collect();
    if let Some(image) = line(&message.image) {
        let url = Url::parse(&image).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        found.image = Some(url.ok_or_else(|| Refusal::field("image", "not an http or https address"))?);
    }
    let options = date::Options {
        language: section.language,
        timezone: section.timezone,
        order: section.date_order,
        now: app.web.clock.now(),
    };
    let date = |field: &'static str, stated: &Option<String>| match line(stated) {
        None => Ok(None),
        Some(stated) => match date::parse(&stated, &options) {
            Some(at) => Ok(Some(SourceDate { at, provenance: "push".to_owned() })),
            None => Err(Refusal::field(field, "not a date; write it as in 2026-11-22T08:30:00+07:00")),
        },
    };
    found.published = date("published", &message.published)?;
    found.updated = date("updated", &message.updated)?;
    if section.read == crate::config::ReadMode::Listing && found.title.is_none() {
        return Err(Refusal::field("title", "this section opens no pages, so the message has to carry the title"));
    }
    Ok(found)
}

/// An address on the section's own site: nobody can be made to read another one.
fn address(section: &Section, field: &'static str, text: &str) -> Result<Url, Refusal> {
    let url = Url::parse(text.trim()).map_err(|error| Refusal::field(field, format!("not an address: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refusal::field(field, "only http and https addresses can be pushed"));
    }
    let place = |url: &Url| {
        let host = url.host_str()?.trim_start_matches("www.").to_owned();
        Some((host, url.port_or_known_default()))
    };
    let here = [Some(&section.url), section.site.as_ref()].into_iter().flatten();
    let hosts: Vec<_> = here.filter(|url| url.scheme() != "file").filter_map(place).collect();
    let asked = place(&url);
    // http and https of one host are one site.
    let is_here = |(host, port): &(String, Option<u16>)| {
        asked.as_ref().is_some_and(|(other, at)| {
            let usual = |port: &Option<u16>| matches!(port, Some(80 | 443));
            host == other && (port == at || (usual(port) && usual(at)))
        })
    };
    if hosts.iter().any(is_here) {
        return Ok(url);
    }
    let names: Vec<&str> = hosts.iter().map(|(host, _)| host.as_str()).collect();
    Err(Refusal::field(
        field,
        match names.as_slice() {
            [] => "this section is read from files; only POST /api/ping can be used for it".to_owned(),
            names => format!("not on the section's own site ({})", names.join(", ")),
        },
    ))
}
