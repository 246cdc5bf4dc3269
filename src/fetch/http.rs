//! http and https: our own loop over redirects, each hop checked by the guard; conditional requests; limits on
//! time and on decoded bytes while they stream in.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{self, HeaderMap, HeaderName};
use reqwest::{Client, Response, StatusCode};
use tokio::time::Instant;
use url::Url;

use super::{Document, FetchError, Fetched, Inner, Request, Validators, Want, body_hash, guard, trouble};

/// Most redirects followed.
const MAX_HOPS: usize = 5;
/// Longest time for a connection alone, so that a dead address leaves time for the next one of the same name.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The two clients: one that connects to public addresses only, one that connects anywhere.
#[derive(Debug)]
pub struct Clients {
    guarded: Client,
    open: Client,
}

impl Clients {
    /// Both clients, or why there are none.
    pub fn new(contact: Option<&str>) -> Result<Self, String> {
        let agent: String = match contact {
            Some(contact) => format!("bantin/0.1 (+{contact})"),
            None => "bantin/0.1".to_owned(),
        }
        .chars()
        .filter(|c| c.is_ascii_graphic() || *c == ' ')
        .collect();
        let builder = || {
            Client::builder()
                .user_agent(agent.clone())
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .referer(false)
                .connect_timeout(CONNECT_TIMEOUT)
                .pool_max_idle_per_host(1)
        };
        let failed = |error: reqwest::Error| format!("the HTTP client could not be started: {error}");
        Ok(Self {
            guarded: builder().dns_resolver(std::sync::Arc::new(guard::PublicOnly)).build().map_err(failed)?,
            open: builder().build().map_err(failed)?,
        })
    }
}

/// What one hop answered.
enum Hop {
    Answer(Fetched),
    Elsewhere { to: Url, permanent: bool },
}

/// Reads one http(s) address.
pub async fn get(inner: &Inner, request: &Request<'_>) -> Result<Fetched, FetchError> {
    let clients = inner
        .clients
        .as_ref()
        .map_err(|reason| FetchError::Network { url: request.url.to_string(), reason: reason.clone() })?;
    let open = request.allow_private || inner.allow_private;
    let client = if open { &clients.open } else { &clients.guarded };
    let mut url = request.url.clone();
    let mut moved = true;
    // The wait for the turn at a host does not count: it is ours, not the server's.
    let mut left = inner.timeout;
    for hop in 0..=MAX_HOPS {
        guard::check(&url, open).map_err(|reason| FetchError::Refused { url: url.to_string(), reason })?;
        bare(&mut url);
        let host = url.host_str().unwrap_or_default();
        let turn = inner.polite.turn(&format!("{host}:{}", url.port_or_known_default().unwrap_or_default())).await;
        let started = Instant::now();
        // In a box, so that those who wait for their turn at a slow host cost little memory.
        let exchange = Box::pin(one(inner, client, &url, request, moved && hop > 0));
        let outcome = tokio::time::timeout(left, exchange).await;
        drop(turn);
        left = left.saturating_sub(started.elapsed());
        match outcome {
            Err(_) => return Err(FetchError::Timeout { url: url.to_string(), seconds: inner.timeout.as_secs() }),
            Ok(Err(error)) => return Err(error),
            Ok(Ok(Hop::Answer(fetched))) => return Ok(fetched),
            Ok(Ok(Hop::Elsewhere { to, permanent })) => {
                moved &= permanent;
                url = to;
            }
        }
    }
    let reason = format!("it redirects more than {MAX_HOPS} times, last to {url}");
    Err(FetchError::Network { url: request.url.to_string(), reason })
}

/// Takes user, password and fragment off: they are not for the server that was redirected to, nor for logs.
fn bare(url: &mut Url) {
    url.set_fragment(None);
    // Both only fail for addresses without a host, which the guard refused.
    let _ = url.set_username("");
    let _ = url.set_password(None);
}

/// One exchange: request, answer, body.
async fn one(inner: &Inner, client: &Client, url: &Url, request: &Request<'_>, moved: bool) -> Result<Hop, FetchError> {
    let failed = |error: &reqwest::Error| trouble::explain(url.as_str(), error, inner.timeout.as_secs());
    let mut builder = client.get(url.clone()).header(header::ACCEPT, accept(request.want));
    if let Some(known) = request.validators {
        for (name, value) in [(header::IF_NONE_MATCH, &known.etag), (header::IF_MODIFIED_SINCE, &known.last_modified)] {
            if let Some(value) = value.as_deref().and_then(|v| header::HeaderValue::from_str(v).ok()) {
                builder = builder.header(name, value);
            }
        }
    }
    let response = builder.send().await.map_err(|error| failed(&error))?;
    let status = response.status();
    if status == StatusCode::NOT_MODIFIED {
        return Ok(Hop::Answer(Fetched::NotModified));
    }
    if matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
        && let Some(to) = text(response.headers(), &header::LOCATION)
    {
        let to = url.join(to.trim()).map_err(|error| FetchError::Network {
            url: url.to_string(),
            reason: format!("it redirects to `{to}`, which is no address: {error}"),
        })?;
        return Ok(Hop::Elsewhere { to, permanent: matches!(status.as_u16(), 301 | 308) });
    }
    if !status.is_success() {
        let retry_after =
            text(response.headers(), &header::RETRY_AFTER).and_then(|value| retry_after(&value, inner.clock.now()));
        return Err(FetchError::Status { url: url.to_string(), status: status.as_u16(), retry_after });
    }
    let document = document(response, url, request.want, inner.limit(request.want), moved, &failed).await?;
    let same = request.validators.and_then(|known| known.body_hash.as_ref());
    if same.is_some() && same == document.validators.body_hash.as_ref() {
        return Ok(Hop::Answer(Fetched::NotModified));
    }
    Ok(Hop::Answer(Fetched::Document(document)))
}

