//! Plain text of HTML: what a reader sees, in one line. Used for the titles and leads of listings and feeds.

use dom_query::{Document, NodeData, NodeRef};

use crate::article::text::one_line;
use crate::fetch::bound::{bound_html, take, take_markup, take_text};

/// Whether elements of a name stand on lines of their own, so that a space parts them from the text before and after.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "br"
            | "dd"
            | "div"
            | "dl"
            | "dt"
            | "figcaption"
            | "figure"
            | "footer"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "img"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "p"
            | "section"
            | "table"
            | "td"
            | "th"
            | "time"
            | "tr"
            | "ul"
    )
}

/// Whether nobody sees the text of elements of a name.
fn is_unseen(name: &str) -> bool {
    matches!(name, "script" | "style" | "noscript" | "template" | "svg")
}

/// The text of a piece of HTML or text; entities are decoded, also where they were escaped twice.
pub fn of_html(html: &str) -> String {
    let mut text = html.to_owned();
    for _ in 0..2 {
        if !text.contains('<') && !has_entity(&text) {
            break;
        }
        if !take_markup(&text) {
            break;
        }
        let fragment = Document::fragment(bound_html(&text).as_ref());
        text = of_node(&fragment.root());
        // What is decoded once is text: a `<` in it is no tag any more, but `&nbsp;` may still be meant.
        if !has_entity(&text) {
            break;
        }
    }
    one_line(&text)
}

/// Plain text as HTML: each line a paragraph.
pub fn paragraphs(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let paragraphs: Vec<&str> = escaped.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect();
    format!("<p>{}</p>", paragraphs.join("</p><p>"))
}

/// The text below a node, in one line.
pub fn of_node(node: &NodeRef<'_>) -> String {
    of_node_without(node, |_| false)
}

/// The text below a node without the elements that `skip` names.
pub fn of_node_without(node: &NodeRef<'_>, skip: impl Fn(&NodeRef<'_>) -> bool) -> String {
    let mut out = String::new();
    collect(node, &skip, &mut out);
    one_line(&out)
}

/// Goes through the tree without recursion, its depth is not ours to trust.
fn collect(root: &NodeRef<'_>, skip: &impl Fn(&NodeRef<'_>) -> bool, out: &mut String) {
    let mut next = Some(*root);
    while let Some(node) = next.filter(|_| take(1)) {
        let mut is_too_much = false;
        let (is_element, is_unseen) = node.query_or((false, false), |inner| match &inner.data {
            NodeData::Text { contents } => {
                is_too_much = !take_text(contents);
                if !is_too_much {
                    out.push_str(contents);
                }
                (false, false)
            }
            NodeData::Element(element) => {
                if is_block(&element.name.local) {
                    out.push(' ');
                }
                (true, is_unseen(&element.name.local))
            }
            _ => (false, false),
        });
        if is_too_much {
            return;
        }
        let descend = !(is_unseen || is_element && node.id != root.id && skip(&node));
        if descend && let Some(child) = node.first_child() {
            next = Some(child);
            continue;
        }
        let mut at = node;
        next = loop {
            if at.id == root.id {
                break None;
            }
            if at.element_ref().is_some_and(|element| is_block(&element.name.local)) {
                out.push(' ');
            }
            if let Some(sibling) = at.next_sibling() {
                break Some(sibling);
            }
            match at.parent() {
                Some(parent) => at = parent,
                None => break None,
            }
        };
    }
}

/// Whether a node is an element of one of these names.
pub fn is_any(node: &NodeRef<'_>, names: &[&str]) -> bool {
    node.element_ref().is_some_and(|element| names.contains(&element.name.local.as_ref()))
}

/// Whether something looks like a character reference: `&`, letters or digits, `;`.
fn has_entity(text: &str) -> bool {
    text.split('&').skip(1).any(|rest| {
        let name: &str = rest.split(';').next().unwrap_or_default();
        name.len() < rest.len()
            && (2..=31).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_what_a_reader_sees() {
        for (html, text) in [
            ("Tin&nbsp;tức &amp;amp; sự kiện", "Tin tức & sự kiện"),
            ("<p>Một</p>hai<br>ba<div><div>bốn</div></div><b>n</b>ăm", "Một hai ba bốn năm"),
            ("3 < 5 & 7 > 6", "3 < 5 & 7 > 6"),
            ("<a href=x><img src=y></a></br>Sáng 14/11", "Sáng 14/11"),
            ("a<script>b</script>c", "ac"),
        ] {
            assert_eq!(of_html(html), text);
        }
    }
}
