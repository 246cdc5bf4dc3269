//! The words by which parts of a page are known: classes and headings of boxes that are no list of articles,
//! links that only say "more", fields' class names in English and (often unaccented) Vietnamese.

use crate::article::text::folded;

/// Class or id words of parts that hold no list of articles at all.
pub const CHROME: &[&str] = &[
    "nav",
    "navbar",
    "menu",
    "mainmenu",
    "submenu",
    "topmenu",
    "megamenu",
    "menusite",
    "breadcrumb",
    "breadcrumbs",
    "footer",
    "siteheader",
    "topbar",
    "pagination",
    "pager",
    "paging",
    "pagenav",
    "phantrang",
    "tagcloud",
    "tags",
    "social",
    "share",
    "sharing",
    "language",
    "languages",
    "lang",
    "toolbar",
    "cookie",
    "cookies",
    "modal",
    "copyright",
    "weblink",
    "weblinks",
    "lienket",
    "login",
    "banner",
    "ads",
    "advert",
    "quangcao",
    "poll",
    "comments",
    "skiplink",
    "skip",
];
/// Class or id words of boxes beside the list: articles, but not this list.
pub const ASIDE: &[&str] = &[
    "sidebar",
    "aside",
    "widget",
    "mostread",
    "mostviewed",
    "popular",
    "trending",
    "related",
    "recommend",
    "recommended",
    "recommendations",
    "xemnhieu",
    "docnhieu",
    "tinxemnhieu",
    "tindocnhieu",
    "tinlienquan",
    "lienquan",
    "rightcol",
    "colright",
    "rightcolumn",
    "ticker",
    "marquee",
    "tinkhac",
    "hotnews",
    "weather",
    "carousel",
    "slider",
    "slideshow",
    "slick",
    "swiper",
    "owl",
    "gallery",
    "video",
    "videos",
    "sponsored",
];
/// Headings of such boxes, unaccented.
const ASIDE_HEADINGS: &[&str] = &[
    "tin xem nhieu",
    "xem nhieu",
    "doc nhieu",
    "tin doc nhieu",
    "duoc xem nhieu",
    "duoc quan tam",
    "tin lien quan",
    "bai lien quan",
    "lien ket",
    "lien ket website",
    "tham do",
    "chuyen muc",
    "danh muc",
    "chu de",
    "tu khoa",
    "most read",
    "most popular",
    "most viewed",
    "most watched",
    "popular",
    "trending",
    "related",
    "recommended",
    "you may also like",
    "you might also like",
    "categories",
    "tags",
    "archives",
    "recent comments",
    "binh luan",
    "quang cao",
    "must read",
    "follow us",
    "quick links",
    "su kien sap toi",
    "lich su kien",
    "upcoming events",
    "events calendar",
    "video",
    "thu vien anh",
    "in pictures",
    "multimedia",
    "sponsored",
    "from our partners",
    "noi bat nhat",
    "from the archive",
    "top stories",
    "top news",
];
/// Headings under which a list goes on.
const CONTINUED: &[&str] = &[
    "cac tin khac",
    "tin khac",
    "cac bai khac",
    "bai viet khac",
    "tin bai khac",
    "cac tin da dua",
    "tin da dua",
    "cac tin bai da dua",
    "cac tin cu hon",
    "tin cu hon",
    "tin cung chuyen muc",
    "cac tin tiep theo",
    "tin tiep theo",
    "other news",
    "other articles",
    "other stories",
    "more news",
    "more stories",
    "more articles",
    "more from this section",
    "older",
    "earlier",
    "previous news",
];
/// Bytes beyond which a text says something else than "more".
const LONGEST_MORE: usize = 80;
/// Links that lead to the article but are no title.
const MORE: &[&str] = &[
    "xem them",
    "doc them",
    "xem tiep",
    "doc tiep",
    "chi tiet",
    "xem chi tiet",
    "read more",
    "read on",
    "more",
    "continue reading",
    "learn more",
    "details",
    "view more",
    "full story",
    "xem tat ca",
    "see all",
    "view all",
    "tiep tuc doc",
];
const DATE: &[&str] = &[
    "date",
    "time",
    "ngay",
    "datetime",
    "timestamp",
    "posted",
    "published",
    "postdate",
    "pubdate",
    "thoigian",
    "meta",
    "ngaydang",
    "lblngaydang",
    "clock",
    "entrydate",
    "createddate",
];
const LEAD: &[&str] = &[
    "lead",
    "sapo",
    "summary",
    "desc",
    "description",
    "excerpt",
    "intro",
    "introtext",
    "hometext",
    "mota",
    "tomtat",
    "trichyeu",
    "teaser",
    "abstract",
    "snippet",
    "lbltomtat",
    "standfirst",
    "dek",
    "blurb",
];
const TITLE: &[&str] = &["title", "headline", "heading", "tieude", "name", "lbltieude"];

