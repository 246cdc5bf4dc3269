//! robots.txt: asked at most once a host and day, kept by the [`super::Memory`], obeyed before every request of a
//! page or feed. [`rules`] reads it; here is settled which copy holds when it cannot be had (RFC 9309 §2.3.1).
//!
//! An answer of 4xx means that all is allowed, and so does a ring of redirects. While it is unreachable (5xx, 429,
//! no answer) the last good copy holds, up to 30 days; where there never was one, nothing is read until it answers.

mod rules;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

pub use rules::{MAX_BYTES, Rules};

use super::polite::Host;
use super::{FetchError, Fetched, Inner, Manners, Request, Want, http};
use crate::clock::jitter;

/// How long a good copy holds.
const FRESH: TimeDelta = TimeDelta::hours(24);
/// How long the last good copy holds while none can be had.
const STALE: TimeDelta = TimeDelta::days(30);
/// The wait after the first failure, doubled with each further one.
const AGAIN: Duration = Duration::from_mins(1);
/// The longest wait.
const AGAIN_MAX: Duration = Duration::from_hours(1);

/// What is known of one host's robots.txt.
#[derive(Debug, Default)]
pub struct Standing {
    /// The last good copy, and when it was asked for.
    copy: Option<(Arc<Rules>, DateTime<Utc>)>,
    /// The failures since then.
    failed: Option<Failed>,
}

#[derive(Debug)]
struct Failed {
    error: FetchError,
    times: u32,
    again: DateTime<Utc>,
}

impl Standing {
    /// What an earlier start knew.
    pub fn remembered(&mut self, rules: Rules, asked: DateTime<Utc>) {
        self.copy = Some((Arc::new(rules), asked));
    }

    /// The copy, where it is younger than `age`.
    fn within(&self, age: TimeDelta, now: DateTime<Utc>) -> Option<Arc<Rules>> {
        let (rules, asked) = self.copy.as_ref()?;
        // A copy from the future comes from a clock that was wrong.
        (*asked <= now && now - *asked < age).then(|| Arc::clone(rules))
    }
}

/// The rules that hold for `url` on its host, asked for where they are not known.
pub async fn rules(
    inner: &Inner,
    manners: &Manners,
    request: &Request<'_>,
    url: &Url,
    host: &Host,
) -> Result<Arc<Rules>, FetchError> {
    let mut standing = host.robots.lock().await;
    let now = inner.clock.now();
    if let Some(rules) = standing.within(FRESH, now) {
        return Ok(rules);
    }
    let waits = standing.failed.as_ref().is_some_and(|failed| now < failed.again);
    if !waits {
        match ask(inner, manners, request, url).await {
            Ok(rules) => {
                inner.memory.robots(&host.name, &rules, now.timestamp_millis()).await;
                let rules = Arc::new(rules);
                *standing = Standing { copy: Some((Arc::clone(&rules), now)), failed: None };
                return Ok(rules);
            }
            Err(error) => {
                let times = standing.failed.as_ref().map_or(0, |failed| failed.times);
                // A host that cannot be reached at all is left alone as a whole, not by this.
                let wait = match error {
                    FetchError::Network { .. } | FetchError::Resting { .. } => Duration::ZERO,
                    _ => AGAIN.saturating_mul(1 << times.min(6)).min(AGAIN_MAX).mul_f64(jitter(0.25)),
                };
                standing.failed = Some(Failed { error, times: times + 1, again: now + wait });
            }
        }
    }
    if let Some(rules) = standing.within(STALE, now) {
        return Ok(rules);
    }
    Err(match &standing.failed {
        Some(Failed { error, .. }) => unreachable(url, error),
        None => FetchError::Refused { url: url.to_string(), reason: "its robots.txt is not known".to_owned() },
    })
}

/// Asks for the robots.txt of a host.
async fn ask(inner: &Inner, manners: &Manners, request: &Request<'_>, url: &Url) -> Result<Rules, FetchError> {
    let mut address = url.clone();
    address.set_path("/robots.txt");
    address.set_query(None);
    let request = Request { url: &address, validators: None, want: Want::Robots, root: None, ..*request };
    match http::get(inner, manners, &request).await {
        Ok(Fetched::Document(document)) => Ok(Rules::parse(&String::from_utf8_lossy(&document.bytes))),
        Ok(Fetched::NotModified)
        | Err(FetchError::Redirects { .. } | FetchError::Status { status: 400..=428 | 430..=499, .. }) => {
            Ok(Rules::default())
        }
        Err(error) => Err(error),
    }
}

/// Why nothing is read while robots.txt cannot be had.
fn unreachable(url: &Url, error: &FetchError) -> FetchError {
    match error {
        // The host as a whole is in trouble: that is what has to be told.
        FetchError::Network { .. } | FetchError::Resting { .. } => error.clone(),
        _ => FetchError::Refused {
            url: url.to_string(),
            reason: format!(
                "{error}, and a site whose robots.txt cannot be had is not read (RFC 9309); it is asked again by \
                 itself; `own_site = true` in the section or in [fetch] reads without asking, where the site is yours"
            ),
        },
    }
}

/// Refuses an address that the rules forbid, naming the line.
pub fn check(rules: &Rules, url: &Url) -> Result<(), FetchError> {
    let Some(line) = rules.forbids(url) else { return Ok(()) };
    let origin = url.origin().ascii_serialization();
    Err(FetchError::Refused {
        url: url.to_string(),
        reason: format!(
            "line {} of {origin}/robots.txt forbids it (`{line}`); ask its operator to allow `bantin`, or set \
             `own_site = true` in the section or in [fetch] where the site is yours",
            line.number
        ),
    })
}
