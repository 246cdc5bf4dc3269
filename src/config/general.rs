//! The general tables, read into what they mean, with their defaults.

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_spanned::Spanned;
use url::Url;

use super::checker::Checker;
use super::codes::Code;
use super::raw::{Raw, RawAdmin, RawDatabase, RawFeeds, RawFetch, RawServer, RawTelegram, Text};
use super::secrets::Secret;
use super::shapes::Size;
use super::{
    Admin, Config, Feeds, Fetch, Language, Methods, Organisation, Server, Telegram, chats, defaults, email, retention,
    sections, values, webhook,
};

/// Reads everything; `None` when something without a default is missing. What is wrong is noted in `checker`.
pub fn resolve(raw: &Raw, file: &Path, checker: &mut Checker<'_>) -> Option<Config> {
    let base_url = base_url(raw, checker);
    let timezone = checker.read(Code::Zone, raw.timezone.as_ref(), ZONE, values::zone);
    if raw.timezone.is_none() {
        checker.missing(&["timezone"], "`timezone` is not given", "put `timezone = \"Asia/Ho_Chi_Minh\"` at the top");
    }
    if raw.language.is_none() {
        checker.missing(&["language"], "`language` is not given", "put `language = \"vi\"` (or \"en\") at the top");
    }
    let language = raw.language.unwrap_or(Language::Vi);
    let server = server(&raw.server, checker);
    let privacy = raw.organisation.privacy_url.as_ref();
    let privacy_url = checker.read(Code::Address, privacy, HTTPS, values::web_address);
    let name = checker.words(raw.organisation.name.as_ref());
    let address = checker.words(raw.organisation.address.as_ref());
    let database = database(&raw.database, checker);
    let feeds = feeds(&raw.feeds, checker);
    let fetch = fetch(&raw.fetch, checker);
    let telegram = telegram(&raw.telegram, checker);
    let email = email::resolve(&raw.email, base_url.as_ref(), checker);
    let admin = admin(&raw.admin, telegram.is_some(), checker);
    let retention = retention::resolve(&raw.retention, checker);
    let templates = raw.templates.as_ref().map(|path| values::path(path.get_ref(), checker.folder));
    let webhooks = webhook::resolve(raw, checker);
    let general = sections::General {
        language,
        timezone: timezone.unwrap_or(chrono_tz::UTC),
        bot: telegram.is_some(),
        webhooks: raw.webhook.keys().map(|name| name.get_ref().clone()).collect(),
    };
    let sections = sections::resolve(raw, &general, checker);
    let removed = sections::removed(raw, checker);

    let base_url = base_url?;
    let name = name.unwrap_or_else(|| base_url.host_str().unwrap_or("bantin").to_owned());
    Some(Config {
        file: file.to_owned(),
        language,
        timezone: timezone?,
        server,
        organisation: Organisation { name, address, privacy_url },
        database,
        feeds,
        fetch,
        telegram,
        email,
        webhooks,
        admin,
        retention,
        templates,
        sections,
        removed,
        base_url,
        warnings: super::report::Report::default(),
    })
}

const ZONE: &str = "write the name of a zone in the IANA database, like \"Asia/Ho_Chi_Minh\"";
const HTTPS: &str = "write an address like \"https://www.example.vn/\"";

fn base_url(raw: &Raw, checker: &mut Checker<'_>) -> Option<Url> {
    const HELP: &str = "the address readers use, like \"https://bantin.example.vn\" (a path is allowed)";
    if let Some(text) = checker.variable("BANTIN_BASE_URL") {
        let url = values::base_url(&text);
        return url.map_err(|fault| checker.env_error(Code::Address, "BANTIN_BASE_URL", &fault, HELP)).ok();
    }
    if raw.base_url.is_none() {
        checker.missing(
            &["base_url"],
            "`base_url` is not given",
            "put `base_url = \"https://bantin.example.vn\"`, the public address, at the top",
        );
    }
    checker.read(Code::Address, raw.base_url.as_ref(), HELP, values::base_url)
}

