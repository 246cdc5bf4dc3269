//! Which addresses may be reached: global unicast only, unless a section allows private ones. Addresses
//! written as numbers are checked before connecting ([`check`]); names are checked by [`Guarded`], the
//! resolver whose answers are the very addresses that are connected to, so that a name that changes its
//! answer gains nothing.

use std::error::Error;
use std::fmt::Debug;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Why a name or number was refused; found again in the chain of causes of a request's error.
#[derive(Debug, thiserror::Error)]
#[error(
    "it is the private or special address {address}; `allow_private = true` in the section or in [fetch] allows it"
)]
pub struct PrivateAddress {
    /// The address.
    pub address: IpAddr,
}

/// Whether an address is an ordinary public one: no loopback, private, link-local, shared (CGNAT), multicast,
/// documentation or reserved address, and none that carries an IPv4 address inside (mapped, NAT64, 6to4,
/// Teredo), because what it leads to cannot be known (RFC 6890 and the IANA special-purpose registries).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        [0 | 10 | 127 | 224..=255, ..]
        | [169, 254, ..]
        | [192, 168, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => true,
        [100, b, ..] => (64..128).contains(&b),
        [172, b, ..] => (16..32).contains(&b),
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // Teredo, ORCHID and the other IETF protocol assignments; documentation; 6to4; documentation again; ISATAP,
        // which carries an IPv4 address in its interface identifier.
        [0x2001, 0..=0x1ff | 0xdb8, ..]
        | [0x2002, ..]
        | [0x3fff, 0..=0xfff, ..]
        | [_, _, _, _, 0 | 0x200, 0x5efe, _, _] => false,
        // Only 2000::/3 is global unicast: mapped, NAT64, local and multicast addresses lie outside.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// The longest address that is asked for: what servers accept.
const MAX_ADDRESS: usize = 8 * 1024;
/// Ports of other services than the web, which a request could be made to talk to (the "bad ports" of the Fetch
/// standard).
const OTHER_PORTS: &[u16] = &[
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
    532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060,
    5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// Refuses an address that is not http(s), is written as a special number, or leads to another service. Names pass:
/// they are checked when they are resolved.
pub fn check(url: &Url, allow_private: bool) -> Result<(), String> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("`{}:` is not followed; only http: and https: are", url.scheme()));
    }
    if url.as_str().len() > MAX_ADDRESS {
        return Err(format!("the address is longer than {MAX_ADDRESS} bytes"));
    }
    if let Some(port) = url.port().filter(|port| OTHER_PORTS.contains(port)) {
        return Err(format!("port {port} belongs to another service than the web"));
    }
    let address = match url.host() {
        None => return Err("it names no host".to_owned()),
        Some(Host::Domain(_)) => return Ok(()),
        Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
        Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
    };
    if allow_private || is_public(address) { Ok(()) } else { Err(PrivateAddress { address }.to_string()) }
}

/// Checks the name of an address that a proxy will resolve again: it must be known here, and public.
pub async fn check_name(url: &Url, names: &dyn Names) -> Result<(), String> {
    let Some(Host::Domain(name)) = url.host() else { return Ok(()) };
    let found = names.lookup(name).await.map_err(|error| {
        format!(
            "its name is not known here ({error}), so that it cannot be told whether the proxy would lead to a private \
             address; `allow_private = true` in the section leaves that to the proxy"
        )
    })?;
    match found.into_iter().find(|&address| !is_public(address)) {
        Some(address) => Err(PrivateAddress { address }.to_string()),
        None => Ok(()),
    }
}

/// Where names are looked up. The system's resolver ([`SystemNames`]), but for tests, which play the DNS.
pub trait Names: Debug + Send + Sync {
    /// The addresses of a name.
    fn lookup<'a>(&'a self, name: &'a str) -> BoxFuture<'a, std::io::Result<Vec<IpAddr>>>;

    /// Where an address is connected to, once it has passed: there (port 0 is that of the request). A test leads
    /// public addresses to its own server.
    fn route(&self, address: IpAddr) -> SocketAddr {
        SocketAddr::new(address, 0)
    }
}

/// The system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNames;

impl Names for SystemNames {
    fn lookup<'a>(&'a self, name: &'a str) -> BoxFuture<'a, std::io::Result<Vec<IpAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|at| at.ip()).collect()) })
    }
}

/// The resolver of a client: unless it is open, its answers are cut down to public addresses. They are the very
/// addresses that are connected to.
#[derive(Debug, Clone)]
pub struct Guarded {
    /// Where names are looked up.
    pub names: Arc<dyn Names>,
    /// Whether private addresses are allowed.
    pub open: bool,
}

impl Guarded {
    /// The addresses of a name that may be connected to.
    ///
    /// # Errors
    /// The name is not known, or all its addresses are private.
    pub async fn addresses(&self, name: &str) -> Result<Vec<SocketAddr>, Box<dyn Error + Send + Sync>> {
        let found = self.names.lookup(name).await?;
        let private = found.iter().copied().find(|&ip| !is_public(ip));
        let may = |ip: &IpAddr| self.open || is_public(*ip);
        let kept: Vec<SocketAddr> = found.into_iter().filter(may).map(|ip| self.names.route(ip)).collect();
        match private {
            Some(address) if kept.is_empty() => Err(PrivateAddress { address }.into()),
            _ => Ok(kept),
        }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = self.clone();
        Box::pin(async move { Ok(Box::new(guarded.addresses(name.as_str()).await?.into_iter()) as Addrs) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_refused_in_every_spelling() {
        for host in super::super::tests::tricks::NUMBERS {
            let url: Url = format!("http://{host}/").parse().unwrap_or_else(|e| panic!("{host}: {e}"));
            assert!(check(&url, false).is_err(), "{host} passed as {url}");
            assert!(check(&url, true).is_ok(), "{host} is refused even when allowed");
        }
    }

    #[test]
    fn public_addresses_and_names_pass() {
        for host in [
            "8.8.8.8",
            "1.1.1.1",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "223.255.255.255",
            "[2606:4700::1111]",
            "[2001:4860:4860::8888]",
            "[2a00:1450::1]",
            "example.vn",
            "localhost",
        ] {
            let url: Url = format!("http://{host}/").parse().unwrap();
            assert_eq!(check(&url, false), Ok(()), "{host}");
        }
        assert!(check(&"file:///etc/passwd".parse().unwrap(), true).is_err());
        assert!(check(&"ftp://example.vn/".parse().unwrap(), true).is_err());
    }

    #[tokio::test]
    async fn a_name_of_a_private_address_is_refused_when_resolved() {
        let guarded = Guarded { names: Arc::new(SystemNames), open: false };
        let Err(error) = guarded.resolve("localhost".parse().unwrap()).await else { panic!("localhost passed") };
        assert!(error.downcast_ref::<PrivateAddress>().is_some(), "{error}");
    }
}
