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

mod names;
mod rebuild;
mod scan;

use std::borrow::Cow;

use names::{Name, is_formatting};
use rebuild::rebuild;
use scan::{Kind, Scanner, Tag};

/// Most elements open at a time.
pub const MAX_DEPTH: usize = 512;
/// Most attributes of one tag.
pub const MAX_ATTRIBUTES: usize = 256;
/// Most formatting elements (`<b>`, `<font>`, …) open at a time: a parser repeats them in every paragraph.
const MAX_FORMATTING: usize = 32;
/// Most tags of a page; the text after them is left out.
const MAX_TAGS: usize = 100_000;
/// Most steps that a parser may have to take through its open elements, summed over all tags.
const MAX_WORK: usize = 12_000_000;

/// The page within the limits: itself where it is ordinary, else written anew. Takes linear time.
pub fn bound_html(html: &str) -> Cow<'_, str> {
    if fits(html) { Cow::Borrowed(html) } else { Cow::Owned(rebuild(html)) }
}

/// The open elements as far as both passes need them.
#[derive(Debug, Default)]
struct Open<'a> {
    stack: Vec<Name<'a>>,
    tables: usize,
    formatting: usize,
    /// Open elements in which parsers follow other rules: svg, math, select, template, noscript.
    special: usize,
    /// Of these, svg and math.
    foreign: usize,
    /// Whether an HTML element was opened inside svg or math: then a parser may have left them.
    impure: bool,
    tags: usize,
    work: usize,
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
        self.tables += usize::from(name.is("table"));
        self.formatting += usize::from(is_formatting(name));
        self.special += usize::from(name.is_special_context());
        self.stack.push(name);
    }

    fn pop(&mut self) -> Option<Name<'a>> {
        let name = self.stack.pop()?;
        self.foreign -= usize::from(name.is_foreign_root());
        self.tables -= usize::from(name.is("table"));
        self.formatting -= usize::from(is_formatting(name));
        self.special -= usize::from(name.is_special_context());
        Some(name)
    }

    /// Counts a tag; false when the page has asked for too much.
    fn count(&mut self) -> bool {
        self.tags += 1;
        self.work += self.stack.len() + 16 * self.formatting;
        self.tags <= MAX_TAGS && self.work <= MAX_WORK
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
    let mut open = Open::default();
    let mut scanner = Scanner::new(html);
    while let Some(piece) = scanner.next() {
        match piece.kind {
            Kind::Text | Kind::Comment | Kind::Doctype => {}
            Kind::Cdata | Kind::Odd => return false,
            Kind::End(name) => {
                if !open.count() {
                    return false;
                }
                if open.stack.last().is_some_and(|top| top.same(name)) {
                    open.pop();
                }
            }
            Kind::Start(tag) => {
                if !open.count() || tag.attributes > MAX_ATTRIBUTES || tag.name.is_dropped() {
                    return false;
                }
                if tag.name.is_raw() {
                    let Some(content) = scanner.raw(tag.name) else { return false };
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