/// The words of a class or id attribute: `story__heading`, `lblNgayDang` and `tin-xem-nhieu` in small letters, whole
/// and cut at `-`, `_` and capitals.
pub fn tokens(attribute: &str) -> Vec<String> {
    let mut out = Vec::new();
    for name in attribute.split_ascii_whitespace() {
        let mut parts: Vec<String> = Vec::new();
        let mut after_small = false;
        for c in name.chars() {
            if matches!(c, '-' | '_' | ':' | '.') {
                parts.push(String::new());
                after_small = false;
                continue;
            }
            if parts.is_empty() || (c.is_uppercase() && after_small) {
                parts.push(String::new());
            }
            after_small = c.is_lowercase();
            if let Some(part) = parts.last_mut() {
                part.extend(c.to_lowercase());
            }
        }
        // `has-sidebar`, `no-sidebar` say something of the page, not of this part; page builders call all a widget.
        let about_page = ["has", "no", "with", "without", "is", "elementor"];
        if parts.first().is_some_and(|first| about_page.contains(&first.as_str())) {
            continue;
        }
        out.push(parts.concat());
        if parts.len() > 1 {
            out.extend(parts);
        }
    }
    out
}

fn any(attribute: &str, known: &[&str]) -> Option<String> {
    tokens(attribute).into_iter().find(|token| known.contains(&token.as_str()))
}

/// The word that says that a part is chrome of the page.
pub fn chrome(attribute: &str) -> Option<String> {
    any(attribute, CHROME)
}

/// The word that says that a part stands beside the list.
pub fn aside(attribute: &str) -> Option<String> {
    any(attribute, ASIDE)
}

pub fn is_date(attribute: &str) -> bool {
    any(attribute, DATE).is_some()
}

pub fn is_lead(attribute: &str) -> bool {
    any(attribute, LEAD).is_some()
}

pub fn is_title(attribute: &str) -> bool {
    any(attribute, TITLE).is_some()
}

/// Whether a heading says that its box is another list.
pub fn is_aside_heading(text: &str) -> bool {
    let folded = folded(text);
    let folded = folded.trim_matches(|c: char| !c.is_alphanumeric());
    folded.chars().count() <= 40
        && ASIDE_HEADINGS.iter().any(|known| folded == *known || folded.starts_with(&format!("{known} ")))
}

/// Whether a heading says that the list goes on below it.
pub fn is_continued(text: &str) -> bool {
    let folded = folded(text);
    let folded = folded.trim_matches(|c: char| !c.is_alphanumeric());
    folded.chars().count() <= 40 && CONTINUED.iter().any(|known| folded.starts_with(known))
}

/// Whether a link's text begins as those that say "more", as in "Read more: title".
pub fn says_more(text: &str) -> bool {
    folded_says_more(&folded(text))
}

/// The same of a text in small letters without accents.
pub fn folded_says_more(folded: &str) -> bool {
    let folded = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    MORE.iter().any(|more| {
        more.len() > 4
            && folded
                .strip_prefix(more)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '.', ' ', '\u{bb}', '>']))
    })
}

/// Whether a link's text only says "more".
pub fn is_more(text: &str) -> bool {
    if text.len() > LONGEST_MORE {
        return false;
    }
    let folded = folded(text);
    let folded = folded.trim_matches(|c: char| !c.is_alphanumeric());
    MORE.contains(&folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_cut_into_words() {
        let words = tokens("story__heading lblNgayDang");
        assert_eq!(words, ["storyheading", "story", "", "heading", "lblngaydang", "lbl", "ngay", "dang"]);
        assert!(aside("has-sidebar").is_none() && aside("right-sidebar").is_some());
        assert!(is_date("lblNgayDang") && is_lead("story__summary") && chrome("tin-tuc").is_none());
        assert!(
            is_aside_heading("Tin xem nhiều")
                && is_aside_heading("Most read »")
                && !is_aside_heading("Tin tức - Sự kiện")
        );
        assert!(is_more("Xem thêm »") && is_more("Đọc tiếp") && !is_more("Xem thêm một cây cầu được khánh thành"));
    }
}
