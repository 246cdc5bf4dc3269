//! The public pages: all sections, and one section with its latest and older articles.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, LINK, LOCATION};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::reply::{Keep, message, page, too_often, unavailable};
use super::teaser::Teaser;
use super::{App, Shared, Visitor, chart, query};
use crate::article::{Article, text};
use crate::config::Section;
use crate::feed::Kind;
use crate::locale;
use crate::store::StoreError;

/// Articles on a page.
const ARTICLES: usize = 10;
/// Bytes of whole bodies on a page (of articles that have no page of their own).
const BODIES: usize = 16_000;
/// Characters of a search.
const FIND: usize = 100;
/// Words of a search; further ones are not looked at.
const WORDS: usize = 8;

#[derive(Debug, Serialize)]
struct Index {
    sections: Vec<Outline>,
}

#[derive(Debug, Serialize)]
struct Outline {
    slug: String,
    name: String,
    lang: &'static str,
    latest: Option<Teaser>,
    /// Public Telegram channels: address and name.
    telegram: Vec<(String, String)>,
}

/// The public Telegram channels of a section: address and name.
fn telegram(section: &Section) -> Vec<(String, String)> {
    let names = section.telegram.iter().filter_map(|target| target.chat.strip_prefix('@'));
    names.map(|name| (format!("https://t.me/{name}"), format!("@{name}"))).collect()
}

/// `GET /`.
pub(super) async fn index(State(app): State<Shared>, visitor: Visitor) -> Response {
    match outlines(&app).await {
        Ok(sections) => {
            let links = feed_links(&app, "all");
            let mut response =
                page(&app, &visitor, StatusCode::OK, Keep::Briefly, "page/index.html", Index { sections });
            leads_to(&mut response, &links);
            response
        }
        Err(error) => unavailable(&app, &visitor, &error),
    }
}

async fn outlines(app: &App) -> Result<Vec<Outline>, StoreError> {
    let ids = app.web.store.section_ids().await?;
    let mut outlines = Vec::new();
    for section in app.web.config.sections.values() {
        let latest = match ids.get(&section.slug) {
            Some(id) => app.web.store.older_articles(*id, None, 1).await?,
            None => Vec::new(),
        };
        outlines.push(Outline {
            slug: section.slug.clone(),
            name: section.name.clone(),
            lang: section.language.code(),
            latest: latest.first().map(|article| Teaser::new(article, section)),
            telegram: telegram(section),
        });
    }
    Ok(outlines)
}

#[derive(Debug, Serialize)]
struct SectionPage {
    slug: String,
    name: String,
    description: String,
    /// Whether an admin wrote it, in the section's language.
    described: bool,
    section_lang: &'static str,
    /// The section on the site.
    site: Option<String>,
    articles: Vec<Teaser>,
    feeds: [FeedLink; 3],
    /// Public Telegram channels: address and name.
    telegram: Vec<(String, String)>,
    /// Where older articles begin (`?before=`).
    older: Option<String>,
    /// Whether this is not the first page.
    paged: bool,
    /// Services that take a feed by a link: name and address.
    readers: Vec<(&'static str, String)>,
    /// The QR code of the feed: path and side.
    qr: chart::Code,
    /// What is searched for; empty: nothing.
    find: String,
    /// `&q=…` for links within the search.
    query: String,
    translation: Option<Translation>,
}

#[derive(Debug, Serialize)]
struct FeedLink {
    name: &'static str,
    mime: &'static str,
    url: String,
}

#[derive(Debug, Serialize)]
struct Translation {
    slug: String,
    name: String,
    lang: &'static str,
}

/// What is asked of a section's page.
#[derive(Debug, Default)]
struct Asked {
    /// What is searched for, as typed; at most [`FIND`] characters.
    find: String,
    /// The place before which articles are shown: feed date and number.
    before: Option<(i64, i64)>,
}

impl Asked {
    /// `None`: a place that is none.
    fn read(uri: &Uri) -> Option<Self> {
        let mut asked = Self::default();
        for (name, value) in query(uri) {
            match name.as_str() {
                "q" => asked.find = text::one_line(&value).chars().take(FIND).collect(),
                "before" => {
                    let (at, id) = value.split_once('-')?;
                    asked.before = Some((at.parse().ok()?, id.parse().ok()?));
                }
                _ => {}
            }
        }
        Some(asked)
    }

    /// The words that are looked for, folded: "Đảng bộ" and "dang bo" are the same.
    fn words(&self) -> Vec<String> {
        text::folded(&self.find).split_whitespace().take(WORDS).map(str::to_owned).collect()
    }

