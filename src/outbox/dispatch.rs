//! Claiming and sending: one dispatcher a channel claims what is due, hands it in batches of `window` to as
//! many senders as the channel has connections, and one settler records what became of it, many at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Outbox, chat_and_topic, policy};
use crate::channel::{Channel, Outcome};
use crate::lifecycle;
use crate::outbox::prepare::Prepared;
use crate::store::{Claim, Claimed, Delivery, Result, Settle};

/// How long a dispatcher sleeps when nobody rings: a command beside the daemon may have queued something.
const POLL: Duration = Duration::from_secs(2);
/// How long in-flight sends may take after a stop (design: an orderly stop takes at most 10 s).
const GRACE: Duration = Duration::from_secs(9);
/// `bantin once` waits this long for a turn under a limit (the turns of a chat are three seconds apart).
const TURN_MS: i64 = 10_000;
/// A third of the lease.
const RENEW: Duration = Duration::from_secs(20);

type Settled = Vec<(Delivery, Settle)>;

impl Outbox {
    /// Sends what the channel has due until it is cancelled; then no new claims, and what is on its way has
    /// [`GRACE`] to finish.
    pub async fn run_channel(self, channel: Arc<dyn Channel>, cancel: CancellationToken) {
        let (results, settler) = mpsc::channel::<Settled>(1_000);
        let settling = tokio::spawn(self.clone().run_settler(settler));
        let idle = Arc::new(Semaphore::new(channel.connections().max(1)));
        let mut flying = JoinSet::new();
        let mut renew = tokio::time::interval(RENEW);
        loop {
            while flying.try_join_next().is_some() {}
            let rung = self.bell.notified();
            let wait = match self.claim_and_send(&channel, &idle, &mut flying, &results).await {
                Ok(wait) => wait,
                Err(error) => {
                    // Never send what could not be recorded: the channel rests until the store is well.
                    tracing::error!(channel = channel.kind(), %error, "nothing is sent while the store is not well");
                    POLL
                }
            };
            tokio::select! {
                () = cancel.cancelled() => break,
                () = rung, if idle.available_permits() > 0 => {}
                _ = flying.join_next(), if !flying.is_empty() => {}
                () = tokio::time::sleep(wait), if idle.available_permits() > 0 => {}
                _ = renew.tick() => self.renew(!flying.is_empty()).await,
            }
        }
        let finish = async { while flying.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, finish).await.is_err() {
            tracing::warn!(channel = channel.kind(), "sends still under way are left to the next start");
        }
        flying.shutdown().await;
        drop(results);
        let _ = settling.await;
    }

    /// Sends everything that is due now, once: for `bantin once`.
    pub async fn send_due(&self) -> Result<usize> {
        let mut sent = 0;
        for channel in self.channels.iter() {
            loop {
                let claimed = self.claim(channel, channel.window()).await?;
                if claimed.deliveries.is_empty() {
                    // What only waits for its turn under a limit is due all the same.
                    let now_ms = self.clock.now_ms();
                    let turn = claimed.again_at.filter(|at| !claimed.kept_by.is_empty() && at - now_ms <= TURN_MS);
                    let Some(turn) = turn else { break };
                    tokio::time::sleep(Duration::from_millis((turn - now_ms).max(1) as u64)).await;
                    continue;
                }
                let (ready, mut settled) = self.prepare(claimed.deliveries).await?;
                sent += ready.len();
                settled.extend(self.send(channel, ready).await);
                self.record(settled).await;
            }
        }
        Ok(sent)
    }

    async fn claim_and_send(
        &self,
        channel: &Arc<dyn Channel>,
        idle: &Arc<Semaphore>,
        flying: &mut JoinSet<()>,
        results: &mpsc::Sender<Settled>,
    ) -> Result<Duration> {
        let free = idle.available_permits();
        if free == 0 {
            return Ok(POLL);
        }
        let window = channel.window().max(1);
        let claim =
            Claim { channel: channel.kind(), owner: &self.instance, max: free * window, ordered: channel.ordered() };
        let now_ms = self.clock.now_ms();
        let limits = |d: &Delivery| channel.limits_of(chat_and_topic(&d.address).0, &d.kind);
        let claimed = self.store.claim(claim, limits, now_ms).await?;
        let mut another = false;
        for (key, at) in &claimed.kept_by {
            another |= channel.blocked(key, Duration::from_millis((at - now_ms).max(0) as u64));
        }
        let again_at = if another { Some(now_ms) } else { claimed.again_at };
        let wait = match again_at {
            Some(at) => Duration::from_millis((at - now_ms).clamp(1, POLL.as_millis() as i64) as u64),
            None => POLL,
        };
        if claimed.deliveries.is_empty() {
            return Ok(wait);
        }
        lifecycle::fault("outbox.claimed").await;
        let (ready, settled) = self.prepare(claimed.deliveries).await?;
        if !settled.is_empty() {
            let _ = results.send(settled).await;
        }
        let mut ready = ready.into_iter().peekable();
        while ready.peek().is_some() {
            let batch: Vec<Prepared> = ready.by_ref().take(window).collect();
            let Ok(permit) = idle.clone().acquire_owned().await else { break };
            let (outbox, channel, results) = (self.clone(), channel.clone(), results.clone());
            flying.spawn(async move {
                let settled = outbox.send(&channel, batch).await;
                lifecycle::fault("outbox.accepted").await;
                let _ = results.send(settled).await;
                drop(permit);
                // A finished send may free its chat for the next one.
                outbox.bell.notify_waiters();
            });
        }
        Ok(wait)
    }

