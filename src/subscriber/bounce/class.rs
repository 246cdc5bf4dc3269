//! What a refusal means, by its codes and words. Three rules: only a refusal that certainly speaks of the recipient's
//! address is [`Class::Hard`]; what speaks of us (block lists, policy, our quota, our login) never counts against a
//! reader; what cannot be told apart is [`Class::Soft`].

use super::without_addresses;

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// There is no such address, and there will be none.
    Hard,
    /// Not now: a full mailbox, a server that is away.
    Soft,
    /// We are not wanted, or what we sent is not: nothing about the reader.
    Sender,
    /// The reader called the mail unwanted.
    Complaint,
    /// Nothing failed: a delay, a receipt, an automatic reply.
    Notice,
}

impl Class {
    /// The word for logs, rows and answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Soft => "soft",
            Self::Sender => "sender",
            Self::Complaint => "complaint",
            Self::Notice => "notice",
        }
    }
}

/// Phrases that speak of us or of what we send, whatever the code beside them.
const OF_US: &[&str] = &[
    "spam",
    "unsolicited",
    "bulk mail",
    "block list",
    "blocklist",
    "blacklist",
    "black list",
    "blocked",
    "denylist",
    "reputation",
    "spamhaus",
    "dnsbl",
    "(rbl",
    " rbl",
    " spf",
    "(spf",
    "dkim",
    "dmarc",
    "policy",
    "policies",
    "sending limit",
    "sending quota",
    "sending rate",
    "sending activity",
    "daily limit",
    "daily message quota",
    "message quota exceeded",
    "hourly limit",
    "messages per hour",
    "limit on the number of messages",
    "too many messages",
    "too many emails",
    "too many connections",
    "rate limit",
    "throttl",
    "relay access denied",
    "relaying denied",
    "relay denied",
    "relay not permitted",
    "relaying not allowed",
    "relaying is not allowed",
    "unable to relay",
    "not permitted to relay",
    "no relaying",
    "we do not relay",
    "authentication required",
    "authentication is required",
    "must authenticate",
    "unauthenticated",
    "sender address rejected",
    "sender address is not",
    "sender rejected",
    "sender denied",
    "sender verify failed",
    "sender is not allowed",
    "invalid sender",
    "bad sender",
    "bad outbound sender",
    "domain of sender address",
    "virus",
    "malware",
    "phish",
    "attachment",
    "content rejected",
    "message content",
    "content filter",
    "complaints",
    "ptr record",
    "reverse dns",
    "rdns",
    "reverse lookup",
    "helo",
    "banned",
    "suspicious",
    "your ip",
    "ip address",
    "client host rejected",
    "your message looks",
    "greylist",
    "graylist",
    "not accepted for policy",
    "message rejected",
    "message size",
    "message too large",
    "message too big",
    "size limit",
    "exceeds the maximum",
];

/// Phrases that say that there is no such recipient.
const GONE: &[&str] = &[
    "user unknown",
    "user <address> unknown",
    "unknown user",
    "unknown or illegal alias",
    "no such user",
    "no such person",
    "no such local user",
    "no such recipient",
    "no such mailbox",
    "no such address",
    "no such account",
    "does not exist",
    "doesn't exist",
    "do not exist",
    "not exist",
    "doesn't have a",
    "does not have a",
    "mailbox unavailable",
    "mailbox not found",
    "mailbox does not",
    "no mailbox",
    "mailbox not available",
    "mailbox is disabled",
    "mailbox disabled",
    "mailbox is inactive",
    "inactive mailbox",
    "inactive user",
    "account is disabled",
    "account disabled",
    "account has been disabled",
    "account is inactive",
    "account inactive",
    "account has been deleted",
    "account closed",
    "account not available",
    "account that you tried to reach is",
    "user disabled",
    "user account is unavailable",
    "user is unknown",
    "user not known",
    "user not found",
    "user doesn't",
    "recipient not found",
    "recipnotfound",
    "recipientnotfound",
    "recipient unknown",
    "unknown recipient",
    "unknown local part",
    "unknown local-part",
    "unknown address",
    "unknown mailbox",
    "unrouteable address",
    "unroutable address",
    "invalid recipient",
    "invalid mailbox",
    "invalid address",
    "recipient address rejected: access denied",
    "recipient invalid",
    "recipient no longer",
    "no longer available",
    "no longer in use",
    "no longer valid",
    "no longer accept",
    "not our customer",
    "not listed in",
    "not a valid user",
    "not a valid mailbox",
    "not a known user",
    "is not a valid",
    "is not known",
    "address not found",
    "address is unknown",
    "undeliverable address",
    "bad destination mailbox",
    "no account by that name",
    "host not found",
    "domain not found",
    "domain does not",
    "unknown domain",
    "domain name not found",
    "nxdomain",
    "null mx",
    "nullmx",
    "no mail hosts for domain",
    "does not accept mail",
    "couldn't find any host",
    "couldn't find any host named",
];

