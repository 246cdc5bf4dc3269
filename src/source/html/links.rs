//! The links of a page that read like the title of an article.

use std::collections::{HashMap, HashSet};

use dom_query::NodeRef;
use url::Url;

use super::page::{Page, attr, class_and_id, find, name};
use super::words;
use crate::article::canonical;
use crate::article::text::one_line;
use crate::source::plain;

/// One link that may be a title.
pub struct Link<'d> {
    pub node: NodeRef<'d>,
    pub url: Url,
    pub key: String,
    pub text: String,
    /// Whether it stands in a heading, or holds one.
    pub heading: bool,
}

/// Least characters of a title outside a heading.
const MIN_TITLE: usize = 16;
/// Most links looked at.
const MAX_LINKS: usize = 4000;

/// The links that read like titles, in the page's order, and the keys of all links that were looked at.
pub fn titles<'d>(page: &'d Page<'_>) -> Vec<Link<'d>> {
    let Some(body) = page.dom.body() else { return Vec::new() };
    let mut links = Vec::new();
    let mut texts: HashMap<(String, String), usize> = HashMap::new();
    for node in body.descendants_it().filter(|node| node.has_name("a")) {
        let Some(url) = node.attr("href").and_then(|href| page.link(&href)) else { continue };
        let text = title_text(&node);
        let key = canonical::key(&url);
        *texts.entry((key.clone(), text.clone())).or_default() += 1;
        links.push(Link { heading: in_heading(&node), node, url, key, text });
        if links.len() >= MAX_LINKS {
            break;
        }
    }
    let folders: HashSet<String> = links.iter().flat_map(|link| parents(&link.key)).collect();
    links.retain(|link| {
        let repeated = texts.get(&(link.key.clone(), link.text.clone())).copied().unwrap_or_default() >= 3;
        let long = link.text.chars().count() >= MIN_TITLE && link.text.split(' ').count() >= 3;
        let words = link.text.chars().any(char::is_alphabetic) && link.text.chars().count() >= 6;
        // A section's page is the folder of its articles.
        let label = is_label(&link.node, &link.url) || (folders.contains(&link.key) && !looks_like_article(&link.url));
        words && (long || link.heading) && !label && !words::is_more(&link.text) && (link.heading || !repeated)
    });
    links
}

/// The keys of the folders above an address.
fn parents(key: &str) -> Vec<String> {
    let path = key.split('?').next().unwrap_or(key);
    path.match_indices('/').skip(1).filter_map(|(at, _)| path.get(..at).map(str::to_owned)).collect()
}

/// What a link says: its text, else its title attribute, else its picture's.
fn title_text(node: &NodeRef<'_>) -> String {
    let text = plain::of_node(node);
    if !text.is_empty() {
        return text;
    }
    let title = one_line(&attr(node, "title"));
    if !title.is_empty() {
        return title;
    }
    one_line(&attr(node, "aria-label"))
}

fn is_heading(node: &NodeRef<'_>) -> bool {
    plain::is_any(node, &["h1", "h2", "h3", "h4", "h5", "h6"]) || attr(node, "role") == "heading"
}

fn in_heading(node: &NodeRef<'_>) -> bool {
    node.ancestors_it(Some(4)).any(|above| is_heading(&above)) || find(node, is_heading).is_some()
}

/// Links to tags, authors, categories and comments.
fn is_label(node: &NodeRef<'_>, url: &Url) -> bool {
    let rel = attr(node, "rel").to_ascii_lowercase();
    if rel
        .split_ascii_whitespace()
        .any(|rel| matches!(rel, "tag" | "category" | "author" | "next" | "prev" | "license"))
    {
        return true;
    }
    let path = format!("{}/", url.path().to_ascii_lowercase());
    let marks = [
        "/tag/",
        "/tags/",
        "/author/",
        "/authors/",
        "/category/",
        "/categories/",
        "/user/",
        "/users/",
        "/login",
        "/register",
        "/tac-gia/",
        "/the-loai/",
        "/tu-khoa/",
        "/topic/",
        "/topics/",
        "/chu-de/",
        "/search",
        "/tim-kiem",
        "/rss/",
        "/feed/",
    ];
    marks.iter().any(|mark| path.contains(mark))
        || [".jpg", ".png", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".zip", ".rar", ".mp3", ".mp4"]
            .iter()
            .any(|ending| path.ends_with(&format!("{ending}/")))
        || words::tokens(&class_and_id(node)).iter().any(|t| {
            matches!(t.as_str(), "tag" | "category" | "cat" | "author" | "comment" | "comments" | "btn" | "button")
        })
        || (name(node) == "a" && attr(node, "role") == "button")
}

/// Whether an address looks like that of one article: a slug, a long number, a page's ending, a date, an id.
pub fn looks_like_article(url: &Url) -> bool {
    let path = url.path().trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let is_page = last.rsplit_once('.').is_some_and(|(_, ending)| {
        matches!(ending.to_ascii_lowercase().as_str(), "html" | "htm" | "shtml" | "chn" | "vnp" | "tpo" | "epi" | "ldo")
    });
    if matches!(stem.to_ascii_lowercase().as_str(), "index" | "default" | "home" | "trang-chu") && url.query().is_none()
    {
        return false;
    }
    let hyphens = stem.matches(['-', '_']).count();
    let digits = stem.bytes().fold((0usize, 0usize), |(run, most), b| {
        let run = if b.is_ascii_digit() { run + 1 } else { 0 };
        (run, most.max(run))
    });
    let id = url.query_pairs().any(|(name, value)| {
        let name = name.to_ascii_lowercase();
        (name.ends_with("id") || name.ends_with("id1") || name == "p" || name == "a" || name == "n")
            && value.bytes().any(|b| b.is_ascii_digit())
    });
    let dated = path.split('/').collect::<Vec<_>>().windows(2).any(|pair| match *pair {
        [year, month] => year.len() == 4 && year.starts_with("20") && month.len() <= 2 && month.parse::<u8>().is_ok(),
        _ => false,
    });
    hyphens >= 3 || digits.1 >= 4 || (is_page && (hyphens >= 1 || digits.1 >= 1)) || id || dated || path.contains("/-/")
}

/// The shape of an address: two articles of one site have the same.
pub fn shape(url: &Url) -> String {
    let path = url.path().trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    let (stem, ending) = last.rsplit_once('.').unwrap_or((last, ""));
    let slug = if stem.matches('-').count() >= 2 { "slug" } else { "name" };
    let number = if stem.bytes().filter(u8::is_ascii_digit).count() >= 3 { "number" } else { "" };
    let mut names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    names.sort();
    format!("{}/{slug}{number}.{ending}?{}", url.host_str().unwrap_or_default(), names.join("&"))
}
