//! Numbers and lists for `status`, `articles list` and metrics.

use sqlx::AssertSqlSafe;

use super::sql::{Pool, args};
use super::{Result, Store};

/// One line of the queue: how many deliveries of a channel are in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// "telegram" or "email".
    pub channel: String,
    /// The state.
    pub state: String,
    /// How many.
    pub count: i64,
}

/// An article as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleRow {
    /// Key.
    pub id: i64,
    /// Title.
    pub title: String,
    /// Canonical address, or where it is read.
    pub url: String,
    /// Revision.
    pub revision: i64,
    /// Instant for feeds.
    pub feed_date: i64,
    /// When it was withdrawn.
    pub withdrawn_at: Option<i64>,
    /// State of its release: "out", "waiting", "held" or "quiet".
    pub release: String,
}

impl Store {
    /// How many bytes the database takes on the disk, its log included.
    pub async fn bytes(&self) -> Result<i64> {
        let sql = match &self.pool {
            Pool::Sqlite { .. } => {
                let log = std::fs::metadata(format!("{}-wal", self.place())).map_or(0, |data| data.len());
                let sql = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
                let pages = self.row(sql, vec![]).await?.map_or(Ok(0), |row| row.int(0))?;
                return Ok(pages + log as i64);
            }
            Pool::Postgres(_) => "SELECT pg_database_size(current_database())",
        };
        self.row(sql, vec![]).await?.map_or(Ok(0), |row| row.int(0))
    }

    /// The deliveries that are not over, by channel and state: what waits, is on its way, or is left to an admin. Cheap,
    /// however much was ever sent.
    pub async fn open_counts(&self) -> Result<Vec<Queue>> {
        // One branch for each index.
        let sql = "SELECT channel, state, COUNT(*) FROM deliveries WHERE state IN ('pending', 'retry') GROUP BY channel, state
                   UNION ALL
                   SELECT channel, state, COUNT(*) FROM deliveries WHERE state = 'sending' GROUP BY channel, state
                   UNION ALL
                   SELECT channel, state, COUNT(*) FROM deliveries WHERE state IN ('uncertain', 'dead') GROUP BY channel, state
                   ORDER BY 1, 2";
        let rows = self.rows(sql, vec![]).await?;
        rows.iter().map(|r| Ok(Queue { channel: r.text(0)?, state: r.text(1)?, count: r.int(2)? })).collect()
    }

    /// All deliveries that are kept, by channel and state: goes through all of them.
    pub async fn queue_counts(&self) -> Result<Vec<Queue>> {
        let sql = "SELECT channel, state, COUNT(*) FROM deliveries GROUP BY channel, state ORDER BY channel, state";
        let rows = self.rows(sql, vec![]).await?;
        rows.iter().map(|r| Ok(Queue { channel: r.text(0)?, state: r.text(1)?, count: r.int(2)? })).collect()
    }

    /// How many articles each section has, and when the newest was first seen: (section, count, newest).
    pub async fn section_counts(&self) -> Result<Vec<(i64, i64, i64)>> {
        let sql = "SELECT r.section_id, COUNT(*), MAX(r.created_at) FROM releases r GROUP BY r.section_id";
        self.rows(sql, vec![]).await?.iter().map(|r| Ok((r.int(0)?, r.int(1)?, r.int(2)?))).collect()
    }

    /// The newest articles of a section, withdrawn ones too.
    pub async fn article_rows(&self, section_id: i64, limit: i64) -> Result<Vec<ArticleRow>> {
        let sql =
            "SELECT a.id, a.title, COALESCE(a.url, a.source_url), a.revision, a.feed_date, a.withdrawn_at, r.state
                   FROM releases r JOIN articles a ON a.id = r.article_id WHERE r.section_id = $1
                   ORDER BY r.feed_date DESC, r.article_id DESC LIMIT $2 + 0";
        let rows = self.rows(sql, args![section_id, limit]).await?;
        rows.iter()
            .map(|r| {
                Ok(ArticleRow {
                    id: r.int(0)?,
                    title: r.text(1)?,
                    url: r.text(2)?,
                    revision: r.int(3)?,
                    feed_date: r.int(4)?,
                    withdrawn_at: r.opt_int(5)?,
                    release: r.text(6)?,
                })
            })
            .collect()
    }

    /// The key of an article named by key, public id or address.
    pub async fn find_article(&self, name: &str) -> Result<Option<i64>> {
        let key = url::Url::parse(name).map(|u| crate::article::canonical::key(&u)).unwrap_or_default();
        let id: i64 = name.parse().unwrap_or(0);
        let sql = "SELECT id FROM articles WHERE id = $1 OR public_id = $2
                   UNION SELECT article_id FROM article_keys WHERE key = $3 LIMIT 1";
        let row = self.row(AssertSqlSafe(sql), args![id, name, key]).await?;
        row.map(|r| r.int(0)).transpose()
    }

    /// The compressed source page of an article, while it is kept.
    pub async fn page(&self, article_id: i64) -> Result<Option<String>> {
        let row = self.row("SELECT body FROM pages WHERE article_id = $1", args![article_id]).await?;
        row.map(|r| r.text(0)).transpose()
    }
}
