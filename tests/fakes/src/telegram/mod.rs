//! A strict fake of Telegram's Bot API: the documented limits and the literal words of its refusals, wrong
//! answers only on order, and a journal of everything it accepted.
//!
//! Chats need no setting up: `@name` is a channel, a negative number a group, a positive one a reader. A
//! channel answers to its number too, and the journal calls it by its name.

mod chat;
mod content;
pub mod html;
pub mod image;
pub mod limits;
mod methods;
mod params;
mod refusal;
mod updates;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::{self, Control};
use limits::{Buckets, Limits};
use params::Params;
use refusal::Refusal;

/// Ways to misbehave. Those before acceptance leave no trace in the journal, those after it do.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Answer late, correctly.
    Delay {
        /// How late.
        ms: u64,
    },
    /// Accept, and answer only when released.
    Withhold,
    /// Accept, and close the connection without an answer.
    AcceptThenCut,
    /// Accept, and answer with an error of the server's.
    AcceptThenStatus {
        /// The status.
        code: u16,
    },
    /// Close the connection without accepting.
    Cut,
    /// An error of the server's, not accepted.
    Status {
        /// The status.
        code: u16,
    },
    /// 429; calling again too early makes it longer.
    RetryAfter {
        /// Seconds to wait.
        seconds: u64,
    },
    /// The bot was blocked or thrown out.
    Forbidden,
    /// The chat does not exist.
    NotFound,
    /// The group has become a supergroup.
    Migrate {
        /// Its new number.
        to: i64,
    },
    /// Any refusal.
    Refuse {
        /// The status.
        code: u16,
        /// The whole description.
        description: String,
    },
}

/// What the server remembers.
struct State {
    chats: chat::Chats,
    files: content::Files,
    buckets: Buckets,
}

/// The server.
struct Server {
    token: Option<String>,
    state: Mutex<State>,
    updates: updates::Updates,
    control: Arc<Control<Action>>,
}

/// The routes of the fake: `/bot<token>/<method>` and `/control…`. Without a token any well-formed one is right.
pub fn router(token: Option<String>, limits: Limits, control: Arc<Control<Action>>) -> Router {
    let state =
        State { chats: chat::Chats::default(), files: content::Files::default(), buckets: Buckets::new(limits) };
    let server =
        Server { token, state: Mutex::new(state), updates: updates::Updates::default(), control: control.clone() };
    Router::new()
        .route(
            "/control/update",
            post(async |Shared(server): Shared<Arc<Server>>, body: String| server.updates.add(&body)),
        )
        .fallback(call)
        .layer(DefaultBodyLimit::max(50 * 1024 * 1024))
        .with_state(Arc::new(server))
        .merge(control::router(control))
}

async fn call(Shared(server): Shared<Arc<Server>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let target = path.strip_prefix("/bot").and_then(|rest| rest.split_once('/'));
    let Some((token, method)) = target else { return respond(404, &Refusal::new(404, "Not Found").body()) };
    match server.perform(token, method, request).await {
        Ok(result) => respond(200, &json!({ "ok": true, "result": result })),
        Err(refusal) => {
            let record = json!({
                "method": method, "code": refusal.code, "description": refusal.description, "ignored": refusal.ignored,
            });
            server.control.journal.refuse(record.as_object().cloned().unwrap_or_default());
            respond(refusal.code, &refusal.body())
        }
    }
}

impl Server {
    async fn perform(&self, token: &str, method: &str, request: Request) -> Result<Value, Refusal> {
        self.authorise(token)?;
        let params = Params::read(request).await?;
        let lower = method.to_ascii_lowercase();
        if lower == "getupdates" {
            return self.updates.next(&params).await;
        }
        if lower == "answercallbackquery" {
            return self.answer_press(&params);
        }
        let chat = match params.text("chat_id") {
            Some(_) => Some(self.locked(|state| state.chats.resolve(&params))?),
            None => None,
        };
        let label = chat.as_ref().map(|chat| chat.label.clone()).unwrap_or_default();
        let text = params.text("text").or_else(|| params.text("caption")).or_else(|| params.text("media"));
        let facts =
            [("method", lower.as_str()), ("chat", label.as_str()), ("text", text.as_deref().unwrap_or_default())];
        let order = self.control.rules.ask(&facts);
        if let Some(order) = &order {
            self.before(order, chat.as_ref()).await?;
        }
        let done = self.locked(|state| {
            if let Some(chat) = chat.as_ref().filter(|_| methods::writes(&lower)) {
                let weight = methods::weight(&lower, &params);
                state.buckets.take(chat.id, chat.is_group(), weight, Instant::now()).map_err(Refusal::too_early)?;
            }
            methods::perform(state, &lower, chat.as_ref(), &params)
        })?;
        for line in done.lines {
            let head =
                json!({ "method": canonical(&lower), "chat": label, "chat_id": chat.as_ref().map(|chat| chat.id) });
            let mut record = head.as_object().cloned().unwrap_or_default();
            record.extend(line);
            self.control.journal.accept(record);
        }
        match order {
            Some(Action::Withhold) => self.control.gate.pass().await,
            Some(Action::AcceptThenCut) => cut(),
            Some(Action::AcceptThenStatus { code }) => return Err(fault(code)),
            _ => {}
        }
        Ok(done.result)
    }

