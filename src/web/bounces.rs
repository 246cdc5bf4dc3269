//! `POST /api/bounces`: what came back, from a mail server or a sending service, signed as a push is. Either the message
//! itself (`Content-Type: message/rfc822`) or JSON with an address and the server's words. Each is taken once.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::Shared;
use super::push::{Refusal, id, signed};
use crate::store::{Bounce, Bounced, StoreError};
use crate::subscriber::bounce::{Class, class, take, without_addresses};

/// The body as JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    /// The notification's own id, used once.
    id: Option<String>,
    /// The address that failed.
    recipient: String,
    /// "bounce" (as a rule) or "complaint".
    kind: Option<String>,
    /// The enhanced status code, "5.1.1".
    status: Option<String>,
    /// The other server's reply.
    diagnostic: Option<String>,
}

/// `POST /api/bounces`.
pub(super) async fn bounce(
    State(app): State<Shared>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match taken(&app, &headers, body).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

async fn taken(app: &Shared, headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Response, Refusal> {
    let (body, signature) = signed(app, headers, body)?;
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
        return of_json(app, &body, &signature).await;
    }
    let bounces = app.web.config.email.as_ref().and_then(|email| email.bounces.as_ref());
    let now_ms = app.web.clock.now_ms();
    let taken = take(&app.web.store, &app.web.tokens, bounces, &body, "api", now_ms).await.map_err(failed)?;
    let Some((report, done)) = taken else {
        let message = "this is no bounce: send the whole message that came back, or JSON as application/json";
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "no_bounce", message));
    };
    answer(app, report.class, done)
}

async fn of_json(app: &Shared, body: &[u8], signature: &str) -> Result<Response, Refusal> {
    let message: Message = serde_json::from_slice(body)
        .map_err(|error| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", format!("the body: {error}")))?;
    let words = message.diagnostic.as_deref().unwrap_or_default();
    let status = message.status.as_deref().unwrap_or_default();
    let class = match message.kind.as_deref() {
        Some("complaint") => Class::Complaint,
        None | Some("bounce") if status.is_empty() && words.is_empty() => {
            let message = "neither `status` nor `diagnostic`: why did it bounce?";
            return Err(Refusal::field("diagnostic", message));
        }
        None | Some("bounce") => {
            let own = class::status_in(words).or_else(|| class::status_in(status));
            class::of(class::code_in(words), own, words)
        }
        Some(_) => return Err(Refusal::field("kind", "either \"bounce\" or \"complaint\"")),
    };
    let reader = app.web.store.subscriber_by_email(&message.recipient).await.map_err(failed)?;
    let bounce = Bounce {
        id: id(message.id.as_deref(), signature)?,
        delivery: None,
        target: reader.map(|reader| reader.id),
        class,
        status: status.chars().take(20).collect(),
        words: without_addresses(words).chars().filter(|c| !c.is_control()).take(300).collect(),
        source: "api",
    };
    let done = app.web.store.bounce(&bounce, app.web.clock.now_ms()).await.map_err(failed)?;
    answer(app, class, done)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: StoreError) -> Refusal {
    tracing::error!(%error, "a mail that came back could not be recorded");
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "store", "it could not be recorded; send it again")
}

fn answer(app: &Shared, class: Class, done: Bounced) -> Result<Response, Refusal> {
    if done.repeated {
        let message = "this one was taken before";
        return Err(Refusal::new(StatusCode::CONFLICT, "replay", message));
    }
    app.web.metrics.deliveries("email", &format!("bounced_{}", class.word()), 1);
    let body =
        json!({ "accepted": "bounce", "class": class.word(), "known": done.found, "suppressed": done.suppressed });
    Ok((StatusCode::ACCEPTED, [(CACHE_CONTROL, "no-store")], axum::Json(body)).into_response())
}
