//! How the sections' sources fare: what is usual for each, what is not well, and what a look compares with.

use std::collections::HashSet;

use sqlx::AssertSqlSafe;
use url::Url;

use super::alerts::{self, Told};
use super::articles::add_keys;
use super::sql::{Row, args};
use super::{Result, SectionRow, Store, StoreError, sections};
use crate::article::canonical;
use crate::fetch::Validators;
use crate::health::{Code, Finding, Memory};

/// A recent article of a section, as far as a look compares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    /// The article.
    pub article_id: i64,
    /// Its title.
    pub title: String,
    /// Instant for feeds: its own date, or its first sight.
    pub feed_date: i64,
    /// Where it is read.
    pub source_url: String,
    /// Hash of its entry in the section's listing.
    pub listing_hash: String,
}

/// A known article under a new address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The article.
    pub article_id: i64,
    /// The keys of the new address.
    pub keys: Vec<String>,
    /// Hash of its entry in the listing now.
    pub listing_hash: String,
    /// The new address.
    pub url: Url,
}

/// A section as a look finds it.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Its row.
    pub row: SectionRow,
    /// What is usual for it.
    pub memory: Memory,
    /// Whether something is not well with it, told or not.
    pub is_unwell: bool,
}

const FINDING: &str = "SELECT id, code, words, proposal, since, seen, told_at, clean, closed_at, hold_id FROM findings";

fn read(row: &Row) -> Result<Finding> {
    let code = row.text(1)?;
    Ok(Finding {
        id: row.int(0)?,
        code: Code::from_text(&code).ok_or_else(|| StoreError::Value(format!("a finding's code {code}")))?,
        words: row.text(2)?,
        proposal: row.text(3)?,
        since: row.int(4)?,
        seen: row.int(5)?,
        told_at: row.opt_int(6)?,
        clean: row.int(7)?,
        closed_at: row.opt_int(8)?,
        hold_id: row.opt_int(9)?,
    })
}

