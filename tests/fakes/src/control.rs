//! The HTTP door through which tests order misbehaviour and read the journal:
//!
//! | | |
//! |---|---|
//! | `POST /control` | one rule, or a list of rules, as JSON (see [`crate::rules`]) |
//! | `DELETE /control` | forget all rules |
//! | `POST /control/release` | let every withheld answer go |
//! | `GET /control/journal` | what was accepted, one JSON object a line; `/control/refused` what was not |
//! | `GET /control/wait?count=N&timeout_ms=T&key=value…` | answers the number of accepted records with those values, once there are N or after T (30 s) |
//! | `GET /control/pending?wait=1&timeout_ms=T` | answers how many answers are withheld, once there is one |

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::gate::Gate;
use crate::journal::Journal;
use crate::rules::{Rule, Rules};

/// What a fake and its tests share.
pub struct Control<A> {
    /// What happened.
    pub journal: Journal,
    /// What is to go wrong.
    pub rules: Rules<A>,
    /// What is withheld.
    pub gate: Gate,
}

impl<A: Clone> Control<A> {
    /// A well-behaved fake that writes to `journal`.
    pub fn new(journal: Journal) -> Arc<Self> {
        Arc::new(Self { journal, rules: Rules::default(), gate: Gate::default() })
    }
}

type Asked = Query<HashMap<String, String>>;

/// The routes under `/control`.
pub fn router<A: DeserializeOwned + Clone + Send + Sync + 'static>(control: Arc<Control<A>>) -> Router {
    Router::new()
        .route("/control", post(add::<A>).delete(clear::<A>))
        .route("/control/release", post(async |State(c): State<Arc<Control<A>>>| c.gate.release()))
        .route("/control/journal", get(async |State(c): State<Arc<Control<A>>>| lines(&c.journal.accepted())))
        .route("/control/refused", get(async |State(c): State<Arc<Control<A>>>| lines(&c.journal.refused())))
        .route("/control/wait", get(wait::<A>))
        .route("/control/pending", get(pending::<A>))
        .with_state(control)
}

async fn add<A: DeserializeOwned + Clone>(
    State(control): State<Arc<Control<A>>>,
    body: String,
) -> (StatusCode, String) {
    let orders = match serde_json::from_str::<Value>(&body) {
        Ok(Value::Array(list)) => list,
        Ok(one) => vec![one],
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()),
    };
    let rules: Result<Vec<Rule<A>>, _> = orders.into_iter().map(serde_json::from_value).collect();
    match rules {
        Ok(rules) => rules.into_iter().for_each(|rule| control.rules.add(rule)),
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()),
    }
    (StatusCode::OK, String::new())
}

async fn clear<A: Clone>(State(control): State<Arc<Control<A>>>) {
    control.rules.clear();
}

async fn wait<A>(State(control): State<Arc<Control<A>>>, Query(asked): Asked) -> String {
    let count = asked.get("count").and_then(|n| n.parse().ok()).unwrap_or(1);
    let wanted = |record: &Value| {
        asked.iter().filter(|(key, _)| !matches!(key.as_str(), "count" | "timeout_ms")).all(|(key, value)| {
            record
                .get(key)
                .is_some_and(|found| found.as_str().map_or_else(|| found.to_string(), str::to_owned) == *value)
        })
    };
    control.journal.wait(count, wanted, limit(&asked)).await.to_string()
}

async fn pending<A>(State(control): State<Arc<Control<A>>>, Query(asked): Asked) -> String {
    let count = usize::from(asked.get("wait").is_some_and(|wait| wait != "0"));
    control.gate.wait(count, limit(&asked)).await.to_string()
}

fn limit(asked: &HashMap<String, String>) -> Duration {
    Duration::from_millis(asked.get("timeout_ms").and_then(|ms| ms.parse().ok()).unwrap_or(30_000))
}

fn lines(records: &[Value]) -> String {
    records.iter().fold(String::new(), |all, record| all + &record.to_string() + "\n")
}
