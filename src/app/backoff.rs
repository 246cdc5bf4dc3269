//! How long a section in trouble waits: after the second failed look in a row it leaves slots of its schedule out,
//! twice as many each time, up to an hour (or one slot, where its slots lie further apart), and never looks before a
//! site that asked to be left alone allows it.
//!
//! This is kept in memory: after a restart a section is looked at once, like any other, and the fetcher remembers in
//! the store which hosts are to be left alone.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::look::{LookError, Looked};
use crate::clock::jitter;
use crate::fetch::FetchError;
use crate::schedule::{Plan, Slot};

/// The longest wait of a section whose slots lie closer together.
const LONGEST: TimeDelta = TimeDelta::hours(1);
/// The longest wait a site can ask for.
const ASKED: Duration = Duration::from_hours(6);

/// The trouble of one section.
#[derive(Debug, Default)]
pub struct Backoff {
    /// Looks that failed, one after another.
    failures: u32,
    /// Not before this.
    until: Option<DateTime<Utc>>,
}

impl Backoff {
    /// Takes the outcome of a look.
    pub fn note(&mut self, outcome: &Result<Looked, LookError>, plan: &Plan, zone: Tz, now: DateTime<Utc>) {
        let error = match outcome {
            Ok(_) => {
                *self = Self::default();
                return;
            }
            Err(LookError::Fetch(error)) => error,
            // The site answers; what is wrong is told, and looked at as planned.
            Err(_) => return,
        };
        match error {
            FetchError::Resting { until, .. } => self.until = Some(*until),
            FetchError::Refused { .. } | FetchError::Missing { .. } | FetchError::File { .. } => {}
            _ => {
                self.failures = self.failures.saturating_add(1);
                let gap = plan.next(now, zone).at - now;
                let wait = if self.failures == 1 {
                    gap
                } else {
                    let doubled = gap.as_seconds_f64() * f64::from(1u32 << (self.failures - 1).min(12)) * jitter(0.25);
                    TimeDelta::try_milliseconds((doubled * 1000.0) as i64)
                        .unwrap_or(LONGEST)
                        .clamp(gap, gap.max(LONGEST))
                };
                let asked = match error {
                    FetchError::Status { retry_after: Some(asked), .. } => TimeDelta::from_std((*asked).min(ASKED)),
                    _ => Ok(TimeDelta::zero()),
                };
                self.until = Some(now + wait.max(asked.unwrap_or_default()));
            }
        }
    }

    /// When to look next: the first slot that is not too early. Says so in the log where slots are left out.
    pub fn next(&self, slug: &str, plan: &Plan, zone: Tz, now: DateTime<Utc>) -> Slot {
        let usual = plan.next(now, zone);
        let Some(until) = self.until.filter(|until| *until > usual.at) else { return usual };
        let slot = plan.next(until - TimeDelta::milliseconds(1), zone);
        tracing::info!(
            section = slug,
            failures = self.failures,
            next_look = %slot.at.format("%Y-%m-%d %H:%M:%S UTC"),
            "backs off: slots are left out until its site is well"
        );
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: Tz = chrono_tz::Asia::Ho_Chi_Minh;

    fn status(status: u16, retry_after: Option<u64>) -> Result<Looked, LookError> {
        let retry_after = retry_after.map(Duration::from_secs);
        Err(FetchError::Status { url: "https://a.vn/".to_owned(), status, retry_after }.into())
    }

    /// The waits between `count` failed looks by a schedule, in seconds.
    fn waits(schedule: &str, count: usize) -> Vec<i64> {
        let plan = Plan::parse(schedule).unwrap();
        let mut backoff = Backoff::default();
        let mut now: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().unwrap();
        (0..count)
            .map(|_| {
                backoff.note(&status(500, None), &plan, ZONE, now);
                let next = backoff.next("tin", &plan, ZONE, now).at;
                let wait = (next - now).num_seconds();
                now = next;
                wait
            })
            .collect()
    }

    #[test]
    fn a_section_in_trouble_leaves_slots_out() {
        let waits = waits("10m", 9);
        assert_eq!(waits[0], 600, "one failure is none");
        assert!(waits[1] >= 1200 && waits[1] <= 1800, "{waits:?}");
        assert!(
            waits.iter().all(|wait| wait % 600 == 0 && *wait <= 3600),
            "in its slots, at least once an hour: {waits:?}"
        );
        assert_eq!(waits[8], 3600);
    }

    #[test]
    fn a_daily_look_is_never_left_out() {
        assert!(waits("0 7 * * *", 5).iter().skip(1).all(|wait| *wait == 86400));
    }

    #[test]
    fn what_a_site_asks_for_is_obeyed_and_a_good_look_ends_it() {
        let plan = Plan::parse("10m").unwrap();
        let now: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().unwrap();
        let mut backoff = Backoff::default();
        backoff.note(&status(503, Some(5000)), &plan, ZONE, now);
        assert_eq!((backoff.next("tin", &plan, ZONE, now).at - now).num_seconds(), 5400);
        backoff.note(&Ok(Looked::default()), &plan, ZONE, now);
        assert_eq!((backoff.next("tin", &plan, ZONE, now).at - now).num_seconds(), 600);
        let until = now + TimeDelta::seconds(1201);
        let resting = FetchError::Resting { url: String::new(), until, reason: String::new() };
        backoff.note(&Err(resting.into()), &plan, ZONE, now);
        assert_eq!((backoff.next("tin", &plan, ZONE, now).at - now).num_seconds(), 1800);
        assert_eq!(backoff.failures, 0, "a look that was not made is no failure");
    }
}
