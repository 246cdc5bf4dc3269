//! Small pages in layouts that strangers use: what real pages were read wrongly by, rebuilt in our own words.

use super::tests::{context, read_as};
use super::*;

const TITLE: &str = "District reviews plans for the spring season";
const BODY: &str = "<p>The district council met on Tuesday to review plans for the spring season, and heard reports from the \
    mayors of nine communes and the heads of four farm cooperatives about progress so far.</p>\
    <p>More than 3,200 hectares of rice have been planted, the meeting was told, which is 96 per cent of what was planned; \
    nearly half of it is hybrid rice. Work on the canals began early this year.</p>\
    <p>In closing, the chairman asked every commune to watch for pests, to make sure that the fields have water, and to follow \
    the weather closely in the days to come.</p>";

/// A page with something between title and body, and something below the body.
fn page(head: &str, top: &str, bottom: &str) -> Reading {
    let source = format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>{TITLE} - Example</title>{head}</head><body>\
         <header><a href=/>Example Portal</a><nav><ul><li><a href=/a>Home</a><li><a href=/b>News</a></ul></nav></header>\
         <main><div><h1>{TITLE}</h1>{top}<div>{BODY}</div>{bottom}</div></main><footer><p>© Example</p></footer></body></html>"
    );
    read_as("text/html", &source, &context()).unwrap()
}

#[test]
fn by_lines_are_found_by_where_they_stand() {
    for (top, bottom, name) in [
        ("<div><span>Jane Doe</span><span>March 12, 2024</span></div>", "", Some("Jane Doe")),
        ("<p>March 12, 2024 · Jane Doe · 4 min read</p>", "", Some("Jane Doe")),
        ("<p>By Jane Doe on March 12, 2024</p>", "", Some("Jane Doe")),
        (
            "<div><time datetime=2024-03-12>12 Mar 2024</time></div><div><p>Pham Hai Yen</p></div>",
            "",
            Some("Pham Hai Yen"),
        ),
        ("<p>12 March 2024</p>", "<div>Pham Hai Yen</div>", Some("Pham Hai Yen")),
        ("<p>12 March 2024</p>", "<div><div>News</div><div><p>Jane Doe</p></div></div>", Some("Jane Doe")),
        ("<div><span>City Council</span><span>March 12, 2024</span></div>", "", None),
        ("<div><span>Yen Bai</span><span>March 12, 2024</span></div>", "", None),
        ("<p>12 March 2024</p>", "<div><p>Jane Doe, <a href=mailto:p@example.vn>p@example.vn</a></p></div>", None),
        (
            "<p>12 March 2024</p>",
            "<div><p>John Roe</p><p>March 13, 2024</p><p>Good news for the district.</p></div>",
            None,
        ),
        ("<p>12 March 2024</p>", "<form><p class=comment-form-author><label>Name</label><input></p></form>", None),
        ("<p>12 March 2024</p>", "<div class=authorities><a href=/x>Governing Board</a></div>", None),
    ] {
        assert_eq!(page("", top, bottom).byline.as_deref(), name, "{top} {bottom}");
    }
}

#[test]
fn the_site_and_accounts_are_authors_only_where_nobody_else_is() {
    let said = |name: &str| {
        format!(
            "<meta property=og:site_name content='Example Portal'><script type=application/ld+json>\
             {{\"@type\":\"NewsArticle\",\"headline\":\"{TITLE}\",\"author\":{{\"@type\":\"Person\",\"name\":\"{name}\"}}}}</script>"
        )
    };
    let beside = "<p>By Jane Doe on March 12, 2024</p>";
    for (name, top, expected) in [
        ("Example Portal", beside, Some("Jane Doe")),
        ("Example Portal", "", Some("Example Portal")),
        ("jdoe", beside, Some("Jane Doe")),
        ("jdoe", "", Some("jdoe")),
        ("q6vkpg2ma0ci", "", None),
        ("John Roe", beside, Some("John Roe")),
    ] {
        assert_eq!(page(&said(name), top, "").byline.as_deref(), expected, "{name} {top}");
    }
}

#[test]
fn words_are_whole_without_their_soft_hyphens() {
    let reading = page(
        "",
        "",
        "<p>The ir\u{ad}ri&shy;ga&#173;tion of the fields be&shy;gan on Mon&shy;day in all of the com&shy;munes, it was said.</p>",
    );
    assert!(reading.text.contains("The irrigation of the fields began on Monday in all"), "{}", reading.text);
    assert!(!reading.html.contains('\u{ad}'));
}

#[test]
fn articles_below_the_own_one_are_left_out() {
    let other = BODY.replace("district", "province").replace("rice", "maize");
    let source = format!(
        "<html><head><title>{TITLE} - Example</title></head><body><main><article><h2><a href=/1>{TITLE}</a></h2>{BODY}{BODY}</article>\
         <article><h2><a href=/2>Maize in the province</a></h2>{other}</article><article><h2><a href=/3>More maize</a></h2>{other}</article></main></body></html>"
    );
    let reading = read_as("text/html", &source, &context()).unwrap();
    assert!(reading.text.contains("hectares of rice") && !reading.text.contains("maize"), "{}", reading.text);
    // One article in two elements is read whole.
    let source = format!(
        "<html><head><title>{TITLE} - Example</title></head><body><main><article><h1>{TITLE}</h1>{BODY}</article>\
         <article>{other}</article></main></body></html>"
    );
    assert!(read_as("text/html", &source, &context()).unwrap().text.contains("maize"));
}

#[test]
fn dates_of_captions_and_of_other_things_are_not_the_articles() {
    let machine = "<meta property=article:published_time content=2024-03-12T08:00:00+07:00>";
    for top in [
        "<figure><img src=/a.jpg><figcaption>The sun rises over the canal on March 24, 2014</figcaption></figure>",
        "<p>Verkündet am: 12.11.2009</p>",
        "<p>Judgment of: 12 November 2009</p>",
    ] {
        let day = page(machine, top, "").published.map(|date| date.at.to_text());
        assert_eq!(day.as_deref().map(|day| &day[..10]), Some("2024-03-12"), "{top}");
    }
    // Labels of other languages, and the plain word.
    for bottom in [
        "<ul><li><b>Date</b> 12.03.2024</li><li><b>Author</b> Jane Doe</li></ul>",
        "<p>Veröffentlicht: 12. März 2024</p>",
    ] {
        let far = format!("<p>{}</p>{bottom}", "The council will meet again when the rice is ripe. ".repeat(60));
        let day = page("", "", &far).published.map(|date| date.at.to_text());
        assert_eq!(day.as_deref(), Some("2024-03-12"), "{bottom}");
    }
}
