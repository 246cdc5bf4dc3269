//! The bot: asks Telegram for what was written to it, does what admins order ([`orders`]), and answers. One instance
//! alone asks; every answer is a delivery, so that it has its place under the limits and is sent once.

use std::time::Duration;

use teloxide::Bot;
use teloxide::payloads::GetUpdatesSetters as _;
use teloxide::prelude::Requester as _;
use teloxide::types::{AllowedUpdate, CallbackQuery, Chat, Message, Update, UpdateKind};
use tokio_util::sync::CancellationToken;

use super::App;
use crate::channel::{Reply, telegram};
use crate::config::Language;
use crate::locale;

mod orders;

/// How long Telegram keeps a question open.
const OPEN: u32 = 25;
/// How long an instance that is not the one waits until it tries to become it.
const NEXT_TRY: Duration = Duration::from_secs(5);

/// What an update is about, as far as the bot is concerned.
struct Asked<'a> {
    /// Unique for the update.
    update: u32,
    chat: &'a Chat,
    /// Where the answer goes: the chat, and its topic.
    address: String,
    language: Language,
}

impl App {
    /// Serves the bot until it is cancelled.
    pub(super) async fn run_bot(self, cancel: CancellationToken) {
        let Some(config) = self.config.telegram.as_ref().filter(|_| !self.config.admin.telegram.is_empty()) else {
            return;
        };
        let bot = match telegram::bot(config) {
            Ok(bot) => bot,
            Err(error) => return tracing::error!(%error, "the bot cannot be served"),
        };
        while !cancel.is_cancelled() {
            let mut pause = NEXT_TRY;
            match self.store.poller().await {
                Ok(Some(mut poller)) => {
                    pause = tokio::select! {
                        () = cancel.cancelled() => Duration::ZERO,
                        pause = self.serve_bot(&bot, &mut poller) => pause,
                    };
                    poller.release().await;
                }
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "who serves the bot could not be asked"),
            }
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Asks and answers as long as it may; how long to wait then.
    async fn serve_bot(&self, bot: &Bot, poller: &mut crate::store::Poller) -> Duration {
        let mut next: Option<i32> = None;
        loop {
            if !poller.holds().await {
                return NEXT_TRY;
            }
            let mut ask =
                bot.get_updates().timeout(OPEN).allowed_updates([AllowedUpdate::Message, AllowedUpdate::CallbackQuery]);
            ask.offset = next;
            let updates = match ask.await {
                Ok(updates) => updates,
                Err(error) => {
                    let (pause, words) = telegram::outcome::pause_of(&error);
                    tracing::warn!(reason = words, pause = ?pause, "Telegram did not tell what was written to the bot");
                    return pause;
                }
            };
            for update in updates {
                if let Err(error) = self.take_update(&update).await {
                    // It is told once more.
                    tracing::error!(%error, "an order to the bot could not be carried out");
                    return NEXT_TRY;
                }
                next = Some(i32::try_from(update.id.0).unwrap_or(i32::MAX).saturating_add(1));
                self.outbox_bell.notify_waiters();
            }
        }
    }

    async fn take_update(&self, update: &Update) -> crate::store::Result<()> {
        match &update.kind {
            UpdateKind::Message(message) => self.take_message(update.id.0, message).await,
            UpdateKind::CallbackQuery(press) => self.take_press(update.id.0, press).await,
            _ => Ok(()),
        }
    }

    async fn take_message(&self, update: u32, message: &Message) -> crate::store::Result<()> {
        let Some(text) = message.text() else { return Ok(()) };
        if message.from.as_ref().is_some_and(|from| from.is_bot) {
            return Ok(());
        }
        let chat = &message.chat;
        let language = message.from.as_ref().and_then(|from| from.language_code.as_deref());
        let topic = message.thread_id.filter(|_| message.is_topic_message).map(|thread| format!("/{}", thread.0.0));
        let mut asked = Asked {
            update,
            chat,
            address: format!("{}{}", chat.id.0, topic.unwrap_or_default()),
            language: language.and_then(Language::from_tag).unwrap_or(self.config.language),
        };
        if self.is_admin(chat).await? {
            if !text.starts_with('/') && !chat.is_private() {
                return Ok(());
            }
            asked.language = self.config.admin.language.unwrap_or(self.config.language);
            let replies = self.order(text, asked.language).await?;
            return self.answer(&asked, replies).await;
        }
        // In a group only who speaks to the bot is answered.
        if !chat.is_private() && !text.starts_with('/') {
            return Ok(());
        }
        if self.store.is_new_stranger(&chat.id.0.to_string(), self.clock.now_ms()).await? {
            let pages = ("pages".to_owned(), self.config.base_url.to_string());
            let text = locale::text(asked.language, "bot-stranger", &[pages]);
            return self.answer(&asked, vec![Reply { text, ..Reply::default() }]).await;
        }
        Ok(())
    }

    async fn take_press(&self, update: u32, press: &CallbackQuery) -> crate::store::Result<()> {
        let Some(place) = &press.message else { return Ok(()) };
        let chat = place.chat();
        let language = self.config.admin.language.unwrap_or(self.config.language);
        let asked = Asked { update, chat, address: chat.id.0.to_string(), language };
        let callback = Some(press.id.0.clone());
        if !self.is_admin(chat).await? {
            let text = locale::text(language, "bot-not-allowed", &[]);
            return self.answer(&asked, vec![Reply { text, callback, ..Reply::default() }]).await;
        }
        let done = self.pressed(press.data.as_deref().unwrap_or_default(), language).await?;
        let note = Reply { text: done.clone(), callback, ..Reply::default() };
        self.answer(&asked, vec![note, Reply { text: done, ..Reply::default() }]).await
    }

    /// Whether a chat is one of `[admin]`, by its number, its name, or the number it had before it moved.
    async fn is_admin(&self, chat: &Chat) -> crate::store::Result<bool> {
        let (id, name) = (chat.id.0.to_string(), chat.username().map(|name| format!("@{name}")));
        let moved = self.store.moved_chats().await?;
        Ok(self.config.admin.telegram.iter().any(|admin| {
            admin.chat == id
                || name.as_ref().is_some_and(|name| admin.chat.eq_ignore_ascii_case(name))
                || moved.get(&admin.chat).is_some_and(|new| *new == id)
        }))
    }

    async fn answer(&self, asked: &Asked<'_>, replies: Vec<Reply>) -> crate::store::Result<()> {
        for (n, reply) in replies.into_iter().enumerate() {
            let dedup = format!("b:{}:{}:{n}", asked.chat.id.0, asked.update);
            self.store.queue_answer(&asked.address, &dedup, &reply, self.clock.now_ms()).await?;
        }
        Ok(())
    }
}
