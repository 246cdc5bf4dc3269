//! What a relay's refusals mean. Two rules: only what certainly was not accepted is safe to send again, and only a
//! reply that speaks of the recipient says anything about the recipient ([`bounce::class`]). What speaks of us is the
//! relay's affair: it is left alone for a while, and the mails wait.

use std::time::Duration;

use super::reply::Reply;
use crate::channel::Outcome;
use crate::subscriber::bounce::{self, Class};

/// How long a relay that refuses our login is left alone.
pub const LOGIN_PAUSE: Duration = Duration::from_mins(5);
/// How long we wait after a reply that speaks of our quota, by the time it names.
const QUOTA_PAUSE: Duration = Duration::from_mins(2);
const HOUR_PAUSE: Duration = Duration::from_mins(15);
const DAY_PAUSE: Duration = Duration::from_hours(1);

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
    /// The reader left before it was sent.
    Unwanted,
}

/// What a refusal that speaks of us means for the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It takes nothing from us for a while.
    Pause(Duration),
    /// It did not want this mail of ours; several in a row, and it wants none.
    Refusal,
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

    /// The reader left.
    pub fn unwanted() -> Self {
        Self { phase: Phase::Mail, cause: Cause::Unwanted }
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
            Cause::Unwanted => return "the reader left".to_owned(),
        };
        let todo = if self.is_login() { "; check the user in `[email] smtp` and BANTIN_SMTP_PASSWORD" } else { "" };
        format!("{host} {}: {what}{todo}", self.phase.words())
    }

    /// Whether the other side spoke: it refuses the session, rather than being away.
    pub fn is_refusal(&self) -> bool {
        matches!(&self.cause, Cause::Reply(reply) if !reply.is_transient())
    }

    fn reply_class(&self) -> Option<(&Reply, Class)> {
        let Cause::Reply(reply) = &self.cause else { return None };
        Some((reply, bounce::class::of(Some(reply.code), reply.enhanced(), &reply.words())))
    }

    /// What the refusal means for the relay, if it speaks of us.
    pub fn stop(&self) -> Option<Stop> {
        if self.is_login() {
            return Some(Stop::Pause(LOGIN_PAUSE));
        }
        let (reply, class) = self.reply_class()?;
        if let Some(pause) = quota(reply) {
            return Some(Stop::Pause(pause));
        }
        let early = matches!(self.phase, Phase::Connect | Phase::Tls | Phase::Greeting);
        (!early && class == Class::Sender && !reply.is_transient() && !of_this_mail(reply)).then_some(Stop::Refusal)
    }

    /// What the outbox may do.
    pub fn outcome(&self, host: &str) -> Outcome {
        let reason = self.reason(host);
        let later = |after, counts| Outcome::RetryAfter { after, counts, reason: reason.clone() };
        let (reply, class) = match (&self.cause, self.reply_class()) {
            (Cause::Unwanted, _) => return Outcome::Unwanted(reason),
            (Cause::Link(_), _) if self.phase == Phase::Dot => return Outcome::Unknown(reason),
            (_, Some(of)) => of,
            (_, None) => return later(None, true),
        };
        match self.stop() {
            Some(Stop::Pause(pause)) => return later(Some(pause), false),
            Some(Stop::Refusal) => return later(None, true),
            None => {}
        }
        let of_recipient = matches!(self.phase, Phase::Rcpt | Phase::Dot);
        if reply.is_transient() {
            return if self.phase == Phase::Rcpt && class == Class::Soft && matches!(reply.enhanced(), Some((_, 2, _))) {
                Outcome::RecipientBusy { again: true, reason }
            } else {
                later(None, true)
            };
        }
        match self.phase {
            // A relay that greets with 5xx refuses us, not the mail.
            Phase::Connect | Phase::Tls | Phase::Greeting => later(Some(LOGIN_PAUSE), true),
            // After the dot only a code that names the recipient does.
            Phase::Rcpt if class == Class::Hard => Outcome::RecipientGone(reason),
            Phase::Dot if class == Class::Hard && matches!(reply.enhanced(), Some((5, 1, 1 | 10))) => {
                Outcome::RecipientGone(reason)
            }
            _ if of_recipient && class == Class::Soft && matches!(reply.enhanced(), Some((_, 2, _))) => {
                Outcome::RecipientBusy { again: false, reason }
            }
            _ => Outcome::Rejected(reason),
        }
    }
}

