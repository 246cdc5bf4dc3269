//! Reads dates in Vietnamese and English and in every form machines write. Right or absent (promise 3): what
//! contradicts itself, its weekday or the calendar gives nothing, and a date without a time stays a day.
//! Hands on a [`Moment`].
//!
//! A text goes through [`machine`] first; if it is no machine's date it is cut into tokens ([`lex`]), the
//! [`pieces`] are found, put together here, and [`resolve`]d. The dates of one listing settle their order together
//! ([`settled`]).

mod abroad;
mod clock;
mod context;
mod lex;
mod machine;
mod neighbours;
mod pieces;
mod relative;
mod resolve;
mod words;

#[cfg(test)]
mod layouts;
#[cfg(test)]
mod table;

use chrono::{DateTime, Timelike as _, Utc, Weekday};
use chrono_tz::Tz;

pub use self::neighbours::settled;

use self::clock::Time;
use self::lex::Token;
use self::pieces::{Piece, What};
use self::relative::Relative;
use self::resolve::{Clock, Written};
use self::words::Label;
use crate::article::Moment;
use crate::config::{DateOrder, Language};

/// What a date may need to know besides its text.
#[derive(Debug, Clone)]
pub struct Options {
    /// The language of the page. Both languages are read; it is kept for what only one of them can mean.
    pub language: Language,
    /// The zone of a time that names none.
    pub timezone: Tz,
    /// Which of two numbers is the day.
    pub order: DateOrder,
    /// The first sight: years and relative dates are filled in by it, and nothing lies a day after it.
    pub now: DateTime<Utc>,
}

/// The dates that one text states, told apart by their labels ("Đăng lúc …", "Cập nhật …").
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stated {
    /// When it was published: the labelled date, else the only one without a label.
    pub published: Option<Moment>,
    /// When it was changed: the date labelled so.
    pub updated: Option<Moment>,
}

/// The moment a text states. Words around it are stepped over ("Lượt xem: 7370 | Gửi lúc: …"). Of two dates
/// the published one is meant. `None` for no date, a contradiction, or two dates that nothing tells apart.
pub fn parse(text: &str, options: &Options) -> Option<Moment> {
    one(&found(text, options, true))
}

/// The moment a text states by the calendar. On a page that was kept, "2 hours ago" counts from a moment nobody knows.
pub fn parse_absolute(text: &str, options: &Options) -> Option<Moment> {
    one(&found(text, options, false))
}

fn one(found: &Found) -> Option<Moment> {
    found.published.or(found.updated).or(found.other).flatten()
}

/// The dates a text states, published and updated kept apart.
pub fn parse_stated(text: &str, options: &Options) -> Stated {
    Stated::of(&found(text, options, true))
}

/// The dates a text states by the calendar, published and updated kept apart.
pub fn parse_stated_absolute(text: &str, options: &Options) -> Stated {
    Stated::of(&found(text, options, false))
}

impl Stated {
    fn of(found: &Found) -> Self {
        Self { published: found.published.flatten(), updated: found.updated.flatten() }
    }
}

/// What was found of each kind: nothing, something unreadable, or a moment.
#[derive(Default)]
#[expect(clippy::option_option, reason = "a date that is absent and one that cannot be read are different answers")]
struct Found {
    published: Option<Option<Moment>>,
    updated: Option<Option<Moment>>,
    /// A deadline, a day from which something holds.
    other: Option<Option<Moment>>,
}

fn found(text: &str, options: &Options, with_relative: bool) -> Found {
    let text = lex::plain(text);
    if let Some(at) = machine::parse(&text, options) {
        return Found { published: Some(Some(at)), ..Found::default() };
    }
    let tokens = lex::tokens(&text);
    let pieces = pieces::find(&tokens, options);
    if pieces.iter().any(|piece| piece.what == What::Fault) {
        return Found::default();
    }
    let line = Line { tokens: &tokens, pieces: &pieces, options };
    let mut labelled: Vec<(Option<Label>, Option<Moment>)> = Vec::new();
    let absolute = pieces.iter().any(|piece| matches!(piece.what, What::Date(_)));
    for (index, piece) in pieces.iter().enumerate() {
        let moment = match piece.what {
            What::Date(_) => line.date(index),
            What::Relative(relative, counted) if with_relative && !absolute && line.is_told(index, counted) => {
                line.relative(index, relative)
            }
            _ => continue,
        };
        labelled.push((line.label(index), moment));
    }
    decide(&labelled, options)
}

/// Tells published and updated apart. Two different moments of one kind are as good as unreadable.
fn decide(labelled: &[(Option<Label>, Option<Moment>)], options: &Options) -> Found {
    let one = |label: Option<Label>| {
        let moments = labelled.iter().filter(|(found, _)| *found == label).map(|(_, moment)| *moment);
        moments.reduce(|one, other| agreed(one?, other?, options))
    };
    Found {
        published: one(Some(Label::Published)).or_else(|| one(None)),
        updated: one(Some(Label::Updated)),
        other: one(Some(Label::Other)),
    }
}

