//! The part of the site that the page says it belongs to: its metadata, the link to its category, its breadcrumbs.

use std::collections::HashSet;

use dom_query::{NodeId, NodeRef};

use super::metadata::Metadata;
use super::page::{Page, hints, text_of};
use crate::article::text;
use crate::fetch::bound::Walk as _;

/// Names of a site's front page, folded.
const HOME: &[&str] = &["trang chu", "trang nhat", "home", "home page", "front page", "tin tuc trang chu"];

/// Longest name of a section.
const LONGEST: usize = 60;

/// The section and where it came from.
pub(super) fn find(page: &Page, said: &Metadata, title: &str) -> Option<(String, &'static str)> {
    let fits = |name: &String| (2..=LONGEST).contains(&name.chars().count());
    if let Some((name, from)) = said.sections.iter().find(|(name, _)| fits(name)) {
        return Some((name.clone(), *from));
    }
    let category = page.marked("a[rel~=category]").iter().map(text_of).find(fits);
    if let Some(name) = category {
        return Some((name, "category link"));
    }
    let title = text::match_key(title);
    let named = page.marked("[class*=readcrumb],[class*=pathway],[class*=duong-dan],[id*=readcrumb]");
    let by_name = named.iter().find_map(|node| last_link(node, &title));
    by_name.or_else(|| by_shape(page, &title)).filter(fits).map(|name| (name, "breadcrumbs"))
}

/// The last link of a row that is neither the front page nor the article.
fn last_link(row: &NodeRef<'_>, title: &str) -> Option<String> {
    let links = row.below().filter(|node| node.has_name("a")).map(|link| text_of(&link));
    let own = |name: &String| {
        !name.is_empty() && !HOME.contains(&text::folded(name).as_str()) && text::match_key(name) != title
    };
    links.filter(own).last()
}

/// Whether a link is called the front page.
fn leads_home(link: &NodeRef<'_>) -> bool {
    let label = link.text();
    let label = label.trim();
    (4..=60).contains(&label.len()) && HOME.contains(&text::folded(label).as_str())
}

/// Breadcrumbs that are not called so: a short row of links, the first to the front page, nothing between them but
/// signs; the last such row before the title.
fn by_shape(page: &Page, title: &str) -> Option<String> {
    let body = page.tree.body()?;
    let home: HashSet<NodeId> = page.named("a").filter(leads_home).map(|link| link.id).collect();
    if home.is_empty() {
        return None;
    }
    let mut found = None;
    for node in body.below() {
        if node.is_text() && found.is_some() && text::has_key(&node.text(), title) {
            break;
        }
        if !home.contains(&node.id) {
            continue;
        }
        // The row is the link's own box or one of the next around it.
        for row in node.above(Some(3)) {
            let links: Vec<NodeRef<'_>> = row.below().filter(|inner| inner.has_name("a")).take(6).collect();
            if links.len() > 5
                || row.has_name("body")
                || hints(&row).iter().any(|word| word == "menu" || word == "footer")
            {
                break;
            }
            if links.len() < 2 || links.first().is_none_or(|first| first.id != node.id) {
                continue;
            }
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
            let linked: usize = links.iter().map(|link| letters(&text_of(link))).sum();
            let all = letters(&text_of(&row));
            // The article's own title may stand at the end of it, unlinked.
            if all <= 240 && (all <= linked + 24 || all <= linked + letters(title) + 24) {
                found = last_link(&row, title).or(found);
            }
            break;
        }
    }
    found
}
