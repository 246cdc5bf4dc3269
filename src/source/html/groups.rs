//! Groups of cards of like structure, scored: the list of the section is the group with the most and the most
//! article-like cards; other groups join it where they are the same list in another shape.

use std::collections::HashMap;

use dom_query::{NodeId, NodeRef};

use super::cards::{self, Card};
use super::page::{Page, attr, class_and_id, name};
use super::{fields, links, words};
use crate::article::Candidate;
use crate::article::text::shorten;
use crate::source::plain;

/// Least quality of a card's group; a bare list of long links has about 2.
const MIN_QUALITY: f64 = 1.6;
/// Least quality of a group beside the best, as a share of the best's.
const LIKE_THE_BEST: f64 = 0.6;
/// Cards beyond these add nothing to a group's weight.
const ENOUGH: f64 = 20.0;

/// Cards of like structure.
struct Group<'d> {
    cards: Vec<usize>,
    /// How much a card of it looks like an article's, 0 to about 6.
    quality: f64,
    /// Why it is no list of the section.
    dropped: Option<String>,
    shape: String,
    parent: Option<NodeRef<'d>>,
    /// Whether it was dropped only because another group is the list.
    rival: bool,
}

impl Group<'_> {
    fn score(&self) -> f64 {
        self.quality * count(self.cards.len()).min(ENOUGH).powf(0.7)
    }
}

/// The list of a page: its cards and what they say, in the page's order.
#[derive(Default)]
pub struct Found<'d> {
    pub cards: Vec<Card<'d>>,
    pub candidates: Vec<Candidate>,
    /// How sure it is that these are the section's articles, 0 to 1.
    pub confidence: f32,
    /// Why not more and not less.
    pub because: String,
}

/// Recognises the list of a page; every group and its fate is told in `why`.
pub fn recognise<'d>(page: &'d Page<'_>, why: &mut Vec<String>) -> Found<'d> {
    let cards = cards::of(links::titles(page));
    let candidates: Vec<Candidate> = cards.iter().map(|card| fields::candidate(page, card)).collect();
    let mut groups = grouped(&cards, &candidates, page);
    // The best first; of equals, the one that stands first.
    groups.sort_by(|a, b| b.score().total_cmp(&a.score()));
    let mut taken = take(&mut groups);
    for group in &groups {
        let first = group.cards.first().and_then(|&at| candidates.get(at));
        let title = shorten(first.and_then(|c| c.title.as_deref()).unwrap_or_default(), 40);
        let many = format!("{} cards like \u{201c}{title}\u{201d}", group.cards.len());
        why.push(match &group.dropped {
            None => format!("taken: {many} (quality {:.1})", group.quality),
            Some(reason) => format!("dropped: {many}: {reason}"),
        });
    }
    if why.len() > 40 {
        why.truncate(40);
        why.push("…".to_owned());
    }
    let (confidence, because) = confidence(&groups);
    taken.sort_unstable();
    same_host(page, &mut taken, &candidates, why);
    let mut all: Vec<Option<Card<'d>>> = cards.into_iter().map(Some).collect();
    Found {
        cards: taken.iter().filter_map(|&at| all.get_mut(at)?.take()).collect(),
        candidates: taken.iter().filter_map(|&at| candidates.get(at).cloned()).collect(),
        confidence,
        because,
    }
}

