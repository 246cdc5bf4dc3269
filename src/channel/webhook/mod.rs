//! Webhooks: every article as a signed request with a JSON body of a template's making, to whoever takes one: Slack,
//! Discord, Matrix, Teams, a program of one's own. One webhook of the configuration is one target; its name is its
//! address, and all that is ever shown of it.

use std::collections::HashMap;

use data_encoding::HEXLOWER;
use futures_util::future::BoxFuture;
use hmac::{Hmac, Mac as _};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use url::Url;

use super::email::relays::quotas;
use super::{BuildError, Channel, Job, Limit, Message, Outcome, Parts, Posted, guarded};
use crate::clock::Clock;
use crate::config::{Call, Config, OnUncertain, Webhook};
use crate::fetch::Fetcher;
use crate::fetch::outgoing::Outgoing;

mod outcome;
mod render;
#[cfg(test)]
mod tests;

use outcome::Asked;
use render::Renderer;

/// Requests under way at a time, over all webhooks.
const CONNECTIONS: usize = 8;
/// The longest id of a message that is believed.
const MAX_ID: usize = 256;

/// The header with the time of signing, in Unix seconds.
const TIMESTAMP: HeaderName = HeaderName::from_static("x-bantin-timestamp");
/// The header with the signature.
const SIGNATURE: HeaderName = HeaderName::from_static("x-bantin-signature");
/// The header with the delivery's id: the same on every try.
const DELIVERY: HeaderName = HeaderName::from_static("x-bantin-delivery");

/// The webhooks whose templates are not right, and why; each is rendered with samples.
pub fn faults(config: &Config, templates: &std::sync::Arc<crate::templates::Templates>) -> Vec<(String, String)> {
    let fault = |own: &Webhook| {
        let fault = Renderer::build(own, templates, &config.organisation.name).err()?;
        Some((own.name.clone(), format!("the template of [webhook.{}] is not right: {fault}", own.name)))
    };
    config.webhooks.iter().filter_map(fault).collect()
}

/// The webhook channel.
pub struct WebhookChannel {
    hooks: HashMap<String, Hook>,
    fetcher: Fetcher,
    clock: Clock,
    /// The most careful of the webhooks' policies holds for what a kill left behind.
    on_uncertain: OnUncertain,
}

/// One webhook, ready to be called.
struct Hook {
    config: Webhook,
    url: Url,
    renderer: Renderer,
}

impl WebhookChannel {
    /// Builds the channel from all of `[webhook.…]`.
    ///
    /// # Errors
    /// An address that no call can be made to, or a template that is not right.
    pub fn build(config: &Config, parts: &Parts) -> Result<Self, BuildError> {
        let mut hooks = HashMap::new();
        for own in &config.webhooks {
            let wrong = |fault: String| BuildError(format!("[webhook.{}]: {fault}", own.name));
            let mut url: Url = own.url.expose_secret().parse().map_err(|_| wrong("`url` is no address".to_owned()))?;
            url.set_fragment(None);
            let renderer = Renderer::build(own, &parts.templates, &config.organisation.name)
                .map_err(|fault| wrong(format!("its template is not right: {fault}")))?;
            hooks.insert(own.name.clone(), Hook { config: own.clone(), url, renderer });
        }
        let careful = |policy| config.webhooks.iter().any(|own| own.on_uncertain == policy);
        let on_uncertain = [OnUncertain::Ask, OnUncertain::AtMostOnce].into_iter().find(|&policy| careful(policy));
        Ok(Self {
            hooks,
            fetcher: parts.fetcher.clone(),
            clock: parts.clock.clone(),
            on_uncertain: on_uncertain.unwrap_or_default(),
        })
    }

