//! The links of a page that read like the title of an article.

use std::collections::{HashMap, HashSet};

use dom_query::{NodeId, NodeRef};
use url::Url;

use super::page::{Page, attr, class_and_id, find, name};
use super::words;
use crate::article::canonical;
use crate::article::text::one_line;
use crate::fetch::bound::Walk as _;
use crate::source::plain;

/// One link that may be a title.
pub struct Link<'d> {
    pub node: NodeRef<'d>,
    pub url: Url,
    pub key: String,
    pub text: String,
    /// Whether it stands in a heading, or holds one.
    pub heading: bool,
    /// Whether it says "more", or leads to the comments: a title only where no other link leads to the article.
    pub minor: bool,
    /// The element that holds the title where the link does not.
    pub title: Option<NodeRef<'d>>,
}

/// Least characters of a title outside a heading.
const MIN_TITLE: usize = 16;
/// Most links looked at.
const MAX_LINKS: usize = 4000;

/// The links that read like titles, in the page's order.
pub fn titles<'d>(page: &'d Page<'_>) -> Vec<Link<'d>> {
    let Some(body) = page.dom.body() else { return Vec::new() };
    let mut links = Vec::new();
    let mut texts: HashMap<(String, String), usize> = HashMap::new();
    let mut leads_to: HashMap<String, HashSet<String>> = HashMap::new();
    for node in body.below().filter(|node| node.has_name("a")) {
        let Some(href) = node.attr("href") else { continue };
        let Some(url) = page.link(&href) else { continue };
        let text = title_text(&node);
        let key = canonical::key(&url);
        *texts.entry((key.clone(), text.clone())).or_default() += 1;
        let known = leads_to.entry(text.clone()).or_default();
        if known.len() < 5 {
            known.insert(key.clone());
        }
        let minor = href.contains('#') || words::says_more(&text);
        links.push(Link { heading: in_heading(&node), node, url, key, text, minor, title: None });
        if links.len() >= MAX_LINKS {
            break;
        }
    }
    let folders: HashSet<String> = links.iter().flat_map(|link| parents(&link.key)).collect();
    let mut blocks = HashMap::new();
    let mut mute = Vec::new();
    let mut titled = Vec::new();
    for (at, link) in links.into_iter().enumerate() {
        let length = link.text.chars().count();
        // What a menu says on every part of the page; a title in three boxes is longer.
        let repeated =
            length < 30 && texts.get(&(link.key.clone(), link.text.clone())).copied().unwrap_or_default() >= 3;
        let long = length >= MIN_TITLE && link.text.split(' ').count() >= 3;
        let spoken = link.text.chars().any(char::is_alphabetic) && length >= 6;
        // A section's page is the folder of its articles.
        let label = is_label(&link.node, &link.url) || (folders.contains(&link.key) && !looks_like_article(&link.url));
        // One short text that leads to five places is the title of none of them.
        let shared = length > 0 && length < 40 && leads_to.get(&link.text).is_some_and(|keys| keys.len() >= 5);
        if label
            || (!link.heading
                && (repeated || (shared && !words::is_more(&link.text)) || in_prose(&link.node, &mut blocks)))
        {
            continue;
        }
        if link.text.is_empty() || words::is_more(&link.text) {
            mute.push((at, link));
        } else if spoken && (long || link.heading) {
            titled.push((at, link));
        }
    }
    adopt(&mut titled, mute);
    titled.sort_by_key(|(at, _)| *at);
    titled.into_iter().map(|(_, link)| link).collect()
}

