//! Our own hub: confirms with the callback what a subscriber asked for (verification of intent), and carries each
//! change of a feed to those who follow it, signed where they gave a secret.
//!
//! What a follower has is compared with what the feed says, so nothing is queued: a follower who was away gets the
//! newest feed, once. Those in trouble are served apart from the others and tried less and less often, until their
//! time is over; 410 ends it at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HeaderValue, LINK};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use futures_util::{StreamExt as _, stream};
use hmac::{Hmac, Mac as _};
use reqwest::Method;
use sha2::Sha256;
use tokio::sync::{Mutex, Notify, mpsc};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Ask, hubs, outside};
use crate::clock::{Clock, random_bytes};
use crate::config::Config;
use crate::feed::{Coding, FeedSet, plan};
use crate::fetch::Fetcher;
use crate::fetch::outgoing::{Answer, NoAnswer, Outgoing};
use crate::store::{Follow, Lane, NewFollow, Result, Seen, Store};
use crate::telemetry::Metrics;

/// Longest wait for a callback.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How many callbacks are spoken to at a time: of those that are well, of those in trouble, of those that confirm.
const AT_A_TIME: [usize; 3] = [32, 8, 8];
/// How many feeds are carried at a time.
const TOPICS: usize = 16;
/// How many asks may wait for their confirmation.
const WAITING: usize = 500;
/// Followers claimed at a time.
const CLAIM: i64 = 200;
/// How long a claim holds: longer than all of it can take.
const CLAIM_MS: i64 = 5 * 60_000;
/// Most followers in all, and at one host: a reading service follows every feed.
const MOST: (i64, i64) = (50_000, 2_000);
/// So many failures to confirm at one host within an hour, and it is asked no more for the rest of it: nobody is
/// pestered by asks in their name.
const MISSES: usize = 10;
/// Hosts whose failures are remembered.
const MISS_HOSTS: usize = 2_000;
/// After a failure a follower is tried again after so many seconds.
const AGAIN: [i64; 7] = [10, 60, 300, 1_800, 7_200, 21_600, 43_200];
/// A follower whose time is over is looked for this often.
const POLL: Duration = Duration::from_mins(10);

/// An ask was not taken; in how many seconds to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused(pub i64);

/// The hub.
#[derive(Debug)]
pub struct Hub {
    pub(super) config: Arc<Config>,
    pub(super) store: Store,
    pub(super) feeds: Arc<FeedSet>,
    pub(super) fetcher: Fetcher,
    pub(super) metrics: Arc<Metrics>,
    pub(super) clock: Clock,
    asks: mpsc::Sender<Ask>,
    inbox: Mutex<mpsc::Receiver<Ask>>,
    /// Host → when it failed to confirm.
    misses: StdMutex<HashMap<String, Vec<i64>>>,
    /// Rung when somebody new may lack something.
    bell: Notify,
}

impl Hub {
    /// A hub that nobody follows yet.
    pub fn new(
        config: Arc<Config>,
        store: Store,
        feeds: Arc<FeedSet>,
        fetcher: Fetcher,
        metrics: Arc<Metrics>,
        clock: Clock,
    ) -> Self {
        let (asks, inbox) = mpsc::channel(WAITING);
        let (inbox, misses, bell) = (Mutex::new(inbox), StdMutex::default(), Notify::new());
        Self { config, store, feeds, fetcher, metrics, clock, asks, inbox, misses, bell }
    }

    /// Takes an ask; it is confirmed soon, and nothing is kept before.
    pub fn ask(&self, ask: Ask) -> std::result::Result<(), Refused> {
        let host = host(&ask.callback);
        let now = self.clock.now_ms();
        if self.misses(&host, now).len() >= MISSES {
            return Err(Refused(3_600));
        }
        self.asks.try_send(ask).map_err(|_| Refused(60))
    }

    /// Confirms, carries and tells until it is cancelled.
    pub async fn run(self: Arc<Self>, cancel: CancellationToken) {
        if !self.config.feeds.websub {
            return outside::telling(&self, &cancel).await;
        }
        let lanes = [Lane::Well, Lane::Troubled].map(|lane| self.carrying(lane, &cancel));
        tokio::join!(self.confirming(&cancel), futures_util::future::join_all(lanes), outside::telling(&self, &cancel));
    }

    async fn confirming(&self, cancel: &CancellationToken) {
        let mut inbox = self.inbox.lock().await;
        let asks = stream::poll_fn(move |context| inbox.poll_recv(context)).take_until(cancel.cancelled());
        asks.for_each_concurrent(AT_A_TIME[2], |ask| async move {
            if let Err(error) = self.confirm(&ask).await {
                tracing::error!(%error, "a WebSub subscription could not be stored");
            }
        })
        .await;
    }

