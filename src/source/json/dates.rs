//! Dates of APIs: texts by the date parser, numbers as Unix times, and the `/Date(…)/` of older .NET.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::words;
use crate::article::Moment;
use crate::extract::date;

/// The moment a value states, if it states one.
pub fn moment(value: &Value, options: &date::Options) -> Option<Moment> {
    let text = words::said(value)?;
    let digits = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")).map(|inside| {
        // An offset behind the number only says in which zone it was made.
        let end =
            inside.char_indices().skip(1).find(|(_, c)| matches!(c, '+' | '-')).map_or(inside.len(), |(at, _)| at);
        inside.get(..end).unwrap_or(inside)
    });
    if let Some(milliseconds) = digits {
        return at(milliseconds.parse::<i64>().ok()?, options);
    }
    let whole = text.split('.').next().unwrap_or_default();
    if let Ok(number) = whole.parse::<i64>()
        && whole.len() >= 9
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && text.matches('.').count() <= 1
    {
        // Seconds since 1973, milliseconds, a date without separators, or microseconds.
        return match number {
            100_000_000..100_000_000_000 => at(number * 1000, options),
            100_000_000_000..10_000_000_000_000 => at(number, options),
            10_000_000_000_000.. => date::parse(&text, options).or_else(|| at(number / 1000, options)),
            _ => None,
        };
    }
    date::parse(&text, options)
}

/// An instant in the section's zone, unless it lies ahead: then the number was no time.
fn at(milliseconds: i64, options: &date::Options) -> Option<Moment> {
    let at = DateTime::<Utc>::from_timestamp_millis(milliseconds)?;
    (at <= options.now + chrono::TimeDelta::days(1))
        .then(|| Moment::Instant(at.with_timezone(&options.timezone).fixed_offset()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::{DateOrder, Language};

    #[test]
    fn numbers_and_texts_are_moments() {
        let options = date::Options {
            language: Language::Vi,
            timezone: chrono_tz::Asia::Ho_Chi_Minh,
            order: DateOrder::Dmy,
            now: "2026-11-22T10:00:00Z".parse().unwrap(),
        };
        for (value, expected) in [
            (json!(1_795_255_200), Some("2026-11-21T17:00:00+07:00")),
            (json!("1795255200000"), Some("2026-11-21T17:00:00+07:00")),
            (json!("/Date(1795255200000+0700)/"), Some("2026-11-21T17:00:00+07:00")),
            (json!("/Date(1795255200000)/"), Some("2026-11-21T17:00:00+07:00")),
            (json!("2026-11-21T10:00:00Z"), Some("2026-11-21T10:00:00Z")),
            (json!("21/11/2026 17:00"), Some("2026-11-21T17:00:00+07:00")),
            (json!({"value": "2026-11-21"}), Some("2026-11-21")),
            (json!(1_895_255_200), None),
            (json!(12), None),
            (json!(null), None),
        ] {
            assert_eq!(moment(&value, &options).map(Moment::to_text).as_deref(), expected, "{value}");
        }
    }
}