fn server(raw: &RawServer, checker: &mut Checker<'_>) -> Server {
    const HELP: &str = "write an address and a port, like \"127.0.0.1:8080\"";
    let listen = match checker.variable("BANTIN_LISTEN") {
        Some(text) => {
            values::listen(&text).map_err(|fault| checker.env_error(Code::Listen, "BANTIN_LISTEN", &fault, HELP)).ok()
        }
        None => checker.read(Code::Listen, raw.listen.as_ref(), HELP, values::listen),
    };
    let admin_token = Secret {
        key: "admin_token",
        value: raw.admin_token.as_ref(),
        file: raw.admin_token_file.as_ref(),
        variable: "BANTIN_ADMIN_TOKEN",
    };
    let push_key = Secret {
        key: "push_key",
        value: raw.push_key.as_ref(),
        file: raw.push_key_file.as_ref(),
        variable: "BANTIN_PUSH_KEY",
    };
    Server {
        push_key: push_key.resolve(checker),
        listen: listen.unwrap_or_else(|| defaults::LISTEN.to_string()),
        admin_token: admin_token.resolve(checker),
        trusted_proxies: checker.list(
            Code::Listen,
            &raw.trusted_proxies,
            "write addresses like \"127.0.0.1\"",
            values::ip,
        ),
    }
}

fn admin(raw: &RawAdmin, has_bot: bool, checker: &mut Checker<'_>) -> Admin {
    if let Some(chat) = raw.telegram.0.first().filter(|_| !has_bot) {
        let help = "give [telegram] token (or token_file, or BANTIN_TELEGRAM_TOKEN); until then no alert is posted";
        checker.warning(Code::NoToken, &chat.span(), "a chat is named, but there is no bot to post to it", help);
    }
    let free_help = "write a size between \"0\" and \"1048576 GiB\"";
    let free = size(raw.free.as_ref(), 0..=KIB * KIB * KIB * KIB * KIB, free_help, checker);
    let help = "write an address like \"admin@example.vn\"";
    let address = |text: &str| values::mailbox(text).map(|mailbox| mailbox.email.to_string());
    Admin {
        telegram: raw.telegram.0.iter().filter_map(|chat| chats::admin_chat(chat, checker)).collect(),
        email: checker.list(Code::Mailbox, &raw.email.0, help, address),
        language: raw.language,
        after: checker.duration(raw.after.as_ref()).unwrap_or(defaults::ADMIN_AFTER),
        free: free.map_or(defaults::ADMIN_FREE, |bytes| bytes as u64),
    }
}

fn database(raw: &RawDatabase, checker: &mut Checker<'_>) -> SecretString {
    const HELP: &str = "write \"sqlite:data/bantin.db\" or \"postgres://user@host/database\"";
    let secret =
        Secret { key: "url", value: raw.url.as_ref(), file: raw.url_file.as_ref(), variable: "BANTIN_DATABASE_URL" };
    let url = secret.resolve(checker);
    let url = url.as_ref().map_or(defaults::DATABASE, |url| url.expose_secret());
    if let Some(path) = url.strip_prefix("sqlite:") {
        if path.starts_with(":memory:") {
            return SecretString::from(url);
        }
        let path = values::path(path.strip_prefix("//").unwrap_or(path), checker.folder);
        return SecretString::from(format!("sqlite:{}", path.display()));
    }
    if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) || Url::parse(url).is_err() {
        let message = "this is not the address of a database";
        match raw.url.as_ref().or(raw.url_file.as_ref()) {
            Some(text) => checker.error(Code::Address, &text.span(), message, HELP),
            None => checker.env_error(Code::Address, "BANTIN_DATABASE_URL", message, HELP),
        }
    }
    SecretString::from(url)
}

const KIB: u64 = 1024;

fn feeds(raw: &RawFeeds, checker: &mut Checker<'_>) -> Feeds {
    let variable = checker.variable("BANTIN_FEEDS_DIRECTORY");
    let own = || raw.directory.as_ref().map_or(defaults::FEED_DIRECTORY, |path| path.get_ref());
    let directory = variable.as_deref().unwrap_or_else(own);
    let help = "write a domain and a year, like \"example.vn,2026\" (RFC 4151)";
    let authority = checker.read(Code::Address, raw.authority.as_ref(), help, authority);
    let help = "write a size between \"0\" and \"64 GiB\"";
    let memory = size(raw.memory.as_ref(), 0..=64 * KIB * KIB * KIB, help, checker);
    Feeds {
        directory: values::path(directory, checker.folder),
        memory: memory.unwrap_or(defaults::FEED_MEMORY),
        items: checker.number(raw.items.as_ref(), 1..=1000).map_or(defaults::FEED_ITEMS, |items| items as usize),
        authority,
        websub: raw.websub.unwrap_or(true),
        hubs: checker.list(Code::Address, &raw.hubs, HTTPS, values::web_address),
        enclosure: raw.enclosure,
    }
}

