//! Clean HTML as lines of plain text.

use dom_query::{Document, NodeRef};

use super::is_block;
use crate::article::text;

/// The plain text of clean HTML: paragraphs on one line each, list items after "- ", table cells parted by
/// " | ". Captions belong to their pictures and are not in it.
pub fn to_text(html: &str) -> String {
    let tree = Document::fragment(html);
    let mut lines = Lines::default();
    lines.walk(&tree.root());
    lines.end();
    lines.done.join("\n")
}

/// Lines as they are put together.
#[derive(Default)]
struct Lines {
    done: Vec<String>,
    line: String,
    /// How many table cells are open: in a cell nothing begins a line.
    cells: usize,
}

impl Lines {
    /// Ends the line, or only the word where a cell is open.
    fn end(&mut self) {
        if self.cells > 0 {
            self.line.push(' ');
            return;
        }
        let line = text::one_line(&self.line);
        self.line.clear();
        if !line.is_empty() && line != "-" {
            self.done.push(line);
        }
    }

    /// Adds a node and all below it.
    fn walk(&mut self, root: &NodeRef<'_>) {
        enum Step<'a> {
            Open(NodeRef<'a>),
            Close(String),
        }
        let mut steps = vec![Step::Open(*root)];
        while let Some(step) = steps.pop() {
            let node = match step {
                Step::Close(name) => {
                    self.close(&name);
                    continue;
                }
                Step::Open(node) => node,
            };
            if node.is_text() {
                self.line.push_str(&node.text());
                continue;
            }
            let name = node.node_name().map(|name| name.to_string()).unwrap_or_default();
            match name.as_str() {
                "figcaption" | "script" | "style" | "template" => continue,
                "br" => self.end(),
                "pre" => {
                    self.end();
                    for line in node.text().lines() {
                        self.line.push_str(line);
                        self.end();
                    }
                    continue;
                }
                "li" => {
                    self.end();
                    self.line.push_str("- ");
                }
                "td" | "th" => self.cells += 1,
                // The first paragraph of a list item goes on behind its "- ".
                "p" if self.line == "- " => {}
                _ if is_block(&name) => self.end(),
                _ => {}
            }
            steps.push(Step::Close(name));
            steps.extend(node.children_it(true).map(Step::Open));
        }
    }

    /// What the end of an element does to the line.
    fn close(&mut self, name: &str) {
        match name {
            "td" | "th" => {
                self.cells = self.cells.saturating_sub(1);
                self.line.push_str(" | ");
            }
            "tr" if self.cells == 0 => {
                let filled = self.line.trim_end_matches([' ', '|']).len();
                self.line.truncate(filled);
                self.end();
            }
            _ if is_block(name) => self.end(),
            _ => {}
        }
    }
}
