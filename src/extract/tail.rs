//! What belongs to the site and not to the article: related articles, share bars, counters, tag lists, print
//! and comment forms. Cut from the blocks by names, by the lines they begin with, and by their share of links.

mod phrases;

use self::phrases::{ASIDES, COUNTED, JUNK_NAMES, JUNK_WORDS, RELATED, STOPS, WHOLE_RELATED, WHOLE_STOPS};
use super::blocks::{Block, Kind};
use crate::article::text;

/// Whether the words of an element's class and id name something that is no part of an article.
pub(super) fn is_junk_name(words: &[String]) -> bool {
    let body = |word: &String| matches!(word.as_str(), "articlebody" | "article-body" | "entry-content" | "body");
    if words.iter().any(body) {
        return false;
    }
    words.iter().any(|word| JUNK_WORDS.contains(&word.as_str()) || JUNK_NAMES.contains(&word.as_str()))
}

/// Whether a line stands above other articles.
pub(super) fn is_related_title(line: &str) -> bool {
    if line.chars().count() > 60 {
        return false;
    }
    let folded = text::folded(line);
    let folded = folded.trim_matches(|c: char| !c.is_alphanumeric());
    let begins = |start: &&&str| {
        folded.strip_prefix(**start).is_some_and(|rest| {
            rest.is_empty() || (rest.chars().count() <= 24 && rest.starts_with(|c: char| !c.is_alphanumeric()))
        })
    };
    RELATED.iter().any(|start| begins(&start)) || WHOLE_RELATED.contains(&folded)
}

/// Whether a line is a counter of the site: "311 lượt xem", "Bạn là khách thứ 88412", "Comments (0)".
pub(super) fn is_counter(line: &str) -> bool {
    let words = line.split_whitespace().take(8).count();
    if words == 0 || words > 7 || !line.chars().any(|c| c.is_ascii_digit()) || line.ends_with('.') {
        return false;
    }
    let folded = text::folded(line);
    COUNTED.iter().any(|counted| {
        folded.split_once(counted).is_some_and(|(before, after)| {
            let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphabetic());
            apart(before.chars().next_back()) && apart(after.chars().next())
        })
    })
}

/// Whether a line says that the article is over.
pub(super) fn is_stop(line: &str, own: &[String]) -> bool {
    if line.chars().count() >= 100 {
        return own.iter().any(|stop| text::match_key(line) == text::match_key(stop));
    }
    let folded = text::folded(line);
    let folded = folded.trim_matches(|c: char| !c.is_alphanumeric() && c != '(');
    let key = text::match_key(line);
    is_related_title(line)
        || own.iter().any(|stop| key.starts_with(&text::match_key(stop)))
        || STOPS.iter().any(|stop| folded.starts_with(stop))
        || WHOLE_STOPS.iter().any(|stop| folded.trim_end_matches([':', ' ', '0', '1', '2']) == *stop)
}

fn is_own(line: &str, own: &[String]) -> bool {
    let key = text::match_key(line);
    own.iter().any(|stop| key.starts_with(&text::match_key(stop)))
}

/// Whether a block leads away from the article ("Xem thêm: …").
fn is_aside(block: &Block) -> bool {
    let share = block.link_share();
    if block.length() > 260 || share < 40 {
        return false;
    }
    let folded = text::folded(&block.text);
    ASIDES.iter().any(|start| folded.starts_with(start))
        || (share > 90 && block.kind == Kind::Paragraph && !block.quoted && block.length() > 12)
}

/// Whether a block is nothing but links: a list of other articles.
fn is_links(block: &Block) -> bool {
    block.picture().is_none() && block.length() > 0 && block.link_share() > 70
}

/// Cuts what is not the article. `own` are the section's own stop lines, which always stop.
pub(super) fn cut(mut blocks: Vec<Block>, own: &[String]) -> Vec<Block> {
    let total: usize = blocks.iter().filter(|block| !is_links(block)).map(Block::length).sum();
    let mut before = 0;
    let mut end = blocks.len();
    for (index, block) in blocks.iter().enumerate() {
        let short = matches!(block.kind, Kind::Paragraph | Kind::Heading(_) | Kind::List);
        let line = if block.kind == Kind::List { String::new() } else { block.text.clone() };
        if short && !line.is_empty() && is_stop(&line, own) {
            let configured = own.iter().any(|stop| text::match_key(&line).starts_with(&text::match_key(stop)));
            // A box in the middle of the text is followed by most of the article.
            if configured || before * 2 >= total {
                end = index;
                break;
            }
        }
        if !is_links(block) {
            before += block.length();
        }
    }
    blocks.truncate(end);
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    let mut in_box = false;
    for block in blocks {
        if block.picture().is_none() && is_counter(&block.text) {
            continue;
        }
        if is_stop(&block.text, own) && block.picture().is_none() && block.kind != Kind::List {
            // Only below a title of other articles are links and pictures theirs; a print button has none.
            in_box = is_related_title(&block.text) || in_box || is_own(&block.text, own);
            continue;
        }
        if in_box && (is_links(&block) || block.picture().is_some()) {
            continue;
        }
        in_box = false;
        if is_aside(&block) || (block.kind == Kind::List && block.link_share() > 85) {
            continue;
        }
        out.push(block);
    }
    while out.last().is_some_and(|block| matches!(block.kind, Kind::Heading(_)) || is_links(block)) {
        out.pop();
    }
    out
}
