//! `[retention]`: how long what is not needed any more is kept.

use std::time::Duration;

use super::checker::Checker;
use super::codes::Code;
use super::defaults;
use super::raw::{RawRetention, Text};

/// `[retention]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// The text of articles that no feed shows any more, counted from their first sight; `None`: for ever. What they are
    /// known by stays for ever, so that nothing old is new again.
    pub articles: Option<Duration>,
    /// Source pages, what `reread` and `explain` stand on.
    pub pages: Duration,
    /// Settled deliveries with their stories, and what admins were told.
    pub deliveries: Duration,
    /// The pages of digests.
    pub digests: Duration,
    /// What came back of mails.
    pub bounces: Duration,
    /// Addresses that never confirmed.
    pub unconfirmed: Duration,
    /// Readers who left, counted from then; `None`: for ever. A salted hash stays.
    pub left: Option<Duration>,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            articles: None,
            pages: defaults::KEEP_PAGES,
            deliveries: defaults::KEEP_DELIVERIES,
            digests: defaults::KEEP_DIGESTS,
            bounces: defaults::KEEP_BOUNCES,
            unconfirmed: defaults::KEEP_UNCONFIRMED,
            left: None,
        }
    }
}

const DAY: Duration = Duration::from_hours(24);

/// Reads the table.
pub fn resolve(raw: &RawRetention, checker: &mut Checker<'_>) -> Retention {
    let usual = Retention::default();
    // Articles are read again for days, digests wait a week, and a correction goes to whom it was sent within a month.
    let least = |text: Option<&Text>, days: u32, checker: &mut Checker<'_>| -> Option<Duration> {
        let kept = checker.duration(text)?;
        let (least, text) = (DAY * days, text?);
        if kept < least {
            let help = format!("write at least \"{days}d\"");
            checker.error(Code::Range, &text.span(), "that is too short to be of use", help);
            return None;
        }
        Some(kept)
    };
    let unless_off = |text: Option<&Text>, days: u32, checker: &mut Checker<'_>| {
        least(text.filter(|text| text.get_ref() != "off"), days, checker)
    };
    Retention {
        articles: unless_off(raw.articles.as_ref(), 30, checker),
        pages: least(raw.pages.as_ref(), 1, checker).unwrap_or(usual.pages),
        deliveries: least(raw.deliveries.as_ref(), 7, checker).unwrap_or(usual.deliveries),
        digests: least(raw.digests.as_ref(), 7, checker).unwrap_or(usual.digests),
        bounces: least(raw.bounces.as_ref(), 7, checker).unwrap_or(usual.bounces),
        unconfirmed: least(raw.unconfirmed.as_ref(), 30, checker).unwrap_or(usual.unconfirmed),
        left: unless_off(raw.left.as_ref(), 1, checker),
    }
}
