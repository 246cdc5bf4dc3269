//! What belongs to the list besides its best group: the featured articles above it, the older titles below it, the
//! cards between; and what does not belong to it after all.

use std::collections::{HashMap, HashSet};

use dom_query::{NodeId, NodeRef};

use super::cards::{self, Card};
use super::groups::{Group, page_heading};
use super::judge::{Fate, MIN_QUALITY, own_heading};
use super::links::{self, Link};
use super::page::{Page, attr, name};
use super::{fields, rules, words};
use crate::article::text::match_key;
use crate::article::{Candidate, canonical};
use crate::fetch::bound::Walk as _;

/// Least quality of a group beside the best, as a share of the best's.
const LIKE_THE_BEST: f64 = 0.55;
/// The same for a group elsewhere on the page.
const MUCH_LIKE_THE_BEST: f64 = 0.7;
/// The same for featured articles above the list, which often have no date.
const FEATURED: f64 = 0.6;

/// Decides the fate of the groups, which are sorted by their score: the best open one is the list.
pub fn join(page: &Page<'_>, groups: &mut [Group<'_>], cards: &[Card<'_>]) {
    let Some(best) = groups.iter().position(|group| group.fate == Fate::Open) else { return };
    let Some(list) = groups.get_mut(best) else { return };
    list.fate = Fate::Taken;
    let above: HashSet<NodeId> =
        std::iter::once(list.first).chain(list.first.above(None)).map(|node| node.id).collect();
    let heading = match_key(&page_heading(page));
    let own: HashSet<usize> = list.cards.iter().copied().collect();
    let span = (list.cards.first().copied().unwrap_or(0), list.cards.last().copied().unwrap_or(0));
    let roots: HashSet<NodeId> = own.iter().filter_map(|&at| Some(cards.get(at)?.root.id)).collect();
    let (before, rest) = groups.split_at_mut(best);
    let Some((list, after)) = rest.split_first_mut() else { return };
    for group in before.iter_mut().chain(after) {
        let stands_before = group.cards.last().is_some_and(|&last| last < span.0);
        let place = Place {
            // What stands in the cards themselves is no list of its own.
            runs: if group.first.above(None).any(|node| roots.contains(&node.id)) {
                0
            } else {
                runs(group, &own, span)
            },
            before: stands_before,
            menus: stands_before && among_menus(group, &above),
            near: near(&list.first, &group.first),
            heading: own_heading(&group.first, &above, stands_before).filter(|own| {
                let own = match_key(own);
                heading.is_empty() || (own != heading && !own.contains(&heading))
            }),
        };
        group.fate = fate(group, list, &place);
    }
}

/// How a group stands to the list.
struct Place {
    /// Into how many runs the cards of the list part those of the group.
    runs: usize,
    before: bool,
    /// Whether it shares its part of the page with many more links.
    menus: bool,
    near: bool,
    /// The heading of the group's own box.
    heading: Option<String>,
}

fn fate(group: &Group<'_>, list: &Group<'_>, place: &Place) -> Fate {
    let like = group.is_like(list);
    let share = group.quality / list.quality.max(0.1);
    let continued = place.heading.as_deref().is_some_and(words::is_continued);
    // Titles between the cards of the list, and under it below "other news", belong to it whatever they are called.
    let between = place.runs >= 2 && like && group.quality >= MIN_QUALITY;
    let below = continued && like && !place.before && group.quality >= 1.0;
    match &group.fate {
        Fate::Named(_) | Fate::Open if between || below => return Fate::Taken,
        Fate::Weak(_) if below => return Fate::Taken,
        Fate::Open => {}
        other => return other.clone(),
    }
    // Fronts of newspapers have headed boxes above and below each other; a portal's other lists say less, or lead
    // elsewhere while the list's articles all lie below the section's address.
    let elsewhere = list.below > 0.9 && group.below < 0.1 && share < 0.85;
    let of_the_front =
        like && !elsewhere && (place.near && share >= FEATURED || place.before && share >= MUCH_LIKE_THE_BEST);
    if let Some(heading) = &place.heading
        && !continued
        && (!of_the_front || place.menus)
    {
        return Fate::Rival(format!(
            "it is another list, headed \u{201c}{heading}\u{201d} (quality {:.1})",
            group.quality
        ));
    }
    if of_the_front && !place.menus {
        return Fate::Taken;
    }
    if share < LIKE_THE_BEST {
        return Fate::Rival(format!(
            "it looks less like articles ({:.1}) than the list ({:.1})",
            group.quality, list.quality
        ));
    }
    if place.near && (place.before || place.runs >= 2 || share >= MUCH_LIKE_THE_BEST) {
        return if like || share >= 0.85 || (place.before && share >= 0.75) {
            Fate::Taken
        } else {
            Fate::Rival("its addresses are of another kind than those of the list".to_owned())
        };
    }
    if place.before && like && share >= FEATURED {
        return if place.menus { Fate::Rival("it stands among menus above the list".to_owned()) } else { Fate::Taken };
    }
    Fate::Rival("it stands in another part of the page than the list".to_owned())
}

/// Into how many runs the cards of the list part those of a group.
fn runs(group: &Group<'_>, list: &HashSet<usize>, span: (usize, usize)) -> usize {
    let mut runs = 0;
    let mut previous: Option<usize> = None;
    for &at in &group.cards {
        if at < span.0 {
            continue;
        }
        // Cards of the list stand between this one and the one before it.
        let parted = previous.is_none_or(|previous| (previous..at).any(|between| list.contains(&between)));
        runs += usize::from(parted);
        previous = Some(at);
    }
    runs
}

