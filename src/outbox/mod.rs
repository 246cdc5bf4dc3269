//! The outbox: releases are expanded into deliveries ([`expand`]), slots of digests and fixed times fire
//! ([`slots`]), deliveries are claimed and sent ([`dispatch`]), and what became of them is settled ([`policy`]).
//!
//! The order is what promise 1 rests on: a row is 'sending', committed, before anything touches the network;
//! it is settled, committed, after the channel has answered. A kill in between leaves a row in 'sending', and
//! the next start sends it once more with the same identity.

mod admin;
mod dispatch;
mod expand;
mod flight;
mod known;
mod policy;
mod prepare;
mod slots;
mod tell;

pub use self::admin::HOLD_MS;
pub use self::slots::passed;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use crate::channel::Channels;
use crate::clock::Clock;
use crate::config::Config;
use crate::store::{Result, Store};
use crate::subscriber::token::Links;
use crate::telemetry::Metrics;

/// What the outbox works with; cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    /// The configuration in force.
    pub config: Arc<Config>,
    /// The store.
    pub store: Store,
    /// The configured channels.
    pub channels: Channels,
    /// The signed links of mails.
    pub links: Links,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: Clock,
    /// This start's name: the fencing token of its claims.
    pub instance: Arc<str>,
    /// Rung when there is something to expand or send.
    pub bell: Arc<Notify>,
    seen: Arc<Mutex<slots::Seen>>,
    known: Arc<known::Known>,
    /// Names of digest pages that are kept already.
    pages: Arc<Mutex<HashSet<String>>>,
}

/// Chat and topic of a target's address.
pub fn chat_and_topic(address: &str) -> (&str, Option<i32>) {
    match address.split_once('/') {
        Some((chat, topic)) => (chat, topic.parse().ok()),
        None => (address, None),
    }
}

impl Outbox {
    /// The outbox over these parts.
    #[expect(clippy::too_many_arguments, reason = "each is a part of its own")]
    pub fn new(
        config: Arc<Config>,
        store: Store,
        channels: Channels,
        links: Links,
        metrics: Arc<Metrics>,
        clock: Clock,
        instance: Arc<str>,
        bell: Arc<Notify>,
    ) -> Self {
        Self {
            config,
            store,
            channels,
            links,
            metrics,
            clock,
            instance,
            bell,
            seen: Arc::default(),
            known: Arc::default(),
            pages: Arc::default(),
        }
    }

    /// Brings the subscriptions of the configured chats and webhooks in line with the configuration. New
    /// ones begin at the head: a new chat gets nothing old.
    pub async fn sync_chats(&self) -> Result<()> {
        let ids = self.store.section_ids().await?;
        for channel in ["telegram", "webhook"] {
            let mut wanted = Vec::new();
            for (slug, section) in &self.config.sections {
                let Some(&id) = ids.get(slug) else { continue };
                for follower in section.followers().filter(|follower| follower.channel == channel) {
                    let cadence = if follower.at.is_some() { "at" } else { "now" };
                    wanted.push((id, follower.address, cadence));
                }
            }
            self.store.sync_subscriptions(channel, &wanted, self.clock.now_ms()).await?;
        }
        Ok(())
    }

    /// Takes over what an earlier start left in 'sending'.
    pub async fn recover(&self, all: bool) -> Result<u64> {
        let mut count = 0;
        for channel in self.channels.iter() {
            let policy = |address: &str| channel.on_uncertain_of(address);
            count += self.store.recover(channel.kind(), policy, all, "", self.clock.now_ms()).await?;
        }
        Ok(count)
    }
}
