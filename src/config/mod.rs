//! The configuration: what `config.toml` says, checked and resolved into the types the rest of bantin uses.
//! [`load`] reads a file and reports *every* mistake with file, line, column, caret and remedy; nothing
//! after it has to doubt a value.

mod chats;
mod checker;
mod codes;
pub mod defaults;
mod email;
mod files;
mod filter;
mod followers;
mod general;
mod load;
mod mailing;
mod mails;
mod mask;
mod parse;
mod places;
mod raw;
mod report;
mod retention;
mod schema;
mod secrets;
mod section;
mod sections;
mod shape;
mod shapes;
mod show;
pub(crate) mod suggest;
mod text;
mod tree;
mod values;
pub mod watch;
mod webhook;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use indexmap::IndexMap;
use secrecy::SecretString;
use url::Url;

pub use self::codes::Code;
pub use self::filter::{FilterField, FilterPattern, FilterRule, FilterRules, filter_pattern};
pub use self::followers::{Follower, HookTarget};
pub use self::load::{environment, load, load_in_part, load_str};
pub use self::mails::{Bounces, Dkim, Email, Inbox, Rate, Relay, Tls};
pub use self::places::Places;
pub use self::report::{ConfigErrors, Problem, Report, Severity};
pub use self::retention::Retention;
pub use self::schema::schema;
pub use self::section::{
    DateOrder, Expect, Guard, HtmlRules, JsonRules, PostStyle, ReadMode, Section, SourceKind, TelegramTarget, TextMode,
};
pub use self::sections::check_slug;
pub use self::show::{effective, texts};
pub use self::webhook::{Call, Form, Webhook, preview as webhook_for_preview};

/// Everything `config.toml` says.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it was read from.
    pub file: PathBuf,
    /// Public address used in every link; ends with `/`.
    pub base_url: Url,
    /// Language of pages and mails where a section or reader says nothing.
    pub language: Language,
    /// Time zone of sections that name none.
    pub timezone: Tz,
    /// Where to listen.
    pub server: Server,
    /// Who publishes.
    pub organisation: Organisation,
    /// `sqlite:PATH` (resolved against the file's folder) or `postgres://…`.
    pub database: SecretString,
    /// The feeds.
    pub feeds: Feeds,
    /// Reading the web.
    pub fetch: Fetch,
    /// Telegram, when a token is configured.
    pub telegram: Option<Telegram>,
    /// E-mail, when a relay is configured.
    pub email: Option<Email>,
    /// The webhooks, by name.
    pub webhooks: Vec<Webhook>,
    /// Who is told what has to be decided or mended.
    pub admin: Admin,
    /// How long what is not needed any more is kept.
    pub retention: Retention,
    /// Folder of templates that override the built-in ones.
    pub templates: Option<PathBuf>,
    /// Sections by slug, in the file's order.
    pub sections: IndexMap<String, Arc<Section>>,
    /// Slugs of sections that were removed on purpose: their feeds answer 410.
    pub removed: Vec<String>,
    /// What the file allows but somebody should look at.
    pub warnings: Report,
}

/// The two languages bantin speaks to readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

impl Language {
    /// `vi` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// The language of a BCP 47 tag ("vi-VN" is Vietnamese); `None` for any other.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "vi" => Some(Self::Vi),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

/// `[server]`.
#[derive(Debug, Clone)]
pub struct Server {
    /// Address and port to listen on.
    pub listen: String,
    /// Token that opens `/metrics` and the detail of `/status`; without one they answer on loopback only.
    pub admin_token: Option<SecretString>,
    /// The key that signs what a CMS pushes; without one nothing can be pushed.
    pub push_key: Option<SecretString>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
}

/// `[admin]`.
#[derive(Debug, Clone)]
pub struct Admin {
    /// Chats that alerts are posted to.
    pub telegram: Vec<TelegramTarget>,
    /// Addresses that alerts are mailed to.
    pub email: Vec<String>,
    /// The language of alerts; `None`: the general one.
    pub language: Option<Language>,
    /// How long something has to be wrong before an alert tells of it, where nothing else says so.
    pub after: Duration,
    /// Less room than so many bytes on a disk that is written to is told.
    pub free: u64,
}

impl Default for Admin {
    fn default() -> Self {
        Self {
            telegram: Vec::new(),
            email: Vec::new(),
            language: None,
            after: defaults::ADMIN_AFTER,
            free: defaults::ADMIN_FREE,
        }
    }
}

/// `[organisation]`.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// Name shown on pages and mails.
    pub name: String,
    /// Postal address shown in mails.
    pub address: Option<String>,
    /// Where the privacy statement stands.
    pub privacy_url: Option<Url>,
}

