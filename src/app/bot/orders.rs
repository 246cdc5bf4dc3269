//! The orders of admins, and what the bot says to each. An order that is told twice does no more than once.

use super::App;
use crate::channel::Reply;
use crate::config::Language;
use crate::locale;
use crate::store::{Decision, Result, Settled};

/// Most holds in one answer.
const HOLDS: usize = 8;

fn say(language: Language, key: &str, args: &[(&str, &str)]) -> String {
    let args: Vec<(String, String)> =
        args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    locale::text(language, key, &args)
}

fn one(text: String) -> Vec<Reply> {
    vec![Reply { text, ..Reply::default() }]
}

impl App {
    /// Carries an order out.
    pub(super) async fn order(&self, text: &str, language: Language) -> Result<Vec<Reply>> {
        let mut words = text.split_whitespace();
        // In a group an order names the bot: `/status@example_bot`.
        let order = words.next().unwrap_or_default().split('@').next().unwrap_or_default().to_lowercase();
        let rest: Vec<&str> = words.collect();
        match (order.as_str(), rest.as_slice()) {
            ("/status", _) => Ok(one(self.status_text(language).await?)),
            ("/holds", _) => self.holds_replies(language).await,
            ("/pause", [slug]) => self.pause_order(slug, true, language).await,
            ("/resume", [slug]) => self.pause_order(slug, false, language).await,
            ("/retract", [article]) => self.retract_order(article, language).await,
            ("/push", [article, to @ ..]) => self.push_order(article, to.first().copied(), language).await,
            _ => Ok(one(say(language, "bot-help", &[]))),
        }
    }

    /// Carries out what a button stands for.
    pub(super) async fn pressed(&self, data: &str, language: Language) -> Result<String> {
        let decided = data.strip_prefix("hold:").and_then(|rest| rest.split_once(':'));
        let Some((word, id)) = decided else { return Ok(say(language, "bot-help", &[])) };
        let decision = match word {
            "approve" => Decision::Approve,
            "digest" => Decision::Digest,
            _ => Decision::Seen,
        };
        let settled = self.store.settle_hold(id.parse().unwrap_or(0), decision, self.clock.now_ms()).await?;
        self.feed_bell.notify_waiters();
        Ok(match (settled, decision) {
            (Settled::Done(count), Decision::Approve) => {
                say(language, "bot-approved", &[("count", &count.to_string())])
            }
            (Settled::Done(count), Decision::Digest) => say(language, "bot-digest", &[("count", &count.to_string())]),
            (Settled::Done(count), Decision::Seen) => say(language, "bot-seen", &[("count", &count.to_string())]),
            (Settled::Unknown, _) => say(language, "bot-decided", &[]),
            (Settled::NoDigest, _) => say(language, "bot-no-digest", &[]),
        })
    }

    async fn status_text(&self, language: Language) -> Result<String> {
        let mut lines = Vec::new();
        let rows = self.store.sections().await?;
        let told = self.store.told_findings().await?;
        for (slug, section) in &self.config.sections {
            let row = rows.iter().find(|row| row.slug == *slug);
            let finding = told.iter().find(|(of, _)| of == slug).map(|(_, finding)| finding.words.clone());
            let state = match row {
                Some(row) if row.paused => say(language, "bot-paused-state", &[]),
                Some(row) if !row.outcome.is_empty() => row.outcome.clone(),
                _ => finding.unwrap_or_else(|| say(language, "bot-well", &[])),
            };
            lines.push(format!("{} ({slug}): {state}", section.name));
        }
        let waiting: i64 = self
            .store
            .open_counts()
            .await?
            .iter()
            .filter(|queue| matches!(queue.state.as_str(), "pending" | "sending" | "retry"))
            .map(|queue| queue.count)
            .sum();
        lines.push(say(language, "bot-queue", &[("count", &waiting.to_string())]));
        let holds = self.store.holds().await?.len();
        if holds > 0 {
            lines.push(say(language, "bot-held", &[("count", &holds.to_string())]));
        }
        for target in self.store.troubled_targets().await?.iter().filter(|target| target.channel != "email") {
            lines.push(say(language, "bot-resting", &[("chat", &target.address), ("reason", &target.reason)]));
        }
        Ok(lines.join("\n"))
    }

