//! Groups of cards of like structure, scored: the list of the section is the group with the most and the most
//! article-like cards; what else belongs to it is told by [`choose`](super::choose).

use std::collections::HashMap;

use dom_query::{NodeId, NodeRef};

use super::cards::{self, Card};
use super::judge::{self, Fate};
use super::page::{Page, attr, name};
use super::{beside, choose, fields, links};
use crate::article::Candidate;
use crate::article::text::shorten;
use crate::fetch::bound::Walk as _;
use crate::source::plain;

/// Cards beyond these add nothing to a group's weight.
const ENOUGH: f64 = 20.0;
/// Most reasons told.
const MOST_REASONS: usize = 60;

/// Cards of like structure.
pub struct Group<'d> {
    pub cards: Vec<usize>,
    /// How much a card of it looks like an article's, 0 to about 6.
    pub quality: f64,
    pub fate: Fate,
    pub shape: String,
    pub folder: String,
    pub first: NodeRef<'d>,
    /// The share of its addresses that lie below the section's.
    pub below: f64,
    /// Whether the page marks the cards as articles (microdata, h-entry).
    pub marked: bool,
}

impl Group<'_> {
    pub fn score(&self) -> f64 {
        self.quality.max(0.0).powf(1.6) * count(self.cards.len()).min(ENOUGH).powf(0.6)
    }

    /// Whether the addresses are of the same kind.
    pub fn is_like(&self, other: &Self) -> bool {
        self.shape == other.shape || (self.folder == other.folder && self.folder.contains('/'))
    }
}

/// The list of a page: its cards and what they say, in the page's order.
#[derive(Default)]
pub struct Found<'d> {
    pub cards: Vec<Card<'d>>,
    pub candidates: Vec<Candidate>,
    /// How sure it is that these are the section's articles, 0 to 1.
    pub confidence: f64,
    /// Why not more and not less.
    pub because: String,
}

