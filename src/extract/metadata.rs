//! What a page says of itself outside its text: JSON-LD, Open Graph, `meta`, microdata.

use std::collections::HashMap;

use serde_json::Value;

use super::page::{Page, attribute, text_of, unescape};
use crate::fetch::bound;

/// A value and where it stood.
pub(super) type Said = (String, &'static str);

/// The page's own account, each field in the order in which it is believed.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub titles: Vec<Said>,
    pub descriptions: Vec<Said>,
    pub authors: Vec<Said>,
    /// Organisations that are named as author; the publisher is left out, it writes everything.
    pub offices: Vec<Said>,
    pub sections: Vec<Said>,
    pub published: Vec<Said>,
    pub modified: Vec<Said>,
    /// Dates of publication in the data that the page keeps for its own scripts.
    pub data: Vec<String>,
    pub images: Vec<Said>,
    pub canonical: Option<Said>,
    pub tags: Vec<String>,
    pub site_name: Option<String>,
    pub language: Option<String>,
    /// The whole text as JSON-LD repeats it: a witness for the body.
    pub body: Option<String>,
    /// The `generator`, in lower case.
    pub generator: String,
}

const PUBLISHED: &[&str] = &[
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "article:published_date",
    "article:publish_date",
    "article:publicationdate",
    "article:post_date",
    "og:published_time",
    "og:publish_date",
    "og:article:publishedtime",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publishdate",
    "publish_date",
    "publish-date",
    "publication_date",
    "publication-date",
    "publicationdate",
    "published_time",
    "published_at",
    "published_time_telegram",
    "date_published",
    "citation_publication_date",
    "citation_online_date",
    "prism.publicationdate",
    "bt:pubdate",
    "shareaholic:article_published_time",
    "displaydate",
    "release_date",
    "article-publication-date",
    "search.date",
    "article.published",
    "published-date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "dcterms.date",
    "dc.date",
    "cxenseparse:recs:publishtime",
    "og:pubdate",
    "originalpublicationdate",
    "datecreated",
    "article:created_time",
    "article_date_original",
    "date",
];

const MODIFIED: &[&str] = &[
    "article:modified_time",
    "og:updated_time",
    "og:modified_time",
    "datemodified",
    "dcterms.modified",
    "article:modified",
    "article:modified_date",
    "shareaholic:article_modified_time",
    "revision_date",
    "last-modified",
    "lastmod",
];

/// Reads all of it.
pub(super) fn read(page: &Page) -> Metadata {
    let mut out = Metadata::default();
    json_ld(page, &mut out);
    let meta = meta(page);
    let get = |name: &str| meta.get(name).and_then(|values| values.first()).cloned();
    let push = |list: &mut Vec<Said>, names: &[&str], from: &'static str| {
        list.extend(names.iter().filter_map(|name| get(name)).map(|value| (value, from)));
    };
    push(&mut out.titles, &["og:title"], "og:title");
    push(&mut out.titles, &["twitter:title", "dc.title", "dcterms.title"], "meta");
    push(&mut out.descriptions, &["og:description"], "og:description");
    push(&mut out.descriptions, &["description", "twitter:description", "dc.description"], "meta description");
    push(
        &mut out.authors,
        &["article:author", "author", "dc.creator", "parsely-author", "sailthru.author", "byl"],
        "meta",
    );
    // A pair that some systems write for chats: a label and what it labels.
    for number in ["1", "2"] {
        let label = get(&format!("twitter:label{number}")).unwrap_or_default();
        let key = crate::article::text::folded(&label);
        if matches!(key.as_str(), "written by" | "author" | "duoc viet boi" | "tac gia" | "viet boi") {
            out.authors.extend(get(&format!("twitter:data{number}")).map(|name| (name, "meta")));
        }
    }
    push(&mut out.published, PUBLISHED, "meta");
    push(&mut out.modified, MODIFIED, "meta");
    push(
        &mut out.images,
        &["og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"],
        "og:image",
    );
    push(&mut out.sections, &["article:section", "og:article:section"], "meta");
    out.site_name = get("og:site_name");
    out.generator = get("generator").unwrap_or_default().to_lowercase();
    microdata(page, &mut out);
    if out.published.is_empty() {
        out.data = data(page);
    }
    if out.canonical.is_none() {
        let link = page.marked("link[rel=canonical][href]").first().and_then(|node| attribute(node, "href"));
        out.canonical = link.map(|href| (href, "link canonical")).or_else(|| get("og:url").map(|url| (url, "og:url")));
    }
    if out.tags.is_empty() {
        out.tags = meta.get("article:tag").cloned().unwrap_or_default();
    }
    if out.tags.is_empty()
        && let Some(keywords) = get("news_keywords").or_else(|| get("keywords"))
    {
        let words: Vec<String> = split_keywords(&keywords);
        // A page with dozens of keywords speaks to search engines.
        if (1..=8).contains(&words.len()) && words.iter().all(|word| word.chars().count() <= 40) {
            out.tags = words;
        }
    }
    let html =
        page.named("html").next().and_then(|node| attribute(&node, "lang").or_else(|| attribute(&node, "xml:lang")));
    out.language = html.or(out.language).or_else(|| get("content-language")).or_else(|| get("og:locale"));
    out
}

