//! `bantin schema`: the JSON Schema of `config.toml`, for editors.

use super::{DONE, output};
use crate::config;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  bantin schema > config.schema.json\n\nwith `#:schema ./config.schema.json` as the \
    first line of config.toml editors complete and check it as you type."
)]
pub(super) struct Args {}

pub(super) fn run() -> u8 {
    output::json(&config::schema());
    DONE
}
