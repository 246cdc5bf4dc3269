//! Finds the pieces of a date in a line of tokens: numeric and worded dates, times, zones, weekdays, labels,
//! relative expressions. What it does not know it steps over; what is malformed becomes a [`What::Fault`].

use chrono::{NaiveDate, Weekday};

use super::Options;
use super::abroad;
use super::clock::{self, Time};
use super::context;
use super::lex::Token;
use super::relative::{self, Relative};
use super::resolve::{self, DayFirst, Written};
use super::words::{self, Label};
use crate::config::DateOrder;

/// A recognised run of tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Piece {
    /// First token.
    pub from: usize,
    /// One past the last token.
    pub to: usize,
    pub what: What,
}

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum What {
    Date(Date),
    Time(Time),
    Weekday(Weekday),
    /// An expression, and whether it counts ("3 days ago") or names a day ("today").
    Relative(Relative, bool),
    Label(Label),
    /// Something that has the form of a date or time and can be none, or a span of days.
    Fault,
    /// Something that looks like a date and is none: a document's number, a day of the lunar calendar.
    Noise,
}

/// A date as written, and how it was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Date {
    pub written: Written,
    /// A number carries a leading zero ("08").
    pub padded: bool,
    /// Nothing but its form says that it is a date ("08/07", "8 July").
    pub weak: bool,
}

/// All pieces, in order.
pub(super) fn find(tokens: &[Token], options: &Options) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let consumed = out.last().map_or(0, |piece| piece.to);
        let rest = tokens.get(at..).unwrap_or_default();
        let found = relative::find(rest)
            .map(|(relative, length, counted)| (What::Relative(relative, counted), length))
            .or_else(|| clock::span(rest))
            .or_else(|| numeric(tokens, at, consumed, options))
            .or_else(|| worded(tokens, at))
            .or_else(|| abroad::worded(tokens, at))
            .or_else(|| clock::time(rest))
            .or_else(|| words::weekday(rest).map(|(day, length)| (What::Weekday(day), length)))
            .or_else(|| words::label(rest).map(|label| (What::Label(label), 1)));
        match found {
            Some((mut what, length)) => {
                let length = length.max(1);
                if matches!(what, What::Relative(..)) && is_fraction(tokens, at) {
                    what = What::Relative(Relative::Vague, true);
                }
                if matches!(what, What::Date(_)) {
                    let day_in_words = tokens.get(at + 1).is_some_and(|token| separator(Some(token)).is_none())
                        && tokens.get(at).is_some_and(|token| token.number().is_some_and(|(_, digits)| digits <= 2));
                    if context::is_lunar(tokens, at, at + length)
                        || context::is_number_of_document(tokens, at, at + length)
                        || context::is_version(tokens, at)
                        || context::names_a_week(tokens, at)
                        || (day_in_words && context::counts_something(tokens, at, consumed))
                    {
                        what = What::Noise;
                    } else if context::ends_a_span(tokens, at, consumed) {
                        what = What::Fault;
                    }
                }
                out.push(Piece { from: at, to: at + length, what });
                at += length;
            }
            None => at += 1,
        }
    }
    late_year(tokens, &mut out);
    out
}

/// Whether the word before says that a day follows: "ngày 8/7", "sáng 8/7".
fn announced(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|index| tokens.get(index));
    before.is_some_and(|word| word.spells("ngày", "ngay") || words::spoken_half(word).is_some())
}

/// Whether the number is what follows a point or a comma: "2.5 hours ago", "2,5 giờ trước".
fn is_fraction(tokens: &[Token], at: usize) -> bool {
    let glued = |index: usize| tokens.get(index).is_some_and(|token| token.glued);
    at >= 2
        && glued(at)
        && glued(at - 1)
        && tokens.get(at).is_some_and(|token| token.number().is_some())
        && tokens.get(at - 1).is_some_and(|token| token.is('.') || token.is(','))
        && tokens.get(at - 2).is_some_and(|token| token.number().is_some())
}

const SEPARATORS: [char; 3] = ['/', '-', '.'];

