//! The title, without the name of the site.

mod line;

use std::collections::HashSet;

use dom_query::{NodeId, NodeRef};

use super::blocks::Block;
use super::metadata::Metadata;
use super::page::{Page, text_of, unescape};
use crate::article::text;
use crate::fetch::bound::Walk as _;

/// What may part a title from the name of its site.
const SEPARATORS: &[&str] =
    &[" | ", " - ", " – ", " — ", " :: ", " » ", " « ", " • ", " · ", " ‹ ", " // ", " > ", " › "];

/// How names of sites begin, and names of pages that say nothing of the article, folded.
const SITES: &[&str] = &[
    "cong thong tin",
    "cong tin tuc",
    "trang thong tin",
    "trang tin dien tu",
    "trang chu",
    "trang nhat",
    "website",
    "bao dien tu",
    "home",
    "homepage",
    "welcome to",
    "official website",
    "official portal",
];
const SAYS_NOTHING: &[&str] = &[
    "tin tuc",
    "tin tuc su kien",
    "tin tuc - su kien",
    "tin hoat dong",
    "chi tiet",
    "chi tiet tin",
    "chi tiet tin tuc",
    "chi tiet bai viet",
    "xem tin",
    "xem chi tiet",
    "noi dung",
    "noi dung tin",
    "bai viet",
    "news",
    "news detail",
    "news details",
    "article",
    "article detail",
    "detail",
    "details",
    "untitled",
    "untitled document",
    "untitled page",
    "index",
    "default",
];

/// The title and where it came from. `body` is the text of the article, near which it stands.
pub(super) fn find(
    page: &Page,
    selector: Option<&str>,
    said: &Metadata,
    listed: Option<&str>,
    body: &[Block],
    furniture: &HashSet<NodeId>,
) -> Option<(String, &'static str)> {
    if let Some(own) = selector.and_then(|selector| page.first_text(selector)) {
        return Some((own, "selector"));
    }
    let head = page
        .named("title")
        .find(|node| node.above(None).any(|up| up.has_name("head")))
        .map(|node| unescape(&text_of(&node)))
        .unwrap_or_default();
    let witnesses: Vec<Witness> = std::iter::once(head.as_str())
        .chain(said.titles.iter().map(|(title, _)| title.as_str()))
        .chain(listed)
        .map(|title| Witness::of(title, said))
        .collect();
    if let Some(heading) = repeated(page, said, &witnesses, furniture) {
        return Some((strip(&heading, said), "heading"));
    }
    // A page that is called by the name of its site says nothing of its title: what stands above the text does.
    let told = std::iter::once(head.as_str()).chain(said.titles.iter().map(|(title, _)| title.as_str()));
    let is_nameless = told.flat_map(parts).all(|(_, part)| says_nothing(part, said));
    if is_nameless {
        let shown = line::find(page, body, furniture);
        let listed = listed.map(text::one_line).filter(|listed| !listed.is_empty());
        let found = match (shown, listed) {
            // A listing cuts what is long.
            (Some(line), Some(listed))
                if text::match_key(&line).starts_with(text::match_key(cut(&listed)).as_str()) =>
            {
                Some((line, "line above the text"))
            }
            (_, Some(listed)) => Some((listed, "listing")),
            (Some(line), None) => Some((line, "line above the text")),
            (None, None) => None,
        };
        if found.is_some() {
            return found;
        }
    }
    // The only heading is the title when it speaks of the same thing; else it may be the name of the site.
    let heads: Vec<NodeRef<'_>> = page.named("h1").collect();
    if let [only] = heads.as_slice()
        && let heading = text_of(only)
        && (8..=300).contains(&heading.chars().count())
        && witnesses.iter().any(|witness| share_words(&heading, &witness.key))
    {
        return Some((heading, "heading"));
    }
    if let Some((title, from)) = said.titles.first() {
        return Some((strip(title, said), from));
    }
    if let Some(heading) = heads.iter().map(text_of).find(|heading| heading.chars().count() >= 8) {
        return Some((heading, "heading"));
    }
    if let Some(part) = shown_part(page, &head, said) {
        return Some((part, "title element"));
    }
    if !head.is_empty() {
        return Some((strip(&head, said), "title element"));
    }
    listed.map(|title| (text::one_line(title), "listing"))
}

/// The heading that the page repeats as its own title. The page's own `h1` and what is called its title first; then any
/// heading that leads nowhere.
fn repeated(page: &Page, said: &Metadata, witnesses: &[Witness], furniture: &HashSet<NodeId>) -> Option<String> {
    // Tenths of what the witness says that a heading has to say too.
    let confirmed = |node: &NodeRef<'_>, tenths: usize| -> Option<String> {
        let heading = text_of(node);
        let key = text::match_key(&heading);
        let length = key.chars().count();
        let says = |witness: &Witness| witness.key.contains(&key) && length * 10 >= witness.length * tenths;
        ((8..=300).contains(&heading.chars().count()) && witnesses.iter().any(says))
            .then_some(heading)
            .filter(|heading| !says_nothing(heading, said))
    };
    let heads = page.named("h1");
    let called = page.marked("[itemprop~=headline],.title-detail,.article-title,.entry-title,.post-title,h2.title");
    let first = heads.chain(called.into_iter().filter(|node| !node.has_name("h1")));
    let first = first.filter_map(|node| confirmed(&node, 0)).max_by_key(|heading| heading.chars().count());
    if first.is_some() {
        return first;
    }
    let stands_apart = |node: &NodeRef<'_>| {
        !node.above(None).any(|up| {
            up.has_name("a")
                || up.has_name("nav")
                || up.has_name("aside")
                || up.has_name("footer")
                || furniture.contains(&up.id)
        }) && !node.below().any(|inner| inner.has_name("a"))
    };
    let others = page
        .named("h2")
        .chain(page.named("h3"))
        .chain(page.marked("[class*=tieude],[class*=tieu-de],[class*=title],[id$=lblTieuDe],[id$=lbHeadline]"))
        .filter(stands_apart)
        .filter_map(|node| confirmed(&node, 6));
    others.max_by_key(|heading| heading.chars().count())
}

