//! Holds: suspicious runs kept back until an admin decides. One of a kind is open in a section: what is suspicious
//! while it waits joins it. What it keeps back are releases, or changes of known articles.

use super::alerts::{self, Told};
use super::releases::{Numbered, number};
use super::sql::{Tx, args};
use super::{Result, Store};
use crate::health::Memory;

/// What a hold keeps back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldKind {
    /// New articles: too many, or too strange.
    New,
    /// Articles that are too old because nobody could look: digests have them, posts wait.
    Late,
    /// Articles newer than a store that was restored or emptied.
    Restored,
    /// A list that is not the section's. It keeps back the list itself.
    List,
    /// Edits of known articles.
    Edits,
    /// Withdrawals of known articles.
    Withdrawals,
}

impl HoldKind {
    const ALL: [Self; 6] = [Self::New, Self::Late, Self::Restored, Self::List, Self::Edits, Self::Withdrawals];

    /// The word of the table, and of `holds list`.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Late => "late",
            Self::Restored => "restored",
            Self::List => "list",
            Self::Edits => "edits",
            Self::Withdrawals => "withdrawals",
        }
    }

    fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.word() == word).unwrap_or(Self::New)
    }

    /// Whether it keeps back new articles, which may go out as one digest.
    pub fn has_releases(self) -> bool {
        matches!(self, Self::New | Self::Late | Self::Restored)
    }
}

/// What an admin decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Let it out.
    Approve,
    /// Take note of it: nothing is pushed.
    Seen,
    /// One digest instead of single messages.
    Digest,
}

impl Decision {
    fn word(self) -> &'static str {
        match self {
            Self::Approve => "approved",
            Self::Seen => "seen",
            Self::Digest => "digest",
        }
    }
}

/// What came of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// There is no such open hold.
    Unknown,
    /// What it keeps back cannot be put into a digest.
    NoDigest,
    /// Done; how many articles.
    Done(usize),
}

/// A suspicious run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its key.
    pub id: i64,
    /// Slug of the section.
    pub section: String,
    /// What it keeps back.
    pub kind: HoldKind,
    /// When it was held.
    pub created_at: i64,
    /// Why, in words.
    pub reason: String,
    /// How many articles it keeps back.
    pub count: i64,
    /// Titles of up to three of them.
    pub samples: Vec<String>,
}

/// How long an admin is not told of a hold yet: until its run is done, or was cut off.
const RUN_MS: i64 = 10 * 60_000;

const COUNT: &str = "SELECT (SELECT COUNT(*) FROM releases WHERE hold_id = $1 AND state = 'held')
     + (SELECT COUNT(*) FROM held_changes WHERE hold_id = $1)";
const SAMPLES: &str = "SELECT a.title FROM articles a WHERE a.id IN
       (SELECT article_id FROM releases WHERE hold_id = $1 AND state = 'held'
        UNION SELECT article_id FROM held_changes WHERE hold_id = $1)
     ORDER BY a.feed_date DESC, a.id DESC LIMIT 3";

