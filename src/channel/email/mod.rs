//! E-mail: mails built by lettre and carried by our own SMTP dialogue, so that every error knows how far the mail
//! had come. What a relay accepts is its business from then on; bounces come back another way.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::Instant;
use url::{Host, Url};

use super::{Block, BuildError, Channel, Job, Limit, Links, Message, Outcome, Parts, guarded};
use crate::config::{Config, Dkim, Email, OnUncertain};
use crate::dkim::{self, Signer};

pub mod article;
pub mod dots;
pub mod imap;
pub mod message;
pub mod outcome;
pub mod plate;
pub mod relays;
pub mod render;
pub mod reply;
pub mod session;
pub mod smtp;
#[cfg(test)]
mod tests;
mod tls;

/// Most mails of a batch that are made before the first of them is sent: so much is in memory a connection.
const RUN: usize = 20;

/// The e-mail channel.
pub struct EmailChannel {
    maker: Arc<Maker>,
    pool: Arc<smtp::Pool>,
    connections: usize,
    window: usize,
}

/// Makes mails of jobs: rendered, built, signed.
struct Maker {
    renderer: render::Renderer,
    plates: plate::Plates,
    config: Email,
    links: Arc<dyn Links>,
    one_click: bool,
}

impl EmailChannel {
    /// Builds the channel from `[email]`.
    ///
    /// # Errors
    /// An `[email]` without a relay.
    pub fn build(config: &Arc<Config>, email: &Email, parts: &Parts) -> Result<Self, BuildError> {
        // With several relays any of them may have to carry a batch, so the least window holds for all.
        let Some(window) = email.smtp.iter().map(|relay| relay.window.clamp(1, 100)).min() else {
            return Err(BuildError("`[email] smtp` names no relay".to_owned()));
        };
        let working = email.smtp.iter().filter(|relay| relay.weight > 0 || email.smtp.len() == 1);
        let connections = working.map(|relay| relay.connections.max(1)).sum::<usize>().max(1);
        let maker = Maker {
            renderer: render::Renderer::new(config.clone(), parts.templates.clone(), parts.links.clone()),
            plates: plate::Plates::new(config.clone(), parts.templates.clone()),
            config: email.clone(),
            links: parts.links.clone(),
            one_click: one_click(&config.base_url),
        };
        Ok(Self {
            maker: Arc::new(maker),
            pool: smtp::Pool::new(email.smtp.clone(), helo(&config.base_url), parts.wanted.clone()),
            connections,
            window,
        })
    }

    /// The mails of a batch. Signing by RSA takes more than half a millisecond each, so it has a thread of its own.
    async fn mails(&self, jobs: &[Job]) -> Vec<Result<session::Mail, String>> {
        if self.maker.signers().is_empty() {
            return jobs.iter().map(|job| guarded(|| self.maker.mail(job))).collect();
        }
        let (maker, batch) = (self.maker.clone(), jobs.to_vec());
        let made = move || batch.iter().map(|job| guarded(|| maker.mail(job))).collect();
        match tokio::task::spawn_blocking(made).await {
            Ok(mails) => mails,
            Err(error) => jobs.iter().map(|_| Err(format!("the mail was not made: {error}"))).collect(),
        }
    }

    /// Makes mails and sends them over one session.
    async fn run(&self, jobs: &[Job], asked: Instant) -> Vec<Outcome> {
        let (mut mails, mut faults) = (Vec::with_capacity(jobs.len()), Vec::with_capacity(jobs.len()));
        for mail in self.mails(jobs).await {
            faults.push(mail.map(|mail| mails.push(mail)).err());
        }
        let mut sent = self.pool.send(mails, asked).await.into_iter();
        let outcome = |fault: Option<String>| match fault {
            Some(reason) => Outcome::Rejected(reason),
            None => sent.next().unwrap_or_else(|| Outcome::RetryAfter {
                after: None,
                counts: true,
                reason: "the mail was not tried".to_owned(),
            }),
        };
        faults.into_iter().map(outcome).collect()
    }
}

impl Maker {
    fn signers(&self) -> &[Signer] {
        match &self.config.dkim {
            Dkim::Own(signers) => signers,
            Dkim::None | Dkim::Relay => &[],
        }
    }

    /// The whole message of a job, signed, and its recipient.
    fn message(&self, job: &Job) -> Result<(String, Vec<u8>), String> {
        let to = message::address(&job.target.address)?;
        let after = match &job.message {
            Message::Correction(_, about) if !about.after.is_empty() => Some(super::message_id(&about.after)),
            _ => None,
        };
        let envelope = message::Envelope {
            from: &self.config.from,
            to: to.clone(),
            message_id: &job.message_id,
            after: after.as_deref(),
            date: job.created.into(),
            one_click: self.one_click,
        };
        let whole = || message::build(&self.renderer.content(job)?, &envelope);
        let own = plate::Own {
            unsubscribe: self.links.unsubscribe(job.target.id),
            preferences: self.links.preferences(job.target.id),
        };
        let message = match self.plates.of(job, &envelope, &own, whole)? {
            Some(plate) => self.plates.mail(&plate, &envelope, &own)?,
            None => whole()?,
        };
        if self.signers().is_empty() {
            return Ok((to.to_string(), message));
        }
        Ok((to.to_string(), dkim::signed(&message, self.signers(), job.created.timestamp())?))
    }

    fn mail(&self, job: &Job) -> Result<session::Mail, String> {
        let (to, message) = self.message(job)?;
        let mark = self.links.mark(job.delivery);
        let from = match &self.config.bounces {
            None => self.config.from.email.to_string(),
            Some(back) => format!("{}{mark}{}@{}", back.before, back.after, back.domain),
        };
        Ok(session::Mail { delivery: job.delivery, from, to, mark, content: dots::dotted(&message) })
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

    fn limits(&self, target: &str) -> Vec<Limit> {
        let mut limits = self.pool.limits(target);
        limits.extend(relays::domain_limits(&self.maker.config.domains, target));
        limits
    }

    fn block_key(&self, _target: &str) -> Option<String> {
        None
    }

    fn take_blocks(&self) -> Vec<Block> {
        self.pool.take_blocks()
    }

    fn away(&self) -> Vec<(String, String)> {
        self.pool.away()
    }

    fn blocked(&self, key: &str, wait: Duration) -> bool {
        self.pool.blocked(key, wait)
    }

    fn on_uncertain(&self) -> OnUncertain {
        self.maker.config.on_uncertain
    }

    fn send<'a>(&'a self, jobs: &'a [Job]) -> BoxFuture<'a, Vec<Outcome>> {
        Box::pin(async move {
            let mut outcomes = Vec::with_capacity(jobs.len());
            // Who wants them was asked for the batch as a whole: the later runs begin by asking again.
            let asked = Instant::now();
            for run in jobs.chunks(RUN) {
                outcomes.extend(self.run(run, asked).await);
            }
            outcomes
        })
    }

    fn preview(&self, job: &Job) -> Result<String, String> {
        let (_, message) = guarded(|| self.maker.message(job))?;
        String::from_utf8(message).map_err(|error| error.to_string())
    }
}

/// How we introduce ourselves: the public host, an address in brackets (RFC 5321 §4.1.3).
/// How a relay is greeted.
pub fn helo(base_url: &Url) -> String {
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
