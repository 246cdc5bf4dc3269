//! The older pages of a listing, where its pager does not say which is next: a feed's own paging (RFC 5005), the
//! numbers in the addresses of its links, and what known systems do.

use url::Url;

use super::Signs;
use crate::article::canonical;
use crate::fetch::{Document, bound};

/// Words that stand before the number of a page or the offset of its first article, in a path or a query.
const NUMBERED: &[&str] = &[
    "page",
    "paged",
    "trang",
    "p",
    "pg",
    "pageindex",
    "page_index",
    "pagenumber",
    "pageno",
    "currentpage",
    "cur",
    "start",
    "limitstart",
    "offset",
    "from",
];

/// The next page of a feed: its `rel="next"` (RFC 5005), or what WordPress answers to `paged`.
pub fn of_feed(document: &Document) -> Option<Url> {
    let text = document.text();
    let head = text.get(..text.floor_char_boundary(64 * 1024)).unwrap_or(&text);
    for tag in head.split('<').skip(1) {
        let name = tag.split([' ', '\t', '\r', '\n', '>']).next().unwrap_or_default();
        if !matches!(name.rsplit(':').next(), Some("link")) {
            continue;
        }
        let tag = tag.split('>').next().unwrap_or_default();
        if attribute(tag, "rel")
            .is_some_and(|rel| rel.split_whitespace().any(|word| word == "next" || word == "prev-archive"))
        {
            return attribute(tag, "href").and_then(|href| document.url.join(&href.replace("&amp;", "&")).ok());
        }
    }
    if let Ok(value) = bound::json(&text) {
        return document.url.join(value.get("next_url")?.as_str()?).ok();
    }
    let made_by = head.to_ascii_lowercase();
    (made_by.contains("<generator>") && made_by.contains("wordpress.org")).then(|| {
        let current = document.url.query_pairs().find(|(name, _)| name == "paged").and_then(|(_, n)| n.parse().ok());
        with_number(&document.url, "paged", current.unwrap_or(1u32) + 1)
    })
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.find(&format!("{name}="))?;
    let rest = tag.get(at + name.len() + 1..)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest.get(1..)?.split(quote).next().map(str::to_owned)
}

/// The next page of a listing page by the numbers in its links: the smallest above the present one that stands in the
/// same place of the same address.
pub fn of_links(signs: &Signs, first: &Url) -> Option<Url> {
    let current = number(&signs.url).filter(|(name, _)| !name.is_empty());
    let mut best: Option<(u32, Url)> = None;
    for link in &signs.dom.select("a[href]") {
        let Some(url) = link.attr("href").and_then(|href| signs.address(&href)) else { continue };
        let Some((name, value)) = number(&url) else { continue };
        if stem(&url) != stem(first) || current.as_ref().is_some_and(|(known, _)| *known != name) {
            continue;
        }
        let present = current.as_ref().map_or_else(|| beginning(&name), |(_, value)| *value);
        if value > present && best.as_ref().is_none_or(|(least, _)| value < *least) {
            best = Some((value, url));
        }
    }
    best.map(|(_, url)| url)
}

/// The next page as the page's system makes it, where no link tells.
pub fn of_system(signs: &Signs) -> Option<Url> {
    let name = signs.system()?.name;
    let present = number(&signs.url);
    if let Some((word, value)) = &present {
        return stepped(&signs.url, word, value + 1);
    }
    let mut url = signs.url.clone();
    let path = url.path().trim_end_matches('/').to_owned();
    match name {
        "NukeViet" => url.set_path(&format!("{path}/page-2/")),
        "WordPress" | "Ghost" | "Hugo" => url.set_path(&format!("{path}/page/2/")),
        "Drupal" => return Some(with_number(&url, "page", 1)),
        _ => return None,
    }
    Some(url)
}

/// Whether an address is not behind the present page, as the numbers in both tell: a pager that does not mark where it
/// stands leads there.
pub fn leads_back(present: &Url, next: &Url) -> bool {
    match (number(present), number(next)) {
        (Some((one, present)), Some((other, next))) => one == other && next <= present,
        _ => false,
    }
}

/// The number of the first page, or the offset of its first article.
fn beginning(name: &str) -> u32 {
    u32::from(!matches!(name, "start" | "limitstart" | "offset" | "from"))
}

/// Which page of its list an address is: the word before the number, and the number.
fn number(url: &Url) -> Option<(String, u32)> {
    for (name, value) in url.query_pairs() {
        let word = name.to_lowercase();
        // Portlets put their own names before it: `…_INSTANCE_abc_cur=2`.
        let word = NUMBERED.iter().find(|known| word == **known || word.ends_with(&format!("_{known}")));
        if let (Some(word), Ok(value)) = (word, value.parse()) {
            return Some(((*word).to_owned(), value));
        }
    }
    let segments: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    let last = segments.last()?.to_lowercase();
    let last = last.rsplit_once('.').map_or(last.as_str(), |(stem, _)| stem);
    if let Some((word, digits)) = last.rsplit_once(['-', '_'])
        && NUMBERED.iter().any(|known| word == *known || word.ends_with(&format!("-{known}")))
        && let Ok(value) = digits.parse()
    {
        return Some(("page".to_owned(), value));
    }
    let before = segments.len().checked_sub(2).and_then(|at| segments.get(at))?.to_lowercase();
    (NUMBERED.contains(&before.as_str())).then(|| Some((before, last.parse().ok()?))).flatten()
}

