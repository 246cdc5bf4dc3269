//! What a page or feed says of itself: its name, its language, its versions in other languages. What a section of the
//! configuration is named after.

use url::Url;

use super::Signs;
use crate::article::text::{match_key, one_line};
use crate::config::Language;
use crate::fetch::{Document, bound};
use crate::source::plain;

/// What a document says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The name of the section.
    pub name: Option<String>,
    /// The name of the site.
    pub site: Option<String>,
    /// Its language.
    pub language: Option<Language>,
    /// The same in other languages.
    pub versions: Vec<(Language, Url)>,
}

/// The longest name of a section.
const LONGEST: usize = 80;
/// From how many letters on a text shows its language.
const ENOUGH: usize = 40;

impl Facts {
    /// Reads what a document says; `titles` are those of the articles it lists.
    pub fn of(document: &Document, titles: &[String]) -> Self {
        let head = String::from_utf8_lossy(document.bytes.get(..2048).unwrap_or(&document.bytes)).to_ascii_lowercase();
        let is_page = head.contains("<html") || head.contains("<!doctype html") || document.media_type.contains("html");
        let mut facts = if is_page { of_page(&Signs::of(document)) } else { of_feed(&document.text()) };
        // What the articles are written in counts more than what a template says.
        facts.language = spoken(titles).or(facts.language);
        facts
    }
}

fn of_page(signs: &Signs) -> Facts {
    let said = |text: &str| Some(plain::of_html(text)).filter(|text| !text.is_empty());
    let property = |name: &str| {
        let meta = signs.dom.select_single(&format!("meta[property='{name}'][content]"));
        meta.attr("content").and_then(|content| said(&content))
    };
    let title = said(&signs.dom.select_single("title").text()).unwrap_or_default();
    let site = property("og:site_name");
    let is_site = |text: &str| site.as_deref().is_some_and(|site| match_key(site) == match_key(text));
    let parts: Vec<String> = parts(&title).into_iter().filter(|part| !is_site(part)).collect();
    let headings: Vec<String> =
        signs.dom.select("h1").iter().filter_map(|h1| said(&h1.text())).filter(|text| !is_site(text)).collect();
    let shared = headings.iter().find(|heading| parts.iter().any(|part| match_key(part) == match_key(heading)));
    let name = shared.cloned().or_else(|| parts.first().cloned()).or_else(|| headings.first().cloned());
    let lang = signs.dom.select_single("html").attr("lang").map(|lang| lang.to_string());
    let language = lang
        .or_else(|| property("og:locale"))
        .or_else(|| {
            signs.dom.select_single("meta[http-equiv='content-language' i]").attr("content").map(|c| c.to_string())
        })
        .and_then(|tag| Language::from_tag(tag.trim()));
    Facts {
        name: name.map(|name| short(&name)),
        site: site.or_else(|| last_part(&title)),
        language,
        versions: versions(signs),
    }
}

/// The title's parts, as sites string them together.
fn parts(title: &str) -> Vec<String> {
    let mut rest = vec![title.to_owned()];
    for separator in [" | ", " :: ", " » ", " – ", " — "] {
        if title.contains(separator) {
            rest = title.split(separator).map(one_line).collect();
            break;
        }
    }
    // A hyphen may be part of the name ("Tin tức - Sự kiện"); only what follows the last one is the site's.
    if let [whole] = rest.as_slice()
        && let Some((name, site)) = whole.rsplit_once(" - ")
        && site.chars().count() >= 3
    {
        return vec![one_line(name), one_line(site)];
    }
    rest.into_iter().filter(|part| !part.is_empty()).collect()
}

fn last_part(title: &str) -> Option<String> {
    let parts = parts(title);
    parts.last().filter(|_| parts.len() > 1).cloned()
}

fn of_feed(text: &str) -> Facts {
    let head: &str =
        ["<item", "<entry", "\"items\""].iter().find_map(|start| Some(text.split_once(start)?.0)).unwrap_or(text);
    let title = head
        .split_once("<title")
        .and_then(|(_, rest)| rest.split_once('>'))
        .and_then(|(_, rest)| rest.split_once("</title"))
        .map(|(title, _)| title.replace("<![CDATA[", "").replace("]]>", ""))
        .or_else(|| {
            let value = bound::json(text).ok()?;
            Some(value.get("title")?.as_str()?.to_owned())
        });
    let language = head
        .split_once("<language>")
        .and_then(|(_, rest)| rest.split_once('<'))
        .and_then(|(tag, _)| Language::from_tag(tag.trim()))
        .or_else(|| Language::from_tag(head.split_once("xml:lang=\"")?.1.split('"').next()?));
    let title = title.map(|title| plain::of_html(&title)).filter(|title| !title.is_empty());
    let site = title.as_deref().and_then(last_part);
    let name = title.map(|title| short(&parts(&title).into_iter().next().unwrap_or(title)));
    Facts { name, site, language, versions: Vec::new() }
}

