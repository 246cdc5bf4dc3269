//! Expansion: releases become deliveries, in chunks of subscriptions. Each chunk is one transaction that
//! also moves the cursors, so a kill leaves either both or neither (promise 1).

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use sqlx::AssertSqlSafe;

use super::dialect::numbers;
use super::digests::Wanted;
use super::sql::{Row, Tx, args, list};
use super::urgent::{AHEAD_MS, URGENT_BEHIND};
use super::{Result, Store};

/// Most targets in one transaction (promise 1).
const CHUNK: i64 = 5_000;
/// Most targets in one transaction of digests, whose lists are made one by one.
const DIGEST_CHUNK: i64 = 500;
/// Most articles in one digest.
const DIGEST_ARTICLES: usize = 200;

/// What an expansion did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expanded {
    /// Deliveries made.
    pub deliveries: u64,
    /// Whether there is more to expand.
    pub more: bool,
}

/// What one chunk came to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Chunk {
    pub(super) targets: i64,
    pub(super) deliveries: u64,
}

/// Which subscriptions an expansion is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// The chats and webhooks that follow at once: few, and first.
    Chats,
    /// The readers who follow at once.
    Readers,
    One(i64),
    /// The chats and webhooks with fixed times, for what is urgent.
    Urgent,
}

/// The subscriptions that follow at once and have not come as far as their sections, found by the index
/// `subscriptions_behind` (the order of a `CROSS JOIN` is kept by SQLite).
const BEHIND: &str = "FROM sections x CROSS JOIN subscriptions s CROSS JOIN targets t
     WHERE s.section_id = x.id AND s.cadence = 'now' AND s.active AND t.id = s.target_id AND t.state <> 'gone'
       AND s.cursor < (SELECT MAX(r.seq) FROM releases r WHERE r.section_id = x.id AND r.seq IS NOT NULL)";
/// The same of chats and webhooks, by way of their targets.
const CHATS_BEHIND: &str = "FROM targets t CROSS JOIN subscriptions s
     WHERE t.channel IN ('telegram', 'webhook') AND t.state <> 'gone' AND s.target_id = t.id AND s.cadence = 'now'
       AND s.active AND s.cursor <
         (SELECT MAX(r.seq) FROM releases r WHERE r.section_id = s.section_id AND r.seq IS NOT NULL)";

impl Store {
    /// Whether there is something that follows at once.
    pub async fn is_behind(&self) -> Result<bool> {
        Ok(self.row(AssertSqlSafe(format!("SELECT s.id {BEHIND} LIMIT 1")), vec![]).await?.is_some())
    }

    /// One chunk of what follows at once.
    pub async fn expand_now(&self, now_ms: i64) -> Result<Expanded> {
        self.expand_now_within(&HashMap::new(), now_ms).await
    }

    /// The same; a chat gets at most so many posts an hour (by section), the rest as one digest.
    pub async fn expand_now_within(&self, budgets: &HashMap<i64, u32>, now_ms: i64) -> Result<Expanded> {
        let chats = self.expand(Which::Chats, budgets, now_ms).await?;
        if chats.targets > 0 {
            return Ok(Expanded { deliveries: chats.deliveries, more: true });
        }
        self.expand_readers(now_ms).await
    }

    /// One chunk of readers, whatever chats are behind: those stay where they are.
    pub async fn expand_readers(&self, now_ms: i64) -> Result<Expanded> {
        let readers = self.expand(Which::Readers, &HashMap::new(), now_ms).await?;
        Ok(Expanded { deliveries: readers.deliveries, more: readers.targets == CHUNK })
    }

    /// Everything new of one subscription, one delivery an article: a chat's fixed time.
    pub async fn expand_one(&self, subscription: i64, budgets: &HashMap<i64, u32>, now_ms: i64) -> Result<Expanded> {
        let one = self.expand(Which::One(subscription), budgets, now_ms).await?;
        Ok(Expanded { deliveries: one.deliveries, more: false })
    }

