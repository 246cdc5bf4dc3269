//! How often a network may do what costs others something: ask for confirmation mails, guess tokens. In memory
//! and bounded; a restart forgets, which the limit of one mail a day and address in the store makes harmless.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use super::pollers::Pollers;

/// The limits of the web part.
#[derive(Debug)]
pub struct Limits {
    /// Requests to subscribe: 5 an hour from a network, 100 an hour in all.
    pub subscribe: Limit,
    /// Tokens that are none of ours: 20 in ten minutes from a network.
    pub guesses: Limit,
    /// Searches: 60 a minute from a network, 600 in all.
    pub searches: Limit,
    /// Asks of WebSub subscribers: 300 an hour from a network (a reader with a hundred feeds), 3000 in all.
    pub hub: Limit,
    /// Feeds made for a query: 60 in ten minutes for a network, 600 in all.
    pub filters: Limit,
    /// Who asks for one feed again and again.
    pub pollers: Pollers,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            subscribe: Limit::new(3_600_000, 5, 100),
            guesses: Limit::new(600_000, 20, 10_000),
            searches: Limit::new(60_000, 60, 600),
            hub: Limit::new(3_600_000, 300, 3_000),
            filters: Limit::new(600_000, 60, 600),
            pollers: Pollers::default(),
        }
    }
}

/// At most so many in a span of time, from one network and in all.
#[derive(Debug)]
pub struct Limit {
    span_ms: i64,
    each: usize,
    all: usize,
    past: Mutex<VecDeque<(i64, IpAddr)>>,
}

impl Limit {
    fn new(span_ms: i64, each: usize, all: usize) -> Self {
        Self { span_ms, each, all, past: Mutex::default() }
    }

    /// Counts one more from `ip`; when it is too many it is not counted, and the error says in how many seconds the
    /// next may come.
    pub fn take(&self, ip: IpAddr, now_ms: i64) -> Result<(), i64> {
        let network = network(ip);
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        while past.front().is_some_and(|(at, _)| now_ms - at >= self.span_ms) {
            past.pop_front();
        }
        let wait = |at: i64| ((at + self.span_ms - now_ms) / 1000).max(1);
        if let Some((at, _)) = past.front().filter(|_| past.len() >= self.all) {
            return Err(wait(*at));
        }
        let mut own = past.iter().filter(|(_, from)| *from == network);
        if let Some((at, _)) = own.next()
            && own.count() + 1 >= self.each
        {
            return Err(wait(*at));
        }
        past.push_back((now_ms, network));
        Ok(())
    }
}

/// The network an address belongs to: /24 or /64, what one customer of a provider usually has.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits() & 0xFFFF_FF00)),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_has_its_share_and_gets_it_back() {
        let limit = Limit::new(1_000_000, 2, 10);
        assert_eq!(limit.take(ip("192.0.2.1"), 0), Ok(()));
        assert_eq!(limit.take(ip("192.0.2.77"), 1_000), Ok(()));
        assert_eq!(limit.take(ip("::ffff:192.0.2.9"), 2_000), Err(998), "the same network in another spelling");
        assert_eq!(limit.take(ip("192.0.3.1"), 2_000), Ok(()));
        assert_eq!(limit.take(ip("2001:db8:1:2::1"), 2_000), Ok(()));
        assert_eq!(limit.take(ip("2001:db8:1:2:ffff::1"), 2_000), Ok(()));
        assert!(limit.take(ip("2001:db8:1:2::3"), 2_000).is_err());
        assert_eq!(limit.take(ip("192.0.2.1"), 1_000_000), Ok(()));
    }

    #[test]
    fn all_networks_together_have_a_share() {
        let limit = Limit::new(1_000, 5, 3);
        for n in 0..3 {
            assert_eq!(limit.take(IpAddr::from([10, 0, n, 1]), 0), Ok(()));
        }
        assert!(limit.take(IpAddr::from([10, 0, 9, 1]), 0).is_err());
    }
}
