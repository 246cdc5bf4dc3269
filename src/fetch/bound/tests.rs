use std::time::Duration;

use dom_query::{Document, NodeRef};
use proptest::prelude::*;

use super::*;
use crate::clock::cpu_time;

/// Debug builds are some twenty times slower; their inputs are smaller by as much.
const SCALE: usize = if cfg!(debug_assertions) { 10 } else { 1 };

fn depth(html: &str) -> usize {
    let document = Document::from(html);
    let mut deepest = 0;
    let mut level = 0usize;
    let mut node: Option<NodeRef<'_>> = Some(document.root());
    while let Some(here) = node {
        deepest = deepest.max(level);
        if let Some(child) = here.first_child() {
            level += 1;
            node = Some(child);
            continue;
        }
        let mut up = Some(here);
        node = None;
        while let Some(at) = up {
            node = at.next_sibling();
            if node.is_some() {
                break;
            }
            up = at.parent();
            level = level.saturating_sub(1);
        }
    }
    deepest
}

fn nested(unit: &str, bytes: usize) -> String {
    format!("<html><body>{}the end", unit.repeat(bytes / unit.len()))
}

#[test]
fn ordinary_pages_are_handed_on_as_they_are() {
    let page = "<!doctype html><html><head><title>a<b</title><script>if (a < b) { '<div>' }</script>\
        <noscript><iframe src=x></iframe></noscript></head><body><!-- x --><p>a<p>b<ul><li>c<li>d</ul>\
        <svg viewBox='0 0 1 1'><title>x</title><path d='M0'/></svg><img src=a><br/>\
        <table><tr><td>1<td>2<tr><td>3</table><select><option>1<option>2</select></body></html>";
    assert!(matches!(bound_html(page), Cow::Borrowed(_)));
    let many = format!("<ul>{}</ul><p>{}", "<li><b>x</b> y".repeat(200), "z<p>".repeat(200));
    assert!(matches!(bound_html(&many), Cow::Borrowed(_)), "unclosed list items and paragraphs are no depth");
}

#[test]
fn many_unclosed_items_keep_their_text_and_shape() {
    let page = format!("<ul>{}</ul>{}", "<li>x".repeat(600), "<p>y".repeat(600));
    let bounded = bound_html(&page);
    assert!(matches!(bounded, Cow::Owned(_)));
    let document = Document::from(bounded.as_ref());
    assert_eq!(document.select("ul > li").length(), 600);
    assert_eq!(document.select("body > p").length(), 600);
    let rows = format!("<table>{}</table>", "<tr><td>a<td>b".repeat(600));
    assert_eq!(Document::from(bound_html(&rows).as_ref()).select("tr > td").length(), 1200);
}

#[test]
fn what_is_too_deep_loses_its_tags_and_keeps_its_text() {
    let page = format!("<div>{}deep{}</div><p id=after>after", "<div>".repeat(2000), "</div>".repeat(2000));
    let document = Document::from(bound_html(&page).as_ref());
    assert_eq!(document.select("body > #after").text().as_ref(), "after", "the end tags of dropped tags go with them");
    assert!(document.text().contains("deep"));
}

#[test]
fn dropping_a_tag_makes_no_other() {
    let page = "<<table>x<link>".repeat(1500);
    assert!(depth(&bound_html(&page)) <= MAX_DEPTH);
}

#[test]
fn hostile_shapes_cost_little_in_the_parser() {
    let bytes = 512 * 1024 / SCALE;
    let attributes: String = (0..1_000_000 / SCALE).flat_map(|n| [" a".to_owned(), n.to_string()]).collect();
    let formatting: String = (0..400).flat_map(|n| ["<b a=".to_owned(), n.to_string(), ">".to_owned()]).collect();
    for (shape, page) in [
        ("div", nested("<div>", bytes)),
        ("ul li", nested("<ul><li>", bytes)),
        ("table", nested("<table>", bytes)),
        ("table td", nested("<table><tr><td>", bytes)),
        ("span", nested("<span>", bytes)),
        ("custom", nested("<x-y>", bytes)),
        ("button", nested("<p><button>", bytes)),
        ("svg", nested("<svg><g>", bytes)),
        ("foreign", nested("<svg><foreignObject><div>", bytes)),
        ("misnested", nested("<b><div></b>", bytes)),
        ("links", nested("<a href=x><div>", bytes)),
        ("font", format!("<p>{formatting}{}", "<p>x".repeat(bytes / 4))),
        ("forms", nested("<form><div></form>", bytes)),
        ("select", nested("<div><select></div></select>", bytes)),
        ("object", nested("<object><b>", bytes)),
        ("template", nested("<template><div>", bytes)),
        ("dl", nested("<dl><dt><dd>", bytes)),
        ("tags", nested("<br>", bytes)),
        ("attributes", format!("<div{attributes}>x</div>")),
        ("comments", nested("<!--", bytes)),
        ("quotes", nested("<a b='", bytes)),
        ("textareas", nested("<textarea>", bytes)),
    ] {
        let begin = cpu_time();
        let bounded = bound_html(&page);
        let scanned = cpu_time().saturating_sub(begin);
        let document = Document::from(bounded.as_ref());
        let parsed = cpu_time().saturating_sub(begin);
        assert!(document.root().first_child().is_some());
        assert!(parsed < Duration::from_secs(if SCALE > 1 { 4 } else { 1 }), "{shape}: {scanned:?}, parsed {parsed:?}");
        assert!(depth(&bounded) <= MAX_DEPTH + 64, "{shape} is {} deep", depth(&bounded));
    }
}