/// Gives the links that only say "more" (or nothing, around a picture) the title that stands beside them, where no
/// other link leads to their article.
fn adopt<'d>(titled: &mut Vec<(usize, Link<'d>)>, mute: Vec<(usize, Link<'d>)>) {
    let known: HashSet<String> = titled.iter().map(|(_, link)| link.key.clone()).collect();
    let mut orphans: Vec<(usize, Link<'d>)> = mute.into_iter().filter(|(_, link)| !known.contains(&link.key)).collect();
    if orphans.is_empty() {
        return;
    }
    let mut seen = HashSet::new();
    let owners = owners(titled.iter().chain(&orphans).map(|(_, link)| (link.node, link.key.as_str())));
    let mut roots: Vec<Option<NodeRef<'d>>> = Vec::new();
    for (_, link) in &orphans {
        let own = link.node.above(Some(6)).take_while(|node| owners.get(&node.id).is_some_and(Option::is_some));
        let root = own.last().filter(|_| seen.insert(link.key.clone()));
        roots.push(root);
    }
    drop(owners);
    for ((at, mut link), root) in orphans.drain(..).zip(roots) {
        let Some(root) = root else { continue };
        let beside = title_beside(&root);
        let Some(title) = beside.or_else(|| if link.text.is_empty() { None } else { first_line(&root) }) else {
            continue;
        };
        let text = plain::of_node(&title);
        if text.split(' ').count() >= 2 {
            link.text = text;
            link.heading = true;
            link.minor = false;
            link.title = Some(title);
            titled.push((at, link));
        }
    }
}

/// The heading, or the element called a title, in a card.
pub fn title_beside<'d>(root: &NodeRef<'d>) -> Option<NodeRef<'d>> {
    find(root, |node| {
        let is_title =
            is_heading(node) || (words::is_title(&class_and_id(node)) && !node.has_name("a") && node.id != root.id);
        is_title && (4..=300).contains(&plain::of_node(node).chars().count())
    })
}

/// The first element of a card that holds a line of words of its own, where no heading says what the title is.
fn first_line<'d>(root: &NodeRef<'d>) -> Option<NodeRef<'d>> {
    root.below().filter(|node| node.is_element() && !node.has_name("a")).take(40).find(|node| {
        let text = one_line(&node.immediate_text());
        let words = text.split(' ').filter(|word| word.chars().all(char::is_alphabetic)).count();
        words >= 3 && (12..=200).contains(&text.chars().count())
    })
}

/// Which article each part of the page belongs to: all links in it lead there; `None` where they lead to several.
pub fn owners<'d, 'k>(links: impl Iterator<Item = (NodeRef<'d>, &'k str)>) -> HashMap<NodeId, Option<&'k str>> {
    let mut owner: HashMap<NodeId, Option<&str>> = HashMap::new();
    for (link, key) in links {
        let parts = std::iter::once(link).chain(link.above(None));
        for node in parts.filter(NodeRef::is_element) {
            match owner.get(&node.id) {
                Some(Some(other)) if *other == key => {}
                Some(None) => break,
                Some(Some(_)) => {
                    owner.insert(node.id, None);
                }
                None => {
                    owner.insert(node.id, Some(key));
                }
            }
        }
    }
    owner
}

/// Whether a link stands in running text: a good deal of it comes before, and the link is the smaller part.
fn in_prose(link: &NodeRef<'_>, blocks: &mut HashMap<NodeId, usize>) -> bool {
    let inline = ["span", "b", "strong", "i", "em", "font", "u", "small"];
    let mut before = String::new();
    let mut at = *link;
    let block = loop {
        let mut sibling = at.prev_sibling();
        for _ in 0..20 {
            let Some(node) = sibling else { break };
            if before.len() > 300 || (node.is_element() && !plain::is_any(&node, &inline) && !node.has_name("a")) {
                break;
            }
            // Other links are no text: titles may stand in a row.
            if !node.has_name("a") {
                before.extend(node.text().chars().take(100));
                before.push(' ');
            }
            sibling = node.prev_sibling();
        }
        let Some(parent) = at.parent() else { return false };
        if !plain::is_any(&parent, &inline) {
            break parent;
        }
        at = parent;
    };
    let words = before.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).count();
    if words < 4 || before.trim().chars().count() < 25 {
        return false;
    }
    let whole = *blocks.entry(block.id).or_insert_with(|| block.normalized_char_count());
    link.normalized_char_count() * 2 < whole
}

