//! Settling: what became of a sending row is recorded, by its claimer only (the fencing token), together
//! with what follows from it.

use std::collections::HashSet;

use sqlx::AssertSqlSafe;

use super::deliveries::Delivery;
use super::dialect::said;
use super::sql::{Tx, args};
use super::{Result, Store};
use crate::channel::Posted;
use crate::subscriber::bounce::Class;

/// What became of a claimed delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settle {
    /// Arrived; `revision` is the one that was rendered (0 for a message without an article).
    Sent {
        /// What stands there now.
        posted: Posted,
        /// The revision rendered.
        revision: i64,
    },
    /// Try again at a moment.
    Retry {
        /// When (Unix milliseconds).
        due: i64,
        /// Whether it uses up an attempt.
        counts: bool,
        /// Why.
        reason: String,
    },
    /// One of its calls is done, and another one follows under a place of its own: the next piece of a long post, or
    /// the same message in another form.
    Partly {
        /// When (Unix milliseconds).
        due: i64,
        /// What the calls have come to so far.
        progress: String,
        /// How many places the next call takes.
        weight: i64,
        /// The chat's new id, where it moved.
        moved_to: Option<String>,
        /// Why.
        reason: String,
    },
    /// It may have arrived, and is not sent again.
    Uncertain(String),
    /// It may have arrived; an admin decides.
    Asks(String),
    /// Will never arrive.
    Dead(String),
    /// Will not arrive, because the reader's mailbox takes nothing: counted against the address.
    Busy(String),
    /// The recipient is gone or does not want us: the target rests. A reader's mail is dead then; what waits for a
    /// paused chat waits on, and the oldest of it is the probe by which the chat is known again.
    Gone {
        /// The state of the target from now on: "paused" or "gone".
        target: &'static str,
        /// The channel's words.
        reason: String,
    },
    /// Not needed any more.
    Dropped(String),
}

impl Settle {
    /// The word of the attempts log.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Retry { .. } => "retry",
            Self::Partly { .. } => "partly",
            Self::Uncertain(_) | Self::Asks(_) => "uncertain",
            Self::Dead(_) | Self::Busy(_) => "dead",
            Self::Gone { .. } => "gone",
            Self::Dropped(_) => "dropped",
        }
    }
}

/// What the other side said; of a mail also through which relay it went, for when it comes back.
fn receipt(d: &Delivery, posted: &Posted) -> String {
    if d.channel == "email" && !posted.chat.is_empty() {
        return format!("{} {}", posted.chat, posted.message);
    }
    posted.message.clone()
}

/// Mails that a relay accepted, and what it said of each.
async fn mails_sent(tx: &mut Tx, owner: &str, mails: &[(i64, String)], now_ms: i64) -> Result<usize> {
    if mails.is_empty() {
        return Ok(0);
    }
    let pairs = || mails.iter().map(|(id, said)| (*id, said.as_str()));
    let all = said(pairs())?;
    let rows = tx.engine().said("$1");
    let sql = format!(
        "UPDATE deliveries SET state = 'sent', attempts = attempts + 1, reason = '', receipt = v.said, settled_at = $3,
           owner = '' FROM {rows}
         WHERE deliveries.id = v.id AND deliveries.state = 'sending' AND deliveries.owner = $2 RETURNING deliveries.id"
    );
    let done = tx.rows(AssertSqlSafe(sql), args![&all, owner, now_ms]).await?;
    let recorded = if done.len() == mails.len() {
        all
    } else {
        let done = done.iter().map(|row| row.int(0)).collect::<Result<HashSet<_>>>()?;
        said(pairs().filter(|(id, _)| done.contains(id)))?
    };
    let sql = format!(
        "INSERT INTO attempts (delivery_id, at, outcome, detail, instance)
         SELECT v.id, $2, 'sent', v.said, $3 FROM {rows}"
    );
    tx.run(AssertSqlSafe(sql), args![recorded, now_ms, owner]).await?;
    Ok(done.len())
}

impl Store {
    /// Records a batch of outcomes in one transaction. Rows that were taken over by another instance are
    /// left to it; how many were recorded.
    pub async fn settle(&self, owner: &str, results: &[(Delivery, Settle)], now_ms: i64) -> Result<usize> {
        let mut tx = self.begin().await?;
        let recorded = self.settle_in(&mut tx, owner, results, now_ms).await?;
        tx.commit().await?;
        Ok(recorded)
    }

    /// The same within a transaction: mails that were accepted together, in two statements however many there are;
    /// whatever has consequences one by one.
    pub(super) async fn settle_in(
        &self,
        tx: &mut Tx,
        owner: &str,
        results: &[(Delivery, Settle)],
        now_ms: i64,
    ) -> Result<usize> {
        let mut mails = Vec::new();
        let mut recorded = 0;
        for (delivery, settle) in results {
            match settle {
                Settle::Sent { posted, .. } if delivery.channel == "email" => {
                    mails.push((delivery.id, receipt(delivery, posted)));
                }
                _ => recorded += usize::from(self.settle_one(tx, owner, delivery, settle, now_ms).await?),
            }
        }
        Ok(recorded + mails_sent(tx, owner, &mails, now_ms).await?)
    }

