//! Pages as a redesign might leave them: the same content under other names, in other wrappings, in another order.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What is done to a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Every class and id gets another name, the same everywhere.
    Rename,
    /// Boxes are wrapped in one more `<div>`.
    Wrap,
    /// The boxes of the page change places.
    Reorder,
    /// Headings become plain boxes.
    Flatten,
}

pub const WAYS: &[Way] = &[Way::Rename, Way::Wrap, Way::Reorder, Way::Flatten];

/// Least precision and recall over all pages and seeds, for each way. Without their names, menus and boxes are known
/// only by their structure and words.
pub const FLOOR: f64 = 0.90;

fn number(seed: u64, about: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, about).hash(&mut hasher);
    hasher.finish()
}

/// The page, changed.
pub fn page(html: &str, way: Way, seed: u64) -> String {
    let dom = dom_query::Document::from(html);
    match way {
        Way::Rename => {
            let mut names: HashMap<String, String> = HashMap::new();
            for node in dom.select("body *").nodes() {
                for attribute in ["class", "id"] {
                    let Some(value) = node.attr(attribute) else { continue };
                    let renamed: Vec<String> = value
                        .split_ascii_whitespace()
                        .map(|name| {
                            let new = || format!("k{:x}", number(seed, name) & 0xff_ffff);
                            names.entry(name.to_owned()).or_insert_with(new).clone()
                        })
                        .collect();
                    node.set_attr(attribute, &renamed.join(" "));
                }
            }
        }
        Way::Wrap => {
            for (at, node) in dom.select("body div, body ul, body article").nodes().iter().enumerate() {
                if number(seed, at).is_multiple_of(5) {
                    let wrapper = dom.tree.new_element("div");
                    node.insert_before(&wrapper);
                    wrapper.append_child(node);
                }
            }
        }
        Way::Reorder => {
            for parent in dom.select("body, body > div, body > form, main").nodes() {
                let mut children: Vec<_> = parent.element_children();
                // Cards keep their order, and so do things of one kind: only boxes of different kinds move.
                let kinds: std::collections::HashSet<String> =
                    children.iter().map(|c| c.attr("class").map(|c| c.to_string()).unwrap_or_default()).collect();
                if kinds.len() * 2 < children.len() {
                    continue;
                }
                children.sort_by_key(|child| number(seed, child.id));
                for child in children {
                    parent.append_child(&child);
                }
            }
        }
        Way::Flatten => {
            for node in dom.select("h1, h2, h3, h4, h5, h6").nodes() {
                node.rename("div");
            }
        }
    }
    dom.html().to_string()
}