/// One moment of two that mean the same: a day and a time on that day are the time.
fn agreed(one: Moment, other: Moment, options: &Options) -> Option<Moment> {
    let same_day = |at: &chrono::DateTime<chrono::FixedOffset>, day: chrono::NaiveDate| {
        at.date_naive() == day || at.with_timezone(&options.timezone).date_naive() == day
    };
    match (one, other) {
        (Moment::Instant(at), Moment::Day(day)) | (Moment::Day(day), Moment::Instant(at)) => {
            same_day(&at, day).then_some(Moment::Instant(at))
        }
        (Moment::Instant(at), Moment::Instant(again)) => (at == again).then_some(one),
        (Moment::Day(_), Moment::Day(_)) => (one == other).then_some(one),
    }
}

/// A line with its pieces.
struct Line<'a> {
    tokens: &'a [Token],
    pieces: &'a [Piece],
    options: &'a Options,
}

impl Line<'_> {
    /// The moment of the date piece at `index`, with the weekday and time that belong to it.
    fn date(&self, index: usize) -> Option<Moment> {
        let What::Date(mut date) = self.pieces.get(index)?.what else { return None };
        let weekday = self.weekday(index).ok()?;
        let time = self.time(index);
        if let Written::Yearless { .. } = date.written {
            let leftover = self.has_leftover();
            // "1/2" alone is a page of two.
            let bare = time.is_none() && !date.padded && self.tokens.iter().all(|token| token.word().is_none());
            if self.has_stray_year() || (date.weak && weekday.is_none() && (leftover || bare)) {
                return None;
            }
        }
        if let (Written::Numbers { first, second, month_first, said, .. }, Some(Time { american: true, .. })) =
            (&mut date.written, time)
            && !date.padded
        {
            // "Ngày 7/8/2019 2:35:00 PM" is said the one way and written the other.
            if *said == resolve::DayFirst::Yes && first != second && *first <= 12 && *second <= 12 {
                return None;
            }
            *month_first = true;
        }
        let clock = time.map(|time| Clock { time: time.of_day, zone: time.zone });
        resolve::resolve(date.written, weekday, clock, self.options)
    }

    /// The moment of a relative expression; "hôm qua" takes a time from beside it.
    fn relative(&self, index: usize, relative: Relative) -> Option<Moment> {
        let Some(time) = self.time(index) else { return relative::moment(relative, self.options) };
        let (days, of_day, zone) = match relative {
            Relative::DaysAgo(days) => (days, time.of_day, time.zone),
            Relative::HalfOf(days, half) => {
                let (hour, unclear) = clock::of_day(time.of_day.hour(), half);
                let zone = if unclear { Some(words::Zone::Unclear) } else { time.zone };
                (days, time.of_day.with_hour(hour?)?, zone)
            }
            _ => return relative::moment(relative, self.options),
        };
        let day = relative::day(days, self.options)?;
        resolve::settle(day, Some(Clock { time: of_day, zone }), self.options)
    }

    /// Whether a relative expression is what the line tells. "3 days ago" stands among a few other words; "today"
    /// names newspapers too, so it stands alone between the signs that part a line.
    fn is_told(&self, index: usize, counted: bool) -> bool {
        let Some(piece) = self.pieces.get(index) else { return false };
        let strange = |token: &Token| token.word().is_some_and(|word| !is_small_word(word));
        if counted {
            return self.outside().filter(|(_, token)| strange(token)).count() <= 8;
        }
        let parts = |token: &Token| ['|', '·', '•', ';', '(', ')', '/'].into_iter().any(|sign| token.is(sign));
        let edge = |at: usize| self.tokens.get(at).is_some_and(parts);
        let from = (0..piece.from).rev().find(|at| edge(*at)).unwrap_or(0);
        let to = (piece.to..self.tokens.len()).find(|at| edge(*at)).unwrap_or(self.tokens.len());
        !self.outside().any(|(at, token)| (from..to).contains(&at) && strange(token))
    }

    /// The label before a date, with no other date between.
    fn label(&self, index: usize) -> Option<Label> {
        for piece in self.pieces.get(..index)?.iter().rev() {
            match piece.what {
                What::Label(label) => return Some(label),
                What::Date(_) => return None,
                _ => {}
            }
        }
        None
    }

    /// The weekday that stands beside a date; an error where two different ones do.
    fn weekday(&self, index: usize) -> Result<Option<Weekday>, ()> {
        let here = self.pieces.get(index).map_or(0, |piece| piece.from);
        let beside: Vec<(usize, Weekday)> = self
            .beside(index, 0)
            .into_iter()
            .filter_map(|piece| match piece.what {
                What::Weekday(day) => Some((piece.from, day)),
                _ => None,
            })
            .collect();
        let Some((_, first)) = beside.first() else { return Ok(None) };
        if beside.iter().all(|(_, day)| day == first) {
            return Ok(Some(*first));
        }
        // Of several dates each has its own, all on the same side.
        let dates = self.pieces.iter().filter(|piece| matches!(piece.what, What::Date(_))).count();
        let before = self.pieces.iter().find_map(|piece| match piece.what {
            What::Weekday(_) => Some(true),
            What::Date(_) => Some(false),
            _ => None,
        });
        let own = beside.iter().find(|(from, _)| dates > 1 && Some(*from < here) == before);
        own.map(|(_, day)| Some(*day)).ok_or(())
    }

    /// The time that belongs to a date: the only one beside it. Where times stand on both sides, the order in
    /// which the line begins decides; two times after one date name a span, so only the day is sure.
    fn time(&self, index: usize) -> Option<Time> {
        let here = self.pieces.get(index)?.from;
        let dates = self.pieces.iter().filter(|piece| matches!(piece.what, What::Date(_))).count();
        let times: Vec<(usize, Time)> = self
            .beside(index, if dates > 1 { 0 } else { 3 })
            .into_iter()
            .filter_map(|piece| match piece.what {
                What::Time(time) => Some((piece.from, time)),
                _ => None,
            })
            .collect();
        match times.as_slice() {
            [] => None,
            [(_, only)] => Some(*only),
            several if dates > 1 => {
                let before_first = self.pieces.iter().find_map(|piece| match piece.what {
                    What::Time(_) => Some(true),
                    What::Date(_) => Some(false),
                    _ => None,
                })?;
                let mut wanted = several.iter().filter(|(from, _)| (*from < here) == before_first);
                let only = wanted.next().map(|(_, time)| *time);
                only.filter(|_| wanted.next().is_none())
            }
            [(_, first), rest @ ..] => rest.iter().all(|(_, other)| other.of_day == first.of_day).then_some(*first),
        }
    }

    /// The pieces on both sides of a date up to the next date, reached over signs, small words and at most
    /// `strangers` words that mean nothing here.
    fn beside(&self, index: usize, strangers: usize) -> Vec<Piece> {
        let Some(center) = self.pieces.get(index) else { return Vec::new() };
        let mut out = Vec::new();
        let mut edge = center.from;
        let mut left = strangers;
        for piece in self.pieces.get(..index).unwrap_or_default().iter().rev() {
            if matches!(piece.what, What::Date(_) | What::Label(_) | What::Noise)
                || !self.bridged(piece.to, edge, &mut left)
            {
                break;
            }
            out.push(*piece);
            edge = piece.from;
        }
        edge = center.to;
        left = strangers;
        for piece in self.pieces.get(index + 1..).unwrap_or_default() {
            if matches!(piece.what, What::Date(_) | What::Label(_) | What::Noise)
                || !self.bridged(edge, piece.from, &mut left)
            {
                break;
            }
            out.push(*piece);
            edge = piece.to;
        }
        out
    }

    /// Whether nothing but signs, small words and few strangers lies between two tokens.
    fn bridged(&self, from: usize, to: usize, strangers: &mut usize) -> bool {
        let gap = self.tokens.get(from..to).unwrap_or_default();
        for token in gap {
            let stranger = match token.word() {
                Some(word) => !is_small_word(word),
                None => token.number().is_some(),
            };
            if stranger {
                match strangers.checked_sub(1) {
                    Some(left) => *strangers = left,
                    None => return false,
                }
            }
        }
        true
    }

    /// Whether words or numbers stand in the line that belong to no piece.
    fn has_leftover(&self) -> bool {
        self.outside()
            .any(|(_, token)| token.number().is_some() || token.word().is_some_and(|word| !is_small_word(word)))
    }

    /// Whether a number that may be a year stands apart from a date without one.
    fn has_stray_year(&self) -> bool {
        self.outside().any(|(_, token)| matches!(token.number(), Some((1900..=2100, 4))))
    }

    /// The tokens that belong to no piece, with their places.
    fn outside(&self) -> impl Iterator<Item = (usize, &Token)> {
        self.tokens
            .iter()
            .enumerate()
            .filter(|(at, _)| !self.pieces.iter().any(|piece| (piece.from..piece.to).contains(at)))
    }
}

/// Words that join the pieces of a date.
fn is_small_word(word: &str) -> bool {
    matches!(
        word,
        "luc"
            | "vao"
            | "hom"
            | "hoi"
            | "ngay"
            | "gio"
            | "at"
            | "on"
            | "the"
            | "of"
            | "in"
            | "time"
            | "date"
            | "t"
            | "from"
    )
}