    async fn send_one(&self, job: &Job) -> Outcome {
        let Some(hook) = self.hooks.get(&job.target.address) else {
            return Outcome::RecipientGone(format!("there is no [webhook.{}] any more", job.target.address));
        };
        let rendered = match &job.message {
            Message::Post(one) | Message::Edit(one, _) => render::hash(one, job.target.language),
            _ => String::new(),
        };
        let (call, posted) = match &job.message {
            Message::Edit(_, posted) => (hook.config.edit.as_ref(), Some(posted)),
            Message::Delete(posted) => (hook.config.delete.as_ref(), Some(posted)),
            _ => (Some(&hook.config.post), None),
        };
        let Some(call) = call else {
            return Outcome::Unwanted("this webhook takes no edits or deletions (`edit`, `delete`)".to_owned());
        };
        let deletes = matches!(job.message, Message::Delete(_));
        if let Some(posted) = posted
            && !deletes
            && posted.rendered == rendered
        {
            return Outcome::Accepted(posted.clone());
        }
        let id = posted.map_or("", |posted| posted.message.as_str());
        if id.is_empty() && call.rest.contains("{id}") {
            return Outcome::Unwanted("the receiver told no id of what was posted".to_owned());
        }
        let body = match guarded(|| hook.renderer.body(job)) {
            Ok(None) if !deletes => return Outcome::Unwanted("the template makes nothing of it".to_owned()),
            Ok(body) => body,
            Err(reason) => return Outcome::Rejected(reason),
        };
        let asked = Asked { harmless: posted.is_some(), of_message: call.rest.contains("{id}"), deletes };
        let outgoing = match hook.outgoing(call, id, &job.message_id, body, self.clock.now().timestamp()) {
            Ok((url, headers, body)) => (url, headers, body),
            Err(reason) => return Outcome::Rejected(reason),
        };
        let (url, headers, body) = outgoing;
        let answered = self.fetcher.carry(Outgoing {
            method: call.method.clone(),
            url: &url,
            headers,
            body: body.map(Into::into),
            timeout: hook.config.timeout,
            allow_private: hook.config.allow_private,
            strict: false,
        });
        let judged = outcome::judge(answered.await, asked, hook.config.accepted.as_ref(), hook.config.on_uncertain);
        match judged {
            Ok(answer) => {
                let told = hook.config.id.as_ref().and_then(|path| outcome::at_path(&answer.body, path));
                let told = told.filter(|id| id.len() <= MAX_ID && !id.contains(char::is_control));
                // An edit leaves the message what it is, whatever the answer to it names.
                let message = if id.is_empty() { told.unwrap_or_default() } else { id.to_owned() };
                Outcome::Accepted(Posted { message, rendered, ..Posted::default() })
            }
            Err(outcome) => hook.redacted(outcome),
        }
    }
}

impl Hook {
    /// Address, headers and body of one call.
    fn outgoing(
        &self,
        call: &Call,
        id: &str,
        delivery: &str,
        body: Option<String>,
        now: i64,
    ) -> Result<(Url, HeaderMap, Option<String>), String> {
        let url = address(&self.url, &call.rest, id, delivery)?;
        let mut headers = HeaderMap::new();
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in &self.config.headers {
            let mut value =
                HeaderValue::from_str(value.expose_secret()).map_err(|_| format!("`{name}` cannot be sent"))?;
            value.set_sensitive(true);
            headers.insert(name.clone(), value);
        }
        let value = |text: &str| HeaderValue::from_str(text).map_err(|_| "the delivery's id cannot be sent".to_owned());
        headers.insert(DELIVERY, value(delivery)?);
        if let Some(secret) = &self.config.secret {
            let time = now.to_string();
            headers.insert(SIGNATURE, value(&signature(secret, &time, body.as_deref().unwrap_or_default())?)?);
            headers.insert(TIMESTAMP, value(&time)?);
        }
        Ok((url, headers, body))
    }

