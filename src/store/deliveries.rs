//! Deliveries as rows: reading them, and what an admin may do with them.

use sqlx::AssertSqlSafe;

use super::sql::{Row, args};
use super::{Result, Store};
use crate::channel::Posted;

/// One message to one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Key.
    pub id: i64,
    /// What makes it unique; a mail's Message-ID is made of it.
    pub dedup: String,
    /// "telegram" or "email".
    pub channel: String,
    /// Target.
    pub target_id: i64,
    /// The target's address.
    pub address: String,
    /// The section it comes from.
    pub section_id: Option<i64>,
    /// The article.
    pub article_id: Option<i64>,
    /// "post", "edit", "delete", "digest" or "confirm".
    pub kind: String,
    /// JSON: a digest's list, a confirmation's wishes.
    pub payload: String,
    /// "pending", "sending", "retry", "uncertain", "sent", "dead" or "dropped".
    pub state: String,
    /// The last reason.
    pub reason: String,
    /// Attempts that counted.
    pub attempts: i64,
    /// When it is due (Unix milliseconds).
    pub due_at: i64,
    /// When it was made.
    pub created_at: i64,
    /// What its calls have come to so far, in the channel's own words (JSON); empty before the first.
    pub progress: String,
    /// How many places it takes under the limits.
    pub weight: i64,
    /// Whether it waits for no quiet hours, and goes before the others of its chat.
    pub urgent: bool,
}

/// A delivery with its story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryDetail {
    /// The row.
    pub delivery: Delivery,
    /// Each attempt, and what an admin decided, in order.
    pub attempts: Vec<Attempt>,
    /// Title of the article.
    pub title: Option<String>,
    /// Slug of the section it comes from.
    pub section: Option<String>,
    /// What the other side said when it took it.
    pub receipt: String,
    /// Which instance sends it, and until when that holds.
    pub sender: Option<(String, i64)>,
    /// Whether it waits for an admin's decision.
    pub asks: bool,
}

/// One entry of a delivery's story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When (Unix milliseconds).
    pub at: i64,
    /// What became of it.
    pub outcome: String,
    /// The other side's words, or ours.
    pub detail: String,
    /// Who: the instance, or "admin".
    pub instance: String,
}

/// The columns of [`read_delivery`], of tables `d` and `t`.
pub(super) const DELIVERY: &str = "d.id, d.dedup, d.channel, d.target_id, t.address, d.section_id, d.article_id, \
     d.kind, d.payload, d.state, d.reason, d.attempts, d.due_at, d.created_at, d.progress, d.weight, d.urgent";

/// Reads the columns of [`DELIVERY`].
pub(super) fn read_delivery(row: &Row) -> Result<Delivery> {
    Ok(Delivery {
        id: row.int(0)?,
        dedup: row.text(1)?,
        channel: row.text(2)?,
        target_id: row.int(3)?,
        address: row.text(4)?,
        section_id: row.opt_int(5)?,
        article_id: row.opt_int(6)?,
        kind: row.text(7)?,
        payload: row.text(8)?,
        state: row.text(9)?,
        reason: row.text(10)?,
        attempts: row.int(11)?,
        due_at: row.int(12)?,
        created_at: row.int(13)?,
        progress: row.text(14)?,
        weight: row.int(15)?,
        urgent: row.bool(16)?,
    })
}

impl Store {
    /// Deliveries, the newest first; of one state when it is given.
    pub async fn deliveries(&self, state: Option<&str>, limit: i64) -> Result<Vec<Delivery>> {
        let sql = format!(
            "SELECT {DELIVERY} FROM deliveries d JOIN targets t ON t.id = d.target_id
             WHERE ($1 = '' OR d.state = $1) ORDER BY d.id DESC LIMIT $2 + 0"
        );
        let rows = self.rows(AssertSqlSafe(sql), args![state.unwrap_or(""), limit]).await?;
        rows.iter().map(read_delivery).collect()
    }

    /// One delivery with its story.
    pub async fn delivery(&self, id: i64) -> Result<Option<DeliveryDetail>> {
        let sql = format!("SELECT {DELIVERY} FROM deliveries d JOIN targets t ON t.id = d.target_id WHERE d.id = $1");
        let Some(row) = self.row(AssertSqlSafe(sql), args![id]).await? else { return Ok(None) };
        let delivery = read_delivery(&row)?;
        let attempts = self.story(id).await?;
        let sql = "SELECT s.slug, d.receipt, d.owner, d.lease_until, d.settled_at FROM deliveries d
                   LEFT JOIN sections s ON s.id = d.section_id WHERE d.id = $1";
        let Some(row) = self.row(sql, args![id]).await? else { return Ok(None) };
        let sender = Some((row.text(2)?, row.int(3)?)).filter(|_| delivery.state == "sending");
        let asks = delivery.state == "uncertain" && row.opt_int(4)?.is_none();
        let (section, receipt) = (row.opt_text(0)?, row.text(1)?);
        let title = match delivery.article_id {
            Some(article) => self.article(article).await?.map(|a| a.reading.title),
            None => None,
        };
        Ok(Some(DeliveryDetail { delivery, attempts, title, section, receipt, sender, asks }))
    }

