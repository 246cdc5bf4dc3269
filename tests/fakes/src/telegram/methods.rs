//! What each method does to the chats, and what it leaves in the journal.

use serde_json::{Map, Value, json};

use super::chat::{Chat, Message, chat_json, message_json};
use super::content::{buttons, caption, text};
use super::html::Rich;
use super::params::Params;
use super::refusal::Refusal;
use super::{State, bot_json};
use crate::journal::now_ms;

/// What a call came to: the answer, and a journal line for each message it sent or changed.
#[derive(Debug, Default)]
pub struct Done {
    /// `result` of the answer.
    pub result: Value,
    /// The lines, without method and chat.
    pub lines: Vec<Map<String, Value>>,
}

type Answer = Result<Done, Refusal>;

/// Whether the method writes into a chat: it is limited, journalled, and falls under a chat's troubles.
pub fn writes(method: &str) -> bool {
    method.starts_with("send") && method != "sendchataction"
        || method.starts_with("edit")
        || method.starts_with("deletemessage")
}

/// How many messages a call counts for.
pub fn weight(method: &str, params: &Params) -> usize {
    let many = |name: &str| params.json(name).ok().flatten().and_then(|list| list.as_array().map(Vec::len));
    match method {
        "sendmediagroup" => many("media").unwrap_or(1).max(1),
        "deletemessages" => many("message_ids").unwrap_or(1).max(1),
        _ => 1,
    }
}

