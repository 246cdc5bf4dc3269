//! `[email]`: who sends, through which relays, and when digests go out.

use std::time::Duration;

use secrecy::SecretString;
use serde_spanned::Spanned;
use url::Url;

use super::checker::Checker;
use super::codes::Code;
use super::raw::{RawEmail, RawRelay};
use super::secrets::Secret;
use super::shapes::TextOrTable;
use super::tree::Span;
use super::{Email, Relay, Tls, defaults, mailing, values};
use crate::schedule::Plan;

const RELAY: &str = "write \"smtp://user@host:587\", \"smtps://user@host\" or \"smtp://127.0.0.1:25\"";
const FROM: &str = "write `from = \"Bản tin <bantin@example.vn>\"`";

/// Reads `[email]`; `None` when no relay is configured.
pub fn resolve(raw: &RawEmail, base_url: Option<&Url>, checker: &mut Checker<'_>) -> Option<Email> {
    let from = checker.read(Code::Mailbox, raw.from.as_ref(), FROM, values::mailbox);
    let daily = checker.plan(raw.daily.as_ref()).or_else(|| Plan::parse(defaults::DAILY).ok());
    let weekly = checker.plan(raw.weekly.as_ref()).or_else(|| Plan::parse(defaults::WEEKLY).ok());
    // Asked for even without a relay, so that a wrong `password_file` is found.
    let configured = !raw.smtp.0.is_empty();
    let password = Secret {
        key: "password",
        value: raw.password.as_ref(),
        file: raw.password_file.as_ref(),
        variable: if configured { "BANTIN_SMTP_PASSWORD" } else { "" },
    };
    let password = password.resolve(checker);
    let smtp: Vec<Relay> = raw.smtp.0.iter().filter_map(|entry| relay(entry, password.as_ref(), checker)).collect();
    let dkim = mailing::dkim(&raw.dkim, from.as_ref().map(|from| &from.email), checker);
    let bounces = mailing::bounces(&raw.bounces, checker);
    let domains = mailing::domains(&raw.domains, checker);
    if !configured {
        return None;
    }
    if smtp.len() > 1 && smtp.iter().all(|relay| relay.weight == 0) {
        let place = checker.place(&["email", "smtp"]);
        let help = "give one of them a weight of 1 or more; 0 is for a relay kept in reserve";
        checker.error(Code::Range, &place, "every relay has the weight 0", help);
    }
    if raw.from.is_none() {
        checker.missing(&["email", "from"], "`[email]` has a relay but no sender", FROM);
    }
    if let Some(url) = base_url.filter(|url| url.scheme() == "http" && !loopback(url)) {
        let message = format!("mails would carry unencrypted links ({}://)", url.scheme());
        checker.warning(
            Code::PlainHttp,
            &checker.place(&["base_url"]),
            message,
            "serve bantin over https and say so in base_url",
        );
    }
    Some(Email {
        from: from?,
        smtp,
        daily: daily?,
        weekly: weekly?,
        on_uncertain: raw.on_uncertain,
        dkim,
        domains,
        bounces,
        pictures: raw.pictures.unwrap_or(true),
        farewell: raw.farewell.unwrap_or(false),
    })
}

fn loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn relay(
    entry: &Spanned<TextOrTable<RawRelay>>,
    general: Option<&SecretString>,
    checker: &mut Checker<'_>,
) -> Option<Relay> {
    let empty = RawRelay::default();
    let (text, span, raw) = match entry.get_ref() {
        TextOrTable::Text(text) => (text.as_str(), entry.span(), &empty),
        TextOrTable::Table(table) => {
            let Some(url) = &table.url else {
                missing_url(&entry.span(), checker);
                return None;
            };
            (url.get_ref().as_str(), url.span(), table)
        }
        TextOrTable::Number(_) => {
            checker.error(Code::WrongType, &entry.span(), "a relay is a text or a table, not a number", RELAY);
            return None;
        }
    };
    let own = Secret { key: "password", value: raw.password.as_ref(), file: raw.password_file.as_ref(), variable: "" };
    let own = own.resolve(checker);
    let window = checker.number(raw.window.as_ref(), 1..=100).map_or(defaults::RELAY_WINDOW, |window| window as usize);
    let connections = checker.number(raw.connections.as_ref(), 1..=100);
    let weight = checker.number(raw.weight.as_ref(), 0..=1000);
    let timeout = checker.duration(raw.timeout.as_ref());
    if let (Some(time), Some(text)) = (timeout, &raw.timeout)
        && !(Duration::from_secs(1)..=Duration::from_mins(10)).contains(&time)
    {
        let help = "write between \"1s\" and \"10m\"; most relays answer within a few seconds";
        checker.error(Code::Range, &text.span(), "this time is out of range", help);
    }
    let rate = checker.read(Code::Rate, raw.rate.as_ref(), "write \"30/m\" or \"30/m, 2000/d\"", values::rate);
    let address = values::relay(text).map_err(|fault| checker.error(Code::Relay, &span, fault, RELAY)).ok()?;

    if address.password.is_some() && own.is_some() {
        let message = "the same secret is given by the relay's address and by its password";
        checker.error(Code::SecretTwice, &span, message, "keep one of them and remove the other");
    }
    let password = address.password.map(SecretString::from).or(own).or_else(|| general.cloned());
    let login = match (address.user, password) {
        (Some(user), Some(password)) => Some((user, password)),
        (Some(_), None) => {
            let help = "give password or password_file in [email], or BANTIN_SMTP_PASSWORD";
            checker.error(Code::MissingKey, &span, "the relay has a user but no password", help);
            None
        }
        (None, _) => None,
    };
    if login.is_some() && matches!(address.tls, Tls::None | Tls::Opportunistic) && !local(&address.host) {
        let help = "leave `tls` out, or say ?tls=required";
        checker.warning(Code::PlainLogin, &span, "the password may travel unencrypted", help);
    }
    Some(Relay {
        host: address.host,
        port: address.port,
        tls: address.tls,
        login,
        connections: connections.map_or(defaults::RELAY_CONNECTIONS, |connections| connections as usize),
        window,
        rate: rate.unwrap_or_default(),
        weight: weight.unwrap_or(1),
        timeout: timeout.unwrap_or(defaults::RELAY_TIMEOUT),
    })
}

fn local(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// Unless the relay's url is written, but so that it could not be read.
fn missing_url(span: &Span, checker: &mut Checker<'_>) {
    if !checker.written.has("url", span) && !checker.broken {
        checker.error(Code::MissingKey, span, "the relay has no `url`", RELAY);
    }
}
