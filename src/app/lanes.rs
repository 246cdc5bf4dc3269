//! Reading pages beside the rest of the daemon: on the blocking pool, in lanes by what the section's last page of
//! that kind cost, and large ones one at a time. Pages made to be slow wait for each other; a section that was quick
//! before never waits for them, and the memory stays bounded.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::sync::Semaphore;

use crate::fetch::LARGE;

/// Pages at a time of what was quick before. More than there are cores, so that one that is slow for the first time
/// does not hold up the others.
const QUICK: usize = 4;
/// Pages at a time of what was not read yet.
const UNKNOWN: usize = 2;
/// CPU time of a page up to which its section counts as quick.
const QUICK_COST: Duration = Duration::from_millis(150);

/// What of a section is read: each has its own past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Its listing.
    Listing,
    /// An article.
    Article,
}

/// The lanes; clones share them.
#[derive(Debug, Clone)]
pub struct Lanes {
    quick: Arc<Semaphore>,
    unknown: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    large: Arc<Semaphore>,
    /// What was read before, by a hash of section and kind. A collision costs a wait, no more.
    past: Arc<Mutex<HashMap<u64, Duration>>>,
}

impl Default for Lanes {
    fn default() -> Self {
        let lane = |seats| Arc::new(Semaphore::new(seats));
        Self { quick: lane(QUICK), unknown: lane(UNKNOWN), slow: lane(1), large: lane(1), past: Arc::default() }
    }
}

/// The work panicked: that is the failure of one page, not of the daemon.
#[derive(Debug)]
pub struct Panicked;

impl Lanes {
    /// Does the work of reading `bytes` bytes for a section, when it is its turn.
    pub async fn read<T: Send + 'static>(
        &self,
        section: &str,
        kind: Kind,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Panicked> {
        let key = key(section, kind);
        let turn = Arc::clone(self.lane(key, bytes)).acquire_owned().await;
        let past = Arc::clone(&self.past);
        let done = tokio::task::spawn_blocking(move || {
            // Held until the work is done, whether or not somebody still waits for it.
            let _turn = turn;
            let before = thread_time();
            let result = work();
            note(&past, key, thread_time().saturating_sub(before));
            result
        });
        done.await.map_err(|_| Panicked)
    }

    fn lane(&self, key: u64, bytes: usize) -> &Arc<Semaphore> {
        if bytes > LARGE {
            return &self.large;
        }
        match self.past.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            None => &self.unknown,
            Some(cost) if *cost <= QUICK_COST => &self.quick,
            Some(_) => &self.slow,
        }
    }
}

fn key(section: &str, kind: Kind) -> u64 {
    let mut hasher = DefaultHasher::new();
    (section, kind).hash(&mut hasher);
    hasher.finish()
}

/// What was slow once becomes quick again by a few quick pages, not by one.
fn note(past: &Mutex<HashMap<u64, Duration>>, key: u64, cost: Duration) {
    let mut past = past.lock().unwrap_or_else(PoisonError::into_inner);
    let known = past.entry(key).or_default();
    *known = cost.max(*known / 2);
}

/// The CPU time this thread has taken; what others take of the machine meanwhile is not the page's fault.
fn thread_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tokio::sync::oneshot;

    use super::*;

    fn spin(time: Duration) {
        let begun = thread_time();
        while thread_time() - begun < time {
            std::hint::black_box(Instant::now());
        }
    }

    #[tokio::test]
    async fn what_was_quick_waits_for_nothing_slow() {
        let lanes = Lanes::default();
        lanes.read("well", Kind::Article, 10, || ()).await.unwrap();
        lanes.read("slow", Kind::Article, 10, || spin(QUICK_COST * 2)).await.unwrap();
        // Every seat of the other lanes is taken until it is told otherwise.
        let mut held = Vec::new();
        for (section, bytes) in [("slow", 10), ("slow", 10), ("new", 10), ("new", 10), ("newer", 10), ("any", LARGE + 1)] {
            let (end, ended) = oneshot::channel::<()>();
            let lanes = lanes.clone();
            let work = async move { lanes.read(section, Kind::Article, bytes, || drop(ended.blocking_recv())).await };
            held.push((end, tokio::spawn(work)));
        }
        tokio::task::yield_now().await;
        assert_eq!((lanes.slow.available_permits(), lanes.unknown.available_permits()), (0, 0));
        for _ in 0..QUICK * 2 {
            lanes.read("well", Kind::Article, 10, || ()).await.unwrap();
        }
        for (end, work) in held {
            drop(end);
            work.await.unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn a_past_is_one_of_a_kind_and_is_forgiven() {
        let lanes = Lanes::default();
        let slow = |lanes: &Lanes| Arc::ptr_eq(lanes.lane(key("a", Kind::Article), 10), &lanes.slow);
        lanes.read("a", Kind::Article, 10, || spin(QUICK_COST * 3)).await.unwrap();
        lanes.read("a", Kind::Listing, 10, || ()).await.unwrap();
        assert!(slow(&lanes));
        assert!(Arc::ptr_eq(lanes.lane(key("a", Kind::Listing), 10), &lanes.quick));
        lanes.read("a", Kind::Article, 10, || ()).await.unwrap();
        assert!(slow(&lanes), "one quick page is not enough");
        lanes.read("a", Kind::Article, 10, || ()).await.unwrap();
        assert!(!slow(&lanes));
    }

    #[tokio::test]
    async fn a_panic_is_the_failure_of_one_page() {
        let lanes = Lanes::default();
        for _ in 0..UNKNOWN + 1 {
            assert!(lanes.read("a", Kind::Article, 10, || panic!("on purpose")).await.is_err());
        }
        assert!(lanes.read("a", Kind::Article, 10, || ()).await.is_ok());
    }
}
