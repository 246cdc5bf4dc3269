//! Takes a part of a page's tree apart into blocks.

use dom_query::NodeRef;
use url::Url;

use super::super::page::{attribute, hints, push_text, text_of};
use super::{Block, Kind, escape};
use crate::article::{Picture, clean, picture, text};

/// The blocks below a node. `remove` are the ids of nodes left out.
pub(in crate::extract) fn build(root: &NodeRef<'_>, base: &Url, remove: &[dom_query::NodeId]) -> Vec<Block> {
    let mut builder = Builder {
        base,
        remove,
        out: Vec::new(),
        inline: String::new(),
        shown: String::new(),
        linked: 0,
        slanted: 0,
        open: Style::default(),
        whole: 0,
        homes: 0,
    };
    builder.whole = text_of(root).chars().count();
    builder.children(root, Style::default(), 0);
    builder.flush();
    builder.out
}

/// What a block inherits from the elements around it.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "what was seen of the elements; each stands alone")]
struct Style {
    quoted: bool,
    centred: bool,
    right: bool,
    caption: bool,
    home: usize,
}

struct Builder<'a> {
    base: &'a Url,
    remove: &'a [dom_query::NodeId],
    out: Vec<Block>,
    /// The paragraph under way, as HTML and as text, and how much of it is links and slanted.
    inline: String,
    shown: String,
    linked: usize,
    slanted: usize,
    open: Style,
    whole: usize,
    homes: usize,
}

/// Names of captions that do not say so in English.
const CAPTIONS: &[&str] = &["chuthich", "chu-thich", "chu_thich", "chuthichanh", "chu-thich-anh"];

/// Deepest nesting that is followed; the bounding pass keeps pages below it.
const DEEPEST: usize = 600;

