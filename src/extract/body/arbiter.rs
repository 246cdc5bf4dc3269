//! Chooses between the candidates. A container with a body's name is the most exact; readability is better where
//! that container is but a piece of the article, and cleaner than an `<article>`, unless it lost a part of it; the
//! dense element is taken where both hold but a part of an article that stands in several containers. The page's
//! own copy of its text is the witness against all three.

use std::collections::HashSet;

use super::super::blocks::Block;
use super::candidates::{Candidate, Way, own_copy};
use super::lines::is_prose;
use crate::article::text;

/// Shortest own copy of the text that can be a witness.
const WITNESS: usize = 400;
/// Per cent of an `<article>`'s text below which readability is taken to have lost a part.
const LOST: usize = 75;
/// Per cent of a container's text up to which readability is taken to have added what is no part of the body, and
/// above which the container is taken to be but a piece of it.
const ADDED: usize = 103;
const PIECE: usize = 128;
/// Per cent of the dense element's prose below which a choice is doubted, and below which it is given up even
/// where the dense element is the whole page.
const DOUBTED: usize = 60;
const GIVEN_UP: usize = 12;
/// Most links of a dense element that is one article, in per cent of its text.
const LINKED: usize = 12;

/// The best candidate. `witness` is the text as the page repeats it in its metadata.
pub(super) fn choose(all: Vec<Candidate>, witness: Option<&str>) -> Option<Candidate> {
    let witness = witness.filter(|witness| witness.chars().count() >= WITNESS);
    if let Some(witness) = witness {
        return Some(attested(all, witness));
    }
    let (mut container, mut readable, mut dense) = (None, None, None);
    for candidate in all {
        match candidate.way {
            Way::Container | Way::Article => container = Some(candidate),
            Way::Readability => readable = Some(candidate),
            Way::Density => dense = Some(candidate),
            Way::OwnCopy => {}
        }
    }
    let first = match (container, readable) {
        (Some(known), Some(readable)) => Some(if is_exact(&known, &readable) { known } else { readable }),
        (known, readable) => known.or(readable),
    };
    match (first, dense) {
        (Some(first), Some(dense)) if is_part(&first, &dense) => Some(dense),
        (first, dense) => first.or(dense),
    }
}

/// The candidate nearest to the page's own copy of its text; that copy itself where the page shows but a piece.
fn attested(all: Vec<Candidate>, witness: &str) -> Candidate {
    let theirs = word_set(witness);
    let scored = all.into_iter().map(|candidate| (likeness(&candidate.blocks, &theirs), candidate));
    // Of equals the first stands nearer to the article.
    let best = scored.reduce(|best, next| if next.0 > best.0 + 10 { next } else { best });
    match best {
        Some((_, best)) if length(&best.blocks) * 3 >= witness.chars().count() => best,
        _ => own_copy(witness),
    }
}

/// Whether a container is the better of it and what readability found.
fn is_exact(known: &Candidate, readable: &Candidate) -> bool {
    let share = (100 * length(&readable.blocks)).checked_div(length(&known.blocks)).unwrap_or(usize::MAX);
    share <= PIECE && (known.way == Way::Container || !(LOST..=ADDED).contains(&share))
}

/// Whether a choice is but a part of the article that the dense element holds whole.
fn is_part(first: &Candidate, dense: &Candidate) -> bool {
    let (part, whole) = (prose(&first.blocks), prose(&dense.blocks));
    if part * 100 < whole * GIVEN_UP {
        return true;
    }
    let all: usize = dense.blocks.iter().map(Block::length).sum();
    let linked: usize = dense.blocks.iter().map(|block| block.linked).sum();
    part * 100 < whole * DOUBTED && !dense.wrapper && linked * 100 < all * LINKED
}

/// Characters of running text.
fn prose(blocks: &[Block]) -> usize {
    let running = |block: &&Block| is_prose(block) || (block.length() >= 60 && block.link_share() < 50);
    blocks.iter().filter(running).map(|block| block.length().saturating_sub(block.linked)).sum()
}

/// Characters of text that is not links.
fn length(blocks: &[Block]) -> usize {
    blocks.iter().map(|block| block.length().saturating_sub(block.linked)).sum()
}

fn word_set(text: &str) -> HashSet<String> {
    text::match_key(text).split_whitespace().map(str::to_owned).collect()
}

/// How much two texts share: F1 of their words, in thousandths.
fn likeness(blocks: &[Block], theirs: &HashSet<String>) -> usize {
    let ours: HashSet<String> = blocks.iter().flat_map(|block| word_set(&block.text)).collect();
    let common = ours.intersection(theirs).count();
    (2000 * common).checked_div(ours.len() + theirs.len()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(way: Way, sentences: usize) -> Candidate {
        let line = |n: usize| {
            format!(
                "Sentence number {n} of the article speaks of the bridge and of those who built it long ago, stone by stone."
            )
        };
        Candidate { way, blocks: (0..sentences).map(|n| Block::paragraph(&line(n))).collect(), wrapper: false }
    }

    fn chosen(all: Vec<Candidate>, witness: Option<&str>) -> Way {
        choose(all, witness).unwrap().way
    }

    #[test]
    fn a_container_is_taken_unless_it_is_a_piece() {
        for (way, sentences, other, expected) in [
            (Way::Container, 10, 9, Way::Container),
            (Way::Container, 10, 12, Way::Container),
            (Way::Container, 10, 15, Way::Readability),
            (Way::Article, 10, 9, Way::Readability),
            (Way::Article, 10, 6, Way::Article),
            (Way::Article, 10, 12, Way::Article),
            (Way::Article, 10, 15, Way::Readability),
        ] {
            let all = vec![candidate(way, sentences), candidate(Way::Readability, other)];
            assert_eq!(chosen(all, None), expected, "{way:?} {sentences} {other}");
        }
    }

    #[test]
    fn the_dense_element_wins_over_a_part_of_it() {
        let all = || vec![candidate(Way::Readability, 4), candidate(Way::Density, 10)];
        assert_eq!(chosen(all(), None), Way::Density);
        let mut page = all();
        page[1].wrapper = true;
        assert_eq!(chosen(page, None), Way::Readability);
    }

    #[test]
    fn the_own_copy_of_the_page_decides() {
        let whole = candidate(Way::Density, 10);
        let text: Vec<&str> = whole.blocks.iter().map(|block| block.text.as_str()).collect();
        let text = text.join("\n");
        assert_eq!(
            chosen(vec![candidate(Way::Readability, 7), candidate(Way::Container, 10)], Some(&text)),
            Way::Container
        );
        assert_eq!(chosen(vec![candidate(Way::Readability, 1)], Some(&text)), Way::OwnCopy);
    }
}
