//! The parts of `[email]` that large receivers ask of bulk mail: DKIM keys, where bounces go, and limits for the domains
//! that mail goes to.

use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use lettre::Address;
use secrecy::{ExposeSecret as _, SecretString};
use serde_spanned::Spanned;
use url::Url;

use super::checker::Checker;
use super::codes::Code;
use super::raw::{RawBounces, RawDkim, Text};
use super::secrets::Secret;
use super::shapes::{OneOrMany, TextOrTable};
use super::{Bounces, Dkim, Inbox, Rate, Tls, defaults, values};
use crate::dkim::Signer;

const DKIM: &str =
    "write `dkim = { selector = \"bantin\", key_file = \"secrets/dkim.pem\" }`, or \"relay\" where the relay signs";
const IMAP: &str = "write \"imaps://user@mail.example.vn\" or \"imap://user@127.0.0.1\"";

/// `dkim`.
pub fn dkim(raw: &OneOrMany<TextOrTable<RawDkim>>, from: Option<&Address>, checker: &mut Checker<'_>) -> Dkim {
    let mut signers = Vec::new();
    for entry in &raw.0 {
        match entry.get_ref() {
            TextOrTable::Text(text) if text == "relay" && raw.0.len() == 1 => return Dkim::Relay,
            TextOrTable::Text(_) | TextOrTable::Number(_) => {
                checker.error(Code::Dkim, &entry.span(), "this is no key to sign mail with", DKIM);
            }
            TextOrTable::Table(table) => signers.extend(signer(table, &entry.span(), from, checker)),
        }
    }
    if signers.is_empty() { Dkim::None } else { Dkim::Own(Arc::from(signers)) }
}

fn signer(
    raw: &RawDkim,
    span: &super::tree::Span,
    from: Option<&Address>,
    checker: &mut Checker<'_>,
) -> Option<Signer> {
    let label = |text: &str| {
        let fits = !text.is_empty()
            && text.len() <= 200
            && text.split('.').all(|part| {
                !part.is_empty() && part.len() <= 63 && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            });
        if fits { Ok(text.to_ascii_lowercase()) } else { Err(format!("\"{text}\" is not a name in the DNS")) }
    };
    let domain = checker.read(Code::Dkim, raw.domain.as_ref(), "write a domain, like \"example.vn\"", label);
    let domain = match (&raw.domain, domain) {
        (Some(_), None) => return None,
        (_, domain) => domain.or_else(|| from.map(|from| from.domain().to_ascii_lowercase()))?,
    };
    let selector = match &raw.selector {
        None => {
            checker.error(Code::MissingKey, span, "the key has no `selector`", DKIM);
            return None;
        }
        selector => checker.read(Code::Dkim, selector.as_ref(), "write a name, like \"bantin\"", label)?,
    };
    let key = Secret { key: "key", value: raw.key.as_ref(), file: raw.key_file.as_ref(), variable: "" };
    let Some(pem) = key.resolve(checker) else {
        if raw.key.is_none() && raw.key_file.is_none() {
            checker.error(Code::MissingKey, span, "there is no key to sign with: neither `key_file` nor `key`", DKIM);
        }
        return None;
    };
    let make = "make one with `openssl genrsa -out secrets/dkim.pem 2048` or `openssl genpkey -algorithm ed25519`";
    let place = raw.key_file.as_ref().or(raw.key.as_ref()).map_or_else(|| span.clone(), Spanned::span);
    Signer::new(&domain, &selector, pem.expose_secret())
        .map_err(|fault| checker.error(Code::Dkim, &place, fault, make))
        .ok()
}

