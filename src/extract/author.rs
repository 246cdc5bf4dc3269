//! The author as the page names him outside its text: in its metadata, in elements that are called so, beside a label
//! ("Written by", "Tác giả"), else the organisation that the metadata names.

use std::collections::HashSet;

use dom_query::{NodeId, NodeRef};

use super::blocks::Block;
use super::byline;
use super::metadata::Metadata;
use super::official::value_after;
use super::page::{Page, attribute, text_of};
use crate::article::text;
use crate::fetch::bound::Walk as _;

/// Elements that hold the author, the exact ones first.
const EXACT: &str =
    "[itemprop~=author] [itemprop~=name],[itemprop~=author],a[rel~=author],.author-name,.byline-name,.byline,.author";
const LIKELY: &str =
    "[class*=uthor],[class*=yline],[class*=tacgia],[class*=tac-gia],a[href*='/author/'],a[href*='/tac-gia/']";

/// Labels beside the name, folded.
const LABELS: &[&str] = &[
    "by",
    "written by",
    "author",
    "authors",
    "text by",
    "words by",
    "posted by",
    "submitted by",
    "published by",
    "about the author",
    "tac gia",
    "ve tac gia",
    "nguoi viet",
    "dang boi",
    "viet boi",
    "boi",
];

/// What stands around the body.
pub(super) struct Beside<'a> {
    /// The blocks between title and body.
    pub before: &'a [Block],
    /// The pieces of text around the title, and below the body.
    pub head: &'a [String],
    pub foot: &'a [String],
}

