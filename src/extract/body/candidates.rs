//! Where the body may be: a container that systems are known to use, what readability finds, the innermost
//! element that holds most of the running text, and the page's own copy of its text (JSON-LD).

use std::collections::HashSet;

use dom_query::{Document, NodeId, NodeRef};
use dom_smoothie::{Config, Readability, TextMode};

use super::super::blocks::{self, Block};
use super::super::page::Page;
use super::super::tail;
use super::weights::Weights;
use crate::fetch::bound::Walk as _;

/// Containers of known systems and common vocabulary, in no order: they are scored.
const CONTAINERS: &str = "[itemprop~=articleBody],#news-bodyhtml,.bodytext,.journal-content-article,.asset-content,\
    .ArticleContent,.fck_detail,.detail-content,.cms-body,.entry-content,.td-post-content,.node__content,\
    .article-body,.article__body,.articleBody,.article-content,.article__content,.story-body,.story-content,.story__body,\
    .post-content,.post-body,.post__content,.news-content,.content-detail,.noidung,.noi-dung,.noi-dung-trang,\
    .chitietbaiviet,.chi-tiet-main-content,.textbody,.textdetail,.contenttin,.ms-rtestate-field,[id$=RichHtmlField],\
    [id$=lblNoiDung],[id$=lbBody],[class*=RichHtmlField],.the-article-body,.singular-content,.content-body,\
    .body-content,.main-content-body,.c-article-body,#article-body,#articleBody,#story-body,article";

/// Per cent of the running text that the innermost element of the dense candidate holds at each step down.
const DENSE: usize = 80;

/// Per cent of a page's running text from which on a container with a body's name is beyond doubt.
const NAMED: usize = 85;
/// The same for the dense element, and how many paragraphs it must have of its own.
const SINGLE: usize = 95;
const PARAGRAPHS: usize = 5;

/// What a candidate was made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// An element with a name that bodies have.
    Container,
    /// An `<article>`: it holds the head of the page too, and what readers said.
    Article,
    Readability,
    Density,
    OwnCopy,
}

impl Way {
    /// Its name in the provenance.
    pub fn name(self) -> &'static str {
        match self {
            Self::Container | Self::Article => "container",
            Self::Readability => "readability",
            Self::Density => "density",
            Self::OwnCopy => "json-ld",
        }
    }
}

/// A body that may be the one.
pub(super) struct Candidate {
    pub way: Way,
    /// The blocks, without the tail.
    pub blocks: Vec<Block>,
    /// Its element holds the page's navigation or footer too.
    pub wrapper: bool,
}

/// All of them that hold anything.
pub(super) fn all(page: &Page, removed: &HashSet<NodeId>, stop_at: &[String]) -> Vec<Candidate> {
    let weights = Weights::of(page, removed);
    let read = |node: &NodeRef<'_>| tail::cut(blocks::build(node, &page.base, removed), stop_at);
    let known = container(page, &weights);
    let dense = page.tree.body().map(|body| weights.densest(body, DENSE));
    let mut out = Vec::new();
    if let Some(node) = &known {
        let way = if node.has_name("article") { Way::Article } else { Way::Container };
        out.push(Candidate { way, blocks: read(node), wrapper: false });
    }
    let whole = page.tree.body().map_or(0, |body| weights.get(&body));
    let share = |node: &NodeRef<'_>| (weights.get(node) * 100).checked_div(whole).unwrap_or(0);
    let named = known.as_ref().is_some_and(|node| !node.has_name("article") && share(node) >= NAMED);
    let single = dense.as_ref().is_some_and(|node| {
        let paragraphs = node.children_it(false).filter(|child| child.has_name("p")).count();
        share(node) >= SINGLE
            && paragraphs >= PARAGRAPHS
            && !is_wrapper(node)
            && known.as_ref().is_none_or(|known| node.above(None).any(|up| up.id == known.id))
    });
    // Readability costs more than all the rest of the reading: it is asked only where neither is beyond doubt.
    if single && !named {
        out.clear();
    } else if !named && let Some(blocks) = readability(page, removed, stop_at) {
        out.push(Candidate { way: Way::Readability, blocks, wrapper: false });
    }
    if let Some(node) = dense.filter(|node| known.as_ref().is_none_or(|known| known.id != node.id)) {
        out.push(Candidate { way: Way::Density, blocks: read(&node), wrapper: is_wrapper(&node) });
    }
    out.retain(|candidate| !candidate.blocks.is_empty());
    out
}

/// The page's own copy of its text, as blocks.
pub(super) fn own_copy(text: &str) -> Candidate {
    let blocks = text.split('\n').filter(|line| !line.trim().is_empty()).map(Block::paragraph).collect();
    Candidate { way: Way::OwnCopy, blocks, wrapper: false }
}

/// Whether an element is the page itself rather than a part of it, or several articles one below the other.
fn is_wrapper(node: &NodeRef<'_>) -> bool {
    let mut titles = 0;
    node.has_name("body")
        || node.below().any(|inner| {
            titles += usize::from(inner.has_name("h1"));
            inner.has_name("footer") || inner.has_name("nav") || titles > 1
        })
}

/// The best of the known containers: the one with most running text; of two nested ones with nearly the same
/// text the inner.
fn container<'a>(page: &'a Page, weights: &Weights) -> Option<NodeRef<'a>> {
    let mut best: Option<(NodeRef<'_>, usize)> = None;
    for node in &page.marked(CONTAINERS) {
        let weight = weights.get(node);
        if weight < 200 {
            continue;
        }
        let better = match &best {
            None => true,
            Some((held, most)) => {
                let inside = node.above(None).any(|up| up.id == held.id);
                // `<article>` holds the head of the page too; a name for the body is more exact.
                let enough = if held.has_name("article") { 60 } else { 85 };
                if inside { weight * 100 >= most * enough } else { weight > *most }
            }
        };
        if better {
            best = Some((*node, weight));
        }
    }
    best.map(|(node, _)| node)
}

/// What readability finds, as blocks.
fn readability(page: &Page, removed: &HashSet<NodeId>, stop_at: &[String]) -> Option<Vec<Block>> {
    let tree = page.tree.clone();
    for id in removed {
        if let Some(node) = tree.tree.get(id) {
            node.remove_from_parent();
        }
    }
    let config =
        Config { text_mode: TextMode::Formatted, disable_json_ld: true, keep_classes: true, ..Config::default() };
    let mut reader = Readability::with_document(tree, None, Some(config)).ok()?;
    let article = reader.parse().ok()?;
    let content = Document::fragment(article.content);
    let blocks = tail::cut(blocks::build(&content.root(), &page.base, &HashSet::new()), stop_at);
    (!blocks.is_empty()).then_some(blocks)
}
