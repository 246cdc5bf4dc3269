//! A text that one language lacks, or that a template asks for and neither has, fails the build: no reader ever meets a
//! page in two languages, or a key instead of words.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=templates");
    let (vi, en) = (keys("locales/vi.ftl"), keys("locales/en.ftl"));
    let mut asked = BTreeSet::new();
    calls(Path::new("templates"), &mut asked);
    let missing = |what: &str, keys: Vec<&String>| {
        for key in &keys {
            println!("cargo::error={what}: {key}");
        }
    };
    missing("locales/en.ftl lacks a text that vi.ftl has", vi.difference(&en).collect());
    missing("locales/vi.ftl lacks a text that en.ftl has", en.difference(&vi).collect());
    missing("a template asks for a text that is in no catalogue", asked.difference(&vi).collect());
}

/// The names of a catalogue's texts.
fn keys(file: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let names = text.lines().filter_map(|line| line.split_once(" =")).map(|(name, _)| name);
    names.filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase())).map(str::to_owned).collect()
}

/// What the templates below a folder ask for: `t("key"`.
fn calls(folder: &Path, asked: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            calls(&entry.path(), asked);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            let keys = text.split("t(\"").skip(1).filter_map(|rest| rest.split('"').next());
            asked.extend(keys.map(str::to_owned));
        }
    }
}
