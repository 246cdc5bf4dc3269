use std::collections::BTreeSet;

use chrono_tz::America::New_York;
use chrono_tz::Asia::Ho_Chi_Minh;
use chrono_tz::Australia::Lord_Howe;
use chrono_tz::Europe::Berlin;
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn plan(text: &str) -> Plan {
    Plan::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

/// The slots of (from, until], as "local → instant".
fn slots(text: &str, zone: Tz, from: &str, until: &str) -> Vec<String> {
    let (plan, mut after, until) = (plan(text), at(from), at(until));
    let mut found = Vec::new();
    loop {
        let slot = plan.next(after, zone);
        if slot.at > until {
            return found;
        }
        found.push(format!("{} {}", slot.local.format("%d %H:%M"), slot.at.format("%d %H:%M:%SZ")));
        after = slot.at;
    }
}

#[test]
fn a_slot_in_the_gap_fires_right_after_it() {
    let night = ("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z");
    assert_eq!(slots("30 2 * * *", Berlin, night.0, night.1), ["29 02:30 29 01:00:00Z", "30 02:30 30 00:30:00Z"]);
    // 02:00, 02:30 and 03:00 fall on one instant: the last named slot stands for them.
    let night = ("2026-03-29T00:15:00Z", "2026-03-29T01:30:00Z");
    assert_eq!(
        slots("*/30 * * * *", Berlin, night.0, night.1),
        ["29 01:30 29 00:30:00Z", "29 03:00 29 01:00:00Z", "29 03:30 29 01:30:00Z"]
    );
    assert_eq!(slots("*/20 2 * * *", Berlin, night.0, night.1), ["29 02:40 29 01:00:00Z"]);
    let night = ("2026-03-08T05:00:00Z", "2026-03-08T08:00:00Z");
    assert_eq!(slots("15 2,3 * * *", New_York, night.0, night.1), ["08 02:15 08 07:00:00Z", "08 03:15 08 07:15:00Z"]);
    // Half an hour: 02:00 becomes 02:30.
    let night = ("2026-10-03T15:00:00Z", "2026-10-03T16:00:00Z");
    assert_eq!(slots("*/15 2 * * *", Lord_Howe, night.0, night.1), ["04 02:30 03 15:30:00Z", "04 02:45 03 15:45:00Z"]);
}

#[test]
fn a_repeated_slot_fires_the_first_time() {
    let night = ("2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z");
    assert_eq!(slots("30 2 * * *", Berlin, night.0, night.1), ["25 02:30 25 00:30:00Z", "26 02:30 26 01:30:00Z"]);
    let night = ("2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z");
    assert_eq!(
        slots("*/30 * * * *", Berlin, night.0, night.1),
        ["25 02:30 25 00:30:00Z", "25 03:00 25 02:00:00Z"],
        "nothing in the second pass"
    );
    let night = ("2026-11-01T05:00:00Z", "2026-11-01T07:00:00Z");
    assert_eq!(slots("30 1 * * *", New_York, night.0, night.1), ["01 01:30 01 05:30:00Z"]);
    let night = ("2026-04-04T14:00:00Z", "2026-04-04T16:00:00Z");
    assert_eq!(
        slots("45 1,2 * * *", Lord_Howe, night.0, night.1),
        ["05 01:45 04 14:45:00Z"],
        "01:45 comes twice half an hour apart; 02:45 is 16:15Z"
    );
}

#[test]
fn a_zone_without_changes() {
    assert_eq!(
        slots("0 8,12,18 * * *", Ho_Chi_Minh, "2026-07-01T00:00:00Z", "2026-07-02T01:00:00Z"),
        ["01 08:00 01 01:00:00Z", "01 12:00 01 05:00:00Z", "01 18:00 01 11:00:00Z", "02 08:00 02 01:00:00Z"]
    );
}

#[test]
fn weekdays_are_those_of_unix() {
    let week = ("2026-07-05T20:00:00Z", "2026-07-12T19:00:00Z"); // Monday 6 to Sunday 12 July, Vietnamese time
    let days = |text: &str| {
        slots(&format!("0 7 * * {text}"), Ho_Chi_Minh, week.0, week.1)
            .iter()
            .map(|slot| slot[..2].to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(days("1"), "06");
    assert_eq!(days("0"), "12");
    assert_eq!(days("7"), "12");
    assert_eq!(days("1-5"), "06 07 08 09 10");
    assert_eq!(days("5-7"), "10 11 12");
    assert_eq!(days("fri-sun"), "10 11 12");
    assert_eq!(days("Mon,Saturday"), "06 11");
    assert_eq!(days("*/2"), "07 09 11 12");
    assert_eq!(days("6-7"), "11 12");
}

#[test]
fn restricting_both_kinds_of_day_means_either() {
    assert_eq!(
        slots("0 7 1,15 * 1", Ho_Chi_Minh, "2026-06-30T12:00:00Z", "2026-07-20T12:00:00Z"),
        [
            "01 07:00 01 00:00:00Z",
            "06 07:00 06 00:00:00Z",
            "13 07:00 13 00:00:00Z",
            "15 07:00 15 00:00:00Z",
            "20 07:00 20 00:00:00Z"
        ]
    );
    // A leading star does not restrict in the sense of Unix: both have to agree.
    assert_eq!(
        slots("0 7 */2 * 1", Ho_Chi_Minh, "2026-06-30T12:00:00Z", "2026-07-20T12:00:00Z"),
        ["13 07:00 13 00:00:00Z"]
    );
}

#[test]
fn seconds_come_first_in_six_fields() {
    let minute = ("2026-07-01T00:00:00Z", "2026-07-01T00:00:45Z");
    assert_eq!(slots("*/20 * * * * *", Ho_Chi_Minh, minute.0, minute.1).len(), 2);
}

#[test]
fn intervals_are_multiples_since_the_epoch() {
    let every = plan("10m");
    let slot = every.next(at("2026-07-01T00:03:00.5Z"), Berlin);
    assert_eq!(slot.at, at("2026-07-01T00:10:00Z"));
    assert_eq!(every.next(slot.at, Berlin).at, at("2026-07-01T00:20:00Z"));
    // The key stays unique in the hour that comes twice.
    let twice = [at("2026-10-25T00:25:00Z"), at("2026-10-25T01:25:00Z")].map(|now| every.next(now, Berlin).key());
    assert_ne!(twice[0], twice[1]);
    let now = at("2026-07-01T00:19:00Z");
    assert_eq!(
        every.latest(at("2026-07-01T00:00:00Z"), now, Berlin).map(|slot| slot.at),
        Some(at("2026-07-01T00:10:00Z"))
    );
    assert_eq!(every.latest(at("2026-07-01T00:10:00Z"), now, Berlin), None);
}

#[test]
fn the_latest_slot() {
    let plan = plan("30 2 * * *");
    let latest = |after: &str, now: &str| plan.latest(at(after), at(now), Berlin).map(|slot| slot.at);
    assert_eq!(latest("2026-03-28T12:00:00Z", "2026-03-29T00:59:59Z"), None);
    assert_eq!(latest("2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"), Some(at("2026-03-29T01:00:00Z")));
    assert_eq!(latest("2026-03-29T01:00:00Z", "2026-03-29T09:00:00Z"), None);
    assert_eq!(latest("2026-10-24T12:00:00Z", "2026-10-25T01:10:00Z"), Some(at("2026-10-25T00:30:00Z")));
    assert_eq!(latest("2026-10-25T00:30:00Z", "2026-10-25T01:40:00Z"), None, "the second 02:30 is no slot");
    assert_eq!(latest("2000-01-01T00:00:00Z", "2026-07-01T00:29:59.9Z"), Some(at("2026-06-30T00:30:00Z")));
}

#[test]
fn wrong_lines_say_what_is_wrong() {
    let fault = |text: &str| Plan::parse(text).unwrap_err();
    let lines = [
        "",
        "75 * * * *",
        "* 24 * * *",
        "0 7 32 * *",
        "0 7 * 13 *",
        "0 7 * * 8",
        "0 7 * * mo",
        "*/0 * * * *",
        "0 22-2 * * *",
        "0 7 31 2 *",
        "0 7 30,31 2 *",
        "0 7 31 4,6 *",
        "0 7 * *",
        "0 0 7 * * * 2026",
        "0 7 * * 1 2026",
        "@often",
        "10",
        "10 minutes",
        "0s",
        "40d",
        "0 7 L * *",
        "0 7 , * *",
    ];
    insta::assert_snapshot!(lines.map(|line| format!("{line:?}: {}", fault(line))).join("\n"));
}

#[test]
fn lines_in_words() {
    let lines = [
        "10m",
        "90s",
        "* * * * *",
        "*/10 7-21 * * *",
        "0 8,12,18 * * *",
        "0 7 * * 1",
        "0 7 * * 1-5",
        "30 6 1,15 * mon",
        "0 0 1 1 *",
        "5,35 * * * *",
        "*/15 * * * * *",
        "0 */2 * * *",
        "*/20 1,5 * 6-8 *",
        "30 0 7 * * *",
        "0 7 */2 * 1",
        "@hourly",
    ];
    insta::assert_snapshot!(lines.map(|line| format!("{line:?}: {}", plan(line).text())).join("\n"));
}

#[test]
fn february_29_is_found_and_the_far_future_does_not_loop() {
    assert_eq!(plan("0 0 29 2 *").next(at("2026-03-01T00:00:00Z"), Ho_Chi_Minh).at, at("2028-02-28T17:00:00Z"));
    assert_eq!(plan("0 0 * * *").next(at("2101-03-01T00:00:00Z"), Ho_Chi_Minh).at.year(), 9999);
    assert_eq!(plan("0 0 * * *").next(DateTime::<Utc>::MAX_UTC, Ho_Chi_Minh).at.year(), 9999);
    assert!(plan("0 0 * * *").latest(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MIN_UTC, Ho_Chi_Minh).is_none());
    assert_eq!(plan("1d").next(DateTime::<Utc>::MAX_UTC, Ho_Chi_Minh).at.year(), 9999);
}

/// What a patient person with a watch would do: look at the wall clock at every minute, ring when a named time is
/// shown for the first time, and ring after a jump for all that was jumped over.
fn by_the_watch(named: &dyn Fn(NaiveDateTime) -> bool, zone: Tz, from: DateTime<Utc>, minutes: i64) -> Vec<Slot> {
    let minute = TimeDelta::minutes(1);
    let mut slots = Vec::new();
    let mut shown = from.with_timezone(&zone).naive_local();
    for step in 1..=minutes {
        let at = from + minute * i32::try_from(step).unwrap();
        let local = at.with_timezone(&zone).naive_local();
        let mut last = None;
        while shown < local {
            shown += minute;
            if named(shown) {
                last = Some(shown);
            }
        }
        slots.extend(last.map(|local| Slot { local, at }));
    }
    slots
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn slots_are_those_of_a_watch(
        minute in prop::collection::btree_set(0_u32..60, 1..4), hour in prop::collection::btree_set(0_u32..5, 1..4),
        day in prop::collection::btree_set(1_u32..=31, 0..12), weekday in prop::collection::btree_set(0_u32..7, 0..4),
        night in 0_usize..7, start in 0_i64..2000,
    ) {
        let (zone, from) = [
            (Berlin, "2026-03-28T12:00:00Z"), (Berlin, "2026-10-24T12:00:00Z"), (New_York, "2026-03-07T12:00:00Z"),
            (New_York, "2026-10-31T12:00:00Z"), (Lord_Howe, "2026-10-03T02:00:00Z"), (Lord_Howe, "2026-04-04T02:00:00Z"),
            (Ho_Chi_Minh, "2026-12-30T12:00:00Z"),
        ][night];
        let from = at(from) + TimeDelta::minutes(start);
        let list = |set: &BTreeSet<u32>| {
            if set.is_empty() { "*".to_owned() } else { set.iter().map(u32::to_string).collect::<Vec<_>>().join(",") }
        };
        let line = format!("{} {} {} * {}", list(&minute), list(&hour), list(&day), list(&weekday));
        let named = |local: NaiveDateTime| {
            let by_day = day.contains(&local.day());
            let by_weekday = weekday.contains(&local.weekday().num_days_from_sunday());
            minute.contains(&local.minute()) && hour.contains(&local.hour()) && match (day.is_empty(), weekday.is_empty()) {
                (true, true) => true,
                (false, true) => by_day,
                (true, false) => by_weekday,
                (false, false) => by_day || by_weekday,
            }
        };
        let minutes = 3 * 1440;
        let plan = plan(&line);
        let expected = by_the_watch(&named, zone, from, minutes);
        let until = from + TimeDelta::minutes(minutes);
        let mut found = Vec::new();
        let mut after = from;
        loop {
            let slot = plan.next(after, zone);
            if slot.at > until {
                break;
            }
            prop_assert!(slot.at > after, "slots rise: {line}");
            prop_assert!(found.last().is_none_or(|last: &Slot| last.local < slot.local), "each local slot once: {line}");
            found.push(slot);
            after = slot.at;
        }
        // A walk that begins in a repeated hour must not ring again for what its first pass rang for; the watch,
        // which knows nothing from before it began, would.
        let expected: Vec<_> = expected.into_iter().filter(|slot| zone::instant(slot.local, zone) > from).collect();
        prop_assert_eq!(&found, &expected, "{} in {}", line, zone);
        for now in (0..minutes).step_by(97).map(|step| from + TimeDelta::minutes(step)) {
            let latest = found.iter().rev().find(|slot| slot.at <= now).copied();
            prop_assert_eq!(plan.latest(from, now, zone), latest, "latest at {} of {}", now, line);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC*|[-0-9*/, a-z@]{0,24}") {
        if let Ok(plan) = Plan::parse(&text) {
            let now = at("2026-03-29T00:59:00Z");
            let slot = plan.next(now, Berlin);
            prop_assert!(slot.at > now);
            prop_assert!(!plan.text().is_empty());
        }
    }
}