/// What an older version remembered in another form is learnt anew.
fn memory(stored: Option<&str>) -> Memory {
    stored.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

impl Store {
    /// A configured section as it is now, by its slug.
    pub async fn condition(&self, slug: &str) -> Result<Option<Condition>> {
        let sql = "SELECT s.id, s.slug, s.seeded_at, s.paused, s.outcome, s.outcome_at, s.seed_since, s.paused_until,
                     h.memory, (SELECT COUNT(*) FROM findings f WHERE f.section_id = s.id AND f.closed_at IS NULL)
                   FROM sections s LEFT JOIN health h ON h.section_id = s.id
                   WHERE s.slug = $1 AND s.removed_at IS NULL";
        let Some(row) = self.row(sql, args![slug]).await? else { return Ok(None) };
        let condition = Condition {
            row: sections::read(&row)?,
            memory: memory(row.opt_text(8)?.as_deref()),
            is_unwell: row.int(9)? > 0,
        };
        Ok(Some(condition))
    }

    /// What is usual for a section; nothing yet where nothing was learnt.
    pub async fn health_memory(&self, section_id: i64) -> Result<Memory> {
        let row = self.row("SELECT memory FROM health WHERE section_id = $1", args![section_id]).await?;
        Ok(memory(row.map(|row| row.text(0)).transpose()?.as_deref()))
    }

    /// What is usual for all sections that learnt something: `take` is given each with its section's id, a few hundred
    /// in memory at a time.
    pub async fn each_health_memory(&self, mut take: impl FnMut(i64, Memory)) -> Result<()> {
        let mut last = i64::MIN;
        loop {
            let sql = "SELECT section_id, memory FROM health WHERE section_id > $1 ORDER BY section_id LIMIT 500";
            let rows = self.rows(sql, args![last]).await?;
            for row in &rows {
                last = row.int(0)?;
                take(last, memory(Some(&row.text(1)?)));
            }
            if rows.is_empty() {
                return Ok(());
            }
        }
    }

    /// The sections with which something is not well, told or not.
    pub async fn unwell(&self) -> Result<HashSet<i64>> {
        let sql = "SELECT DISTINCT section_id FROM findings WHERE closed_at IS NULL";
        self.rows(sql, args![]).await?.iter().map(|row| row.int(0)).collect()
    }

    /// What is not well with a section, told or not.
    pub async fn findings(&self, section_id: i64) -> Result<Vec<Finding>> {
        let sql = format!("{FINDING} WHERE section_id = $1 AND closed_at IS NULL ORDER BY id");
        self.rows(AssertSqlSafe(sql), args![section_id]).await?.iter().map(read).collect()
    }

    /// What was not well with a section and is over, the newest first.
    pub async fn past_findings(&self, section_id: i64, limit: i64) -> Result<Vec<Finding>> {
        let sql = format!(
            "{FINDING} WHERE section_id = $1 AND closed_at IS NOT NULL AND told_at IS NOT NULL
             ORDER BY closed_at DESC, id DESC LIMIT $2 + 0"
        );
        self.rows(AssertSqlSafe(sql), args![section_id, limit]).await?.iter().map(read).collect()
    }

    /// What is told as not well of all configured sections: (slug, finding).
    pub async fn told_findings(&self) -> Result<Vec<(String, Finding)>> {
        let sql = "SELECT f.id, f.code, f.words, f.proposal, f.since, f.seen, f.told_at, f.clean, f.closed_at,
                     f.hold_id, s.slug
                   FROM findings f JOIN sections s ON s.id = f.section_id
                   WHERE f.closed_at IS NULL AND f.told_at IS NOT NULL AND s.removed_at IS NULL ORDER BY f.id";
        self.rows(sql, vec![]).await?.iter().map(|row| Ok((row.text(10)?, read(row)?))).collect()
    }

    /// Records what a look came to, in one transaction: what is usual (where it changed), the findings that changed, and
    /// the validators of what it read. A finding that was closed without ever being told leaves no trace.
    pub async fn record_health(
        &self,
        section_id: i64,
        memory: Option<&Memory>,
        changed: &[Finding],
        read: &[(String, Validators)],
        now_ms: i64,
    ) -> Result<()> {
        if memory.is_none() && changed.is_empty() && read.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        if let Some(memory) = memory {
            let sql = "INSERT INTO health (section_id, memory) VALUES ($1, $2)
                       ON CONFLICT (section_id) DO UPDATE SET memory = excluded.memory";
            tx.run(sql, args![section_id, serde_json::to_string(memory)?]).await?;
        }
        for f in changed {
            if f.told_at.is_none() && f.closed_at.is_some() {
                tx.run("DELETE FROM findings WHERE id = $1", args![f.id]).await?;
                continue;
            }
            let id = if f.id == 0 { self.new_id(now_ms) } else { f.id };
            let sql = "INSERT INTO findings (id, section_id, code, words, proposal, since, seen, told_at, clean,
                         closed_at, hold_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                       ON CONFLICT (id) DO UPDATE SET code = excluded.code, words = excluded.words,
                         proposal = excluded.proposal, seen = excluded.seen, told_at = excluded.told_at,
                         clean = excluded.clean, closed_at = excluded.closed_at, hold_id = excluded.hold_id";
            let arguments = args![
                id,
                section_id,
                f.code.text(),
                f.words.as_str(),
                f.proposal.as_str(),
                f.since,
                f.seen,
                f.told_at,
                f.clean,
                f.closed_at,
                f.hold_id
            ];
            tx.run(sql, arguments).await?;
            if f.told_at == Some(now_ms) && f.hold_id.is_none() && f.closed_at.is_none() {
                let told = Told::finding(f.code.text(), &f.words);
                alerts::add(&mut tx, self.new_id(now_ms), section_id, None, &told, now_ms + alerts::TOGETHER_MS)
                    .await?;
            }
            if f.closed_at == Some(now_ms) && f.hold_id.is_none() && alerts::was_told(&mut tx, section_id, f).await? {
                let told = Told::source_well();
                alerts::add(&mut tx, self.new_id(now_ms), section_id, None, &told, now_ms).await?;
            }
        }
        for (url, validators) in read {
            sections::keep_validators(&mut tx, url, validators).await?;
        }
        tx.commit().await?;
        self.know_validators(read).await;
        Ok(())
    }

    /// Whether a section's listing cannot be believed at present: no known article is changed by it.
    pub async fn is_frozen(&self, slug: &str) -> Result<bool> {
        let sql = "SELECT f.code FROM findings f JOIN sections s ON s.id = f.section_id
                   WHERE s.slug = $1 AND f.closed_at IS NULL";
        let rows = self.rows(sql, args![slug]).await?;
        let codes = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
        Ok(codes.iter().filter_map(|text| Code::from_text(text)).any(Code::freezes))
    }

    /// Forgets what was over before a moment.
    pub async fn prune_findings(&self, before_ms: i64) -> Result<u64> {
        let sql = "SELECT 1 FROM findings WHERE closed_at < $1 LIMIT 1";
        if self.row(sql, args![before_ms]).await?.is_none() {
            return Ok(0);
        }
        self.run("DELETE FROM findings WHERE closed_at < $1", args![before_ms]).await
    }

    /// The newest articles of a section that are not withdrawn.
    pub async fn recent(&self, section_id: i64, limit: i64) -> Result<Vec<Recent>> {
        let sql = "SELECT a.id, a.title, r.feed_date, a.source_url, r.listing_hash
                   FROM releases r JOIN articles a ON a.id = r.article_id
                   WHERE r.section_id = $1 AND a.withdrawn_at IS NULL
                   ORDER BY r.feed_date DESC, r.article_id DESC LIMIT $2 + 0";
        let rows = self.rows(sql, args![section_id, limit]).await?;
        rows.iter()
            .map(|row| {
                Ok(Recent {
                    article_id: row.int(0)?,
                    title: row.text(1)?,
                    feed_date: row.int(2)?,
                    source_url: row.text(3)?,
                    listing_hash: row.text(4)?,
                })
            })
            .collect()
    }

    /// Known articles stand under new addresses: they are known by these from now on, and links lead there. No revision,
    /// no edit (promise 4).
    pub async fn add_aliases(&self, section_id: i64, moves: &[Move]) -> Result<()> {
        let mut tx = self.begin().await?;
        for one in moves {
            let pairs: Vec<(i64, &str)> = one.keys.iter().map(|key| (one.article_id, key.as_str())).collect();
            add_keys(&mut tx, &pairs).await?;
            let sql = "UPDATE releases SET listing_hash = $3 WHERE section_id = $1 AND article_id = $2";
            tx.run(sql, args![section_id, one.article_id, one.listing_hash.as_str()]).await?;
            let is_web = matches!(one.url.scheme(), "http" | "https");
            let public = is_web.then(|| canonical::clean(&one.url).to_string());
            // Under another address it stands in another frame: what is read there replaces the text without a word.
            let sql = "UPDATE articles SET url = COALESCE($2, url), source_url = $3, etag = NULL, last_modified = NULL,
                       body_hash = NULL, gone_at = NULL, extraction = '' WHERE id = $1";
            tx.run(sql, args![one.article_id, public, one.url.as_str()]).await?;
            tx.touch_article(one.article_id).await?;
        }
        tx.commit().await
    }

    /// What an admin decided about a hold: `None` while it waits, else "approved" or "seen".
    pub async fn hold_decision(&self, hold_id: i64) -> Result<Option<String>> {
        let row = self.row("SELECT decision FROM holds WHERE id = $1", args![hold_id]).await?;
        row.map_or(Ok(Some("seen".to_owned())), |row| row.opt_text(0))
    }
}
