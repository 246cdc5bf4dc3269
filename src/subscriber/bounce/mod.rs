//! Mails that could not be delivered: what a refusal means ([`class`]), how a bounce is read ([`dsn`] for RFC 3464,
//! [`plain`] for servers that write prose), and how much a reader's address may fail before it is left alone
//! ([`Score`]). Hands on [`Report`]. Whose mail it was is told by the mark on it, never by what the bounce claims.

pub mod class;
pub mod dsn;
pub mod plain;
pub mod take;
#[cfg(test)]
mod tests;

pub use class::Class;
pub use take::take;

/// What a bounce says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What it means.
    pub class: Class,
    /// The status code as written ("5.1.1"), or nothing.
    pub status: String,
    /// The other server's words, without any address.
    pub words: String,
    /// Whom it speaks of, as it claims.
    pub recipient: Option<String>,
}

/// Longest bounce that is looked at; what says why comes first.
pub const LONGEST: usize = 256 * 1024;

/// Reads a message that came back; `None` when it is not about a mail of ours.
pub fn read(raw: &[u8]) -> Option<Report> {
    let raw = raw.get(..LONGEST).unwrap_or(raw);
    dsn::read(raw).or_else(|| plain::read(raw))
}

/// How often an address failed for the time being. One point a day at most; a point is forgotten in [`FORGOTTEN_MS`], so
/// that a mailbox that is full on a holiday is not given up, and one that stays full is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Score {
    /// Thousandths of a point.
    pub points: i64,
    /// When the last one was counted (Unix milliseconds).
    pub at: i64,
}

/// In which time a point is forgotten.
pub const FORGOTTEN_MS: i64 = 14 * 86_400_000;
/// How many points are too many.
pub const MOST: i64 = 5_000;
/// What fails again within this time is one failure.
const TOGETHER_MS: i64 = 20 * 3_600_000;

impl Score {
    /// The score after one more soft failure.
    #[must_use]
    pub fn after(self, now_ms: i64) -> Self {
        let since = (now_ms - self.at).max(0);
        if self.points > 0 && since < TOGETHER_MS {
            return self;
        }
        let kept = (self.points - since.saturating_mul(1_000) / FORGOTTEN_MS).max(0);
        Self { points: kept + 1_000, at: now_ms }
    }

    /// Whether the address is to be left alone.
    pub fn is_too_much(self) -> bool {
        self.points >= MOST
    }
}

/// Text without addresses and links, for logs and for judging it by its words.
pub fn without_addresses(text: &str) -> String {
    let words = text.split_whitespace().map(|word| {
        if word.contains("://") || word.starts_with("www.") {
            "<link>"
        } else if word.contains('@') {
            "<address>"
        } else {
            word
        }
    });
    words.collect::<Vec<_>>().join(" ")
}
