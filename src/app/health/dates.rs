//! What the dates of a list tell: how many articles a day, the newest, whether one is news.

use chrono::{DateTime, NaiveTime, Utc};

use super::super::look::Seen;
use super::{DAY_MS, count};
use crate::article::{Candidate, Moment, SourceDate};
use crate::config::Section;

/// Articles a day by a list's own dates, in hundredths.
pub(super) fn pace(seen: &[Seen], section: &Section, now: DateTime<Utc>) -> u32 {
    let dates: Vec<i64> = seen
        .iter()
        .filter_map(|one| Some(end_of(one.candidate.published.as_ref()?, section).min(now.timestamp_millis())))
        .collect();
    let (Some(oldest), Some(newest)) = (dates.iter().min(), dates.iter().max()) else { return 0 };
    let span = newest - oldest;
    if span > 0 && span < DAY_MS {
        // A paper that fills its list within hours; those of one minute say little.
        return u32::try_from(i64::from(count(dates.len())) * 100 * DAY_MS / span.max(DAY_MS / 8)).unwrap_or(u32::MAX);
    }
    let days = span / DAY_MS + 1;
    u32::try_from(i64::from(count(dates.len())) * 100 / days.max(1)).unwrap_or(u32::MAX)
}

/// The newest date of a list, where it has any.
pub(in crate::app) fn newest(seen: &[Seen], section: &Section, now_ms: i64) -> Option<i64> {
    seen.iter().filter_map(|one| Some(end_of(one.candidate.published.as_ref()?, section).min(now_ms))).max()
}

/// An instant; of a bare day its end.
fn end_of(date: &SourceDate, section: &Section) -> i64 {
    match date.at {
        Moment::Instant(at) => at.timestamp_millis(),
        Moment::Day(day) => {
            let end = day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN);
            end.and_local_timezone(section.timezone).earliest().map_or(0, |at| at.timestamp_millis())
        }
    }
}

/// Whether a candidate is dated, and later than the last news but for a day's grace.
pub(super) fn is_newer(candidate: &Candidate, last_news: i64, section: &Section) -> bool {
    candidate.published.as_ref().is_some_and(|date| end_of(date, section) >= last_news - DAY_MS)
}
