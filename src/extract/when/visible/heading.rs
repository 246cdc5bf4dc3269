//! Where a page shows its title.

use std::collections::HashSet;

use dom_query::NodeRef;

use crate::article::text;
use crate::extract::page::Page;

/// The element that shows the title: a heading of these words, the first `h1`, a heading that shares most of the
/// words, else any short element of them.
pub(super) fn find<'a>(page: &'a Page, title: &str) -> Option<NodeRef<'a>> {
    let title = text::match_key(title);
    let same = |node: &NodeRef<'_>| {
        let key = text::match_key(&node.text());
        // Titles of metadata carry the site's name.
        key == title || (key.chars().count() >= 15 && (title.starts_with(&key) || key.starts_with(&title)))
    };
    let headings = page.select("h1");
    let lower = page.select("h2,h3");
    let first = headings.nodes().iter().chain(lower.nodes()).find(|node| same(node)).copied();
    first
        .or_else(|| headings.nodes().iter().find(|node| !node.text().trim().is_empty()).copied())
        .or_else(|| lower.nodes().iter().find(|node| shares_words(&title, &node.text())).copied())
        .or_else(|| {
            let root = page.select("body").nodes().first().copied()?;
            let texts = root.descendants_it().filter(NodeRef::is_text);
            texts.filter(|node| same(node)).find_map(|node| node.parent())
        })
}

/// Whether most words of the title stand in a heading.
fn shares_words(title: &str, heading: &str) -> bool {
    let heading = text::match_key(heading);
    let there: HashSet<&str> = heading.split(|c: char| !c.is_alphanumeric()).collect();
    let words: Vec<&str> =
        title.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2).collect();
    let shared = words.iter().filter(|word| there.contains(*word)).count();
    words.len() >= 3 && shared * 10 >= words.len() * 7
}
