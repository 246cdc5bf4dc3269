//! The calls themselves: send, edit, delete, each repaired once where Telegram says how (plain text after refused
//! HTML, the new id after a move), and its answer turned into an [`Outcome`].

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use teloxide::payloads::{EditMessageCaptionSetters, EditMessageTextSetters, SendMessageSetters, SendPhotoSetters};
use teloxide::prelude::Requester as _;
use teloxide::types::{
    ChatId, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, LinkPreviewOptions, Message as Sent, MessageId,
    ParseMode, Recipient, ThreadId,
};
use teloxide::{Bot, RequestError};

use super::outcome::{Fault, fault};
use super::picture::{self, Picture};
use super::render::{Rendered, Renderer};
use crate::channel::{Entry, Job, Message, Outcome, Posted, Target};
use crate::fetch::Fetcher;

/// Makes the calls.
#[derive(Clone)]
pub struct Sender {
    /// The bot; never printed, it holds the token.
    pub bot: Bot,
    /// Makes the texts.
    pub renderer: Renderer,
    /// Reads the pictures.
    pub fetcher: Fetcher,
    /// How often Telegram refused our HTML: every one is a mistake of ours.
    pub entity_faults: Arc<AtomicU64>,
}

/// Which form of a text is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Html,
    Plain,
}

impl Rendered {
    fn in_form(&self, form: Form) -> String {
        match form {
            Form::Html => self.html.clone(),
            Form::Plain => self.plain.clone(),
        }
    }

