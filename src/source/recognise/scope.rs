//! Whose a feed is, by its address: a section's own (`/tin-tuc/feed/`, `/rss/tin-tuc.rss` for `/tin-tuc`), another's,
//! or the whole site's (`/rss.xml`, `/feed/`).

use url::Url;

/// Whose a feed is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Its address names the section.
    Own,
    /// Its address names something, but not the section: a number, another name.
    Named,
    /// Its address names nothing: it stands for the whole site.
    Site,
}

/// Words of an address that name no section.
const GENERIC: &[&str] = &[
    "rss",
    "rss2",
    "feed",
    "feeds",
    "atom",
    "xml",
    "rdf",
    "json",
    "index",
    "default",
    "home",
    "homepage",
    "trang-chu",
    "trangchu",
    "all",
    "posts",
    "post",
    "latest",
    "tin-moi",
    "tin-moi-nhat",
    "moi-nhat",
    "news-feed",
    "newsfeed",
    "main",
    "site",
    "www",
    "web",
    "guest",
    "pages",
    "page",
    "vi",
    "en",
    "vn",
    "vi-vn",
    "en-us",
    "en-gb",
    "category",
    "categories",
    "chuyen-muc",
    "chuyenmuc",
    "tag",
    "tags",
    "section",
    "sections",
    "wp-json",
    "wp",
    "v2",
    "sitemap",
    "news-sitemap",
    "sitemap-news",
    "sitemap_news",
    "portal",
    "blog",
    "type",
    "1",
    "2",
    "10",
    "20",
    "true",
];

/// Whose the feed at `feed` is, seen from a section's page.
pub fn scope(section: &Url, feed: &Url) -> Scope {
    let names = names(feed);
    let own = self::names(section);
    let below = section.path().trim_end_matches('/');
    let inside = feed.path().strip_prefix(below).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if !own.is_empty() && (inside || own.last().is_some_and(|last| names.contains(last))) {
        return Scope::Own;
    }
    if names.is_empty() { Scope::Site } else { Scope::Named }
}

/// Whether an address is a site's front page: its path names nothing.
pub fn is_front(url: &Url) -> bool {
    names(url).is_empty()
}

/// What an address names: the words of its path and query that are not the same everywhere.
fn names(url: &Url) -> Vec<String> {
    let path = url.path_segments().into_iter().flatten().map(str::to_owned);
    let query = url.query_pairs().map(|(_, value)| value.into_owned());
    path.chain(query)
        .map(|word| {
            let word = word.to_lowercase();
            let stem = word.rsplit_once('.').filter(|(_, end)| {
                matches!(
                    *end,
                    "rss" | "xml" | "atom" | "rdf" | "json" | "html" | "htm" | "aspx" | "php" | "feed" | "jsp"
                )
            });
            stem.map_or_else(|| word.clone(), |(stem, _)| stem.to_owned())
        })
        .filter(|word| !word.is_empty() && word != "-" && !GENERIC.contains(&word.as_str()))
        .collect()
}
