//! Sections as the store knows them: an identity apart from the slug, whether the first look is done, and how
//! the last one went.

use std::collections::HashMap;

use super::sql::{Row, Tx, args};
use super::{Result, Store, looks};
use crate::fetch::Validators;

/// A section's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionRow {
    /// Its key.
    pub id: i64,
    /// Its present slug.
    pub slug: String,
    /// When the first good look was; `None`: nothing found is pushed yet.
    pub seeded_at: Option<i64>,
    /// In seed mode: what is newer than this moment is held, not kept quiet.
    pub seed_since: Option<i64>,
    /// Paused by an admin.
    pub paused: bool,
    /// Until when; `None`: until it is resumed.
    pub paused_until: Option<i64>,
    /// Empty when the last look was well, else the error in words.
    pub outcome: String,
    /// Since when the outcome is so.
    pub outcome_at: Option<i64>,
}

const COLUMNS: &str = "SELECT id, slug, seeded_at, paused, outcome, outcome_at, seed_since, paused_until FROM sections";

impl Store {
    /// Brings the table in line with the configuration: new slugs get a row, a slug that was `formerly`
    /// another keeps its row, those not named any more are marked as removed.
    pub async fn sync_sections(&self, slugs: &[(String, Vec<String>)], now_ms: i64) -> Result<()> {
        let known = "SELECT slug, id, removed_at FROM sections";
        if is_in_line(&stored(&self.rows(known, vec![]).await?)?, slugs) {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        let known = stored(&tx.rows(known, vec![]).await?)?;
        for (slug, formerly) in slugs {
            if let Some((id, removed)) = known.get(slug) {
                if removed.is_some() {
                    // It comes back after an absence: what happened meanwhile is not news.
                    let sql = "UPDATE sections SET removed_at = NULL, seeded_at = NULL WHERE id = $1";
                    tx.run(sql, args![*id]).await?;
                }
            } else if let Some((id, _)) = formerly.iter().find_map(|old| known.get(old)) {
                tx.run("UPDATE sections SET slug = $2, removed_at = NULL WHERE id = $1", args![*id, slug]).await?;
            } else {
                let sql = "INSERT INTO sections (id, slug, created_at) VALUES ($1, $2, $3)";
                tx.run(sql, args![self.new_id(now_ms), slug, now_ms]).await?;
            }
        }
        let configured: std::collections::HashSet<&String> = slugs.iter().map(|(slug, _)| slug).collect();
        for row in tx.rows("SELECT id, slug FROM sections WHERE removed_at IS NULL", vec![]).await? {
            if !configured.contains(&row.text(1)?) {
                tx.run("UPDATE sections SET removed_at = $2 WHERE id = $1", args![row.int(0)?, now_ms]).await?;
            }
        }
        tx.commit().await?;
        self.forget_looks().await;
        Ok(())
    }

    /// Every section that is configured.
    pub async fn sections(&self) -> Result<Vec<SectionRow>> {
        let sql = joined(COLUMNS, " WHERE removed_at IS NULL ORDER BY id");
        self.rows(sql, vec![]).await?.iter().map(read).collect()
    }

    /// Slug → key of every section that is configured.
    pub async fn section_ids(&self) -> Result<HashMap<String, i64>> {
        Ok(self.sections().await?.into_iter().map(|s| (s.slug, s.id)).collect())
    }

    /// One section by its slug.
    pub async fn section(&self, slug: &str) -> Result<Option<SectionRow>> {
        let sql = joined(COLUMNS, " WHERE slug = $1 AND removed_at IS NULL");
        self.row(sql, args![slug]).await?.as_ref().map(read).transpose()
    }

    /// Records that the first good look is done.
    pub async fn seeded(&self, section_id: i64, now_ms: i64) -> Result<()> {
        let sql = "UPDATE sections SET seeded_at = $2, seed_since = NULL WHERE id = $1 AND seeded_at IS NULL";
        let apply = |looks: &mut looks::Looks| {
            if let Some(row) = looks.section_mut(section_id) {
                row.seeded_at = Some(now_ms);
                row.seed_since = None;
            }
        };
        self.run_known(sql, args![section_id, now_ms], apply).await.map(|_| ())
    }

    /// Makes the next look of every section a first one (seed mode: the store is older than what was
    /// published). What is newer than `since_ms` is not old: it waits for an admin.
    pub async fn unseed_all(&self, since_ms: Option<i64>) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.run("UPDATE sections SET seeded_at = NULL, seed_since = $1", args![since_ms]).await?;
        looks::raise(&mut tx).await?;
        tx.commit().await?;
        self.forget_looks().await;
        Ok(())
    }

