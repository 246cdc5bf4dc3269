//! Readers by e-mail: asking, confirming, preferring, leaving. Every answer is the same for a known and an
//! unknown address; nothing here tells them apart to the outside.

use std::collections::{HashMap, HashSet};

use sqlx::AssertSqlSafe;

use super::dialect::numbers;
use super::sql::{Row, Tx, args, list};
use super::{Result, Store};
use crate::article::text;
use crate::config::Language;

/// Between two confirmation mails to one address.
const ASK_AGAIN_MS: i64 = 24 * 3_600_000;
/// So many confirmation mails go to one address in [`ASK_SPAN_MS`].
const ASK_MOST: i64 = 3;
/// See [`ASK_MOST`].
const ASK_SPAN_MS: i64 = 30 * 24 * 3_600_000;

/// What is not settled yet.
pub(super) const OPEN: &str = "state IN ('pending', 'retry', 'sending')";

/// What is queued for a reader who left is not sent any more.
pub(super) const LEFT: &str = "UPDATE deliveries SET state = 'dropped', reason = 'the reader left', settled_at = $2
                    WHERE target_id = $1 AND state IN ('pending', 'retry') AND kind NOT IN ('confirm', 'alert', 'farewell')";

/// What came of a request to subscribe; never shown to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A confirmation mail is queued.
    Queued,
    /// One was queued within the last 24 hours, or three within 30 days; nothing more happens.
    Recently,
}

/// Who gets a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipient {
    /// The language, and whether the subscription is confirmed; `None` for an address that is no reader's.
    pub reader: Option<(Language, bool)>,
    /// Nobody wants the mail any more, or it is another instance's.
    pub unwanted: bool,
}

/// A reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// Key; the target's key too.
    pub id: i64,
    /// The address as given.
    pub email: String,
    /// Language of pages and mails.
    pub language: Language,
    /// "pending", "active", "paused" or "left".
    pub state: String,
    /// Section, cadence, active.
    pub subscriptions: Vec<(i64, String, bool)>,
    /// When consent was given.
    pub consent_at: i64,
    /// When it was confirmed.
    pub confirmed_at: Option<i64>,
}

/// One address has one key, however it is capitalised.
pub fn email_key(email: &str) -> String {
    text::one_line(email).to_lowercase()
}

impl Store {
    /// A reader asks to subscribe: a pending subscriber, and the confirmation mail unless one was asked for
    /// within 24 hours.
    pub async fn subscribe(
        &self,
        email: &str,
        sections: &[i64],
        cadence: &str,
        language: Language,
        consent: &str,
        now_ms: i64,
    ) -> Result<Asked> {
        let mut tx = self.begin().await?;
        let id = self.subscriber_in(&mut tx, email, language, consent, now_ms).await?;
        // One statement decides, so that of many who ask at the same moment one is heard.
        let sql = "UPDATE subscribers SET asked_at = $2, consent = $3, consent_at = $2,
                     asked_times = CASE WHEN $2 - asked_from < $5 THEN asked_times + 1 ELSE 1 END,
                     asked_from = CASE WHEN $2 - asked_from < $5 THEN asked_from ELSE $2 END
                   WHERE id = $1 AND (asked_at IS NULL OR $2 - asked_at >= $4)
                     AND (asked_times < $6 OR $2 - asked_from >= $5)";
        if tx.run(sql, args![id, now_ms, consent, ASK_AGAIN_MS, ASK_SPAN_MS, ASK_MOST]).await? == 0 {
            return Ok(Asked::Recently);
        }
        let row = tx.row("SELECT state FROM subscribers WHERE id = $1", args![id]).await?;
        if row.map(|r| r.text(0)).transpose()?.as_deref() != Some("active") {
            // Nothing is followed before the address has said yes.
            for &section in sections {
                self.subscribe_in(&mut tx, id, section, cadence, false, now_ms).await?;
            }
        }
        tx.run("UPDATE targets SET state = 'active', reason = '' WHERE id = $1 AND state = 'gone'", args![id]).await?;
        let payload = serde_json::json!({ "asked_at": now_ms, "sections": sections, "cadence": cadence });
        let sql = "INSERT INTO deliveries (id, dedup, channel, target_id, kind, payload, state, due_at, created_at)
                   VALUES ($1, $2, 'email', $3, 'confirm', $4, 'pending', $5, $5) ON CONFLICT (dedup) DO NOTHING";
        let dedup = format!("c:{id}:{now_ms}");
        tx.run(sql, args![self.new_id(now_ms), dedup, id, payload.to_string(), now_ms]).await?;
        tx.commit().await?;
        Ok(Asked::Queued)
    }

