//! What the outbox does for admins: who they are, what an alert says, and how much a chat may get.

use std::collections::{HashMap, HashSet};

use super::Outbox;
use crate::channel::{Job, Message, Notice, Target};
use crate::clock::from_ms;
use crate::config::{Language, PostStyle};
use crate::locale;
use crate::store::{ASKS, Admin, Alert, HoldKind, Result, TROUBLE, WELL};

/// How long a hold waits for a decision before it is marked as seen.
pub const HOLD_MS: i64 = 72 * 3_600_000;

impl Outbox {
    /// Where alerts go: the chats and addresses of `[admin]` whose channels are on.
    pub fn admins(&self) -> Vec<Admin> {
        let has = |kind: &str| self.channels.get(kind).is_some();
        let admin = &self.config.admin;
        let chats = admin.telegram.iter().filter(|_| has("telegram"));
        let chats = chats.map(|target| ("telegram", target.address()));
        let mails = admin.email.iter().filter(|_| has("email")).map(|address| ("email", address.clone()));
        chats.chain(mails).collect()
    }

    /// Tells admins of what cannot be recorded: the database itself is away. One message each, tried once.
    pub async fn tell_unrecorded(&self, alert: &Alert) {
        let language = self.config.admin.language.unwrap_or(self.config.language);
        let now = self.clock.now();
        for (kind, address) in self.admins() {
            let Some(channel) = self.channels.get(kind) else { continue };
            let (address, topic) = match kind {
                "telegram" => super::chat_and_topic(&address),
                _ => (address.as_str(), None),
            };
            let target = Target {
                id: 0,
                address: address.to_owned(),
                topic,
                language,
                silent: false,
                style: PostStyle::default(),
            };
            let notice = self.notice(std::slice::from_ref(alert), now.timestamp_millis(), language);
            let job = Job {
                delivery: 0,
                message_id: format!("alert.{}", now.timestamp_millis()),
                created: now,
                target,
                message: Message::Alert(notice),
                progress: String::new(),
            };
            let outcome = channel.send(std::slice::from_ref(&job)).await;
            tracing::info!(channel = kind, ?outcome, "told an admin without the database");
        }
    }

    /// How many posts an hour a chat may get, by section.
    pub(super) async fn budgets(&self) -> Result<HashMap<i64, u32>> {
        let ids = self.store.section_ids().await?;
        let budget = |(slug, section): (&String, &std::sync::Arc<crate::config::Section>)| {
            Some((*ids.get(slug)?, section.guard?.per_hour))
        };
        Ok(self
            .config
            .sections
            .iter()
            .filter(|(_, section)| section.followers().next().is_some())
            .filter_map(budget)
            .collect())
    }

    /// The chats whose fixed times are digests: (section, address).
    pub(super) async fn digest_chats(&self) -> Result<HashSet<(i64, String)>> {
        let ids = self.store.section_ids().await?;
        let mut chats = HashSet::new();
        for (slug, section) in &self.config.sections {
            let Some(&id) = ids.get(slug) else { continue };
            let digests = section.followers().filter(|follower| follower.digest);
            chats.extend(digests.map(|follower| (id, follower.address)));
        }
        Ok(chats)
    }

    /// What an alert says.
    pub(super) fn notice(&self, alerts: &[Alert], created_at: i64, language: Language) -> Notice {
        let name = |slug: &str| self.config.sections.get(slug).map_or_else(|| slug.to_owned(), |s| s.name.clone());
        let say = |key: &str, args: &[(&str, &str)]| {
            let args: Vec<(String, String)> =
                args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            locale::text(language, key, &args)
        };
        let mut notice = Notice::default();
        for alert in alerts {
            let section = name(&alert.section);
            let count = alert.count.to_string();
            if alert.kind == ASKS {
                notice.heading = say("alert-asks", &[("count", &count)]);
                notice.lines.push(alert.told.text(language));
                notice.lines.extend(alert.samples.iter().map(|title| format!("• {title}")));
                notice.lines.push(say("alert-asks-decide", &[]));
            } else if alert.kind == TROUBLE {
                notice.heading = alert.told.text(language);
                let args = alert.told.args.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                notice.lines.push(say(&format!("{}-remedy", alert.told.key), &args.collect::<Vec<_>>()));
                continue;
            } else if alert.kind == WELL {
                let args = alert.told.args.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                let args: Vec<_> = args.chain([("section", section.as_str())]).collect();
                notice.heading = say(&alert.told.key, &args);
                continue;
            }
            let Some(hold) = alert.hold else {
                let code = alert.told.code.as_deref().and_then(crate::health::Code::from_text);
                let about = code.map(|code| match language {
                    Language::Vi => code.vietnamese(),
                    Language::En => code.english(),
                });
                if notice.heading.is_empty() {
                    let sections = alerts.len().to_string();
                    notice.heading = if alerts.len() == 1 {
                        say("alert-unwell", &[("section", &section)])
                    } else {
                        say("alert-unwell-many", &[("count", &sections)])
                    };
                }
                let (meaning, remedy) = about.unwrap_or_default();
                let remedy = remedy.replace("SECTION", &alert.section).replace("SLUG", &alert.section);
                let code = alert.told.code.clone().unwrap_or_default();
                notice.lines.push(format!("{section} ({code}): {meaning}"));
                notice.lines.push(alert.told.text(language));
                notice.lines.push(remedy.replace("CHUYÊN-MỤC", &alert.section));
                continue;
            };
            let heading = match alert.kind.as_str() {
                kind if kind == HoldKind::List.word() => "alert-list",
                kind if kind == HoldKind::Edits.word() => "alert-edits",
                kind if kind == HoldKind::Withdrawals.word() => "alert-withdrawals",
                _ => "alert-articles",
            };
            notice.heading = say(heading, &[("section", &section), ("count", &count)]);
            notice.lines.push(alert.told.text(language));
            notice.lines.extend(alert.samples.iter().map(|title| format!("• {title}")));
            let more = alert.count - i64::try_from(alert.samples.len()).unwrap_or(0);
            if more > 0 && !alert.samples.is_empty() {
                notice.lines.push(say("alert-more", &[("more", &more.to_string())]));
            }
            let hold = hold.to_string();
            let can_digest = [HoldKind::New, HoldKind::Late, HoldKind::Restored].iter().any(|k| k.word() == alert.kind);
            let decide = if can_digest { "alert-decide-digest" } else { "alert-decide" };
            notice.lines.push(say(decide, &[("hold", &hold)]));
            if alert.kind != HoldKind::List.word() {
                let until = from_ms(created_at + HOLD_MS).with_timezone(&self.config.timezone);
                notice.lines.push(say("alert-until", &[("until", &locale::moment(language, &until, true))]));
            }
        }
        notice
    }
}
