//! Alerts: what an admin is told of a section, each once. An alert is prepared in the transaction of what it is about,
//! and handed to the outbox in one transaction that also marks it, so that a kill neither loses nor doubles it. An
//! admin is told of a section at most every [`APART_MS`]; what is settled by then is not told at all.

use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

use super::holds::HoldKind;
use super::sql::{Tx, args, list};
use super::{Result, Store};
use crate::config::Language;
use crate::locale;

/// Between two alerts of one section.
const APART_MS: i64 = 6 * 3_600_000;
/// The kind of an alert about deliveries that wait for a decision.
pub const ASKS: &str = "asks";
/// The kind of an alert about something that is not a source.
pub const TROUBLE: &str = "channel";
/// The kind of an alert that something is well again.
pub const WELL: &str = "well";
/// The text of an alert that a source is well again.
const SOURCE_WELL: &str = "alert-source-well";
/// When admins were last told of such.
const ASKS_TOLD: &str = "asks_told";
/// How long what is not well with a source waits: several sections of one site are told together.
pub(super) const TOGETHER_MS: i64 = 2 * 60_000;

/// What is told, in either language: a text of the catalogue and what stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Key of the catalogue.
    pub key: String,
    /// What stands in it.
    pub args: Vec<(String, String)>,
    /// The code of a finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl Told {
    /// A text with figures.
    pub fn new(key: &str, args: &[(&str, usize)]) -> Self {
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect();
        Self { key: key.to_owned(), args, code: None }
    }

    /// A text with names.
    pub fn about(key: &str, args: &[(&str, &str)]) -> Self {
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { key: key.to_owned(), args, code: None }
    }

    /// A source is well again.
    pub(super) fn source_well() -> Self {
        Self::about(SOURCE_WELL, &[])
    }

    /// Words of which there is no other form.
    pub fn words(words: &str) -> Self {
        Self { key: "hold-words".to_owned(), args: vec![("words".to_owned(), words.to_owned())], code: None }
    }

    /// What is not well with a source.
    pub fn finding(code: &str, words: &str) -> Self {
        Self { code: Some(code.to_owned()), ..Self::words(words) }
    }

    /// The text.
    pub fn text(&self, language: Language) -> String {
        locale::text(language, &self.key, &self.args)
    }

    /// The text in English, for the log and for commands.
    pub fn english(&self) -> String {
        self.text(Language::En)
    }
}

/// One thing an admin is told, as it stands in the payload of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Slug of the section.
    pub section: String,
    /// The kind of hold; empty for what is not well with a source.
    pub kind: String,
    /// Why.
    pub told: Told,
    /// How many articles are held.
    pub count: i64,
    /// Titles of up to three of them.
    pub samples: Vec<String>,
    /// The hold.
    pub hold: Option<i64>,
}

impl Alert {
    /// Something is not well: what, and what to do.
    pub fn trouble(told: &Told) -> Self {
        Self::plain(TROUBLE, told.clone())
    }

    /// It is well again.
    pub fn well(told: &Told) -> Self {
        Self::plain(WELL, Told { key: format!("{}-well", told.key), ..told.clone() })
    }

    fn plain(kind: &str, told: Told) -> Self {
        let (section, samples) = (String::new(), Vec::new());
        Self { section, kind: kind.to_owned(), told, count: 0, samples, hold: None }
    }
}