/// How sure the choice is: by how much the list looks like articles, how many they are, and whether another group
/// came near it.
fn confidence(groups: &[Group<'_>]) -> (f32, String) {
    let Some(best) = groups.iter().find(|group| group.dropped.is_none()) else {
        return (0.0, "no group of links looks like a list of articles".to_owned());
    };
    let many: usize = groups.iter().filter(|group| group.dropped.is_none()).map(|group| group.cards.len()).sum();
    let rival = groups.iter().filter(|group| group.rival).map(Group::score).fold(0.0, f64::max);
    let looks = (best.quality / 4.0).clamp(0.0, 1.0);
    let enough = (count(many) / 5.0).clamp(0.3, 1.0);
    let apart = 1.0 - (rival / best.score().max(0.1)).clamp(0.0, 1.0) * 0.5;
    let sure = (looks * 0.6 + 0.4) * (enough * 0.3 + 0.7) * apart;
    let mut because = vec![format!("{many} cards of quality {:.1}", best.quality)];
    if many < 4 {
        because.push("they are few".to_owned());
    }
    if apart < 0.7 {
        because.push("another group on the page looks much like it".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, reason = "a share")]
    (sure as f32, because.join(", "))
}

/// Cards grouped by their structure, each group judged.
fn grouped<'d>(cards: &[Card<'d>], candidates: &[Candidate], page: &Page<'_>) -> Vec<Group<'d>> {
    let mut order: Vec<&str> = Vec::new();
    let mut members: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, card) in cards.iter().enumerate() {
        let group = members.entry(&card.signature).or_default();
        if group.is_empty() {
            order.push(&card.signature);
        }
        group.push(at);
    }
    let characters = page.dom.body().map_or(1, |body| body.normalized_char_count().max(1));
    let mut parts = HashMap::new();
    order
        .iter()
        .filter_map(|signature| members.remove(signature))
        .filter_map(|members| {
            let first = cards.get(*members.first()?)?;
            let quality = quality(&members, cards, candidates);
            let dropped = reject(&members, cards, &mut parts, characters, quality);
            let shape = links::shape(&first.link.url);
            Some(Group { quality, dropped, shape, parent: first.root.parent(), cards: members, rival: false })
        })
        .collect()
}

/// A small number of things.
fn count(things: usize) -> f64 {
    f64::from(u32::try_from(things).unwrap_or(u32::MAX))
}

