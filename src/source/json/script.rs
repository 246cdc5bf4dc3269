//! JSON that a page carries in a script or an attribute: `<script id="__NEXT_DATA__">`, `window.__STATE__ = {…}`,
//! `<script type="application/json">`, `<div data-page="{…}">`.

use dom_query::{Document, Matcher};
use serde_json::Value;

use crate::fetch::bound::{self, bound_html};

/// Shorter state holds no list of articles.
const LEAST: usize = 200;
/// Most places of one page that are tried.
const MOST_TRIES: usize = 20;

/// The JSON that the configuration names: `SELECTOR@ATTRIBUTE`, a selector that begins with `script`, or the name of a
/// script's id or of a variable.
pub fn named(html: &str, rule: &str) -> Result<Value, String> {
    let page = Document::from(bound_html(html).as_ref());
    if let Some((selector, attribute)) = rule.rsplit_once('@') {
        let matcher = Matcher::new(selector).map_err(|_| format!("`{selector}` is no CSS selector"))?;
        let node = page.select_single_matcher(&matcher);
        let text =
            node.attr(attribute.trim()).ok_or_else(|| format!("the page has no `{selector}` with {attribute}"))?;
        return bound::json(&text);
    }
    if rule.starts_with("script") {
        let matcher = Matcher::new(rule).map_err(|_| format!("`{rule}` is no CSS selector"))?;
        let node = page.select_single_matcher(&matcher);
        if !node.exists() {
            return Err(format!("the page has no `{rule}`"));
        }
        return json_of(&node.text()).map(|(value, _)| value).ok_or_else(|| format!("`{rule}` holds no JSON"));
    }
    for script in page.select("script").nodes() {
        let text = script.text();
        if script.attr("id").is_some_and(|id| &*id == rule) {
            let value = json_of(&text).map(|(value, _)| value);
            return value.ok_or_else(|| format!("the script `{rule}` holds no JSON"));
        }
        if let Some(value) = assigned(&text, rule) {
            return value;
        }
    }
    Err(format!("no script of the page is called `{rule}` or sets a variable of that name"))
}

/// Every piece of JSON a page carries in the usual places, with what to call it in the configuration.
pub fn found(html: &str) -> Vec<(String, Value)> {
    // Without one of these there is none, and no need to read the page for it.
    if !["data-page", "<script", "<SCRIPT"].iter().any(|piece| html.contains(piece)) {
        return Vec::new();
    }
    let page = Document::from(bound_html(html).as_ref());
    let mut out = Vec::new();
    // All trees of a page together weigh no more than one may.
    let mut weight = 0;
    let mut heavy = |text: &str| {
        weight += bound::weight(text);
        weight > bound::MAX_WEIGHT
    };
    for node in page.select("[data-page]").nodes() {
        if let Some(Ok(value)) =
            node.attr("data-page").filter(|text| text.len() >= LEAST && !heavy(text)).map(|text| bound::json(&text))
        {
            out.push(("[data-page]@data-page".to_owned(), value));
        }
    }
    let mut tries = 0;
    for script in page.select("script").nodes() {
        let text = script.text();
        let kind = script.attr("type").unwrap_or_default().to_ascii_lowercase();
        if text.len() < LEAST || kind.contains("ld+json") {
            continue;
        }
        let id = script.attr("id").filter(|id| !id.is_empty());
        if heavy(&text) {
            break;
        }
        if kind.contains("json") {
            if let Ok(value) = bound::json(&text) {
                let name = id.map_or_else(|| format!("script[type='{kind}']"), |id| id.to_string());
                out.push((name, value));
            }
            continue;
        }
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|rest| rest.find('=')).map(|at| from + at) {
            from = at + 1;
            let Some(name) = variable_before(text.get(..at).unwrap_or_default()) else { continue };
            let rest = text.get(from..).unwrap_or_default().trim_start();
            if rest.len() < LEAST || !(rest.starts_with(['{', '[']) || rest.starts_with("JSON.parse(")) {
                continue;
            }
            tries += 1;
            if tries > MOST_TRIES {
                return out;
            }
            if let Some((value, length)) = json_of(rest) {
                from = text.len() - rest.len() + length;
                out.push((name, value));
            }
        }
    }
    out
}

/// The value a script gives to a variable, if it does.
fn assigned(text: &str, name: &str) -> Option<Result<Value, String>> {
    let bare = name.strip_prefix("window.").unwrap_or(name);
    for (at, _) in text.match_indices(bare).take(MOST_TRIES) {
        let whole = text.get(..at).is_none_or(|before| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_'));
        let after = text.get(at + bare.len()..).unwrap_or_default();
        // `window["NAME"] = …` too.
        let after = after.trim_start_matches(['"', '\'', ']']).trim_start();
        if let Some(rest) = after.strip_prefix('=').filter(|rest| whole && !rest.starts_with('=')) {
            let value = json_of(rest).map(|(value, _)| value);
            return Some(value.ok_or_else(|| format!("what the page gives to `{name}` is no JSON")));
        }
    }
    None
}

/// The name of the variable that stands before an equals sign.
fn variable_before(text: &str) -> Option<String> {
    let text = text.trim_end().trim_end_matches(['"', '\'', ']']);
    let start = text
        .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.')))
        .map_or(0, |at| at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let name = text.get(start..)?;
    (!name.is_empty() && name.len() <= 80).then(|| name.to_owned())
}

/// The JSON a text begins with: itself, or the text inside `JSON.parse("…")`; and where it ends.
fn json_of(text: &str) -> Option<(Value, usize)> {
    let trimmed = text.trim_start();
    let before = text.len() - trimmed.len();
    if let Some(inside) = trimmed.strip_prefix("JSON.parse(") {
        let (value, length) = bound::json_start(inside).ok()?;
        let end = before + trimmed.len() - inside.len() + length;
        return bound::json(value.as_str()?).ok().map(|value| (value, end));
    }
    bound::json_start(trimmed).ok().map(|(value, length)| (value, before + length))
}
