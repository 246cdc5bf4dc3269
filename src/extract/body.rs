//! Where the body is: the section's selector, a container that systems are known to use, or what readability
//! finds; the page's own copy of the text (JSON-LD) is the witness between them.

use std::collections::{HashMap, HashSet};

use dom_query::{Document, NodeId, NodeRef};
use dom_smoothie::{Config, Readability, TextMode};

use super::blocks::{self, Block};
use super::date;
use super::metadata::Metadata;
use super::page::Page;
use super::tail;
use crate::article::text;
use crate::config::HtmlRules;

/// Containers of known systems and common vocabulary, in no order: they are scored.
const CONTAINERS: &str = "[itemprop~=articleBody],#news-bodyhtml,.bodytext,.journal-content-article,.asset-content,\
    .ArticleContent,.fck_detail,.detail-content,.cms-body,.entry-content,.td-post-content,.node__content,\
    .article-body,.article__body,.articleBody,.article-content,.article__content,.story-body,.story-content,.story__body,\
    .post-content,.post-body,.post__content,.news-content,.content-detail,.noidung,.noi-dung,.noi-dung-trang,\
    .chitietbaiviet,.chi-tiet-main-content,.textbody,.textdetail,.contenttin,.ms-rtestate-field,[id$=RichHtmlField],\
    [id$=lblNoiDung],[id$=lbBody],[class*=RichHtmlField],.the-article-body,.singular-content,.content-body,\
    .body-content,.main-content-body,.c-article-body,#article-body,#articleBody,#story-body,article";

/// The blocks of the body and where they came from.
pub(super) fn find(page: &Page, rules: &HtmlRules, said: &Metadata) -> Option<(Vec<Block>, &'static str)> {
    let removed: Vec<NodeId> =
        rules.remove.iter().flat_map(|selector| page.select(selector).nodes().to_vec()).map(|node| node.id).collect();
    let read = |node: &NodeRef<'_>| tail::cut(blocks::build(node, &page.base, &removed), &rules.stop_at);
    if let Some(selector) = rules.body.as_deref() {
        let blocks: Vec<Block> = page.select(selector).nodes().iter().flat_map(read).collect();
        if !blocks.is_empty() {
            return Some((blocks, "selector"));
        }
    }
    let weights = Weights::of(page);
    // Several articles one below the other are no article in several parts.
    let one = |node: &NodeRef<'_>| {
        let count = |name: &str| node.descendants_it().filter(|inner| inner.has_name(name)).count();
        count("h1") <= 1
    };
    let dense = page.tree.body().map(|body| weights.densest(body)).filter(one);
    let most = dense.as_ref().map_or(0, |node| weights.get(node));
    let known = container(page, &weights);
    let small = |blocks: &[Block]| length(blocks) * 100 < most * SMALL;
    let known = known.map(|node| (read(&node), "container")).filter(|(blocks, _)| !blocks.is_empty());
    if let Some((blocks, _)) = &known
        && length(blocks) >= 1200
        && !small(blocks)
        && said.body.is_none()
    {
        return known;
    }
    let readable = readability(page, &removed, &rules.stop_at).map(|blocks| (blocks, "readability"));
    let chosen = match (known, readable) {
        (Some(known), Some(readable)) => Some(better(known, readable, said)),
        (known, readable) => known.or(readable),
    };
    // An article in several parts side by side: each part is small, what holds them all is not.
    match (chosen, dense) {
        (Some((blocks, from)), Some(node)) if from == "readability" && small(&blocks) => {
            let whole = (read(&node), "density");
            Some(if length(&whole.0) > length(&blocks) * 2 {
                better((blocks, from), whole, said)
            } else {
                (blocks, from)
            })
        }
        (None, Some(node)) => Some((read(&node), "density")).filter(|(blocks, _)| !blocks.is_empty()),
        (chosen, _) => chosen,
    }
}

/// Per cent of the page's running text below which a body is doubted.
const SMALL: usize = 40;

/// Characters of running text below each element: outside links and furniture, in pieces long enough to be
/// sentences. Counted once for the whole page.
struct Weights(HashMap<NodeId, usize>);

