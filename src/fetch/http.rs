//! http and https: our own loop over redirects, each hop checked by the guard, by robots.txt and by whether its host
//! is to be left alone; conditional requests; limits on time and on decoded bytes while they stream in.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{self, HeaderMap, HeaderName};
use reqwest::{Method, StatusCode};
use tokio::time::Instant;
use url::Url;

use super::polite::{self, Host};
use super::wire::{Answer, Trouble};
use super::{
    Document, FetchError, Fetched, Inner, LARGE, Manners, Request, Room, Validators, Want, body_hash, clients, guard,
    robots, trouble,
};
use crate::clock::from_ms;

/// Most redirects followed.
const MAX_HOPS: usize = 5;

/// From this many pieces on an answer may not come in tiny ones: each costs as much as a page of it.
const MANY_PIECES: usize = 20_000;
/// Least bytes of a piece then, on the average.
const LEAST_PIECE: usize = 64;

/// What one hop answered.
enum Hop {
    Answer(Fetched),
    Elsewhere { to: Url, permanent: bool },
}

/// Reads one http(s) address.
pub async fn get(inner: &Inner, manners: &Manners, request: &Request<'_>) -> Result<Fetched, FetchError> {
    let open = request.allow_private || inner.config.allow_private;
    let client =
        inner.client(manners, open).map_err(|reason| FetchError::Network { url: request.url.to_string(), reason })?;
    let mut url = request.url.clone();
    let mut moved = true;
    // The wait for the turn at a host does not count: it is ours, not the server's.
    let mut left = inner.config.timeout;
    for hop in 0..=MAX_HOPS {
        guard::check(&url, open).map_err(|reason| FetchError::Refused { url: clients::shown(&url), reason })?;
        bare(&mut url);
        let host = host(inner, &url).await;
        let mut interval = manners.interval.unwrap_or(inner.config.interval);
        // A picture is no crawling: it is the one the page offers for its preview.
        if manners.robots && request.want == Want::Text {
            // In a box: reading robots.txt comes back here.
            let rules = Box::pin(robots::rules(inner, manners, request, &url, &host)).await?;
            robots::check(&rules, &url)?;
            interval = interval.max(rules.delay());
        }
        awake(inner, &host, &url)?;
        let turn = host.turn(interval).await;
        let turn = turn.among(inner.memory.turn(&host.name).await);
        // Those before us in the line may have been told to stay away.
        awake(inner, &host, &url)?;
        let mut exchange =
            Exchange { inner, client: &client, url: &url, request, host: &host, until: Instant::now() + left };
        // In a box, so that those who wait for their turn at a slow host cost little memory.
        let outcome = Box::pin(async {
            if manners.is_through_proxy() && !open {
                let known = guard::check_name(&url, inner.names.as_ref());
                let known = exchange.in_time(known).await?;
                known.map_err(|reason| FetchError::Refused { url: url.to_string(), reason })?;
            }
            exchange.run(moved && hop > 0).await
        })
        .await;
        drop(turn);
        left = exchange.until.saturating_duration_since(Instant::now());
        match outcome {
            Err(error) => {
                remember_rest(inner, &host).await;
                return Err(error);
            }
            Ok(Hop::Answer(fetched)) => return Ok(fetched),
            Ok(Hop::Elsewhere { to, permanent }) => {
                moved &= permanent;
                url = to;
            }
        }
    }
    Err(FetchError::Redirects { url: request.url.to_string(), limit: MAX_HOPS, last: clients::shown(&url) })
}

/// The host of an address, with what an earlier start knew of it.
pub(super) async fn host(inner: &Inner, url: &Url) -> Arc<Host> {
    let name = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
    let host = inner.polite.host(&name);
    host.recalled
        .get_or_init(|| async {
            let known = inner.memory.of(&name).await;
            if let Some((rules, asked)) = known.robots {
                host.robots.lock().await.remembered(rules, from_ms(asked));
            }
            if let Some((until, why)) = known.rest {
                // No longer than a host can ask for, whatever the clock did in between.
                host.left_alone_until(from_ms(until).min(inner.clock.now() + polite::MAX_WAIT), why);
            }
        })
        .await;
    host
}

