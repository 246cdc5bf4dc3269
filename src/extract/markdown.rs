//! Reads an article from a Markdown file with YAML front matter.

use std::collections::HashSet;

use serde_norway::Value;
use url::Url;

use super::blocks::Block;
use super::{Context, ExtractError, blocks, byline, captions, date, language, page, when};
use crate::article::{Candidate, Picture, Reading, SourceDate, clean, picture, text};
use crate::fetch::bound::bound_html;

/// Longest front matter: a tree of it takes a hundred times its bytes.
const LONGEST_FRONT: usize = 64 * 1024;

/// Reads a file.
pub(super) fn read(source: &str, url: &Url, candidate: &Candidate, context: &Context) -> Result<Reading, ExtractError> {
    let (front, body) = split(source);
    let get = |names: &[&str]| names.iter().find_map(|name| string(front.get(*name)?));
    let mut out = Reading::default();

    let options = pulldown_cmark::Options::ENABLE_TABLES | pulldown_cmark::Options::ENABLE_STRIKETHROUGH;
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new_ext(body, options));
    let tree = page::Page::parse(&bound_html(&html), url);
    let mut found = blocks::build(&tree.tree.root(), url, &HashSet::new());
    // A heading at the top is the title where the front matter has none, and repeats it where it has.
    let heading = match found.first() {
        Some(Block { kind: blocks::Kind::Heading(1), text, .. }) => Some(text.clone()),
        _ => None,
    };
    let stated = get(&["title"]);
    let title = stated.clone().or_else(|| heading.clone()).or_else(|| candidate.title.clone());
    out.title = title.ok_or_else(|| ExtractError::Empty { url: url.to_string(), missing: "title" })?;
    if heading.is_some_and(|heading| text::match_key(&heading) == text::match_key(&out.title)) {
        found.remove(0);
    }
    let (line, found) = byline::take(captions::bind(found));
    out.pictures = found.iter().filter_map(Block::picture).cloned().collect();
    out.html = clean::clean_html(&blocks::to_html(&found), url);
    out.text = clean::to_text(&out.html);

    out.lead = get(&["lead", "description", "summary"]);
    out.byline = get(&["author", "byline", "authors"]).as_deref().and_then(byline::tidy).or(line);
    out.tags = match front.get("tags").or_else(|| front.get("keywords")) {
        Some(Value::Sequence(list)) => list.iter().filter_map(string).collect(),
        Some(other) => string(other).map(|all| all.split(',').map(text::one_line).collect()).unwrap_or_default(),
        None => candidate.tags.clone(),
    };
    let dates = when::options(context);
    let moment = |names: &[&str]| {
        let at = date::parse(&get(names)?, &dates)?;
        Some(SourceDate { at, provenance: "front matter".to_owned() })
    };
    out.published = moment(&["date", "published"]).or_else(|| candidate.published.clone());
    out.updated = moment(&["updated", "modified", "lastmod"]).or_else(|| candidate.updated.clone());
    let stated_image = get(&["image", "cover"]).and_then(|value| picture::absolute(&value, url)).map(String::from);
    out.image = match stated_image {
        Some(url) => {
            let caption = get(&["caption", "image_caption"]);
            let known = out.pictures.iter().find(|picture| picture.url == url).cloned();
            Some(known.unwrap_or(Picture { url, caption, ..Picture::default() }))
        }
        None => out.pictures.first().cloned(),
    };
    out.canonical = get(&["url", "canonical"])
        .and_then(|value| Url::parse(&value).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    out.language = Some(language::find(get(&["lang", "language"]).as_deref(), &out.text, context.language).0);
    for (field, names) in [
        ("title", &["title"][..]),
        ("lead", &["lead", "description", "summary"]),
        ("byline", &["author", "byline", "authors"]),
        ("published", &["date", "published"]),
        ("updated", &["updated", "modified", "lastmod"]),
        ("image", &["image", "cover"]),
        ("tags", &["tags", "keywords"]),
        ("canonical", &["url", "canonical"]),
    ] {
        if names.iter().any(|name| front.contains_key(*name)) {
            out.provenance.insert(field.to_owned(), "front matter".to_owned());
        }
    }
    out.provenance.insert("text".to_owned(), "markdown".to_owned());
    Ok(out)
}

/// The front matter and the text below it. Front matter that is no YAML, or very long, is none.
fn split(content: &str) -> (serde_norway::Mapping, &str) {
    let content = content.trim_start_matches('\u{feff}');
    let parts = content.strip_prefix("---").and_then(|rest| {
        let end = rest.find("\n---")?;
        Some((rest.get(..end)?, rest.get(end + 4..)?))
    });
    match parts {
        Some((front, body)) if front.len() > LONGEST_FRONT => (serde_norway::Mapping::new(), body),
        Some((front, body)) => match serde_norway::from_str::<Value>(front) {
            Ok(Value::Mapping(map)) => (map, body.trim_start_matches(['-', '\r'])),
            _ => (serde_norway::Mapping::new(), body),
        },
        None => (serde_norway::Mapping::new(), content),
    }
}

/// A value as one line; a list as its parts parted by commas.
fn string(value: &Value) -> Option<String> {
    let out = match value {
        Value::String(text) => text::one_line(text),
        Value::Number(number) => number.to_string(),
        Value::Sequence(list) => list.iter().filter_map(string).collect::<Vec<_>>().join(", "),
        _ => return None,
    };
    (!out.is_empty()).then_some(out)
}
