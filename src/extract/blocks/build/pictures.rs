//! Pictures with their lines: figures, whatever they are called, and tables, which are data, layout, or a picture with
//! its caption in the row below.

use dom_query::NodeRef;

use super::super::super::byline;
use super::super::super::page::{attribute, text_of};
use super::super::{Block, Kind, escape};
use super::{Builder, Style, count, link_length};
use crate::article::{Picture, picture};
use crate::fetch::bound::Walk as _;

/// Most pictures of an article.
const MOST_PICTURES: usize = 500;

impl Builder<'_> {
    /// A table: of data as it is, as layout taken apart.
    pub(super) fn table(&mut self, node: &NodeRef<'_>, style: Style, depth: usize) {
        self.flush();
        let rows = count(node, "tr");
        let cells = count(node, "td") + count(node, "th");
        let images = count(node, "img");
        let content = text_of(node);
        if images > 1 && self.paired(node, style) {
            return;
        }
        if images > 0 && content.chars().count() <= 400 && rows <= 4 {
            // A picture with its caption in the row below it.
            let pictures = node.select_images();
            for (index, image) in pictures.iter().enumerate() {
                let last = index + 1 == pictures.len();
                let caption = (last && !content.is_empty()).then(|| content.clone());
                self.image(image, caption, style);
            }
            return;
        }
        let nested = count(node, "table") > 0;
        let longest = node.below().filter(|n| n.has_name("td")).map(|n| text_of(&n).chars().count()).max();
        let layout = nested
            || images > 0
            || rows <= 1
            || cells <= rows
            || attribute(node, "role").as_deref() == Some("presentation")
            || longest.unwrap_or(0) > 700;
        if layout {
            let own = Style { home: self.new_home(), ..style };
            self.children(node, own, depth + 1);
            self.flush();
        } else {
            self.whole(node, Kind::Table, style);
        }
    }

    /// A table of pictures in a row with their captions in the cells below: each takes its own.
    fn paired(&mut self, node: &NodeRef<'_>, style: Style) -> bool {
        let rows: Vec<Vec<NodeRef<'_>>> = node
            .below()
            .filter(|inner| inner.has_name("tr"))
            .map(|row| row.children_it(false).filter(|cell| cell.has_name("td") || cell.has_name("th")).collect())
            .collect();
        let full = |row: &Vec<NodeRef<'_>>| row.len() > 1 && row.iter().all(|cell| count(cell, "img") == 1);
        let lines = |row: &Vec<NodeRef<'_>>| row.iter().all(|cell| count(cell, "img") == 0);
        let fits = rows.len() >= 2
            && rows.chunks(2).all(|pair| match pair {
                [above, below] => full(above) && lines(below) && above.len() == below.len(),
                _ => false,
            });
        if !fits {
            return false;
        }
        for pair in rows.chunks(2) {
            let [above, below] = pair else { continue };
            for (cell, line) in above.iter().zip(below) {
                let caption = Some(text_of(line)).filter(|line| !line.is_empty());
                for image in cell.select_images() {
                    self.image(&image, caption.clone(), style);
                }
            }
        }
        true
    }

    /// Whether an element is a picture with a line below it and nothing else: a figure that is not called so.
    pub(super) fn is_framed(&self, node: &NodeRef<'_>, name: &str) -> bool {
        if !matches!(name, "div" | "p" | "center" | "td" | "span" | "section" | "dl") {
            return false;
        }
        let mut image = None;
        let (mut above, mut length, mut parts) = (0, 0, 0);
        for inner in node.below() {
            if inner.is_text() {
                let size = inner.text().trim().chars().count();
                length += size;
                if image.is_none() {
                    above += size;
                }
            } else if inner.has_name("img") {
                // The fallback of a late picture is the same picture.
                if image.is_some() && inner.above(Some(3)).any(|up| up.has_name("noscript")) {
                    continue;
                }
                if image.replace(inner).is_some() {
                    return false;
                }
            } else if let Some(name) = inner.node_name() {
                parts += usize::from(name.as_ref() == "p");
                let other = matches!(name.as_ref(), "h1" | "h2" | "h3" | "ul" | "ol" | "table" | "blockquote" | "form");
                if other || self.remove.contains(&inner.id) {
                    return false;
                }
            }
            // The line stands below the picture.
            if length > 300 || above > 0 || parts > 1 {
                return false;
            }
        }
        let Some(image) = image else { return false };
        // A picture at the side of a paragraph has no line of its own.
        let floats = attribute(&image, "align").is_some_and(|side| side == "left" || side == "right")
            || image.attr("style").is_some_and(|css| css.contains("float"));
        length >= 3
            && length * 2 < self.whole
            && !floats
            && link_length(node) * 2 < length
            && !byline::is_credit(&text_of(node))
    }

    /// A figure: its pictures, the last with the caption.
    pub(super) fn figure(&mut self, node: &NodeRef<'_>, style: Style) {
        self.flush();
        let caption = node
            .below()
            .find(|inner| inner.has_name("figcaption"))
            .map(|inner| text_of(&inner))
            .filter(|caption| !caption.is_empty());
        let caption = caption.or_else(|| {
            let rest = text_of(node);
            (!rest.is_empty() && rest.chars().count() <= 400).then_some(rest)
        });
        // The line belongs to this picture alone; text that follows the figure has another home.
        let style = Style { home: self.new_home(), ..style };
        let late = |image: &NodeRef<'_>| image.above(Some(4)).any(|up| up.has_name("noscript"));
        let (fallbacks, images): (Vec<NodeRef<'_>>, Vec<NodeRef<'_>>) =
            node.select_images().into_iter().partition(late);
        let before = self.out.len();
        for images in [images, fallbacks] {
            for (index, image) in images.iter().enumerate() {
                let last = index + 1 == images.len();
                self.image(image, caption.clone().filter(|_| last), style);
            }
            // The fallback of a late picture is the same picture, unless that was not understood.
            if self.out.get(before..).is_some_and(|added| added.iter().any(|block| block.picture().is_some())) {
                break;
            }
        }
    }

    /// A picture, if it is one.
    pub(super) fn image(&mut self, node: &NodeRef<'_>, caption: Option<String>, style: Style) {
        self.flush();
        let Some(url) = picture::address(|name| node.attr(name).map(|value| value.to_string()), self.base) else {
            return;
        };
        let size =
            |name: &str| node.attr(name).and_then(|value| value.trim().trim_end_matches("px").parse::<u32>().ok());
        let (width, height) = (size("width"), size("height"));
        // Icons and smileys.
        if width.is_some_and(|width| width <= 40) || height.is_some_and(|height| height <= 40) {
            return;
        }
        let url = String::from(url);
        if self.pictures.len() >= MOST_PICTURES || !self.pictures.insert(url.clone()) {
            return;
        }
        let alt = attribute(node, "alt").unwrap_or_default();
        let found = Picture { url, caption, width, height };
        let mut block = Block::of(Kind::Picture(found), escape(&alt), String::new());
        block.home = style.home;
        self.out.push(block);
    }
}

/// The pictures below a node.
pub(super) trait Images<'a> {
    fn select_images(&self) -> Vec<NodeRef<'a>>;
}

impl<'a> Images<'a> for NodeRef<'a> {
    fn select_images(&self) -> Vec<NodeRef<'a>> {
        self.below().filter(|inner| inner.has_name("img")).collect()
    }
}
