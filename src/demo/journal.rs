//! What happens in the demo: the site, the Telegram view and the mailbox write it into one [`Journal`], which
//! hands it on as readable lines (for the terminal) and as the latest few (for the front page).

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::clock::Clock;

/// How many events the front page can show.
const KEPT: usize = 40;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The site published an article.
    Published {
        /// The section's name.
        section: String,
        /// The article's title.
        title: String,
    },
    /// The site corrected an article.
    Corrected {
        /// The article's title.
        title: String,
        /// What stood there.
        was: String,
        /// What stands there now.
        now: String,
    },
    /// The site withdrew an article.
    Withdrew {
        /// The article's title.
        title: String,
    },
    /// The site has nothing more to publish and goes on serving.
    ScriptEnded,
    /// A post arrived in a channel.
    Posted {
        /// The channel.
        chat: String,
        /// The post's first line.
        title: String,
    },
    /// A post was edited.
    Edited {
        /// The channel.
        chat: String,
        /// The post's first line.
        title: String,
    },
    /// A post was deleted.
    Deleted {
        /// The channel.
        chat: String,
        /// The post's first line.
        title: String,
    },
    /// A mail arrived.
    Mail {
        /// The address.
        to: String,
        /// The decoded subject.
        subject: String,
    },
    /// A reader did something on a page of bantin.
    Reader {
        /// The address.
        who: String,
        /// What, in words.
        what: String,
    },
}

impl Event {
    /// Where it happened: "site", "telegram", "mail" or "reader".
    pub fn place(&self) -> &'static str {
        match self {
            Self::Published { .. } | Self::Corrected { .. } | Self::Withdrew { .. } | Self::ScriptEnded => "site",
            Self::Posted { .. } | Self::Edited { .. } | Self::Deleted { .. } => "telegram",
            Self::Mail { .. } => "mail",
            Self::Reader { .. } => "reader",
        }
    }

    /// What happened, in one word.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Published { .. } => "published",
            Self::Corrected { .. } => "corrected",
            Self::Withdrew { .. } => "withdrew",
            Self::ScriptEnded => "rests",
            Self::Posted { .. } => "posted",
            Self::Edited { .. } => "edited",
            Self::Deleted { .. } => "deleted",
            Self::Mail { .. } => "to",
            Self::Reader { .. } => "asks",
        }
    }

    /// To what it happened.
    pub fn what(&self) -> String {
        match self {
            Self::Published { section, title } => format!("{section}: {title}"),
            Self::Corrected { title, was, now } => format!("{title} ({was} → {now})"),
            Self::Withdrew { title } => title.clone(),
            Self::ScriptEnded => "everything is published; the site goes on serving".into(),
            Self::Posted { chat, title } | Self::Edited { chat, title } | Self::Deleted { chat, title } => {
                format!("{chat}: {title}")
            }
            Self::Mail { to, subject } => format!("{}: {subject}", short(to)),
            Self::Reader { who, what } => format!("{}: {what}", short(who)),
        }
    }
}

/// One line without the time: `site      published  Kinh tế: …`.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<9} {:<10} {}", self.place(), self.verb(), self.what())
    }
}

/// An address as far as a line needs it: `doc-gia@…`.
fn short(address: &str) -> String {
    format!("{}@…", address.split('@').next().unwrap_or_default())
}

/// An event and when it happened.
pub type Entry = (DateTime<Utc>, Event);

/// Where events are written; clones write into the same journal.
#[derive(Debug, Clone)]
pub struct Journal {
    clock: Clock,
    latest: Arc<Mutex<VecDeque<Entry>>>,
    sender: UnboundedSender<Entry>,
}

impl Journal {
    /// A journal and the end at which its events come out, in order.
    pub fn new(clock: Clock) -> (Self, UnboundedReceiver<Entry>) {
        let (sender, receiver) = unbounded_channel();
        (Self { clock, latest: Arc::default(), sender }, receiver)
    }

    /// Writes down that something happened now.
    pub fn write(&self, event: Event) {
        let now = self.clock.now();
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.truncate(KEPT - 1);
        latest.push_front((now, event.clone()));
        // Nobody may be listening (tests, or the end of the demo); the front page still shows it.
        let _ = self.sender.send((now, event));
    }

    /// The latest events, newest first.
    pub fn latest(&self) -> Vec<Entry> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_columns_and_hide_the_host_of_an_address() {
        let mail = Event::Mail { to: "doc-gia@example.vn".into(), subject: "Cầu mới".into() };
        assert_eq!(mail.to_string(), "mail      to         doc-gia@…: Cầu mới");
        let post = Event::Posted { chat: "@bantin_demo".into(), title: "Cầu mới".into() };
        assert_eq!(post.to_string(), "telegram  posted     @bantin_demo: Cầu mới");
    }

    #[test]
    fn the_front_page_gets_the_newest_first_and_not_too_many() {
        let (journal, mut out) = Journal::new(Clock::System);
        for n in 0..100 {
            journal.write(Event::Withdrew { title: n.to_string() });
        }
        assert_eq!(journal.latest().len(), KEPT);
        assert_eq!(journal.latest()[0].1, Event::Withdrew { title: "99".into() });
        assert_eq!(out.try_recv().unwrap().1, Event::Withdrew { title: "0".into() });
    }
}
