//! What a reader may do with what is kept of them, below the link of their preferences: pause for a month, go on, take
//! a copy, be forgotten. GET shows a button at most; POST acts.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

use super::reader::unknown;
use super::reply::{Keep, message, message_with, page, unavailable};
use super::{App, Shared, Visitor};
use crate::clock::from_ms;
use crate::store::{StoreError, Subscriber};

/// How long a pause is.
const PAUSE_MS: i64 = 30 * 24 * 3_600_000;

#[derive(Debug, Serialize)]
struct Erase {
    preferences: String,
}

/// `GET /preferences/<token>/<act>`: the question before being forgotten; the other acts have no page.
pub(super) async fn show(
    State(app): State<Shared>,
    visitor: Visitor,
    Path((token, act)): Path<(String, String)>,
) -> Response {
    let Some(id) = app.web.tokens.read_preferences(&token) else { return unknown(&app, &visitor) };
    match app.web.store.subscriber(id).await {
        Ok(Some(_)) if act == "erase" => {
            let content = Erase { preferences: format!("{}preferences/{token}", app.root) };
            page(&app, &visitor, StatusCode::OK, Keep::Never, "page/erase.html", content)
        }
        Ok(_) => message(&app, &visitor, StatusCode::NOT_FOUND, "page-not-found"),
        Err(error) => unavailable(&app, &visitor, &error),
    }
}

/// `POST /preferences/<token>/<act>`.
pub(super) async fn act(
    State(app): State<Shared>,
    visitor: Visitor,
    Path((token, act)): Path<(String, String)>,
) -> Response {
    let Some(id) = app.web.tokens.read_preferences(&token) else { return unknown(&app, &visitor) };
    let (store, now) = (&app.web.store, app.web.clock.now_ms());
    let back = || Some((format!("preferences/{token}"), "page-to-preferences"));
    let done = match act.as_str() {
        "pause" => store.pause_reader(id, now + PAUSE_MS, now).await.map(|done| (done, "page-paused")),
        "resume" => store.resume_reader(id).await.map(|done| (done, "page-resumed")),
        "erase" => {
            return match store.erase_subscriber(id, app.web.clock.now_ms()).await {
                Ok(_) => message(&app, &visitor, StatusCode::OK, "page-erased"),
                Err(error) => unavailable(&app, &visitor, &error),
            };
        }
        "export" => {
            return match export(&app, id).await {
                Ok(Some(copy)) => file(&copy),
                Ok(None) => message(&app, &visitor, StatusCode::NOT_FOUND, "page-unknown-link"),
                Err(error) => unavailable(&app, &visitor, &error),
            };
        }
        _ => return message(&app, &visitor, StatusCode::NOT_FOUND, "page-not-found"),
    };
    match done {
        Ok((true, key)) => message_with(&app, &visitor, StatusCode::OK, key, back()),
        // Nothing to pause or to go on with: the page of preferences says how things are.
        Ok((false, _)) => message_with(&app, &visitor, StatusCode::CONFLICT, "page-nothing-to-do", back()),
        Err(error) => unavailable(&app, &visitor, &error),
    }
}

/// Everything that is kept of a reader, as JSON.
async fn export(app: &App, id: i64) -> Result<Option<Value>, StoreError> {
    let store = &app.web.store;
    let Some(reader) = store.subscriber(id).await? else { return Ok(None) };
    let (kept, time) = (store.kept_of(id).await?, store.reader_time(id).await?);
    let ids = store.section_ids().await?;
    let when = |ms: i64| from_ms(ms).to_rfc3339();
    let Subscriber { email, language, state, subscriptions, consent_at, confirmed_at, .. } = reader;
    let sections: Vec<Value> = subscriptions
        .into_iter()
        .map(|(section, cadence, active)| {
            let slug = ids.iter().find(|(_, known)| **known == section).map(|(slug, _)| slug);
            json!({ "section": slug, "cadence": cadence, "active": active })
        })
        .collect();
    let mails: Vec<Value> = kept
        .mails
        .into_iter()
        .map(|mail| {
            json!({ "kind": mail.kind, "state": mail.state, "title": mail.title, "queued": when(mail.created_at),
                    "settled": mail.settled_at.map(when) })
        })
        .collect();
    Ok(Some(json!({
        "address": email, "language": language.code(), "state": state,
        "consent": { "wording": kept.consent, "given": when(consent_at), "confirmed": confirmed_at.map(when) },
        "left": kept.left_at.map(when), "paused_until": kept.paused_until.map(when),
        "digests": { "zone": time.zone, "hour": time.hour, "day": time.day },
        "sections": sections, "mails": mails,
        "bounces": kept.bounces.into_iter().map(|(at, class)| json!({ "at": when(at), "class": class })).collect::<Vec<_>>(),
    })))
}

fn file(copy: &Value) -> Response {
    let mut text = serde_json::to_string_pretty(copy).unwrap_or_default();
    text.push('\n');
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8")),
        (CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"subscription.json\"")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, text).into_response()
}
