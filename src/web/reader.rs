//! What a reader does with the links in a mail: confirm, choose, leave. GET shows a button, POST acts; the mail
//! program's one-click POST (RFC 8058) acts too. No cookies, and no address on any page.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use super::form::Form;
use super::reply::{Keep, message, message_with, page, too_often, unavailable};
use super::subscribe::CADENCES;
use super::{App, Shared, Visitor};
use crate::config::Language;
use crate::store::{ReaderTime, StoreError, Subscriber};
use crate::subscriber::token::Confirmation;

/// `GET /confirm/<token>`.
pub(super) async fn show_confirm(State(app): State<Shared>, visitor: Visitor, Path(token): Path<String>) -> Response {
    match app.web.tokens.read_confirm(&token, app.web.clock.now_ms()) {
        Confirmation::Valid(..) => page(&app, &visitor, StatusCode::OK, Keep::Never, "page/confirm.html", ()),
        Confirmation::Expired => expired(&app, &visitor),
        Confirmation::Unknown => unknown(&app, &visitor),
    }
}

/// `POST /confirm/<token>`.
pub(super) async fn confirm(State(app): State<Shared>, visitor: Visitor, Path(token): Path<String>) -> Response {
    let now = app.web.clock.now_ms();
    let (id, asked_at) = match app.web.tokens.read_confirm(&token, now) {
        Confirmation::Valid(id, asked_at) => (id, asked_at),
        Confirmation::Expired => return expired(&app, &visitor),
        Confirmation::Unknown => return unknown(&app, &visitor),
    };
    match app.web.store.confirm(id, asked_at, now).await {
        Ok(true) => {
            let preferences = format!("preferences/{}", app.web.tokens.preferences(id));
            let link = Some((preferences, "page-to-preferences"));
            message_with(&app, &visitor, StatusCode::OK, "page-confirmed", link)
        }
        Ok(false) => expired(&app, &visitor),
        Err(error) => unavailable(&app, &visitor, &error),
    }
}

#[derive(Debug, Serialize)]
struct Leave<'a> {
    /// What is followed: slug and name.
    sections: Vec<(&'a str, &'a str)>,
    preferences: String,
}

/// `GET /unsubscribe/<token>`.
pub(super) async fn show_unsubscribe(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Response {
    let Some(id) = app.web.tokens.read_unsubscribe(&token) else { return unknown(&app, &visitor) };
    let followed = match followed(&app, id).await {
        Ok(followed) => followed,
        Err(error) => return unavailable(&app, &visitor, &error),
    };
    let sections = app.web.config.sections.values().filter(|section| followed.iter().any(|(s, _)| *s == section.slug));
    let content = Leave {
        sections: sections.map(|section| (section.slug.as_str(), section.name.as_str())).collect(),
        preferences: format!("{}preferences/{}", app.root, app.web.tokens.preferences(id)),
    };
    page(&app, &visitor, StatusCode::OK, Keep::Never, "page/unsubscribe.html", content)
}

/// `POST /unsubscribe/<token>`: everything, or the section named by the page's form.
pub(super) async fn unsubscribe(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(token): Path<String>,
    body: Bytes,
) -> Response {
    let Some(id) = app.web.tokens.read_unsubscribe(&token) else { return unknown(&app, &visitor) };
    let form = Form::read(&body);
    let section = match form.one("section") {
        "" => None,
        slug => match app.web.store.section(slug).await {
            Ok(Some(row)) => Some(row.id),
            Ok(None) => return message(&app, &visitor, StatusCode::NOT_FOUND, "page-not-found"),
            Err(error) => return unavailable(&app, &visitor, &error),
        },
    };
    match app.web.store.leave(id, section, app.web.clock.now_ms()).await {
        Ok(()) => {
            let link = (format!("preferences/{}", app.web.tokens.preferences(id)), "page-to-preferences");
            let key = if section.is_some() { "page-left-section" } else { "page-left" };
            message_with(&app, &visitor, StatusCode::OK, key, Some(link))
        }
        Err(error) => unavailable(&app, &visitor, &error),
    }
}

#[derive(Debug, Serialize)]
struct Preferences<'a> {
    sections: Vec<Wish<'a>>,
    language: &'static str,
    hour: i64,
    day: i64,
    zone: String,
    usual_zone: &'static str,
    unsubscribe: String,
    saved: bool,
}

#[derive(Debug, Serialize)]
struct Wish<'a> {
    slug: &'a str,
    name: &'a str,
    lang: &'static str,
    /// Empty: not followed.
    cadence: String,
}

