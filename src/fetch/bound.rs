//! The bounding pass that precedes every HTML parser (promise 8). HTML parsers take quadratic time, or overflow
//! the stack, on deep nesting, on unclosed formatting tags that they repeat in every paragraph, and on tags with
//! very many attributes; a limit on bytes stops none of these.
//!
//! An ordinary page is only looked at ([`fits`]) and handed on as it is. A page beyond the limits is written anew
//! ([`rebuild`]): start tags beyond the depth are dropped (their text stays), every other element gets an explicit
//! end tag, and what is ambiguous between parsers (CDATA, raw text inside SVG, unusual comments) is left out.
//!
//! Both rest on one rule: an element counts as closed only by an end tag that meets it on top of the open
//! elements. No parser has more elements open than that, whatever its insertion mode.

mod json;
mod lean;
mod names;
mod rebuild;
mod scan;
mod steps;

use std::borrow::Cow;
use std::ops::Range;

use names::{Name, is_formatting};
use rebuild::rebuild;
use scan::{Kind, Scanner, Tag};

pub use json::{MAX_WEIGHT, json, json_start, light, weight};
pub use steps::{Walk, take, take_markup, take_text, within};

/// Most elements open at a time.
pub const MAX_DEPTH: usize = 512;
/// Most attributes of one tag.
pub const MAX_ATTRIBUTES: usize = 256;
/// Most formatting elements (`<b>`, `<font>`, …) open at a time: a parser repeats them in every paragraph.
const MAX_FORMATTING: usize = 32;
/// Most tags of a page; the text after them is left out. A table of 5 000 rows of four cells has 50 000.
const MAX_TAGS: usize = 72_000;
/// Most attributes of a page: each takes as much memory as an element.
const MAX_ALL_ATTRIBUTES: usize = 250_000;
/// Most bytes of text of a page; what comes after them is left out. The longest laws and reports have three quarters of it.
const MAX_TEXT: usize = 1280 * 1024;
/// What a reference to a character, and a character that is written as one, cost of the text beside their own bytes.
const ESCAPE: usize = 8;
/// From this length on a stretch of text or a tag is looked at for what makes it slow to write.
const LONG: usize = 8 * 1024;
/// Most steps of writing a stretch: serializers look for the end of it at every character that they escape.
const MAX_WRITING: usize = 64_000_000;
/// Most steps that a parser may have to take through its open elements, summed over all tags.
const MAX_WORK: usize = 3_000_000;

/// Most bytes and lines of an article that is no page (Markdown, plain text); what comes after them is left out.
const MAX_PLAIN: usize = 1024 * 1024;
const MAX_LINES: usize = 20_000;

/// The beginning of a text that is no page, within the limits: all of it, where it is ordinary.
pub fn bound_plain(text: &str) -> &str {
    let text = text.get(..text.floor_char_boundary(MAX_PLAIN)).unwrap_or(text);
    let end = text.match_indices('\n').nth(MAX_LINES).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}

/// The page within the limits: itself where it is ordinary, else written anew. Takes linear time.
pub fn bound_html(html: &str) -> Cow<'_, str> {
    bound(html).html
}

/// A page within the limits.
#[derive(Debug)]
pub struct Bounded<'a> {
    /// Itself where it is ordinary, else written anew.
    pub html: Cow<'a, str>,
    /// What there is too much of, where the rest of the page was left out.
    pub cut: Option<&'static str>,
}

/// The same as [`bound_html`], and whether the page was cut.
pub fn bound(html: &str) -> Bounded<'_> {
    if fits(html) {
        return Bounded { html: Cow::Borrowed(html), cut: None };
    }
    let (html, cut) = rebuild(html);
    Bounded { html: Cow::Owned(html), cut }
}

/// Whether a stretch of text or a tag is slow to write: long, with very many characters that are escaped.
pub fn is_slow_to_write(text: &str) -> bool {
    text.len() > LONG && {
        let escaped = text.bytes().filter(|b| matches!(b, b'&' | 0xC2 | b'<' | b'>')).count();
        escaped.saturating_mul(text.len()) > MAX_WRITING
    }
}

/// How many characters of a text are, or may be, escaped; those of four bytes may become three of them.
fn escapes(text: &str) -> usize {
    text.bytes().filter(|b| matches!(b, b'&' | b'<' | b'>' | b'"' | 0xF0..)).count()
}

/// How much there is to parse in a text: its tags and references, and some for its length.
pub fn markup(html: &str) -> usize {
    html.bytes().filter(|b| matches!(b, b'&' | b'<')).count() + html.len() / 24
}

/// A stretch in pieces that are not slow to write, cut at spaces where there are any, never within an entity.
pub fn in_pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > LONG {
        let most = rest.floor_char_boundary(LONG);
        let (head, _) = rest.split_at(most);
        let least = head.floor_char_boundary(LONG / 2);
        let space = head.rfind([' ', '\n', '\t']).filter(|&at| at > least);
        let entity = head.rfind('&').filter(|&at| at > least);
        let (piece, after) = rest.split_at(space.or(entity).unwrap_or(most));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// The same without what a reader of its text never looks at: the content of styles, and of scripts that hold no
/// data of an article. Parsers take as long over these as over the text, and pages hold twice as much of them.
pub fn bound_lean(html: &str) -> Bounded<'_> {
    let mut silent: Vec<Range<usize>> = Vec::new();
    let fits = scan(html, |tag, content| {
        if !content.is_empty() && lean::is_silent(tag, html.get(content.clone()).unwrap_or_default()) {
            silent.push(content);
        }
    });
    if !fits {
        let (html, cut) = rebuild(html);
        return Bounded { html: Cow::Owned(html), cut };
    }
    let html = if silent.is_empty() { Cow::Borrowed(html) } else { Cow::Owned(lean::without(html, &silent)) };
    Bounded { html, cut: None }
}

