//! Claiming and sending: one dispatcher a channel claims what is due and hands it in batches of `window` to as
//! many senders as the channel has connections. What comes back is recorded in the same transaction in which the next
//! is claimed, so that one commit serves all connections that are free at that time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::flight::Flight;
use super::tell::tell;
use super::{Outbox, chat_and_topic, policy};
use crate::channel::{Channel, Outcome};
use crate::lifecycle;
use crate::outbox::prepare::Prepared;
use crate::store::{Claim, Claimed, Delivery, Result, Settle};

/// How long a dispatcher sleeps when nobody rings: a command beside the daemon may have queued something.
const POLL: Duration = Duration::from_secs(2);
/// How long in-flight sends may take after a stop (an orderly stop takes at most 10 s in all).
const GRACE: Duration = Duration::from_secs(8);
/// The longest pause before what was sent is tried to be recorded once more.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// How often that is tried after a stop.
const LAST_TRIES: u32 = 8;
/// The longest wait for batches that are about to come back.
const GATHER: Duration = Duration::from_millis(2);
/// `bantin once` waits this long for a turn under a limit (the turns of a chat are three seconds apart).
const TURN_MS: i64 = 10_000;

type Settled = Vec<(Delivery, Settle)>;

/// The dispatcher of one channel at work.
struct Dispatcher {
    outbox: Outbox,
    channel: Arc<dyn Channel>,
    flight: Arc<Flight>,
    /// Batches under way, one a connection.
    flying: JoinSet<(Settled, Duration)>,
    /// What became of those that are not recorded yet. Until they are, their connections count as busy: so a connection
    /// never has more than `window` rows in 'sending'.
    done: Settled,
    /// How long a batch takes to come back, on average of late, and how long the last turn took.
    flight_takes: Duration,
    turn_took: Duration,
    cancel: CancellationToken,
}

