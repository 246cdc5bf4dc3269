//! The page as a tree, with what every step asks of it: addresses, pictures, texts.

use std::collections::HashSet;

use dom_query::{Document as Dom, NodeId, NodeRef};
use url::Url;

use super::survey::Survey;
use super::words;
use crate::extract::date;
use crate::fetch::Document;
use crate::fetch::bound::{Walk as _, bound_lean};
use crate::source::{Context, date_options, plain};

/// The longest address that may be an article's or a picture's.
const MAX_ADDRESS: usize = 2048;

/// A listing page.
pub struct Page<'a> {
    pub dom: Dom,
    /// Against which addresses are resolved: `<base href>`, else the page's own.
    pub base: Url,
    pub url: &'a Url,
    pub dates: date::Options,
    /// Whether "8/7" alone is a day on this page, and no page of two.
    pub bare_days: bool,
    /// What there is too much of, where the rest of the page was left out.
    pub cut: Option<&'static str>,
    survey: Survey,
}

impl<'a> Page<'a> {
    pub fn new(document: &'a Document, context: Context<'_>) -> Self {
        let text = document.text();
        let bounded = bound_lean(&text);
        let dom = Dom::from(bounded.html.as_ref());
        let survey = Survey::of(&dom);
        let base = survey.base.as_deref().and_then(|href| document.url.join(href.trim()).ok());
        let base =
            base.filter(|base| matches!(base.scheme(), "http" | "https")).unwrap_or_else(|| document.url.clone());
        // One of them may tell which of two numbers is the month.
        let dates = date::settled(survey.dates.iter().map(String::as_str), &date_options(context));
        let bare_days = are_days(&survey.days);
        Self { dom, base, url: &document.url, dates, bare_days, cut: bounded.cut, survey }
    }

    /// Elements that are marked as leading to the next page.
    pub fn next(&self) -> impl Iterator<Item = NodeRef<'_>> {
        self.nodes(&self.survey.next)
    }

    /// Elements that are called pagers.
    pub fn pagers(&self) -> Vec<NodeRef<'_>> {
        self.nodes(&self.survey.pagers).collect()
    }

    /// Links of the body, and what leads to another page by a script.
    pub fn leading(&self) -> impl Iterator<Item = NodeRef<'_>> {
        self.nodes(&self.survey.leading)
    }

    fn nodes<'s>(&'s self, ids: &'s [NodeId]) -> impl Iterator<Item = NodeRef<'s>> {
        ids.iter().map(|&id| NodeRef::new(id, &self.dom.tree))
    }

    /// The address an `href` leads to, when it may be an article: http(s), or a file beside a file; not this page.
    pub fn link(&self, href: &str) -> Option<Url> {
        let url = self.address(href)?;
        let same_page =
            url.path() == self.url.path() && url.query() == self.url.query() && url.host() == self.url.host();
        (!same_page).then_some(url)
    }

    /// The absolute address of an `href` or `src`, without its fragment.
    pub fn address(&self, href: &str) -> Option<Url> {
        let href = href.trim();
        if href.is_empty() || href.starts_with('#') || href.len() > MAX_ADDRESS {
            return None;
        }
        // `&amp;amp;` in the source is `&amp;` here.
        let href = href.replace("&amp;", "&");
        let mut url = self.base.join(&href).ok()?;
        url.set_fragment(None);
        // A file is never reached from the web; a page that is a file itself may name those beside it.
        let allowed =
            matches!(url.scheme(), "http" | "https") || (url.scheme() == "file" && self.url.scheme() == "file");
        allowed.then_some(url)
    }

    /// The picture an element shows: lazy attributes first, because `src` is then a placeholder.
    pub fn picture(&self, image: &NodeRef<'_>) -> Option<Url> {
        let small = |name: &str| image.attr(name).and_then(|v| v.trim().trim_end_matches("px").parse::<u32>().ok());
        if small("width").is_some_and(|w| w < 40) || small("height").is_some_and(|h| h < 40) {
            return None;
        }
        // A button that leads to a file is no picture of the article.
        let to_file = image.parent().filter(|above| above.has_name("a")).and_then(|above| above.attr("href"));
        if to_file.is_some_and(|href| is_file(&href)) {
            return None;
        }
        // Faces, icons and logos stand in cards too, but are not their pictures.
        let small = ["avatar", "icon", "logo", "emoji", "arrow", "spinner", "author"];
        if words::tokens(&class_and_id(image)).iter().any(|token| small.contains(&token.as_str())) {
            return None;
        }
        let lazy =
            ["data-src", "data-original", "data-lazy-src", "data-lazy", "data-url", "data-srcset", "srcset", "src"];
        lazy.iter().find_map(|name| {
            let value = image.attr(name)?;
            let value = if name.ends_with("srcset") { largest(&value)? } else { value.trim().to_owned() };
            if value.starts_with("data:") || is_placeholder(&value) {
                return None;
            }
            self.address(&value)
        })
    }

    /// The feed the page names.
    pub fn feed(&self) -> Option<Url> {
        let kinds = ["application/rss+xml", "application/atom+xml", "application/feed+json"];
        self.nodes(&self.survey.links).find_map(|link| {
            let is_other =
                attr(&link, "rel").split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("alternate"));
            let is_feed = link.attr("type").is_some_and(|kind| kinds.iter().any(|one| kind.eq_ignore_ascii_case(one)));
            if is_other && is_feed { self.address(&link.attr("href")?) } else { None }
        })
    }

    /// The text of the body.
    pub fn text(&self) -> String {
        self.dom.body().map(|body| plain::of_node(&body)).unwrap_or_default()
    }
}

