//! What happens to a stored article: it is read again, it changes, it is withdrawn. A change and everything
//! that follows from it (edits of posts, deletions, dropped messages) is one transaction.

use super::articles::{ARTICLE, read_article};
use super::sections::joined;
use super::sql::{Tx, args};
use super::{Result, Store};
use crate::article::{Article, Reading, fingerprint, identity, text};
use crate::fetch::Validators;

/// An article that is due to be read again.
#[derive(Debug, Clone)]
pub struct Due {
    /// The article.
    pub article: Article,
    /// Slug of the section whose rules apply (the first that listed it).
    pub section: String,
    /// Extraction version of the stored reading.
    pub extraction: String,
    /// Validators of its page.
    pub validators: Validators,
    /// How many planned readings are done.
    pub reads: i64,
    /// The first 404 or 410 of a row.
    pub gone_at: Option<i64>,
    /// The hash of what was read.
    pub content_hash: String,
}

/// What a repeated reading found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reread {
    /// Nothing of weight changed.
    Same,
    /// Another extraction version reads it differently: replaced without a word.
    Replaced,
    /// A new revision.
    Edited(i64),
    /// It would be a new revision, but waits for an admin: feeds have the new text, nobody is told of a change.
    Held,
}

/// What a missing page means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// Missing for the first time: ask again later.
    Once,
    /// Missing again, long enough after: withdrawn.
    Withdrawn,
    /// It would be withdrawn, but waits for an admin.
    Held,
}

impl Store {
    /// Articles whose planned reading is due, the longest overdue first.
    pub async fn due_reads(&self, now_ms: i64, limit: i64) -> Result<Vec<Due>> {
        let sql = joined(
            &format!(
                "SELECT {ARTICLE}, s.slug, a.extraction, a.etag, a.last_modified, a.body_hash, a.reads, a.gone_at, \
                 a.content_hash"
            ),
            " FROM articles a
              JOIN releases r ON r.id = (SELECT MIN(x.id) FROM releases x WHERE x.article_id = a.id)
              JOIN sections s ON s.id = r.section_id
              WHERE a.next_read <= $1 AND a.next_read IS NOT NULL ORDER BY a.next_read, a.id LIMIT $2 + 0",
        );
        let rows = self.rows(sql, args![now_ms, limit]).await?;
        rows.iter()
            .map(|row| {
                Ok(Due {
                    article: read_article(row)?,
                    section: row.text(10)?,
                    extraction: row.text(11)?,
                    validators: Validators {
                        etag: row.opt_text(12)?,
                        last_modified: row.opt_text(13)?,
                        body_hash: row.opt_text(14)?,
                    },
                    reads: row.int(15)?,
                    gone_at: row.opt_int(16)?,
                    content_hash: row.text(17)?,
                })
            })
            .collect()
    }

    /// When the next planned reading is due.
    pub async fn next_read(&self) -> Result<Option<i64>> {
        let row = self.row("SELECT MIN(next_read) FROM articles WHERE next_read IS NOT NULL", vec![]).await?;
        row.map_or(Ok(None), |r| r.opt_int(0))
    }

    /// The page was as before, or could not be read now: only the plan moves on.
    pub async fn plan_read(&self, id: i64, reads: i64, next: Option<i64>, page_is_there: bool) -> Result<()> {
        let sql = if page_is_there {
            "UPDATE articles SET reads = $2, next_read = $3, gone_at = NULL WHERE id = $1"
        } else {
            "UPDATE articles SET reads = $2, next_read = $3 WHERE id = $1"
        };
        self.run(sql, args![id, reads, next]).await.map(|_| ())
    }