    /// One chunk, in a handful of statements however many targets it has.
    pub(super) async fn expand(&self, which: Which, budgets: &HashMap<i64, u32>, now_ms: i64) -> Result<Chunk> {
        let (sql, arguments) = match which {
            Which::Chats => (format!("SELECT s.id, s.cursor {CHATS_BEHIND} ORDER BY s.id LIMIT {CHUNK}"), args![]),
            // Not the chats: one that fell behind since they were looked at would be moved on without its posts.
            Which::Readers => {
                (format!("SELECT s.id, s.cursor {BEHIND} AND t.channel = 'email' LIMIT {CHUNK}"), args![])
            }
            Which::One(id) => (
                "SELECT s.id, s.cursor FROM subscriptions s JOIN targets t ON t.id = s.target_id
                 WHERE s.active AND t.state <> 'gone' AND s.id = $1 AND s.cursor <
                   (SELECT MAX(r.seq) FROM releases r WHERE r.section_id = s.section_id AND r.seq IS NOT NULL)"
                    .to_owned(),
                args![id],
            ),
            Which::Urgent => (format!("SELECT s.id, s.cursor {URGENT_BEHIND} ORDER BY s.id LIMIT {CHUNK}"), args![]),
        };
        // Most of the time nobody is behind: then no transaction is opened.
        let first = sql.replace(&format!("LIMIT {CHUNK}"), "LIMIT 1");
        if self.row(AssertSqlSafe(first), arguments.clone()).await?.is_none() {
            return Ok(Chunk::default());
        }
        let mut tx = self.begin().await?;
        // Chats are locked, so that two instances do not both put into a digest what goes beyond a budget.
        let locked = if which == Which::Readers { "" } else { tx.locked_followers() };
        let rows = tx.rows(AssertSqlSafe(sql + locked), arguments).await?;
        let ids = rows.iter().map(|r| r.int(0)).collect::<Result<Vec<_>>>()?;
        let cursors = rows.iter().map(|r| r.int(1)).collect::<Result<Vec<_>>>()?;
        let (head, lowest) = (Self::head(&mut tx).await?, cursors.into_iter().min().unwrap_or(0));
        let (within, chunk) = (tx.engine().numbers("$2"), numbers(ids.iter().copied()));
        // A slot brings what did not come before it as urgent.
        let (news, cursor) = match which {
            Which::Urgent => ("r.urgent > s.urgent_cursor", "urgent_cursor"),
            _ => ("(r.urgent IS NULL OR r.urgent > s.urgent_cursor)", "cursor"),
        };
        // An article already delivered through another section of the same target is not sent again.
        let from = format!(
            "FROM subscriptions s JOIN releases r ON r.section_id = s.section_id AND r.seq > s.cursor
             JOIN targets t ON t.id = s.target_id
             JOIN articles a ON a.id = r.article_id AND a.withdrawn_at IS NULL
             WHERE s.id IN {within} AND r.seq <= $1 AND {news} AND NOT EXISTS (
               SELECT 1 FROM subscriptions o JOIN releases p ON p.section_id = o.section_id
               WHERE o.target_id = s.target_id AND o.id <> s.id AND p.article_id = r.article_id
                 AND p.seq > o.start AND (p.seq <= o.cursor OR p.urgent <= o.urgent_cursor))"
        );
        let mut made = 0;
        if which != Which::Readers {
            let sql = format!(
                "SELECT s.target_id, t.channel, r.section_id, r.article_id, r.urgent {from} AND t.channel <> 'email'
                 ORDER BY r.seq, s.id"
            );
            let wanted = tx.rows(AssertSqlSafe(sql), args![head, &chunk]).await?;
            let wanted = wanted.iter().map(wanted_of).collect::<Result<_>>()?;
            made += self.post_within_budget(&mut tx, wanted, budgets, now_ms).await?;
        }
        if !matches!(which, Which::Chats | Which::Urgent) {
            let sql = "SELECT COUNT(*) FROM releases WHERE seq > $1 AND seq <= $2";
            let releases = tx.row(sql, args![lowest, head]).await?.map_or(Ok(0), |r| r.int(0))?;
            let base = self.reserve(now_ms, releases * ids.len() as i64);
            let sql = format!(
                "INSERT INTO deliveries (id, dedup, channel, target_id, section_id, article_id, kind, state, due_at,
                   created_at, urgent)
                 SELECT $3 + row_number() OVER (ORDER BY r.seq, s.id),
                   'p:' || s.target_id || ':' || r.article_id, t.channel, s.target_id, r.section_id, r.article_id,
                   'post', 'pending', CASE WHEN r.urgent IS NULL THEN $4 ELSE $4 - {AHEAD_MS} END, $4,
                   r.urgent IS NOT NULL {from} AND t.channel = 'email'
                 ON CONFLICT (dedup) DO NOTHING"
            );
            made += tx.run(AssertSqlSafe(sql), args![head, &chunk, base, now_ms]).await?;
        }
        crate::lifecycle::fault("outbox.expanding").await;
        let sql = format!("UPDATE subscriptions SET {cursor} = $1 WHERE id IN {within}");
        tx.run(AssertSqlSafe(sql), args![head, chunk]).await?;
        tx.commit().await?;
        Ok(Chunk { targets: ids.len() as i64, deliveries: made })
    }

    /// One chunk of the digests of a slot: every target of that cadence gets one delivery with its frozen
    /// list, or none when nothing is new.
    pub async fn expand_digests(&self, cadence: &str, time: i64, slot: i64, now_ms: i64) -> Result<Expanded> {
        let sql = "SELECT DISTINCT s.target_id FROM subscriptions s JOIN targets t ON t.id = s.target_id
                   JOIN subscribers u ON u.id = s.target_id AND u.time_id = $3
                   WHERE s.active AND t.state <> 'gone' AND s.cadence = $1 AND s.cursor <
                     (SELECT MAX(r.digest_seq) FROM releases r
                      WHERE r.section_id = s.section_id AND r.digest_seq IS NOT NULL)
                   ORDER BY s.target_id LIMIT $2 + 0";
        let rows = self.rows(sql, args![cadence, DIGEST_CHUNK, time]).await?;
        let targets = rows.iter().map(|r| r.int(0)).collect::<Result<Vec<_>>>()?;
        if targets.is_empty() {
            return Ok(Expanded::default());
        }
        let mut tx = self.begin().await?;
        let made = self.digests_in(&mut tx, &targets, (cadence, time), slot, now_ms).await?;
        tx.commit().await?;
        Ok(Expanded { deliveries: made, more: targets.len() as i64 == DIGEST_CHUNK })
    }

    /// The digest of one subscription: a chat whose fixed time posts one digest.
    pub async fn expand_digest_of(&self, subscription: i64, slot: i64, now_ms: i64) -> Result<Expanded> {
        let sql = "SELECT target_id FROM subscriptions WHERE id = $1 AND active";
        let Some(row) = self.row(sql, args![subscription]).await? else { return Ok(Expanded::default()) };
        let mut tx = self.begin().await?;
        let made = self.digests_in(&mut tx, &[row.int(0)?], ("at", 0), slot, now_ms).await?;
        tx.commit().await?;
        Ok(Expanded { deliveries: made, more: false })
    }

    /// `of` is the cadence and the timetable it is for.
    async fn digests_in(&self, tx: &mut Tx, targets: &[i64], of: (&str, i64), slot: i64, now_ms: i64) -> Result<u64> {
        let (cadence, time) = of;
        // The same local time may come again for a reader who moves to another zone.
        let own = if time == 0 { cadence.to_owned() } else { format!("{cadence}.{time}") };
        let head = Self::head(tx).await?;
        let within = list(1, targets.len());
        let sql = format!(
            "SELECT s.target_id, s.section_id, s.cadence, s.start, s.cursor, s.active, t.channel, s.urgent_cursor
             FROM subscriptions s
             JOIN targets t ON t.id = s.target_id WHERE s.target_id IN {within} ORDER BY s.target_id, s.id"
        );
        let mut of: HashMap<i64, Vec<Following>> = HashMap::new();
        let mut channels = HashMap::new();
        for row in tx.rows(AssertSqlSafe(sql), targets.iter().map(|&t| t.into()).collect()).await? {
            channels.insert(row.int(0)?, row.text(6)?);
            of.entry(row.int(0)?).or_default().push(Following {
                section: row.int(1)?,
                due: row.text(2)? == cadence && row.bool(5)?,
                digests: matches!(row.text(2)?.as_str(), "daily" | "weekly") || row.text(2)? == cadence,
                start: row.int(3)?,
                cursor: row.int(4)?,
                urgent_cursor: row.int(7)?,
            });
        }
        let lowest = of.values().flatten().filter(|f| f.due).map(|f| f.cursor).min().unwrap_or(head);
        let sql = "SELECT r.article_id, r.section_id, r.digest_seq, r.seq, r.urgent FROM releases r
                   WHERE r.digest_seq IS NOT NULL AND r.article_id IN (SELECT n.article_id FROM releases n
                     JOIN articles a ON a.id = n.article_id AND a.withdrawn_at IS NULL
                     WHERE n.digest_seq > $1 AND n.digest_seq <= $2) ORDER BY r.digest_seq";
        let mut releases: Vec<(i64, Vec<Numbers>)> = Vec::new();
        let mut place: HashMap<i64, usize> = HashMap::new();
        for row in tx.rows(sql, args![lowest, head]).await? {
            let index = *place.entry(row.int(0)?).or_insert_with(|| {
                releases.push((0, Vec::new()));
                releases.len() - 1
            });
            if let Some(entry) = releases.get_mut(index) {
                entry.0 = row.int(0)?;
                entry.1.push(Numbers {
                    section: row.int(1)?,
                    digest: row.int(2)?,
                    single: row.opt_int(3)?,
                    urgent: row.opt_int(4)?.filter(|number| *number > 0),
                });
            }
        }
        let mut values = Vec::new();
        for target in targets {
            let Some(follows) = of.get(target) else { continue };
            let mut articles: Vec<[i64; 2]> =
                releases.iter().filter_map(|(id, at)| new_for(follows, *id, at)).collect();
            articles.reverse();
            articles.truncate(DIGEST_ARTICLES);
            if !articles.is_empty() {
                let channel = channels.get(target).cloned().unwrap_or_default();
                let articles = serde_json::to_string(&articles)?;
                let payload = format!("{{\"cadence\":\"{cadence}\",\"slot\":{slot},\"articles\":{articles}}}");
                values.push((format!("g:{target}:{own}:{slot}"), channel, *target, payload));
            }
        }
        let made = self.insert_digests(tx, &values, now_ms, now_ms).await?;
        crate::lifecycle::fault("outbox.expanding").await;
        let sql = format!(
            "UPDATE subscriptions SET cursor = $1 WHERE cadence = $2 AND active AND target_id IN {}",
            list(3, targets.len())
        );
        let mut arguments = args![head, cadence];
        arguments.extend(targets.iter().map(|&t| t.into()));
        tx.run(AssertSqlSafe(sql), arguments).await?;
        Ok(made)
    }

    /// The subscriptions of a section with fixed times: (subscription, address).
    pub async fn subscriptions_at(&self, section_id: i64) -> Result<Vec<(i64, String)>> {
        let sql = "SELECT s.id, t.address FROM subscriptions s JOIN targets t ON t.id = s.target_id
                   WHERE s.section_id = $1 AND s.cadence = 'at' AND s.active ORDER BY s.id";
        self.rows(sql, args![section_id]).await?.iter().map(|r| Ok((r.int(0)?, r.text(1)?))).collect()
    }

    /// Queues an edit wherever the article stands in a chat.
    pub(super) async fn enqueue_edits(&self, tx: &mut Tx, article: i64, revision: i64, now_ms: i64) -> Result<()> {
        let dedup = format!("'e:' || p.target_id || ':' || p.article_id || ':{revision}'");
        self.enqueue_posted(tx, article, &dedup, "edit", now_ms).await
    }

    /// Queues a deletion wherever the article stands in a chat.
    pub(super) async fn enqueue_deletes(&self, tx: &mut Tx, article: i64, now_ms: i64) -> Result<()> {
        self.enqueue_posted(tx, article, "'d:' || p.target_id || ':' || p.article_id", "delete", now_ms).await
    }

    async fn enqueue_posted(&self, tx: &mut Tx, article: i64, dedup: &str, kind: &str, now_ms: i64) -> Result<()> {
        let row = tx.row("SELECT COUNT(*) FROM posts WHERE article_id = $1", args![article]).await?;
        let count = row.map_or(Ok(0), |r| r.int(0))?;
        if count == 0 {
            return Ok(());
        }
        let base = self.reserve(now_ms, count);
        let sql = format!(
            "INSERT INTO deliveries (id, dedup, channel, target_id, section_id, article_id, kind, state, due_at,
               created_at)
             SELECT {base} + row_number() OVER (ORDER BY p.target_id), {dedup}, t.channel, p.target_id, p.section_id,
               p.article_id, '{kind}', 'pending', {now_ms}, {now_ms}
             FROM posts p JOIN targets t ON t.id = p.target_id WHERE p.article_id = $1
             ON CONFLICT (dedup) DO NOTHING"
        );
        tx.run(AssertSqlSafe(sql), args![article]).await.map(|_| ())
    }

    /// Reserves `count` keys; they follow the returned one.
    pub(super) fn reserve(&self, now_ms: i64, count: i64) -> i64 {
        self.new_id(now_ms);
        self.last_id.fetch_add(count, Ordering::SeqCst)
    }
}