/// The document of a good answer.
async fn document(
    response: Response,
    url: &Url,
    want: Want,
    limit: usize,
    moved: bool,
    failed: &impl Fn(&reqwest::Error) -> FetchError,
) -> Result<Document, FetchError> {
    let headers = response.headers();
    let refused = |reason: String| FetchError::Refused { url: url.to_string(), reason };
    // What is still coded here is coded twice, or in a way we do not ask for.
    if let Some(coding) = text(headers, &header::CONTENT_ENCODING)
        && ["gzip", "deflate", "br", "zstd", "compress"].iter().any(|c| coding.to_ascii_lowercase().contains(c))
    {
        return Err(refused(format!("its answer is coded as `{coding}`, more than one simple coding")));
    }
    let (media_type, charset) = media_type(text(headers, &header::CONTENT_TYPE).as_deref());
    if want == Want::Picture && !media_type.starts_with("image/") {
        return Err(refused(format!("it is {media_type}, not a picture")));
    }
    let etag = text(headers, &header::ETAG);
    let last_modified = text(headers, &header::LAST_MODIFIED);
    let date = text(headers, &header::DATE).and_then(|value| http_date(&value));
    let bytes = body(response, url, limit, failed).await?;
    if bytes.starts_with(&[0x1f, 0x8b]) && want == Want::Text && media_type.starts_with("text/") {
        return Err(refused("its answer is compressed twice".to_owned()));
    }
    let media_type = if media_type.is_empty() { sniff(&bytes).to_owned() } else { media_type };
    let validators = Validators { etag, last_modified, body_hash: Some(body_hash(&bytes)) };
    Ok(Document { url: url.clone(), media_type, charset, bytes, validators, date, moved })
}

/// The body, its decoded bytes counted as they come.
async fn body(
    mut response: Response,
    url: &Url,
    limit: usize,
    failed: &impl Fn(&reqwest::Error) -> FetchError,
) -> Result<Vec<u8>, FetchError> {
    let too_large = || FetchError::TooLarge { url: url.to_string(), limit };
    let announced = response.content_length().unwrap_or_default();
    if announced > limit as u64 {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(announced as usize);
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
        if bytes.len() + chunk.len() > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// What we say we like to get.
fn accept(want: Want) -> &'static str {
    match want {
        Want::Text => {
            "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/feed+json, \
             application/xml;q=0.9, */*;q=0.5"
        }
        Want::Picture => "image/jpeg, image/png, image/webp, image/gif;q=0.8, image/*;q=0.5",
    }
}

/// A header as an owned text: a cloned `HeaderValue` would keep the whole read buffer alive.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned).filter(|value| !value.is_empty())
}

/// Media type in lower case and charset of a Content-Type.
fn media_type(content_type: Option<&str>) -> (String, Option<String>) {
    let mut parts = content_type.unwrap_or_default().split(';');
    let media_type = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = parts.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_ascii_lowercase())
    });
    (media_type, charset)
}

/// The media type of an answer that names none.
fn sniff(bytes: &[u8]) -> &'static str {
    let start: Vec<u8> = bytes.iter().copied().skip_while(|b| !b.is_ascii_graphic()).take(5).collect();
    match start.as_slice() {
        [b'<', b'?', ..] => "application/xml",
        [b'<', ..] => "text/html",
        [b'{' | b'[', ..] => "application/json",
        _ => "application/octet-stream",
    }
}

/// An HTTP date (RFC 9110 §5.6.7).
fn http_date(value: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(value.trim()).ok().map(|at| at.with_timezone(&Utc))
}

/// How long a `Retry-After` asks to wait: seconds or a date; a date in the past is no wait.
fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    Some((http_date(value)? - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_are_taken_apart() {
        assert_eq!(media_type(Some("Text/HTML; Charset=\"UTF-8\"")), ("text/html".into(), Some("utf-8".into())));
        assert_eq!(media_type(Some("application/rss+xml")), ("application/rss+xml".into(), None));
        assert_eq!(media_type(None), (String::new(), None));
        assert_eq!(sniff(b"\xef\xbb\xbf <?xml"), "application/xml");
        assert_eq!(sniff(b"\n<!doctype html>"), "text/html");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        assert_eq!(retry_after("90", now), Some(Duration::from_secs(90)));
        assert_eq!(retry_after("Sun, 22 Nov 2026 10:01:01 GMT", now), Some(Duration::from_secs(61)));
        assert_eq!(retry_after("Sun, 22 Nov 2026 09:01:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
    }
}
