//! What is not needed any more, removed in small parts, each a transaction of its own, so that nobody waits for it. An
//! article loses its text and keeps its identity: keys, releases, hashes and dates stay, so that nothing old is new
//! again, pushed again or given another id.

use std::collections::{HashMap, HashSet};

use sqlx::AssertSqlSafe;

use super::dialect::{numbers, said};
use super::sql::{Tx, args};
use super::{Result, Store};
use crate::article::{Reading, fingerprint};

/// Articles of one part.
const ARTICLES: i64 = 200;
/// Rows of one part of anything else.
const ROWS: i64 = 1_000;
/// Readers of one part.
const READERS: i64 = 100;
/// The newest articles of a section, which keep their texts in any case: feeds by words look through so many.
const WHOLE: i64 = 500;

/// What is left of a reading: what lists, digest pages and marks of withdrawal show.
fn without_text(reading: Reading) -> Reading {
    let Reading { title, lead, byline, language, section, published, updated, canonical, .. } = reading;
    Reading { title, lead, byline, language, section, published, updated, canonical, ..Reading::default() }
}

impl Store {
    /// Removes the texts of articles first seen before a moment, but for the newest of each section (500, or `shown` where
    /// that is more) and those that still have to be sent or decided; how many.
    pub async fn prune_articles(&self, before_ms: i64, shown: usize, now_ms: i64) -> Result<u64> {
        let whole = WHOLE.max(i64::try_from(shown).unwrap_or(WHOLE));
        let mut floors = HashMap::new();
        let (mut after, mut pruned) = ((i64::MIN, i64::MIN), 0);
        loop {
            let sql = "SELECT id, first_seen FROM articles WHERE pruned_at IS NULL AND first_seen < $1
                         AND (first_seen > $2 OR (first_seen = $2 AND id > $3))
                       ORDER BY first_seen, id LIMIT $4 + 0";
            let rows = self.rows(sql, args![before_ms, after.0, after.1, ARTICLES]).await?;
            let Some(last) = rows.last() else { return Ok(pruned) };
            after = (last.int(1)?, last.int(0)?);
            let ids = rows.iter().map(|row| row.int(0)).collect::<Result<Vec<i64>>>()?;
            let old = self.not_needed(&ids, whole, &mut floors).await?;
            if !old.is_empty() {
                pruned += self.remove_texts(&old, now_ms).await?;
            }
            tokio::task::yield_now().await;
        }
    }

    /// How many articles have lost their texts.
    pub async fn pruned_articles(&self) -> Result<i64> {
        let sql = "SELECT (SELECT COUNT(*) FROM articles) - (SELECT COUNT(*) FROM articles WHERE pruned_at IS NULL)";
        self.row(sql, vec![]).await?.map_or(Ok(0), |row| row.int(0))
    }

    /// Which of these articles no feed shows, and nothing waits for.
    async fn not_needed(&self, ids: &[i64], whole: i64, floors: &mut HashMap<i64, i64>) -> Result<Vec<i64>> {
        let all = numbers(ids.iter().copied());
        let list = self.engine().numbers("$1");
        let mut needed: HashSet<i64> = HashSet::new();
        let sql = format!("SELECT article_id, section_id, feed_date, state FROM releases WHERE article_id IN {list}");
        for row in self.rows(AssertSqlSafe(sql), args![all.clone()]).await? {
            let (article, section, date, state) = (row.int(0)?, row.int(1)?, row.int(2)?, row.text(3)?);
            if matches!(state.as_str(), "waiting" | "held") || date >= self.floor_of(section, whole, floors).await? {
                needed.insert(article);
            }
        }
        let sql = format!(
            "SELECT article_id FROM deliveries WHERE article_id IN {list} AND state IN ('pending', 'retry', 'sending')"
        );
        for row in self.rows(AssertSqlSafe(sql), args![all]).await? {
            needed.insert(row.int(0)?);
        }
        Ok(ids.iter().copied().filter(|id| !needed.contains(id)).collect())
    }

    /// The date of the oldest article of a section that keeps its text; older ones may lose theirs.
    async fn floor_of(&self, section: i64, whole: i64, floors: &mut HashMap<i64, i64>) -> Result<i64> {
        if let Some(floor) = floors.get(&section) {
            return Ok(*floor);
        }
        let sql = "SELECT feed_date FROM releases WHERE section_id = $1 ORDER BY feed_date DESC, article_id DESC
                   LIMIT 1 OFFSET $2";
        let row = self.row(sql, args![section, whole - 1]).await?;
        let floor = row.map_or(Ok(i64::MIN), |row| row.int(0))?;
        floors.insert(section, floor);
        Ok(floor)
    }

