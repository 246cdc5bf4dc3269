//! What a section's filter dropped after its page was read, so that the page is not opened at every look, and so
//! that `explain` can say why.

use std::collections::HashSet;

use sqlx::AssertSqlSafe;

use super::sql::{args, list};
use super::{Result, Store};

/// An article that a filter dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// By which rule, in words.
    pub reason: String,
    /// When (Unix milliseconds).
    pub dropped_at: i64,
}

impl Store {
    /// Which of the keys belong to articles that these rules dropped.
    pub async fn dropped_keys(&self, section_id: i64, rules: &str, keys: &[&str]) -> Result<HashSet<String>> {
        let mut found = HashSet::new();
        for chunk in keys.chunks(500) {
            let sql = format!(
                "SELECT key FROM drops WHERE section_id = $1 AND rules = $2 AND key IN {}",
                list(3, chunk.len())
            );
            let mut arguments = args![section_id, rules];
            arguments.extend(chunk.iter().map(|&key| key.into()));
            for row in self.rows(AssertSqlSafe(sql), arguments).await? {
                found.insert(row.text(0)?);
            }
        }
        Ok(found)
    }

    /// Remembers that these rules dropped an article.
    pub async fn drop_article(&self, section_id: i64, key: &str, rules: &str, dropped: &Dropped) -> Result<()> {
        let sql = "INSERT INTO drops (section_id, key, rules, url, title, reason, dropped_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)
                   ON CONFLICT (section_id, key) DO UPDATE SET rules = excluded.rules, url = excluded.url,
                   title = excluded.title, reason = excluded.reason, dropped_at = excluded.dropped_at";
        let Dropped { url, title, reason, dropped_at } = dropped;
        self.run(sql, args![section_id, key, rules, url, title, reason, *dropped_at]).await.map(|_| ())
    }

    /// What was dropped in a section, the last first.
    pub async fn drops(&self, section_id: i64, limit: i64) -> Result<Vec<Dropped>> {
        let sql = "SELECT url, title, reason, dropped_at FROM drops WHERE section_id = $1
                   ORDER BY dropped_at DESC, key LIMIT $2 + 0";
        let rows = self.rows(sql, args![section_id, limit]).await?;
        rows.iter()
            .map(|row| {
                Ok(Dropped { url: row.text(0)?, title: row.text(1)?, reason: row.text(2)?, dropped_at: row.int(3)? })
            })
            .collect()
    }

    /// Forgets what was dropped before a moment; how many.
    pub async fn prune_drops(&self, before_ms: i64) -> Result<u64> {
        let old = self.row("SELECT 1 FROM drops WHERE dropped_at < $1 LIMIT 1", args![before_ms]).await?;
        if old.is_none() {
            return Ok(0);
        }
        self.run("DELETE FROM drops WHERE dropped_at < $1", args![before_ms]).await
    }
}
