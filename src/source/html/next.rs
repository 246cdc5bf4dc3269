//! The next page of a listing: `rel=next`, a pager's "next" or the number after the current one.

use dom_query::NodeRef;
use url::Url;

use super::page::{Page, attr, class_and_id};
use super::words;
use crate::article::text::folded;
use crate::source::plain;

/// The address of the next page.
pub fn page(page: &Page<'_>, why: &mut Vec<String>) -> Option<Url> {
    let marked = page.dom.select("link[rel~=next][href], a[rel~=next][href]");
    if let Some(url) = marked.iter().find_map(|node| page.link(&node.attr("href")?)) {
        return Some(url);
    }
    let body = page.dom.body()?;
    let pagers: Vec<NodeRef<'_>> = body.descendants_it().filter(|node| node.is_element() && is_pager(node)).collect();
    for pager in &pagers {
        let said = links(pager).into_iter().find(|link| says_next(link));
        if let Some(url) = said.and_then(|link| page.link(&attr(&link, "href"))) {
            return Some(url);
        }
    }
    for pager in &pagers {
        let following = current(pager).unwrap_or(1) + 1;
        let numbered = links(pager).into_iter().find(|link| plain::of_node(link).parse() == Ok(following));
        let Some(link) = numbered else { continue };
        let href = attr(&link, "href");
        if href.contains("__doPostBack") {
            why.push(
                "the pager works by __doPostBack (ASP.NET), which cannot be followed; only the first page is read"
                    .to_owned(),
            );
            return None;
        }
        if let Some(url) = page.link(&href) {
            return Some(url);
        }
    }
    None
}

fn links<'d>(pager: &NodeRef<'d>) -> Vec<NodeRef<'d>> {
    pager.descendants_it().filter(|node| node.has_name("a")).collect()
}

fn is_pager(node: &NodeRef<'_>) -> bool {
    let known = [
        "pagination",
        "pager",
        "paging",
        "pagenav",
        "phantrang",
        "pagenavi",
        "navlinks",
        "paginator",
        "paginationbuttons",
    ];
    words::tokens(&class_and_id(node))
        .iter()
        .any(|token| known.contains(&token.as_str()) || token.starts_with("pagination"))
        || (node.has_name("nav") && attr(node, "aria-label").to_lowercase().contains("pag"))
}

fn says_next(link: &NodeRef<'_>) -> bool {
    let said = [plain::of_node(link), attr(link, "aria-label"), attr(link, "title")];
    let words = [
        "next",
        "next page",
        "older posts",
        "older",
        "trang sau",
        "trang tiep",
        "trang ke",
        "tiep",
        "tiep theo",
        "sau",
        "cu hon",
        "xem tiep",
    ];
    said.iter().any(|text| {
        matches!(text.trim(), "›" | "»" | ">" | "→")
            || words.contains(&folded(text).trim_matches(|c: char| !c.is_alphanumeric()))
    }) || words::tokens(&attr(link, "class")).iter().any(|token| token == "next")
}

/// The number of the current page.
fn current(pager: &NodeRef<'_>) -> Option<u32> {
    pager.descendants_it().filter(NodeRef::is_element).find_map(|node| {
        let marked = words::tokens(&attr(&node, "class"))
            .iter()
            .any(|t| matches!(t.as_str(), "active" | "current" | "selected"))
            || node.attr("aria-current").is_some();
        let text = plain::of_node(&node);
        marked.then(|| text.split_whitespace().find_map(|word| word.parse().ok())).flatten()
    })
}