    /// Asks the callback whether it means it, and keeps what it confirms.
    async fn confirm(&self, ask: &Ask) -> Result<()> {
        let host = host(&ask.callback);
        // What it has is what stood there when it asked: news that come meanwhile are carried.
        let Some(has) = self.now(&ask.topic) else { return Ok(()) };
        let callback = ask.callback.as_str();
        let known = self.store.is_follower(&ask.topic, callback).await?;
        if ask.subscribe && !known {
            let (here, all) = self.store.count_followers(&host).await?;
            if here >= MOST.1 || all >= MOST.0 {
                self.metrics.websub("refused");
                let reason = "there are too many subscriptions";
                let _ = self.tell(callback, ask.private, &self.denied(&ask.topic, reason)).await;
                return Ok(());
            }
        }
        let challenge = BASE64URL_NOPAD.encode(&random_bytes::<24>());
        let mode = if ask.subscribe { "subscribe" } else { "unsubscribe" };
        let lease = ask.lease.to_string();
        let topic = self.topic(&ask.topic);
        let mut pairs = vec![("hub.mode", mode), ("hub.topic", &topic), ("hub.challenge", &challenge)];
        if ask.subscribe {
            pairs.push(("hub.lease_seconds", &lease));
        }
        let answer = self.tell(callback, ask.private, &pairs).await;
        let meant = matches!(&answer, Ok(answer) if is_yes(answer.status) && answer.body == challenge.as_bytes());
        let now = self.clock.now_ms();
        if !meant {
            self.missed(&host, now);
            self.metrics.websub("unconfirmed");
            tracing::info!(host, topic = ask.topic, mode, "a WebSub callback did not confirm");
            return Ok(());
        }
        self.misses.lock().unwrap_or_else(PoisonError::into_inner).remove(&host);
        if ask.subscribe {
            let follow = NewFollow {
                topic: ask.topic.clone(),
                callback: callback.to_owned(),
                host: host.clone(),
                secret: ask.secret.clone(),
                private: ask.private,
                lease_until: now + ask.lease * 1000,
            };
            self.store.keep_follower(&follow, &has, now).await?;
            self.metrics.websub("subscribed");
            self.bell.notify_waiters();
        } else if self.store.drop_follower(&ask.topic, callback).await? {
            self.metrics.websub("unsubscribed");
        }
        tracing::debug!(host, topic = ask.topic, mode, "confirmed by a WebSub callback");
        Ok(())
    }

