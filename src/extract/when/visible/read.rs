//! Reads the dates of a line: what stands before them as their label, and what the page says elsewhere of their year
//! and of the order of day and month.

use chrono::{Datelike as _, Days, NaiveDate};

use super::walk::Open;
use crate::article::Moment;
use crate::config::DateOrder;
use crate::extract::date::{self, Options, Stated};

/// Days within which an article seen for the first time is taken for a recent one when it names no year.
const RECENT: i64 = 90;

/// What a line is read with.
pub(in crate::extract::when) struct Reader<'a> {
    /// Days that the page states beyond doubt, of whatever.
    pub witnesses: &'a [NaiveDate],
    /// Those of its metadata and address.
    pub own: &'a [NaiveDate],
    pub options: &'a Options,
}

impl Reader<'_> {
    /// The dates of a line, with the label that may stand in the line before.
    pub(super) fn stated(&self, content: &str, before: &str, updated: bool) -> Stated {
        let mut stated = self.read(content);
        if stated.updated.is_none() && stated.published.is_some() {
            let joined = !before.is_empty() && !before.bytes().any(|byte| byte.is_ascii_digit());
            let called = joined && self.read(&format!("{before}: {content}")).updated.is_some();
            if called || updated {
                stated = Stated { published: None, updated: stated.published };
            }
        }
        stated
    }

    /// The dates of a line with `<time>` elements, each with what stands before it as its label.
    pub(super) fn timed(&self, line: &Open, before: &str) -> Stated {
        let mut out = Stated::default();
        let mut from = 0;
        let mut last: Option<&str> = None;
        for (start, end, machine, updated) in &line.times {
            // One moment in two elements, its day and its time.
            if machine.is_some() && last == machine.as_deref() {
                continue;
            }
            last = machine.as_deref();
            let segment = line.text.get(from..*end).unwrap_or_default();
            let label = if from == 0 && *start == 0 { before } else { "" };
            from = *end;
            let seen = self.stated(segment, label, *updated);
            let machine = machine.as_deref().and_then(|text| self.read(text).published);
            let day = |at: Moment| at.day(self.options.timezone);
            let shown = seen.published.or(seen.updated);
            // The machine's form is exact, unless it says another day than the reader sees.
            let exact = match (machine, shown) {
                (Some(machine), Some(shown)) => {
                    let near = (day(machine) - day(shown)).num_days().abs() <= 1;
                    Some(if near { machine } else { shown })
                }
                (machine, shown) => machine.or(shown),
            };
            let called = *updated || (seen.updated.is_some() && seen.published.is_none()) || {
                let words = format!("{label} {segment} 1 January 2001");
                seen == Stated::default() && date::parse_stated(&words, self.options).updated.is_some()
            };
            if called {
                out.updated = out.updated.or(exact);
            } else {
                out.published = out.published.or(exact);
            }
        }
        out
    }

    /// The dates of a text. Which of two numbers is the month and which year is meant is settled by what the page
    /// says elsewhere.
    pub(super) fn read(&self, content: &str) -> Stated {
        let stated = date::parse_stated_absolute(content, self.options);
        if stated == Stated::default() {
            return stated;
        }
        let day = |at: Moment| at.day(self.options.timezone);
        if self.names_no_year(content, &stated) {
            return self.with_year(content, stated);
        }
        if self.witnesses.is_empty() || !content.contains(['/', '-', '.']) {
            return stated;
        }
        let order = if self.options.order == DateOrder::Dmy { DateOrder::Mdy } else { DateOrder::Dmy };
        let swapped = date::parse_stated_absolute(content, &Options { order, ..self.options.clone() });
        let known = |stated: &Stated| {
            let days = [stated.published, stated.updated].into_iter().flatten().map(day);
            days.filter(|day| self.witnesses.contains(day)).count()
        };
        if swapped != stated && known(&swapped) > 0 && known(&stated) == 0 { swapped } else { stated }
    }

    /// Whether the year of what was read was filled in: seen two years later, the day would lie in another one.
    fn names_no_year(&self, content: &str, stated: &Stated) -> bool {
        let days =
            |stated: &Stated| [stated.published, stated.updated].map(|at| at.map(|at| at.day(self.options.timezone)));
        let Some(now) = self.options.now.checked_add_days(Days::new(731)) else { return false };
        let later = date::parse_stated_absolute(content, &Options { now, ..self.options.clone() });
        days(stated).iter().zip(days(&later)).any(|(now, later)| {
            now.zip(later)
                .is_some_and(|(now, later)| now.year() != later.year() && now.ordinal().abs_diff(later.ordinal()) <= 1)
        })
    }

    /// A date without a year, by the days of which the page is sure: the same day of a year, else the last such day
    /// before the latest of its own. Without any only a recent day is believed, as seen from the newest date of the
    /// page or from now.
    fn with_year(&self, content: &str, stated: Stated) -> Stated {
        let until = |day: NaiveDate| {
            let noon = day.succ_opt()?.and_hms_opt(12, 0, 0)?.and_utc();
            let now = noon.min(self.options.now);
            Some(date::parse_stated_absolute(content, &Options { now, ..self.options.clone() }))
        };
        let gap = |at: Moment, known: NaiveDate| (known - at.day(self.options.timezone)).num_days();
        let names = |stated: &Stated, known: NaiveDate| {
            [stated.published, stated.updated].into_iter().flatten().any(|at| gap(at, known).abs() <= 1)
        };
        let same = self.witnesses.iter().find_map(|day| until(*day).filter(|stated| names(stated, *day)));
        if let Some(found) = same.or_else(|| until(*self.own.iter().max()?)) {
            return found;
        }
        let newest = self.witnesses.iter().max();
        let today = self.options.now.with_timezone(&self.options.timezone).date_naive();
        let stated = newest.and_then(|day| until(*day)).unwrap_or(stated);
        let recent = |at: &Moment| gap(*at, *newest.unwrap_or(&today)) <= RECENT;
        Stated { published: stated.published.filter(recent), updated: stated.updated.filter(recent) }
    }
}
