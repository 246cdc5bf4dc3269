//! The same door the other way: one request that carries something to an address of the configuration. The guard
//! holds as for reading; no redirect is followed, nothing is kept, and the address stands in no message, because it
//! may be a secret.

use std::time::Duration;

use axum::body::Bytes;
use reqwest::Method;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::guard::{self, PrivateAddress};
use super::trouble::causes;
use super::wire::Trouble;
use super::{Fetcher, http};

/// Most bytes of an answer that are read.
const MAX_ANSWER: usize = 64 * 1024;

/// What is carried.
#[derive(Debug)]
pub struct Outgoing<'a> {
    /// How.
    pub method: Method,
    /// Where to.
    pub url: &'a Url,
    /// With these headers.
    pub headers: HeaderMap,
    /// With this body.
    pub body: Option<Bytes>,
    /// Longest time for the whole exchange.
    pub timeout: Duration,
    /// Whether loopback and private addresses are allowed.
    pub allow_private: bool,
    /// The address was named by a stranger: what `[fetch] allow_private` allows for sites does not hold for it.
    pub strict: bool,
}

/// What was answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
    /// The beginning of the body.
    pub body: Vec<u8>,
}

/// Why there is no answer. No message names the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The guard refused the address; nothing was sent.
    #[error("{0}")]
    Refused(String),
    /// No connection came about; nothing was sent.
    #[error("{0}")]
    NotSent(String),
    /// The request was on its way when the link broke or the time was over: it may have arrived.
    #[error("{0}")]
    Cut(String),
}

impl Fetcher {
    /// Carries something out, once.
    pub async fn carry(&self, outgoing: Outgoing<'_>) -> Result<Answer, NoAnswer> {
        let open = outgoing.allow_private || (self.inner.config.allow_private && !outgoing.strict);
        guard::check(outgoing.url, open).map_err(|reason| refused(&reason))?;
        if self.manners.is_through_proxy() && !open {
            let known = guard::check_name(outgoing.url, self.inner.names.as_ref());
            known.await.map_err(|reason| refused(&reason))?;
        }
        let way = self.inner.client(&self.manners, open).map_err(NoAnswer::NotSent)?;
        let Outgoing { method, url, headers, body, timeout, .. } = outgoing;
        let until = Instant::now() + timeout;
        let answer = timeout_at(until, way.send(method, url, headers, body)).await;
        let mut answer = answer.map_err(|_| late(timeout))?.map_err(|trouble| no_answer(&trouble, timeout))?;
        let now = self.inner.clock.now();
        let wait = answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = wait.and_then(|value| http::retry_after(value, now));
        let status = answer.status.as_u16();
        let mut body = Vec::new();
        // The status is the answer; a body that breaks off takes nothing from it.
        while let Ok(Ok(Some(piece))) = timeout_at(until, answer.chunk()).await {
            body.extend_from_slice(&piece);
            if body.len() >= MAX_ANSWER || answer.pieces > MAX_ANSWER {
                body.truncate(MAX_ANSWER);
                break;
            }
        }
        Ok(Answer { status, retry_after, body })
    }
}

fn refused(reason: &str) -> NoAnswer {
    // What the guard says of keys is meant for what is read.
    NoAnswer::Refused(match reason.split_once(';') {
        Some((reason, _)) => format!("the address is refused: {reason}; `allow_private = true` beside it allows that"),
        None => format!("the address is refused: {reason}"),
    })
}

fn late(timeout: Duration) -> NoAnswer {
    NoAnswer::Cut(format!("no answer within {} s", timeout.as_secs()))
}

fn no_answer(trouble: &Trouble, timeout: Duration) -> NoAnswer {
    let chain = causes(&*trouble.error);
    if let Some(private) = chain.iter().find_map(|cause| cause.downcast_ref::<PrivateAddress>()) {
        return refused(&private.to_string());
    }
    let words = chain.iter().map(ToString::to_string).collect::<Vec<_>>().join(": ");
    if trouble.connect {
        NoAnswer::NotSent(format!("no connection: {words}"))
    } else if trouble.timeout {
        late(timeout)
    } else {
        NoAnswer::Cut(format!("the link broke after the message was sent: {words}"))
    }
}