    /// What became of a delivery so far, in order.
    pub async fn story(&self, id: i64) -> Result<Vec<Attempt>> {
        let sql = "SELECT at, outcome, detail, instance FROM attempts WHERE delivery_id = $1 ORDER BY at";
        let rows = self.rows(sql, args![id]).await?;
        let attempt =
            |r: &Row| Ok(Attempt { at: r.int(0)?, outcome: r.text(1)?, detail: r.text(2)?, instance: r.text(3)? });
        rows.iter().map(attempt).collect()
    }

    /// How many deliveries wait for an admin's decision.
    pub async fn asking(&self) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM deliveries WHERE state = 'uncertain' AND settled_at IS NULL";
        self.row(sql, vec![]).await?.map_or(Ok(0), |row| row.int(0))
    }

    /// What stands in a chat for an article.
    pub async fn posted_at(&self, target_id: i64, article_id: i64) -> Result<Option<Posted>> {
        let sql = "SELECT posted FROM posts WHERE target_id = $1 AND article_id = $2";
        let row = self.row(sql, args![target_id, article_id]).await?;
        row.map(|r| Ok(serde_json::from_str(&r.text(0)?)?)).transpose()
    }

    /// An admin sends an article to a target by hand (`bantin push`). False when it has been sent there.
    pub async fn push(
        &self,
        article_id: i64,
        target_id: i64,
        channel: &str,
        section_id: i64,
        urgent: bool,
        now_ms: i64,
    ) -> Result<bool> {
        let sql = "INSERT INTO deliveries (id, dedup, channel, target_id, section_id, article_id, kind, state, due_at,
                     created_at, urgent) VALUES ($1, $2, $3, $4, $5, $6, 'post', 'pending', $7, $7, $8)
                   ON CONFLICT (dedup) DO NOTHING";
        let dedup = format!("p:{target_id}:{article_id}");
        let arguments = args![self.new_id(now_ms), dedup, channel, target_id, section_id, article_id, now_ms, urgent];
        Ok(self.run(sql, arguments).await? == 1)
    }

    /// An admin wants another try of what is dead, uncertain or dropped, now; true when there was such a row.
    pub async fn retry_delivery(&self, id: i64, now_ms: i64) -> Result<bool> {
        let wanted = "id = $2 AND state IN ('dead', 'uncertain', 'dropped', 'retry')";
        Ok(self.decide(wanted, Some(id), true, now_ms).await? == 1)
    }

    /// The same for all in a state, or all that are dead or wait for another try. What may have arrived is asked for by its
    /// state only: nobody sends it twice unawares. How many.
    pub async fn retry_deliveries(&self, state: Option<&str>, now_ms: i64) -> Result<u64> {
        let wanted = match state {
            Some("dead") => "state = 'dead'",
            Some("uncertain") => "state = 'uncertain' AND settled_at IS NULL",
            Some("retry") => "state = 'retry'",
            _ => "state IN ('dead', 'retry')",
        };
        self.decide(wanted, None, true, now_ms).await
    }

    /// An admin gives up what is open; true when there was such a row.
    pub async fn drop_delivery(&self, id: i64, now_ms: i64) -> Result<bool> {
        let wanted = "id = $2 AND state IN ('pending', 'retry', 'uncertain', 'dead')";
        Ok(self.decide(wanted, Some(id), false, now_ms).await? == 1)
    }

    /// The same for all that are dead, or that wait for an admin's decision; how many.
    pub async fn drop_deliveries(&self, state: &str, now_ms: i64) -> Result<u64> {
        let wanted = if state == "dead" { "state = 'dead'" } else { "state = 'uncertain' AND settled_at IS NULL" };
        self.decide(wanted, None, false, now_ms).await
    }

    /// What an admin decides of deliveries, and that it stands in their stories.
    async fn decide(&self, wanted: &str, id: Option<i64>, again: bool, now_ms: i64) -> Result<u64> {
        let (set, outcome, detail) = if again {
            (
                "state = 'retry', due_at = $1, attempts = 0, crashes = 0, settled_at = NULL, reason = ''",
                "again",
                "by an admin",
            )
        } else {
            ("state = 'dropped', reason = 'dropped by an admin', settled_at = $1", "dropped", "by an admin")
        };
        let mut tx = self.begin().await?;
        let sql = format!("UPDATE deliveries SET {set} WHERE {wanted} RETURNING id");
        let mut arguments = args![now_ms];
        arguments.extend(id.map(Into::into));
        let rows = tx.rows(AssertSqlSafe(sql), arguments).await?;
        for row in &rows {
            let sql =
                "INSERT INTO attempts (delivery_id, at, outcome, detail, instance) VALUES ($1, $2, $3, $4, 'admin')";
            tx.run(sql, args![row.int(0)?, now_ms, outcome, detail]).await?;
        }
        tx.commit().await?;
        Ok(rows.len() as u64)
    }
}
