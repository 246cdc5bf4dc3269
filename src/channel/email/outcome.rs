//! What a relay's refusals mean. Two rules: only what certainly was not accepted is safe to send again, and only a
//! reply that speaks of the recipient says anything about the recipient.

use std::time::Duration;

use super::reply::Reply;
use crate::channel::Outcome;

/// How long a relay that refuses our login is left alone.
pub const LOGIN_PAUSE: Duration = Duration::from_mins(5);
/// How long we wait after a reply that speaks of a quota.
const QUOTA_PAUSE: Duration = Duration::from_mins(10);

/// How far a mail had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The TCP connection.
    Connect,
    /// TLS, by STARTTLS or from the first byte.
    Tls,
    /// The relay's first words and EHLO.
    Greeting,
    /// The login.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA, and the content up to its final dot.
    Data,
    /// After the final dot: the relay may have the mail.
    Dot,
}

impl Phase {
    fn words(self) -> &'static str {
        match self {
            Self::Connect => "at connecting",
            Self::Tls => "at TLS",
            Self::Greeting => "at greeting",
            Self::Auth => "at login",
            Self::Mail => "at MAIL FROM",
            Self::Rcpt => "at RCPT TO",
            Self::Data => "at DATA",
            Self::Dot => "after the final dot",
        }
    }
}

/// Why a mail was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The relay said no.
    Reply(Reply),
    /// The link broke, was silent too long, or spoke no SMTP; in words.
    Link(String),
}

/// A mail (or a session) that failed, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How far it had come.
    pub phase: Phase,
    /// Why.
    pub cause: Cause,
}

impl Failure {
    /// The link broke.
    pub fn link(phase: Phase, why: impl std::fmt::Display) -> Self {
        Self { phase, cause: Cause::Link(format!("{why}")) }
    }

    /// The relay said no.
    pub fn reply(phase: Phase, reply: Reply) -> Self {
        Self { phase, cause: Cause::Reply(reply) }
    }

    /// Whether the session is over: a broken link, or 421.
    pub fn ends_session(&self) -> bool {
        matches!(&self.cause, Cause::Link(_) | Cause::Reply(Reply { code: 421, .. }))
    }

    /// Whether the relay wants a login, or another one.
    pub fn is_login(&self) -> bool {
        matches!(&self.cause, Cause::Reply(reply) if matches!(reply.code, 530 | 534 | 535 | 538) || self.phase == Phase::Auth)
    }

    /// What happened, in one sentence, without any address.
    pub fn reason(&self, host: &str) -> String {
        let what = match &self.cause {
            Cause::Reply(reply) => reply.to_string(),
            Cause::Link(why) => why.clone(),
        };
        let todo = if self.is_login() { "; check the user in `[email] smtp` and BANTIN_SMTP_PASSWORD" } else { "" };
        format!("{host} {}: {what}{todo}", self.phase.words())
    }

    /// What the outbox may do.
    pub fn outcome(&self, host: &str) -> Outcome {
        let reason = self.reason(host);
        let later = |after, counts| Outcome::RetryAfter { after, counts, reason: reason.clone() };
        let reply = match &self.cause {
            Cause::Link(_) if self.phase == Phase::Dot => return Outcome::Unknown(reason),
            Cause::Link(_) => return later(None, true),
            Cause::Reply(reply) => reply,
        };
        if self.is_login() {
            return later(Some(LOGIN_PAUSE), false);
        }
        if reply.is_transient() {
            return if is_quota(reply) { later(Some(QUOTA_PAUSE), false) } else { later(None, true) };
        }
        let early = matches!(self.phase, Phase::Connect | Phase::Tls | Phase::Greeting);
        match self.phase {
            // A relay that greets with 5xx refuses us, not the mail.
            _ if early => later(Some(LOGIN_PAUSE), true),
            Phase::Rcpt if is_gone(reply) => Outcome::RecipientGone(reason),
            Phase::Dot if matches!(reply.enhanced(), Some((5, 1, 1 | 10))) => Outcome::RecipientGone(reason),
            _ => Outcome::Rejected(reason),
        }
    }
}

