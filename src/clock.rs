//! The only place where the time of day and randomness enter bantin. Everything else is handed a
//! [`Clock`], so that schedules, leases and dates can be tested at any moment of any zone.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};

/// Where the time comes from: the system, or a test that moves it by hand.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// A clock that stands still until it is moved (milliseconds since the epoch).
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `now` until [`Clock::set`] moves it.
    pub fn manual(now: DateTime<Utc>) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(now.timestamp_millis())))
    }

    /// The present moment.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Manual(ms) => from_ms(ms.load(Ordering::SeqCst)),
        }
    }

    /// The present moment in Unix milliseconds, the form the store keeps.
    pub fn now_ms(&self) -> i64 {
        self.now().timestamp_millis()
    }

    /// Moves a manual clock; the system's clock is left alone.
    pub fn set(&self, now: DateTime<Utc>) {
        if let Self::Manual(ms) = self {
            ms.store(now.timestamp_millis(), Ordering::SeqCst);
        }
    }
}

/// The moment of a stored Unix time in milliseconds; times outside chrono's range become the epoch.
pub fn from_ms(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

/// Random bytes for tokens and keys.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    rand::random()
}

/// A factor between `1 - spread` and `1 + spread`, for retries that must not march in step.
pub fn jitter(spread: f64) -> f64 {
    1.0 + spread * (rand::random::<f64>() * 2.0 - 1.0)
}

/// The CPU time this thread has used, for tests of what a hostile page may cost: a busy machine does not change
/// it. Where the system does not tell (anything but Linux), the time of the wall clock.
#[cfg(test)]
pub(crate) fn cpu_time() -> std::time::Duration {
    static BEGAN: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    let began = *BEGAN;
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .map_or_else(|| began.elapsed(), std::time::Duration::from_nanos)
}
