//! One request at a time to one host, and a pause between two; a host that asks to be left alone, or that cannot
//! be reached, is left alone: a site never notices bantin by its load.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Mutex as AsyncMutex, OnceCell, OwnedMutexGuard};
use tokio::time::Instant;

use super::Release;
use super::robots::Standing;
use crate::clock::jitter;

/// From how many hosts on those nobody waits for are forgotten.
const MANY_HOSTS: usize = 1024;
/// How long a host is left alone that could not be reached, doubled with each further failure.
const UNREACHABLE: Duration = Duration::from_secs(5);
/// The longest of these waits.
const UNREACHABLE_MAX: Duration = Duration::from_mins(10);
/// How long a host is left alone that asks too much (429) without saying how long.
pub const UNSAID: Duration = Duration::from_mins(1);
/// The longest wait a host can ask for.
pub const MAX_WAIT: Duration = Duration::from_hours(6);

/// The hosts that are being asked.
#[derive(Debug, Default)]
pub struct Polite {
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

/// One host (name and port).
#[derive(Debug)]
pub struct Host {
    /// Name and port.
    pub name: String,
    /// When the last request ended.
    last_end: Arc<AsyncMutex<Option<Instant>>>,
    rest: Mutex<Rest>,
    /// Its robots.txt.
    pub robots: AsyncMutex<Standing>,
    /// Set once what an earlier start knew has been looked up.
    pub recalled: OnceCell<()>,
}

/// Why and until when a host is left alone.
#[derive(Debug, Default)]
struct Rest {
    until: Option<DateTime<Utc>>,
    why: String,
    /// Failures to reach it, one after another.
    failures: u32,
}

/// The right to ask one host; given back when dropped.
pub struct Turn {
    /// There until it is given back.
    last_end: Option<OwnedMutexGuard<Option<Instant>>>,
    interval: Duration,
    /// Gives the turn among instances back.
    release: Option<Release>,
}

impl Turn {
    /// The same turn among several instances: given back when the pause after the request is over, so that the pause
    /// holds for all of them.
    pub fn among(mut self, release: Option<Release>) -> Self {
        self.release = release;
        self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(mut last_end) = self.last_end.take() else { return };
        *last_end = Some(Instant::now());
        let Some(release) = self.release.take() else { return };
        let interval = self.interval;
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            tokio::time::sleep(interval).await;
            release.await;
            drop(last_end);
        });
    }
}

impl Polite {
    /// The host of that name and port.
    pub fn host(&self, name: &str) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= MANY_HOSTS && !hosts.contains_key(name) {
            hosts.retain(|_, host| Arc::strong_count(host) > 1 || host.is_of_use());
        }
        let fresh = || {
            Arc::new(Host {
                name: name.to_owned(),
                last_end: Arc::default(),
                rest: Mutex::default(),
                robots: AsyncMutex::default(),
                recalled: OnceCell::new(),
            })
        };
        Arc::clone(hosts.entry(name.to_owned()).or_insert_with(fresh))
    }
}

impl Host {
    /// Waits for the turn, in the order of asking, and until `interval` has passed since the last request.
    pub async fn turn(&self, interval: Duration) -> Turn {
        let last_end = Arc::clone(&self.last_end).lock_owned().await;
        // A sleep has a grain of a millisecond, also one that is over: where nothing is waited for there is none.
        if let Some(end) = *last_end
            && end.elapsed() < interval
        {
            tokio::time::sleep_until(end + interval).await;
        }
        Turn { last_end: Some(last_end), interval, release: None }
    }

    /// Until when it is left alone, and why.
    pub fn resting(&self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, String)> {
        let rest = self.rest();
        rest.until.filter(|until| now < *until).map(|until| (until, rest.why.clone()))
    }

    /// It could not be reached: it is left alone for a while, longer each time.
    pub fn not_reached(&self, now: DateTime<Utc>, why: String) {
        let mut rest = self.rest();
        let wait = UNREACHABLE.saturating_mul(1 << rest.failures.min(10)).min(UNREACHABLE_MAX);
        rest.failures += 1;
        rest.until = Some(now + wait.mul_f64(jitter(0.25)));
        rest.why = why;
    }

    /// It asks to be left alone; answers until when.
    pub fn left_alone(&self, now: DateTime<Utc>, wait: Duration, why: String) -> DateTime<Utc> {
        let until = now + wait.min(MAX_WAIT);
        self.left_alone_until(until, why);
        until
    }

    /// The same, up to a moment.
    pub fn left_alone_until(&self, until: DateTime<Utc>, why: String) {
        let mut rest = self.rest();
        if rest.until.is_none_or(|before| before < until) {
            rest.until = Some(until);
            rest.why = why;
        }
    }

    /// It answered.
    pub fn reached(&self) {
        self.rest().failures = 0;
    }

    fn rest(&self) -> MutexGuard<'_, Rest> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether something would be lost if it were forgotten now.
    fn is_of_use(&self) -> bool {
        self.rest().failures > 0
            || self.last_end.try_lock().is_ok_and(|end| end.is_some_and(|end| end.elapsed() < UNSAID))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn requests_to_one_host_follow_each_other_with_a_pause() {
        let interval = Duration::from_millis(30);
        let polite = Polite::default();
        let first = polite.host("a.vn").turn(interval).await;
        let waiting = tokio::spawn({
            let host = polite.host("a.vn");
            async move {
                let _turn = host.turn(interval).await;
                Instant::now()
            }
        });
        let _other = polite.host("b.vn").turn(interval).await;
        assert!(!waiting.is_finished(), "one at a time");
        let end = Instant::now();
        drop(first);
        assert!(waiting.await.unwrap() >= end + interval);
    }

    #[test]
    fn hosts_nobody_waits_for_are_forgotten() {
        let polite = Polite::default();
        for n in 0..3 * MANY_HOSTS {
            polite.host(&n.to_string());
        }
        assert!(polite.hosts.lock().unwrap().len() <= MANY_HOSTS);
    }

    #[test]
    fn a_host_that_cannot_be_reached_is_left_alone_for_longer_each_time() {
        let host = Polite::default().host("a.vn");
        let mut now: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().unwrap();
        let mut waits = Vec::new();
        for _ in 0..12 {
            host.not_reached(now, "nothing listens there".to_owned());
            let (until, why) = host.resting(now).unwrap();
            assert_eq!(why, "nothing listens there");
            waits.push((until - now).as_seconds_f64());
            now = until;
            assert_eq!(host.resting(now), None);
        }
        assert!((3.7..6.3).contains(&waits[0]) && (7.5..12.6).contains(&waits[1]), "{waits:?}");
        assert!(waits.iter().all(|wait| *wait <= 750.0) && waits[11] >= 450.0, "{waits:?}");
        host.reached();
        host.not_reached(now, String::new());
        assert!((host.resting(now).unwrap().0 - now).as_seconds_f64() < 6.3);
    }

    #[test]
    fn what_a_host_asks_for_is_obeyed_within_reason() {
        let host = Polite::default().host("a.vn");
        let now: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().unwrap();
        assert_eq!(host.left_alone(now, Duration::from_secs(90), "429".to_owned()), now + Duration::from_secs(90));
        host.left_alone(now, Duration::from_secs(9), "503".to_owned());
        assert_eq!(host.resting(now), Some((now + Duration::from_secs(90), "429".to_owned())), "the longer one holds");
        assert_eq!(host.left_alone(now, Duration::from_secs(u64::MAX / 2), String::new()), now + MAX_WAIT);
    }
}
