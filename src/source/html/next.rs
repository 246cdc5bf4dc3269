//! The next page of a listing: `rel=next`, a pager's "next" or the number after the current one, a "more" button that
//! leads to a page, an address with the next number.

use dom_query::{Element, NodeRef};
use url::Url;

use super::page::{Page, attr};
use super::survey::value;
use super::{pages, words};
use crate::article::text::folded;
use crate::fetch::bound::Walk as _;
use crate::source::plain;

/// Most characters of what a link to another page says.
const LONGEST: usize = 40;
/// Where "load more" buttons carry the address of what they load.
pub const ADDRESSES: [&str; 3] = ["data-next", "data-url", "data-href"];
/// Most letters of a name of classes or of an id that are looked at.
const LONGEST_NAME: usize = 512;

/// The address of the next page.
pub fn page(page: &Page<'_>, why: &mut Vec<String>) -> Option<Url> {
    if let Some(url) = page.next().find_map(|node| page.link(&node.attr("href")?)) {
        return Some(url);
    }
    let pagers = page.pagers();
    let mut postback = false;
    for pager in &pagers {
        for link in links(pager).into_iter().filter(says_next) {
            match target(page, &link) {
                Target::Page(url) => return Some(url),
                Target::Script => postback = true,
                Target::None => {}
            }
        }
    }
    for pager in &pagers {
        let following = current(page, pager) + 1;
        let numbered = links(pager).into_iter().find(|link| number(link) == Some(following));
        match numbered.map(|link| target(page, &link)) {
            Some(Target::Page(url)) => return Some(url),
            Some(Target::Script) => postback = true,
            _ => {}
        }
    }
    if let Some(url) = anywhere(page) {
        return Some(url);
    }
    if postback {
        why.push(
            "the pager works by __doPostBack (ASP.NET) or a script, which cannot be followed; only the first page is read"
                .to_owned(),
        );
    } else if !pagers.is_empty()
        && pagers
            .iter()
            .any(|pager| pager.below().any(|node| node.attr("data-id").is_some() || node.attr("data-page").is_some()))
    {
        why.push(
            "the pager works by a script (data-page, data-id), which is not run; only the first page is read"
                .to_owned(),
        );
    }
    None
}

/// Where a link of a pager leads.
enum Target {
    Page(Url),
    Script,
    None,
}

fn target(page: &Page<'_>, link: &NodeRef<'_>) -> Target {
    let href = attr(link, "href");
    if href.contains("__doPostBack") || attr(link, "onclick").contains("__doPostBack") {
        return Target::Script;
    }
    match page.link(&href) {
        Some(url) => Target::Page(url),
        None if href.trim_start().starts_with("javascript:") && href.contains('(') && !href.contains("void") => {
            Target::Script
        }
        None => Target::None,
    }
}

/// Outside anything called a pager: a link that says "next page", that has the next number as its text and in its
/// address, or a "more" that leads to an address with the next number.
fn anywhere(page: &Page<'_>) -> Option<Url> {
    let current = pages::counter(page.url).map_or(1, |counter| counter.number);
    let mut by_number = None;
    for link in page.leading() {
        if !link.has_name("a") {
            let data = ADDRESSES.iter().find_map(|name| link.attr(name));
            let url = data.and_then(|data| page.link(&data)).filter(|url| pages::is_after(page.url, url));
            if url.is_some() {
                return url;
            }
            continue;
        }
        let text = plain::of_node(&link);
        if text.chars().count() > LONGEST {
            continue;
        }
        let picture = || link.below().find(|node| node.has_name("img")).map(|img| folded(&attr(&img, "alt")));
        let low = folded(&text);
        let said = says(&link, &text, &low) || picture().is_some_and(|alt| is_next(&alt));
        let number = if by_number.is_none() { number_of(&text) } else { None };
        let is_following = number == Some(current + 1);
        // Few links say anything of the kind; only their addresses are looked at.
        let more = words::folded_says_more(&low);
        if !(said || is_following || more) {
            continue;
        }
        let Some(url) = page.link(&attr(&link, "href")) else { continue };
        if url.host_str() != page.url.host_str() {
            continue;
        }
        let counted = pages::counter(&url);
        let after = pages::is_after(page.url, &url);
        if (said && (counted.is_some() || after || says_next_page(&low))) || (after && more) {
            return Some(url);
        }
        if is_following && counted.is_some_and(|c| c.number <= current + 1 || c.is_offset) {
            by_number = Some(url);
        }
    }
    by_number
}

fn links<'d>(pager: &NodeRef<'d>) -> Vec<NodeRef<'d>> {
    pager.below().filter(|node| node.has_name("a")).take(200).collect()
}

