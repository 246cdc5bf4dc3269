//! The articles of a section with their stored source pages: what `reread` reads again.

use sqlx::AssertSqlSafe;

use super::articles::{ARTICLE, read_article};
use super::dialect::numbers;
use super::sql::args;
use super::{Due, Result, Store};
use crate::fetch::Validators;

/// An article with its page.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The article, and how it was read.
    pub due: Due,
    /// When it is read again by itself.
    pub next_read: Option<i64>,
    /// The compressed page, while it is kept.
    pub page: Option<String>,
}

impl Store {
    /// The articles of a section that are not withdrawn, by their keys, behind one of them.
    pub async fn stored(&self, section_id: i64, slug: &str, after: i64, limit: i64) -> Result<Vec<Stored>> {
        let sql = format!(
            "SELECT {ARTICLE}, a.extraction, a.etag, a.last_modified, a.body_hash, a.reads, a.gone_at, a.content_hash,
               a.next_read, p.body
             FROM releases r JOIN articles a ON a.id = r.article_id LEFT JOIN pages p ON p.article_id = a.id
             WHERE r.section_id = $1 AND a.id > $2 AND a.withdrawn_at IS NULL ORDER BY a.id LIMIT $3 + 0"
        );
        let rows = self.rows(AssertSqlSafe(sql), args![section_id, after, limit]).await?;
        rows.iter()
            .map(|row| {
                let due = Due {
                    article: read_article(row)?,
                    section: slug.to_owned(),
                    extraction: row.text(10)?,
                    validators: Validators {
                        etag: row.opt_text(11)?,
                        last_modified: row.opt_text(12)?,
                        body_hash: row.opt_text(13)?,
                    },
                    reads: row.int(14)?,
                    gone_at: row.opt_int(15)?,
                    content_hash: row.text(16)?,
                };
                Ok(Stored { due, next_read: row.opt_int(17)?, page: row.opt_text(18)? })
            })
            .collect()
    }

    /// Has articles read again from their site as soon as a daemon comes to it; how many.
    pub async fn read_all_soon(&self, ids: &[i64], now_ms: i64) -> Result<u64> {
        let sql = format!(
            "UPDATE articles SET next_read = $2 WHERE id IN {} AND withdrawn_at IS NULL",
            self.engine().numbers("$1")
        );
        self.run(AssertSqlSafe(sql), args![numbers(ids.iter().copied()), now_ms]).await
    }
}