    fn keyboard(&self) -> Option<InlineKeyboardMarkup> {
        let button = self.button.as_ref()?;
        Some(InlineKeyboardMarkup::new([[InlineKeyboardButton::url(button.text.clone(), button.url.clone())]]))
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

impl Sender {
    /// Sends, edits or deletes.
    pub async fn carry_out(&self, job: &Job) -> Outcome {
        let Some(chat) = recipient(&job.target.address) else {
            return Outcome::Rejected(format!(
                "{:?} is no chat: a number like -1001234567890 or a name like @example",
                job.target.address
            ));
        };
        let target = &job.target;
        match &job.message {
            Message::Post(entry) => self.post(target, chat, entry).await,
            Message::Digest { entries, .. } => {
                self.text(target, chat, &self.renderer.digest(entries, target.language)).await
            }
            Message::Test => self.text(target, chat, &self.renderer.test(target.language)).await,
            Message::Alert(notice) => self.text(target, chat, &self.renderer.notice(notice)).await,
            Message::Edit(entry, posted) => self.edit(target, chat, entry, posted).await,
            Message::Delete(posted) => self.delete(chat, posted).await,
            Message::Confirm { .. } | Message::Correction(..) | Message::Farewell => {
                Outcome::Rejected("a chat is not sent this".to_owned())
            }
        }
    }

    async fn post(&self, target: &Target, chat: Recipient, entry: &Entry) -> Outcome {
        if let Some(address) = picture::address(entry)
            && let Some(caption) = self.renderer.caption(entry, target.language)
        {
            let trouble = match picture::load(&self.fetcher, entry).await {
                Ok(picture) => match self.photo(target, chat.clone(), &caption, picture).await {
                    Err(Fault::Picture(reason) | Fault::Entities(reason) | Fault::Refused(reason)) => reason,
                    other => return settled(other, &caption, true),
                },
                Err(reason) => reason,
            };
            tracing::info!(picture = address, %trouble, "the post goes out without its picture");
        }
        self.text(target, chat, &self.renderer.text(entry, target.language)).await
    }

    async fn photo(
        &self,
        target: &Target,
        chat: Recipient,
        caption: &Rendered,
        picture: Picture,
    ) -> Result<Receipt, Fault> {
        let Picture { bytes, name } = picture;
        let file = InputFile::memory(bytes).file_name(name);
        self.repaired(chat, |chat, form| {
            let mut call = self
                .bot
                .send_photo(chat, file.clone())
                .caption(caption.in_form(form))
                .disable_notification(target.silent);
            call.message_thread_id = thread(target);
            call.parse_mode = parse_mode(form);
            call.reply_markup = caption.keyboard().map(Into::into);
            async move { call.await.map(Receipt::from) }
        })
        .await
    }

    async fn text(&self, target: &Target, chat: Recipient, text: &Rendered) -> Outcome {
        let sent = self.repaired(chat, |chat, form| {
            let mut call = self
                .bot
                .send_message(chat, text.in_form(form))
                .link_preview_options(text.link_preview())
                .disable_notification(target.silent);
            call.message_thread_id = thread(target);
            call.parse_mode = parse_mode(form);
            call.reply_markup = text.keyboard().map(Into::into);
            async move { call.await.map(Receipt::from) }
        });
        settled(sent.await, text, false)
    }

    async fn edit(&self, target: &Target, chat: Recipient, entry: &Entry, posted: &Posted) -> Outcome {
        let text = if posted.photo {
            self.renderer.caption_at_any_price(entry, target.language)
        } else {
            self.renderer.text(entry, target.language)
        };
        if text.hash() == posted.rendered {
            return Outcome::Accepted(posted.clone());
        }
        let (Some(id), chat) = (message_id(posted), recipient(&posted.chat).unwrap_or(chat)) else {
            return Outcome::Rejected(format!("{:?} is no message id", posted.message));
        };
        let edited = self.repaired(chat, |chat, form| {
            let (bot, body, keyboard) = (self.bot.clone(), text.in_form(form), text.keyboard());
            let (photo, preview) = (posted.photo, text.link_preview());
            async move {
                let sent = if photo {
                    let mut call = bot.edit_message_caption(chat, id).caption(body);
                    call.parse_mode = parse_mode(form);
                    call.reply_markup = keyboard;
                    call.await
                } else {
                    let mut call = bot.edit_message_text(chat, id, body).link_preview_options(preview);
                    call.parse_mode = parse_mode(form);
                    call.reply_markup = keyboard;
                    call.await
                };
                sent.map(Receipt::from)
            }
        });
        match edited.await {
            Ok(_) | Err(Fault::NotModified | Fault::Arrived(..)) => {
                Outcome::Accepted(Posted { rendered: text.hash(), ..posted.clone() })
            }
            Err(fault) => again_is_harmless(fault),
        }
    }

    async fn delete(&self, chat: Recipient, posted: &Posted) -> Outcome {
        let (Some(id), chat) = (message_id(posted), recipient(&posted.chat).unwrap_or(chat)) else {
            return Outcome::Rejected(format!("{:?} is no message id", posted.message));
        };
        let deleted = self.repaired(chat, |chat, _| {
            let call = self.bot.delete_message(chat, id);
            async move { call.await.map(|_| Receipt::default()) }
        });
        match deleted.await {
            Ok(_) | Err(Fault::NoSuchMessage(_) | Fault::Arrived(..)) => Outcome::Accepted(posted.clone()),
            Err(fault) => again_is_harmless(fault),
        }
    }

    /// Calls, and once more where Telegram's answer says how to mend the call.
    async fn repaired<F, Fut>(&self, chat: Recipient, call: F) -> Result<Receipt, Fault>
    where
        F: Fn(Recipient, Form) -> Fut + Send,
        Fut: Future<Output = Result<Receipt, RequestError>> + Send,
    {
        let (mut chat, mut form, mut moved) = (chat, Form::Html, false);
        loop {
            let fault = match call(chat.clone(), form).await {
                Ok(receipt) => return Ok(receipt),
                Err(error) => fault(&error),
            };
            match fault {
                Fault::Entities(reason) if form == Form::Html => {
                    self.entity_faults.fetch_add(1, Ordering::Relaxed);
                    tracing::warn!(%reason, "Telegram refused our HTML; the plain text is sent instead");
                    form = Form::Plain;
                }
                Fault::Migrated(id) if !moved => {
                    tracing::warn!(from = %chat, to = id, "the group moved: write the new id into the section's `telegram`");
                    chat = Recipient::Id(ChatId(id));
                    moved = true;
                }
                other => return Err(other),
            }
        }
    }
}

/// What Telegram says of an accepted message.
#[derive(Debug, Clone, Default)]
struct Receipt {
    chat: String,
    message: String,
}

impl From<Sent> for Receipt {
    fn from(sent: Sent) -> Self {
        Self { chat: sent.chat.id.0.to_string(), message: sent.id.0.to_string() }
    }
}

fn settled(sent: Result<Receipt, Fault>, text: &Rendered, photo: bool) -> Outcome {
    match sent {
        Ok(Receipt { chat, message }) | Err(Fault::Arrived(chat, message)) => {
            Outcome::Accepted(Posted { chat, message, photo, rendered: text.hash() })
        }
        Err(fault) => fault.into_outcome(),
    }
}

/// An edit or a deletion done twice is done once: what may have arrived is simply tried again.
fn again_is_harmless(fault: Fault) -> Outcome {
    match fault {
        Fault::Ambiguous(reason) => Outcome::RetryAfter { after: None, counts: true, reason },
        other => other.into_outcome(),
    }
}

fn recipient(address: &str) -> Option<Recipient> {
    if address.len() > 1 && address.starts_with('@') {
        return Some(Recipient::ChannelUsername(address.to_owned()));
    }
    address.parse().ok().map(|id| Recipient::Id(ChatId(id)))
}

fn message_id(posted: &Posted) -> Option<MessageId> {
    posted.message.parse().ok().map(MessageId)
}

fn thread(target: &Target) -> Option<ThreadId> {
    target.topic.map(|topic| ThreadId(MessageId(topic)))
}

fn parse_mode(form: Form) -> Option<ParseMode> {
    (form == Form::Html).then_some(ParseMode::Html)
}
