//! What feeds and pages show: the articles of sections, newest first, and the withdrawn ones.

use std::fmt::Write as _;

use sqlx::AssertSqlSafe;

use super::articles::{ARTICLE, read_article};
use super::sql::{args, list};
use super::{Result, Store};
use crate::article::Article;
use crate::clock::from_ms;
use crate::feed::Tombstone;

impl Store {
    /// The newest articles of the sections, each once, with the sections (of all) it is in. Articles of one
    /// date keep the order in which their page listed them.
    pub async fn feed_articles(&self, section_ids: &[i64], limit: usize) -> Result<Vec<(Article, Vec<i64>)>> {
        if section_ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT {ARTICLE},
               (SELECT string_agg(CAST(i.section_id AS TEXT), ' ' ORDER BY i.id) FROM releases i WHERE i.article_id = a.id)
             FROM articles a WHERE a.withdrawn_at IS NULL AND a.id IN (
               SELECT r.article_id FROM releases r WHERE r.section_id IN {}
               GROUP BY r.article_id ORDER BY MAX(r.feed_date) DESC, r.article_id DESC LIMIT {})
             ORDER BY a.feed_date DESC, a.id DESC LIMIT $1 + 0",
            list(2, section_ids.len()),
            // Withdrawn ones are dropped after the inner limit, so it looks a little further.
            limit + 50,
        );
        let mut arguments = args![limit as i64];
        arguments.extend(section_ids.iter().map(|&id| id.into()));
        let rows = self.rows(AssertSqlSafe(sql), arguments).await?;
        rows.iter()
            .map(|row| {
                let sections = row.opt_text(10)?.unwrap_or_default();
                Ok((read_article(row)?, sections.split(' ').filter_map(|id| id.parse().ok()).collect()))
            })
            .collect()
    }

    /// The sections each article is in, the first that listed it first.
    pub async fn sections_of(&self, ids: &[i64]) -> Result<std::collections::HashMap<i64, Vec<i64>>> {
        let mut out: std::collections::HashMap<i64, Vec<i64>> = std::collections::HashMap::new();
        for chunk in ids.chunks(500) {
            let sql = format!(
                "SELECT article_id, section_id FROM releases WHERE article_id IN {} ORDER BY id",
                list(1, chunk.len())
            );
            for row in self.rows(AssertSqlSafe(sql), chunk.iter().map(|&id| id.into()).collect()).await? {
                out.entry(row.int(0)?).or_default().push(row.int(1)?);
            }
        }
        Ok(out)
    }

    /// Articles of a section before the given place (feed date in milliseconds, key), newest first.
    pub async fn older_articles(
        &self,
        section_id: i64,
        before: Option<(i64, i64)>,
        limit: usize,
    ) -> Result<Vec<Article>> {
        let (date, id) = before.unwrap_or((i64::MAX, i64::MAX));
        let sql = format!(
            "SELECT {ARTICLE} FROM releases r JOIN articles a ON a.id = r.article_id
             WHERE r.section_id = $1 AND a.withdrawn_at IS NULL
               AND (r.feed_date < $2 OR (r.feed_date = $2 AND r.article_id < $3))
             ORDER BY r.feed_date DESC, r.article_id DESC LIMIT $4 + 0"
        );
        let rows = self.rows(AssertSqlSafe(sql), args![section_id, date, id, limit as i64]).await?;
        rows.iter().map(read_article).collect()
    }

    /// Articles of a section whose title or lead has all of these words (folded, as [`crate::article::text::folded`]
    /// makes them), before the given place, newest first.
    pub async fn found_articles(
        &self,
        section_id: i64,
        words: &[String],
        before: Option<(i64, i64)>,
        limit: usize,
    ) -> Result<Vec<Article>> {
        let (date, id) = before.unwrap_or((i64::MAX, i64::MAX));
        let mut arguments = args![section_id, date, id, limit as i64];
        let mut sql = format!(
            "SELECT {ARTICLE} FROM releases r JOIN articles a ON a.id = r.article_id
             WHERE r.section_id = $1 AND a.withdrawn_at IS NULL
               AND (r.feed_date < $2 OR (r.feed_date = $2 AND r.article_id < $3))"
        );
        for word in words {
            arguments.push(format!("%{}%", word.replace('!', "!!").replace('%', "!%").replace('_', "!_")).into());
            let _ = write!(sql, " AND a.search LIKE ${} ESCAPE '!'", arguments.len()); // a String takes everything
        }
        sql.push_str(" ORDER BY r.feed_date DESC, r.article_id DESC LIMIT $4 + 0");
        self.rows(AssertSqlSafe(sql), arguments).await?.iter().map(read_article).collect()
    }

    /// An article of a section, if it was let out there.
    pub async fn article_in(&self, section_id: i64, article_id: i64) -> Result<Option<Article>> {
        let sql = format!(
            "SELECT {ARTICLE} FROM releases r JOIN articles a ON a.id = r.article_id
             WHERE r.section_id = $1 AND r.article_id = $2"
        );
        let row = self.row(AssertSqlSafe(sql), args![section_id, article_id]).await?;
        row.as_ref().map(read_article).transpose()
    }

    /// When an article was last withdrawn.
    pub async fn last_withdrawn(&self) -> Result<Option<i64>> {
        let row = self.row("SELECT MAX(withdrawn_at) FROM articles WHERE withdrawn_at IS NOT NULL", vec![]).await?;
        row.map_or(Ok(None), |row| row.opt_int(0))
    }

    /// The withdrawn articles of the sections since a moment, newest first.
    pub async fn tombstones(&self, section_ids: &[i64], since_ms: i64) -> Result<Vec<Tombstone>> {
        if section_ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT a.public_id, a.withdrawn_at, a.id FROM articles a WHERE a.withdrawn_at >= $1 AND EXISTS (
               SELECT 1 FROM releases r WHERE r.article_id = a.id AND r.section_id IN {})
             ORDER BY a.withdrawn_at DESC, a.id DESC LIMIT 100",
            list(2, section_ids.len())
        );
        let mut arguments = args![since_ms];
        arguments.extend(section_ids.iter().map(|&id| id.into()));
        let rows = self.rows(AssertSqlSafe(sql), arguments).await?;
        rows.iter()
            .map(|r| Ok(Tombstone { public_id: r.text(0)?, when: from_ms(r.int(1)?), article_id: r.int(2)? }))
            .collect()
    }
}
