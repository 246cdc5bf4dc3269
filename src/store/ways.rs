//! The way recognised for each section, and how far a walk through its older pages has come.

use std::collections::HashMap;

use url::Url;

use super::sql::{Row, args};
use super::{Result, Store, StoreError};
use crate::source::recognise::Way;

/// The way a section is looked at, as it was remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredWay {
    /// The address (and pinned kind) it was recognised from; another one is recognised anew.
    pub source: String,
    /// The way.
    pub way: Way,
    /// When it was chosen.
    pub chosen_at: i64,
    /// Whether a look through it is done. Until then what it brings is not news by itself.
    pub settled: bool,
}

/// How far a walk through older pages has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackfillRow {
    /// The address the walk began at.
    pub source: String,
    /// The page to go on with; `None`: the end is reached.
    pub next: Option<String>,
    /// Pages walked so far.
    pub pages: i64,
    /// Articles recorded so far.
    pub found: i64,
}

fn read(row: &Row) -> Result<StoredWay> {
    let url = row.text(2)?;
    let url = Url::parse(&url).map_err(|error| StoreError::Value(format!("address {url}: {error}")))?;
    let confidence = u8::try_from(row.int(4)?).unwrap_or(0);
    let way = Way { kind: row.text(1)?, url, why: row.text(3)?, confidence, shared: row.bool(5)? };
    Ok(StoredWay { source: row.text(0)?, way, chosen_at: row.int(6)?, settled: row.bool(7)? })
}

impl Store {
    /// The way of a section, if one was recognised.
    pub async fn way(&self, section_id: i64) -> Result<Option<StoredWay>> {
        let sql = "SELECT source, kind, url, why, confidence, shared, chosen_at, settled FROM ways
                   WHERE section_id = $1";
        self.row(sql, args![section_id]).await?.as_ref().map(read).transpose()
    }

    /// The ways of all sections that have one, by their ids.
    pub async fn ways(&self) -> Result<HashMap<i64, StoredWay>> {
        let sql = "SELECT source, kind, url, why, confidence, shared, chosen_at, settled, section_id FROM ways";
        self.rows(sql, args![]).await?.iter().map(|row| Ok((row.int(8)?, read(row)?))).collect()
    }

    /// Remembers the way of a section.
    pub async fn set_way(&self, section_id: i64, stored: &StoredWay) -> Result<()> {
        let StoredWay { source, way, chosen_at, settled } = stored;
        let sql = "INSERT INTO ways (section_id, source, kind, url, why, confidence, shared, chosen_at, settled)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                   ON CONFLICT (section_id) DO UPDATE SET source = excluded.source, kind = excluded.kind,
                   url = excluded.url, why = excluded.why, confidence = excluded.confidence, shared = excluded.shared,
                   chosen_at = excluded.chosen_at, settled = excluded.settled";
        let arguments = args![
            section_id,
            source,
            &way.kind,
            way.url.as_str(),
            &way.why,
            i64::from(way.confidence),
            way.shared,
            *chosen_at,
            *settled
        ];
        self.run(sql, arguments).await.map(|_| ())
    }

    /// Records that a look through the way is done.
    pub async fn settle_way(&self, section_id: i64) -> Result<()> {
        self.run("UPDATE ways SET settled = TRUE WHERE section_id = $1", args![section_id]).await.map(|_| ())
    }

    /// Another way lists known articles in other words: records the new entries' hashes and keys without asking for
    /// the articles to be read again.
    pub async fn listing_moved(&self, section_id: i64, entries: &[(i64, String, Vec<String>)]) -> Result<()> {
        let mut tx = self.begin().await?;
        for (article_id, hash, keys) in entries {
            let sql = "UPDATE releases SET listing_hash = $3 WHERE section_id = $1 AND article_id = $2";
            tx.run(sql, args![section_id, *article_id, hash]).await?;
            let pairs: Vec<(i64, &str)> = keys.iter().map(|key| (*article_id, key.as_str())).collect();
            super::articles::add_keys(&mut tx, &pairs).await?;
        }
        tx.commit().await
    }

    /// The date of the oldest article of a section, as feeds have it.
    pub async fn oldest_feed_date(&self, section_id: i64) -> Result<Option<i64>> {
        let row = self.row("SELECT MIN(feed_date) FROM releases WHERE section_id = $1", args![section_id]).await?;
        row.map_or(Ok(None), |r| r.opt_int(0))
    }

    /// How far the walk through a section's older pages has come.
    pub async fn backfill(&self, section_id: i64) -> Result<Option<BackfillRow>> {
        let sql = "SELECT source, next, pages, found FROM backfills WHERE section_id = $1";
        let row = self.row(sql, args![section_id]).await?;
        row.map(|r| Ok(BackfillRow { source: r.text(0)?, next: r.opt_text(1)?, pages: r.int(2)?, found: r.int(3)? }))
            .transpose()
    }

    /// Records how far a walk has come.
    pub async fn set_backfill(&self, section_id: i64, row: &BackfillRow, now_ms: i64) -> Result<()> {
        let sql = "INSERT INTO backfills (section_id, source, next, pages, found, updated_at)
                   VALUES ($1, $2, $3, $4, $5, $6)
                   ON CONFLICT (section_id) DO UPDATE SET source = excluded.source, next = excluded.next,
                   pages = excluded.pages, found = excluded.found, updated_at = excluded.updated_at";
        let arguments = args![section_id, &row.source, row.next.clone(), row.pages, row.found, now_ms];
        self.run(sql, arguments).await.map(|_| ())
    }
}
