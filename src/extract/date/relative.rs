//! "8 giờ trước", "hôm qua, 14:35", "vừa xong", "thứ năm tuần trước", "2 hours ago", "Yesterday". What is rounded to
//! weeks or months names no day and gives none.

use chrono::{Datelike as _, Days, NaiveDate, TimeDelta, Weekday};

use super::lex::Token;
use super::resolve;
use super::words::{self, Half};
use super::{Moment, Options};

/// What a relative expression says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relative {
    /// So long ago, to the hour or better.
    Ago(TimeDelta),
    /// So many days ago, any time of that day.
    DaysAgo(u64),
    /// The same, with the half of that day that its own time belongs to: "tối qua", "chiều nay".
    HalfOf(u64, Half),
    /// A weekday, so many weeks before this one (Monday begins a week).
    Weekday(Weekday, i64),
    /// Rounded so much that no day can be named, or still to come.
    Vague,
}

impl Relative {
    /// Whether it counts back ("3 days ago") and does not only name a day ("today"), which names much else.
    pub fn is_counted(self) -> bool {
        matches!(self, Self::Ago(_) | Self::Vague)
    }
}

/// The relative expression that begins here, the tokens it takes, and whether it is told by counting.
pub(super) fn find(tokens: &[Token]) -> Option<(Relative, usize, bool)> {
    counted(tokens).map(|(relative, length)| (relative, length, true)).or_else(|| {
        let (relative, length) = of_weekday(tokens).or_else(|| named(tokens))?;
        Some((relative, length, relative.is_counted()))
    })
}

/// "hôm qua", "vừa xong", "yesterday".
fn named(tokens: &[Token]) -> Option<(Relative, usize)> {
    let at = |index: usize| tokens.get(index).and_then(Token::word);
    let is = |index: usize, accented: &str, bare: &str| tokens.get(index).is_some_and(|t| t.spells(accented, bare));
    let first = tokens.first()?;
    let now = Relative::Ago(TimeDelta::zero());
    if let Some(half) = words::spoken_half(first) {
        if is(1, "nay", "nay") {
            return Some((Relative::HalfOf(0, half), 2));
        }
        if is(1, "qua", "qua") {
            return Some((Relative::HalfOf(1, half), 2));
        }
        if is(1, "hôm", "hom") && is(2, "qua", "qua") {
            return Some((Relative::HalfOf(1, half), 3));
        }
        if is(1, "mai", "mai") {
            return Some((Relative::Vague, 2));
        }
    }
    let found = match (first.english().or_else(|| first.word())?, at(1)) {
        ("vua", Some("xong")) | ("just", Some("now")) | ("moments" | "seconds", Some("ago")) => (now, 2),
        ("vai", Some("giay")) if at(2) == Some("truoc") => (now, 3),
        ("hom", Some("nay")) => (Relative::DaysAgo(0), 2),
        ("hom", Some("qua")) => (Relative::DaysAgo(1), 2),
        // "hôm kìa" lies a day before "hôm kia".
        ("hom", Some("kia")) if is(1, "kia", "kia") => (Relative::DaysAgo(2), 2),
        ("today", _) if !tokens.get(1).is_some_and(|token| token.is('\'') && token.glued) => (Relative::DaysAgo(0), 1),
        ("yesterday", _) if !tokens.get(1).is_some_and(|token| token.is('\'') && token.glued) => {
            (Relative::DaysAgo(1), 1)
        }
        ("ngay", Some("mai" | "kia")) | ("tomorrow", _) => (Relative::Vague, 1),
        ("this", Some("morning")) => (Relative::HalfOf(0, Half::Morning), 2),
        ("this", Some("afternoon")) => (Relative::HalfOf(0, Half::Afternoon), 2),
        ("this", Some("evening")) => (Relative::HalfOf(0, Half::Evening), 2),
        ("last" | "next" | "this", Some(_)) => (Relative::Vague, 1 + words::weekday(tokens.get(1..)?)?.1),
        _ => return None,
    };
    Some(found)
}

/// "thứ năm tuần trước", "chủ nhật tuần này", "thứ hai tới".
fn of_weekday(tokens: &[Token]) -> Option<(Relative, usize)> {
    let (day, length) = words::weekday(tokens)?;
    let rest = tokens.get(length..)?;
    let is = |index: usize, accented: &str, bare: &str| rest.get(index).is_some_and(|t| t.spells(accented, bare));
    if is(0, "tuần", "tuan") {
        let relative = match rest.get(1)?.word()? {
            "truoc" | "qua" => Relative::Weekday(day, 1),
            "nay" if is(1, "này", "nay") => Relative::Weekday(day, 0),
            "sau" | "toi" => Relative::Vague,
            _ => return None,
        };
        return Some((relative, length + 2));
    }
    if is(0, "tới", "tới") || is(0, "sau", "sau") || is(0, "trước", "truoc") {
        return Some((Relative::Vague, length + 1));
    }
    let english = |index: usize| rest.get(index).and_then(Token::english);
    match (english(0), english(1)) {
        // A week that begins on Sunday is another one.
        (Some("last"), Some("week")) if day == Weekday::Sun => Some((Relative::Vague, length + 2)),
        (Some("last"), Some("week")) => Some((Relative::Weekday(day, 1), length + 2)),
        (Some("next"), Some("week")) => Some((Relative::Vague, length + 2)),
        _ => None,
    }
}