/// Recognises the list of a page; every group and its fate is told in `why`.
pub fn recognise<'d>(page: &'d Page<'_>, why: &mut Vec<String>) -> Found<'d> {
    let cards = cards::of(links::titles(page));
    let mut candidates: Vec<Candidate> =
        cards.iter().map(|card| fields::candidate(page, card, fields::Wanted::ALL)).collect();
    beside::fill(page, &cards, &mut candidates);
    let mut groups = grouped(&cards, &candidates, page);
    // The best first; of equals, the one that stands first.
    groups.sort_by(|a, b| b.score().total_cmp(&a.score()));
    choose::join(page, &mut groups, &cards);
    let mut reasons = Vec::new();
    for group in &groups {
        let first = group.cards.first().and_then(|&at| candidates.get(at));
        let title = shorten(first.and_then(|c| c.title.as_deref()).unwrap_or_default(), 40);
        let many = match group.cards.len() {
            1 => format!("1 card, \u{201c}{title}\u{201d}"),
            many => format!("{many} cards like \u{201c}{title}\u{201d}"),
        };
        let marked = if group.marked { ", marked as articles by the page" } else { "" };
        reasons.push(match group.fate.reason() {
            None => format!("taken: {many} (quality {:.1}{marked})", group.quality),
            Some(reason) => format!("dropped: {many}: {reason}"),
        });
    }
    if reasons.len() > MOST_REASONS {
        let rest = reasons.len() - MOST_REASONS;
        reasons.truncate(MOST_REASONS);
        reasons.push(format!("dropped: {rest} smaller groups"));
    }
    why.append(&mut reasons);
    let mut taken: Vec<usize> =
        groups.iter().filter(|group| group.fate.is_taken()).flat_map(|g| g.cards.clone()).collect();
    taken.sort_unstable();
    choose::sift(page, &mut taken, &cards, &candidates, why);
    let (confidence, because) = confidence(&groups, &taken, &candidates);
    let mut pairs: Vec<(Card<'d>, Candidate)> = Vec::new();
    let kept: std::collections::HashSet<usize> = taken.into_iter().collect();
    let mut spare = std::collections::HashSet::new();
    for (at, (card, candidate)) in cards.into_iter().zip(candidates).enumerate() {
        if kept.contains(&at) {
            pairs.push((card, candidate));
        } else {
            spare.insert(card.root.id);
        }
    }
    choose::complete(page, &mut pairs, &spare, why);
    let (cards, candidates) = pairs.into_iter().unzip();
    Found { cards, candidates, confidence, because }
}

/// Cards grouped by their structure, each group judged. Cards are alike when the same tags and classes stand above
/// them, or when they stand beside each other under a class of their own.
fn grouped<'d>(cards: &[Card<'d>], candidates: &[Candidate], page: &Page<'_>) -> Vec<Group<'d>> {
    let mut group_of: Vec<usize> = (0..cards.len()).collect();
    let mut by_signature: HashMap<&str, usize> = HashMap::new();
    let mut by_place: HashMap<Spot, usize> = HashMap::new();
    let mut spots: HashMap<Spot, usize> = HashMap::new();
    for spot in cards.iter().flat_map(spots_of) {
        *spots.entry(spot).or_default() += 1;
    }
    for (at, card) in cards.iter().enumerate() {
        let first = *by_signature.entry(&card.signature).or_insert(at);
        join(&mut group_of, first, at);
        let mut own: Vec<Spot> = spots_of(card);
        own.retain(|spot| spots.get(spot).is_some_and(|count| *count >= 2));
        let parent = card.root.parent().map(|parent| parent.id);
        let classes = attr(&card.root, "class");
        // A class that no neighbour has and that holds a number was made for this card alone.
        if own.is_empty()
            && !card.root.has_name("td")
            && (classes.is_empty() || classes.bytes().any(|b| b.is_ascii_digit()))
        {
            own.push((parent, name(&card.root), String::new()));
        }
        for spot in own {
            let first = *by_place.entry(spot).or_insert(at);
            join(&mut group_of, first, at);
        }
    }
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); cards.len()];
    for at in 0..cards.len() {
        let root = root_of(&mut group_of, at);
        if let Some(group) = members.get_mut(root) {
            group.push(at);
        }
    }
    let qualities: Vec<f64> = cards.iter().zip(candidates).map(|(card, found)| quality(card, found, page)).collect();
    let characters = page.dom.body().map_or(1, |body| body.normalized_char_count().max(1));
    let mut parts = HashMap::new();
    members
        .into_iter()
        .filter_map(|members| {
            let first = cards.get(*members.first()?)?;
            let sum: f64 = members.iter().filter_map(|&at| qualities.get(at)).sum();
            let of = |wanted: fn(&Candidate) -> bool| members.iter().any(|&at| candidates.get(at).is_some_and(wanted));
            let mut quality = sum / count(members.len());
            let letters: usize = members.iter().filter_map(|&at| Some(cards.get(at)?.link.text.chars().count())).sum();
            // Short lines without anything beside them are a menu's.
            if !of(|c| c.published.is_some() || c.image.is_some() || c.lead.is_some()) && letters < 24 * members.len() {
                quality -= 0.6;
            }
            let marked = members.iter().filter(|&&at| cards.get(at).is_some_and(is_marked)).count() * 2 > members.len();
            let below = members
                .iter()
                .filter(|&&at| cards.get(at).is_some_and(|c| links::is_below(&c.link.url, page.url)))
                .count();
            let fate = judge::fate(first, &members, cards.len(), &mut parts, characters, quality);
            Some(Group {
                quality,
                fate,
                shape: links::shape(&first.link.url),
                folder: links::folder(&first.link.url),
                first: first.root,
                below: count(below) / count(members.len()),
                marked,
                cards: members,
            })
        })
        .collect()
}

/// A place in which alike cards stand: a parent, and the tag and one class of the cards in it.
type Spot = (Option<NodeId>, String, String);

fn spots_of(card: &Card<'_>) -> Vec<Spot> {
    let parent = card.root.parent().map(|parent| parent.id);
    let tag = name(&card.root);
    if tag == "td" {
        return Vec::new();
    }
    cards::lasting(&card.root).into_iter().take(6).map(|class| (parent, tag.clone(), class)).collect()
}