    async fn settle_one(&self, tx: &mut Tx, owner: &str, d: &Delivery, settle: &Settle, now_ms: i64) -> Result<bool> {
        let (state, due, attempts, detail, receipt) = match settle {
            Settle::Sent { posted, .. } => ("sent", d.due_at, 1, String::new(), receipt(d, posted)),
            Settle::Retry { due, counts, reason } => ("retry", *due, i64::from(*counts), reason.clone(), String::new()),
            Settle::Partly { due, reason, .. } => ("retry", *due, 0, reason.clone(), String::new()),
            Settle::Uncertain(reason) | Settle::Asks(reason) => {
                ("uncertain", d.due_at, 1, reason.clone(), String::new())
            }
            Settle::Gone { target: "paused", reason } => ("retry", now_ms, 0, reason.clone(), String::new()),
            Settle::Dead(reason) | Settle::Busy(reason) | Settle::Gone { reason, .. } => {
                ("dead", d.due_at, 1, reason.clone(), String::new())
            }
            Settle::Dropped(reason) => ("dropped", d.due_at, 0, reason.clone(), String::new()),
        };
        // What waits for an admin is not settled: by that it is told from what is over.
        let settled = (state != "retry" && !matches!(settle, Settle::Asks(_))).then_some(now_ms);
        let sql = "UPDATE deliveries SET state = $3, due_at = $4, attempts = attempts + $5, reason = $6, receipt = $7,
                   settled_at = $8, owner = '' WHERE id = $1 AND state = 'sending' AND owner = $2";
        let said = receipt.clone();
        let arguments = args![d.id, owner, state, due, attempts, detail.as_str(), receipt, settled];
        if tx.run(sql, arguments).await? == 0 {
            return Ok(false);
        }
        let sql = "INSERT INTO attempts (delivery_id, at, outcome, detail, instance) VALUES ($1, $2, $3, $4, $5)";
        let said = if detail.is_empty() { said } else { detail };
        tx.run(sql, args![d.id, now_ms, settle.word(), said, owner]).await?;
        match settle {
            Settle::Sent { posted, revision } => {
                let sql = "UPDATE targets SET paused_at = NULL, told_at = NULL, probed_at = NULL
                           WHERE id = $1 AND paused_at IS NOT NULL";
                if d.channel != "email" {
                    tx.run(sql, args![d.target_id]).await?;
                }
                self.posted(tx, d, posted, *revision, now_ms).await?;
            }
            Settle::Partly { progress, weight, moved_to, .. } => {
                let sql = "UPDATE deliveries SET progress = $2, weight = $3 WHERE id = $1";
                tx.run(sql, args![d.id, progress.as_str(), *weight]).await?;
                if let Some(to) = moved_to {
                    let sql = "INSERT INTO moved_chats (chat, moved_to, moved_at) VALUES ($1, $2, $3)
                               ON CONFLICT (chat) DO UPDATE SET moved_to = excluded.moved_to,
                                 moved_at = excluded.moved_at";
                    let (chat, _) = crate::outbox::chat_and_topic(&d.address);
                    tx.run(sql, args![chat, to.as_str(), now_ms]).await?;
                }
            }
            Settle::Gone { reason, .. } if d.channel == "email" => {
                self.follow(tx, d.target_id, Some(d.created_at), Class::Hard, reason, now_ms).await?;
            }
            Settle::Busy(reason) => {
                self.follow(tx, d.target_id, Some(d.created_at), Class::Soft, reason, now_ms).await?;
            }
            Settle::Gone { target, reason } => {
                let sql = "UPDATE targets SET state = $2, reason = $3, probed_at = $4,
                             paused_at = COALESCE(paused_at, $4) WHERE id = $1";
                tx.run(sql, args![d.target_id, *target, reason.as_str(), now_ms]).await?;
            }
            _ => {}
        }
        Ok(true)
    }

    /// Remembers what stands in a chat, and queues what happened to the article while it was on its way.
    async fn posted(&self, tx: &mut Tx, d: &Delivery, posted: &Posted, revision: i64, now_ms: i64) -> Result<()> {
        let Some(article) = d.article_id else { return Ok(()) };
        if d.channel == "email" {
            return Ok(());
        }
        if d.kind == "delete" {
            let sql = "DELETE FROM posts WHERE target_id = $1 AND article_id = $2";
            return tx.run(sql, args![d.target_id, article]).await.map(|_| ());
        }
        let sql = "INSERT INTO posts (target_id, article_id, section_id, posted, revision) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (target_id, article_id) DO UPDATE SET posted = excluded.posted,
                     revision = excluded.revision";
        let json = serde_json::to_string(posted)?;
        tx.run(sql, args![d.target_id, article, d.section_id.unwrap_or(0), json, revision]).await?;
        let row = tx.row("SELECT revision, withdrawn_at FROM articles WHERE id = $1", args![article]).await?;
        if let Some(row) = row {
            if row.opt_int(1)?.is_some() {
                self.enqueue_deletes(tx, article, now_ms).await?;
            } else if row.int(0)? > revision {
                self.enqueue_edits(tx, article, row.int(0)?, now_ms).await?;
            }
        }
        Ok(())
    }
}
