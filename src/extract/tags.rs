//! Tags: the links that are called so, by their relation, their names or their addresses; else those of the metadata,
//! else the listing's.

use dom_query::NodeRef;

use super::metadata::Metadata;
use super::page::{Page, attribute, hints, text_of};
use crate::article::{Candidate, text};
use crate::fetch::bound::Walk as _;

/// Most tags of an article; a longer row is the site's cloud of tags.
const MOST: usize = 12;

/// Names of elements that hold tags.
const NAMES: &[&str] = &["tag", "tags", "keyword", "keywords", "tukhoa", "tu-khoa", "taglist", "tag-list", "hashtag"];

/// Parts of addresses that lead to a tag.
const PATHS: &[&str] =
    &["tag", "tags", "tu-khoa", "tukhoa", "keyword", "keywords", "topic", "topics", "chu-de", "hashtag"];

/// The tags and where they came from.
pub(super) fn find(page: &Page, said: &Metadata, candidate: &Candidate) -> (Vec<String>, &'static str) {
    let links: Vec<NodeRef<'_>> = page.named("a").filter(|link| link.has_attr("href") && !is_category(link)).collect();
    let ways: [&dyn Fn(&NodeRef<'_>) -> bool; 3] = [
        &|link| attribute(link, "rel").is_some_and(|rel| rel.split_whitespace().any(|word| word == "tag")),
        &|link| link.above(Some(4)).any(|up| !up.has_name("body") && is_named(&up)),
        &leads_to_tag,
    ];
    let mut best: Vec<String> = Vec::new();
    for way in ways {
        let found = texts(links.iter().filter(|link| way(link)));
        // A later way may know the whole row of which an earlier one found a part.
        if (1..=MOST).contains(&found.len()) && best.iter().all(|tag| found.contains(tag)) {
            best = found;
        }
    }
    if !best.is_empty() {
        return (best, "tag links");
    }
    if !said.tags.is_empty() {
        return (said.tags.iter().take(MOST).cloned().collect(), "meta");
    }
    (candidate.tags.clone(), "listing")
}

/// Whether class or id say that tags are inside.
fn is_named(node: &NodeRef<'_>) -> bool {
    let maybe = |name: &str| {
        node.attr(name).is_some_and(|value| {
            let value = value.to_ascii_lowercase();
            value.contains("tag") || value.contains("keyword") || value.contains("khoa")
        })
    };
    (maybe("class") || maybe("id")) && hints(node).iter().any(|word| NAMES.contains(&word.as_str()))
}

fn texts<'a>(links: impl Iterator<Item = &'a NodeRef<'a>>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for link in links {
        let tag = text_of(link);
        let tag =
            tag.trim_start_matches('#').trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).to_owned();
        let label = matches!(text::folded(&tag).as_str(), "tags" | "tag" | "tu khoa" | "keywords");
        if (2..=60).contains(&tag.chars().count()) && !label && !out.contains(&tag) {
            out.push(tag);
        }
        // One more than there may be tells that there are too many.
        if out.len() > MOST {
            break;
        }
    }
    out
}

/// `rel="category tag"` names the section.
fn is_category(link: &NodeRef<'_>) -> bool {
    attribute(link, "rel").is_some_and(|rel| rel.split_whitespace().any(|word| word == "category"))
}

fn leads_to_tag(link: &NodeRef<'_>) -> bool {
    let Some(href) = attribute(link, "href") else { return false };
    let path = href.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let mut parts = path.split('/').filter(|part| !part.is_empty()).rev();
    // Something must stand behind the word.
    let last = parts.next();
    last.is_some() && parts.any(|part| PATHS.contains(&part))
}
