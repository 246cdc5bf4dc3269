//! Where the body is: the section's selector, a container that systems are known to use, or what readability
//! finds; the page's own copy of the text (JSON-LD) is the witness between them.

use std::collections::HashSet;

use dom_query::{Document, NodeId, NodeRef};
use dom_smoothie::{Config, Readability, TextMode};

use super::blocks::{self, Block};
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
    .body-content,.main-content-body,.c-article-body,.rich-text,#article-body,#articleBody,#story-body,article";

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
    let known = container(page).map(|node| (read(&node), "container"));
    let sure = known.as_ref().is_some_and(|(blocks, _)| length(blocks) >= 1200);
    if sure && said.body.is_none() {
        return known;
    }
    let readable = readability(page, &removed, &rules.stop_at).map(|blocks| (blocks, "readability"));
    match (known, readable) {
        (Some(known), Some(readable)) => Some(better(known, readable, said)),
        (known, readable) => known.or(readable),
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

/// How much two texts share: F1 of their words.
fn likeness(blocks: &[Block], witness: &str) -> f64 {
    let words = |text: &str| text::match_key(text).split_whitespace().map(str::to_owned).collect::<HashSet<String>>();
    let ours: HashSet<String> = blocks.iter().flat_map(|block| words(&block.text)).collect();
    let theirs = words(witness);
    let common = ours.intersection(&theirs).count() as f64;
    if common == 0.0 { 0.0 } else { 2.0 * common / (ours.len() + theirs.len()) as f64 }
}

/// The best of the known containers: the one with most running text; of two nested ones with nearly the same
/// text the inner.
fn container(page: &Page) -> Option<NodeRef<'_>> {
    let mut best: Option<(NodeRef<'_>, usize)> = None;
    for node in page.select(CONTAINERS).nodes() {
        let weight = running_text(node);
        if weight < 200 {
            continue;
        }
        let better = match &best {
            None => true,
            Some((held, most)) => {
                let inside = node.ancestors_it(None).any(|up| up.id == held.id);
                if inside { weight * 100 >= most * 85 } else { weight > *most }
            }
        };
        if better {
            best = Some((*node, weight));
        }
    }
    best.map(|(node, _)| node)
}

/// Characters of text outside links, in pieces long enough to be sentences.
fn running_text(node: &NodeRef<'_>) -> usize {
    node.descendants_it()
        .filter(|inner| inner.is_text())
        .filter(|inner| {
            !inner.ancestors_it(Some(6)).any(|up| {
                matches!(up.node_name().as_deref(), Some("a" | "script" | "style" | "nav" | "footer" | "aside"))
            })
        })
        .map(|inner| inner.text().trim().chars().count())
        .filter(|length| *length >= 40)
        .sum()
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
pub(super) fn behead(mut blocks: Vec<Block>, title: &str) -> Vec<Block> {
    let title = text::match_key(title);
    for _ in 0..4 {
        let Some(index) = blocks.iter().position(|block| block.picture().is_none()) else { break };
        if index > 2 {
            break;
        }
        let repeated = blocks.get(index).is_some_and(|block| text::match_key(&block.text) == title);
        if !repeated {
            break;
        }
        blocks.remove(index);
    }
    blocks
}
