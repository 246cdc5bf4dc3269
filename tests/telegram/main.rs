//! Telegram, done properly, from outside: the real binary and the strict fake of the Bot API, whose journal is the
//! judge. The tests of pace measure times; each of them runs alone ([`alone`]).

mod bot;
mod content;
mod edits;
mod faults;
mod governor;
mod hours;
mod pieces;
mod world;

#[allow(dead_code, unused_macros, unused_imports, reason = "the pipeline's tests use the rest of it")]
#[path = "../pipeline/harness/mod.rs"]
mod harness;

/// One test of pace at a time.
pub async fn alone() -> tokio::sync::MutexGuard<'static, ()> {
    static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    ALONE.lock().await
}