    async fn holds_replies(&self, language: Language) -> Result<Vec<Reply>> {
        let holds = self.store.holds().await?;
        if holds.is_empty() {
            return Ok(one(say(language, "bot-no-holds", &[])));
        }
        let reply = |hold: &crate::store::Hold| {
            let name = self.config.sections.get(&hold.section).map_or(hold.section.as_str(), |s| s.name.as_str());
            let mut lines = vec![say(language, "bot-hold", &[("section", name), ("count", &hold.count.to_string())])];
            lines.push(hold.reason.clone());
            lines.extend(hold.samples.iter().map(|title| format!("• {title}")));
            let button = |key: &str, word: &str| (say(language, key, &[]), format!("hold:{word}:{}", hold.id));
            let mut row = vec![button("bot-approve", "approve")];
            if hold.kind.has_releases() {
                row.push(button("bot-as-digest", "digest"));
            }
            row.push(button("bot-dismiss", "seen"));
            Reply { text: lines.join("\n"), buttons: vec![row], callback: None }
        };
        Ok(holds.iter().take(HOLDS).map(reply).collect())
    }

    async fn pause_order(&self, slug: &str, paused: bool, language: Language) -> Result<Vec<Reply>> {
        let known = self.config.sections.contains_key(slug) && self.store.pause(slug, paused, None).await?;
        let key = match (known, paused) {
            (false, _) => "bot-no-section",
            (true, true) => "bot-paused",
            (true, false) => "bot-resumed",
        };
        Ok(one(say(language, key, &[("section", slug)])))
    }

    async fn retract_order(&self, article: &str, language: Language) -> Result<Vec<Reply>> {
        let Some(id) = self.store.find_article(article).await? else {
            return Ok(one(say(language, "bot-no-article", &[])));
        };
        let now = self.store.withdraw(id, self.clock.now_ms()).await?;
        self.feed_bell.notify_waiters();
        Ok(one(say(language, if now { "bot-retracted" } else { "bot-retracted-before" }, &[])))
    }

    /// To the chat that is named, or to every chat of the article's section.
    async fn push_order(&self, article: &str, to: Option<&str>, language: Language) -> Result<Vec<Reply>> {
        let none = || Ok(one(say(language, "bot-no-article", &[])));
        let Some(id) = self.store.find_article(article).await? else { return none() };
        if self.store.article(id).await?.is_none_or(|article| article.withdrawn_at.is_some()) {
            return none();
        }
        let Some(section) = self.store.sections_of(&[id]).await?.remove(&id).and_then(|all| all.first().copied())
        else {
            return none();
        };
        let ids = self.store.section_ids().await?;
        let own = ids.iter().find(|(_, key)| **key == section).and_then(|(slug, _)| self.config.sections.get(slug));
        let chats: Vec<String> = match to {
            Some(to) => vec![to.to_owned()],
            None => own
                .into_iter()
                .flat_map(|section| &section.telegram)
                .map(crate::config::TelegramTarget::address)
                .collect(),
        };
        let mut queued = 0;
        for chat in chats {
            if telegram_address(&chat) {
                let now_ms = self.clock.now_ms();
                let target = self.store.target("telegram", &chat, now_ms).await?.id;
                queued += usize::from(self.store.push(id, target, "telegram", section, false, now_ms).await?);
            }
        }
        let key = if queued > 0 { "bot-pushed" } else { "bot-pushed-before" };
        Ok(one(say(language, key, &[("count", &queued.to_string())])))
    }
}

/// Whether a text names a chat.
fn telegram_address(text: &str) -> bool {
    let (chat, _) = crate::outbox::chat_and_topic(text);
    chat.strip_prefix('@').is_some_and(|name| name.len() >= 4) || chat.parse::<i64>().is_ok()
}
