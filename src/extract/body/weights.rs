//! How much running text stands below each element of a page, counted once for all of them: text outside links
//! and furniture, in pieces long enough to be sentences.

use std::collections::{HashMap, HashSet};

use dom_query::{NodeId, NodeRef};

use super::super::page::{Page, hints};
use super::super::tail;
use crate::article::clean;
use crate::fetch::bound::Walk as _;

/// Shortest piece of text that is taken for a part of a sentence.
const SENTENCE: usize = 40;

/// Characters of running text below each element.
pub(super) struct Weights(HashMap<NodeId, usize>);

/// What an element hands down to the text below it.
#[derive(Clone, Copy, Default)]
struct State {
    /// Inside navigation, a footer, a script, or what is named as no part of an article.
    out: bool,
    /// Inside a link.
    linked: bool,
}

impl Weights {
    /// Counts. Two passes over the tree, however deep it is: down with what elements hand on, up with sums.
    pub fn of(page: &Page, removed: &HashSet<NodeId>) -> Self {
        let mut states: HashMap<NodeId, State> = HashMap::new();
        let mut out: HashMap<NodeId, usize> = HashMap::new();
        let mut order: Vec<(NodeId, NodeId)> = Vec::new();
        for node in page.tree.root().below() {
            let Some(parent) = node.parent() else { continue };
            let above = states.get(&parent.id).copied().unwrap_or_default();
            if node.is_text() {
                if !above.out && !above.linked {
                    let length = node.text().trim().chars().count();
                    if length >= SENTENCE {
                        *out.entry(parent.id).or_default() += length;
                    }
                }
            } else if let Some(name) = node.node_name() {
                let state = State {
                    out: above.out || removed.contains(&node.id) || is_furniture(&node, &name),
                    linked: above.linked || name.as_ref() == "a",
                };
                states.insert(node.id, state);
                order.push((node.id, parent.id));
            }
        }
        for (node, parent) in order.into_iter().rev() {
            if let Some(&length) = out.get(&node) {
                *out.entry(parent).or_default() += length;
            }
        }
        Self(out)
    }

    /// The running text below a node.
    pub fn get(&self, node: &NodeRef<'_>) -> usize {
        self.0.get(&node.id).copied().unwrap_or(0)
    }

    /// The innermost element that holds `share` per cent of the running text at each step below `node`.
    pub fn densest<'a>(&self, mut node: NodeRef<'a>, share: usize) -> NodeRef<'a> {
        while let Some(child) = node.children_it(false).max_by_key(|child| self.get(child)) {
            let leaf = matches!(child.node_name().as_deref(), Some("p" | "span" | "font" | "li" | "ul" | "ol"));
            if leaf || self.get(&child) * 100 < self.get(&node) * share {
                break;
            }
            node = child;
        }
        node
    }
}

/// Whether an element and all below it is no part of an article.
fn is_furniture(node: &NodeRef<'_>, name: &str) -> bool {
    match name {
        "script" | "style" | "nav" | "footer" | "aside" | "noscript" | "template" | "button" | "head" | "select"
        | "label" | "textarea" | "svg" | "iframe" => true,
        "body" | "html" | "main" | "article" | "form" | "p" | "span" => false,
        _ => clean::is_block(name) && tail::is_junk_name(&hints(node)),
    }
}
