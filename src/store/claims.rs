//! Claiming: deliveries become 'sending', with a lease and the claimer's token on the row, in the same
//! transaction that takes their places in the governor (promise 1). Nothing is sent that is not recorded here.

use std::collections::{BTreeMap, HashMap};

use sqlx::AssertSqlSafe;

use super::deliveries::{DELIVERY, Delivery, read_delivery};
use super::sql::{Tx, args, list};
use super::{Result, Store};
use crate::channel::Limit;

/// How long a claim lasts unless it is renewed.
pub const LEASE_MS: i64 = 60_000;

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The channel.
    pub channel: &'a str,
    /// The claimer: the instance's name of this start. Only it may settle the rows.
    pub owner: &'a str,
    /// Most rows.
    pub max: usize,
    /// Whether messages to one target keep their order: then the oldest open row of a target comes first,
    /// alone.
    pub ordered: bool,
}

/// What was claimed.
#[derive(Debug, Clone, Default)]
pub struct Claimed {
    /// The rows, now 'sending'.
    pub deliveries: Vec<Delivery>,
    /// When there may be more to claim, if that is known (Unix milliseconds).
    pub again_at: Option<i64>,
    /// The limits that kept rows back, and until when.
    pub kept_by: HashMap<String, i64>,
}

/// The oldest open row of each target, alone; a digest that waits for its hour stands in nobody's way. Asked by target,
/// so that a long queue of one costs nothing.
const FIRST_OF_EACH: &str = "targets t JOIN deliveries d ON d.id = (SELECT MIN(o.id) FROM deliveries o
    WHERE o.target_id = t.id AND o.state IN ('pending', 'retry', 'sending')
      AND NOT (o.kind = 'digest' AND o.due_at > $2)) AND t.channel = $1";