impl Outbox {
    /// Sends what the channel has due until it is cancelled; then no new claims, and what is on its way has
    /// [`GRACE`] to finish.
    pub async fn run_channel(self, channel: Arc<dyn Channel>, cancel: CancellationToken) {
        // What an earlier configuration's sending left behind at its end: nobody else will look after it.
        let policy = |address: &str| channel.on_uncertain_of(address);
        let now_ms = self.clock.now_ms();
        if let Err(error) = self.store.recover(channel.kind(), policy, false, &self.instance, now_ms).await {
            tracing::error!(%error, "what was left midway could not be looked after; the next start does it");
        }
        let mut renew = tokio::time::interval(lifecycle::lease() / 3);
        let bell = self.bell.clone();
        let (flight, flying) = (Arc::new(Flight::default()), JoinSet::new());
        let mut at_work = Dispatcher {
            outbox: self,
            channel,
            flight,
            flying,
            done: Vec::new(),
            flight_takes: Duration::ZERO,
            turn_took: Duration::ZERO,
            cancel,
        };
        loop {
            let rung = bell.notified();
            let wait = at_work.turn().await;
            tokio::select! {
                () = at_work.cancel.cancelled() => break,
                Some(sent) = at_work.flying.join_next() => at_work.landed(sent),
                () = rung, if at_work.free() > 0 => {}
                () = tokio::time::sleep(wait), if at_work.free() > 0 => {}
                _ = renew.tick() => at_work.outbox.renew(&at_work.flight).await,
            }
        }
        at_work.end().await;
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
                self.record(&settled, None).await;
            }
        }
        Ok(sent)
    }

    async fn claim(&self, channel: &Arc<dyn Channel>, max: usize) -> Result<Claimed> {
        let claim = Claim { channel: channel.kind(), owner: &self.instance, max, ordered: channel.ordered() };
        let limits = |d: &Delivery| channel.limits_of(chat_and_topic(&d.address).0, &d.kind);
        self.store.claim(claim, limits, self.clock.now_ms()).await
    }

    /// Sends one batch over one connection and judges the outcomes. A channel that panics fails its batch,
    /// not the daemon.
    async fn send(&self, channel: &Arc<dyn Channel>, batch: Vec<Prepared>) -> Settled {
        let apart = |p: Prepared| {
            let section = p.job.message.section().cloned();
            (p.job, (p.delivery, p.revision, section))
        };
        let (jobs, rest): (Vec<_>, Vec<_>) = batch.into_iter().map(apart).unzip();
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
        for (delivery, revision, section) in rest {
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
            tell(&delivery, &settle, section.as_ref().map(|section| section.slug.as_str()));
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

    /// What this instance was stopped over for so long that it may be another's by now: not sent, and given back where
    /// nobody took it.
    fn left(&self, batch: Vec<Prepared>) -> Settled {
        tracing::warn!(deliveries = batch.len(), "not sent: this instance was stopped for longer than its lease");
        let due = self.clock.now_ms();
        let back = |one: Prepared| {
            let reason = "the instance was stopped before it was sent".to_owned();
            (one.delivery, Settle::Retry { due, counts: false, reason })
        };
        batch.into_iter().map(back).collect()
    }

    /// Records outcomes. While the store is not well it keeps trying, because what was sent must not be sent again: for
    /// ever in a daemon, until it is stopped.
    async fn record(&self, settled: &[(Delivery, Settle)], stop: Option<&CancellationToken>) {
        if settled.is_empty() {
            return;
        }
        let (mut pause, mut left) = (Duration::from_millis(100), LAST_TRIES);
        loop {
            match self.store.settle(&self.instance, settled, self.clock.now_ms()).await {
                Ok(recorded) => return self.recorded(settled, recorded),
                Err(error) => tracing::error!(%error, "what was sent could not be recorded; trying again"),
            }
            if stop.is_none_or(CancellationToken::is_cancelled) {
                left -= 1;
                if left == 0 {
                    break;
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        tracing::error!(rows = settled.len(), "what was sent could not be recorded; the next start sends it once more");
    }

    /// Counts what was recorded.
    fn recorded(&self, settled: &[(Delivery, Settle)], recorded: usize) {
        if recorded < settled.len() {
            let others = settled.len() - recorded;
            tracing::warn!(others, "taken over by another instance meanwhile; what it says counts");
        }
        let mut counts = BTreeMap::<(&str, &str), u64>::new();
        for (delivery, settle) in settled {
            *counts.entry((&delivery.channel, settle.word())).or_default() += 1;
        }
        for ((channel, word), count) in counts {
            self.metrics.deliveries(channel, word, count);
            if channel == "email" && word == "sent" {
                tracing::info!(channel, mails = count, "sent");
            }
        }
    }

    async fn renew(&self, flight: &Flight) {
        if flight.ids().is_empty() {
            return;
        }
        let begun = Instant::now();
        match self.store.renew_leases(&self.instance, self.clock.now_ms()).await {
            Ok(renewed) => flight.renewed(&renewed, begun),
            Err(error) => tracing::error!(%error, "leases could not be renewed"),
        }
    }
}

impl Dispatcher {
    /// How many connections are free.
    fn free(&self) -> usize {
        self.channel.connections().max(1).saturating_sub(self.flying.len())
    }

    /// A batch has come back.
    fn landed(&mut self, sent: std::result::Result<(Settled, Duration), JoinError>) {
        match sent {
            Ok((sent, took)) => {
                self.flight_takes = (self.flight_takes * 3 + took) / 4;
                self.done.extend(sent);
            }
            // Its rows stay in 'sending' until their lease is over: they may have arrived.
            Err(error) => tracing::error!(channel = self.channel.kind(), %error, "a batch failed; please report this"),
        }
    }

    /// Records what has come back and claims for the connections that are free, in one commit; sends what was claimed.
    /// How long to wait where nothing happens meanwhile.
    async fn turn(&mut self) -> Duration {
        while let Some(sent) = self.flying.try_join_next() {
            self.landed(sent);
        }
        self.gather().await;
        let begun = Instant::now();
        let outcome = self.settle_and_send().await;
        self.turn_took = begun.elapsed();
        match outcome {
            Ok(wait) => wait,
            Err(error) => {
                // Never send what could not be recorded: the channel rests until the store is well.
                tracing::error!(channel = self.channel.kind(), %error, "nothing is sent while the store is not well");
                self.settle().await;
                POLL
            }
        }
    }

    /// Where it is the database that sets the pace, and not the relay, those that are about to come back are waited for:
    /// one turn, and one commit, then serves them too.
    async fn gather(&mut self) {
        if self.done.is_empty() || self.flight_takes > self.turn_took * 2 {
            return;
        }
        let until = Instant::now() + self.turn_took.min(GATHER);
        while let Ok(Some(sent)) = tokio::time::timeout_at(until, self.flying.join_next()).await {
            self.landed(sent);
        }
    }

    async fn settle_and_send(&mut self) -> Result<Duration> {
        let (outbox, channel) = (self.outbox.clone(), self.channel.clone());
        let (free, window) = (self.free(), channel.window().max(1));
        if free == 0 {
            self.settle().await;
            return Ok(POLL);
        }
        let claim =
            Claim { channel: channel.kind(), owner: &outbox.instance, max: free * window, ordered: channel.ordered() };
        if self.flight.is_set_back(outbox.clock.now_ms()) {
            // Long enough for the rows to be brought back: a relay is not to rest for an hour by a clock that was wrong.
            tokio::time::sleep(POLL).await;
        }
        let now_ms = outbox.clock.now_ms();
        let limits = |d: &Delivery| channel.limits_of(chat_and_topic(&d.address).0, &d.kind);
        if self.flight.is_in_doubt() {
            self.settle().await;
            let back = outbox.store.unclaim(channel.kind(), &outbox.instance, &self.flight.ids(), now_ms).await?;
            self.flight.is_sure();
            if back > 0 {
                tracing::info!(channel = channel.kind(), back, "claimed without our hearing of it; nothing was sent");
            }
        }
        let begun = Instant::now();
        let claimed = if self.done.is_empty() {
            outbox.store.claim(claim, limits, now_ms).await.inspect_err(|_| self.flight.doubt())?
        } else {
            let both = outbox.store.settle_and_claim(&self.done, claim, limits, now_ms).await;
            let (recorded, claimed) = both.inspect_err(|_| self.flight.doubt())?;
            let done = std::mem::take(&mut self.done);
            outbox.recorded(&done, recorded);
            self.flight.settled(done.iter().map(|(row, _)| row));
            claimed
        };
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
        let (ready, settled) = outbox.prepare(claimed.deliveries).await.inspect_err(|_| self.flight.doubt())?;
        self.flight.claimed(ready.iter().map(|one| &one.delivery).chain(settled.iter().map(|(row, _)| row)), begun);
        let dropped = !settled.is_empty();
        self.done.extend(settled);
        let mut ready = ready.into_iter().peekable();
        while ready.peek().is_some() {
            let batch: Vec<Prepared> = ready.by_ref().take(window).collect();
            let (outbox, channel, flight) = (outbox.clone(), channel.clone(), self.flight.clone());
            self.flying.spawn(async move {
                let begun = Instant::now();
                let settled = if batch.iter().all(|one| flight.is_ours(one.delivery.id)) {
                    outbox.send(&channel, batch).await
                } else {
                    outbox.left(batch)
                };
                let took = begun.elapsed();
                lifecycle::fault("outbox.accepted").await;
                (settled, took)
            });
        }
        // What was dropped has its place to give.
        Ok(if dropped { Duration::from_millis(1) } else { wait })
    }

    /// Records what has come back, by itself.
    async fn settle(&mut self) {
        let done = std::mem::take(&mut self.done);
        if !done.is_empty() {
            self.outbox.record(&done, Some(&self.cancel)).await;
            self.flight.settled(done.iter().map(|(row, _)| row));
        }
    }

    /// No new claims; what is on its way has [`GRACE`] to finish.
    async fn end(mut self) {
        let deadline = Instant::now() + GRACE;
        loop {
            match tokio::time::timeout_at(deadline, self.flying.join_next()).await {
                Ok(Some(sent)) => {
                    self.landed(sent);
                    self.settle().await;
                }
                Ok(None) => break,
                Err(_) => {
                    tracing::warn!(channel = self.channel.kind(), "sends still under way are left to the next start");
                    break;
                }
            }
        }
        self.flying.shutdown().await;
        self.settle().await;
    }
}
