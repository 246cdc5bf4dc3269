//! `bantin pause` and `bantin resume`: stop and go on looking at a section.

use std::sync::Arc;

use anyhow::bail;
use serde_json::json;

use super::output::{self, say};
use super::{DONE, WrongUsage};
use crate::clock::Clock;
use crate::config::Config;
use crate::schedule::parse_duration;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin pause tin-tuc 2h\n  bantin pause --all\n  bantin resume --all\n\n\
    What a CMS pushes for a paused section waits. `bantin once` looks at paused sections too.")]
pub(super) struct Pause {
    /// Slugs of sections; a length of time at the end (2h, 3d) says for how long.
    #[arg(required_unless_present = "all", value_name = "SECTION|TIME")]
    words: Vec<String>,
    /// Every section.
    #[arg(long)]
    all: bool,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin resume tin-tuc\n  bantin resume --all")]
pub(super) struct Resume {
    /// Slugs of sections.
    #[arg(required_unless_present = "all")]
    sections: Vec<String>,
    /// Every section.
    #[arg(long, conflicts_with = "sections")]
    all: bool,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) async fn pause(config: Arc<Config>, args: Pause, clock: Clock) -> anyhow::Result<u8> {
    let mut slugs = args.words;
    let is_time = |word: &String| !config.sections.contains_key(word) && parse_duration(word).is_ok();
    let time = slugs.pop_if(|word| is_time(word)).and_then(|word| parse_duration(&word).ok());
    if args.all && !slugs.is_empty() {
        return Err(WrongUsage("--all and names of sections exclude each other".to_owned()).into());
    }
    if !args.all && slugs.is_empty() {
        return Err(WrongUsage("name a section, or give --all".to_owned()).into());
    }
    let until = time.map(|time| clock.now_ms().saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)));
    let slugs = if args.all { config.sections.keys().cloned().collect() } else { slugs };
    set(&config, &slugs, true, until, args.json, &clock).await
}

pub(super) async fn resume(config: Arc<Config>, args: Resume, clock: Clock) -> anyhow::Result<u8> {
    let slugs = if args.all { config.sections.keys().cloned().collect() } else { args.sections };
    set(&config, &slugs, false, None, args.json, &clock).await
}

async fn set(
    config: &Config,
    slugs: &[String],
    paused: bool,
    until: Option<i64>,
    as_json: bool,
    clock: &Clock,
) -> anyhow::Result<u8> {
    // All names are right, or nothing is done.
    for slug in slugs {
        super::section(config, slug)?;
    }
    let store = super::open(config).await?;
    super::sync(config, &store, clock).await?;
    for slug in slugs {
        if !store.pause(slug, paused, until).await? {
            bail!("section {slug:?} is not stored; look at it first: `bantin once {slug}`");
        }
        if as_json {
            continue;
        }
        let zone = config.sections.get(slug).map_or(config.timezone, |section| section.timezone);
        match until {
            Some(until) => say!("{slug}: paused until {} ({zone})", output::moment(until, zone)),
            None if paused => say!("{slug}: paused; `bantin resume` goes on"),
            None => say!("{slug}: looked at again"),
        }
    }
    if as_json {
        output::json(&json!({ "sections": slugs, "paused": paused, "until": until.map(output::rfc3339) }));
    }
    Ok(DONE)
}
