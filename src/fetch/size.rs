//! How large a file of a site is, and of which type, without reading it (HEAD): what an enclosure has to say.

use reqwest::Method;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use tokio::time::{Duration, timeout};
use url::Url;

use super::{Fetcher, guard, http};

/// Most redirects followed.
const MAX_HOPS: usize = 3;
/// Longest wait: nobody shall wait long for an article because of its file.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What a server says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// Its length in bytes.
    pub bytes: u64,
    /// Its media type, where it is told.
    pub media_type: Option<String>,
}

impl Fetcher {
    /// Asks for the size of a file; `None` where it is not told, or nobody answers.
    pub async fn size(&self, url: &Url, allow_private: bool) -> Option<Size> {
        let inner = &self.inner;
        let open = allow_private || inner.config.allow_private;
        let mut url = url.clone();
        for _ in 0..=MAX_HOPS {
            guard::check(&url, open).ok()?;
            let host = http::host(inner, &url).await;
            http::awake(inner, &host, &url).ok()?;
            let turn = host.turn(self.manners.interval.unwrap_or(inner.config.interval)).await;
            if self.manners.is_through_proxy() && !open {
                guard::check_name(&url, inner.names.as_ref()).await.ok()?;
            }
            let way = inner.client(&self.manners, open).ok()?;
            // Packed, the length would be another one.
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
            let answer = timeout(TIMEOUT, way.send(Method::HEAD, &url, headers, None)).await.ok()?.ok()?;
            drop(turn);
            if matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
                url = url.join(http::location(&answer.headers)?.trim()).ok()?;
                continue;
            }
            return answer.status.is_success().then(|| read(&answer.headers)).flatten();
        }
        None
    }
}

fn read(headers: &HeaderMap) -> Option<Size> {
    let text = |name| headers.get(name).and_then(|value: &reqwest::header::HeaderValue| value.to_str().ok());
    let bytes = text(CONTENT_LENGTH)?.parse().ok().filter(|bytes| *bytes > 0)?;
    if text(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return None;
    }
    let media_type = text(CONTENT_TYPE).and_then(|kind| http::media_type(Some(kind)).0.into());
    // A page in place of the file: a login, an error that says 200.
    let media_type = media_type.filter(|kind| kind.contains('/'));
    (media_type.as_deref() != Some("text/html")).then_some(Size { bytes, media_type })
}
