//! The card around a title: the largest part of the page that holds this article and no other.

use std::collections::HashMap;

use dom_query::{NodeId, NodeRef};

use super::links::{self, Link};
use super::page::{attr, name};
use crate::fetch::bound::Walk as _;

/// One article's box on the page.
pub struct Card<'d> {
    pub root: NodeRef<'d>,
    /// Its title link, the best of several to the same address.
    pub link: Link<'d>,
    /// The structure it stands in: cards of one list share it.
    pub signature: String,
}

/// How many levels above a card its signature tells.
const LEVELS: usize = 14;

/// The cards of the titles, in the page's order, one for each address and place.
pub fn of<'d>(links: Vec<Link<'d>>) -> Vec<Card<'d>> {
    let owner = links::owners(links.iter().map(|link| (link.node, link.key.as_str())));
    let roots: Vec<NodeRef<'d>> = links
        .iter()
        .map(|link| {
            let above = link.node.above(None);
            let own = above.take_while(|node| {
                owner.get(&node.id).is_some_and(Option::is_some)
                    && !matches!(name(node).as_str(), "body" | "html" | "main")
            });
            own.last().unwrap_or(link.node)
        })
        .collect();
    drop(owner);
    let mut cards: Vec<Card<'d>> = Vec::new();
    let mut places: HashMap<NodeId, usize> = HashMap::new();
    for (link, root) in links.into_iter().zip(roots) {
        if let Some(card) = places.get(&root.id).and_then(|&at| cards.get_mut(at)) {
            // Several links to one article in one card: the heading, else the longest text, is its title.
            let rank = |link: &Link<'_>| (link.heading, !link.minor, link.text.chars().count());
            let better = rank(&link) > rank(&card.link);
            if better {
                card.link = link;
            }
            continue;
        }
        places.insert(root.id, cards.len());
        cards.push(Card { root, link, signature: signature(&root) });
    }
    cards
}

/// The tags and lasting classes above a card, and its own tag.
fn signature(root: &NodeRef<'_>) -> String {
    let mut out = name(root);
    // The columns of a table are different things.
    if root.has_name("td") {
        let mut column = 0;
        let mut before = root.prev_element_sibling();
        while let Some(cell) = before.filter(|_| column < 40) {
            column += 1;
            before = cell.prev_element_sibling();
        }
        out.push_str(&column.to_string());
    }
    for node in root.above(Some(LEVELS)).filter(|node| node.is_element() && !is_wrapper(node)) {
        out.push('<');
        out.push_str(&name(&node));
        for class in attr(&node, "class").split_ascii_whitespace().take(12) {
            // Cards may alternate between left and right; what holds them stands on one side.
            if let Some(class) = if matches!(class, "left" | "right") { Some(class.to_owned()) } else { lasts(class) } {
                out.push('.');
                out.push_str(&class);
            }
        }
    }
    out
}

/// Whether an element only wraps another: no name of its own, one element in it.
fn is_wrapper(node: &NodeRef<'_>) -> bool {
    node.has_name("div")
        && node.attr("class").is_none()
        && node.attr("id").is_none()
        && node.first_element_child().is_some_and(|child| child.next_element_sibling().is_none())
}

/// The classes of an element that are the same on every element of its kind: no state or place in the row; numbers
/// that count (`post-123`, `row-2`) are left out of them.
pub fn lasting(node: &NodeRef<'_>) -> Vec<String> {
    attr(node, "class").split_ascii_whitespace().filter_map(lasts).take(8).collect()
}

fn lasts(class: &str) -> Option<String> {
    const PASSING: &[&str] =
        &["first", "last", "odd", "even", "active", "current", "clearfix", "left", "right", "alt", "selected", "open"];
    if class.len() > 64 || PASSING.iter().any(|p| class.eq_ignore_ascii_case(p)) {
        return None;
    }
    // The width of a column tells a list from what stands beside it.
    if class.starts_with("col") {
        return Some(class.to_owned());
    }
    let mut out = String::new();
    for c in class.chars() {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    Some(out)
}
