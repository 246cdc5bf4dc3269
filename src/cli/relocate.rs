//! `bantin move`: everything from the configured database into another, of the other engine, and nothing is lost or sent
//! twice: bantin is stopped meanwhile, and goes on exactly where it stopped.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::output::{self, note, say};
use super::{DONE, backup::note_of};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::{Store, backup, lock_sqlite};

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin move --to postgres://bantin@db.example.vn/bantin\n  \
    bantin move --to-file secrets/database\n\nStop bantin first, and write the new address into config.toml after it. \
    The old database stays as it is; do not run bantin on both.")]
pub(super) struct Args {
    /// The new database: `postgres://USER:PASSWORD@HOST/NAME`, empty; or `sqlite:PATH`, not there yet.
    #[arg(long, value_name = "URL", required_unless_present = "to_file", conflicts_with = "to_file")]
    to: Option<String>,
    /// A file that holds its address, so that no password stands on the command line.
    #[arg(long, value_name = "FILE")]
    to_file: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let from = config.database.expose_secret();
    let to = match (args.to, &args.to_file) {
        (Some(to), _) => to,
        (None, Some(file)) => std::fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))?
            .trim()
            .to_owned(),
        (None, None) => bail!("give --to or --to-file"),
    };
    let rows = match (from.strip_prefix("sqlite:"), to.strip_prefix("sqlite:")) {
        (Some(_), Some(_)) => {
            return Err(super::WrongUsage(
                "both are SQLite files: stop bantin and move the file, or use `bantin backup`".to_owned(),
            )
            .into());
        }
        (None, None) => {
            return Err(super::WrongUsage("both are PostgreSQL servers: use pg_dump and psql".to_owned()).into());
        }
        (Some(file), None) => to_server(Path::new(file), &to).await?,
        (None, Some(file)) => to_file(&config, Path::new(file), &clock).await?,
    };
    if args.json {
        output::json(&json!({ "rows": rows.iter().map(|(_, count)| count).sum::<u64>(),
            "tables": rows.iter().cloned().collect::<std::collections::BTreeMap<_, _>>() }));
    } else {
        let count: u64 = rows.iter().map(|(_, count)| count).sum();
        say!("moved {count} rows of {} tables; every table was counted on both sides", rows.len());
        say!("now write the new address into [database] url (or url_file) of {}", config.file.display());
        note!("note: the old database is as it was; running bantin on both would send twice");
    }
    Ok(DONE)
}

async fn to_server(file: &Path, to: &str) -> anyhow::Result<Vec<(String, u64)>> {
    if !file.exists() {
        bail!("{} is not there, so there is nothing to move", file.display());
    }
    let _lock = lock_sqlite(file)?;
    let source = Store::open(&format!("sqlite:{}", file.display())).await?;
    let target = Store::open(to).await?;
    let others = target.others_connected().await?;
    if others > 0 {
        bail!("{others} connections of bantin are open on {}; stop every instance first", target.place());
    }
    if !target.is_empty().await? {
        bail!("{} holds something already; give an empty database", target.place());
    }
    let copied = source.copy_to(&target, |table, rows| tracing::debug!(table, rows, "copied")).await?;
    let there = target.row_counts().await?;
    if let Some((table, count)) = copied.iter().find(|pair| !there.contains(pair)) {
        bail!(
            "{table} has not the {count} rows on the other side that were read; give an empty database and try again"
        );
    }
    source.close().await;
    target.close().await;
    Ok(copied)
}

async fn to_file(config: &Config, file: &Path, clock: &Clock) -> anyhow::Result<Vec<(String, u64)>> {
    if file.exists() {
        bail!("{} is there already; name a new file", file.display());
    }
    let source = super::open(config).await?;
    let others = source.others_connected().await?;
    if others > 0 {
        bail!("{others} connections of bantin are open on {}; stop every instance first", source.place());
    }
    backup(config.database.expose_secret(), file, &note_of(config, clock)).await?;
    let target = Store::open_copy(file).await?;
    let there = target.row_counts().await?;
    let names: Vec<&str> = there.iter().map(|(name, _)| name.as_str()).collect();
    let read = source.row_counts_of(&names).await?;
    if let Some((table, count)) = read.iter().find(|pair| !there.contains(pair)) {
        bail!(
            "{table} has not the {count} rows on the other side that were read; remove {} and try again",
            file.display()
        );
    }
    target.close().await;
    Ok(there)
}
