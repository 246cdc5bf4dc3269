//! What holds where `config.toml` says nothing, and ready-made values for tests built on it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    Config, DateOrder, EnclosureMode, Expect, Feeds, Fetch, FilterRules, Guard, HtmlRules, JsonRules, Language,
    Organisation, ReadMode, Section, Server, TextMode,
};
use crate::schedule::Plan;

/// `[server] listen`: loopback only, so that nothing is public by accident.
pub const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
/// `[database] url`.
pub const DATABASE: &str = "sqlite:data/bantin.db";
/// `[feeds] directory`.
pub const FEED_DIRECTORY: &str = "feeds";
/// `[feeds] memory`.
pub const FEED_MEMORY: usize = 64 * 1024 * 1024;
/// `[feeds] items`.
pub const FEED_ITEMS: usize = 20;
/// `[fetch] timeout`.
pub const FETCH_TIMEOUT: Duration = Duration::from_secs(30);
/// `[fetch] max_bytes`.
pub const FETCH_MAX_BYTES: usize = 8 * 1024 * 1024;
/// `[fetch] interval`: one request a second to one host.
pub const FETCH_INTERVAL: Duration = Duration::from_secs(1);
/// `[fetch] reread`: when an article is read again, counted from its first sight (promise 5).
pub const REREAD: [Duration; 5] = [
    Duration::from_mins(10),
    Duration::from_hours(1),
    Duration::from_hours(6),
    Duration::from_hours(24),
    Duration::from_hours(72),
];
/// `[fetch] withdrawn_after`: two 404s this far apart mean that an article was withdrawn (promise 5).
pub const WITHDRAWN_AFTER: Duration = Duration::from_mins(30);
/// `schedule` of a section.
pub const SCHEDULE: &str = "10m";
/// `guard` of a section: what may come at a time is learnt from its past.
pub const GUARD: Guard = Guard { run: 0, day: 0, fresh: Duration::from_hours(48), per_hour: 20 };
/// `[email] daily`.
pub const DAILY: &str = "0 7 * * *";
/// `[email] weekly`.
pub const WEEKLY: &str = "0 7 * * 1";
/// `[telegram] per_second`: a little below the 30 that Telegram names.
pub const TELEGRAM_PER_SECOND: u32 = 25;
/// `[telegram] per_chat_minute`: what Telegram allows in a group or channel.
pub const TELEGRAM_PER_CHAT_MINUTE: u32 = 20;
/// `rate` of a webhook.
pub const WEBHOOK_PER_MINUTE: u32 = 30;
/// `timeout` of a webhook.
pub const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(30);
/// `[email.bounces] every`.
pub const BOUNCES_EVERY: Duration = Duration::from_mins(2);
/// `timeout` of a relay.
pub const RELAY_TIMEOUT: Duration = Duration::from_mins(1);
/// Connections to one relay.
pub const RELAY_CONNECTIONS: usize = 4;
/// Mails on their way on one connection (promise 1).
pub const RELAY_WINDOW: usize = 1;

/// `[admin] after`.
pub const ADMIN_AFTER: Duration = Duration::from_mins(5);
/// `[admin] free`.
pub const ADMIN_FREE: u64 = 200 * 1024 * 1024;
/// `[retention] pages`.
pub const KEEP_PAGES: Duration = Duration::from_hours(30 * 24);
/// `[retention] deliveries`.
pub const KEEP_DELIVERIES: Duration = Duration::from_hours(30 * 24);
/// `[retention] digests`.
pub const KEEP_DIGESTS: Duration = Duration::from_hours(400 * 24);
/// `[retention] bounces`.
pub const KEEP_BOUNCES: Duration = Duration::from_hours(90 * 24);
/// `[retention] unconfirmed`: as long as confirmations of an address are counted.
pub const KEEP_UNCONFIRMED: Duration = Duration::from_hours(30 * 24);

