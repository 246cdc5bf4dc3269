//! `bantin pause` and `bantin resume`: stop and go on looking at a section.

use std::sync::Arc;

use anyhow::bail;

use super::DONE;
use super::output::say;
use crate::clock::Clock;
use crate::config::Config;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin pause tin-tuc\n  bantin resume --all")]
pub(super) struct Args {
    /// Slugs of sections.
    #[arg(required_unless_present = "all")]
    sections: Vec<String>,
    /// Every section.
    #[arg(long, conflicts_with = "sections")]
    all: bool,
}

pub(super) async fn run(config: Arc<Config>, args: Args, paused: bool, clock: Clock) -> anyhow::Result<u8> {
    // All names are right, or nothing is done.
    for slug in &args.sections {
        super::section(&config, slug)?;
    }
    let store = super::open(&config).await?;
    super::sync(&config, &store, &clock).await?;
    let slugs = if args.all { config.sections.keys().cloned().collect() } else { args.sections };
    for slug in &slugs {
        if !store.pause(slug, paused).await? {
            bail!("section {slug:?} is not stored; look at it first: `bantin once {slug}`");
        }
        say!("{slug}: {}", if paused { "paused; `bantin resume` goes on" } else { "looked at again" });
    }
    Ok(DONE)
}