/// A target of alerts: channel, address.
pub type Admin = (&'static str, String);

struct Due {
    id: i64,
    section_id: i64,
    alert: Alert,
    is_over: bool,
}

/// Prepares an alert.
pub(super) async fn add(
    tx: &mut Tx,
    id: i64,
    section_id: i64,
    hold_id: Option<i64>,
    told: &Told,
    due_at: i64,
) -> Result<()> {
    let sql = "INSERT INTO alerts (id, section_id, hold_id, body, due_at) VALUES ($1, $2, $3, $4, $5)";
    tx.run(sql, args![id, section_id, hold_id, serde_json::to_string(told)?, due_at]).await.map(|_| ())
}

/// Whether admins were told of a finding, and of no other of the section that is still open.
pub(super) async fn was_told(tx: &mut Tx, section_id: i64, finding: &crate::health::Finding) -> Result<bool> {
    let sql = "SELECT body FROM alerts WHERE section_id = $1 AND queued_at >= $2 AND hold_id IS NULL";
    let code = Some(finding.code.text());
    let mut told = false;
    for row in tx.rows(sql, args![section_id, finding.since]).await? {
        told |= serde_json::from_str::<Told>(&row.text(0)?)?.code.as_deref() == code;
    }
    let open = "SELECT id FROM findings WHERE section_id = $1 AND closed_at IS NULL AND told_at IS NOT NULL LIMIT 1";
    Ok(told && tx.row(open, args![section_id]).await?.is_none())
}

impl Store {
    /// Hands the alerts that are due to the outbox: one message a hold, one for all that is not well. How many
    /// deliveries were made.
    pub async fn queue_alerts(&self, admins: &[Admin], now_ms: i64) -> Result<u64> {
        let sql = "SELECT id FROM alerts WHERE queued_at IS NULL AND due_at <= $1 LIMIT 1";
        if self.row(sql, args![now_ms]).await?.is_none() {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        let (mut messages, mut unwell) = (Vec::new(), Vec::new());
        for due in Self::due_alerts(&mut tx, now_ms).await? {
            if due.is_over {
                tx.run("DELETE FROM alerts WHERE id = $1", args![due.id]).await?;
                continue;
            }
            let sql = "SELECT MAX(queued_at) FROM alerts WHERE section_id = $1";
            let last = tx.row(sql, args![due.section_id]).await?.map_or(Ok(None), |row| row.opt_int(0))?;
            // What was told as not well is told as well, whenever that is.
            let bound = due.alert.kind != WELL;
            if let Some(last) = last.filter(|last| bound && now_ms - last < APART_MS) {
                tx.run("UPDATE alerts SET due_at = $2 WHERE id = $1", args![due.id, last + APART_MS]).await?;
                continue;
            }
            tx.run("UPDATE alerts SET queued_at = $2 WHERE id = $1", args![due.id, now_ms]).await?;
            if due.alert.kind.is_empty() {
                unwell.push((due.id, due.alert));
            } else {
                messages.push((due.id, vec![due.alert]));
            }
        }
        if let Some((id, _)) = unwell.first() {
            messages.push((*id, unwell.into_iter().map(|(_, alert)| alert).collect()));
        }
        let mut made = 0;
        for (id, alerts) in messages {
            let payload = serde_json::to_string(&alerts)?;
            for (channel, address) in admins {
                let target = self.target_in(&mut tx, channel, address, now_ms).await?;
                let sql =
                    "INSERT INTO deliveries (id, dedup, channel, target_id, kind, payload, state, due_at, created_at)
                           VALUES ($1, $2, $3, $4, 'alert', $5, 'pending', $6, $6) ON CONFLICT (dedup) DO NOTHING";
                let dedup = format!("a:{target}:{id}");
                made += tx.run(sql, args![self.new_id(now_ms), dedup, *channel, target, &payload, now_ms]).await?;
            }
        }
        crate::lifecycle::fault("alerts.queueing").await;
        tx.commit().await?;
        Ok(made)
    }

    /// Tells admins of the deliveries that wait for their decision: of those that came since they were last told, at most
    /// every [`APART_MS`]. How many deliveries were made.
    pub async fn queue_asks(&self, admins: &[Admin], now_ms: i64) -> Result<u64> {
        if admins.is_empty() || self.asking().await? == 0 {
            return Ok(0);
        }
        let told: i64 = self.meta(ASKS_TOLD).await?.and_then(|text| text.parse().ok()).unwrap_or_default();
        if now_ms - told < APART_MS {
            return Ok(0);
        }
        let sql = "SELECT d.channel, a.title, d.kind FROM deliveries d LEFT JOIN articles a ON a.id = d.article_id
                   WHERE d.state = 'uncertain' AND d.settled_at IS NULL AND d.kind <> 'alert' AND EXISTS
                     (SELECT 1 FROM attempts t WHERE t.delivery_id = d.id AND t.at > $1) ORDER BY d.id LIMIT 1000";
        let rows = self.rows(sql, args![told]).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let sample =
            |row: &super::sql::Row| Ok(format!("{}: {}", row.text(0)?, row.opt_text(1)?.unwrap_or(row.text(2)?)));
        let alert = Alert {
            section: String::new(),
            kind: ASKS.to_owned(),
            told: Told::new("alert-asks-why", &[]),
            count: rows.len() as i64,
            samples: rows.iter().take(3).map(sample).collect::<Result<_>>()?,
            hold: None,
        };
        let payload = serde_json::to_string(&[alert])?;
        let mut tx = self.begin().await?;
        let mut made = 0;
        for (channel, address) in admins {
            let target = self.target_in(&mut tx, channel, address, now_ms).await?;
            let sql = "INSERT INTO deliveries (id, dedup, channel, target_id, kind, payload, state, due_at, created_at)
                       VALUES ($1, $2, $3, $4, 'alert', $5, 'pending', $6, $6) ON CONFLICT (dedup) DO NOTHING";
            // One of several instances tells: what was told last makes the key.
            let dedup = format!("a:{target}:asks{told}");
            made += tx.run(sql, args![self.new_id(now_ms), dedup, *channel, target, &payload, now_ms]).await?;
        }
        let sql =
            "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        tx.run(sql, args![ASKS_TOLD, now_ms.to_string()]).await?;
        tx.commit().await?;
        Ok(made)
    }

    async fn due_alerts(tx: &mut Tx, now_ms: i64) -> Result<Vec<Due>> {
        let sql = "SELECT a.id, a.section_id, s.slug, a.hold_id, a.body, h.kind, h.settled_at FROM alerts a
                   JOIN sections s ON s.id = a.section_id LEFT JOIN holds h ON h.id = a.hold_id
                   WHERE a.queued_at IS NULL AND a.due_at <= $1
                   ORDER BY CASE WHEN a.hold_id IS NULL THEN 1 ELSE 0 END, a.id LIMIT 500";
        let mut found = Vec::new();
        for row in tx.rows(sql, args![now_ms]).await? {
            let (id, section_id) = (row.int(0)?, row.int(1)?);
            let told: Told = serde_json::from_str(&row.text(4)?)?;
            let hold = row.opt_int(3)?;
            let kind = match told.key.as_str() {
                SOURCE_WELL => WELL.to_owned(),
                _ => row.opt_text(5)?.unwrap_or_default(),
            };
            let (count, samples) = match hold {
                Some(hold) => Self::kept_back_in(tx, hold).await?,
                None => (0, Vec::new()),
            };
            let is_over = match (&told.code, hold) {
                (_, Some(_)) => row.opt_int(6)?.is_some() || (count == 0 && kind != HoldKind::List.word()),
                (Some(code), None) => {
                    let sql = "SELECT id FROM findings WHERE section_id = $1 AND code = $2 AND closed_at IS NULL";
                    tx.row(sql, args![section_id, code.as_str()]).await?.is_none()
                }
                (None, None) => false,
            };
            found.push(Due {
                id,
                section_id,
                alert: Alert { section: row.text(2)?, kind, told, count, samples, hold },
                is_over,
            });
        }
        Ok(found)
    }

    /// Forgets alerts that were told before a moment.
    pub async fn prune_alerts(&self, before_ms: i64) -> Result<u64> {
        let sql = "SELECT id FROM alerts WHERE queued_at < $1 LIMIT 500";
        let ids = self.rows(sql, args![before_ms]).await?.iter().map(|row| row.int(0)).collect::<Result<Vec<_>>>()?;
        if ids.is_empty() {
            return Ok(0);
        }
        let sql = format!("DELETE FROM alerts WHERE id IN {}", list(1, ids.len()));
        self.run(AssertSqlSafe(sql), ids.into_iter().map(Into::into).collect()).await
    }
}
