//! The sections of a site as its front page, its feeds and its sitemap tell them, and the versions of the site in
//! other languages. What `init --url` goes through.

use std::collections::HashMap;

use dom_query::NodeRef;
use url::Url;

use super::Signs;
use super::scope::is_front;
use crate::article::canonical;
use crate::article::text::folded;
use crate::config::Language;
use crate::fetch::bound::Walk as _;
use crate::source::plain;

/// A link that may lead to a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it says.
    pub name: String,
    /// Where it leads.
    pub url: Url,
}

/// Words of links that lead to no section, unaccented.
const OTHERS: &[&str] = &[
    "trang chu",
    "home",
    "homepage",
    "lien he",
    "contact",
    "contact us",
    "dang nhap",
    "login",
    "sign in",
    "dang ky",
    "register",
    "so do",
    "so do site",
    "so do cong",
    "sitemap",
    "site map",
    "tim kiem",
    "search",
    "rss",
    "hoi dap",
    "faq",
    "thu dien tu",
    "webmail",
    "mail",
    "english",
    "tieng viet",
    "vietnamese",
    "vi",
    "en",
    "vn",
    "gioi thieu",
    "about",
    "about us",
    "lien ket",
    "links",
    "thu vien anh",
    "gallery",
    "video",
    "facebook",
    "youtube",
    "gop y",
    "feedback",
    "in trang",
    "quay lai",
    "menu",
    "dich vu cong",
    "e-services",
    "privacy",
    "terms",
    "subscribe",
    "dat bao",
    "more",
    "xem them",
    "xem tat ca",
];
/// From how many addresses below it on, an address of the sitemap is taken for a section.
const BELOW: usize = 3;

impl Signs {
    /// The links of the site's menu, in its order, each address once.
    pub fn menu(&self) -> Vec<Entry> {
        let mut found = self.links_in(is_menu);
        if found.len() < 2 {
            // A page without a menu: its short links.
            let every = self.links_in(|node| node.has_name("body"));
            found.extend(every.into_iter().filter(|entry| {
                entry.name.split_whitespace().count() <= 5 && !entry.url.path().chars().any(|c| c.is_ascii_digit())
            }));
        }
        let mut seen = std::collections::HashSet::new();
        found.retain(|entry| seen.insert(canonical::key(&entry.url)));
        found
    }

