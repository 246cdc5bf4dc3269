//! JSON-LD that lists articles (`ItemList`, `blogPost`, `hasPart`): where cards were found it adds what they do
//! not say, where none were found it is the list.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::page::Page;
use crate::article::{Candidate, SourceDate, canonical};
use crate::extract::date;
use crate::fetch::bound;
use crate::source::plain;

/// Deepest nesting looked into.
const MAX_DEPTH: usize = 12;

/// Completes the cards with what JSON-LD says; takes its list where there is no other, or where the cards are doubtful
/// and none of them is in it. Where the two agree the confidence grows.
pub fn complete(page: &Page<'_>, found: &mut Vec<Candidate>, confidence: &mut f64, why: &mut Vec<String>) {
    let listed = listed(page);
    if listed.is_empty() {
        return;
    }
    let known: HashSet<String> = found.iter().map(|candidate| canonical::key(&candidate.url)).collect();
    let common = listed.iter().filter(|candidate| known.contains(&canonical::key(&candidate.url))).count();
    if found.is_empty() || (common == 0 && listed.len() >= 3 && *confidence < 0.6) {
        why.push(format!("taken: {} articles of the page's JSON-LD list", listed.len()));
        *found = listed;
        *confidence = 0.9;
        return;
    }
    if common * 2 >= listed.len() && common >= 2 {
        *confidence = 1.0 - (1.0 - *confidence) * 0.5;
    }
    let mut by_key: HashMap<String, Candidate> =
        listed.into_iter().map(|candidate| (canonical::key(&candidate.url), candidate)).collect();
    let mut completed = 0usize;
    for candidate in found.iter_mut() {
        let Some(said) = by_key.remove(&canonical::key(&candidate.url)) else { continue };
        completed += 1;
        candidate.title = candidate.title.take().or(said.title);
        candidate.lead = candidate.lead.take().or(said.lead);
        candidate.image = candidate.image.take().or(said.image);
        // A machine's date has the time that the visible one may lack.
        candidate.published = said.published.or(candidate.published.take());
    }
    if completed > 0 {
        why.push(format!("{completed} articles were completed from the page's JSON-LD"));
    }
}

/// The articles that JSON-LD lists.
fn listed(page: &Page<'_>) -> Vec<Candidate> {
    let mut out = Vec::new();
    for script in &page.dom.select("script[type='application/ld+json']") {
        if let Ok(value) = bound::json(&script.text()) {
            walk(page, &value, 0, &mut out);
        }
    }
    out
}

fn walk(page: &Page<'_>, value: &Value, depth: usize, out: &mut Vec<Candidate>) {
    if depth > MAX_DEPTH || out.len() > 500 {
        return;
    }
    match value {
        Value::Array(values) => values.iter().for_each(|value| walk(page, value, depth + 1, out)),
        Value::Object(object) => {
            if is_type(value, &["BreadcrumbList", "SiteNavigationElement"]) {
                return;
            }
            for key in ["itemListElement", "blogPost", "blogPosts", "hasPart"] {
                for element in object.get(key).and_then(Value::as_array).into_iter().flatten() {
                    let item = element.get("item").filter(|item| item.is_object()).unwrap_or(element);
                    out.extend(article(page, item, element));
                }
            }
            for key in ["@graph", "mainEntity", "mainEntityOfPage"] {
                if let Some(inner) = object.get(key) {
                    walk(page, inner, depth + 1, out);
                }
            }
        }
        _ => {}
    }
}

fn is_type(value: &Value, names: &[&str]) -> bool {
    match value.get("@type") {
        Some(Value::String(name)) => names.contains(&name.as_str()),
        Some(Value::Array(all)) => all.iter().any(|name| name.as_str().is_some_and(|name| names.contains(&name))),
        _ => false,
    }
}

fn article(page: &Page<'_>, item: &Value, element: &Value) -> Option<Candidate> {
    if is_type(item, &["Product", "Organization", "Person", "SiteNavigationElement", "WebPage", "Place"]) {
        return None;
    }
    let text = |key: &str| item.get(key).or_else(|| element.get(key)).and_then(Value::as_str);
    let url = text("url").or_else(|| text("@id")).or_else(|| element.get("item").and_then(Value::as_str))?;
    let mut found = Candidate::of(canonical::clean(&page.link(url)?));
    let plain = |text: &str| Some(plain::of_html(text)).filter(|text| !text.is_empty());
    found.title = text("headline").or_else(|| text("name")).and_then(plain);
    found.lead = text("description").and_then(plain);
    found.image = picture(item.get("image").or_else(|| item.get("thumbnailUrl"))).and_then(|url| page.address(&url));
    found.published = text("datePublished")
        .and_then(|text| date::parse(text, &page.dates))
        .map(|at| SourceDate { at, provenance: "listing json-ld".to_owned() });
    Some(found)
}

fn picture(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(url) => Some(url.clone()),
        Value::Array(all) => picture(all.first()),
        Value::Object(object) => object.get("url").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    }
}