/// Performs a method (its name in lower case).
pub fn perform(state: &mut State, method: &str, chat: Option<&Chat>, params: &Params) -> Answer {
    let chat = || chat.ok_or_else(|| Refusal::bad("chat_id is empty"));
    match method {
        "getme" => Ok(answer(bot_json())),
        "getchat" => {
            let mut shown = chat_json(chat()?);
            shown["accent_color_id"] = json!(0);
            shown["max_reaction_count"] = json!(11);
            shown["accepted_gift_types"] = json!({ "unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false, "premium_subscription": false });
            Ok(answer(shown))
        }
        "getchatmember" => {
            let shown = chat_json(chat()?);
            Ok(answer(match shown["type"].as_str() {
                Some("channel") => json!({ "status": "administrator", "user": bot_json(), "can_post_messages": true }),
                _ => json!({ "status": "member", "user": bot_json() }),
            }))
        }
        "deletewebhook" => Ok(answer(json!(true))),
        "sendchataction" => chat().map(|_| answer(json!(true))),
        "sendmessage" => send_message(state, chat()?, params),
        "sendphoto" => send_photo(state, chat()?, params),
        "sendmediagroup" => send_album(state, chat()?, params),
        "editmessagetext" => edit(state, chat()?, params, |_, params, message| {
            if message.photo.is_some() {
                return Err(Refusal::bad("there is no text in the message to edit"));
            }
            message.text = text(params)?;
            Ok(())
        }),
        "editmessagecaption" => edit(state, chat()?, params, |_, params, message| {
            if message.photo.is_none() {
                return Err(Refusal::bad("there is no caption in the message to edit"));
            }
            message.text = caption(params.text("caption"), params.text("parse_mode"))?;
            Ok(())
        }),
        "editmessagemedia" => edit(state, chat()?, params, |state, params, message| {
            let media = params.json("media")?.ok_or_else(|| Refusal::bad("input media is not specified"))?;
            let (photo, text) = input_media(state, params, &media)?;
            (message.photo, message.text) = (Some(photo), text);
            Ok(())
        }),
        "editmessagereplymarkup" => edit(state, chat()?, params, |_, _, _| Ok(())),
        "deletemessage" => {
            let (chat, id) = (chat()?, message_id(params)?);
            state.chats.remove(chat, id).ok_or_else(|| Refusal::bad("message to delete not found"))?;
            Ok(Done { result: json!(true), lines: vec![line([("message_id", json!(id))])] })
        }
        "deletemessages" => {
            let chat = chat()?;
            let ids = params.json("message_ids")?.unwrap_or_default();
            let ids: Vec<i64> = ids.as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
            if !(1..=100).contains(&ids.len()) {
                return Err(Refusal::bad("there are no messages to delete, or more than 100"));
            }
            // Those that are not there are skipped.
            let gone = ids.into_iter().filter(|id| state.chats.remove(chat, *id).is_some());
            let lines = gone.map(|id| line([("message_id", json!(id))])).collect();
            Ok(Done { result: json!(true), lines })
        }
        _ => Err(Refusal::new(404, "Not Found: method not found")),
    }
}

fn send_message(state: &mut State, chat: &Chat, params: &Params) -> Answer {
    let message = message(params, text(params)?)?;
    Ok(send(state, chat, &message, params))
}

fn send_photo(state: &mut State, chat: &Chat, params: &Params) -> Answer {
    let photo = state.files.photo(params, "photo", params.text("photo").as_deref())?;
    let mut message = message(params, caption(params.text("caption"), params.text("parse_mode"))?)?;
    message.photo = Some(photo);
    Ok(send(state, chat, &message, params))
}

fn send_album(state: &mut State, chat: &Chat, params: &Params) -> Answer {
    if params.text("reply_markup").is_some() {
        return Err(Refusal::bad("an album has no reply markup"));
    }
    let media = params.json("media")?.unwrap_or_default();
    let items = media.as_array().filter(|items| (2..=10).contains(&items.len()));
    let items = items.ok_or_else(|| Refusal::bad("group send failed: wrong number of media in the album"))?;
    let parts: Result<Vec<_>, _> = items.iter().map(|item| input_media(state, params, item)).collect();
    let album = now_ms().to_string();
    let mut done = Done::default();
    let mut shown = Vec::new();
    for (photo, text) in parts? {
        let mut message = message(params, text)?;
        message.photo = Some(photo);
        message.album = Some(album.clone());
        let one = send(state, chat, &message, params);
        shown.push(one.result);
        done.lines.extend(one.lines);
    }
    done.result = Value::Array(shown);
    Ok(done)
}

/// An `InputMediaPhoto`: the picture and its caption.
fn input_media(state: &mut State, params: &Params, media: &Value) -> Result<(super::chat::Photo, Rich), Refusal> {
    if media["type"] != "photo" {
        return Err(Refusal::bad("can't parse InputMedia: only photos are known here"));
    }
    let words = |key: &str| media[key].as_str().map(str::to_owned);
    let named = words("media").ok_or_else(|| Refusal::bad("can't parse InputMedia: media not found"))?;
    let photo = state.files.photo(params, "media", Some(&named))?;
    Ok((photo, caption(words("caption"), words("parse_mode"))?))
}

fn message(params: &Params, text: Rich) -> Result<Message, Refusal> {
    Ok(Message {
        text,
        photo: None,
        buttons: buttons(params)?,
        thread: params.number("message_thread_id"),
        album: None,
        date: now_ms() / 1000,
        edited: None,
    })
}

fn send(state: &mut State, chat: &Chat, message: &Message, params: &Params) -> Done {
    let id = state.chats.put(chat, message.clone());
    let mut record = written(id, message);
    record.insert("silent".to_owned(), json!(params.flag("disable_notification")));
    Done { result: message_json(chat, id, message), lines: vec![record] }
}

fn edit(
    state: &mut State,
    chat: &Chat,
    params: &Params,
    change: impl Fn(&mut State, &Params, &mut Message) -> Result<(), Refusal>,
) -> Answer {
    let id = message_id(params)?;
    let before = state.chats.find(chat, id).cloned().ok_or_else(|| Refusal::bad("message to edit not found"))?;
    let mut after = Message { buttons: buttons(params)?, ..before.clone() };
    change(state, params, &mut after)?;
    if after == before {
        return Err(Refusal::bad(
            "message is not modified: specified new message content and reply markup are exactly the same as a current \
             content and reply markup of the message",
        ));
    }
    after.edited = Some(now_ms() / 1000);
    if let Some(standing) = state.chats.find(chat, id) {
        *standing = after.clone();
    }
    let mut record = written(id, &after);
    record.insert("edited".to_owned(), json!(true));
    Ok(Done { result: message_json(chat, id, &after), lines: vec![record] })
}

fn message_id(params: &Params) -> Result<i64, Refusal> {
    params.number("message_id").ok_or_else(|| Refusal::bad("message identifier is not specified"))
}

fn answer(result: Value) -> Done {
    Done { result, lines: Vec::new() }
}

fn line<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// The journal's view of a message; the text of a picture is its caption.
fn written(id: i64, message: &Message) -> Map<String, Value> {
    let photo = message.photo.as_ref().map(
        |photo| json!({ "hash": photo.hash, "width": photo.size.0, "height": photo.size.1, "bytes": photo.bytes }),
    );
    line([
        ("message_id", json!(id)),
        ("thread", json!(message.thread)),
        ("text", json!(message.text.text)),
        ("entities", json!(message.text.entities)),
        ("photo", json!(photo)),
        ("buttons", message.buttons.clone()),
    ])
}
