//! A clock that is set back. What waits for a moment (a limit's next place, a second try) would wait by as much longer, an
//! hour for a clock that was an hour fast: it is brought back with the clock. A leap on needs nothing: slots that were
//! leapt over fire late or join the next, each once.
//!
//! On SQLite only: instances that share a database must not move each other's times because one clock is wrong.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::App;
use crate::lifecycle::SET_BACK_MS;

/// How often the two clocks are compared.
const EVERY: Duration = Duration::from_secs(1);

impl App {
    /// Watches the clock until it is cancelled.
    pub(super) async fn run_clock_watch(self, cancel: CancellationToken) {
        let (mut wall, mut steady) = (self.clock.now_ms(), Instant::now());
        loop {
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            let now = self.clock.now_ms();
            let back = wall + i64::try_from(steady.elapsed().as_millis()).unwrap_or(i64::MAX) - now;
            if back >= SET_BACK_MS {
                match self.store.set_back(back, now).await {
                    Ok(moved) => {
                        tracing::warn!(
                            seconds = back / 1000,
                            moved,
                            "the clock was set back; what waits for a moment too"
                        );
                        self.outbox_bell.notify_waiters();
                    }
                    Err(error) => {
                        // Tried again: the past is compared with what it was.
                        tracing::error!(%error, "the clock was set back, and the database cannot be told");
                        continue;
                    }
                }
            }
            (wall, steady) = (now, Instant::now());
        }
    }
}
