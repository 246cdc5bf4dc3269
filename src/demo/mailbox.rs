//! The readers' mailboxes on this machine. [`super::smtp`] delivers into [`Mailbox`]; a [`Mail`] is what a mail
//! client makes of the bytes: decoded headers, the HTML and the text part, pictures inside the mail.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use mailparse::{DispositionType, MailHeaderMap, ParsedMail};
use tokio::sync::Notify;

use super::journal::{Event, Journal};
use crate::clock::Clock;

/// All mails that arrived; clones are the same mailbox.
#[derive(Debug, Clone)]
pub struct Mailbox {
    clock: Clock,
    journal: Journal,
    mails: Arc<Mutex<Vec<Mail>>>,
    arrived: Arc<Notify>,
}

/// One mail in one mailbox.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Its number.
    pub id: usize,
    /// Whose mailbox it is in: the envelope's recipient.
    pub to: String,
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// Whether it has been opened.
    pub read: bool,
    /// The sender's name, or address where there is none.
    pub from_name: String,
    /// The sender's address.
    pub from: String,
    /// The decoded subject.
    pub subject: String,
    /// The HTML part.
    pub html: Option<String>,
    /// The text part.
    pub text: Option<String>,
    /// Pictures the HTML names by `cid:`: content id, media type, bytes.
    pub inline: Vec<(String, String, Bytes)>,
    /// The one-click address (RFC 8058), where the mail has both headers.
    pub unsubscribe: Option<String>,
    /// The bytes as received.
    pub source: Bytes,
}

impl Mailbox {
    /// An empty mailbox.
    pub fn new(clock: Clock, journal: Journal) -> Self {
        Self { clock, journal, mails: Arc::default(), arrived: Arc::default() }
    }

    /// Puts a mail into the mailbox of each recipient.
    pub fn deliver(&self, recipients: &[String], source: &Bytes) {
        for to in recipients {
            let mut mail = read(source);
            (mail.to, mail.at) = (to.clone(), self.clock.now());
            let subject = mail.subject.clone();
            let mut mails = self.lock();
            mail.id = mails.len();
            mails.push(mail);
            drop(mails);
            self.journal.write(Event::Mail { to: to.clone(), subject });
        }
        self.arrived.notify_waiters();
    }

    /// Every mail, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.lock().clone()
    }

    /// One mail.
    pub fn mail(&self, id: usize) -> Option<Mail> {
        self.lock().get(id).cloned()
    }

    /// Marks a mail as read.
    pub fn open(&self, id: usize) {
        if let Some(mail) = self.lock().get_mut(id) {
            mail.read = true;
        }
    }

    /// Waits until a mail arrives, or has arrived, for which `wanted` gives something.
    pub async fn wait_for<T>(&self, wanted: impl Fn(&Mail) -> Option<T>) -> T {
        loop {
            let arrived = self.arrived.notified();
            tokio::pin!(arrived);
            arrived.as_mut().enable();
            if let Some(found) = self.lock().iter().find_map(&wanted) {
                return found;
            }
            arrived.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Mail>> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mail {
    /// The beginning of the text, as the list of a mail client shows it.
    pub fn snippet(&self) -> String {
        let text = self.text.clone().or_else(|| {
            let doc = dom_query::Document::from(self.html.clone()?);
            doc.select("style, title, script").remove();
            Some(doc.text().to_string())
        });
        let words: Vec<_> = text.as_deref().unwrap_or_default().split_whitespace().take(30).collect();
        words.join(" ").chars().take(160).collect()
    }
}

/// Reads the bytes as a mail client does; a broken mail is shown as far as it goes.
fn read(source: &Bytes) -> Mail {
    let mut mail = Mail {
        id: 0,
        to: String::new(),
        at: DateTime::default(),
        read: false,
        from_name: String::new(),
        from: String::new(),
        subject: String::new(),
        html: None,
        text: None,
        inline: Vec::new(),
        unsubscribe: None,
        source: source.clone(),
    };
    let Ok(parsed) = mailparse::parse_mail(source) else { return mail };
    let header = |name: &str| parsed.headers.get_first_value(name).unwrap_or_default();
    mail.subject = header("Subject");
    let from = header("From");
    (mail.from_name, mail.from) = match from.rsplit_once('<') {
        Some((name, address)) => {
            (name.trim().trim_matches('"').to_owned(), address.trim_end().trim_end_matches('>').to_owned())
        }
        None => (from.clone(), from),
    };
    if mail.from_name.is_empty() {
        mail.from_name.clone_from(&mail.from);
    }
    if header("List-Unsubscribe-Post").trim() == "List-Unsubscribe=One-Click" {
        let list = header("List-Unsubscribe");
        let addresses = list.split(['<', '>', ',']).map(str::trim);
        mail.unsubscribe = addresses.filter(|a| a.starts_with("http")).map(str::to_owned).next();
    }
    collect(&parsed, &mut mail);
    mail
}

fn collect(part: &ParsedMail, mail: &mut Mail) {
    let attached = part.get_content_disposition().disposition == DispositionType::Attachment;
    match part.ctype.mimetype.as_str() {
        "text/html" if !attached && mail.html.is_none() => mail.html = part.get_body().ok(),
        "text/plain" if !attached && mail.text.is_none() => mail.text = part.get_body().ok(),
        kind if kind.starts_with("image/") => {
            if let (Some(id), Ok(bytes)) = (part.headers.get_first_value("Content-ID"), part.get_body_raw()) {
                let id = id.trim_matches(['<', '>', ' ']).to_owned();
                mail.inline.push((id, kind.to_owned(), bytes.into()));
            }
        }
        _ => {}
    }
    for part in &part.subparts {
        collect(part, mail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_shown_decoded() {
        let source = Bytes::from_static(
            b"From: =?utf-8?b?QuG6o24gdGlu?= <bantin@tinhmau.example.vn>\r\nSubject: =?utf-8?b?Q+G6p3UgbeG7m2k=?=\r\n\
            List-Unsubscribe: <mailto:a@b.vn>, <http://127.0.0.1:1/unsubscribe/x>\r\n\
            List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\n\
            Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\
            Content-Transfer-Encoding: base64\r\n\r\nQ+G6p3UgbeG7m2kgxJHDoyB0aMO0bmcgeGU=\r\n--b\r\n\
            Content-Type: text/html; charset=utf-8\r\n\r\n<p>x</p>\r\n--b--\r\n",
        );
        let (journal, mut events) = Journal::new(Clock::System);
        let mailbox = Mailbox::new(Clock::System, journal);
        mailbox.deliver(&["doc-gia@example.vn".into()], &source);
        let mail = mailbox.mail(0).unwrap();
        assert_eq!((mail.from_name.as_str(), mail.from.as_str()), ("Bản tin", "bantin@tinhmau.example.vn"));
        assert_eq!(mail.subject, "Cầu mới");
        assert_eq!(mail.snippet(), "Cầu mới đã thông xe");
        assert_eq!(mail.html.as_deref().map(str::trim), Some("<p>x</p>"));
        assert_eq!(mail.unsubscribe.as_deref(), Some("http://127.0.0.1:1/unsubscribe/x"));
        assert_eq!(events.try_recv().unwrap().1.to_string(), "mail      to         doc-gia@…: Cầu mới");
    }
}
