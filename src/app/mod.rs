//! Ties the parts together: builds them from the configuration ([`App::build`]), runs them as a daemon
//! ([`run`]) or once, and holds the two ways through the pipeline that touch several parts: looking at a
//! section ([`look`]) and reading an article again ([`reread`]).

pub mod backfill;
pub mod look;
pub mod recognise;
pub mod reread;
pub mod run;

mod again;
mod alias;
mod backoff;
mod book;
mod bot;
mod bounces;
mod crew;
mod examine;
mod guard;
mod health;
mod holding;
mod lanes;
mod memory;
mod notes;
mod once;
mod page;
mod poll;
mod propose;
mod push;
mod sieve;
mod take;
mod ways;

use std::sync::Arc;

use anyhow::Context as _;
use secrecy::ExposeSecret;
use tokio::sync::Notify;

pub use self::examine::{Entry, Examined};
pub use self::health::{Check, Verdict};
pub use self::look::{LookError, Looked};
pub use self::once::Once;
pub use self::ways::Ways;
use crate::channel::{Channels, Parts};
use crate::clock::{Clock, random_bytes};
use crate::config::Config;
use crate::feed::FeedSet;
use crate::fetch::Fetcher;
use crate::fetch::guard::SystemNames;
use crate::lifecycle::Health;
use crate::outbox::Outbox;
use crate::store::Store;
use crate::subscriber::token::{self, Links, Tokens};
use crate::telemetry::Metrics;
use crate::templates::Templates;

/// The parts, built from one configuration; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The configuration in force.
    pub config: Arc<Config>,
    /// What is known.
    pub store: Store,
    /// The door to the outside.
    pub fetcher: Fetcher,
    /// The served feeds.
    pub feeds: Arc<FeedSet>,
    /// The ways of pushing.
    pub channels: Channels,
    /// The templates of pages, mails and posts.
    pub templates: Arc<Templates>,
    /// The signed links.
    pub links: Links,
    /// Makes and checks their tokens.
    pub tokens: Tokens,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What `/readyz` and `/status` say.
    pub health: Arc<Health>,
    /// What is known of each section's source without asking the store.
    pub book: Arc<book::Book>,
    /// The time.
    pub clock: Clock,
    /// The way each section is looked at.
    pub ways: Arc<Ways>,
    /// The authority of article ids, frozen in the store.
    pub authority: Arc<str>,
    /// This start's name.
    pub instance: Arc<str>,
    /// Where pages are read.
    pub(crate) lanes: lanes::Lanes,
    /// Rung when feeds may have changed.
    pub feed_bell: Arc<Notify>,
    /// Rung when there is something to expand or send.
    pub outbox_bell: Arc<Notify>,
    /// Rung when a CMS pushed something.
    pub push_bell: Arc<Notify>,
}

impl App {
    /// Opens the store and builds every part. Nothing runs yet.
    pub async fn build(config: Arc<Config>, clock: Clock) -> anyhow::Result<Self> {
        let store = Store::open(config.database.expose_secret()).await?;
        Self::with_store(config, store, clock).await
    }

    /// Builds every part around an open store.
    pub async fn with_store(config: Arc<Config>, store: Store, clock: Clock) -> anyhow::Result<Self> {
        let sections: Vec<_> = config.sections.values().map(|s| (s.slug.clone(), s.formerly.clone())).collect();
        store.sync_sections(&sections, clock.now_ms()).await?;
        let feeds = FeedSet::load(&config);
        let authority = feeds.authority(&store, &config).await?;
        let key = store.set_meta_once(token::META_KEY, &Tokens::fresh_key()).await?;
        let tokens = Tokens::new(key);
        let links = Links::new(&config.base_url, tokens.clone());
        let templates = Arc::new(Templates::load(config.templates.as_deref()).context("a template")?);
        let memory = memory::StoreMemory { store: store.clone(), clock: clock.clone() };
        let fetcher = Fetcher::with(&config.fetch, clock.clone(), Arc::new(memory), Arc::new(SystemNames));
        let parts = Parts {
            templates: templates.clone(),
            fetcher: fetcher.clone(),
            links: Arc::new(links.clone()),
            wanted: Arc::new(store.clone()),
            uploads: Arc::new(store.clone()),
            clock: clock.clone(),
        };
        let channels = Channels::build(&config, &parts)?;
        let instance = data_encoding::HEXLOWER.encode(&random_bytes::<8>());
        Ok(Self {
            config,
            store,
            fetcher,
            feeds: Arc::new(feeds),
            channels,
            templates,
            links,
            tokens,
            metrics: Arc::new(Metrics::new()),
            health: Arc::new(Health::default()),
            book: Arc::default(),
            clock,
            ways: Arc::new(Ways::default()),
            authority: authority.into(),
            instance: instance.into(),
            lanes: lanes::Lanes::default(),
            feed_bell: Arc::new(Notify::new()),
            outbox_bell: Arc::new(Notify::new()),
            push_bell: Arc::new(Notify::new()),
        })
    }

    /// The outbox over the same parts.
    pub fn outbox(&self) -> Outbox {
        Outbox::new(
            self.config.clone(),
            self.store.clone(),
            self.channels.clone(),
            self.links.clone(),
            self.metrics.clone(),
            self.clock.clone(),
            self.instance.clone(),
            self.outbox_bell.clone(),
        )
    }

    /// Seed mode (promise 2): a store that is older than what its feeds already show was restored or
    /// emptied. Everything it finds next is recorded, nothing of it pushed.
    pub async fn enter_seed_mode_if_restored(&self) -> anyhow::Result<bool> {
        let published = self.feeds.manifest_revision().unwrap_or(0);
        if published <= self.store.revision().await? {
            return Ok(false);
        }
        tracing::warn!(
            "the store is older than the feeds it published: it was restored or emptied; the next look at each \
             section records what it finds and pushes nothing; what is newer than the store is held"
        );
        let since = match self.store.last_seen().await? {
            Some(seen) => Some(seen),
            None => self.feeds.written_at().map(|at| at.timestamp_millis()),
        };
        self.store.unseed_all(since).await?;
        self.store.raise_revision(published).await?;
        Ok(true)
    }
}
