//! Texts that readers and staff see, in Vietnamese and English (`locales/*.ftl`, Project Fluent).

use std::fmt::Write as _;
use std::sync::LazyLock;

use chrono::{DateTime, Datelike, TimeZone, Timelike};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use crate::config::Language;

type Bundle = FluentBundle<FluentResource>;

static VI: LazyLock<Bundle> =
    LazyLock::new(|| bundle("vi".parse().unwrap_or_default(), include_str!("../locales/vi.ftl")));
static EN: LazyLock<Bundle> =
    LazyLock::new(|| bundle("en".parse().unwrap_or_default(), include_str!("../locales/en.ftl")));

fn bundle(id: unic_langid::LanguageIdentifier, source: &str) -> Bundle {
    let mut bundle = Bundle::new_concurrent(vec![id]);
    // Our texts go into HTML attributes and mail subjects: no invisible isolation marks.
    bundle.set_use_isolating(false);
    let resource = match FluentResource::try_new(source.to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    bundle.add_resource_overriding(resource);
    bundle
}

/// The text of a key, or `None` where the catalogue has none.
pub fn try_text(language: Language, key: &str, args: &[(String, String)]) -> Option<String> {
    let bundle: &Bundle = match language {
        Language::Vi => &VI,
        Language::En => &EN,
    };
    let pattern = bundle.get_message(key)?.value()?;
    let mut named = FluentArgs::new();
    for (name, value) in args {
        match value.parse::<i64>() {
            // "007" is a text: as a number it would lose its zeros; a key of the store would lose its last digits.
            Ok(number) if number.to_string() == *value && number.unsigned_abs() < 1 << 53 => {
                named.set(name.clone(), FluentValue::from(number));
            }
            _ => named.set(name.clone(), FluentValue::from(value.clone())),
        }
    }
    Some(bundle.format_pattern(pattern, Some(&named), &mut Vec::new()).into_owned())
}

/// The text of a key; the key itself where the catalogue has none (a test keeps that from happening).
pub fn text(language: Language, key: &str, args: &[(String, String)]) -> String {
    try_text(language, key, args).unwrap_or_else(|| key.to_owned())
}

/// A local moment in words: "Thứ Hai, 23/11/2026 14:35" or "Monday, 23 November 2026 14:35".
pub fn moment<Z: TimeZone>(language: Language, at: &DateTime<Z>, with_time: bool) -> String {
    const VI_DAYS: [&str; 7] = ["Chủ Nhật", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy"];
    const EN_DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    const EN_MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let weekday = at.weekday().num_days_from_sunday() as usize % 7;
    let mut out = match language {
        Language::Vi => format!("{}, {}/{}/{}", VI_DAYS[weekday], at.day(), at.month(), at.year()),
        Language::En => {
            format!("{}, {} {} {}", EN_DAYS[weekday], at.day(), EN_MONTHS[at.month0() as usize % 12], at.year())
        }
    };
    if with_time {
        // Writing to a string cannot fail.
        let _ = write!(out, " {:02}:{:02}", at.hour(), at.minute());
    }
    out
}
