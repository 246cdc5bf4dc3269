//! Boxes of other articles, wherever they stand: teasers (a picture and a title linked to another page), rows of like
//! boxes that each begin with a link, and what stands below a line such as "Tin cùng chuyên mục". Found once for a
//! page, by their shape rather than their names; hands on the elements that belong to no article.

use std::collections::{HashMap, HashSet};

use dom_query::{NodeId, NodeRef};
use url::Url;

use super::page::{Page, hints, text_of};
use super::tail;
use crate::article::text;
use crate::fetch::bound::Walk as _;

/// Longest text of a teaser.
const TEASER: usize = 420;
/// Shortest title of another article.
const TITLE: usize = 12;

/// Elements that show other articles, none inside another.
pub(super) fn find(page: &Page) -> HashSet<NodeId> {
    page.tree.body().map(|body| below(page, &body)).unwrap_or_default()
}

/// The same below an element.
pub(super) fn below<'a>(page: &'a Page, root: &NodeRef<'a>) -> HashSet<NodeId> {
    let mut finder = Finder { page, whole: 0, sums: HashMap::new(), taken: HashSet::new() };
    finder.sum(root, false, 0);
    finder.whole = finder.of(root).plain;
    finder.walk(root, 0);
    finder.taken
}

/// What stands below an element.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    /// Characters of text.
    text: usize,
    /// Those inside links.
    linked: usize,
    /// Those outside links in pieces long enough to be sentences.
    plain: usize,
    images: usize,
    links: usize,
    heads: usize,
}

struct Finder<'a> {
    /// Characters of sentences on the whole page.
    whole: usize,
    page: &'a Page,
    sums: HashMap<NodeId, Sum>,
    taken: HashSet<NodeId>,
}

/// Deepest nesting that is followed.
const DEEPEST: usize = 600;

impl<'a> Finder<'a> {
    fn of(&self, node: &NodeRef<'_>) -> Sum {
        self.sums.get(&node.id).copied().unwrap_or_default()
    }

    /// Counts each element once, from the leaves up.
    fn sum(&mut self, node: &NodeRef<'a>, linked: bool, depth: usize) -> Sum {
        if node.is_text() {
            let length = node.text().split_whitespace().map(|word| word.chars().count() + 1).sum::<usize>();
            let plain = if !linked && length > 40 { length } else { 0 };
            return Sum { text: length, linked: if linked { length } else { 0 }, plain, ..Sum::default() };
        }
        let Some(name) = node.node_name() else { return Sum::default() };
        if depth > DEEPEST || matches!(name.as_ref(), "script" | "style" | "template" | "noscript") {
            return Sum::default();
        }
        let mut out = Sum::default();
        match name.as_ref() {
            "a" => out.links = 1,
            "img" => out.images = 1,
            "h1" => out.heads = 1,
            _ => {}
        }
        let linked = linked || name.as_ref() == "a";
        for child in node.children_it(false) {
            let below = self.sum(&child, linked, depth + 1);
            out.text += below.text;
            out.linked += below.linked;
            out.plain += below.plain;
            out.images += below.images;
            out.links += below.links;
            out.heads += below.heads;
        }
        self.sums.insert(node.id, out);
        out
    }

    /// Marks what is found below an element, outermost first.
    fn walk(&mut self, node: &NodeRef<'a>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let children: Vec<NodeRef<'a>> = node.children_it(false).filter(NodeRef::is_element).collect();
        self.rows(&children);
        for (index, child) in children.iter().enumerate() {
            let sum = self.of(child);
            if self.taken.contains(&child.id) || sum.links == 0 && sum.text > 0 && !is_label(child, sum) {
                continue;
            }
            if self.is_teaser(child, sum) || self.is_titled(child, sum) {
                self.take(child);
            } else if is_label(child, sum) {
                self.below(child, children.get(index + 1..).unwrap_or_default());
            } else {
                self.walk(child, depth + 1);
            }
        }
    }

    fn take(&mut self, node: &NodeRef<'a>) {
        self.taken.insert(node.id);
    }

    /// Never the article's head, nor what holds a good part of the page's sentences.
    fn is_small(&self, sum: Sum) -> bool {
        sum.heads == 0 && sum.plain * 100 <= self.whole * 60
    }

    /// The links below an element that lead to other pages of the site.
    fn links(&self, node: &NodeRef<'a>) -> Vec<(NodeRef<'a>, Url)> {
        let own = node.has_name("a").then_some(*node);
        let all = own.into_iter().chain(node.below().filter(|inner| inner.has_name("a")));
        all.filter_map(|link| Some((link, self.other_page(&link)?))).collect()
    }

    /// The address of another page of the same site.
    fn other_page(&self, link: &NodeRef<'_>) -> Option<Url> {
        let href = link.attr("href")?;
        let href = href.trim();
        if href.is_empty() || href.starts_with('#') {
            return None;
        }
        let url = self
            .page
            .base
            .join(href)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") || url.scheme() == self.page.base.scheme())?;
        let domain = |url: &Url| {
            let host = url.host_str().unwrap_or_default().to_owned();
            let labels: Vec<&str> = host.rsplit('.').take(3).collect();
            labels.into_iter().rev().collect::<Vec<_>>().join(".").trim_start_matches("www.").to_owned()
        };
        let (here, there) = (domain(&self.page.base), domain(&url));
        let site = here.ends_with(&there) || there.ends_with(&here);
        let same = url.path() == self.page.base.path() && url.query() == self.page.base.query();
        let file = url.path().rsplit_once('.').is_some_and(|(_, extension)| {
            matches!(
                extension.to_ascii_lowercase().as_str(),
                "jpg"
                    | "jpeg"
                    | "png"
                    | "gif"
                    | "webp"
                    | "avif"
                    | "svg"
                    | "pdf"
                    | "doc"
                    | "docx"
                    | "xls"
                    | "xlsx"
                    | "zip"
                    | "rar"
                    | "mp3"
                    | "mp4"
            )
        });
        (site && !same && !file).then_some(url)
    }

