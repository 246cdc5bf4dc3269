//! A mail in the browser: one article whole, and a digest's list. Nothing of a reader stands on them or in their
//! addresses: everybody who got the same mail has the same page.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use super::reply::{Keep, message, page, unavailable};
use super::teaser::Teaser;
use super::{App, Shared, Visitor};
use crate::article::Article;
use crate::store::{DigestPage, StoreError};

/// Bytes of an article's body on its page; a longer one is read on the website.
const BODY: usize = 36_000;

#[derive(Debug, Serialize)]
struct Whole {
    slug: String,
    name: String,
    section_lang: &'static str,
    article: Teaser,
}

/// `GET /s/<slug>/<number>`: one article as its mail shows it.
pub(super) async fn article(
    State(app): State<Shared>,
    visitor: Visitor,
    Path((slug, number)): Path<(String, String)>,
) -> Response {
    let section = app.web.config.sections.get(&slug);
    let (Some(section), Ok(number)) = (section, number.parse::<i64>()) else {
        return message(&app, &visitor, StatusCode::NOT_FOUND, "page-not-found");
    };
    let found = match app.web.store.section(&slug).await {
        Ok(Some(row)) => app.web.store.article_in(row.id, number).await,
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    match found {
        Ok(Some(article)) if article.withdrawn_at.is_some() => {
            message(&app, &visitor, StatusCode::GONE, "page-withdrawn")
        }
        Ok(Some(article)) => {
            let content = Whole {
                slug,
                name: section.name.clone(),
                section_lang: section.language.code(),
                article: Teaser::whole(&article, section, BODY),
            };
            page(&app, &visitor, StatusCode::OK, Keep::Briefly, "page/article.html", content)
        }
        Ok(None) => message(&app, &visitor, StatusCode::NOT_FOUND, "page-not-found"),
        Err(error) => unavailable(&app, &visitor, &error),
    }
}

#[derive(Debug, Serialize)]
struct Digest {
    weekly: bool,
    at: i64,
    zone: &'static str,
    groups: Vec<Group>,
    count: usize,
}

#[derive(Debug, Serialize)]
struct Group {
    slug: String,
    name: String,
    lang: &'static str,
    articles: Vec<Teaser>,
}

/// `GET /digest/<name>`.
pub(super) async fn digest(State(app): State<Shared>, visitor: Visitor, Path(name): Path<String>) -> Response {
    match listed(&app, &name).await {
        Ok(Some(content)) => page(&app, &visitor, StatusCode::OK, Keep::Briefly, "page/digest.html", content),
        Ok(None) => message(&app, &visitor, StatusCode::NOT_FOUND, "page-not-found"),
        Err(error) => unavailable(&app, &visitor, &error),
    }
}

async fn listed(app: &App, name: &str) -> Result<Option<Digest>, StoreError> {
    let Some(DigestPage { cadence, at, articles }) = app.web.store.digest_page(name).await? else { return Ok(None) };
    let ids: Vec<i64> = articles.iter().map(|(id, _)| *id).collect();
    let mut known: HashMap<i64, Article> =
        app.web.store.articles(&ids).await?.into_iter().map(|article| (article.id, article)).collect();
    let mut groups: Vec<Group> = Vec::new();
    let mut count = 0;
    for (id, slug) in articles {
        let Some(section) = app.web.config.sections.get(&slug) else { continue };
        let Some(article) = known.remove(&id).filter(|article| article.withdrawn_at.is_none()) else { continue };
        let teaser = Teaser::new(&article, section);
        count += 1;
        if let Some(group) = groups.iter_mut().find(|group| group.slug == slug) {
            group.articles.push(teaser);
        } else {
            let (name, lang) = (section.name.clone(), section.language.code());
            groups.push(Group { slug, name, lang, articles: vec![teaser] });
        }
    }
    // A page of fifty articles with leads would be too heavy: what comes late is shown by its title.
    for teaser in groups.iter_mut().flat_map(|group| &mut group.articles).skip(LEADS) {
        teaser.shorten();
    }
    Ok(Some(Digest { weekly: cadence == "weekly", at, zone: app.web.config.timezone.name(), groups, count }))
}

/// Articles of a digest's page that are shown with lead and picture.
const LEADS: usize = 25;
