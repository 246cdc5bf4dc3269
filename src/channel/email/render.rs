//! A job as a mail: subject, text and HTML from the templates of its kind, personal links, and the facts the
//! headers need. [`super::message`] makes the RFC 5322 message of it.

use std::sync::Arc;

use serde::Serialize;
use url::Url;

use self::parts::{Group, Image, Item, files, groups, image, item, links, paragraphs};
use super::article;
use crate::article::text::{self, begins_with};
use crate::channel::{Entry, Job, Links, Message, entry};
use crate::config::{Config, Language, TextMode};
use crate::locale;
use crate::templates::Templates;

mod parts;

/// A body that would be larger is replaced by the lead and a link: Gmail cuts mails at about 102 KB.
const LARGEST_HTML: usize = 94 * 1024;
/// How many articles of a digest are shown with lead and picture, and how many more by title, tried one after
/// another until the mail is small enough.
const DIGEST_SHAPES: [(usize, usize); 6] = [(30, 200), (15, 200), (5, 200), (0, 200), (0, 100), (0, 50)];
/// Characters of a subject.
const SUBJECT: usize = 200;

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// One line.
    pub subject: String,
    /// The text part, lines ended by LF.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The language of the frame.
    pub language: Language,
    /// For List-Id and the unsubscribe headers; `None` for mails nobody subscribes to.
    pub list: Option<List>,
}

/// What makes a mail a list's mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The label of List-Id ("tin-tuc", "digest").
    pub label: String,
    /// The name of List-Id.
    pub name: String,
    /// The one-click address.
    pub unsubscribe: String,
}

/// Makes mails.
pub struct Renderer {
    templates: Arc<Templates>,
    links: Arc<dyn Links>,
    config: Arc<Config>,
}

/// What stands around every mail.
#[derive(Serialize)]
struct Frame<'a> {
    lang: &'static str,
    subject: String,
    preheader: String,
    organisation: Publisher<'a>,
    home: &'a str,
    why: Option<String>,
    unsubscribe: Option<String>,
    preferences: Option<String>,
    /// The same in the browser; the address says nothing of the reader.
    view: Option<String>,
}

/// Who sends.
#[derive(Serialize)]
struct Publisher<'a> {
    name: String,
    address: Option<&'a str>,
    privacy_url: Option<&'a str>,
}

#[derive(Serialize)]
struct Post {
    title: String,
    lead: Option<String>,
    byline: Option<String>,
    date: Option<String>,
    section: String,
    language: String,
    url: Option<String>,
    image: Option<Image>,
    /// The article for the HTML part; `None` when the mail carries the lead alone.
    body: Option<String>,
    /// The article for the text part.
    paragraphs: Vec<String>,
    /// The whole article did not fit.
    cut: bool,
    /// What the editors say of a correction.
    note: Option<String>,
}

#[derive(Serialize)]
struct Digest {
    name: String,
    date: String,
    count: usize,
    groups: Vec<Group>,
    rest: Vec<Item>,
    more: usize,
}

#[derive(Serialize)]
struct Context<'a, T: Serialize> {
    #[serde(flatten)]
    frame: &'a Frame<'a>,
    #[serde(flatten)]
    own: &'a T,
}

#[derive(Serialize)]
struct Confirm<'a> {
    link: &'a str,
    sections: Vec<String>,
}

/// What an admin has to know.
#[derive(Serialize)]
struct Lines {
    heading: String,
    lines: Vec<String>,
}

#[derive(Serialize)]
struct Nothing {}

impl Renderer {
    /// A renderer with the templates and the organisation of the configuration.
    pub fn new(config: Arc<Config>, templates: Arc<Templates>, links: Arc<dyn Links>) -> Self {
        Self { templates, links, config }
    }

