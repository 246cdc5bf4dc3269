//! Chats and what stands in them.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::html::Rich;
use super::image::fingerprint;
use super::params::Params;
use super::refusal::Refusal;

/// A picture the server knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// Its name for later use.
    pub file_id: String,
    /// Fingerprint of its bytes (or of its address), as in the journal.
    pub hash: String,
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// Size in bytes.
    pub bytes: usize,
}

/// A message as it stands in a chat.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The text, or a picture's caption.
    pub text: Rich,
    /// The picture.
    pub photo: Option<Photo>,
    /// Rows of buttons, `null` without.
    pub buttons: Value,
    /// The topic.
    pub thread: Option<i64>,
    /// The album.
    pub album: Option<String>,
    /// When it was sent, Unix seconds.
    pub date: u64,
    /// When it was last edited.
    pub edited: Option<u64>,
}

/// Every chat the bot has spoken to.
#[derive(Default)]
pub struct Chats {
    names: HashMap<i64, String>,
    messages: HashMap<i64, BTreeMap<i64, Message>>,
    last: HashMap<i64, i64>,
}

/// A chat as a call names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Its number; a name's number is made of the name.
    pub id: i64,
    /// `@name` where the chat is known by one, else the number: the journal's `chat`.
    pub label: String,
}

impl Chat {
    /// Whether it is a group with the groups' limit; named chats are channels.
    pub fn is_group(&self) -> bool {
        self.id < 0 && !self.label.starts_with('@')
    }
}

impl Chats {
    /// The chat of a call.
    pub fn resolve(&mut self, params: &Params) -> Result<Chat, Refusal> {
        let named =
            params.text("chat_id").filter(|id| !id.is_empty()).ok_or_else(|| Refusal::bad("chat_id is empty"))?;
        if let Some(name) = named.strip_prefix('@') {
            let fits = name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !fits {
                return Err(Refusal::bad("chat not found"));
            }
            let label = named.to_ascii_lowercase();
            let number = i64::try_from(fingerprint(label.as_bytes()) % 1_000_000_000).unwrap_or(0);
            let id = -1_001_000_000_000 - number;
            self.names.insert(id, label.clone());
            return Ok(Chat { id, label });
        }
        let id = named.parse().ok().filter(|id| *id != 0).ok_or_else(|| Refusal::bad("chat not found"))?;
        Ok(Chat { id, label: self.names.get(&id).cloned().unwrap_or_else(|| id.to_string()) })
    }

    /// Puts a message into a chat; answers its number.
    pub fn put(&mut self, chat: &Chat, message: Message) -> i64 {
        let last = self.last.entry(chat.id).or_default();
        *last += 1;
        self.messages.entry(chat.id).or_default().insert(*last, message);
        *last
    }

    /// A message to change.
    pub fn find(&mut self, chat: &Chat, id: i64) -> Option<&mut Message> {
        self.messages.get_mut(&chat.id)?.get_mut(&id)
    }

    /// Takes a message away.
    pub fn remove(&mut self, chat: &Chat, id: i64) -> Option<Message> {
        self.messages.get_mut(&chat.id)?.remove(&id)
    }
}

/// A chat as the API shows it.
pub fn chat_json(chat: &Chat) -> Value {
    match chat.label.strip_prefix('@') {
        Some(name) => json!({ "id": chat.id, "type": "channel", "title": name, "username": name }),
        None if chat.id > 0 => json!({ "id": chat.id, "type": "private", "first_name": "Reader" }),
        None if chat.label.starts_with("-100") => json!({ "id": chat.id, "type": "supergroup", "title": "Group" }),
        None => json!({ "id": chat.id, "type": "group", "title": "Group" }),
    }
}

/// A message as the API shows it.
pub fn message_json(chat: &Chat, id: i64, message: &Message) -> Value {
    let mut shown = json!({ "message_id": id, "date": message.date, "chat": chat_json(chat) });
    if chat.label.starts_with('@') {
        shown["sender_chat"] = chat_json(chat);
    } else {
        shown["from"] = super::bot_json();
    }
    let (text, entities) = if message.photo.is_some() { ("caption", "caption_entities") } else { ("text", "entities") };
    if message.photo.is_none() || !message.text.text.is_empty() {
        shown[text] = json!(message.text.text);
    }
    if !message.text.entities.is_empty() {
        shown[entities] = json!(message.text.entities);
    }
    if let Some(photo) = &message.photo {
        shown["photo"] = json!([{
            "file_id": photo.file_id, "file_unique_id": photo.hash,
            "width": photo.size.0, "height": photo.size.1, "file_size": photo.bytes,
        }]);
    }
    if let Some(album) = &message.album {
        shown["media_group_id"] = json!(album);
    }
    if let Some(thread) = message.thread {
        shown["message_thread_id"] = json!(thread);
        shown["is_topic_message"] = json!(true);
    }
    if let Some(edited) = message.edited {
        shown["edit_date"] = json!(edited);
    }
    if !message.buttons.is_null() {
        shown["reply_markup"] = json!({ "inline_keyboard": message.buttons });
    }
    shown
}
