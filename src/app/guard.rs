//! The guards of a look (promise 2): how a newly found article is let out. The first look of a section pushes
//! nothing; what is too old is for feeds only, or for digests where an outage made it old; more at once than the
//! section's past makes plausible is held for an admin.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use crate::article::{Moment, SourceDate};
use crate::config::Section;
use crate::health::Memory;
use crate::store::{ReleaseAs, Told};

/// New articles of one look that are never suspicious where nothing else is configured.
const RUN: usize = 15;
/// The same for 24 hours.
const DAY: usize = 40;
/// Changes of a section that are never suspicious at a time, and the share of its articles that is not either.
const CHANGES: usize = 5;
const CHANGED_SHARE: usize = 5;

/// What a look decides before it opens an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    /// The first good look: nothing is pushed.
    Seed,
    /// The first look after the store was restored or lost: what is newer than this moment (Unix milliseconds) is held.
    Restored(i64),
    /// An admin asked for it: everything goes out.
    Push,
    /// A look like any other.
    Usual,
    /// Suspicious: kept back as a whole. The hold is opened for the first article that needs it.
    Suspicious,
}

/// What the numbers of a look are compared with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    /// New articles of this look.
    pub(super) new: usize,
    /// Those let out in the 24 hours before.
    pub(super) of_the_day: usize,
    /// Milliseconds since the source brought something new.
    pub(super) gap_ms: i64,
}

/// Why so many new articles are suspicious, if they are: at once, or with those of the 24 hours before.
pub(super) fn too_many(section: &Section, memory: &Memory, counts: Counts) -> Option<Told> {
    let guard = section.guard?;
    let Counts { new, of_the_day, gap_ms } = counts;
    if new == 0 {
        return None;
    }
    let set = |most: u32| Some(most as usize).filter(|most| *most > 0);
    let (most, key) = match set(guard.run) {
        Some(most) => (most, "hold-run-set"),
        None => (memory.plausible_run(RUN, gap_ms), "hold-run"),
    };
    if new > most {
        return Some(Told::new(key, &[("new", new), ("most", most)]));
    }
    let (most, key) = match set(guard.day) {
        Some(most) => (Some(most), "hold-day-set"),
        None => (memory.plausible_day(DAY), "hold-day"),
    };
    let of_the_day = new + of_the_day;
    most.filter(|most| of_the_day > *most).map(|most| Told::new(key, &[("new", of_the_day), ("most", most)]))
}

/// How many changes of a section's `articles` may be let out at a time.
pub(super) fn most_changes(articles: usize) -> usize {
    CHANGES.max(articles / CHANGED_SHARE)
}

/// How an article is let out. The key of a hold is 0: the caller knows it. `away_since`: since when nobody looked, if
/// this is the first look after an outage. What is urgent skips the section's delay, and none of the guards.
pub(super) fn release(
    run: Run,
    section: &Section,
    published: Option<&SourceDate>,
    urgent: bool,
    away_since: Option<i64>,
    now: DateTime<Utc>,
) -> ReleaseAs {
    let is_after = |since: i64| published.is_some_and(|date| end_of(section, date).is_some_and(|end| end > since));
    match run {
        Run::Restored(since) if is_after(since) => ReleaseAs::Held(0),
        Run::Seed | Run::Restored(_) => ReleaseAs::Quiet,
        Run::Push => ReleaseAs::Out,
        _ if is_stale(section, published, now) => {
            if run == Run::Usual && away_since.is_some_and(is_after) {
                ReleaseAs::Late(0)
            } else {
                ReleaseAs::Quiet
            }
        }
        Run::Suspicious => ReleaseAs::Held(0),
        Run::Usual if urgent || section.delay.is_zero() => ReleaseAs::Out,
        Run::Usual => ReleaseAs::Waiting(now.timestamp_millis() + section.delay.as_millis() as i64),
    }
}

/// Whether the article's own date says that it is no news. An article without a date is taken for new.
fn is_stale(section: &Section, published: Option<&SourceDate>, now: DateTime<Utc>) -> bool {
    let (Some(guard), Some(date)) = (section.guard, published) else { return false };
    let fresh = i64::try_from(guard.fresh.as_millis()).unwrap_or(i64::MAX);
    end_of(section, date).is_some_and(|end| now.timestamp_millis().saturating_sub(end) > fresh)
}