/// `[feeds]`.
#[derive(Debug, Clone)]
pub struct Feeds {
    /// Folder the feed files are written to, resolved against the file's folder.
    pub directory: PathBuf,
    /// Articles in a feed.
    pub items: usize,
    /// Most bytes of feed files held in memory; the others are read when asked for.
    pub memory: usize,
    /// The authority of article ids; `None`: the host of `base_url` and `,2026`, frozen in the store.
    pub authority: Option<String>,
    /// Whether bantin is the WebSub hub of its own feeds.
    pub websub: bool,
    /// Outside hubs that are told of news too.
    pub hubs: Vec<Url>,
    /// What an item has as its enclosure.
    pub enclosure: EnclosureMode,
}

/// `[feeds] enclosure`: what an item has as its enclosure in RSS, where its length is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EnclosureMode {
    /// Nothing, in no format.
    Off,
    /// Its files.
    #[default]
    Files,
    /// Its files, else its lead picture.
    Pictures,
}

/// `[fetch]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// Address or page of an admin, named in the user agent.
    pub contact: Option<String>,
    /// Whether the sites that are read are one's own: robots.txt is not asked, and no pause is made.
    pub own_site: bool,
    /// Whether loopback and private addresses may be read.
    pub allow_private: bool,
    /// The proxy that is asked.
    pub proxy: Proxy,
    /// Longest time for one request, redirects included.
    pub timeout: Duration,
    /// Largest body, after decompression.
    pub max_bytes: usize,
    /// Least time between two requests to one host.
    pub interval: Duration,
    /// `reread`: how long after its first sight an article is read again (promise 5).
    pub reread: Vec<Duration>,
    /// `withdrawn_after`: how far apart two 404s or 410s must lie to mean "withdrawn".
    pub withdrawn_after: Duration,
}

/// `proxy` and `proxy_tls`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Proxy {
    /// None: sites are asked directly.
    #[default]
    Off,
    /// This one.
    Through {
        /// Its address.
        url: Url,
        /// Whether it speaks TLS to the site itself, so that https is asked of it in plain.
        tls: bool,
    },
}

/// `[telegram]`.
#[derive(Debug, Clone)]
pub struct Telegram {
    /// The bot's token.
    pub token: SecretString,
    /// Address of the Bot API, for tests and local servers.
    pub api_url: Option<Url>,
    /// What happens to a message whose fate is unknown.
    pub on_uncertain: OnUncertain,
    /// Calls a second over all chats.
    pub per_second: u32,
    /// Messages a minute to one chat.
    pub per_chat_minute: u32,
    /// Further limits, of all sends, edits or deletions together.
    pub methods: Methods,
}

/// `[telegram] methods`: limits of single methods of the Bot API, over all chats.
#[derive(Debug, Clone, Default)]
pub struct Methods {
    /// New messages.
    pub send: Option<Rate>,
    /// Edits.
    pub edit: Option<Rate>,
    /// Deletions.
    pub delete: Option<Rate>,
}

/// What happens to a message that may or may not have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUncertain {
    /// One more try.
    #[default]
    AtLeastOnce,
    /// No more try.
    AtMostOnce,
    /// Wait for an admin.
    Ask,
}

#[cfg(test)]
mod tests;
