//! The JSON Schema (draft-07) of `config.toml`, for editors: the shapes by [`super::shape`], which asks the types that
//! read the file; what keys mean, and which are needed, by `docs/configuration.md`, which a test holds to them.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::shape::{Shape, Step, Taken, taken};

const DOCUMENT: &str = include_str!("../../docs/configuration.md");

/// One row of the document.
struct Row {
    key: &'static str,
    needed: bool,
    /// As it is written, where it is a value.
    default: Option<&'static str>,
    meaning: String,
}

/// The whole schema.
pub fn schema() -> Value {
    let tables = tables();
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "config.toml of bantin",
    });
    let mut path = Vec::new();
    if let (Some(schema), Value::Object(shape)) = (schema.as_object_mut(), of(&mut path, &tables)) {
        schema.extend(shape);
    }
    schema
}

/// The tables of keys in the document.
fn tables() -> Vec<Vec<Row>> {
    let mut tables: Vec<Vec<Row>> = Vec::new();
    for line in DOCUMENT.lines() {
        if line.starts_with("| key | default |") {
            tables.push(Vec::new());
        }
        let cells: Vec<&'static str> = line.split(" | ").collect();
        if let ([key, default, _, meaning, ..], Some(table)) = (cells.as_slice(), tables.last_mut())
            && let Some(key) = key.strip_prefix("| `").and_then(|key| key.strip_suffix('`'))
        {
            let meaning = plain(meaning.trim_end_matches(" |"));
            let value = default.strip_prefix('`').and_then(|value| value.strip_suffix('`'));
            table.push(Row { key, needed: *default == "none, needed", default: value, meaning });
        }
    }
    tables
}

/// Markdown without links and marks.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let link = after.split_once("](").and_then(|(name, after)| Some((name, after.split_once(')')?.1)));
        out.push_str(before);
        match link {
            Some((name, after)) if !name.contains('[') => {
                out.push_str(name);
                rest = after;
            }
            _ => {
                out.push('[');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out.replace('`', "").replace("\\|", "|")
}

/// The schema of what stands at the end of a path.
fn of(path: &mut Vec<Step>, tables: &[Vec<Row>]) -> Value {
    match taken(path) {
        None | Some(Taken::Text) => json!({ "type": "string" }),
        Some(Taken::Bool) => json!({ "type": "boolean" }),
        Some(Taken::Number { signed: true }) => json!({ "type": "integer" }),
        Some(Taken::Number { signed: false }) => json!({ "type": "integer", "minimum": 0 }),
        Some(Taken::Words(words)) => json!({ "enum": words }),
        Some(Taken::List) => json!({ "type": "array", "items": below(path, Step::Entry, tables) }),
        Some(Taken::Names) => json!({ "type": "object", "additionalProperties": below(path, Step::AnyKey, tables) }),
        Some(Taken::Table(keys)) => table(path, keys, tables),
        Some(Taken::Any) => {
            let shapes = Shape::ALL.into_iter().filter(|&shape| {
                path.push(Step::As(shape));
                let is_taken = taken(path).is_some();
                path.pop();
                is_taken
            });
            let shapes: Vec<Shape> = shapes.collect();
            let each: Vec<Value> = shapes.into_iter().map(|shape| below(path, Step::As(shape), tables)).collect();
            json!({ "anyOf": each })
        }
    }
}

fn below(path: &mut Vec<Step>, step: Step, tables: &[Vec<Row>]) -> Value {
    path.push(step);
    let schema = of(path, tables);
    path.pop();
    schema
}

/// The largest table of the document that knows these keys only: a key stands in one type each.
fn rows_of<'a>(tables: &'a [Vec<Row>], keys: &[&'static str]) -> Option<&'a Vec<Row>> {
    let fits = |rows: &&Vec<Row>| !rows.is_empty() && rows.iter().all(|row| keys.contains(&row.key));
    tables.iter().filter(fits).max_by_key(|rows| rows.len())
}

/// The defaults of a table with these keys, where they are values.
pub fn documented(keys: &[&'static str]) -> Vec<(&'static str, toml::Value)> {
    static TABLES: LazyLock<Vec<Vec<Row>>> = LazyLock::new(tables);
    let value = |row: &Row| {
        let text = format!("x = {}", row.default?.replace("\\|", "|"));
        Some((row.key, text.parse::<toml::Table>().ok()?.remove("x")?))
    };
    rows_of(&TABLES, keys).into_iter().flatten().filter_map(value).collect()
}

fn table(path: &mut Vec<Step>, keys: &[&'static str], tables: &[Vec<Row>]) -> Value {
    let rows = rows_of(tables, keys);
    let row = |key: &str| rows.and_then(|rows| rows.iter().find(|row| row.key == key));
    let mut properties = Map::new();
    for &key in keys {
        let mut schema = below(path, Step::Key(key), tables);
        if let (Some(schema), Some(row)) = (schema.as_object_mut(), row(key)) {
            schema.insert("description".to_owned(), row.meaning.clone().into());
        }
        properties.insert(key.to_owned(), schema);
    }
    let mut table = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    // What all sections have in common need not name one.
    let needed: Vec<&str> = keys.iter().copied().filter(|key| row(key).is_some_and(|row| row.needed)).collect();
    if !needed.is_empty() && path.last() != Some(&Step::Key("defaults")) {
        table["required"] = json!(needed);
    }
    table
}
