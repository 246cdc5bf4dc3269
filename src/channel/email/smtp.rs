//! The connections to the relays: for each at most the configured number open, kept for the next batch. Which relay a
//! mail takes and when one is left alone is decided in [`super::relays`].

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::outcome::{Failure, Stop};
use super::relays::{Relays, key};
use super::reply::Reply;
use super::session::{Mail, Session, Watch};
use crate::channel::{Block, Limit, Outcome, Posted, Wanted};
use crate::config::Relay;

/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(15);

/// The relays and the sessions with them.
pub struct Pool {
    relays: Mutex<Relays>,
    /// Each relay's connections.
    shares: Vec<Arc<Semaphore>>,
    /// How we introduce ourselves.
    helo: String,
    wanted: Arc<dyn Wanted>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    idle: Vec<Idle>,
    reaping: bool,
}

/// A session in use, with its share of the relay's connections.
struct Open {
    session: Session,
    share: OwnedSemaphorePermit,
}

/// A session that is kept for the next batch.
struct Idle {
    relay: usize,
    session: Session,
    since: Instant,
}

/// Looks on while a batch goes to one relay.
struct Eyes<'a> {
    pool: &'a Pool,
    relay: usize,
}

impl Watch for Eyes<'_> {
    fn unwanted<'a>(&'a self, mails: &'a [Mail]) -> BoxFuture<'a, HashSet<i64>> {
        self.pool.wanted.unwanted(mails.iter().map(|mail| mail.delivery).collect())
    }

    fn sent(&self, result: &Result<Reply, Failure>) -> bool {
        self.pool.relays().mail(self.relay, result.as_ref().map(|_| ()))
    }
}

impl Pool {
    /// A pool over these relays.
    pub fn new(relays: Vec<Relay>, helo: String, wanted: Arc<dyn Wanted>) -> Arc<Self> {
        let shares = relays.iter().map(|relay| Arc::new(Semaphore::new(relay.connections.max(1)))).collect();
        let relays = Mutex::new(Relays::new(relays));
        Arc::new(Self { relays, shares, helo, wanted, state: Mutex::default() })
    }

    /// The limits of the relay that mail to an address takes at present.
    pub fn limits(&self, address: &str) -> Vec<Limit> {
        let relays = self.relays();
        relays.limits(relays.pick(address))
    }

    /// See [`Relays::take_blocks`].
    pub fn take_blocks(&self) -> Vec<Block> {
        self.relays().take_blocks()
    }

    /// See [`Relays::away`].
    pub fn away(&self) -> Vec<(String, String)> {
        self.relays().away()
    }

    /// See [`Relays::blocked`].
    pub fn blocked(&self, key: &str, wait: Duration) -> bool {
        self.relays().blocked(key, wait)
    }