/// A 5xx about this mail alone: its size, its form, its protocol. The next one may be well.
fn of_this_mail(reply: &Reply) -> bool {
    matches!(reply.enhanced(), Some((_, 6 | 5, _) | (_, 2 | 3, 3 | 4))) || matches!(reply.code, 500..=504 | 552 | 555)
}

/// How long to wait after a reply about how much we send, rather than about this mail.
fn quota(reply: &Reply) -> Option<Duration> {
    let words = reply.words();
    let says = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    // X.2.x speaks of the recipient's mailbox, which may be over its own quota.
    let of_mailbox = matches!(reply.enhanced(), Some((_, 2, _)));
    let of_size = matches!(reply.enhanced(), Some((_, 3, 4) | (_, 6, _))) || says(&["size", "recipient's", "mailbox"]);
    // How many mails one connection may carry: the next one carries more.
    let of_connection = says(&["this connection", "this session", "per connection", "per session"]);
    let limit = says(&["too many", "rate", "limit", "quota", "throttl", "exceeded"]);
    // A 5xx has to name the time, or whose quota it is: "relaying denied" has no rate in it, but "separate" has.
    let ours = reply.is_transient()
        || matches!(reply.enhanced(), Some((5, 4, 5) | (5, 1, 90) | (5, 7, 232 | 233)))
        || says(&["daily", "per day", "hour", "per minute", "sending limit", "sending quota", "message quota"]);
    if of_mailbox || of_size || of_connection || !limit || !ours {
        return None;
    }
    Some(if says(&["daily", "per day", "a day", "24 hour", "24-hour", "today"]) {
        DAY_PAUSE
    } else if says(&["hour"]) {
        HOUR_PAUSE
    } else {
        QUOTA_PAUSE
    })
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
            Outcome::RecipientBusy { .. } => "busy",
            Outcome::Unwanted(_) => "unwanted",
            Outcome::Partly { .. } => "partly",
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
            (550, "5.7.1 message blocked, no such user", "retry"),
            (550, "5.1.8 sender address rejected", "retry"),
            (550, "relay access denied: user unknown", "retry"),
            (550, "no", "rejected"),
            (554, "5.7.1 policy", "retry"),
            (554, "no such user", "gone"),
            (552, "5.2.2 mailbox full", "busy"),
            (554, "5.4.5 daily sending limit exceeded", "wait"),
            (550, "5.4.5 Daily user sending limit exceeded", "wait"),
            (554, "Throttling failure: Daily message quota exceeded.", "wait"),
            (552, "5.3.4 message size exceeds fixed limit", "rejected"),
            (554, "5.6.0 invalid header", "rejected"),
            (535, "5.7.8 bad credentials", "wait"),
            (530, "5.7.0 authentication required", "wait"),
            (450, "4.2.0 greylisted", "retry"),
            (452, "4.2.2 over quota", "busy"),
            (451, "4.7.1 daily limit reached", "wait"),
            (421, "4.7.0 too many messages in this session", "retry"),
            (421, "closing", "retry"),
        ];
        for (code, text, expected) in rcpt {
            assert_eq!(kind(&at(Phase::Rcpt, code, text)), expected, "{code} {text}");
        }
        assert_eq!(kind(&at(Phase::Mail, 550, "5.1.1 user unknown")), "rejected");
        assert_eq!(kind(&at(Phase::Dot, 554, "spam")), "retry");
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
