//! The last cleaning of HTML before it is stored: an allow-list, absolute addresses, nothing that runs.
//! Hands on HTML that no one edits afterwards, and the plain text of it.

mod lines;

pub use lines::to_text;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use dom_query::{Document, NodeRef};
use url::Url;

use super::{picture, text};
use crate::fetch::bound;

/// What may stay, with its attributes. Everything else is unwrapped, scripts and styles go with their content.
const ALLOWED: &[(&str, &[&str])] = &[
    ("p", &[]),
    ("br", &[]),
    ("h2", &[]),
    ("h3", &[]),
    ("h4", &[]),
    ("ul", &[]),
    ("ol", &[]),
    ("li", &[]),
    ("blockquote", &[]),
    ("figure", &[]),
    ("figcaption", &[]),
    ("img", &["src", "alt", "width", "height"]),
    ("a", &["href"]),
    ("table", &[]),
    ("thead", &[]),
    ("tbody", &[]),
    ("tr", &[]),
    ("th", &["colspan", "rowspan"]),
    ("td", &["colspan", "rowspan"]),
    ("strong", &[]),
    ("em", &[]),
    ("b", &[]),
    ("i", &[]),
    ("u", &[]),
    ("s", &[]),
    ("sub", &[]),
    ("sup", &[]),
    ("code", &[]),
    ("pre", &[]),
    ("hr", &[]),
];

/// What disappears together with its content.
const REMOVED: &str = "script,style,template,iframe,object,embed,applet,form button,button,input,select,textarea,\
                       svg,math,canvas,dialog,nav,link,meta,title,head > base";

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(ALLOWED.iter().map(|(tag, _)| *tag).collect())
        .clean_content_tags(HashSet::from(["script", "style", "template", "iframe", "object", "svg", "math", "title"]))
        .tag_attributes(
            ALLOWED.iter().map(|(tag, names)| (*tag, names.iter().copied().collect())).collect::<HashMap<_, _>>(),
        )
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::Deny)
        .strip_comments(true)
        .link_rel(Some("noopener"));
    builder
});

/// Clean HTML: the allow-list, absolute addresses (relative ones against `base`), late pictures resolved, no
/// empty paragraphs, NFC, only characters that XML 1.0 allows. The caller has bounded the depth of `html`.
pub fn clean_html(html: &str, base: &Url) -> String {
    let tree = Document::fragment(html);
    let there = names(&tree);
    let has = |name: &str| there.iter().any(|known| known == name);
    if REMOVED.split(',').any(|name| has(name.trim())) {
        tree.select(REMOVED).remove();
    }
    for node in named(&tree, has("video") || has("audio"), "video,audio") {
        media_to_link(&node, base);
    }
    for node in named(&tree, has("noscript"), "noscript") {
        let shown =
            node.prev_element_sibling().is_some_and(|before| before.has_name("img") && source(&before, base).is_some());
        if shown {
            node.remove_from_parent();
        }
    }
    for node in named(&tree, has("img"), "img") {
        match source(&node, base) {
            Some(url) => node.set_attr("src", url.as_str()),
            None => node.remove_from_parent(),
        }
        for size in ["width", "height"] {
            if node.attr(size).is_some_and(|value| value.parse::<u32>().is_err()) {
                node.remove_attr(size);
            }
        }
    }
    for node in named(&tree, has("a"), "a") {
        match link(&node, base) {
            Some(url) => node.set_attr("href", url.as_str()),
            None => node.rename("span"),
        }
    }
    // Films have become links in paragraphs, which need no other name.
    rename_blocks(&tree, &there);
    unwrap_others(&tree);
    drop_empty(&tree);
    tree.normalize();
    for node in tree.root().descendants() {
        if node.is_text() {
            let raw = node.text();
            let text = if is_clean(&raw) { None } else { Some(text_node(&raw)) };
            let shown = text.as_deref().unwrap_or(&raw);
            if bound::is_slow_to_write(shown) {
                let parts = bound::in_pieces(shown).into_iter().map(escaped);
                node.replace_with_html(parts.collect::<Vec<_>>().join("<br>"));
            } else if let Some(text) = text {
                node.set_text(text);
            }
        } else if node.has_name("img")
            && let Some(alt) = node.attr("alt")
        {
            node.set_attr("alt", &text::one_line(&alt));
        }
    }
    CLEANER.clean(&tree.root().inner_html_of_root()).to_string()
}

