//! Slots: one local wall-clock time of a schedule fires once, whoever comes first.

use super::sql::args;
use super::{Result, Store};

/// How far a slot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotState {
    /// The schedule has never fired: it begins now.
    First,
    /// Nobody took it yet.
    Free,
    /// Taken, but perhaps not to its end: whoever took it may have been stopped.
    Open,
    /// Over.
    Done,
}

impl Store {
    /// How far a slot is.
    pub async fn slot_state(&self, schedule: &str, slot: i64) -> Result<SlotState> {
        let sql = "SELECT done FROM slots WHERE schedule = $1 AND slot = $2";
        if let Some(row) = self.row(sql, args![schedule, slot]).await? {
            return Ok(if row.bool(0)? { SlotState::Done } else { SlotState::Open });
        }
        let row = self.row("SELECT slot FROM slots WHERE schedule = $1 LIMIT 1", args![schedule]).await?;
        Ok(if row.is_some() { SlotState::Free } else { SlotState::First })
    }

    /// Takes a slot; true for the one that took it. `done` at once where there is nothing to do.
    pub async fn take_slot(&self, schedule: &str, slot: i64, done: bool, now_ms: i64) -> Result<bool> {
        let sql = "INSERT INTO slots (schedule, slot, fired_at, done) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (schedule, slot) DO NOTHING";
        Ok(self.run(sql, args![schedule, slot, now_ms, done]).await? == 1)
    }

    /// All of a slot is expanded.
    pub async fn slot_done(&self, schedule: &str, slot: i64) -> Result<()> {
        let sql = "UPDATE slots SET done = $3 WHERE schedule = $1 AND slot = $2";
        self.run(sql, args![schedule, slot, true]).await.map(|_| ())
    }
}
