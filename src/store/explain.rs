//! What `explain` asks: how an article was let out in each section, and what became of it there.

use sqlx::AssertSqlSafe;

use super::deliveries::{DELIVERY, read_delivery};
use super::sql::args;
use super::{Delivery, Result, Store};

/// How an article was let out in a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRow {
    /// Slug of the section.
    pub section: String,
    /// When the section's first good look was.
    pub seeded_at: Option<i64>,
    /// When the article came into it.
    pub created_at: i64,
    /// "waiting", "held", "out" or "quiet".
    pub state: String,
    /// When a waiting one is due.
    pub due_at: i64,
    /// Its number, when it was let out.
    pub seq: Option<i64>,
    /// Whether it waits for no delay, fixed time or quiet hours.
    pub urgent: bool,
    /// The hold that kept it back, its reason and what was decided.
    pub hold: Option<(i64, String, Option<String>)>,
}

impl Store {
    /// How an article was let out, the first section first.
    pub async fn releases_of(&self, article_id: i64) -> Result<Vec<ReleaseRow>> {
        let sql = "SELECT s.slug, s.seeded_at, r.created_at, r.state, r.due_at, r.seq, h.id, h.reason, h.decision,
                     r.urgent
                   FROM releases r JOIN sections s ON s.id = r.section_id LEFT JOIN holds h ON h.id = r.hold_id
                   WHERE r.article_id = $1 ORDER BY r.id";
        let rows = self.rows(sql, args![article_id]).await?;
        rows.iter()
            .map(|row| {
                let hold = match row.opt_int(6)? {
                    Some(id) => Some((id, row.text(7)?, row.opt_text(8)?)),
                    None => None,
                };
                Ok(ReleaseRow {
                    section: row.text(0)?,
                    seeded_at: row.opt_int(1)?,
                    created_at: row.int(2)?,
                    state: row.text(3)?,
                    due_at: row.int(4)?,
                    seq: row.opt_int(5)?,
                    urgent: row.opt_int(9)?.is_some(),
                    hold,
                })
            })
            .collect()
    }

    /// Messages about an article alone (not digests), the newest first.
    pub async fn deliveries_of(&self, article_id: i64, limit: i64) -> Result<Vec<Delivery>> {
        let sql = format!(
            "SELECT {DELIVERY} FROM deliveries d JOIN targets t ON t.id = d.target_id
             WHERE d.article_id = $1 ORDER BY d.id DESC LIMIT $2 + 0"
        );
        self.rows(AssertSqlSafe(sql), args![article_id, limit]).await?.iter().map(read_delivery).collect()
    }

    /// The keys an article is known by.
    pub async fn keys_of(&self, article_id: i64) -> Result<Vec<String>> {
        let rows = self.rows("SELECT key FROM article_keys WHERE article_id = $1", args![article_id]).await?;
        let mut keys = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
        keys.sort();
        Ok(keys)
    }
}
