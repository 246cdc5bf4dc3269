//! The RFC 5322 message of a mail: headers that cannot be broken by any text, and bodies in quoted-printable or
//! base64 only (a body sent as it is lets a bare line end smuggle in a second mail, RUSTSEC-2026-0561).

use std::time::SystemTime;

use data_encoding::{BASE64, HEXLOWER};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MessageBuilder, MultiPart, SinglePart};
use lettre::{Address, Message};
use sha2::{Digest as _, Sha256};

use super::render::{Content, List};
use crate::config::Language;

/// What the headers need besides the content.
pub struct Envelope<'a> {
    /// The sender.
    pub from: &'a Mailbox,
    /// The recipient: an address, nothing more.
    pub to: Address,
    /// Before the `@` of the Message-ID; the same on every retry.
    pub message_id: &'a str,
    /// The same of the mail that this one follows, beneath which readers' programs show it.
    pub after: Option<&'a str>,
    /// For the Date header.
    pub date: SystemTime,
    /// Whether the one-click header may be set (RFC 8058 wants https).
    pub one_click: bool,
}

/// The recipient's address as SMTP takes it: a name of ASCII, a domain in its ASCII form.
///
/// # Errors
/// Why no mail can go there, without the address.
pub fn address(text: &str) -> Result<Address, String> {
    let (user, domain) = text.trim().rsplit_once('@').ok_or("the address has no @")?;
    let Ok(url::Host::Domain(domain)) = url::Host::parse(domain) else {
        return Err("the address has no valid domain".to_owned());
    };
    if !user.is_ascii() {
        return Err("the address needs SMTPUTF8, which is not supported".to_owned());
    }
    Address::new(user, &domain).map_err(|_| "the address is not valid".to_owned())
}

/// The whole message, lines ended by CRLF.
///
/// # Errors
/// What lettre says of it.
pub fn build(content: &Content, envelope: &Envelope<'_>) -> Result<Vec<u8>, String> {
    let parts = MultiPart::alternative()
        .boundary(boundary(envelope))
        .singlepart(Part::text(&content.text).whole(&content.text)?)
        .singlepart(Part::html(&content.html).whole(&content.html)?);
    let builder = headers(&content.subject, content.language, content.list.as_ref(), envelope);
    builder.multipart(parts).map(|message| message.formatted()).map_err(|error| error.to_string())
}

/// The headers of a message, with the empty line that ends them.
///
/// # Errors
/// What lettre says of them.
pub fn head(
    subject: &str,
    language: Language,
    list: Option<&List>,
    envelope: &Envelope<'_>,
) -> Result<Vec<u8>, String> {
    let nothing = MultiPart::alternative().boundary(boundary(envelope)).build();
    let message = headers(subject, language, list, envelope).multipart(nothing).map_err(|error| error.to_string())?;
    let mut bytes = message.formatted();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or("headers without an end")?;
    bytes.truncate(end + 4);
    Ok(bytes)
}

/// What stands between the parts: the same on every retry, and in no text by accident.
pub fn boundary(envelope: &Envelope<'_>) -> String {
    format!("=_{}", HEXLOWER.encode(&Sha256::digest(atom(envelope.message_id).as_bytes())[..15]))
}

