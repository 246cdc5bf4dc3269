//! Releases: an article let out in a section. Those that are out carry a number; cursors follow it.

use std::collections::{HashMap, HashSet};

use sqlx::AssertSqlSafe;

use super::sql::{Arg, Tx, args, groups, list};
use super::{ReleaseAs, Result, Store, guids};

/// Releases of one statement.
const SET: usize = 100;

/// An article to let out in a section.
pub(super) struct NewRelease<'a> {
    pub(super) section_id: i64,
    pub(super) article_id: i64,
    /// The article's instant for feeds; looked up where it is not at hand.
    pub(super) feed_date: Option<i64>,
    pub(super) listing_hash: &'a str,
    pub(super) as_: ReleaseAs,
    /// The source's own id, where the section keeps it.
    pub(super) guid: Option<&'a str>,
    /// Whether it waits for nothing, once it is let out.
    pub(super) urgent: bool,
}

impl Store {
    /// Lets articles out, in the order given; one that is already in its section stays as it is.
    pub(super) async fn release(&self, tx: &mut Tx, set: &[NewRelease<'_>], now_ms: i64) -> Result<()> {
        let dates = feed_dates(tx, set).await?;
        let (mut arguments, mut order, mut numbered) = (Vec::new(), Vec::new(), Vec::new());
        let mut late = Vec::new();
        for new in set {
            let (state, due, hold) = match new.as_ {
                ReleaseAs::Out => ("out", now_ms, None),
                ReleaseAs::Waiting(due) => ("waiting", due, None),
                ReleaseAs::Held(hold) | ReleaseAs::Late(hold) => ("held", now_ms, Some(hold)),
                ReleaseAs::Quiet => ("quiet", now_ms, None),
            };
            let Some(feed_date) = new.feed_date.or_else(|| dates.get(&new.article_id).copied()) else { continue };
            let id = self.new_id(now_ms);
            order.push(id);
            if new.as_ == ReleaseAs::Out {
                numbered.push(id);
            } else if matches!(new.as_, ReleaseAs::Late(_)) {
                late.push(id);
            }
            arguments.extend(args![
                id,
                new.section_id,
                new.article_id,
                now_ms,
                feed_date,
                state,
                due,
                hold,
                new.listing_hash,
                (new.urgent && new.as_ != ReleaseAs::Quiet).then_some(0_i64)
            ]);
        }
        if order.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "INSERT INTO releases (id, section_id, article_id, created_at, feed_date, state, due_at, hold_id,
               listing_hash, urgent) VALUES {} ON CONFLICT (section_id, article_id) DO NOTHING RETURNING id",
            groups(1, order.len(), 10)
        );
        let rows = tx.rows(AssertSqlSafe(sql), arguments).await?;
        let made = rows.iter().map(|row| row.int(0)).collect::<Result<HashSet<i64>>>()?;
        numbered.retain(|id| made.contains(id));
        late.retain(|id| made.contains(id));
        let guids: Vec<(i64, &str, i64)> =
            set.iter().filter_map(|new| Some((new.section_id, new.guid?, new.article_id))).collect();
        guids::add(tx, &guids).await?;
        number(tx, &late, Numbered::Late).await?;
        number(tx, &numbered, Numbered::Out).await.map(|_| ())
    }

    /// Lets out what has waited long enough; how many. Withdrawn articles are never let out.
    pub async fn let_out_due(&self, now_ms: i64) -> Result<usize> {
        let due = "SELECT id FROM releases WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, id LIMIT 500";
        if self.row(due, args![now_ms]).await?.is_none() {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        let ids = tx.rows(due, args![now_ms]).await?.iter().map(|r| r.int(0)).collect::<Result<Vec<_>>>()?;
        let count = number(&mut tx, &ids, Numbered::Out).await?;
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

/// The instants for feeds of the articles that come without.
async fn feed_dates(tx: &mut Tx, set: &[NewRelease<'_>]) -> Result<HashMap<i64, i64>> {
    let ids: Vec<i64> = set.iter().filter(|new| new.feed_date.is_none()).map(|new| new.article_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!("SELECT id, feed_date FROM articles WHERE id IN {}", list(1, ids.len()));
    let rows = tx.rows(AssertSqlSafe(sql), ids.iter().map(|&id| id.into()).collect()).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
}

/// What a number is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbered {
    /// Everything follows it.
    Out,
    /// Digests follow it, nothing else.
    Digest,
    /// Digests follow it; the rest waits with its hold.
    Late,
}

/// Numbers releases in the order given, but for those whose article is withdrawn, which become quiet. What digests
/// have already keeps the number they had it by. How many were numbered.
pub(super) async fn number(tx: &mut Tx, ids: &[i64], as_: Numbered) -> Result<usize> {
    let mut out = 0;
    for ids in ids.chunks(SET) {
        let sql = format!(
            "UPDATE releases SET state = 'quiet' WHERE id IN {} AND EXISTS
               (SELECT 1 FROM articles a WHERE a.id = releases.article_id AND a.withdrawn_at IS NOT NULL)
             RETURNING id",
            list(1, ids.len())
        );
        let rows = tx.rows(AssertSqlSafe(sql), ids.iter().map(|&id| id.into()).collect()).await?;
        let withdrawn = rows.iter().map(|row| row.int(0)).collect::<Result<HashSet<i64>>>()?;
        let ids: Vec<i64> = ids.iter().copied().filter(|id| !withdrawn.contains(id)).collect();
        if ids.is_empty() {
            continue;
        }
        let last = tx.count("release", ids.len() as i64).await?;
        let first = last - ids.len() as i64 + 1;
        // CASE instead of a join on values: one text for both engines.
        let cases = (0..ids.len()).map(|n| format!("WHEN ${} THEN ${}", 2 * n + 1, 2 * n + 2));
        let cases = cases.collect::<Vec<_>>().join(" ");
        let set = match as_ {
            Numbered::Out => format!(
                "state = 'out', seq = CASE id {cases} END, digest_seq = COALESCE(digest_seq, CASE id {cases} END),
                 urgent = CASE WHEN urgent IS NULL THEN NULL ELSE CASE id {cases} END END"
            ),
            Numbered::Digest => format!("state = 'digest', digest_seq = COALESCE(digest_seq, CASE id {cases} END)"),
            Numbered::Late => format!("digest_seq = COALESCE(digest_seq, CASE id {cases} END)"),
        };
        let sql =
            format!("UPDATE releases SET {set} WHERE id IN {} AND seq IS NULL", list(2 * ids.len() + 1, ids.len()));
        let mut arguments: Vec<Arg> = ids.iter().zip(first..).flat_map(|(&id, seq)| args![id, seq]).collect();
        arguments.extend(ids.iter().map(|&id| Arg::from(id)));
        tx.run(AssertSqlSafe(sql), arguments).await?;
        out += ids.len();
    }
    Ok(out)
}