fn root_of(group_of: &mut [usize], at: usize) -> usize {
    let mut root = at;
    while let Some(&above) = group_of.get(root)
        && above != root
    {
        root = above;
    }
    if let Some(own) = group_of.get_mut(at) {
        *own = root;
    }
    root
}

fn join(group_of: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root_of(group_of, a), root_of(group_of, b));
    if let Some(own) = group_of.get_mut(a.max(b)) {
        *own = a.min(b);
    }
}

/// A small number of things.
pub fn count(things: usize) -> f64 {
    f64::from(u32::try_from(things).unwrap_or(u32::MAX))
}

/// How article-like a card is.
fn quality(card: &Card<'_>, found: &Candidate, page: &Page<'_>) -> f64 {
    let length = found.title.as_ref().map_or(0.0, |title| count(title.chars().count()));
    let mut sum = ((length - 12.0) / 35.0).clamp(0.0, 1.0) * 1.3;
    let mut add = |is: bool, weight: f64| sum += if is { weight } else { 0.0 };
    add(links::looks_like_article(&card.link.url), 1.0);
    add(card.link.heading, 0.8);
    add(found.published.is_some(), 1.0);
    add(found.image.is_some(), 0.6);
    add(found.lead.is_some(), 0.7);
    add(links::is_below(&card.link.url, page.url), 0.5);
    if is_marked(card) {
        add(true, 1.2);
    } else {
        add(near_nodes(card).any(|node| node.has_name("article")), 0.4);
    }
    sum
}

/// The card, what stands right above it, and the first elements in it.
fn near_nodes<'d>(card: &Card<'d>) -> impl Iterator<Item = NodeRef<'d>> {
    std::iter::once(card.root)
        .chain(card.root.above(Some(3)))
        .chain(card.root.below().filter(NodeRef::is_element).take(12))
}

/// Whether the page says in a machine's language that the card is an article: microdata or h-entry.
fn is_marked(card: &Card<'_>) -> bool {
    near_nodes(card).any(|node| {
        let kind = attr(&node, "itemtype");
        let kind = kind.rsplit('/').next().unwrap_or_default();
        matches!(
            kind,
            "Article" | "NewsArticle" | "BlogPosting" | "ReportageNewsArticle" | "SocialMediaPosting" | "TechArticle"
        ) || attr(&node, "class").split_ascii_whitespace().any(|class| matches!(class, "h-entry" | "hentry"))
    })
}

/// How sure the choice is: by how much the list looks like articles, how many they are, how many are dated, and
/// whether another group came near it.
fn confidence(groups: &[Group<'_>], taken: &[usize], candidates: &[Candidate]) -> (f64, String) {
    let Some(best) = groups.iter().find(|group| group.fate.is_taken()) else {
        return (0.0, "no group of links looks like a list of articles".to_owned());
    };
    let many = taken.len();
    let dated = taken.iter().filter(|&&at| candidates.get(at).is_some_and(|c| c.published.is_some())).count();
    let rival = groups.iter().filter(|group| group.fate.is_rival()).map(Group::score).fold(0.0, f64::max);
    let looks = ((best.quality - 1.4) / 2.8).clamp(0.0, 1.0);
    let enough = count(many.min(6)) / 6.0;
    let apart = 1.0 - (rival / best.score().max(0.1)).clamp(0.0, 1.0) * 0.4;
    let mut sure = (0.35 + 0.65 * looks) * (0.6 + 0.4 * enough) * apart;
    if dated * 5 >= many * 4 {
        sure = 1.0 - (1.0 - sure) * 0.6;
    }
    if best.marked {
        sure = 1.0 - (1.0 - sure) * 0.6;
    }
    let mut because = vec![format!("{many} cards of quality {:.1}, {dated} of them dated", best.quality)];
    if many < 4 {
        because.push("they are few".to_owned());
    }
    if apart < 0.8 {
        because.push("another group on the page looks much like them".to_owned());
    }
    (sure.min(0.98), because.join("; "))
}

/// The text of the page's own heading.
pub fn page_heading(page: &Page<'_>) -> String {
    page.dom.select_single("h1").nodes().first().map(plain::of_node).unwrap_or_default()
}