/// `[email.bounces]`.
pub fn bounces(raw: &RawBounces, checker: &mut Checker<'_>) -> Option<Bounces> {
    let help = "write an address whose mail reaches you under any `+…`, like \"bounces@example.vn\", or put a `*` where \
                the mark goes, as in \"bounces-*@example.vn\"";
    let address = checker.read(Code::Mailbox, raw.address.as_ref(), help, |text| {
        let text = text.trim();
        let wrong = || format!("\"{text}\" is not an e-mail address");
        let (user, domain) = text.rsplit_once('@').ok_or_else(wrong)?;
        let (before, after) = user.split_once('*').unwrap_or((user, ""));
        let before = if user.contains('*') { before.to_owned() } else { format!("{user}+") };
        // The mark takes 26 of the 64 letters that may stand before the @.
        if before.len() + after.len() > 38 {
            return Err(format!("\"{text}\" is too long: the mark of each mail needs 26 letters before the @"));
        }
        Address::new(format!("{before}x{after}"), domain).map_err(|_| wrong())?;
        Ok((before, after.to_owned(), domain.to_owned()))
    });
    let secret =
        Secret { key: "password", value: raw.password.as_ref(), file: raw.password_file.as_ref(), variable: "" };
    let password = if raw.imap.is_some() || raw.password_file.is_some() { secret.resolve(checker) } else { None };
    let every = checker.duration(raw.every.as_ref());
    let inbox = raw.imap.as_ref().and_then(|text| inbox(text, password, every, checker));
    let (before, after, domain) = match address {
        Some(parts) => parts,
        None if raw.address.is_none() && raw.imap.is_some() => {
            checker.missing(&["email", "bounces", "address"], "`[email.bounces]` has a mailbox but no address", help);
            return None;
        }
        None => return None,
    };
    Some(Bounces { before, after, domain, inbox })
}

fn inbox(
    text: &Text,
    password: Option<SecretString>,
    every: Option<Duration>,
    checker: &mut Checker<'_>,
) -> Option<Inbox> {
    let span = text.span();
    let read = |text: &str| -> Result<_, String> {
        let url = Url::parse(text).map_err(|_| "this is not the address of a mailbox".to_owned())?;
        let (scheme, folder) = (url.scheme(), url.path().trim_matches('/'));
        let smtp = match scheme {
            "imap" => "smtp",
            "imaps" => "smtps",
            other => return Err(format!("the mailbox's address begins with \"{other}:\" instead of imap: or imaps:")),
        };
        // The same rules as for a relay, with the ports of IMAP.
        let mut same = text.replacen(scheme, smtp, 1);
        if let Some((before, after)) = same.split_once("://")
            && let Some((host, rest)) = after.split_once('/')
        {
            let query = rest.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
            same = format!("{before}://{host}{query}");
        }
        let address = values::relay(&same).map_err(|fault| fault.replace("relay", "mailbox"))?;
        let port = url.port().unwrap_or(if smtp == "smtps" { 993 } else { 143 });
        let folder = percent(folder);
        if !folder.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err("the folder's name has to be plain ASCII".to_owned());
        }
        Ok((address, port, folder))
    };
    let (address, port, folder) = checker.read(Code::Mailbox, Some(text), IMAP, read)?;
    let password = match (address.password.map(SecretString::from), password) {
        (Some(_), Some(_)) => {
            let message = "the same secret is given by the mailbox's address and by its password";
            checker.error(Code::SecretTwice, &span, message, "keep one of them and remove the other");
            return None;
        }
        (one, other) => one.or(other),
    };
    let (Some(user), Some(password)) = (address.user, password) else {
        checker.error(Code::MissingKey, &span, "the mailbox needs a user and a password", IMAP);
        return None;
    };
    let local = address.host == "localhost" || address.host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    // A login never goes where somebody could read it, unless that is asked for.
    let tls = if address.tls == Tls::Opportunistic && !local { Tls::Required } else { address.tls };
    Some(Inbox {
        host: address.host,
        port,
        tls,
        login: (user, password),
        folder: if folder.is_empty() { "INBOX".to_owned() } else { folder },
        every: every.unwrap_or(defaults::BOUNCES_EVERY).max(Duration::from_secs(1)),
    })
}

fn percent(text: &str) -> String {
    let pairs = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(pairs.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// `domains`: the most mails to a domain; `*` is every domain that is not named.
pub fn domains(raw: &IndexMap<String, Text>, checker: &mut Checker<'_>) -> Vec<(String, Rate)> {
    let mut out = Vec::new();
    for (domain, rate) in raw {
        let rate = checker.read(Code::Rate, Some(rate), "write \"30/m\" or \"30/m, 2000/d\"", values::rate);
        if domain != "*" && !matches!(url::Host::parse(domain), Ok(url::Host::Domain(_))) {
            let help = "write the part after the @, like \"gmail.com\", or \"*\" for every other domain";
            let span = raw.get(domain).map_or(0..0, Spanned::span);
            checker.error(Code::Rate, &span, format!("\"{domain}\" is not a domain"), help);
            continue;
        }
        out.extend(rate.map(|rate| (domain.to_ascii_lowercase(), rate)));
    }
    out
}
