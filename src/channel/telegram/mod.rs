//! Telegram: posts, edits and deletions through the Bot API. Rates are the outbox's business (its durable
//! governor); here every call is made once, and every answer is understood.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use data_encoding::HEXLOWER;
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use teloxide::Bot;

use super::{BuildError, Channel, Job, Limit, Message, Outcome, Parts, guarded};
use crate::config::{Config, OnUncertain, Telegram};

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

use render::{Rendered, Renderer};

/// Calls under way at a time, over all chats.
const CONNECTIONS: usize = 8;
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
}

impl TelegramChannel {
    /// Builds the channel from `[telegram]`.
    ///
    /// # Errors
    /// An `api_url` that no call can be made to, or a system without TLS.
    pub fn build(config: &Config, telegram: &Telegram, parts: &Parts) -> Result<Self, BuildError> {
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
        Ok(Self {
            sender: send::Sender {
                bot,
                renderer: Renderer::new(parts.templates.clone(), config.organisation.name.clone()),
                fetcher: parts.fetcher.clone(),
                entity_faults: Arc::new(AtomicU64::new(0)),
            },
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
        self.redacted(self.sender.carry_out(job).await)
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
            other @ (Outcome::Accepted(_) | Outcome::RecipientBusy { .. } | Outcome::Unwanted(_)) => other,
        }
    }

    /// The text a job would send.
    fn rendered(&self, job: &Job) -> Result<Rendered, String> {
        let (renderer, language) = (&self.sender.renderer, job.target.language);
        match &job.message {
            Message::Post(entry) => Ok(match picture::address(entry).and(renderer.caption(entry, language)) {
                Some(caption) => caption,
                None => renderer.text(entry, language),
            }),
            Message::Edit(entry, posted) if posted.photo => Ok(renderer.caption_at_any_price(entry, language)),
            Message::Edit(entry, _) => Ok(renderer.text(entry, language)),
            Message::Digest { entries, .. } => Ok(renderer.digest(entries, language)),
            Message::Test => Ok(renderer.test(language)),
            Message::Alert(notice) => Ok(renderer.notice(notice)),
            Message::Delete(_) | Message::Confirm { .. } | Message::Correction(..) | Message::Farewell => {
                Err("there is nothing to show".to_owned())
            }
        }
    }
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
        // Evenly spaced, so that no window of a second or a minute can hold more than Telegram allows.
        let spaced = |key: String, of_ms: i64, count: u32| {
            let count = i64::from(count.max(1));
            Limit { key, every_ms: (of_ms + count - 1) / count, burst: 1 }
        };
        vec![
            spaced(self.limit.clone(), 1_000, self.config.per_second),
            spaced(format!("{}:{target}", self.limit), 60_000, self.config.per_chat_minute),
        ]
    }

    fn on_uncertain(&self) -> OnUncertain {
        self.config.on_uncertain
    }

    fn send<'a>(&'a self, jobs: &'a [Job]) -> BoxFuture<'a, Vec<Outcome>> {
        Box::pin(async move {
            let mut outcomes = Vec::with_capacity(jobs.len());
            for job in jobs {
                // Whatever an article does to the renderer is that article's failure alone.
                let outcome = match guarded(|| self.rendered(job)) {
                    Err(reason) if !matches!(job.message, Message::Delete(_)) => Outcome::Rejected(reason),
                    _ => self.send_one(job).await,
                };
                outcomes.push(outcome);
            }
            outcomes
        })
    }

    fn preview(&self, job: &Job) -> Result<String, String> {
        let rendered = guarded(|| self.rendered(job))?;
        let mut out = rendered.html;
        if let Some(button) = rendered.button {
            out = format!("{out}\n\n[ {} ] {}", button.text, button.url);
        }
        if let Message::Post(entry) = &job.message
            && let Some(address) = picture::address(entry)
        {
            out = format!("[ {address} ]\n\n{out}");
        }
        Ok(out)
    }
}