    async fn subscriber_in(
        &self,
        tx: &mut Tx,
        email: &str,
        language: Language,
        consent: &str,
        now_ms: i64,
    ) -> Result<i64> {
        let key = email_key(email);
        if let Some(row) = tx.row("SELECT id FROM subscribers WHERE email_key = $1", args![&key]).await? {
            return row.int(0);
        }
        let id = self.target_in(tx, "email", email, now_ms).await?;
        let sql = "INSERT INTO subscribers (id, email_key, language, state, consent, consent_at)
                   VALUES ($1, $2, $3, 'pending', $4, $5) ON CONFLICT DO NOTHING";
        tx.run(sql, args![id, &key, language.code(), consent, now_ms]).await?;
        // Somebody else may have been first, under another spelling too: that row is the reader.
        let row = tx.row("SELECT id FROM subscribers WHERE email_key = $1", args![&key]).await?;
        row.map_or(Ok(id), |row| row.int(0))
    }

    /// The reader pressed the button of the confirmation made at `asked_at`: their wishes of then begin now.
    /// False when the link is not the latest one, or the subscriber is unknown.
    pub async fn confirm(&self, id: i64, asked_at: i64, now_ms: i64) -> Result<bool> {
        let eraser = self.eraser().await?;
        let mut tx = self.begin().await?;
        let sql = "UPDATE subscribers SET state = 'active', confirmed_at = $3, left_at = NULL, paused_until = NULL
                   WHERE id = $1 AND asked_at = $2 RETURNING email_key";
        let Some(row) = tx.row(sql, args![id, asked_at, now_ms]).await? else { return Ok(false) };
        Self::unerase_in(&mut tx, &eraser, &row.text(0)?).await?;
        let dedup = format!("c:{id}:{asked_at}");
        let row = tx.row("SELECT payload FROM deliveries WHERE dedup = $1", args![dedup]).await?;
        let wish: serde_json::Value = match row {
            Some(row) => serde_json::from_str(&row.text(0)?)?,
            None => serde_json::Value::Null,
        };
        let cadence = wish["cadence"].as_str().unwrap_or("now").to_owned();
        let sections: Vec<i64> = wish["sections"]
            .as_array()
            .map(|a| a.iter().filter_map(serde_json::Value::as_i64).collect())
            .unwrap_or_default();
        for section in sections {
            self.subscribe_in(&mut tx, id, section, &cadence, true, now_ms).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Added by an admin: confirmed at once. The subscriber's key.
    pub async fn add_subscriber(
        &self,
        email: &str,
        sections: &[i64],
        cadence: &str,
        language: Language,
        consent: &str,
        now_ms: i64,
    ) -> Result<i64> {
        let mut tx = self.begin().await?;
        let id = self.subscriber_in(&mut tx, email, language, consent, now_ms).await?;
        let sql =
            "UPDATE subscribers SET state = 'active', language = $2, confirmed_at = $3, left_at = NULL WHERE id = $1";
        tx.run(sql, args![id, language.code(), now_ms]).await?;
        tx.run("UPDATE targets SET state = 'active', reason = '' WHERE id = $1", args![id]).await?;
        for &section in sections {
            self.subscribe_in(&mut tx, id, section, cadence, true, now_ms).await?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// Leaves one section, or all. What is queued for it is dropped before the next send.
    pub async fn leave(&self, id: i64, section: Option<i64>, now_ms: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        if let Some(section) = section {
            let sql = "UPDATE subscriptions SET active = $3, rests = $3 WHERE target_id = $1 AND section_id = $2";
            tx.run(sql, args![id, section, false]).await?;
            tx.run(joined_section(LEFT), args![id, now_ms, section]).await?;
        } else {
            let sql = "UPDATE subscriptions SET active = $2, rests = $2 WHERE target_id = $1";
            tx.run(sql, args![id, false]).await?;
            let sql = "UPDATE subscribers SET state = 'left', left_at = $2, paused_until = NULL WHERE id = $1";
            tx.run(sql, args![id, now_ms]).await?;
            tx.run(LEFT, args![id, now_ms]).await?;
        }
        tx.commit().await
    }

    /// Sets what a reader follows: section and cadence; everything else rests.
    pub async fn set_preferences(
        &self,
        id: i64,
        wanted: &[(i64, String)],
        language: Language,
        now_ms: i64,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let state = if wanted.is_empty() { "left" } else { "active" };
        let left_at = wanted.is_empty().then_some(now_ms);
        let sql = "UPDATE subscribers SET language = $2, state = $3, left_at = $4, paused_until = NULL
                   WHERE id = $1 AND state <> 'pending'";
        if tx.run(sql, args![id, language.code(), state, left_at]).await? == 0 {
            return Ok(());
        }
        // Who chooses anew does not pause any more; what is not chosen now does not come back by itself.
        tx.run("UPDATE subscriptions SET rests = $2 WHERE target_id = $1", args![id, false]).await?;
        for row in tx.rows("SELECT section_id FROM subscriptions WHERE target_id = $1 AND active", args![id]).await? {
            let section = row.int(0)?;
            if !wanted.iter().any(|(s, _)| *s == section) {
                let sql = "UPDATE subscriptions SET active = $3 WHERE target_id = $1 AND section_id = $2";
                tx.run(sql, args![id, section, false]).await?;
                tx.run(joined_section(LEFT), args![id, now_ms, section]).await?;
            }
        }
        if wanted.is_empty() {
            tx.run(LEFT, args![id, now_ms]).await?;
        } else {
            // Who chooses has read a mail of ours: the address lives, whatever bounced before.
            let sql = "UPDATE targets SET state = 'active', reason = '' WHERE id = $1 AND state = 'gone'";
            tx.run(sql, args![id]).await?;
        }
        for (section, cadence) in wanted {
            self.subscribe_in(&mut tx, id, *section, cadence, true, now_ms).await?;
        }
        tx.commit().await
    }

    /// Which mails nobody wants any more, of those that are about to be sent: the reader left or the address is gone, or
    /// the section of a single article is not followed any more; and which `owner` does not hold any more, because another
    /// instance took them over.
    pub async fn unwanted_of(&self, deliveries: &[i64], owner: &str) -> Result<HashSet<i64>> {
        let mut out = HashSet::new();
        for part in deliveries.chunks(500) {
            let sql = format!(
                "SELECT d.id FROM deliveries d JOIN targets t ON t.id = d.target_id
                 LEFT JOIN subscribers s ON s.id = d.target_id
                 LEFT JOIN subscriptions u ON u.target_id = d.target_id AND u.section_id = d.section_id
                 WHERE d.id IN {} AND (d.owner <> $1 OR (d.kind NOT IN ('confirm', 'alert', 'farewell') AND s.id IS NOT NULL
                   AND (t.state <> 'active' OR s.state <> 'active' OR (u.id IS NOT NULL AND NOT u.active))))",
                list(2, part.len())
            );
            let mut arguments = args![owner];
            arguments.extend(part.iter().map(|&id| id.into()));
            for row in self.rows(AssertSqlSafe(sql), arguments).await? {
                out.insert(row.int(0)?);
            }
        }
        Ok(out)
    }

    /// Who gets these mails, by delivery: one that is about to be made, in one statement a batch. What is said of
    /// [`Store::unwanted_of`] holds here too.
    pub async fn recipients(&self, deliveries: &[i64], owner: &str) -> Result<HashMap<i64, Recipient>> {
        if deliveries.is_empty() {
            return Ok(HashMap::new());
        }
        let sql = format!(
            "SELECT d.id, s.language, s.state, CASE WHEN d.owner <> $2 OR (d.kind NOT IN ('confirm', 'alert', 'farewell')
                 AND s.id IS NOT NULL AND (t.state <> 'active' OR s.state <> 'active'
                   OR (u.id IS NOT NULL AND NOT u.active))) THEN TRUE ELSE FALSE END
             FROM deliveries d JOIN targets t ON t.id = d.target_id LEFT JOIN subscribers s ON s.id = d.target_id
             LEFT JOIN subscriptions u ON u.target_id = d.target_id AND u.section_id = d.section_id
             WHERE d.id IN {}",
            self.engine().numbers("$1")
        );
        let rows = self.rows(AssertSqlSafe(sql), args![numbers(deliveries.iter().copied()), owner]).await?;
        let recipient = |row: &Row| {
            let language = row.opt_text(1)?.map(|code| Language::from_tag(&code).unwrap_or_default());
            let active = row.opt_text(2)?.is_some_and(|state| state == "active");
            Ok((row.int(0)?, Recipient { reader: language.map(|language| (language, active)), unwanted: row.bool(3)? }))
        };
        rows.iter().map(recipient).collect()
    }

    /// One reader.
    pub async fn subscriber(&self, id: i64) -> Result<Option<Subscriber>> {
        let sql = "SELECT s.id, t.address, s.language, s.state, s.consent_at, s.confirmed_at FROM subscribers s
                   JOIN targets t ON t.id = s.id WHERE s.id = $1";
        let Some(row) = self.row(sql, args![id]).await? else { return Ok(None) };
        let mut subscriber = read(&row)?;
        let sql = "SELECT section_id, cadence, active FROM subscriptions WHERE target_id = $1 ORDER BY id";
        for row in self.rows(sql, args![id]).await? {
            subscriber.subscriptions.push((row.int(0)?, row.text(1)?, row.bool(2)?));
        }
        Ok(Some(subscriber))
    }

    /// The reader of an address.
    pub async fn subscriber_by_email(&self, email: &str) -> Result<Option<Subscriber>> {
        let row = self.row("SELECT id FROM subscribers WHERE email_key = $1", args![email_key(email)]).await?;
        match row {
            Some(row) => self.subscriber(row.int(0)?).await,
            None => Ok(None),
        }
    }

    /// Readers in the order in which they came, after a key.
    pub async fn subscribers(&self, after: i64, limit: i64) -> Result<Vec<Subscriber>> {
        let sql = "SELECT id FROM subscribers WHERE id > $1 ORDER BY id LIMIT $2 + 0";
        let mut out = Vec::new();
        for row in self.rows(sql, args![after, limit]).await? {
            out.extend(self.subscriber(row.int(0)?).await?);
        }
        Ok(out)
    }
}

fn joined_section(sql: &str) -> sqlx::AssertSqlSafe<String> {
    super::sections::joined(sql, " AND section_id = $3")
}

fn read(row: &Row) -> Result<Subscriber> {
    Ok(Subscriber {
        id: row.int(0)?,
        email: row.text(1)?,
        language: Language::from_tag(&row.text(2)?).unwrap_or_default(),
        state: row.text(3)?,
        subscriptions: Vec::new(),
        consent_at: row.int(4)?,
        confirmed_at: row.opt_int(5)?,
    })
}
