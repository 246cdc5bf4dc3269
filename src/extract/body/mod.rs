//! The body of an article: the section's selector, else the best of several candidates; then without what the
//! page shows around its text.

mod arbiter;
mod candidates;
mod edges;
mod lines;
mod vocabulary;
mod weights;

pub(super) use edges::{Around, above, below};

use dom_query::{NodeId, NodeRef};

use super::blocks::{self, Block};
use super::metadata::Metadata;
use super::page::Page;
use super::tail;
use crate::config::HtmlRules;

/// The blocks of the body and where they came from.
/// `furniture` are boxes of other articles, left out of every way of finding it.
pub(super) fn find(
    page: &Page,
    rules: &HtmlRules,
    said: &Metadata,
    furniture: &[NodeId],
) -> Option<(Vec<Block>, &'static str)> {
    let own = rules.remove.iter().flat_map(|selector| page.select(selector).nodes().to_vec()).map(|node| node.id);
    let removed: Vec<NodeId> = own.chain(furniture.iter().copied()).collect();
    if let Some(selector) = rules.body.as_deref() {
        let read = |node: &NodeRef<'_>| tail::cut(blocks::build(node, &page.base, &removed), &rules.stop_at);
        let blocks: Vec<Block> = page.select(selector).nodes().iter().flat_map(read).collect();
        if !blocks.is_empty() {
            return Some((blocks, "selector"));
        }
    }
    let all = candidates::all(page, &removed, &rules.stop_at);
    arbiter::choose(all, said.body.as_deref()).map(|best| (best.blocks, best.way.name()))
}
