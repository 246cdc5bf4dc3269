//! The fetcher's memory of hosts, kept in the store.

use futures_util::future::BoxFuture;

use crate::clock::Clock;
use crate::fetch::{Memory, Remembered, Robots};
use crate::store::{Result, Store};

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
