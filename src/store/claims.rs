//! Claiming: deliveries become 'sending', with a lease and the claimer's token on the row, in the same
//! transaction that takes their places in the governor (promise 1). Nothing is sent that is not recorded here.

use std::collections::{BTreeMap, HashMap};

use sqlx::AssertSqlSafe;

use super::deliveries::{DELIVERY, Delivery, read_delivery};
use super::dialect::numbers;
use super::governor::Governor;
use super::settling::Settle;
use super::sql::{Tx, args, list};
use super::{Result, Store};
use crate::channel::Limit;
use crate::config::OnUncertain;

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

/// The oldest open row of each target, alone, and what is urgent before it; a digest that waits for its hour stands in
/// nobody's way, and what is on its way to the target is waited for by what is urgent, too. Asked by target, so that a
/// long queue of one costs nothing (the order of a `CROSS JOIN` is kept by SQLite).
const FIRST_OF_EACH: &str = "targets t CROSS JOIN deliveries d WHERE t.channel = $1 AND d.id = COALESCE(
      (SELECT MIN(u.id) FROM deliveries u WHERE u.target_id = t.id AND u.urgent
         AND u.state IN ('pending', 'retry', 'sending')),
      (SELECT MIN(o.id) FROM deliveries o WHERE o.target_id = t.id AND o.state IN ('pending', 'retry', 'sending')
         AND NOT (o.kind = 'digest' AND o.due_at > $2)))
    AND NOT (d.urgent AND EXISTS (SELECT 1 FROM deliveries s WHERE s.target_id = t.id AND s.state = 'sending'))";