    /// An answer may repeat what it was asked with: the address, a token.
    fn redacted(&self, outcome: Outcome) -> Outcome {
        let url = self.config.url.expose_secret();
        let path = self.url.path().trim_matches('/');
        let secrets = self.config.headers.iter().map(|(_, value)| value).chain(&self.config.secret);
        let secrets: Vec<&str> = secrets
            .map(SecretString::expose_secret)
            .flat_map(|value| [value, value.strip_prefix("Bearer ").unwrap_or(value)])
            .chain([url, self.url.as_str(), path])
            .chain(path.rsplit('/').next())
            .chain(self.url.query())
            .filter(|secret| secret.len() >= 6)
            .collect();
        let clean = |reason: String| secrets.iter().fold(reason, |reason, secret| reason.replace(secret, "…"));
        match outcome {
            Outcome::RetryAfter { after, counts, reason } => {
                Outcome::RetryAfter { after, counts, reason: clean(reason) }
            }
            Outcome::Rejected(reason) => Outcome::Rejected(clean(reason)),
            Outcome::RecipientGone(reason) => Outcome::RecipientGone(clean(reason)),
            Outcome::Unknown(reason) => Outcome::Unknown(clean(reason)),
            other @ (Outcome::Accepted(_)
            | Outcome::RecipientBusy { .. }
            | Outcome::Unwanted(_)
            | Outcome::Partly { .. }) => other,
        }
    }
}

/// The address of a call: below the configured one, whose query it keeps.
fn address(base: &Url, rest: &str, id: &str, delivery: &str) -> Result<Url, String> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut url = base.clone();
    if !path.is_empty() {
        let mut segments = url.path_segments_mut().map_err(|()| "`url` takes no path".to_owned())?;
        segments.pop_if_empty();
        // Each part is one segment, whatever an id has in it.
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let part = part.replace("{delivery}", delivery).replace("{id}", id);
            if matches!(part.as_str(), "." | "..") {
                return Err("the receiver's id cannot stand in an address".to_owned());
            }
            segments.push(&part);
        }
    }
    if !query.is_empty() {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let mut all = url.query_pairs_mut();
        for (key, value) in pairs {
            all.append_pair(&key, &value.replace("{delivery}", delivery).replace("{id}", id));
        }
    }
    Ok(url)
}

/// `sha256=` and the HMAC over time, full stop and body: the scheme of what a CMS pushes (`docs/push.md`).
fn signature(secret: &SecretString, time: &str, body: &str) -> Result<String, String> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes());
    let mut mac = mac.map_err(|_| "the secret cannot sign".to_owned())?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    Ok(format!("sha256={}", HEXLOWER.encode(&mac.finalize().into_bytes())))
}

impl Channel for WebhookChannel {
    fn kind(&self) -> &'static str {
        "webhook"
    }

    fn connections(&self) -> usize {
        CONNECTIONS
    }

    fn window(&self) -> usize {
        1
    }

    fn ordered(&self) -> bool {
        true
    }

    fn edits(&self) -> bool {
        true
    }

    fn limits(&self, target: &str) -> Vec<Limit> {
        let Some(hook) = self.hooks.get(target) else { return Vec::new() };
        quotas(&format!("webhook/{target}"), &hook.config.rate)
    }

    fn on_uncertain(&self) -> OnUncertain {
        self.on_uncertain
    }

    fn on_uncertain_of(&self, target: &str) -> OnUncertain {
        self.hooks.get(target).map_or(self.on_uncertain, |hook| hook.config.on_uncertain)
    }

    fn send<'a>(&'a self, jobs: &'a [Job]) -> BoxFuture<'a, Vec<Outcome>> {
        Box::pin(async move {
            let mut outcomes = Vec::with_capacity(jobs.len());
            for job in jobs {
                outcomes.push(self.send_one(job).await);
            }
            outcomes
        })
    }

    fn preview(&self, job: &Job) -> Result<String, String> {
        let hook = self.hooks.get(&job.target.address).ok_or_else(|| "there is no such webhook".to_owned())?;
        let body = guarded(|| hook.renderer.body(job))?.ok_or_else(|| "the template makes nothing of it".to_owned())?;
        let body: serde_json::Value = serde_json::from_str(&body).map_err(|fault| fault.to_string())?;
        serde_json::to_string_pretty(&body).map_err(|fault| fault.to_string())
    }
}