/// A hash of everything that changes how a section's pages are read. A change of it replaces content silently
/// (promise 5), so nothing that only changes the timing or the pushing may take part.
pub fn rules_hash(section: &Section) -> String {
    let mut rules =
        serde_json::json!([section.language, section.timezone.name(), section.read, section.date_order, section.html,]);
    if section.json != JsonRules::default()
        && let Some(rules) = rules.as_array_mut()
    {
        rules.push(serde_json::json!(section.json));
    }
    data_encoding::HEXLOWER.encode(&Sha256::digest(rules.to_string()))[..16].to_owned()
}

impl Section {
    /// A section with every default, for tests. It reads private addresses, because tests live on loopback.
    ///
    /// # Panics
    /// When `url` is not an absolute address.
    #[doc(hidden)]
    #[expect(clippy::expect_used, reason = "a constructor for tests, which should fail loudly")]
    pub fn for_tests(slug: &str, url: &str) -> Self {
        let mut section = Self {
            slug: slug.to_owned(),
            name: slug.to_owned(),
            description: None,
            language: Language::Vi,
            timezone: chrono_tz::Asia::Ho_Chi_Minh,
            url: url.parse().expect("an absolute address"),
            source: None,
            site: None,
            schedule: Plan::parse(SCHEDULE).expect("the default schedule"),
            delay: Duration::ZERO,
            urgent: FilterRules::default(),
            expect_every: Expect::Learnt,
            text: TextMode::Full,
            read: ReadMode::Article,
            date_order: DateOrder::Dmy,
            guard: Some(GUARD),
            telegram: Vec::new(),
            webhook: Vec::new(),
            translation_of: None,
            formerly: Vec::new(),
            own_site: false,
            allow_private: true,
            proxy: None,
            keep_guid: false,
            html: HtmlRules::default(),
            json: JsonRules::default(),
            filter: FilterRules::default(),
            rules_hash: String::new(),
        };
        section.rules_hash = rules_hash(&section);
        section
    }
}

impl Config {
    /// A configuration with every default and no section, for tests: an SQLite database in memory, private addresses
    /// readable, no pause between requests, feeds in `feeds` below the working folder (set `feeds.directory`).
    ///
    /// # Panics
    /// When `base_url` is not an absolute address.
    #[doc(hidden)]
    #[expect(clippy::expect_used, reason = "a constructor for tests, which should fail loudly")]
    pub fn for_tests(base_url: &str) -> Self {
        let mut base_url: Url = base_url.parse().expect("an absolute address");
        if !base_url.path().ends_with('/') {
            base_url.set_path(&format!("{}/", base_url.path()));
        }
        Self {
            file: PathBuf::from("config.toml"),
            base_url,
            language: Language::Vi,
            timezone: chrono_tz::Asia::Ho_Chi_Minh,
            server: Server {
                listen: "127.0.0.1:0".to_owned(),
                admin_token: None,
                push_key: None,
                trusted_proxies: Vec::new(),
            },
            organisation: Organisation { name: "Bản tin thử".to_owned(), address: None, privacy_url: None },
            database: SecretString::from("sqlite::memory:"),
            feeds: Feeds {
                directory: PathBuf::from("feeds"),
                items: FEED_ITEMS,
                memory: FEED_MEMORY,
                authority: None,
                websub: true,
                hubs: Vec::new(),
                enclosure: EnclosureMode::Files,
            },
            fetch: Fetch {
                contact: None,
                own_site: false,
                allow_private: true,
                proxy: super::Proxy::Off,
                timeout: FETCH_TIMEOUT,
                max_bytes: FETCH_MAX_BYTES,
                interval: Duration::ZERO,
                reread: REREAD.to_vec(),
                withdrawn_after: WITHDRAWN_AFTER,
            },
            telegram: None,
            webhooks: Vec::new(),
            email: None,
            admin: super::Admin::default(),
            retention: super::Retention::default(),
            templates: None,
            sections: IndexMap::new(),
            removed: Vec::new(),
            warnings: super::Report::default(),
        }
    }

    /// The same with `section` added at the end.
    #[doc(hidden)]
    #[must_use]
    pub fn with_section(mut self, section: Section) -> Self {
        self.sections.insert(section.slug.clone(), Arc::new(section));
        self
    }
}
