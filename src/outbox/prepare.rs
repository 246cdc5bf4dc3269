//! From a claimed row to the message a channel sends: the article as it is now, the section's wording, the
//! reader's language. What is no longer wanted is dropped here, at the last moment before the send.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use super::{Outbox, chat_and_topic};
use crate::article::Article;
use crate::channel::{self, Correction, Entry, Job, Message, Target};
use crate::clock::from_ms;
use crate::config::{Follower, Language, Section};
use crate::store::{Alert, Delivery, DigestPage, QUIET_HOURS, Recipient, Result, Settle};

/// Names of kept pages that are remembered, so that a page is not written again for every reader.
const PAGES: usize = 10_000;

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

/// What the rows of one batch need, asked together.
struct Batch {
    slugs: Arc<HashMap<i64, String>>,
    articles: HashMap<i64, Arc<Article>>,
    recipients: HashMap<i64, Recipient>,
    digests: HashMap<i64, DigestList>,
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
        let chats = rows.iter().any(|row| row.channel == "telegram");
        let moved = if chats { self.store.moved_chats().await? } else { HashMap::new() };
        let mails: Vec<i64> = rows.iter().filter(|row| row.channel == "email").map(|row| row.id).collect();
        let mut digests = HashMap::new();
        for row in rows.iter().filter(|row| row.kind == "digest") {
            digests.insert(row.id, serde_json::from_str::<DigestList>(&row.payload)?);
        }
        let listed = || digests.values().flat_map(|list| &list.articles);
        let sections = rows.iter().filter_map(|row| row.section_id).chain(listed().map(|(_, section)| *section));
        // The sections of a confirmation stand in its payload: 0 is no section, and has them all asked.
        let sections = sections.chain(rows.iter().filter(|row| row.kind == "confirm").map(|_| 0));
        let articles = rows.iter().filter_map(|row| row.article_id).chain(listed().map(|(article, _)| *article));
        // Some statements a batch, however many rows it has.
        let (slugs, articles, recipients) = tokio::try_join!(
            self.slugs(sections),
            self.articles_now(articles.collect()),
            self.store.recipients(&mails, &self.instance)
        )?;
        let of = Batch { slugs, articles, recipients, digests };
        let (mut ready, mut settled) = (Vec::new(), Vec::new());
        for delivery in rows {
            match self.message(&delivery, &of).await? {
                Ok((message, language, revision)) => {
                    let job = self.job(&delivery, message, language, &of.slugs, &moved);
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

    async fn message(&self, d: &Delivery, of: &Batch) -> Result<std::result::Result<(Message, Language, i64), Settle>> {
        let dropped = |why: &str| Ok(Err(Settle::Dropped(why.to_owned())));
        let mut language = self.config.language;
        if d.channel == "email" {
            match of.recipients.get(&d.id) {
                Some(recipient) if recipient.unwanted => return dropped("the reader does not follow any more"),
                _ if d.kind == "alert" => {}
                Some(Recipient { reader: Some((language_of, active)), .. })
                    if matches!(d.kind.as_str(), "confirm" | "farewell") || *active =>
                {
                    language = *language_of;
                }
                _ => return dropped("the reader does not follow any more"),
            }
        }
        let section = d.section_id.and_then(|id| self.section_of(id, &of.slugs));
        match d.kind.as_str() {
            "confirm" => {
                let wish: Wish = serde_json::from_str(&d.payload)?;
                let sections = wish.sections.iter().filter_map(|&id| self.section_of(id, &of.slugs));
                let sections = sections.map(|s| s.name.clone()).collect();
                let link = self.links.confirm(d.target_id, wish.asked_at);
                Ok(Ok((Message::Confirm { link, sections }, language, 0)))
            }
            "farewell" => Ok(Ok((Message::Farewell, language, 0))),
            "answer" => Ok(Ok((Message::Answer(serde_json::from_str(&d.payload)?), language, 0))),
            "alert" => {
                let alerts: Vec<Alert> = serde_json::from_str(&d.payload)?;
                let language = self.config.admin.language.unwrap_or(self.config.language);
                Ok(Ok((Message::Alert(self.notice(&alerts, d.created_at, language)), language, 0)))
            }
            "digest" => {
                let Some(list) = of.digests.get(&d.id) else { return dropped("it has no list") };
                let entries = self.entries(list, of);
                let Some(first) = entries.first() else { return dropped("every article of it was withdrawn") };
                if d.channel != "email" {
                    language = first.section.language;
                    if let Some(hush) = self.quiet(d, &first.section, "digest") {
                        return Ok(Err(hush));
                    }
                }
                let at = from_ms(d.created_at);
                if d.channel == "email" {
                    self.keep_page(&channel::digest_page(&entries, at, &list.cadence)).await?;
                }
                Ok(Ok((Message::Digest { entries, at, cadence: list.cadence.clone() }, language, 0)))
            }
            kind => {
                let Some(section) = section else { return dropped("the section is not configured any more") };
                if d.channel != "email" {
                    language = section.language;
                }
                let Some(article) = of.articles.get(&d.article_id.unwrap_or(0)).cloned() else {
                    return dropped("the article is not stored any more");
                };
                if let Some(hush) = self.quiet(d, &section, kind) {
                    return Ok(Err(hush));
                }
                // Nothing of a mail can be changed.
                let posted = match &*d.channel {
                    "email" => None,
                    _ => self.store.posted_at(d.target_id, article.id).await?,
                };
                let revision = article.revision;
                let gone = article.withdrawn_at.is_some();
                let entry = Entry { article, section };
                match (kind, posted) {
                    ("delete", Some(posted)) => {
                        let marks = follower(&entry.section, d).is_some_and(|follower| follower.mark);
                        let message = if marks { Message::Mark(entry, posted) } else { Message::Delete(posted) };
                        Ok(Ok((message, language, revision)))
                    }
                    (_, _) if gone => dropped("the article was withdrawn"),
                    ("edit", Some(posted)) => Ok(Ok((Message::Edit(entry, posted), language, revision))),
                    ("correction", _) => {
                        Ok(Ok((Message::Correction(entry, Correction::of(&d.payload)), language, revision)))
                    }
                    ("post", _) => Ok(Ok((Message::Post(entry), language, revision))),
                    _ => dropped("nothing of it stands in the chat"),
                }
            }
        }
    }

    /// Keeps the page of a digest, once for all who get the same.
    async fn keep_page(&self, page: &DigestPage) -> Result<()> {
        let name = page.name();
        if self.pages.lock().unwrap_or_else(PoisonError::into_inner).contains(&name) {
            return Ok(());
        }
        self.store.keep_digest_page(&name, page, self.clock.now_ms()).await?;
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.len() >= PAGES {
            pages.clear();
        }
        pages.insert(name);
        Ok(())
    }

    /// A post or digest in quiet hours waits for their end, unless it is urgent.
    fn quiet(&self, d: &Delivery, section: &Section, kind: &str) -> Option<Settle> {
        if d.urgent {
            return None;
        }
        let follower = follower(section, d)?;
        let quiet = follower.quiet.filter(|_| !follower.quiet_silent)?;
        let ends = quiet.ends(self.clock.now(), section.timezone)?;
        matches!(kind, "post" | "digest").then(|| Settle::Retry {
            due: ends.timestamp_millis(),
            counts: false,
            reason: QUIET_HOURS.into(),
        })
    }

    fn entries(&self, list: &DigestList, of: &Batch) -> Vec<Entry> {
        let entry = |(id, section): &(i64, i64)| {
            let article = of.articles.get(id).filter(|a| a.withdrawn_at.is_none())?.clone();
            Some(Entry { article, section: self.section_of(*section, &of.slugs)? })
        };
        let mut seen = HashSet::new();
        list.articles.iter().filter(|(id, _)| seen.insert(*id)).filter_map(entry).collect()
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
        let silent = !d.urgent && follower.as_ref().is_some_and(|f| f.silent || hushed(f));
        let style = follower.and_then(|f| f.style.cloned()).unwrap_or_default();
        let address = moved.get(address).map_or(address, String::as_str);
        Job {
            delivery: d.id,
            message_id: channel::message_id(&d.dedup),
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
