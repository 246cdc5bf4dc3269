//! What large receivers ask of bulk mail, for `bantin check`: what is missing ([`faults`]), and the records to publish in
//! the DNS with what each of them means ([`records`]). Nothing here asks the network.

use std::fmt::Write as _;

use serde::Serialize;
use url::Host;

use super::check::Wrong;
use crate::config::{Code, Config, Dkim, Email};

/// Providers of personal mailboxes: their DMARC policy refuses mail under their names that they did not send.
const PERSONAL: [&str; 14] = [
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "yahoo.com.vn",
    "ymail.com",
    "aol.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "icloud.com",
    "gmx.net",
    "mail.ru",
    "zohomail.com",
];

/// One record to publish.
#[derive(Debug, Serialize)]
pub(super) struct Record {
    /// Where.
    name: String,
    /// "TXT", or "PTR" of an address.
    kind: &'static str,
    /// What.
    value: String,
    /// What it is for.
    meaning: String,
}

/// Whether readers outside of this machine are served: only then anybody but us judges the mails.
fn is_public(config: &Config) -> bool {
    match config.base_url.host() {
        Some(Host::Domain(name)) => name != "localhost" && !name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => !ip.is_loopback(),
        Some(Host::Ipv6(ip)) => !ip.is_loopback(),
        None => false,
    }
}

/// Whether two domains are of one organisation, as far as that can be told without a list of public suffixes.
fn aligned(one: &str, other: &str) -> bool {
    let below = |inner: &str, outer: &str| inner.strip_suffix(outer).is_some_and(|rest| rest.ends_with('.'));
    one == other || below(one, other) || below(other, one)
}

/// What bulk mail of this configuration lacks.
pub(super) fn faults(config: &Config) -> Vec<Wrong> {
    let Some(email) = config.email.as_ref().filter(|_| is_public(config)) else { return Vec::new() };
    let from = email.from.email.domain().to_ascii_lowercase();
    let mut faults = Vec::new();
    let mut fault = |code, key: &str, message: String, help: &str| faults.push(Wrong::error(code, key, message, help));
    if config.base_url.scheme() != "https" {
        fault(
            Code::OneClick,
            "base_url",
            "bulk mail needs a link by which a reader leaves with one click, and that link has to be https".to_owned(),
            "serve bantin over https and say so in base_url (RFC 8058; Gmail and Yahoo ask for it)",
        );
    }
    match &email.dkim {
        Dkim::None => fault(
            Code::Unsigned,
            "email.dkim",
            format!("nobody signs the mails of {from} (DKIM)"),
            "give `dkim = { selector = \"bantin\", key_file = \"secrets/dkim.pem\" }`, or `dkim = \"relay\"` where the relay \
             signs, the List-Unsubscribe headers too",
        ),
        Dkim::Own(signers) if !signers.iter().any(|signer| aligned(signer.domain(), &from)) => fault(
            Code::Unsigned,
            "email.dkim",
            format!("the mails come from {from}, but no key signs for that domain"),
            "sign for the domain of `from`: DMARC counts no other signature",
        ),
        Dkim::Own(_) | Dkim::Relay => {}
    }
    if PERSONAL.contains(&from.as_str()) {
        fault(
            Code::PersonalSender,
            "email.from",
            format!("{from} is for personal mailboxes; receivers refuse bulk mail under it (DMARC)"),
            "send from a domain of your own",
        );
    }
    if config.organisation.address.as_deref().is_none_or(|address| address.trim().is_empty()) {
        fault(
            Code::NoPostal,
            "organisation.address",
            "bulk mail has to say who sends it, with a postal address".to_owned(),
            "give `address` in [organisation]; it stands at the foot of every mail",
        );
    }
    faults
}

/// The records to publish, for mails that go to the world.
pub(super) fn records(config: &Config) -> Vec<Record> {
    config.email.as_ref().filter(|_| is_public(config)).map(of_email).unwrap_or_default()
}

