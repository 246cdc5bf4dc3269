//! What is not as usual on a list that was read. Every rule compares with the least that was ever seen of late, so that
//! natural variation does not count, and asks how likely the figure is by chance, so that small lists do not either.

use super::memory::share;
use super::{Code, Memory, Run};

/// Something that is not well, as one look sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// What.
    pub code: Code,
    /// In words, with figures.
    pub words: String,
    /// What may be put into `config.toml`.
    pub proposal: String,
    /// Told at its first sight.
    pub at_once: bool,
}

impl Signal {
    /// A signal that a second look has to confirm.
    pub fn new(code: Code, words: impl Into<String>) -> Self {
        Self { code, words: words.into(), proposal: String::new(), at_once: false }
    }
}

/// A figure is no chance when it would come about less often than this.
const CHANCE: f64 = 1e-4;
/// The same for a row of articles.
const ROW_CHANCE: f64 = 1e-5;

/// What is not as usual with the list.
pub fn judge(memory: &Memory, run: &Run) -> Vec<Signal> {
    let mut found = Vec::new();
    if memory.days.is_empty() || run.items == 0 {
        return found;
    }
    let items = run.items;
    if memory.last.kind == "feed" && run.kind == "html" {
        let words = format!("the address was a feed and is a web page now (it lists {items} articles)");
        found.push(Signal::new(Code::Unreadable, words));
    }
    if run.garbled >= 3 && share(run.garbled, items) >= 500 && share(memory.last.garbled, memory.last.items) < 100 {
        let words = format!("{} of {items} titles have broken letters", run.garbled);
        found.push(Signal::new(Code::Garbled, words));
        // What cannot be read tells nothing else.
        return found;
    }
    let fewest = memory.least(|day| day.items.0);
    // In fifths: 10 of 20 are at most three fifths. A sitemap of news is as long as the news of two days.
    if run.kind != "sitemap" && items * 5 <= fewest * 3 && fewest - items >= 3 {
        let words = format!("the list has {items} articles; it never had fewer than {fewest}");
        found.push(Signal::new(Code::Fewer, words));
    }
    if memory.looks() >= 2 && memory.days.iter().all(|day| day.next) && !run.next && items >= fewest {
        found.push(Signal::new(Code::Pager, "the list has no link to a next page any more; it always had one"));
    }
    for (code, have, usual, what) in [
        (Code::Dates, run.dated, memory.least(|day| day.dated), "a date"),
        (Code::Pictures, run.pictured, memory.least(|day| day.pictured), "a picture"),
    ] {
        if is_lost(have, items, usual) {
            let words =
                format!("{have} of {items} articles in the list have {what}; at least {} % always had", usual / 10);
            found.push(Signal::new(code, words));
        }
    }
    let distinct = memory.least(|day| day.titles);
    if items >= 4 && is_lost(run.titles, items, distinct) {
        let words = format!("the {items} articles of the list have only {} different titles", run.titles);
        found.push(Signal::new(Code::Titles, words));
    } else if run.renamed >= 4 && share(run.renamed, run.known) >= 700 && memory.most(|day| day.renamed) < 300 {
        let words = format!("{} of {} known articles stand in the list under other titles", run.renamed, run.known);
        found.push(Signal::new(Code::Titles, words));
    }
    if run.moved >= 3 && share(run.moved, run.known) >= 500 {
        let words =
            format!("{} of {items} articles stand under new addresses; their titles tell which they are", run.moved);
        // From now on they are known by the new ones, so no second look can confirm it.
        found.push(Signal { at_once: true, ..Signal::new(Code::Addresses, words) });
    }
    found
}

/// Whether a share fell so far that it is no chance: to less than half of the least usual one (in thousandths).
fn is_lost(have: u32, items: u32, usual: u32) -> bool {
    let usual_share = f64::from(usual.min(970)) / 1000.0;
    share(have, items) * 2 <= usual && at_most(have, items, usual_share) < CHANCE
}

/// How likely at most `have` of `items` come about where each does by `p`.
fn at_most(have: u32, items: u32, p: f64) -> f64 {
    let q = 1.0 - p;
    if q <= 0.0 {
        return if have >= items { 1.0 } else { 0.0 };
    }
    let mut term = q.powi(i32::try_from(items).unwrap_or(i32::MAX));
    let mut sum = term;
    for k in 0..have.min(items) {
        term *= f64::from(items - k) / f64::from(k + 1) * p / q;
        sum += term;
    }
    sum
}

/// An article has a date, in [`Memory::articles`].
pub const DATE: u32 = 1;
/// It has a picture.
pub const PICTURE: u32 = 2;
/// It has a text of some length.
pub const TEXT: u32 = 4;

/// What the newest articles lack although articles here always have it, by [`Memory::articles`]; but for what is
/// `known` to be lacking.
pub fn judge_articles(letters: &str, known: u32) -> Option<Signal> {
    let read: Vec<u32> = letters.chars().filter_map(|letter| letter.to_digit(10)).collect();
    let mut lacking = Vec::new();
    let mut row = 0;
    for (bit, what) in [(TEXT, "text"), (DATE, "a date"), (PICTURE, "a picture")] {
        if known & bit != 0 {
            continue;
        }
        let without = read.iter().rev().take_while(|flags| *flags & bit == 0).count();
        let before = read.len() - without;
        let with = read.iter().take(before).filter(|flags| *flags & bit != 0).count();
        if without < 3 || before < 8 {
            continue;
        }
        let usual = (count(with) + 1.0) / (count(before) + 2.0);
        if (1.0 - usual).powi(i32::try_from(without).unwrap_or(i32::MAX)) < ROW_CHANCE {
            lacking.push(what);
            row = row.max(without);
        }
    }
    (!lacking.is_empty()).then(|| {
        let words =
            format!("the newest {row} articles were read without {}; those before had it", lacking.join(" and "));
        Signal::new(Code::Articles, words)
    })
}

fn count(things: usize) -> f64 {
    f64::from(u32::try_from(things).unwrap_or(u32::MAX))
}

/// Whether the source has been silent for too long: `expected` by configuration, else learnt. Told at once: time alone
/// is the evidence.
pub fn stale(memory: &Memory, expected: Option<i64>, now_ms: i64) -> Option<Signal> {
    if memory.last_news == 0 {
        return None;
    }
    let allowed = expected.or_else(|| memory.learnt_silence())?;
    let silent = now_ms - memory.last_news;
    (silent > allowed).then(|| {
        let by = if expected.is_some() { "`expect_every` says" } else { "is usual here" };
        let words = format!("nothing new for {}; more than the {} that {by}", length(silent), length(allowed));
        Signal { at_once: true, ..Signal::new(Code::Stale, words) }
    })
}

/// A length of time for people, in whole days or hours.
fn length(ms: i64) -> String {
    let hours = ms / 3_600_000;
    match hours {
        48.. => format!("{} days", hours / 24),
        1 => "1 hour".to_owned(),
        0 => format!("{} minutes", ms / 60_000),
        _ => format!("{hours} hours"),
    }
}
