//! Answers in HTML: the frame all pages share, messages, and the style sheet.

use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, RETRY_AFTER, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{App, Shared, Visitor};
use crate::config::Language;
use crate::feed::{Coding, Kind, Served};
use crate::locale;
use crate::store::StoreError;
use crate::templates::Templates;

/// Pictures of articles come from the site; nothing else comes from anywhere.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; img-src https: http: data:; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// How long a page may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// A minute, by anybody.
    Briefly,
    /// Never: it belongs to one reader, or carries a token.
    Never,
}

/// What every page says around its content.
#[derive(Debug, Serialize)]
struct Page<'a, T> {
    lang: &'static str,
    /// The languages to switch to: code, name, address of this page in it, whether it is the present one.
    languages: [Switch; 2],
    /// The path of `base_url`: links within the pages begin with it.
    root: &'a str,
    /// The public address, for what leaves the page (feed addresses, rel=alternate).
    base: &'a str,
    style: &'a str,
    /// `?lang=en` when the reader chose it, for links within the pages; `&lang=en` where a query precedes.
    q: String,
    amp: String,
    publisher: &'a str,
    privacy: Option<&'a str>,
    email: bool,
    robots: bool,
    #[serde(flatten)]
    content: T,
}

#[derive(Debug, Serialize)]
struct Switch {
    code: &'static str,
    name: &'static str,
    href: String,
    here: bool,
}

/// The style sheet with the address that changes when it does.
#[derive(Debug)]
pub struct Style {
    served: Served,
    href: String,
}

impl Style {
    /// Renders the template once.
    pub fn render(templates: &Templates, root: &str) -> Self {
        let css = templates.render("page/style.css", ()).unwrap_or_else(|error| {
            tracing::error!("the style sheet could not be rendered: {error:#}; pages are served without it");
            String::new()
        });
        // The kind is never asked for: the answer names its own media type.
        let served = Served::new(Kind::Opml, css, chrono::DateTime::UNIX_EPOCH);
        let version: String =
            served.etag(Coding::Identity).chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        Self { href: format!("{root}style.css?v={version}"), served }
    }
}

/// `GET /style.css`.
pub(super) async fn style(State(app): State<Shared>, headers: HeaderMap) -> Response {
    let etag = app.style.served.etag(Coding::Identity);
    let cache = (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    let tag = (ETAG, HeaderValue::from_str(&etag).unwrap_or_else(|_| HeaderValue::from_static("\"\"")));
    if headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, [cache, tag]).into_response();
    }
    let kind = (CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    ([kind, cache, tag], app.style.served.held(Coding::Identity).unwrap_or_default()).into_response()
}

/// `GET /favicon.ico`: readers ask for it again and again.
pub(super) async fn no_icon() -> Response {
    (StatusCode::NOT_FOUND, [(CACHE_CONTROL, "public, max-age=86400")]).into_response()
}

/// Everything that is not there.
pub(super) async fn not_found(State(app): State<Shared>, visitor: Visitor) -> Response {
    message(&app, &visitor, StatusCode::NOT_FOUND, "page-not-found")
}

/// A page by its template.
pub(super) fn page(
    app: &App,
    visitor: &Visitor,
    status: StatusCode,
    keep: Keep,
    template: &str,
    content: impl Serialize,
) -> Response {
    let config = &app.web.config;
    let lang = visitor.lang;
    let mark = |sign: char| if visitor.chosen { format!("{sign}lang={}", lang.code()) } else { String::new() };
    let frame = Page {
        lang: lang.code(),
        languages: [Language::Vi, Language::En].map(|other| switch(&app.root, visitor, other)),
        root: &app.root,
        base: config.base_url.as_str(),
        style: &app.style.href,
        q: mark('?'),
        amp: mark('&'),
        publisher: &config.organisation.name,
        privacy: config.organisation.privacy_url.as_ref().map(url::Url::as_str),
        email: config.email.is_some(),
        robots: keep == Keep::Briefly && status == StatusCode::OK,
        content,
    };
    match app.web.templates.render(template, frame) {
        Ok(html) => (status, headers(lang, keep), html).into_response(),
        Err(error) => {
            tracing::error!("the page {template} could not be rendered: {error:#}");
            (StatusCode::INTERNAL_SERVER_ERROR, "this page has a fault; the log says which\n").into_response()
        }
    }
}

fn switch(root: &str, visitor: &Visitor, to: Language) -> Switch {
    let sign = if visitor.here.contains('?') { '&' } else { '?' };
    Switch {
        code: to.code(),
        name: if to == Language::Vi { "Tiếng Việt" } else { "English" },
        href: format!("{root}{}{sign}lang={}", visitor.here, to.code()),
        here: to == visitor.lang,
    }
}

fn headers(lang: Language, keep: Keep) -> [(HeaderName, HeaderValue); 4] {
    let cache = match keep {
        Keep::Briefly => "public, max-age=60",
        Keep::Never => "no-store",
    };
    [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static(cache)),
        (CONTENT_LANGUAGE, HeaderValue::from_static(lang.code())),
        (VARY, HeaderValue::from_static("Accept-Language")),
    ]
}

#[derive(Debug, Serialize)]
struct Message {
    title: String,
    text: String,
    /// A link to go on with: address and words.
    link: Option<(String, String)>,
}

/// A page that says one thing: the texts `<key>` and `<key>-text`.
pub(super) fn message(app: &App, visitor: &Visitor, status: StatusCode, key: &str) -> Response {
    message_with(app, visitor, status, key, None)
}

/// The same with a link to go on with: its address below the root, and the key of its words.
pub(super) fn message_with(
    app: &App,
    visitor: &Visitor,
    status: StatusCode,
    key: &str,
    link: Option<(String, &str)>,
) -> Response {
    let say = |key: &str| locale::text(visitor.lang, key, &[]);
    let content = Message {
        title: say(key),
        text: say(&format!("{key}-text")),
        link: link.map(|(path, key)| (format!("{}{path}", app.root), say(key))),
    };
    page(app, visitor, status, Keep::Never, "page/message.html", content)
}

/// The store did not answer: feeds go on, pages that need it say so.
pub(super) fn unavailable(app: &App, visitor: &Visitor, error: &StoreError) -> Response {
    tracing::error!("a page could not be answered: {error}");
    ([(RETRY_AFTER, "10")], message(app, visitor, StatusCode::SERVICE_UNAVAILABLE, "page-unavailable")).into_response()
}

/// Too often: how many seconds to wait stands in `Retry-After`.
pub(super) fn too_often(app: &App, visitor: &Visitor, seconds: i64) -> Response {
    let wait = [(RETRY_AFTER, seconds.to_string())];
    (wait, message(app, visitor, StatusCode::TOO_MANY_REQUESTS, "page-too-often")).into_response()
}
