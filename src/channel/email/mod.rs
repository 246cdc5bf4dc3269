//! E-mail: mails built by lettre and carried by our own SMTP dialogue, so that every error knows how far the mail
//! had come. What a relay accepts is its business from then on; bounces come back another way.

use std::net::IpAddr;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use url::{Host, Url};

use super::{BuildError, Channel, Job, Limit, Outcome, Parts, guarded};
use crate::clock::Clock;
use crate::config::{Config, Email, OnUncertain, Relay};

pub mod article;
pub mod message;
pub mod outcome;
pub mod render;
pub mod reply;
pub mod session;
pub mod smtp;
#[cfg(test)]
mod tests;
mod tls;

/// The e-mail channel.
pub struct EmailChannel {
    renderer: render::Renderer,
    pool: Arc<smtp::Pool>,
    config: Email,
    clock: Clock,
    connections: usize,
    window: usize,
    one_click: bool,
}

impl EmailChannel {
    /// Builds the channel from `[email]`.
    ///
    /// # Errors
    /// An `[email]` without a relay.
    pub fn build(config: &Arc<Config>, email: &Email, parts: &Parts) -> Result<Self, BuildError> {
        // With several relays any of them may have to carry all, so the least of each bound holds for all.
        let least = |of: fn(&Relay) -> usize| email.smtp.iter().map(of).min().map(|n| n.max(1));
        let (Some(connections), Some(window)) = (least(|r| r.connections), least(|r| r.window)) else {
            return Err(BuildError("`[email] smtp` names no relay".to_owned()));
        };
        Ok(Self {
            renderer: render::Renderer::new(config.clone(), parts.templates.clone(), parts.links.clone()),
            pool: smtp::Pool::new(email.smtp.clone(), connections, helo(&config.base_url)),
            config: email.clone(),
            clock: parts.clock.clone(),
            connections,
            window: window.min(100),
            one_click: one_click(&config.base_url),
        })
    }

    /// The whole message of a job, and its recipient.
    fn message(&self, job: &Job) -> Result<(String, Vec<u8>), String> {
        let to = message::address(&job.target.address)?;
        let content = self.renderer.content(job)?;
        let envelope = message::Envelope {
            from: &self.config.from,
            to: to.clone(),
            message_id: &job.message_id,
            date: self.clock.now().into(),
            one_click: self.one_click,
        };
        Ok((to.to_string(), message::build(&content, envelope)?))
    }

    fn mail(&self, job: &Job) -> Result<session::Mail, String> {
        let (to, message) = self.message(job)?;
        let from = self.config.from.email.to_string();
        Ok(session::Mail { from, to, content: session::dotted(&message) })
    }
}

impl Channel for EmailChannel {
    fn kind(&self) -> &'static str {
        "email"
    }

    fn connections(&self) -> usize {
        self.connections
    }

    fn window(&self) -> usize {
        self.window
    }

    fn ordered(&self) -> bool {
        false
    }

    fn limits(&self, _target: &str) -> Vec<Limit> {
        self.pool.current().map(quotas).unwrap_or_default()
    }

    fn on_uncertain(&self) -> OnUncertain {
        self.config.on_uncertain
    }

    fn send<'a>(&'a self, jobs: &'a [Job]) -> BoxFuture<'a, Vec<Outcome>> {
        Box::pin(async move {
            let rendered: Vec<Result<session::Mail, String>> =
                jobs.iter().map(|job| guarded(|| self.mail(job))).collect();
            let mails: Vec<session::Mail> = rendered.iter().filter_map(|mail| mail.as_ref().ok().cloned()).collect();
            let mut sent = self.pool.send(&mails).await.into_iter();
            let outcome = |mail: Result<session::Mail, String>| match mail {
                Err(reason) => Outcome::Rejected(reason),
                Ok(_) => sent.next().unwrap_or_else(|| Outcome::RetryAfter {
                    after: None,
                    counts: true,
                    reason: "the mail was not tried".to_owned(),
                }),
            };
            rendered.into_iter().map(outcome).collect()
        })
    }

    fn preview(&self, job: &Job) -> Result<String, String> {
        let (_, message) = guarded(|| self.message(job))?;
        String::from_utf8(message).map_err(|error| error.to_string())
    }
}

/// The relay's quotas as limits: no window of the length can hold more than allowed, and a part of it may go at once.
fn quotas(relay: &Relay) -> Vec<Limit> {
    let rate = &relay.rate;
    let quotas = [
        ("s", 1_000, rate.per_second, 1),
        ("m", 60_000, rate.per_minute, 6),
        ("h", 3_600_000, rate.per_hour, 4),
        ("d", 86_400_000, rate.per_day, 2),
    ];
    let limit = |(unit, ms, most, share): (&str, i64, Option<u32>, i64)| {
        let most = i64::from(most?.max(1));
        let burst = (most / share).max(1);
        let spaced = most - burst + 1;
        Some(Limit { key: format!("relay:{}:{unit}", relay.host), every_ms: (ms + spaced - 1) / spaced, burst })
    };
    quotas.into_iter().filter_map(limit).collect()
}

/// How we introduce ourselves: the public host, an address in brackets (RFC 5321 §4.1.3).
fn helo(base_url: &Url) -> String {
    match base_url.host() {
        Some(Host::Domain(name)) => name.to_owned(),
        Some(Host::Ipv4(ip)) => format!("[{ip}]"),
        Some(Host::Ipv6(ip)) => format!("[IPv6:{ip}]"),
        None => "localhost".to_owned(),
    }
}

/// RFC 8058 wants https; loopback is for trying things out.
fn one_click(base_url: &Url) -> bool {
    base_url.scheme() == "https"
        || match base_url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
            None => false,
        }
}

#[cfg(test)]
mod limits {
    use super::*;

    #[test]
    fn no_window_holds_more_than_the_quota() {
        for most in [1, 2, 3, 30, 2000] {
            let relay = Relay {
                host: "r".into(),
                port: 25,
                tls: crate::config::Tls::None,
                login: None,
                connections: 1,
                window: 1,
                rate: crate::config::Rate { per_minute: Some(most), per_day: Some(most), ..Default::default() },
            };
            let limits = quotas(&relay);
            assert_eq!(limits.iter().map(|l| l.key.as_str()).collect::<Vec<_>>(), ["relay:r:m", "relay:r:d"]);
            for (limit, window) in limits.iter().zip([60_000, 86_400_000]) {
                // A full burst at the window's beginning, then one every `every_ms` before its end.
                assert!(limit.burst + (window - 1) / limit.every_ms <= i64::from(most), "{limit:?}");
                assert!(limit.burst >= 1);
            }
        }
    }
}