pub(super) fn separator(token: Option<&Token>) -> Option<char> {
    SEPARATORS.into_iter().find(|&sign| token.is_some_and(|token| token.is(sign)))
}

/// `08/07/2019`, `8-7-2019`, `08.07.2019`, `2019/07/08`, `08/07/19`, `8-7`.
fn numeric(tokens: &[Token], at: usize, consumed: usize, options: &Options) -> Option<(What, usize)> {
    let (first, first_digits) = tokens.get(at)?.number()?;
    let sign = separator(tokens.get(at + 1))?;
    let (second, second_digits) = tokens.get(at + 2)?.number()?;
    let glued = |index: usize| tokens.get(index).is_some_and(|token| token.glued);
    // A point or a lone hyphen with spaces around it separates other things.
    let tight = glued(at + 1) && glued(at + 2);
    if (sign == '.' && !tight) || second_digits > 2 || !matches!(first_digits, 1 | 2 | 4) {
        return None;
    }
    // "8-10/7/2019" is a span of days, "35/08/07/2019" a number of something.
    let chained = at >= consumed + 2
        && glued(at)
        && separator(tokens.get(at - 1)).is_some()
        && glued(at - 1)
        && tokens.get(at - 2).is_some_and(|token| token.number().is_some());
    let padded = (first_digits == 2 && first < 10) || (second_digits == 2 && second < 10);
    let said = if announced(tokens, at) { DayFirst::Yes } else { DayFirst::No };
    let third = (separator(tokens.get(at + 3)) == Some(sign)).then(|| tokens.get(at + 4)?.number()).flatten();
    let goes_on = |index: usize| {
        separator(tokens.get(index)).is_some()
            && glued(index)
            && glued(index + 1)
            && tokens.get(index + 1).is_some_and(|token| token.number().is_some())
    };
    if let Some((third, third_digits)) = third {
        let tight = tight && glued(at + 3) && glued(at + 4);
        // After the year only a time may follow on the same sign ("08-07-2019-14:35").
        if chained || (goes_on(at + 5) && clock::time(tokens.get(at + 6..)?).is_none()) {
            return Some((What::Fault, 5));
        }
        let numbers = |year: i32| Written::Numbers { first, second, year, month_first: false, said };
        let written = match (first_digits, third_digits) {
            // A telephone number begins with other digits than a year.
            (4, 1 | 2) if first < 1000 => return None,
            (4, 1 | 2) => NaiveDate::from_ymd_opt(first as i32, second, third).map(Written::Certain),
            (1 | 2, 4) => Some(numbers(third as i32)),
            (1 | 2, 2) if tight && !tokens.get(at + 5).is_some_and(|token| token.is(':') && token.glued) => {
                // "Version 2.4.18", "Windows 7/8/10": right behind a word that is no label such numbers are no date.
                let version = (sign == '.' || first_digits + second_digits < 3)
                    && at > consumed
                    && context::names_something(tokens, at);
                let year = resolve::century(third, options).filter(|_| !version)?;
                if !resolve::in_calendar(first, second, year) {
                    return None;
                }
                Some(numbers(year))
            }
            _ => return None,
        };
        let what = written.map_or(What::Fault, |written| What::Date(Date { written, padded, weak: false }));
        return Some((what, 5));
    }
    if chained || goes_on(at + 3) || first_digits == 4 || !tight {
        return None;
    }
    let announced = announced(tokens, at);
    if sign == '.' && !announced {
        return None;
    }
    let day_first = announced || options.order == DateOrder::Dmy;
    let (day, month) = if day_first { (first, second) } else { (second, first) };
    // 2020 is a leap year: every day of the calendar is in it.
    NaiveDate::from_ymd_opt(2020, month, day)?;
    // "30/11/-0001" is the zero of a database; "8/7 19" may be a year.
    let slash = tokens.get(at + 3).is_some_and(|token| token.is('/') && token.glued);
    if slash || context::doubtful_number(tokens, at + 3) {
        return None;
    }
    let length;
    let mut written = Written::Yearless { day, month };
    // "8/7, năm 2019"
    let mut next = at + 3;
    if tokens.get(next).is_some_and(|token| token.is(',')) {
        next += 1;
    }
    if tokens.get(next).is_some_and(|token| token.spells("năm", "nam"))
        && let Some((year, 4)) = tokens.get(next + 1).and_then(Token::number)
    {
        written = Written::Numbers { first, second, year: year as i32, month_first: false, said: DayFirst::Yes };
        length = next + 2 - at;
    } else {
        let (told, end) = context::told_year(tokens, at + 3, day, month)?;
        (written, length) = (told.unwrap_or(written), end - at);
    }
    Some((What::Date(Date { written, padded, weak: !announced }), length))
}

