//! The parameters of a Bot API call: JSON, a query string, a URL-encoded form or multipart with files.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

/// The parameters by name, and the uploaded files by the name they are attached under.
#[derive(Debug, Default)]
pub(super) struct Params {
    values: Map<String, Value>,
    files: HashMap<String, Bytes>,
}

impl Params {
    /// Reads a request; what is unreadable gives no parameters.
    pub(super) fn read(query: Option<&str>, headers: &HeaderMap, body: &Bytes) -> Self {
        let mut params = Self::default();
        params.add_pairs(query.unwrap_or_default().as_bytes());
        let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if kind.starts_with("application/json") {
            if let Ok(Value::Object(values)) = serde_json::from_slice(body) {
                params.values.extend(values);
            }
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            params.add_pairs(body);
        } else if let Some((_, boundary)) = kind.split_once("boundary=") {
            let boundary = boundary.split(';').next().unwrap_or_default().trim_matches('"');
            params.add_parts(body, boundary);
        }
        params
    }

    fn add_pairs(&mut self, pairs: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(pairs) {
            self.values.insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }

    /// RFC 7578: parts between `--boundary` lines, each with headers, an empty line and a body.
    fn add_parts(&mut self, body: &Bytes, boundary: &str) {
        let mark = format!("--{boundary}");
        let mut starts = find_all(body, mark.as_bytes());
        starts.push(body.len());
        for pair in starts.windows(2) {
            let [from, to] = pair else { continue };
            let part = body.slice((from + mark.len()).min(*to)..*to);
            let Some(head_end) = find_all(&part, b"\r\n\r\n").first().copied() else { continue };
            let head = String::from_utf8_lossy(&part.slice(..head_end)).into_owned();
            let content = part.slice(head_end + 4..part.len().saturating_sub(2).max(head_end + 4));
            let Some(name) = parameter(&head, "name") else { continue };
            if parameter(&head, "filename").is_some() {
                self.files.insert(name, content);
            } else {
                self.values.insert(name, Value::String(String::from_utf8_lossy(&content).into_owned()));
            }
        }
    }

    /// A parameter as text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    /// A parameter as a number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// A parameter that is JSON, also where it comes as text.
    pub(super) fn json(&self, name: &str) -> Option<Value> {
        match self.values.get(name)? {
            Value::String(text) => serde_json::from_str(text).ok(),
            other => Some(other.clone()),
        }
    }

    /// The file that a value names: `attach://name`, or an upload under the parameter's own name.
    pub(super) fn file(&self, name: &str, value: Option<&str>) -> Option<Bytes> {
        match value.and_then(|v| v.strip_prefix("attach://")) {
            Some(attached) => self.files.get(attached).cloned(),
            None => self.files.get(name).cloned(),
        }
    }
}

/// Where `needle` starts, everywhere.
fn find_all(haystack: &[u8], needle: &[u8]) -> Vec<usize> {
    haystack.windows(needle.len().max(1)).enumerate().filter(|(_, w)| *w == needle).map(|(at, _)| at).collect()
}

/// `name` out of `Content-Disposition: form-data; name="x"; filename="y"`.
fn parameter(head: &str, name: &str) -> Option<String> {
    let line = head.lines().find(|l| l.to_ascii_lowercase().starts_with("content-disposition"))?;
    let value = line.split(';').find_map(|p| p.trim().strip_prefix(name)?.strip_prefix('='))?;
    Some(value.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multipart_keeps_the_bytes_of_a_file() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n@a\r\n\
            --x\r\nContent-Disposition: form-data; name=\"p\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\
            \xff\r\n--\x00\r\n--x--\r\n";
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "multipart/form-data; boundary=x".parse().unwrap());
        let params = Params::read(None, &headers, &Bytes::from_static(body));
        assert_eq!(params.text("chat_id").as_deref(), Some("@a"));
        assert_eq!(params.file("photo", Some("attach://p")).as_deref(), Some(&b"\xff\r\n--\x00"[..]));
    }
}
