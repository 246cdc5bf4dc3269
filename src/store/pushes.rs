//! What a CMS pushed: each message once, kept until it is worked off, so that a restart loses none.

use super::sql::args;
use super::{Result, Store};

/// A pushed message that waits.
#[derive(Debug, Clone)]
pub struct Push {
    /// The message.
    pub id: String,
    /// The slug of its section.
    pub section: String,
    /// The article as JSON; empty for "look now".
    pub body: String,
    /// When it came (Unix milliseconds).
    pub received_at: i64,
}

impl Store {
    /// Takes a message; false when its id was used before.
    pub async fn take_push(&self, id: &str, section_id: i64, body: &str, now_ms: i64) -> Result<bool> {
        let sql = "INSERT INTO pushes (id, section_id, body, received_at) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (id) DO NOTHING";
        Ok(self.run(sql, args![id, section_id, body, now_ms]).await? == 1)
    }

    /// The messages that wait, the first received first, without those of paused sections.
    pub async fn open_pushes(&self, limit: i64) -> Result<Vec<Push>> {
        let sql = "SELECT p.id, s.slug, p.body, p.received_at FROM pushes p JOIN sections s ON s.id = p.section_id
                   WHERE p.done_at IS NULL AND NOT s.paused ORDER BY p.received_at, p.id LIMIT $1 + 0";
        let rows = self.rows(sql, args![limit]).await?;
        rows.iter()
            .map(|row| {
                Ok(Push { id: row.text(0)?, section: row.text(1)?, body: row.text(2)?, received_at: row.int(3)? })
            })
            .collect()
    }

    /// A message is worked off; `outcome` is empty when all went well.
    pub async fn push_done(&self, id: &str, outcome: &str, now_ms: i64) -> Result<()> {
        let sql = "UPDATE pushes SET done_at = $2, outcome = $3, body = '' WHERE id = $1";
        self.run(sql, args![id, now_ms, outcome]).await.map(|_| ())
    }

    /// Forgets messages that were worked off before a moment.
    pub async fn prune_pushes(&self, before_ms: i64) -> Result<u64> {
        let old = self.row("SELECT 1 FROM pushes WHERE done_at < $1 LIMIT 1", args![before_ms]).await?;
        if old.is_none() {
            return Ok(0);
        }
        self.run("DELETE FROM pushes WHERE done_at < $1", args![before_ms]).await
    }

    /// Records what a section's listing says of an article, without reading it again.
    pub async fn listing_hash(&self, section_id: i64, article_id: i64, hash: &str) -> Result<()> {
        let sql = "UPDATE releases SET listing_hash = $3 WHERE section_id = $1 AND article_id = $2";
        self.run(sql, args![section_id, article_id, hash]).await.map(|_| ())
    }

    /// Asks for an article to be read again at once.
    pub async fn read_soon(&self, article_id: i64, now_ms: i64) -> Result<()> {
        let sql = "UPDATE articles SET next_read = $2 WHERE id = $1 AND withdrawn_at IS NULL";
        self.run(sql, args![article_id, now_ms]).await.map(|_| ())
    }
}
