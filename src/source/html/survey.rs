//! One walk over the tree of a page, for what several steps ask of all of it: where its addresses begin, its short
//! texts with dates, the elements it names other pages by.

use std::collections::HashSet;

use dom_query::{Document as Dom, Element, NodeData, NodeId};

use super::{fields, next};
use crate::fetch::bound::Walk as _;

/// Elements of the body among which pagers and their links are looked for.
const MOST: usize = 20_000;
/// Most pagers of a page.
const MOST_PAGERS: usize = 20;

/// What was found, in the order of the page.
#[derive(Debug, Default)]
pub struct Survey {
    /// The first `<base href>`.
    pub base: Option<String>,
    /// `<link>` elements.
    pub links: Vec<NodeId>,
    /// Elements that are marked as leading to the next page (`rel=next`).
    pub next: Vec<NodeId>,
    /// Elements that are called pagers.
    pub pagers: Vec<NodeId>,
    /// Links, and what leads to another page by a script.
    pub leading: Vec<NodeId>,
    /// Short texts that may be dates of numbers.
    pub dates: Vec<String>,
    /// Texts that are nothing but "8/7".
    pub days: HashSet<String>,
}

impl Survey {
    /// Goes over the tree.
    pub fn of(dom: &Dom) -> Self {
        let mut survey = Self::default();
        let body = dom.body().map(|body| body.id);
        let (mut is_body, mut elements) = (false, 0);
        for node in dom.root().below() {
            is_body |= Some(node.id) == body;
            node.query(|inner| match &inner.data {
                NodeData::Text { contents } => survey.text(contents),
                NodeData::Element(element) => {
                    elements += usize::from(is_body);
                    survey.element(node.id, element, is_body && elements <= MOST);
                }
                _ => {}
            });
        }
        survey
    }

    fn text(&mut self, text: &str) {
        let text = text.trim();
        if (3..=5).contains(&text.len()) && fields::is_bare_day(text) {
            self.days.insert(text.to_owned());
        }
        if (8..=40).contains(&text.len()) && text.contains('/') && text.bytes().filter(u8::is_ascii_digit).count() >= 4
        {
            self.dates.push(text.to_owned());
        }
    }

    fn element(&mut self, id: NodeId, element: &Element, is_body: bool) {
        let name: &str = &element.name.local;
        match name {
            "base" if self.base.is_none() => self.base = value(element, "href").map(str::to_owned),
            "link" => self.links.push(id),
            _ => {}
        }
        if matches!(name, "a" | "link")
            && value(element, "rel").is_some_and(is_next)
            && value(element, "href").is_some()
        {
            self.next.push(id);
        }
        if !is_body {
            return;
        }
        if self.pagers.len() < MOST_PAGERS && next::is_pager(element) {
            self.pagers.push(id);
        }
        let leads = name == "a"
            || matches!(name, "button" | "div" | "span")
                && next::ADDRESSES.iter().any(|at| value(element, at).is_some());
        if leads {
            self.leading.push(id);
        }
    }
}

/// The value of an attribute.
pub fn value<'e>(element: &'e Element, name: &str) -> Option<&'e str> {
    element.attrs.iter().find(|attr| &attr.name.local == name).map(|attr| &*attr.value)
}

fn is_next(rel: &str) -> bool {
    rel.split_ascii_whitespace().any(|word| word == "next")
}
