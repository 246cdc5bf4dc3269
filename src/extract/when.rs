//! When a page says it was published and changed: its metadata, the visible date near the title, `<time>`, the
//! listing, the address. NukeViet's machine dates are wrong, so there the visible date comes first.

use dom_query::NodeRef;

use super::Context;
use super::date::{self, Options, Stated};
use super::metadata::{Metadata, Said};
use super::page::{Page, attribute, hints, text_of};
use crate::article::{Candidate, Moment, SourceDate, text};
use crate::config::DateOrder;

/// Words of class and id that name a date.
const NAMES: &[&str] = &[
    "date",
    "time",
    "datetime",
    "timestamp",
    "ngay",
    "thoigian",
    "publish",
    "published",
    "posted",
    "pubdate",
    "dateline",
    "postdate",
    "ngaydang",
    "created",
    "meta",
    "lblngaydang",
    "lbdate",
    "byline",
    "updated",
    "clock",
];

/// Words that name dates of something else.
const OTHERS: &[&str] = &[
    "related",
    "comment",
    "comments",
    "sidebar",
    "footer",
    "copyright",
    "widget",
    "event",
    "today",
    "header-date",
    "menu",
    "nav",
    "lienquan",
    "list",
    "trending",
    "popular",
    "weather",
];

/// Characters below the title within which a line needs no name to be the date.
const NEAR: usize = 400;
/// Characters below the title beyond which no date is the article's.
const FAR: usize = 2000;

/// Published and updated.
pub(super) fn find(
    page: &Page,
    said: &Metadata,
    title: &str,
    candidate: &Candidate,
    context: &Context,
) -> (Option<SourceDate>, Option<SourceDate>) {
    let options = options(context);
    let at = |at: Option<Moment>, from: &str| at.map(|at| SourceDate { at, provenance: from.to_owned() });
    let options = in_doubt(page, said, options, context);
    let first = |list: &[Said]| list.iter().find_map(|(text, from)| at(date::parse(text, &options), from));
    let mut updated = first(&said.modified);
    let own = context.rules.article_date.as_deref().and_then(|selector| {
        let stated = page
            .select(selector)
            .nodes()
            .iter()
            .map(|node| stated(node, &options))
            .find(|s| *s != Stated::default())?;
        updated = at(stated.updated, "selector").or(updated.take());
        at(stated.published, "selector")
    });
    if own.is_some() {
        return (own, updated);
    }
    let visible = visible(page, title, &options);
    let seen = |updated: &mut Option<SourceDate>| {
        if updated.is_none() {
            *updated = at(visible.updated, "visible text");
        }
        at(visible.published, "visible text")
    };
    let published = if said.generator.contains("nukeviet") {
        updated = None;
        seen(&mut updated).or_else(|| first(&said.published))
    } else {
        first(&said.published).or_else(|| seen(&mut updated))
    };
    let published =
        published.or_else(|| candidate.published.clone()).or_else(|| at(in_address(page, &options), "address"));
    let updated = updated.or_else(|| candidate.updated.clone());
    let changed = |updated: &SourceDate| published.as_ref().is_none_or(|published| published.at != updated.at);
    let updated = updated.filter(changed);
    (published, updated)
}

/// Without a section that says so, a page in American English writes the month first.
fn in_doubt(page: &Page, said: &Metadata, options: Options, context: &Context) -> Options {
    if context.date_order_known {
        return options;
    }
    let language = said.language.as_deref().unwrap_or_default().to_lowercase().replace('_', "-");
    let abroad =
        page.url.host_str().and_then(|host| host.rsplit('.').next()).is_some_and(|end| end.len() == 2 && end != "us");
    let american = language.starts_with("en-us") || (language == "en" && !abroad);
    Options { order: if american { DateOrder::Mdy } else { options.order }, ..options }
}

/// The options of the date parser for a section.
pub(super) fn options(context: &Context) -> Options {
    Options { language: context.language, timezone: context.timezone, order: context.date_order, now: context.now }
}