/// A 4xx about how much we send, not about this mail.
fn is_quota(reply: &Reply) -> bool {
    let words = reply.words();
    // X.2.x speaks of the recipient's mailbox, which may be over its own quota.
    let of_mailbox = matches!(reply.enhanced(), Some((_, 2, _)));
    !of_mailbox && ["too many", "rate", "limit", "quota", "throttl"].iter().any(|part| words.contains(part))
}

/// Whether a 5xx at RCPT TO says that there is no such recipient. Policy, relaying and the sender's own faults
/// are not the recipient's.
fn is_gone(reply: &Reply) -> bool {
    match reply.enhanced() {
        Some((5, 1, 7 | 8) | (5, 7, _)) => return false,
        Some((5, 1, _) | (5, 2, 1)) => return true,
        _ => {}
    }
    if !matches!(reply.code, 550 | 551 | 553) {
        return false;
    }
    let words = reply.words();
    let says = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    let policy = [
        "spam",
        "block",
        "policy",
        "blacklist",
        "reputation",
        "denied",
        "relay",
        "spf",
        "dkim",
        "dmarc",
        "sender",
        "greylist",
    ];
    let gone = [
        "user unknown",
        "unknown user",
        "no such user",
        "does not exist",
        "doesn't exist",
        "mailbox unavailable",
        "mailbox not found",
        "no mailbox",
        "no such recipient",
        "unknown recipient",
        "recipient unknown",
        "invalid recipient",
        "unknown local part",
        "no such address",
        "user not found",
        "account has been disabled",
    ];
    !says(&policy) && says(&gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(phase: Phase, code: u16, text: &str) -> Outcome {
        Failure::reply(phase, Reply { code, lines: vec![text.to_owned()] }).outcome("relay")
    }

    fn kind(outcome: &Outcome) -> &'static str {
        match outcome {
            Outcome::Accepted(_) => "accepted",
            Outcome::RetryAfter { counts: true, .. } => "retry",
            Outcome::RetryAfter { counts: false, .. } => "wait",
            Outcome::Rejected(_) => "rejected",
            Outcome::RecipientGone(_) => "gone",
            Outcome::Unknown(_) => "unknown",
        }
    }

    #[test]
    fn only_recipient_codes_speak_of_the_recipient() {
        let rcpt = [
            (550, "5.1.1 user unknown", "gone"),
            (550, "5.1.10 recipient address has null MX", "gone"),
            (550, "5.2.1 the account is disabled", "gone"),
            (550, "no such user here", "gone"),
            (550, "5.5.0 Requested action not taken: mailbox unavailable", "gone"),
            (550, "5.7.1 message blocked, no such user", "rejected"),
            (550, "5.1.8 sender address rejected", "rejected"),
            (550, "relay access denied: user unknown", "rejected"),
            (550, "no", "rejected"),
            (554, "5.7.1 policy", "rejected"),
            (554, "no such user", "rejected"),
            (552, "5.2.2 mailbox full", "rejected"),
            (535, "5.7.8 bad credentials", "wait"),
            (530, "5.7.0 authentication required", "wait"),
            (450, "4.2.0 greylisted", "retry"),
            (452, "4.2.2 over quota", "retry"),
            (451, "4.7.1 daily limit reached", "wait"),
            (421, "closing", "retry"),
        ];
        for (code, text, expected) in rcpt {
            assert_eq!(kind(&at(Phase::Rcpt, code, text)), expected, "{code} {text}");
        }
        assert_eq!(kind(&at(Phase::Mail, 550, "5.1.1 user unknown")), "rejected");
        assert_eq!(kind(&at(Phase::Dot, 554, "spam")), "rejected");
        assert_eq!(kind(&at(Phase::Dot, 550, "5.1.1 no mailbox")), "gone");
        assert_eq!(kind(&at(Phase::Dot, 451, "later")), "retry");
        assert_eq!(kind(&at(Phase::Greeting, 554, "go away")), "retry");
    }

    #[test]
    fn a_cut_is_safe_before_the_dot_and_unknown_after_it() {
        for phase in [Phase::Connect, Phase::Tls, Phase::Greeting, Phase::Auth, Phase::Mail, Phase::Rcpt, Phase::Data] {
            assert_eq!(kind(&Failure::link(phase, "cut").outcome("relay")), "retry", "{phase:?}");
        }
        assert_eq!(kind(&Failure::link(Phase::Dot, "cut").outcome("relay")), "unknown");
    }
}
