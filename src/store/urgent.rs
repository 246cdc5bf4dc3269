//! Urgent articles: they are let out without their delay, reach chats with fixed times between their slots, and wait for
//! no quiet hours. `releases.urgent` is what says so, and the number by which chats with fixed times follow them; such a
//! chat's own cursor stays where it is, so that its next slot brings the rest.

use std::collections::HashMap;

use super::expansion::{Expanded, Which};
use super::releases::{Numbered, number};
use super::sql::args;
use super::{Result, Store};

/// By how much mails about an urgent article go before the others that wait: ahead of all that is younger than a day.
pub(super) const AHEAD_MS: i64 = 24 * 3_600_000;

/// Why a message waits for the end of a chat's quiet hours: by it such a message is known again.
pub const QUIET_HOURS: &str = "quiet hours";

/// The chats and webhooks with fixed times that do not have an urgent article of their section yet.
pub(super) const URGENT_BEHIND: &str = "FROM targets t CROSS JOIN subscriptions s
     WHERE t.channel IN ('telegram', 'webhook') AND t.state <> 'gone' AND s.target_id = t.id AND s.cadence = 'at'
       AND s.active AND EXISTS (SELECT 1 FROM releases r WHERE r.section_id = s.section_id
         AND r.urgent > s.urgent_cursor AND r.seq > s.cursor)";

/// What became of an article that an admin called urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MadeUrgent {
    /// In how many sections it waited for its delay, and was let out.
    pub let_out: usize,
    /// In how many it was out: chats with fixed times get it now.
    pub out: usize,
    /// In how many a hold keeps it: it is urgent once an admin approves it.
    pub held: usize,
    /// How many of its messages waited, and go first now.
    pub hurried: u64,
}

impl Store {
    /// Sends what is urgent to chats and webhooks with fixed times, without waiting for their slots; within their budget
    /// (see [`Store::expand_now_within`]).
    pub async fn expand_urgent(&self, budgets: &HashMap<i64, u32>, now_ms: i64) -> Result<Expanded> {
        let chats = self.expand(Which::Urgent, budgets, now_ms).await?;
        Ok(Expanded { deliveries: chats.deliveries, more: chats.targets > 0 })
    }

    /// Whether there is something for [`Store::expand_urgent`].
    pub async fn has_urgent(&self) -> Result<bool> {
        let sql = format!("SELECT s.id {URGENT_BEHIND} LIMIT 1");
        Ok(self.row(sqlx::AssertSqlSafe(sql), vec![]).await?.is_some())
    }

    /// Calls an article urgent, in one section or in all it is in. What is for feeds only stays so, and what is held
    /// stays held.
    pub async fn make_urgent(&self, article: i64, section: Option<i64>, now_ms: i64) -> Result<MadeUrgent> {
        let mut tx = self.begin().await?;
        let mut made = MadeUrgent::default();
        let here = "article_id = $1 AND ($2 = 0 OR section_id = $2)";
        let section = section.unwrap_or(0);
        let sql = format!(
            "UPDATE releases SET urgent = 0 WHERE {here} AND urgent IS NULL AND state IN ('waiting', 'held') RETURNING state"
        );
        for row in tx.rows(sqlx::AssertSqlSafe(sql), args![article, section]).await? {
            made.held += usize::from(row.text(0)? == "held");
        }
        let sql = format!("SELECT id FROM releases WHERE {here} AND state = 'waiting' ORDER BY id");
        let rows = tx.rows(sqlx::AssertSqlSafe(sql), args![article, section]).await?;
        let ids = rows.iter().map(|row| row.int(0)).collect::<Result<Vec<_>>>()?;
        made.let_out = number(&mut tx, &ids, Numbered::Out).await?;
        let sql = format!("SELECT id FROM releases WHERE {here} AND state = 'out' AND urgent IS NULL ORDER BY id");
        for row in tx.rows(sqlx::AssertSqlSafe(sql), args![article, section]).await? {
            let urgent = tx.count("release", 1).await?;
            tx.run("UPDATE releases SET urgent = $2 WHERE id = $1", args![row.int(0)?, urgent]).await?;
            made.out += 1;
        }
        // What waits for a limit, or after a failure, waits on.
        let sql = format!(
            "UPDATE deliveries SET urgent = $4, due_at = CASE WHEN channel = 'email' THEN due_at - {AHEAD_MS}
               WHEN state = 'retry' AND reason = '{QUIET_HOURS}' THEN $3 ELSE due_at END
             WHERE {here} AND kind = 'post' AND NOT urgent AND state IN ('pending', 'retry')"
        );
        made.hurried = tx.run(sqlx::AssertSqlSafe(sql), args![article, section, now_ms, true]).await?;
        tx.commit().await?;
        Ok(made)
    }
}
