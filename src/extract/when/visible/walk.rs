//! Goes through a page in order and cuts its text into lines; the lines that state dates are kept, with their distance
//! from the title.

use std::collections::HashSet;

use dom_query::{NodeId, NodeRef};

use super::Line;
use super::read::Reader;
use super::words::{ENDS, FIRST, NAMES, OTHERS, is_name, may_be_date, says_else, says_published};
use crate::article::{clean, text};
use crate::extract::date::Stated;
use crate::extract::page::hints;
use crate::fetch::bound::Walk as _;

/// Longest line that is a date with what belongs to it.
const LONGEST: usize = 160;
/// Characters of a link from which on it is another article's title.
const HEADLINE: usize = 25;
/// How deep a page is walked.
const DEEPEST: usize = 160;
/// Characters of a box that holds one article's headline and its date, at most.
const SMALL: usize = 400;
/// Characters of a box whose parts are one date, at most.
const BOX: usize = 30;

/// What an element inherits.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "five things that hold or not, each on its own")]
struct Inside {
    named: bool,
    updated: bool,
    /// Within the page's own head, where clocks stand.
    head: bool,
    /// Within a box that also holds another article's headline.
    foreign: bool,
    /// Within a small box that is one date.
    whole: bool,
}

/// The line that is being put together.
#[derive(Debug, Default)]
pub(super) struct Open {
    pub text: String,
    from: usize,
    inside: Inside,
    /// `<time>` elements: where their text began and ended, their machine date, and whether they are called updates.
    pub times: Vec<(usize, usize, Option<String>, bool)>,
}

/// Goes through a page and keeps its lines that state dates.
pub(super) struct Walk<'a> {
    heading: Option<NodeId>,
    holders: HashSet<NodeId>,
    title: String,
    reader: Reader<'a>,
    /// Characters of text so far.
    shown: usize,
    pub title_from: Option<usize>,
    pub title_to: Option<usize>,
    line: Open,
    /// The line before, where it is short: it may hold the label ("Last updated").
    before: String,
    pub lines: Vec<Line>,
    ended: bool,
}

impl<'a> Walk<'a> {
    pub fn new(heading: Option<NodeRef<'_>>, title: &str, reader: Reader<'a>) -> Self {
        Self {
            heading: heading.map(|node| node.id),
            holders: heading.iter().flat_map(|node| node.above(None)).map(|node| node.id).collect(),
            title: text::match_key(title),
            reader,
            shown: 0,
            title_from: None,
            title_to: None,
            line: Open::default(),
            before: String::new(),
            lines: Vec::new(),
            ended: false,
        }
    }

    /// Walks through a page.
    pub fn through(&mut self, root: NodeRef<'_>) {
        self.visit(root, Inside::default(), 0);
        self.flush();
    }

    fn visit(&mut self, node: NodeRef<'_>, inside: Inside, depth: usize) {
        for child in node.children_it(false) {
            if self.ended || depth > DEEPEST {
                return;
            }
            if child.is_text() {
                self.push(&child.text(), inside);
            } else if child.is_element() {
                self.element(child, inside, depth);
            }
        }
    }

    fn element(&mut self, node: NodeRef<'_>, inside: Inside, depth: usize) {
        let Some(name) = node.node_name() else { return };
        let name = name.as_ref();
        if matches!(
            name,
            "script" | "style" | "noscript" | "template" | "svg" | "select" | "textarea" | "iframe" | "head"
        ) {
            return;
        }
        let holds = self.holders.contains(&node.id) || self.heading == Some(node.id);
        if !holds && matches!(name, "nav" | "footer" | "aside" | "figcaption") {
            return;
        }
        let words = if node.has_attr("class") || node.has_attr("id") { hints(&node) } else { Vec::new() };
        let says = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        if !holds && says(OTHERS) && !words.iter().any(|word| word == "elementor") {
            return;
        }
        let block = (clean::is_block(name) || name == "br") && !inside.whole;
        if block {
            self.flush();
        } else {
            self.space();
        }
        let mut within = inside;
        let named =
            name == "time" || node.has_attr("datetime") || says(NAMES) || words.iter().any(|word| is_name(word));
        // A name holds for what the element encloses, not for the whole article.
        within.named = named && !holds || (inside.named && !matches!(name, "article" | "main" | "section"));
        within.updated |= says(&["updated", "modified", "lastmod", "lastupdated"]) && !says(&["published"]);
        within.head |= name == "header" && !holds;
        if !holds && block && !inside.foreign {
            within.foreign = self.is_foreign(&node);
        }
        if self.heading == Some(node.id) {
            self.flush();
            self.title_from = Some(self.shown);
            self.shown += node.text().trim().chars().count();
            self.title_to = Some(self.shown);
            self.before.clear();
            self.in_heading(&node);
            return;
        }
        // "08", "Th7" and "2019" may stand in boxes of their own within one.
        within.whole |= block && named && !holds && is_shorter(&node, BOX);
        let machine = self.machine(&node, name, named && !holds);
        if name == "time" || machine.is_some() {
            let from = self.line.text.len();
            self.visit(node, within, depth + 1);
            if self.line.text.is_empty() {
                (self.line.from, self.line.inside) = (self.shown, within);
            }
            self.line.inside.named = true;
            let to = self.line.text.len();
            self.line.times.push((from.min(to), to, machine, within.updated));
        } else {
            self.visit(node, within, depth + 1);
        }
        if block {
            self.flush();
        } else {
            self.space();
        }
    }

