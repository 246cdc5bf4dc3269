//! The next page of a listing: `rel=next`, a pager's "next" or the number after the current one, a "more" button that
//! leads to a page, an address with the next number.

use dom_query::NodeRef;
use url::Url;

use super::page::{Page, attr, class_and_id};
use super::{pages, words};
use crate::article::text::folded;
use crate::fetch::bound::Walk as _;
use crate::source::plain;

/// Most characters of what a link to another page says.
const LONGEST: usize = 40;

/// The address of the next page.
pub fn page(page: &Page<'_>, why: &mut Vec<String>) -> Option<Url> {
    let marked = page.dom.select("link[rel~=next][href], a[rel~=next][href]");
    if let Some(url) = marked.iter().find_map(|node| page.link(&node.attr("href")?)) {
        return Some(url);
    }
    let body = page.dom.body()?;
    let pagers: Vec<NodeRef<'_>> = body.below().filter(|node| node.is_element() && is_pager(node)).take(20).collect();
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
    if let Some(url) = anywhere(page, &body) {
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
fn anywhere(page: &Page<'_>, body: &NodeRef<'_>) -> Option<Url> {
    let current = pages::counter(page.url).map_or(1, |counter| counter.number);
    let mut by_number = None;
    for link in body.below().filter(NodeRef::is_element).take(20_000) {
        if !link.has_name("a") {
            if !plain::is_any(&link, &["button", "div", "span"]) {
                continue;
            }
            // "Load more" buttons often carry the address of what they load.
            let data = ["data-next", "data-url", "data-href"].iter().find_map(|name| link.attr(name));
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
        let said = says(&link, &text) || picture().is_some_and(|alt| is_next(&alt));
        let number = if by_number.is_none() { number_of(&text) } else { None };
        let is_following = number == Some(current + 1);
        // Few links say anything of the kind; only their addresses are looked at.
        if !(said || is_following || words::says_more(&text)) {
            continue;
        }
        let Some(url) = page.link(&attr(&link, "href")) else { continue };
        if url.host_str() != page.url.host_str() {
            continue;
        }
        let counted = pages::counter(&url);
        let after = pages::is_after(page.url, &url);
        if (said && (counted.is_some() || after || says_next_page(&text))) || (after && words::says_more(&text)) {
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

fn is_pager(node: &NodeRef<'_>) -> bool {
    let named = class_and_id(node);
    // Every name below holds one of these; most elements are through with it.
    let low = named.to_ascii_lowercase();
    let may_be = ["pag", "trang", "nav"].iter().any(|part| low.contains(part)) || node.has_name("nav");
    may_be && is_named_pager(node, &named)
}

fn is_named_pager(node: &NodeRef<'_>, named: &str) -> bool {
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
        || (node.has_name("nav") && attr(node, "aria-label").to_lowercase().contains("pag"))
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

/// Whether it says so in words that mean a page and nothing else.
fn says_next_page(text: &str) -> bool {
    let text = folded(text);
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    matches!(
        text,
        "next page" | "older posts" | "older entries" | "trang sau" | "trang tiep" | "trang tiep theo" | "trang ke"
    )
}

fn says_next(link: &NodeRef<'_>) -> bool {
    says(link, &plain::of_node(link))
}

/// Whether a link of this text says "next", in its text or otherwise.
fn says(link: &NodeRef<'_>, text: &str) -> bool {
    let says = |text: &str| {
        matches!(text.trim(), "›" | "»" | ">" | ">>" | "→" | "››")
            || (!text.is_empty() && text.len() < 60 && is_next(&folded(text)))
    };
    says(text)
        || ["aria-label", "title"].iter().any(|name| link.attr(name).is_some_and(|text| says(&text)))
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
