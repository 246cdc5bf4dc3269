//! The feeds that a page names: in its head (`<link rel="alternate">`), or by a link that reads like a feed's.

use super::scope::scope;
use super::{Proposal, Signs};
use crate::article::text::folded;
use crate::source::plain;

/// The feeds of the head, the section's own first; those of comments left out.
pub(super) fn feeds(signs: &Signs) -> Vec<Proposal> {
    let links = signs.dom.select("link[rel~=alternate][href]");
    let mut found = Vec::new();
    for link in &links {
        let media = link.attr("type").map(|media| media.to_ascii_lowercase()).unwrap_or_default();
        let is_feed = ["application/rss+xml", "application/atom+xml", "application/feed+json", "text/rss+xml"]
            .iter()
            .any(|known| media.trim().starts_with(known))
            || (matches!(media.trim(), "application/xml" | "text/xml")
                && looks_like_feed(&link.attr("href").unwrap_or_default()));
        let title = link.attr("title").map(|title| title.to_string()).unwrap_or_default();
        let Some(url) = link.attr("href").filter(|_| is_feed).and_then(|href| signs.address(&href)) else { continue };
        if is_of_comments(&format!("{title} {url}")) {
            continue;
        }
        found.push(Proposal { url, why: "the page names it as its feed".to_owned() });
    }
    // A stable sort: among equals the page's own order holds.
    found.sort_by_key(|proposal| scope(&signs.url, &proposal.url));
    found
}

/// Links of the body that read like a feed's and name the section, or say "RSS" on a page that names no other.
pub(super) fn links(signs: &Signs) -> Vec<Proposal> {
    let mut found = Vec::new();
    for link in &signs.dom.select("a[href]") {
        let href = link.attr("href").unwrap_or_default();
        if !looks_like_feed(&href) {
            continue;
        }
        let Some(url) = signs.address(&href) else { continue };
        let text = plain::of_html(&link.text());
        if is_of_comments(&format!("{text} {url}")) || url.host_str() != signs.url.host_str() {
            continue;
        }
        found.push(Proposal { url, why: "the page links to it as a feed".to_owned() });
    }
    found.sort_by_key(|proposal| scope(&signs.url, &proposal.url));
    found
}

/// Whether an address reads like a feed's.
pub(super) fn looks_like_feed(href: &str) -> bool {
    let href = href.to_ascii_lowercase();
    let (path, query) = href.split_once('?').unwrap_or((&href, ""));
    let words = path.split(['/', '.', '-', '_']);
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    words.clone().any(|word| matches!(word, "rss" | "rss2" | "atom" | "feed" | "listfeed" | "rdf"))
        || matches!(last, "feed.json" | "feeds")
        || query.split('&').any(|pair| matches!(pair, "format=feed" | "feed=rss2" | "feed=rss" | "type=rss"))
}

fn is_of_comments(text: &str) -> bool {
    let text = folded(text);
    ["comment", "binh luan", "phan hoi", "replies"].iter().any(|word| text.contains(word))
}
