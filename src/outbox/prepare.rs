//! From a claimed row to the message a channel sends: the article as it is now, the section's wording, the
//! reader's language. What is no longer wanted is dropped here, at the last moment before the send.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Outbox, chat_and_topic};
use crate::article::Article;
use crate::channel::{Entry, Job, Message, Target};
use crate::clock::from_ms;
use crate::config::{Follower, Language, Section};
use crate::store::{Alert, Delivery, Result, Settle};

/// A row that can be sent, with the revision it shows.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) delivery: Delivery,
    pub(super) job: Job,
    pub(super) revision: i64,
}

/// The frozen list of a digest.
#[derive(serde::Deserialize)]
struct DigestList {
    cadence: String,
    articles: Vec<(i64, i64)>,
}

/// What a confirmation asks for.
#[derive(serde::Deserialize)]
struct Wish {
    asked_at: i64,
    sections: Vec<i64>,
}

impl Outbox {
    /// Turns rows into jobs; those that are not to be sent come back settled.
    pub(super) async fn prepare(&self, rows: Vec<Delivery>) -> Result<(Vec<Prepared>, Vec<(Delivery, Settle)>)> {
        let slugs = self.slugs().await?;
        let (mut ready, mut settled) = (Vec::new(), Vec::new());
        let chats = rows.iter().any(|row| row.channel == "telegram");
        let moved = if chats { self.store.moved_chats().await? } else { HashMap::new() };
        let mails: Vec<i64> = rows.iter().filter(|row| row.channel == "email").map(|row| row.id).collect();
        let unwanted = self.store.unwanted_of(&mails).await?;
        for delivery in rows {
            if unwanted.contains(&delivery.id) {
                settled.push((delivery, Settle::Dropped("the reader does not follow any more".to_owned())));
                continue;
            }
            match self.message(&delivery, &slugs).await? {
                Ok((message, language, revision)) => {
                    let job = self.job(&delivery, message, language, &slugs, &moved);
                    let weight = self.channels.get(&delivery.channel).map_or(1, |channel| channel.weight(&job));
                    if weight > delivery.weight {
                        // Its place is too small; it comes back for a larger one.
                        let settle = Settle::Partly {
                            due: self.clock.now_ms(),
                            progress: delivery.progress.clone(),
                            weight,
                            moved_to: None,
                            reason: format!("takes {weight} places under the limits"),
                        };
                        settled.push((delivery, settle));
                        continue;
                    }
                    ready.push(Prepared { delivery, job, revision });
                }
                Err(settle) => settled.push((delivery, settle)),
            }
        }
        Ok((ready, settled))
    }

    async fn message(
        &self,
        d: &Delivery,
        slugs: &HashMap<i64, String>,
    ) -> Result<std::result::Result<(Message, Language, i64), Settle>> {
        let dropped = |why: &str| Ok(Err(Settle::Dropped(why.to_owned())));
        let mut language = self.config.language;
        if d.channel == "email" {
            match self.store.subscriber(d.target_id).await? {
                _ if d.kind == "alert" => {}
                Some(reader) if d.kind == "confirm" || reader.state == "active" => language = reader.language,
                _ => return dropped("the reader does not follow any more"),
            }
        }
        let section = d.section_id.and_then(|id| self.section_of(id, slugs));
        match d.kind.as_str() {
            "confirm" => {
                let wish: Wish = serde_json::from_str(&d.payload)?;
                let sections = wish.sections.iter().filter_map(|&id| self.section_of(id, slugs));
                let sections = sections.map(|s| s.name.clone()).collect();
                let link = self.links.confirm(d.target_id, wish.asked_at);
                Ok(Ok((Message::Confirm { link, sections }, language, 0)))
            }
            "answer" => Ok(Ok((Message::Answer(serde_json::from_str(&d.payload)?), language, 0))),
            "alert" => {
                let alerts: Vec<Alert> = serde_json::from_str(&d.payload)?;
                let language = self.config.admin.language.unwrap_or(self.config.language);
                Ok(Ok((Message::Alert(self.notice(&alerts, d.created_at, language)), language, 0)))
            }
            "digest" => {
                let list: DigestList = serde_json::from_str(&d.payload)?;
                let entries = self.entries(&list, slugs).await?;
                let Some(first) = entries.first() else { return dropped("every article of it was withdrawn") };
                if d.channel != "email" {
                    language = first.section.language;
                    if let Some(hush) = self.quiet(d, &first.section, "digest") {
                        return Ok(Err(hush));
                    }
                }
                let at = from_ms(d.created_at);
                Ok(Ok((Message::Digest { entries, at, cadence: list.cadence }, language, 0)))
            }
            kind => {
                let Some(section) = section else { return dropped("the section is not configured any more") };
                if d.channel != "email" {
                    language = section.language;
                }
                let Some(article) = self.store.article(d.article_id.unwrap_or(0)).await? else {
                    return dropped("the article is not stored any more");
                };
                if let Some(hush) = self.quiet(d, &section, kind) {
                    return Ok(Err(hush));
                }
                let posted = self.store.posted_at(d.target_id, article.id).await?;
                let revision = article.revision;
                let gone = article.withdrawn_at.is_some();
                let entry = Entry { article: Arc::new(article), section };
                match (kind, posted) {
                    ("delete", Some(posted)) => {
                        let marks = follower(&entry.section, d).is_some_and(|follower| follower.mark);
                        let message = if marks { Message::Mark(entry, posted) } else { Message::Delete(posted) };
                        Ok(Ok((message, language, revision)))
                    }
                    (_, _) if gone => dropped("the article was withdrawn"),
                    ("edit", Some(posted)) => Ok(Ok((Message::Edit(entry, posted), language, revision))),
                    ("post", _) => Ok(Ok((Message::Post(entry), language, revision))),
                    _ => dropped("nothing of it stands in the chat"),
                }
            }
        }
    }

