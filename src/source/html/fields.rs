//! What a card says of its article: title, date, lead, picture.

use dom_query::NodeRef;
use url::Url;

use super::cards::Card;
use super::page::{Page, attr, class_and_id, find, name};
use super::words;
use crate::article::text::{one_line, shorten};
use crate::article::{Candidate, Moment, SourceDate, canonical};
use crate::extract::date;
use crate::fetch::bound::Walk as _;
use crate::source::plain;

/// Longest text of a box of day and month.
const BOX: usize = 24;
/// Longest text that may be a date.
const MAX_DATE: usize = 90;
/// How the names of English months begin.
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// Least characters of a lead.
const MIN_LEAD: usize = 40;
/// Longest title.
const MAX_TITLE: usize = 300;

/// Which fields are wanted besides the title.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub date: bool,
    pub image: bool,
    pub lead: bool,
}

impl Wanted {
    /// All of them.
    pub const ALL: Self = Self { date: true, image: true, lead: true };
}

/// The candidate of a card.
pub fn candidate(page: &Page<'_>, card: &Card<'_>, wanted: Wanted) -> Candidate {
    let mut found = Candidate::of(canonical::clean(&card.link.url));
    let title = title(card);
    found.published = if wanted.date { published(page, &card.root, &title) } else { None };
    found.image = if wanted.image { picture(page, &card.root) } else { None };
    found.lead = if wanted.lead { lead(&card.root, &title) } else { None };
    found.title = Some(title).filter(|title| !title.is_empty());
    found
}

/// Whether an element is a heading.
pub fn is_heading(node: &NodeRef<'_>) -> bool {
    plain::is_any(node, &["h1", "h2", "h3", "h4", "h5", "h6"])
}

/// The title: a heading inside the link or the link inside a heading, an element called title, the link's text.
pub fn title(card: &Card<'_>) -> String {
    if card.link.title.is_some() {
        return shorten(&plain::of_html(&escape_free(&card.link.text)), MAX_TITLE);
    }
    let link = &card.link.node;
    let inside = find(link, is_heading).or_else(|| {
        find(link, |node| {
            node.id != link.id && words::is_title(&class_and_id(node)) && plain::of_node(node).chars().count() >= 10
        })
    });
    let mut text = inside.map_or_else(|| card.link.text.clone(), |node| plain::of_node(&node));
    if inside.is_none()
        && (text.is_empty() || text.chars().count() > MAX_TITLE / 2)
        && link.below().any(|n| n.has_name("p") || n.has_name("div"))
    {
        // The whole card is one link: its first line of words is the title.
        let first = link
            .below()
            .filter(NodeRef::is_nonempty_text)
            .map(|n| one_line(&n.text()))
            .find(|t| t.chars().count() >= 12);
        text = first.unwrap_or(text);
    }
    let whole = one_line(&attr(link, "title"));
    let cut = text.trim_end_matches(['.', '…']);
    if text.is_empty()
        || (cut.len() < text.len() && whole.chars().count() > text.chars().count() && whole.starts_with(cut.trim_end()))
    {
        text = whole;
    }
    shorten(&plain::of_html(&escape_free(&text)), MAX_TITLE)
}

/// A title is text already; only entities that were escaped twice are still to be decoded.
fn escape_free(text: &str) -> String {
    text.replace('<', "&lt;")
}

/// The date of publication: `<time datetime>`, an element called date, any short text that is a date.
pub fn published(page: &Page<'_>, root: &NodeRef<'_>, title: &str) -> Option<SourceDate> {
    let stated =
        |at: Option<Moment>, provenance: &str| at.map(|at| SourceDate { at, provenance: provenance.to_owned() });
    let parse = |text: &str| {
        let day = (page.bare_days && is_bare_day(text)).then(|| format!("ngày {text}"));
        date::parse(day.as_deref().unwrap_or(text), &page.dates)
    };
    let machine = root
        .below()
        .filter(|node| matches!(attr(node, "itemprop").as_str(), "datePublished" | "dateCreated"))
        .find_map(|node| parse(&attr(&node, "content")).or_else(|| parse(&attr(&node, "datetime"))));
    if machine.is_some() {
        return stated(machine, "listing microdata");
    }
    let time = root
        .below()
        .filter(|node| node.has_name("time"))
        .find_map(|node| parse(&attr(&node, "datetime")).or_else(|| parse(&plain::of_node(&node))));
    if time.is_some() {
        return stated(time, "listing <time>");
    }
    let named = root.below().filter(|node| node.is_element() && words::is_date(&class_and_id(node))).find_map(|node| {
        let text = plain::of_node(&node);
        let whole = (may_be_date(&text) && !text.contains(title)).then(|| parse(&text)).flatten();
        whole.or_else(|| boxed(&node).and_then(|text| parse(&text)))
    });
    if named.is_some() {
        return stated(named, "listing");
    }
    let texts = root.below().filter(NodeRef::is_nonempty_text).find_map(|node| {
        let text = one_line(&node.text());
        (may_be_date(&text) && text != title && !is_prose(&text)).then(|| parse(&text)).flatten()
    });
    // Without a name to go by, the month must be a word.
    let apart = || {
        let boxes = root.below().filter(|node| node.is_element() && !node.has_name("a"));
        boxes.filter_map(|node| boxed(&node).filter(|text| !text.starts_with("ngày"))).find_map(|text| parse(&text))
    };
    let texts = texts.or_else(apart);
    if texts.is_some() {
        return stated(texts, "listing text");
    }
    stated(day_above(root).and_then(|text| parse(&text)), "listing heading")
}

