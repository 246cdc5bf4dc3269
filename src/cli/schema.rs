//! `bantin schema`: the JSON Schema of `config.toml`, for editors, and that of what `check --json` prints, for programs.

use super::output::{self, say};
use super::{DONE, check};
use crate::config;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  bantin schema > config.schema.json\n  bantin schema check > check.schema.json\n\nwith \
    `#:schema ./config.schema.json` as the first line of config.toml editors complete and check it as you type."
)]
pub(super) struct Args {
    /// Of what.
    #[arg(value_parser = ["config", "check"], default_value = "config")]
    of: String,
}

pub(super) fn run(args: &Args) -> u8 {
    match args.of.as_str() {
        "check" => say!("{}", check::SCHEMA.trim_end()),
        _ => output::json(&config::schema()),
    }
    DONE
}
