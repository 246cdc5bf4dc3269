//! `bantin explain`: a section (what was kept, dropped, and by which rule), an article (where each field came from,
//! and what became of it), or the code of a message.

use std::path::Path;

use anyhow::bail;

use super::{DONE, load, output};
use crate::clock::Clock;
use crate::{config, health};

mod article;
mod code;
mod section;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  bantin explain tin-tuc\n  bantin explain https://www.example.vn/tin-tuc/bai-1.html\n  \
        bantin explain E103"
)]
pub(super) struct Args {
    /// A section's slug; an article's number, tag: id or address; or a code, like E103 or H507.
    thing: String,
    /// A section: show what is stored, without looking at its source.
    #[arg(long)]
    offline: bool,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) async fn run(file: &Path, args: Args, clock: Clock) -> anyhow::Result<u8> {
    // A code is explained without a configuration: that may be what is wrong.
    if let Some(explained) = code::explain(&args.thing) {
        if args.json {
            output::json(&explained.json());
        } else {
            output::say!("{}", explained.text().trim_end());
        }
        return Ok(DONE);
    }
    if code::looks_like_one(&args.thing) {
        let known =
            config::Code::ALL.iter().map(|code| code.text()).chain(health::Code::ALL.iter().map(|code| code.text()));
        let meant = config::suggest::nearest(&args.thing.to_uppercase(), known);
        let meant = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
        bail!("there is no code {}{meant}", args.thing);
    }
    let config = load(file, args.json)?;
    if let Some(section) = config.sections.get(&args.thing).cloned() {
        return section::run(config, section, args.offline, args.json, clock).await;
    }
    let store = super::open(&config).await?;
    if store.find_article(&args.thing).await?.is_some() {
        return article::run(&config, &store, &args.thing, args.json).await;
    }
    // Neither: most likely a slug that is spelt wrongly.
    if args.thing.contains([':', '/']) || args.thing.parse::<i64>().is_ok() {
        super::article(&store, &args.thing).await?;
    }
    super::section(&config, &args.thing)?;
    Ok(DONE)
}
