//! From wall-clock time to instants, through the two clock changes of a zone.

use chrono::offset::LocalResult;
use chrono::{DateTime, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// No zone was ever further from UTC than this.
const FURTHEST: TimeDelta = TimeDelta::hours(16);

/// The instant of a local time: the first of two; in a gap, the first instant after the gap.
pub fn instant(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => after_gap(local, zone),
    }
}

/// The same, but the second of two.
pub fn last_instant(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(_, at) => at.to_utc(),
        LocalResult::None => after_gap(local, zone),
    }
}

/// If `now` is in the second pass of a repeated hour, the local time at which the repeat ends.
pub fn end_of_repeat(now: DateTime<Utc>, zone: Tz) -> Option<NaiveDateTime> {
    let local = now.with_timezone(&zone).naive_local();
    match zone.from_local_datetime(&local) {
        LocalResult::Ambiguous(first, second) if second == now => {
            let offset = first.offset().fix();
            let change = first_instant(first.to_utc(), now, |at| offset_at(at, zone) != offset);
            Some((change + TimeDelta::seconds(i64::from(offset.local_minus_utc()))).naive_utc())
        }
        _ => None,
    }
}

/// chrono says that a local time does not exist, but not where the gap ends: the clock's jump over it is searched for.
/// Gaps need not be an hour (Lord Howe: 30 minutes; Samoa once skipped a day).
fn after_gap(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let around = local.and_utc();
    let (Some(low), Some(high)) = (around.checked_sub_signed(FURTHEST), around.checked_add_signed(FURTHEST)) else {
        return around;
    };
    first_instant(low, high, |at| at.with_timezone(&zone).naive_local() >= local)
}

fn offset_at(at: DateTime<Utc>, zone: Tz) -> chrono::FixedOffset {
    zone.offset_from_utc_datetime(&at.naive_utc()).fix()
}

/// The first whole second in (low, high] for which `reached` holds, if it holds from some second on.
fn first_instant(low: DateTime<Utc>, high: DateTime<Utc>, reached: impl Fn(DateTime<Utc>) -> bool) -> DateTime<Utc> {
    let (mut low, mut high) = (low.timestamp(), high.timestamp());
    let time = |second| DateTime::from_timestamp(second, 0).unwrap_or_default();
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if reached(time(middle)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    time(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn gaps_end_where_the_clock_goes_on() {
        for (zone, inside, after) in [
            (chrono_tz::Europe::Berlin, "2026-03-29T02:30:00", "2026-03-29T01:00:00Z"),
            (chrono_tz::Europe::Berlin, "2026-03-29T02:00:00", "2026-03-29T01:00:00Z"),
            (chrono_tz::America::New_York, "2026-03-08T02:59:59", "2026-03-08T07:00:00Z"),
            (chrono_tz::Australia::Lord_Howe, "2026-10-04T02:15:00", "2026-10-03T15:30:00Z"),
            (chrono_tz::Pacific::Apia, "2011-12-30T12:00:00", "2011-12-30T10:00:00Z"),
        ] {
            assert_eq!(instant(local(inside), zone), at(after), "{inside} {zone}");
            assert_eq!(last_instant(local(inside), zone), at(after), "{inside} {zone}");
        }
    }

    #[test]
    fn repeats_are_known_with_their_end() {
        let berlin = chrono_tz::Europe::Berlin;
        assert_eq!(instant(local("2026-10-25T02:30:00"), berlin), at("2026-10-25T00:30:00Z"));
        assert_eq!(last_instant(local("2026-10-25T02:30:00"), berlin), at("2026-10-25T01:30:00Z"));
        assert_eq!(end_of_repeat(at("2026-10-25T00:30:00Z"), berlin), None, "the first pass");
        assert_eq!(end_of_repeat(at("2026-10-25T01:30:00Z"), berlin), Some(local("2026-10-25T03:00:00")));
        assert_eq!(end_of_repeat(at("2026-10-25T02:00:00Z"), berlin), None);
        let lord_howe = chrono_tz::Australia::Lord_Howe;
        assert_eq!(end_of_repeat(at("2026-04-04T15:15:00Z"), lord_howe), Some(local("2026-04-05T02:00:00")));
    }
}
