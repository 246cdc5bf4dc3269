//! Delivery status notifications (RFC 3464) and complaints (RFC 5965). The message is read line by line and only once:
//! whatever is nested in it, the first part of the right type counts, and nothing is parsed in depth.

use std::collections::HashSet;

use mailparse::MailHeaderMap as _;

use super::class::{self, Class};
use super::{Report, without_addresses};

/// A mail of ours has one recipient; a server may report on several.
const MOST_RECIPIENTS: usize = 20;

/// One recipient's fields.
#[derive(Debug, Default, Clone)]
struct Fields {
    action: String,
    status: String,
    diagnostic: String,
    recipient: Option<String>,
}

/// A part's type, its encoding and its body.
pub(super) struct Part<'a> {
    kind: String,
    headers: Vec<(String, String)>,
    body: Vec<&'a str>,
}

impl Part<'_> {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The body as text, whatever its encoding.
    pub(super) fn text(&self) -> String {
        let head = format!(
            "Content-Type: {}\r\nContent-Transfer-Encoding: {}\r\n\r\n",
            self.header("content-type"),
            self.header("content-transfer-encoding")
        );
        let plain = self.body.join("\n");
        // A part of its own, so nothing nested is parsed.
        let leaf = !self.kind.starts_with("multipart/") && !self.kind.starts_with("message/");
        if !leaf && self.header("content-transfer-encoding").is_empty() {
            return plain;
        }
        let head = if leaf { head } else { head.replace(self.header("content-type"), "text/plain; charset=utf-8") };
        mailparse::parse_mail(format!("{head}{plain}").as_bytes()).and_then(|mail| mail.get_body()).unwrap_or(plain)
    }
}

/// The first part of a type (given in lower case), at any depth.
pub(super) fn part<'a>(raw: &'a str, wanted: &[&str]) -> Option<Part<'a>> {
    let boundaries = boundaries(raw);
    let mut lines = raw.lines().peekable();
    let (mut at_head, mut headers) = (true, Vec::<(String, String)>::new());
    while let Some(line) = lines.next() {
        if !at_head {
            // A boundary opens a head; so does the copy of a message after its own empty line, but that is never wanted.
            at_head = line.starts_with("--") && line.len() > 2;
            headers.clear();
            continue;
        }
        if line.starts_with([' ', '\t'])
            && let Some((_, value)) = headers.last_mut()
        {
            value.push(' ');
            value.push_str(line.trim());
            continue;
        }
        if !line.trim().is_empty() {
            if let Some((name, value)) = line.split_once(':') {
                headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
            continue;
        }
        at_head = false;
        let kind = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
        let kind = kind.unwrap_or("").split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if wanted.contains(&kind.as_str()) {
            let ends = |line: &str| {
                line.strip_prefix("--").is_some_and(|name| {
                    let name = name.trim_end();
                    boundaries.contains(name) || name.strip_suffix("--").is_some_and(|name| boundaries.contains(name))
                })
            };
            let mut body = Vec::new();
            while let Some(line) = lines.next_if(|line| !ends(line)) {
                body.push(line);
            }
            return Some(Part { kind, headers, body });
        }
    }
    None
}

/// Every text that is named as a boundary.
fn boundaries(raw: &str) -> HashSet<&str> {
    let named = raw.match_indices("oundary=").filter_map(|(at, found)| {
        let rest = raw.get(at + found.len()..)?;
        match rest.strip_prefix('"') {
            Some(rest) => rest.split(['"', '\n']).next(),
            None => rest.split([';', ' ', '\t', '\r', '\n']).next(),
        }
    });
    named.take(100).map(str::trim).filter(|name| !name.is_empty()).collect()
}

/// Reads a notification; `None` when the message is none.
pub fn read(raw: &[u8]) -> Option<Report> {
    let text = String::from_utf8_lossy(raw);
    if let Some(part) = part(&text, &["message/feedback-report"]) {
        return Some(complaint(&part.text()));
    }
    let part = part(&text, &["message/delivery-status", "message/global-delivery-status"])?;
    let recipients = fields(&part.text());
    let of = |field: &Fields| judge(field, &text);
    // Several recipients are several judgements; the mail had one reader, and the worst for us is taken last.
    let mut reports: Vec<Report> = recipients.iter().map(of).collect();
    reports.sort_by_key(|report| report.class);
    reports.into_iter().next()
}

