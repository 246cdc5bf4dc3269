//! Outside hubs (`[feeds] hubs`): told which feeds changed, the way every public hub takes it (`hub.mode=publish`).
//! How far each was told is a fact of the store, so that a restart tells what was missed.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use reqwest::Method;
use tokio_util::sync::CancellationToken;
use url::Url;
use url::form_urlencoded::Serializer;

use super::Hub;
use crate::feed::{Kind, plan};
use crate::fetch::outgoing::Outgoing;
use crate::store::Result;

/// Longest wait for a hub.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Feeds named in one request.
const AT_ONCE: usize = 100;
/// After a failure a hub is told again after so long.
const AGAIN: Duration = Duration::from_mins(1);

/// Tells the outside hubs of every change, until it is cancelled.
pub(super) async fn telling(hub: &Hub, cancel: &CancellationToken) {
    if hub.config.feeds.hubs.is_empty() {
        return;
    }
    loop {
        let changed = hub.feeds.changed();
        let failed = !hub.tell_outside().await;
        tokio::select! {
            () = cancel.cancelled() => return,
            () = changed => {}
            () = tokio::time::sleep(AGAIN), if failed => {}
        }
    }
}

impl Hub {
    /// Tells the outside hubs of what they were not told yet; whether all took it.
    pub async fn tell_outside(&self) -> bool {
        let mut all = true;
        for other in &self.config.feeds.hubs {
            match tell(self, other).await {
                Ok(taken) => all &= taken,
                Err(error) => {
                    tracing::error!(%error, "a hub cannot be told of news while the store is not well");
                    all = false;
                }
            }
        }
        all
    }
}

/// Tells one hub what it was not told yet; whether it took it.
async fn tell(hub: &Hub, other: &Url) -> Result<bool> {
    // Both kinds of feeds have to show it: a hub that is told fetches at once.
    let shown = hub.feeds.shown(false).min(hub.feeds.shown(true));
    if shown == 0 {
        return Ok(true); // they are still to be brought up to date
    }
    let key = format!("hub {other}");
    let told: Option<i64> = hub.store.meta(&key).await?.and_then(|text| text.parse().ok());
    let Some(told) = told else {
        // A new one: it hears of what comes, and not of what was.
        hub.store.set_meta(&key, &shown.to_string()).await?;
        return Ok(true);
    };
    if told >= shown {
        return Ok(true);
    }
    let touched = hub.store.touched_since(told).await?;
    let ids = hub.store.section_ids().await?;
    let slugs = plan::touched(&hub.config, &ids, &touched);
    let topics: Vec<String> = slugs
        .iter()
        .flat_map(|slug| Kind::FORMATS.map(|kind| format!("{}feeds/{slug}.{}", hub.config.base_url, kind.extension())))
        .collect();
    for some in topics.chunks(AT_ONCE) {
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        let outgoing = Outgoing {
            method: Method::POST,
            url: other,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, kind)]),
            body: Some(publish(some)),
            timeout: TIMEOUT,
            // It comes from the configuration.
            allow_private: true,
            strict: false,
        };
        let why = match hub.fetcher.carry(outgoing).await {
            Ok(answer) if (200..300).contains(&answer.status) => continue,
            Ok(answer) => format!("it answered {}", answer.status),
            Err(error) => error.to_string(),
        };
        tracing::warn!(hub = %other, why, "a hub could not be told of news; it is tried again");
        return Ok(false);
    }
    hub.store.set_meta(&key, &shown.to_string()).await?;
    Ok(true)
}

/// The form that says which feeds changed; older hubs read `hub.url`, newer ones `hub.topic`.
fn publish(topics: &[String]) -> Bytes {
    let mut form = Serializer::new(String::new());
    form.append_pair("hub.mode", "publish");
    for topic in topics {
        form.append_pair("hub.url", topic).append_pair("hub.topic", topic);
    }
    Bytes::from(form.finish())
}
