//! `bantin once`: one pass, then exit; for cron jobs and CI.

use std::sync::Arc;

use secrecy::ExposeSecret as _;

use super::output::{note, say};
use super::{DONE, FAILED, IN_PART, output};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::store::DaemonLock;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin once tin-tuc news")]
pub(super) struct Args {
    /// Slugs of sections; none: all.
    sections: Vec<String>,
    /// Print what was done as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let mut sections = Vec::new();
    for slug in &args.sections {
        sections.push(super::section(&config, slug)?.clone());
    }
    if sections.is_empty() {
        sections = config.sections.values().cloned().collect();
    }
    let _lock = DaemonLock::take(config.database.expose_secret())?;
    let app = App::build(config, clock).await?;
    app.enter_seed_mode_if_restored().await?;
    // As a task: what it waits for wakes it without a system call, which the first future of a runtime needs.
    let store = app.store.clone();
    let done = tokio::spawn(async move { app.once(&sections).await }).await??;
    store.close().await;
    if args.json {
        output::json(&serde_json::to_value(&done)?);
    } else {
        let sections = output::counted(done.sections, "section", "sections");
        say!("{sections}: {} new, {} changed, {} sent", done.new, done.changed, done.sent);
        for (section, why) in &done.failed {
            note!("{section}: {why}");
        }
    }
    Ok(match done.failed.len() {
        0 => DONE,
        n if n >= done.sections && done.new == 0 => FAILED,
        _ => IN_PART,
    })
}