impl Store {
    /// Claims due deliveries of a channel within the limits.
    pub async fn claim(
        &self,
        claim: Claim<'_>,
        limits: impl Fn(&Delivery) -> Vec<Limit>,
        now_ms: i64,
    ) -> Result<Claimed> {
        // Most of the time nothing is due: then no transaction is opened.
        let sql = "SELECT MIN(due_at) FROM deliveries WHERE channel = $1 AND state IN ('pending', 'retry')";
        let due = self.row(sql, args![claim.channel]).await?.map_or(Ok(None), |r| r.opt_int(0))?;
        match due {
            Some(due) if due <= now_ms => {}
            later => return Ok(Claimed { again_at: later, ..Claimed::default() }),
        }
        let mut tx = self.begin().await?;
        // Some may be beyond their limits: look further than asked.
        let most = claim.max + 50;
        let sql = format!(
            "SELECT {DELIVERY} FROM {}
             WHERE d.channel = $1 AND d.state IN ('pending', 'retry') AND d.due_at <= $2 AND t.state = 'active'
             ORDER BY d.due_at, d.id LIMIT {most}{}",
            if claim.ordered { FIRST_OF_EACH } else { "deliveries d JOIN targets t ON t.id = d.target_id" },
            tx.skip_locked()
        );
        let rows = tx.rows(AssertSqlSafe(sql), args![claim.channel, now_ms]).await?;
        let candidates = rows.iter().map(read_delivery).collect::<Result<Vec<_>>>()?;
        // Where there may be more than these, those that have to wait make way for the others.
        let crowded = candidates.len() == most;
        let mut governor = Governor::load(&mut tx, &candidates, &limits).await?;
        let mut claimed = Claimed::default();
        let (mut turns, mut postponed) = (HashMap::new(), BTreeMap::<i64, Vec<i64>>::new());
        for delivery in candidates {
            if claimed.deliveries.len() == claim.max {
                claimed.again_at = Some(now_ms);
                break;
            }
            let under = limits(&delivery);
            match governor.take(&under, delivery.weight, now_ms) {
                Ok(()) => claimed.deliveries.push(delivery),
                Err(full) => {
                    claimed.again_at = Some(claimed.again_at.map_or(full.at, |before| before.min(full.at)));
                    let is_own = under.last().is_some_and(|own| own.key == full.limit.key);
                    if delivery.weight > 1 && !is_own {
                        // It needs several places at once: were others to take every single one before it, its turn
                        // would never come.
                        claimed.kept_by.entry(full.limit.key).or_insert(full.at);
                        break;
                    }
                    if claim.ordered && crowded && is_own {
                        postponed.entry(full.at).or_default().push(delivery.id);
                    } else if full.limit.is_narrow() {
                        // Out of the way of the others: to its own turn under that limit.
                        let turn = turns.entry(full.limit.key.clone()).or_insert(full.at);
                        // In steps of a second, so that many share a statement.
                        postponed.entry((*turn + 999) / 1000 * 1000).or_default().push(delivery.id);
                        *turn += full.limit.every_ms;
                    }
                    claimed.kept_by.entry(full.limit.key).or_insert(full.at);
                }
            }
        }
        for (due, ids) in &postponed {
            let sql = format!("UPDATE deliveries SET due_at = $1 WHERE id IN {}", list(2, ids.len()));
            let arguments = std::iter::once((*due).into()).chain(ids.iter().map(|&id| id.into())).collect();
            tx.run(AssertSqlSafe(sql), arguments).await?;
        }
        if claimed.deliveries.is_empty() {
            // Ended here and now: a transaction that is merely dropped keeps its rows locked for a while, and the next
            // claim would pass them over.
            tx.commit().await?;
            if !postponed.is_empty() {
                claimed.again_at = Some(now_ms);
            }
            return Ok(claimed);
        }
        governor.save(&mut tx).await?;
        let sql = format!(
            "UPDATE deliveries SET state = 'sending', owner = $1, lease_until = $2 WHERE id IN {}",
            list(3, claimed.deliveries.len())
        );
        let mut arguments = args![claim.owner, now_ms + LEASE_MS];
        arguments.extend(claimed.deliveries.iter().map(|d| d.id.into()));
        tx.run(AssertSqlSafe(sql), arguments).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// Keeps the leases of what this instance is sending.
    pub async fn renew_leases(&self, owner: &str, now_ms: i64) -> Result<u64> {
        let sql = "UPDATE deliveries SET lease_until = $2 WHERE state = 'sending' AND owner = $1";
        self.run(sql, args![owner, now_ms + LEASE_MS]).await
    }

    /// Takes over what a stopped instance left in 'sending': it may have arrived, so it goes once more
    /// (`again`) or waits for an admin. With `all`, leases are not waited for: nobody else can be alive.
    pub async fn recover(&self, channel: &str, again: bool, all: bool, now_ms: i64) -> Result<u64> {
        const MOST_CRASHES: i64 = 20;
        let state = if again { "retry" } else { "uncertain" };
        let found = "SELECT id FROM deliveries WHERE channel = $1 AND state = 'sending' AND (lease_until < $2 OR $3)";
        if self.row(found, args![channel, now_ms, all]).await?.is_none() {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        let sql = "INSERT INTO attempts (delivery_id, at, outcome, detail)
                   SELECT id, $2, 'interrupted', 'bantin was stopped while sending; it may have arrived'
                   FROM deliveries WHERE channel = $1 AND state = 'sending' AND (lease_until < $2 OR $3)";
        tx.run(sql, args![channel, now_ms, all]).await?;
        let sql = format!(
            "UPDATE deliveries SET owner = '', crashes = crashes + 1, due_at = $2,
               reason = 'bantin was stopped while sending; it may have arrived',
               state = CASE WHEN crashes >= {MOST_CRASHES} THEN 'uncertain' ELSE '{state}' END
             WHERE channel = $1 AND state = 'sending' AND (lease_until < $2 OR $3)"
        );
        let count = tx.run(AssertSqlSafe(sql), args![channel, now_ms, all]).await?;
        tx.commit().await?;
        Ok(count)
    }

    /// Blocks a limit until a moment (Telegram's `retry_after`), for every instance.
    pub async fn block_limit(&self, key: &str, until_ms: i64) -> Result<()> {
        let sql = "INSERT INTO rates (key, tat) VALUES ($1, $2)
                   ON CONFLICT (key) DO UPDATE SET tat = CASE WHEN rates.tat > excluded.tat THEN rates.tat
                     ELSE excluded.tat END";
        self.run(sql, args![key, until_ms]).await.map(|_| ())
    }
}

/// A limit without a place, and when it will have one.
struct Full {
    at: i64,
    limit: Limit,
}

/// The governor's rows of one claim: the generic cell rate algorithm over a stored arrival time.
struct Governor {
    arrival: HashMap<String, i64>,
    changed: HashMap<String, i64>,
}

impl Governor {
    async fn load(tx: &mut Tx, candidates: &[Delivery], limits: &impl Fn(&Delivery) -> Vec<Limit>) -> Result<Self> {
        let mut keys: Vec<String> = candidates.iter().flat_map(limits).map(|l| l.key).collect();
        keys.sort();
        keys.dedup();
        let mut arrival = HashMap::new();
        for part in keys.chunks(500) {
            // Locked, so that two instances cannot take the same place; in the order of the keys, so that they never
            // wait for each other in a circle.
            let sql =
                format!("SELECT key, tat FROM rates WHERE key IN {} ORDER BY key{}", list(1, part.len()), tx.locked());
            let mut rows = tx.rows(AssertSqlSafe(sql.clone()), part.iter().map(Into::into).collect()).await?;
            if rows.len() < part.len() && !tx.locked().is_empty() {
                let new = format!(
                    "INSERT INTO rates (key, tat) VALUES {} ON CONFLICT (key) DO NOTHING",
                    (1..=part.len()).map(|n| format!("(${n}, 0)")).collect::<Vec<_>>().join(", ")
                );
                tx.run(AssertSqlSafe(new), part.iter().map(Into::into).collect()).await?;
                rows = tx.rows(AssertSqlSafe(sql), part.iter().map(Into::into).collect()).await?;
            }
            for row in rows {
                arrival.insert(row.text(0)?, row.int(1)?);
            }
        }
        Ok(Self { arrival, changed: HashMap::new() })
    }

    /// Takes `weight` places under every limit, or says when there will be as many. What is heavy keeps its distance
    /// before and after, so that no stretch of time around it holds more than the limit allows.
    fn take(&mut self, limits: &[Limit], weight: i64, now_ms: i64) -> std::result::Result<(), Full> {
        let earliest = |limit: &Limit| {
            let arrival = self.arrival.get(&limit.key).copied().unwrap_or(0);
            arrival + (weight - limit.burst.max(1)) * limit.every_ms
        };
        let last = limits.iter().map(|limit| (earliest(limit), limit)).max_by_key(|(at, _)| *at);
        if let Some((at, limit)) = last.filter(|(at, _)| *at > now_ms) {
            return Err(Full { at, limit: limit.clone() });
        }
        for limit in limits {
            let arrival = self.arrival.entry(limit.key.clone()).or_insert(0);
            *arrival = (*arrival).max(now_ms - limit.slack_ms) + weight * limit.every_ms;
            self.changed.insert(limit.key.clone(), *arrival);
        }
        Ok(())
    }

    async fn save(&self, tx: &mut Tx) -> Result<()> {
        let mut rows: Vec<_> = self.changed.iter().collect();
        rows.sort();
        for (key, arrival) in rows {
            // A block that another instance recorded meanwhile stands.
            let sql = "INSERT INTO rates (key, tat) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET
                       tat = CASE WHEN rates.tat > excluded.tat THEN rates.tat ELSE excluded.tat END";
            tx.run(sql, args![key, *arrival]).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_an_even_pace() {
        let mut governor = Governor { arrival: HashMap::new(), changed: HashMap::new() };
        let limit = [Limit { key: "x".into(), every_ms: 100, burst: 3, slack_ms: 0 }];
        let mut sent = Vec::new();
        let mut now = 1_000;
        while sent.len() < 6 {
            match governor.take(&limit, 1, now) {
                Ok(()) => sent.push(now),
                Err(full) => now = full.at,
            }
        }
        assert_eq!(sent, [1_000, 1_000, 1_000, 1_100, 1_200, 1_300]);
    }

    #[test]
    fn no_stretch_of_time_holds_more_than_the_limit_whatever_the_weights_and_delays() {
        // Twenty a minute, as a group of Telegram's; turns come late by up to 400 ms.
        let limit = [Limit { key: "x".into(), every_ms: 3_060, burst: 1, slack_ms: 600 }];
        for seed in 0..200_u64 {
            let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
            let mut roll = |below: u64| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state % below) as i64
            };
            let mut governor = Governor { arrival: HashMap::new(), changed: HashMap::new() };
            let (mut now, mut sent) = (1_000_000, Vec::new());
            for _ in 0..200 {
                let weight = if roll(4) == 0 { 2 + roll(9) } else { 1 };
                loop {
                    match governor.take(&limit, weight, now) {
                        Ok(()) => break,
                        Err(full) => now = full.at + roll(400),
                    }
                }
                sent.push((now, weight));
            }
            for &(start, _) in &sent {
                let within = sent.iter().filter(|(at, _)| (start..start + 60_000).contains(at));
                let count: i64 = within.map(|(_, weight)| weight).sum();
                assert!(count <= 20, "{count} within a minute (seed {seed})");
            }
        }
    }

    #[test]
    fn late_turns_cost_none_of_the_rate() {
        let limit = [Limit { key: "x".into(), every_ms: 100, burst: 1, slack_ms: 20 }];
        let mut governor = Governor { arrival: HashMap::new(), changed: HashMap::new() };
        let mut now = 1_000;
        for _ in 0..1_000 {
            while let Err(full) = governor.take(&limit, 1, now) {
                now = full.at + 15;
            }
        }
        assert!((now - 1_000 - 99_900).abs() < 100, "{now}");
    }
}
