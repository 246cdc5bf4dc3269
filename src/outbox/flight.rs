//! What a channel of this instance has claimed and not settled yet, and until when each claim is ours. An instance that
//! was stopped for longer than its lease must not start what another one has taken over meanwhile.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::lifecycle;
use crate::store::Delivery;

/// The rows of one dispatcher.
#[derive(Debug, Default)]
pub(super) struct Flight {
    /// When each was claimed or renewed, by a clock that nobody sets and that does not stand still with the process.
    rows: Mutex<HashMap<i64, Instant>>,
    /// A claim of which nobody knows whether it was committed.
    doubt: AtomicBool,
    /// The wall's clock and the steady one when they were last compared.
    clocks: Mutex<Option<(i64, Instant)>>,
}

impl Flight {
    /// Whether the clock was set back since this was last asked. What the limits say is not to be believed then until it is
    /// brought back too (`app/leap.rs`).
    pub(super) fn is_set_back(&self, now_ms: i64) -> bool {
        let mut clocks = self.clocks.lock().unwrap_or_else(PoisonError::into_inner);
        let before = clocks.replace((now_ms, Instant::now()));
        before.is_some_and(|(wall, at)| {
            let passed = i64::try_from(at.elapsed().as_millis()).unwrap_or(i64::MAX);
            wall.saturating_add(passed) - now_ms >= lifecycle::SET_BACK_MS
        })
    }

    /// Rows were claimed by a statement that began at `begun`.
    pub(super) fn claimed<'a>(&self, rows: impl Iterator<Item = &'a Delivery>, begun: Instant) {
        self.rows().extend(rows.map(|row| (row.id, begun)));
    }

    /// Their leases were renewed by a statement that began at `begun`.
    pub(super) fn renewed(&self, ids: &[i64], begun: Instant) {
        let mut rows = self.rows();
        for id in ids {
            rows.entry(*id).and_modify(|at| *at = begun);
        }
    }

    /// What became of them is recorded.
    pub(super) fn settled<'a>(&self, done: impl Iterator<Item = &'a Delivery>) {
        let mut rows = self.rows();
        for row in done {
            rows.remove(&row.id);
        }
    }

    /// Whether a row is ours for certain, and for long enough to be sent. What is not known is not ours.
    pub(super) fn is_ours(&self, id: i64) -> bool {
        let lease = lifecycle::lease();
        self.rows().get(&id).is_some_and(|at| at.elapsed() < lease * 5 / 6)
    }

    /// All rows under way.
    pub(super) fn ids(&self) -> Vec<i64> {
        self.rows().keys().copied().collect()
    }

    /// A claim may have been committed without our hearing of it.
    pub(super) fn doubt(&self) {
        self.doubt.store(true, Ordering::SeqCst);
    }

    /// Whether there may be such rows.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.doubt.load(Ordering::SeqCst)
    }

    /// There are none any more.
    pub(super) fn is_sure(&self) {
        self.doubt.store(false, Ordering::SeqCst);
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<i64, Instant>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_ours_until_its_lease_is_nearly_over() {
        let flight = Flight::default();
        let (now, lease) = (Instant::now(), lifecycle::lease());
        assert!(!flight.is_ours(1), "never claimed");
        // Two that were claimed a lease ago; one of them was renewed since.
        let Some(then) = now.checked_sub(lease) else { return };
        flight.rows().extend([(1, then), (2, then)]);
        flight.renewed(&[1, 3], now - lease / 2);
        assert!(flight.is_ours(1) && !flight.is_ours(2), "what was not renewed may be another's");
        assert!(!flight.is_ours(3), "a row that was never ours is not made so");
    }
}