    /// Records how a look went, only when that differs from the last time: a quiet cycle writes nothing.
    pub async fn section_outcome(&self, section_id: i64, outcome: &str, now_ms: i64) -> Result<bool> {
        let row = self.row("SELECT outcome FROM sections WHERE id = $1", args![section_id]).await?;
        if row.map(|r| r.text(0)).transpose()?.as_deref() == Some(outcome) {
            return Ok(false);
        }
        let sql = "UPDATE sections SET outcome = $2, outcome_at = $3 WHERE id = $1";
        let apply = |looks: &mut looks::Looks| {
            if let Some(row) = looks.section_mut(section_id) {
                outcome.clone_into(&mut row.outcome);
                row.outcome_at = Some(now_ms);
            }
        };
        self.run_known(sql, args![section_id, outcome, now_ms], apply).await?;
        Ok(true)
    }

    /// Pauses a section, for good or until a moment, or resumes it; false when there is none of that slug.
    pub async fn pause(&self, slug: &str, paused: bool, until_ms: Option<i64>) -> Result<bool> {
        let sql = "UPDATE sections SET paused = $2, paused_until = $3 WHERE slug = $1 AND removed_at IS NULL";
        let apply = |looks: &mut looks::Looks| looks.pause(slug, paused, until_ms);
        Ok(self.run_known(sql, args![slug, paused, until_ms], apply).await? > 0)
    }

    /// The validators of the last time an address was read.
    pub async fn validators(&self, url: &str) -> Result<Option<Validators>> {
        let sql = "SELECT etag, last_modified, body_hash FROM validators WHERE url = $1";
        self.row(sql, args![url]).await?.map(|row| validators(&row, 0)).transpose()
    }

    /// Keeps the validators of addresses.
    pub async fn set_validators(&self, read: &[(String, Validators)]) -> Result<()> {
        if read.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for (url, validators) in read {
            keep_validators(&mut tx, url, validators).await?;
        }
        tx.commit().await?;
        self.know_validators(read).await;
        Ok(())
    }

    /// Knows validators that were kept. They are not counted: an instance that does not know them asks once more for
    /// what it has, no more.
    pub(super) async fn know_validators(&self, read: &[(String, Validators)]) {
        if !read.is_empty() {
            self.looks.lock().await.validators_mut().extend(read.iter().cloned());
        }
    }

    /// Forgets the validators of an address, so that it is read whole the next time.
    pub async fn forget_validators(&self, url: &str) -> Result<()> {
        let apply = |looks: &mut looks::Looks| {
            looks.validators_mut().remove(url);
        };
        self.run_known("DELETE FROM validators WHERE url = $1", args![url], apply).await.map(|_| ())
    }
}

/// Slug → key and when it was removed.
type Stored = HashMap<String, (i64, Option<i64>)>;

fn stored(rows: &[Row]) -> Result<Stored> {
    rows.iter().map(|row| Ok((row.text(0)?, (row.int(1)?, row.opt_int(2)?)))).collect()
}

/// Whether the table says what the configuration says: then a start writes nothing.
fn is_in_line(known: &Stored, slugs: &[(String, Vec<String>)]) -> bool {
    let present = known.values().filter(|(_, removed)| removed.is_none()).count();
    present == slugs.len()
        && slugs.iter().all(|(slug, _)| known.get(slug).is_some_and(|(_, removed)| removed.is_none()))
}

/// Joins two constant parts of a statement.
pub(super) fn joined(a: &str, b: &str) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(format!("{a}{b}"))
}

/// Reads three columns from `first` on.
pub(super) fn validators(row: &Row, first: usize) -> Result<Validators> {
    Ok(Validators {
        etag: row.opt_text(first)?,
        last_modified: row.opt_text(first + 1)?,
        body_hash: row.opt_text(first + 2)?,
    })
}

/// Keeps the validators of an address.
pub(super) async fn keep_validators(tx: &mut Tx, url: &str, v: &Validators) -> Result<()> {
    let sql = "INSERT INTO validators (url, etag, last_modified, body_hash) VALUES ($1, $2, $3, $4)
               ON CONFLICT (url) DO UPDATE SET etag = excluded.etag, last_modified = excluded.last_modified,
               body_hash = excluded.body_hash";
    let arguments = args![url, v.etag.clone(), v.last_modified.clone(), v.body_hash.clone()];
    tx.run(sql, arguments).await.map(|_| ())
}

/// Reads the columns of a section, from the first on.
pub(super) fn read(row: &Row) -> Result<SectionRow> {
    Ok(SectionRow {
        id: row.int(0)?,
        slug: row.text(1)?,
        seeded_at: row.opt_int(2)?,
        paused: row.bool(3)?,
        outcome: row.text(4)?,
        outcome_at: row.opt_int(5)?,
        seed_since: row.opt_int(6)?,
        paused_until: row.opt_int(7)?,
    })
}
