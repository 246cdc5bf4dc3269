//! What a receiver's answer means. The table stands in `docs/delivery.md`; its heart is that of all channels: only
//! what certainly did not arrive is safe to send again. A receiver that knows repeats by their delivery id makes more
//! than that harmless, and `on_uncertain` says whether it does.

use std::time::Duration;

use serde_json::Value;

use crate::channel::Outcome;
use crate::config::OnUncertain;
use crate::fetch::outgoing::{Answer, NoAnswer};

/// How long a receiver rests that says "too many" without saying how long.
const BUSY: Duration = Duration::from_secs(10);
/// The longest a receiver can ask to wait.
const LONGEST: Duration = Duration::from_hours(24);
/// Characters of an answer in a reason.
const SHOWN: usize = 120;

/// What was asked for, as far as it changes what an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Whether doing it twice is doing it once: an edit, a deletion.
    pub harmless: bool,
    /// Whether the address names one message, so that "not there" speaks of that message.
    pub of_message: bool,
    /// Whether the message is to disappear.
    pub deletes: bool,
}

/// Whether it arrived, or what the outbox may do. `Ok` holds the answer.
pub fn judge(
    answered: Result<Answer, NoAnswer>,
    asked: Asked,
    accepted: Option<&(String, String)>,
    policy: OnUncertain,
) -> Result<Answer, Outcome> {
    let answer = match answered {
        Ok(answer) => answer,
        // The target rests, so that nothing is lost until somebody has looked at it.
        Err(NoAnswer::Refused(reason)) => return Err(Outcome::RecipientGone(reason)),
        Err(NoAnswer::NotSent(reason)) => return Err(later(reason)),
        Err(NoAnswer::Cut(reason)) if asked.harmless => return Err(later(reason)),
        Err(NoAnswer::Cut(reason)) => return Err(Outcome::Unknown(reason)),
    };
    let words = format!("the receiver answered {}{}", answer.status, said(&answer.body));
    Err(match answer.status {
        200..=299 => match accepted.filter(|(path, value)| !says(&answer.body, path, value)) {
            None => return Ok(answer),
            Some((path, value)) => later(format!("{words}, where {path} is not {value}")),
        },
        404 | 410 if asked.deletes && asked.of_message => return Ok(answer),
        404 | 410 if asked.of_message => Outcome::Rejected(format!("{words}: the message is not there any more")),
        401 | 403 | 404 | 407 | 410 => Outcome::RecipientGone(words),
        429 => Outcome::RetryAfter {
            after: Some(asked_to_wait(&answer).unwrap_or(BUSY).clamp(Duration::from_secs(1), LONGEST)),
            counts: false,
            reason: words,
        },
        408 | 425 => later(words),
        503 => {
            let after = answer.retry_after.map(|wait| wait.min(LONGEST));
            Outcome::RetryAfter { after, counts: true, reason: words }
        }
        // It may have been done before it failed. Where a repeat does no harm, it is repeated.
        500..=599 if asked.harmless || policy == OnUncertain::AtLeastOnce => later(words),
        500..=599 => Outcome::Unknown(words),
        300..=399 => {
            Outcome::Rejected(format!("{words}: a redirect, which is not followed; put the new address into `url`"))
        }
        _ => Outcome::Rejected(words),
    })
}

fn later(reason: String) -> Outcome {
    Outcome::RetryAfter { after: None, counts: true, reason }
}

/// `Retry-After`, or `retry_after` in the body (seconds, perhaps with a point: Discord).
fn asked_to_wait(answer: &Answer) -> Option<Duration> {
    let in_body = || {
        let body: Value = serde_json::from_slice(&answer.body).ok()?;
        let (seconds, milliseconds) = (body["retry_after"].as_f64(), body["retry_after_ms"].as_f64());
        Duration::try_from_secs_f64(seconds.or(milliseconds.map(|ms| ms / 1000.0))?).ok()
    };
    answer.retry_after.or_else(in_body)
}

/// What stands at a path of the answer.
pub fn at_path(body: &[u8], path: &str) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let mut value = &body;
    for name in path.split('.') {
        value = match value {
            Value::Array(list) => list.get(name.parse::<usize>().ok()?)?,
            other => other.get(name)?,
        };
    }
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn says(body: &[u8], path: &str, value: &str) -> bool {
    at_path(body, path).is_some_and(|found| found == value)
}