    /// Sends a batch, each mail by its relay, one outcome a mail. `asked` is when it was last asked who wants them.
    pub async fn send(self: &Arc<Self>, mails: Vec<Mail>, asked: Instant) -> Vec<Outcome> {
        let mut by_relay: BTreeMap<usize, (Vec<usize>, Vec<Mail>)> = BTreeMap::new();
        for (place, mail) in mails.into_iter().enumerate() {
            let relay = self.relays().pick(&mail.to);
            let (places, group) = by_relay.entry(relay).or_default();
            places.push(place);
            group.push(mail);
        }
        let sending = by_relay.into_iter().map(|(relay, (places, group))| async move {
            places.into_iter().zip(self.send_by(relay, &group, asked).await).collect::<Vec<_>>()
        });
        let mut outcomes: Vec<(usize, Outcome)> = join_all(sending).await.into_iter().flatten().collect();
        outcomes.sort_by_key(|(place, _)| *place);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    /// Sends a batch over one session with a relay (a second one where the first breaks).
    async fn send_by(self: &Arc<Self>, index: usize, mails: &[Mail], asked: Instant) -> Vec<Outcome> {
        let mut done: Vec<Outcome> = Vec::with_capacity(mails.len());
        let Some(relay) = self.relays().get(index).cloned() else { return done };
        let eyes = Eyes { pool: self, relay: index };
        while done.len() < mails.len() {
            let mut open = match self.open(index, &relay).await {
                Ok(open) => open,
                Err(outcome) => {
                    done.resize(mails.len(), outcome);
                    break;
                }
            };
            let fresh = open.session.used == 0;
            let delivered = open.session.deliver(mails.get(done.len()..).unwrap_or_default(), &eyes, asked).await;
            let progress = !delivered.results.is_empty();
            done.extend(delivered.results.into_iter().map(|result| match result {
                Ok(reply) => {
                    Outcome::Accepted(Posted { chat: key(&relay), message: reply.to_string(), ..Posted::default() })
                }
                // The relay rests, and this mail with it, for as long as it was found to have to.
                Err(failure) if matches!(failure.stop(), Some(Stop::Pause(_))) => {
                    self.waits(index, failure.reason(&relay.host))
                }
                Err(failure) => failure.outcome(&relay.host),
            }));
            match delivered.broken {
                None if delivered.torn => {}
                None => self.park(index, open),
                // A kept session may have been closed by the relay meanwhile, and one that carried mails may be
                // full: another one is tried. One that breaks at its first mail will break again.
                Some(failure) if fresh && !progress => done.resize(mails.len(), failure.outcome(&relay.host)),
                Some(failure) => {
                    tracing::debug!(reason = failure.reason(&relay.host), "the session ended; a new one follows");
                }
            }
            if delivered.stopped && done.len() < mails.len() {
                done.resize(mails.len(), self.waits(index, String::new()));
            }
        }
        done
    }

    /// What happens to mails of a relay that is left alone: another one takes them at once, or they wait.
    fn waits(&self, index: usize, own: String) -> Outcome {
        let relays = self.relays();
        let (wait, reason) = relays.left_alone(index).unwrap_or_default();
        let reason = if own.is_empty() { reason } else { own };
        let after = if relays.any_up() { Duration::ZERO } else { wait };
        Outcome::RetryAfter { after: Some(after), counts: false, reason }
    }

    /// A session: a kept one, or a new one.
    async fn open(&self, index: usize, relay: &Relay) -> Result<Open, Outcome> {
        let Some(share) = self.share(index).await else { return Err(self.waits(index, String::new())) };
        // Others may have found out while we waited for our turn. Nothing was tried then, so it is no attempt.
        if self.relays().left_alone(index).is_some() {
            return Err(self.waits(index, String::new()));
        }
        if let Some(idle) = self.kept(index) {
            return Ok(Open { session: idle.session, share });
        }
        match Session::open(relay, &self.helo).await {
            Ok(session) => Ok(Open { session, share }),
            Err(failure) => {
                let reason = failure.reason(&relay.host);
                tracing::warn!(reason, "a relay cannot be used");
                let mut relays = self.relays();
                let wait = relays.unreachable(index, &failure);
                // No mail is to blame for a relay that is away.
                let after = Some(if relays.any_up() { Duration::ZERO } else { wait });
                Err(Outcome::RetryAfter { after, counts: false, reason })
            }
        }
    }

    /// The right to use one connection to the relay; `None` only when the pool is being dropped.
    async fn share(&self, relay: usize) -> Option<OwnedSemaphorePermit> {
        self.shares.get(relay)?.clone().acquire_owned().await.ok()
    }

    /// A kept session. Whoever has a share takes one where there is one, so that shares in use and kept sessions are
    /// together never more than the configured number.
    fn kept(&self, relay: usize) -> Option<Idle> {
        let mut state = self.state();
        // One that is about to be given up is given up now rather than kept open beside a new one.
        state.idle.retain(|idle| idle.relay != relay || idle.since.elapsed() < IDLE);
        let at = state.idle.iter().rposition(|idle| idle.relay == relay)?;
        Some(state.idle.swap_remove(at))
    }

    /// Keeps a session for the next batch, and sees to it that it ends when none comes.
    fn park(self: &Arc<Self>, relay: usize, open: Open) {
        let start = {
            let mut state = self.state();
            state.idle.push(Idle { relay, session: open.session, since: Instant::now() });
            !std::mem::replace(&mut state.reaping, true)
        };
        // Only now: who gets the share finds the session.
        drop(open.share);
        if start {
            tokio::spawn(reap(Arc::downgrade(self)));
        }
    }

    fn relays(&self) -> std::sync::MutexGuard<'_, Relays> {
        self.relays.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says QUIT on sessions that nobody used for a while; ends with the last of them.
async fn reap(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(IDLE / 3).await;
        let Some(pool) = pool.upgrade() else { return };
        let (old, done): (Vec<Idle>, bool) = {
            let mut state = pool.state();
            let old = state.idle.extract_if(.., |open| open.since.elapsed() >= IDLE).collect();
            state.reaping = !state.idle.is_empty();
            (old, state.idle.is_empty())
        };
        drop(pool);
        for open in old {
            open.session.quit().await;
        }
        if done {
            return;
        }
    }
}