impl Builder<'_> {
    /// All children of a container.
    fn children(&mut self, node: &NodeRef<'_>, style: Style, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let mut breaks = 0;
        let mut style = style;
        for child in node.children() {
            if child.is_text() {
                let content = child.text();
                if content.trim().is_empty() {
                    self.push_inline(" ", " ", style);
                } else {
                    breaks = 0;
                    self.push_inline(&escape(&content), &content, style);
                }
                continue;
            }
            let Some(name) = child.node_name() else { continue };
            if name.as_ref() == "br" {
                breaks += 1;
                if breaks >= 2 {
                    self.flush();
                    style.home = self.new_home();
                } else {
                    self.push_inline("<br>", " ", style);
                }
                continue;
            }
            breaks = 0;
            self.element(&child, name.as_ref(), style, depth);
        }
    }

    /// One element.
    fn element(&mut self, node: &NodeRef<'_>, name: &str, style: Style, depth: usize) {
        if is_silent(name) || self.remove.contains(&node.id) || self.is_junk(node, name) {
            return;
        }
        match name {
            "img" => return self.image(node, None, style),
            "noscript" => {
                // The fallback of a late picture that was not understood.
                let before = self.out.last().is_some_and(|block| block.picture().is_some());
                if !before {
                    self.children(node, style, depth + 1);
                }
                return;
            }
            "figure" if has(node, "img") => return self.figure(node, style),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.flush();
                let level = name.as_bytes().get(1).map_or(2, |digit| digit - b'0');
                for image in node.select_images() {
                    self.image(&image, None, style);
                }
                return self.whole(node, Kind::Heading(level), style);
            }
            "ul" | "ol" if !has(node, "img") => {
                self.flush();
                return self.whole(node, Kind::List, style);
            }
            "pre" => {
                self.flush();
                return self.whole(node, Kind::Pre, style);
            }
            "table" => return self.table(node, style, depth),
            _ => {}
        }
        if self.is_framed(node, name) {
            return self.figure(node, style);
        }
        if clean::is_block(name) {
            self.flush();
            let own = self.style_of(node, name, style);
            self.children(node, own, depth + 1);
            self.flush();
        } else if has_block_inside(node) {
            // A span or font around paragraphs.
            let own = self.style_of(node, name, style);
            self.children(node, own, depth + 1);
        } else if has(node, "img") {
            // Pictures leave the line they stand in, with the link around them.
            for image in node.select_images() {
                self.image(&image, None, style);
            }
            let rest = text_of(node);
            if !rest.is_empty() {
                self.push_inline(&escape(&rest), &rest, style);
            }
        } else {
            self.push_inline(&node.html(), "", style);
            push_text(node, &mut self.shown);
            self.linked += link_length(node);
            for inner in std::iter::once(*node).chain(node.descendants_it()) {
                if inner.has_name("a") && inner.id == node.id {
                    self.linked += text_of(&inner).chars().count();
                } else if inner.has_name("em") || inner.has_name("i") {
                    self.slanted += text_of(&inner).chars().count();
                }
            }
        }
    }

    /// The style of an element's content.
    fn style_of(&mut self, node: &NodeRef<'_>, name: &str, outer: Style) -> Style {
        let css = node.attr("style").map(|css| css.to_lowercase().replace(' ', "")).unwrap_or_default();
        let align = node.attr("align").map(|align| align.to_lowercase()).unwrap_or_default();
        let words = hints(node);
        let is = |word: &str| words.iter().any(|hint| hint == word);
        Style {
            quoted: outer.quoted || name == "blockquote",
            centred: name == "center"
                || css.contains("text-align:center")
                || align == "center"
                || is("text-center")
                || is("has-text-align-center")
                || (outer.centred && !css.contains("text-align:") && align.is_empty()),
            right: css.contains("text-align:right")
                || align == "right"
                || is("text-right")
                || is("has-text-align-right"),
            caption: outer.caption
                || name == "figcaption"
                || name == "caption"
                || words.iter().any(|word| word.contains("caption") || CAPTIONS.contains(&word.as_str())),
            home: if name == "td" || name == "tr" { outer.home } else { self.new_home() },
        }
    }

    fn new_home(&mut self) -> usize {
        self.homes += 1;
        self.homes
    }

    /// A block made of one element as it is.
    fn whole(&mut self, node: &NodeRef<'_>, kind: Kind, style: Style) {
        let content = text_of(node);
        if content.is_empty() {
            return;
        }
        let html = if matches!(kind, Kind::Heading(_)) { node.inner_html() } else { node.html() };
        let mut block = Block::of(kind, html.to_string(), content);
        block.linked = link_length(node);
        block.quoted = style.quoted;
        self.out.push(block);
    }

    /// A table: of data as it is, as layout taken apart.
    fn table(&mut self, node: &NodeRef<'_>, style: Style, depth: usize) {
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
        let longest = node.descendants().iter().filter(|n| n.has_name("td")).map(|n| text_of(n).chars().count()).max();
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
            .descendants_it()
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
    fn is_framed(&self, node: &NodeRef<'_>, name: &str) -> bool {
        if !matches!(name, "div" | "p" | "center" | "td" | "span" | "section" | "dl") {
            return false;
        }
        let mut image = None;
        let (mut above, mut length, mut parts) = (0, 0, 0);
        for inner in node.descendants_it() {
            if inner.is_text() {
                let size = inner.text().trim().chars().count();
                length += size;
                if image.is_none() {
                    above += size;
                }
            } else if inner.has_name("img") {
                // The fallback of a late picture is the same picture.
                if image.is_some() && inner.ancestors_it(Some(3)).any(|up| up.has_name("noscript")) {
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
            && !super::super::byline::is_credit(&text_of(node))
    }

    /// A figure: its pictures, the last with the caption.
    fn figure(&mut self, node: &NodeRef<'_>, style: Style) {
        self.flush();
        let caption = node
            .descendants()
            .iter()
            .find(|inner| inner.has_name("figcaption"))
            .map(text_of)
            .filter(|caption| !caption.is_empty());
        let caption = caption.or_else(|| {
            let rest = text_of(node);
            (!rest.is_empty() && rest.chars().count() <= 400).then_some(rest)
        });
        // The line belongs to this picture alone; text that follows the figure has another home.
        let style = Style { home: self.new_home(), ..style };
        let late = |image: &NodeRef<'_>| image.ancestors_it(Some(4)).any(|up| up.has_name("noscript"));
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
    fn image(&mut self, node: &NodeRef<'_>, caption: Option<String>, style: Style) {
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
        let known = self.out.iter().filter_map(Block::picture).any(|picture| picture.url == url);
        if known {
            return;
        }
        let alt = attribute(node, "alt").unwrap_or_default();
        let found = Picture { url, caption, width, height };
        let mut block = Block::of(Kind::Picture(found), escape(&alt), String::new());
        block.home = style.home;
        self.out.push(block);
    }

    /// Adds to the paragraph under way.
    fn push_inline(&mut self, html: &str, shown: &str, style: Style) {
        if self.inline.is_empty() {
            self.open = style;
        }
        self.inline.push_str(html);
        self.shown.push_str(shown);
    }

    /// Ends the paragraph under way.
    fn flush(&mut self) {
        let html = std::mem::take(&mut self.inline);
        let shown = std::mem::take(&mut self.shown);
        let (linked, slanted) = (std::mem::take(&mut self.linked), std::mem::take(&mut self.slanted));
        let content = text::one_line(&shown);
        if content.is_empty() {
            return;
        }
        let trimmed = trim_breaks(&html);
        let mut block = Block::of(Kind::Paragraph, trimmed.to_owned(), content);
        block.linked = linked;
        let style = self.open;
        block.italic = slanted * 10 >= block.length() * 9;
        block.quoted = style.quoted;
        block.centred = style.centred;
        block.right = style.right;
        block.caption = style.caption;
        block.home = style.home;
        self.out.push(block);
    }

    /// Whether an element is no part of an article: share bars, related articles, comments, advertisements.
    /// What holds most of the text is never junk, whatever it is called.
    fn is_junk(&self, node: &NodeRef<'_>, name: &str) -> bool {
        if name == "p" || name == "span" || !(clean::is_block(name) || name == "a") {
            return is_hidden(node);
        }
        let words = hints(node);
        let junk = is_hidden(node)
            || name == "nav"
            || name == "footer"
            || name == "aside"
            // The head of the site, not of the article.
            || (name == "header" && has(node, "nav"))
            || super::super::tail::is_junk_name(&words);
        junk && text_of(node).chars().count() * 2 < self.whole.max(1)
    }
}

/// Elements that show no text of the article.
fn is_silent(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "template"
            | "svg"
            | "math"
            | "button"
            | "input"
            | "select"
            | "textarea"
            | "iframe"
            | "object"
            | "embed"
            | "canvas"
            | "dialog"
            | "label"
            | "option"
            | "head"
            | "title"
            | "meta"
            | "link"
            | "audio"
            | "video"
    )
}

/// Whether an element is not shown.
fn is_hidden(node: &NodeRef<'_>) -> bool {
    node.has_attr("hidden")
        || node.attr("class").is_some_and(|names| {
            names.split_whitespace().any(|name| matches!(name, "d-none" | "hidden" | "visually-hidden" | "sr-only"))
        })
        || node.attr("style").is_some_and(|css| {
            let css = css.to_lowercase().replace(' ', "");
            css.contains("display:none") || css.contains("visibility:hidden")
        })
}

/// Characters inside links.
fn link_length(node: &NodeRef<'_>) -> usize {
    node.descendants_it().filter(|inner| inner.has_name("a")).map(|a| text_of(&a).chars().count()).sum()
}

fn has(node: &NodeRef<'_>, name: &str) -> bool {
    node.descendants_it().any(|inner| inner.has_name(name))
}

fn count(node: &NodeRef<'_>, name: &str) -> usize {
    node.descendants_it().filter(|inner| inner.has_name(name)).count()
}

fn has_block_inside(node: &NodeRef<'_>) -> bool {
    node.descendants_it().any(|inner| inner.node_name().is_some_and(|name| clean::is_block(&name)))
}

/// Cuts line breaks and spaces off both ends.
fn trim_breaks(mut html: &str) -> &str {
    loop {
        let next = html.trim();
        let next = next.strip_prefix("<br>").unwrap_or(next);
        let next = next.strip_suffix("<br>").unwrap_or(next);
        if next.len() == html.len() {
            return next;
        }
        html = next;
    }
}

/// The pictures below a node.
trait Images<'a> {
    fn select_images(&self) -> Vec<NodeRef<'a>>;
}

impl<'a> Images<'a> for NodeRef<'a> {
    fn select_images(&self) -> Vec<NodeRef<'a>> {
        self.descendants().into_iter().filter(|inner| inner.has_name("img")).collect()
    }
}
