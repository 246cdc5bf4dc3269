//! Claiming and sending: one dispatcher a channel claims what is due, hands it in batches of `window` to as
//! many senders as the channel has connections, and one settler records what became of it, many at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::flight::Flight;
use super::{Outbox, chat_and_topic, policy};
use crate::channel::{Channel, Outcome};
use crate::lifecycle;
use crate::outbox::prepare::Prepared;
use crate::store::{Claim, Delivery, Result, Settle};

/// How long a dispatcher sleeps when nobody rings: a command beside the daemon may have queued something.
const POLL: Duration = Duration::from_secs(2);
/// How long in-flight sends may take after a stop (an orderly stop takes at most 10 s in all).
const GRACE: Duration = Duration::from_secs(8);
/// The longest pause before what was sent is tried to be recorded once more.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// How often that is tried after a stop.
const LAST_TRIES: u32 = 8;

type Settled = Vec<(Delivery, Settle)>;

impl Outbox {
    /// Sends what the channel has due until it is cancelled; then no new claims, and what is on its way has
    /// [`GRACE`] to finish.
    pub async fn run_channel(self, channel: Arc<dyn Channel>, cancel: CancellationToken) {
        let (results, settler) = mpsc::channel::<Settled>(1_000);
        // What an earlier configuration's sending left behind at its end: nobody else will look after it.
        let policy = |address: &str| channel.on_uncertain_of(address);
        let now_ms = self.clock.now_ms();
        if let Err(error) = self.store.recover(channel.kind(), policy, false, &self.instance, now_ms).await {
            tracing::error!(%error, "what was left midway could not be looked after; the next start does it");
        }
        let flight = Arc::new(Flight::default());
        let settling = tokio::spawn(self.clone().run_settler(settler, flight.clone(), cancel.clone()));
        let idle = Arc::new(Semaphore::new(channel.connections().max(1)));
        let mut flying = JoinSet::new();
        let mut renew = tokio::time::interval(lifecycle::lease() / 3);
        loop {
            while flying.try_join_next().is_some() {}
            let rung = self.bell.notified();
            let wait = match self.claim_and_send(&channel, &idle, &mut flying, &results, &flight).await {
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
                _ = renew.tick() => self.renew(&flight).await,
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
                if claimed.is_empty() {
                    break;
                }
                let (ready, mut settled) = self.prepare(claimed).await?;
                sent += ready.len();
                settled.extend(self.send(channel, ready).await);
                self.record(settled, None).await;
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
        flight: &Arc<Flight>,
    ) -> Result<Duration> {
        let free = idle.available_permits();
        if free == 0 {
            return Ok(POLL);
        }
        let window = channel.window().max(1);
        let claim =
            Claim { channel: channel.kind(), owner: &self.instance, max: free * window, ordered: channel.ordered() };
        if flight.is_set_back(self.clock.now_ms()) {
            // Long enough for the rows to be brought back: a relay is not to rest for an hour by a clock that was wrong.
            tokio::time::sleep(POLL).await;
        }
        let now_ms = self.clock.now_ms();
        let limits = |address: &str| channel.limits(chat_and_topic(address).0);
        if flight.is_in_doubt() {
            let back = self.store.unclaim(channel.kind(), &self.instance, &flight.ids(), now_ms).await?;
            flight.is_sure();
            if back > 0 {
                tracing::info!(channel = channel.kind(), back, "claimed without our hearing of it; nothing was sent");
            }
        }
        let begun = Instant::now();
        let claimed = self.store.claim(claim, limits, now_ms).await.inspect_err(|_| flight.doubt())?;
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
        let (ready, settled) = self.prepare(claimed.deliveries).await.inspect_err(|_| flight.doubt())?;
        flight.claimed(ready.iter().map(|one| &one.delivery).chain(settled.iter().map(|(row, _)| row)), begun);
        if !settled.is_empty() {
            let _ = results.send(settled).await;
        }
        let mut ready = ready.into_iter().peekable();
        while ready.peek().is_some() {
            let batch: Vec<Prepared> = ready.by_ref().take(window).collect();
            let Ok(permit) = idle.clone().acquire_owned().await else { break };
            let (outbox, channel, results) = (self.clone(), channel.clone(), results.clone());
            let flight = flight.clone();
            flying.spawn(async move {
                let settled = if batch.iter().all(|one| flight.is_ours(one.delivery.id)) {
                    outbox.send(&channel, batch).await
                } else {
                    outbox.left(batch)
                };
                lifecycle::fault("outbox.accepted").await;
                let _ = results.send(settled).await;
                drop(permit);
                // A finished send may free its chat for the next one.
                outbox.bell.notify_waiters();
            });
        }
        Ok(wait)
    }

    async fn claim(&self, channel: &Arc<dyn Channel>, max: usize) -> Result<Vec<Delivery>> {
        let claim = Claim { channel: channel.kind(), owner: &self.instance, max, ordered: channel.ordered() };
        let limits = |address: &str| channel.limits(chat_and_topic(address).0);
        Ok(self.store.claim(claim, limits, self.clock.now_ms()).await?.deliveries)
    }

    /// Sends one batch over one connection and judges the outcomes. A channel that panics fails its batch,
    /// not the daemon.
    async fn send(&self, channel: &Arc<dyn Channel>, batch: Vec<Prepared>) -> Settled {
        let (jobs, rest): (Vec<_>, Vec<_>) = batch.into_iter().map(|p| (p.job, (p.delivery, p.revision))).unzip();
        let sender = channel.clone();
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
            let settle =
                policy::settle(&delivery, outcome, revision, channel.on_uncertain_of(&delivery.address), now_ms);
            tell(&delivery, &settle);
            settled.push((delivery, settle));
        }
        for block in channel.take_blocks() {
            tracing::warn!(limit = block.key, pause = ?block.pause, reason = block.reason, "a relay is left alone");
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

    async fn run_settler(self, mut results: mpsc::Receiver<Settled>, flight: Arc<Flight>, stop: CancellationToken) {
        let mut waiting = Vec::new();
        while results.recv_many(&mut waiting, 100).await > 0 {
            let settled: Settled = waiting.drain(..).flatten().collect();
            let rows: Vec<Delivery> = settled.iter().map(|(row, _)| row.clone()).collect();
            self.record(settled, Some(&stop)).await;
            flight.settled(rows.iter());
            self.bell.notify_waiters();
        }
    }

    /// Records outcomes. While the store is not well it keeps trying, because what was sent must not be sent again: for
    /// ever in a daemon, until it is stopped.
    async fn record(&self, settled: Settled, stop: Option<&CancellationToken>) {
        if settled.is_empty() {
            return;
        }
        let (mut pause, mut left) = (Duration::from_millis(100), LAST_TRIES);
        loop {
            match self.store.settle(&self.instance, &settled, self.clock.now_ms()).await {
                Ok(recorded) => {
                    if recorded < settled.len() {
                        let others = settled.len() - recorded;
                        tracing::warn!(others, "taken over by another instance meanwhile; what it says counts");
                    }
                    for (delivery, settle) in &settled {
                        self.metrics.deliveries(&delivery.channel, settle.word(), 1);
                    }
                    return;
                }
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

/// One log line for each settled delivery; addresses of readers never.
fn tell(d: &Delivery, settle: &Settle) {
    let target = if d.channel == "email" { format!("reader {}", d.target_id) } else { d.address.clone() };
    let (channel, kind, delivery) = (&d.channel, &d.kind, d.id);
    match settle {
        Settle::Sent { .. } => tracing::info!(delivery, channel, kind, target, article = d.article_id, "sent"),
        Settle::Retry { counts: false, reason, .. } => {
            tracing::info!(delivery, channel, kind, target, reason, "waits");
        }
        Settle::Retry { reason, .. } => tracing::warn!(delivery, channel, kind, target, reason, "is tried again"),
        Settle::Dropped(reason) => tracing::info!(delivery, channel, kind, target, reason, "dropped"),
        Settle::Asks(reason) => {
            tracing::warn!(delivery, channel, kind, target, reason, "waits for an admin: bantin deliveries retry|drop");
        }
        Settle::Uncertain(reason) => {
            tracing::warn!(delivery, channel, kind, target, reason, "is not sent again (at_most_once)");
        }
        Settle::Dead(reason) | Settle::Busy(reason) => {
            tracing::error!(delivery, channel, kind, target, reason, "could not be delivered");
        }
        Settle::Gone { reason, .. } => {
            tracing::warn!(delivery, channel, kind, target, reason, "the recipient does not want it; it rests");
        }
    }
}
