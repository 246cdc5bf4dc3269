//! What is kept of a host from one start to the next, so that a restart (or a `bantin once` from cron) asks no
//! robots.txt again and still leaves a host alone that asked to be. The store keeps it; without one it lives as
//! long as the process.

use std::fmt::Debug;

use futures_util::future::BoxFuture;

use super::robots::Rules;

/// What is kept of one host.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Remembered {
    /// What its robots.txt says, and when it was asked (Unix milliseconds).
    pub robots: Option<(Rules, i64)>,
    /// Until when it is left alone (Unix milliseconds), and why.
    pub rest: Option<(i64, String)>,
}

/// Gives back a turn among instances.
pub type Release = BoxFuture<'static, ()>;

/// Where it is kept. A memory that fails forgets; it stops nothing.
pub trait Memory: Debug + Send + Sync {
    /// What is kept of a host (name and port).
    fn of<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Remembered>;
    /// Keeps what its robots.txt says.
    fn robots<'a>(&'a self, host: &'a str, rules: &'a Rules, asked: i64) -> BoxFuture<'a, ()>;
    /// Waits until no other instance asks a host; what gives it back. `None` where there is no other instance.
    fn turn<'a>(&'a self, _host: &'a str) -> BoxFuture<'a, Option<Release>> {
        Box::pin(std::future::ready(None))
    }
    /// Keeps until when it is left alone.
    fn rest<'a>(&'a self, host: &'a str, until: i64, why: &'a str) -> BoxFuture<'a, ()>;
}

/// The memory of a process without a store: none.
#[derive(Debug, Clone, Copy)]
pub struct Forgetful;

impl Memory for Forgetful {
    fn of<'a>(&'a self, _host: &'a str) -> BoxFuture<'a, Remembered> {
        Box::pin(std::future::ready(Remembered::default()))
    }

    fn robots<'a>(&'a self, _host: &'a str, _rules: &'a Rules, _asked: i64) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    fn rest<'a>(&'a self, _host: &'a str, _until: i64, _why: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}
