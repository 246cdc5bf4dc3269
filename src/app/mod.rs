//! Ties the parts together: builds them from the configuration ([`App::build`]), runs them as a daemon
//! ([`run`]) or once, and holds the two ways through the pipeline that touch several parts: looking at a
//! section ([`look`]) and reading an article again ([`reread`]).

pub mod backfill;
pub mod look;
pub mod recognise;
pub mod reload;
pub mod reread;
pub mod run;

mod again;
mod alarms;
mod alias;
mod backoff;
mod book;
mod bot;
mod bounces;
mod crew;
mod examine;
mod generation;
mod guard;
mod health;
mod holding;
mod housekeeping;
mod lanes;
mod leap;
mod memory;
mod notes;
mod once;
mod page;
mod plans;
mod poll;
mod propose;
mod push;
mod sieve;
mod stored;
mod take;
mod turnstile;
mod ways;

use std::sync::Arc;

use anyhow::Context as _;
use secrecy::ExposeSecret;
use tokio::sync::Notify;

pub use self::examine::{Entry, Examined};
pub use self::health::{Check, Verdict};
pub use self::look::{LookError, Looked};
pub use self::once::Once;
pub use self::recognise::stored_way;
pub use self::ways::Ways;
use crate::channel::{Channels, LastLook, Parts};
use crate::clock::{Clock, random_bytes};
use crate::config::Config;
use crate::feed::FeedSet;
use crate::feed::websub::Hub;
use crate::fetch::Fetcher;
use crate::fetch::guard::SystemNames;
use crate::lifecycle::Health;
use crate::outbox::Outbox;
use crate::store::Store;
use crate::subscriber::token::{self, Links, Tokens};
use crate::telemetry::Metrics;
use crate::templates::Templates;
use crate::web::Limits;

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
    /// Who follows them by WebSub.
    pub hub: Arc<Hub>,
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
    /// What the alarms remember from one look to the next.
    pub(crate) alarms: Arc<alarms::Alarms>,
    /// The time.
    pub clock: Clock,
    /// The way each section is looked at.
    pub ways: Arc<Ways>,
    /// The authority of article ids, frozen in the store.
    pub authority: Arc<str>,
    /// When each section is looked at next.
    pub plans: Arc<plans::Plans>,
    /// Where looks begin.
    pub turnstile: Arc<turnstile::Turnstile>,
    /// How often a network may do what costs others something.
    pub limits: Arc<Limits>,
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
        store.sync_sections(&names_of(&config), clock.now_ms()).await?;
        let feeds = FeedSet::load(&config);
        let authority = feeds.authority(&store, &config).await?;
        let key = store.set_meta_once(token::META_KEY, &Tokens::fresh_key()).await?;
        let tokens = Tokens::new(key);
        let links = Links::new(&config.base_url, tokens.clone());
        let fetcher = fetcher(&config, &store, &clock);
        let instance: Arc<str> = data_encoding::HEXLOWER.encode(&random_bytes::<8>()).into();
        let (templates, channels) = ways_of_pushing(&config, &fetcher, &links, &store, &instance, &clock)?;
        let (feeds, metrics) = (Arc::new(feeds), Arc::new(Metrics::new()));
        let hub =
            Hub::new(config.clone(), store.clone(), feeds.clone(), fetcher.clone(), metrics.clone(), clock.clone());
        Ok(Self {
            config,
            store,
            fetcher,
            feeds,
            hub: Arc::new(hub),
            channels,
            templates,
            links,
            tokens,
            metrics,
            health: Arc::new(Health::default()),
            book: Arc::default(),
            alarms: Arc::default(),
            clock,
            ways: Arc::new(Ways::default()),
            plans: Arc::default(),
            turnstile: Arc::default(),
            limits: Arc::default(),
            authority: authority.into(),
            instance,
            lanes: lanes::Lanes::default(),
            feed_bell: Arc::new(Notify::new()),
            outbox_bell: Arc::new(Notify::new()),
            push_bell: Arc::new(Notify::new()),
        })
    }

    /// The same with the parts that another configuration makes anew. What is learnt of sources is read from the store
    /// again; who is left alone, and when who is looked at, is not forgotten.
    fn with_parts(&self, config: Arc<Config>) -> anyhow::Result<Self> {
        let fetcher = if config.fetch == self.config.fetch {
            self.fetcher.clone()
        } else {
            fetcher(&config, &self.store, &self.clock)
        };
        let links = Links::new(&config.base_url, self.tokens.clone());
        let (templates, channels) =
            ways_of_pushing(&config, &fetcher, &links, &self.store, &self.instance, &self.clock)?;
        let hub = Hub::new(
            config.clone(),
            self.store.clone(),
            self.feeds.clone(),
            fetcher.clone(),
            self.metrics.clone(),
            self.clock.clone(),
        );
        Ok(Self {
            config,
            fetcher,
            hub: Arc::new(hub),
            channels,
            templates,
            links,
            book: Arc::default(),
            ways: Arc::new(Ways::default()),
            ..self.clone()
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

/// The slugs of the sections, each with those it had before.
fn names_of(config: &Config) -> Vec<(String, Vec<String>)> {
    config.sections.values().map(|section| (section.slug.clone(), section.formerly.clone())).collect()
}

fn fetcher(config: &Config, store: &Store, clock: &Clock) -> Fetcher {
    let memory = memory::StoreMemory { store: store.clone(), clock: clock.clone() };
    Fetcher::with(&config.fetch, clock.clone(), Arc::new(memory), Arc::new(SystemNames))
}

fn ways_of_pushing(
    config: &Arc<Config>,
    fetcher: &Fetcher,
    links: &Links,
    store: &Store,
    instance: &Arc<str>,
    clock: &Clock,
) -> anyhow::Result<(Arc<Templates>, Channels)> {
    let templates = Arc::new(Templates::load(config.templates.as_deref()).context("a template")?);
    let parts = Parts {
        templates: templates.clone(),
        fetcher: fetcher.clone(),
        links: Arc::new(links.clone()),
        uploads: Arc::new(store.clone()),
        wanted: Arc::new(LastLook { store: store.clone(), instance: instance.clone() }),
        clock: clock.clone(),
    };
    let channels = Channels::build(config, &parts)?;
    Ok((templates, channels))
}