/// Refuses to ask a host that is to be left alone.
pub(super) fn awake(inner: &Inner, host: &Host, url: &Url) -> Result<(), FetchError> {
    match host.resting(inner.clock.now()) {
        Some((until, reason)) => Err(FetchError::Resting { url: url.to_string(), until, reason }),
        None => Ok(()),
    }
}

/// Keeps a rest of a minute or more beyond this process.
async fn remember_rest(inner: &Inner, host: &Host) {
    let now = inner.clock.now();
    if let Some((until, why)) = host.resting(now)
        && until - now > chrono::TimeDelta::seconds(50)
    {
        inner.memory.rest(&host.name, until.timestamp_millis(), &why).await;
    }
}

/// Takes user, password and fragment off: they are not for the server that was redirected to, nor for logs.
fn bare(url: &mut Url) {
    url.set_fragment(None);
    // Both only fail for addresses without a host, which the guard refused.
    let _ = url.set_username("");
    let _ = url.set_password(None);
}

/// One exchange: request, answer, body.
struct Exchange<'a> {
    inner: &'a Inner,
    client: &'a clients::Way,
    url: &'a Url,
    request: &'a Request<'a>,
    host: &'a Host,
    /// When it has taken too long. Waiting for room moves this on: that wait is ours too.
    until: Instant,
}

