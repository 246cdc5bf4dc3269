//! The single calls to the Bot API, each made once; what they answer, and what their faults mean.

use teloxide::payloads::{
    AnswerCallbackQuerySetters, EditMessageCaptionSetters, EditMessageTextSetters, SendMediaGroupSetters,
    SendMessageSetters, SendPhotoSetters,
};
use teloxide::prelude::Requester as _;
use teloxide::types::{
    ChatId, FileId, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, InputMedia, InputMediaPhoto,
    LinkPreviewOptions, Message as Sent, MessageId, ParseMode, Recipient, ThreadId,
};

use super::html;
use super::outcome::{Fault, fault};
use super::picture::Shown;
use super::render::Rendered;
use super::send::Sender;
use crate::channel::{Job, Outcome, Posted, Target};

/// Most characters of the note after a pressed button.
const NOTE: usize = 200;

/// What Telegram says of accepted messages.
#[derive(Debug, Clone, Default)]
pub struct Receipt {
    /// The chat's id.
    pub chat: String,
    /// The messages' ids.
    pub messages: Vec<String>,
    /// The ids of the pictures' files.
    pub files: Vec<String>,
}

impl From<Sent> for Receipt {
    fn from(sent: Sent) -> Self {
        Self::from(vec![sent])
    }
}

impl From<Vec<Sent>> for Receipt {
    fn from(sent: Vec<Sent>) -> Self {
        let largest = |one: &Sent| one.photo().and_then(|sizes| sizes.last()).map(|size| size.file.id.0.clone());
        Self {
            chat: sent.first().map(|one| one.chat.id.0.to_string()).unwrap_or_default(),
            messages: sent.iter().map(|one| one.id.0.to_string()).collect(),
            files: sent.iter().filter_map(largest).collect(),
        }
    }
}

/// Where messages go.
pub fn recipient(address: &str) -> Option<Recipient> {
    if address.len() > 1 && address.starts_with('@') {
        return Some(Recipient::ChannelUsername(address.to_owned()));
    }
    address.parse().ok().map(|id| Recipient::Id(ChatId(id)))
}

fn message_id(message: &str) -> Result<MessageId, Fault> {
    message.parse().map(MessageId).map_err(|_| Fault::Refused(format!("{message:?} is no message id")))
}

fn thread(target: &Target) -> Option<ThreadId> {
    target.topic.map(|topic| ThreadId(MessageId(topic)))
}

fn parse_mode(plain: bool) -> Option<ParseMode> {
    (!plain).then_some(ParseMode::Html)
}

/// The chat of an earlier post, or the target's where it is not known.
fn place(job: &Job, chat: &str) -> Result<Recipient, Fault> {
    recipient(chat)
        .or_else(|| recipient(&job.target.address))
        .ok_or_else(|| Fault::Refused(format!("{:?} is no chat", job.target.address)))
}

impl Rendered {
    fn body(&self, plain: bool) -> String {
        if plain { self.plain.clone() } else { self.html.clone() }
    }

    fn keyboard(&self) -> Option<InlineKeyboardMarkup> {
        if !self.presses.is_empty() {
            let row = |row: &Vec<(String, String)>| {
                row.iter().map(|(text, data)| InlineKeyboardButton::callback(text, data)).collect::<Vec<_>>()
            };
            return Some(InlineKeyboardMarkup::new(self.presses.iter().map(row)));
        }
        let buttons = self.buttons.iter().map(|one| InlineKeyboardButton::url(one.text.clone(), one.url.clone()));
        (!self.buttons.is_empty()).then(|| InlineKeyboardMarkup::new([buttons.collect::<Vec<_>>()]))
    }

    fn link_preview(&self) -> LinkPreviewOptions {
        LinkPreviewOptions {
            is_disabled: self.preview.is_none(),
            url: self.preview.as_ref().map(|url| url.as_str().to_owned()),
            prefer_small_media: false,
            prefer_large_media: self.preview.is_some(),
            show_above_text: false,
        }
    }
}

impl Shown {
    fn input(&self) -> InputFile {
        match (&self.file, &self.bytes) {
            (Some(file), _) => InputFile::file_id(FileId(file.clone())),
            (None, Some(picture)) => InputFile::memory(picture.bytes.clone()).file_name(picture.name),
            (None, None) => InputFile::memory(Vec::new()),
        }
    }

    fn media(&self, caption: Option<String>, plain: bool) -> InputMedia {
        let mut media = InputMediaPhoto::new(self.input());
        if caption.is_some() {
            media.parse_mode = parse_mode(plain);
        }
        media.caption = caption;
        InputMedia::Photo(media)
    }
}

impl Sender {
    pub(super) async fn send_text(&self, job: &Job, text: &Rendered, plain: bool) -> Result<Receipt, Fault> {
        let mut call = self
            .bot
            .send_message(place(job, "")?, text.body(plain))
            .link_preview_options(text.link_preview())
            .disable_notification(job.target.silent);
        call.message_thread_id = thread(&job.target);
        call.parse_mode = parse_mode(plain);
        call.reply_markup = text.keyboard().map(Into::into);
        sent(call.await)
    }