fn wanted_of(row: &Row) -> Result<Wanted> {
    Ok(Wanted {
        target: row.int(0)?,
        channel: row.text(1)?,
        section: row.int(2)?,
        article: row.int(3)?,
        urgent: row.opt_int(4)?.is_some(),
    })
}

/// One subscription of a target, as digests see it.
struct Following {
    section: i64,
    due: bool,
    /// Whether it follows by digests, or message by message.
    digests: bool,
    start: i64,
    cursor: i64,
    /// How far it has got what is urgent, between its slots.
    urgent_cursor: i64,
}

/// The numbers of an article's release in a section.
struct Numbers {
    section: i64,
    /// What digests follow.
    digest: i64,
    /// What single messages follow.
    single: Option<i64>,
    /// What chats with fixed times follow between their slots.
    urgent: Option<i64>,
}

/// The article and the section it is new in for a target, if it is new: released in a section that is due
/// after its cursor, and not delivered through any section before.
fn new_for(follows: &[Following], article: i64, releases: &[Numbers]) -> Option<[i64; 2]> {
    let has = |f: &Following, r: &Numbers| {
        let seq = if f.digests { Some(r.digest) } else { r.single };
        let is_early = r.urgent.is_some_and(|urgent| urgent <= f.urgent_cursor);
        f.section == r.section && seq.is_some_and(|seq| seq > f.start && (seq <= f.cursor || is_early))
    };
    if releases.iter().any(|r| follows.iter().any(|f| has(f, r))) {
        return None;
    }
    follows
        .iter()
        .filter(|f| f.due)
        .find(|f| releases.iter().any(|r| f.section == r.section && r.digest > f.cursor))
        .map(|f| [article, f.section])
}