const ANY: &str = "deliveries d JOIN targets t ON t.id = d.target_id WHERE d.channel = $1";

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
        let claimed = self.claim_in(&mut tx, claim, limits, now_ms).await?;
        // Also where there is nothing: a transaction that is merely dropped keeps its rows locked for a while, and the
        // next claim would pass them over.
        tx.commit().await?;
        Ok(claimed)
    }

    /// Records a batch of outcomes and claims more, in one transaction: one commit serves all connections. How many
    /// were recorded (the others were taken over by another instance), and what was claimed.
    pub async fn settle_and_claim(
        &self,
        results: &[(Delivery, Settle)],
        claim: Claim<'_>,
        limits: impl Fn(&Delivery) -> Vec<Limit>,
        now_ms: i64,
    ) -> Result<(usize, Claimed)> {
        let mut tx = self.begin().await?;
        let recorded = self.settle_in(&mut tx, claim.owner, results, now_ms).await?;
        let claimed = self.claim_in(&mut tx, claim, limits, now_ms).await?;
        tx.commit().await?;
        Ok((recorded, claimed))
    }

    async fn claim_in(
        &self,
        tx: &mut Tx,
        claim: Claim<'_>,
        limits: impl Fn(&Delivery) -> Vec<Limit>,
        now_ms: i64,
    ) -> Result<Claimed> {
        // Some may be beyond their limits: then it looks further than asked.
        for most in [claim.max, claim.max + 50] {
            let (claimed, again) = self.claim_of(tx, claim, &limits, most, now_ms).await?;
            if !again || most > claim.max {
                return Ok(claimed);
            }
        }
        Ok(Claimed::default())
    }

    /// Claims from the first `most` that are due; whether there may be others that could be claimed: then nothing was.
    async fn claim_of(
        &self,
        tx: &mut Tx,
        claim: Claim<'_>,
        limits: &impl Fn(&Delivery) -> Vec<Limit>,
        most: usize,
        now_ms: i64,
    ) -> Result<(Claimed, bool)> {
        let sql = format!(
            "SELECT {DELIVERY} FROM {}
               AND d.state IN ('pending', 'retry') AND d.due_at <= $2 AND t.state = 'active'
             ORDER BY d.due_at, d.id LIMIT $3 + 0{}",
            if claim.ordered { FIRST_OF_EACH } else { ANY },
            tx.skip_locked()
        );
        let rows = tx.rows(AssertSqlSafe(sql), args![claim.channel, now_ms, most as i64]).await?;
        let candidates = rows.iter().map(read_delivery).collect::<Result<Vec<_>>>()?;
        // Where there may be more than these, those that have to wait make way for the others.
        let crowded = candidates.len() == most;
        let mut governor = Governor::load(tx, &candidates, limits).await?;
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
        if claimed.deliveries.len() == claim.max {
            // The batch is full: there may be more.
            claimed.again_at = Some(now_ms);
        } else if crowded && most == claim.max {
            return Ok((Claimed::default(), true));
        }
        for (due, ids) in &postponed {
            let sql = format!("UPDATE deliveries SET due_at = $1 WHERE id IN {}", list(2, ids.len()));
            let arguments = std::iter::once((*due).into()).chain(ids.iter().map(|&id| id.into())).collect();
            tx.run(AssertSqlSafe(sql), arguments).await?;
        }
        if claimed.deliveries.is_empty() {
            if !postponed.is_empty() {
                claimed.again_at = Some(now_ms);
            }
            return Ok((claimed, false));
        }
        governor.save(tx).await?;
        let (lease_end, lease) = self.lease_end("$3", now_ms);
        let sql = format!(
            "UPDATE deliveries SET state = 'sending', owner = $1, lease_until = {lease_end} WHERE id IN {}",
            tx.engine().numbers("$2")
        );
        let ids = numbers(claimed.deliveries.iter().map(|d| d.id));
        tx.run(AssertSqlSafe(sql), args![claim.owner, ids, lease]).await?;
        Ok((claimed, false))
    }

    /// Keeps the leases of what this instance is sending; which deliveries are its own still.
    pub async fn renew_leases(&self, owner: &str, now_ms: i64) -> Result<Vec<i64>> {
        let mut tx = self.begin().await?;
        let (lease_end, lease) = self.lease_end("$2", now_ms);
        let sql = format!(
            "UPDATE deliveries SET lease_until = {lease_end} WHERE state = 'sending' AND owner = $1 RETURNING id"
        );
        let rows = tx.rows(AssertSqlSafe(sql), args![owner, lease]).await?;
        tx.commit().await?;
        rows.iter().map(|row| row.int(0)).collect()
    }

    /// Gives back what a channel's dispatcher claimed without hearing of it (the link to the database was cut in the
    /// commit): its rows that are not in `flying`. Nothing of them was sent. How many there were.
    pub async fn unclaim(&self, channel: &str, owner: &str, flying: &[i64], now_ms: i64) -> Result<u64> {
        let sql = "SELECT id FROM deliveries WHERE channel = $1 AND state = 'sending' AND owner = $2";
        let rows = self.rows(sql, args![channel, owner]).await?;
        let ids = rows.iter().map(|row| row.int(0)).collect::<Result<Vec<_>>>()?;
        let mut count = 0;
        for id in ids.into_iter().filter(|id| !flying.contains(id)) {
            let sql = "UPDATE deliveries SET state = 'retry', owner = '', due_at = $3
                       WHERE id = $1 AND state = 'sending' AND owner = $2";
            count += self.run(sql, args![id, owner, now_ms]).await?;
        }
        Ok(count)
    }

    /// Takes over what a stopped instance left in 'sending': it may have arrived, so it goes once more, is given up or
    /// waits for an admin, as `policy` of its target's address says. With `all`, leases are not waited for: nobody else
    /// can be alive; nor are those of `owner`, whose sending has ended.
    pub async fn recover(
        &self,
        channel: &str,
        policy: impl Fn(&str) -> OnUncertain,
        all: bool,
        owner: &str,
        now_ms: i64,
    ) -> Result<u64> {
        const MOST_CRASHES: i64 = 20;
        const WHY: &str = "bantin was stopped while sending; it may have arrived";
        let left = format!(
            "d.channel = $1 AND d.state = 'sending' AND (d.lease_until < {} OR $2 OR d.owner = $3)",
            self.now_of_leases(now_ms)
        );
        let found = format!(
            "SELECT d.id, t.address, d.crashes, d.owner FROM deliveries d JOIN targets t ON t.id = d.target_id WHERE {left}"
        );
        let rows = self.rows(AssertSqlSafe(found), args![channel, all, owner]).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let mut count = 0;
        let mut tx = self.begin().await?;
        for row in rows {
            let (id, sender) = (row.int(0)?, row.text(3)?);
            let (state, settled) = match policy(&row.text(1)?) {
                OnUncertain::AtMostOnce => ("uncertain", Some(now_ms)),
                OnUncertain::AtLeastOnce if row.int(2)? < MOST_CRASHES => ("retry", None),
                OnUncertain::AtLeastOnce | OnUncertain::Ask => ("uncertain", None),
            };
            // Again with its conditions: it may have been settled, renewed or taken by another instance meanwhile.
            let sql = format!(
                "UPDATE deliveries AS d SET owner = '', crashes = crashes + 1, due_at = $4, reason = $5, state = $6,
                   settled_at = $7 WHERE {left} AND d.id = $8"
            );
            let arguments = args![channel, all, owner, now_ms, WHY, state, settled, id];
            if tx.run(AssertSqlSafe(sql), arguments).await? == 1 {
                count += 1;
                let sql = "INSERT INTO attempts (delivery_id, at, outcome, detail, instance)
                           VALUES ($1, $2, 'interrupted', $3, $4)";
                tx.run(sql, args![id, now_ms, WHY, sender]).await?;
            }
        }
        tx.commit().await?;
        Ok(count)
    }

    /// The clock was set back by `back_ms` to `now_ms`: what waits for a moment does not wait by as much longer. How many
    /// rows were moved.
    pub async fn set_back(&self, back_ms: i64, now_ms: i64) -> Result<u64> {
        let mut tx = self.begin().await?;
        let mut moved = 0;
        for sql in [
            "UPDATE rates SET tat = tat - $1 WHERE tat > $2",
            "UPDATE deliveries SET due_at = due_at - $1 WHERE state IN ('pending', 'retry') AND due_at > $2",
            "UPDATE releases SET due_at = due_at - $1 WHERE state = 'waiting' AND due_at > $2",
        ] {
            moved += tx.run(sql, args![back_ms, now_ms]).await?;
        }
        tx.commit().await?;
        Ok(moved)
    }

    /// Blocks a limit until a moment (Telegram's `retry_after`), for every instance.
    pub async fn block_limit(&self, key: &str, until_ms: i64) -> Result<()> {
        let sql = "INSERT INTO rates (key, tat) VALUES ($1, $2)
                   ON CONFLICT (key) DO UPDATE SET tat = CASE WHEN rates.tat > excluded.tat THEN rates.tat
                     ELSE excluded.tat END";
        self.run(sql, args![key, until_ms]).await.map(|_| ())
    }
}