    pub(super) async fn send_photo(
        &self,
        job: &Job,
        caption: &Rendered,
        picture: &Shown,
        plain: bool,
    ) -> Result<Receipt, Fault> {
        let mut call = self
            .bot
            .send_photo(place(job, "")?, picture.input())
            .caption(caption.body(plain))
            .disable_notification(job.target.silent);
        call.message_thread_id = thread(&job.target);
        call.parse_mode = parse_mode(plain);
        call.reply_markup = caption.keyboard().map(Into::into);
        sent(call.await)
    }

    /// Several pictures; the caption is the first one's. An album has no buttons.
    pub(super) async fn send_album(
        &self,
        job: &Job,
        caption: &Rendered,
        pictures: &[Shown],
        plain: bool,
    ) -> Result<Receipt, Fault> {
        let media =
            pictures.iter().enumerate().map(|(n, picture)| picture.media((n == 0).then(|| caption.body(plain)), plain));
        let mut call = self.bot.send_media_group(place(job, "")?, media).disable_notification(job.target.silent);
        call.message_thread_id = thread(&job.target);
        match call.await {
            Ok(messages) => Ok(messages.into()),
            Err(error) => match fault(&error) {
                // Understood by nobody, but accepted: better no ids than a second album.
                Fault::Arrived(..) => Ok(Receipt::default()),
                fault => Err(fault),
            },
        }
    }

    pub(super) async fn edit_text(
        &self,
        job: &Job,
        chat: &str,
        message: &str,
        text: &Rendered,
        plain: bool,
    ) -> Result<Receipt, Fault> {
        let mut call = self
            .bot
            .edit_message_text(place(job, chat)?, message_id(message)?, text.body(plain))
            .link_preview_options(text.link_preview());
        call.parse_mode = parse_mode(plain);
        call.reply_markup = text.keyboard();
        call.await.map(Receipt::from).map_err(|error| fault(&error))
    }

    /// `form`: whether plain, and whether with buttons (which the message of an album has not).
    pub(super) async fn edit_caption(
        &self,
        job: &Job,
        chat: &str,
        message: &str,
        caption: &Rendered,
        form: (bool, bool),
    ) -> Result<Receipt, Fault> {
        let mut call =
            self.bot.edit_message_caption(place(job, chat)?, message_id(message)?).caption(caption.body(form.0));
        call.parse_mode = parse_mode(form.0);
        call.reply_markup = caption.keyboard().filter(|_| form.1);
        call.await.map(Receipt::from).map_err(|error| fault(&error))
    }

    pub(super) async fn edit_media(
        &self,
        job: &Job,
        chat: &str,
        message: &str,
        caption: &Rendered,
        picture: &Shown,
        form: (bool, bool),
    ) -> Result<Receipt, Fault> {
        let media = picture.media(Some(caption.body(form.0)), form.0);
        let mut call = self.bot.edit_message_media(place(job, chat)?, message_id(message)?, media);
        call.reply_markup = caption.keyboard().filter(|_| form.1);
        call.await.map(Receipt::from).map_err(|error| fault(&error))
    }

    pub(super) async fn delete_all(&self, job: &Job, chat: &str, messages: &[String]) -> Result<Receipt, Fault> {
        let chat = place(job, chat)?;
        let ids = messages.iter().map(|id| message_id(id)).collect::<Result<Vec<_>, _>>()?;
        let done = match ids.as_slice() {
            [one] => self.bot.delete_message(chat, *one).await,
            _ => self.bot.delete_messages(chat, ids).await,
        };
        done.map(|_| Receipt::default()).map_err(|error| fault(&error))
    }

    /// The note after a pressed button. One that nobody waits for any more is no fault.
    pub(super) async fn answer_press(&self, press: &str, note: &str) -> Result<Outcome, Fault> {
        let note = html::cut(note, NOTE);
        match self.bot.answer_callback_query(teloxide::types::CallbackQueryId(press.to_owned())).text(note).await {
            Ok(_) => Ok(Outcome::Accepted(Posted::default())),
            Err(error) => match fault(&error) {
                Fault::Refused(_) | Fault::Arrived(..) | Fault::Ambiguous(_) => {
                    Ok(Outcome::Accepted(Posted::default()))
                }
                fault => Err(fault),
            },
        }
    }
}

/// The receipt of a new message, also where Telegram's answer is newer than the library.
fn sent(answer: Result<Sent, teloxide::RequestError>) -> Result<Receipt, Fault> {
    answer.map(Receipt::from).or_else(|error| match fault(&error) {
        Fault::Arrived(chat, message) => Ok(Receipt { chat, messages: vec![message], files: Vec::new() }),
        fault => Err(fault),
    })
}
