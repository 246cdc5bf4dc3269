//! What is known of the health of each section without asking the store, and since when nobody looked.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::health::{Finding, Memory};
use crate::store::{Store, StoreError};

/// What is known of each section without asking the store, so that an unchanged source costs nothing.
#[derive(Debug, Default)]
pub struct Book {
    briefs: Mutex<HashMap<i64, Brief>>,
    /// Set once what earlier starts learnt was read.
    opened: tokio::sync::OnceCell<()>,
    /// When bantin last ran before this start.
    away_since: std::sync::OnceLock<i64>,
}

/// What is known of one section.
#[derive(Debug, Clone, Copy)]
pub(super) struct Brief {
    /// Whether nothing is wrong.
    pub(super) is_well: bool,
    /// When it last brought news.
    pub(super) memory_news: i64,
    /// The longest silence that is usual, in milliseconds.
    pub(super) silence: Option<i64>,
}

impl Book {
    /// When bantin last ran before this start; `None` while nobody knows.
    pub(super) fn away_since(&self) -> Option<i64> {
        self.away_since.get().copied()
    }

    /// Learns when bantin last ran before this start; what is said later is about this start itself.
    pub(super) fn begin_after(&self, at: i64) {
        self.away_since.get_or_init(|| at);
    }

    /// What is known of a section. The first to ask reads what earlier starts learnt, of all sections at once.
    pub(super) async fn brief(&self, store: &Store, section: i64) -> Result<Option<Brief>, StoreError> {
        self.opened.get_or_try_init(|| self.open(store)).await?;
        Ok(self.briefs().get(&section).copied())
    }

    async fn open(&self, store: &Store) -> Result<(), StoreError> {
        let unwell = store.unwell().await?;
        let take = |id, memory: Memory| {
            self.briefs().entry(id).or_insert_with(|| Brief::of(&memory, !unwell.contains(&id)));
        };
        store.each_health_memory(take).await
    }

    /// Keeps what a look came to.
    pub(super) fn keep(&self, section: i64, memory: &Memory, findings: &[Finding]) {
        let is_well = findings.iter().all(|finding| finding.closed_at.is_some());
        self.briefs().insert(section, Brief::of(memory, is_well));
    }

    fn briefs(&self) -> MutexGuard<'_, HashMap<i64, Brief>> {
        self.briefs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Brief {
    fn of(memory: &Memory, is_well: bool) -> Self {
        Self { is_well, memory_news: memory.last_news, silence: memory.learnt_silence() }
    }
}
