//! Trims what a page shows around its text: above it the title, dates, names and credits, below it rights,
//! sources and notes on the author, between the paragraphs requests to subscribe and counters of pictures.

use super::super::blocks::{Block, Kind};
use super::super::date;
use super::super::metadata::Metadata;
use super::lines::{Line, NOISE, is_prose};
use crate::article::text;

/// Most blocks above the text that are looked at.
const ABOVE: usize = 10;
/// Most blocks below the text that are taken off.
const BELOW: usize = 8;
/// Per cent of the text behind which a last heading may stand, and per cent that may follow it.
const LATE: usize = 70;
const LITTLE: usize = 20;

/// What is known of a page when its body is trimmed.
pub(in crate::extract) struct Around<'a> {
    /// The title that was found.
    pub title: &'a str,
    /// The lead that the page sets apart; it is kept as such and not said twice.
    pub lead: Option<&'a str>,
    /// The page's own account of itself.
    pub said: &'a Metadata,
    /// How dates are read.
    pub dates: &'a date::Options,
}

/// Drops what stands above the text, and what is no text between its paragraphs.
pub(in crate::extract) fn above(blocks: Vec<Block>, around: &Around<'_>) -> Vec<Block> {
    let title = text::match_key(around.title);
    let lead = around.lead.map(text::match_key);
    let described: Vec<String> = around.said.descriptions.iter().map(|(lead, _)| text::match_key(lead)).collect();
    let blocks = after_title(blocks, &title, around.said);
    let prose = blocks.iter().filter(|block| is_prose(block)).count();
    // A heading or a line in bold or slanted letters that repeats the page's description is its lead.
    let is_lead = |block: &Block| {
        let key = text::match_key(&block.text);
        let heading = matches!(block.kind, Kind::Heading(_)) && block.length() >= 40;
        lead.as_ref() == Some(&key)
            || (heading && described.iter().any(|lead| start_of(lead) == start_of(&key)))
            || (is_emphatic(block) && described.contains(&key))
    };
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    let last = blocks.iter().rposition(|block| block.picture().is_none());
    let mut looked = 0;
    let mut begun = false;
    for (index, block) in blocks.into_iter().enumerate() {
        if block.picture().is_some() {
            out.push(block);
            continue;
        }
        looked += 1;
        begun |= looked > ABOVE;
        if begun && block.length() > NOISE {
            out.push(block);
            continue;
        }
        let line = Line::of(&block);
        let drop = if begun {
            line.is_noise()
        } else {
            line.is_noise()
                || text::has_key(&block.text, &title)
                || line.is_front_matter()
                || is_dated(&block, around.dates)
                || (prose > 1 && is_lead(&block))
        };
        if !drop {
            begun |= line.is_prose() || matches!(block.kind, Kind::List | Kind::Table | Kind::Heading(_));
            // The last line may be a by-line that looks like a credit.
            if line.is_credit() && Some(index) != last {
                credit(&mut out, block);
            } else {
                out.push(block);
            }
        }
    }
    out
}

/// A line of credit below a picture that has no caption is its caption; elsewhere it is left out.
fn credit(out: &mut [Block], block: Block) {
    if let Some(Block { kind: Kind::Picture(picture), .. }) = out.last_mut()
        && picture.caption.is_none()
    {
        picture.caption = Some(block.text);
    }
}

/// The blocks below the title, where the page repeats it inside its article and no text stands above it.
/// Pictures stay.
fn after_title(blocks: Vec<Block>, title: &str, said: &Metadata) -> Vec<Block> {
    let titles: Vec<String> = std::iter::once(title)
        .chain(said.titles.iter().map(|(title, _)| title.as_str()))
        .map(text::match_key)
        .collect();
    let is_title = |block: &Block| {
        let key = text::match_key(&block.text);
        let length = key.chars().count();
        let heading = matches!(block.kind, Kind::Heading(_)) && length >= 20;
        let like = |title: &String| {
            let whole = title.chars().count();
            (title.starts_with(&key) && whole.saturating_sub(length) < 40)
                || (whole > 20 && key.contains(title.as_str()))
        };
        length >= 12 && (titles.contains(&key) || (heading && titles.iter().any(like)))
    };
    let mut prose = 0;
    let mut found = None;
    for (index, block) in blocks.iter().enumerate().take(17).filter(|(_, block)| block.picture().is_none()) {
        if prose > 1 {
            break;
        }
        if is_title(block) {
            found = Some(index);
            break;
        }
        prose += usize::from(is_prose(block));
    }
    let Some(found) = found else { return blocks };
    let kept = |(index, block): (usize, Block)| (index > found || block.picture().is_some()).then_some(block);
    blocks.into_iter().enumerate().filter_map(kept).collect()
}

/// The first words of a text, as a key.
fn start_of(key: &str) -> String {
    key.chars().take(50).collect()
}

/// Whether all of a paragraph is bold or slanted.
fn is_emphatic(block: &Block) -> bool {
    let html = block.html.trim_start();
    block.kind == Kind::Paragraph && (block.italic || html.starts_with("<b>") || html.starts_with("<strong"))
}

/// Whether a short line says when.
fn is_dated(block: &Block, options: &date::Options) -> bool {
    // A sentence that names a day is a sentence.
    let sentence = block.text.trim_end().ends_with(['.', '!', '?']) && block.text.split_whitespace().count() > 6;
    block.length() <= 80 && !sentence && date::parse_stated(&block.text, options) != date::Stated::default()
}