/// A small number in figures or words.
fn count(token: &Token) -> Option<i64> {
    if let Some((number, digits)) = token.number() {
        return (digits <= 4).then_some(i64::from(number));
    }
    let number = match token.raw()? {
        "a" | "an" | "one" | "một" | "mot" => 1,
        "two" | "hai" => 2,
        "three" | "ba" => 3,
        "four" | "bốn" => 4,
        "five" | "năm" => 5,
        "six" | "sáu" => 6,
        "seven" | "bảy" => 7,
        "eight" | "tám" => 8,
        "nine" | "chín" => 9,
        "ten" | "mười" => 10,
        "eleven" => 11,
        "twelve" => 12,
        _ => return None,
    };
    Some(number)
}

/// "2 giờ 15 phút trước", "cách đây 3 ngày", "an hour ago", "3 days, 2 hours ago", "half an hour ago".
fn counted(tokens: &[Token]) -> Option<(Relative, usize)> {
    let word = |index: usize| tokens.get(index).and_then(Token::word);
    let mut index = 0;
    let mut rounded = false;
    // "cách đây 3 ngày" needs no "trước".
    let mut back = false;
    if word(0) == Some("cach") && matches!(word(1), Some("day" | "nay")) {
        (back, index) = (true, 2);
    }
    if matches!(word(index), Some("hon" | "gan" | "khoang" | "over" | "about" | "almost" | "nearly" | "around")) {
        // "About 2 hours" is how hours are rounded anyway; "over 3 days" may be four.
        rounded = true;
        index += 1;
    }
    if index == 0 {
        count(tokens.first()?).or_else(|| matches!(word(0), Some("half" | "nua")).then_some(0))?;
    }
    let mut span = TimeDelta::zero();
    let mut days: Option<u64> = None;
    let mut vague = false;
    let mut parts = 0;
    loop {
        let done = |days: Option<u64>, span: TimeDelta, end: usize| {
            let relative = match days {
                _ if vague => Relative::Vague,
                Some(_) if rounded => Relative::Vague,
                Some(days) => Relative::DaysAgo(days),
                None => Relative::Ago(span),
            };
            Some((relative, end))
        };
        if parts > 0 {
            match word(index) {
                Some("truoc" | "ago") => return done(days, span, index + 1),
                Some("and" | "va") if parts < 3 => {
                    index += 1;
                    continue;
                }
                _ => {}
            }
            if tokens.get(index).is_some_and(|token| token.is(',')) && tokens.get(index + 1).and_then(count).is_some() {
                index += 1;
            }
        }
        let half = matches!(word(index), Some("half" | "nua"));
        if half {
            index += 1 + usize::from(matches!(word(index + 1), Some("a" | "an")));
        }
        let number = if half { Some(1) } else { tokens.get(index).and_then(count) };
        let Some((number, unit)) = number.zip(word(index + usize::from(!half))).filter(|_| parts < 3) else {
            // "cách đây 8 giờ, …": what follows is something else.
            return if back && parts > 0 { done(days, span, index) } else { None };
        };
        let glued = tokens.get(index + 1).is_some_and(|token| token.glued);
        match unit {
            "giay" | "second" | "seconds" | "sec" | "secs" if !half => span += TimeDelta::try_seconds(number)?,
            "phut" | "minute" | "minutes" | "min" | "mins" if !half => span += TimeDelta::try_minutes(number)?,
            "gio" | "tieng" | "hour" | "hours" | "hr" | "hrs" | "h" => {
                span += if half { TimeDelta::try_minutes(30)? } else { TimeDelta::try_hours(number)? };
            }
            "ngay" | "hom" | "day" | "days" if !half => days = u64::try_from(number).ok(),
            "s" if glued => span += TimeDelta::try_seconds(number)?,
            "m" if glued => span += TimeDelta::try_minutes(number)?,
            "d" if glued => days = u64::try_from(number).ok(),
            "tuan" | "thang" | "nam" | "week" | "weeks" | "month" | "months" | "year" | "years" | "mo" | "w" | "y"
            | "wk" | "wks" | "yr" | "yrs" | "decade" | "decades" | "ngay" | "day" | "days" => vague = true,
            _ => return if back && parts > 0 { done(days, span, index) } else { None },
        }
        parts += 1;
        index += 1 + usize::from(!half);
        // "1 tiếng rưỡi trước", "an hour and a half ago"
        if tokens.get(index).is_some_and(|token| token.spells("rưỡi", "ruoi")) && days.is_none() {
            span += TimeDelta::try_minutes(30)?;
            index += 1;
        }
    }
}

/// The day so many days before the section's today.
pub(super) fn day(days: u64, options: &Options) -> Option<NaiveDate> {
    today(options).checked_sub_days(Days::new(days))
}

fn today(options: &Options) -> NaiveDate {
    options.now.with_timezone(&options.timezone).date_naive()
}

/// The moment of an expression that no time of day stands beside.
pub(super) fn moment(relative: Relative, options: &Options) -> Option<Moment> {
    match relative {
        Relative::Ago(span) => {
            let at = options.now.checked_sub_signed(span)?;
            Some(Moment::Instant(at.with_timezone(&resolve::offset_at(options, at))))
        }
        // A night belongs to two days.
        Relative::HalfOf(_, Half::Night) | Relative::Vague => None,
        Relative::DaysAgo(days) | Relative::HalfOf(days, _) => day(days, options).map(Moment::Day),
        Relative::Weekday(weekday, weeks) => {
            let monday =
                today(options).checked_sub_days(Days::new(today(options).weekday().num_days_from_monday().into()))?;
            let week = monday.checked_sub_signed(TimeDelta::try_weeks(weeks)?)?;
            let day = week.checked_add_days(Days::new(weekday.num_days_from_monday().into()))?;
            resolve::within_reach(Moment::Day(day), options)
        }
    }
}
