//! Both catalogues say the same things, and everything a template or page asks for is there.

use std::collections::BTreeSet;
use std::path::Path;

use crate::config::Language;
use crate::locale;

fn keys(catalogue: &str) -> BTreeSet<&str> {
    let names = catalogue.lines().filter_map(|line| line.split_once(" =")).map(|(name, _)| name);
    names.filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains(' ')).collect()
}

/// Every file below a folder with one of the endings.
fn files(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            files(&entry.path(), found);
        } else if let Ok(text) = std::fs::read_to_string(entry.path()) {
            found.push(text);
        }
    }
}

#[test]
fn both_catalogues_have_the_same_keys() {
    let (vi, en) = (keys(include_str!("../../../locales/vi.ftl")), keys(include_str!("../../../locales/en.ftl")));
    assert!(vi.len() > 80, "the keys are read: {}", vi.len());
    assert_eq!(vi.symmetric_difference(&en).collect::<Vec<_>>(), Vec::<&&str>::new());
    for key in vi {
        for language in [Language::Vi, Language::En] {
            assert!(locale::try_text(language, key, &[]).is_some(), "{key} does not parse in {language:?}");
        }
    }
}

#[test]
fn every_text_that_is_asked_for_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut asked = BTreeSet::new();
    let mut sources = Vec::new();
    files(&root.join("templates"), &mut sources);
    for source in &sources {
        let calls = source.split("t(\"").skip(1).filter_map(|rest| rest.split('"').next());
        asked.extend(calls.map(str::to_owned));
    }
    let mut sources = Vec::new();
    files(&root.join("src/web"), &mut sources);
    files(&root.join("src/feed"), &mut sources);
    for source in &sources {
        for part in source.split('"').filter(|part| part.starts_with("page-") || part.starts_with("feed-")) {
            if part.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') && !part.ends_with('-') {
                asked.insert(part.to_owned());
            }
        }
    }
    assert!(asked.len() > 60, "the calls are read: {}", asked.len());
    let missing: Vec<_> = asked.iter().filter(|key| locale::try_text(Language::Vi, key, &[]).is_none()).collect();
    assert_eq!(missing, Vec::<&String>::new());
}