    /// The page was read again. A revision exists only when title, text or picture differ under the same
    /// extraction version (promise 5). With `hold` it waits for an admin.
    #[expect(clippy::too_many_arguments, reason = "one row's worth of facts")]
    pub async fn commit_reread(
        &self,
        id: i64,
        reading: &Reading,
        extraction: &str,
        validators: &Validators,
        page: Option<&str>,
        reads: i64,
        next: Option<i64>,
        hold: Option<i64>,
        now_ms: i64,
    ) -> Result<Reread> {
        let mut tx = self.begin().await?;
        let sql = "SELECT content_hash, extraction, revision, withdrawn_at FROM articles WHERE id = $1";
        let Some(row) = tx.row(sql, args![id]).await? else { return Ok(Reread::Same) };
        let (old_hash, old_extraction, revision) = (row.text(0)?, row.text(1)?, row.int(2)?);
        let hash = identity::content_hash(reading);
        let outcome = if old_hash == hash && old_extraction == extraction {
            Reread::Same
        } else if old_extraction != extraction || row.opt_int(3)?.is_some() {
            Reread::Replaced
        } else if hold.is_some() {
            Reread::Held
        } else {
            Reread::Edited(revision + 1)
        };
        let sql = "UPDATE articles SET etag = $2, last_modified = $3, body_hash = $4, reads = $5, next_read = $6,
                   read_at = $7, gone_at = NULL WHERE id = $1";
        let arguments = args![
            id,
            validators.etag.clone(),
            validators.last_modified.clone(),
            validators.body_hash.clone(),
            reads,
            next,
            now_ms
        ];
        tx.run(sql, arguments).await?;
        if outcome != Reread::Same {
            let search = text::folded(&format!("{} {}", reading.title, reading.lead.as_deref().unwrap_or("")));
            let sql = "UPDATE articles SET title = $2, search = $3, reading = $4, content_hash = $5, extraction = $6,
                         fingerprint = $7, pruned_at = NULL WHERE id = $1";
            let json = serde_json::to_string(reading)?;
            let print = fingerprint::stored(&reading.text);
            tx.run(sql, args![id, reading.title.as_str(), search, json, hash, extraction, print]).await?;
            if let Some(page) = page {
                let sql = "INSERT INTO pages (article_id, stored_at, body) VALUES ($1, $2, $3)
                           ON CONFLICT (article_id) DO UPDATE SET stored_at = excluded.stored_at, body = excluded.body";
                tx.run(sql, args![id, now_ms, page]).await?;
            }
            tx.touch_article(id).await?;
        }
        if let (Reread::Held, Some(hold)) = (outcome, hold) {
            hold_change(&mut tx, hold, id, now_ms).await?;
        }
        if let Reread::Edited(revision) = outcome {
            let sql = "UPDATE articles SET revision = $2, updated_at = $3 WHERE id = $1";
            tx.run(sql, args![id, revision, now_ms]).await?;
            self.enqueue_edits(&mut tx, id, revision, now_ms).await?;
        }
        tx.commit().await?;
        Ok(outcome)
    }

    /// The page answered 404 or 410. Twice, `apart_ms` apart, means withdrawn; with `hold` that waits for an admin.
    pub async fn page_gone(&self, id: i64, apart_ms: i64, next: i64, hold: Option<i64>, now_ms: i64) -> Result<Gone> {
        let mut tx = self.begin().await?;
        let row = tx.row("SELECT gone_at FROM articles WHERE id = $1", args![id]).await?;
        let gone_at = row.map_or(Ok(None), |r| r.opt_int(0))?;
        let outcome = match gone_at {
            Some(first) if now_ms - first >= apart_ms && hold.is_some() => {
                tx.run("UPDATE articles SET next_read = NULL WHERE id = $1", args![id]).await?;
                hold_change(&mut tx, hold.unwrap_or_default(), id, now_ms).await?;
                Gone::Held
            }
            Some(first) if now_ms - first >= apart_ms => {
                self.withdraw_in(&mut tx, id, now_ms).await?;
                Gone::Withdrawn
            }
            first => {
                let sql = "UPDATE articles SET gone_at = $2, next_read = $3 WHERE id = $1";
                let first = first.unwrap_or(now_ms);
                tx.run(sql, args![id, first, next.max(first + apart_ms)]).await?;
                Gone::Once
            }
        };
        tx.commit().await?;
        Ok(outcome)
    }

    /// Withdraws an article: it leaves the feeds, what is queued is dropped, what is posted is deleted.
    /// False when it is already withdrawn or unknown.
    pub async fn withdraw(&self, id: i64, now_ms: i64) -> Result<bool> {
        let mut tx = self.begin().await?;
        let changed = self.withdraw_in(&mut tx, id, now_ms).await?;
        tx.commit().await?;
        Ok(changed)
    }

    pub(super) async fn withdraw_in(&self, tx: &mut Tx, id: i64, now_ms: i64) -> Result<bool> {
        let sql = "UPDATE articles SET withdrawn_at = $2, next_read = NULL WHERE id = $1 AND withdrawn_at IS NULL";
        if tx.run(sql, args![id, now_ms]).await? == 0 {
            return Ok(false);
        }
        tx.touch_article(id).await?;
        let sql = "UPDATE deliveries SET state = 'dropped', reason = 'the article was withdrawn', settled_at = $2
                   WHERE article_id = $1 AND state IN ('pending', 'retry') AND kind IN ('post', 'edit')";
        tx.run(sql, args![id, now_ms]).await?;
        self.enqueue_deletes(tx, id, now_ms).await?;
        Ok(true)
    }
}

/// Notes that a change of an article waits with a hold.
async fn hold_change(tx: &mut Tx, hold: i64, article_id: i64, now_ms: i64) -> Result<()> {
    let sql = "INSERT INTO held_changes (hold_id, article_id, created_at) VALUES ($1, $2, $3)
               ON CONFLICT (hold_id, article_id) DO NOTHING";
    tx.run(sql, args![hold, article_id, now_ms]).await.map(|_| ())
}