/// Most folders above an address that are kept.
const MAX_FOLDERS: usize = 16;

/// The keys of the folders above an address.
fn parents(key: &str) -> Vec<String> {
    let path = key.split('?').next().unwrap_or(key);
    path.match_indices('/').skip(1).take(MAX_FOLDERS).filter_map(|(at, _)| path.get(..at).map(str::to_owned)).collect()
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
    let label = one_line(&attr(node, "aria-label"));
    if !label.is_empty() {
        return label;
    }
    let image = node.below().filter(NodeRef::is_element).take(10).find(|inner| inner.has_name("img"));
    image.map(|image| one_line(&attr(&image, "alt"))).filter(|alt| alt.chars().count() >= MIN_TITLE).unwrap_or_default()
}

fn is_heading(node: &NodeRef<'_>) -> bool {
    plain::is_any(node, &["h1", "h2", "h3", "h4", "h5", "h6"]) || attr(node, "role") == "heading"
}

fn in_heading(node: &NodeRef<'_>) -> bool {
    node.above(Some(4)).any(|above| is_heading(&above)) || find(node, is_heading).is_some()
}

/// Parts of an address that lead to something else than an article.
const LABELS: &[&str] = &[
    "tag",
    "tags",
    "author",
    "authors",
    "category",
    "categories",
    "user",
    "users",
    "login",
    "register",
    "tac-gia",
    "the-loai",
    "tu-khoa",
    "topic",
    "topics",
    "chu-de",
    "search",
    "tim-kiem",
    "rss",
    "feed",
    "profile",
    "profiles",
];
/// Endings of files that are no pages.
const FILES: &[&str] = &["jpg", "png", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "zip", "rar", "mp3", "mp4"];

/// Links to tags, authors, categories and comments.
fn is_label(node: &NodeRef<'_>, url: &Url) -> bool {
    let rel = attr(node, "rel").to_ascii_lowercase();
    if rel
        .split_ascii_whitespace()
        .any(|rel| matches!(rel, "tag" | "category" | "author" | "next" | "prev" | "license"))
    {
        return true;
    }
    let path = url.path().trim_end_matches('/').to_ascii_lowercase();
    path.split('/').rev().skip(1).any(|part| LABELS.contains(&part))
        || path.rsplit('/').next().is_some_and(|last| matches!(last, "login" | "register" | "search" | "rss" | "feed"))
        || path.rsplit_once('.').is_some_and(|(_, ending)| FILES.contains(&ending))
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
    let (stem, ending) = last.rsplit_once('.').filter(|(_, ending)| ending.len() <= 5).unwrap_or((last, ""));
    let slug = if stem.matches('-').count() >= 2 { "slug" } else { "name" };
    let number = if stem.as_bytes().windows(4).any(|four| four.iter().all(u8::is_ascii_digit)) { "number" } else { "" };
    let mut names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    names.sort();
    format!("{}/{slug}{number}.{ending}?{}", url.host_str().unwrap_or_default(), names.join("&"))
}

/// The folder an address stands in: the articles of a section often share it.
pub fn folder(url: &Url) -> String {
    let path = url.path().trim_end_matches('/');
    let above = path.rsplit_once('/').map_or("", |(above, _)| above);
    // Folders that are dates are one.
    let kept: Vec<&str> = above.split('/').filter(|part| !part.bytes().all(|b| b.is_ascii_digit())).collect();
    format!("{}{}", url.host_str().unwrap_or_default(), kept.join("/"))
}

/// Whether an address lies below that of the section.
pub fn is_below(url: &Url, section: &Url) -> bool {
    let path = section.path().trim_end_matches('/');
    let path = path.rsplit_once('.').filter(|(_, ending)| ending.len() <= 5).map_or(path, |(stem, _)| stem);
    let path = path.trim_end_matches("/index").trim_end_matches("/default");
    !path.is_empty()
        && url.host_str() == section.host_str()
        && url.path().strip_prefix(path).is_some_and(|rest| rest.starts_with(['/', '-']) && rest.len() > 1)
}