/// The beginning of an answer, in one line.
fn said(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..body.len().min(4 * SHOWN)).unwrap_or_default()).into_owned();
    let text = crate::channel::entry::line(&text);
    if text.is_empty() { String::new() } else { format!(" {:?}", crate::article::text::shorten(&text, SHOWN)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POST: Asked = Asked { harmless: false, of_message: false, deletes: false };
    const EDIT: Asked = Asked { harmless: true, of_message: true, deletes: false };
    const DELETE: Asked = Asked { harmless: true, of_message: true, deletes: true };

    fn with(status: u16, body: &str, wait: Option<u64>, asked: Asked, policy: OnUncertain) -> Result<Answer, Outcome> {
        let answer = Answer { status, retry_after: wait.map(Duration::from_secs), body: body.as_bytes().to_vec() };
        judge(Ok(answer), asked, None, policy)
    }

    fn of(status: u16) -> Outcome {
        with(status, "", None, POST, OnUncertain::AtLeastOnce).expect_err("no yes")
    }

    #[test]
    fn every_answer_is_one_of_the_outcomes() {
        for status in [200, 201, 202, 204] {
            assert!(with(status, "", None, POST, OnUncertain::Ask).is_ok(), "{status}");
        }
        for status in [400, 402, 405, 413, 415, 422, 301, 302, 308] {
            assert!(matches!(of(status), Outcome::Rejected(_)), "{status}");
        }
        for status in [401, 403, 404, 410] {
            assert!(matches!(of(status), Outcome::RecipientGone(_)), "{status}");
        }
        for status in [408, 425, 500, 502, 503, 504, 599] {
            assert!(matches!(of(status), Outcome::RetryAfter { counts: true, .. }), "{status}");
        }
    }

    #[test]
    fn busy_waits_as_long_as_asked_and_costs_no_attempt() {
        let wait = |body: &str, header| match with(429, body, header, POST, OnUncertain::AtLeastOnce) {
            Err(Outcome::RetryAfter { after: Some(after), counts: false, .. }) => after,
            other => panic!("{other:?}"),
        };
        assert_eq!(wait("", Some(90)), Duration::from_secs(90));
        assert_eq!(wait(r#"{"retry_after":1.5}"#, None), Duration::from_millis(1500));
        assert_eq!(wait(r#"{"retry_after_ms":2500}"#, None), Duration::from_millis(2500));
        assert_eq!(wait("", None), BUSY);
        assert_eq!(wait("", Some(0)), Duration::from_secs(1), "never at once");
        assert_eq!(wait("", Some(9_999_999)), LONGEST);
        for odd in [r#"{"retry_after":-1}"#, r#"{"retry_after":1e300}"#, r#"{"retry_after":"soon"}"#, "[]", "<"] {
            assert_eq!(wait(odd, None), BUSY, "{odd}");
        }
    }

    #[test]
    fn what_may_have_arrived_is_not_called_lost() {
        let cut = || Err(NoAnswer::Cut("cut".into()));
        for policy in [OnUncertain::AtLeastOnce, OnUncertain::AtMostOnce, OnUncertain::Ask] {
            assert!(matches!(judge(cut(), POST, None, policy), Err(Outcome::Unknown(_))));
            assert!(matches!(judge(cut(), EDIT, None, policy), Err(Outcome::RetryAfter { counts: true, .. })));
            let unsent = judge(Err(NoAnswer::NotSent("refused".into())), POST, None, policy);
            assert!(matches!(unsent, Err(Outcome::RetryAfter { counts: true, .. })));
        }
        for status in [500, 502, 504] {
            assert!(matches!(with(status, "", None, POST, OnUncertain::AtMostOnce), Err(Outcome::Unknown(_))));
            assert!(matches!(with(status, "", None, EDIT, OnUncertain::AtMostOnce), Err(Outcome::RetryAfter { .. })));
        }
        assert!(matches!(
            judge(Err(NoAnswer::Refused("private".into())), POST, None, OnUncertain::Ask),
            Err(Outcome::RecipientGone(_))
        ));
    }

    #[test]
    fn a_message_that_is_not_there_says_nothing_of_the_receiver() {
        assert!(with(404, "", None, DELETE, OnUncertain::AtLeastOnce).is_ok());
        assert!(matches!(with(404, "", None, EDIT, OnUncertain::AtLeastOnce), Err(Outcome::Rejected(_))));
        let elsewhere = Asked { of_message: false, ..DELETE };
        assert!(matches!(with(404, "", None, elsewhere, OnUncertain::AtLeastOnce), Err(Outcome::RecipientGone(_))));
    }

    #[test]
    fn a_yes_that_is_a_no() {
        let accepted = ("error".to_owned(), "0".to_owned());
        let answer = |body: &str| Ok(Answer { status: 200, retry_after: None, body: body.into() });
        let judged = |body| judge(answer(body), POST, Some(&accepted), OnUncertain::AtLeastOnce);
        assert!(judged(r#"{"error":0}"#).is_ok());
        for no in [r#"{"error":-216}"#, "{}", "", "ok"] {
            assert!(matches!(judged(no), Err(Outcome::RetryAfter { counts: true, .. })), "{no}");
        }
        assert_eq!(at_path(br#"{"a":[{"b":7}]}"#, "a.0.b").as_deref(), Some("7"));
        assert_eq!(at_path(br#"{"a":{}}"#, "a"), None);
    }
}
