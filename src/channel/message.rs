//! What the outbox hands to a channel: one message to one target, and what is known of an earlier post of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::article::Article;
use crate::config::{Language, PostStyle, Section};

/// What the outbox hands to a channel: one message to one target.
#[derive(Debug, Clone)]
pub struct Job {
    /// Key of the delivery.
    pub delivery: i64,
    /// The same on every retry; a mail's Message-ID is made of it.
    pub message_id: String,
    /// When it was decided, a mail's Date: the same on every retry too.
    pub created: DateTime<Utc>,
    /// Where it goes.
    pub target: Target,
    /// What it is.
    pub message: Message,
    /// What its calls have come to so far, as the channel itself described it ([`Outcome::Partly`]); empty before the
    /// first.
    pub progress: String,
}

/// One address of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Key in the store; for e-mail also the subscriber's key.
    pub id: i64,
    /// Telegram: chat id or `@name`. E-mail: the address. Webhook: its name. Never logged for e-mail.
    pub address: String,
    /// Telegram: the topic of a forum.
    pub topic: Option<i32>,
    /// Language of the message's frame (buttons, "why you get this").
    pub language: Language,
    /// Telegram: post without a sound.
    pub silent: bool,
    /// Telegram: how an article stands there.
    pub style: PostStyle,
}

/// An article as it appears in a section.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The article.
    pub article: Arc<Article>,
    /// The section it was released in.
    pub section: Arc<Section>,
}

/// The kinds of message.
#[derive(Debug, Clone)]
pub enum Message {
    /// A new article.
    Post(Entry),
    /// The article changed: what was posted is brought up to date.
    Edit(Entry, Posted),
    /// The article was withdrawn: what was posted disappears.
    Delete(Posted),
    /// The article was withdrawn: what was posted says so.
    Mark(Entry, Posted),
    /// An answer of the bot.
    Answer(Reply),
    /// Several articles for one slot.
    Digest {
        /// The articles, newest first; never empty.
        entries: Vec<Entry>,
        /// The slot's moment.
        at: DateTime<Utc>,
        /// "daily", "weekly" or, for a chat, "slot".
        cadence: String,
    },
    /// The question whether an address really wants to subscribe (double opt-in).
    Confirm {
        /// The link to the page with the button.
        link: String,
        /// The names of the sections asked for.
        sections: Vec<String>,
    },
    /// A mailed article was wrong: what it says now.
    Correction(Entry, Correction),
    /// The last mail to a reader who left.
    Farewell,
    /// `bantin test`: a real message that says it is a test.
    Test,
    /// What an admin has to know.
    Alert(Notice),
}

impl Message {
    /// The section of the article that it is about, where it is about one.
    pub fn section(&self) -> Option<&Arc<Section>> {
        match self {
            Self::Post(entry) | Self::Edit(entry, _) | Self::Mark(entry, _) | Self::Correction(entry, _) => {
                Some(&entry.section)
            }
            _ => None,
        }
    }
}

/// What stands before the `@` of a mail's Message-ID, by the identity of its delivery.
pub fn message_id(identity: &str) -> String {
    identity.replace(':', ".")
}

/// What a correction says besides the article, and which mail it follows.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Correction {
    /// The editors' words; may be empty.
    pub note: String,
    /// The identity of the delivery that was wrong; empty where it is not known.
    pub after: String,
}

impl Correction {
    /// What stands in the payload of a delivery; a note alone in what an older version queued.
    pub fn of(payload: &str) -> Self {
        serde_json::from_str(payload).unwrap_or_else(|_| Self { note: payload.to_owned(), after: String::new() })
    }
}

/// A few lines for an admin, in their language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notice {
    /// What it is about.
    pub heading: String,
    /// The rest, line by line; plain text.
    pub lines: Vec<String>,
}

/// What the bot answers; plain text.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Reply {
    /// The text; of a pressed button, the note that is shown for a moment.
    pub text: String,
    /// Buttons below, in rows: (what it says, what it sends back).
    pub buttons: Vec<Vec<(String, String)>>,
    /// The button's press that is answered, instead of a message.
    pub callback: Option<String>,
}

/// What is known of an earlier post, as the channel itself described it.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Posted {
    /// Telegram's chat id as answered, e-mail: empty.
    pub chat: String,
    /// Telegram's message id, the relay's reply, or the id that a webhook's receiver told.
    pub message: String,
    /// Telegram: the further messages of an album or a split text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<String>,
    /// Whether the post is a picture with a caption.
    #[serde(default)]
    pub photo: bool,
    /// Hash of what was rendered, so that an unchanged rendering is not sent again; of several pieces, their hashes
    /// with commas between.
    #[serde(default)]
    pub rendered: String,
    /// Telegram: the key of the picture.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub picture: Box<str>,
}
