//! The line above the text that looks like a title: for pages whose own title is only the name of their site, as
//! portals have it. It is a heading, is called a title, or is set larger or bolder than the rest, and stands near the
//! text, in its part of the page.

use std::collections::HashSet;

use dom_query::{NodeId, NodeRef};

use super::super::blocks::{Block, Kind};
use super::super::page::{Page, attribute, hints, text_of};
use super::super::{byline, tail};
use super::is_name_of_any_page;
use crate::article::{clean, text};
use crate::fetch::bound::Walk as _;

/// Length of a title.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=220;
/// What is shorter is rather the name of a section.
const SHORT: usize = 16;
/// From here on it is rather a lead.
const LONG: usize = 160;
/// Characters of text between, for which a line loses a point.
const A_POINT: usize = 40;
/// Points that a line loses for each level that it stands further away in the tree.
const A_LEVEL: i32 = 3;
/// What a line is worth that only has a name of its own.
const PLAIN: i32 = 20;
/// Least points of a title.
const LEAST: i32 = 4;

/// Class or id words of titles.
const TITLES: &[&str] = &[
    "title",
    "headline",
    "heading",
    "tieude",
    "tieu-de",
    "tieu_de",
    "tieudetin",
    "tieudebai",
    "tieudebaiviet",
    "tentin",
    "lbltieude",
    "lbheadline",
    "titlenews",
    "newstitle",
];

/// The line that stands above the text as a title does.
pub(super) fn find(page: &Page, body: &[Block], furniture: &HashSet<NodeId>) -> Option<String> {
    let is_text = |block: &&Block| block.kind == Kind::Paragraph && block.length() >= 60 && !byline::is_bold(block);
    // A document's text may be a table.
    let first = body.iter().find(is_text).or_else(|| body.iter().max_by_key(|block| block.length()))?;
    let piece = dom_query::Document::fragment(first.html.as_str())
        .root()
        .below()
        .filter(NodeRef::is_text)
        .map(|node| text::one_line(&node.text()))
        .max_by_key(String::len)?;
    let root = page.tree.body()?;
    let begins = root.below().find(|node| node.is_text() && text::one_line(&node.text()) == piece)?;
    let above: Vec<NodeId> = begins.above(None).map(|node| node.id).collect();
    // What was passed on the way: rank, level, and the characters of text before it.
    let mut lines: Vec<(i32, usize, String)> = Vec::new();
    let mut passed = 0;
    for node in root.below() {
        if node.id == begins.id {
            break;
        }
        if node.is_text() {
            passed += node.text().trim().chars().count();
            continue;
        }
        let Some(rank) = rank(&node).filter(|_| !above.contains(&node.id)) else { continue };
        let mut own = node.above(None).chain(std::iter::once(node)).filter(|up| !above.contains(&up.id));
        if own.any(|up| furniture.contains(&up.id) || is_frame(&up)) {
            continue;
        }
        let line = text_of(&node);
        if !is_title(&line) || is_linked(page, &node, &line) {
            continue;
        }
        if rank == PLAIN && (line.split_whitespace().count() < 4 || line.chars().count() < 20) {
            continue;
        }
        let level = node.above(None).find_map(|up| above.iter().position(|id| *id == up.id)).unwrap_or(above.len());
        let sentence = if line.ends_with('.') { 30 } else { 0 };
        let length = match line.chars().count() {
            ..SHORT => 15,
            LONG.. => 10,
            _ => 0,
        };
        let points = rank - sentence - length - A_LEVEL * i32::try_from(level).unwrap_or(i32::MAX / 8);
        lines.push((points, passed + line.chars().count(), line));
    }
    let far = |after: usize| i32::try_from(passed.saturating_sub(after) / A_POINT).unwrap_or(i32::MAX / 8);
    // Of equals the one nearest to the text.
    let best =
        lines.into_iter().map(|(points, after, line)| (points - far(after), line)).max_by_key(|(points, _)| *points);
    best.filter(|(points, _)| *points >= LEAST).map(|(_, line)| line)
}

/// How much an element looks like a title by itself.
fn rank(node: &NodeRef<'_>) -> Option<i32> {
    let name = node.node_name()?;
    let own = match name.as_ref() {
        "h1" => 50,
        "h2" => 45,
        "h3" => 40,
        "h4" => 30,
        "b" | "strong" => 15,
        "font" if attribute(node, "size").is_some_and(|size| size.starts_with('+') || size.as_str() >= "4") => 25,
        "div" | "p" | "span" | "td" | "th" | "label" | "font" => 0,
        _ => return None,
    };
    if own > 0 {
        return Some(own);
    }
    if (node.has_attr("class") || node.has_attr("id")) && hints(node).iter().any(|word| TITLES.contains(&word.as_str()))
    {
        return Some(38);
    }
    let css = attribute(node, "style").unwrap_or_default().to_lowercase().replace(' ', "");
    if css.contains("font-weight:bold") || css.contains("font-weight:700") || is_large(&css) {
        return Some(25);
    }
    // A line of its own under a name that nobody knows: the style sheet may set it as a title.
    let own = matches!(name.as_ref(), "div" | "p" | "span") && (node.has_attr("class") || node.has_attr("id"));
    let line = own && !node.below().any(|inner| inner.node_name().is_some_and(|name| clean::is_block(&name)));
    line.then_some(PLAIN)
}

/// Whether a style sets a text large.
fn is_large(css: &str) -> bool {
    let Some((_, size)) = css.split_once("font-size:") else { return false };
    let digits: String = size.chars().take_while(char::is_ascii_digit).collect();
    let unit = size.get(digits.len()..).unwrap_or_default();
    match digits.parse::<u32>() {
        Ok(size) => (unit.starts_with("px") && size >= 18) || (unit.starts_with("pt") && size >= 14),
        Err(_) => size.starts_with("large") || size.starts_with("x-large"),
    }
}

/// Elements of the page's frame.
fn is_frame(node: &NodeRef<'_>) -> bool {
    ["nav", "footer", "aside", "select", "form", "button"].iter().any(|name| node.has_name(name))
}

/// Whether a line may be a title at all.
fn is_title(line: &str) -> bool {
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    LENGTH.contains(&line.chars().count())
        && line.split_whitespace().count() >= 2
        && letters * 2 > line.chars().filter(|c| !c.is_whitespace()).count()
        && !line.ends_with(':')
        && !is_name_of_any_page(line)
        && !tail::is_counter(line)
        && !tail::is_stop(line, &[])
        && !byline::is_credit(line)
}

/// Whether most of a line leads somewhere else.
fn is_linked(page: &Page, node: &NodeRef<'_>, line: &str) -> bool {
    let elsewhere = |link: &NodeRef<'_>| {
        let url = attribute(link, "href").and_then(|href| page.base.join(&href).ok());
        url.is_none_or(|url| url.path() != page.url.path())
    };
    let inside = node.above(None).any(|up| up.has_name("a") && elsewhere(&up));
    let linked: usize = node
        .below()
        .filter(|inner| inner.has_name("a") && elsewhere(inner))
        .map(|inner| text_of(&inner).chars().count())
        .sum();
    inside || linked * 2 > line.chars().count()
}
