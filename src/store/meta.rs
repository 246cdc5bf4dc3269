//! Small facts of the store itself: the frozen authority, the key that signs links, the content revision.

use super::sql::{Tx, args};
use super::{Result, Store};

impl Store {
    /// A fact by its name.
    pub async fn meta(&self, key: &str) -> Result<Option<String>> {
        let row = self.row("SELECT value FROM meta WHERE key = $1", args![key]).await?;
        row.map(|r| r.text(0)).transpose()
    }

    /// Stores a fact unless it is there; what is stored then. The first writer wins.
    pub async fn set_meta_once(&self, key: &str, value: &str) -> Result<String> {
        if let Some(stored) = self.meta(key).await? {
            return Ok(stored);
        }
        self.run("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING", args![key, value])
            .await?;
        Ok(self.meta(key).await?.unwrap_or_else(|| value.to_owned()))
    }

    /// Stores a fact, whatever was stored before.
    pub async fn set_meta(&self, key: &str, value: &str) -> Result<()> {
        let sql =
            "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.run(sql, args![key, value]).await.map(|_| ())
    }

    /// When the store last learnt of an article; `None` where it knows none.
    pub async fn last_seen(&self) -> Result<Option<i64>> {
        self.row("SELECT MAX(first_seen) FROM articles", vec![]).await?.map_or(Ok(None), |row| row.opt_int(0))
    }

    /// How many commits changed what feeds show; compared with `feeds/manifest.json` at start.
    pub async fn revision(&self) -> Result<i64> {
        let row = self.row("SELECT value FROM counters WHERE name = 'revision'", vec![]).await?;
        row.map_or(Ok(0), |r| r.int(0))
    }

    /// The sections whose feeds a commit after `revision` changed.
    pub async fn touched_since(&self, revision: i64) -> Result<Vec<i64>> {
        let rows = self.rows("SELECT id FROM sections WHERE touched > $1 ORDER BY id", args![revision]).await?;
        rows.iter().map(|r| r.int(0)).collect()
    }

    /// Raises the revision to at least `revision`: after a restore the manifest must not stay ahead.
    pub async fn raise_revision(&self, revision: i64) -> Result<()> {
        self.run("UPDATE counters SET value = $1 WHERE name = 'revision' AND value < $1", args![revision]).await?;
        Ok(())
    }
}

impl Tx {
    /// Adds `by` to a counter and returns its new value. The row stays locked until the commit, so numbers
    /// become visible in the order in which they were given: a cursor never skips one.
    pub(super) async fn count(&mut self, name: &str, by: i64) -> Result<i64> {
        let row =
            self.row("UPDATE counters SET value = value + $2 WHERE name = $1 RETURNING value", args![name, by]).await?;
        row.map_or(Ok(0), |r| r.int(0))
    }

    /// Raises the revision and marks a section as changed by it.
    pub(super) async fn touch_section(&mut self, section_id: i64) -> Result<()> {
        let revision = self.count("revision", 1).await?;
        let sql = "UPDATE sections SET touched = $2 WHERE id = $1";
        self.run(sql, args![section_id, revision]).await.map(|_| ())
    }

    /// Raises the revision and marks every section that shows an article as changed by it.
    pub(super) async fn touch_article(&mut self, article_id: i64) -> Result<()> {
        let revision = self.count("revision", 1).await?;
        let sql =
            "UPDATE sections SET touched = $2 WHERE id IN (SELECT section_id FROM releases WHERE article_id = $1)";
        self.run(sql, args![article_id, revision]).await.map(|_| ())
    }
}
