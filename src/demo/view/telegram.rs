//! The Telegram channels as Telegram shows them.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Asked, Frame, View, day, not_found, time};
use crate::demo::channel_title;
use crate::demo::telegram::{Button, Post};

pub(super) fn routes() -> Router<View> {
    Router::new().route("/telegram", get(channel)).route("/telegram/photo/{id}", get(photo))
}

#[derive(Serialize)]
struct Page {
    #[serde(flatten)]
    frame: Frame,
    chats: Vec<Chat>,
    chat: i64,
    title: String,
    name: String,
    initial: String,
    hue: i64,
    /// Newest first: the page is laid out from below, as a chat is.
    posts: Vec<Bubble>,
}

#[derive(Serialize)]
struct Chat {
    id: i64,
    title: String,
    initial: String,
    last: String,
    time: String,
    active: bool,
    hue: i64,
}

#[derive(Serialize)]
struct Bubble {
    id: i64,
    html: String,
    title: String,
    photo: Option<String>,
    /// Width by height, so that nothing moves while the picture loads.
    size: (usize, usize),
    buttons: Vec<Vec<Button>>,
    time: String,
    edited: Option<String>,
    deleted: Option<String>,
    views: usize,
    /// The day, at its first post.
    day: Option<String>,
}

async fn channel(State(view): State<View>, asked: Asked, headers: HeaderMap) -> Response {
    let frame = Frame::new(&asked, &headers);
    let all = view.telegram.chats();
    let wanted = asked.get("chat").and_then(|c| c.parse::<i64>().ok());
    let (chat, name) = wanted
        .and_then(|id| all.iter().find(|(known, _)| *known == id))
        .or_else(|| all.iter().find(|(_, name)| name == "@bantin_demo"))
        .or_else(|| all.first())
        .cloned()
        .unwrap_or((0, "@bantin_demo".into()));
    let chats = all.iter().map(|(id, name)| {
        let last = view.telegram.posts(*id).into_iter().rfind(|p| p.deleted.is_none());
        let title = channel_title(name).to_owned();
        Chat {
            id: *id,
            initial: initial(&title),
            title,
            last: last.as_ref().map(Post::title).unwrap_or_default(),
            time: last.map(|p| time(p.at)).unwrap_or_default(),
            active: *id == chat,
            hue: id.rem_euclid(3),
        }
    });
    let title = channel_title(&name).to_owned();
    let page = Page {
        chats: chats.collect(),
        chat,
        initial: initial(&title),
        title,
        name,
        hue: chat.rem_euclid(3),
        posts: bubbles(&view, chat, frame.vi),
        frame,
    };
    view.render("demo/telegram.html", page)
}

fn bubbles(view: &View, chat: i64, vi: bool) -> Vec<Bubble> {
    let now = view.clock.now();
    let mut last_day = String::new();
    let bubbles = view.telegram.posts(chat).into_iter().map(|post| {
        let today = day(post.at, vi);
        let first = (today != last_day).then(|| today.clone());
        last_day = today;
        Bubble {
            id: post.id,
            title: post.title(),
            size: post
                .photo
                .as_ref()
                .and_then(|id| view.telegram.picture(id))
                .map_or((4, 3), |picture| (picture.width, picture.height)),
            html: post.html.clone(),
            photo: post.photo.clone(),
            buttons: post.buttons.clone(),
            time: time(post.at),
            edited: post.edited.map(time),
            deleted: post.deleted.map(time),
            views: views(post.id, post.at, now),
            day: first,
        }
    });
    let mut bubbles: Vec<_> = bubbles.collect();
    bubbles.reverse();
    bubbles
}

/// How many people have seen a post: nobody has, so the number grows with its age, quickly at first.
fn views(id: i64, at: DateTime<Utc>, now: DateTime<Utc>) -> usize {
    let age = (now - at).num_seconds().max(0);
    1 + (age * (30 + id % 17) / (age / 20 + 25)) as usize
}

fn initial(title: &str) -> String {
    title.chars().next().unwrap_or('#').to_uppercase().collect()
}

async fn photo(State(view): State<View>, Path(id): Path<String>) -> Response {
    let Some(picture) = view.telegram.picture(&id) else { return not_found() };
    let kind = match imagesize::image_type(&picture.bytes) {
        Ok(imagesize::ImageType::Png) => "image/png",
        Ok(imagesize::ImageType::Gif) => "image/gif",
        Ok(imagesize::ImageType::Webp) => "image/webp",
        _ => "image/jpeg",
    };
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=86400, immutable")], picture.bytes).into_response()
}
