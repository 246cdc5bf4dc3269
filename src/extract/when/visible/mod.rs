//! The dates that a page shows: its text as lines, each with its distance from the title. The line nearest below the
//! title is the article's date, else the nearest above; further down only what is labelled counts. Dates of other
//! articles, comments, clocks and copyrights stand in boxes that are not looked into.

mod heading;
mod read;
mod walk;
mod words;

use std::collections::HashSet;

pub(super) use self::read::Reader;
use self::walk::Walk;
use crate::article::{Moment, SourceDate};
use crate::extract::date::{Options, Stated};
use crate::extract::page::Page;

/// How the provenance of a date begins that a page shows.
pub(super) const SHOWN: &str = "visible text";
/// Characters below the title within which a line needs no name to be the date.
const NEAR: usize = 700;
/// Characters below the title beyond which only a label makes a date the article's.
const FAR: usize = 2000;
/// Characters above the title within which a line may be the date, with a name and without.
const ABOVE: (usize, usize) = (220, 110);
/// Most words of a line without a name besides its date.
const MOST_WORDS: usize = 8;
/// Most words beside a date that stands for itself.
const BARE: usize = 4;
/// Most words of a line far from the title: in a sentence other things are published.
const FEW_WORDS: usize = 7;

/// A date that is shown.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub at: Moment,
    /// A word before it says that it is the day of publication.
    pub says_published: bool,
    named: bool,
    words: usize,
    distance: usize,
}

impl Shown {
    /// As the date of the article.
    pub fn source(&self) -> SourceDate {
        SourceDate { at: self.at, provenance: SHOWN.to_owned() }
    }

    /// Whether it stands where a date stands, or is called one.
    pub fn is_sure(&self) -> bool {
        self.says_published || self.named || (self.distance < NEAR / 2 && self.words <= BARE)
    }
}

/// What a page shows.
#[derive(Debug, Default)]
pub(super) struct Visible {
    /// The date near the title.
    pub published: Option<Shown>,
    /// The date that is called the last change.
    pub updated: Option<Shown>,
    /// Whether that stands near the title.
    pub updated_near: bool,
    /// A date of publication far from the title, labelled and the only one.
    pub last: Option<Shown>,
    /// The date of which a sentence says that the article was first published then.
    pub first: Option<Shown>,
}

/// A line that states a date.
#[expect(clippy::struct_excessive_bools, reason = "what a line is, each on its own")]
struct Line {
    /// Where it begins and ends, in characters of text.
    from: usize,
    to: usize,
    named: bool,
    /// Beside the headline of another article.
    foreign: bool,
    words: usize,
    labelled: bool,
    /// "Originally published on …".
    says_first: bool,
    weekday: bool,
    stated: Stated,
}

/// Finds them.
pub(super) fn find(page: &Page, title: &str, reader: Reader<'_>) -> Visible {
    let options = reader.options;
    let mut walk = Walk::new(heading::find(page, title), title, reader);
    walk.through(page.tree.body().unwrap_or_else(|| page.tree.root()));
    choose(&walk, options)
}

/// The dates that are the article's.
fn choose(walk: &Walk<'_>, options: &Options) -> Visible {
    let mut out = Visible::default();
    let (Some(from), Some(to)) = (walk.title_from, walk.title_to) else { return out };
    // A label says whose date it is, whatever stands beside it.
    let own: Vec<&Line> = walk.lines.iter().filter(|line| !line.foreign || line.labelled).collect();
    let below = own.iter().filter(|line| line.from >= to);
    let near = |line: &Line| {
        let distance = line.from - to;
        distance <= NEAR && (line.named || line.labelled || line.words <= MOST_WORDS)
            || distance <= FAR && (line.named || line.labelled)
    };
    let now = options.now.with_timezone(&options.timezone).date_naive();
    let above = own.iter().rev().filter(|line| line.to <= from).filter(|line| {
        let distance = from - line.to;
        let clock =
            line.weekday && !line.labelled && line.stated.published.is_some_and(|at| at.day(options.timezone) == now);
        !clock && distance <= if line.named || line.labelled { ABOVE.0 } else { ABOVE.1 }
    });
    let close: Vec<&&Line> = below.clone().filter(|line| near(line)).chain(above).collect();
    let shown = |line: &Line, at: Moment| Shown {
        at,
        says_published: line.labelled && line.stated.published == Some(at),
        named: line.named,
        words: line.words,
        distance: if line.from >= to { line.from - to } else { from.saturating_sub(line.to) },
    };
    out.published = close.iter().find_map(|line| Some(shown(line, line.stated.published?)));
    out.updated = close.iter().find_map(|line| Some(shown(line, line.stated.updated?)));
    out.updated_near = out.updated.is_some();
    let far: Vec<&&Line> = below.filter(|line| !near(line) && line.labelled && line.words <= FEW_WORDS).collect();
    // Labelled dates of several days are those of a list.
    let only = |of: fn(&Stated) -> Option<Moment>| {
        let days = far.iter().filter_map(|line| of(&line.stated)).map(|at| at.day(options.timezone));
        let line = || far.iter().find_map(|line| Some(shown(line, of(&line.stated)?)));
        if days.collect::<HashSet<_>>().len() == 1 { line() } else { None }
    };
    if out.published.is_none() {
        out.last = only(|stated| stated.published);
    }
    if out.updated.is_none() {
        out.updated = only(|stated| stated.updated);
    }
    out.first = walk.lines.iter().filter(|line| line.from >= to && line.says_first).find_map(|line| {
        let at = line.stated.published?;
        Some(shown(line, at))
    });
    out
}
