//! The parameters of a call, whichever way they came: JSON, form, multipart or query.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// Named values, and the uploaded files.
#[derive(Default)]
pub struct Params {
    values: Map<String, Value>,
    files: HashMap<String, Bytes>,
}

impl Params {
    /// Reads them from a request.
    pub async fn read(request: Request) -> Result<Self, Refusal> {
        let broken = |what: String| Refusal::bad(format!("can't parse the request: {what}"));
        let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let query = request.uri().query().unwrap_or_default().to_owned();
        let mut params = Self::default();
        if kind.starts_with("multipart/form-data") {
            let mut form = Multipart::from_request(request, &()).await.map_err(|e| broken(e.body_text()))?;
            while let Some(field) = form.next_field().await.map_err(|e| broken(e.body_text()))? {
                let name = field.name().unwrap_or_default().to_owned();
                let named = field.file_name().is_some();
                let bytes = field.bytes().await.map_err(|e| broken(e.body_text()))?;
                match std::str::from_utf8(&bytes) {
                    Ok(text) if !named => drop(params.values.insert(name, Value::String(text.to_owned()))),
                    _ => drop(params.files.insert(name, bytes)),
                }
            }
            return Ok(params);
        }
        let body = Bytes::from_request(request, &()).await.map_err(|e| broken(e.body_text()))?;
        if kind.starts_with("application/json") && !body.is_empty() {
            params.values = serde_json::from_slice(&body).map_err(|e| broken(e.to_string()))?;
        } else {
            let form = std::str::from_utf8(&body).map_err(|_| Refusal::bad("text must be encoded in UTF-8"))?;
            for pair in query.split('&').chain(form.split('&')).filter(|pair| !pair.is_empty()) {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                params.values.insert(unescaped(name), Value::String(unescaped(value)));
            }
        }
        Ok(params)
    }

    /// A value as text; numbers as their digits.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// A value as a number.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// A value as true or false.
    pub fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| matches!(text.to_ascii_lowercase().as_str(), "true" | "1" | "yes"))
    }

    /// A value that is JSON, also when it came as text.
    pub fn json(&self, name: &str) -> Result<Option<Value>, Refusal> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(Some)
                .map_err(|e| Refusal::bad(format!("can't parse {name} JSON object: {e}"))),
            Some(other) => Ok(Some(other.clone())),
        }
    }

    /// An uploaded file by its field's name.
    pub fn file(&self, name: &str) -> Option<&Bytes> {
        self.files.get(name)
    }
}

fn unescaped(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let pair: Vec<u8> = bytes.by_ref().take(2).collect();
                std::str::from_utf8(&pair).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(b'?')
            }
            other => other,
        });
    }
    String::from_utf8_lossy(&out).into_owned()
}
