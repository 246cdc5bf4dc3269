//! What `[email]` means, its defaults filled in.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::OnUncertain;
use crate::schedule::Plan;

/// `[email]`.
#[derive(Debug, Clone)]
pub struct Email {
    /// The sender, `Name <address>`.
    pub from: lettre::message::Mailbox,
    /// The relays, in order.
    pub smtp: Vec<Relay>,
    /// When daily digests go out, in the general time zone.
    pub daily: Plan,
    /// When weekly digests go out.
    pub weekly: Plan,
    /// What happens to a mail whose fate is unknown.
    pub on_uncertain: OnUncertain,
    /// Who signs the mails.
    pub dkim: Dkim,
    /// The most mails to a domain of recipients; `*` is every domain that is not named.
    pub domains: Vec<(String, Rate)>,
    /// Where mails that could not be delivered come back.
    pub bounces: Option<Bounces>,
    /// Whether mails show the pictures of articles; they are loaded from the site.
    pub pictures: bool,
    /// Whether a reader who leaves is sent a last mail.
    pub farewell: bool,
}

/// Who signs the mails (DKIM).
#[derive(Debug, Clone)]
pub enum Dkim {
    /// Nobody.
    None,
    /// The relay, says the admin.
    Relay,
    /// bantin, with each of these keys.
    Own(Arc<[crate::dkim::Signer]>),
}

/// `[email.bounces]`: every mail has an envelope sender of its own (VERP), `before`, a mark, `after`, `@`, `domain`.
#[derive(Debug, Clone)]
pub struct Bounces {
    /// Before the mark.
    pub before: String,
    /// After the mark.
    pub after: String,
    /// After the @.
    pub domain: String,
    /// The mailbox they are read from.
    pub inbox: Option<Inbox>,
}

/// A mailbox that is read by IMAP.
#[derive(Debug, Clone)]
pub struct Inbox {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// TLS from the first byte (`imaps://`), STARTTLS, or none.
    pub tls: Tls,
    /// User and password.
    pub login: (String, SecretString),
    /// The folder.
    pub folder: String,
    /// How often it is looked at.
    pub every: Duration,
}

/// One SMTP relay.
#[derive(Debug, Clone)]
pub struct Relay {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// TLS from the first byte (`smtps://`), STARTTLS, or none.
    pub tls: Tls,
    /// User and password, where the relay asks for them.
    pub login: Option<(String, SecretString)>,
    /// Most connections open at a time.
    pub connections: usize,
    /// Mails that may be on their way on one connection (promise 1).
    pub window: usize,
    /// Most mails a minute and a day.
    pub rate: Rate,
    /// Its share of the mails beside other relays; 0: only when none of the others can be used.
    pub weight: u32,
    /// The longest wait for a reply; five times that after a mail. The pauses are measured by it too.
    pub timeout: Duration,
}

/// How a relay is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// TLS from the first byte.
    Implicit,
    /// STARTTLS, or nothing is sent.
    Required,
    /// STARTTLS where it is offered.
    Opportunistic,
    /// Plain text.
    None,
}

/// `rate = "30/m, 2000/d"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rate {
    /// Most a second.
    pub per_second: Option<u32>,
    /// Most a minute.
    pub per_minute: Option<u32>,
    /// Most an hour.
    pub per_hour: Option<u32>,
    /// Most a day.
    pub per_day: Option<u32>,
}
