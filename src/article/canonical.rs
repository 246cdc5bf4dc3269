//! Canonical addresses: many spellings of one address give one key.

use url::Url;

/// Query parameters that only track where a reader came from.
const TRACKING: &[&str] = &["fbclid", "gclid", "mc_cid", "mc_eid", "zarsrc", "igshid", "yclid", "msclkid"];

/// Whether a query parameter is tracking and no part of the address.
fn is_tracking(name: &str) -> bool {
    name.starts_with("utm_") || TRACKING.contains(&name)
}

/// The address without fragment and tracking parameters: what links point to.
pub fn clean(url: &Url) -> Url {
    let mut out = url.clone();
    out.set_fragment(None);
    let kept: Vec<(String, String)> =
        url.query_pairs().filter(|(k, _)| !is_tracking(k)).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
    if kept.is_empty() {
        out.set_query(None);
    } else if kept.len() != url.query_pairs().count() {
        out.query_pairs_mut().clear().extend_pairs(&kept);
    }
    out
}

/// The key of an address: without scheme, `www.`, default port, fragment, trailing slash and tracking
/// parameters, the query sorted.
pub fn key(url: &Url) -> String {
    let clean = clean(url);
    let mut out = String::from("url:");
    if let Some(host) = clean.host_str() {
        out.push_str(host.strip_prefix("www.").unwrap_or(host));
        if let Some(port) = clean.port() {
            out.push(':');
            out.push_str(&port.to_string());
        }
    }
    out.push_str(clean.path().trim_end_matches('/'));
    let mut pairs: Vec<_> = clean.query_pairs().collect();
    if !pairs.is_empty() {
        pairs.sort();
        out.push('?');
        let query: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
        out.push_str(&query.join("&"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn k(text: &str) -> String {
        key(&text.parse().unwrap())
    }

    #[test]
    fn spellings_of_one_address_have_one_key() {
        let expected = "url:example.vn/tin/a-1.html?a=1&b=2";
        for spelling in [
            "https://www.example.vn/tin/a-1.html?b=2&a=1",
            "http://example.vn:80/tin/a-1.html?a=1&b=2#top",
            "https://example.vn/tin/a-1.html/?a=1&utm_source=x&b=2&fbclid=y",
        ] {
            assert_eq!(k(spelling), expected, "{spelling}");
        }
        assert_ne!(k("https://example.vn/?id=1"), k("https://example.vn/?id=2"));
    }
}