/// Phrases of a mailbox that takes nothing at present, or of a way that is closed at present.
const FOR_NOW: &[&str] = &[
    "over quota",
    "overquota",
    "quota exceeded",
    "exceeded storage",
    "storage allocation",
    "out of storage",
    "mailbox full",
    "mailbox is full",
    "inbox is full",
    "mailfolder is full",
    "full mailbox",
    "exceeded his",
    "exceeded their",
    "would exceed",
    "insufficient disk",
    "insufficient system",
    "not enough",
    "disk quota",
    "quota",
    "too quickly",
    "at a rate",
    "too much mail",
    "try again",
    "try later",
    "temporar",
    "timed out",
    "timeout",
    "connection refused",
    "connection lost",
    "could not connect",
    "unable to connect",
    "not responding",
    "loop",
    "too many hops",
];

/// What a refusal means. `code` is SMTP's, `status` the enhanced one of RFC 3463, `text` the server's words (with or without
/// the codes in them).
pub fn of(code: Option<u16>, status: Option<(u16, u16, u16)>, text: &str) -> Class {
    let words = format!(" {}", without_addresses(text).to_lowercase());
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| words.contains(phrase));
    let permanent = match (status, code) {
        (Some((class, ..)), _) => class == 5,
        (None, Some(code)) => code / 100 == 5,
        // Prose without a number: its words are all there is.
        (None, None) => true,
    };
    // A status of the recipient's own mailbox and limits, where "quota" and "rate" are not ours.
    if matches!(status, Some((_, 2, 2 | 4))) || (matches!(status, Some((_, 2, _))) && says(FOR_NOW)) {
        return Class::Soft;
    }
    match status {
        // The codes that name the sender, the security or the policy, and limits of ours that hide under others.
        Some((_, 1, 7 | 8 | 90) | (_, 4, 5) | (_, 2 | 3, 3 | 4) | (_, 5, 3) | (_, 6, _)) => return Class::Sender,
        Some((5, 7, 17)) => return Class::Hard, // RFC 7293: the mailbox has another owner
        Some((_, 7, _)) => {
            // A group that takes mail from its own people only: no fault of ours, and nothing that will change soon.
            let members = ["resolver.rst", "not authorized to send", "allowed to send", "accepts messages only"];
            return if members.iter().any(|phrase| words.contains(phrase)) { Class::Soft } else { Class::Sender };
        }
        _ => {}
    }
    if says(OF_US) {
        return Class::Sender;
    }
    if !permanent {
        return Class::Soft;
    }
    match status {
        // No such mailbox, no such host, no such syntax, moved, not unique, null MX.
        // Exchange Online says 5.4.310 of a domain that does not exist.
        Some((5, 1, 1 | 2 | 3 | 4 | 6 | 10) | (5, 2, 1) | (5, 4, 310)) => return Class::Hard,
        Some((5, 4, 1)) if !says(&["recipient address rejected", "recipient not found"]) => return Class::Soft,
        Some((5, 4, detail)) if detail != 1 && detail != 4 && detail != 0 => return Class::Soft,
        Some((5, 5, detail)) if detail != 0 => return Class::Sender,
        _ => {}
    }
    if says(FOR_NOW) {
        return Class::Soft;
    }
    if says(GONE) && code.is_none_or(|code| matches!(code, 500 | 510 | 511 | 550..=554 | 556)) {
        return Class::Hard;
    }
    Class::Soft
}

/// The enhanced status code that a text begins with, or has in it.
pub fn status_in(text: &str) -> Option<(u16, u16, u16)> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.')).find_map(|word| {
        let mut numbers = word.trim_end_matches('.').split('.').map(str::parse::<u16>);
        match (numbers.next()?, numbers.next()?, numbers.next()?, numbers.next()) {
            (Ok(class @ (2 | 4 | 5)), Ok(subject @ 0..=7), Ok(detail @ 0..=999), None) => {
                Some((class, subject, detail))
            }
            _ => None,
        }
    })
}

/// The code of SMTP that a text has in it: three digits of which the first is 4 or 5, alone.
pub fn code_in(text: &str) -> Option<u16> {
    text.split(|c: char| {
        c.is_whitespace() || matches!(c, ':' | ';' | '-' | '#' | '(' | ')' | '<' | '>' | '"' | '\'' | ',')
    })
    .find_map(|word| match word.as_bytes() {
        [b'4' | b'5', b'0'..=b'7', b'0'..=b'9'] => word.parse().ok(),
        _ => None,
    })
}
