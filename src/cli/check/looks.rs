//! The sections: when each is looked at, the next three times in its zone, and what its source would yield now.

use std::collections::HashMap;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::wrong::Tried;
use crate::config::{Config, Section};

/// How many of a section's next looks are told.
const NEXT: usize = 3;

fn by_section(tried: &[Tried]) -> HashMap<&str, &Tried> {
    tried.iter().filter_map(|one| Some((one.section.as_deref()?, one))).collect()
}

/// One line a section, and one for its source where that was asked.
pub(super) fn told(config: &Config, tried: &[Tried], now: DateTime<Utc>) -> String {
    let width = config.sections.keys().map(String::len).max().unwrap_or_default();
    let sources = by_section(tried);
    let mut text = String::new();
    for section in config.sections.values() {
        let mut next = String::new();
        let mut day = None;
        for at in times(section, now) {
            // A day is named once.
            let form = if day == Some(at.date_naive()) { ", %H:%M" } else { ", %a %d %b %H:%M" };
            day = Some(at.date_naive());
            next.push_str(&at.format(form).to_string());
        }
        // Writing into a string does not fail.
        let _ = writeln!(
            text,
            "{:width$}  looks {}, next {} ({})",
            section.slug,
            section.schedule.text(),
            next.trim_start_matches(", "),
            section.timezone,
        );
        if let Some(says) = sources.get(section.slug.as_str()).and_then(|source| source.says.as_ref()) {
            let _ = writeln!(text, "{:width$}  {says}", "");
        }
    }
    text.trim_end().to_owned()
}

/// A section's next looks, in its zone.
fn times(section: &Section, now: DateTime<Utc>) -> Vec<DateTime<Tz>> {
    let mut after = now;
    let mut next = || {
        after = section.schedule.next(after, section.timezone).at;
        after.with_timezone(&section.timezone)
    };
    (0..NEXT).map(|_| next()).collect()
}

pub(super) fn as_json(config: &Config, tried: &[Tried], now: DateTime<Utc>) -> Vec<Value> {
    let sources = by_section(tried);
    let of = |section: &Section| {
        let next: Vec<String> = times(section, now).iter().map(DateTime::to_rfc3339).collect();
        json!({
            "slug": section.slug,
            "name": section.name,
            "language": section.language.code(),
            "url": section.url.as_str(),
            "schedule": section.schedule.source(),
            "schedule_in_words": section.schedule.text(),
            "next": next,
            "source": sources.get(section.slug.as_str()).and_then(|source| source.yields.clone()),
        })
    };
    config.sections.values().map(|section| of(section)).collect()
}