    /// Only a press that was told and not answered yet can be answered.
    fn answer_press(&self, params: &Params) -> Result<Value, Refusal> {
        let (id, text) =
            (params.text("callback_query_id").unwrap_or_default(), params.text("text").unwrap_or_default());
        if text.encode_utf16().count() > 200 {
            return Err(Refusal::bad("MESSAGE_TOO_LONG"));
        }
        if !self.updates.take_press(&id) {
            return Err(Refusal::bad("query is too old and response timeout expired or query ID is invalid"));
        }
        let record = json!({ "method": "answerCallbackQuery", "callback": id, "text": text });
        self.control.journal.accept(record.as_object().cloned().unwrap_or_default());
        Ok(json!(true))
    }

    fn authorise(&self, token: &str) -> Result<(), Refusal> {
        let well_formed = token
            .split_once(':')
            .is_some_and(|(id, rest)| !id.is_empty() && !rest.is_empty() && id.bytes().all(|b| b.is_ascii_digit()));
        match &self.token {
            _ if !well_formed => Err(Refusal::new(404, "Not Found")),
            Some(right) if right != token => Err(Refusal::new(401, "Unauthorized")),
            _ => Ok(()),
        }
    }

    /// Everything an order does before a message is accepted.
    async fn before(&self, order: &Action, chat: Option<&chat::Chat>) -> Result<(), Refusal> {
        match order {
            Action::Delay { ms } => tokio::time::sleep(Duration::from_millis(*ms)).await,
            Action::Cut => cut(),
            Action::Status { code } => return Err(fault(*code)),
            Action::RetryAfter { seconds } => {
                if let Some(chat) = chat {
                    self.locked(|state| state.buckets.punish(chat.id, *seconds, Instant::now()));
                }
                return Err(Refusal::too_many(*seconds));
            }
            Action::Forbidden => {
                return Err(Refusal::new(403, "Forbidden: bot was kicked from the channel chat"));
            }
            Action::NotFound => return Err(Refusal::bad("chat not found")),
            Action::Migrate { to } => return Err(Refusal::migrated(*to)),
            Action::Refuse { code, description } => return Err(Refusal::new(*code, description)),
            Action::Withhold | Action::AcceptThenCut | Action::AcceptThenStatus { .. } => {}
        }
        Ok(())
    }

    fn locked<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().expect("the server's lock"))
    }
}

fn fault(code: u16) -> Refusal {
    Refusal::new(code, StatusCode::from_u16(code).ok().and_then(|c| c.canonical_reason()).unwrap_or("Error"))
}

/// Ends the connection's task without an answer: its socket closes, and no panic is printed.
fn cut() {
    std::panic::resume_unwind(Box::new("cut on order"))
}

fn canonical(lower: &str) -> &str {
    const NAMES: [&str; 10] = [
        "sendMessage",
        "sendPhoto",
        "sendMediaGroup",
        "editMessageText",
        "editMessageCaption",
        "editMessageMedia",
        "editMessageReplyMarkup",
        "deleteMessage",
        "deleteMessages",
        "answerCallbackQuery",
    ];
    NAMES.into_iter().find(|name| name.eq_ignore_ascii_case(lower)).unwrap_or(lower)
}

fn respond(code: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// The bot.
fn bot_json() -> Value {
    json!({
        "id": 4242, "is_bot": true, "first_name": "bantin", "username": "bantin_test_bot",
        "can_join_groups": true, "can_read_all_group_messages": false, "supports_inline_queries": false,
        "can_connect_to_business": false, "has_main_web_app": false,
    })
}
