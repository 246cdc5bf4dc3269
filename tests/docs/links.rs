//! Links between documents, and paths that documents name.

use super::{Document, documents, nothing_wrong, root, spans, split};

/// Folders and files of the project; what begins with one of them is a path.
const TOP: &[&str] = &[
    "src/",
    "tests/",
    "docs/",
    "scripts/",
    "templates/",
    "locales/",
    "migrations/",
    "sample/",
    "benches/",
    "contrib/",
    ".ci/",
];

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    for document in documents() {
        let (prose, _) = split(&document.text);
        for target in prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if !target.contains("://") && !target.starts_with("mailto:") {
                wrong.extend(broken(&document, target));
            }
        }
    }
    nothing_wrong(&wrong);
}

fn broken(document: &Document, target: &str) -> Option<String> {
    let (path, heading) = target.split_once('#').map_or((target, None), |(path, heading)| (path, Some(heading)));
    let here = root().join(&document.path);
    let file = if path.is_empty() { here.clone() } else { here.parent()?.join(path) };
    if !file.exists() {
        return Some(format!("{}: the link to {target} leads nowhere", document.path.display()));
    }
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let known = heading.is_none_or(|heading| headings(&text).any(|known| known == heading));
    (!known).then(|| format!("{}: {target} has no such heading", document.path.display()))
}

/// The anchors of a document's headings, as code hosts make them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
        kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
    })
}

#[test]
fn paths_are_there() {
    let mut wrong = Vec::new();
    for document in documents() {
        let (prose, code) = split(&document.text);
        let words = code.iter().flat_map(|line| line.split_whitespace());
        for name in spans(&prose).chain(words) {
            let is_path = TOP.iter().any(|top| name.starts_with(top)) || is_root_file(name);
            if is_path && !name.contains(['<', '*', ' ', '…']) && !root().join(name).exists() {
                wrong.push(format!("{}: there is no {name}", document.path.display()));
            }
        }
    }
    nothing_wrong(&wrong);
}

fn is_root_file(name: &str) -> bool {
    name == "Dockerfile"
        || name
            .strip_suffix(".toml")
            .is_some_and(|stem| !stem.is_empty() && stem.chars().all(|letter| letter.is_ascii_alphabetic()))
}
