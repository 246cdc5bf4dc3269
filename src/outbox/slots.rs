//! The slots at which digests and a chat's fixed times go out. Each slot fires once, whoever comes first: its
//! row in the store decides. A slot missed by more than [`MAX_LATE`] joins the next one.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{Outbox, chat_address};
use crate::schedule::Plan;
use crate::store::{Result, SlotState};

/// How late a slot may still fire.
const MAX_LATE: TimeDelta = TimeDelta::hours(6);

/// One schedule of the outbox.
struct Timetable {
    /// Its name in the table of slots.
    name: String,
    plan: Plan,
    zone: Tz,
    what: What,
}

enum What {
    /// The mails of a cadence.
    Mails(&'static str),
    /// A chat's fixed time in a section.
    Chat { section: String, address: String, digest: bool },
}

impl Outbox {
    fn timetables(&self) -> Vec<Timetable> {
        let mut all = Vec::new();
        if let Some(email) = &self.config.email {
            for (cadence, plan) in [("daily", &email.daily), ("weekly", &email.weekly)] {
                all.push(Timetable {
                    name: format!("email:{cadence}"),
                    plan: plan.clone(),
                    zone: self.config.timezone,
                    what: What::Mails(cadence),
                });
            }
        }
        for (slug, section) in &self.config.sections {
            for target in &section.telegram {
                let Some(plan) = &target.at else { continue };
                let address = chat_address(&target.chat, target.topic);
                all.push(Timetable {
                    name: format!("telegram:{slug}:{address}"),
                    plan: plan.clone(),
                    zone: section.timezone,
                    what: What::Chat { section: slug.clone(), address, digest: target.digest },
                });
            }
        }
        all
    }

    /// The next slot of any schedule.
    pub(super) fn next_slot(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.timetables().iter().map(|t| t.plan.next(now, t.zone).at).min()
    }

    /// Fires the slots that are due; how many deliveries were made.
    pub(super) async fn fire_slots(&self) -> Result<u64> {
        let now = self.clock.now();
        let mut made = 0;
        for table in self.timetables() {
            let Some(slot) = table.plan.latest(now - MAX_LATE, now, table.zone) else { continue };
            let key = slot.key();
            match self.store.slot_state(&table.name, key).await? {
                SlotState::Done => continue,
                // There is nothing to look back to: the schedule begins now.
                SlotState::First => {
                    self.store.take_slot(&table.name, key, true, now.timestamp_millis()).await?;
                    continue;
                }
                SlotState::Free => {
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
        }
        Ok(made)
    }

    async fn fire(&self, table: &Timetable, slot: i64) -> Result<u64> {
        let mut made = 0;
        let now = self.clock.now_ms();
        match &table.what {
            What::Mails(cadence) => loop {
                let chunk = self.store.expand_digests(cadence, slot, now).await?;
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
                            self.store.expand_one(subscription, now).await?.deliveries
                        };
                    }
                }
            }
        }
        tracing::info!(schedule = table.name, deliveries = made, "slot fired");
        Ok(made)
    }
}