/// How article-like the cards are, on the average.
fn quality(members: &[usize], cards: &[Card<'_>], candidates: &[Candidate]) -> f64 {
    let mut sum = 0.0;
    for (card, found) in members.iter().filter_map(|&at| Some((cards.get(at)?, candidates.get(at)?))) {
        let length = found.title.as_ref().map_or(0.0, |title| count(title.chars().count()));
        sum += ((length - 12.0) / 35.0).clamp(0.0, 1.0) * 1.3;
        sum += if links::looks_like_article(&card.link.url) { 1.0 } else { 0.0 };
        sum += if card.link.heading { 0.8 } else { 0.0 };
        sum += if found.published.is_some() { 1.0 } else { 0.0 };
        sum += if found.image.is_some() { 0.6 } else { 0.0 };
        sum += if found.lead.is_some() { 0.7 } else { 0.0 };
    }
    sum / count(members.len().max(1))
}

/// What a part of the page says of itself; found once for each part, however many groups stand in it.
#[derive(Debug, Clone)]
struct Part {
    tag: String,
    role: String,
    characters: usize,
    chrome: Option<String>,
    aside: Option<String>,
    /// A heading above it that says that it is another list.
    heading: Option<String>,
}

impl Part {
    fn of(node: &NodeRef<'_>) -> Self {
        let classes = class_and_id(node);
        Self {
            tag: name(node),
            role: attr(node, "role"),
            characters: node.normalized_char_count(),
            chrome: words::chrome(&classes),
            aside: words::aside(&classes),
            heading: heading_above(node).filter(|heading| words::is_aside_heading(heading)),
        }
    }
}

/// Why a group is no list of articles, judged by where it stands.
fn reject(
    members: &[usize],
    cards: &[Card<'_>],
    parts: &mut HashMap<NodeId, Part>,
    characters: usize,
    quality: f64,
) -> Option<String> {
    let first = cards.get(*members.first()?)?;
    let all = cards.len();
    for node in std::iter::once(first.root).chain(first.root.ancestors_it(None)).filter(NodeRef::is_element) {
        let part = parts.entry(node.id).or_insert_with(|| Part::of(&node));
        if matches!(part.tag.as_str(), "body" | "html") {
            break;
        }
        // What holds most of the page is no box of it, whatever it is called; nor is most of its articles.
        let is_box = members.len() * 10 < all * 9 && part.characters * 10 < characters * 7;
        let is_minor = is_box && members.len() * 3 < all;
        if part.tag == "nav" || part.role == "navigation" {
            return Some("it stands in the navigation".to_owned());
        }
        let is_header = part.tag == "header" || part.role == "banner";
        let is_footer = part.tag == "footer" || part.role == "contentinfo";
        if node.id != first.root.id && (is_footer || (is_header && quality < 4.0)) {
            return Some(format!("it stands in the page's <{}>", part.tag));
        }
        if (part.tag == "aside" || part.role == "complementary") && is_box {
            return Some("it stands in a sidebar (<aside>)".to_owned());
        }
        match part {
            Part { chrome: Some(word), .. } if is_box && quality < 4.2 => {
                return Some(format!("it stands in a part called `{word}`"));
            }
            Part { aside: Some(word), .. } if is_minor => return Some(format!("it stands in a box called `{word}`")),
            Part { heading: Some(heading), .. } if is_box => {
                return Some(format!("its heading is \u{201c}{heading}\u{201d}"));
            }
            _ => {}
        }
    }
    let minimum = if members.len() == 1 { MIN_QUALITY + 0.6 } else { MIN_QUALITY };
    (quality < minimum).then(|| format!("its links look little like articles (quality {quality:.1})"))
}

/// The short text that stands right above a part, as headings of boxes do.
fn heading_above(node: &NodeRef<'_>) -> Option<String> {
    let before = node.prev_element_sibling()?;
    if plain::is_any(&before, &["script", "style", "a", "img"]) || before.normalized_char_count() > 80 {
        return None;
    }
    let text = plain::of_node(&before);
    (!text.is_empty() && text.chars().count() <= 60).then_some(text)
}

/// Marks the groups that are the list: the best, and those of the same list in another shape.
fn take(groups: &mut [Group<'_>]) -> Vec<usize> {
    let Some(best) = groups.iter().position(|group| group.dropped.is_none()) else { return Vec::new() };
    let Some(chosen) = groups.get(best) else { return Vec::new() };
    let (quality, shape, parent) = (chosen.quality, chosen.shape.clone(), chosen.parent);
    let mut taken = Vec::new();
    for (at, group) in groups.iter_mut().enumerate() {
        if at == best {
            taken.extend(&group.cards);
            continue;
        }
        if group.dropped.is_some() {
            continue;
        }
        let near = match (parent, group.parent) {
            (Some(a), Some(b)) => near(&a, &b),
            _ => false,
        };
        let like = group.shape == shape;
        if group.quality < quality * LIKE_THE_BEST {
            group.dropped =
                Some(format!("it looks less like articles ({:.1}) than the list ({quality:.1})", group.quality));
        } else if !near {
            group.dropped = Some("it stands in another part of the page than the list".to_owned());
        } else if !like && group.quality < quality * 0.85 {
            group.dropped = Some("its addresses are of another kind than those of the list".to_owned());
        } else {
            taken.extend(&group.cards);
        }
        group.rival = group.dropped.is_some();
    }
    taken
}

/// Whether two parts stand in one region: under an ancestor a few levels up that is not the whole page.
fn near(a: &NodeRef<'_>, b: &NodeRef<'_>) -> bool {
    let whole = |node: &NodeRef<'_>| matches!(name(node).as_str(), "body" | "html" | "");
    let is_main = |node: &NodeRef<'_>| name(node) == "main" || attr(node, "role") == "main";
    let above = |node: &NodeRef<'_>| -> Vec<NodeId> {
        let up = std::iter::once(*node).chain(node.ancestors_it(None)).take_while(|node| !whole(node));
        up.enumerate().filter(|(level, node)| *level <= 6 || is_main(node)).map(|(_, node)| node.id).collect()
    };
    let region = above(a);
    std::iter::once(*b).chain(b.ancestors_it(None)).any(|node| region.contains(&node.id))
}

/// Leaves out links to other hosts where nearly all lead to one.
fn same_host(page: &Page<'_>, taken: &mut Vec<usize>, candidates: &[Candidate], why: &mut Vec<String>) {
    let host = |url: &url::Url| url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned();
    let own = host(page.url);
    let at_home = |at: &usize| {
        candidates.get(*at).is_some_and(|candidate| {
            let other = host(&candidate.url);
            other == own || other.ends_with(&format!(".{own}")) || own.ends_with(&format!(".{other}"))
        })
    };
    let (all, home) = (taken.len(), taken.iter().filter(|at| at_home(at)).count());
    if home * 5 < all * 4 {
        return;
    }
    taken.retain(at_home);
    if taken.len() < all {
        why.push(format!("dropped: {} links to other sites", all - taken.len()));
    }
}