/// The names of the elements of a tree, each once.
fn names(tree: &Document) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for node in tree.root().descendants_it() {
        if let Some(element) = node.element_ref()
            && !out.iter().any(|known| *known == *element.name.local)
        {
            out.push(element.name.local.to_string());
        }
    }
    out
}

/// The elements that a selector names, where there are any.
fn named<'a>(tree: &'a Document, there: bool, selector: &str) -> Vec<NodeRef<'a>> {
    if there { tree.select(selector).nodes().to_vec() } else { Vec::new() }
}

/// The root's content without the `html` element that a parsed fragment is wrapped in.
trait InnerOfRoot {
    fn inner_html_of_root(&self) -> String;
}

impl InnerOfRoot for NodeRef<'_> {
    fn inner_html_of_root(&self) -> String {
        self.first_element_child().map_or_else(String::new, |html| html.inner_html().to_string())
    }
}

/// Whether [`text_node`] would leave a text as it is.
fn is_clean(raw: &str) -> bool {
    text::is_composed(raw) && !raw.contains('\u{85}')
}

/// NFC without what XML forbids. A combining long solidus at the start would melt with the `>` of the tag
/// before it as soon as somebody normalises the whole (">" + U+0338 is "≯"), and the markup with it.
fn text_node(raw: &str) -> String {
    // Line separators that readers of line-wise formats take for the end of a line.
    let line = raw.replace(['\u{85}', '\u{2028}', '\u{2029}'], " ").replace(['\u{200b}', '\u{feff}'], "");
    text::nfc(&line).trim_start_matches('\u{338}').to_owned()
}

/// The real address of an `img`.
fn source(node: &NodeRef<'_>, base: &Url) -> Option<Url> {
    picture::address(|name| node.attr(name).map(|value| value.to_string()), base)
}

/// Text as HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The absolute address of a link that may stay.
fn link(node: &NodeRef<'_>, base: &Url) -> Option<Url> {
    let href = node.attr("href")?;
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') {
        return None;
    }
    base.join(href).ok().filter(|url| matches!(url.scheme(), "http" | "https" | "mailto" | "tel"))
}

/// A film or a recording becomes a link to itself.
fn media_to_link(node: &NodeRef<'_>, base: &Url) {
    let own = node.attr("src").or_else(|| {
        node.descendants().into_iter().find(|inner| inner.has_name("source")).and_then(|inner| inner.attr("src"))
    });
    let url = own.and_then(|src| base.join(src.trim()).ok()).filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(url) = url else { return node.remove_from_parent() };
    let name = if node.has_name("video") { "Video" } else { "Audio" };
    let paragraph = node.tree.new_element("p");
    let anchor = node.tree.new_element("a");
    anchor.set_attr("href", url.as_str());
    anchor.set_text(name);
    paragraph.append_child(&anchor);
    node.replace_with(&paragraph);
}

/// Names that our allow-list has no place for become the nearest that it has, so that unwrapping does not
/// glue two paragraphs together.
fn rename_blocks(tree: &Document, there: &[String]) {
    const BOXES: [&str; 13] = [
        "div", "section", "article", "main", "header", "footer", "aside", "center", "address", "dd", "dt", "form",
        "fieldset",
    ];
    let any = |names: &[&str]| there.iter().any(|known| names.contains(&known.as_str()));
    for (names, new) in [(&["h1"][..], "h2"), (&["h5", "h6"], "h4"), (&["strike", "del"], "s"), (&["tfoot"], "tbody")] {
        if any(names) {
            tree.select(&names.join(",")).rename(new);
        }
    }
    for node in named(tree, any(&BOXES), &BOXES.join(",")) {
        let blocks = node.descendants().iter().any(|inner| inner.node_name().is_some_and(|name| is_block(&name)));
        if !blocks {
            node.rename("p");
        }
    }
}

