//! What stands around the body in the same box of the page: above it, below the title, the lead and the writer; below
//! it the writer and the files. Layouts that keep these outside the body's own element are read here.

use std::collections::HashSet;

use dom_query::{Document, NodeId, NodeRef};

use super::blocks::{self, Block};
use super::captions;
use super::page::Page;
use super::tail;
use crate::article::{Picture, text};
use crate::fetch::bound::Walk as _;

/// The blocks around the body.
pub(super) struct Around<'a> {
    /// From below the title to the body.
    pub before: Vec<Block>,
    /// Below the body, up to a few.
    pub after: Vec<Block>,
    /// Pictures of the box with the captions that its own styles and elements give them: a reading that lost those
    /// on its way can be mended.
    pub pictures: Vec<Picture>,
    /// The element that holds title, body and what belongs to them.
    pub home: NodeRef<'a>,
    /// Short pieces of text around the title, up to the body.
    pub head: Vec<String>,
    /// Pieces of text right below the body, up to what is no part of the article.
    pub foot: Vec<String>,
}

/// Most blocks below the body that are looked at.
const AFTER: usize = 6;
/// Most pieces of text above the title, between it and the body, and below the body.
const PIECES: (usize, usize, usize) = (6, 40, 12);

/// Finds the body again on the page, and what stands around it. `furniture` is left out.
pub(super) fn find<'a>(page: &'a Page, title: &str, body: &[Block], furniture: &HashSet<NodeId>) -> Option<Around<'a>> {
    let first = body.iter().find(|block| block.picture().is_none() && block.length() >= 20)?;
    let last = body.iter().rev().find(|block| block.picture().is_none() && block.length() >= 20)?;
    let root = page.tree.body()?;
    let piece = longest_piece(&last.html)?;
    let title = text::match_key(title);
    let size: usize = body.iter().map(Block::length).sum();
    let mut end: Option<NodeRef<'a>> = None;
    let mut above_title: HashSet<NodeId> = HashSet::new();
    for node in root.below().filter(NodeRef::is_text) {
        let content = node.text();
        let content = content.trim();
        if content.len() > 4 * (title.len() + piece.len()) || content.is_empty() {
            continue;
        }
        if content.len() >= piece.len() && text::one_line(content) == piece {
            end = Some(node);
        }
        if text::has_key(content, &title) {
            above_title.extend(node.above(None).map(|up| up.id));
        }
    }
    // The smallest element that holds the title and the end of the body; without a title on the page, the largest
    // that holds little else.
    let mut home = None;
    for up in end?.above(None) {
        if !up.is_element() || up.has_name("html") {
            continue;
        }
        let titled = above_title.contains(&up.id);
        let fits = is_short(&up, size * 2 + 2500);
        if titled || fits {
            home = Some(up);
        }
        if titled || !fits {
            break;
        }
    }
    let home = home?;
    let blocks = blocks::build(&home, &page.base, furniture);
    let (begin, finish) = (text::match_key(&first.text), text::match_key(&last.text));
    let at = blocks.iter().position(|block| text::has_key(&block.text, &begin))?;
    let to = blocks.iter().rposition(|block| text::has_key(&block.text, &finish))?;
    let head = blocks.iter().take(at).rposition(|block| is_title(block, &title)).map_or(0, |index| index + 1);
    let before = blocks.get(head..at).unwrap_or_default().to_vec();
    let after = blocks.iter().skip(to + 1).take(AFTER).cloned().collect();
    let bound = captions::bind(blocks);
    let start = longest_piece(&first.html)?;
    let (head, foot) = pieces(&home, &title, &start, end?.id, furniture);
    Some(Around {
        head,
        foot,
        pictures: bound.iter().filter_map(Block::picture).cloned().collect(),
        before,
        after,
        home,
    })
}

/// The pieces of text around the title and below the body. `start` is the body's first piece, `end` its last node.
fn pieces(
    home: &NodeRef<'_>,
    title: &str,
    start: &str,
    end: NodeId,
    furniture: &HashSet<NodeId>,
) -> (Vec<String>, Vec<String>) {
    let (above, between, below) = PIECES;
    let (mut head, mut foot): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let (mut titled, mut inside, mut over) = (false, false, false);
    let shown = |node: &NodeRef<'_>| {
        !node.above(None).take_while(|up| up.id != home.id).any(|up| {
            furniture.contains(&up.id)
                || ["script", "style", "button", "form", "figcaption", "noscript", "select"]
                    .iter()
                    .any(|name| up.has_name(name))
        })
    };
    for node in home.below().filter(NodeRef::is_text) {
        if node.id == end {
            over = true;
            continue;
        }
        if inside && !over {
            continue;
        }
        let raw = node.text();
        if raw.trim().is_empty() {
            continue;
        }
        let line = text::one_line(&raw);
        if over {
            if tail::is_stop(&line, &[]) || foot.len() >= below {
                break;
            }
            if shown(&node) && !tail::is_counter(&line) {
                foot.push(line);
            }
        } else if line == start {
            inside = true;
        } else if text::has_key(&line, title) {
            titled = true;
            let keep = head.len().saturating_sub(above);
            head.drain(..keep);
        } else if (!titled || head.len() < between) && shown(&node) {
            if !titled && head.len() > above {
                head.remove(0);
            }
            head.push(line);
        }
    }
    (head, foot)
}

/// The smallest element around a body that holds the title too.
pub(super) fn home<'a>(body: &NodeRef<'a>, title: &str) -> Option<NodeRef<'a>> {
    let title = text::match_key(title);
    let mut inner = *body;
    for up in body.above(None).filter(NodeRef::is_element) {
        // What lies below `inner` has been looked through.
        let beside = up.children_it(false).filter(|child| child.id != inner.id);
        let titled = |node: NodeRef<'_>| {
            (node.is_text() && text::has_key(&node.text(), &title))
                || node.below().any(|inner| inner.is_text() && text::has_key(&inner.text(), &title))
        };
        if !up.has_name("html") && beside.into_iter().any(titled) {
            return Some(up);
        }
        inner = up;
    }
    None
}

/// Whether a block is the title (as a key), which may share its block with the date.
fn is_title(block: &Block, title: &str) -> bool {
    !title.is_empty() && text::match_key(&block.text).strip_prefix(title).is_some_and(|rest| rest.chars().count() <= 24)
}

/// Whether an element holds no more than so many characters.
fn is_short(node: &NodeRef<'_>, most: usize) -> bool {
    let mut count = 0;
    node.below().filter(NodeRef::is_text).all(|inner| {
        count += inner.text().trim().chars().count();
        count <= most
    })
}

/// The longest unbroken piece of text of a block.
fn longest_piece(html: &str) -> Option<String> {
    if !html.contains(['<', '&']) {
        return Some(text::one_line(html)).filter(|piece| !piece.is_empty());
    }
    let tree = Document::fragment(html);
    let root = tree.root();
    let pieces = root.below().filter(NodeRef::is_text).map(|node| text::one_line(&node.text()));
    pieces.max_by_key(|piece| piece.chars().count()).filter(|piece| !piece.is_empty())
}