    /// The date in an attribute: of `<time>`, or beside a relative date in an element that is called one.
    fn machine(&self, node: &NodeRef<'_>, name: &str, named: bool) -> Option<String> {
        if name == "time" {
            return node.attr("datetime").map(|value| value.to_string());
        }
        let mut attributes = ["datetime", "data-datetime", "data-date", "data-time", "data-timestamp", "title"].iter();
        let value =
            attributes.find_map(|attribute| node.attr(attribute)).filter(|_| named && is_shorter(node, LONGEST))?;
        may_be_date(&value).then_some(())?;
        self.reader.read(&value).published.map(|_| value.to_string())
    }

    /// A `<time>` inside the heading is the article's; the rest of it is the title.
    fn in_heading(&mut self, heading: &NodeRef<'_>) {
        let Some(time) = heading.below().find(|node| node.has_name("time")) else { return };
        let machine = time.attr("datetime").and_then(|text| self.reader.read(&text).published);
        let published = machine.or_else(|| self.reader.read(&time.text()).published);
        if published.is_some() {
            let stated = Stated { published, updated: None };
            let (from, to) = (self.shown, self.shown);
            self.lines.push(Line {
                from,
                to,
                named: true,
                foreign: false,
                words: 0,
                labelled: false,
                says_first: false,
                weekday: false,
                stated,
            });
        }
    }

    /// Whether a small box holds the headline of another article: then its date is that one's.
    fn is_foreign(&self, node: &NodeRef<'_>) -> bool {
        if !matches!(node.node_name().as_deref(), Some("li" | "article" | "div" | "section" | "td" | "tr" | "ul")) {
            return false;
        }
        let own = |link: &NodeRef<'_>| {
            link.has_attr("aria-current") || link.attr("rel").is_some_and(|rel| rel.contains("author"))
        };
        let mut links = node.below().take(60).filter(|inner| inner.has_name("a") && !own(inner));
        links.any(|link| {
            let words = text::match_key(&link.text());
            let spelled = words.split(' ').filter(|word| word.chars().any(char::is_alphabetic)).count();
            words.chars().count() >= HEADLINE && spelled >= 4 && words != self.title
        }) && is_shorter(node, SMALL)
    }

    fn push(&mut self, piece: &str, inside: Inside) {
        let trimmed = piece.trim();
        if trimmed.is_empty() {
            self.space();
            return;
        }
        if self.line.text.is_empty() {
            self.line.from = self.shown;
            self.line.inside = inside;
        }
        self.line.inside.named |= inside.named;
        self.line.inside.updated |= inside.updated;
        self.line.inside.foreign |= inside.foreign;
        self.line.inside.head |= inside.head;
        self.shown += trimmed.chars().count();
        // What is too long for a date is only counted.
        if self.line.text.len() < 4 * LONGEST {
            if piece.starts_with(char::is_whitespace) {
                self.space();
            }
            self.line.text.push_str(trimmed);
            if piece.ends_with(char::is_whitespace) {
                self.space();
            }
        }
    }

    fn space(&mut self) {
        if !self.line.text.is_empty() && !self.line.text.ends_with(' ') {
            self.line.text.push(' ');
        }
    }

    /// Ends the line.
    fn flush(&mut self) {
        let line = std::mem::take(&mut self.line);
        let content = text::one_line(&line.text);
        if content.is_empty() && line.times.iter().all(|time| time.2.is_none()) {
            return;
        }
        let before =
            std::mem::replace(&mut self.before, if content.len() <= 40 { content.clone() } else { String::new() });
        if self.title_to.is_some() && content.chars().count() <= 60 {
            let key = text::match_key(&content);
            let key =
                key.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, ':' | '.' | '…' | ' ' | '(' | ')'));
            if self.shown > self.title_to.unwrap_or(0) && ENDS.contains(&key) {
                self.ended = true;
                return;
            }
        }
        let machine = line.times.iter().any(|time| time.2.is_some());
        if content.chars().count() > LONGEST || !(machine || may_be_date(&content)) {
            return;
        }
        let stated = if machine {
            self.reader.timed(&line, &before)
        } else {
            self.reader.stated(&content, &before, line.inside.updated)
        };
        if stated == Stated::default() {
            return;
        }
        let words =
            content.split_whitespace().filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1).count();
        let labelled = stated.updated.is_some() || says_published(&content, &before);
        let key = text::match_key(&content);
        let weekday = ["thứ ", "chủ nhật", "day,", "day "].iter().any(|day| key.contains(day));
        // What another label names is the page's date only where nothing contradicts.
        let words = if !labelled && says_else(&content) { words + super::BARE + 1 } else { words };
        let inside = line.inside;
        if inside.head && !labelled {
            return;
        }
        self.lines.push(Line {
            from: line.from,
            to: self.shown,
            named: inside.named,
            foreign: inside.foreign,
            words,
            labelled,
            says_first: FIRST.iter().any(|words| key.contains(words)),
            weekday,
            stated,
        });
    }
}

/// Whether an element shows less text than so many characters.
fn is_shorter(node: &NodeRef<'_>, most: usize) -> bool {
    let mut shown = 0;
    node.below().filter(NodeRef::is_text).all(|inner| {
        shown += inner.text().trim().chars().count();
        shown < most
    })
}