/// Takes the elements that may not stay from around their content, so that letters which compose with each
/// other come to stand in one text.
fn unwrap_others(tree: &Document) {
    for node in tree.root().descendants() {
        if node.is_comment() {
            node.remove_from_parent();
        } else if let Some(name) = node.node_name()
            && node.is_element()
            && name.as_ref() != "html"
            && !ALLOWED.iter().any(|(allowed, _)| *allowed == name.as_ref())
        {
            if let Some(first) = node.first_child() {
                node.insert_siblings_before(&first);
            }
            node.remove_from_parent();
        }
    }
    tree.normalize();
}

/// Whether an element stands on lines of its own.
pub fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "section"
            | "article"
            | "main"
            | "header"
            | "footer"
            | "aside"
            | "center"
            | "address"
            | "form"
            | "fieldset"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "ul"
            | "ol"
            | "li"
            | "dl"
            | "dt"
            | "dd"
            | "blockquote"
            | "figure"
            | "figcaption"
            | "table"
            | "thead"
            | "tbody"
            | "tfoot"
            | "tr"
            | "td"
            | "th"
            | "pre"
            | "hr"
            | "details"
            | "summary"
            | "caption"
    )
}

/// Drops paragraphs, list items, headings and figures that show nothing, innermost first.
fn drop_empty(tree: &Document) {
    let mut nodes =
        tree.select("p,li,ul,ol,h2,h3,h4,blockquote,figure,figcaption,table,tr,a,strong,em,b,i,u").nodes().to_vec();
    nodes.reverse();
    for node in nodes {
        let shows = node.descendants_it().any(|inner| {
            inner.has_name("img") || inner.has_name("hr") || (inner.is_text() && !is_blank(&inner.text()))
        });
        if !shows {
            // a space inside an empty <b> still parts two words
            if matches!(node.node_name().as_deref(), Some("a" | "strong" | "em" | "b" | "i" | "u"))
                && !node.text().is_empty()
            {
                node.replace_with_html(" ");
            } else {
                node.remove_from_parent();
            }
        }
    }
}

/// Whether a text shows nothing.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{ad}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(html: &str) -> String {
        clean_html(html, &"https://www.example.vn/tin/a.html".parse().unwrap())
    }

    #[test]
    fn only_what_is_allowed_stays() {
        insta::assert_snapshot!(clean(
            r##"<h1 class="x">Tin</h1><script>alert(1)</script><p style="color:red" onclick="x()">Một <b>hai</b>
            <a href=" ../b.html " target="_blank">ba</a> <a href="javascript:x()">bốn</a> <a href="#top">năm</a></p>
            <p>&nbsp;</p><p><b> </b></p><div>sáu</div><div>bảy</div><iframe src="https://x"></iframe>
            <img src="data:image/gif;base64,R0" data-src="/a.jpg" alt=" A  B " width="10%" height="40" onerror="x()">
            <img src="data:image/gif;base64,R0"><video src="/phim.mp4"></video>
            <table><tr><td colspan="2" bgcolor="red">ô</td></tr></table><form><input value="x"><button>Gửi</button></form>"##
        ));
    }

    #[test]
    fn letters_are_composed_and_controls_removed() {
        assert_eq!(clean("<p>Tie\u{302}\u{301}ng\u{8} Vie\u{323}\u{302}t\u{ffff}</p>"), "<p>Tiếng Việt</p>");
        // normalising the whole later must not change the markup
        assert_eq!(clean("<p>\u{338}a</p>"), "<p>a</p>");
    }

    #[test]
    fn text_has_a_line_for_a_paragraph() {
        let html = "<h2>Đầu</h2><p>Một<br>hai</p><figure><img src=\"https://a/b.jpg\"><figcaption>Ảnh</figcaption></figure>\
                    <ul><li>ba</li><li><p>bốn</p></li></ul><table><tr><td><p>a</p></td><td>b</td><td></td></tr>\
                    <tr><td>c</td><td>d<br>e</td></tr></table><blockquote><p>năm</p></blockquote>";
        assert_eq!(to_text(html), "Đầu\nMột\nhai\n- ba\n- bốn\na | b\nc | d e\nnăm");
    }

    proptest::proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(html in "[a-c<>/=\"' pbradivhfontsluxéệ&;#\u{301}\u{338}\u{8}]{0,120}") {
            let once = clean(&html);
            proptest::prop_assert_eq!(clean(&once), once.clone());
            proptest::prop_assert!(once.chars().all(text::is_xml_char));
        }
    }
}