/// The text of a box that shows day and month in elements of their own: "10" above "Th3", "03/2024" or "Mar".
fn boxed(node: &NodeRef<'_>) -> Option<String> {
    let number = |piece: &str| !piece.is_empty() && piece.bytes().all(|byte| byte.is_ascii_digit() || byte == b'/');
    let mut pieces: Vec<String> = Vec::new();
    for text in node.below().filter(NodeRef::is_nonempty_text) {
        let text = text.text();
        let piece = if text.len() <= 3 * BOX { one_line(&text) } else { return None };
        let day = !pieces.is_empty() || (piece.len() <= 2 && number(&piece));
        if !day || pieces.len() == 4 {
            return None;
        }
        pieces.push(piece);
    }
    let length: usize = pieces.iter().map(|piece| piece.chars().count()).sum();
    if pieces.len() < 2 || length > BOX {
        return None;
    }
    Some(if pieces.iter().all(|piece| number(piece)) {
        format!("ngày {}", pieces.join("/"))
    } else {
        pieces.join(" ")
    })
}

/// The text of the `<dt>` or heading under which a card stands, where lists are made by the day.
fn day_above(root: &NodeRef<'_>) -> Option<String> {
    let mut above = root.prev_element_sibling();
    for _ in 0..60 {
        match above {
            Some(node) if root.has_name("dd") && node.has_name("dd") => above = node.prev_element_sibling(),
            Some(node) if node.has_name("dt") => break,
            _ => {
                above = root.parent().and_then(|list| list.prev_element_sibling());
                break;
            }
        }
    }
    let above = above.filter(|node| node.has_name("dt") || is_heading(node))?;
    let text = plain::of_node(&above);
    may_be_date(&text).then_some(text).filter(|text| !is_prose(text))
}

/// A cheap look before the parser.
fn may_be_date(text: &str) -> bool {
    let length = text.chars().count();
    if !(5..=MAX_DATE).contains(&length) {
        return is_bare_day(text);
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let lower = text.to_lowercase();
    digits >= 1
        && (text.contains(['/', '-', '.', ':'])
            || ["giờ", "phút", "ngày", "tháng", "thg", "ago", "20"].iter().any(|w| lower.contains(w))
            || MONTHS.iter().any(|month| lower.contains(month)))
        || ["hôm", "vừa xong", "yesterday", "today", "just now"].iter().any(|w| lower.contains(w))
}

/// Whether a text is nothing but a day and a month, as the cells of tables have it: "8/7", "28-11".
pub fn is_bare_day(text: &str) -> bool {
    let Some((day, month)) = text.trim().split_once(['/', '-']) else { return false };
    let number = |text: &str| {
        (1..=2).contains(&text.len()).then(|| text.parse::<u8>().ok()).flatten().filter(|number| *number > 0)
    };
    number(day).is_some_and(|day| day <= 31) && number(month).is_some_and(|month| month <= 12)
}

/// Whether a text is a sentence that mentions a date, and not a date.
fn is_prose(text: &str) -> bool {
    text.split(' ').filter(|word| word.chars().all(char::is_alphabetic)).count() > 6
}

/// The first picture that is no icon.
pub fn picture(page: &Page<'_>, root: &NodeRef<'_>) -> Option<Url> {
    let images = std::iter::once(*root).chain(root.below()).filter(|node| plain::is_any(node, &["img", "source"]));
    let mut images: Vec<NodeRef<'_>> = images.collect();
    // An <img> knows best; <source> only where the image is a placeholder.
    images.sort_by_key(|node| name(node) != "img");
    images.iter().find_map(|image| page.picture(image)).or_else(|| background(page, root))
}

/// A picture set as a background in a style attribute.
fn background(page: &Page<'_>, root: &NodeRef<'_>) -> Option<Url> {
    std::iter::once(*root).chain(root.below()).find_map(|node| {
        let lazy = ["data-bg", "data-background", "data-background-image"].iter().find_map(|name| node.attr(name));
        if let Some(lazy) = lazy {
            let lazy = lazy.trim().trim_start_matches("url(").trim_end_matches(')').trim_matches(['"', '\'']);
            return page.address(lazy);
        }
        let style = node.attr("style")?;
        let (_, rest) = style.split_once("background")?;
        let (_, rest) = rest.split_once("url(")?;
        page.address(rest.split(')').next()?.trim_matches(['"', '\'', ' ']))
    })
}

/// The lead: an element called so, else the longest paragraph that is neither title nor date.
pub fn lead(root: &NodeRef<'_>, title: &str) -> Option<String> {
    let text = |node: &NodeRef<'_>| {
        plain::of_node_without(node, |inner| inner.has_name("a") && words::is_more(&plain::of_node(inner)))
    };
    let named = root.below().filter(|node| node.is_element() && words::is_lead(&class_and_id(node))).find_map(|node| {
        let text = text(&node);
        (text.chars().count() >= 20 && text != title && !text.starts_with(title)).then_some(text)
    });
    if named.is_some() {
        return named;
    }
    let mut best: Option<String> = None;
    for node in root.below().filter(NodeRef::is_nonempty_text) {
        let Some(parent) = node.parent() else { continue };
        let block = if plain::is_any(&parent, &["p", "div", "span", "td", "li", "font", "section", "article"]) {
            parent
        } else {
            continue;
        };
        let direct: String = if name(&block) == "p" { text(&block) } else { one_line(&block.immediate_text()) };
        let length = direct.chars().count();
        let longest = best.as_ref().map_or(MIN_LEAD - 1, |best| best.chars().count());
        if length > longest && direct != title && !title.starts_with(&direct) {
            best = Some(direct);
        }
    }
    best
}