/// `a, b; c` as a list.
fn split_keywords(text: &str) -> Vec<String> {
    text.split([',', ';']).map(unescape).filter(|word| !word.is_empty()).collect()
}

/// All `meta`, by name, property or itemprop in lower case.
fn meta(page: &Page) -> HashMap<String, Vec<String>> {
    let mut out: HashMap<String, Vec<String>> = HashMap::new();
    for node in page.named("meta") {
        let Some(content) = attribute(&node, "content").map(|content| unescape(&content)).filter(|c| !c.is_empty())
        else {
            continue;
        };
        for name in ["property", "name", "itemprop", "http-equiv"] {
            if let Some(name) = attribute(&node, name) {
                out.entry(name.to_lowercase()).or_default().push(content.clone());
            }
        }
    }
    out
}

/// Microdata that stands on visible elements.
fn microdata(page: &Page, out: &mut Metadata) {
    let said = |node: &dom_query::NodeRef<'_>| {
        attribute(node, "datetime").or_else(|| attribute(node, "content")).unwrap_or_else(|| text_of(node))
    };
    let add = |selector: &str, list: &mut Vec<Said>| {
        let found = page.marked(selector).iter().map(said).find(|value| !value.is_empty());
        list.extend(found.map(|value| (value, "microdata")));
    };
    add("[itemprop~=datePublished]", &mut out.published);
    add("[itemprop~=dateModified],time.updated", &mut out.modified);
    add("[itemprop~=headline]", &mut out.titles);
}

/// Longest JSON-LD that is read: the text of an article stands in it once.
const LONGEST_DATA: usize = 1024 * 1024;

/// The first article in the page's JSON-LD; without one, what a page of another type says of its dates.
fn json_ld(page: &Page, out: &mut Metadata) {
    let mut dates = Dates::default();
    let is_data = |node: &dom_query::NodeRef<'_>| {
        node.attr("type").is_some_and(|kind| kind.eq_ignore_ascii_case("application/ld+json"))
    };
    for node in page.named("script").filter(is_data) {
        if node.text().len() > LONGEST_DATA {
            continue;
        }
        let raw: String = node.text().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let raw = raw.trim().trim_start_matches("<![CDATA[").trim_end_matches("]]>").trim().trim_end_matches(';');
        let Ok(value) = bound::json(raw) else {
            // A quotation mark in a headline breaks the whole, but not its dates.
            dates.published.extend(quoted(raw, &["datePublished"]).next());
            dates.modified.extend(quoted(raw, &["dateModified"]).next());
            continue;
        };
        if let Some(article) = find_article(&value, 0) {
            take_article(article, out);
            if !out.published.is_empty() {
                return;
            }
        }
        dates.take(&value, 0);
    }
    let first = |list: Vec<String>| list.into_iter().next().map(|text| (text, OTHER_PAGE));
    out.published.extend(first(dates.published));
    if out.modified.is_empty() {
        out.modified.extend(first(dates.modified));
    }
}

/// Where the dates of a page come from whose type is no article's.
pub(super) const OTHER_PAGE: &str = "json-ld (page)";

/// Dates of pages that are no articles by their type.
#[derive(Default)]
struct Dates {
    published: Vec<String>,
    modified: Vec<String>,
}

