//! One digest instead of many messages: what an admin decided on for a hold, and what goes beyond a chat's budget.

use std::collections::{HashMap, HashSet};

use sqlx::AssertSqlSafe;

use super::expansion::Expanded;
use super::sql::{Tx, args, groups, list};
use super::{Result, Store};

/// Subscriptions of one transaction.
const CHUNK: i64 = 500;
/// Most articles in one digest.
const ARTICLES: usize = 200;
const HOUR_MS: i64 = 3_600_000;

/// A post that is to be made for a chat.
pub(super) struct Wanted {
    pub(super) target: i64,
    pub(super) channel: String,
    pub(super) section: i64,
    pub(super) article: i64,
    pub(super) urgent: bool,
}

impl Store {
    /// Whether a digest that an admin decided on is not with everybody yet.
    pub async fn has_hold_digests(&self) -> Result<bool> {
        let sql = "SELECT id FROM holds WHERE decision = 'digest' AND expanded_at IS NULL LIMIT 1";
        Ok(self.row(sql, vec![]).await?.is_some())
    }

    /// One chunk of the digests that admins decided on: everybody who follows at once gets one, and chats with fixed
    /// times, but for those `in_slots` (section, address) whose slots are digests themselves.
    pub async fn expand_hold_digests(&self, in_slots: &HashSet<(i64, String)>, now_ms: i64) -> Result<Expanded> {
        let sql = "SELECT id FROM holds WHERE decision = 'digest' AND expanded_at IS NULL ORDER BY id LIMIT 1";
        let Some(row) = self.row(sql, vec![]).await? else { return Ok(Expanded::default()) };
        let hold = row.int(0)?;
        let mut tx = self.begin().await?;
        let sql = "SELECT section_id, cursor FROM holds WHERE id = $1 AND expanded_at IS NULL";
        let Some(row) = tx.row(sql, args![hold]).await? else { return Ok(Expanded::default()) };
        let (section, cursor) = (row.int(0)?, row.int(1)?);
        let sql = "SELECT s.id, s.target_id, t.channel, t.address, s.start FROM subscriptions s
                   JOIN targets t ON t.id = s.target_id
                   WHERE s.section_id = $1 AND s.active AND s.id > $2 AND s.cadence IN ('now', 'at') AND t.state <> 'gone'
                   ORDER BY s.id LIMIT $3 + 0";
        let rows = tx.rows(sql, args![section, cursor, CHUNK]).await?;
        let Some(end) = rows.last().map(|row| row.int(0)).transpose()? else {
            tx.run("UPDATE holds SET expanded_at = $2 WHERE id = $1", args![hold, now_ms]).await?;
            tx.commit().await?;
            return Ok(Expanded { deliveries: 0, more: true });
        };
        let sql = "SELECT r.article_id, r.digest_seq FROM releases r JOIN articles a ON a.id = r.article_id
                   WHERE r.hold_id = $1 AND r.state = 'digest' AND a.withdrawn_at IS NULL
                   ORDER BY r.feed_date DESC, r.article_id DESC";
        let articles: Vec<(i64, i64)> =
            tx.rows(sql, args![hold]).await?.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect::<Result<_>>()?;
        let targets = rows.iter().map(|row| row.int(1)).collect::<Result<Vec<_>>>()?;
        let had = had(&mut tx, &targets, &articles).await?;
        let mut values = Vec::new();
        for row in &rows {
            let (target, channel, start) = (row.int(1)?, row.text(2)?, row.int(4)?);
            if in_slots.contains(&(section, row.text(3)?)) {
                continue;
            }
            let list: Vec<[i64; 2]> = articles
                .iter()
                .filter(|(article, seq)| *seq > start && !had.contains(&(target, *article)))
                .map(|(article, _)| [*article, section])
                .take(ARTICLES)
                .collect();
            if !list.is_empty() {
                values.push((format!("h:{target}:{hold}"), channel, target, payload(hold, &list)?));
            }
        }
        let made = self.insert_digests(&mut tx, &values, now_ms, now_ms).await?;
        tx.run("UPDATE holds SET cursor = $2 WHERE id = $1", args![hold, end]).await?;
        tx.commit().await?;
        Ok(Expanded { deliveries: made, more: true })
    }

