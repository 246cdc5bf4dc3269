//! Moments as feeds write them, RFC 3339 and RFC 2822: each feed has some for every item, and the general formatter takes
//! longer over one than all the rest of a short item does.

use chrono::{DateTime, Datelike, FixedOffset, Timelike};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `2026-07-08T08:30:00+07:00`, with as many digits after the second as it has, in threes.
pub fn rfc3339(at: DateTime<FixedOffset>) -> String {
    let local = at.naive_local();
    let Some([century, year]) = parts(local.year()) else { return at.to_rfc3339() };
    if local.nanosecond() >= 1_000_000_000 || at.offset().local_minus_utc() % 60 != 0 {
        return at.to_rfc3339();
    }
    let mut out = String::with_capacity(35);
    two(&mut out, century);
    two(&mut out, year);
    for (before, number) in
        [('-', local.month()), ('-', local.day()), ('T', local.hour()), (':', local.minute()), (':', local.second())]
    {
        out.push(before);
        two(&mut out, number);
    }
    let nanos = local.nanosecond();
    if nanos > 0 {
        out.push('.');
        let mut rest = nanos;
        for unit in [1_000_000, 1_000, 1] {
            let three = rest / unit;
            digit(&mut out, three / 100);
            two(&mut out, three % 100);
            rest %= unit;
            if rest == 0 {
                break;
            }
        }
    }
    offset(&mut out, *at.offset(), ":");
    out
}

/// `Wed, 8 Jul 2026 08:30:00 +0700`.
pub fn rfc2822(at: DateTime<FixedOffset>) -> String {
    let local = at.naive_local();
    let (Some([century, year]), Some(day), Some(month)) = (
        parts(local.year()),
        DAYS.get(local.weekday().num_days_from_monday() as usize),
        MONTHS.get(local.month0() as usize),
    ) else {
        // The general one panics there.
        return rfc3339(at);
    };
    if local.nanosecond() >= 1_000_000_000 || at.offset().local_minus_utc() % 60 != 0 {
        return at.to_rfc2822();
    }
    let mut out = String::with_capacity(31);
    out.push_str(day);
    out.push_str(", ");
    if local.day() >= 10 {
        digit(&mut out, local.day() / 10);
    }
    digit(&mut out, local.day() % 10);
    out.push(' ');
    out.push_str(month);
    out.push(' ');
    two(&mut out, century);
    two(&mut out, year);
    for (before, number) in [(' ', local.hour()), (':', local.minute()), (':', local.second())] {
        out.push(before);
        two(&mut out, number);
    }
    out.push(' ');
    offset(&mut out, *at.offset(), "");
    out
}

fn parts(year: i32) -> Option<[u32; 2]> {
    let year = u32::try_from(year).ok().filter(|year| *year <= 9_999)?;
    Some([year / 100, year % 100])
}

fn digit(out: &mut String, number: u32) {
    out.push(char::from_digit(number, 10).unwrap_or('0'));
}

fn two(out: &mut String, number: u32) {
    digit(out, number / 10);
    digit(out, number % 10);
}

fn offset(out: &mut String, offset: FixedOffset, between: &str) {
    let minutes = offset.local_minus_utc() / 60;
    out.push(if minutes < 0 { '-' } else { '+' });
    two(out, minutes.unsigned_abs() / 60);
    out.push_str(between);
    two(out, minutes.unsigned_abs() % 60);
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone, Utc};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_the_general_formatter_writes_them(
            // Up to the end of the year 9998.
            seconds in -60_000_000_000_i64..253_370_000_000,
            nanos in prop_oneof![Just(0_i64), (1_i64..1_000).prop_map(|n| n * 1_000_000), (1_i64..1_000_000).prop_map(|n| n * 1_000), 1_i64..1_000_000_000],
            quarters in -48_i32..=56,
        ) {
            let zone = FixedOffset::east_opt(quarters * 900).unwrap();
            let at = zone.from_utc_datetime(&(Utc.timestamp_opt(seconds, 0).unwrap() + TimeDelta::nanoseconds(nanos)).naive_utc());
            prop_assert_eq!(rfc3339(at), at.to_rfc3339());
            prop_assert_eq!(rfc2822(at), at.to_rfc2822());
        }
    }

    #[test]
    fn odd_ones_too() {
        for (text, zone) in
            [("2016-12-31T23:59:60Z", 0), ("1800-01-01T00:00:00Z", 25_590), ("2026-07-08T00:00:00.5Z", 25_200)]
        {
            let at = DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&FixedOffset::east_opt(zone).unwrap());
            assert_eq!(rfc3339(at), at.to_rfc3339());
            assert_eq!(rfc2822(at), at.to_rfc2822());
        }
    }
}