    /// A picture and a title that lead to the same other page, and little more.
    fn is_teaser(&self, node: &NodeRef<'a>, sum: Sum) -> bool {
        let block = node.node_name().is_some_and(|name| {
            matches!(
                name.as_ref(),
                "div"
                    | "section"
                    | "aside"
                    | "article"
                    | "li"
                    | "a"
                    | "table"
                    | "tr"
                    | "td"
                    | "blockquote"
                    | "p"
                    | "dl"
            )
        });
        if !block || sum.images == 0 || sum.linked < TITLE || sum.text > TEASER || !self.is_small(sum) {
            return false;
        }
        // A picture in a figure with a caption is the article's own, whatever its link leads to.
        if node.below().any(|inner| inner.has_name("figcaption")) {
            return false;
        }
        let links = self.links(node);
        let Some((_, target)) = links.iter().find(|(link, _)| self.of(link).images > 0) else { return false };
        let same: Vec<&NodeRef<'a>> = links.iter().filter(|(_, url)| url == target).map(|(link, _)| link).collect();
        let title: usize = same.iter().map(|link| self.of(link).text).sum();
        let foreign = links.iter().filter(|(_, url)| url != target).count();
        title >= TITLE && foreign <= 2
    }

    /// A box whose first line says that other articles follow, and they do.
    fn is_titled(&self, node: &NodeRef<'a>, sum: Sum) -> bool {
        if sum.linked < TITLE || sum.text > 12_000 || sum.linked * 100 < sum.text * 20 || !self.is_small(sum) {
            return false;
        }
        let Some(first) = node.below().find(|inner| inner.is_text() && !inner.text().trim().is_empty()) else {
            return false;
        };
        let line = text::one_line(&first.text());
        tail::is_related_title(&line) && !self.links(node).is_empty()
    }

    /// The line itself and the links that follow it.
    fn below(&mut self, label: &NodeRef<'a>, after: &[NodeRef<'a>]) {
        let mut found = Vec::new();
        for node in after {
            let sum = self.of(node);
            if sum.text == 0 {
                continue;
            }
            let others = sum.linked * 100 >= sum.text * 45 || (sum.linked >= TITLE && sum.text <= TEASER);
            if !others || self.links(node).is_empty() || !self.is_small(sum) {
                break;
            }
            found.push(*node);
        }
        if !found.is_empty() {
            self.take(label);
            for node in found {
                self.take(&node);
            }
        }
    }

    /// Three or more like boxes that each begin with a link to another page.
    fn rows(&mut self, children: &[NodeRef<'a>]) {
        if children.len() < 3 {
            return;
        }
        let mut groups: HashMap<String, Vec<NodeRef<'a>>> = HashMap::new();
        for child in children {
            if self.of(child).links > 0 {
                groups.entry(shape(child)).or_default().push(*child);
            }
        }
        for group in groups.into_values().filter(|group| group.len() >= 3) {
            let like = group.iter().filter(|child| self.begins_with_link(child)).count();
            if like * 5 >= group.len() * 4 {
                for child in &group {
                    if self.begins_with_link(child) {
                        self.take(child);
                    }
                }
            }
        }
    }

    /// Whether a box begins with the linked title of another page, with at most a summary below it.
    fn begins_with_link(&self, node: &NodeRef<'a>) -> bool {
        let sum = self.of(node);
        if sum.linked < TITLE || sum.text > TEASER || !self.is_small(sum) {
            return false;
        }
        let Some((link, _)) = self.links(node).into_iter().find(|(link, _)| self.of(link).text >= TITLE) else {
            return false;
        };
        // A bullet, a number or a date may stand before it.
        let before: usize = node
            .below()
            .take_while(|inner| inner.id != link.id)
            .filter(NodeRef::is_text)
            .map(|inner| inner.text().trim().chars().count())
            .sum();
        let titled = sum.linked * 100 >= sum.text * 60
            || sum.images > 0
            || link.above(Some(3)).any(|up| is_heading(&up))
            || link.below().any(|inner| is_heading(&inner));
        before <= 24 && titled
    }
}

/// A line that says that other articles follow.
fn is_label(node: &NodeRef<'_>, sum: Sum) -> bool {
    sum.text > 0 && sum.text <= 48 && sum.images == 0 && tail::is_related_title(&text_of(node))
}

fn is_heading(node: &NodeRef<'_>) -> bool {
    ["h2", "h3", "h4", "h5", "h6", "strong", "b"].iter().any(|name| node.has_name(name))
}

/// The kind of a box: its element and the words of its class without numbers.
fn shape(node: &NodeRef<'_>) -> String {
    let mut words: Vec<String> = if node.has_attr("class") { hints(node) } else { Vec::new() };
    words.retain(|word| !word.chars().any(|c| c.is_ascii_digit()));
    words.sort();
    words.dedup();
    format!("{} {}", node.node_name().as_deref().unwrap_or_default(), words.join(" "))
}
