//! Holds: suspicious runs kept back until an admin decides.

use super::releases::number;
use super::sql::args;
use super::{Result, Store};

/// A suspicious run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its key.
    pub id: i64,
    /// Slug of the section.
    pub section: String,
    /// When it was held.
    pub created_at: i64,
    /// Why, in words.
    pub reason: String,
    /// How many articles it keeps back.
    pub count: i64,
    /// Titles of up to three of them.
    pub samples: Vec<String>,
}

impl Store {
    /// Opens a hold for a run.
    pub async fn hold(&self, section_id: i64, reason: &str, now_ms: i64) -> Result<i64> {
        let id = self.new_id(now_ms);
        let sql = "INSERT INTO holds (id, section_id, created_at, reason) VALUES ($1, $2, $3, $4)";
        self.run(sql, args![id, section_id, now_ms, reason]).await?;
        Ok(id)
    }

    /// The holds that wait for a decision.
    pub async fn holds(&self) -> Result<Vec<Hold>> {
        let sql = "SELECT h.id, s.slug, h.created_at, h.reason,
                     (SELECT COUNT(*) FROM releases r WHERE r.hold_id = h.id AND r.state = 'held')
                   FROM holds h JOIN sections s ON s.id = h.section_id WHERE h.settled_at IS NULL ORDER BY h.id";
        let mut holds = Vec::new();
        for row in self.rows(sql, vec![]).await? {
            let id = row.int(0)?;
            let sql = "SELECT a.title FROM releases r JOIN articles a ON a.id = r.article_id
                       WHERE r.hold_id = $1 ORDER BY r.id DESC LIMIT 3";
            let samples = self.rows(sql, args![id]).await?.iter().map(|r| r.text(0)).collect::<Result<_>>()?;
            holds.push(Hold {
                id,
                section: row.text(1)?,
                created_at: row.int(2)?,
                reason: row.text(3)?,
                count: row.int(4)?,
                samples,
            });
        }
        Ok(holds)
    }

    /// Settles a hold: lets its articles out, or marks them as seen. How many; `None` when there is no such
    /// open hold.
    pub async fn settle_hold(&self, id: i64, approve: bool, now_ms: i64) -> Result<Option<usize>> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE holds SET settled_at = $2, decision = $3 WHERE id = $1 AND settled_at IS NULL";
        if tx.run(sql, args![id, now_ms, if approve { "approved" } else { "seen" }]).await? == 0 {
            return Ok(None);
        }
        let rows =
            tx.rows("SELECT id FROM releases WHERE hold_id = $1 AND state = 'held' ORDER BY id", args![id]).await?;
        let ids = rows.iter().map(|r| r.int(0)).collect::<Result<Vec<_>>>()?;
        let count = if approve {
            number(&mut tx, &ids).await?
        } else {
            tx.run("UPDATE releases SET state = 'quiet' WHERE hold_id = $1 AND state = 'held'", args![id]).await?
                as usize
        };
        tx.commit().await?;
        Ok(Some(count))
    }

    /// Marks holds older than `before_ms` as seen: nobody decided. A list that is kept out waits on: marked as seen it
    /// would come into the feeds.
    pub async fn expire_holds(&self, before_ms: i64, now_ms: i64) -> Result<usize> {
        let sql = "SELECT h.id FROM holds h WHERE h.settled_at IS NULL AND h.created_at < $1 AND NOT EXISTS
                   (SELECT 1 FROM findings f WHERE f.hold_id = h.id AND f.closed_at IS NULL)";
        let rows = self.rows(sql, args![before_ms]).await?;
        for row in &rows {
            self.settle_hold(row.int(0)?, false, now_ms).await?;
        }
        Ok(rows.len())
    }
}
