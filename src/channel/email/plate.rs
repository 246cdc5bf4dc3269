//! What many readers get alike is rendered and encoded once: a plate. It is made for nobody, with marks where a reader's
//! own links stand; a mail is the plate with the links in their places and headers of its own. The first mail of a plate
//! is also made the long way, and only a plate that comes to the same bytes is used: whatever else a template makes of a
//! reader, no mail shows what is another's.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::HEXLOWER;

use super::message::{self, Envelope, Part};
use super::render::{Content, List, Renderer};
use crate::article::Article;
use crate::channel::{Job, Links, Message, Target};
use crate::clock::random_bytes;
use crate::config::{Config, Language, Section};
use crate::templates::Templates;

/// Most plates kept: a few articles in their languages, and the digests of a slot.
const MOST: usize = 24;

/// Marks in the place of links; nobody can foresee them, so no article can hold one.
struct Marks {
    unsubscribe: String,
    preferences: String,
}

impl Links for Marks {
    fn unsubscribe(&self, _subscriber: i64) -> String {
        self.unsubscribe.clone()
    }

    fn preferences(&self, _subscriber: i64) -> String {
        self.preferences.clone()
    }

    fn mark(&self, _delivery: i64) -> String {
        String::new()
    }
}

/// Makes plates and keeps the latest.
pub struct Plates {
    renderer: Renderer,
    marks: Arc<Marks>,
    kept: Mutex<VecDeque<(Key, Option<Arc<Plate>>)>>,
}

/// What a mail's content is made of, but for its reader. While a plate is kept, so are these: the same address in memory
/// is the same article.
#[derive(Clone)]
struct Key {
    kind: &'static str,
    entries: Vec<(Arc<Article>, Arc<Section>)>,
    at: i64,
    cadence: String,
    language: Language,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.language == other.language
            && self.at == other.at
            && self.cadence == other.cadence
            && self.entries.len() == other.entries.len()
            && self.entries.iter().zip(&other.entries).all(|((a, s), (b, t))| Arc::ptr_eq(a, b) && Arc::ptr_eq(s, t))
    }
}

/// The content of many mails, encoded as far as it is the same in all of them.
pub struct Plate {
    subject: String,
    language: Language,
    list: List,
    text: Side,
    html: Side,
}

/// One of the two bodies.
struct Side {
    part: Part,
    /// Whole lines, encoded.
    head: Vec<u8>,
    /// What follows, as it is, with marks in it.
    tail: String,
}

/// A reader's own links.
pub struct Own {
    /// To leave by.
    pub unsubscribe: String,
    /// To choose by.
    pub preferences: String,
}

impl Plates {
    /// None yet.
    pub fn new(config: Arc<Config>, templates: Arc<Templates>) -> Self {
        let mark = |what: &str| format!("bantin{}{what}", HEXLOWER.encode(&random_bytes::<12>()));
        let marks = Arc::new(Marks { unsubscribe: mark("u"), preferences: mark("p") });
        Self { renderer: Renderer::new(config, templates, marks.clone()), marks, kept: Mutex::default() }
    }

    /// The plate of a job's content; `None` where it has to be made by itself. `whole` makes the job's mail the long way,
    /// to prove a new plate.
    ///
    /// # Errors
    /// What `whole` says.
    pub fn of(
        &self,
        job: &Job,
        envelope: &Envelope<'_>,
        own: &Own,
        whole: impl FnOnce() -> Result<Vec<u8>, String>,
    ) -> Result<Option<Arc<Plate>>, String> {
        let Some(key) = Key::of(job) else { return Ok(None) };
        // Made under the lock: others that want the same wait for it rather than make it too.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, plate)) = kept.iter().find(|(known, _)| *known == key) {
            return Ok(plate.clone());
        }
        let proof = whole()?;
        let made = self.make(job).map(|plate| self.mail(&plate, envelope, own).map(|mail| (plate, mail)));
        let plate = match made {
            Some(Ok((plate, mail))) if mail == proof => Some(Arc::new(plate)),
            _ => None,
        };
        kept.push_front((key, plate.clone()));
        kept.truncate(MOST);
        Ok(plate)
    }

    /// The mail of a plate for one reader.
    ///
    /// # Errors
    /// What lettre says of the headers.
    pub fn mail(&self, plate: &Plate, envelope: &Envelope<'_>, own: &Own) -> Result<Vec<u8>, String> {
        let list = List { unsubscribe: own.unsubscribe.clone(), ..plate.list.clone() };
        let mut out = message::head(&plate.subject, plate.language, Some(&list), envelope)?;
        let boundary = message::boundary(envelope);
        for side in [&plate.text, &plate.html] {
            out.extend_from_slice(b"--");
            out.extend_from_slice(boundary.as_bytes());
            out.extend_from_slice(b"\r\n");
            out.extend_from_slice(side.part.head().as_bytes());
            out.extend_from_slice(&side.head);
            let tail = side
                .tail
                .replace(&self.marks.unsubscribe, &own.unsubscribe)
                .replace(&self.marks.preferences, &own.preferences);
            out.extend_from_slice(&side.part.encoded(tail.into_bytes())?);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"--");
        out.extend_from_slice(boundary.as_bytes());
        out.extend_from_slice(b"--\r\n");
        Ok(out)
    }

    /// How many there are, and how many of them are used.
    #[cfg(test)]
    pub fn counts(&self) -> (usize, usize) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.len(), kept.iter().filter(|(_, plate)| plate.is_some()).count())
    }

    /// Renders a job for nobody.
    fn make(&self, job: &Job) -> Option<Plate> {
        let target = Target { id: 0, address: "nobody@invalid.invalid".to_owned(), ..job.target.clone() };
        let nobody = Job { delivery: 0, message_id: String::new(), target, ..job.clone() };
        let content = self.renderer.content(&nobody).ok()?;
        let Content { subject, text, html, language, list } = content;
        Some(Plate {
            subject,
            language,
            list: list?,
            text: self.side(Part::text(&text), &text)?,
            html: self.side(Part::html(&html), &html)?,
        })
    }

    fn side(&self, part: Part, body: &str) -> Option<Side> {
        let body = body.replace('\n', "\r\n");
        let first =
            [&self.marks.unsubscribe, &self.marks.preferences].into_iter().filter_map(|mark| body.find(mark)).min();
        let (head, tail) = part.split(&body, first.unwrap_or(body.len()));
        let mut encoded = part.encoded(head.to_vec()).ok()?;
        if !head.is_empty() {
            part.close(&mut encoded);
        }
        Some(Side { head: encoded, tail: tail.to_owned(), part })
    }
}

impl Key {
    /// `None` for what is one reader's alone.
    fn of(job: &Job) -> Option<Self> {
        let (kind, entries, at, cadence) = match &job.message {
            Message::Post(entry) => ("post", std::slice::from_ref(entry), 0, ""),
            Message::Digest { entries, at, cadence } => {
                ("digest", entries.as_slice(), at.timestamp_millis(), cadence.as_str())
            }
            _ => return None,
        };
        let entries = entries.iter().map(|entry| (entry.article.clone(), entry.section.clone())).collect();
        Some(Self { kind, entries, at, cadence: cadence.to_owned(), language: job.target.language })
    }
}
