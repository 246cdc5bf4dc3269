//! `getUpdates`: what a test put in, once each, and the conflict of two pollers on one token.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::Value;
use tokio::sync::watch;

use super::params::Params;
use super::refusal::Refusal;

/// Updates that wait to be fetched.
pub struct Updates {
    queue: Mutex<VecDeque<Value>>,
    added: watch::Sender<u64>,
    poller: watch::Sender<u64>,
    /// Presses of buttons that wait for an answer.
    presses: Mutex<Vec<String>>,
}

impl Default for Updates {
    fn default() -> Self {
        Self {
            queue: Mutex::default(),
            added: watch::Sender::new(0),
            poller: watch::Sender::new(0),
            presses: Mutex::default(),
        }
    }
}

impl Updates {
    /// Queues an update given as JSON; its `update_id` is set here.
    pub fn add(&self, body: &str) -> StatusCode {
        let Ok(Value::Object(mut update)) = serde_json::from_str(body) else { return StatusCode::BAD_REQUEST };
        let mut number = 0;
        self.added.send_modify(|n| {
            *n += 1;
            number = *n;
        });
        update.insert("update_id".to_owned(), number.into());
        if let Some(id) = update.get("callback_query").and_then(|press| press["id"].as_str()) {
            self.presses.lock().expect("the presses' lock").push(id.to_owned());
        }
        self.queue.lock().expect("the updates' lock").push_back(Value::Object(update));
        self.added.send_modify(|_| {});
        StatusCode::OK
    }

    /// Whether a press waits for its answer; it is answered by that.
    pub fn take_press(&self, id: &str) -> bool {
        let mut presses = self.presses.lock().expect("the presses' lock");
        let at = presses.iter().position(|press| press == id);
        at.is_some_and(|at| !presses.remove(at).is_empty())
    }

    /// Answers what is there, or waits for it as long as the call says. The newer of two pollers wins.
    pub async fn next(&self, params: &Params) -> Result<Value, Refusal> {
        let mut others = self.poller.subscribe();
        self.poller.send_modify(|n| *n += 1);
        others.mark_unchanged();
        let mut added = self.added.subscribe();
        let offset = params.number("offset").unwrap_or(0);
        let deadline = tokio::time::Instant::now()
            + Duration::from_secs(params.number("timeout").unwrap_or(0).try_into().unwrap_or(0));
        loop {
            added.mark_unchanged();
            let waiting: Vec<Value> = {
                let mut queue = self.queue.lock().expect("the updates' lock");
                queue.retain(|update| update["update_id"].as_i64() >= Some(offset));
                queue.iter().cloned().collect()
            };
            if !waiting.is_empty() {
                return Ok(Value::Array(waiting));
            }
            tokio::select! {
                _ = added.changed() => {}
                _ = others.changed() => {
                    return Err(Refusal::new(
                        409,
                        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                    ));
                }
                () = tokio::time::sleep_until(deadline) => return Ok(Value::Array(Vec::new())),
            }
        }
    }
}
