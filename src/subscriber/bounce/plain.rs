//! Bounces written for people: qmail, old Exim and Courier, and relays that send prose without a status part. What counts
//! is what stands before the copy of our mail.

use mailparse::MailHeaderMap as _;

use super::class::{self, Class};
use super::dsn::{self, part};
use super::{Report, without_addresses};

/// Longest text that is judged.
const LONGEST: usize = 4_000;

/// Subjects of servers that return mail.
const SUBJECTS: &[&str] = &[
    "undeliver",
    "delivery status notification",
    "delivery failure",
    "delivery failed",
    "delivery notification",
    "delivery report",
    "failure notice",
    "failed delivery",
    "mail delivery",
    "mail could not be delivered",
    "message could not be delivered",
    "message delivery",
    "mail system error",
    "returned mail",
    "returned to sender",
    "returning message",
    "nondeliverable",
    "non-deliverable",
    "non délivr",
    "unzustellbar",
    "unable to deliver",
    "could not send message",
    "permanent error",
    "không gửi được",
    "không thể gửi",
    "thư trả về",
    "não entregue",
    "no se ha podido entregar",
    "退信",
    "недоставл",
];

/// Where the copy of our mail begins.
const COPIES: &[&str] = &[
    "--- below this line is a copy of the message",
    "--- this is a copy of",
    "------ this is a copy of",
    "this is a copy of the message",
    "----- original message -----",
    "-----original message-----",
    "----- original message",
    "--- original message",
    "original message follows",
    "original message headers",
    "----- message header follows",
    "--- message header follows",
    "the original message was attached",
    "below is a copy of the original message",
    "--- mail header",
    "--- the header of the original",
    "--- header",
    "your message follows",
    "return-path: ",
    "received: from",
    "received: by",
    "dkim-signature:",
];

/// Reads prose; `None` when the message is no bounce.
pub fn read(raw: &[u8]) -> Option<Report> {
    let (headers, body_at) = mailparse::parse_headers(raw).ok()?;
    if dsn::is_reply(&headers) {
        return Some(Report {
            class: Class::Notice,
            status: String::new(),
            words: "an automatic reply".to_owned(),
            recipient: None,
        });
    }
    let value = |name: &str| headers.get_first_value(name).unwrap_or_default();
    let (from, subject) = (value("From").to_lowercase(), value("Subject").to_lowercase());
    let of_server = ["mailer-daemon", "postmaster", "mail delivery", "mail-daemon", "mailerdaemon", "qmail"]
        .iter()
        .any(|name| from.contains(name))
        || value("Return-Path").trim() == "<>"
        || headers.get_first_header("X-Failed-Recipients").is_some();
    if !(of_server
        && (SUBJECTS.iter().any(|part| subject.contains(part))
            || headers.get_first_header("X-Failed-Recipients").is_some()))
    {
        return None;
    }
    let text = String::from_utf8_lossy(raw);
    let body = match part(&text, &["text/plain"]) {
        Some(part) => part.text(),
        None => String::from_utf8_lossy(raw.get(body_at..).unwrap_or_default()).into_owned(),
    };
    let reason = reason(&body);
    let delayed =
        ["delayed", "has not yet been delivered", "will be retried", "will continue to try", "warning message only"]
            .iter()
            .any(|phrase| subject.contains("delay") || reason.to_lowercase().contains(phrase));
    let class = if delayed {
        Class::Notice
    } else {
        class::of(class::code_in(&without_addresses(&reason)), class::status_in(&without_addresses(&reason)), &reason)
    };
    let recipient = headers.get_first_value("X-Failed-Recipients");
    let words: String = without_addresses(&reason).chars().filter(|c| !c.is_control()).take(300).collect();
    let status = class::status_in(&reason).map(|(a, b, c)| format!("{a}.{b}.{c}")).unwrap_or_default();
    Some(Report { class, status, words, recipient })
}

/// What a server wrote before the copy of our mail, without what it says to everybody.
pub(super) fn reason(body: &str) -> String {
    let mut out = String::new();
    for line in body.lines() {
        let low = line.trim().trim_start_matches('>').trim_start().to_lowercase();
        if COPIES.iter().any(|copy| low.starts_with(copy)) || out.len() > LONGEST {
            break;
        }
        out.push_str(line.trim());
        out.push('\n');
    }
    out
}
