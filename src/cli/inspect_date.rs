//! `bantin inspect date`: how bantin reads a date.

use chrono::SecondsFormat;
use serde_json::json;

use super::output::{self, say};
use crate::article::Moment;
use crate::extract::date;

/// The moment a text states, as RFC 3339 or a bare day.
pub fn read(text: &str, options: &date::Options) -> anyhow::Result<String> {
    date::parse(text, options).map(Moment::to_text).ok_or_else(|| {
        anyhow::anyhow!(
            "no date is read in {text:?}: it states none, contradicts itself, or lies after {}; \
             --order and --now change how it is read",
            options.now.with_timezone(&options.timezone).to_rfc3339_opts(SecondsFormat::Secs, false)
        )
    })
}

/// Prints the moment that `text` states, or fails.
pub fn run(text: &str, options: &date::Options, as_json: bool) -> anyhow::Result<()> {
    let date = read(text, options)?;
    if as_json {
        output::json(&json!({ "text": text, "date": date }));
    } else {
        say!("{date}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{DateOrder, Language};

    #[test]
    fn a_date_is_printed_and_anything_else_is_an_error_with_the_way_out() {
        let options = date::Options {
            language: Language::Vi,
            timezone: chrono_tz::Asia::Ho_Chi_Minh,
            order: DateOrder::Dmy,
            now: "2019-08-01T12:00:00+07:00".parse().unwrap(),
        };
        assert_eq!(read("Thứ hai - 08/07/2019 14:35", &options).unwrap(), "2019-07-08T14:35:00+07:00");
        assert_eq!(read("Ngày 8-7", &options).unwrap(), "2019-07-08");
        let error = read("Thứ ba, 08/07/2019", &options).unwrap_err().to_string();
        assert!(error.contains("--order"), "{error}");
    }
}
