use proptest::prelude::*;

use super::*;
use crate::config::Section;
use crate::fetch::Validators;

const URL: &str = "https://tinh.example.vn/sitemap.xml";

fn read_bytes(url: &str, media_type: &str, bytes: &[u8]) -> Result<Listing, SourceError> {
    let document = Document {
        url: url.parse().unwrap(),
        media_type: media_type.to_owned(),
        charset: None,
        bytes: bytes.to_vec(),
        validators: Validators::default(),
        date: None,
        moved: false,
        room: crate::fetch::Room::default(),
    };
    let section = Section::for_tests("tin", url);
    crate::source::list(&document, Context { section: &section, now: "2026-11-22T10:00:00Z".parse().unwrap() })
}

fn read(xml: &str) -> Listing {
    read_bytes(URL, "application/xml", xml.as_bytes()).unwrap()
}

fn urls(listing: &Listing) -> Vec<&str> {
    listing.candidates.iter().map(|c| c.url.path()).collect()
}

const PAGES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="/main-sitemap.xsl"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://tinh.example.vn/</loc><lastmod>2026-11-22T09:00:00+07:00</lastmod></url>
<url><loc>https://tinh.example.vn/tin-tuc</loc></url>
<url><loc> https://tinh.example.vn/tin-tuc/cu-1.html </loc><lastmod>2026-11-01</lastmod></url>
<url><loc>https://tinh.example.vn/tin-tuc/moi-3.html?a=1&amp;b=2</loc><lastmod>2026-11-22T08:00:00+07:00</lastmod>
<image:image><image:loc>https://tinh.example.vn/anh/3.jpg</image:loc><image:title>Ảnh</image:title></image:image>
<image:image><image:loc>https://tinh.example.vn/anh/4.jpg</image:loc></image:image></url>
<url><loc>https://tinh.example.vn/tin-tuc/giua-2.html</loc><lastmod>2026-11-20</lastmod></url>
<url><loc>https://tinh.example.vn/anh/bia.jpg</loc></url>
<url><loc>javascript:alert(1)</loc></url>
</urlset>"#;

#[test]
fn a_sitemap_gives_its_articles_the_newest_first() {
    let listing = read(PAGES);
    assert_eq!(listing.kind, "sitemap");
    assert_eq!(
        urls(&listing),
        ["/tin-tuc/moi-3.html", "/tin-tuc/giua-2.html", "/tin-tuc/cu-1.html"],
        "{:?}",
        listing.why
    );
    let first = &listing.candidates[0];
    assert_eq!(first.url.query(), Some("a=1&b=2"));
    assert_eq!(first.image.as_ref().unwrap().as_str(), "https://tinh.example.vn/anh/3.jpg");
    assert_eq!(first.updated.as_ref().unwrap().at.to_text(), "2026-11-22T08:00:00+07:00");
    assert_eq!(first.published, None, "a date of change is no date of publication");
    assert_eq!(first.title, None, "a picture's title is not the article's");
}

#[test]
fn a_news_sitemap_gives_titles_and_dates() {
    let listing = read(
        r#"<s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">
<s:url><s:loc>https://tinh.example.vn/gioi-thieu</s:loc></s:url>
<s:url><s:loc>https://tinh.example.vn/a-1.html</s:loc><n:news><n:publication><n:name>Báo Tỉnh</n:name><n:language>vi</n:language></n:publication>
<n:publication_date>2026-11-21T22:40:00+07:00</n:publication_date><n:title><![CDATA[Cầu mới & đường mới]]></n:title><n:keywords>cầu, giao thông</n:keywords></n:news></s:url>
<s:url><s:loc>https://tinh.example.vn/b-2.html</s:loc><n:news><n:publication_date>2026-11-22</n:publication_date><n:title>L&#7877; h&#x1ED9;i &quot;lớn&quot;</n:title></n:news></s:url>
</s:urlset>"#,
    );
    assert_eq!(urls(&listing), ["/b-2.html", "/a-1.html"]);
    let [two, one] = listing.candidates.as_slice() else { panic!("{listing:?}") };
    assert_eq!(one.title.as_deref(), Some("Cầu mới & đường mới"));
    assert_eq!(one.published.as_ref().unwrap().at.to_text(), "2026-11-21T22:40:00+07:00");
    assert_eq!(one.tags, ["cầu", "giao thông"]);
    assert_eq!(two.title.as_deref(), Some("Lễ hội \"lớn\""));
    assert_eq!(two.published.as_ref().unwrap().at.to_text(), "2026-11-22");
}

