//! When things happen: cron lines on wall-clock time in a zone, plain intervals, quiet hours.
//! Hands on [`Slot`]s: one local wall-clock time and the one instant at which it fires.
//!
//! A cron line names local times. Most name one instant; the two clock changes make exceptions, which are settled
//! here for everybody: a slot in the gap of spring fires at the first instant after the gap, and a slot of the hour
//! that comes twice in autumn fires the first time only. Several slots of a gap fall on one instant: the last named
//! of them stands for all.

mod cron;
mod field;
mod interval;
mod quiet;
mod words;
mod zone;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use self::cron::CronLine;
pub use self::interval::parse_duration;
pub use self::quiet::Quiet;
pub use self::words::duration as duration_in_words;

/// A schedule as configured: a cron line or an interval. Cheap to clone; equal when written alike.
#[derive(Debug, Clone)]
pub struct Plan(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    source: String,
    words: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Cron(CronLine),
    /// Milliseconds; the slots are its multiples since the epoch, so that no restart moves them.
    Every(i64),
}

/// One firing: the local time that names it and the instant at which it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The local wall-clock time; unique for the schedule. For an interval, which local time could not name uniquely
    /// in autumn, it is the time in UTC.
    pub local: NaiveDateTime,
    /// When it fires.
    pub at: DateTime<Utc>,
}

impl Slot {
    /// The local time as the store's key: milliseconds as if it were UTC.
    pub fn key(&self) -> i64 {
        self.local.and_utc().timestamp_millis()
    }

    /// The slot of a schedule that has no more: a date that does not come (the last second of the year 9999).
    fn never() -> Self {
        let at = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
        Self { local: at.naive_utc(), at }
    }
}

impl Plan {
    /// Reads five Unix fields, six with seconds first, or an interval (`30s`, `5m`, `2h`, `1d`).
    /// The error is a sentence that says what is wrong and what is meant.
    pub fn parse(text: &str) -> Result<Self, String> {
        let source = text.trim();
        let kind = if source.is_empty() {
            return Err(format!("an empty schedule; {EXAMPLES}"));
        } else if source.starts_with('@') || source.contains(char::is_whitespace) || source.contains('*') {
            Kind::Cron(CronLine::parse(source)?)
        } else {
            let every = parse_duration(source).map_err(|fault| format!("{fault}; {EXAMPLES}"))?;
            if every < Duration::from_secs(1) || every > Duration::from_hours(31 * 24) {
                return Err(format!("an interval of {source} is not between 1s and 31d"));
            }
            Kind::Every(every.as_millis() as i64)
        };
        let words = match &kind {
            Kind::Cron(line) => words::cron(line.fields()),
            Kind::Every(ms) => words::every(Duration::from_millis(ms.unsigned_abs())),
        };
        Ok(Self(Arc::new(Parts { source: source.to_owned(), words, kind })))
    }

    /// The first slot strictly after `after`. After the year 2100, which the cron crate does not know, a day in 9999.
    pub fn next(&self, after: DateTime<Utc>, zone: Tz) -> Slot {
        match &self.0.kind {
            Kind::Cron(line) => next_of_line(line, after, zone).unwrap_or_else(Slot::never),
            Kind::Every(ms) => multiple(after.timestamp_millis().div_euclid(*ms).saturating_add(1), *ms),
        }
    }

    /// The last slot at or before `now`, but after `after`.
    pub fn latest(&self, after: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> Option<Slot> {
        let slot = match &self.0.kind {
            Kind::Cron(line) => latest_of_line(line, now, zone)?,
            Kind::Every(ms) => multiple(now.timestamp_millis().div_euclid(*ms), *ms),
        };
        (slot.at > after && slot.at <= now).then_some(slot)
    }

    /// The schedule in words, for `check`: "every 10 minutes from 07:00 to 21:59".
    pub fn text(&self) -> &str {
        &self.0.words
    }

    /// The schedule as it was written.
    pub fn source(&self) -> &str {
        &self.0.source
    }
}

impl PartialEq for Plan {
    fn eq(&self, other: &Self) -> bool {
        self.0.source == other.0.source
    }
}

impl Eq for Plan {}

const EXAMPLES: &str =
    "write an interval (\"10m\") or five fields, minute hour day month weekday (\"*/10 7-21 * * *\")";

fn multiple(count: i64, ms: i64) -> Slot {
    let at = DateTime::from_timestamp_millis(count.saturating_mul(ms));
    at.map_or_else(Slot::never, |at| Slot { local: at.naive_utc(), at })
}

fn next_of_line(line: &CronLine, after: DateTime<Utc>, zone: Tz) -> Option<Slot> {
    let mut local = line.next(wall_clock(after, zone)?)?;
    let mut at = zone::instant(local, zone);
    while at <= after {
        // Only in the second pass of a repeated hour: its slots fired in the first.
        local = line.next(local)?;
        at = zone::instant(local, zone);
    }
    while let Some(later) = line.next(local) {
        if zone::instant(later, zone) != at {
            break;
        }
        local = later; // only in a gap: the last slot stands for all of it
    }
    Some(Slot { local, at })
}

fn latest_of_line(line: &CronLine, now: DateTime<Utc>, zone: Tz) -> Option<Slot> {
    let shown = wall_clock(now, zone)?;
    // In the second pass of a repeated hour all slots up to its end have fired, whatever the clock shows.
    let reached = zone::end_of_repeat(now, zone).unwrap_or(shown + TimeDelta::seconds(1));
    let mut local = line.previous(whole_seconds(reached))?;
    while zone::instant(local, zone) > now {
        local = line.previous(local)?;
    }
    Some(Slot { local, at: zone::instant(local, zone) })
}

/// What the clocks of the zone show, for the years that have slots at all.
fn wall_clock(at: DateTime<Utc>, zone: Tz) -> Option<NaiveDateTime> {
    (1970..=2101).contains(&at.year()).then(|| at.with_timezone(&zone).naive_local())
}

fn whole_seconds(time: NaiveDateTime) -> NaiveDateTime {
    time.with_nanosecond(0).unwrap_or(time)
}

#[cfg(test)]
mod tests;