/// The authority of a tag address: a domain or mail address, a comma, a date.
fn authority(text: &str) -> Result<String, String> {
    let parts = text.split_once(',').filter(|(name, date)| {
        let name_fits = name.contains('.') || *name == "localhost";
        name_fits
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '@' | '_'))
            && date.len() >= 4
            && date.chars().all(|letter| letter.is_ascii_digit() || letter == '-')
    });
    parts.map(|_| text.to_owned()).ok_or_else(|| format!("\"{text}\" is not an authority of tag addresses"))
}

fn fetch(raw: &RawFetch, checker: &mut Checker<'_>) -> Fetch {
    let timeout = checker.duration(raw.timeout.as_ref());
    if let (Some(Duration::ZERO), Some(text)) = (timeout, &raw.timeout) {
        checker.error(Code::Range, &text.span(), "no request is done in no time", "write \"30s\"");
    }
    let reread = raw.reread.as_ref().map(|texts| reread(texts, checker));
    let range = 64 * KIB..=256 * KIB * KIB;
    let help = "write a size between \"64 KiB\" and \"256 MiB\"";
    let max_bytes = size(raw.max_bytes.as_ref(), range, help, checker);
    Fetch {
        contact: checker.words(raw.contact.as_ref()),
        own_site: raw.own_site.unwrap_or(false),
        allow_private: raw.allow_private.unwrap_or(false),
        proxy: sections::proxy(raw.proxy.as_ref(), raw.proxy_tls, checker).unwrap_or_default(),
        timeout: timeout.unwrap_or(defaults::FETCH_TIMEOUT),
        max_bytes: max_bytes.unwrap_or(defaults::FETCH_MAX_BYTES),
        interval: checker.duration(raw.interval.as_ref()).unwrap_or(defaults::FETCH_INTERVAL),
        reread: reread.unwrap_or_else(|| defaults::REREAD.to_vec()),
        withdrawn_after: checker.duration(raw.withdrawn_after.as_ref()).unwrap_or(defaults::WITHDRAWN_AFTER),
    }
}

fn reread(texts: &[Text], checker: &mut Checker<'_>) -> Vec<Duration> {
    let mut times: Vec<Duration> = Vec::new();
    for text in texts {
        let Some(time) = checker.duration(Some(text)) else { continue };
        if times.last().is_some_and(|last| *last >= time) {
            let help = "each time is counted from the first sight of an article: write them rising";
            checker.error(Code::Range, &text.span(), "not later than the one before it", help);
        }
        times.push(time);
    }
    times
}

/// A number of bytes within a range that is written in words.
fn size(
    given: Option<&Spanned<Size>>,
    range: RangeInclusive<u64>,
    help: &str,
    checker: &mut Checker<'_>,
) -> Option<usize> {
    let given = given?;
    let bytes = match given.get_ref() {
        Size::Bytes(bytes) => Ok(*bytes),
        Size::Text(text) => values::size(text),
    };
    match bytes {
        Ok(bytes) if range.contains(&bytes) => return usize::try_from(bytes).ok(),
        Ok(_) => checker.error(Code::Size, &given.span(), "this size is out of range", help),
        Err(fault) => checker.error(Code::Size, &given.span(), fault, help),
    }
    None
}

fn telegram(raw: &RawTelegram, checker: &mut Checker<'_>) -> Option<Telegram> {
    let api_url = checker.read(Code::Address, raw.api_url.as_ref(), HTTPS, values::web_address);
    let per_second = checker.number(raw.per_second.as_ref(), 1..=1000);
    let per_chat_minute = checker.number(raw.per_chat_minute.as_ref(), 1..=1000);
    let mut rate =
        |text: Option<&Text>| checker.read(Code::Rate, text, "write \"20/m\" or \"1/s, 500/d\"", values::rate);
    let methods = Methods {
        send: rate(raw.methods.send.as_ref()),
        edit: rate(raw.methods.edit.as_ref()),
        delete: rate(raw.methods.delete.as_ref()),
    };
    let token = Secret {
        key: "token",
        value: raw.token.as_ref(),
        file: raw.token_file.as_ref(),
        variable: "BANTIN_TELEGRAM_TOKEN",
    };
    Some(Telegram {
        token: token.resolve(checker)?,
        api_url,
        on_uncertain: raw.on_uncertain,
        per_second: per_second.unwrap_or(defaults::TELEGRAM_PER_SECOND),
        per_chat_minute: per_chat_minute.unwrap_or(defaults::TELEGRAM_PER_CHAT_MINUTE),
        methods,
    })
}
