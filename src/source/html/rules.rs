//! A listing read by the section's selectors; what a selector does not name is recognised within the item.

use std::collections::HashMap;

use dom_query::{Matcher, NodeRef};
use url::Url;

use super::cards::Card;
use super::links::{self, Link};
use super::page::{Page, attr, find};
use super::{fields, words};
use crate::article::text::one_line;
use crate::article::{Candidate, Moment, SourceDate, canonical};
use crate::config::HtmlRules;
use crate::extract::date;
use crate::fetch::bound::Walk as _;
use crate::source::plain;

/// The compiled selectors.
struct Rules {
    item: Option<Matcher>,
    link: Option<Matcher>,
    title: Option<Matcher>,
    date: Option<Matcher>,
    lead: Option<Matcher>,
    image: Option<Matcher>,
}

/// A selector, or why it is none.
pub fn matcher(key: &str, selector: Option<&str>) -> Result<Option<Matcher>, String> {
    let Some(selector) = selector else { return Ok(None) };
    Matcher::new(selector).map(Some).map_err(|_| format!("`html.{key} = \"{selector}\"` is no CSS selector"))
}

impl Rules {
    fn compile(rules: &HtmlRules) -> Result<Self, String> {
        Ok(Self {
            item: matcher("item", rules.item.as_deref())?,
            link: matcher("link", rules.link.as_deref())?,
            title: matcher("title", rules.title.as_deref())?,
            date: matcher("date", rules.date.as_deref())?,
            lead: matcher("lead", rules.lead.as_deref())?,
            image: matcher("image", rules.image.as_deref())?,
        })
    }
}

/// Lets the section's selectors of single fields overrule what was recognised in the cards.
pub fn overrule(
    page: &Page<'_>,
    rules: &HtmlRules,
    cards: &[Card<'_>],
    candidates: &mut [Candidate],
    why: &mut Vec<String>,
) -> Result<(), String> {
    let compiled = Rules::compile(rules)?;
    let named = [("title", &rules.title), ("date", &rules.date), ("lead", &rules.lead), ("image", &rules.image)];
    let named: Vec<&str> = named.iter().filter(|(_, selector)| selector.is_some()).map(|(name, _)| *name).collect();
    if named.is_empty() {
        return Ok(());
    }
    let roots: HashMap<String, NodeRef<'_>> = cards.iter().map(|card| (card.link.key.clone(), card.root)).collect();
    for candidate in candidates {
        if let Some(root) = roots.get(&canonical::key(&candidate.url)) {
            let title = compiled.title.as_ref().and_then(|matcher| first(root, matcher));
            fields_of(page, root, &compiled, title, candidate);
        }
    }
    why.push(format!("read by the section's selectors in each recognised card: {}", named.join(", ")));
    Ok(())
}

/// The candidates that the selectors name.
pub fn list(page: &Page<'_>, rules: &HtmlRules, why: &mut Vec<String>) -> Result<Vec<Candidate>, String> {
    let compiled = Rules::compile(rules)?;
    let Some(boxes) = compiled.item.as_ref().or(compiled.link.as_ref()) else { return Ok(Vec::new()) };
    let items: Vec<NodeRef<'_>> = page.dom.select_matcher(boxes).nodes().to_vec();
    let candidates: Vec<Candidate> = items.iter().filter_map(|item| candidate(page, item, &compiled)).collect();
    let key = if compiled.item.is_some() { "item" } else { "link" };
    why.push(format!("`html.{key}` matches {} times, {} of them have a link", items.len(), candidates.len()));
    Ok(candidates)
}

/// The first match of a selector in an item, the item itself included.
pub fn first<'d>(item: &NodeRef<'d>, matcher: &Matcher) -> Option<NodeRef<'d>> {
    find(item, |node| node.is_match(matcher))
}

/// The link of an item by no other rule: the one with the longest text, so that a picture's link or "read more" does
/// not give the title.
pub fn link_in<'d>(page: &Page<'_>, item: &NodeRef<'d>) -> Option<(NodeRef<'d>, Url)> {
    let links = std::iter::once(*item).chain(item.below()).filter(|node| is_link(page, node));
    let mut longest: Option<(usize, NodeRef<'_>)> = None;
    for link in links {
        let text = plain::of_node(&link);
        let length = if words::is_more(&text) { 0 } else { text.chars().count() };
        if longest.is_none_or(|(most, _)| length > most) {
            longest = Some((length, link));
        }
    }
    let (_, node) = longest?;
    Some((node, page.link(&attr(&node, "href"))?))
}

fn is_link(page: &Page<'_>, node: &NodeRef<'_>) -> bool {
    node.has_name("a") && node.attr("href").is_some_and(|href| page.link(&href).is_some())
}

/// The date that an element states.
pub fn date_of(page: &Page<'_>, node: &NodeRef<'_>) -> Option<Moment> {
    date::parse(&attr(node, "datetime"), &page.dates).or_else(|| date::parse(&plain::of_node(node), &page.dates))
}

fn candidate(page: &Page<'_>, item: &NodeRef<'_>, rules: &Rules) -> Option<Candidate> {
    let is_link = |node: &NodeRef<'_>| is_link(page, node);
    let within = |matcher: &Option<Matcher>| matcher.as_ref().and_then(|matcher| first(item, matcher));
    let named_title = within(&rules.title);
    let node = within(&rules.link)
        .and_then(|node| find(&node, is_link).or_else(|| node.above(None).find(is_link)))
        .or_else(|| named_title.and_then(|node| find(&node, is_link).or_else(|| node.above(Some(3)).find(is_link))))
        .or_else(|| link_in(page, item).map(|(node, _)| node))?;
    let url = page.link(&attr(&node, "href"))?;
    let text = plain::of_node(&node);
    // A link that only says "more" has its title beside it.
    let beside = if text.is_empty() || words::is_more(&text) { links::title_beside(item) } else { None };
    let text = beside.as_ref().map_or(text, plain::of_node);
    let link = Link { node, key: canonical::key(&url), text, url, heading: false, minor: false, title: beside };
    let card = Card { root: *item, link, signature: String::new() };
    // What has a selector is not recognised.
    let wanted =
        fields::Wanted { date: rules.date.is_none(), image: rules.image.is_none(), lead: rules.lead.is_none() };
    let mut found = fields::candidate(page, &card, wanted);
    fields_of(page, item, rules, named_title, &mut found);
    Some(found)
}

/// Reads the fields that have a selector.
fn fields_of(
    page: &Page<'_>,
    item: &NodeRef<'_>,
    rules: &Rules,
    named_title: Option<NodeRef<'_>>,
    found: &mut Candidate,
) {
    if let Some(node) = named_title {
        let text = plain::of_node(&node);
        found.title = Some(if text.is_empty() { one_line(&attr(&node, "title")) } else { text })
            .filter(|t| !t.is_empty())
            .or(found.title.take());
    }
    if let Some(matcher) = &rules.date {
        found.published = first(item, matcher).and_then(|node| {
            let at = date_of(page, &node)?;
            Some(SourceDate { at, provenance: "listing html.date".to_owned() })
        });
    }
    if let Some(matcher) = &rules.lead {
        found.lead = first(item, matcher).map(|node| plain::of_node(&node)).filter(|text| !text.is_empty());
    }
    if let Some(matcher) = &rules.image {
        found.image = first(item, matcher).and_then(|node| fields::picture(page, &node));
    }
}
