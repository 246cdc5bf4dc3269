//! Where a group of cards stands on the page, and whether that part of it may hold the section's list.

use std::collections::{HashMap, HashSet};

use dom_query::{NodeId, NodeRef};

use super::cards::Card;
use super::page::{attr, class_and_id, name};
use super::words;
use crate::fetch::bound::Walk as _;
use crate::source::plain;

/// Least quality of a card's group; a bare list of long links has about 2.
pub const MIN_QUALITY: f64 = 1.6;

/// What becomes of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It may be the list.
    Open,
    /// It is the list, or a part of it.
    Taken,
    /// It stands where no list stands: navigation, the page's header or footer, a sidebar, under a heading that
    /// says so.
    Place(String),
    /// It stands in a part whose name says that it is something else.
    Named(String),
    /// Its links look little like articles.
    Weak(String),
    /// It looks like articles, but is another list than the one taken.
    Rival(String),
}

impl Fate {
    pub fn is_taken(&self) -> bool {
        *self == Self::Taken
    }

    pub fn is_rival(&self) -> bool {
        matches!(self, Self::Rival(_))
    }

    /// Why it was dropped, where it was.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Open | Self::Taken => None,
            Self::Place(reason) | Self::Named(reason) | Self::Weak(reason) | Self::Rival(reason) => Some(reason),
        }
    }
}

/// What a part of the page says of itself; found once for each part, however many groups stand in it.
#[derive(Debug, Clone)]
pub struct Part {
    tag: String,
    role: String,
    characters: usize,
    /// Whether it is a header or footer of an article or of the list, and not of the page.
    inner: bool,
    chrome: Option<String>,
    aside: Option<String>,
    /// A heading above it that says that it is another list.
    heading: Option<String>,
}

impl Part {
    fn of(node: &NodeRef<'_>) -> Self {
        let classes = class_and_id(node);
        let tag = name(node);
        let inner = matches!(tag.as_str(), "header" | "footer")
            && node.above(None).any(|above| plain::is_any(&above, &["article", "li", "main"]));
        Self {
            tag,
            inner,
            role: attr(node, "role"),
            characters: node.normalized_char_count(),
            chrome: words::chrome(&classes),
            aside: words::aside(&classes),
            heading: heading_above(node).filter(|heading| words::is_aside_heading(heading)),
        }
    }
}

/// The fate of a group by where it stands and how it looks.
pub fn fate(
    first: &Card<'_>,
    members: &[usize],
    all: usize,
    parts: &mut HashMap<NodeId, Part>,
    characters: usize,
    quality: f64,
) -> Fate {
    for node in std::iter::once(first.root).chain(first.root.above(None)).filter(NodeRef::is_element) {
        let part = parts.entry(node.id).or_insert_with(|| Part::of(&node));
        if matches!(part.tag.as_str(), "body" | "html") {
            break;
        }
        // What holds most of the page is no box of it, whatever it is called; nor is most of its articles.
        let is_box = members.len() * 10 < all * 9 && part.characters * 10 < characters * 7;
        let is_minor = is_box && members.len() * 3 < all;
        if part.tag == "nav" || part.role == "navigation" {
            return Fate::Place("it stands in the navigation".to_owned());
        }
        let is_header = part.tag == "header" || part.role == "banner";
        let is_footer = part.tag == "footer" || part.role == "contentinfo";
        if node.id != first.root.id && !part.inner && (is_footer || (is_header && quality < 5.0)) {
            return Fate::Place(format!("it stands in the page's <{}>", part.tag));
        }
        if (part.tag == "aside" || part.role == "complementary") && is_box {
            return Fate::Place("it stands in a sidebar (<aside>)".to_owned());
        }
        match part {
            Part { heading: Some(heading), .. } if is_box => {
                return Fate::Place(format!("its heading is \u{201c}{heading}\u{201d}"));
            }
            Part { chrome: Some(word), .. } if is_box && quality < 4.6 => {
                return Fate::Named(format!("it stands in a part called `{word}`"));
            }
            Part { aside: Some(word), .. } if is_minor => {
                return Fate::Named(format!("it stands in a box called `{word}`"));
            }
            _ => {}
        }
    }
    let minimum = if members.len() == 1 { MIN_QUALITY + 0.6 } else { MIN_QUALITY };
    if quality < minimum {
        return Fate::Weak(format!("its links look little like articles (quality {quality:.1})"));
    }
    Fate::Open
}

/// The short text that stands right above a part, as headings of boxes do.
pub fn heading_above(node: &NodeRef<'_>) -> Option<String> {
    let before = node.prev_element_sibling()?;
    if plain::is_any(&before, &["script", "style", "a", "img", "h1", "time", "form"])
        || before.normalized_char_count() > 80
        // A card before this one is no heading of it.
        || (before.node_name() == node.node_name() && attr(&before, "class") == attr(node, "class"))
    {
        return None;
    }
    let (mut links, mut others) = (0, false);
    for inner in before.below().filter(NodeRef::is_element).take(30) {
        links += usize::from(inner.has_name("a"));
        others |= plain::is_any(&inner, &["img", "time", "h1"]);
    }
    let text = plain::of_node(&before);
    (links <= 1 && !others && text.chars().any(char::is_alphabetic) && text.chars().count() <= 60).then_some(text)
}

/// The heading of the innermost box that holds `first` and not the list, if it has one. `list` holds what stands above
/// the list, and the list's first card.
pub fn own_heading(first: &NodeRef<'_>, list: &HashSet<NodeId>, before: bool) -> Option<String> {
    for node in std::iter::once(*first).chain(first.above(None)).filter(NodeRef::is_element) {
        if list.contains(&node.id) {
            return None;
        }
        let Some(heading) = heading_above(&node) else { continue };
        let shared = node.parent().filter(|parent| list.contains(&parent.id));
        if let Some(parent) = shared.filter(|_| before) {
            // Above both: it is the heading of both, unless the list has one of its own.
            let branch = parent.element_children().into_iter().find(|child| list.contains(&child.id));
            return branch.and_then(|branch| heading_above(&branch)).map(|_| heading);
        }
        return Some(heading);
    }
    None
}