impl Store {
    /// The open hold of a kind in a section, opened if there is none. With a new one an alert is prepared in the same
    /// transaction; [`Store::hold_is_whole`] sends it.
    pub async fn hold(&self, section_id: i64, kind: HoldKind, told: &Told, now_ms: i64) -> Result<i64> {
        let mut tx = self.begin().await?;
        let sql = "SELECT id FROM holds WHERE section_id = $1 AND kind = $2 AND settled_at IS NULL ORDER BY id LIMIT 1";
        if let Some(row) = tx.row(sql, args![section_id, kind.word()]).await? {
            return row.int(0);
        }
        let id = self.new_id(now_ms);
        let sql = "INSERT INTO holds (id, section_id, created_at, reason, kind) VALUES ($1, $2, $3, $4, $5)";
        tx.run(sql, args![id, section_id, now_ms, told.english(), kind.word()]).await?;
        alerts::add(&mut tx, self.new_id(now_ms), section_id, Some(id), told, now_ms + RUN_MS).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The run of a hold is done: whoever has to be told is told now. Why it is held; `None` where it keeps back nothing
    /// after all, and is gone.
    pub async fn hold_is_whole(&self, id: i64, now_ms: i64) -> Result<Option<String>> {
        let mut tx = self.begin().await?;
        let sql = "SELECT reason, kind FROM holds WHERE id = $1 AND settled_at IS NULL";
        let Some(row) = tx.row(sql, args![id]).await? else { return Ok(None) };
        let (reason, kind) = (row.text(0)?, HoldKind::from_word(&row.text(1)?));
        if kind != HoldKind::List && tx.row(COUNT, args![id]).await?.map_or(Ok(0), |row| row.int(0))? == 0 {
            tx.run("DELETE FROM alerts WHERE hold_id = $1", args![id]).await?;
            tx.run("DELETE FROM holds WHERE id = $1", args![id]).await?;
            tx.commit().await?;
            return Ok(None);
        }
        // A cool-down that was set for it stands.
        let sql = "UPDATE alerts SET due_at = $2 WHERE hold_id = $1 AND queued_at IS NULL AND due_at > $2
                     AND due_at <= $3";
        tx.run(sql, args![id, now_ms, now_ms + RUN_MS]).await?;
        tx.commit().await?;
        Ok(Some(reason))
    }

    /// The holds that wait for a decision.
    pub async fn holds(&self) -> Result<Vec<Hold>> {
        let sql = "SELECT h.id, s.slug, h.created_at, h.reason, h.kind FROM holds h
                   JOIN sections s ON s.id = h.section_id WHERE h.settled_at IS NULL ORDER BY h.id";
        let mut holds = Vec::new();
        for row in self.rows(sql, vec![]).await? {
            let id = row.int(0)?;
            let count = self.row(COUNT, args![id]).await?.map_or(Ok(0), |row| row.int(0))?;
            let samples = self.rows(SAMPLES, args![id]).await?.iter().map(|r| r.text(0)).collect::<Result<_>>()?;
            holds.push(Hold {
                id,
                section: row.text(1)?,
                created_at: row.int(2)?,
                reason: row.text(3)?,
                kind: HoldKind::from_word(&row.text(4)?),
                count,
                samples,
            });
        }
        Ok(holds)
    }

    /// How many articles a hold keeps back, and titles of up to three of them.
    pub(super) async fn kept_back_in(tx: &mut Tx, id: i64) -> Result<(i64, Vec<String>)> {
        let count = tx.row(COUNT, args![id]).await?.map_or(Ok(0), |row| row.int(0))?;
        let samples = tx.rows(SAMPLES, args![id]).await?.iter().map(|r| r.text(0)).collect::<Result<_>>()?;
        Ok((count, samples))
    }

    /// How many articles of a section had an edit or a withdrawal (`kind`) since a moment, let out or held.
    pub async fn changed_since(&self, section_id: i64, kind: HoldKind, since_ms: i64) -> Result<usize> {
        let own =
            if kind == HoldKind::Edits { "a.revision > 1 AND a.updated_at >= $2" } else { "a.withdrawn_at >= $2" };
        let sql = format!(
            "SELECT (SELECT COUNT(*) FROM articles a JOIN releases r ON r.article_id = a.id
                     WHERE r.section_id = $1 AND {own})
                  + (SELECT COUNT(*) FROM held_changes c JOIN holds h ON h.id = c.hold_id
                     WHERE h.section_id = $1 AND h.kind = $3 AND c.created_at >= $2)"
        );
        let row = self.row(sqlx::AssertSqlSafe(sql), args![section_id, since_ms, kind.word()]).await?;
        Ok(row.map_or(Ok(0), |row| row.int(0))? as usize)
    }

    /// How many articles of a section are young enough to be read again.
    pub async fn young(&self, section_id: i64, since_ms: i64) -> Result<usize> {
        let sql = "SELECT COUNT(*) FROM releases r JOIN articles a ON a.id = r.article_id
                   WHERE r.section_id = $1 AND a.withdrawn_at IS NULL AND (a.first_seen >= $2 OR a.next_read IS NOT NULL)";
        let row = self.row(sql, args![section_id, since_ms]).await?;
        Ok(row.map_or(Ok(0), |row| row.int(0))? as usize)
    }

