//! The public pages: all sections, and one section with its latest and older articles.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, LINK, LOCATION};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::reply::{Keep, message, page, unavailable};
use super::teaser::Teaser;
use super::{App, Shared, Visitor, query};
use crate::article::Article;
use crate::config::Section;
use crate::feed::Kind;
use crate::locale;
use crate::store::StoreError;

/// Articles on a page.
const ARTICLES: usize = 10;
/// Bytes of whole bodies on a page (of articles that have no page of their own).
const BODIES: usize = 24_000;

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
}

/// `GET /`.
pub(super) async fn index(State(app): State<Shared>, visitor: Visitor) -> Response {
    match outlines(&app).await {
        Ok(sections) => page(&app, &visitor, StatusCode::OK, Keep::Briefly, "page/index.html", Index { sections }),
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
        });
    }
    Ok(outlines)
}

#[derive(Debug, Serialize)]
struct SectionPage {
    slug: String,
    name: String,
    description: String,
    section_lang: &'static str,
    /// The section on the site.
    site: Option<String>,
    articles: Vec<Teaser>,
    feeds: Vec<FeedLink>,
    /// Public Telegram channels: address and name.
    telegram: Vec<(String, String)>,
    /// Where older articles begin (`?before=`).
    older: Option<String>,
    /// Whether this is not the first page.
    paged: bool,
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

/// `GET /s/<slug>`, older articles with `?before=<milliseconds>-<id>`.
pub(super) async fn section(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(slug): Path<String>,
    uri: Uri,
) -> Response {
    let config = &app.web.config;
    let Some(section) = config.sections.get(&slug) else { return elsewhere(&app, &visitor, &slug) };
    let asked = query(&uri).find(|(name, _)| name == "before").map(|(_, place)| place);
    let before = match asked
        .as_deref()
        .map(|place| place.split_once('-').and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?))))
    {
        Some(None) => return message(&app, &visitor, StatusCode::NOT_FOUND, "page-not-found"),
        Some(place) => place,
        None => None,
    };
    let mut articles = match articles(&app, section, before).await {
        Ok(articles) => articles,
        Err(error) => return unavailable(&app, &visitor, &error),
    };
    let more = articles.len() > ARTICLES;
    articles.truncate(ARTICLES);
    let older =
        articles.last().filter(|_| more).map(|last| format!("{}-{}", last.feed_date.timestamp_millis(), last.id));
    let content = content(&app, &visitor, section, &articles, older, before.is_some());
    let links = content.feeds.iter().map(|f| format!("<{}>; rel=\"alternate\"; type=\"{}\"", f.url, f.mime));
    let links = HeaderValue::from_str(&links.collect::<Vec<_>>().join(", "));
    let mut response = page(&app, &visitor, StatusCode::OK, Keep::Briefly, "page/section.html", content);
    if let Ok(links) = links {
        response.headers_mut().insert(LINK, links);
    }
    response
}

async fn articles(app: &App, section: &Section, before: Option<(i64, i64)>) -> Result<Vec<Article>, StoreError> {
    match app.web.store.section(&section.slug).await? {
        Some(row) => app.web.store.older_articles(row.id, before, ARTICLES + 1).await,
        None => Ok(Vec::new()),
    }
}

fn content(
    app: &App,
    visitor: &Visitor,
    section: &Arc<Section>,
    articles: &[Article],
    older: Option<String>,
    paged: bool,
) -> SectionPage {
    let config = &app.web.config;
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
        description: locale::text(visitor.lang, "feed-description", &args),
        section_lang: section.language.code(),
        site: site.map(ToString::to_string).find(|url| url.starts_with("http")),
        articles: teasers.collect(),
        feeds: Kind::FORMATS
            .into_iter()
            .map(|kind| FeedLink {
                name: match kind {
                    Kind::Atom => "Atom",
                    Kind::Json => "JSON Feed",
                    Kind::Rss | Kind::Opml => "RSS",
                },
                mime: kind.mime(),
                url: format!("{}feeds/{}.{}", config.base_url, section.slug, kind.extension()),
            })
            .collect(),
        telegram: section
            .telegram
            .iter()
            .filter_map(|target| target.chat.strip_prefix('@'))
            .map(|name| (format!("https://t.me/{name}"), format!("@{name}")))
            .collect(),
        older,
        paged,
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
