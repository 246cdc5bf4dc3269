//! Takes a part of a page's tree apart into blocks. Pictures, figures and tables are in [`pictures`].

mod pictures;

use std::collections::HashSet;

use dom_query::{NodeId, NodeRef};
use url::Url;

use self::pictures::Images as _;
use super::super::page::{hints, push_text, text_of};
use super::{Block, Kind, escape};
use crate::article::{clean, text};
use crate::fetch::bound::Walk as _;

/// The blocks below a node. `remove` are the ids of nodes left out.
pub(in crate::extract) fn build(root: &NodeRef<'_>, base: &Url, remove: &HashSet<NodeId>) -> Vec<Block> {
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
        pictures: HashSet::new(),
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
    remove: &'a HashSet<NodeId>,
    out: Vec<Block>,
    /// The paragraph under way, as HTML and as text, and how much of it is links and slanted.
    inline: String,
    shown: String,
    linked: usize,
    slanted: usize,
    open: Style,
    whole: usize,
    homes: usize,
    /// The addresses of the pictures so far: each is one.
    pictures: HashSet<String>,
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
            for inner in std::iter::once(*node).chain(node.below()) {
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
    node.below().filter(|inner| inner.has_name("a")).map(|a| text_of(&a).chars().count()).sum()
}

fn has(node: &NodeRef<'_>, name: &str) -> bool {
    node.below().any(|inner| inner.has_name(name))
}

fn count(node: &NodeRef<'_>, name: &str) -> usize {
    node.below().filter(|inner| inner.has_name(name)).count()
}

fn has_block_inside(node: &NodeRef<'_>) -> bool {
    node.below().any(|inner| inner.node_name().is_some_and(|name| clean::is_block(&name)))
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
