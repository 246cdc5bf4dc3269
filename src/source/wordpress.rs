//! The REST API of WordPress: `/wp-json/wp/v2/posts`, an array of posts. With `?_embed=1` it also names pictures,
//! authors, categories and tags.

use serde_json::Value;
use url::Url;

use super::{Context, Kind, Listing, SourceError, date_options, plain, sniff};
use crate::article::{Candidate, SourceDate};
use crate::extract::date;
use crate::fetch::{Document, bound};

/// The kind.
pub struct WordPress;

/// Most posts taken: what the API gives at most.
const MOST: usize = 100;
/// Categories that every post without one has.
const NO_CATEGORY: &[&str] = &["uncategorized", "chưa phân loại", "chưa được phân loại"];

impl Kind for WordPress {
    fn name(&self) -> &'static str {
        "wordpress"
    }

    fn recognises(&self, document: &Document) -> bool {
        if !sniff::is_general(&document.media_type) {
            return false;
        }
        let head = sniff::head(&document.bytes);
        if !head.starts_with('[') {
            return false;
        }
        let head: String = head.chars().filter(|c| !c.is_whitespace()).collect();
        let is_post = ["\"title\":{\"rendered\"", "\"guid\":{\"rendered\"", "\"excerpt\":{\"rendered\""];
        is_post.iter().any(|field| head.contains(field)) || (head == "[]" && is_posts(&document.url))
    }

    fn list(&self, document: &Document, context: Context<'_>) -> Result<Listing, SourceError> {
        let broken = |reason| SourceError::Broken { url: document.url.to_string(), reason };
        let posts = bound::json(&document.text()).map_err(broken)?;
        let posts = posts.as_array().map(Vec::as_slice).unwrap_or_default();
        let candidates: Vec<Candidate> =
            posts.iter().take(MOST).filter_map(|post| candidate(post, &document.url, context)).collect();
        let mut why = vec![format!("the WordPress API: {} posts", posts.len())];
        if candidates.len() < posts.len() {
            why.push(format!("{} posts are drafts, or have no address", posts.len() - candidates.len()));
        }
        if posts.iter().all(|post| post.get("_embedded").is_none()) && !posts.is_empty() {
            why.push("with `_embed=1` in the address it would also name pictures, authors and tags".to_owned());
        }
        let next = next(&document.url, posts.len());
        Ok(Listing { kind: self.name(), candidates, next, why, ..Listing::default() })
    }
}

/// Whether an address is one of the API.
fn is_posts(url: &Url) -> bool {
    url.path().contains("/wp/v2/")
        || url.query_pairs().any(|(name, value)| name == "rest_route" && value.contains("/wp/v2/"))
}

fn candidate(post: &Value, base: &Url, context: Context<'_>) -> Option<Candidate> {
    let text = |pointer: &str| post.pointer(pointer).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    if text("/status").is_some_and(|status| status != "publish") {
        return None;
    }
    let url = base.join(text("/link")?.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let mut found = Candidate::of(url);
    let rendered = |pointer: &str| text(pointer).map(plain::of_html).filter(|text| !text.is_empty());
    found.native_id = text("/guid/rendered").map(plain::of_html);
    found.title = rendered("/title/rendered");
    found.lead = rendered("/excerpt/rendered").map(|lead| without_ellipsis(&lead)).filter(|lead| !lead.is_empty());
    let is_protected = post.pointer("/content/protected").and_then(Value::as_bool).unwrap_or(false);
    found.body = text("/content/rendered").filter(|_| !is_protected).map(str::to_owned);
    // `…_gmt` is UTC without saying so; the other one is the site's own time.
    let at = |name: &str| {
        let gmt = text(&format!("/{name}_gmt")).filter(|text| !text.starts_with("0000"));
        let stated = gmt.map(|text| format!("{text}Z")).or_else(|| text(&format!("/{name}")).map(str::to_owned));
        let at = date::parse(&stated?, &date_options(context))?;
        Some(SourceDate { at, provenance: "wordpress".to_owned() })
    };
    found.published = at("date");
    found.updated = at("modified").filter(|updated| {
        let zone = context.section.timezone;
        let published = found.published.as_ref().map(|date| super::sort_time(date.at, zone));
        published.is_none_or(|published| super::sort_time(updated.at, zone) > published)
    });
    let picture = [
        "/_embedded/wp:featuredmedia/0/source_url",
        "/jetpack_featured_media_url",
        "/yoast_head_json/og_image/0/url",
        "/featured_media_src_url",
    ];
    found.image = picture.iter().find_map(|pointer| base.join(text(pointer)?).ok());
    let names = |pointer: &str| -> Vec<String> {
        let all = post.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        // Terms are lists of lists: one list a taxonomy.
        let flat = all.flat_map(|value| value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice));
        flat.filter_map(|value| value.get("name").and_then(Value::as_str)).map(plain::of_html).collect()
    };
    found.byline = super::people(names("/_embedded/author"));
    for tag in names("/_embedded/wp:term") {
        let is_none = NO_CATEGORY.contains(&tag.to_lowercase().as_str());
        if !tag.is_empty() && !is_none && !found.tags.contains(&tag) {
            found.tags.push(tag);
        }
    }
    Some(found)
}

