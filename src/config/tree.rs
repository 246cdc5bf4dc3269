//! The file as a tree of entries that know their place: finds the entry at a place, takes out the one that is wrong.

use std::ops::Range;

use serde_spanned::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// Bytes of the file.
pub type Span = Range<usize>;

/// One entry of the tree.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The keys and, for lists, positions that lead to it.
    pub path: Vec<String>,
    /// Where its key stands; for an entry of a list, where it stands itself.
    pub key: Span,
    /// Where its value stands; for a table, its header or braces.
    pub value: Span,
    /// "string", "integer", "table" …
    pub kind: &'static str,
}

impl Entry {
    /// The path as in the documents: `section.news.html.item`, `email.smtp[2].url`.
    pub fn name(&self) -> String {
        name(&self.path)
    }
}

/// A path as in the documents.
pub fn name(path: &[String]) -> String {
    let mut name = String::new();
    for part in path {
        if !part.starts_with('[') && !name.is_empty() {
            name.push('.');
        }
        name.push_str(part);
    }
    name
}

/// Every entry below `table`, in the order of the file.
pub fn entries(table: &DeTable<'_>) -> Vec<Entry> {
    let mut found = Vec::new();
    collect(table, &mut Vec::new(), &mut found);
    found.sort_by_key(|entry| entry.key.start);
    found
}

fn collect(table: &DeTable<'_>, path: &mut Vec<String>, found: &mut Vec<Entry>) {
    for (key, value) in table {
        path.push(key.get_ref().to_string());
        found.push(Entry {
            path: path.clone(),
            key: key.span(),
            value: value.span(),
            kind: value.get_ref().type_str(),
        });
        collect_value(value.get_ref(), path, found);
        path.pop();
    }
}

fn collect_value(value: &DeValue<'_>, path: &mut Vec<String>, found: &mut Vec<Entry>) {
    match value {
        DeValue::Table(inner) => collect(inner, path, found),
        DeValue::Array(list) => {
            for (at, item) in list.iter().enumerate() {
                path.push(format!("[{}]", at + 1));
                let span = item.span();
                found.push(Entry {
                    path: path.clone(),
                    key: span.clone(),
                    value: span,
                    kind: item.get_ref().type_str(),
                });
                collect_value(item.get_ref(), path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// The entry a mistake at `span` is about: the one whose key or value stands exactly there, else the innermost one
/// around it.
pub fn entry_at<'e>(entries: &'e [Entry], span: &Span) -> Option<&'e Entry> {
    let exact = |entry: &&Entry| entry.key == *span || entry.value == *span;
    let around = |entry: &&Entry| {
        [&entry.key, &entry.value].into_iter().any(|place| place.start <= span.start && span.end <= place.end)
    };
    entries.iter().rfind(exact).or_else(|| {
        entries.iter().filter(around).min_by_key(|entry| (entry.value.len(), usize::MAX - entry.path.len()))
    })
}

/// The table without the entry at `path`.
pub fn without<'i>(table: DeTable<'i>, path: &[String]) -> DeTable<'i> {
    let Some((first, rest)) = path.split_first() else { return table };
    table
        .into_iter()
        .filter_map(|(key, value)| {
            if key.get_ref() != first {
                return Some((key, value));
            }
            let span = value.span();
            (!rest.is_empty()).then(|| (key, Spanned::new(span, value_without(value.into_inner(), rest))))
        })
        .collect()
}

fn value_without<'i>(value: DeValue<'i>, path: &[String]) -> DeValue<'i> {
    match value {
        DeValue::Table(table) => DeValue::Table(without(table, path)),
        DeValue::Array(list) => {
            let Some((first, rest)) = path.split_first() else { return DeValue::Array(list) };
            let mut kept = DeArray::new();
            for (at, item) in list.into_iter().enumerate() {
                if *first != format!("[{}]", at + 1) {
                    kept.push(item);
                } else if !rest.is_empty() {
                    let span = item.span();
                    kept.push(Spanned::new(span, value_without(item.into_inner(), rest)));
                }
            }
            DeValue::Array(kept)
        }
        other => other,
    }
}
