//! The relays and the connections to them: at most the configured number open, kept for the next batch, the next
//! relay when one cannot be reached, and a pause for a relay that fails, so that it is not hammered.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::outcome::{Failure, LOGIN_PAUSE};
use super::session::{Mail, Session};
use crate::channel::{Outcome, Posted};
use crate::config::Relay;

/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(15);
/// How long a relay that cannot be reached is left alone.
const DOWN: Duration = Duration::from_secs(10);

/// The relays, in order, and the sessions with them.
pub struct Pool {
    relays: Vec<Relay>,
    /// How we introduce ourselves.
    helo: String,
    connections: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    idle: Vec<Open>,
    down: Vec<Down>,
    reaping: bool,
}

/// A session with the relay it belongs to and its share of the connections.
struct Open {
    relay: usize,
    session: Session,
    since: Instant,
    _share: OwnedSemaphorePermit,
}

struct Down {
    relay: usize,
    until: Instant,
    reason: String,
}

impl Pool {
    /// A pool of at most `connections` sessions over all relays.
    pub fn new(relays: Vec<Relay>, connections: usize, helo: String) -> Arc<Self> {
        let connections = Arc::new(Semaphore::new(connections.max(1)));
        Arc::new(Self { relays, helo, connections, state: Mutex::default() })
    }

    /// The relay that mail goes to at present: the first that is not left alone.
    pub fn current(&self) -> Option<&Relay> {
        let now = Instant::now();
        let state = self.state();
        let up = |index: &usize| !state.down.iter().any(|d| d.relay == *index && d.until > now);
        (0..self.relays.len()).find(up).and_then(|index| self.relays.get(index)).or(self.relays.first())
    }

    /// Sends a batch over one session (a second one where the first breaks), one outcome a mail.
    pub async fn send(self: &Arc<Self>, mails: &[Mail]) -> Vec<Outcome> {
        let mut done: Vec<Outcome> = Vec::with_capacity(mails.len());
        while done.len() < mails.len() {
            let mut open = match self.open().await {
                Ok(open) => open,
                Err(outcome) => {
                    done.resize(mails.len(), outcome);
                    break;
                }
            };
            let host = self.relays.get(open.relay).map(|r| r.host.as_str()).unwrap_or_default();
            let fresh = open.session.used == 0;
            let delivered = open.session.deliver(mails.get(done.len()..).unwrap_or_default()).await;
            let progress = !delivered.results.is_empty();
            if let Some(failure) = delivered.results.iter().filter_map(|r| r.as_ref().err()).find(|f| f.is_login()) {
                self.leave_alone(open.relay, failure);
            }
            done.extend(delivered.results.into_iter().map(|result| match result {
                Ok(reply) => Outcome::Accepted(Posted { message: reply.to_string(), ..Posted::default() }),
                Err(failure) => failure.outcome(host),
            }));
            match delivered.broken {
                None => self.park(open),
                // A kept session may have been closed by the relay meanwhile, and one that carried mails may be
                // full: another one is tried. One that breaks at its first mail will break again.
                Some(failure) if fresh && !progress => done.resize(mails.len(), failure.outcome(host)),
                Some(failure) => tracing::debug!(reason = failure.reason(host), "the session ended; a new one follows"),
            }
        }
        done
    }

    /// A session: a kept one, or a new one with the first relay that lets us in.
    async fn open(&self) -> Result<Open, Outcome> {
        let mut last: Option<Outcome> = None;
        let mut soonest: Option<(Duration, String)> = None;
        for (index, relay) in self.relays.iter().enumerate() {
            if let Some((wait, reason)) = self.left_alone(index) {
                if soonest.as_ref().is_none_or(|(least, _)| wait < *least) {
                    soonest = Some((wait, reason));
                }
                continue;
            }
            let share = match self.share(index).await {
                Some(Share::Session(open)) => return Ok(*open),
                Some(Share::Permit(permit)) => permit,
                None => continue,
            };
            match Session::open(relay, &self.helo).await {
                Ok(session) => {
                    return Ok(Open { relay: index, session, since: Instant::now(), _share: share });
                }
                Err(failure) => {
                    tracing::warn!(reason = failure.reason(&relay.host), "a relay cannot be used");
                    self.leave_alone(index, &failure);
                    last = Some(failure.outcome(&relay.host));
                }
            }
        }
        Err(last.unwrap_or_else(|| {
            // Nothing was tried, so it is no attempt.
            let (wait, reason) = soonest.unwrap_or_else(|| (DOWN, "no relay is configured".to_owned()));
            Outcome::RetryAfter { after: Some(wait), counts: false, reason }
        }))
    }

    /// A kept session with the relay, or the right to open one; `None` only when the pool is being dropped.
    async fn share(&self, relay: usize) -> Option<Share> {
        {
            let mut state = self.state();
            if let Some(at) = state.idle.iter().rposition(|open| open.relay == relay && open.since.elapsed() < IDLE) {
                return Some(Share::Session(Box::new(state.idle.swap_remove(at))));
            }
            if let Ok(permit) = self.connections.clone().try_acquire_owned() {
                return Some(Share::Permit(permit));
            }
            // All shares are taken; one may be held by a session nobody uses.
            state.idle.pop();
        }
        self.connections.clone().acquire_owned().await.ok().map(Share::Permit)
    }

    /// Keeps a session for the next batch, and sees to it that it ends when none comes.
    fn park(self: &Arc<Self>, mut open: Open) {
        open.since = Instant::now();
        let start = {
            let mut state = self.state();
            state.idle.push(open);
            !std::mem::replace(&mut state.reaping, true)
        };
        if start {
            tokio::spawn(reap(Arc::downgrade(self)));
        }
    }

    fn leave_alone(&self, relay: usize, failure: &Failure) {
        let pause = if failure.is_login() { LOGIN_PAUSE } else { DOWN };
        let host = self.relays.get(relay).map(|r| r.host.as_str()).unwrap_or_default();
        let until = Instant::now() + pause;
        let mut state = self.state();
        state.down.retain(|down| down.relay != relay);
        state.down.push(Down { relay, until, reason: failure.reason(host) });
    }

    /// How long a relay is still left alone, and why.
    fn left_alone(&self, relay: usize) -> Option<(Duration, String)> {
        let now = Instant::now();
        let state = self.state();
        let down = state.down.iter().find(|d| d.relay == relay && d.until > now)?;
        Some((down.until - now, down.reason.clone()))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Share {
    Session(Box<Open>),
    Permit(OwnedSemaphorePermit),
}

/// Says QUIT on sessions that nobody used for a while; ends with the last of them.
async fn reap(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(IDLE / 3).await;
        let Some(pool) = pool.upgrade() else { return };
        let (old, done): (Vec<Open>, bool) = {
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