    async fn claim(&self, channel: &Arc<dyn Channel>, max: usize) -> Result<Claimed> {
        let claim = Claim { channel: channel.kind(), owner: &self.instance, max, ordered: channel.ordered() };
        let limits = |d: &Delivery| channel.limits_of(chat_and_topic(&d.address).0, &d.kind);
        self.store.claim(claim, limits, self.clock.now_ms()).await
    }

    /// Sends one batch over one connection and judges the outcomes. A channel that panics fails its batch,
    /// not the daemon.
    async fn send(&self, channel: &Arc<dyn Channel>, batch: Vec<Prepared>) -> Settled {
        let (jobs, rest): (Vec<_>, Vec<_>) = batch.into_iter().map(|p| (p.job, (p.delivery, p.revision))).unzip();
        let sender = channel.clone();
        let begun = self.clock.now_ms();
        let sending = tokio::spawn(async move { sender.send(&jobs).await });
        let outcomes = match sending.await {
            Ok(outcomes) => outcomes,
            Err(error) => {
                tracing::error!(channel = channel.kind(), %error, "a channel failed while sending; please report this");
                rest.iter().map(|_| Outcome::Unknown("the channel failed while sending".into())).collect()
            }
        };
        let now_ms = self.clock.now_ms();
        let mut settled = Vec::with_capacity(rest.len());
        let mut outcomes = outcomes.into_iter();
        for (delivery, revision) in rest {
            let outcome = outcomes.next().unwrap_or_else(|| Outcome::Unknown("the channel gave no answer".into()));
            if let Outcome::RetryAfter { after: Some(pause), counts: false, .. } = &outcome
                && let Some(key) = channel.block_key(chat_and_topic(&delivery.address).0)
            {
                let until = now_ms + pause.as_millis() as i64;
                if let Err(error) = self.store.block_limit(&key, until).await {
                    tracing::error!(%error, "a channel's wish to wait could not be recorded");
                }
            }
            if let Some(own) = channel.spaced(chat_and_topic(&delivery.address).0)
                && now_ms - begun > own.slack_ms
                && let Err(error) = self.store.block_limit(&own.key, now_ms + own.every_ms).await
            {
                tracing::error!(%error, "the next turn of a chat could not be recorded");
            }
            let settle =
                policy::settle(&delivery, outcome, revision, channel.on_uncertain_of(&delivery.address), now_ms);
            tell(&delivery, &settle);
            settled.push((delivery, settle));
        }
        for (what, count) in channel.counts() {
            self.metrics.noted(channel.kind(), what, count);
        }
        for block in channel.take_blocks() {
            tracing::warn!(limit = block.key, pause = ?block.pause, reason = block.reason, "{}", if channel.kind() == "email" { "a relay is left alone" } else { "the bot rests" });
            let until = now_ms + block.pause.as_millis() as i64;
            if let Err(error) = self.store.block_because(&block.key, until, &block.reason).await {
                tracing::error!(%error, "a relay's wish to wait could not be recorded");
            }
        }
        settled
    }

    async fn run_settler(self, mut results: mpsc::Receiver<Settled>) {
        let mut waiting = Vec::new();
        while results.recv_many(&mut waiting, 100).await > 0 {
            self.record(waiting.drain(..).flatten().collect()).await;
            self.bell.notify_waiters();
        }
    }

    /// Records outcomes; while the store is not well it keeps trying, because what was sent must not be
    /// sent again.
    async fn record(&self, settled: Settled) {
        if settled.is_empty() {
            return;
        }
        for attempt in 0..8 {
            match self.store.settle(&self.instance, &settled, self.clock.now_ms()).await {
                Ok(_) => {
                    for (delivery, settle) in &settled {
                        self.metrics.deliveries(&delivery.channel, settle.word(), 1);
                    }
                    return;
                }
                Err(error) => {
                    tracing::error!(%error, "what was sent could not be recorded; trying again");
                    tokio::time::sleep(Duration::from_millis(100 << attempt)).await;
                }
            }
        }
        tracing::error!(rows = settled.len(), "what was sent could not be recorded; the next start sends it once more");
    }

    async fn renew(&self, flying: bool) {
        if flying && let Err(error) = self.store.renew_leases(&self.instance, self.clock.now_ms()).await {
            tracing::error!(%error, "leases could not be renewed");
        }
    }
}

/// One log line for each settled delivery; addresses of readers never.
fn tell(d: &Delivery, settle: &Settle) {
    // A private chat is a reader too.
    let private =
        d.channel == "email" || d.channel == "telegram" && d.address.starts_with(|c: char| c.is_ascii_digit());
    let target = if private { format!("reader {}", d.target_id) } else { d.address.clone() };
    let (channel, kind, delivery) = (&d.channel, &d.kind, d.id);
    match settle {
        Settle::Sent { .. } => tracing::info!(delivery, channel, kind, target, article = d.article_id, "sent"),
        Settle::Retry { counts: false, reason, .. } => {
            tracing::info!(delivery, channel, kind, target, reason, "waits");
        }
        Settle::Partly { reason, .. } => tracing::info!(delivery, channel, kind, target, reason, "goes on"),
        Settle::Retry { reason, .. } => tracing::warn!(delivery, channel, kind, target, reason, "is tried again"),
        Settle::Dropped(reason) => tracing::info!(delivery, channel, kind, target, reason, "dropped"),
        Settle::Uncertain(reason) => {
            tracing::warn!(delivery, channel, kind, target, reason, "waits for an admin: bantin deliveries retry|drop");
        }
        Settle::Dead(reason) | Settle::Busy(reason) => {
            tracing::error!(delivery, channel, kind, target, reason, "could not be delivered");
        }
        Settle::Gone { reason, .. } => {
            tracing::warn!(delivery, channel, kind, target, reason, "the recipient does not want it; it rests");
        }
    }
}
