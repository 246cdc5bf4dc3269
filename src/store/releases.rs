//! Releases: an article let out in a section. Those that are out carry a number; cursors follow it.

use std::collections::HashMap;

use super::sql::{Tx, args};
use super::{ReleaseAs, Result, Store};

impl Store {
    pub(super) async fn release(
        &self,
        tx: &mut Tx,
        section_id: i64,
        article_id: i64,
        listing_hash: &str,
        as_: ReleaseAs,
        now_ms: i64,
    ) -> Result<()> {
        let (state, due, hold) = match as_ {
            ReleaseAs::Out => ("out", now_ms, None),
            ReleaseAs::Waiting(due) => ("waiting", due, None),
            ReleaseAs::Held(hold) => ("held", now_ms, Some(hold)),
            ReleaseAs::Quiet => ("quiet", now_ms, None),
        };
        let sql = "INSERT INTO releases (id, section_id, article_id, created_at, feed_date, state, due_at, hold_id,
                     listing_hash)
                   SELECT $1, $2, $3, $4, feed_date, $5, $6, $7, $8 FROM articles WHERE id = $3
                   ON CONFLICT (section_id, article_id) DO NOTHING";
        let id = self.new_id(now_ms);
        let arguments = args![id, section_id, article_id, now_ms, state, due, hold, listing_hash];
        if tx.run(sql, arguments).await? == 1 && as_ == ReleaseAs::Out {
            number(tx, &[id]).await?;
        }
        Ok(())
    }

    /// Lets out what has waited long enough; how many. Withdrawn articles are never let out.
    pub async fn let_out_due(&self, now_ms: i64) -> Result<usize> {
        let due = "SELECT id FROM releases WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, id LIMIT 500";
        if self.row(due, args![now_ms]).await?.is_none() {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        let ids = tx.rows(due, args![now_ms]).await?.iter().map(|r| r.int(0)).collect::<Result<Vec<_>>>()?;
        let count = number(&mut tx, &ids).await?;
        tx.commit().await?;
        Ok(count)
    }

    /// How many articles a section has let out, or is about to, since a moment.
    pub async fn released_since(&self, section_id: i64, since_ms: i64) -> Result<usize> {
        let sql = "SELECT COUNT(*) FROM releases WHERE section_id = $1 AND created_at >= $2
                   AND state IN ('out', 'waiting')";
        let row = self.row(sql, args![section_id, since_ms]).await?;
        Ok(row.map_or(Ok(0), |r| r.int(0))? as usize)
    }

    /// When the next waiting release is due.
    pub async fn next_waiting(&self) -> Result<Option<i64>> {
        let row = self.row("SELECT MIN(due_at) FROM releases WHERE state = 'waiting'", vec![]).await?;
        row.map_or(Ok(None), |r| r.opt_int(0))
    }

    /// The highest number of each section.
    pub async fn heads(&self) -> Result<HashMap<i64, i64>> {
        let sql = "SELECT section_id, MAX(seq) FROM releases WHERE seq IS NOT NULL GROUP BY section_id";
        self.rows(sql, vec![]).await?.iter().map(|r| Ok((r.int(0)?, r.int(1)?))).collect()
    }

    /// The highest number of all: where a new subscription begins.
    pub(super) async fn head(tx: &mut Tx) -> Result<i64> {
        let row = tx.row("SELECT value FROM counters WHERE name = 'release'", vec![]).await?;
        row.map_or(Ok(0), |r| r.int(0))
    }
}

/// Numbers releases in the order given and makes them 'out', but for those whose article is withdrawn,
/// which become quiet. How many went out.
pub(super) async fn number(tx: &mut Tx, ids: &[i64]) -> Result<usize> {
    let mut out = 0;
    for &id in ids {
        let sql = "UPDATE releases SET state = 'quiet' WHERE id = $1 AND EXISTS
                   (SELECT 1 FROM articles a WHERE a.id = releases.article_id AND a.withdrawn_at IS NOT NULL)";
        if tx.run(sql, args![id]).await? == 1 {
            continue;
        }
        let seq = tx.count("release", 1).await?;
        let sql = "UPDATE releases SET state = 'out', seq = $2 WHERE id = $1 AND seq IS NULL";
        tx.run(sql, args![id, seq]).await?;
        out += 1;
    }
    Ok(out)
}