/// Whether the part of the page that holds the group, and not the list, holds mostly other links.
fn among_menus(group: &Group<'_>, list: &HashSet<NodeId>) -> bool {
    let parts = std::iter::once(group.first).chain(group.first.above(None));
    let Some(part) = parts.take_while(|node| !list.contains(&node.id)).last() else { return false };
    part.below().take(3000).filter(|node| node.has_name("a")).count() > group.cards.len() * 6 + 6
}

/// Whether two parts stand in one region: under an ancestor a few levels up that is not the whole page.
fn near(a: &NodeRef<'_>, b: &NodeRef<'_>) -> bool {
    let whole = |node: &NodeRef<'_>| matches!(name(node).as_str(), "body" | "html" | "form" | "");
    let is_main = |node: &NodeRef<'_>| name(node) == "main" || attr(node, "role") == "main";
    let up = std::iter::once(*a).chain(a.above(None)).take_while(|node| !whole(node));
    let region: HashSet<NodeId> =
        up.enumerate().filter(|(level, node)| *level <= 5 || is_main(node)).map(|(_, node)| node.id).collect();
    std::iter::once(*b).chain(b.above(None)).any(|node| region.contains(&node.id))
}

/// Leaves out single cards that are not like the rest: links to other hosts where nearly all lead to one, undated
/// links of another kind in a dated list.
pub fn sift(
    page: &Page<'_>,
    taken: &mut Vec<usize>,
    cards: &[Card<'_>],
    candidates: &[Candidate],
    why: &mut Vec<String>,
) {
    let host = |url: &url::Url| url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned();
    let own = host(page.url);
    let at_home = |at: &usize| {
        candidates.get(*at).is_some_and(|candidate| {
            let other = host(&candidate.url);
            other == own || other.ends_with(&format!(".{own}")) || own.ends_with(&format!(".{other}"))
        })
    };
    let (all, home) = (taken.len(), taken.iter().filter(|at| at_home(at)).count());
    if home * 5 >= all * 4 {
        taken.retain(at_home);
        if taken.len() < all {
            why.push(format!("dropped: {} links to other sites", all - taken.len()));
        }
    }
    let dated = |at: &usize| candidates.get(*at).is_some_and(|candidate| candidate.published.is_some());
    let article = |at: &usize| cards.get(*at).is_some_and(|card| links::looks_like_article(&card.link.url));
    let most = |is: &dyn Fn(&usize) -> bool| taken.iter().filter(|at| is(at)).count() * 5 >= taken.len() * 4;
    if taken.len() >= 5 && most(&dated) && most(&article) {
        let all = taken.len();
        taken.retain(|at| dated(at) || article(at));
        if taken.len() < all {
            why.push(format!("dropped: {} links unlike the rest: no date, another kind of address", all - taken.len()));
        }
    }
}

/// Adds what stands in the row of the cards and is built like them, but has a title too short to be known by itself.
pub fn complete<'d>(
    page: &'d Page<'_>,
    pairs: &mut Vec<(Card<'d>, Candidate)>,
    spare: &HashSet<NodeId>,
    why: &mut Vec<String>,
) {
    let mut rows: HashMap<NodeId, (NodeRef<'d>, usize)> = HashMap::new();
    for (card, _) in &*pairs {
        if let Some(parent) = card.root.parent() {
            rows.entry(parent.id).or_insert((parent, 0)).1 += 1;
        }
    }
    let roots: HashSet<NodeId> = pairs.iter().map(|(card, _)| card.root.id).collect();
    let mut keys: HashSet<String> = pairs.iter().map(|(card, _)| card.link.key.clone()).collect();
    let folders: HashSet<String> = pairs.iter().map(|(card, _)| links::folder(&card.link.url)).collect();
    let shapes: HashSet<(String, Vec<String>)> =
        pairs.iter().map(|(card, _)| (name(&card.root), cards::lasting(&card.root))).collect();
    let mut added = Vec::new();
    for (row, many) in rows.values().filter(|(_, many)| *many >= 3) {
        let children = row.element_children();
        if many * 10 < children.len() * 4 {
            continue;
        }
        for child in children.iter().filter(|child| !roots.contains(&child.id) && !spare.contains(&child.id)) {
            if !shapes.contains(&(name(child), cards::lasting(child))) {
                continue;
            }
            let Some((node, url)) = rules::link_in(page, child) else { continue };
            let key = canonical::key(&url);
            let text = crate::source::plain::of_node(&node);
            let alike = links::looks_like_article(&url) || folders.contains(&links::folder(&url));
            if text.chars().count() < 3 || words::says_more(&text) || !alike || !keys.insert(key.clone()) {
                continue;
            }
            let link = Link { node, url, key, text, heading: false, minor: false, title: None };
            let card = Card { signature: String::new(), root: *child, link };
            let candidate = fields::candidate(page, &card, fields::Wanted::ALL);
            added.push((card, candidate));
        }
    }
    if added.is_empty() {
        return;
    }
    why.push(format!("taken: {} cards in the same rows whose titles are short", added.len()));
    let signature = pairs.first().map(|(card, _)| card.signature.clone()).unwrap_or_default();
    for (card, _) in &mut added {
        card.signature.clone_from(&signature);
    }
    pairs.append(&mut added);
    let Some(body) = page.dom.body() else { return };
    let order: HashMap<NodeId, usize> = body.below().enumerate().map(|(at, node)| (node.id, at)).collect();
    pairs.sort_by_key(|(card, _)| order.get(&card.root.id).copied().unwrap_or(usize::MAX));
}
