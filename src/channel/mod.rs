//! Ways of pushing. A channel renders a [`Job`] and sends it, and answers with an [`Outcome`] that says what
//! the outbox may do next. A new kind is one folder here and one line in [`Channels::build`].
//! Channels keep no state about deliveries: what was accepted is recorded by the outbox.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

use crate::clock::Clock;
use crate::config::Config;
use crate::fetch::Fetcher;
use crate::templates::Templates;

pub mod email;
mod entry;
mod message;
#[cfg(test)]
mod samples;
pub mod telegram;
pub mod webhook;

pub use message::{Correction, Entry, Job, Message, Notice, Posted, Reply, Target, message_id};

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Arrived.
    Accepted(Posted),
    /// Not accepted now; try again after the time. Does not count as a failed attempt when the channel is
    /// merely busy (`counts` false: Telegram's 429, a relay's quota).
    RetryAfter {
        /// How long to wait; `None`: the outbox's own back-off.
        after: Option<std::time::Duration>,
        /// Whether it uses up an attempt.
        counts: bool,
        /// The channel's words.
        reason: String,
    },
    /// Never acceptable as it is: our fault or the message's.
    Rejected(String),
    /// The recipient does not exist or does not want us any more.
    RecipientGone(String),
    /// The recipient's mailbox takes nothing at present (it is full): tried again where `again`, and in the end counted
    /// against the address.
    RecipientBusy {
        /// Whether it may take the message later.
        again: bool,
        /// The channel's words.
        reason: String,
    },
    /// The recipient left before it was sent: not needed any more.
    Unwanted(String),
    /// One of its calls is done and another one follows, under a place of its own in the limits: every call is
    /// recorded before it is made.
    Partly {
        /// What the calls have come to so far: [`Job::progress`] of the next.
        progress: String,
        /// Why, in words.
        reason: String,
        /// The chat's new id, where it moved: kept for all its messages.
        moved_to: Option<String>,
    },
    /// It may have arrived: the link was cut or timed out after the data was sent.
    Unknown(String),
}

/// A way of pushing.
pub trait Channel: Send + Sync {
    /// "telegram", "email" or "webhook": the `channel` column of targets.
    fn kind(&self) -> &'static str;
    /// How many batches may be under way at a time (open connections).
    fn connections(&self) -> usize;
    /// How many messages a batch may hold (promise 1: 1 for Telegram and webhooks, `window` for e-mail).
    fn window(&self) -> usize;
    /// Whether messages to one target must keep their order (Telegram: yes).
    fn ordered(&self) -> bool;
    /// Whether what was sent can be edited and deleted; where not, edits and deletions are rejected.
    fn edits(&self) -> bool {
        false
    }
    /// The limits under which sends, edits and deletes to `target` fall together.
    fn limits(&self, target: &str) -> Vec<Limit>;
    /// The same for one kind of delivery ("post", "edit", "delete", …), where kinds have limits of their own.
    fn limits_of(&self, target: &str, _kind: &str) -> Vec<Limit> {
        self.limits(target)
    }
    /// How many places the next call of a job takes under the limits.
    fn weight(&self, _job: &Job) -> i64 {
        1
    }
    /// The limit by which calls to `target` keep apart from each other, where a call that was long under way (it
    /// uploaded something) moves the next one.
    fn spaced(&self, _target: &str) -> Option<Limit> {
        None
    }
    /// The limit that is blocked when the channel asks to wait ([`Outcome::RetryAfter`] that does not count); `None`
    /// where it says so by itself ([`Channel::take_blocks`]).
    fn block_key(&self, target: &str) -> Option<String> {
        self.limits(target).pop().map(|limit| limit.key)
    }
    /// The limits to be blocked for all instances since this was last asked.
    fn take_blocks(&self) -> Vec<Block> {
        Vec::new()
    }
    /// Through whom nothing goes at present, and why: keys as of limits.
    fn away(&self) -> Vec<(String, String)> {
        Vec::new()
    }
    /// What it counts besides outcomes, for the metrics.
    fn counts(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }
    /// A limit is blocked for the time given, perhaps by another instance; whether there is another way now.
    fn blocked(&self, _key: &str, _wait: std::time::Duration) -> bool {
        false
    }
    /// What happens to a message whose fate is unknown.
    fn on_uncertain(&self) -> crate::config::OnUncertain;
    /// The same for one target, where targets differ.
    fn on_uncertain_of(&self, _target: &str) -> crate::config::OnUncertain {
        self.on_uncertain()
    }
    /// Sends a batch over one connection; one outcome a job, in the jobs' order. Never panics: a job that
    /// cannot be rendered is [`Outcome::Rejected`].
    fn send<'a>(&'a self, jobs: &'a [Job]) -> BoxFuture<'a, Vec<Outcome>>;
    /// What `preview` shows: the message as text (Telegram HTML, or a whole mail), without sending.
    fn preview(&self, job: &Job) -> Result<String, String>;
}

/// One limit of the durable governor: at most `burst` at once, then one every `every_ms`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The row that all instances share ("telegram/1f2e3d4c", "telegram/1f2e3d4c:-100123", "relay:mail.example.vn:d").
    pub key: String,
    /// Milliseconds between two messages in the long run.
    pub every_ms: i64,
    /// How many may go at once after a rest.
    pub burst: i64,
    /// How much of a delay the next one may make up for, so that a late turn costs none of the rate.
    pub slack_ms: i64,
}

