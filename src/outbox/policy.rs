//! What an outcome means for a delivery: settled, tried again, or left to an admin.

use std::time::Duration;

use crate::channel::Outcome;
use crate::clock::jitter;
use crate::config::OnUncertain;
use crate::store::{Delivery, Settle};

/// Attempts that count before a delivery is dead.
const MOST_ATTEMPTS: i64 = 12;
/// The first pause; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_hours(6);
/// How a reason begins when the message may have arrived: by it a second such outcome is known.
const MAYBE: &str = "it may have arrived: ";

/// The pause before the attempt after `attempts` failed ones, with jitter.
pub fn back_off(attempts: i64) -> Duration {
    let doubled = FIRST.saturating_mul(1u32 << attempts.clamp(0, 12));
    doubled.min(LONGEST).mul_f64(jitter(0.2))
}

/// What to record for `outcome`.
pub fn settle(d: &Delivery, outcome: Outcome, revision: i64, policy: OnUncertain, now_ms: i64) -> Settle {
    let at = |pause: Duration| now_ms + pause.as_millis() as i64;
    match outcome {
        Outcome::Accepted(posted) => Settle::Sent { posted, revision },
        Outcome::RetryAfter { counts: true, reason, .. } if d.attempts + 1 >= MOST_ATTEMPTS => {
            Settle::Dead(format!("{reason} (after {MOST_ATTEMPTS} attempts)"))
        }
        Outcome::RetryAfter { after, counts, reason } => {
            Settle::Retry { due: at(after.unwrap_or_else(|| back_off(d.attempts))), counts, reason }
        }
        Outcome::RecipientBusy { again, reason } if !again || d.attempts + 1 >= MOST_ATTEMPTS => Settle::Busy(reason),
        Outcome::RecipientBusy { reason, .. } => Settle::Retry { due: at(back_off(d.attempts)), counts: true, reason },
        Outcome::Unwanted(reason) => Settle::Dropped(reason),
        Outcome::Partly { progress, reason, moved_to } => {
            Settle::Partly { due: now_ms, progress, weight: 1, moved_to, reason }
        }
        Outcome::Rejected(reason) => Settle::Dead(reason),
        Outcome::RecipientGone(reason) => {
            Settle::Gone { target: if d.channel == "email" { "gone" } else { "paused" }, reason }
        }
        Outcome::Unknown(reason) => {
            let reason = format!("{MAYBE}{reason}");
            match policy {
                OnUncertain::AtLeastOnce if !d.reason.starts_with(MAYBE) => {
                    Settle::Retry { due: at(back_off(d.attempts)), counts: true, reason }
                }
                OnUncertain::AtMostOnce => Settle::Uncertain(reason),
                OnUncertain::AtLeastOnce | OnUncertain::Ask => Settle::Asks(reason),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(attempts: i64, reason: &str) -> Delivery {
        Delivery {
            id: 1,
            dedup: "p:1:1".into(),
            channel: "email".into(),
            target_id: 1,
            address: "a@example.vn".into(),
            section_id: None,
            article_id: None,
            kind: "post".into(),
            payload: String::new(),
            state: "sending".into(),
            reason: reason.into(),
            attempts,
            due_at: 0,
            created_at: 0,
            progress: String::new(),
            weight: 1,
            urgent: false,
        }
    }

    #[test]
    fn what_may_have_arrived_goes_once_more_at_most() {
        let cut = || Outcome::Unknown("cut after the final dot".into());
        let first = settle(&delivery(0, ""), cut(), 1, OnUncertain::AtLeastOnce, 0);
        let Settle::Retry { reason, counts: true, .. } = first else { panic!("{first:?}") };
        assert!(matches!(settle(&delivery(1, &reason), cut(), 1, OnUncertain::AtLeastOnce, 0), Settle::Asks(_)));
        assert!(matches!(settle(&delivery(0, ""), cut(), 1, OnUncertain::AtMostOnce, 0), Settle::Uncertain(_)));
        assert!(matches!(settle(&delivery(0, ""), cut(), 1, OnUncertain::Ask, 0), Settle::Asks(_)));
    }

    #[test]
    fn a_busy_channel_never_kills_a_delivery() {
        let busy = |counts| Outcome::RetryAfter { after: None, counts, reason: "429".into() };
        let policy = OnUncertain::AtLeastOnce;
        assert!(matches!(settle(&delivery(500, ""), busy(false), 1, policy, 0), Settle::Retry { counts: false, .. }));
        assert!(matches!(settle(&delivery(10, ""), busy(true), 1, policy, 0), Settle::Retry { .. }));
        assert!(matches!(settle(&delivery(11, ""), busy(true), 1, policy, 0), Settle::Dead(_)));
    }

    #[test]
    fn pauses_grow_and_stay_bounded() {
        assert!(back_off(0) >= Duration::from_secs(8) && back_off(0) <= Duration::from_secs(12));
        assert!(back_off(60) <= LONGEST.mul_f64(1.2));
    }
}