    /// A post or digest in quiet hours waits for their end.
    fn quiet(&self, d: &Delivery, section: &Section, kind: &str) -> Option<Settle> {
        let follower = follower(section, d)?;
        let quiet = follower.quiet.filter(|_| !follower.quiet_silent)?;
        let ends = quiet.ends(self.clock.now(), section.timezone)?;
        matches!(kind, "post" | "digest").then(|| Settle::Retry {
            due: ends.timestamp_millis(),
            counts: false,
            reason: "quiet hours".into(),
        })
    }

    async fn entries(&self, list: &DigestList, slugs: &HashMap<i64, String>) -> Result<Vec<Entry>> {
        let ids: Vec<i64> = list.articles.iter().map(|(id, _)| *id).collect();
        let mut articles: HashMap<i64, Article> =
            self.store.articles(&ids).await?.into_iter().map(|a| (a.id, a)).collect();
        let entry = |(id, section): &(i64, i64)| {
            let article = articles.remove(id).filter(|a| a.withdrawn_at.is_none())?;
            Some(Entry { article: Arc::new(article), section: self.section_of(*section, slugs)? })
        };
        Ok(list.articles.iter().filter_map(entry).collect())
    }

    fn section_of(&self, id: i64, slugs: &HashMap<i64, String>) -> Option<Arc<Section>> {
        self.config.sections.get(slugs.get(&id)?).cloned()
    }

    fn job(
        &self,
        d: &Delivery,
        message: Message,
        language: Language,
        slugs: &HashMap<i64, String>,
        moved: &HashMap<String, String>,
    ) -> Job {
        let (address, topic) = if d.channel == "telegram" { chat_and_topic(&d.address) } else { (&*d.address, None) };
        let section = match &message {
            Message::Digest { entries, .. } => entries.first().map(|entry| entry.section.clone()),
            _ => d.section_id.and_then(|id| self.section_of(id, slugs)),
        };
        let follower = section.as_deref().and_then(|s| follower(s, d));
        let hushed = |f: &Follower<'_>| {
            let quiet = f.quiet.filter(|_| f.quiet_silent);
            let zone = section.as_deref().map_or(self.config.timezone, |s| s.timezone);
            quiet.is_some_and(|quiet| quiet.ends(self.clock.now(), zone).is_some())
        };
        let silent = follower.as_ref().is_some_and(|f| f.silent || hushed(f));
        let style = follower.and_then(|f| f.style.cloned()).unwrap_or_default();
        let address = moved.get(address).map_or(address, String::as_str);
        Job {
            delivery: d.id,
            message_id: d.dedup.replace(':', "."),
            created: from_ms(d.created_at),
            target: Target { id: d.target_id, address: address.to_owned(), topic, language, silent, style },
            message,
            progress: d.progress.clone(),
        }
    }
}

/// The chat or webhook of a section's configuration that the delivery goes to.
fn follower<'a>(section: &'a Section, d: &Delivery) -> Option<Follower<'a>> {
    section.followers().find(|follower| follower.channel == d.channel && follower.address == d.address)
}