impl Dates {
    fn take(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Array(all) if depth < 6 => {
                for one in all.iter().take(64) {
                    self.take(one, depth + 1);
                }
            }
            Value::Object(fields) if depth < 6 => {
                let kinds = strings(fields.get("@type"));
                let is_page = |kind: &String| {
                    kind.ends_with("Page")
                        || kind.ends_with("Episode")
                        || matches!(kind.as_str(), "CreativeWork" | "Recipe" | "Review" | "HowTo" | "Blog")
                };
                if kinds.iter().any(is_page) {
                    self.published.extend(strings(fields.get("datePublished")).into_iter().next());
                    self.modified.extend(strings(fields.get("dateModified")).into_iter().next());
                }
                for key in ["@graph", "mainEntity", "mainEntityOfPage"] {
                    if let Some(inner) = fields.get(key) {
                        self.take(inner, depth + 1);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The dates of publication in the data of a page's own scripts: `"publishDate":"2019-07-08"`.
fn data(page: &Page) -> Vec<String> {
    const KEYS: &[&str] = &[
        "publishDate",
        "publish_date",
        "publishedDate",
        "published_date",
        "datePublished",
        "date_published",
        "publishedAt",
        "published_at",
        "publicationDate",
        "first_publication_date",
        "pubDate",
        "postedAt",
    ];
    let mut out = Vec::new();
    for node in page.named("script").filter(|node| !node.has_attr("src")) {
        let text = node.text();
        out.extend(quoted(&text, KEYS).take(MOST_DATA));
        if out.len() >= MOST_DATA {
            break;
        }
    }
    out
}

/// Most dates that are taken from a page's data: with more, they are those of a list.
const MOST_DATA: usize = 12;

/// The values that stand in quotes behind quoted keys, escaped or not.
fn quoted<'a>(text: &'a str, keys: &'a [&'a str]) -> impl Iterator<Item = String> + 'a {
    keys.iter().flat_map(move |key| text.match_indices(key).map(move |(at, _)| (at, at + key.len()))).filter_map(
        move |(from, to)| {
            let before = text.get(..from)?;
            if !before.ends_with(['"', '\'']) {
                return None;
            }
            let rest = text.get(to..)?.trim_start_matches(['\\', '"', '\'', ' ']).strip_prefix(':')?;
            let rest = rest.trim_start_matches([' ', '\n']).trim_start_matches('\\').strip_prefix(['"', '\''])?;
            let value = rest.split(['"', '\'', '\\']).next()?;
            (8..=40).contains(&value.len()).then(|| value.to_owned())
        },
    )
}

/// The article among nested objects and graphs.
fn find_article(value: &Value, depth: usize) -> Option<&Value> {
    if depth > 6 {
        return None;
    }
    match value {
        Value::Array(all) => all.iter().find_map(|one| find_article(one, depth + 1)),
        Value::Object(fields) => {
            let is_article = |kind: &str| {
                kind.ends_with("Article")
                    || matches!(kind, "BlogPosting" | "Report" | "LiveBlogPosting" | "SocialMediaPosting")
            };
            let typed = match fields.get("@type") {
                Some(Value::String(kind)) => is_article(kind),
                Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).any(is_article),
                _ => false,
            };
            if typed && (fields.contains_key("headline") || fields.contains_key("datePublished")) {
                return Some(value);
            }
            ["@graph", "mainEntity", "mainEntityOfPage"]
                .iter()
                .filter_map(|key| fields.get(*key))
                .find_map(|inner| find_article(inner, depth + 1))
        }
        _ => None,
    }
}

/// The fields of a JSON-LD article.
fn take_article(article: &Value, out: &mut Metadata) {
    let one = |key: &str| strings(article.get(key)).into_iter().next();
    let from = "json-ld";
    out.titles.extend(one("headline").or_else(|| one("name")).map(|text| (text, from)));
    out.descriptions.extend(one("description").map(|text| (text, from)));
    let (offices, persons): (Vec<&Value>, Vec<&Value>) = each(article.get("author")).partition(|one| is_office(one));
    let authors: Vec<String> = persons.into_iter().flat_map(|one| strings(Some(one))).collect();
    if !authors.is_empty() {
        out.authors.push((authors.join(", "), from));
    }
    let publisher = strings(article.get("publisher"));
    let offices: Vec<String> = offices.into_iter().flat_map(|one| strings(Some(one))).collect();
    out.offices.extend(offices.into_iter().filter(|name| !publisher.contains(name)).map(|name| (name, from)));
    out.sections.extend(one("articleSection").map(|text| (text, from)));
    out.published.extend(one("datePublished").or_else(|| one("dateCreated")).map(|text| (text, from)));
    out.modified.extend(one("dateModified").map(|text| (text, from)));
    out.images.extend(one("image").or_else(|| one("thumbnailUrl")).map(|url| (url, from)));
    out.language = one("inLanguage");
    out.body = article.get("articleBody").and_then(Value::as_str).map(unescape);
    let keywords = match article.get("keywords") {
        Some(Value::String(list)) => split_keywords(list),
        other => strings(other),
    };
    if keywords.len() <= 12 {
        out.tags = keywords;
    }
}

/// The values of a list, or the one that stands alone.
fn each(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (list, single) = match value {
        Some(Value::Array(list)) => (list.as_slice(), None),
        other => (&[][..], other),
    };
    list.iter().chain(single)
}

/// Whether an author is no person.
fn is_office(author: &Value) -> bool {
    let kind = author.get("@type").and_then(Value::as_str).unwrap_or_default();
    kind.ends_with("Organization") || kind == "WebSite"
}

/// The strings of a value that may be a string, an object with a name or address, or a list of those.
fn strings(value: Option<&Value>) -> Vec<String> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(unescape(text)),
        Value::Object(fields) => ["name", "url", "@id", "@value"]
            .iter()
            .find_map(|key| fields.get(*key))
            .and_then(|inner| match inner {
                Value::Array(list) => list.first().and_then(Value::as_str),
                other => other.as_str(),
            })
            .map(unescape),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let all: Vec<Option<String>> = match value {
        None => Vec::new(),
        Some(Value::Array(list)) => list.iter().map(one).collect(),
        Some(single) => vec![one(single)],
    };
    all.into_iter().flatten().filter(|text| !text.is_empty()).collect()
}
