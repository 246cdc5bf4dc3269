//! What the Bot API answers when it does not do what it was asked.

use serde_json::{Value, json};

/// An error answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The HTTP status, which is also `error_code`.
    pub code: u16,
    /// The whole description, "Bad Request: " and so on included.
    pub description: String,
    /// `retry_after` or `migrate_to_chat_id`.
    pub parameters: Option<Value>,
    /// The call came while a penalty ran, of which the caller had been told.
    pub ignored: bool,
}

impl Refusal {
    /// Any status and description.
    pub fn new(code: u16, description: impl Into<String>) -> Self {
        Self { code, description: description.into(), parameters: None, ignored: false }
    }

    /// 400 with the words behind "Bad Request: ".
    pub fn bad(words: impl AsRef<str>) -> Self {
        Self::new(400, format!("Bad Request: {}", words.as_ref()))
    }

    /// 429.
    pub fn too_many(seconds: u64) -> Self {
        let parameters = Some(json!({ "retry_after": seconds }));
        Self { parameters, ..Self::new(429, format!("Too Many Requests: retry after {seconds}")) }
    }

    /// 429, by the limits.
    pub fn too_early(wait: super::limits::Wait) -> Self {
        Self { ignored: wait.ignored, ..Self::too_many(wait.seconds) }
    }

    /// The group has become a supergroup.
    pub fn migrated(to: i64) -> Self {
        let parameters = Some(json!({ "migrate_to_chat_id": to }));
        Self { parameters, ..Self::bad("group chat was upgraded to a supergroup chat") }
    }

    /// The answer's body.
    pub fn body(&self) -> Value {
        let mut body = json!({ "ok": false, "error_code": self.code, "description": self.description });
        if let Some(parameters) = &self.parameters {
            body["parameters"] = parameters.clone();
        }
        body
    }
}
