//! Which addresses may be reached: global unicast only, unless a section allows private ones. Addresses
//! written as numbers are checked before connecting ([`check`]); names are checked by [`PublicOnly`], the
//! resolver whose answers are the very addresses that are connected to, so that a name that changes its
//! answer gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

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

/// Refuses an address that is not http(s) or is written as a special number. Names pass: they are checked
/// when they are resolved.
pub fn check(url: &Url, allow_private: bool) -> Result<(), String> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("`{}:` is not followed; only http: and https: are", url.scheme()));
    }
    let address = match url.host() {
        None => return Err("it names no host".to_owned()),
        Some(Host::Domain(_)) => return Ok(()),
        Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
        Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
    };
    if allow_private || is_public(address) { Ok(()) } else { Err(PrivateAddress { address }.to_string()) }
}

/// The system's resolver, its answers cut down to public addresses.
#[derive(Debug, Clone, Copy, Default)]
pub struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let private = found.iter().map(SocketAddr::ip).find(|&ip| !is_public(ip));
            let public: Vec<SocketAddr> = found.into_iter().filter(|at| is_public(at.ip())).collect();
            match private {
                Some(address) if public.is_empty() => Err(PrivateAddress { address }.into()),
                _ => Ok(Box::new(public.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_refused_in_every_spelling() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0x7f.1",
            "127.0.0.1.",
            "0.0.0.0",
            "0",
            "10.0.0.1",
            "10.255.255.255",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "169.254.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "192.0.0.1",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "[::]",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::ffff:8.8.8.8]",
            "[::127.0.0.1]",
            "[::ffff:0:127.0.0.1]",
            "[64:ff9b::127.0.0.1]",
            "[64:ff9b::8.8.8.8]",
            "[64:ff9b:1::1]",
            "[100::1]",
            "[fe80::1]",
            "[febf::1]",
            "[fec0::1]",
            "[fc00::1]",
            "[fd00:ec2::254]",
            "[ff02::1]",
            "[ff0e::1]",
            "[2001::1]",
            "[2001:10::1]",
            "[2001:20::1]",
            "[2001:db8::1]",
            "[2002:7f00:1::]",
            "[2002:a00:1::1]",
            "[3fff::1]",
            "[5f00::1]",
            "[4000::1]",
            "[8000::1]",
            "[2a00:1450::5efe:127.0.0.1]",
            "１２７.0.0.1",
            "127。0。0。1",
            "0x7f.0.0.0x1",
        ] {
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
        let Err(error) = PublicOnly.resolve("localhost".parse().unwrap()).await else { panic!("localhost passed") };
        assert!(error.downcast_ref::<PrivateAddress>().is_some(), "{error}");
    }
}
