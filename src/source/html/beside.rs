//! What flat lists say of an article beside its title: `<h3>title</h3><p>date</p><p>lead</p><h3>…`, a row with the
//! title above a row with the rest. The elements between two titles belong to one of them; the ends of the list tell
//! to which. Fills in what the cards themselves do not say.

use std::collections::{HashMap, HashSet};

use dom_query::{NodeId, NodeRef};

use super::cards::Card;
use super::fields;
use super::page::Page;
use crate::article::{Candidate, canonical};
use crate::fetch::bound::Walk as _;

/// Least titles of a flat list.
const LEAST: usize = 3;
/// Most elements that belong to one title.
const MOST: usize = 6;

/// Fills in dates, leads and pictures from the elements around the titles of flat lists.
pub fn fill(page: &Page<'_>, cards: &[Card<'_>], candidates: &mut [Candidate]) {
    let mut lists: HashMap<NodeId, Vec<usize>> = HashMap::new();
    for (at, card) in cards.iter().enumerate() {
        if let Some(parent) = card.root.parent() {
            lists.entry(parent.id).or_default().push(at);
        }
    }
    let roots: HashSet<NodeId> = cards.iter().map(|card| card.root.id).collect();
    for members in lists.into_values().filter(|members| members.len() >= LEAST) {
        // Where each card dates itself, it says the rest too.
        if members.iter().all(|&at| candidates.get(at).is_some_and(|found| found.published.is_some())) {
            continue;
        }
        let Some(way) = way(page, &members, cards, candidates, &roots) else { continue };
        for at in members {
            let (Some(card), Some(found)) = (cards.get(at), candidates.get_mut(at)) else { continue };
            let title = found.title.clone().unwrap_or_default();
            let around = around(page, card, &roots, way);
            if found.published.is_none() {
                found.published = around.iter().find_map(|node| fields::published(page, node, &title));
            }
            if found.lead.is_none() {
                found.lead = around.iter().find_map(|node| fields::lead(node, &title));
            }
            if found.image.is_none() {
                found.image = around.iter().find_map(|node| fields::picture(page, node));
            }
        }
    }
}

/// On which side of a title the rest stands.
#[derive(Clone, Copy)]
enum Way {
    After,
    Before,
}

/// The side on which the rest stands, where the ends of the list tell it: behind the last title, or before the first.
fn way(
    page: &Page<'_>,
    members: &[usize],
    cards: &[Card<'_>],
    candidates: &[Candidate],
    roots: &HashSet<NodeId>,
) -> Option<Way> {
    let says = |at: Option<&usize>, way: Way| {
        let at = *at?;
        let (card, found) = (cards.get(at)?, candidates.get(at)?);
        let title = found.title.as_deref().unwrap_or_default();
        let around = around(page, card, roots, way);
        let dated = around.iter().any(|node| fields::published(page, node, title).is_some());
        (dated || around.iter().any(|node| fields::lead(node, title).is_some())).then_some(way)
    };
    says(members.last(), Way::After).or_else(|| says(members.first(), Way::Before))
}

/// The elements beside a card up to the next title, none of which leads to another article.
fn around<'d>(page: &Page<'_>, card: &Card<'d>, roots: &HashSet<NodeId>, way: Way) -> Vec<NodeRef<'d>> {
    let step = |node: &NodeRef<'d>| match way {
        Way::After => node.next_element_sibling(),
        Way::Before => node.prev_element_sibling(),
    };
    let mut out = Vec::new();
    let mut next = step(&card.root);
    while let Some(node) = next.filter(|node| out.len() < MOST && !roots.contains(&node.id)) {
        let leads_elsewhere = std::iter::once(node).chain(node.below()).any(|inner| {
            let url = inner.attr("href").filter(|_| inner.has_name("a")).and_then(|href| page.link(&href));
            url.is_some_and(|url| canonical::key(&url) != card.link.key && super::links::looks_like_article(&url))
        });
        if leads_elsewhere || fields::is_heading(&node) {
            break;
        }
        out.push(node);
        next = step(&node);
    }
    out
}