/// The month that begins here, named in either language or numbered after "tháng", and one past its end.
pub(super) fn month(tokens: &[Token], at: usize) -> Option<(u32, usize)> {
    let word = tokens.get(at)?;
    let dot = |index: usize| index + usize::from(tokens.get(index).is_some_and(|token| token.is('.')));
    if let Some(month) = words::english_month(word) {
        return Some((month, dot(at + 1)));
    }
    let next = dot(at + 1);
    // "08 Th7, 2019", but not the ordinal of "8th 7".
    let after_number = || at.checked_sub(1).and_then(|before| tokens.get(before)).is_some_and(|t| t.number().is_some());
    let short =
        || word.word() == Some("th") && !(word.glued && after_number()) && tokens.get(next).is_some_and(|t| t.glued);
    if !(word.spells("tháng", "thang") || word.word() == Some("thg") || short()) {
        return None;
    }
    if let Some((month, 1 | 2)) = tokens.get(next)?.number() {
        return (1..=12).contains(&month).then_some((month, next + 1));
    }
    let (month, length) = words::vietnamese_month(tokens.get(next..)?)?;
    // "9 tháng năm 2019" may be nine months of a year.
    let end = next + length;
    if tokens.get(next)?.raw() == Some("năm")
        && tokens.get(end).is_some_and(|token| token.number().is_some_and(|n| n.1 == 4))
    {
        return None;
    }
    Some((month, end))
}

/// The year that may follow at `at` after commas, signs and "năm", and one past its end.
fn year(tokens: &[Token], mut at: usize, hyphened: bool) -> Option<(i32, usize)> {
    let mut short = false;
    while let Some(token) = tokens.get(at) {
        match token.word() {
            Some(_) if token.spells("năm", "nam") => {}
            Some(_) => return None,
            None if token.is(',') || token.is('.') || token.is('/') => {}
            None if token.is('-') || token.is('\'') => {
                // `08-Jul-19`, but not "July 8-10".
                let chained = hyphened && tokens.get(at + 1).is_some_and(|next| next.glued) && token.glued;
                short = chained || token.is('\'');
            }
            None => break,
        }
        at += 1;
    }
    let followed_by_colon = tokens.get(at + 1).is_some_and(|token| token.is(':') && token.glued);
    match tokens.get(at)?.number()? {
        (year @ 1000..=2999, 4) => Some((year as i32, at + 1)),
        // `08-Jul-19` of RFC 850, `July '19`
        // … or `08 Jul 19 14:35:00` of RFC 822.
        (year, 2)
            if !followed_by_colon
                && (short
                    || tokens
                        .get(at + 1..)
                        .is_some_and(|rest| matches!(clock::time(rest), Some((What::Time(_), _))))) =>
        {
            Some((if year < 70 { 2000 + year as i32 } else { 1900 + year as i32 }, at + 1))
        }
        _ => None,
    }
}

