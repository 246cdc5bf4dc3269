//! Other articles that a page shows whole, below its own: blogs and magazines that scroll on without end. Only the one
//! whose heading is the page's title is read.

use dom_query::{NodeId, NodeRef};

use super::super::metadata::Metadata;
use super::super::page::{Page, text_of};
use crate::article::text;
use crate::fetch::bound::Walk as _;

/// Most articles of a page that are compared.
const MOST: usize = 60;
/// Shortest article, in characters, that can be the page's own beside others.
const WHOLE: usize = 600;
/// Shortest heading that may be but the beginning of the title ("Title - Site").
const HEADING: usize = 12;

/// The `<article>`s that are headed otherwise than the page, where exactly one is headed as the page is.
pub(super) fn find(page: &Page, said: &Metadata) -> Vec<NodeId> {
    let nested = |node: &NodeRef<'_>| node.ancestors_it(None).any(|up| up.has_name("article"));
    let articles: Vec<NodeRef<'_>> =
        page.marked("article").into_iter().take(MOST).filter(|node| !nested(node)).collect();
    if articles.len() < 2 {
        return Vec::new();
    }
    let own = page.named("title").next().map(|node| text_of(&node));
    let titles: Vec<String> =
        said.titles.iter().map(|(title, _)| title).chain(&own).map(|title| text::match_key(title)).collect();
    let headings = |node: &NodeRef<'_>| -> Vec<String> {
        let all = node.below().filter(|inner| ["h1", "h2", "h3"].iter().any(|name| inner.has_name(name)));
        all.take(8).map(|heading| text::match_key(&text_of(&heading))).filter(|heading| !heading.is_empty()).collect()
    };
    let is_title = |heading: &String| {
        titles.iter().any(|title| {
            let rest = title.strip_prefix(heading.as_str());
            rest.is_some_and(|rest| rest.is_empty() || (heading.chars().count() >= HEADING && rest.starts_with(' ')))
        })
    };
    let headed: Vec<(NodeRef<'_>, Vec<String>)> = articles.into_iter().map(|node| (node, headings(&node))).collect();
    let own: Vec<&(NodeRef<'_>, Vec<String>)> =
        headed.iter().filter(|(_, headings)| headings.first().is_some_and(is_title)).collect();
    let [(own, _)] = own.as_slice() else { return Vec::new() };
    if text_of(own).chars().count() < WHOLE {
        return Vec::new();
    }
    let other = |(node, headings): &&(NodeRef<'_>, Vec<String>)| node.id != own.id && !headings.is_empty();
    headed.iter().filter(other).map(|(node, _)| node.id).collect()
}
