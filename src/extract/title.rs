//! The title, without the name of the site.

use dom_query::NodeRef;

use super::metadata::Metadata;
use super::page::{Page, text_of, unescape};
use crate::article::text;

/// What may part a title from the name of its site.
const SEPARATORS: &[&str] = &[" | ", " - ", " – ", " — ", " :: ", " » ", " « ", " • ", " · ", " ‹ ", " // "];

/// The title and where it came from.
pub(super) fn find(
    page: &Page,
    selector: Option<&str>,
    said: &Metadata,
    listed: Option<&str>,
) -> Option<(String, &'static str)> {
    if let Some(own) = selector.and_then(|selector| page.first_text(selector)) {
        return Some((own, "selector"));
    }
    let head = page
        .named("title")
        .find(|node| node.ancestors_it(None).any(|up| up.has_name("head")))
        .map(|node| unescape(&text_of(&node)))
        .unwrap_or_default();
    let heads = page.named("h1").map(|node| text_of(&node));
    let called = page.marked("[itemprop~=headline],.title-detail,.article-title,.entry-title,.post-title,h2.title");
    let headings: Vec<String> = heads
        .chain(called.iter().filter(|node| !node.has_name("h1")).map(text_of))
        .filter(|heading| (8..=300).contains(&heading.chars().count()))
        .collect();
    // A heading that the page repeats as its own title is the title.
    let witnesses: Vec<String> = std::iter::once(head.as_str())
        .chain(said.titles.iter().map(|(title, _)| title.as_str()))
        .chain(listed)
        .map(text::match_key)
        .collect();
    let best = headings
        .iter()
        .filter(|heading| {
            let key = text::match_key(heading);
            witnesses.iter().any(|witness| witness.contains(&key))
        })
        .max_by_key(|heading| heading.chars().count());
    if let Some(heading) = best {
        return Some((strip(heading, said), "heading"));
    }
    // The only heading is the title when it speaks of the same thing; else it may be the name of the site.
    let heads: Vec<NodeRef<'_>> = page.named("h1").collect();
    if let [only] = heads.as_slice()
        && let heading = text_of(only)
        && (8..=300).contains(&heading.chars().count())
        && witnesses.iter().any(|witness| share_words(&heading, witness))
    {
        return Some((heading, "heading"));
    }
    if let Some((title, from)) = said.titles.first() {
        return Some((strip(title, said), from));
    }
    if let Some(heading) = heads.iter().map(text_of).find(|heading| heading.chars().count() >= 8) {
        return Some((heading, "heading"));
    }
    if let Some(part) = shown_part(page, &head) {
        return Some((part, "title element"));
    }
    if !head.is_empty() {
        return Some((strip(&head, said), "title element"));
    }
    listed.map(|title| (text::one_line(title), "listing"))
}

/// The part of the title element that the page shows as a line of its own.
fn shown_part(page: &Page, head: &str) -> Option<String> {
    let mut parts = vec![head];
    for separator in SEPARATORS {
        parts = parts.into_iter().flat_map(|part| part.split(separator)).collect();
    }
    parts.retain(|part| part.chars().count() >= 12);
    let keys: Vec<String> = parts.iter().map(|part| text::match_key(part)).collect();
    let body = page.tree.body()?;
    let lines: Vec<NodeRef<'_>> = body
        .descendants_it()
        .filter(|node| node.is_text() && !node.parent().is_some_and(|parent| parent.has_name("a")))
        .collect();
    let stands = |key: &str| key.chars().count() >= 12 && lines.iter().any(|line| text::has_key(&line.text(), key));
    let shown = parts.iter().zip(&keys).filter(|(_, key)| stands(key));
    shown.max_by_key(|(part, _)| part.chars().count()).map(|(part, _)| text::one_line(part))
}

/// Whether a third of the words of a heading stand in a witness, and more than one.
fn share_words(heading: &str, witness: &str) -> bool {
    let key = text::match_key(heading);
    let words: Vec<&str> = key.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 1).collect();
    let there: Vec<&str> = witness.split(|c: char| !c.is_alphanumeric()).collect();
    let shared = words.iter().filter(|word| there.contains(word)).count();
    shared >= 2 && shared * 3 >= words.len()
}

/// The title without " | Site".
fn strip(title: &str, said: &Metadata) -> String {
    let site = said.site_name.as_deref().map(text::match_key).unwrap_or_default();
    for separator in SEPARATORS {
        let Some((before, after)) = title.rsplit_once(separator) else { continue };
        let key = text::match_key(after);
        let named = !site.is_empty() && (key == site || site.contains(&key) || key.contains(&site));
        // A hyphen parts clauses too; a bar does not.
        let certain = matches!(*separator, " | " | " :: " | " » " | " « ");
        let small = after.split_whitespace().count() <= 5 && before.split_whitespace().count() >= 4;
        let host_like = after.contains('.') && !after.contains(". ");
        if named || (small && (certain || host_like)) {
            return strip(before.trim(), said);
        }
    }
    title.to_owned()
}