/// Pieces whose combinations confuse scanners: each repetition must not gain a level unseen.
const PIECES: &[&str] = &[
    "<div>",
    "</div>",
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<a>",
    "</a>",
    "<table>",
    "</table>",
    "<tr>",
    "<td>",
    "</td>",
    "<caption>",
    "<select>",
    "</select>",
    "<option>",
    "<svg>",
    "</svg>",
    "<g>",
    "<path/>",
    "<div/>",
    "<math>",
    "<mi>",
    "<foreignObject>",
    "<title>",
    "</title>",
    "<style>",
    "</style>",
    "<script>",
    "</script>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<noscript>",
    "</noscript>",
    "<template>",
    "</template>",
    "<form>",
    "</form>",
    "<button>",
    "</button>",
    "<ul>",
    "</ul>",
    "<li>",
    "<object>",
    "</object>",
    "<frameset>",
    "<plaintext>",
    "<textarea>",
    "</textarea>",
    "<iframe>",
    "</iframe>",
    "<body>",
    "</body>",
    "<head>",
    "x",
    "<",
    "</>",
    "<?x>",
    "<!x>",
    "<link>",
    "<image>",
    "<col>",
    "<h1>",
    "</h2>",
    "<i a='>'>",
    "<br/>",
    "</br>",
    "<nobr>",
    "<dd>",
    "<rt>",
    "<desc>",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 60 } else { 3000 }))]

    #[test]
    fn no_repeated_pattern_grows_deeper_than_the_limit(unit in prop::collection::vec(0..PIECES.len(), 1..8)) {
        let unit: String = unit.iter().map(|&n| PIECES[n]).collect();
        let page = unit.repeat(1500);
        let bounded = bound_html(&page);
        prop_assert!(depth(&bounded) <= MAX_DEPTH + 64, "{} repeated is {} deep", unit, depth(&bounded));
    }

    #[test]
    fn any_text_passes(html in ".{0,400}") {
        bound_html(&html);
        rebuild(&html);
    }

    #[test]
    fn a_page_written_anew_is_within_the_limits(unit in prop::collection::vec(0..PIECES.len(), 0..40)) {
        let page: String = unit.iter().map(|&n| PIECES[n]).collect();
        let twice = rebuild(&rebuild(&page).0).0;
        prop_assert!(depth(&twice) <= MAX_DEPTH);
    }
}

#[test]
fn long_documents_are_kept_whole_and_longer_ones_say_that_they_are_cut() {
    let law =
        format!("<h1>Luật</h1>{}<p>Hết.</p>", "<p>Điều này có hiệu lực &amp; được thi hành từ nay.</p>".repeat(18_000));
    assert!(law.len() > 1_000_000);
    assert!(matches!(bound(&law), Bounded { html: Cow::Borrowed(_), cut: None }));
    let table = format!("<table>{}</table>", "<tr><td>1</td><td>2</td><td>3</td><td>4</td></tr>".repeat(5000));
    assert!(matches!(bound(&table), Bounded { html: Cow::Borrowed(_), cut: None }));
    let endless = "<p>Tin tức mới.</p>".repeat(60_000);
    assert_eq!(bound(&endless).cut, Some("tags"));
    let long = format!("<p>{}", "Tin tức mới. ".repeat(300_000));
    let cut = bound(&long);
    assert_eq!(cut.cut, Some("text"));
    assert!(cut.html.len() > MAX_TEXT / 2, "what is within the limit stays");
}

#[test]
fn what_is_slow_to_write_comes_in_pieces_with_all_its_text() {
    let text = "a &amp; b\u{a0}c ".repeat(40_000);
    // What stands between two stretches and is left out melts them into one.
    let melting = format!("{}<!-- x -->", text.get(..6_000).unwrap()).repeat(80);
    for page in [format!("<p>{text}</p>"), format!("<?x?><p>{melting}</p>")] {
        let bounded = bound_html(&page);
        let (before, after) = (Document::from(page.as_str()), Document::from(bounded.as_ref()));
        let joined = |document: &Document| document.text().split_whitespace().collect::<String>();
        assert_eq!(joined(&before), joined(&after));
        let longest = after.root().descendants_it().filter(NodeRef::is_text).map(|node| node.text().len()).max();
        assert!(longest.unwrap_or_default() < 200_000, "{longest:?}");
        assert!(after.select("br").exists(), "{longest:?}");
    }
    let attribute = format!("<img alt=\"{}\" src=a.png><p>x", "&amp;".repeat(100_000));
    assert!(bound_html(&attribute).len() < 1000);
}
