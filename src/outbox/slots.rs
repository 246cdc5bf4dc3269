//! The slots at which digests and a chat's fixed times go out. Each slot fires once, whoever comes first: its
//! row in the store decides. A slot missed by more than [`MAX_LATE`] joins the next one.

use std::collections::HashMap;
use std::sync::PoisonError;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::Outbox;
use crate::config::Config;
use crate::schedule::Plan;
use crate::store::{ReaderTime, Result, SlotState};

/// The hour of a weekly digest for which a reader chose the day alone.
const USUAL_HOUR: i64 = 7;
/// How late a slot may still fire.
const MAX_LATE: TimeDelta = TimeDelta::hours(6);

/// One schedule of the outbox.
struct Timetable {
    /// Its name in the table of slots.
    name: String,
    plan: Plan,
    zone: Tz,
    /// A reader's own timetable begins when it was chosen, at a known moment (Unix milliseconds); else 0.
    since: i64,
    what: What,
}

enum What {
    /// The mails of a cadence, for the readers of a timetable.
    Mails(&'static str, i64),
    /// A chat's fixed time in a section.
    Chat { section: String, address: String, digest: bool },
}

/// What the readers' timetables and slots are asked for again and again, so that the store is not.
#[derive(Debug, Default)]
pub(super) struct Seen {
    times: Vec<(i64, i64, ReaderTime)>,
    done: HashMap<String, i64>,
}

/// When a reader's digests go out: the configured plan, or their own hour and day.
fn own_plan(cadence: &str, configured: &Plan, time: &ReaderTime) -> Plan {
    let own = match (cadence, time.hour, time.day) {
        (_, -1, -1) | ("daily", -1, _) => return configured.clone(),
        ("daily", hour, _) => format!("0 {hour} * * *"),
        (_, hour, day) => {
            let hour = if hour < 0 { USUAL_HOUR } else { hour };
            // Unix counts from Sunday, which is 0 or 7.
            format!("0 {hour} * * {}", if day < 0 { 1 } else { day })
        }
    };
    Plan::parse(&own).unwrap_or_else(|_| configured.clone())
}

/// Every schedule of the outbox.
fn timetables(config: &Config, times: &[(i64, i64, ReaderTime)]) -> Vec<Timetable> {
    let mut all = Vec::new();
    if let Some(email) = &config.email {
        for (id, since, time) in times {
            // A zone that this build does not know any more is the general one.
            let zone = time.zone.parse().unwrap_or(config.timezone);
            for (cadence, plan) in [("daily", &email.daily), ("weekly", &email.weekly)] {
                let own = if *id == 0 { String::new() } else { format!(":{id}") };
                all.push(Timetable {
                    name: format!("email:{cadence}{own}"),
                    plan: own_plan(cadence, plan, time),
                    zone,
                    since: *since,
                    what: What::Mails(cadence, *id),
                });
            }
        }
    }
    for (slug, section) in &config.sections {
        for follower in section.followers() {
            let Some(plan) = follower.at else { continue };
            let address = follower.address;
            all.push(Timetable {
                name: format!("{}:{slug}:{address}", follower.channel),
                plan: plan.clone(),
                zone: section.timezone,
                since: 0,
                what: What::Chat { section: slug.clone(), address, digest: follower.digest },
            });
        }
    }
    all
}

/// The mails (cadence and timetable) of which a slot lies between two moments: somebody else may have sent them.
pub fn passed(
    config: &Config,
    times: &[(i64, i64, ReaderTime)],
    after: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Vec<(&'static str, i64)> {
    let missed = |table: &Timetable| table.plan.latest(after, now, table.zone).is_some();
    let mails = timetables(config, times).into_iter().filter(missed).filter_map(|table| match table.what {
        What::Mails(cadence, time) => Some((cadence, time)),
        What::Chat { .. } => None,
    });
    mails.collect()
}

impl Outbox {
    fn times(&self) -> Vec<(i64, i64, ReaderTime)> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).times.clone()
    }

    fn remember_times(&self, times: &[(i64, i64, ReaderTime)]) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.times != times {
            seen.times = times.to_vec();
        }
    }

    fn was_done(&self, name: &str, slot: i64) -> bool {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).done.get(name) == Some(&slot)
    }

    fn remember_done(&self, name: String, slot: i64) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).done.insert(name, slot);
    }

    fn timetables(&self, times: &[(i64, i64, ReaderTime)]) -> Vec<Timetable> {
        timetables(&self.config, times)
    }

    /// The next slot of any schedule.
    pub(super) fn next_slot(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let times = self.times();
        self.timetables(&times).iter().map(|t| t.plan.next(now, t.zone).at).min()
    }

    /// Fires the slots that are due; how many deliveries were made.
    pub(super) async fn fire_slots(&self) -> Result<u64> {
        let now = self.clock.now();
        let mut made = 0;
        let times = self.store.reader_times().await?;
        self.remember_times(&times);
        for table in self.timetables(&times) {
            let Some(slot) = table.plan.latest(now - MAX_LATE, now, table.zone) else { continue };
            let key = slot.key();
            if slot.at.timestamp_millis() <= table.since || self.was_done(&table.name, key) {
                continue;
            }
            match self.store.slot_state(&table.name, key).await? {
                SlotState::Done => {
                    self.remember_done(table.name, key);
                    continue;
                }
                // There is nothing to look back to: the schedule begins now.
                SlotState::First if table.since == 0 => {
                    self.store.take_slot(&table.name, key, true, now.timestamp_millis()).await?;
                    continue;
                }
                SlotState::First | SlotState::Free => {
                    if !self.store.take_slot(&table.name, key, false, now.timestamp_millis()).await? {
                        continue;
                    }
                }
                // Whoever took it was stopped, or is at it: cursors and unique deliveries make doing it
                // again harmless.
                SlotState::Open => {}
            }
            made += self.fire(&table, key).await?;
            self.store.slot_done(&table.name, key).await?;
            self.remember_done(table.name, key);
        }
        Ok(made)
    }

    async fn fire(&self, table: &Timetable, slot: i64) -> Result<u64> {
        let mut made = 0;
        let now = self.clock.now_ms();
        match &table.what {
            What::Mails(cadence, time) => loop {
                let chunk = self.store.expand_digests(cadence, *time, slot, now).await?;
                made += chunk.deliveries;
                self.bell.notify_waiters();
                if !chunk.more {
                    break;
                }
            },
            What::Chat { section, address, digest } => {
                let Some(row) = self.store.section(section).await? else { return Ok(0) };
                for (subscription, at) in self.store.subscriptions_at(row.id).await? {
                    if at == *address {
                        made += if *digest {
                            self.store.expand_digest_of(subscription, slot, now).await?.deliveries
                        } else {
                            self.store.expand_one(subscription, &self.budgets().await?, now).await?.deliveries
                        };
                    }
                }
            }
        }
        tracing::info!(schedule = table.name, deliveries = made, "slot fired");
        Ok(made)
    }
}