    /// What a job's mail says.
    ///
    /// # Errors
    /// A template that fails, with its name and line; a kind of message mail does not know.
    pub fn content(&self, job: &Job) -> Result<Content, String> {
        match &job.message {
            Message::Post(entry) => self.post(job, entry, None),
            Message::Correction(entry, about) => self.post(job, entry, Some(&about.note)),
            Message::Farewell => {
                let mut frame = self.frame(job, "mail-farewell-body", None);
                frame.preferences = Some(self.links.preferences(job.target.id));
                self.mail("farewell", frame, &Nothing {}, None)
            }
            Message::Digest { entries, at, cadence } => {
                let day = locale::moment(job.target.language, &at.with_timezone(&self.config.timezone), false);
                let view = super::super::digest_page(entries, *at, cadence).name();
                self.digest(job, entries, &day, cadence, &view)
            }
            Message::Confirm { link, sections } => {
                let sections = sections.iter().map(|name| entry::line(name)).collect();
                let frame = self.frame(job, "mail-confirm-body", None);
                self.mail("confirm", frame, &Confirm { link, sections }, None)
            }
            Message::Test => self.mail("test", self.frame(job, "mail-test-body", None), &Nothing {}, None),
            Message::Alert(notice) => {
                let mut frame = self.frame(job, "", None);
                frame.preheader = entry::line(&notice.heading);
                let lines = notice.lines.iter().map(|line| entry::line(line)).collect();
                self.mail("alert", frame, &Lines { heading: entry::line(&notice.heading), lines }, None)
            }
            Message::Edit(..) | Message::Delete(_) | Message::Mark(..) | Message::Answer(_) => {
                Err("a mail that was sent cannot be changed".to_owned())
            }
        }
    }

    /// A single article; with a note (which may be empty) its correction.
    fn post(&self, job: &Job, entry: &Entry, note: Option<&String>) -> Result<Content, String> {
        let kind = if note.is_some() { "correction" } else { "post" };
        let section = entry::line(&entry.section.name);
        let list = self.list(job, entry.section.slug.clone(), section.clone());
        let mut frame = self.frame(job, "", Some(&list));
        frame.preheader = entry::lead(entry, 150).unwrap_or_default();
        frame.why = Some(self.say(job, "mail-why-section", &[("section", &section)]));
        let view = self.view(job, &format!("s/{}/{}", entry.section.slug, entry.article.id));
        frame.view = Some(view.clone());
        let reading = &entry.article.reading;
        let whole = entry.section.text == TextMode::Full && !reading.html.trim().is_empty();
        let files = files(reading);
        let body = whole.then(|| article::for_mail(&format!("{}{}", reading.html, links(&files)), self.pictures()));
        let shown = body.as_deref().is_some_and(|body| body.contains("<img"));
        let lead = entry::line(reading.lead.as_deref().unwrap_or_default());
        let mut post = Post {
            title: entry::title(entry),
            // A body that begins with its lead says it once.
            lead: if whole {
                Some(lead).filter(|l| !l.is_empty() && !begins_with(&reading.text, l))
            } else {
                entry::lead(entry, 600)
            },
            byline: reading.byline.as_deref().map(entry::line).filter(|b| !b.is_empty()),
            date: entry::date(entry, job.target.language),
            language: reading.language.clone().unwrap_or_else(|| entry.section.language.code().to_owned()),
            url: entry::page(entry).map(|u| u.as_str().to_owned()),
            image: reading.image.as_ref().filter(|_| !shown && self.pictures()).and_then(|p| image(p, article::COLUMN)),
            body,
            paragraphs: if whole { paragraphs(&reading.text) } else { Vec::new() }
                .into_iter()
                .chain(files.iter().map(|(name, url)| format!("{name}: {url}")))
                .collect(),
            cut: false,
            note: note.map(|note| entry::line(note)).filter(|note| !note.is_empty()),
            section,
        };
        let content = self.mail(kind, frame, &post, Some(list.clone()))?;
        if content.html.len() <= LARGEST_HTML && content.text.len() <= LARGEST_HTML {
            return Ok(content);
        }
        let mut frame = self.frame(job, "", Some(&list));
        frame.preheader = entry::lead(entry, 150).unwrap_or_default();
        frame.why = Some(self.say(job, "mail-why-section", &[("section", &post.section)]));
        frame.view = Some(view);
        (post.lead, post.body, post.paragraphs, post.cut) = (entry::lead(entry, 2000), None, Vec::new(), true);
        post.image = reading.image.as_ref().filter(|_| self.pictures()).and_then(|p| image(p, article::COLUMN));
        self.mail(kind, frame, &post, Some(list))
    }

