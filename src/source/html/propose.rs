//! Selectors for a page whose list was recognised: short ones that name the same items by [`rules`]. What `add`
//! writes where recognition is not sure, and what is proposed after a redesign.

use std::collections::{BTreeSet, HashMap};

use dom_query::{Matcher, NodeId, NodeRef};

use super::page::{Page, attr, name};
use super::{cards, fields, groups, rules, words};
use crate::article::{Candidate, Moment, canonical};
use crate::config::HtmlRules;
use crate::fetch::Document;
use crate::fetch::bound::{Walk as _, within};
use crate::source::{Context, plain};

/// Most cards looked at for a proposal.
const MOST_CARDS: usize = 200;
/// Selectors tried.
const MOST_TRIED: usize = 200;
/// Elements looked at in all tries together.
const MOST_NODES: usize = 800_000;

/// Selectors that reproduce the recognised items of a page, or nothing where no list is recognised or no short
/// selector names it.
pub fn propose(document: &Document, context: Context<'_>) -> Option<HtmlRules> {
    within(|| proposed(document, context)).0
}

fn proposed(document: &Document, context: Context<'_>) -> Option<HtmlRules> {
    let page = Page::new(document, context);
    let found = groups::recognise(&page, &mut Vec::new());
    let taken: Vec<&cards::Card<'_>> = found.cards.iter().take(MOST_CARDS).collect();
    let wanted: BTreeSet<String> = found.candidates.iter().map(|candidate| canonical::key(&candidate.url)).collect();
    if taken.is_empty() {
        return None;
    }
    let item = item(&page, &taken, &wanted)?;
    let mut rules = HtmlRules { item: Some(item), ..HtmlRules::default() };
    complete(&page, &mut rules, &found.candidates);
    Some(rules)
}

/// The selector of the items: the shortest that names all of them and little else.
fn item(page: &Page<'_>, taken: &[&cards::Card<'_>], wanted: &BTreeSet<String>) -> Option<String> {
    let mut best: Option<(f64, String)> = None;
    // Every try goes through the page: fewer of them on a long one.
    let nodes = page.dom.body().map_or(1, |body| body.below().count().max(1));
    let most = (MOST_NODES / nodes).clamp(12, MOST_TRIED);
    for selector in candidates(taken).into_iter().take(most) {
        let Ok(matcher) = Matcher::new(&selector) else { continue };
        let nodes = page.dom.select_matcher(&matcher);
        if nodes.length() > taken.len() * 3 + 8 {
            continue;
        }
        let keys: BTreeSet<String> = nodes
            .nodes()
            .iter()
            .filter_map(|node| rules::link_in(page, node))
            .map(|(_, url)| canonical::key(&canonical::clean(&url)))
            .collect();
        let score = likeness(&keys, wanted);
        if best.as_ref().is_none_or(|(most, _)| score > *most + 1e-9) {
            best = Some((score, selector));
        }
        if keys == *wanted {
            break;
        }
    }
    best.filter(|(score, _)| *score >= 0.8).map(|(_, selector)| selector)
}

/// How alike two sets are: the harmonic mean of precision and recall.
fn likeness(found: &BTreeSet<String>, wanted: &BTreeSet<String>) -> f64 {
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    let common = count(found.intersection(wanted).count());
    2.0 * common / (count(found.len()) + count(wanted.len())).max(1.0)
}

