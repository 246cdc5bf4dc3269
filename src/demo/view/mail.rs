//! The mailboxes as a mail client shows them. A mail's HTML stands in a frame of its own, without scripts; its
//! links and forms open a new tab, as in a client they open the browser.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use indexmap::IndexMap;
use serde::Serialize;

use super::{Asked, Frame, View, not_found, time};
use crate::config::Language;
use crate::demo::edition::ZONE;
use crate::demo::mailbox::Mail;
use crate::locale;

pub(super) fn routes() -> Router<View> {
    Router::new()
        .route("/mail", get(client))
        .route("/mail/{id}/html", get(html))
        .route("/mail/{id}/part/{part}", get(part))
}

#[derive(Serialize)]
struct Page {
    #[serde(flatten)]
    frame: Frame,
    boxes: Vec<Account>,
    /// The chosen mailbox; empty for all.
    address: String,
    /// The same as part of an address.
    query: String,
    unread: usize,
    mails: Vec<Row>,
    open: Option<Letter>,
    /// `html`, `text` or `source`.
    shown: &'static str,
}

#[derive(Serialize)]
struct Account {
    address: String,
    query: String,
    unread: usize,
    count: usize,
    active: bool,
}

#[derive(Serialize)]
struct Row {
    id: usize,
    from: String,
    to: String,
    subject: String,
    snippet: String,
    time: String,
    read: bool,
    active: bool,
}

#[derive(Serialize)]
struct Letter {
    id: usize,
    subject: String,
    from_name: String,
    from: String,
    initial: String,
    to: String,
    at: String,
    has_html: bool,
    text: String,
    source: String,
    unsubscribe: Option<String>,
    size: usize,
}

async fn client(State(view): State<View>, asked: Asked, headers: HeaderMap) -> Response {
    let frame = Frame::new(&asked, &headers);
    let address = asked.get("box").cloned().unwrap_or_default();
    let wanted = asked.get("id").and_then(|id| id.parse::<usize>().ok());
    if let Some(id) = wanted {
        view.mailbox.open(id);
    }
    let all = view.mailbox.mails();
    let shown = match asked.get("as").map(String::as_str) {
        Some("text") => "text",
        Some("source") => "source",
        _ => "html",
    };
    // Inside the front page the newest mail is shown, and stays unread.
    let newest = frame.embed.then(|| all.last().map(|mail| mail.id)).flatten();
    let open = wanted.or(newest).and_then(|id| all.iter().find(|mail| mail.id == id));
    let mut boxes: IndexMap<&str, (usize, usize)> = IndexMap::new();
    for mail in &all {
        let (unread, count) = boxes.entry(&mail.to).or_default();
        *unread += usize::from(!mail.read);
        *count += 1;
    }
    let page = Page {
        boxes: boxes
            .iter()
            .map(|(to, (unread, count))| Account {
                address: (*to).to_owned(),
                query: encoded(to),
                unread: *unread,
                count: *count,
                active: *to == address,
            })
            .collect(),
        unread: boxes.values().map(|(unread, _)| unread).sum(),
        mails: all
            .iter()
            .rev()
            .filter(|mail| address.is_empty() || mail.to == address)
            .map(|mail| row(mail, open.is_some_and(|open| open.id == mail.id)))
            .collect(),
        open: open.map(|mail| letter(mail, frame.vi)),
        query: encoded(&address),
        address,
        shown,
        frame,
    };
    view.render("demo/mail.html", page)
}

/// Text as part of a query.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn row(mail: &Mail, active: bool) -> Row {
    Row {
        id: mail.id,
        from: mail.from_name.clone(),
        to: mail.to.clone(),
        subject: mail.subject.clone(),
        snippet: mail.snippet(),
        time: time(mail.at),
        read: mail.read,
        active,
    }
}

fn letter(mail: &Mail, vi: bool) -> Letter {
    let language = if vi { Language::Vi } else { Language::En };
    Letter {
        id: mail.id,
        subject: mail.subject.clone(),
        from_name: mail.from_name.clone(),
        from: mail.from.clone(),
        initial: mail.from_name.chars().next().unwrap_or('?').to_uppercase().collect(),
        to: mail.to.clone(),
        at: locale::moment(language, &mail.at.with_timezone(&ZONE), true),
        has_html: mail.html.is_some(),
        text: mail.text.clone().unwrap_or_default(),
        source: String::from_utf8_lossy(&mail.source).into_owned(),
        unsubscribe: mail.unsubscribe.clone(),
        size: mail.source.len().div_ceil(1024),
    }
}

/// The HTML part alone: what stands in the frame.
async fn html(State(view): State<View>, Path(id): Path<usize>) -> Response {
    const POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox allow-forms; default-src 'none'; \
        img-src data: http://127.0.0.1:* http://localhost:*; style-src 'unsafe-inline'; \
        form-action http://127.0.0.1:* http://localhost:*";
    let Some((mail, mut html)) = view.mailbox.mail(id).and_then(|m| m.html.clone().map(|html| (m, html))) else {
        return not_found();
    };
    for (part, (cid, _, _)) in mail.inline.iter().enumerate() {
        html = html.replace(&format!("cid:{cid}"), &format!("/mail/{id}/part/{part}"));
    }
    // A client opens links in the browser: here, in a new tab.
    let doc = dom_query::Document::from(html);
    doc.select("head").append_html(r#"<base target="_blank">"#);
    doc.select("a[target], form[target]").remove_attr("target");
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, doc.html().to_string()).into_response()
}

/// A picture inside a mail.
async fn part(State(view): State<View>, Path((id, part)): Path<(usize, usize)>) -> Response {
    let Some((_, kind, bytes)) = view.mailbox.mail(id).and_then(|mail| mail.inline.get(part).cloned()) else {
        return not_found();
    };
    let mut headers = HeaderMap::new();
    if let Ok(kind) = kind.parse() {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    (headers, bytes).into_response()
}