#[test]
fn an_index_leads_to_the_sitemaps_of_articles_that_changed_last() {
    let index = |children: &[(&str, &str)]| {
        let inner: Vec<String> = children
            .iter()
            .map(|(name, date)| {
                let date = if date.is_empty() { String::new() } else { format!("<lastmod>{date}</lastmod>") };
                format!("<sitemap><loc>https://tinh.example.vn/{name}</loc>{date}</sitemap>")
            })
            .collect();
        read(&format!("<sitemapindex>{}</sitemapindex>", inner.concat()))
    };
    let followed = |listing: &Listing| listing.follow.iter().map(|u| u.path().to_owned()).collect::<Vec<_>>();
    let dated = index(&[
        ("post-sitemap.xml", "2024-01-01"),
        ("post-sitemap2.xml", "2025-01-01"),
        ("post-sitemap3.xml", "2026-11-20"),
        ("page-sitemap.xml", "2026-11-22"),
        ("category-sitemap.xml", "2026-11-22"),
        ("news-sitemap.xml", "2026-11-22"),
    ]);
    assert_eq!(followed(&dated), ["/news-sitemap.xml", "/post-sitemap3.xml", "/post-sitemap2.xml"]);
    assert!(!dated.follow_always);
    let undated = index(&[
        ("wp-sitemap-posts-post-1.xml", ""),
        ("wp-sitemap-posts-post-2.xml", ""),
        ("wp-sitemap-posts-page-1.xml", ""),
        ("wp-sitemap-users-1.xml", ""),
    ]);
    assert_eq!(followed(&undated), ["/wp-sitemap-posts-post-2.xml", "/wp-sitemap-posts-post-1.xml"]);
    assert!(undated.follow_always);
    let one = index(&[("sitemap.xml", ""), ("other.xml", "")]);
    assert_eq!(followed(&one), ["/other.xml"], "not itself");
}

#[test]
fn a_gzipped_sitemap_is_unpacked_and_a_bomb_is_bounded() {
    use std::io::Write as _;
    let pack = |text: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    };
    for media_type in ["application/x-gzip", "application/gzip", "application/xml", ""] {
        let listing = read_bytes(&format!("{URL}.gz"), media_type, &pack(PAGES.as_bytes())).unwrap();
        assert_eq!(listing.candidates.len(), 3, "{media_type}");
    }
    let bomb = pack(&vec![b' '; 64 * 1024 * 1024]);
    assert!(read_bytes(URL, "application/gzip", &bomb).is_err());
    assert!(read_bytes(URL, "application/gzip", &pack(&bomb)).is_err(), "packed twice");
}

#[test]
fn the_moment_of_making_is_no_date_of_a_page() {
    let one = |name: &str| {
        format!("<url><loc>https://tinh.example.vn/{name}</loc><lastmod>2026-11-22T09:00:07Z</lastmod></url>")
    };
    let listing = read(&format!("<urlset>{}{}{}</urlset>", one("a"), one("b"), one("c")));
    assert!(listing.candidates.iter().all(|c| c.updated.is_none()), "{:?}", listing.why);
}

#[test]
fn an_endless_sitemap_is_bounded_at_both_ends() {
    let many: Vec<String> =
        (0..300).map(|n| format!("<url><loc>https://tinh.example.vn/bai-{n}</loc></url>")).collect();
    let listing = read(&format!("<urlset>{}</urlset>", many.concat()));
    assert_eq!(listing.candidates.len(), MOST);
    assert_eq!(listing.candidates[0].url.path(), "/bai-0");
    assert_eq!(listing.candidates[MOST - 1].url.path(), "/bai-299");
}

#[test]
fn what_explodes_is_refused_and_what_is_cut_off_is_read() {
    let laughs = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><urlset><url><loc>&b;</loc></url></urlset>";
    let error = read_bytes(URL, "text/xml", laughs.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("document type"), "{error}");
    let deep = format!("<urlset>{}", "<a>".repeat(10_000));
    assert!(read_bytes(URL, "text/xml", deep.as_bytes()).unwrap_err().to_string().contains("deeper"));
    let cut = "<urlset><url><loc>https://tinh.example.vn/a&b</loc></url><url><loc>https://tinh.exam";
    assert_eq!(urls(&read(cut)), ["/a&b"]);
}

proptest! {
    #[test]
    fn rubbish_is_no_panic(body in "[a-z<>/&;\"= !\\[\\]\u{e0}-\u{1ef9}]{0,200}") {
        let _ = read_bytes(URL, "text/xml", format!("<urlset><url><loc>{body}").as_bytes());
        let _ = read_bytes(URL, "text/xml", format!("<sitemapindex>{body}").as_bytes());
    }
}
