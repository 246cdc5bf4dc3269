//! The author as the page names him outside its text: in its metadata, in elements that are called so, beside a label
//! ("Written by", "Tác giả"), else the organisation that the metadata names.

use std::collections::HashSet;

use dom_query::{NodeId, NodeRef};

use super::blocks::Block;
use super::byline;
use super::metadata::Metadata;
use super::official::value_after;
use super::page::{Page, attribute, text_of};
use crate::article::text;
use crate::fetch::bound::Walk as _;

/// Elements that hold the author, the exact ones first.
const EXACT: &str =
    "[itemprop~=author] [itemprop~=name],[itemprop~=author],a[rel~=author],.author-name,.byline-name,.byline,.author";
const LIKELY: &str =
    "[class*=author],[class*=byline],[class*=tacgia],[class*=tac-gia],a[href*='/author/'],a[href*='/tac-gia/']";

/// Labels beside the name, folded.
const LABELS: &[&str] = &[
    "by",
    "written by",
    "author",
    "authors",
    "text by",
    "words by",
    "posted by",
    "submitted by",
    "published by",
    "tac gia",
    "nguoi viet",
    "dang boi",
    "viet boi",
    "boi",
];

/// The author and where the name stood. `before` are the blocks between title and body.
pub(super) fn find(
    page: &Page,
    said: &Metadata,
    before: &[Block],
    furniture: &HashSet<NodeId>,
) -> Option<(String, &'static str)> {
    let stated = said.authors.iter().find_map(|(name, from)| Some((byline::tidy(name)?, *from)));
    let exact = || {
        let nodes = page.marked(EXACT);
        let node = nodes.iter().filter(|node| !is_organisation(node)).find_map(|node| {
            let line = attribute(node, "content").unwrap_or_else(|| text_of(node));
            let short = line.chars().count() <= 80;
            name_in(node).or_else(|| short.then(|| byline::tidy(&line)).flatten())
        });
        node.map(|name| (name, "author element"))
    };
    let likely = || {
        let nodes = page.marked(LIKELY);
        let named = nodes.iter().find_map(|node| name_in(node).or_else(|| byline::named(&text_of(node))));
        named.map(|name| (name, "author element"))
    };
    stated
        .or_else(exact)
        .or_else(likely)
        .or_else(|| Some((byline::above(before)?, "below the title")))
        .or_else(|| Some((labelled(page, furniture)?, "label")))
        .or_else(|| said.offices.iter().find_map(|(name, from)| Some((byline::tidy(name)?, *from))))
}

/// Whether an element or one right above it describes an organisation.
fn is_organisation(node: &NodeRef<'_>) -> bool {
    let says = |up: &NodeRef<'_>| attribute(up, "itemtype").is_some_and(|kind| kind.ends_with("Organization"));
    says(node) || node.above(Some(2)).any(|up| says(&up))
}

fn is_label(line: &str) -> bool {
    let folded = text::folded(line);
    LABELS.contains(&folded.trim_matches(|c: char| !c.is_alphanumeric()))
}

/// The name among the pieces of an author's element: beside a label, a picture, a position.
fn name_in(node: &NodeRef<'_>) -> Option<String> {
    let pieces: Vec<String> = node
        .below()
        .filter(NodeRef::is_text)
        .map(|piece| text::one_line(&piece.text()))
        .filter(|piece| !piece.is_empty())
        .take(8)
        .collect();
    let labelled = pieces.first().is_some_and(|first| is_label(first));
    let first = pieces.iter().find(|piece| !is_label(piece))?;
    // Several authors are taken whole elsewhere.
    let joiner = |piece: &String| matches!(piece.to_lowercase().as_str(), "and" | "&" | "," | "và" | ", and");
    if pieces.iter().any(joiner) {
        return byline::named(text_of(node).trim_start_matches(|c: char| !c.is_alphanumeric()));
    }
    // "Jane" and "Doe" in two elements are one name.
    let several = pieces.len() > 1 && first.split_whitespace().count() > 1;
    (labelled || several).then(|| byline::named(first)).flatten().filter(|name| name.split_whitespace().count() <= 5)
}

/// The name beside the first label on the page that has one.
fn labelled(page: &Page, furniture: &HashSet<NodeId>) -> Option<String> {
    let body = page.tree.body()?;
    body.below().filter(NodeRef::is_text).find_map(|node| {
        let raw = node.text();
        if raw.len() > 120 || raw.trim().is_empty() {
            return None;
        }
        let beside = || value_after(&node, true);
        // "Tác giả: Lan Anh" in one piece, or the label alone.
        let value = match raw.split_once(':') {
            Some((label, rest)) if is_label(label) && !rest.trim().is_empty() => Some(text::one_line(rest)),
            _ if is_label(&raw) => beside(),
            _ => None,
        }?;
        if node.above(None).any(|up| furniture.contains(&up.id) || up.has_name("script")) {
            return None;
        }
        byline::named(&value).filter(|name| name.split_whitespace().count() > 1)
    })
}