/// The open elements as far as both passes need them.
#[derive(Debug, Default)]
struct Open<'a> {
    stack: Vec<Name<'a>>,
    /// Where in the stack the barriers stand: what an end looks for is above the last of them.
    barriers: Vec<usize>,
    paragraphs: usize,
    tables: usize,
    formatting: usize,
    /// Open elements in which parsers follow other rules: svg, math, select, template, noscript.
    special: usize,
    /// Of these, svg and math.
    foreign: usize,
    /// Whether an HTML element was opened inside svg or math: then a parser may have left them.
    impure: bool,
    tags: usize,
    attributes: usize,
    work: usize,
    text: usize,
}

impl<'a> Open<'a> {
    /// The depth a parser can reach: it adds `<tbody>` and `<tr>` to a table by itself.
    fn depth(&self) -> usize {
        self.stack.len() + 2 * self.tables
    }

    fn push(&mut self, name: Name<'a>) {
        if name.is_foreign_root() {
            if self.foreign == 0 {
                self.impure = self.special > 0;
            }
            self.foreign += 1;
        } else if name.leaves_foreign() {
            self.impure = true;
        }
        if name.is_barrier() {
            self.barriers.push(self.stack.len());
        }
        self.paragraphs += usize::from(name.is("p"));
        self.tables += usize::from(name.is("table"));
        self.formatting += usize::from(is_formatting(name));
        self.special += usize::from(name.is_special_context());
        self.stack.push(name);
    }

    fn pop(&mut self) -> Option<Name<'a>> {
        let name = self.stack.pop()?;
        if self.barriers.last() == Some(&self.stack.len()) {
            self.barriers.pop();
        }
        self.paragraphs -= usize::from(name.is("p"));
        self.foreign -= usize::from(name.is_foreign_root());
        self.tables -= usize::from(name.is("table"));
        self.formatting -= usize::from(is_formatting(name));
        self.special -= usize::from(name.is_special_context());
        Some(name)
    }

    /// Counts a tag; false when the page has asked for too much.
    fn count(&mut self, start: Option<&Tag<'_>>) -> bool {
        self.tags += 1;
        if let Some(tag) = start {
            self.attributes += tag.attributes.min(MAX_ATTRIBUTES);
            self.text += ESCAPE * tag.head.bytes().filter(|b| *b == b'&').count();
        }
        self.work += self.stack.len() + 16 * self.formatting;
        self.tags <= MAX_TAGS && self.work <= MAX_WORK && self.attributes <= MAX_ALL_ATTRIBUTES && self.text <= MAX_TEXT
    }

    /// Counts text; what is within the limit of it.
    fn count_text<'t>(&mut self, text: &'t str) -> &'t str {
        let left = MAX_TEXT.saturating_sub(self.text);
        self.text = self.text.saturating_add(text.len() + ESCAPE * escapes(text));
        if self.text <= MAX_TEXT {
            return text;
        }
        // Its beginning, as long as all of it would be if it were of one kind.
        let part = text.len().saturating_mul(left) / (text.len() + ESCAPE * escapes(text)).max(1);
        text.get(..text.floor_char_boundary(part)).unwrap_or_default()
    }

    /// Whether a start tag opens no element that stays open.
    fn is_leaf(&self, tag: &Tag<'a>) -> bool {
        if self.foreign == 0 {
            return tag.name.is_void();
        }
        tag.name.is_void() && tag.name.leaves_foreign()
            || tag.self_closing && !self.impure && !tag.name.leaves_foreign()
    }
}

/// Whether the page is within every limit and has nothing that parsers might read in different ways.
fn fits(html: &str) -> bool {
    scan(html, |_, _| ())
}

/// The same; hands on each raw element and where its content stands.
fn scan(html: &str, mut raw: impl FnMut(&Tag<'_>, Range<usize>)) -> bool {
    let mut open = Open::default();
    let mut scanner = Scanner::new(html);
    while let Some(piece) = scanner.next() {
        match piece.kind {
            Kind::Text => {
                if open.count_text(piece.raw).len() < piece.raw.len() || is_slow_to_write(piece.raw) {
                    return false;
                }
            }
            Kind::Comment | Kind::Doctype => {}
            Kind::Cdata | Kind::Odd => return false,
            Kind::End(name) => {
                if !open.count(None) {
                    return false;
                }
                if open.stack.last().is_some_and(|top| top.same(name)) {
                    open.pop();
                }
            }
            Kind::Start(tag) => {
                if !open.count(Some(&tag))
                    || tag.attributes > MAX_ATTRIBUTES
                    || tag.name.is_dropped()
                    || is_slow_to_write(tag.head)
                {
                    return false;
                }
                if tag.name.is_raw() {
                    let start = scanner.at();
                    let Some(content) = scanner.raw(tag.name) else { return false };
                    if tag.name.is_shown() && content.len() > LONG {
                        return false;
                    }
                    raw(&tag, start..start + content.len());
                    let ambiguous = if open.special > 0 {
                        content.contains('<')
                    } else {
                        tag.name.is("script") && names::hides_script(content)
                    };
                    if ambiguous {
                        return false;
                    }
                } else if !tag.name.is_root() && !open.is_leaf(&tag) {
                    open.push(tag.name);
                }
                if open.depth() > MAX_DEPTH || open.formatting > MAX_FORMATTING {
                    return false;
                }
            }
        }
    }
    true
}

#[cfg(test)]
mod tests;
