//! The body of an article: the section's selector, else the best of several candidates; then without what the
//! page shows around its text.

mod arbiter;
mod candidates;
mod edges;
mod lines;
mod others;
mod vocabulary;
mod weights;

pub(super) use edges::{Around, above, below};

use std::collections::HashSet;

use dom_query::{NodeId, NodeRef};

use super::blocks::{self, Block};
use super::metadata::Metadata;
use super::page::Page;
use super::{furniture, tail};
use crate::config::HtmlRules;

/// A body as it was found.
pub(super) struct Body<'a> {
    pub blocks: Vec<Block>,
    /// Where it came from.
    pub source: &'static str,
    /// The element that the section's selector named; then nothing else of the page was searched for it.
    pub given: Option<NodeRef<'a>>,
    /// Boxes of other articles, which belong to no part of this one: on the whole page, or in what the selector named.
    pub boxes: HashSet<NodeId>,
}

/// Finds the body.
pub(super) fn find<'a>(page: &'a Page, rules: &HtmlRules, said: &Metadata) -> Option<Body<'a>> {
    let own: HashSet<NodeId> =
        rules.remove.iter().flat_map(|selector| page.select(selector).nodes().to_vec()).map(|node| node.id).collect();
    let with = |boxes: &HashSet<NodeId>| -> HashSet<NodeId> { own.union(boxes).copied().collect() };
    if let Some(selector) = rules.body.as_deref() {
        let nodes = page.select(selector).nodes().to_vec();
        let boxes: HashSet<NodeId> = nodes.iter().flat_map(|node| furniture::below(page, node)).collect();
        let removed = with(&boxes);
        let read = |node: &NodeRef<'_>| tail::cut(blocks::build(node, &page.base, &removed), &rules.stop_at);
        let blocks: Vec<Block> = nodes.iter().flat_map(read).collect();
        if !blocks.is_empty() {
            return Some(Body { blocks, source: "selector", given: nodes.first().copied(), boxes });
        }
    }
    let mut boxes = furniture::find(page);
    boxes.extend(others::find(page, said));
    let all = candidates::all(page, &with(&boxes), &rules.stop_at);
    let best = arbiter::choose(all, said.body.as_deref())?;
    Some(Body { blocks: best.blocks, source: best.way.name(), given: None, boxes })
}
