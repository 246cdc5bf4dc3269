//! When readers want their digests: few timetables, each for many readers.

use super::sql::args;
use super::{Result, Store};

/// When a reader wants digests, as far as the configuration does not say it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReaderTime {
    /// A zone of the IANA database; empty: the general one.
    pub zone: String,
    /// The hour, 0 to 23; -1: as configured.
    pub hour: i64,
    /// The day of weekly digests, 1 for Monday to 7; -1: as configured.
    pub day: i64,
}

impl Default for ReaderTime {
    fn default() -> Self {
        Self { zone: String::new(), hour: -1, day: -1 }
    }
}

impl Store {
    /// Every timetable that a reader has or had: its key, since when it is there, and what it says.
    pub async fn reader_times(&self) -> Result<Vec<(i64, i64, ReaderTime)>> {
        let rows = self.rows("SELECT id, zone, hour, day, created_at FROM reader_times ORDER BY id", vec![]).await?;
        let read = |row: &super::sql::Row| {
            Ok((row.int(0)?, row.int(4)?, ReaderTime { zone: row.text(1)?, hour: row.int(2)?, day: row.int(3)? }))
        };
        rows.iter().map(read).collect()
    }

    /// When a reader wants digests.
    pub async fn reader_time(&self, subscriber: i64) -> Result<ReaderTime> {
        let sql =
            "SELECT r.zone, r.hour, r.day FROM subscribers s JOIN reader_times r ON r.id = s.time_id WHERE s.id = $1";
        match self.row(sql, args![subscriber]).await? {
            Some(row) => Ok(ReaderTime { zone: row.text(0)?, hour: row.int(1)?, day: row.int(2)? }),
            None => Ok(ReaderTime::default()),
        }
    }

    /// Sets when a reader wants digests. What is new for them by then comes at the next of these times.
    pub async fn set_reader_time(&self, subscriber: i64, time: &ReaderTime, now_ms: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        let sql = "INSERT INTO reader_times (id, zone, hour, day, created_at) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (zone, hour, day) DO NOTHING";
        tx.run(sql, args![self.new_id(now_ms), &time.zone, time.hour, time.day, now_ms]).await?;
        let sql = "UPDATE subscribers SET time_id =
                     (SELECT id FROM reader_times WHERE zone = $2 AND hour = $3 AND day = $4) WHERE id = $1";
        tx.run(sql, args![subscriber, &time.zone, time.hour, time.day]).await?;
        tx.commit().await
    }
}
