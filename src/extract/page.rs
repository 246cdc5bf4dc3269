//! A parsed page and the few ways in which its tree is asked.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use dom_query::{Document, Matcher, NodeId, NodeRef, Selection};
use url::Url;

use crate::article::text;
use crate::fetch::bound::{Walk as _, take, take_text};

/// A page as parsed, once.
pub(super) struct Page {
    /// The tree.
    pub tree: Document,
    /// Where it was found.
    pub url: Url,
    /// What its relative addresses are relative to: `<base href>`, else its own address.
    pub base: Url,
    /// The elements of the names that are often asked for, in the order of the page.
    named: [Vec<NodeId>; NAMED.len()],
    /// The elements that have a class, an id, a microdata property or a relation, and every `<article>`.
    marked: Vec<NodeId>,
}

/// Names of elements of which every page is asked.
const NAMED: [&str; 10] = ["a", "meta", "script", "link", "time", "h1", "h2", "h3", "title", "html"];
/// Attributes that make an element a marked one.
const MARKS: [&str; 4] = ["class", "id", "itemprop", "rel"];
/// Most elements that are asked by selectors: twice what the longest pages made by people have in all.
const MOST_MARKED: usize = 20_000;
/// Most selectors that a thread keeps compiled.
const MOST_SELECTORS: usize = 256;
/// Most bytes of class or id that are looked at.
const MOST_NAMES: usize = 1024;

thread_local! {
    /// The selectors that were asked for, compiled; none where one is no CSS.
    static SELECTORS: RefCell<HashMap<String, Option<Rc<Matcher>>>> = RefCell::new(HashMap::new());
}

/// A selector, compiled once a thread.
fn compiled(selector: &str) -> Option<Rc<Matcher>> {
    SELECTORS.with_borrow_mut(|known| {
        if let Some(found) = known.get(selector) {
            return found.clone();
        }
        if known.len() >= MOST_SELECTORS {
            known.clear();
        }
        let matcher = Matcher::new(selector).ok().map(Rc::new);
        known.insert(selector.to_owned(), matcher.clone());
        matcher
    })
}

impl Page {
    /// Parses a page whose depth has been bounded.
    pub fn parse(html: &str, url: &Url) -> Self {
        let tree = Document::from(html);
        let web = |base: &Url| matches!(base.scheme(), "http" | "https");
        let stated = tree.base_uri().and_then(|base| url.join(base.trim()).ok()).filter(web);
        // A file has no address on the web but the one it states: its links and pictures lie beside that.
        let canonical = || {
            let node = tree.select_single("link[rel=canonical]");
            Url::parse(node.attr("href")?.trim()).ok().filter(web)
        };
        let base = stated.or_else(|| if web(url) { None } else { canonical() }).unwrap_or_else(|| url.clone());
        let mut named: [Vec<NodeId>; NAMED.len()] = Default::default();
        let mut marked = Vec::new();
        for node in tree.root().below() {
            let Some(element) = node.element_ref() else { continue };
            let name: &str = &element.name.local;
            if let Some(list) = NAMED.iter().position(|known| *known == name).and_then(|at| named.get_mut(at)) {
                list.push(node.id);
            }
            if marked.len() >= MOST_MARKED {
                continue;
            }
            if name == "article" || element.attrs.iter().any(|attr| MARKS.contains(&&*attr.name.local)) {
                marked.push(node.id);
            }
        }
        Self { tree, url: url.clone(), base, named, marked }
    }

    /// The elements of a name, one of [`NAMED`].
    pub fn named(&self, name: &str) -> impl Iterator<Item = NodeRef<'_>> {
        debug_assert!(NAMED.contains(&name), "{name}");
        let at = NAMED.iter().position(|known| *known == name);
        at.and_then(|at| self.named.get(at)).into_iter().flatten().map(|id| NodeRef::new(*id, &self.tree.tree))
    }

    /// The elements that a selector names, each of whose parts asks for one of [`MARKS`] or for `<article>`.
    pub fn marked(&self, selector: &str) -> Vec<NodeRef<'_>> {
        let Some(matcher) = compiled(selector) else { return Vec::new() };
        let all = self.marked.iter().map(|id| NodeRef::new(*id, &self.tree.tree));
        all.filter(|node| node.is_match(&matcher)).collect()
    }

    /// The elements that a selector names; none where the selector is no CSS.
    pub fn select(&self, selector: &str) -> Selection<'_> {
        compiled(selector).map_or_else(Selection::default, |matcher| self.tree.select_matcher(&matcher))
    }

    /// The first element that a selector names and that shows text.
    pub fn first_text(&self, selector: &str) -> Option<String> {
        self.select(selector).nodes().iter().map(text_of).find(|text| !text.is_empty())
    }
}

/// The text of a node on one line, words of neighbouring blocks kept apart.
pub(super) fn text_of(node: &NodeRef<'_>) -> String {
    let mut out = String::new();
    push_text(node, &mut out);
    text::one_line(&out)
}

/// Adds the text below a node as it stands, with spaces where blocks and lines begin.
pub(super) fn push_text(node: &NodeRef<'_>, out: &mut String) {
    let mut hidden = (node.has_name("script") || node.has_name("style")).then_some(node.id);
    for inner in node.below() {
        if inner.is_text() {
            // Text inside a script or style stands right below it.
            if hidden.is_none() || inner.parent().map(|parent| parent.id) != hidden {
                let text = inner.text();
                if !take_text(&text) {
                    return;
                }
                out.push_str(&text);
            }
        } else if let Some(element) = inner.element_ref() {
            let name: &str = &element.name.local;
            if name == "script" || name == "style" {
                hidden = Some(inner.id);
            } else if name == "br" || crate::article::clean::is_block(name) {
                out.push(' ');
            }
        }
    }
}

/// An attribute, trimmed, where it is there and not empty.
pub(super) fn attribute(node: &NodeRef<'_>, name: &str) -> Option<String> {
    let value = node.attr(name).filter(|value| take_text(value))?;
    Some(text::one_line(&value)).filter(|value| !value.is_empty())
}

/// The words of class and id, in lower case: `story__heading boxTinLienQuan` gives
/// `story`, `heading`, `box`, `tin`, `lien`, `quan`, with the whole names too.
pub(super) fn hints(node: &NodeRef<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for name in ["class", "id"] {
        let Some(value) = node.attr(name) else { continue };
        let value = value.get(..value.floor_char_boundary(MOST_NAMES)).unwrap_or_default();
        take_text(value);
        for whole in value.split_whitespace().take(24) {
            take(2);
            let mut word = String::new();
            let mut lower_before = false;
            for c in whole.chars() {
                if (!c.is_alphanumeric() || (c.is_uppercase() && lower_before)) && !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
                if c.is_alphanumeric() {
                    word.extend(c.to_lowercase());
                }
                lower_before = c.is_lowercase();
            }
            if !word.is_empty() {
                out.push(word);
            }
            out.push(whole.to_lowercase());
        }
    }
    out
}

/// Unescapes a text that was escaped twice ("Tin &amp;quot;A&amp;quot;").
pub(super) fn unescape(text: &str) -> String {
    if (text.contains('&') && text.contains(';')) || text.contains('<') {
        return text::one_line(&Document::fragment(text).text());
    }
    text::one_line(text)
}