    fn digest(&self, job: &Job, entries: &[Entry], date: &str, cadence: &str, view: &str) -> Result<Content, String> {
        let first = entries.first().ok_or("a digest without articles")?;
        let name = self.say(job, if cadence == "weekly" { "mail-digest-weekly" } else { "mail-digest-daily" }, &[]);
        let list = self.list(job, "digest".to_owned(), name.clone());
        let mut smallest = None;
        for (full, rest) in DIGEST_SHAPES {
            let split = full.min(entries.len());
            let (shown, listed) = entries.split_at_checked(split).unwrap_or((entries, &[]));
            let rest = rest.min(listed.len());
            let digest = Digest {
                name: name.clone(),
                date: date.to_owned(),
                count: entries.len(),
                groups: groups(shown, job.target.language, self.pictures()),
                rest: listed.iter().take(rest).map(|e| item(e, job.target.language, false, false)).collect(),
                more: listed.len() - rest,
            };
            let mut frame = self.frame(job, "mail-why", Some(&list));
            frame.view = Some(self.view(job, &format!("digest/{view}")));
            frame.why = Some(std::mem::take(&mut frame.preheader));
            let titles: Vec<String> = entries.iter().take(4).map(entry::title).collect();
            frame.preheader = text::shorten(&titles.join(" · "), 200);
            let title = text::shorten(&entry::title(first), 120);
            let more = (entries.len() - 1).to_string();
            let words = [("name", name.as_str()), ("date", date), ("title", &title), ("more", &more)];
            let key = if entries.len() > 1 { "mail-digest-subject-more" } else { "mail-digest-subject" };
            frame.subject = self.say(job, key, &words);
            let content = self.mail("digest", frame, &digest, Some(list.clone()))?;
            if content.html.len() <= LARGEST_HTML && content.text.len() <= LARGEST_HTML {
                return Ok(content);
            }
            smallest = Some(content);
        }
        smallest.ok_or_else(|| "a digest without articles".to_owned())
    }

    fn frame(&self, job: &Job, preheader: &str, list: Option<&List>) -> Frame<'_> {
        Frame {
            lang: job.target.language.code(),
            subject: String::new(),
            preheader: if preheader.is_empty() { String::new() } else { self.say(job, preheader, &[]) },
            organisation: Publisher {
                name: entry::line(&self.config.organisation.name),
                address: self.config.organisation.address.as_deref(),
                privacy_url: self.config.organisation.privacy_url.as_ref().map(Url::as_str),
            },
            home: self.config.base_url.as_str(),
            why: None,
            unsubscribe: list.map(|list| list.unsubscribe.clone()),
            preferences: list.map(|_| self.links.preferences(job.target.id)),
            view: None,
        }
    }

    /// A page of ours in the reader's language.
    fn view(&self, job: &Job, path: &str) -> String {
        format!("{}{path}?lang={}", self.config.base_url, job.target.language.code())
    }

    /// Whether mails show pictures.
    fn pictures(&self) -> bool {
        self.config.email.as_ref().is_none_or(|email| email.pictures)
    }

    fn list(&self, job: &Job, label: String, name: String) -> List {
        List { label, name, unsubscribe: self.links.unsubscribe(job.target.id) }
    }

    /// A text of the catalogue, in the reader's language; the organisation's name is always at hand.
    fn say(&self, job: &Job, key: &str, words: &[(&str, &str)]) -> String {
        let mut named: Vec<(String, String)> =
            words.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        named.push(("organisation".to_owned(), entry::line(&self.config.organisation.name)));
        locale::text(job.target.language, key, &named)
    }

    /// Renders the three templates of a kind.
    fn mail<T: Serialize>(
        &self,
        kind: &str,
        mut frame: Frame<'_>,
        own: &T,
        list: Option<List>,
    ) -> Result<Content, String> {
        let render = |part: &str, frame: &Frame<'_>| {
            let name = format!("email/{kind}/{part}");
            let rendered = self.templates.render(&name, Context { frame, own });
            // The engine's error names the template and the line.
            rendered.map_err(|error| format!("the template {name} failed: {error:#}"))
        };
        let subject = render("subject.txt", &frame)?;
        frame.subject = text::shorten(&entry::line(&subject), SUBJECT);
        let (text, html) = (render("text.txt", &frame)?, render("html.html", &frame)?);
        let language = Language::from_tag(frame.lang).unwrap_or_default();
        Ok(Content { subject: frame.subject, text: plain(&text), html: plain(&html), language, list })
    }
}

/// Text for a mail's body: no control characters but LF, never more than one empty line together, LF at the end.
fn plain(body: &str) -> String {
    let body = text::nfc(&body.replace("\r\n", "\n").replace('\r', "\n"));
    let mut out = String::with_capacity(body.len());
    let mut empty = true;
    for line in body.lines().map(str::trim_end) {
        let line: String = line.chars().filter(|&c| c == '\t' || !c.is_control()).collect();
        if !(empty && line.is_empty()) {
            out.push_str(&line);
            out.push('\n');
        }
        empty = line.is_empty();
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}
