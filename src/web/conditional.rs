//! Conditional requests (RFC 9110 §13): whether a client's copy is still good.

use axum::http::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue};
use chrono::{DateTime, Utc};

/// Whether the client may keep what it has: `If-None-Match` (compared weakly) decides alone where it is sent,
/// `If-Modified-Since` otherwise.
pub fn is_fresh(headers: &HeaderMap, etag: &HeaderValue, modified: DateTime<Utc>) -> bool {
    let mut tags = headers.get_all(IF_NONE_MATCH).iter().peekable();
    if let Some(first) = tags.peek() {
        if *first == etag {
            return true;
        }
        let etag = etag.to_str().unwrap_or_default();
        let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
        return tags
            .filter_map(|value| value.to_str().ok())
            .flat_map(|list| list.split(','))
            .map(str::trim)
            .any(|tag| tag == "*" || opaque(tag) == etag);
    }
    let since = headers.get(IF_MODIFIED_SINCE).and_then(|value| http_date(value.to_str().ok()?));
    since.is_some_and(|since| modified.timestamp() <= since.timestamp())
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`: the form every client sends.
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text.trim()).ok().map(|at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(pairs: &[(&'static str, &str)]) -> bool {
        let headers = pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        is_fresh(&headers, &HeaderValue::from_static("\"abc\""), "2026-07-08T01:30:00.700Z".parse().unwrap())
    }

    #[test]
    fn the_etag_decides_where_it_is_sent() {
        let (before, exactly) = ("Wed, 08 Jul 2026 01:29:59 GMT", "Wed, 08 Jul 2026 01:30:00 GMT");
        assert!(fresh(&[("if-none-match", "\"abc\"")]));
        assert!(fresh(&[("if-none-match", "W/\"abc\"")]));
        assert!(fresh(&[("if-none-match", "\"x\", W/\"y\" , \"abc\"")]));
        assert!(fresh(&[("if-none-match", "*")]));
        assert!(!fresh(&[("if-none-match", "\"old\""), ("if-modified-since", exactly)]));
        assert!(!fresh(&[("if-none-match", "abc")]), "not an entity tag");
        assert!(fresh(&[("if-modified-since", exactly)]));
        assert!(!fresh(&[("if-modified-since", before)]));
        assert!(!fresh(&[("if-modified-since", "yesterday")]));
        assert!(!fresh(&[]));
    }
}
