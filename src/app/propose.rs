//! New selectors for a list that was redesigned: proposed to the admin, never taken.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use crate::config::{HtmlRules, Section};
use crate::fetch::Document;
use crate::source;

/// The section as it would be without its selectors for the list.
pub(super) fn without_selectors(section: &Section) -> Section {
    let html =
        HtmlRules { item: None, link: None, title: None, date: None, lead: None, image: None, ..section.html.clone() };
    Section { html, ..section.clone() }
}

/// Selectors that would name what is recognised.
pub(super) fn selectors(document: &Document, section: &Section, now: DateTime<Utc>) -> Option<HtmlRules> {
    source::html::propose(document, source::Context { section, now })
}

/// What to tell of it: how much is recognised, how much of that is known, and what to write.
pub(super) fn words(section: &Section, listed: usize, known: usize, selectors: Option<&HtmlRules>) -> String {
    if listed == 0 {
        return String::new();
    }
    let mut text = format!(
        "without its selectors bantin recognises {listed} articles here, {known} of them known to be this section's"
    );
    let Some(rules) = selectors else {
        let _ = write!(text, "; taking the selectors out of [section.{}.html] would do", section.slug);
        return text;
    };
    let _ = write!(text, "; these selectors name them: [section.{}.html]", section.slug);
    let keys = [
        ("item", &rules.item),
        ("link", &rules.link),
        ("title", &rules.title),
        ("date", &rules.date),
        ("lead", &rules.lead),
        ("image", &rules.image),
    ];
    for (key, selector) in keys {
        if let Some(selector) = selector {
            let _ = write!(text, " {key} = {}", toml::Value::String(selector.clone()));
        }
    }
    text
}