fn headers(subject_of: &str, language: Language, list: Option<&List>, envelope: &Envelope<'_>) -> MessageBuilder {
    let domain = envelope.from.email.domain();
    let id = atom(envelope.message_id);
    let mut builder = Message::builder()
        .from(envelope.from.clone())
        .to(Mailbox::new(None, envelope.to.clone()))
        .date(envelope.date)
        .message_id(Some(format!("<{id}@{domain}>")))
        .raw_header(subject(subject_of))
        .raw_header(header("Content-Language", language.code().to_owned()))
        .raw_header(header("Auto-Submitted", "auto-generated".to_owned()));
    if let Some(after) = envelope.after {
        let before = format!("<{}@{domain}>", atom(after));
        builder = builder.in_reply_to(before.clone()).references(before);
    }
    if let Some(list) = list {
        let name: String = list.name.chars().filter(|c| !c.is_control() && !"<>()[],;:@\\\"".contains(*c)).collect();
        let label = atom(&list.label);
        builder = builder
            .raw_header(header("Precedence", "bulk".to_owned()))
            .raw_header(header("List-Id", format!("{} <{label}.{domain}>", name.trim())))
            .raw_header(header("List-Unsubscribe", format!("<{}>", printable(&list.unsubscribe))));
        if envelope.one_click {
            builder = builder.raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
    }
    builder
}

/// How one of the two bodies is written.
#[derive(Debug, Clone)]
pub struct Part {
    kind: ContentType,
    encoding: ContentTransferEncoding,
}

impl Part {
    /// The text part.
    pub fn text(body: &str) -> Self {
        Self { kind: ContentType::TEXT_PLAIN, encoding: encoding(body) }
    }

    /// The HTML part.
    pub fn html(body: &str) -> Self {
        Self { kind: ContentType::TEXT_HTML, encoding: encoding(body) }
    }

    fn whole(&self, body: &str) -> Result<SinglePart, String> {
        let body = Body::new_with_encoding(body.to_owned(), self.encoding).map_err(|_| "the body cannot be encoded")?;
        Ok(SinglePart::builder().header(self.kind.clone()).body(body))
    }

    /// Its headers, with the empty line that ends them.
    pub fn head(&self) -> String {
        let name = match self.encoding {
            ContentTransferEncoding::Base64 => "base64",
            _ => "quoted-printable",
        };
        let kind = if self.kind == ContentType::TEXT_HTML { "text/html" } else { "text/plain" };
        format!("Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: {name}\r\n\r\n")
    }

    /// Bytes of a body, its lines ended by CRLF, as they travel.
    ///
    /// # Errors
    /// A body that cannot be encoded.
    pub fn encoded(&self, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
        let body = Body::new_with_encoding(bytes, self.encoding).map_err(|_| "the body cannot be encoded")?;
        Ok(body.into_vec())
    }

    /// Splits a body no later than `at` where its two halves, encoded each by itself, are the whole encoded.
    pub fn split<'a>(&self, body: &'a str, at: usize) -> (&'a [u8], &'a str) {
        let before = body.get(..at).unwrap_or_default();
        let mut at = before.rfind("\r\n").map_or(0, |end| end + 2);
        if self.encoding == ContentTransferEncoding::Base64 {
            // Lines of 57 bytes are lines of 76 characters.
            at -= at % LINE;
            while !body.is_char_boundary(at) {
                at = at.saturating_sub(LINE);
            }
        }
        let (head, tail) = body.split_at_checked(at).unwrap_or(("", body));
        (head.as_bytes(), tail)
    }

    /// Ends the last line of an encoded first half.
    pub fn close(&self, encoded: &mut Vec<u8>) {
        if self.encoding == ContentTransferEncoding::Base64 {
            encoded.extend_from_slice(b"\r\n");
        }
    }
}

/// Bytes in a line of base64.
const LINE: usize = 57;

fn encoding(body: &str) -> ContentTransferEncoding {
    // Three bytes for every byte that is not plain ASCII, against four for every three.
    let escaped = body.bytes().filter(|b| !matches!(b, b' '..=b'~' | b'\n') || *b == b'=').count();
    let quoted = body.len() + escaped * 2;
    if quoted * 3 > body.len() * 4 + body.len() / 5 {
        ContentTransferEncoding::Base64
    } else {
        ContentTransferEncoding::QuotedPrintable
    }
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// The subject. A text that only looks like an encoded word must be encoded too, or it would be decoded.
fn subject(text: &str) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str("Subject");
    let long_word = text.split(' ').any(|word| word.len() > 70);
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) && !text.contains("=?") && !long_word {
        return HeaderValue::new(name, text.to_owned());
    }
    let mut words: Vec<String> = Vec::new();
    let mut piece = String::new();
    for c in text.chars().filter(|c| !c.is_control()) {
        // 75 characters of an encoded word hold 45 bytes in base64.
        if piece.len() + c.len_utf8() > 42 {
            words.push(std::mem::take(&mut piece));
        }
        piece.push(c);
    }
    words.push(piece);
    let words: Vec<String> =
        words.iter().map(|word| format!("=?utf-8?B?{}?=", BASE64.encode(word.as_bytes()))).collect();
    HeaderValue::dangerous_new_pre_encoded(name, text.to_owned(), words.join("\r\n "))
}

/// What may stand before the `@` of a Message-ID or in a List-Id.
fn atom(text: &str) -> String {
    let clean: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '-' }).collect();
    clean.trim_matches('.').chars().take(120).collect()
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() && !"<>".contains(*c)).collect()
}
