//! Telegram: posts, edits and deletions through the Bot API. Rates are the outbox's business (its durable
//! governor); here every call is made once, and every answer is understood.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use data_encoding::HEXLOWER;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use teloxide::Bot;

use super::email::relays::quotas;
use super::{Block, BuildError, Channel, Job, Limit, Message, Outcome, Parts, guarded};
use crate::clock::Clock;
use crate::config::{Config, OnUncertain, Telegram};

pub mod ask;
mod calls;
pub mod hashtag;
pub mod html;
pub mod outcome;
pub mod picture;
pub mod render;
mod send;
#[cfg(test)]
mod strict;
#[cfg(test)]
mod tests;

use outcome::Fault;
use render::{Rendered, Renderer, View};

/// Calls under way at a time, over all chats.
const CONNECTIONS: usize = 8;
/// So many chats that ask to wait within [`TOGETHER_MS`] mean the bot.
const SEVERAL: usize = 3;
const TOGETHER_MS: i64 = 2_000;
/// The longest that the bot waits because of that.
const LONGEST_BOT_PAUSE: Duration = Duration::from_secs(30);
const PANICKED: &str = "the article cannot be rendered (a panic; see the log)";
/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for the whole of a call; an upload of 10 MB takes its time.
const CALL_TIMEOUT: Duration = Duration::from_mins(1);

/// The Telegram channel.
pub struct TelegramChannel {
    sender: send::Sender,
    token: SecretString,
    /// Under which the bot's limits stand. Each token has its own: the pause that a refused one has brought upon
    /// the bot must not outlast its correction.
    limit: String,
    config: Telegram,
    clock: Clock,
    /// What is to be blocked for all instances.
    blocks: Mutex<Vec<Block>>,
    /// The chats that asked to wait a moment ago: when, which, and how long.
    busy: Mutex<VecDeque<(i64, String, Duration)>>,
}

impl TelegramChannel {
    /// Builds the channel from `[telegram]`.
    ///
    /// # Errors
    /// An `api_url` that no call can be made to, or a system without TLS.
    pub fn build(config: &Config, telegram: &Telegram, parts: &Parts) -> Result<Self, BuildError> {
        let styles = config.sections.values().flat_map(|section| &section.telegram).map(|chat| &chat.style);
        if let Some(missing) = styles
            .filter_map(|style| style.template.as_ref())
            .find(|own| !parts.templates.has(&format!("telegram/{own}.html")))
        {
            return Err(BuildError(format!(
                "there is no template telegram/{missing}.html in the folder `templates`: put it there, or correct `template`"
            )));
        }
        let bot = bot(telegram)?;
        Ok(Self {
            sender: send::Sender {
                bot,
                own: telegram.token.expose_secret().split(':').next().unwrap_or_default().to_owned(),
                renderer: Renderer::new(parts.templates.clone(), config.organisation.name.clone())
                    .with_sections(config),
                fetcher: parts.fetcher.clone(),
                uploads: parts.uploads.clone(),
                clock: parts.clock.clone(),
                entity_faults: AtomicU64::new(0),
                cut: AtomicU64::new(0),
            },
            clock: parts.clock.clone(),
            blocks: Mutex::default(),
            busy: Mutex::default(),
            token: telegram.token.clone(),
            limit: format!("telegram/{}", fingerprint(&telegram.token)),
            config: telegram.clone(),
        })
    }

    /// How often Telegram refused our HTML and got the plain text instead; 0 unless bantin has a fault.
    pub fn entity_faults(&self) -> u64 {
        self.sender.entity_faults.load(Ordering::Relaxed)
    }

    async fn send_one(&self, job: &Job) -> Outcome {
        let call = AssertUnwindSafe(self.sender.carry_out(job)).catch_unwind();
        // Whatever an article does to the renderer is that article's failure alone.
        let done = call.await.unwrap_or_else(|_| Ok(Outcome::Rejected(PANICKED.to_owned())));
        let outcome = match done {
            Ok(outcome) => outcome,
            Err(fault @ Fault::Token(_)) => {
                // Not one call more with it, to any chat.
                let outcome = fault.into_outcome();
                if let Outcome::RetryAfter { reason, .. } = &outcome {
                    self.block(outcome::TOKEN_PAUSE, reason);
                }
                outcome
            }
            Err(fault) => {
                if let Fault::Busy(wait) = fault {
                    self.note_busy(&job.target.address, wait);
                }
                fault.into_outcome()
            }
        };
        self.redacted(outcome)
    }