    async fn remove_texts(&self, ids: &[i64], now_ms: i64) -> Result<u64> {
        let mut tx = self.begin().await?;
        let all = numbers(ids.iter().copied());
        let list = tx.engine().numbers("$1");
        let sql = format!("SELECT id, reading, fingerprint FROM articles WHERE id IN {list}{}", tx.locked());
        let mut left = Vec::with_capacity(ids.len());
        for row in tx.rows(AssertSqlSafe(sql), args![all.clone()]).await? {
            let reading: Reading = serde_json::from_str(&row.text(1)?)?;
            if row.opt_int(2)?.is_none() {
                keep_print(&mut tx, row.int(0)?, &reading.text).await?;
            }
            left.push((row.int(0)?, serde_json::to_string(&without_text(reading))?));
        }
        let texts = said(left.iter().map(|(id, text)| (*id, text.as_str())))?;
        let sql = format!(
            "UPDATE articles SET reading = v.said, pruned_at = $2 FROM {} WHERE articles.id = v.id",
            tx.engine().said("$1")
        );
        let count = tx.run(AssertSqlSafe(sql), args![texts, now_ms]).await?;
        let sql = format!("DELETE FROM pages WHERE article_id IN {list}");
        tx.run(AssertSqlSafe(sql), args![all]).await?;
        tx.commit().await?;
        Ok(count)
    }

    /// Removes settled deliveries and their stories older than a moment, and slots that fired before; how many deliveries.
    pub async fn prune_deliveries(&self, before_ms: i64) -> Result<u64> {
        let mut count = 0;
        loop {
            // Keys grow with time, and what was settled before a moment was made before it.
            let sql = "SELECT id FROM deliveries WHERE state IN ('sent', 'dropped', 'uncertain') AND settled_at < $1
                         AND id < $2 ORDER BY id LIMIT $3 + 0";
            let rows = self.rows(sql, args![before_ms, first_id_of(before_ms), ROWS]).await?;
            if rows.is_empty() {
                break;
            }
            let all = numbers(rows.iter().map(|row| row.int(0)).collect::<Result<Vec<i64>>>()?);
            let mut tx = self.begin().await?;
            let list = tx.engine().numbers("$1");
            let sql = format!("DELETE FROM attempts WHERE delivery_id IN {list}");
            tx.run(AssertSqlSafe(sql), args![all.clone()]).await?;
            let sql = format!("DELETE FROM deliveries WHERE id IN {list}");
            count += tx.run(AssertSqlSafe(sql), args![all]).await?;
            tx.commit().await?;
            tokio::task::yield_now().await;
        }
        // The newest slot of a schedule stays: by it the schedule is known to have begun.
        let old = "FROM slots WHERE fired_at < $1 AND slot <
                   (SELECT MAX(n.slot) FROM slots n WHERE n.schedule = slots.schedule)";
        if self.row(AssertSqlSafe(format!("SELECT slot {old} LIMIT 1")), args![before_ms]).await?.is_some() {
            self.run(AssertSqlSafe(format!("DELETE {old}")), args![before_ms]).await?;
        }
        Ok(count)
    }

    /// Removes source pages stored before a moment; how many.
    pub async fn prune_pages(&self, before_ms: i64) -> Result<u64> {
        let mut count = 0;
        loop {
            // An article's key tells when it was first seen; its page is not older.
            let sql = "SELECT article_id FROM pages WHERE stored_at < $1 AND article_id < $2 ORDER BY article_id LIMIT $3 + 0";
            let rows = self.rows(sql, args![before_ms, first_id_of(before_ms), ROWS]).await?;
            if rows.is_empty() {
                return Ok(count);
            }
            let all = numbers(rows.iter().map(|row| row.int(0)).collect::<Result<Vec<i64>>>()?);
            let sql = format!("DELETE FROM pages WHERE article_id IN {}", self.engine().numbers("$1"));
            count += self.run(AssertSqlSafe(sql), args![all]).await?;
            tokio::task::yield_now().await;
        }
    }

    /// Erases the readers who left before a moment; how many.
    pub async fn erase_left(&self, before_ms: i64, now_ms: i64) -> Result<u64> {
        let mut count = 0;
        loop {
            let sql = "SELECT id FROM subscribers WHERE state = 'left' AND left_at < $1 ORDER BY left_at LIMIT $2 + 0";
            let rows = self.rows(sql, args![before_ms, READERS]).await?;
            let mut erased = 0;
            for row in &rows {
                erased += u64::from(self.erase_subscriber(row.int(0)?, now_ms).await?);
            }
            count += erased;
            if erased == 0 {
                return Ok(count);
            }
            tokio::task::yield_now().await;
        }
    }
}

/// The least key that anything made at a moment may have.
fn first_id_of(ms: i64) -> i64 {
    ms.saturating_mul(1 << 20)
}

/// An article of an older version gets what it is known again by before its text goes.
async fn keep_print(tx: &mut Tx, id: i64, text: &str) -> Result<()> {
    let sql = "UPDATE articles SET fingerprint = $2 WHERE id = $1";
    tx.run(sql, args![id, fingerprint::stored(text)]).await.map(|_| ())
}