    /// Carries to those of a lane. Each lane has a loop of its own: who does not answer keeps nobody else waiting.
    async fn carrying(&self, lane: Lane, cancel: &CancellationToken) {
        loop {
            let (changed, mut rung) = (self.feeds.changed(), std::pin::pin!(self.bell.notified()));
            rung.as_mut().enable();
            if let Err(error) = self.carry_all(lane).await {
                tracing::error!(%error, "feeds cannot be carried to who follows them while the store is not well");
            }
            let now = self.clock.now_ms();
            let next = self.store.next_follower(now).await.ok().flatten();
            let wait = next.map_or(POLL, |at| Duration::from_millis((at - now).max(1_000).unsigned_abs()).min(POLL));
            tokio::select! {
                () = cancel.cancelled() => return,
                () = changed => {}
                () = rung => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Carries to everybody of a lane what they have not yet.
    async fn carry_all(&self, lane: Lane) -> Result<()> {
        if lane == Lane::Well {
            self.store.prune_followers(self.clock.now_ms()).await?;
        }
        let (known, gone): (Vec<String>, Vec<String>) =
            self.store.followed().await?.into_iter().partition(|topic| plan::is_topic(&self.config, topic));
        if lane == Lane::Well {
            for topic in gone {
                self.deny(&topic).await?;
            }
        }
        let carried = stream::iter(known).map(|topic| async move { self.carry_topic(&topic, lane).await });
        let mut carried = carried.buffer_unordered(TOPICS);
        let mut outcome = Ok(());
        while let Some(done) = carried.next().await {
            outcome = outcome.and(done);
        }
        outcome
    }

    /// Carries a feed to those of a lane who lack what it says now.
    async fn carry_topic(&self, topic: &str, lane: Lane) -> Result<()> {
        loop {
            let Some(has) = self.now(topic) else { return Ok(()) };
            let now = self.clock.now_ms();
            let claimed = self.store.claim_followers(topic, &has, lane, (now, now + CLAIM_MS), CLAIM).await?;
            if claimed.is_empty() {
                return Ok(());
            }
            let Some((served, body)) = self.feeds.open(topic, Coding::Identity).await else { return Ok(()) };
            // The very bytes that are carried: they may be newer by now.
            let has = Seen { hash: served.hash().to_string(), ..has };
            let headers = self.headers(topic, served.kind().content_type());
            let at_a_time = if lane == Lane::Well { AT_A_TIME[0] } else { AT_A_TIME[1] };
            let carried = stream::iter(claimed).map(|follow| self.carry(follow, &has, &headers, &body));
            let mut carried = carried.buffer_unordered(at_a_time);
            while let Some(done) = carried.next().await {
                done?;
            }
        }
    }

    async fn carry(&self, follow: Follow, has: &Seen, headers: &HeaderMap, body: &Bytes) -> Result<()> {
        let Ok(url) = Url::parse(&follow.callback) else { return self.store.follower_gone(follow.id).await };
        let mut headers = headers.clone();
        if !follow.secret.is_empty()
            && let Some(signature) = signature(&follow.secret, body)
        {
            headers.insert("x-hub-signature", signature);
        }
        let (method, body, host) = (Method::POST, Some(body.clone()), host(&url));
        let outgoing = Outgoing {
            method,
            url: &url,
            headers,
            body,
            timeout: TIMEOUT,
            allow_private: follow.private,
            strict: true,
        };
        match self.fetcher.carry(outgoing).await {
            Ok(answer) if is_yes(answer.status) => {
                self.metrics.websub("delivered");
                self.store.follower_has(follow.id, has).await
            }
            Ok(Answer { status: 410, .. }) => {
                self.metrics.websub("gone");
                tracing::info!(host, "a WebSub callback is gone and follows no more");
                self.store.follower_gone(follow.id).await
            }
            answer => {
                self.metrics.websub("failed");
                let after = AGAIN.get(follow.attempts.unsigned_abs() as usize - 1).or(AGAIN.last()).copied();
                let due = self.clock.now_ms() + after.unwrap_or(60) * 1000;
                let why =
                    answer.map_or_else(|error| error.to_string(), |answer| format!("it answered {}", answer.status));
                tracing::info!(host, attempts = follow.attempts, why, "a WebSub callback did not take a feed");
                self.store.follower_failed(follow.id, due).await
            }
        }
    }

    /// The feed is there no more: who follows it is told, and follows no more.
    async fn deny(&self, topic: &str) -> Result<()> {
        let followers = self.store.followers(topic).await?;
        let told = stream::iter(followers).for_each_concurrent(AT_A_TIME[1], |(callback, private)| async move {
            let _ = self.tell(&callback, private, &self.denied(topic, "this feed is not there any more")).await;
            if let Err(error) = self.store.drop_follower(topic, &callback).await {
                tracing::error!(%error, "a WebSub subscription could not be ended");
            }
        });
        told.await;
        Ok(())
    }

    fn denied(&self, topic: &str, reason: &str) -> Vec<(&'static str, String)> {
        vec![("hub.mode", "denied".to_owned()), ("hub.topic", self.topic(topic)), ("hub.reason", reason.to_owned())]
    }

    /// Asks a callback with these parameters beside its own.
    async fn tell(
        &self,
        callback: &str,
        private: bool,
        pairs: &[(&str, impl AsRef<str>)],
    ) -> std::result::Result<Answer, NoAnswer> {
        let mut url = Url::parse(callback).map_err(|error| NoAnswer::Refused(error.to_string()))?;
        url.query_pairs_mut().extend_pairs(pairs.iter().map(|(name, value)| (name, value.as_ref())));
        let (method, headers, body) = (Method::GET, HeaderMap::new(), None);
        let outgoing =
            Outgoing { method, url: &url, headers, body, timeout: TIMEOUT, allow_private: private, strict: true };
        self.fetcher.carry(outgoing).await
    }

    /// What a feed says now.
    fn now(&self, topic: &str) -> Option<Seen> {
        let revision = self.feeds.shown(plan::is_joint(topic));
        Some(Seen { hash: self.feeds.get(topic)?.hash().to_string(), revision })
    }

    /// The public address of a feed.
    fn topic(&self, file: &str) -> String {
        format!("{}feeds/{file}", self.config.base_url)
    }

    fn headers(&self, topic: &str, kind: &'static str) -> HeaderMap {
        let hubs = hubs(&self.config).into_iter().map(|hub| format!("<{hub}>; rel=\"hub\""));
        let own = format!("<{}>; rel=\"self\"", self.topic(topic));
        let links: Vec<String> = std::iter::once(own).chain(hubs).collect();
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        if let Ok(links) = HeaderValue::from_str(&links.join(", ")) {
            headers.insert(LINK, links);
        }
        headers
    }

    fn misses(&self, host: &str, now: i64) -> Vec<i64> {
        let misses = self.misses.lock().unwrap_or_else(PoisonError::into_inner);
        let of = misses.get(host).into_iter().flatten();
        of.copied().filter(|at| now - at < 3_600_000).collect()
    }

    fn missed(&self, host: &str, now: i64) {
        let mut past = self.misses(host, now);
        past.push(now);
        let mut misses = self.misses.lock().unwrap_or_else(PoisonError::into_inner);
        if misses.len() >= MISS_HOSTS {
            misses.retain(|_, past| past.last().is_some_and(|at| now - at < 3_600_000));
        }
        if misses.len() < MISS_HOSTS {
            misses.insert(host.to_owned(), past);
        }
    }
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn is_yes(status: u16) -> bool {
    (200..300).contains(&status)
}

/// `sha256=…` of the body under the follower's secret.
fn signature(secret: &str, body: &[u8]) -> Option<HeaderValue> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(body);
    HeaderValue::from_str(&format!("sha256={}", HEXLOWER.encode(&mac.finalize().into_bytes()))).ok()
}
