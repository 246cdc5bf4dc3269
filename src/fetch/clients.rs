//! The HTTP clients: one that connects to public addresses only, one that connects anywhere, and one for each
//! proxy. Only a configured proxy is used; those of the environment (`HTTP_PROXY`) are not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Client, Method};
use url::Url;

use super::guard::{Guarded, Names};
use super::wire::{Answer, Direct, Trouble};

/// Longest time for a connection alone, so that a dead address leaves time for the next one of the same name.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest address shown in a message.
const SHOWN: usize = 300;

/// The clients.
#[derive(Debug)]
pub struct Clients {
    agent: String,
    names: Arc<dyn Names>,
    guarded: Arc<Direct>,
    open: Arc<Direct>,
    /// By the address of the proxy.
    proxied: Mutex<HashMap<String, Client>>,
}

/// A client, and how an address is asked of it.
#[derive(Debug, Clone)]
pub struct Way {
    by: By,
    /// Whether the proxy speaks TLS to the site: https is asked of it in plain.
    in_plain: bool,
}

#[derive(Debug, Clone)]
enum By {
    Direct(Arc<Direct>),
    Proxy(Client),
}

impl Clients {
    /// The two clients, or why there are none.
    pub fn new(contact: Option<&str>, names: Arc<dyn Names>) -> Result<Self, String> {
        let agent = match contact {
            Some(contact) => format!("bantin/0.1 (+{contact})"),
            None => "bantin/0.1".to_owned(),
        };
        let agent: String = agent.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
        let client = |open| {
            let resolver = Guarded { names: Arc::clone(&names), open };
            Direct::new(resolver, &agent, CONNECT_TIMEOUT).map(Arc::new)
        };
        let (guarded, open) = (client(false)?, client(true)?);
        Ok(Self { agent, names, guarded, open, proxied: Mutex::default() })
    }

    /// The client that connects directly.
    pub fn direct(&self, open: bool) -> Way {
        Way { by: By::Direct(if open { self.open.clone() } else { self.guarded.clone() }), in_plain: false }
    }

    /// The client that asks a proxy. The proxy's own address comes from the configuration and may be private.
    pub fn through(&self, proxy: &Url, speaks_tls: bool) -> Result<Way, String> {
        let mut proxied = self.proxied.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = proxied.get(proxy.as_str()) {
            return Ok(Way { by: By::Proxy(client.clone()), in_plain: speaks_tls });
        }
        let through = reqwest::Proxy::all(proxy.clone()).map_err(|error| failed(&error))?;
        let resolver = Guarded { names: Arc::clone(&self.names), open: true };
        let client = builder(&self.agent).proxy(through).dns_resolver(Arc::new(resolver)).build();
        let client = client.map_err(|error| failed(&error))?;
        proxied.insert(proxy.to_string(), client.clone());
        Ok(Way { by: By::Proxy(client), in_plain: speaks_tls })
    }
}

impl Way {
    /// Sends a request and waits for the head of its answer, however long that takes.
    ///
    /// # Errors
    /// No connection, no answer.
    pub async fn send(
        &self,
        method: Method,
        url: &Url,
        mut headers: HeaderMap,
        body: Option<Bytes>,
    ) -> Result<Answer, Trouble> {
        let mut url = url.clone();
        if self.in_plain && url.scheme() == "https" {
            // It succeeds: https and http are alike to the standard.
            let _ = url.set_scheme("http");
            headers.insert("X-Forwarded-Proto", HeaderValue::from_static("https"));
        }
        match &self.by {
            By::Direct(client) => client.send(method, &url, headers, body).await,
            By::Proxy(client) => {
                let mut request = client.request(method, url).headers(headers);
                if let Some(body) = body {
                    request = request.body(body);
                }
                Ok(Answer::proxied(request.send().await?))
            }
        }
    }
}

fn builder(agent: &str) -> reqwest::ClientBuilder {
    Client::builder()
        .user_agent(agent)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_max_idle_per_host(1)
}

fn failed(error: &reqwest::Error) -> String {
    format!("the HTTP client could not be started: {error}")
}

/// An address in a message: one that a site makes up can be very long.
pub fn shown(url: &Url) -> String {
    let text = url.as_str();
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