/// Drops what stands below the text.
pub(in crate::extract) fn below(mut blocks: Vec<Block>, options: &date::Options) -> Vec<Block> {
    if let Some(end) = last_heading(&blocks) {
        blocks.truncate(end);
    }
    let mut prose = blocks.iter().filter(|block| is_prose(block)).count();
    for taken in 0..BELOW {
        let Some(index) = blocks.iter().rposition(|block| block.picture().is_none()) else { break };
        let Some(block) = blocks.get(index) else { break };
        let line = Line::of(block);
        // An article keeps a paragraph, whatever it looks like.
        if prose < 2 && line.is_prose() {
            break;
        }
        let drop = line.is_noise()
            || line.is_back_matter()
            || (taken < 3 && line.is_about_author())
            || matches!(block.kind, Kind::Heading(_))
            || is_dated(block, options)
            || (taken > 0 && line.is_scrap());
        if !drop || blocks.len() < 2 {
            break;
        }
        prose -= usize::from(line.is_prose());
        blocks.remove(index);
    }
    blocks
}

/// Where a last heading stands that only the site's own matter follows.
fn last_heading(blocks: &[Block]) -> Option<usize> {
    let total: usize = blocks.iter().map(Block::length).sum();
    let mut seen = 0;
    for (index, block) in blocks.iter().enumerate() {
        let after = total - seen - block.length();
        let late = index > 0 && seen * 100 >= total * LATE && after * 100 <= total * LITTLE;
        if late && block.length() <= 80 && Line::of(block).is_last_heading() {
            return Some(index);
        }
        seen += block.length();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{DateOrder, Language};

    fn options() -> date::Options {
        super::super::super::when::options(&crate::extract::Context {
            timezone: chrono_tz::Asia::Ho_Chi_Minh,
            language: Language::En,
            date_order: DateOrder::Dmy,
            date_order_known: true,
            now: "2026-01-05T12:00:00+07:00".parse().unwrap(),
            rules: crate::config::HtmlRules::default(),
        })
    }

    fn blocks(lines: &[&str]) -> Vec<Block> {
        lines
            .iter()
            .map(|line| match line.strip_prefix("# ") {
                Some(heading) => Block::of(Kind::Heading(2), heading.to_owned(), heading.to_owned()),
                None => Block::paragraph(line),
            })
            .collect()
    }

    fn texts(blocks: &[Block]) -> Vec<&str> {
        blocks.iter().map(|block| block.text.as_str()).collect()
    }

    fn trimmed(page: Vec<Block>, lead: Option<&str>) -> Vec<Block> {
        let said = Metadata { descriptions: vec![(TWO.to_owned(), "meta")], ..Metadata::default() };
        above(page, &Around { title: "A bridge for the old town", lead, said: &said, dates: &options() })
    }

    const ONE: &str =
        "The council met on Monday to speak about the bridge, and it spoke about it for seven hours and more.";
    const TWO: &str =
        "Nobody could say in the end who would pay for it, but all agreed that somebody should do so before autumn.";

    #[test]
    fn what_stands_above_the_text_goes() {
        let page = blocks(&[
            "News > Region",
            "# A bridge for the old town",
            "By Jane Doe",
            "Published 12 May 2025 at 10:20",
            "4 min read",
            "Photo: Jane Doe",
            ONE,
            "Updated plans follow.",
            TWO,
        ]);
        let out = trimmed(page, None);
        assert_eq!(texts(&out), [ONE, "Updated plans follow.", TWO]);
    }

    #[test]
    fn a_title_below_text_cuts_nothing_off() {
        let page = blocks(&[ONE, TWO, "# A bridge for the old town", ONE]);
        assert_eq!(trimmed(page, None).len(), 4);
    }

    #[test]
    fn a_lead_is_not_said_twice() {
        let lead = "Seven hours, and no answer to the one question.";
        let page = || blocks(&[lead, ONE, TWO]);
        assert_eq!(texts(&trimmed(page(), Some(lead))), [ONE, TWO]);
        assert_eq!(trimmed(page(), None).len(), 3);
        // a heading that is the page's description, and a first paragraph that is
        assert_eq!(trimmed(blocks(&[&format!("# {TWO}"), ONE, ONE]), None).len(), 2);
        assert_eq!(trimmed(blocks(&[TWO, ONE, ONE]), None).len(), 3);
    }

    #[test]
    fn what_stands_below_the_text_goes() {
        let page = blocks(&[
            ONE,
            TWO,
            "Additional reporting by John Roe.",
            "Jane Doe is a staff writer who has covered rivers since 2011.",
            "© 2025 The Daily Example. All rights reserved.",
        ]);
        assert_eq!(texts(&below(page, &options())), [ONE, TWO]);
        let page = blocks(&[ONE, TWO, ONE, TWO, "# More on the region", "A car show opens."]);
        assert_eq!(below(page, &options()).len(), 4);
    }

    #[test]
    fn the_last_paragraph_stays() {
        let page = blocks(&[
            "Sign up for the course by e-mail: the places are few, and those who come first are served first.",
        ]);
        assert_eq!(below(page, &options()).len(), 1);
    }
}
