//! The fetcher's memory of hosts, kept in the store.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::clock::{Clock, jitter};
use crate::fetch::{Memory, Release, Remembered, Robots};
use crate::store::{Result, Store};

/// How often it is asked whether another instance has done with a host.
const AGAIN: Duration = Duration::from_millis(60);

/// The store as a memory. When the store is not well, a host is asked once more than needed: that stops nothing.
#[derive(Debug)]
pub struct StoreMemory {
    pub store: Store,
    pub clock: Clock,
}

impl Memory for StoreMemory {
    fn of<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Remembered> {
        Box::pin(async move { told(self.store.host(host).await) })
    }

    fn robots<'a>(&'a self, host: &'a str, rules: &'a Robots, asked: i64) -> BoxFuture<'a, ()> {
        Box::pin(async move { told(self.store.keep_robots(host, rules, asked).await) })
    }

    fn turn<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Option<Release>> {
        Box::pin(async move {
            if !self.store.is_shared() {
                return None;
            }
            let name = format!("host:{host}");
            loop {
                match self.store.is_mine(&name).await {
                    Ok(true) => break,
                    Ok(false) => tokio::time::sleep(AGAIN.mul_f64(jitter(0.5))).await,
                    // Nobody can say whose turn it is; what is read could not be stored either.
                    Err(_) => return None,
                }
            }
            let store = self.store.clone();
            let release: Release = Box::pin(async move { store.not_mine(&name).await });
            Some(release)
        })
    }

    fn rest<'a>(&'a self, host: &'a str, until: i64, why: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move { told(self.store.keep_rest(host, until, why, self.clock.now_ms()).await) })
    }
}

fn told<T: Default>(outcome: Result<T>) -> T {
    outcome.unwrap_or_else(|error| {
        tracing::warn!(%error, "what is known of a host could not be read or kept");
        T::default()
    })
}
