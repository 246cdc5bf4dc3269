//! The guards of a look (promise 2): how a newly found article is let out. The first look of a section pushes
//! nothing; what is too old is for feeds only; too many at once are held for an admin.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use crate::article::{Moment, SourceDate};
use crate::config::Section;
use crate::store::ReleaseAs;

/// What a look decides before it opens an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    /// The first good look: nothing is pushed.
    Seed,
    /// An admin asked for it: everything goes out.
    Push,
    /// A look like any other.
    Usual,
    /// Suspicious: kept back as a whole.
    Held(i64),
}

/// Why so many new articles are suspicious, if they are: at once, or with those of the 24 hours before.
pub(super) fn too_many(section: &Section, new: usize, of_the_day: usize) -> Option<String> {
    let guard = section.guard?;
    let beyond = |count: usize, most: u32| most > 0 && count > most as usize;
    if beyond(new, guard.run) {
        return Some(format!("{new} new articles in one look, more than `guard.run = {}`", guard.run));
    }
    if new > 0 && beyond(new + of_the_day, guard.day) {
        return Some(format!("{} new articles in 24 hours, more than `guard.day = {}`", new + of_the_day, guard.day));
    }
    None
}

/// How an article is let out.
pub(super) fn release(run: Run, section: &Section, published: Option<&SourceDate>, now: DateTime<Utc>) -> ReleaseAs {
    match run {
        Run::Seed => ReleaseAs::Quiet,
        Run::Push => ReleaseAs::Out,
        _ if is_stale(section, published, now) => ReleaseAs::Quiet,
        Run::Held(hold) => ReleaseAs::Held(hold),
        Run::Usual if section.delay.is_zero() => ReleaseAs::Out,
        Run::Usual => ReleaseAs::Waiting(now.timestamp_millis() + section.delay.as_millis() as i64),
    }
}

/// Whether the article's own date says that it is no news. An article without a date is taken for new.
fn is_stale(section: &Section, published: Option<&SourceDate>, now: DateTime<Utc>) -> bool {
    let (Some(guard), Some(date)) = (section.guard, published) else { return false };
    let fresh = TimeDelta::from_std(guard.fresh).unwrap_or(TimeDelta::MAX);
    match date.at {
        Moment::Instant(at) => now.signed_duration_since(at) > fresh,
        // A bare day is over at its midnight.
        Moment::Day(day) => {
            let over = day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN);
            now.with_timezone(&section.timezone).naive_local().signed_duration_since(over) > fresh
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::Guard;

    fn dated(text: &str) -> SourceDate {
        SourceDate { at: Moment::from_text(text).unwrap(), provenance: "test".into() }
    }

    #[test]
    fn first_look_old_and_many_push_nothing() {
        let mut section = Section::for_tests("a", "https://example.vn/a");
        let now: DateTime<Utc> = "2026-11-23T05:00:00Z".parse().unwrap();
        let today = dated("2026-11-23T10:00:00+07:00");
        assert_eq!(release(Run::Seed, &section, Some(&today), now), ReleaseAs::Quiet);
        assert_eq!(release(Run::Usual, &section, Some(&today), now), ReleaseAs::Out);
        assert_eq!(release(Run::Usual, &section, Some(&dated("2026-11-20")), now), ReleaseAs::Quiet);
        assert_eq!(release(Run::Usual, &section, Some(&dated("2026-11-21")), now), ReleaseAs::Out);
        assert_eq!(release(Run::Usual, &section, None, now), ReleaseAs::Out);
        assert_eq!(release(Run::Held(7), &section, Some(&today), now), ReleaseAs::Held(7));
        assert!(too_many(&section, 15, 100).is_none(), "no limit a day unless one is set");
        assert!(too_many(&section, 16, 0).is_some());
        section.guard = section.guard.map(|guard| Guard { day: 40, ..guard });
        assert!(too_many(&section, 10, 30).is_none());
        assert!(too_many(&section, 11, 30).is_some());
        assert!(too_many(&section, 0, 41).is_none(), "nothing new, nothing to hold");
        section.delay = Duration::from_mins(1);
        let due = now.timestamp_millis() + 60_000;
        assert_eq!(release(Run::Usual, &section, Some(&today), now), ReleaseAs::Waiting(due));
        section.guard = None;
        section.delay = Duration::ZERO;
        assert!(too_many(&section, 1_000, 0).is_none());
        assert_eq!(release(Run::Usual, &section, Some(&dated("2020-01-01")), now), ReleaseAs::Out);
    }
}