/// Without the "[…]" at which WordPress cuts an excerpt.
fn without_ellipsis(lead: &str) -> String {
    for mark in ["[…]", "[...]", "[&hellip;]"] {
        if let Some(lead) = lead.strip_suffix(mark) {
            return format!("{}…", lead.trim_end());
        }
    }
    lead.to_owned()
}

/// The next page, as long as the pages are full.
fn next(url: &Url, posts: usize) -> Option<Url> {
    let number = |name: &str| url.query_pairs().find(|(key, _)| key == name)?.1.parse::<usize>().ok();
    let full = number("per_page").unwrap_or(10);
    if posts < full || full == 0 || !is_posts(url) {
        return None;
    }
    Some(super::with_page(url, "page", number("page").unwrap_or(1) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Section;
    use crate::fetch::Validators;

    fn read(url: &str, json: &str) -> Listing {
        let document = Document {
            url: url.parse().unwrap(),
            media_type: "application/json".to_owned(),
            charset: None,
            bytes: json.as_bytes().to_vec(),
            validators: Validators::default(),
            date: None,
            moved: false,
            room: crate::fetch::Room::default(),
        };
        let section = Section::for_tests("tin", url);
        crate::source::list(&document, Context { section: &section, now: "2026-11-22T10:00:00Z".parse().unwrap() })
            .unwrap()
    }

    const POSTS: &str = r#"[
      {"id": 12, "date": "2026-11-22T08:30:00", "date_gmt": "2026-11-22T01:30:00", "modified_gmt": "2026-11-22T02:00:00",
       "guid": {"rendered": "https://tinh.example.vn/?p=12"}, "status": "publish", "link": "https://tinh.example.vn/cau-moi/",
       "title": {"rendered": "Cầu mới &#8211; đường mới &amp; chợ"}, "excerpt": {"rendered": "<p>Sáng nay, cầu [&hellip;]</p>\n"},
       "content": {"rendered": "<p>Toàn văn</p>", "protected": false},
       "_embedded": {"author": [{"name": "admin"}, {"name": "Thủy Châu"}],
         "wp:featuredmedia": [{"source_url": "https://tinh.example.vn/anh/cau.jpg"}],
         "wp:term": [[{"name": "Chưa phân loại"}, {"name": "Thời sự"}], [{"name": "cầu"}]]}},
      {"id": 11, "date": "2026-11-21T20:00:00", "link": "https://tinh.example.vn/hai/", "title": {"rendered": "Hai"},
       "content": {"rendered": "<p>Kín</p>", "protected": true}},
      {"id": 10, "status": "draft", "link": "https://tinh.example.vn/nhap/", "title": {"rendered": "Nháp"}}
    ]"#;

    #[test]
    fn posts_become_candidates() {
        let listing = read("https://tinh.example.vn/wp-json/wp/v2/posts?_embed=1&per_page=3", POSTS);
        assert_eq!(listing.kind, "wordpress");
        let [one, two] = listing.candidates.as_slice() else { panic!("{listing:?}") };
        assert_eq!(one.title.as_deref(), Some("Cầu mới – đường mới & chợ"));
        assert_eq!(one.lead.as_deref(), Some("Sáng nay, cầu…"));
        assert_eq!(one.native_id.as_deref(), Some("https://tinh.example.vn/?p=12"));
        assert_eq!(one.published.as_ref().unwrap().at.to_text(), "2026-11-22T01:30:00Z");
        assert_eq!(one.updated.as_ref().unwrap().at.to_text(), "2026-11-22T02:00:00Z");
        assert_eq!(one.byline.as_deref(), Some("Thủy Châu"));
        assert_eq!(one.tags, ["Thời sự", "cầu"]);
        assert_eq!(one.image.as_ref().unwrap().path(), "/anh/cau.jpg");
        assert_eq!(one.body.as_deref(), Some("<p>Toàn văn</p>"));
        assert_eq!(two.published.as_ref().unwrap().at.to_text(), "2026-11-21T20:00:00+07:00", "the section's time");
        assert_eq!(two.body, None, "protected");
        let next = listing.next.unwrap();
        assert_eq!(next.query(), Some("_embed=1&per_page=3&page=2"));
        assert_eq!(read("https://tinh.example.vn/wp-json/wp/v2/posts", POSTS).next, None, "a page that is not full");
    }

    #[test]
    fn an_empty_answer_is_still_wordpress() {
        let listing = read("https://tinh.example.vn/?rest_route=/wp/v2/posts", "[ ]");
        assert_eq!((listing.kind, listing.candidates.len()), ("wordpress", 0));
    }
}
