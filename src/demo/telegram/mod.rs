//! A Telegram on this machine: [`api`] speaks the Bot API with whoever posts, [`Telegram`] keeps the channels,
//! and the demo's pages show them as Telegram does.

mod api;
mod form;
mod text;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::journal::{Event, Journal};
use crate::clock::Clock;

/// The channels and their posts; clones are the same Telegram.
#[derive(Debug, Clone)]
pub struct Telegram {
    clock: Clock,
    journal: Journal,
    chats: Arc<Mutex<Chats>>,
}

#[derive(Debug, Default)]
struct Chats {
    /// Names of chats by their number.
    names: BTreeMap<i64, String>,
    posts: Vec<Post>,
    pictures: HashMap<String, Picture>,
}

/// One post.
#[derive(Debug, Clone)]
pub struct Post {
    /// Number within its chat.
    pub id: i64,
    /// The chat's number.
    pub chat: i64,
    /// When it was posted.
    pub at: DateTime<Utc>,
    /// When it was last edited.
    pub edited: Option<DateTime<Utc>>,
    /// When it was deleted.
    pub deleted: Option<DateTime<Utc>>,
    /// Text or caption as HTML that is safe to show.
    pub html: String,
    /// Text or caption as plain text.
    pub plain: String,
    /// The picture's file id.
    pub photo: Option<String>,
    /// Rows of buttons.
    pub buttons: Vec<Vec<Button>>,
    /// Whether it came without a sound.
    pub silent: bool,
}

/// A button that opens an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Button {
    /// What stands on it.
    pub text: String,
    /// Where it leads.
    pub url: String,
}

/// An uploaded picture.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    pub(super) bytes: Bytes,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Telegram {
    /// A Telegram without any chat.
    pub fn new(clock: Clock, journal: Journal) -> Self {
        Self { clock, journal, chats: Arc::default() }
    }

    /// The Bot API, `/bot<token>/<method>`.
    pub fn router(&self) -> axum::Router {
        api::router(self.clone())
    }

    /// The chats with their names, in the order of their last posts.
    pub fn chats(&self) -> Vec<(i64, String)> {
        let chats = self.lock();
        let last = |chat: i64| chats.posts.iter().rposition(|p| p.chat == chat);
        let mut all: Vec<_> = chats.names.clone().into_iter().collect();
        all.sort_by_key(|(chat, _)| std::cmp::Reverse(last(*chat)));
        all
    }

    /// The posts of a chat, oldest first, deleted ones among them.
    pub fn posts(&self, chat: i64) -> Vec<Post> {
        self.lock().posts.iter().filter(|p| p.chat == chat).cloned().collect()
    }

    pub(super) fn picture(&self, id: &str) -> Option<Picture> {
        self.lock().pictures.get(id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Chats> {
        self.chats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of a chat named by number or `@name`; a new name becomes a chat.
    fn chat(&self, name: &str) -> Option<i64> {
        let mut chats = self.lock();
        if let Ok(number) = name.parse::<i64>() {
            chats.names.entry(number).or_insert_with(|| number.to_string());
            return Some(number);
        }
        if !name.starts_with('@') || name.len() < 2 {
            return None;
        }
        if let Some((number, _)) = chats.names.iter().find(|(_, known)| *known == name) {
            return Some(*number);
        }
        let number = -1_002_600_000_001 - chats.names.len() as i64;
        chats.names.insert(number, name.to_owned());
        Some(number)
    }

    /// Adds a post and says what number it got.
    fn add(&self, mut post: Post) -> Post {
        let mut chats = self.lock();
        post.id = chats.posts.iter().filter(|p| p.chat == post.chat).map(|p| p.id).max().unwrap_or(1) + 1;
        chats.posts.push(post.clone());
        let chat = chats.names.get(&post.chat).cloned().unwrap_or_default();
        drop(chats);
        self.journal.write(Event::Posted { chat, title: post.title() });
        post
    }

    /// Changes a post that is there; `None` where there is none.
    fn change(&self, chat: i64, id: i64, change: impl FnOnce(&mut Post)) -> Option<Post> {
        let mut chats = self.lock();
        let name = chats.names.get(&chat).cloned().unwrap_or_default();
        let post = chats.posts.iter_mut().find(|p| p.chat == chat && p.id == id && p.deleted.is_none())?;
        let was_deleted = post.deleted;
        change(post);
        let post = post.clone();
        drop(chats);
        let title = post.title();
        self.journal.write(if post.deleted == was_deleted {
            Event::Edited { chat: name, title }
        } else {
            Event::Deleted { chat: name, title }
        });
        Some(post)
    }
}

impl Post {
    /// Its first line.
    pub fn title(&self) -> String {
        self.plain.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("(photo)").to_owned()
    }
}