impl Weights {
    fn of(page: &Page) -> Self {
        let mut out: HashMap<NodeId, usize> = HashMap::new();
        for node in page.tree.root().descendants_it().filter(dom_query::NodeRef::is_text) {
            let length = node.text().trim().chars().count();
            if length < 40 {
                continue;
            }
            let above: Vec<NodeRef<'_>> = node.ancestors_it(None).collect();
            let furniture = |up: &NodeRef<'_>| {
                matches!(
                    up.node_name().as_deref(),
                    Some("script" | "style" | "nav" | "footer" | "aside" | "noscript" | "template" | "button" | "head")
                )
            };
            let linked = above.iter().take(6).any(|up| up.has_name("a"));
            if linked || above.iter().any(furniture) {
                continue;
            }
            for up in above {
                *out.entry(up.id).or_default() += length;
            }
        }
        Self(out)
    }

    fn get(&self, node: &NodeRef<'_>) -> usize {
        self.0.get(&node.id).copied().unwrap_or(0)
    }

    /// The innermost element that holds nearly all running text below `node`.
    fn densest<'a>(&self, mut node: NodeRef<'a>) -> NodeRef<'a> {
        while let Some(child) = node.children_it(false).max_by_key(|child| self.get(child)) {
            if self.get(&child) * 100 < self.get(&node) * 80 || child.has_name("p") {
                break;
            }
            node = child;
        }
        node
    }
}

type Found = (Vec<Block>, &'static str);

/// The better of two: the one nearer to the page's own copy of its text, else the longer unless it is mostly
/// links.
fn better(known: Found, readable: Found, said: &Metadata) -> Found {
    if let Some(witness) = said.body.as_deref().filter(|body| body.chars().count() > 400) {
        let (one, other) = (likeness(&known.0, witness), likeness(&readable.0, witness));
        return if one >= other { known } else { readable };
    }
    let (one, other) = (length(&known.0), length(&readable.0));
    if one * 10 >= other * 6 { known } else { readable }
}

/// Characters of text that is not links.
fn length(blocks: &[Block]) -> usize {
    blocks.iter().map(|block| block.length().saturating_sub(block.linked)).sum()
}

/// How much two texts share: F1 of their words, in thousandths.
fn likeness(blocks: &[Block], witness: &str) -> usize {
    let words = |text: &str| text::match_key(text).split_whitespace().map(str::to_owned).collect::<HashSet<String>>();
    let ours: HashSet<String> = blocks.iter().flat_map(|block| words(&block.text)).collect();
    let theirs = words(witness);
    let common = ours.intersection(&theirs).count();
    (2000 * common).checked_div(ours.len() + theirs.len()).unwrap_or(0)
}

/// The best of the known containers: the one with most running text; of two nested ones with nearly the same
/// text the inner.
fn container<'a>(page: &'a Page, weights: &Weights) -> Option<NodeRef<'a>> {
    let mut best: Option<(NodeRef<'_>, usize)> = None;
    for node in page.select(CONTAINERS).nodes() {
        let weight = weights.get(node);
        if weight < 200 {
            continue;
        }
        let better = match &best {
            None => true,
            Some((held, most)) => {
                let inside = node.ancestors_it(None).any(|up| up.id == held.id);
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
fn readability(page: &Page, removed: &[NodeId], stop_at: &[String]) -> Option<Vec<Block>> {
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
    let blocks = tail::cut(blocks::build(&content.root(), &page.base, &[]), stop_at);
    (!blocks.is_empty()).then_some(blocks)
}

/// Drops what the page repeats above its text: the title, and short lines of dates and names.
pub(super) fn behead(mut blocks: Vec<Block>, title: &str, options: &date::Options) -> Vec<Block> {
    let title = text::match_key(title);
    let dated =
        |block: &Block| block.length() <= 80 && date::parse_stated(&block.text, options) != date::Stated::default();
    for _ in 0..4 {
        let Some(index) = blocks.iter().position(|block| block.picture().is_none()) else { break };
        if index > 2 {
            break;
        }
        let repeated = blocks.get(index).is_some_and(|block| text::match_key(&block.text) == title || dated(block));
        if !repeated {
            break;
        }
        blocks.remove(index);
    }
    blocks
}
