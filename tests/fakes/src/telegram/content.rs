//! The content of a message, out of a call's parameters, checked against the documented limits.

use std::collections::HashMap;

use serde_json::Value;

use super::chat::Photo;
use super::html::{self, Rich};
use super::image;
use super::params::Params;
use super::refusal::Refusal;

const LONGEST_TEXT: usize = 4096;
const LONGEST_CAPTION: usize = 1024;
const LARGEST_PHOTO: usize = 10 * 1024 * 1024;

/// The pictures uploaded so far, by file id.
#[derive(Default)]
pub struct Files(HashMap<String, Photo>);

/// The text of a message: 1 to 4096 units after parsing.
pub fn text(params: &Params) -> Result<Rich, Refusal> {
    let rich = rich(params.text("text"), params.text("parse_mode"))?;
    match rich.units() {
        0 => Err(Refusal::bad("message text is empty")),
        1..=LONGEST_TEXT => Ok(rich),
        _ => Err(Refusal::bad("message is too long")),
    }
}

/// A caption: 0 to 1024 units after parsing.
pub fn caption(text: Option<String>, mode: Option<String>) -> Result<Rich, Refusal> {
    let rich = rich(text, mode)?;
    if rich.units() > LONGEST_CAPTION {
        return Err(Refusal::bad("message caption is too long"));
    }
    Ok(rich)
}

fn rich(text: Option<String>, mode: Option<String>) -> Result<Rich, Refusal> {
    let text = text.unwrap_or_default();
    match mode.unwrap_or_default().to_ascii_lowercase().as_str() {
        "html" => html::parse(&text).map_err(|words| Refusal::bad(format!("can't parse entities: {words}"))),
        "" => Ok(Rich::plain(&text)),
        _ => Err(Refusal::bad("unsupported parse_mode")),
    }
}

/// The rows of buttons, `null` without any.
pub fn buttons(params: &Params) -> Result<Value, Refusal> {
    let Some(markup) = params.json("reply_markup")? else { return Ok(Value::Null) };
    let wrong = || Refusal::bad("object expected as reply markup");
    let rows = markup.get("inline_keyboard").and_then(Value::as_array).ok_or_else(wrong)?;
    for button in rows.iter().flat_map(|row| row.as_array().into_iter().flatten()) {
        if button["text"].as_str().is_none_or(|text| text.trim().is_empty()) {
            return Err(Refusal::bad("can't parse inline keyboard button: text must be non-empty"));
        }
        match (button.get("url").and_then(Value::as_str), button.get("callback_data").and_then(Value::as_str)) {
            (Some(url), None) if !html::is_web(url) => {
                let words = format!("inline keyboard button URL '{url}' is invalid: Wrong HTTP URL");
                return Err(Refusal::bad(words));
            }
            (None, Some(data)) if data.is_empty() || data.len() > 64 => {
                return Err(Refusal::bad("BUTTON_DATA_INVALID"));
            }
            (Some(_), None) | (None, Some(_)) => {}
            _ => {
                return Err(Refusal::bad(
                    "can't parse inline keyboard button: text buttons are unallowed in the inline keyboard",
                ));
            }
        }
    }
    let empty = rows.iter().all(|row| row.as_array().is_none_or(Vec::is_empty));
    Ok(if empty { Value::Null } else { Value::Array(rows.clone()) })
}

impl Files {
    /// The picture that `named` stands for: an upload (`attach://field`, or the field itself), a file id, or
    /// an address that Telegram's servers could reach.
    pub fn photo(&mut self, params: &Params, field: &str, named: Option<&str>) -> Result<Photo, Refusal> {
        let upload = match named {
            Some(named) => named.strip_prefix("attach://"),
            None => Some(field),
        };
        if let Some(field) = upload {
            let bytes = params.file(field).ok_or_else(|| Refusal::bad("there is no photo in the request"))?;
            return self.upload(bytes);
        }
        let named = named.unwrap_or_default();
        if let Some(photo) = self.0.get(named) {
            return Ok(photo.clone());
        }
        if named.starts_with("http://") || named.starts_with("https://") {
            return self.fetched(named);
        }
        Err(Refusal::bad("wrong remote file identifier specified: Wrong string length"))
    }

    fn upload(&mut self, bytes: &[u8]) -> Result<Photo, Refusal> {
        if bytes.is_empty() {
            return Err(Refusal::bad("file must be non-empty"));
        }
        if bytes.len() > LARGEST_PHOTO {
            let words = format!(
                "file of size {} bytes is too big for a photo; the maximum size is {LARGEST_PHOTO} bytes",
                bytes.len()
            );
            return Err(Refusal::bad(words));
        }
        let (width, height) = image::size(bytes).ok_or_else(|| Refusal::bad("IMAGE_PROCESS_FAILED"))?;
        let (small, large) = (width.min(height), width.max(height));
        if small == 0 || width + height > 10_000 || large > small.saturating_mul(20) {
            return Err(Refusal::bad("PHOTO_INVALID_DIMENSIONS"));
        }
        Ok(self.keep(&format!("{:016x}", image::fingerprint(bytes)), (width, height), bytes.len()))
    }

    /// No server of Telegram's reaches a private address; what looks public is taken as fetched.
    fn fetched(&mut self, url: &str) -> Result<Photo, Refusal> {
        let host = url.split("://").nth(1).and_then(|rest| rest.split(['/', '?', '#', ':']).next()).unwrap_or_default();
        let number = host.chars().all(|c| c.is_ascii_digit() || c == '.');
        if !html::is_web(url) || !host.contains('.') || number {
            return Err(Refusal::bad("wrong file identifier/HTTP URL specified"));
        }
        Ok(self.keep(&format!("{:016x}", image::fingerprint(url.as_bytes())), (800, 600), 100_000))
    }

    fn keep(&mut self, hash: &str, size: (u32, u32), bytes: usize) -> Photo {
        let photo = Photo { file_id: format!("AgACAgUAA{hash}"), hash: hash.to_owned(), size, bytes };
        self.0.insert(photo.file_id.clone(), photo.clone());
        photo
    }
}