/// Selectors that name the cards, the plainest first: those of the largest group, what the cards of all groups have in
/// common, at last lists of selectors.
fn candidates(taken: &[&cards::Card<'_>]) -> Vec<String> {
    let mut by_shape: Vec<(&str, Vec<&cards::Card<'_>>)> = Vec::new();
    for card in taken {
        match by_shape.iter_mut().find(|(shape, _)| *shape == card.signature) {
            Some((_, cards)) => cards.push(card),
            None => by_shape.push((&card.signature, vec![card])),
        }
    }
    by_shape.sort_by_key(|(_, cards)| std::cmp::Reverse(cards.len()));
    let each: Vec<Vec<String>> = by_shape.iter().take(6).map(|(_, cards)| of_shape(cards)).collect();
    let Some((first, rest)) = each.split_first() else { return Vec::new() };
    if rest.is_empty() {
        return first.clone();
    }
    let mut out = common(taken);
    out.extend(first.iter().take(60).cloned());
    // A selector for each shape, as far as they differ.
    for depth in 0..40 {
        let mut parts: Vec<&str> = Vec::new();
        for selectors in &each {
            if let Some(selector) = selectors.get(depth.min(selectors.len().saturating_sub(1)))
                && !parts.contains(&selector.as_str())
            {
                parts.push(selector);
            }
        }
        out.push(parts.join(", "));
    }
    out
}

/// What nearly all cards have in common, however they are built: classes of the box, of the title, of the link; alone
/// and below the part of the page that holds them all.
fn common(taken: &[&cards::Card<'_>]) -> Vec<String> {
    let mut counts: Vec<(String, usize, usize)> = Vec::new();
    let mut above: HashMap<NodeId, usize> = HashMap::new();
    for card in taken {
        let mut own: Vec<String> = Vec::new();
        for node in chain(card).into_iter().take(6) {
            for selector in simple(&[node]) {
                if !selector.starts_with('#') && !own.contains(&selector) {
                    own.push(selector);
                }
            }
        }
        for (at, selector) in own.into_iter().enumerate() {
            if let Some((_, count, _)) = counts.iter_mut().find(|(known, _, _)| *known == selector) {
                *count += 1;
            } else if counts.len() < 200 {
                counts.push((selector, 1, at));
            }
        }
        for node in card.root.above(None) {
            *above.entry(node.id).or_default() += 1;
        }
    }
    counts.retain(|(_, count, _)| count * 20 >= taken.len() * 19);
    counts.sort_by_key(|(selector, _, at)| (!selector.contains('.'), *at));
    let Some(first) = taken.first() else { return Vec::new() };
    let holders: Vec<String> = first
        .root
        .above(None)
        .filter(|node| above.get(&node.id) == Some(&taken.len()))
        .filter(|node| node.is_element() && !matches!(name(node).as_str(), "body" | "html"))
        .take(3)
        .flat_map(|node| simple(&[node]))
        .collect();
    let mut out: Vec<String> = counts.iter().filter(|(s, _, _)| s.contains('.')).map(|(s, _, _)| s.clone()).collect();
    for holder in holders.iter().take(6) {
        out.extend(counts.iter().take(10).map(|(selector, _, _)| format!("{holder} {selector}")));
    }
    out
}

/// The elements from a card's box down to its link, the box first.
fn chain<'d>(card: &cards::Card<'d>) -> Vec<NodeRef<'d>> {
    let mut nodes: Vec<NodeRef<'_>> = Vec::new();
    for node in std::iter::once(card.link.node).chain(card.link.node.above(None)).filter(NodeRef::is_element) {
        nodes.push(node);
        if node.id == card.root.id {
            break;
        }
    }
    nodes.reverse();
    nodes
}

/// Selectors for cards of one shape: the box, what stands between it and the link, the link; alone and below a
/// container. The box comes first, so that the date beside the link is in the item.
fn of_shape(cards: &[&cards::Card<'_>]) -> Vec<String> {
    let Some(first) = cards.first() else { return Vec::new() };
    let containers: Vec<String> = first
        .root
        .above(Some(5))
        .filter(|node| node.is_element() && !matches!(name(node).as_str(), "body" | "html"))
        .flat_map(|node| simple(&[node]))
        .filter(|selector| {
            selector.contains(['.', '#'])
                || matches!(selector.as_str(), "tbody" | "ul" | "ol" | "main" | "dl" | "section" | "noscript")
        })
        .take(8)
        .collect();
    let mut out = Vec::new();
    for node in chain(first).into_iter().take(5) {
        let own = simple_of(&node, cards);
        out.extend(own.iter().filter(|selector| selector.contains('.')).cloned());
        for container in &containers {
            for selector in own.iter().take(3).chain(own.iter().skip(3).filter(|s| !s.contains('.'))) {
                out.push(format!("{container} > {selector}"));
                out.push(format!("{container} {selector}"));
            }
        }
    }
    out
}

/// The selectors of a node of one card that hold for the same node of the others.
fn simple_of(node: &NodeRef<'_>, cards: &[&cards::Card<'_>]) -> Vec<String> {
    let own: Vec<String> = simple(&[*node]);
    let others: Vec<Matcher> = own.iter().filter_map(|selector| Matcher::new(selector).ok()).collect();
    if others.len() != own.len() {
        return own;
    }
    own.into_iter()
        .zip(others)
        .filter(|(_, matcher)| {
            let with = cards.iter().take(30).filter(|card| {
                card.root.is_match(matcher)
                    || card.root.below().any(|inner| inner.is_element() && inner.is_match(matcher))
            });
            with.count() * 10 >= cards.len().min(30) * 9
        })
        .map(|(selector, _)| selector)
        .collect()
}

/// `#id`, `tag.class` and `tag` of a node; names made by programs are left out.
fn simple(nodes: &[NodeRef<'_>]) -> Vec<String> {
    let mut out = Vec::new();
    for node in nodes {
        let tag = name(node);
        let id = attr(node, "id");
        if is_name(&id) {
            out.push(format!("#{id}"));
        }
        let mut classes: Vec<String> =
            attr(node, "class").split_ascii_whitespace().filter(|class| is_name(class)).map(str::to_owned).collect();
        // What says most of an article first.
        classes.sort_by_key(|class| std::cmp::Reverse(telling(class)));
        classes.truncate(4);
        out.extend(classes.iter().map(|class| format!("{tag}.{class}")));
        if let [first, second, ..] = classes.as_slice() {
            out.push(format!("{tag}.{first}.{second}"));
        }
        out.push(tag);
    }
    out
}

/// How much a class says of what it names.
fn telling(class: &str) -> usize {
    let words = ["item", "post", "article", "news", "story", "card", "teaser", "entry", "title", "tin", "row", "list"];
    words::tokens(class).iter().filter(|token| words.contains(&token.as_str())).count()
}

/// Whether a class or id can be written in a selector and will be there tomorrow.
fn is_name(class: &str) -> bool {
    let plain = class.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && class.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let digits = class.bytes().filter(u8::is_ascii_digit).count();
    plain
        && class.len() <= 50
        && digits <= 2
        && !["first", "last", "odd", "even", "active", "clearfix", "current", "selected"].contains(&class)
}

/// The selectors of the fields, each only where it reads what recognition read.
fn complete(page: &Page<'_>, rules: &mut HtmlRules, found: &[Candidate]) {
    let by_key: HashMap<String, &Candidate> =
        found.iter().map(|candidate| (canonical::key(&candidate.url), candidate)).collect();
    let Some(Ok(matcher)) = rules.item.as_deref().map(Matcher::new) else { return };
    let items: Vec<(NodeRef<'_>, &Candidate)> = page
        .dom
        .select_matcher(&matcher)
        .nodes()
        .iter()
        .take(MOST_CARDS)
        .filter_map(|node| {
            let (_, url) = rules::link_in(page, node)?;
            Some((*node, *by_key.get(&canonical::key(&canonical::clean(&url)))?))
        })
        .collect();
    rules.title = field(
        &items,
        |item, selector| {
            let node = rules::first(item, selector)?;
            Some(plain::of_node(&node))
        },
        |candidate| candidate.title.clone(),
    );
    rules.date = field(
        &items,
        |item, selector| {
            let node = rules::first(item, selector)?;
            rules::date_of(page, &node).map(Moment::to_text)
        },
        |candidate| candidate.published.as_ref().map(|date| date.at.to_text()),
    );
    rules.lead = field(
        &items,
        |item, selector| {
            let node = rules::first(item, selector)?;
            Some(plain::of_node(&node))
        },
        |candidate| candidate.lead.clone(),
    );
    rules.image = field(
        &items,
        |item, selector| {
            let node = rules::first(item, selector)?;
            fields::picture(page, &node).map(String::from)
        },
        |candidate| candidate.image.as_ref().map(ToString::to_string),
    );
}

/// The plainest selector that reads a field as recognition did in nine of ten items that have it.
fn field(
    items: &[(NodeRef<'_>, &Candidate)],
    read: impl Fn(&NodeRef<'_>, &Matcher) -> Option<String>,
    wanted: impl Fn(&Candidate) -> Option<String>,
) -> Option<String> {
    let with: Vec<(&NodeRef<'_>, String)> =
        items.iter().filter_map(|(node, candidate)| Some((node, wanted(candidate)?))).collect();
    if with.len() * 2 < items.len() {
        return None;
    }
    let (first, _) = with.first()?;
    let mut selectors: Vec<String> = Vec::new();
    for node in first.below().filter(NodeRef::is_element).take(80) {
        for selector in simple(&[node]) {
            let bare = !selector.contains(['.', '#'])
                && !matches!(selector.as_str(), "time" | "img" | "h2" | "h3" | "h4" | "a" | "p");
            if !bare && !selector.starts_with('#') && !selectors.contains(&selector) {
                selectors.push(selector);
            }
        }
    }
    selectors.sort_by_key(|selector| (selector.matches('.').count(), selector.len()));
    selectors.into_iter().find(|selector| {
        let Ok(matcher) = Matcher::new(selector) else { return false };
        let right = with.iter().filter(|(node, text)| read(node, &matcher).as_ref() == Some(text)).count();
        right * 10 >= with.len() * 9
    })
}
