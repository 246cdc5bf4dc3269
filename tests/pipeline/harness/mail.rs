//! Mails out of a relay's journal, read as a mail program reads them.

use mailparse::{MailHeaderMap, ParsedMail};
use serde_json::Value;

/// What a reader sees of a mail, and what a machine does.
#[derive(Debug)]
pub struct Mail {
    /// Envelope recipients.
    pub to: Vec<String>,
    /// The subject, decoded.
    pub subject: String,
    /// The plain-text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// `Message-ID`.
    pub message_id: String,
    /// `List-Unsubscribe`.
    pub list_unsubscribe: Option<String>,
    /// `List-Unsubscribe-Post`.
    pub list_unsubscribe_post: Option<String>,
}

/// Reads one journal record.
pub fn read(record: &Value) -> Mail {
    let raw = record["raw"].as_str().expect("a raw message");
    let parsed = mailparse::parse_mail(raw.as_bytes()).expect("a mail that parses");
    let header = |name: &str| parsed.headers.get_first_value(name);
    Mail {
        to: record["to"].as_array().into_iter().flatten().filter_map(|to| to.as_str().map(str::to_owned)).collect(),
        subject: header("Subject").unwrap_or_default(),
        text: part(&parsed, "text/plain").unwrap_or_default(),
        html: part(&parsed, "text/html").unwrap_or_default(),
        message_id: header("Message-ID").unwrap_or_default(),
        list_unsubscribe: header("List-Unsubscribe"),
        list_unsubscribe_post: header("List-Unsubscribe-Post"),
    }
}

fn part(mail: &ParsedMail, kind: &str) -> Option<String> {
    if mail.ctype.mimetype == kind {
        return mail.get_body().ok();
    }
    mail.subparts.iter().find_map(|sub| part(sub, kind))
}