/// The author and where the name stood.
pub(super) fn find(
    page: &Page,
    said: &Metadata,
    beside: &Beside<'_>,
    furniture: &HashSet<NodeId>,
) -> Option<(String, &'static str)> {
    let stated: Vec<(String, &'static str)> =
        said.authors.iter().filter_map(|(name, from)| Some((byline::tidy(name)?, *from))).collect();
    // An account, or the site itself, is named where nobody else is.
    let weak = |name: &str| is_account(name) || is_site(name, page, said);
    let strong = stated.iter().find(|(name, _)| !weak(name)).cloned();
    // Where the site calls itself the author, only a name that stands at the title says more.
    let at_title = |name: &String| {
        let key = text::match_key(name);
        stated.is_empty() || beside.head.iter().any(|piece| text::match_key(piece).contains(&key))
    };
    let site = |name: &String| is_site(name, page, said);
    let exact = || {
        let nodes = page.marked(EXACT);
        let node = nodes.iter().filter(|node| !is_organisation(node) && !is_asked(node)).find_map(|node| {
            let line = attribute(node, "content").unwrap_or_else(|| text_of(node));
            let short = line.chars().count() <= 80 && !is_label(&line);
            name_in(node).or_else(|| short.then(|| byline::tidy(&line)).flatten())
        });
        node.filter(|name| at_title(name)).map(|name| (name, "author element"))
    };
    let exact = exact();
    let fallback = || {
        let own = || exact.clone().filter(|(name, _)| site(name));
        stated.first().filter(|(name, _)| !is_number(name)).cloned().or_else(own)
    };
    let likely = || {
        let nodes = page.marked(LIKELY);
        let own = |node: &&NodeRef<'_>| !is_asked(node) && !is_about_rights(node);
        let named = nodes.iter().filter(own).find_map(|node| name_in(node).or_else(|| byline::named(&text_of(node))));
        named.filter(|name| !is_label(name) && at_title(name) && !site(name)).map(|name| (name, "author element"))
    };
    strong
        .or_else(|| exact.clone().filter(|(name, _)| !site(name)))
        .or_else(likely)
        .or_else(|| Some((byline::above(beside.before)?, "below the title")))
        .or_else(|| Some((byline::around_title(beside.head)?, "beside the title")))
        .or_else(fallback)
        .or_else(|| Some((labelled(page, furniture)?, "label")))
        .or_else(|| Some((byline::under_text(beside.foot)?, "below the text")))
        .or_else(|| said.offices.iter().find_map(|(name, from)| Some((byline::tidy(name)?, *from))))
}

/// Whether a name is that of an account: "jdoe", "brandon-web".
fn is_account(name: &str) -> bool {
    !name.contains(' ')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.'))
}

/// Whether it is one that a machine made up.
fn is_number(name: &str) -> bool {
    is_account(name) && name.chars().any(|c| c.is_ascii_digit())
}

/// Whether a name is the site's own.
fn is_site(name: &str, page: &Page, said: &Metadata) -> bool {
    let key = |text: &str| -> String { text::folded(text).chars().filter(|c| c.is_alphanumeric()).collect() };
    let own = key(name);
    let host = page.url.host_str().unwrap_or_default().trim_start_matches("www.");
    let host = host.split('.').next().map(key).unwrap_or_default();
    own == host || said.site_name.as_deref().is_some_and(|site| own == key(site))
}

/// Whether an element belongs to a form: readers are asked for their names too.
fn is_asked(node: &NodeRef<'_>) -> bool {
    node.has_name("form") || node.above(Some(6)).any(|up| up.has_name("form") && !is_page_form(&up))
}

/// Whether a form is wrapped around the whole page, as some systems do.
fn is_page_form(form: &NodeRef<'_>) -> bool {
    form.below().any(|inner| inner.has_name("h1") || inner.has_name("article"))
}

/// "authorities", "authorization": words that hold "author" and mean something else.
fn is_about_rights(node: &NodeRef<'_>) -> bool {
    attribute(node, "class").is_some_and(|class| {
        let class = class.to_lowercase();
        class.contains("authori") && !class.replace("authori", "").contains("author")
    })
}

/// Whether an element or one right above it describes an organisation.
fn is_organisation(node: &NodeRef<'_>) -> bool {
    let says = |up: &NodeRef<'_>| attribute(up, "itemtype").is_some_and(|kind| kind.ends_with("Organization"));
    says(node) || node.above(Some(2)).any(|up| says(&up))
}

fn is_label(line: &str) -> bool {
    let folded = text::folded(line);
    LABELS.contains(&folded.trim_matches(|c: char| !c.is_alphanumeric()))
}

/// The name among the pieces of an author's element: beside a label, a picture, a position.
fn name_in(node: &NodeRef<'_>) -> Option<String> {
    let pieces: Vec<String> = node
        .below()
        .filter(NodeRef::is_text)
        .map(|piece| text::one_line(&piece.text()))
        .filter(|piece| !piece.is_empty())
        .take(8)
        .collect();
    let labelled = pieces.first().is_some_and(|first| is_label(first));
    let first = pieces.iter().find(|piece| !is_label(piece))?;
    // Several authors are taken whole elsewhere.
    let joiner = |piece: &String| matches!(piece.to_lowercase().as_str(), "and" | "&" | "," | "và" | ", and");
    if pieces.iter().any(joiner) {
        return byline::named(text_of(node).trim_start_matches(|c: char| !c.is_alphanumeric()));
    }
    // "Jane" and "Doe" in two elements are one name.
    let several = pieces.len() > 1 && first.split_whitespace().count() > 1;
    (labelled || several).then(|| byline::named(first)).flatten().filter(|name| name.split_whitespace().count() <= 5)
}

/// The name beside the first label on the page that has one.
fn labelled(page: &Page, furniture: &HashSet<NodeId>) -> Option<String> {
    let body = page.tree.body()?;
    body.below().filter(NodeRef::is_text).find_map(|node| {
        let raw = node.text();
        if raw.len() > 120 || raw.trim().is_empty() {
            return None;
        }
        let beside = || value_after(&node, true);
        // "Tác giả: Lan Anh" in one piece, or the label alone.
        let value = match raw.split_once(':') {
            Some((label, rest)) if is_label(label) && !rest.trim().is_empty() => Some(text::one_line(rest)),
            _ if is_label(&raw) => beside(),
            _ => None,
        }?;
        if node.above(None).any(|up| furniture.contains(&up.id) || up.has_name("script")) {
            return None;
        }
        byline::named(&value).filter(|name| name.split_whitespace().count() > 1)
    })
}
