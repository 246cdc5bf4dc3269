//! Which sitemaps of an index are worth reading: those that list articles, and of these the ones that changed last.

use url::Url;

use super::read::{Entry, Sitemap};
use super::{Listing, address};

/// Most sitemaps followed from one index.
const MOST: usize = 3;

/// Puts the chosen sitemaps into `listing.follow`.
pub fn choose(index: &Sitemap, base: &Url, listing: &mut Listing) {
    let mut children: Vec<(Class, &Entry, Url)> = index
        .entries
        .iter()
        .filter_map(|entry| address(&entry.loc, base).map(|url| (class(&url), entry, url)))
        .filter(|(_, _, url)| url != base)
        .collect();
    let all = children.len();
    let has_articles = children.iter().any(|(class, ..)| *class > Class::Other);
    let has_others = children.iter().any(|(class, ..)| *class > Class::Lists);
    children.retain(|(class, ..)| {
        *class
            >= if has_articles {
                Class::Articles
            } else if has_others {
                Class::Other
            } else {
                Class::Lists
            }
    });
    // Where the index says of every sitemap when it changed, an unchanged index means unchanged sitemaps.
    listing.follow_always = children.iter().any(|(_, entry, _)| entry.lastmod.is_none());
    // RFC 3339 dates sort as text, well enough to choose by; parts are numbered from the oldest on.
    children.sort_by(|(a, one, a_url), (b, two, b_url)| {
        (b, &two.lastmod, number(b_url)).cmp(&(a, &one.lastmod, number(a_url)))
    });
    children.truncate(MOST);
    listing.follow = children.into_iter().map(|(_, _, url)| url).collect();
    let names: Vec<&str> = listing.follow.iter().map(Url::as_str).collect();
    listing.why.push(format!("an index of {all} sitemaps; followed: {}", names.join(", ")));
}

/// What a sitemap lists, by its name; the greater, the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Lists,
    Other,
    Articles,
    News,
}

fn class(url: &Url) -> Class {
    const LISTS: &[&str] = &[
        "category",
        "categories",
        "tag",
        "tags",
        "taxonomy",
        "taxonomies",
        "author",
        "authors",
        "user",
        "users",
        "image",
        "images",
        "video",
        "videos",
        "attachment",
        "page",
        "pages",
        "product",
        "products",
        "topic",
        "topics",
        "home",
    ];
    const ARTICLES: &[&str] = &["post", "posts", "article", "articles", "story", "stories", "tin", "bai", "blog"];
    let path = url.path().to_ascii_lowercase();
    let words: Vec<&str> = path.split(|c: char| !c.is_ascii_alphabetic()).collect();
    let any = |names: &[&str]| words.iter().any(|word| names.contains(word));
    if any(&["news", "googlenews"]) {
        Class::News
    } else if any(LISTS) {
        Class::Lists
    } else if any(ARTICLES) {
        Class::Articles
    } else {
        Class::Other
    }
}

/// The number in a part's name: 12 of `post-sitemap12.xml`.
fn number(url: &Url) -> u64 {
    let name = url.path().rsplit('/').next().unwrap_or_default();
    let digits: String = name.chars().filter(char::is_ascii_digit).take(12).collect();
    digits.parse().unwrap_or(0)
}
