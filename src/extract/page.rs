//! A parsed page and the few ways in which its tree is asked.

use dom_query::{Document, Matcher, NodeRef, Selection};
use url::Url;

use crate::article::text;

/// A page as parsed, once.
pub(super) struct Page {
    /// The tree.
    pub tree: Document,
    /// Where it was found.
    pub url: Url,
    /// What its relative addresses are relative to: `<base href>`, else its own address.
    pub base: Url,
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
        Self { tree, url: url.clone(), base }
    }

    /// The elements that a selector names; none where the selector is no CSS.
    pub fn select(&self, selector: &str) -> Selection<'_> {
        match Matcher::new(selector) {
            Ok(matcher) => self.tree.select_matcher(&matcher),
            Err(_) => Selection::default(),
        }
    }

    /// The first element that a selector names and that shows text.
    pub fn first_text(&self, selector: &str) -> Option<String> {
        self.select(selector).nodes().iter().map(text_of).find(|text| !text.is_empty())
    }
}

/// The text of a node on one line, words of neighbouring blocks kept apart.
pub(super) fn text_of(node: &NodeRef<'_>) -> String {
    let mut out = String::new();
    for inner in node.descendants_it() {
        if inner.is_text() {
            let hidden = inner.parent().is_some_and(|parent| parent.has_name("script") || parent.has_name("style"));
            if !hidden {
                out.push_str(&inner.text());
            }
        } else if inner.has_name("br") || inner.node_name().is_some_and(|name| crate::article::clean::is_block(&name)) {
            out.push(' ');
        }
    }
    text::one_line(&out)
}

/// An attribute, trimmed, where it is there and not empty.
pub(super) fn attribute(node: &NodeRef<'_>, name: &str) -> Option<String> {
    node.attr(name).map(|value| text::one_line(&value)).filter(|value| !value.is_empty())
}

/// The words of class and id, in lower case: `story__heading boxTinLienQuan` gives
/// `story`, `heading`, `box`, `tin`, `lien`, `quan`, with the whole names too.
pub(super) fn hints(node: &NodeRef<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for name in ["class", "id"] {
        let Some(value) = node.attr(name) else { continue };
        for whole in value.split_whitespace().take(24) {
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
