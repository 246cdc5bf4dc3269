//! What articles are known again by when neither address nor title tells: what stands in them.

use std::collections::HashMap;

use super::articles::add_keys;
use super::sql::args;
use super::{Result, Store};
use crate::article::fingerprint;

/// An article as far as its content tells which it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Print {
    /// The article.
    pub article_id: i64,
    /// Its title.
    pub title: String,
    /// Instant for feeds.
    pub feed_date: i64,
    /// The fingerprint of its text; `None` where it is too short.
    pub fingerprint: Option<u64>,
}

impl Store {
    /// The newest articles of a section by content. Those of an older version get their fingerprints here.
    pub async fn prints(&self, section_id: i64, limit: i64) -> Result<Vec<Print>> {
        let sql = "SELECT a.id, a.title, r.feed_date, a.fingerprint
                   FROM releases r JOIN articles a ON a.id = r.article_id
                   WHERE r.section_id = $1 AND a.withdrawn_at IS NULL
                   ORDER BY r.feed_date DESC, r.article_id DESC LIMIT $2 + 0";
        let rows = self.rows(sql, args![section_id, limit]).await?;
        let (mut prints, mut missing) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in &rows {
            let (article_id, stored) = (row.int(0)?, row.opt_int(3)?);
            if stored.is_none() {
                missing.push(article_id);
            }
            prints.push(Print {
                article_id,
                title: row.text(1)?,
                feed_date: row.int(2)?,
                fingerprint: stored.and_then(fingerprint::from_stored),
            });
        }
        if !missing.is_empty() {
            let made = self.add_fingerprints(&missing).await?;
            for print in &mut prints {
                if let Some(stored) = made.get(&print.article_id) {
                    print.fingerprint = fingerprint::from_stored(*stored);
                }
            }
        }
        Ok(prints)
    }

    async fn add_fingerprints(&self, ids: &[i64]) -> Result<HashMap<i64, i64>> {
        let articles = self.articles(ids).await?;
        let made: HashMap<i64, i64> =
            articles.iter().map(|article| (article.id, fingerprint::stored(&article.reading.text))).collect();
        let mut tx = self.begin().await?;
        for (&id, &print) in &made {
            tx.run("UPDATE articles SET fingerprint = $2 WHERE id = $1", args![id, print]).await?;
        }
        tx.commit().await?;
        Ok(made)
    }

    /// The articles of any section with exactly this content: (article, instant for feeds).
    pub async fn same_content(&self, content_hash: &str) -> Result<Vec<(i64, i64)>> {
        let sql = "SELECT id, feed_date FROM articles WHERE content_hash = $1 AND withdrawn_at IS NULL
                   ORDER BY id LIMIT 20";
        self.rows(sql, args![content_hash]).await?.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
    }

    /// Whether an article is in a section.
    pub async fn is_in(&self, section_id: i64, article_id: i64) -> Result<bool> {
        let sql = "SELECT id FROM releases WHERE section_id = $1 AND article_id = $2";
        Ok(self.row(sql, args![section_id, article_id]).await?.is_some())
    }

    /// Another address of an article, beside the one it is read at.
    pub async fn add_keys_to(&self, article_id: i64, keys: &[String]) -> Result<()> {
        let mut tx = self.begin().await?;
        let pairs: Vec<(i64, &str)> = keys.iter().map(|key| (article_id, key.as_str())).collect();
        add_keys(&mut tx, &pairs).await?;
        tx.commit().await
    }
}