/// `GET /preferences/<token>`.
pub(super) async fn show_preferences(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Response {
    let Some(id) = app.web.tokens.read_preferences(&token) else { return unknown(&app, &visitor) };
    preferences(&app, &visitor, id, false).await
}

/// `POST /preferences/<token>`: `cadence-<slug>` for each section, `language`, and when digests go out (`hour`, `day`,
/// `zone`; what is left out or unknown is as configured).
pub(super) async fn set_preferences(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(token): Path<String>,
    body: Bytes,
) -> Response {
    let Some(id) = app.web.tokens.read_preferences(&token) else { return unknown(&app, &visitor) };
    let form = Form::read(&body);
    let language = Language::from_tag(form.one("language")).unwrap_or(visitor.lang);
    let ids = match app.web.store.section_ids().await {
        Ok(ids) => ids,
        Err(error) => return unavailable(&app, &visitor, &error),
    };
    let mut wanted = Vec::new();
    for slug in app.web.config.sections.keys() {
        let cadence = form.one(&format!("cadence-{slug}"));
        if let (Some(id), true) = (ids.get(slug), CADENCES.contains(&cadence)) {
            wanted.push((*id, cadence.to_owned()));
        }
    }
    let within =
        |name: &str, least, most| form.one(name).parse().ok().filter(|n| (least..=most).contains(n)).unwrap_or(-1);
    let zone = form.one("zone").trim().parse::<chrono_tz::Tz>().ok().filter(|zone| *zone != app.web.config.timezone);
    let time = ReaderTime {
        zone: zone.map(|zone| zone.name().to_owned()).unwrap_or_default(),
        hour: within("hour", 0, 23),
        day: within("day", 1, 7),
    };
    let (store, now_ms) = (&app.web.store, app.web.clock.now_ms());
    let set = match store.set_preferences(id, &wanted, language, now_ms).await {
        Ok(()) => store.set_reader_time(id, &time, now_ms).await,
        Err(error) => Err(error),
    };
    match set {
        Ok(()) => preferences(&app, &visitor, id, true).await,
        Err(error) => unavailable(&app, &visitor, &error),
    }
}

async fn preferences(app: &App, visitor: &Visitor, id: i64, saved: bool) -> Response {
    let subscriber = match app.web.store.subscriber(id).await {
        Ok(Some(subscriber)) if subscriber.state != "pending" => subscriber,
        Ok(_) => return message(app, visitor, StatusCode::NOT_FOUND, "page-unknown-link"),
        Err(error) => return unavailable(app, visitor, &error),
    };
    let time = match app.web.store.reader_time(id).await {
        Ok(time) => time,
        Err(error) => return unavailable(app, visitor, &error),
    };
    let followed = match followed_by(app, &subscriber).await {
        Ok(followed) => followed,
        Err(error) => return unavailable(app, visitor, &error),
    };
    let sections = app.web.config.sections.values().map(|section| Wish {
        slug: &section.slug,
        name: &section.name,
        lang: section.language.code(),
        cadence: followed.iter().find(|(slug, _)| *slug == section.slug).map(|(_, c)| c.clone()).unwrap_or_default(),
    });
    let content = Preferences {
        sections: sections.collect(),
        language: subscriber.language.code(),
        hour: time.hour,
        day: time.day,
        zone: time.zone,
        usual_zone: app.web.config.timezone.name(),
        unsubscribe: format!("{}unsubscribe/{}", app.root, app.web.tokens.unsubscribe(id)),
        saved,
    };
    page(app, visitor, StatusCode::OK, Keep::Never, "page/preferences.html", content)
}

/// The sections a reader follows: slug and cadence. Somebody who left follows nothing.
async fn followed(app: &App, id: i64) -> Result<Vec<(String, String)>, StoreError> {
    match app.web.store.subscriber(id).await? {
        Some(subscriber) => followed_by(app, &subscriber).await,
        None => Ok(Vec::new()),
    }
}

async fn followed_by(app: &App, subscriber: &Subscriber) -> Result<Vec<(String, String)>, StoreError> {
    let ids = app.web.store.section_ids().await?;
    let slug = |id: i64| ids.iter().find(|(_, known)| **known == id).map(|(slug, _)| slug.clone());
    let active = subscriber.subscriptions.iter().filter(|(_, _, active)| *active && subscriber.state == "active");
    Ok(active.filter_map(|(id, cadence, _)| Some((slug(*id)?, cadence.clone()))).collect())
}

fn expired(app: &App, visitor: &Visitor) -> Response {
    message_with(app, visitor, StatusCode::GONE, "page-expired", Some(("subscribe".to_owned(), "page-to-subscribe")))
}

/// A token that is none of ours. Guessing is slowed down; who holds a good link never gets here.
fn unknown(app: &App, visitor: &Visitor) -> Response {
    match app.web.limits.guesses.take(visitor.ip, app.web.clock.now_ms()) {
        Ok(()) => message(app, visitor, StatusCode::NOT_FOUND, "page-unknown-link"),
        Err(seconds) => too_often(app, visitor, seconds),
    }
}