/// The moment of a date; a bare day is over at its midnight.
fn end_of(section: &Section, date: &SourceDate) -> Option<i64> {
    match date.at {
        Moment::Instant(at) => Some(at.timestamp_millis()),
        Moment::Day(day) => {
            let over = day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN);
            // A midnight that a clock change skips is the first instant after it.
            let local = |shift: i64| (over + TimeDelta::hours(shift)).and_local_timezone(section.timezone).earliest();
            (0..3).find_map(local).map(|at| at.timestamp_millis())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::Guard;
    use crate::health;

    fn dated(text: &str) -> SourceDate {
        SourceDate { at: Moment::from_text(text).unwrap(), provenance: "test".into() }
    }

    fn now() -> DateTime<Utc> {
        "2026-11-23T05:00:00Z".parse().unwrap()
    }

    /// A section that had `looks` looks of `new` articles on each of the last `days` days.
    fn past(days: i64, looks: usize, new: usize) -> Memory {
        let mut memory = Memory::default();
        for day in (1..=days).rev() {
            for _ in 0..looks {
                memory.learn(
                    &health::Run { items: 20, ..health::Run::default() },
                    new,
                    Some(900),
                    now() - TimeDelta::days(day),
                );
            }
        }
        memory
    }

    fn counts(new: usize, of_the_day: usize, gap_days: i64) -> Counts {
        Counts { new, of_the_day, gap_ms: gap_days * 86_400_000 }
    }

    #[test]
    fn first_look_and_old_push_nothing() {
        let mut section = Section::for_tests("a", "https://example.vn/a");
        let now = now();
        let today = dated("2026-11-23T10:00:00+07:00");
        let let_out = |run, section: &Section, date: Option<&SourceDate>| release(run, section, date, false, None, now);
        let urgent = |run, section: &Section, date: Option<&SourceDate>| release(run, section, date, true, None, now);
        assert_eq!(let_out(Run::Seed, &section, Some(&today)), ReleaseAs::Quiet);
        assert_eq!(let_out(Run::Usual, &section, Some(&today)), ReleaseAs::Out);
        assert_eq!(let_out(Run::Usual, &section, Some(&dated("2026-11-20"))), ReleaseAs::Quiet);
        assert_eq!(let_out(Run::Usual, &section, Some(&dated("2026-11-21"))), ReleaseAs::Out);
        assert_eq!(let_out(Run::Usual, &section, None), ReleaseAs::Out);
        assert_eq!(let_out(Run::Suspicious, &section, Some(&today)), ReleaseAs::Held(0));
        assert_eq!(let_out(Run::Suspicious, &section, Some(&dated("2026-11-20"))), ReleaseAs::Quiet);
        section.delay = Duration::from_mins(1);
        let due = now.timestamp_millis() + 60_000;
        assert_eq!(let_out(Run::Usual, &section, Some(&today)), ReleaseAs::Waiting(due));
        assert_eq!(urgent(Run::Usual, &section, Some(&today)), ReleaseAs::Out, "without its delay");
        assert_eq!(urgent(Run::Seed, &section, Some(&today)), ReleaseAs::Quiet, "and past none of the guards");
        assert_eq!(urgent(Run::Usual, &section, Some(&dated("2026-11-20"))), ReleaseAs::Quiet);
        assert_eq!(urgent(Run::Suspicious, &section, Some(&today)), ReleaseAs::Held(0));
        section.guard = None;
        section.delay = Duration::ZERO;
        assert!(too_many(&section, &Memory::default(), counts(1_000, 0, 0)).is_none());
        assert_eq!(let_out(Run::Usual, &section, Some(&dated("2020-01-01"))), ReleaseAs::Out);
    }

    #[test]
    fn what_an_outage_made_old_goes_into_digests() {
        let section = Section::for_tests("a", "https://example.vn/a");
        let away = Some((now() - TimeDelta::days(4)).timestamp_millis());
        let let_out = |date: &str| release(Run::Usual, &section, Some(&dated(date)), false, away, now());
        assert_eq!(let_out("2026-11-20T08:00:00+07:00"), ReleaseAs::Late(0));
        assert_eq!(let_out("2026-11-18T08:00:00+07:00"), ReleaseAs::Quiet, "older than the outage");
        assert_eq!(let_out("2026-11-23T08:00:00+07:00"), ReleaseAs::Out, "still fresh");
    }

    #[test]
    fn a_restored_store_holds_what_is_newer_than_it() {
        let section = Section::for_tests("a", "https://example.vn/a");
        let since = (now() - TimeDelta::days(3)).timestamp_millis();
        let let_out = |date: Option<&SourceDate>| release(Run::Restored(since), &section, date, false, None, now());
        let (newer, older) = (dated("2026-11-23T08:00:00+07:00"), dated("2026-11-19T08:00:00+07:00"));
        assert_eq!(let_out(Some(&newer)), ReleaseAs::Held(0));
        assert_eq!(let_out(Some(&older)), ReleaseAs::Quiet);
        assert_eq!(let_out(None), ReleaseAs::Quiet);
    }

    #[test]
    fn limits_are_learnt_from_the_past() {
        let section = Section::for_tests("a", "https://example.vn/a");
        let holds = |memory: &Memory, counts| too_many(&section, memory, counts).is_some();
        let young = Memory::default();
        assert!(!holds(&young, counts(15, 100, 0)), "of a new section a look tells, a day does not yet");
        assert!(holds(&young, counts(16, 0, 0)));
        let sparse = past(30, 2, 2);
        assert!(!holds(&sparse, counts(30, 0, 4)), "a Monday after a holiday");
        assert!(holds(&sparse, counts(30, 0, 0)), "the same in the middle of a day");
        assert!(holds(&sparse, counts(5, 60, 0)), "too many of a day");
        let paper = past(30, 80, 2);
        assert!(!holds(&paper, counts(14, 300, 0)), "160 a day are usual here, and 300 no wonder");
        assert!(!holds(&paper, counts(80, 160, 1)), "after half a day in which nobody looked");
        assert!(holds(&paper, counts(100, 0, 0)));
        let mut approved = past(30, 2, 2);
        approved.learn_approved(60, now().timestamp_millis());
        assert!(!holds(&approved, counts(60, 0, 0)), "what was approved once is not strange");
    }

    #[test]
    fn limits_that_are_set_stand() {
        let mut section = Section::for_tests("a", "https://example.vn/a");
        section.guard = section.guard.map(|guard| Guard { run: 10, day: 40, ..guard });
        let busy = past(30, 80, 2);
        let holds = |counts| too_many(&section, &busy, counts).map(|told| told.key);
        assert_eq!(holds(counts(10, 30, 0)), None);
        assert_eq!(holds(counts(11, 0, 4)).as_deref(), Some("hold-run-set"));
        assert_eq!(holds(counts(10, 31, 0)).as_deref(), Some("hold-day-set"));
        assert_eq!(holds(counts(0, 41, 0)), None, "nothing new, nothing to hold");
        assert_eq!((most_changes(10), most_changes(300)), (5, 60));
    }
}
