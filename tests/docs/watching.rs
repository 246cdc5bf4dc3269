//! What the alert rules and the board of `contrib` ask for is counted by bantin, under these labels, with these values.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::all_counted;
use super::{nothing_wrong, read};

/// The names of `/metrics`, each with its labels.
fn counted() -> BTreeMap<String, BTreeSet<String>> {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in all_counted().lines().filter(|line| !line.starts_with('#')) {
        let (name, rest) = line.split_at(line.find(['{', ' ']).expect("a value"));
        let labels = rest.strip_prefix('{').and_then(|rest| rest.split('}').next()).unwrap_or_default();
        let labels = labels.split(',').filter_map(|pair| pair.split_once('=')).map(|(label, _)| label.to_owned());
        names.entry(name.to_owned()).or_default().extend(labels);
    }
    names
}

/// What is wrong with a query: names that nothing counts, labels that they do not have, values that no document tells.
fn faults(query: &str, told: &str, names: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (at, _) in query.match_indices("bantin_") {
        let rest = &query[at..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        let Some(labels) = names.get(name) else {
            wrong.push(format!("nothing counts {name}"));
            continue;
        };
        let row = told.lines().find(|line| line.starts_with("| `bantin_") && has_name(line, name)).unwrap_or_default();
        if row.is_empty() {
            wrong.push(format!("docs/operating.md has no row of {name}"));
        }
        let chosen = rest.strip_prefix('{').and_then(|rest| rest.split('}').next()).unwrap_or_default();
        for pair in chosen.split("\",").filter(|pair| !pair.trim().is_empty()) {
            let (label, value) = pair.split_once(['=', '!']).expect("a label");
            let label = label.trim();
            if label != "instance" && !labels.contains(label) {
                wrong.push(format!("{name} has no label {label}"));
            }
            let values = value.trim_matches(|c| "=~\" ".contains(c)).split('|').filter(|value| !value.starts_with('$'));
            for value in values.filter(|value| !row.contains(&format!("`{value}`"))) {
                if label != "channel" && !(label == "state" && is_state(value)) {
                    wrong.push(format!("{name}: nobody tells of {label} {value}"));
                }
            }
        }
    }
    wrong
}

fn is_state(value: &str) -> bool {
    read("migrations/0001_pipeline.sql").contains(&format!("'{value}'"))
}

fn has_name(row: &str, name: &str) -> bool {
    let told = row.split('`').nth(1).unwrap_or_default();
    name == told || ["_bucket", "_sum", "_count"].iter().any(|end| name.strip_suffix(end) == Some(told))
}

#[test]
fn alerts_ask_for_what_is_counted() {
    let (told, names) = (read("docs/operating.md"), counted());
    let rules: serde_json::Value = serde_norway::from_str(&read("contrib/prometheus/bantin.rules.yaml")).unwrap();
    let rules = rules["groups"][0]["rules"].as_array().unwrap().clone();
    assert!(rules.len() >= 10, "{}", rules.len());
    let mut wrong = Vec::new();
    for rule in &rules {
        let name = rule["alert"].as_str().unwrap();
        wrong.extend(
            faults(rule["expr"].as_str().unwrap(), &told, &names).into_iter().map(|what| format!("{name}: {what}")),
        );
        for text in ["summary", "description"] {
            assert!(rule["annotations"][text].is_string(), "{name} has no {text}");
        }
        if !told.contains(name) {
            wrong.push(format!("docs/operating.md does not tell of the alert {name}"));
        }
    }
    nothing_wrong(&wrong);
}

#[test]
fn the_board_asks_for_what_is_counted_and_leaves_nothing_out() {
    let (told, names) = (read("docs/operating.md"), counted());
    let board: serde_json::Value = serde_json::from_str(&read("contrib/grafana/bantin.json")).unwrap();
    let panels = board["panels"].as_array().unwrap();
    let (mut wrong, mut asked, mut ids, mut places) = (Vec::new(), String::new(), BTreeSet::new(), BTreeSet::new());
    for panel in panels {
        let title = panel["title"].as_str().unwrap();
        assert!(ids.insert(panel["id"].as_i64()), "{title} has the number of another panel");
        let at = |key: &str| panel["gridPos"][key].as_i64().unwrap();
        for place in (at("x")..at("x") + at("w")).flat_map(|x| (at("y")..at("y") + at("h")).map(move |y| (x, y))) {
            assert!(place.0 < 24 && places.insert(place), "{title} lies over another panel");
        }
        for target in panel["targets"].as_array().unwrap() {
            let query = target["expr"].as_str().unwrap();
            wrong.extend(faults(query, &told, &names).into_iter().map(|what| format!("{title}: {what}")));
            asked.push_str(query);
        }
    }
    for name in names.keys().filter(|name| !name.ends_with("_sum") && !name.ends_with("_count")) {
        if !asked.contains(name.as_str()) {
            wrong.push(format!("the board does not show {name}"));
        }
    }
    nothing_wrong(&wrong);
}
