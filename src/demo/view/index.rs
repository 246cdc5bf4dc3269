//! The front page.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;

use super::{Asked, Frame, View};
use crate::demo::SECTIONS;
use crate::demo::edition::ZONE;

pub(super) fn routes() -> Router<View> {
    Router::new().route("/", get(index))
}

#[derive(Serialize)]
struct Page {
    #[serde(flatten)]
    frame: Frame,
    site: String,
    base: String,
    sections: Vec<Section>,
    events: Vec<Line>,
    counts: Counts,
}

#[derive(Serialize)]
struct Section {
    slug: &'static str,
    name: &'static str,
    language: &'static str,
    path: &'static str,
}

#[derive(Serialize)]
struct Line {
    time: String,
    place: &'static str,
    verb: &'static str,
    what: String,
}

#[derive(Serialize, Default)]
struct Counts {
    posts: usize,
    edits: usize,
    mails: usize,
    unread: usize,
}

async fn index(State(view): State<View>, asked: Asked, headers: HeaderMap) -> Response {
    let mut counts = Counts::default();
    for post in view.telegram.chats().iter().flat_map(|(chat, _)| view.telegram.posts(*chat)) {
        counts.posts += 1;
        counts.edits += usize::from(post.edited.is_some());
    }
    for mail in view.mailbox.mails() {
        counts.mails += 1;
        counts.unread += usize::from(!mail.read);
    }
    let line = |(at, event): (chrono::DateTime<chrono::Utc>, crate::demo::Event)| Line {
        time: at.with_timezone(&ZONE).format("%H:%M:%S").to_string(),
        place: event.place(),
        verb: event.verb(),
        what: event.what(),
    };
    let page = Page {
        frame: Frame::new(&asked, &headers),
        site: view.site_url.to_string(),
        base: view.base_url.to_string(),
        sections: SECTIONS
            .iter()
            .map(|s| Section { slug: s.slug, name: s.name, language: s.language, path: s.path })
            .collect(),
        events: view.journal.latest().into_iter().take(12).map(line).collect(),
        counts,
    };
    view.render("demo/index.html", page)
}
