//! What is done for a job: at most one call to Telegram a time. Whatever needs several calls (an album after its
//! picture was refused, the pieces of a long text, plain text after refused HTML, the new id of a group) goes on with
//! the next claim, so that each call has its place under the limits and is recorded before it is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use teloxide::Bot;

use super::calls::{Receipt, recipient};
use super::outcome::Fault;
use super::picture::{self, Shown};
use super::render::{Rendered, Renderer, View};
use crate::channel::{Entry, Job, Message, Outcome, Posted, Uploads};
use crate::clock::Clock;
use crate::fetch::Fetcher;

/// Makes the calls.
pub struct Sender {
    /// The bot; never printed, it holds the token.
    pub bot: Bot,
    /// The bot's number, under which its uploads are kept: a new token changes nothing about them.
    pub own: String,
    /// Makes the texts.
    pub renderer: Renderer,
    /// Reads the pictures.
    pub fetcher: Fetcher,
    /// Knows those that were uploaded.
    pub uploads: Arc<dyn Uploads>,
    /// The time.
    pub clock: Clock,
    /// How often Telegram refused our HTML: every one is a mistake of ours.
    pub entity_faults: AtomicU64,
    /// How many posts were cut for want of room.
    pub cut: AtomicU64,
}

/// What the calls of a job have come to so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a form that was refused")]
pub struct Progress {
    /// Our HTML was refused: plain text.
    pub plain: bool,
    /// The album was refused: one picture.
    single: bool,
    /// The picture was refused: none.
    textual: bool,
    /// A picture's file id was refused: uploaded anew.
    fresh: bool,
    /// The group moved.
    moved: bool,
    /// The chat's id as answered.
    chat: String,
    /// The messages that were accepted.
    done: Vec<String>,
    /// The hashes of what they say.
    hashes: Vec<String>,
    /// How many pieces of an edit are done.
    step: usize,
}

impl Progress {
    fn of(job: &Job) -> Self {
        serde_json::from_str(&job.progress).unwrap_or_default()
    }

    fn goes_on(&self, reason: impl Into<String>) -> Outcome {
        let progress = serde_json::to_string(self).unwrap_or_default();
        Outcome::Partly { progress, reason: reason.into(), moved_to: None }
    }
}

/// What became of one call: done, or the fault that nothing here can mend.
type Done = Result<Outcome, Fault>;

/// The key of a picture.
fn key(address: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(address)[..12])
}

fn view(job: &Job) -> View<'_> {
    View { language: job.target.language, style: &job.target.style }
}

/// The messages of a post, in order.
fn messages(posted: &Posted) -> Vec<String> {
    std::iter::once(&posted.message).chain(&posted.further).filter(|id| !id.is_empty()).cloned().collect()
}

impl Sender {
    /// Makes the next call of a job.
    pub async fn carry_out(&self, job: &Job) -> Done {
        if recipient(&job.target.address).is_none() {
            return Ok(Outcome::Rejected(format!(
                "{:?} is no chat: a number like -1001234567890 or a name like @example",
                job.target.address
            )));
        }
        let language = job.target.language;
        match &job.message {
            Message::Post(entry) => self.post(job, entry).await,
            Message::Digest { entries, .. } => self.single(job, &self.renderer.digest(entries, language)).await,
            Message::Test => self.single(job, &self.renderer.test(language)).await,
            Message::Alert(notice) => self.single(job, &self.renderer.notice(notice)).await,
            Message::Answer(reply) => match &reply.callback {
                Some(press) => self.answer_press(press, &reply.text).await,
                None => self.single(job, &self.renderer.reply(reply)).await,
            },
            Message::Edit(entry, posted) => self.edit(job, entry, posted).await.or_else(again_is_harmless),
            Message::Mark(entry, posted) => self.mark(job, entry, posted).await.or_else(again_is_harmless),
            Message::Delete(posted) => self.delete(job, posted).await.or_else(again_is_harmless),
            Message::Confirm { .. } | Message::Correction(..) | Message::Farewell => {
                Ok(Outcome::Rejected("a chat is not sent this".to_owned()))
            }
        }
    }

