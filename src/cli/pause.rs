//! `bantin pause` and `bantin resume`: stop and go on looking at a section.

use std::sync::Arc;

use anyhow::bail;

use super::DONE;
use crate::config::Config;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin pause tin-tuc")]
pub(super) struct Args {
    /// Slugs of sections.
    #[arg(required_unless_present = "all")]
    sections: Vec<String>,
    /// Every section.
    #[arg(long)]
    all: bool,
}

pub(super) async fn run(config: Arc<Config>, args: Args, paused: bool) -> anyhow::Result<u8> {
    let store = super::open(&config).await?;
    let slugs = if args.all { config.sections.keys().cloned().collect() } else { args.sections };
    for slug in &slugs {
        if !store.pause(slug, paused).await? {
            bail!("there is no section {slug:?} in the store; `bantin sections list` names them");
        }
        println!("{slug}: {}", if paused { "paused" } else { "looked at again" });
    }
    Ok(DONE)
}
