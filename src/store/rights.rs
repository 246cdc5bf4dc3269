//! What belongs to readers themselves: a pause, a copy of everything that is kept of them, and being forgotten.

use sqlx::AssertSqlSafe;

use super::erase::forget_in;
use super::sql::args;
use super::subscribers::{LEFT, OPEN};
use super::{Result, Store};

/// Readers of one statement.
const SET: i64 = 200;

/// One mail that a reader was sent, or that waits for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMail {
    /// "post", "digest", "confirm", …
    pub kind: String,
    /// What became of it.
    pub state: String,
    /// Since when it is queued (Unix milliseconds).
    pub created_at: i64,
    /// When it was settled.
    pub settled_at: Option<i64>,
    /// The title of a single article.
    pub title: Option<String>,
}

/// What is kept of a reader besides the subscription itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// The wording of the consent.
    pub consent: String,
    /// When they left.
    pub left_at: Option<i64>,
    /// Until when they pause.
    pub paused_until: Option<i64>,
    /// Mails, the newest first.
    pub mails: Vec<SentMail>,
    /// Mails that came back: when, and the class.
    pub bounces: Vec<(i64, String)>,
}

impl Store {
    /// Nothing is sent until the time given; what is queued is dropped, and what appears meanwhile is not sent later.
    /// False where nobody is subscribed under this key.
    pub async fn pause_reader(&self, id: i64, until_ms: i64, now_ms: i64) -> Result<bool> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE subscribers SET state = 'paused', paused_until = $2 WHERE id = $1 AND state IN ('active', 'paused')";
        if tx.run(sql, args![id, until_ms]).await? == 0 {
            return Ok(false);
        }
        let sql = "UPDATE subscriptions SET active = $2, rests = $3 WHERE target_id = $1 AND active";
        tx.run(sql, args![id, false, true]).await?;
        tx.run(LEFT, args![id, now_ms]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The pause is over: what was followed is followed again, from now on.
    pub async fn resume_reader(&self, id: i64) -> Result<bool> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE subscribers SET state = 'active', paused_until = NULL WHERE id = $1 AND state = 'paused'";
        if tx.run(sql, args![id]).await? == 0 {
            return Ok(false);
        }
        let head = Self::head(&mut tx).await?;
        let sql = "UPDATE subscriptions SET active = $2, rests = $3, start = $4, cursor = $4
                   WHERE target_id = $1 AND rests";
        tx.run(sql, args![id, true, false, head]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The sections that a pausing reader will follow again.
    pub async fn resting(&self, id: i64) -> Result<Vec<i64>> {
        let sql = "SELECT section_id FROM subscriptions WHERE target_id = $1 AND rests ORDER BY id";
        self.rows(sql, args![id]).await?.iter().map(|row| row.int(0)).collect()
    }

    /// Ends the pauses whose time is over; how many.
    pub async fn resume_readers(&self, now_ms: i64) -> Result<u64> {
        let sql = "SELECT id FROM subscribers WHERE state = 'paused' AND paused_until <= $1 ORDER BY id LIMIT $2 + 0";
        let mut resumed = 0;
        for row in self.rows(sql, args![now_ms, SET]).await? {
            resumed += u64::from(self.resume_reader(row.int(0)?).await?);
        }
        Ok(resumed)
    }

    /// Everything that is kept of a reader, apart from what [`Store::subscriber`] says.
    pub async fn kept_of(&self, id: i64) -> Result<Kept> {
        let sql = "SELECT consent, left_at, paused_until FROM subscribers WHERE id = $1";
        let Some(row) = self.row(sql, args![id]).await? else { return Ok(Kept::default()) };
        let mut kept =
            Kept { consent: row.text(0)?, left_at: row.opt_int(1)?, paused_until: row.opt_int(2)?, ..Kept::default() };
        let sql = "SELECT d.kind, d.state, d.created_at, d.settled_at, a.title FROM deliveries d
                   LEFT JOIN articles a ON a.id = d.article_id
                   WHERE d.target_id = $1 AND d.kind <> 'alert' ORDER BY d.id DESC LIMIT 5000";
        for row in self.rows(sql, args![id]).await? {
            kept.mails.push(SentMail {
                kind: row.text(0)?,
                state: row.text(1)?,
                created_at: row.int(2)?,
                settled_at: row.opt_int(3)?,
                title: row.opt_text(4)?,
            });
        }
        let sql = "SELECT at, class FROM bounces WHERE target_id = $1 ORDER BY at";
        for row in self.rows(sql, args![id]).await? {
            kept.bounces.push((row.int(0)?, row.text(1)?));
        }
        Ok(kept)
    }

    /// Forgets a reader without keeping a hash: they may come again, by themselves or by a list. False where there is
    /// none.
    pub async fn erase_reader(&self, id: i64) -> Result<bool> {
        let mut tx = self.begin().await?;
        if tx.row("SELECT 1 FROM subscribers WHERE id = $1", args![id]).await?.is_none() {
            return Ok(false);
        }
        forget_in(&mut tx, id).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Never asks an address again, by its print (a keyed hash), and forgets its reader.
    pub async fn block_reader(&self, id: i64, print: &str, now_ms: i64) -> Result<()> {
        let sql = "INSERT INTO blocked (print, at) VALUES ($1, $2) ON CONFLICT (print) DO NOTHING";
        self.run(sql, args![print, now_ms]).await?;
        // Erased, so that no list brings them in either.
        self.erase_subscriber(id, now_ms).await.map(|_| ())
    }

    /// Whether an address is never to be asked.
    pub async fn is_blocked(&self, print: &str) -> Result<bool> {
        Ok(self.row("SELECT 1 FROM blocked WHERE print = $1", args![print]).await?.is_some())
    }

    /// Forgets the addresses that never confirmed, as their mail promised; how many. Those asked since `before_ms` stay,
    /// so that nobody is asked more often than [`super::Asked`] allows.
    pub async fn erase_unconfirmed(&self, before_ms: i64) -> Result<u64> {
        let sql = "SELECT id FROM subscribers WHERE state = 'pending' AND asked_at < $1 ORDER BY id LIMIT $2 + 0";
        let mut erased = 0;
        for row in self.rows(sql, args![before_ms, SET]).await? {
            erased += u64::from(self.erase_reader(row.int(0)?).await?);
        }
        Ok(erased)
    }

    /// Queues the last mail to somebody who left; at most one a day.
    pub async fn bid_farewell(&self, id: i64, now_ms: i64) -> Result<()> {
        let sql = "SELECT 1 FROM deliveries WHERE target_id = $1 AND kind = 'farewell' AND created_at > $2 LIMIT 1";
        if self.row(sql, args![id, now_ms - 24 * 3_600_000]).await?.is_some() {
            return Ok(());
        }
        let sql = "INSERT INTO deliveries (id, dedup, channel, target_id, kind, payload, state, due_at, created_at)
                   VALUES ($1, $2, 'email', $3, 'farewell', '', 'pending', $4, $4) ON CONFLICT (dedup) DO NOTHING";
        let dedup = format!("f:{id}:{now_ms}");
        self.run(sql, args![self.new_id(now_ms), dedup, id, now_ms]).await.map(|_| ())
    }

    /// Queues a correction of an article for every reader who was mailed it, by itself or in a digest, and follows one of
    /// its sections still; how many. One for each revision, and only one.
    pub async fn correct(&self, article: i64, note: &str, now_ms: i64) -> Result<u64> {
        let mut tx = self.begin().await?;
        let sql = "SELECT revision FROM articles WHERE id = $1 AND withdrawn_at IS NULL";
        let Some(row) = tx.row(sql, args![article]).await? else { return Ok(0) };
        let revision = row.int(0)?;
        // A digest's list is pairs of article and section: "[[12,3],[7,3]]".
        let from = "FROM deliveries d JOIN subscribers s ON s.id = d.target_id AND s.state = 'active'
                    JOIN releases r ON r.article_id = $1
                    JOIN subscriptions u ON u.target_id = d.target_id AND u.section_id = r.section_id AND u.active
                    WHERE d.channel = 'email' AND d.state = 'sent'
                      AND ((d.kind = 'post' AND d.article_id = $1) OR (d.kind = 'digest' AND d.payload LIKE $2))";
        let listed = format!("%[{article},%");
        let sql = format!("SELECT COUNT(DISTINCT d.target_id) {from}");
        let row = tx.row(AssertSqlSafe(sql), args![article, &listed]).await?;
        let base = self.reserve(now_ms, row.map_or(Ok(0), |r| r.int(0))?);
        let sql = format!(
            "INSERT INTO deliveries (id, dedup, channel, target_id, section_id, article_id, kind, payload, state, due_at,
               created_at)
             SELECT {base} + row_number() OVER (ORDER BY d.target_id), 'k:' || d.target_id || ':{article}:{revision}',
               'email', d.target_id, MIN(r.section_id), $1, 'correction',
               $3 || MAX(d.dedup) || '\"}}', 'pending', {now_ms}, {now_ms} {from}
             GROUP BY d.target_id
             ON CONFLICT (dedup) DO NOTHING"
        );
        // The mail that was wrong, a post before a digest, ends it: identities are plain letters, digits and marks.
        let payload = format!("{{\"note\":{},\"after\":\"", serde_json::to_string(note)?);
        let made = tx.run(AssertSqlSafe(sql), args![article, &listed, payload]).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// How many mails to a reader are still open; for tests and exports.
    pub async fn open_mails(&self, id: i64) -> Result<i64> {
        let sql = format!("SELECT COUNT(*) FROM deliveries WHERE target_id = $1 AND {OPEN}");
        self.row(AssertSqlSafe(sql), args![id]).await?.map_or(Ok(0), |row| row.int(0))
    }
}
