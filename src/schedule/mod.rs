//! When things happen: cron lines on wall-clock time in a zone, plain intervals, quiet hours.
//! Hands on [`Slot`]s: one local wall-clock time and the one instant at which it fires.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;

/// A schedule as configured: a cron line or an interval.
#[derive(Debug, Clone)]
pub struct Plan {
    _todo: (),
}

/// One firing: the local time that names it and the instant at which it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The local wall-clock time; unique for the schedule.
    pub local: NaiveDateTime,
    /// When it fires.
    pub at: DateTime<Utc>,
}

impl Slot {
    /// The local time as the store's key: milliseconds as if it were UTC.
    pub fn key(&self) -> i64 {
        self.local.and_utc().timestamp_millis()
    }
}

impl Plan {
    /// Reads five Unix fields, six with seconds first, or an interval (`30s`, `5m`, `2h`, `1d`).
    /// The error is a sentence that says what is wrong and what is meant.
    pub fn parse(text: &str) -> Result<Self, String> {
        let _ = text;
        Ok(Self { _todo: () })
    }

    /// The first slot strictly after `after`.
    pub fn next(&self, after: DateTime<Utc>, zone: Tz) -> Slot {
        let _ = zone;
        let at = after + Duration::from_secs(60);
        Slot { local: at.naive_utc(), at }
    }

    /// The last slot at or before `now`, but after `after`.
    pub fn latest(&self, after: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> Option<Slot> {
        let _ = (after, now, zone);
        None
    }

    /// The schedule in words, for `check`.
    pub fn text(&self) -> &str {
        ""
    }
}

/// Hours of the day in which nothing is pushed (`21:30-06:30`); may span midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// Begins.
    pub from: NaiveTime,
    /// Ends.
    pub until: NaiveTime,
}

impl Quiet {
    /// Reads `HH:MM-HH:MM`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let _ = text;
        Err("not written yet".into())
    }

    /// If `now` is quiet in `zone`, the instant at which the quiet ends.
    pub fn ends(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let _ = (now, zone);
        None
    }
}
