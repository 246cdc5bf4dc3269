//! Reading pages beside the rest of the daemon, on threads of their own, in three lanes: one for small pages, one for
//! larger ones of sections whose last page of that kind cost little, one for all others. Pages made to be slow wait for
//! each other; a section that was quick before never waits for them, and the memory stays bounded.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use super::crew::{Crew, Panicked};
use crate::fetch::LARGE;

/// Up to this size a page that was not read yet goes with the quick ones: it can cost little more than they.
const SMALL: usize = 128 * 1024;
/// The same for a section that was slow: its pages are small by far, or they wait.
const SLOW: usize = 8 * 1024;
/// CPU time of a page up to which its section counts as quick.
const QUICK_COST: Duration = Duration::from_millis(150);

/// What of a section is read: each has its own past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reads {
    /// Its listing.
    Listing,
    /// An article.
    Article,
}

/// The lanes; clones share them.
#[derive(Debug, Clone)]
pub struct Lanes {
    quick: Crew,
    /// Not small, but of sections that were quick before: their trees are large, so they are read by few.
    medium: Crew,
    /// A tree takes some hundred times the bytes of its page: few of these at a time.
    heavy: Crew,
    /// What was read before, by a hash of section and kind. A collision costs a wait, no more.
    past: Arc<Mutex<HashMap<u64, Duration>>>,
}

impl Default for Lanes {
    /// As many threads for what is not small or may be heavy as there are pairs of cores, and two for each core for
    /// what is quick: one page that is slow for the first time does not hold up the others.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            quick: Crew::new(cores * 2),
            medium: Crew::new(cores / 2),
            heavy: Crew::new(cores / 2),
            past: Arc::default(),
        }
    }
}

impl Lanes {
    /// Does the work of reading `bytes` bytes for a section, when it is its turn.
    pub async fn read<T: Send + 'static>(
        &self,
        section: &str,
        kind: Reads,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Panicked> {
        let key = key(section, kind);
        let past = Arc::clone(&self.past);
        let work = move || {
            let before = thread_time();
            let result = work();
            note(&past, key, thread_time().saturating_sub(before));
            result
        };
        self.lane(key, bytes).work(work).await
    }

    /// The size up to which a page of the section need not wait: for room in memory when it comes, and for its
    /// turn among the heavy when it is read.
    pub fn large(&self, section: &str, kind: Reads) -> usize {
        self.least_heavy(key(section, kind))
    }

    fn least_heavy(&self, key: u64) -> usize {
        match self.past.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            None => SMALL,
            Some(cost) if *cost <= QUICK_COST => LARGE,
            Some(_) => SLOW,
        }
    }

    fn lane(&self, key: u64, bytes: usize) -> &Crew {
        match bytes {
            _ if bytes > self.least_heavy(key) => &self.heavy,
            ..=SMALL => &self.quick,
            _ => &self.medium,
        }
    }
}

fn key(section: &str, kind: Reads) -> u64 {
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
    use tokio::sync::oneshot;

    use super::*;

    fn spin(time: Duration) {
        let end = thread_time() + time;
        while thread_time() < end {
            std::hint::black_box(end);
        }
    }

    #[tokio::test]
    async fn what_was_quick_waits_for_nothing_slow() {
        let lanes = Lanes::default();
        lanes.read("well", Reads::Article, SMALL, || ()).await.unwrap();
        lanes.read("slow", Reads::Article, SMALL, || spin(QUICK_COST * 2)).await.unwrap();
        // More work for the other lane than it has threads, until it is told otherwise.
        let mut held = Vec::new();
        let new = std::iter::repeat_n(("new", SMALL + 1), 64).chain([("slow", SLOW + 1), ("well", LARGE + 1)]);
        for (section, bytes) in new {
            let (end, ended) = oneshot::channel::<()>();
            let lanes = lanes.clone();
            let work = async move { lanes.read(section, Reads::Article, bytes, || drop(ended.blocking_recv())).await };
            held.push((end, tokio::spawn(work)));
        }
        tokio::task::yield_now().await;
        for _ in 0..64 {
            lanes.read("well", Reads::Article, LARGE, || ()).await.unwrap();
        }
        for (end, work) in held {
            drop(end);
            work.await.unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn a_past_is_one_of_a_kind_and_is_forgiven() {
        let lanes = Lanes::default();
        let large = |kind| lanes.large("a", kind);
        assert_eq!((large(Reads::Article), large(Reads::Listing)), (SMALL, SMALL));
        lanes.read("a", Reads::Article, 10, || spin(QUICK_COST * 3)).await.unwrap();
        lanes.read("a", Reads::Listing, 10, || ()).await.unwrap();
        assert_eq!((large(Reads::Article), large(Reads::Listing)), (SLOW, LARGE));
        lanes.read("a", Reads::Article, 10, || ()).await.unwrap();
        assert_eq!(large(Reads::Article), SLOW, "one quick page is not enough");
        lanes.read("a", Reads::Article, 10, || ()).await.unwrap();
        assert_eq!(large(Reads::Article), LARGE);
    }
}
