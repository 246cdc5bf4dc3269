//! Which list in a JSON tree is the one of the articles, where the configuration does not say.

use serde_json::Value;

use super::words;

/// Deepest nesting looked into.
const MAX_DEPTH: usize = 24;
/// How many entries of a list are looked at to judge it.
const LOOKED_AT: usize = 20;

/// A list of what may be articles.
#[derive(Debug)]
pub struct Found<'v> {
    /// Where it stands, as a path of the configuration.
    pub path: String,
    /// Its entries.
    pub items: Vec<&'v Value>,
    /// Whether most entries have a date: then they are hardly a menu.
    pub dated: bool,
    score: usize,
}

/// The lists that read like articles, the best first.
pub fn lists(root: &Value) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    walk(root, &mut String::new(), 0, &mut found);
    found.sort_by_key(|found: &Found<'_>| std::cmp::Reverse(found.score));
    found
}

/// The entries of a list, or of an object that is a dictionary of entries.
pub fn entries(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().filter(|entry| entry.is_object()).collect(),
        Value::Object(object) if !object.is_empty() && object.values().all(Value::is_object) => {
            object.values().collect()
        }
        _ => Vec::new(),
    }
}

fn walk<'v>(value: &'v Value, path: &mut String, depth: usize, found: &mut Vec<Found<'v>>) {
    if depth > MAX_DEPTH || found.len() > 200 {
        return;
    }
    let items = entries(value);
    if items.len() >= 2
        && let Some(judged) = judge(&items, path)
    {
        found.push(judged);
        return;
    }
    let length = path.len();
    let mut inside = |name: &str, inner: &'v Value, path: &mut String| {
        if inner.is_object() || inner.is_array() {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(name);
            walk(inner, path, depth + 1, found);
            path.truncate(length);
        }
    };
    match value {
        Value::Object(object) => object.iter().for_each(|(name, inner)| inside(name, inner, path)),
        Value::Array(list) => {
            list.iter().take(100).enumerate().for_each(|(at, inner)| inside(&at.to_string(), inner, path));
        }
        _ => {}
    }
}

/// Judges a list: nearly all entries need a title and something an address can be made of.
fn judge<'v>(items: &[&'v Value], path: &str) -> Option<Found<'v>> {
    let sample = items.get(..LOOKED_AT).unwrap_or(items);
    let percent = |count: usize| count * 100 / sample.len().max(1);
    let has = |names: &[&str]| percent(sample.iter().filter(|item| words::field(item, names).is_some()).count());
    let titles: Vec<usize> = sample
        .iter()
        .filter_map(|item| words::field(item, words::TITLE).and_then(words::said))
        .map(|title| title.chars().count())
        .collect();
    if percent(titles.len()) < 80 {
        return None;
    }
    let addressed = percent(sample.iter().filter(|item| super::address_text(item).is_some()).count());
    let addressed = addressed.max(has(&["slug", "urlslug"]) / 2);
    let dated = has(words::PUBLISHED);
    let length = titles.iter().sum::<usize>() / titles.len().max(1);
    // Names of menus and categories are short and have no date.
    if addressed < 40 || (dated < 50 && length < 25) {
        return None;
    }
    let told = has(words::LEAD).max(has(words::BODY)) + has(words::IMAGE);
    let score = items.len().min(30) * (addressed + 2 * dated + told / 2) + length.min(60) * 10;
    Some(Found { path: path.to_owned(), items: items.to_vec(), dated: dated >= 50, score })
}
