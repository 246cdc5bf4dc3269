//! Numbers for the status page: how many articles a section brings a day, and how fast they reach people.

use super::sql::args;
use super::{Result, Store};

/// An article and its first delivery by a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// The article.
    pub article_id: i64,
    /// "telegram", "email" or "webhook".
    pub channel: String,
    /// When bantin first saw it (Unix milliseconds).
    pub first_seen: i64,
    /// When the first target had it.
    pub delivered: i64,
}

impl Store {
    /// Articles by section and day since a moment: (section, days since the moment, how many).
    pub async fn articles_a_day(&self, since_ms: i64) -> Result<Vec<(i64, i64, i64)>> {
        let sql = "SELECT r.section_id, (r.feed_date - $1) / 86400000, COUNT(*) FROM releases r
                   JOIN articles a ON a.id = r.article_id AND a.withdrawn_at IS NULL
                   WHERE r.feed_date >= $1 GROUP BY 1, 2 ORDER BY 1, 2";
        let rows = self.rows(sql, args![since_ms]).await?;
        rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?, row.int(2)?))).collect()
    }

    /// The articles last let out, each with its first delivery by a channel.
    pub async fn paces(&self, since_ms: i64, limit: i64) -> Result<Vec<Pace>> {
        // The few articles first: an article may have as many deliveries as there are readers.
        let sql = "SELECT d.article_id, d.channel, MIN(a.first_seen), MIN(d.settled_at) FROM articles a
                   JOIN deliveries d ON d.article_id = a.id AND d.kind = 'post' AND d.state = 'sent'
                   WHERE a.id IN (SELECT r.article_id FROM releases r WHERE r.seq IS NOT NULL AND r.created_at >= $1
                                  ORDER BY r.seq DESC LIMIT $2 + 0)
                   GROUP BY d.article_id, d.channel ORDER BY d.article_id DESC, d.channel";
        let rows = self.rows(sql, args![since_ms, limit]).await?;
        rows.iter()
            .map(|row| {
                Ok(Pace {
                    article_id: row.int(0)?,
                    channel: row.text(1)?,
                    first_seen: row.int(2)?,
                    delivered: row.int(3)?,
                })
            })
            .collect()
    }
}
