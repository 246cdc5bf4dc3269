//! The HTTP clients: one that connects to public addresses only, one that connects anywhere, and one for each
//! proxy. Only a configured proxy is used; those of the environment (`HTTP_PROXY`) are not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use url::Url;

use super::guard::{Guarded, Names};

/// Longest time for a connection alone, so that a dead address leaves time for the next one of the same name.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest address shown in a message.
const SHOWN: usize = 300;

/// The clients.
#[derive(Debug)]
pub struct Clients {
    agent: String,
    names: Arc<dyn Names>,
    guarded: Client,
    open: Client,
    /// By the address of the proxy.
    proxied: Mutex<HashMap<String, Client>>,
}

/// A client, and how an address is asked of it.
#[derive(Debug, Clone)]
pub struct Way {
    client: Client,
    /// Whether the proxy speaks TLS to the site: https is asked of it in plain.
    in_plain: bool,
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
            builder(&agent).no_proxy().dns_resolver(Arc::new(resolver)).build().map_err(|error| failed(&error))
        };
        let (guarded, open) = (client(false)?, client(true)?);
        Ok(Self { agent, names, guarded, open, proxied: Mutex::default() })
    }

    /// The client that connects directly.
    pub fn direct(&self, open: bool) -> Way {
        Way { client: if open { self.open.clone() } else { self.guarded.clone() }, in_plain: false }
    }

    /// The client that asks a proxy. The proxy's own address comes from the configuration and may be private.
    pub fn through(&self, proxy: &Url, speaks_tls: bool) -> Result<Way, String> {
        let mut proxied = self.proxied.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = proxied.get(proxy.as_str()) {
            return Ok(Way { client: client.clone(), in_plain: speaks_tls });
        }
        let through = reqwest::Proxy::all(proxy.clone()).map_err(|error| failed(&error))?;
        let resolver = Guarded { names: Arc::clone(&self.names), open: true };
        let client = builder(&self.agent).proxy(through).dns_resolver(Arc::new(resolver)).build();
        let client = client.map_err(|error| failed(&error))?;
        proxied.insert(proxy.to_string(), client.clone());
        Ok(Way { client, in_plain: speaks_tls })
    }
}

impl Way {
    /// A request for an address.
    pub fn get(&self, url: &Url) -> RequestBuilder {
        self.request(Method::GET, url)
    }

    /// The same with another method.
    pub fn request(&self, method: Method, url: &Url) -> RequestBuilder {
        if !self.in_plain || url.scheme() != "https" {
            return self.client.request(method, url.clone());
        }
        let mut plain = url.clone();
        // Both succeed: https and http are alike to the standard.
        let _ = plain.set_scheme("http");
        self.client.request(method, plain).header("X-Forwarded-Proto", "https")
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
