//! What these tests share: instances with a pace, and the questions they ask of the journal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::harness::article::number_in;
use crate::harness::{Bantin, Config, Database, FakeTelegram, Site};

/// How many times faster than Telegram's own the limits are, here and in the fake.
pub fn speed() -> u32 {
    crate::harness::amount("BANTIN_TELEGRAM_SPEED", 5) as u32
}

/// What Telegram allows, that much faster: 1 a second to a chat, 20 a minute to a group, 30 a second in all.
pub fn paced_fake() -> FakeTelegram {
    let speed = speed().to_string();
    FakeTelegram::with(&[
        "--speed",
        &speed,
        "--per-chat-second",
        "1",
        "--per-group-minute",
        "20",
        "--global-second",
        "30",
    ])
}

/// The shipped limits, that much faster.
pub fn pace() -> String {
    format!("per_second = {}\nper_chat_minute = {}\n", 25 * speed(), 20 * speed())
}

/// So many groups as TOML.
pub fn groups(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("-100100{n:07}")).collect()
}

/// A section with these chats (each as TOML), on an instance of its own.
pub fn instance(
    database: &Database,
    fake: &FakeTelegram,
    pace: &str,
    site: &Site,
    chats: &[String],
    keys: &str,
) -> Bantin {
    let mut all = String::from("guard = \"off\"\ntelegram = [");
    for chat in chats {
        let _ = write!(all, "{chat}, ");
    }
    let _ = write!(all, "]\n{keys}");
    Bantin::new(&Config::new(database).telegram_with(fake, pace).section("tin-tuc", site, &all))
}

/// The text of a post.
pub fn text(post: &Value) -> &str {
    post["text"].as_str().unwrap_or_default()
}

/// The posts of a chat in the order of their coming: when (milliseconds), and the article's number.
pub fn by_chat(journal: &[Value]) -> BTreeMap<String, Vec<(u64, usize)>> {
    let mut chats: BTreeMap<String, Vec<(u64, usize)>> = BTreeMap::new();
    for post in journal.iter().filter(|post| post["method"].as_str().is_some_and(|m| m.starts_with("send"))) {
        let number = number_in(text(post)).expect("a post about an article");
        let chat = post["chat"].as_str().unwrap_or_default().to_owned();
        chats.entry(chat).or_default().push((post["time"].as_u64().unwrap_or(0), number));
    }
    chats
}