/// An address without the number of its page.
fn stem(url: &Url) -> String {
    let mut out = url.clone();
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| {
            let name = name.to_lowercase();
            !NUMBERED.iter().any(|known| name == *known || name.ends_with(&format!("_{known}")))
                && !name.ends_with("_delta")
                && !name.starts_with("p_p_")
        })
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    out.set_query(None);
    if !kept.is_empty() {
        out.query_pairs_mut().extend_pairs(kept);
    }
    if number(&without_query(url)).is_some() {
        let path = url.path().trim_end_matches('/');
        let mut path = path.rsplit_once('/').map_or("", |(above, _)| above).to_owned();
        let last = path.rsplit('/').next().unwrap_or_default().to_lowercase();
        if NUMBERED.contains(&last.as_str()) {
            path.truncate(path.len() - last.len());
        }
        // `/tin-trang-2.html` belongs to `/tin.html`; its folder is as near as one gets.
        out.set_path(&path);
    } else if let Some((stem, end)) = url.path().rsplit_once('.')
        && matches!(end, "html" | "htm")
    {
        out.set_path(stem);
    }
    canonical::key(&out)
}

fn without_query(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_query(None);
    url
}

/// The same page with another number.
fn stepped(url: &Url, word: &str, value: u32) -> Option<Url> {
    let name = url.query_pairs().map(|(name, _)| name.into_owned()).find(|name| name.to_lowercase().ends_with(word));
    if let Some(name) = name {
        return Some(with_number(url, &name, value));
    }
    let path = url.path().to_owned();
    let end = path.rfind(|c: char| c.is_ascii_digit())? + 1;
    let start = path.get(..end)?.rfind(|c: char| !c.is_ascii_digit())? + 1;
    let mut url = url.clone();
    url.set_path(&format!("{}{value}{}", path.get(..start)?, path.get(end..)?));
    Some(url)
}

fn with_number(url: &Url, name: &str, value: u32) -> Url {
    let kept: Vec<(String, String)> =
        url.query_pairs().filter(|(key, _)| key != name).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(kept).append_pair(name, &value.to_string());
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::{Room, Validators};

    fn document(url: &str, text: &str) -> Document {
        Document {
            url: url.parse().unwrap(),
            media_type: String::new(),
            charset: None,
            bytes: text.as_bytes().to_vec(),
            validators: Validators::default(),
            date: None,
            moved: false,
            room: Room::default(),
        }
    }

    #[test]
    fn feeds_say_what_is_next() {
        let next = |url: &str, text: &str| of_feed(&document(url, text)).map(|url| url.to_string());
        let atom = "<feed><link rel='self' href='/a'/><link rel='next' href='/a?page=2&amp;x=1'/><entry>";
        assert_eq!(next("https://a.example/a", atom).as_deref(), Some("https://a.example/a?page=2&x=1"));
        let rss = "<rss><channel><atom:link rel=\"next\" href=\"https://a.example/feed?paged=2\"/><item>";
        assert_eq!(next("https://a.example/feed", rss).as_deref(), Some("https://a.example/feed?paged=2"));
        let wordpress = "<rss><channel><generator>https://wordpress.org/?v=6.6</generator><item>";
        assert_eq!(
            next("https://a.example/feed/?paged=3", wordpress).as_deref(),
            Some("https://a.example/feed/?paged=4")
        );
        assert_eq!(next("https://a.example/feed", "<rss><channel><item>"), None);
        let json = r#"{"version":"https://jsonfeed.org/version/1.1","next_url":"/feed.json?page=2"}"#;
        assert_eq!(next("https://a.example/feed.json", json).as_deref(), Some("https://a.example/feed.json?page=2"));
    }

    #[test]
    fn numbers_in_addresses_are_pages() {
        for (present, links, next) in [
            ("/tin", "/tin?page=3 /tin?page=2 /khac?page=2", Some("/tin?page=2")),
            ("/tin?page=2", "/tin?page=1 /tin?page=3 /tin?page=9", Some("/tin?page=3")),
            ("/tin/", "/tin/page/2/ /tin/page/5/", Some("/tin/page/2/")),
            ("/tin/page-2/", "/tin/ /tin/page-3/", Some("/tin/page-3/")),
            ("/tin", "/tin?start=10 /tin?start=20", Some("/tin?start=10")),
            ("/tin?start=10", "/tin?start=0 /tin?start=20", Some("/tin?start=20")),
            ("/tin?page=3", "/tin?page=2", None),
            ("/tin", "/tin/bai-2 /tin/1.html", None),
        ] {
            let html: Vec<String> = links.split(' ').map(|href| format!("<a href=\"{href}\">x</a>")).collect();
            let html = html.concat();
            let signs = Signs::of(&document(&format!("https://a.example{present}"), &html));
            let found = of_links(&signs, &"https://a.example/tin".parse().unwrap());
            let found = found.map(|url| url.as_str().replace("https://a.example", ""));
            assert_eq!(found.as_deref(), next, "{present}");
        }
        let nuke = Signs::of(&document("https://a.example/tin/page-2/", "<meta name=generator content='NukeViet v4'>"));
        assert_eq!(of_system(&nuke).unwrap().path(), "/tin/page-3/");
    }
}