    fn links_in(&self, is_within: impl Fn(&NodeRef<'_>) -> bool) -> Vec<Entry> {
        let mut found = Vec::new();
        let Some(body) = self.dom.body() else { return found };
        let within: Vec<NodeRef<'_>> = std::iter::once(body)
            .chain(body.below())
            .filter(|node| node.is_element() && is_within(node))
            .take(20)
            .collect();
        for node in within {
            for link in node.below().filter(|node| node.has_name("a")).take(400) {
                let href = link.attr("href").map(|href| href.to_string()).unwrap_or_default();
                let Some(url) = self.address(&href) else { continue };
                let name = plain::of_node(&link);
                if self.may_be_section(&name, &url) {
                    found.push(Entry { name, url });
                }
            }
        }
        found
    }

    fn may_be_section(&self, name: &str, url: &Url) -> bool {
        let said = folded(name);
        let said = said.trim_matches(|c: char| !c.is_alphanumeric());
        let length = name.chars().count();
        let path = url.path().to_ascii_lowercase();
        let is_file = [".pdf", ".doc", ".docx", ".xls", ".xlsx", ".zip", ".jpg", ".png", ".mp4"]
            .iter()
            .any(|end| path.ends_with(end));
        let host = |url: &Url| url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned();
        (2..=60).contains(&length)
            && !OTHERS.contains(&said)
            && !is_file
            && host(url) == host(&self.url)
            && !(is_front(url) && url.query().is_none())
            && canonical::key(url) != canonical::key(&self.url)
            && !super::named::looks_like_feed(url.as_str())
    }

    /// The front page of the site in each other language: `hreflang`, a link that says the language, a path `/en/`.
    pub fn languages(&self) -> Vec<(Language, Url)> {
        let mut found = super::facts::versions(self);
        for link in &self.dom.select("a[href]") {
            let Some(url) = link.attr("href").and_then(|href| self.address(&href)) else { continue };
            let title = link.attr("title").map(|title| title.to_string()).unwrap_or_default();
            let images: Vec<String> =
                link.select("img[alt]").iter().filter_map(|img| img.attr("alt").map(|alt| alt.to_string())).collect();
            let said = [link.text().to_string(), title].into_iter().chain(images).map(|text| folded(&text));
            let mut language = None;
            for text in said {
                language = language.or(match text.trim() {
                    "english" | "en" | "eng" | "tieng anh" | "english version" => Some(Language::En),
                    "tieng viet" | "vi" | "vn" | "vie" | "vietnamese" => Some(Language::Vi),
                    _ => None,
                });
            }
            let path = url.path().trim_matches('/').to_ascii_lowercase();
            let by_path = match path.as_str() {
                "en" | "en-us" | "eng" => Some(Language::En),
                "vi" | "vi-vn" | "vie" => Some(Language::Vi),
                _ => None,
            };
            if let Some(language) = language.or(by_path)
                && url.host_str().is_some()
                && !found.iter().any(|(known, _)| *known == language)
            {
                found.push((language, url));
            }
        }
        found.retain(|(_, url)| canonical::key(url) != canonical::key(&self.url));
        found
    }
}

fn is_menu(node: &NodeRef<'_>) -> bool {
    if node.has_name("nav") || node.attr("role").is_some_and(|role| role.as_ref() == "navigation") {
        return true;
    }
    let marks = ["class", "id"].iter().filter_map(|name| node.attr(name)).map(|value| value.to_ascii_lowercase());
    let marks = marks.collect::<Vec<_>>().join(" ");
    let is_menu = marks.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        matches!(word, "menu" | "navbar" | "mainmenu" | "topmenu" | "nav" | "navigation" | "menubar" | "mainnav")
    });
    is_menu && !marks.contains("footer") && !marks.contains("breadcrumb")
}

/// The addresses of a sitemap that others lie below: `/tin-tuc/` where there are `/tin-tuc/a.html`, `/tin-tuc/b.html` …
pub fn of_sitemap(text: &str) -> Vec<Url> {
    let all: Vec<Url> = text
        .split("<loc>")
        .skip(1)
        .take(5000)
        .filter_map(|rest| rest.split('<').next()?.trim().replace("&amp;", "&").parse().ok())
        .collect();
    let mut below: HashMap<String, usize> = HashMap::new();
    for url in &all {
        if let Some((above, last)) = url.path().trim_end_matches('/').rsplit_once('/')
            && !last.is_empty()
        {
            *below.entry(above.to_owned()).or_default() += 1;
        }
    }
    let mut found: Vec<Url> = all
        .into_iter()
        .filter(|url| {
            let stem = url.path().trim_end_matches('/');
            let stem = stem.strip_suffix(".html").unwrap_or(stem);
            !stem.is_empty() && below.get(stem).is_some_and(|count| *count >= BELOW)
        })
        .collect();
    found.truncate(20);
    found
}

/// Names of sections in both languages, unaccented: what says that two are the same.
const PAIRS: &[(&[&str], &[&str])] = &[
    (
        &["tin tuc", "tin tuc - su kien", "tin tuc su kien", "tin tuc va su kien"],
        &["news", "news - events", "news and events", "news & events"],
    ),
    (&["su kien"], &["events"]),
    (&["thoi su", "thoi su - chinh tri"], &["current affairs", "headlines"]),
    (&["thong bao"], &["announcements", "notices", "notifications", "announcement", "notice"]),
    (&["thong cao bao chi"], &["press releases", "press release"]),
    (&["chinh tri"], &["politics"]),
    (&["kinh te"], &["economy", "business", "economics"]),
    (&["xa hoi"], &["society", "social affairs"]),
    (&["van hoa"], &["culture"]),
    (&["van hoa - xa hoi", "van hoa xa hoi"], &["culture - society", "culture and society", "culture & society"]),
    (&["du lich"], &["tourism", "travel"]),
    (&["giao duc"], &["education"]),
    (&["y te", "suc khoe"], &["health"]),
    (&["the thao"], &["sports", "sport"]),
    (&["dau tu"], &["investment"]),
    (&["moi truong"], &["environment"]),
    (
        &["khoa hoc", "khoa hoc - cong nghe", "khoa hoc va cong nghe"],
        &["science", "science - technology", "science and technology"],
    ),
    (&["van ban", "van ban moi", "van ban phap luat"], &["documents", "legal documents"]),
    (
        &["quoc phong - an ninh", "quoc phong an ninh"],
        &["defence - security", "defense and security", "defence and security"],
    ),
    (&["doi ngoai"], &["foreign affairs", "external relations"]),
    (&["hoat dong lanh dao"], &["leaders' activities", "leadership activities"]),
    (&["the gioi", "tin quoc te", "quoc te"], &["world", "international", "world news"]),
];

