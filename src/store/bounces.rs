//! What came back: each notification once, and what follows from it for the address. Suppression is the target's state
//! 'gone', which every claim asks for; it ends when the reader asks for mail again.

use super::sql::{Tx, args};
use super::{Result, Store};
use crate::subscriber::bounce::{Class, Score};

/// How many refusals of us within [`TOGETHER_MS`], through one relay, close it for a while.
const MANY: i64 = 20;
/// The time in which they are counted.
const TOGETHER_MS: i64 = 3_600_000;
/// How long the relay is closed then.
const CLOSED_MS: i64 = 3_600_000;

/// A notification.
#[derive(Debug, Clone)]
pub struct Bounce {
    /// Its own id, or its hash: the same one counts once.
    pub id: String,
    /// The mail that came back, by the mark on it.
    pub delivery: Option<i64>,
    /// The reader, where the mail is not known.
    pub target: Option<i64>,
    /// What it means.
    pub class: Class,
    /// The status code as written.
    pub status: String,
    /// The server's words, without any address.
    pub words: String,
    /// "imap" or "api".
    pub source: &'static str,
}

/// What followed from a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bounced {
    /// It was taken before; nothing followed.
    pub repeated: bool,
    /// It is about a reader we know.
    pub found: bool,
    /// The reader gets no more mail.
    pub suppressed: bool,
}

impl Store {
    /// Takes a notification.
    pub async fn bounce(&self, bounce: &Bounce, now_ms: i64) -> Result<Bounced> {
        let mut tx = self.begin().await?;
        let mut target = bounce.target;
        let (mut delivery, mut relay, mut created) = (None, String::new(), None);
        if let Some(id) = bounce.delivery {
            let sql = "SELECT target_id, receipt, created_at FROM deliveries WHERE id = $1 AND channel = 'email'";
            if let Some(row) = tx.row(sql, args![id]).await? {
                (target, delivery, created) = (Some(row.int(0)?), Some(id), Some(row.int(2)?));
                row.text(1)?.split_once(' ').map_or("", |(relay, _)| relay).clone_into(&mut relay);
            }
        }
        // Only a reader by e-mail can be meant.
        if let Some(id) = target
            && tx.row("SELECT 1 FROM subscribers WHERE id = $1", args![id]).await?.is_none()
        {
            target = None;
        }
        let sql = "INSERT INTO bounces (id, at, target_id, delivery_id, relay, class, status, words, source)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING";
        let class = bounce.class.word();
        let arguments =
            args![&bounce.id, now_ms, target, delivery, &relay, class, &bounce.status, &bounce.words, bounce.source];
        if tx.run(sql, arguments).await? == 0 {
            return Ok(Bounced { repeated: true, found: target.is_some(), ..Bounced::default() });
        }
        let mut done = Bounced { found: target.is_some(), ..Bounced::default() };
        let reason = format!("{} {}", bounce.status, bounce.words).trim().to_owned();
        if let Some(delivery) = delivery {
            let sql = "INSERT INTO attempts (delivery_id, at, outcome, detail) VALUES ($1, $2, 'bounced', $3)";
            tx.run(sql, args![delivery, now_ms, format!("{class}: {reason}")]).await?;
        }
        if let Some(target) = target {
            done.suppressed = self.follow(&mut tx, target, created, bounce.class, &reason, now_ms).await?;
        }
        if bounce.class == Class::Sender && !relay.is_empty() {
            let sql = "SELECT COUNT(*) FROM bounces WHERE relay = $1 AND class = 'sender' AND at > $2";
            let count = tx.row(sql, args![&relay, now_ms - TOGETHER_MS]).await?.map_or(Ok(0), |row| row.int(0))?;
            // At the first of each twenty, so that a flood of them does not close it for ever.
            if count % MANY == 0 {
                let why = format!("{count} mails came back within an hour because we are not wanted: {reason}");
                Self::block_in(&mut tx, &relay, now_ms + CLOSED_MS, &why).await?;
                tracing::warn!(relay, why, "a relay is left alone");
            }
        }
        tx.commit().await?;
        Ok(done)
    }