/// A limit to be blocked for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its key.
    pub key: String,
    /// For how long.
    pub pause: std::time::Duration,
    /// Why, in words.
    pub reason: String,
}

impl Limit {
    /// Whether it holds for a part of the targets only, so that those who fall under it must not keep others waiting.
    pub fn is_narrow(&self) -> bool {
        self.key.starts_with("domain:")
    }
}

/// What channels are built from besides the configuration.
#[derive(Clone)]
pub struct Parts {
    /// The templates of messages.
    pub templates: Arc<Templates>,
    /// Reads the pictures that are uploaded.
    pub fetcher: Fetcher,
    /// Makes the links of one subscriber.
    pub links: Arc<dyn Links>,
    /// Knows who left while a mail waited for its turn on a connection.
    pub wanted: Arc<dyn Wanted>,
    /// Knows the pictures that were uploaded before.
    pub uploads: Arc<dyn Uploads>,
    /// The time, for a mail's Date.
    pub clock: Clock,
}

/// Asked at the last moment before a mail is sent.
pub trait Wanted: Send + Sync {
    /// Which of these deliveries nobody wants any more, or another instance has taken over. Where that cannot be told,
    /// none.
    fn unwanted(&self, deliveries: Vec<i64>) -> BoxFuture<'_, HashSet<i64>>;
}

/// What an instance asks the store at the last moment.
pub struct LastLook {
    /// The store.
    pub store: crate::store::Store,
    /// The instance.
    pub instance: Arc<str>,
}

impl Wanted for LastLook {
    fn unwanted(&self, deliveries: Vec<i64>) -> BoxFuture<'_, HashSet<i64>> {
        Box::pin(async move {
            self.store.unwanted_of(&deliveries, &self.instance).await.unwrap_or_else(|error| {
                tracing::error!(%error, "who left meanwhile could not be asked");
                HashSet::new()
            })
        })
    }
}

/// The page on which a digest is shown in the browser: a list that many readers got has one page.
pub fn digest_page(entries: &[Entry], at: DateTime<Utc>, cadence: &str) -> crate::store::DigestPage {
    let articles = entries.iter().map(|entry| (entry.article.id, entry.section.slug.clone())).collect();
    crate::store::DigestPage { cadence: cadence.to_owned(), at: at.timestamp_millis(), articles }
}

/// The pictures a bot has uploaded, by a key of the picture. What cannot be read or kept is uploaded once more.
pub trait Uploads: Send + Sync {
    /// The file's id.
    fn find<'a>(&'a self, bot: &'a str, picture: &'a str) -> BoxFuture<'a, Option<String>>;
    /// Keeps it.
    fn keep<'a>(&'a self, bot: &'a str, picture: &'a str, file: &'a str, now_ms: i64) -> BoxFuture<'a, ()>;
    /// The id is not accepted any more.
    fn forget<'a>(&'a self, bot: &'a str, picture: &'a str) -> BoxFuture<'a, ()>;
}

/// Links that identify a subscriber, and that only the holder of the signing key can make.
pub trait Links: Send + Sync {
    /// The page to leave by, which also answers a one-click POST (RFC 8058).
    fn unsubscribe(&self, subscriber: i64) -> String;
    /// The page of the subscriber's choices.
    fn preferences(&self, subscriber: i64) -> String;
    /// The mark by which a mail is known when it comes back.
    fn mark(&self, delivery: i64) -> String;
}

impl Links for crate::subscriber::Links {
    fn unsubscribe(&self, subscriber: i64) -> String {
        Self::unsubscribe(self, subscriber)
    }

    fn preferences(&self, subscriber: i64) -> String {
        Self::preferences(self, subscriber)
    }

    fn mark(&self, delivery: i64) -> String {
        Self::mark(self, delivery)
    }
}

/// Why a configured channel cannot be built, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BuildError(pub String);

/// The channels that are configured.
#[derive(Clone, Default)]
pub struct Channels {
    all: Vec<Arc<dyn Channel>>,
}

impl Channels {
    /// Builds every configured channel: one line per kind.
    ///
    /// # Errors
    /// The first channel that cannot be built, with the reason and what to do.
    pub fn build(config: &Arc<Config>, parts: &Parts) -> Result<Self, BuildError> {
        let mut all: Vec<Arc<dyn Channel>> = Vec::new();
        if let Some(own) = &config.telegram {
            all.push(Arc::new(telegram::TelegramChannel::build(config, own, parts)?));
        }
        if let Some(own) = &config.email {
            all.push(Arc::new(email::EmailChannel::build(config, own, parts)?));
        }
        if !config.webhooks.is_empty() {
            all.push(Arc::new(webhook::WebhookChannel::build(config, parts)?));
        }
        Ok(Self { all })
    }

    /// The channel of a kind, if it is configured.
    pub fn get(&self, kind: &str) -> Option<&Arc<dyn Channel>> {
        self.all.iter().find(|c| c.kind() == kind)
    }

    /// Every configured channel.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Channel>> {
        self.all.iter()
    }
}

/// Renders under guard: a panic of a library over a strange article is an error of that article, not of the daemon.
fn guarded<T>(render: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(render))
        .unwrap_or_else(|_| Err("the article cannot be rendered (a panic; see the log)".to_owned()))
}
