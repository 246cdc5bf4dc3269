//! `bantin config show`: what holds, with every default, and without secrets.

use std::path::Path;

use anyhow::Context as _;

use super::DONE;
use super::output::{self, say};
use crate::config::{self, effective};

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin config show\n  bantin config show --json | jq .section")]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The configuration in force: what is written, the environment, and every default; secrets are not shown.
    #[command(after_help = "Example:\n  bantin config show\n  bantin config show --json | jq .section")]
    Show {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Args {
    pub(super) fn json(&self) -> bool {
        let Action::Show { json } = self.action;
        json
    }
}

pub(super) fn run(file: &Path, args: &Args) -> anyhow::Result<u8> {
    super::load(file, args.json())?;
    let texts = config::texts(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let table = effective(&texts, &config::environment);
    if args.json() {
        output::json(&serde_json::to_value(&table)?);
    } else {
        say!("{}", toml::to_string_pretty(&table)?.trim_end());
    }
    Ok(DONE)
}