    /// What a failure of a class means for a reader; whether they get no more mail now.
    pub(super) async fn follow(
        &self,
        tx: &mut Tx,
        target: i64,
        created: Option<i64>,
        class: Class,
        reason: &str,
        now_ms: i64,
    ) -> Result<bool> {
        match class {
            Class::Sender | Class::Notice => Ok(false),
            Class::Complaint => {
                self.suppress_in(tx, target, "left", &format!("complained: {reason}"), now_ms).await?;
                Ok(true)
            }
            Class::Hard => {
                // A mail from before the reader confirmed anew says nothing about the address of today.
                let sql = "SELECT confirmed_at FROM subscribers WHERE id = $1";
                let confirmed = tx.row(sql, args![target]).await?.map_or(Ok(None), |row| row.opt_int(0))?;
                if created.zip(confirmed).is_some_and(|(created, confirmed)| created < confirmed) {
                    return Ok(false);
                }
                self.suppress_in(tx, target, "bounced", &format!("bounced: {reason}"), now_ms).await?;
                Ok(true)
            }
            Class::Soft => {
                let row = tx.row("SELECT soft, soft_at FROM targets WHERE id = $1", args![target]).await?;
                let Some(row) = row else { return Ok(false) };
                let score = Score { points: row.int(0)?, at: row.int(1)? }.after(now_ms);
                let sql = "UPDATE targets SET soft = $2, soft_at = $3 WHERE id = $1";
                tx.run(sql, args![target, score.points, score.at]).await?;
                if score.is_too_much() {
                    let why = format!("bounced again and again: {reason}");
                    self.suppress_in(tx, target, "bounced", &why, now_ms).await?;
                }
                Ok(score.is_too_much())
            }
        }
    }

    /// Ends all mail to a reader: nothing is claimed for a target that is gone, what is queued is dropped, and nothing is
    /// followed any more, so that one who comes back begins at the head.
    pub(super) async fn suppress_in(
        &self,
        tx: &mut Tx,
        target: i64,
        state: &str,
        reason: &str,
        now_ms: i64,
    ) -> Result<()> {
        let reason: String = reason.chars().take(400).collect();
        let sql = "UPDATE targets SET state = 'gone', reason = $2, soft = 0, soft_at = 0 WHERE id = $1";
        tx.run(sql, args![target, &reason]).await?;
        let sql = "UPDATE subscribers SET state = $2, left_at = $3 WHERE id = $1 AND state = 'active'";
        tx.run(sql, args![target, state, now_ms]).await?;
        tx.run("UPDATE subscriptions SET active = $2 WHERE target_id = $1", args![target, false]).await?;
        let sql = "UPDATE deliveries SET state = 'dropped', reason = $2, settled_at = $3
                   WHERE target_id = $1 AND state IN ('pending', 'retry')";
        tx.run(sql, args![target, &reason, now_ms]).await.map(|_| ())
    }

    /// Blocks a limit until a moment, and says why.
    pub(super) async fn block_in(tx: &mut Tx, key: &str, until_ms: i64, reason: &str) -> Result<()> {
        let sql = "INSERT INTO rates (key, tat, reason) VALUES ($1, $2, $3)
                   ON CONFLICT (key) DO UPDATE SET
                     tat = CASE WHEN rates.tat > excluded.tat THEN rates.tat ELSE excluded.tat END,
                     reason = excluded.reason";
        tx.run(sql, args![key, until_ms, reason]).await.map(|_| ())
    }

    /// Blocks a limit until a moment, for every instance, and says why.
    pub async fn block_because(&self, key: &str, until_ms: i64, reason: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        Self::block_in(&mut tx, key, until_ms, reason).await?;
        tx.commit().await
    }

    /// The limits that are blocked for a reason: key, until, reason.
    pub async fn blocked(&self, now_ms: i64) -> Result<Vec<(String, i64, String)>> {
        let sql = "SELECT key, tat, reason FROM rates WHERE reason <> '' AND tat > $1 ORDER BY tat";
        self.rows(sql, args![now_ms]).await?.iter().map(|row| Ok((row.text(0)?, row.int(1)?, row.text(2)?))).collect()
    }

    /// How many notifications of each class came since a moment.
    pub async fn bounces_since(&self, since_ms: i64) -> Result<Vec<(String, i64)>> {
        let sql = "SELECT class, COUNT(*) FROM bounces WHERE at >= $1 GROUP BY class ORDER BY class";
        self.rows(sql, args![since_ms]).await?.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
    }

    /// Forgets notifications from before a moment.
    pub async fn prune_bounces(&self, before_ms: i64) -> Result<u64> {
        if self.row("SELECT 1 FROM bounces WHERE at < $1 LIMIT 1", args![before_ms]).await?.is_none() {
            return Ok(0);
        }
        self.run("DELETE FROM bounces WHERE at < $1", args![before_ms]).await
    }
}