fn complaint(text: &str) -> Report {
    let kind = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("feedback-type").then(|| value.trim().to_ascii_lowercase())
    });
    let class = match kind.as_deref() {
        Some("not-spam" | "auth-failure") => Class::Notice,
        _ => Class::Complaint,
    };
    Report { class, status: String::new(), words: kind.unwrap_or_default(), recipient: None }
}

/// The recipients' groups of a delivery-status part.
fn fields(text: &str) -> Vec<Fields> {
    let mut groups: Vec<Vec<(String, String)>> = vec![Vec::new()];
    for line in text.lines() {
        let group = groups.len() - 1;
        let Some(group) = groups.get_mut(group) else { break };
        if line.trim().is_empty() {
            if !group.is_empty() {
                groups.push(Vec::new());
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = group.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            group.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    let of = |group: Vec<(String, String)>| {
        let get = |name: &str| group.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let typed = |value: String| value.split_once(';').map_or(value.clone(), |(_, rest)| rest.trim().to_owned());
        let recipient = get("final-recipient").or_else(|| get("original-recipient")).map(typed);
        let action = get("action");
        // Some servers leave the empty line between the groups out, and some the recipient.
        (recipient.is_some() || action.is_some()).then(|| Fields {
            action: action.unwrap_or_default().to_ascii_lowercase(),
            status: get("status").unwrap_or_default(),
            diagnostic: get("diagnostic-code").map(typed).unwrap_or_default(),
            recipient: recipient.map(|text| text.trim_matches(['<', '>']).to_owned()),
        })
    };
    groups.into_iter().filter_map(of).take(MOST_RECIPIENTS).collect()
}

fn judge(fields: &Fields, whole: &str) -> Report {
    let action = fields.action.split([' ', '(']).next().unwrap_or_default();
    let stated = class::status_in(&fields.status);
    let own = class::status_in(&fields.diagnostic);
    let code = class::code_in(&fields.diagnostic);
    // The server that said no knows best; a status that says nothing (5.0.0) is no status.
    let status = own.or(stated).filter(|(_, subject, detail)| (*subject, *detail) != (0, 0));
    let mut words = fields.diagnostic.clone();
    if status.is_none() && words.split_whitespace().count() < 3 {
        // Nothing but a number: what is written for people says more.
        words = format!(
            "{words} {}",
            part(whole, &["text/plain"]).map(|part| super::plain::reason(&part.text())).unwrap_or_default()
        );
    }
    let class = match action {
        "delayed" | "delivered" | "relayed" | "expanded" => Class::Notice,
        _ if stated.is_some_and(|(class, ..)| class == 2) => Class::Notice,
        _ => {
            // A permanent failure whose last word was a temporary one: the time was up.
            let status = match (status, own, stated) {
                (Some((5, subject, detail)), None, Some(_)) if code.is_some_and(|code| code / 100 == 4) => {
                    Some((4, subject, detail))
                }
                (status, ..) => status,
            };
            class::of(code.or_else(|| class::code_in(&words)), status.or_else(|| class::status_in(&words)), &words)
        }
    };
    let shown: String = without_addresses(&words).chars().filter(|c| !c.is_control()).take(300).collect();
    Report { class, status: fields.status.clone(), words: shown, recipient: fields.recipient.clone() }
}

/// Whether a message is an automatic reply of a person's mailbox rather than a server's.
pub(super) fn is_reply(headers: &[mailparse::MailHeader<'_>]) -> bool {
    let value = |name: &str| headers.get_first_value(name).unwrap_or_default().to_lowercase();
    let subject = value("Subject");
    let away = [
        "out of office",
        "out of the office",
        "automatic reply",
        "auto reply",
        "autoreply",
        "auto-reply",
        "auto response",
        "vacation",
        "away from",
        "trả lời tự động",
        "tự động trả lời",
        "vắng mặt",
        "abwesen",
        "absence",
    ];
    value("Auto-Submitted").starts_with("auto-replied") && !value("Content-Type").contains("report-type")
        || ["X-Autoreply", "X-Autorespond", "X-Vacation"].iter().any(|name| headers.get_first_header(name).is_some())
        || away.iter().any(|phrase| subject.contains(phrase))
}
