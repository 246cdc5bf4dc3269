//! The lead: what the page sets apart as one by name, by its place between title and body, or by bold letters at the
//! beginning; else its description where that is a sentence of its own about the same things.

use std::collections::HashSet;

use dom_query::{NodeId, NodeRef};

use super::blocks::{Block, Kind};
use super::byline::is_bold;
use super::metadata::Metadata;
use super::page::{Page, text_of};
use super::tail;
use crate::article::text;
use crate::fetch::bound::Walk as _;

/// Elements that hold a lead.
const LEADS: &str = ".sapo,.article__sapo,.singular-sapo,.detail-sapo,.hometext,.article-sapo,.ArticleSummary,\
    .chi-tiet-sub-content,h2.lead,p.lead,div.lead,.field--name-field-summary,.article-lead,.entry-lead,.lead-text,.standfirst,.article-summary,\
    [itemprop~=description]:not(meta),[id$=lblTomTat],[id$=lblSummary],[id$=lbSummary],.mota,.mo-ta,.tomtat,.tom-tat,\
    .news-sapo,.chapeau";

/// The lead and where it came from.
pub(super) fn find(
    page: &Page,
    selector: Option<&str>,
    said: &Metadata,
    listed: Option<&str>,
    body: &str,
    place: &Place<'_>,
) -> Option<(String, &'static str)> {
    if let Some(own) = selector.and_then(|selector| page.first_text(selector)) {
        return Some((own, "selector"));
    }
    if let Some(lead) = set_apart(page, place.furniture) {
        return Some((lead, "lead element"));
    }
    if let Some(lead) = between(place.before) {
        return Some((lead, "below the title"));
    }
    if let Some(lead) = bold(place.blocks) {
        return Some((lead, "bold beginning"));
    }
    let body_key = text::match_key(body);
    let own_words = |lead: &str| {
        let key = text::match_key(lead);
        let begins: String = key.trim_start_matches(['-', ' ']).chars().take(60).collect();
        !is_cut(lead) && !body_key.contains(&begins) && is_about(&key, &body_key)
    };
    let described = said.descriptions.iter().map(|(text, from)| (text.as_str(), *from));
    described
        .chain(listed.map(|text| (text, "listing")))
        .map(|(lead, from)| (text::one_line(lead), from))
        .find(|(lead, _)| (40..=600).contains(&lead.chars().count()) && own_words(lead))
}

/// The lead that the page sets apart in an element of its own, outside boxes of other articles.
pub(super) fn set_apart(page: &Page, furniture: &HashSet<NodeId>) -> Option<String> {
    let inside =
        |node: &NodeRef<'_>| furniture.contains(&node.id) || node.above(None).any(|up| furniture.contains(&up.id));
    let leads = page.marked(LEADS);
    let mut texts = leads.iter().filter(|node| !inside(node)).map(text_of);
    texts.find(|lead| (20..=900).contains(&lead.chars().count()))
}

/// Where the text stands on the page.
pub(super) struct Place<'a> {
    /// Boxes of other articles.
    pub furniture: &'a HashSet<NodeId>,
    /// Between the title and the body.
    pub before: &'a [Block],
    /// The body.
    pub blocks: &'a [Block],
}

/// A sentence between the title and the body: the longest, unlinked.
fn between(before: &[Block]) -> Option<String> {
    let lead = |block: &&Block| {
        (40..=900).contains(&block.length())
            && block.linked == 0
            && !block.text.contains("://")
            && !block.caption
            && matches!(block.kind, Kind::Paragraph | Kind::Heading(_))
            && block.text.split_whitespace().count() >= 8
            && !tail::is_stop(&block.text, &[])
            && !tail::is_counter(&block.text)
    };
    before.iter().filter(lead).max_by_key(|block| block.length()).map(|block| block.text.clone())
}

/// A first paragraph all in bold before others that are not.
fn bold(blocks: &[Block]) -> Option<String> {
    let mut texts = blocks.iter().filter(|block| block.picture().is_none());
    let (first, second) = (texts.next()?, texts.next()?);
    let sentence = first.text.trim_end().ends_with(['.', '!', '?', '…', '"', '”']);
    (first.kind == Kind::Paragraph
        && (40..=900).contains(&first.length())
        && sentence
        && first.text.split_whitespace().count() >= 8
        && is_bold(first)
        && !is_bold(second))
    .then(|| first.text.clone())
}

/// Whether a description speaks of what the text speaks of: a site's motto on every page does not.
fn is_about(description: &str, body: &str) -> bool {
    let known: std::collections::HashSet<&str> = body.split(|c: char| !c.is_alphanumeric()).collect();
    let words: Vec<&str> =
        description.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= 3).collect();
    let shared = words.iter().filter(|word| known.contains(*word)).count();
    shared * 100 >= words.len() * 45
}

/// Whether a text was cut in the middle of a sentence.
fn is_cut(lead: &str) -> bool {
    let end = lead.trim_end();
    end.ends_with('…')
        || end.ends_with("...")
        || end.ends_with("[…]")
        || !end.ends_with(['.', '!', '?', '"', '”', ')', '»'])
}
