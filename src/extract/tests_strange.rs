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