    /// How many places the next call takes: an album and the deletion of several messages as many as they are.
    pub fn weight(&self, job: &Job) -> i64 {
        let progress = Progress::of(job);
        let count = match &job.message {
            Message::Post(entry) if progress.done.is_empty() => {
                self.album(job, entry, &progress).map_or(1, |a| a.len())
            }
            Message::Delete(posted) => 1 + posted.further.len(),
            _ => 1,
        };
        count as i64
    }

    /// The addresses of an album's pictures, where there is to be one.
    fn album<'a>(&self, job: &Job, entry: &'a Entry, progress: &Progress) -> Option<Vec<&'a str>> {
        if !job.target.style.album || progress.single || progress.textual {
            return None;
        }
        let pictures = picture::gallery(entry);
        (pictures.len() > 1 && self.renderer.caption(entry, view(job)).is_some()).then_some(pictures)
    }

    async fn post(&self, job: &Job, entry: &Entry) -> Done {
        let mut progress = Progress::of(job);
        if progress.done.is_empty()
            && !progress.textual
            && let Some(done) = self.with_picture(job, entry, &mut progress).await
        {
            return done;
        }
        let pieces = self.renderer.pieces(entry, view(job), None);
        let Some(piece) = pieces.get(progress.done.len()) else {
            return Ok(self.whole(&pieces, &progress));
        };
        match self.send_text(job, piece, progress.plain).await {
            Ok(receipt) => {
                progress.chat = receipt.chat;
                progress.done.extend(receipt.messages);
                progress.hashes.push(piece.hash());
                if progress.done.len() < pieces.len() {
                    return Ok(progress.goes_on(format!("piece {} of {}", progress.done.len(), pieces.len())));
                }
                Ok(self.whole(&pieces, &progress))
            }
            Err(fault) => self.mended(progress, fault),
        }
    }

    /// All pieces of a text are there.
    fn whole(&self, pieces: &[Rendered], progress: &Progress) -> Outcome {
        self.count_cut(pieces);
        let mut messages = progress.done.iter().cloned();
        Outcome::Accepted(Posted {
            chat: progress.chat.clone(),
            message: messages.next().unwrap_or_default(),
            further: messages.collect(),
            rendered: progress.hashes.join(","),
            ..Posted::default()
        })
    }

    fn count_cut(&self, pieces: &[Rendered]) {
        if pieces.iter().any(|piece| piece.is_cut) {
            self.cut.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The post as an album or a picture with its caption; `None` where it has to go without.
    async fn with_picture(&self, job: &Job, entry: &Entry, progress: &mut Progress) -> Option<Done> {
        let caption = self.renderer.caption(entry, view(job))?;
        let addresses = match self.album(job, entry, progress) {
            Some(album) => album,
            None => vec![picture::address(entry)?],
        };
        let mut shown = Vec::new();
        for address in addresses {
            match self.picture(entry, address, progress.fresh).await {
                Ok(picture) => shown.push(picture),
                Err(trouble) => tracing::info!(picture = address, %trouble, "the post goes out without this picture"),
            }
        }
        let first = shown.first()?.clone();
        let sent = if shown.len() > 1 {
            self.send_album(job, &caption, &shown, progress.plain).await
        } else {
            self.send_photo(job, &caption, &first, progress.plain).await
        };
        Some(match sent {
            Ok(receipt) => {
                self.remember(&shown, &receipt).await;
                self.count_cut(std::slice::from_ref(&caption));
                let mut messages = receipt.messages.into_iter();
                Ok(Outcome::Accepted(Posted {
                    chat: receipt.chat,
                    message: messages.next().unwrap_or_default(),
                    further: messages.collect(),
                    photo: true,
                    rendered: caption.hash(),
                    picture: key(&first.address).into(),
                }))
            }
            Err(Fault::Picture(reason) | Fault::Refused(reason)) => {
                Ok(self.without(std::mem::take(progress), &shown, reason).await)
            }
            Err(fault) => self.mended(std::mem::take(progress), fault),
        })
    }

    /// A picture was refused: it is uploaded anew where its id was refused, else one instead of several is tried, else
    /// none.
    async fn without(&self, mut progress: Progress, shown: &[Shown], reason: String) -> Outcome {
        if shown.iter().any(|picture| picture.file.is_some()) && !progress.fresh {
            for picture in shown {
                self.uploads.forget(&self.own, &key(&picture.address)).await;
            }
            progress.fresh = true;
            return progress.goes_on(format!("the picture is uploaded anew: {reason}"));
        }
        if shown.len() > 1 {
            progress.single = true;
        } else {
            progress.textual = true;
        }
        tracing::info!(%reason, "the post goes out without its picture");
        progress.goes_on(format!("without the picture: {reason}"))
    }

    /// A picture ready to be shown: by its file's id, or its bytes.
    async fn picture(&self, entry: &Entry, address: &str, fresh: bool) -> Result<Shown, String> {
        let file = if fresh { None } else { self.uploads.find(&self.own, &key(address)).await };
        let bytes = match file {
            Some(_) => None,
            None => Some(picture::load(&self.fetcher, entry, address).await?),
        };
        Ok(Shown { address: address.to_owned(), file, bytes })
    }

    async fn remember(&self, shown: &[Shown], receipt: &Receipt) {
        for (picture, file) in shown.iter().zip(&receipt.files) {
            if picture.file.is_none() {
                self.uploads.keep(&self.own, &key(&picture.address), file, self.clock.now_ms()).await;
            }
        }
    }

    async fn single(&self, job: &Job, text: &Rendered) -> Done {
        let progress = Progress::of(job);
        match self.send_text(job, text, progress.plain).await {
            Ok(receipt) => {
                let message = receipt.messages.into_iter().next().unwrap_or_default();
                Ok(Outcome::Accepted(Posted {
                    chat: receipt.chat,
                    message,
                    rendered: text.hash(),
                    ..Posted::default()
                }))
            }
            Err(fault) => self.mended(progress, fault),
        }
    }

    async fn edit(&self, job: &Job, entry: &Entry, posted: &Posted) -> Done {
        let mut progress = Progress::of(job);
        if posted.photo {
            return self.edit_photo(job, entry, posted, progress).await;
        }
        let messages = messages(posted);
        let pieces = self.renderer.pieces(entry, view(job), Some(messages.len().max(1)));
        let before: Vec<&str> = posted.rendered.split(',').collect();
        let differs = |&at: &usize| before.get(at).copied() != pieces.get(at).map(Rendered::hash).as_deref();
        let accepted = || {
            Outcome::Accepted(Posted {
                further: messages.iter().skip(1).take(pieces.len().saturating_sub(1)).cloned().collect(),
                rendered: pieces.iter().map(Rendered::hash).collect::<Vec<_>>().join(","),
                ..posted.clone()
            })
        };
        let surplus = messages.get(pieces.len()..).filter(|rest| !rest.is_empty());
        if let Some(at) = (progress.step..pieces.len()).find(differs)
            && let (Some(piece), Some(message)) = (pieces.get(at), messages.get(at))
        {
            let chat = if progress.moved { &job.target.address } else { &posted.chat };
            match self.edit_text(job, chat, message, piece, progress.plain).await {
                Ok(_) | Err(Fault::NotModified | Fault::Arrived(..)) => {}
                Err(fault) => return self.mended(progress, fault),
            }
            progress.step = at + 1;
            if (progress.step..pieces.len()).any(|at| differs(&at)) || surplus.is_some() {
                return Ok(progress.goes_on(format!("piece {} of {}", at + 1, pieces.len())));
            }
            self.count_cut(&pieces);
            return Ok(accepted());
        }
        if let Some(surplus) = surplus {
            match self.delete_all(job, &posted.chat, surplus).await {
                Ok(_) | Err(Fault::NoSuchMessage(_) | Fault::Arrived(..)) => {}
                Err(fault) => return self.mended(progress, fault),
            }
        }
        Ok(accepted())
    }

    async fn edit_photo(&self, job: &Job, entry: &Entry, posted: &Posted, mut progress: Progress) -> Done {
        let caption = self.renderer.caption_at_any_price(entry, view(job));
        let other = picture::address(entry)
            .filter(|address| !progress.textual && !posted.picture.is_empty() && key(address) != *posted.picture);
        if other.is_none() && caption.hash() == posted.rendered {
            return Ok(Outcome::Accepted(posted.clone()));
        }
        let chat = if progress.moved { job.target.address.clone() } else { posted.chat.clone() };
        let shown = match other {
            Some(address) => self.picture(entry, address, progress.fresh).await.ok(),
            None => None,
        };
        let buttons = posted.further.is_empty();
        let edited = match &shown {
            Some(picture) => {
                self.edit_media(job, &chat, &posted.message, &caption, picture, (progress.plain, buttons)).await
            }
            None => self.edit_caption(job, &chat, &posted.message, &caption, (progress.plain, buttons)).await,
        };
        match edited {
            Ok(receipt) => {
                let mut now = Posted { rendered: caption.hash(), ..posted.clone() };
                if let Some(picture) = &shown {
                    self.remember(std::slice::from_ref(picture), &receipt).await;
                    now.picture = key(&picture.address).into();
                }
                Ok(Outcome::Accepted(now))
            }
            Err(Fault::NotModified | Fault::Arrived(..)) => {
                Ok(Outcome::Accepted(Posted { rendered: caption.hash(), ..posted.clone() }))
            }
            Err(Fault::Picture(reason)) if shown.is_some() => {
                progress.single = true;
                Ok(self.without(progress, shown.as_slice(), reason).await)
            }
            Err(fault) => self.mended(progress, fault),
        }
    }

    /// A withdrawn article's post says so; further messages of it are deleted.
    async fn mark(&self, job: &Job, entry: &Entry, posted: &Posted) -> Done {
        let mut progress = Progress::of(job);
        let notice = self.renderer.withdrawn(entry, view(job));
        if progress.step == 0 {
            let marked = if posted.photo {
                self.edit_caption(job, &posted.chat, &posted.message, &notice, (progress.plain, false)).await
            } else {
                self.edit_text(job, &posted.chat, &posted.message, &notice, progress.plain).await
            };
            match marked {
                Ok(_) | Err(Fault::NotModified | Fault::Arrived(..) | Fault::NoSuchMessage(_)) => progress.step = 1,
                Err(fault) => return self.mended(progress, fault),
            }
            if !posted.further.is_empty() {
                return Ok(progress.goes_on("marked; the further messages follow"));
            }
        } else {
            match self.delete_all(job, &posted.chat, &posted.further).await {
                Ok(_) | Err(Fault::NoSuchMessage(_) | Fault::Arrived(..)) => {}
                Err(fault) => return self.mended(progress, fault),
            }
        }
        Ok(Outcome::Accepted(posted.clone()))
    }

    async fn delete(&self, job: &Job, posted: &Posted) -> Done {
        match self.delete_all(job, &posted.chat, &messages(posted)).await {
            Ok(_) | Err(Fault::NoSuchMessage(_) | Fault::Arrived(..)) => Ok(Outcome::Accepted(posted.clone())),
            Err(fault) => self.mended(Progress::of(job), fault),
        }
    }

    /// Where Telegram's answer says how to mend the call, the next one is made so; once.
    fn mended(&self, mut progress: Progress, fault: Fault) -> Done {
        match fault {
            Fault::Entities(reason) if !progress.plain => {
                self.entity_faults.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(%reason, "Telegram refused our HTML; the plain text is sent instead");
                progress.plain = true;
                Ok(progress.goes_on(format!("as plain text: {reason}")))
            }
            Fault::Migrated(id) if !progress.moved => {
                tracing::warn!(to = id, "the group moved; its new id is kept, write it into the section's `telegram`");
                progress.moved = true;
                let Outcome::Partly { progress, .. } = progress.goes_on("") else { return Err(Fault::Migrated(id)) };
                let reason = format!("the group moved to {id}");
                Ok(Outcome::Partly { progress, reason, moved_to: Some(id.to_string()) })
            }
            other => Err(other),
        }
    }
}

/// An edit or a deletion done twice is done once: what may have arrived is simply tried again.
fn again_is_harmless(fault: Fault) -> Done {
    match fault {
        Fault::Ambiguous(reason) => Ok(Outcome::RetryAfter { after: None, counts: true, reason }),
        other => Err(other),
    }
}
