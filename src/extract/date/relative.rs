//! "8 giờ trước", "hôm qua, 14:35", "vừa xong", "2 hours ago", "Yesterday". What is rounded to weeks or
//! months names no day and gives none.

use chrono::{Days, NaiveDate, TimeDelta};

use super::lex::Token;
use super::resolve;
use super::{Moment, Options};

/// What a relative expression says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relative {
    /// So long ago, to the hour or better.
    Ago(TimeDelta),
    /// So many days ago, any time of that day.
    DaysAgo(u64),
    /// Rounded so much that no day can be named.
    Vague,
}

/// The relative expression that begins here, and the tokens it takes.
pub(super) fn find(tokens: &[Token]) -> Option<(Relative, usize)> {
    let at = |index: usize| tokens.get(index).and_then(Token::word);
    let found = match (at(0), at(1)) {
        (Some("vua"), Some("xong")) | (Some("just"), Some("now")) | (Some("moments" | "seconds"), Some("ago")) => {
            (Relative::Ago(TimeDelta::zero()), 2)
        }
        (Some("vai"), Some("giay")) if at(2) == Some("truoc") => (Relative::Ago(TimeDelta::zero()), 3),
        (Some("hom" | "sang" | "trua" | "chieu"), Some("nay")) => (Relative::DaysAgo(0), 2),
        (Some("hom"), Some("qua")) => (Relative::DaysAgo(1), 2),
        (Some("hom"), Some("kia")) => (Relative::DaysAgo(2), 2),
        (Some("today"), _) => (Relative::DaysAgo(0), 1),
        (Some("yesterday"), _) => (Relative::DaysAgo(1), 1),
        _ => return counted(tokens),
    };
    Some(found)
}

/// "2 giờ 15 phút trước", "an hour ago", "3 days, 2 hours ago".
fn counted(tokens: &[Token]) -> Option<(Relative, usize)> {
    let mut index = 0;
    let mut span = TimeDelta::zero();
    let mut days: Option<u64> = None;
    let mut vague = false;
    let mut parts = 0;
    loop {
        let token = tokens.get(index)?;
        if let Some(word) = token.word()
            && parts > 0
        {
            match word {
                "truoc" | "ago" => {
                    let relative = match days {
                        _ if vague => Relative::Vague,
                        Some(days) => Relative::DaysAgo(days),
                        None => Relative::Ago(span),
                    };
                    return Some((relative, index + 1));
                }
                "and" | "va" => {
                    index += 1;
                    continue;
                }
                _ => {}
            }
        }
        if parts > 0 && token.is(',') {
            index += 1;
            continue;
        }
        if parts > 2 {
            return None;
        }
        let count = match (token.number(), token.word()) {
            (Some((number, digits)), _) if digits <= 4 => i64::from(number),
            (None, Some("a" | "an" | "one" | "mot")) => 1,
            _ => return None,
        };
        let unit = tokens.get(index + 1)?.word()?;
        match unit {
            "giay" | "second" | "seconds" | "sec" | "secs" => span = span.checked_add(&TimeDelta::seconds(count))?,
            "phut" | "minute" | "minutes" | "min" | "mins" => span = span.checked_add(&TimeDelta::minutes(count))?,
            "gio" | "tieng" | "hour" | "hours" | "hr" | "hrs" | "h" => {
                span = span.checked_add(&TimeDelta::hours(count))?;
            }
            "ngay" | "day" | "days" => days = u64::try_from(count).ok(),
            "tuan" | "thang" | "nam" | "week" | "weeks" | "month" | "months" | "year" | "years" => vague = true,
            _ => return None,
        }
        parts += 1;
        index += 2;
    }
}

/// The day so many days before the section's today.
pub(super) fn day(days: u64, options: &Options) -> Option<NaiveDate> {
    options.now.with_timezone(&options.timezone).date_naive().checked_sub_days(Days::new(days))
}

/// The moment of an expression that no time of day stands beside.
pub(super) fn moment(relative: Relative, options: &Options) -> Option<Moment> {
    match relative {
        Relative::Ago(span) => {
            let at = options.now.checked_sub_signed(span)?;
            Some(Moment::Instant(at.with_timezone(&resolve::offset_at(options, at))))
        }
        Relative::DaysAgo(days) => day(days, options).map(Moment::Day),
        Relative::Vague => None,
    }
}
