//! The Bot API as far as posting needs it: `sendMessage`, `sendPhoto`, the edits, `deleteMessage`, `getMe` and
//! the calls a bot makes at its start. Answers and errors are worded as Telegram words them.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::any;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::form::Params;
use super::text::{length, plain, to_html};
use super::{Button, Picture, Post, Telegram};

/// The largest photo Telegram takes.
const PHOTO: usize = 10 * 1024 * 1024;

/// The Bot API's routes.
pub(super) fn router(telegram: Telegram) -> Router {
    Router::new()
        .route("/{bot}/{method}", any(call))
        .layer(DefaultBodyLimit::max(PHOTO + 1024 * 1024))
        .with_state(telegram)
}

type Answer = Result<Value, (u16, &'static str)>;

async fn call(
    State(telegram): State<Telegram>,
    Path((bot, method)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = if bot.strip_prefix("bot").is_none_or(str::is_empty) {
        Err((404, "Not Found"))
    } else {
        let params = Params::read(query.as_deref(), &headers, &body);
        telegram.answer(&method.to_ascii_lowercase(), &params).await
    };
    match answer {
        Ok(result) => Json(json!({ "ok": true, "result": result })).into_response(),
        Err((code, description)) => {
            let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST);
            (status, Json(json!({ "ok": false, "error_code": code, "description": description }))).into_response()
        }
    }
}

impl Telegram {
    async fn answer(&self, method: &str, params: &Params) -> Answer {
        match method {
            "getme" => Ok(json!({
                "id": 123_456, "is_bot": true, "first_name": "Bản tin", "username": "bantin_demo_bot",
                "can_join_groups": true, "can_read_all_group_messages": false, "supports_inline_queries": false,
                "can_connect_to_business": false, "has_main_web_app": false,
            })),
            "getupdates" => {
                // Nobody writes to the bot here; the call waits as Telegram's does, so that it is not repeated.
                let seconds = params.number("timeout").unwrap_or(0).clamp(0, 50);
                tokio::time::sleep(Duration::from_secs(seconds as u64)).await;
                Ok(json!([]))
            }
            "sendmessage" => self.send_message(params),
            "sendphoto" => self.send_photo(params),
            "editmessagetext" => self.edit(params, "text", 4096),
            "editmessagecaption" => self.edit(params, "caption", 1024),
            "editmessagereplymarkup" => self.edit(params, "", 0),
            "editmessagemedia" => self.edit_media(params),
            "deletemessage" => {
                let (chat, id) = self.place(params)?;
                let now = self.clock.now();
                self.change(chat, id, |post| post.deleted = Some(now))
                    .map(|_| Value::Bool(true))
                    .ok_or((400, "Bad Request: message to delete not found"))
            }
            "getchat" => {
                let chat = self.target(params)?;
                let mut value = self.chat_json(chat);
                value["accent_color_id"] = json!(0);
                value["max_reaction_count"] = json!(11);
                Ok(value)
            }
            "getwebhookinfo" => Ok(json!({ "url": "", "has_custom_certificate": false, "pending_update_count": 0 })),
            "deletewebhook" | "setmycommands" | "sendchataction" | "logout" | "close" => Ok(Value::Bool(true)),
            _ => Err((404, "Not Found")),
        }
    }

    fn send_message(&self, params: &Params) -> Answer {
        let chat = self.target(params)?;
        let text = params.text("text").unwrap_or_default();
        let post = self.compose(params, chat, &text);
        match length(&post.plain) {
            0 => Err((400, "Bad Request: message text is empty")),
            4097.. => Err((400, "Bad Request: message is too long")),
            _ => Ok(self.message(&self.add(post))),
        }
    }

    fn send_photo(&self, params: &Params) -> Answer {
        let chat = self.target(params)?;
        let photo = self.keep_photo(params, "photo", params.text("photo").as_deref())?;
        let mut post = self.compose(params, chat, &params.text("caption").unwrap_or_default());
        if length(&post.plain) > 1024 {
            return Err((400, "Bad Request: message caption is too long"));
        }
        post.photo = Some(photo);
        Ok(self.message(&self.add(post)))
    }

    /// A post as the parameters describe it, not yet added.
    fn compose(&self, params: &Params, chat: i64, text: &str) -> Post {
        let html = to_html(text, params.text("parse_mode").as_deref());
        Post {
            id: 0,
            chat,
            at: self.clock.now(),
            edited: None,
            deleted: None,
            plain: plain(&html),
            html,
            photo: None,
            buttons: buttons(params),
            silent: params.text("disable_notification").as_deref() == Some("true"),
        }
    }

    /// Changes text, caption (both by the parameter `field`) or, without a field, only the buttons.
    fn edit(&self, params: &Params, field: &str, limit: usize) -> Answer {
        let (chat, id) = self.place(params)?;
        let before = self.find(chat, id)?;
        let mut after = self.compose(params, chat, &params.text(field).unwrap_or_default());
        match field {
            "text" if before.photo.is_some() => {
                return Err((400, "Bad Request: there is no text in the message to edit"));
            }
            "text" if after.plain.is_empty() => return Err((400, "Bad Request: message text is empty")),
            "caption" if before.photo.is_none() => {
                return Err((400, "Bad Request: there is no caption in the message to edit"));
            }
            "" => (after.html, after.plain) = (before.html.clone(), before.plain.clone()),
            _ if length(&after.plain) > limit => return Err((400, "Bad Request: MESSAGE_TOO_LONG")),
            _ => {}
        }
        self.replace(&before, after.html, after.plain, after.buttons, before.photo.clone())
    }

    fn edit_media(&self, params: &Params) -> Answer {
        let (chat, id) = self.place(params)?;
        let before = self.find(chat, id)?;
        let media = params.json("media").ok_or((400, "Bad Request: can't parse InputMedia"))?;
        let photo = self.keep_photo(params, "media", media["media"].as_str())?;
        let html = to_html(media["caption"].as_str().unwrap_or_default(), media["parse_mode"].as_str());
        let text = plain(&html);
        if length(&text) > 1024 {
            return Err((400, "Bad Request: message caption is too long"));
        }
        self.replace(&before, html, text, buttons(params), Some(photo))
    }

    fn replace(
        &self,
        before: &Post,
        html: String,
        text: String,
        buttons: Vec<Vec<Button>>,
        photo: Option<String>,
    ) -> Answer {
        if (&html, &buttons, &photo) == (&before.html, &before.buttons, &before.photo) {
            return Err((
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly \
                 the same as a current content and reply markup of the message",
            ));
        }
        let now = self.clock.now();
        let change = |post: &mut Post| {
            (post.html, post.plain, post.buttons, post.photo) = (html, text, buttons, photo);
            post.edited = Some(now);
        };
        let post =
            self.change(before.chat, before.id, change).ok_or((400, "Bad Request: message to edit not found"))?;
        Ok(self.message(&post))
    }

    /// The file id of an uploaded picture, or of one that was uploaded before.
    fn keep_photo(&self, params: &Params, name: &str, value: Option<&str>) -> Result<String, (u16, &'static str)> {
        if let Some(bytes) = params.file(name, value) {
            let size = imagesize::blob_size(&bytes).map_err(|_| (400, "Bad Request: IMAGE_PROCESS_FAILED"))?;
            if bytes.len() > PHOTO || size.width + size.height > 10_000 {
                return Err((400, "Bad Request: PHOTO_INVALID_DIMENSIONS"));
            }
            let id = HEXLOWER.encode(Sha256::digest(&bytes).get(..16).unwrap_or_default());
            let picture = Picture { bytes, width: size.width, height: size.height };
            self.lock().pictures.insert(id.clone(), picture);
            return Ok(id);
        }
        match value {
            Some(id) if self.picture(id).is_some() => Ok(id.to_owned()),
            // This Telegram reaches no other machine, and bantin uploads its pictures itself.
            Some(url) if url.starts_with("http") => Err((400, "Bad Request: failed to get HTTP URL content")),
            Some(_) => Err((400, "Bad Request: wrong file identifier/HTTP URL specified")),
            None => Err((400, "Bad Request: there is no photo in the request")),
        }
    }

    fn target(&self, params: &Params) -> Result<i64, (u16, &'static str)> {
        let name = params.text("chat_id").ok_or((400, "Bad Request: chat_id is empty"))?;
        self.chat(&name).ok_or((400, "Bad Request: chat not found"))
    }

    fn place(&self, params: &Params) -> Result<(i64, i64), (u16, &'static str)> {
        let id = params.number("message_id").ok_or((400, "Bad Request: message identifier is not specified"))?;
        Ok((self.target(params)?, id))
    }

    fn find(&self, chat: i64, id: i64) -> Result<Post, (u16, &'static str)> {
        let found = self.posts(chat).into_iter().find(|p| p.id == id && p.deleted.is_none());
        found.ok_or((400, "Bad Request: message to edit not found"))
    }

    fn chat_json(&self, chat: i64) -> Value {
        let name = self.lock().names.get(&chat).cloned().unwrap_or_default();
        let mut value = json!({ "id": chat, "type": "channel", "title": name.trim_start_matches('@') });
        if let Some(name) = name.strip_prefix('@') {
            value["username"] = json!(name);
        }
        value
    }

    /// A post as Telegram's `Message`.
    fn message(&self, post: &Post) -> Value {
        let chat = self.chat_json(post.chat);
        let mut value = json!({
            "message_id": post.id, "date": post.at.timestamp(), "sender_chat": chat, "chat": chat,
        });
        if let Some(at) = post.edited {
            value["edit_date"] = json!(at.timestamp());
        }
        match post.photo.as_ref().and_then(|id| Some((id, self.picture(id)?))) {
            Some((id, picture)) => {
                value["photo"] = json!([{
                    "file_id": id, "file_unique_id": id.get(..16), "file_size": picture.bytes.len(),
                    "width": picture.width, "height": picture.height,
                }]);
                if !post.plain.is_empty() {
                    value["caption"] = json!(post.plain);
                }
            }
            None => value["text"] = json!(post.plain),
        }
        if !post.buttons.is_empty() {
            value["reply_markup"] = json!({ "inline_keyboard": post.buttons });
        }
        value
    }
}

/// The buttons of `reply_markup` that lead to an address.
fn buttons(params: &Params) -> Vec<Vec<Button>> {
    let markup = params.json("reply_markup").unwrap_or_default();
    let rows = markup["inline_keyboard"].as_array().cloned().unwrap_or_default();
    let button = |b: &Value| {
        let (text, url) = (b["text"].as_str()?, b["url"].as_str()?);
        url.starts_with("http").then(|| Button { text: text.into(), url: url.into() })
    };
    rows.iter()
        .map(|row| row.as_array().map(|row| row.iter().filter_map(button).collect()).unwrap_or_default())
        .filter(|row: &Vec<Button>| !row.is_empty())
        .collect()
}