/// What says how the page is called.
struct Witness {
    key: String,
    /// Characters of what it says besides the name of the site.
    length: usize,
}

impl Witness {
    fn of(title: &str, said: &Metadata) -> Self {
        let own = parts(title).into_iter().filter(|(_, part)| !says_nothing(part, said));
        let length = own.map(|(_, part)| part.chars().count()).max().unwrap_or_default();
        Self { key: text::match_key(title), length }
    }
}

/// A listing's title without the sign that it was cut.
fn cut(title: &str) -> &str {
    title.trim_end_matches(['.', '…', ' '])
}

/// The parts of a page's own title, each with its place.
fn parts(title: &str) -> Vec<(usize, &str)> {
    let mut parts = vec![(0, title)];
    for separator in SEPARATORS {
        let split = |(at, part): (usize, &'_ str)| {
            let mut out = Vec::new();
            let mut rest = (at, part);
            while let Some((before, after)) = rest.1.split_once(separator) {
                out.push((rest.0, before.len()));
                rest = (rest.0 + before.len() + separator.len(), after);
            }
            out.push((rest.0, rest.1.len()));
            out
        };
        parts = parts
            .into_iter()
            .flat_map(split)
            .filter_map(|(at, length)| Some((at, title.get(at..at + length)?)))
            .collect();
    }
    parts
}

/// Whether a text is the name of the site, or of any page of it.
fn says_nothing(part: &str, said: &Metadata) -> bool {
    let site = said.site_name.as_deref().map(text::match_key).unwrap_or_default();
    is_name_of_any_page(part) || (!site.is_empty() && text::match_key(part) == site)
}

/// Whether a text is called as sites are, or as any page of them may be ("Chi tiết tin").
fn is_name_of_any_page(part: &str) -> bool {
    let folded = text::folded(part);
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    bare.is_empty() || SAYS_NOTHING.contains(&bare) || is_name_of_site(part)
}

/// Whether a text is called as sites are.
fn is_name_of_site(part: &str) -> bool {
    let folded = text::folded(part);
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    SITES.iter().any(|name| {
        bare.strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || (rest.starts_with(' ') && bare.split(' ').count() <= 14))
    }) && !(bare.starts_with("home ") && bare.split(' ').count() > 3)
}

/// The stretch of the title element that the page shows as a line of its own; a title may hold the sign that parts it
/// from the site.
fn shown_part(page: &Page, head: &str, said: &Metadata) -> Option<String> {
    let parts = parts(head);
    let mut stretches: Vec<&str> = Vec::new();
    for (from, (begin, _)) in parts.iter().enumerate() {
        for (at, last) in parts.iter().skip(from).take(6) {
            stretches.extend(head.get(*begin..at + last.len()));
        }
    }
    stretches.retain(|stretch| stretch.chars().count() >= 12 && !says_nothing(stretch, said));
    let keys: Vec<String> = stretches.iter().map(|stretch| text::match_key(stretch)).collect();
    let body = page.tree.body()?;
    let lines: Vec<NodeRef<'_>> = body
        .below()
        .filter(|node| node.is_text() && !node.parent().is_some_and(|parent| parent.has_name("a")))
        .collect();
    let stands = |key: &str| key.chars().count() >= 12 && lines.iter().any(|line| text::has_key(&line.text(), key));
    let shown = stretches.iter().zip(&keys).filter(|(_, key)| stands(key));
    shown.max_by_key(|(stretch, _)| stretch.chars().count()).map(|(stretch, _)| text::one_line(stretch))
}

/// Whether a third of the words of a heading stand in a witness, and more than one.
fn share_words(heading: &str, witness: &str) -> bool {
    let key = text::match_key(heading);
    let words: Vec<&str> = key.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 1).collect();
    let there: Vec<&str> = witness.split(|c: char| !c.is_alphanumeric()).collect();
    let shared = words.iter().filter(|word| there.contains(word)).count();
    shared >= 2 && shared * 3 >= words.len()
}

/// The title without " | Site".
fn strip(title: &str, said: &Metadata) -> String {
    let site = said.site_name.as_deref().map(text::match_key).unwrap_or_default();
    for separator in SEPARATORS {
        let Some((before, after)) = title.rsplit_once(separator) else { continue };
        let key = text::match_key(after);
        let named = !site.is_empty() && (key == site || site.contains(&key) || key.contains(&site));
        // A hyphen parts clauses too; a bar does not.
        let certain = matches!(*separator, " | " | " :: " | " » " | " « ");
        let small = after.split_whitespace().count() <= 5 && before.split_whitespace().count() >= 4;
        let host_like = after.contains('.') && !after.contains(". ");
        if named || (small && (certain || host_like)) {
            return strip(before.trim(), said);
        }
    }
    title.to_owned()
}