    fn query(&self) -> String {
        if self.find.is_empty() {
            return String::new();
        }
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", &self.find).finish();
        format!("&{query}")
    }
}

/// `GET /s/<slug>`, older articles with `?before=<milliseconds>-<id>`, found ones with `?q=`.
pub(super) async fn section(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(slug): Path<String>,
    uri: Uri,
) -> Response {
    let config = &app.web.config;
    let Some(section) = config.sections.get(&slug) else { return elsewhere(&app, &visitor, &slug) };
    let Some(asked) = Asked::read(&uri) else {
        return message(&app, &visitor, StatusCode::NOT_FOUND, "page-not-found");
    };
    if !asked.find.is_empty()
        && let Err(seconds) = app.web.limits.searches.take(visitor.ip, app.web.clock.now_ms())
    {
        return too_often(&app, &visitor, seconds);
    }
    let mut articles = match articles(&app, section, &asked).await {
        Ok(articles) => articles,
        Err(error) => return unavailable(&app, &visitor, &error),
    };
    let more = articles.len() > ARTICLES;
    articles.truncate(ARTICLES);
    let older =
        articles.last().filter(|_| more).map(|last| format!("{}-{}", last.feed_date.timestamp_millis(), last.id));
    let content = content(&app, &visitor, section, &articles, older, &asked);
    let links = feed_links(&app, &slug);
    let mut response = page(&app, &visitor, StatusCode::OK, Keep::Briefly, "page/section.html", content);
    leads_to(&mut response, &links);
    response
}

/// The three formats of a feed.
fn feed_links(app: &App, slug: &str) -> [FeedLink; 3] {
    Kind::FORMATS.map(|kind| FeedLink {
        name: match kind {
            Kind::Atom => "Atom",
            Kind::Json => "JSON Feed",
            Kind::Rss | Kind::Opml => "RSS",
        },
        mime: kind.mime(),
        url: format!("{}feeds/{slug}.{}", app.web.config.base_url, kind.extension()),
    })
}

/// Names the feeds of a page in its headers too, for programs that do not read pages.
fn leads_to(response: &mut Response, feeds: &[FeedLink]) {
    let links = feeds.iter().map(|f| format!("<{}>; rel=\"alternate\"; type=\"{}\"", f.url, f.mime));
    if let Ok(links) = HeaderValue::from_str(&links.collect::<Vec<_>>().join(", ")) {
        response.headers_mut().insert(LINK, links);
    }
}

async fn articles(app: &App, section: &Section, asked: &Asked) -> Result<Vec<Article>, StoreError> {
    let Some(row) = app.web.store.section(&section.slug).await? else { return Ok(Vec::new()) };
    let words = asked.words();
    if words.is_empty() {
        return app.web.store.older_articles(row.id, asked.before, ARTICLES + 1).await;
    }
    app.web.store.found_articles(row.id, &words, asked.before, ARTICLES + 1).await
}

/// Services that take a feed by a link. Nothing is loaded from them; the reader goes there.
fn readers(feed: &str) -> Vec<(&'static str, String)> {
    let coded: String = url::form_urlencoded::byte_serialize(feed.as_bytes()).collect();
    vec![
        ("Feedly", format!("https://feedly.com/i/subscription/feed%2F{coded}")),
        ("Inoreader", format!("https://www.inoreader.com/?add_feed={coded}")),
        ("NewsBlur", format!("https://www.newsblur.com/?url={coded}")),
        ("The Old Reader", format!("https://theoldreader.com/feeds/subscribe?url={coded}")),
    ]
}

fn content(
    app: &App,
    visitor: &Visitor,
    section: &Arc<Section>,
    articles: &[Article],
    older: Option<String>,
    asked: &Asked,
) -> SectionPage {
    let config = &app.web.config;
    let rss = format!("{}feeds/{}.rss", config.base_url, section.slug);
    let mut room = BODIES;
    let teasers = articles.iter().map(|article| {
        let mut teaser = Teaser::new(article, section);
        room -= teaser.lighten(room);
        teaser
    });
    let args = [("name".to_owned(), section.name.clone()), ("publisher".to_owned(), config.organisation.name.clone())];
    let other = section.translation_of.as_deref().and_then(|slug| config.sections.get(slug)).or_else(|| {
        config.sections.values().find(|other| other.translation_of.as_deref() == Some(section.slug.as_str()))
    });
    let site = [section.site.as_ref(), Some(&section.url)].into_iter().flatten();
    SectionPage {
        slug: section.slug.clone(),
        name: section.name.clone(),
        description: section
            .description
            .clone()
            .unwrap_or_else(|| locale::text(visitor.lang, "feed-description", &args)),
        described: section.description.is_some(),
        section_lang: section.language.code(),
        site: site.map(ToString::to_string).find(|url| url.starts_with("http")),
        articles: teasers.collect(),
        feeds: feed_links(app, &section.slug),
        telegram: telegram(section),
        readers: readers(&rss),
        qr: app.codes.of(&rss),
        find: asked.find.clone(),
        query: asked.query(),
        older,
        paged: asked.before.is_some(),
        translation: other.map(|other| Translation {
            slug: other.slug.clone(),
            name: other.name.clone(),
            lang: other.language.code(),
        }),
    }
}

/// A slug that is not configured: it may have another name now, or have been removed.
fn elsewhere(app: &App, visitor: &Visitor, slug: &str) -> Response {
    let config = &app.web.config;
    if let Some(section) = config.sections.values().find(|section| section.formerly.iter().any(|old| old == slug)) {
        let to = format!("{}s/{}", config.base_url, section.slug);
        let cache = HeaderValue::from_static("public, max-age=86400");
        return (StatusCode::MOVED_PERMANENTLY, [(CACHE_CONTROL, cache)], [(LOCATION, to)]).into_response();
    }
    if config.removed.iter().any(|removed| removed == slug) || app.web.feeds.is_gone(slug) {
        return message(app, visitor, StatusCode::GONE, "page-gone");
    }
    message(app, visitor, StatusCode::NOT_FOUND, "page-not-found")
}