/// Whether a Vietnamese and an English name mean the same section.
pub fn same_in_both(vi: &str, en: &str) -> bool {
    let spelled = |text: &str| folded(text).replace(['–', '—'], "-");
    let (vi, en) = (spelled(vi), spelled(en));
    PAIRS.iter().any(|(ours, theirs)| ours.contains(&vi.trim()) && theirs.contains(&en.trim()))
}

/// Whether two addresses differ in their language only: `/vi/x` and `/en/x`, or `/x` and `/en/x`.
pub fn same_but_language(one: &Url, other: &Url) -> bool {
    let without = |url: &Url| {
        let kept = |part: &&str| !matches!(*part, "vi" | "en" | "vi-vn" | "en-us" | "vn" | "");
        let path: Vec<&str> = url.path_segments().into_iter().flatten().filter(kept).collect();
        (path.join("/"), url.query().map(|query| query.replace("=vi", "=").replace("=en", "=")))
    };
    let (one, other) = (without(one), without(other));
    !(one.0.is_empty() && one.1.is_none()) && one == other
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::{Document, Room, Validators};

    #[test]
    fn a_front_page_tells_its_sections_and_languages() {
        let html = "<!doctype html><html><body><div class='top-menu menu'><ul><li><a href='/'>Trang chủ</a>\
            <li><a href='/tin-tuc/'>Tin tức</a><li><a href='/kinh-te'>Kinh tế</a><li><a href='/lien-he'>Liên hệ</a>\
            <li><a href='https://facebook.example/x'>Trang Facebook</a><li><a href='/a.pdf'>Lịch công tác</a></ul>\
            <a href='/en/'><img alt='English' src='en.png'></a></div><main><a href='/tin-tuc/bai-1.html'>Một bài viết dài về \
            tình hình kinh tế</a></main></body></html>";
        let signs = Signs::of(&Document {
            url: "https://a.example/".parse().unwrap(),
            media_type: String::new(),
            charset: None,
            bytes: html.as_bytes().to_vec(),
            validators: Validators::default(),
            date: None,
            moved: false,
            room: Room::default(),
        });
        let names: Vec<String> = signs.menu().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["Tin tức", "Kinh tế"]);
        assert_eq!(signs.languages(), [(Language::En, "https://a.example/en/".parse().unwrap())]);
        assert!(same_in_both("Tin tức - Sự kiện", "News and Events") && !same_in_both("Kinh tế", "Tourism"));
        let at = |path: &str| format!("https://a.example{path}").parse::<Url>().unwrap();
        assert!(same_but_language(&at("/vi/news/x/"), &at("/en/news/x/")) && !same_but_language(&at("/"), &at("/en/")));
    }

    #[test]
    fn a_sitemap_tells_what_lies_below() {
        let text: String = ["/", "/tin/", "/tin/a", "/tin/b", "/tin/c", "/lien-he"]
            .map(|p| format!("<url><loc>https://a.example{p}</loc></url>"))
            .concat();
        let found: Vec<String> = of_sitemap(&text).iter().map(|url| url.path().to_owned()).collect();
        assert_eq!(found, ["/tin/"]);
    }
}