    /// Makes the posts of chats within their budget an hour (by section; 0 or none: no budget). What goes beyond it
    /// joins one digest, which is due when the hour is over.
    pub(super) async fn post_within_budget(
        &self,
        tx: &mut Tx,
        wanted: Vec<Wanted>,
        budgets: &HashMap<i64, u32>,
        now_ms: i64,
    ) -> Result<u64> {
        let targets: Vec<i64> = wanted.iter().map(|w| w.target).collect::<HashSet<_>>().into_iter().collect();
        let mut recent: HashMap<i64, Vec<i64>> = HashMap::new();
        for part in targets.chunks(500) {
            let sql = format!(
                "SELECT target_id, due_at FROM deliveries WHERE channel <> 'email' AND due_at > $1
                   AND kind IN ('post', 'digest') AND state <> 'dropped' AND target_id IN {} ORDER BY due_at",
                list(2, part.len())
            );
            let mut arguments = args![now_ms - HOUR_MS];
            arguments.extend(part.iter().map(|&id| id.into()));
            for row in tx.rows(AssertSqlSafe(sql), arguments).await? {
                recent.entry(row.int(0)?).or_default().push(row.int(1)?);
            }
        }
        let (mut posts, mut beyond): (Vec<Wanted>, HashMap<i64, Vec<Wanted>>) = (Vec::new(), HashMap::new());
        for one in wanted {
            let most = budgets.get(&one.section).map_or(0, |most| *most as usize);
            let sent = recent.entry(one.target).or_default();
            if most > 0 && sent.len() >= most {
                beyond.entry(one.target).or_default().push(one);
            } else {
                sent.push(now_ms);
                posts.push(one);
            }
        }
        let mut made = 0;
        for part in posts.chunks(100) {
            let sql = format!(
                "INSERT INTO deliveries (id, dedup, channel, target_id, section_id, article_id, kind, state, due_at,
                   created_at, urgent) VALUES {} ON CONFLICT (dedup) DO NOTHING",
                groups(1, part.len(), 11)
            );
            let arguments = part.iter().flat_map(|w| {
                let dedup = format!("p:{}:{}", w.target, w.article);
                let id = self.new_id(now_ms);
                args![
                    id, dedup, &w.channel, w.target, w.section, w.article, "post", "pending", now_ms, now_ms, w.urgent
                ]
            });
            made += tx.run(AssertSqlSafe(sql), arguments.collect()).await?;
        }
        for (target, rest) in beyond {
            let over = recent.get(&target).and_then(|times| times.first()).map_or(now_ms, |first| first + HOUR_MS);
            made += self.join_digest(tx, target, &rest, over, now_ms).await?;
        }
        Ok(made)
    }

    /// Adds articles to the digest that waits for a chat's next hour, or begins one.
    async fn join_digest(&self, tx: &mut Tx, target: i64, rest: &[Wanted], due: i64, now_ms: i64) -> Result<u64> {
        let mut articles: Vec<[i64; 2]> = rest.iter().rev().map(|w| [w.article, w.section]).collect();
        let sql = "SELECT id, payload FROM deliveries WHERE target_id = $1 AND kind = 'digest' AND state = 'pending'
                     AND attempts = 0 AND dedup LIKE 'o:%' ORDER BY id LIMIT 1";
        if let Some(row) = tx.row(sql, args![target]).await? {
            let before: serde_json::Value = serde_json::from_str(&row.text(1)?)?;
            let before: Vec<[i64; 2]> = serde_json::from_value(before["articles"].clone())?;
            articles.retain(|one| !before.iter().any(|other| other[0] == one[0]));
            articles.extend(before);
            let sql = "UPDATE deliveries SET payload = $2 WHERE id = $1";
            return tx.run(sql, args![row.int(0)?, payload(due, &articles)?]).await.map(|_| 0);
        }
        let channel = rest.first().map(|w| w.channel.clone()).unwrap_or_default();
        let value = (format!("o:{target}:{now_ms}"), channel, target, payload(due, &articles)?);
        self.insert_digests(tx, &[value], due, now_ms).await
    }

    /// Queues digests: (dedup, channel, target, payload) each; how many were not queued before.
    pub(super) async fn insert_digests(
        &self,
        tx: &mut Tx,
        values: &[(String, String, i64, String)],
        due: i64,
        now_ms: i64,
    ) -> Result<u64> {
        let mut made = 0;
        for part in values.chunks(100) {
            let sql = format!(
                "INSERT INTO deliveries (id, dedup, channel, target_id, kind, payload, state, due_at, created_at)
                 VALUES {} ON CONFLICT (dedup) DO NOTHING",
                groups(1, part.len(), 9)
            );
            let arguments = part.iter().flat_map(|(dedup, channel, target, payload)| {
                args![self.new_id(now_ms), dedup, channel, *target, "digest", payload, "pending", due, now_ms]
            });
            made += tx.run(AssertSqlSafe(sql), arguments.collect()).await?;
        }
        Ok(made)
    }
}

/// Which of the articles were posted or mailed to which of the targets.
async fn had(tx: &mut Tx, targets: &[i64], articles: &[(i64, i64)]) -> Result<HashSet<(i64, i64)>> {
    let mut had = HashSet::new();
    let wanted: HashSet<i64> = targets.iter().copied().collect();
    for part in articles.chunks(500) {
        let sql = format!(
            "SELECT target_id, article_id FROM deliveries WHERE kind = 'post' AND article_id IN {}",
            list(1, part.len())
        );
        for row in tx.rows(AssertSqlSafe(sql), part.iter().map(|(id, _)| (*id).into()).collect()).await? {
            let (target, article) = (row.int(0)?, row.int(1)?);
            if wanted.contains(&target) {
                had.insert((target, article));
            }
        }
    }
    Ok(had)
}

fn payload(slot: i64, articles: &[[i64; 2]]) -> Result<String> {
    let articles = serde_json::to_string(articles)?;
    Ok(format!("{{\"cadence\":\"slot\",\"slot\":{slot},\"articles\":{articles}}}"))
}