/// `8 tháng 7 năm 2019`, `8 Tháng Bảy, 2019`, `8th of July 2019`, `July 8, 2019`, `2019 July 8`.
fn worded(tokens: &[Token], at: usize) -> Option<(What, usize)> {
    let day_at = |index: usize| {
        let (day, digits) = tokens.get(index)?.number()?;
        let hour = tokens.get(index + 1).is_some_and(|token| token.is(':') && token.glued);
        ((1..=31).contains(&day) && digits <= 2 && !hour).then_some(())?;
        let ordinal = tokens
            .get(index + 1)
            .is_some_and(|token| token.glued && matches!(token.raw(), Some("st" | "nd" | "rd" | "th")));
        Some((day, digits, index + 1 + usize::from(ordinal)))
    };
    let skip = |mut index: usize, also: [&str; 2], signs: bool| {
        while tokens.get(index).is_some_and(|token| {
            (signs && [',', '-', '.', '/'].into_iter().any(|sign| token.is(sign)))
                || token.word().is_some_and(|word| also.contains(&word))
        }) {
            index += 1;
        }
        index
    };
    let english = |at: usize| tokens.get(at).and_then(words::english_month).is_some();
    let certain = |year: i32, month: u32, day: u32, end: usize| {
        let what = NaiveDate::from_ymd_opt(year, month, day)
            .map_or(What::Fault, |day| What::Date(Date { written: Written::Certain(day), padded: false, weak: false }));
        Some((what, end - at))
    };
    let (day, digits, month, end, hyphened) = if let Some((day, digits, next)) = day_at(at) {
        let from = skip(next, ["of", "day"], true);
        let (month, end) = month(tokens, from)?;
        // "6 tháng 12 ngày" is a span of time.
        if tokens.get(end).is_some_and(|token| token.spells("ngày", "ngay")) {
            return None;
        }
        (day, digits, month, end, tokens.get(next).is_some_and(|token| token.is('-') && token.glued))
    } else if let Some((stated @ 1900..=2999, 4)) = tokens.get(at)?.number() {
        let (month, next) = month(tokens, skip(at + 1, ["nam", "nam"], true))?;
        let (day, _, end) = day_at(skip(next, ["ngay", "the"], true))?;
        return certain(stated as i32, month, day, end);
    } else {
        let (month, next) = month(tokens, at)?;
        // "tháng 7, 8 năm 2019" are two months.
        let named =
            skip(next, ["ngay", "the"], english(at) || tokens.get(next + 1).is_some_and(|t| t.spells("ngày", "ngay")));
        let (day, digits, end) = day_at(named)?;
        if context::begins_a_span(tokens, end) {
            return Some((What::Fault, end - at));
        }
        // "Jul-19" may be a month of a year.
        let hyphened = tokens.get(next).is_some_and(|token| token.is('-') && token.glued);
        if hyphened && year(tokens, end, true).is_none() {
            return None;
        }
        (day, digits, month, end, hyphened)
    };
    if let Some((year, end)) = year(tokens, end, hyphened) {
        return certain(year, month, day, end);
    }
    NaiveDate::from_ymd_opt(2020, month, day)?;
    if context::doubtful_number(tokens, end) {
        return None;
    }
    let weak = !announced(tokens, at);
    let padded = digits == 2 && day < 10;
    let (told, end) = context::told_year(tokens, end, day, month)?;
    let written = told.unwrap_or(Written::Yearless { day, month });
    Some((What::Date(Date { written, padded, weak }), end - at))
}

/// `Mon Jul  8 14:35:00 2019`: the year stands behind the time and zone.
fn late_year(tokens: &[Token], pieces: &mut [Piece]) {
    for index in 0..pieces.len().saturating_sub(1) {
        let (Some(&first), Some(&second)) = (pieces.get(index), pieces.get(index + 1)) else { continue };
        let What::Date(Date { written: Written::Yearless { day, month }, .. }) = first.what else { continue };
        let What::Time(_) = second.what else { continue };
        let next = second.to + usize::from(tokens.get(second.to).is_some_and(|token| token.is(',')));
        if first.to == second.from
            && let Some((year @ 1900..=2999, 4)) = tokens.get(next).and_then(Token::number)
        {
            let what = NaiveDate::from_ymd_opt(year as i32, month, day).map_or(What::Fault, |day| {
                What::Date(Date { written: Written::Certain(day), padded: false, weak: false })
            });
            if let Some(piece) = pieces.get_mut(index) {
                piece.what = what;
            }
            if let Some(piece) = pieces.get_mut(index + 1) {
                piece.to = next + 1;
            }
        }
    }
}