    fn block(&self, pause: Duration, reason: &str) {
        let block = Block { key: self.limit.clone(), pause, reason: reason.to_owned() };
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner).push(block);
    }

    /// An answer of "too many" does not say of what. Where several chats get it together, it is the bot that has to
    /// wait, as long as the least of them says.
    fn note_busy(&self, chat: &str, wait: Duration) {
        let now = self.clock.now_ms();
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.retain(|(at, other, _)| now - at < TOGETHER_MS && other != chat);
        busy.push_back((now, chat.to_owned(), wait));
        if busy.len() >= SEVERAL {
            let least = busy.iter().map(|(_, _, wait)| *wait).min().unwrap_or(wait).min(LONGEST_BOT_PAUSE);
            busy.clear();
            drop(busy);
            self.block(least, "Telegram asks several chats to wait");
        }
    }

    /// The token stands in every address of the Bot API, so it could stand in any reason.
    fn redacted(&self, outcome: Outcome) -> Outcome {
        let clean = |reason: String| {
            let token = self.token.expose_secret();
            let mut reason = reason.replace(token, "<token>");
            if let Some((_, secret)) = token.split_once(':').filter(|(_, s)| s.len() >= 8) {
                reason = reason.replace(secret, "<token>");
            }
            reason
        };
        match outcome {
            Outcome::RetryAfter { after, counts, reason } => {
                Outcome::RetryAfter { after, counts, reason: clean(reason) }
            }
            Outcome::Rejected(reason) => Outcome::Rejected(clean(reason)),
            Outcome::RecipientGone(reason) => Outcome::RecipientGone(clean(reason)),
            Outcome::Unknown(reason) => Outcome::Unknown(clean(reason)),
            Outcome::Partly { progress, reason, moved_to } => {
                Outcome::Partly { progress, reason: clean(reason), moved_to }
            }
            other @ (Outcome::Accepted(_) | Outcome::RecipientBusy { .. } | Outcome::Unwanted(_)) => other,
        }
    }

    /// The texts a job would send.
    fn rendered(&self, job: &Job) -> Result<Vec<Rendered>, String> {
        let (renderer, language) = (&self.sender.renderer, job.target.language);
        let view = View { language, style: &job.target.style };
        match &job.message {
            Message::Post(entry) => Ok(match picture::address(entry).and(renderer.caption(entry, view)) {
                Some(caption) => vec![caption],
                None => renderer.pieces(entry, view, None),
            }),
            Message::Edit(entry, posted) if posted.photo => Ok(vec![renderer.caption_at_any_price(entry, view)]),
            Message::Edit(entry, posted) => Ok(renderer.pieces(entry, view, Some(1 + posted.further.len()))),
            Message::Mark(entry, _) => Ok(vec![renderer.withdrawn(entry, view)]),
            Message::Digest { entries, .. } => Ok(vec![renderer.digest(entries, language)]),
            Message::Test => Ok(vec![renderer.test(language)]),
            Message::Alert(notice) => Ok(vec![renderer.notice(notice)]),
            Message::Answer(reply) => Ok(vec![renderer.reply(reply)]),
            Message::Delete(_) | Message::Confirm { .. } | Message::Correction(..) | Message::Farewell => {
                Err("there is nothing to show".to_owned())
            }
        }
    }

    /// The limit of a chat, as near to what Telegram allows as its own clock and ours permit.
    fn chat_limit(&self, target: &str) -> Limit {
        paced(format!("{}:{target}", self.limit), 60_000, self.config.per_chat_minute, 5)
    }
}

/// A limit of so many in a time, evenly spaced and a fiftieth slower, so that no stretch of that time can hold more; a
/// late turn may be made up for by the `share`th part of a space.
fn paced(key: String, of_ms: i64, count: u32, share: i64) -> Limit {
    let count = i64::from(count.max(1));
    let every_ms = (of_ms * 102 / 100 + count - 1) / count;
    Limit { key, every_ms, burst: 1, slack_ms: every_ms / share }
}

