//! Dates in the sample pages: an element says by `data-date` how its date is written, and at publication the
//! date becomes "now" in the same way of writing. Everything around the date stays.

use std::ops::Range;

use chrono::{DateTime, Datelike, SecondsFormat, Timelike};
use chrono_tz::Tz;

use crate::config::Language;
use crate::locale;

/// A way of writing a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `Thứ hai - 09/11/2026 14:35`
    ViWeekday,
    /// `14:35, 09/11/2026`
    ViTimeFirst,
    /// `09/11/2026`
    ViShort,
    /// `Monday, 9 November 2026 14:35`
    EnLong,
    /// RFC 3339 in a `datetime` or `content` attribute.
    Iso,
    /// `Ngày 9-11`
    ViDateline,
    /// `On 9 November`
    EnDateline,
    /// Dates inside a `ld+json` script.
    JsonLd,
}

impl Style {
    /// The style of a `data-date` attribute.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "vi-weekday" => Self::ViWeekday,
            "vi-time-first" => Self::ViTimeFirst,
            "vi-short" => Self::ViShort,
            "en-long" => Self::EnLong,
            "iso" => Self::Iso,
            "vi-dateline" => Self::ViDateline,
            "en-dateline" => Self::EnDateline,
            "jsonld" => Self::JsonLd,
            _ => return None,
        })
    }

    /// A moment in this style.
    pub(super) fn write(self, at: DateTime<Tz>) -> String {
        let (day, month, year) = (at.day(), at.month(), at.year());
        let time = format!("{:02}:{:02}", at.hour(), at.minute());
        match self {
            Self::ViWeekday => {
                let names = ["hai", "ba", "tư", "năm", "sáu", "bảy"];
                let weekday = match names.get(at.weekday().num_days_from_monday() as usize) {
                    Some(name) => format!("Thứ {name}"),
                    None => "Chủ nhật".to_owned(),
                };
                format!("{weekday} - {day:02}/{month:02}/{year} {time}")
            }
            Self::ViTimeFirst => format!("{time}, {day:02}/{month:02}/{year}"),
            Self::ViShort => format!("{day:02}/{month:02}/{year}"),
            Self::EnLong => locale::moment(Language::En, &at, true),
            Self::Iso | Self::JsonLd => at.to_rfc3339_opts(SecondsFormat::Secs, false),
            Self::ViDateline => format!("Ngày {day}-{month}"),
            Self::EnDateline => format!("On {day} {}", at.format("%B")),
        }
    }

    /// `text` with the date it contains replaced by `at`; `None` where no date is found.
    pub(super) fn rewrite(self, text: &str, at: DateTime<Tz>) -> Option<String> {
        if self == Self::JsonLd {
            return rewrite_json(text, &["datePublished", "dateModified", "dateCreated"], &self.write(at));
        }
        let Range { start, end } = self.find(text)?;
        Some(format!("{}{}{}", text.get(..start)?, self.write(at), text.get(end..)?))
    }

    /// Where the date stands in a text.
    fn find(self, text: &str) -> Option<Range<usize>> {
        let first = text.find(|c: char| c.is_ascii_digit())?;
        let last = text.rfind(|c: char| c.is_ascii_digit())? + 1;
        let before = |words: &[&str]| words.iter().filter_map(|w| text.find(w)).filter(|&at| at < first).min();
        match self {
            Self::ViWeekday => Some(before(&["Thứ", "thứ", "Chủ nhật", "Chủ Nhật"]).unwrap_or(first)..last),
            Self::EnLong => {
                let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
                Some(before(&days).unwrap_or(first)..last)
            }
            Self::ViDateline => {
                let start = text.find("Ngày ")?;
                let length = run(text.get(start + "Ngày ".len()..)?, |c| c.is_ascii_digit() || c == '-');
                (length > 0).then_some(start..start + "Ngày ".len() + length)
            }
            Self::EnDateline => {
                let start = text.find("On ")?;
                let rest = text.get(start + 3..)?;
                let digits = run(rest, |c| c.is_ascii_digit());
                let month = run(rest.get(digits + 1..)?, |c| c.is_ascii_alphabetic());
                (digits > 0 && month > 0).then_some(start..start + 3 + digits + 1 + month)
            }
            _ => Some(first..last),
        }
    }
}

/// Length in bytes of the leading characters that fit.
fn run(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|c| !fits(c)).unwrap_or(text.len())
}

/// JSON text in which the string values of some keys are replaced; `None` where none of the keys occurs.
pub(super) fn rewrite_json(json: &str, keys: &[&str], value: &str) -> Option<String> {
    let mut out = json.to_owned();
    let mut found = false;
    for key in keys {
        let name = format!("\"{key}\"");
        let mut from = 0;
        while let Some(at) = out.get(from..).and_then(|rest| rest.find(&name)) {
            let after = from + at + name.len();
            from = after;
            let Some(open) = out.get(after..).and_then(|rest| rest.find('"')) else { break };
            let Some(close) = out.get(after + open + 1..).and_then(|rest| rest.find('"')) else { break };
            out.replace_range(after + open + 1..after + open + 1 + close, value);
            found = true;
        }
    }
    found.then_some(out)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn at() -> DateTime<Tz> {
        chrono_tz::Asia::Ho_Chi_Minh.with_ymd_and_hms(2026, 11, 23, 8, 5, 0).unwrap()
    }

    #[test]
    fn every_style_is_found_and_written_in_its_own_way() {
        for (name, old, new) in [
            ("vi-weekday", "Thứ hai - 09/11/2026 14:35", "Thứ hai - 23/11/2026 08:05"),
            ("vi-weekday", "Đăng lúc: Chủ nhật - 08/11/2026 14:35", "Đăng lúc: Thứ hai - 23/11/2026 08:05"),
            ("vi-time-first", "14:35, 09/11/2026", "08:05, 23/11/2026"),
            ("vi-short", "(09/11/2026)", "(23/11/2026)"),
            ("en-long", "Monday, 9 November 2026 14:35", "Monday, 23 November 2026 08:05"),
            ("iso", "2026-11-09T14:35:00+07:00", "2026-11-23T08:05:00+07:00"),
            ("vi-dateline", "Ngày 9-11, tại Trung tâm 12", "Ngày 23-11, tại Trung tâm 12"),
            ("en-dateline", "On 9 November, 12 people", "On 23 November, 12 people"),
            ("jsonld", r#"{"datePublished": "x","dateModified":"y"}"#, ""),
        ] {
            let style = Style::from_name(name).unwrap();
            if name == "jsonld" {
                let out = style.rewrite(old, at()).unwrap();
                let json: serde_json::Value = serde_json::from_str(&out).unwrap();
                assert_eq!(json["datePublished"], "2026-11-23T08:05:00+07:00");
                assert_eq!(json["dateModified"], "2026-11-23T08:05:00+07:00");
            } else {
                assert_eq!(style.rewrite(old, at()).as_deref(), Some(new), "{name}");
            }
        }
    }

    #[test]
    fn what_carries_no_date_stays() {
        for name in ["vi-weekday", "vi-short", "vi-dateline", "en-dateline", "jsonld"] {
            assert_eq!(Style::from_name(name).unwrap().rewrite("Tin, ảnh: Thủy Châu", at()), None, "{name}");
        }
        assert_eq!(Style::from_name("vi-timeless"), None);
    }
}