    /// Settles a hold.
    pub async fn settle_hold(&self, id: i64, decision: Decision, now_ms: i64) -> Result<Settled> {
        let mut tx = self.begin().await?;
        let sql = "SELECT kind, section_id FROM holds WHERE id = $1 AND settled_at IS NULL";
        let Some(row) = tx.row(sql, args![id]).await? else { return Ok(Settled::Unknown) };
        let (kind, section) = (HoldKind::from_word(&row.text(0)?), row.int(1)?);
        if decision == Decision::Digest && !kind.has_releases() {
            return Ok(Settled::NoDigest);
        }
        let sql = "UPDATE holds SET settled_at = $2, decision = $3 WHERE id = $1 AND settled_at IS NULL";
        if tx.run(sql, args![id, now_ms, decision.word()]).await? == 0 {
            return Ok(Settled::Unknown);
        }
        let sql = "SELECT id FROM releases WHERE hold_id = $1 AND state = 'held' ORDER BY id";
        let ids = tx.rows(sql, args![id]).await?.iter().map(|r| r.int(0)).collect::<Result<Vec<_>>>()?;
        let mut count = match decision {
            Decision::Approve => number(&mut tx, &ids, Numbered::Out).await?,
            Decision::Digest => number(&mut tx, &ids, Numbered::Digest).await?,
            Decision::Seen => {
                let sql = "UPDATE releases SET state = 'quiet' WHERE hold_id = $1 AND state = 'held'";
                tx.run(sql, args![id]).await? as usize
            }
        };
        if decision == Decision::Approve && kind == HoldKind::New {
            learn(&mut tx, section, count, now_ms).await?;
        }
        count += self.settle_changes(&mut tx, id, kind, decision, now_ms).await?;
        tx.commit().await?;
        Ok(Settled::Done(count))
    }

    async fn settle_changes(
        &self,
        tx: &mut Tx,
        hold: i64,
        kind: HoldKind,
        decision: Decision,
        now_ms: i64,
    ) -> Result<usize> {
        let sql = "SELECT c.article_id FROM held_changes c JOIN articles a ON a.id = c.article_id
                   WHERE c.hold_id = $1 AND a.withdrawn_at IS NULL ORDER BY c.article_id";
        let ids = tx.rows(sql, args![hold]).await?.iter().map(|r| r.int(0)).collect::<Result<Vec<_>>>()?;
        for &id in &ids {
            match (kind, decision) {
                (HoldKind::Withdrawals, Decision::Approve) => {
                    self.withdraw_in(tx, id, now_ms).await?;
                }
                // It stays, whatever its address answers.
                (HoldKind::Withdrawals, _) => {
                    tx.run("UPDATE articles SET gone_at = NULL, next_read = NULL WHERE id = $1", args![id]).await?;
                }
                (_, Decision::Approve) => {
                    let sql = "UPDATE articles SET revision = revision + 1, updated_at = $2 WHERE id = $1
                               RETURNING revision";
                    let Some(row) = tx.row(sql, args![id, now_ms]).await? else { continue };
                    tx.touch_article(id).await?;
                    self.enqueue_edits(tx, id, row.int(0)?, now_ms).await?;
                }
                _ => {}
            }
        }
        Ok(ids.len())
    }

    /// Marks holds older than `before_ms` as seen: nobody decided. A list that is kept out waits on: marked as seen it
    /// would come into the feeds.
    pub async fn expire_holds(&self, before_ms: i64, now_ms: i64) -> Result<usize> {
        let sql = "SELECT h.id FROM holds h WHERE h.settled_at IS NULL AND h.created_at < $1 AND NOT EXISTS
                   (SELECT 1 FROM findings f WHERE f.hold_id = h.id AND f.closed_at IS NULL)";
        let rows = self.rows(sql, args![before_ms]).await?;
        for row in &rows {
            self.settle_hold(row.int(0)?, Decision::Seen, now_ms).await?;
        }
        Ok(rows.len())
    }
}

/// What an admin approved is usual from now on.
async fn learn(tx: &mut Tx, section_id: i64, count: usize, now_ms: i64) -> Result<()> {
    let row = tx.row("SELECT memory FROM health WHERE section_id = $1", args![section_id]).await?;
    let Some(row) = row else { return Ok(()) };
    let Ok(mut memory) = serde_json::from_str::<Memory>(&row.text(0)?) else { return Ok(()) };
    memory.learn_approved(count, now_ms);
    let sql = "UPDATE health SET memory = $2 WHERE section_id = $1";
    tx.run(sql, args![section_id, serde_json::to_string(&memory)?]).await.map(|_| ())
}
