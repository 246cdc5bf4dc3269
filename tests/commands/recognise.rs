//! A section is recognised from its address: the real binary against sites laid out as known systems do it. What is
//! chosen, what is refused, what a quiet cycle costs, and that a change of way neither floods nor duplicates.

use serde_json::Value;

use crate::harness::proof::Proof;
use crate::harness::{Bantin, Config, Database, FakeTelegram};
use crate::made::{Made, listing, rss, title_of};

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"))
}

/// A configuration with one section and nothing but its address.
async fn config(url: &str, keys: &str) -> Config {
    let section = format!("[section.tin]\nname = \"Tin\"\nurl = \"{url}\"\nschedule = \"1s\"\n{keys}\n");
    Config::new(&Database::chosen().await.left()).raw(&section)
}

async fn inspected(bantin: &Bantin, url: &str) -> Value {
    let said = bantin.command(&["inspect", "section", url, "--json"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    parsed(&said.out)
}

fn why(listing: &Value) -> String {
    listing["why"].to_string()
}

async fn articles(bantin: &Bantin) -> Vec<String> {
    let said = bantin.command(&["articles", "list", "tin", "--limit", "100", "--json"]).await;
    let rows = parsed(&said.out);
    let mut titles: Vec<String> = rows
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| row["title"].as_str().unwrap_or_default().to_owned())
        .collect();
    titles.sort();
    titles
}

const NUMBERS: [usize; 12] = [112, 111, 110, 109, 108, 107, 106, 105, 104, 103, 102, 101];

/// A category as WordPress lays it out: its own feed, the site's, and that of comments.
async fn wordpress() -> Made {
    let site = Made::start().await;
    let head = "<meta name=\"generator\" content=\"WordPress 6.6\">\n\
        <link rel=\"alternate\" type=\"application/rss+xml\" title=\"Cổng\" href=\"/feed/\">\n\
        <link rel=\"alternate\" type=\"application/rss+xml\" title=\"Bình luận\" href=\"/comments/feed/\">\n\
        <link rel=\"alternate\" type=\"application/rss+xml\" title=\"Tin\" href=\"/chuyen-muc/tin/feed/\">";
    site.articles(90..=140);
    site.page("/chuyen-muc/tin/", listing("vi", head, "Tin hoạt động", &NUMBERS, ""));
    site.put("/chuyen-muc/tin/feed/", "application/rss+xml", rss(&site.url, "Tin", &NUMBERS[..10], ""));
    site.put("/feed/", "application/rss+xml", rss(&site.url, "Cổng", &[140, 139, 112, 138, 137, 111, 136], ""));
    site
}

#[tokio::test(flavor = "multi_thread")]
async fn a_category_is_looked_at_by_its_own_feed_and_remembered() {
    let site = wordpress().await;
    let page = format!("{}/chuyen-muc/tin/", site.url);
    let bantin = Bantin::new(&config(&page, "").await);
    let seen = inspected(&bantin, &page).await;
    assert_eq!((&seen["source"], seen["items"].as_array().map(Vec::len)), (&"feed".into(), Some(10)), "{seen:#}");
    assert!(why(&seen).contains("/chuyen-muc/tin/feed/") && why(&seen).contains("the page names it"), "{seen:#}");
    assert!(!why(&seen).contains("/comments/"), "feeds of comments are not even tried: {seen:#}");

    assert_eq!(bantin.command(&["once"]).await.code, 0);
    assert_eq!(articles(&bantin).await.len(), 10);
    let (pages, feeds) = (site.asked("/chuyen-muc/tin/"), site.asked("/chuyen-muc/tin/feed/"));
    // Another process: what was recognised is remembered, and a look without news is one conditional request.
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    assert_eq!(site.asked("/chuyen-muc/tin/"), pages, "the page is not asked any more");
    assert_eq!(site.asked("/chuyen-muc/tin/feed/"), feeds + 1);
    assert_eq!(site.unchanged("/chuyen-muc/tin/feed/"), 1, "answered with 304");
    Proof::new("a section is recognised from its address").ran(1, "WordPress");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_feed_leads_back_to_the_page_without_a_flood() {
    let site = wordpress().await;
    let telegram = FakeTelegram::start();
    let page = format!("{}/chuyen-muc/tin/", site.url);
    let own = config(&page, "telegram = \"@kenh\"\nguard = \"off\"").await.telegram(&telegram);
    let bantin = Bantin::new(&own);
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    let before = articles(&bantin).await;
    // The feed goes; the page has one new article, and two old ones that the feed never had.
    site.remove("/chuyen-muc/tin/feed/");
    let numbers: Vec<usize> = std::iter::once(113).chain(NUMBERS).collect();
    site.page("/chuyen-muc/tin/", listing("vi", "", "Tin hoạt động", &numbers, ""));
    let said = bantin.command(&["once"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("is gone"), "told once: {said:?}");
    let after = articles(&bantin).await;
    assert_eq!(after.len(), before.len() + 3, "no article twice: {after:#?}");
    assert!(after.contains(&title_of(113)) && after.contains(&title_of(101)));
    let journal = telegram.journal().await;
    assert_eq!(journal.len(), 1, "only what is new is posted: {journal:#?}");
    assert!(journal[0].to_string().contains("0113"), "{journal:#?}");
    let said = bantin.command(&["once"]).await;
    assert!(said.code == 0 && !said.err.contains("is gone"), "once, not again: {said:?}");
    assert_eq!(telegram.journal().await.len(), 1, "no edits either");
    Proof::new("a change of way pushes nothing old").ran(1, "a feed that went");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_wide_feed_is_not_the_section_s() {
    let site = Made::start().await;
    site.articles(90..=140);
    let head = "<link rel=\"alternate\" type=\"application/rss+xml\" href=\"/rss.xml\">";
    site.page("/kinh-te", listing("vi", head, "Kinh tế", &NUMBERS, ""));
    site.put("/rss.xml", "text/xml", rss(&site.url, "Cổng", &[140, 139, 112, 138, 137, 111, 136, 135, 110, 134], ""));
    let page = format!("{}/kinh-te", site.url);
    let bantin = Bantin::new(&config(&page, "").await);
    let seen = inspected(&bantin, &page).await;
    assert_eq!(seen["source"], "html", "{seen:#}");
    assert!(why(&seen).contains("refused") && why(&seen).contains("whole site"), "{seen:#}");
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    assert!(!articles(&bantin).await.contains(&title_of(140)), "nothing of other sections");
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    assert_eq!(site.unchanged("/kinh-te"), 1, "one conditional request a look");
    Proof::new("a section is recognised from its address").ran(1, "a site-wide feed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_feed_is_given_up_when_it_brings_other_sections() {
    let site = Made::start().await;
    site.articles(90..=140);
    let head = "<link rel=\"alternate\" type=\"application/rss+xml\" href=\"/rss.xml\">";
    site.page("/tin", listing("vi", head, "Tin", &NUMBERS, ""));
    site.put("/rss.xml", "text/xml", rss(&site.url, "Cổng", &NUMBERS, ""));
    let page = format!("{}/tin", site.url);
    let bantin = Bantin::new(&config(&page, "").await);
    assert_eq!(inspected(&bantin, &page).await["source"], "feed", "as long as there is one section only");
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    // Another section opens, and the site's feed brings both.
    let numbers: Vec<usize> = std::iter::once(130).chain(NUMBERS).collect();
    site.put("/rss.xml", "text/xml", rss(&site.url, "Cổng", &numbers, ""));
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    assert!(!articles(&bantin).await.contains(&title_of(130)), "the page has the last word");
}

#[tokio::test(flavor = "multi_thread")]
async fn systems_are_known_by_their_marks() {
    let site = Made::start().await;
    let head = "<meta name=\"generator\" content=\"NukeViet v4.5\">";
    site.page("/vi/news/tin-tuc/", listing("vi", head, "Tin tức", &NUMBERS, ""));
    site.put("/vi/news/rss/tin-tuc/", "text/xml", rss(&site.url, "Tin tức", &NUMBERS, ""));
    let head = "<meta name=\"generator\" content=\"Joomla! - Open Source Content Management\">";
    site.page("/thong-bao", listing("vi", head, "Thông báo", &NUMBERS, ""));
    site.put("/thong-bao?format=feed&type=rss", "application/rss+xml", rss(&site.url, "Thông báo", &NUMBERS, ""));
    let bantin = Bantin::new(&config(&site.url, "").await);
    for (path, feed) in
        [("/vi/news/tin-tuc/", "/vi/news/rss/tin-tuc/"), ("/thong-bao", "/thong-bao?format=feed&type=rss")]
    {
        let seen = inspected(&bantin, &format!("{}{path}", site.url)).await;
        assert_eq!(seen["source"], "feed", "{seen:#}");
        assert!(why(&seen).contains(feed), "{seen:#}");
    }
    // A pinned page stays a page, a pinned feed that is not there is an error in words.
    let pinned = Bantin::new(&config(&format!("{}/thong-bao", site.url), "source = \"html\"").await);
    assert_eq!(inspected(&pinned, "tin").await["source"], "html");
    site.page("/khong-co", listing("vi", "", "Không", &NUMBERS, ""));
    let none = Bantin::new(&config(&format!("{}/khong-co", site.url), "source = \"feed\"").await);
    let said = none.command(&["once"]).await;
    assert!(said.code == 1 && said.err.contains("source = \"feed\""), "{said:?}");
    Proof::new("a section is recognised from its address").ran(2, "NukeViet, Joomla");
}

#[tokio::test(flavor = "multi_thread")]
async fn add_shows_what_it_understood_and_keeps_the_file() {
    let site = wordpress().await;
    let bantin = Bantin::new(&config(&format!("{}/khac", site.url), "# a comment that stays").await);
    let before = std::fs::read_to_string(bantin.path("config.toml")).expect("the file");
    let page = format!("{}/chuyen-muc/tin/", site.url);
    let said = bantin.command(&["add", &page, "--dry-run"]).await;
    assert!(said.code == 0 && said.out.contains("[section.tin-2]"), "a slug of its own: {said:?}");
    assert_eq!(std::fs::read_to_string(bantin.path("config.toml")).expect("the file"), before);
    let said = bantin.command(&["add", &page, "--yes", "--slug", "hoat-dong"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.starts_with("feed · 10 articles · 100 % (sure)"), "{said:?}");
    assert_eq!(said.out.matches("Bản tin số").count(), 5, "five articles are shown: {said:?}");
    assert!(said.err.contains("bantin preview hoat-dong"), "what to do next: {said:?}");
    let after = std::fs::read_to_string(bantin.path("config.toml")).expect("the file");
    let added = after.strip_prefix(before.as_str()).expect("what stood there stays byte for byte");
    let lines: Vec<&str> = added.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines, ["[section.hoat-dong]", "name = \"Tin hoạt động\"", format!("url = \"{page}\"").as_str()]);
    assert_eq!(bantin.command(&["check", "--offline"]).await.code, 0, "{after}");
    let said = bantin.command(&["add", &page]).await;
    assert!(said.code == 1 && said.err.contains("hoat-dong"), "once is enough: {said:?}");
    // A page in English is said to be so.
    site.page("/en/news", listing("en", "", "News", &NUMBERS, ""));
    let said = bantin.command(&["add", &format!("{}/en/news", site.url), "--json", "--telegram", "@example_tin"]).await;
    let answer = parsed(&said.out);
    assert_eq!(
        (&answer["slug"], &answer["language"], &answer["written"]),
        (&"news".into(), &"en".into(), &true.into())
    );
    assert!(answer["toml"].as_str().is_some_and(|toml| toml.contains("language = \"en\"\n")), "{answer:#}");
    assert_eq!(bantin.command(&["check", "--offline"]).await.code, 0);
    Proof::new("every command does what it says").ran(5, "add");
}

#[tokio::test(flavor = "multi_thread")]
async fn add_says_what_is_the_matter() {
    let site = Made::start().await;
    site.page("/lien-he", "<!DOCTYPE html><html><body><h1>Liên hệ</h1><p>Số 1 đường Trung tâm.</p></body></html>");
    site.page(
        "/app",
        "<!DOCTYPE html><html><body><div id=\"root\"></div><script src=\"/a.js\"></script></body></html>",
    );
    let bantin = Bantin::new(&config(&format!("{}/khac", site.url), "").await);
    for (path, code, said) in [("/lien-he", 1, "no group of links"), ("/app", 1, "JavaScript"), ("/none", 1, "404")] {
        let answer = bantin.command(&["add", &format!("{}{path}", site.url)]).await;
        assert!(answer.code == code && answer.err.contains(said) && answer.out.is_empty(), "{path}: {answer:?}");
    }
    assert_eq!(bantin.command(&["add", "not an address"]).await.code, 2);
    assert_eq!(bantin.command(&["add", &site.url, "--slug", "all"]).await.code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_filled_by_javascript_is_read_from_the_sitemap() {
    let site = Made::start().await;
    site.articles(1..=9);
    site.page(
        "/bai-viet",
        "<!DOCTYPE html><html><body><div id=\"root\"></div><script src=\"/a.js\"></script></body></html>",
    );
    site.put("/robots.txt", "text/plain", format!("User-agent: *\nAllow: /\nSitemap: {}/tin.xml\n", site.url));
    let entry =
        |path: String| format!("<url><loc>{}{path}</loc><lastmod>2026-11-20T08:00:00+07:00</lastmod></url>", site.url);
    let entries: String =
        (1..=6).map(|n| entry(crate::made::path_of(n))).chain([entry("/khac/gioi-thieu-chung.html".into())]).collect();
    let sitemap = format!(
        "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{entries}</urlset>"
    );
    site.put("/tin.xml", "application/xml", sitemap);
    let page = format!("{}/bai-viet", site.url);
    let bantin = Bantin::new(&config(&page, "guard = \"off\"").await);
    let seen = inspected(&bantin, &page).await;
    assert_eq!((&seen["source"], seen["items"].as_array().map(Vec::len)), (&"sitemap".into(), Some(6)), "{seen:#}");
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    assert_eq!(articles(&bantin).await.len(), 6, "of the section only");
    Proof::new("a section is recognised from its address").ran(1, "a sitemap");
}