/// The address of the widest picture of a `srcset`: addresses, each with a width or density, between commas.
fn largest(srcset: &str) -> Option<String> {
    let mut best: Option<(f64, &str)> = None;
    let mut rest = srcset.trim();
    while !rest.is_empty() {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (url, after) = rest.split_at(end);
        // The address may hold commas, what follows it may not.
        let (size, next) = if url.ends_with(',') { ("", after) } else { after.split_once(',').unwrap_or((after, "")) };
        let size = size.trim().trim_end_matches(['w', 'x']).parse().unwrap_or(1.0);
        let url = url.trim_matches(',');
        if !url.is_empty() && best.is_none_or(|(most, _)| size > most) {
            best = Some((size, url));
        }
        rest = next.trim_start();
    }
    best.map(|(_, url)| url.to_owned())
}

/// Whether an address is that of a document to take home.
fn is_file(href: &str) -> bool {
    let path = href.split(['?', '#']).next().unwrap_or_default().trim_end();
    path.rsplit_once('.').is_some_and(|(_, ending)| {
        matches!(
            ending.to_ascii_lowercase().as_str(),
            "pdf" | "doc" | "docx" | "xls" | "xlsx" | "ppt" | "pptx" | "zip" | "rar" | "odt"
        )
    })
}

/// Whether an address is that of a picture that stands for a missing one, or of a sign: `new.gif`, `pdf_button.png`.
fn is_placeholder(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    let name = url.rsplit('/').next().unwrap_or_default();
    let stem = name.split(['.', '?']).next().unwrap_or_default();
    let sign =
        ["new", "hot", "pdf", "doc", "word", "print", "printer", "email", "mail", "star", "icon", "ico", "bullet"];
    let button = stem
        .split_once(['-', '_'])
        .is_some_and(|(what, kind)| sign.contains(&what) && matches!(kind, "button" | "icon" | "btn"));
    if button || sign.contains(&stem) {
        return true;
    }
    [
        "placeholder",
        "blank.",
        "spacer",
        "pixel.",
        "transparent",
        "loading",
        "lazy",
        "no-image",
        "noimage",
        "no_image",
        "default-image",
        "1x1",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// The value of an attribute, or nothing. What is longer than any address is cut: it is asked for again and again.
pub fn attr(node: &NodeRef<'_>, name: &str) -> String {
    node.attr(name).map(|value| cut(&value, 4096).to_owned()).unwrap_or_default()
}

fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

/// Class and id of an element, as much of them as a page made by people has.
pub fn class_and_id(node: &NodeRef<'_>) -> String {
    let mut out = String::new();
    for name in ["class", "id"] {
        if let Some(value) = node.attr(name) {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(cut(&value, 512));
        }
    }
    out
}

/// The tag's name.
pub fn name(node: &NodeRef<'_>) -> String {
    node.element_ref().map(|element| element.name.local.to_string()).unwrap_or_default()
}

/// The first element below a node (the node itself included) that `wanted` accepts, in document order.
pub fn find<'d>(root: &NodeRef<'d>, wanted: impl Fn(&NodeRef<'d>) -> bool) -> Option<NodeRef<'d>> {
    if root.is_element() && wanted(root) {
        return Some(*root);
    }
    root.below().find(|node| node.is_element() && wanted(node))
}

/// Whether the page's own texts show that "8/7" alone is a day: several texts are no more than that, more than one day,
/// and one of them can be nothing but a day first.
fn are_days(days: &HashSet<String>) -> bool {
    // "24/7" is a promise, and "16/9" a shape of pictures.
    let sure = |day: &String| {
        let first = day.split(['/', '-']).next().and_then(|day| day.parse::<u8>().ok());
        first.is_some_and(|day| day > 12) && !matches!(day.as_str(), "24/7" | "16/9")
    };
    days.len() >= 3 && days.iter().any(sure)
}