/// The dates that an element states: in an attribute, else in its text.
fn stated(node: &NodeRef<'_>, options: &Options) -> Stated {
    for name in ["datetime", "content", "data-datetime", "data-date", "title"] {
        if let Some(at) = attribute(node, name).and_then(|value| date::parse(&value, options)) {
            let label = date::parse_stated(&text_of(node), options);
            return Stated { published: Some(at), updated: label.updated.filter(|updated| *updated != at) };
        }
    }
    let line = text_of(node);
    if line.chars().count() > 160 { Stated::default() } else { date::parse_stated(&line, options) }
}

/// The visible date nearest to the title: the first one below it, else the last one above.
fn visible(page: &Page, title: &str, options: &Options) -> Stated {
    let mut above = Stated::default();
    let mut below_title = false;
    let heading = page.select("h1").exists();
    let title = text::match_key(title);
    // Text passed since the title: far below it stand the dates of other articles.
    let mut passed = 0;
    let mut covered: Option<NodeRef<'_>> = None;
    for node in page.tree.root().descendants_it() {
        if covered.as_ref().is_some_and(|outer| node.ancestors_it(None).any(|up| up.id == outer.id)) {
            continue;
        }
        covered = None;
        if node.is_text() {
            let content = node.text();
            passed += if below_title { content.trim().chars().count() } else { 0 };
            // Old pages set their title in any element.
            if !heading && !below_title && text::match_key(&content) == title && !in_head(&node) {
                below_title = true;
            }
            if passed > FAR {
                return above;
            }
        }
        let Some(name) = node.node_name() else { continue };
        match name.as_ref() {
            "h1" => {
                below_title = true;
                passed = 0;
            }
            "aside" | "nav" | "footer" | "script" | "style" | "form" if !node.has_name("form") => {
                covered = Some(node);
                continue;
            }
            _ => {}
        }
        let words = hints(&node);
        let time = name.as_ref() == "time";
        if words.iter().any(|word| OTHERS.contains(&word.as_str())) {
            continue;
        }
        let named = time
            || words.iter().any(|word| {
                NAMES.contains(&word.as_str())
                    || word.ends_with("date")
                    || word.ends_with("time")
                    || word.contains("ngay")
            });
        // A line right below the title may be the date without any name.
        let plain = below_title
            && passed < NEAR
            && matches!(name.as_ref(), "span" | "p" | "div" | "td" | "em" | "li" | "small" | "b" | "i")
            && is_leaf(&node);
        if !(named || plain) || in_other_box(&node) {
            continue;
        }
        let found = stated(&node, options);
        if found.published.is_none() && found.updated.is_none() {
            continue;
        }
        if below_title {
            return found;
        }
        above = found;
    }
    above
}

fn in_head(node: &NodeRef<'_>) -> bool {
    node.parent().is_some_and(|parent| parent.has_name("title"))
}

fn is_leaf(node: &NodeRef<'_>) -> bool {
    node.descendants_it().filter(NodeRef::is_element).count() <= 6
}

/// Whether an element stands in a box of other articles.
fn in_other_box(node: &NodeRef<'_>) -> bool {
    node.ancestors_it(Some(8)).any(|up| {
        !up.has_name("body")
            && hints(&up)
                .iter()
                .any(|word| ["related", "sidebar", "comments", "footer", "widget", "lienquan"].contains(&word.as_str()))
    })
}

/// `/2019/07/08/` or a slug that ends in a timestamp.
fn in_address(page: &Page, options: &Options) -> Option<Moment> {
    let path = page.url.path();
    let parts: Vec<&str> = path.split('/').collect();
    let by_folders = parts.windows(3).find_map(|three| match three {
        [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() == 2 => {
            date::parse(&format!("{year}-{month:0>2}-{day}"), options)
        }
        _ => None,
    });
    let by_name = || {
        path.split(|c: char| !c.is_ascii_digit())
            .filter(|digits| matches!(digits.len(), 14 | 17))
            .find_map(|digits| date::parse(digits.get(..14)?, options))
    };
    let by_dashes = || {
        let name = parts.last()?;
        let at = name.find("20")?;
        let day = name.get(at..at + 10)?;
        (day.as_bytes().get(4) == Some(&b'-')).then(|| date::parse(day, options)).flatten()
    };
    by_folders.or_else(by_name).or_else(by_dashes)
}
