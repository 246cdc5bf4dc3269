//! One request at a time to one host, and a pause between two: a site never notices bantin by its load.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tokio::time::Instant;

/// When the last request to a host ended.
type LastEnd = Arc<AsyncMutex<Option<Instant>>>;

/// From how many hosts on those nobody waits for are forgotten.
const MANY_HOSTS: usize = 1024;

/// Who is being asked at the moment.
#[derive(Debug)]
pub struct Polite {
    interval: Duration,
    hosts: Mutex<HashMap<String, LastEnd>>,
}

/// The right to ask one host; given back when dropped.
#[derive(Debug)]
pub struct Turn {
    last_end: OwnedMutexGuard<Option<Instant>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.last_end = Some(Instant::now());
    }
}

impl Polite {
    /// With at least `interval` between the end of a request and the start of the next.
    pub fn new(interval: Duration) -> Self {
        Self { interval, hosts: Mutex::default() }
    }

    /// Waits for the turn at `host` (name and port), in the order of asking.
    pub async fn turn(&self, host: &str) -> Turn {
        let slot = self.slot(host);
        let last_end = slot.lock_owned().await;
        if let Some(end) = *last_end {
            tokio::time::sleep_until(end + self.interval).await;
        }
        Turn { last_end }
    }

    fn slot(&self, host: &str) -> LastEnd {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= MANY_HOSTS && !hosts.contains_key(host) {
            let interval = self.interval;
            hosts.retain(|_, slot| {
                Arc::strong_count(slot) > 1
                    || slot.try_lock().is_ok_and(|end| end.is_some_and(|end| end.elapsed() < interval))
            });
        }
        Arc::clone(hosts.entry(host.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn requests_to_one_host_follow_each_other_with_a_pause() {
        let interval = Duration::from_millis(30);
        let polite = Arc::new(Polite::new(interval));
        let first = polite.turn("a.vn").await;
        let waiting = tokio::spawn({
            let polite = Arc::clone(&polite);
            async move {
                let _turn = polite.turn("a.vn").await;
                Instant::now()
            }
        });
        let _other = polite.turn("b.vn").await;
        assert!(!waiting.is_finished(), "one at a time");
        let end = Instant::now();
        drop(first);
        assert!(waiting.await.unwrap() >= end + interval);
    }

    #[test]
    fn hosts_nobody_waits_for_are_forgotten() {
        let polite = Polite::new(Duration::ZERO);
        for n in 0..3 * MANY_HOSTS {
            polite.slot(&n.to_string());
        }
        assert!(polite.hosts.lock().unwrap().len() <= MANY_HOSTS);
    }
}