/// The versions of the page in other languages: `hreflang`, in the head or on a link.
pub(super) fn versions(signs: &Signs) -> Vec<(Language, Url)> {
    let mut found: Vec<(Language, Url)> = Vec::new();
    for link in &signs.dom.select("link[hreflang][href], a[hreflang][href]") {
        let language = link.attr("hreflang").and_then(|tag| Language::from_tag(tag.trim()));
        let url = link.attr("href").and_then(|href| signs.address(&href));
        if let (Some(language), Some(url)) = (language, url)
            && !found.iter().any(|(known, _)| *known == language)
        {
            found.push((language, url));
        }
    }
    found
}

fn short(name: &str) -> String {
    crate::article::text::shorten(name, LONGEST)
}

/// The language that texts are written in, as far as their letters tell.
pub fn spoken(texts: &[String]) -> Option<Language> {
    let letters = texts.iter().flat_map(|text| text.chars()).filter(|c| c.is_alphabetic());
    let (mut all, mut marked) = (0usize, 0usize);
    for letter in letters {
        all += 1;
        let vietnamese =
            matches!(letter, 'ă' | 'Ă' | 'đ' | 'Đ' | 'ơ' | 'Ơ' | 'ư' | 'Ư' | 'â' | 'ê' | 'ô' | 'Â' | 'Ê' | 'Ô')
                || ('\u{1EA0}'..='\u{1EF9}').contains(&letter);
        marked += usize::from(vietnamese);
    }
    match all {
        0..ENOUGH => None,
        _ if marked * 100 > all * 8 => Some(Language::Vi),
        _ if marked * 200 < all => Some(Language::En),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::{Room, Validators};

    fn facts(media_type: &str, text: &str) -> Facts {
        let document = Document {
            url: "https://a.example/tin-tuc/".parse().unwrap(),
            media_type: media_type.into(),
            charset: None,
            bytes: text.as_bytes().to_vec(),
            validators: Validators::default(),
            date: None,
            moved: false,
            room: Room::default(),
        };
        Facts::of(&document, &[])
    }

    #[test]
    fn a_section_is_named_after_its_heading_or_title() {
        for (html, name) in [
            ("<title>Kinh tế | Cổng thông tin</title><h1>Kinh tế</h1>", "Kinh tế"),
            ("<title>Tin tức - Sự kiện - Cổng thông tin tỉnh</title>", "Tin tức - Sự kiện"),
            ("<title>Cổng tỉnh | Thông báo</title><meta property='og:site_name' content='Cổng tỉnh'>", "Thông báo"),
            ("<title>News | The Province</title><h1>News</h1>", "News"),
            ("<h1>Văn bản mới</h1>", "Văn bản mới"),
        ] {
            let html = format!("<!doctype html><html lang=vi>{html}</html>");
            assert_eq!(facts("text/html", &html).name.as_deref(), Some(name), "{html}");
            assert_eq!(facts("text/html", &html).language, Some(Language::Vi));
        }
        let feed =
            "<rss version='2.0'><channel><title><![CDATA[Kinh tế - Báo A]]></title><language>vi-VN</language><item>";
        assert_eq!(facts("text/xml", feed).name.as_deref(), Some("Kinh tế"));
        let pair = "<!doctype html><html><link rel=alternate hreflang=en href=/en/news>";
        assert_eq!(facts("text/html", pair).versions, [(Language::En, "https://a.example/en/news".parse().unwrap())]);
    }

    #[test]
    fn titles_show_their_language() {
        let vi = ["Hội nghị tổng kết công tác phòng, chống thiên tai và tìm kiếm cứu nạn năm 2026".to_owned()];
        let en = ["Province opens its third bridge across the river after two years of construction".to_owned()];
        assert_eq!(
            (spoken(&vi), spoken(&en), spoken(&["A".to_owned()])),
            (Some(Language::Vi), Some(Language::En), None)
        );
    }
}