/// The bot of `[telegram]`, ready to be called.
///
/// # Errors
/// An `api_url` that no call can be made to, or a system without TLS.
pub fn bot(telegram: &Telegram) -> Result<Bot, BuildError> {
    // Proxies come from the configuration or not at all, never from the environment.
    let client = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(CALL_TIMEOUT)
        .tcp_nodelay(true)
        .no_proxy()
        .build()
        .map_err(|error| BuildError(format!("the HTTP client for Telegram cannot be made: {error}")))?;
    let mut bot = Bot::with_client(telegram.token.expose_secret(), client);
    if let Some(url) = &telegram.api_url {
        if url.cannot_be_a_base() || !url.has_host() {
            return Err(BuildError(format!("`[telegram] api_url` {url} is no http address")));
        }
        let mut url = url.clone();
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        bot = bot.set_api_url(url);
    }
    Ok(bot)
}

/// Tells tokens apart without telling them.
fn fingerprint(token: &SecretString) -> String {
    HEXLOWER.encode(&Sha256::digest(token.expose_secret())[..4])
}

impl Channel for TelegramChannel {
    fn kind(&self) -> &'static str {
        "telegram"
    }

    fn connections(&self) -> usize {
        CONNECTIONS
    }

    fn window(&self) -> usize {
        1
    }

    fn ordered(&self) -> bool {
        true
    }

    fn edits(&self) -> bool {
        true
    }

    fn limits(&self, target: &str) -> Vec<Limit> {
        self.limits_of(target, "post")
    }

    fn limits_of(&self, target: &str, kind: &str) -> Vec<Limit> {
        let per_second = i64::from(self.config.per_second.max(1));
        let every_ms = (1_000 + per_second - 1) / per_second;
        // What is configured stays below what Telegram names; two late turns may be made up for.
        let mut limits = vec![Limit { key: self.limit.clone(), every_ms, burst: 1, slack_ms: every_ms * 2 }];
        let (method, rate) = match kind {
            "edit" => ("edit", &self.config.methods.edit),
            "delete" => ("delete", &self.config.methods.delete),
            _ => ("send", &self.config.methods.send),
        };
        if let Some(rate) = rate {
            limits.extend(quotas(&format!("{}/{method}", self.limit), rate));
        }
        limits.push(self.chat_limit(target));
        limits
    }

    fn weight(&self, job: &Job) -> i64 {
        self.sender.weight(job)
    }

    fn spaced(&self, target: &str) -> Option<Limit> {
        Some(self.chat_limit(target))
    }

    fn take_blocks(&self) -> Vec<Block> {
        std::mem::take(&mut *self.blocks.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn counts(&self) -> Vec<(&'static str, u64)> {
        vec![("entity_faults", self.entity_faults()), ("cut", self.sender.cut.load(Ordering::Relaxed))]
    }

    fn on_uncertain(&self) -> OnUncertain {
        self.config.on_uncertain
    }

    fn send<'a>(&'a self, jobs: &'a [Job]) -> BoxFuture<'a, Vec<Outcome>> {
        Box::pin(async move {
            let mut outcomes = Vec::with_capacity(jobs.len());
            for job in jobs {
                outcomes.push(self.send_one(job).await);
            }
            outcomes
        })
    }

    fn preview(&self, job: &Job) -> Result<String, String> {
        let rendered = guarded(|| self.rendered(job))?;
        let piece = |rendered: Rendered| {
            let buttons = rendered.buttons.iter().map(|button| format!("[ {} ] {}", button.text, button.url));
            std::iter::once(rendered.html.clone()).chain(buttons).collect::<Vec<_>>().join("\n\n")
        };
        let mut out = rendered.into_iter().map(piece).collect::<Vec<_>>().join("\n\n---\n\n");
        if let Message::Post(entry) = &job.message
            && let Some(address) = picture::address(entry)
        {
            out = format!("[ {address} ]\n\n{out}");
        }
        Ok(out)
    }
}