fn of_email(email: &Email) -> Vec<Record> {
    let from = email.from.email.domain().to_ascii_lowercase();
    let envelope = email.bounces.as_ref().map_or_else(|| from.clone(), |bounces| bounces.domain.to_ascii_lowercase());
    let hosts: Vec<&str> = email.smtp.iter().map(|relay| relay.host.as_str()).collect();
    let senders: Vec<String> = hosts
        .iter()
        .map(|host| match host.parse::<std::net::IpAddr>() {
            Ok(ip) if ip.is_loopback() => "a".to_owned(),
            Ok(std::net::IpAddr::V4(ip)) => format!("ip4:{ip}"),
            Ok(std::net::IpAddr::V6(ip)) => format!("ip6:{ip}"),
            Err(_) if *host == "localhost" => "a".to_owned(),
            Err(_) => format!("a:{host}"),
        })
        .collect();
    let mut records = vec![Record {
        name: envelope.clone(),
        kind: "TXT",
        value: format!("v=spf1 {} ~all", senders.join(" ")),
        meaning: format!(
            "SPF: the servers that may send under {envelope}. Ask the operator of each relay for the right entry (often \
             \"include:…\"), and join it with a record that is there already: a domain has one SPF record"
        ),
    }];
    if let Dkim::Own(signers) = &email.dkim {
        records.extend(signers.iter().map(|signer| Record {
            name: signer.record_name(),
            kind: "TXT",
            value: signer.record(),
            meaning: format!(
                "DKIM: the public half of the key that signs the mails; who reads it can tell that {} stands behind them \
                 and that nobody changed them. Leave it published for a week after the key was replaced",
                signer.domain()
            ),
        }));
    }
    records.push(Record {
        name: format!("_dmarc.{from}"),
        kind: "TXT",
        value: format!("v=DMARC1; p=none; rua=mailto:postmaster@{from}"),
        meaning: format!(
            "DMARC: what receivers do with mail that claims to come from {from} and passes neither SPF nor DKIM. \"p=none\" \
             only reports to the address given; after some quiet weeks say \"p=quarantine\", then \"p=reject\""
        ),
    });
    for host in hosts.iter().filter(|host| **host != "localhost" && !host.starts_with("127.")) {
        records.push(Record {
            name: format!("the address of {host}"),
            kind: "PTR",
            value: (*host).to_owned(),
            meaning:
                "the sending server's address has a name, and the name that address: a matter of the relay's operator"
                    .to_owned(),
        });
    }
    records
}

/// The records for people.
pub(super) fn told(records: &[Record]) -> String {
    let mut text = String::new();
    for Record { name, kind, value, meaning } in records {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "  {name}  {kind}\n    {value}\n    {meaning}");
    }
    if text.is_empty() { text } else { format!("Records to publish in the DNS, so that the mails are taken:\n{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

    fn read(base: &str, email: &str, address: &str) -> Config {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key.pem"), KEY).unwrap();
        let text = format!(
            "base_url = \"{base}\"\nlanguage = \"vi\"\ntimezone = \"Asia/Ho_Chi_Minh\"\n[organisation]\n{address}\n\
             [email]\nsmtp = \"smtp://mail.example.vn\"\n{email}\n"
        );
        config::load_str(&text, &folder.path().join("config.toml"), &|_| None).unwrap()
    }

    #[test]
    fn bulk_mail_without_the_essentials_is_refused() {
        let from = "from = \"a@example.vn\"";
        let signed = "from = \"a@example.vn\"\ndkim = { selector = \"b\", key_file = \"key.pem\" }";
        let other =
            "from = \"a@example.vn\"\ndkim = { selector = \"b\", key_file = \"key.pem\", domain = \"b-example.vn\" }";
        let below = "from = \"a@news.example.vn\"\ndkim = { selector = \"b\", key_file = \"key.pem\", domain = \"example.vn\" }";
        let here = "address = \"1 Nguyễn Huệ\"";
        for (base, email, address, wanted) in [
            ("https://b.vn", signed, here, vec![]),
            ("https://b.vn", below, here, vec![]),
            ("https://b.vn", "from = \"a@example.vn\"\ndkim = \"relay\"", here, vec![]),
            ("https://b.vn", from, here, vec!["email.dkim"]),
            ("https://b.vn", other, here, vec!["email.dkim"]),
            ("http://b.vn", signed, here, vec!["base_url"]),
            ("https://b.vn", signed, "", vec!["organisation.address"]),
            ("https://b.vn", "from = \"a@gmail.com\"\ndkim = \"relay\"", here, vec!["email.from"]),
            ("http://127.0.0.1:8080", from, "", vec![]),
        ] {
            let keys: Vec<_> = faults(&read(base, email, address)).iter().map(Wrong::key).collect();
            assert_eq!(keys, wanted, "{base} {email} {address}");
        }
    }

    #[test]
    fn the_records_are_told_with_their_meaning() {
        let email = "from = \"a@example.vn\"\ndkim = { selector = \"b\", key_file = \"key.pem\" }\n\
                     bounces.address = \"bounces@lists.example.vn\"";
        insta::assert_snapshot!(told(&records(&read("https://b.vn", email, ""))));
        assert!(records(&read("http://127.0.0.1", email, "")).is_empty());
    }
}