impl Exchange<'_> {
    /// The outcome of a step, unless it takes too long.
    async fn in_time<T>(&self, step: impl Future<Output = T>) -> Result<T, FetchError> {
        tokio::time::timeout_at(self.until, step).await.map_err(|_| FetchError::Timeout {
            url: self.url.to_string(),
            seconds: self.inner.config.timeout.as_secs(),
        })
    }

    fn failed(&self, trouble: &Trouble) -> FetchError {
        trouble::explain(self.url.as_str(), trouble, self.inner.config.timeout.as_secs())
    }

    async fn run(&mut self, moved: bool) -> Result<Hop, FetchError> {
        let Self { inner, url, request, host, .. } = *self;
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, header::HeaderValue::from_static(accept(request.want)));
        if let Some(known) = request.validators {
            let conditions = [(header::IF_NONE_MATCH, &known.etag), (header::IF_MODIFIED_SINCE, &known.last_modified)];
            for (name, value) in conditions {
                if let Some(value) = value.as_deref().and_then(|v| header::HeaderValue::from_str(v).ok()) {
                    headers.insert(name, value);
                }
            }
        }
        let response = self.in_time(self.client.send(Method::GET, url, headers, None)).await?.map_err(|trouble| {
            let told = self.failed(&trouble);
            if let FetchError::Network { reason, .. } = &told
                && trouble.connect
            {
                host.not_reached(inner.clock.now(), reason.clone());
            }
            told
        })?;
        host.reached();
        let status = response.status;
        if status == StatusCode::NOT_MODIFIED {
            return Ok(Hop::Answer(Fetched::NotModified));
        }
        if matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
            && let Some(to) = location(&response.headers)
        {
            let to = url.join(to.trim()).map_err(|error| FetchError::Network {
                url: url.to_string(),
                reason: format!("it redirects to an address that is none: {error}"),
            })?;
            return Ok(Hop::Elsewhere { to, permanent: matches!(status.as_u16(), 301 | 308) });
        }
        if !status.is_success() {
            return Err(refusal(inner, &response.headers, status.as_u16(), url, host));
        }
        let document = self.document(response, moved).await?;
        let same = request.validators.and_then(|known| known.body_hash.as_ref());
        if same.is_some() && same == document.validators.body_hash.as_ref() {
            return Ok(Hop::Answer(Fetched::NotModified));
        }
        Ok(Hop::Answer(Fetched::Document(document)))
    }

    /// The document of a good answer.
    async fn document(&mut self, response: Answer, moved: bool) -> Result<Document, FetchError> {
        let (url, want) = (self.url, self.request.want);
        let headers = &response.headers;
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
        let (bytes, room) = self.body(response).await?;
        if bytes.starts_with(&[0x1f, 0x8b])
            && want == Want::Text
            && media_type.starts_with("text/")
            && !url.path().to_ascii_lowercase().ends_with(".gz")
        {
            return Err(refused("its answer is compressed twice".to_owned()));
        }
        let media_type = if media_type.is_empty() { sniff(&bytes).to_owned() } else { media_type };
        let validators = Validators { etag, last_modified, body_hash: Some(body_hash(&bytes)) };
        Ok(Document { url: url.clone(), media_type, charset, bytes, validators, date, moved, room })
    }

    /// The body, its decoded bytes counted as they come. A large one waits for its room.
    async fn body(&mut self, mut response: Answer) -> Result<(Vec<u8>, Room), FetchError> {
        let want = self.request.want;
        let limit = self.inner.limit(want);
        let too_large = || FetchError::TooLarge { url: self.url.to_string(), limit };
        let announced = response.length.unwrap_or_default();
        if announced > limit as u64 && want != Want::Robots {
            return Err(too_large());
        }
        let mut room = None;
        let mut bytes = Vec::with_capacity((announced as usize).min(LARGE));
        while let Some(chunk) = self.in_time(response.chunk()).await?.map_err(|error| self.failed(&error))? {
            let pieces = response.pieces;
            if pieces > MANY_PIECES && bytes.len() < pieces.saturating_mul(LEAST_PIECE) {
                return Err(FetchError::Refused {
                    url: self.url.to_string(),
                    reason: format!("its answer comes in pieces of few bytes, more than {MANY_PIECES} of them"),
                });
            }
            if bytes.len() + chunk.len() > limit || response.came > limit {
                if want == Want::Robots {
                    bytes.extend_from_slice(chunk.get(..limit - bytes.len()).unwrap_or_default());
                    break;
                }
                return Err(too_large());
            }
            if room.is_none() && bytes.len() + chunk.len() > self.request.large {
                let left = self.until.saturating_duration_since(Instant::now());
                room = Some(self.inner.rooms.large().await);
                self.until = Instant::now() + left;
                bytes.reserve_exact((announced as usize).clamp(bytes.len(), limit) - bytes.len());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok((bytes, room.unwrap_or_default()))
    }
}

/// What an answer other than 2xx means. 429, and 503 with a `Retry-After`, speak for the whole host.
fn refusal(inner: &Inner, headers: &HeaderMap, status: u16, url: &Url, host: &Host) -> FetchError {
    let now = inner.clock.now();
    let wait = text(headers, &header::RETRY_AFTER).and_then(|value| retry_after(&value, now));
    let asked = match status {
        429 => Some(wait.unwrap_or(polite::UNSAID)),
        503 => wait,
        _ => None,
    };
    if let Some(asked) = asked.filter(|asked| !asked.is_zero()) {
        host.left_alone(
            now,
            asked,
            format!("it answered {status} and asked to be left alone for {} s", asked.as_secs()),
        );
    }
    FetchError::Status { url: url.to_string(), status, retry_after: wait }
}

/// What we say we like to get.
fn accept(want: Want) -> &'static str {
    match want {
        Want::Text => {
            "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/feed+json, \
             application/xml;q=0.9, */*;q=0.5"
        }
        Want::Robots => "text/plain, */*;q=0.5",
        Want::Picture => "image/jpeg, image/png, image/webp, image/gif;q=0.8, image/*;q=0.5",
    }
}

/// A header as an owned text: a cloned `HeaderValue` would keep the whole read buffer alive.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned).filter(|value| !value.is_empty())
}

/// Where a redirect leads. Some servers write it in plain UTF-8.
pub(super) fn location(headers: &HeaderMap) -> Option<String> {
    let value = String::from_utf8_lossy(headers.get(header::LOCATION)?.as_bytes()).into_owned();
    (!value.trim().is_empty()).then_some(value)
}

/// Media type in lower case and charset of a Content-Type.
pub(super) fn media_type(content_type: Option<&str>) -> (String, Option<String>) {
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
pub fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
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
