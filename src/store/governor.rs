//! The governor: what may go under the limits, recorded in the transaction that claims it (`claims`), so that limits hold
//! over restarts and for all instances together.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;

use super::Result;
use super::deliveries::Delivery;
use super::sql::{Tx, args, list};
use crate::channel::Limit;

/// A limit without a place, and when it will have one.
pub(super) struct Full {
    pub(super) at: i64,
    pub(super) limit: Limit,
}

/// The governor's rows of one claim: the generic cell rate algorithm over a stored arrival time.
pub(super) struct Governor {
    arrival: HashMap<String, i64>,
    changed: HashMap<String, i64>,
}

impl Governor {
    pub(super) async fn load(
        tx: &mut Tx,
        candidates: &[Delivery],
        limits: &impl Fn(&Delivery) -> Vec<Limit>,
    ) -> Result<Self> {
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
    pub(super) fn take(&mut self, limits: &[Limit], weight: i64, now_ms: i64) -> std::result::Result<(), Full> {
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
            // A limit without a pace is there to be blocked by; it is not moved by what goes under it.
            if limit.every_ms == 0 {
                continue;
            }
            self.changed.insert(limit.key.clone(), *arrival);
        }
        Ok(())
    }

    pub(super) async fn save(&self, tx: &mut Tx) -> Result<()> {
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
