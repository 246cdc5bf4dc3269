//! Who asks for one feed again and again: 429 for a while. Cheap answers count little and whole feeds much, so that a
//! reader that sends what it knows (`If-None-Match`) never meets this, and many readers behind one address hardly.
//!
//! Addresses that are not public are let off: they are this network's own, or a proxy that nobody named in
//! `trusted_proxies`, behind which is everybody.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::fetch::guard;

/// What a whole feed costs its asker, and "not modified", in milliseconds of waiting.
const WHOLE: i64 = 2_500;
const UNCHANGED: i64 = 250;
/// How much may be owed: 120 whole feeds at once, or 1 200 times "not modified".
const CREDIT: i64 = 300_000;
/// Pairs of asker and feed that are remembered.
const MOST: usize = 20_000;

/// Askers, each with one feed, and until when what they took is paid off (Unix milliseconds).
#[derive(Debug, Default)]
pub struct Pollers {
    hasher: RandomState,
    debts: Mutex<HashMap<u64, i64>>,
}

impl Pollers {
    /// Counts a request; where it is one too many, it is not counted, and the error says in how many seconds to come.
    pub fn take(&self, ip: IpAddr, feed: &str, whole: bool, now_ms: i64) -> Result<(), i64> {
        if !guard::is_public(ip) {
            return Ok(());
        }
        let key = self.hasher.hash_one((ip, feed));
        let mut debts = self.debts.lock().unwrap_or_else(PoisonError::into_inner);
        let paid = debts.get(&key).copied().unwrap_or(0).max(now_ms) + if whole { WHOLE } else { UNCHANGED };
        if paid - now_ms > CREDIT {
            return Err((paid - now_ms - CREDIT).div_euclid(1_000) + 1);
        }
        if debts.len() >= MOST && !debts.contains_key(&key) {
            debts.retain(|_, paid| *paid > now_ms);
            if debts.len() >= MOST {
                debts.clear(); // more askers than can be told apart: better none refused than the wrong one
            }
        }
        debts.insert(key, paid);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(8, 8, 4, 4));

    fn taken(pollers: &Pollers, ip: IpAddr, whole: bool, times: i64, every_ms: i64) -> i64 {
        (0..times).filter(|n| pollers.take(ip, "tin-tuc.rss", whole, 1_000_000 + n * every_ms).is_ok()).count() as i64
    }

    #[test]
    fn only_who_asks_too_often_is_refused() {
        assert_eq!(taken(&Pollers::default(), READER, true, 1_000, 0), 120);
        assert_eq!(taken(&Pollers::default(), READER, false, 2_000, 0), 1_200);
        assert_eq!(taken(&Pollers::default(), READER, true, 1_000, 60_000), 1_000, "each minute is not too often");
        assert_eq!(taken(&Pollers::default(), READER, true, 1_000, 2_500), 1_000);
        assert_eq!(taken(&Pollers::default(), IpAddr::from([10, 0, 0, 1]), true, 1_000, 0), 1_000);
        let pollers = Pollers::default();
        taken(&pollers, READER, true, 130, 0);
        assert!(pollers.take(READER, "news.rss", true, 1_000_000).is_ok(), "another feed");
        let wait = pollers.take(READER, "tin-tuc.rss", true, 1_000_000).unwrap_err();
        assert!(pollers.take(READER, "tin-tuc.rss", true, 1_000_000 + wait * 1_000).is_ok(), "{wait}");
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let pollers = Pollers::default();
        for n in 0..50_000_u32 {
            let ip = IpAddr::V4(std::net::Ipv4Addr::from_bits(0x0801_0000 + n));
            assert!(pollers.take(ip, "tin-tuc.rss", true, 1_000_000).is_ok());
        }
        assert!(pollers.debts.lock().unwrap().len() <= MOST);
    }
}
