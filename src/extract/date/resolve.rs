//! Decides what a stated date means: day or month first, which year, which zone; a reading that contradicts
//! itself, its weekday or the calendar is dropped. Right or absent.

use chrono::{Datelike, Days, FixedOffset, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Weekday};

use super::words::Zone;
use super::{Moment, Options};
use crate::config::DateOrder;

/// How many years back a date without a year may lie when its weekday asks for it.
const YEARS_BACK: i32 = 4;

/// A time of day and its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    pub time: NaiveTime,
    pub zone: Option<Zone>,
}

/// A date as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// Nothing to doubt.
    Certain(NaiveDate),
    /// Two numbers of which either may be the month. `month_first` where the writing itself says so.
    Numbers { first: u32, second: u32, year: i32, month_first: bool, said: DayFirst },
    /// A day without a year.
    Yearless { day: u32, month: u32 },
    /// A day of a year counted back from this one: "8/7 năm ngoái".
    YearsAgo { day: u32, month: u32, years: i32 },
}

/// Whether a word before the numbers says that the day comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayFirst {
    /// Nothing says so.
    No,
    /// "ngày 7/9/2019".
    Yes,
}

/// The moment that was meant, or nothing.
pub(super) fn resolve(
    written: Written,
    weekday: Option<Weekday>,
    clock: Option<Clock>,
    options: &Options,
) -> Option<Moment> {
    let fits = |day: &NaiveDate| weekday.is_none_or(|stated| stated == day.weekday());
    let good = |day: Option<NaiveDate>| day.filter(fits).and_then(|day| settle(day, clock, options));
    match written {
        Written::Certain(day) => good(Some(day)),
        Written::Numbers { first, second, year, month_first, said } => {
            let day_first = NaiveDate::from_ymd_opt(year, second, first);
            let american = NaiveDate::from_ymd_opt(year, first, second);
            let month_first = match said {
                DayFirst::No => month_first || options.order == DateOrder::Mdy,
                // "ngày 7/9" is said the day first, whatever the calendar makes of it.
                DayFirst::Yes => return good(day_first),
            };
            let (one, other) = if month_first { (american, day_first) } else { (day_first, american) };
            good(one).or_else(|| good(other))
        }
        Written::YearsAgo { day, month, years } => {
            let year = options.now.with_timezone(&options.timezone).year().checked_sub(years)?;
            good(NaiveDate::from_ymd_opt(year, month, day))
        }
        Written::Yearless { day, month } => {
            let this_year = options.now.with_timezone(&options.timezone).year();
            let reach = if weekday.is_some() { YEARS_BACK } else { 1 };
            // 29 February is looked for as far back as the last leap year.
            let reach = if (day, month) == (29, 2) { reach.max(8) } else { reach };
            (this_year - reach..=this_year + 1).rev().find_map(|year| good(NaiveDate::from_ymd_opt(year, month, day)))
        }
    }
}

/// Puts day, time and zone together and keeps what lies within reach.
pub(super) fn settle(day: NaiveDate, clock: Option<Clock>, options: &Options) -> Option<Moment> {
    let bare = within_reach(Moment::Day(day), options);
    let Some(Clock { time, zone }) = clock else { return bare };
    let local = day.and_time(time);
    let at = match zone {
        Some(Zone::Unclear) => return bare,
        Some(Zone::Offset(minutes)) => {
            FixedOffset::east_opt(minutes.checked_mul(60)?)?.from_local_datetime(&local).single()
        }
        // An hour that the clock repeats is one of two, and one that it skips is none: the day is still right.
        Some(Zone::Named(zone)) => zone.from_local_datetime(&local).single().map(|at| at.fixed_offset()),
        None => options.timezone.from_local_datetime(&local).single().map(|at| at.fixed_offset()),
    };
    match at {
        Some(at) => within_reach(Moment::Instant(at), options),
        None => bare,
    }
}

/// Drops what cannot be the date of an article: later than tomorrow, before printing machines had clocks, or
/// the zero of a database.
pub(super) fn within_reach(moment: Moment, options: &Options) -> Option<Moment> {
    let latest = options.now.checked_add_signed(TimeDelta::days(1))?;
    match moment {
        Moment::Instant(at) => {
            let epoch = (at.year(), at.ordinal()) == (1970, 1) || at.timestamp() == 0;
            let zero = epoch || at.year() <= 1900;
            (at <= latest && !zero).then_some(moment)
        }
        Moment::Day(day) => {
            let tomorrow = options.now.with_timezone(&options.timezone).date_naive().checked_add_days(Days::new(1))?;
            let zero = day.year() <= 1900 || (day.year(), day.ordinal()) == (1970, 1);
            (day <= tomorrow && !zero).then_some(moment)
        }
    }
}

/// Whether either reading of two numbers is in the calendar.
pub(super) fn in_calendar(first: u32, second: u32, year: i32) -> bool {
    NaiveDate::from_ymd_opt(year, second, first).or_else(|| NaiveDate::from_ymd_opt(year, first, second)).is_some()
}

/// The year of two digits: of this century where it has come, else of the last one from 1970 on.
pub(super) fn century(two: u32, options: &Options) -> Option<i32> {
    let year = 2000 + two as i32;
    let latest = options.now.year() + i32::from(options.now.ordinal() > 364);
    if year <= latest { Some(year) } else { (two >= 70).then_some(1900 + two as i32) }
}

/// The offset of the section's zone at an instant.
pub(super) fn offset_at(options: &Options, at: chrono::DateTime<chrono::Utc>) -> FixedOffset {
    at.with_timezone(&options.timezone).offset().fix()
}
