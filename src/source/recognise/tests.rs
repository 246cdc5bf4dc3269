//! Which ways a page leads to, and which of them are the section's.

use url::Url;

use super::{Scope, Signs, judge, scope};
use crate::article::Candidate;
use crate::fetch::{Document, Room, Validators};

fn page(url: &str, html: &str) -> Signs {
    Signs::of(&Document {
        url: url.parse().unwrap(),
        media_type: "text/html".into(),
        charset: None,
        bytes: html.as_bytes().to_vec(),
        validators: Validators::default(),
        date: None,
        moved: false,
        room: Room::default(),
    })
}

fn ways(url: &str, html: &str, sure: bool) -> Vec<String> {
    let count = if sure { 9 } else { 0 };
    let base: Url = url.parse().unwrap();
    let origin = base.origin().ascii_serialization();
    page(url, html).proposals(count, sure).iter().map(|p| p.url.as_str().replacen(&origin, "", 1)).collect()
}

fn list(numbers: impl IntoIterator<Item = usize>) -> Vec<Candidate> {
    numbers.into_iter().map(|n| Candidate::of(format!("https://a.example/tin/{n}.html").parse().unwrap())).collect()
}

#[test]
fn the_section_s_own_feed_comes_before_the_site_s() {
    let html = r#"<head><link rel="alternate" type="application/rss+xml" title="Cổng" href="/feed/">
        <link rel="alternate" type="application/rss+xml" title="Cổng - Dòng bình luận" href="/comments/feed/">
        <link rel="alternate" type="application/rss+xml" title="Kinh tế" href="/kinh-te/feed/"></head>"#;
    assert_eq!(ways("https://a.example/kinh-te/", html, true), ["/kinh-te/feed/", "/feed/"]);
}

#[test]
fn known_systems_have_their_feeds() {
    let generator = |name: &str| format!("<meta name=\"Generator\" content=\"{name}\">");
    let nuke = ways("https://a.example/vi/news/tin-tuc/", &generator("NukeViet v4.5"), true);
    assert_eq!(nuke, ["/vi/news/rss/tin-tuc/", "/vi/news/tin-tuc/rss/"]);
    let joomla = ways("https://a.example/tin-tuc", &generator("Joomla! - Open Source"), true);
    assert_eq!(joomla, ["/tin-tuc?format=feed&type=rss"]);
    let ghost = ways("https://a.example/tag/news/", &generator("Ghost 5.8"), true);
    assert_eq!(ghost, ["/tag/news/rss/", "/rss/"]);
    let liferay = ways(
        "https://a.example/web/guest/tin-tuc",
        "<a href='?p_p_id=com_liferay_asset_publisher_web_portlet_AssetPublisherPortlet_INSTANCE_aBcD1234&x=1'>2</a>",
        true,
    );
    assert_eq!(liferay, ["/web/guest/tin-tuc/-/asset_publisher/aBcD1234/rss"]);
    let wordpress = r#"<link rel="https://api.w.org/" href="https://a.example/wp-json/">
        <link rel="alternate" type="application/json" href="https://a.example/wp-json/wp/v2/categories/12">"#;
    let wordpress = ways("https://a.example/category/tin/", wordpress, true);
    assert_eq!(wordpress, ["/category/tin/feed/", "/wp-json/wp/v2/posts?categories=12&per_page=20&_embed=1"]);
    assert_eq!(ways("https://a.example/tin/", "<p>Không có gì</p>", true), [""; 0], "a sure list of nobody known");
    assert!(!ways("https://a.example/tin/", "<p>Không có gì</p>", false).is_empty(), "guesses where nothing is listed");
}

#[test]
fn an_address_tells_whose_a_feed_is() {
    for (section, feed, expected) in [
        ("/tin-tuc", "/rss.xml", Scope::Site),
        ("/tin-tuc", "/feed/", Scope::Site),
        ("/tin-tuc", "/rss/home.rss", Scope::Site),
        ("/tin-tuc", "/tin-tuc/rss.xml", Scope::Own),
        ("/tin-tuc/", "/rss/tin-tuc/", Scope::Own),
        ("/thoi-su.html", "/rss/thoi-su.rss", Scope::Own),
        ("/tin-tuc", "/rss/123/tin.rss", Scope::Named),
        ("/tin-tuc", "/tin-tuc-khac/rss", Scope::Named),
        ("/", "/feed/", Scope::Site),
    ] {
        let at = |path: &str| format!("https://a.example{path}").parse::<Url>().unwrap();
        assert_eq!(scope(&at(section), &at(feed)), expected, "{section} {feed}");
    }
}

#[test]
fn a_site_wide_feed_is_not_the_section_s() {
    let at = |path: &str| format!("https://a.example{path}").parse::<Url>().unwrap();
    let (section, site) = (at("/kinh-te"), at("/rss.xml"));
    let page = list(1..=12);
    let wide: Vec<Candidate> = list([1, 100, 101, 2, 102, 103, 3, 104, 105, 106]);
    let refused = judge(&section, &page, &site, &wide).unwrap_err();
    assert!(refused.contains("whole site"), "{refused}");
    assert!(judge(&section, &page, &at("/kinh-te/rss"), &wide).is_err(), "by its content, not by its name");
    let same = judge(&section, &page, &site, &list(1..=10)).unwrap();
    assert!(same.shared, "it is taken, and watched");
    let own = judge(&section, &page, &at("/kinh-te/rss"), &list(1..=10)).unwrap();
    assert!(!own.shared && own.confidence == 100, "{own:?}");
    assert!(!judge(&at("/"), &page, &site, &list(1..=10)).unwrap().shared, "a front page has the site's feed");
    assert!(judge(&section, &page, &at("/kinh-te/rss"), &[]).is_err());
    assert!(judge(&section, &page, &at("/kinh-te/rss"), &list(8..=12)).unwrap_err().contains("behind"));
    assert!(judge(&section, &[], &site, &wide).is_ok(), "a page without a list has nothing to hold against it");
}
