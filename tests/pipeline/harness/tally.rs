//! How often each article arrived, by the journals of the fakes: they are the judge, never our own log.

use std::collections::BTreeMap;

use serde_json::Value;

use super::article::number_in;
use super::mail;

/// The text of a post.
pub fn text(post: &Value) -> &str {
    post["text"].as_str().unwrap_or_default()
}

/// How often each article was posted to a chat, or mailed.
pub fn posts(journal: &[Value], chat: &str) -> BTreeMap<usize, usize> {
    let sent = |post: &&Value| post["chat"] == chat && post["method"].as_str().is_some_and(|m| m.starts_with("send"));
    count(journal.iter().filter(sent).map(|post| number_in(text(post)).expect("a post about an article")))
}

/// How often each article was mailed.
pub fn mails(journal: &[Value]) -> BTreeMap<usize, usize> {
    count(journal.iter().map(|record| number_in(&mail::read(record).subject).expect("a mail about an article")))
}

fn count(numbers: impl Iterator<Item = usize>) -> BTreeMap<usize, usize> {
    numbers.fold(BTreeMap::new(), |mut counts, number| {
        *counts.entry(number).or_default() += 1;
        counts
    })
}
