//! Slots: one local wall-clock time of a schedule fires once, whoever comes first.

use super::sql::args;
use super::{Result, Store};

impl Store {
    /// Takes a slot; true for the one that took it.
    pub async fn take_slot(&self, schedule: &str, slot: i64, now_ms: i64) -> Result<bool> {
        let sql = "INSERT INTO slots (schedule, slot, fired_at) VALUES ($1, $2, $3)
                   ON CONFLICT (schedule, slot) DO NOTHING";
        Ok(self.run(sql, args![schedule, slot, now_ms]).await? == 1)
    }

    /// When a schedule last fired.
    pub async fn last_slot(&self, schedule: &str) -> Result<Option<i64>> {
        let row = self.row("SELECT MAX(fired_at) FROM slots WHERE schedule = $1", args![schedule]).await?;
        row.map_or(Ok(None), |r| r.opt_int(0))
    }
}