/// Whether an element is called a pager.
pub fn is_pager(element: &Element) -> bool {
    let cut = |text: &'_ str| text.floor_char_boundary(LONGEST_NAME);
    let names = ["class", "id"].map(|name| value(element, name).map_or("", |text| text.get(..cut(text)).unwrap_or("")));
    let is_nav = &element.name.local == "nav";
    // Every name below holds one of these; most elements are through with it.
    let may_be = |name: &str| ["pag", "trang", "nav"].iter().any(|part| holds(name, part));
    (is_nav || names.iter().any(|name| may_be(name)))
        && (is_named_pager(&names.join(" "))
            || is_nav && value(element, "aria-label").is_some_and(|label| label.to_lowercase().contains("pag")))
}

/// Whether a text holds some small letters, in whatever case.
fn holds(text: &str, letters: &str) -> bool {
    text.as_bytes().windows(letters.len()).any(|part| part.eq_ignore_ascii_case(letters.as_bytes()))
}

fn is_named_pager(named: &str) -> bool {
    let known = [
        "pagination",
        "pager",
        "paging",
        "pagings",
        "pagenav",
        "pagenavi",
        "phantrang",
        "navlinks",
        "paginator",
        "paginationbuttons",
        "pagingtable",
        "bottompaging",
        "generatepage",
        "pages",
    ];
    words::tokens(named)
        .iter()
        .any(|token| known.contains(&token.as_str()) || token.starts_with("pagination") || token.ends_with("paging"))
}

/// Whether a text, unaccented, says "next".
fn is_next(folded: &str) -> bool {
    const WORDS: &[&str] = &[
        "next",
        "next page",
        "go to next page",
        "older posts",
        "older entries",
        "older notes",
        "older",
        "trang sau",
        "trang tiep",
        "trang tiep theo",
        "trang ke",
        "trang ke tiep",
        "tiep",
        "tiep theo",
        "sau",
        "cu hon",
        "xem tiep",
        "den trang sau",
    ];
    let text = folded.trim_matches(|c: char| !c.is_alphanumeric());
    WORDS.contains(&text)
}

/// Whether a text, unaccented, says so in words that mean a page and nothing else.
fn says_next_page(folded: &str) -> bool {
    let text = folded.trim_matches(|c: char| !c.is_alphanumeric());
    matches!(
        text,
        "next page" | "older posts" | "older entries" | "trang sau" | "trang tiep" | "trang tiep theo" | "trang ke"
    )
}

fn says_next(link: &NodeRef<'_>) -> bool {
    let text = plain::of_node(link);
    says(link, &text, &folded(&text))
}

/// Whether a link of this text says "next", in its text or otherwise; `low` is its text, unaccented.
fn says(link: &NodeRef<'_>, text: &str, low: &str) -> bool {
    let says = |text: &str, low: &str| {
        matches!(text.trim(), "›" | "»" | ">" | ">>" | "→" | "››")
            || (!text.is_empty() && text.len() < 60 && is_next(low))
    };
    says(text, low)
        || ["aria-label", "title"].iter().any(|name| {
            link.attr(name).is_some_and(|said| {
                // Most titles say what the text says.
                if *said == *text { false } else { said.len() < 60 && says(&said, &folded(&said)) }
            })
        })
        || link.attr("class").is_some_and(|class| {
            class.to_ascii_lowercase().contains("next")
                && words::tokens(&attr(link, "class")).iter().any(|t| t == "next")
        })
}

/// The number that a link of a pager shows: its text, alone or after the word for "page".
fn number(link: &NodeRef<'_>) -> Option<u32> {
    number_of(&plain::of_node(link))
}

fn number_of(text: &str) -> Option<u32> {
    if text.len() > 20 || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let text = folded(text);
    let text = text.trim_start_matches("page").trim_start_matches("trang").trim();
    text.trim_matches(['[', ']', '(', ')']).parse().ok()
}

/// The number of the current page: the marked one, else that of the address, else the first.
fn current(page: &Page<'_>, pager: &NodeRef<'_>) -> u32 {
    let marked = pager.below().filter(NodeRef::is_element).take(300).find_map(|node| {
        let marked = words::tokens(&attr(&node, "class"))
            .iter()
            .any(|t| matches!(t.as_str(), "active" | "current" | "selected" | "cur" | "currentpage"))
            || node.attr("aria-current").is_some();
        let text = plain::of_node(&node);
        marked.then(|| text.split_whitespace().find_map(|word| word.parse().ok())).flatten()
    });
    marked.or_else(|| pages::counter(page.url).filter(|c| !c.is_offset).map(|c| c.number)).unwrap_or(1)
}
