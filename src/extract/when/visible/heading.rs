//! Where a page shows its title.

use std::collections::HashSet;

use dom_query::NodeRef;

use crate::article::text;
use crate::extract::page::Page;
use crate::fetch::bound::Walk as _;

/// The element that shows the title: a heading of these words or of most of them, the only `h1` where it speaks of the
/// same thing, else any element of them, else the first `h1`, which may name the site only.
pub(super) fn find<'a>(page: &'a Page, title: &str) -> Option<NodeRef<'a>> {
    let title = text::match_key(title);
    let length = title.chars().count();
    let same = |node: &NodeRef<'_>| {
        let key = text::match_key(&node.text());
        // Titles of metadata carry the site's name.
        key == title || (key.chars().count() >= 15 && (title.starts_with(&key) || key.starts_with(&title)))
    };
    let shares = |node: &NodeRef<'_>| shares_words(&title, &node.text()) >= MOST;
    // Old pages set their title in any element.
    let anywhere = |is: &dyn Fn(&NodeRef<'_>) -> bool| {
        let root = page.tree.body()?;
        let fits = |node: &NodeRef<'_>| {
            let length_here = node.text().trim().chars().take(2 * length + 40).count();
            node.is_text() && length_here * 2 >= length.min(30) && length_here < 2 * length + 40
        };
        root.below().filter(fits).filter(is).find_map(|node| {
            node.parent().filter(|parent| !["script", "style", "a", "option"].iter().any(|name| parent.has_name(name)))
        })
    };
    let all = || page.named("h1").chain(page.named("h2")).chain(page.named("h3"));
    // The only `h1` may say it in other words; a heading within the text may repeat the title.
    let only = || {
        let mut heads = page.named("h1");
        let head = heads.next().filter(|_| heads.next().is_none())?;
        (shares_words(&title, &head.text()) >= SOME).then_some(head)
    };
    all()
        .find(&same)
        .or_else(|| page.named("h1").find(&shares))
        .or_else(only)
        .or_else(|| all().find(&shares))
        .or_else(|| anywhere(&same))
        .or_else(|| anywhere(&shares))
        .or_else(|| page.named("h1").find(|node| !node.text().trim().is_empty()))
}

/// Tenths of the title's words that a heading shares which says the same.
const MOST: usize = 7;
/// The same of one that speaks of the same thing.
const SOME: usize = 4;

/// How many tenths of the words of the title stand in a heading; none where they are too few to tell.
fn shares_words(title: &str, heading: &str) -> usize {
    let heading = text::match_key(heading);
    let there: HashSet<&str> = heading.split(|c: char| !c.is_alphanumeric()).collect();
    let words: Vec<&str> =
        title.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2).collect();
    let shared = words.iter().filter(|word| there.contains(*word)).count();
    if words.len() < 3 { 0 } else { shared * 10 / words.len() }
}
