//! What bantin knows, in SQLite or PostgreSQL: one SQL text for both, one migration set, portable types.
//! One file per table family; every query stands once. Hands on plain rows; nothing outside sees SQL.
//!
//! Administrative commands open the same database beside a running daemon: every change is one small
//! transaction, and the daemon looks at the tables; what every look asks it remembers only until a counter moves.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

mod again;
mod alerts;
mod alone;
mod articles;
mod backup;
mod bot;
mod bounces;
mod changes;
mod claims;
mod copy;
mod deliveries;
mod dialect;
mod digest_pages;
mod digests;
mod drops;
mod erase;
mod expansion;
mod explain;
mod feeds;
mod glance;
mod governor;
mod group;
mod guids;
mod health;
mod holds;
mod hosts;
mod import;
mod looks;
mod meta;
mod open;
mod pace;
mod pushes;
mod reader_times;
mod releases;
mod retention;
mod rights;
mod sections;
mod settling;
mod slots;
mod sql;
mod status;
mod stored;
mod subscribers;
mod targets;
mod troubles;
mod upgrade;
mod uploads;
mod urgent;
mod ways;
mod websub;

pub use again::Print;
pub use alerts::{ASKS, Admin, Alert, TROUBLE, Told, WELL};
pub use articles::{Also, Committed, Known, NewArticle, ReleaseAs};
pub use backup::{CopyNote, Quieted, aside, backup, check_copy};
pub use bot::Poller;
pub use bounces::{Bounce, Bounced};
pub use changes::{Due, Gone, Reread};
pub use claims::{Claim, Claimed};
pub use deliveries::{Attempt, Delivery, DeliveryDetail};
pub use digest_pages::DigestPage;
pub use drops::Dropped;
pub use erase::Eraser;
pub use expansion::Expanded;
pub use explain::ReleaseRow;
pub use glance::{Glance, Schema};
pub use health::{Condition, Move, Recent};
pub use holds::{Decision, Hold, HoldKind, Settled};
pub use import::{Exported, Imported, Newcomer, Standing};
pub use open::{DaemonLock, lock_sqlite};
pub use pace::Pace;
pub use pushes::Push;
pub use reader_times::ReaderTime;
pub use rights::{Kept, SentMail};
pub use sections::SectionRow;
pub use settling::Settle;
pub use slots::SlotState;
pub use sql::statements_of_this_thread;
pub use status::{ArticleRow, Queue};
pub use stored::Stored;
pub use subscribers::{Asked, Recipient, Subscriber, email_key};
pub use targets::TargetRow;
pub use troubles::{Noted as NotedTrouble, Trouble};
pub use upgrade::copies;
pub use urgent::{MadeUrgent, QUIET_HOURS};
pub use ways::{BackfillRow, StoredWay};
pub use websub::{Follow, Lane, NewFollow, Seen};

/// Why the store could not do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database said no, or could not be reached.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// What was written together with others was not committed.
    #[error("the database: {0}")]
    NotCommitted(String),
    /// The database could not be opened.
    #[error("the database {place} could not be opened: {reason}")]
    Open {
        /// File or server, without password.
        place: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The database was written by a newer bantin.
    #[error(
        "the database {place} was written by a newer version of bantin (it has migration {found}, this version knows \
         {known}); run that version, or restore the copy made before the upgrade"
    )]
    Newer {
        /// File or server.
        place: String,
        /// The unknown migration.
        found: i64,
        /// The newest known here.
        known: i64,
    },
    /// Another daemon works on the same SQLite file.
    #[error("another bantin daemon is working with {0}; stop it first, or use PostgreSQL for several instances")]
    Busy(PathBuf),
    /// A stored value does not read back.
    #[error("the database holds something this version cannot read: {0}")]
    Value(String),
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Value(error.to_string())
    }
}

/// The result of every store method.
pub type Result<T> = std::result::Result<T, StoreError>;

/// The open store; cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pool: sql::Pool,
    place: Arc<str>,
    last_id: Arc<AtomicI64>,
    looks: Arc<tokio::sync::Mutex<looks::Looks>>,
    /// What is taken of other instances; `None` where there can be none.
    alone: Option<alone::Alone>,
}

impl Store {
    /// A new key: grows with time, unique over instances (milliseconds, then 20 random bits).
    fn new_id(&self, now_ms: i64) -> i64 {
        let [a, b, c] = crate::clock::random_bytes::<3>();
        let random = i64::from(u32::from_be_bytes([0, a, b, c]) & 0x000F_FFFF);
        let wanted = (now_ms << 20) | random;
        let previous = self.last_id.fetch_max(wanted, Ordering::SeqCst);
        if previous < wanted { wanted } else { self.last_id.fetch_add(1, Ordering::SeqCst) + 1 }
    }

    /// File or server, without password, for messages.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Whether several daemons may share it.
    pub fn is_shared(&self) -> bool {
        matches!(self.pool, sql::Pool::Postgres(_))
    }
}
