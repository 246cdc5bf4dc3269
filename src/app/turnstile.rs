//! Lets sections begin their looks one after the other, a thousand a second. Those that are due at the same moment, at
//! a start or on the full hour, would otherwise all hold the memory of a look and ask the resolver at once.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// What lies between two beginnings.
const STEP: Duration = Duration::from_millis(1);

/// Where looks begin. Who comes alone does not wait.
#[derive(Debug, Default)]
pub struct Turnstile(Mutex<Option<Instant>>);

impl Turnstile {
    /// Waits for one's turn. Who gives up waiting leaves a gap of a millisecond.
    pub(super) async fn pass(&self) {
        tokio::time::sleep_until(self.turn(Instant::now())).await;
    }

    fn turn(&self, now: Instant) -> Instant {
        let mut next = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = next.map_or(now, |next| next.max(now));
        *next = Some(turn + STEP);
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_come_together_go_one_after_the_other() {
        let (turnstile, now) = (Turnstile::default(), Instant::now());
        let turns: Vec<Duration> = (0..4).map(|_| turnstile.turn(now) - now).collect();
        assert_eq!(turns, [0, 1, 2, 3].map(Duration::from_millis));
        let later = now + Duration::from_secs(1);
        assert_eq!(turnstile.turn(later), later, "who comes alone does not wait");
    }
}
