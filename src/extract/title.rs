//! The title, without the name of the site.

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
    let head = page.select("head title").nodes().first().map(|node| unescape(&text_of(node))).unwrap_or_default();
    let headings: Vec<String> = page
        .select("h1,[itemprop~=headline],.title-detail,.article-title,.entry-title,.post-title,h2.title")
        .nodes()
        .iter()
        .map(text_of)
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
    if let Some((title, from)) = said.titles.first() {
        return Some((strip(title, said), from));
    }
    if let Some(heading) = page.select("h1").nodes().iter().map(text_of).find(|heading| heading.chars().count() >= 8) {
        return Some((heading, "heading"));
    }
    if !head.is_empty() {
        return Some((strip(&head, said), "title element"));
    }
    listed.map(|title| (text::one_line(title), "listing"))
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
