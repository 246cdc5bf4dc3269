//! `bantin backup`: a copy of the database as one file, made while the daemon works, on either engine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::output::{self, say};
use super::{DONE, output::note};
use crate::clock::Clock;
use crate::config::Config;
use crate::feed;
use crate::store::{CopyNote, backup};

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin backup /var/backups/bantin/\n  bantin backup before-the-move.db\n\n\
    The copy is whole or not there. It holds the readers' addresses and the key that signs links: keep it as you keep \
    the database. `bantin restore` reads it on either engine.")]
pub(super) struct Args {
    /// A new file; or a folder, where the copy is named by version and time.
    to: PathBuf,
    /// In a folder: keep this many copies and remove older ones.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    keep: Option<u16>,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let now = clock.now();
    let is_folder = args.to.is_dir() || args.to.as_os_str().to_string_lossy().ends_with('/');
    let file = if is_folder {
        std::fs::create_dir_all(&args.to).with_context(|| format!("{} cannot be made", args.to.display()))?;
        args.to.join(format!("bantin-{}-{}.db", env!("CARGO_PKG_VERSION"), now.format("%Y%m%dT%H%M%SZ")))
    } else {
        args.to.clone()
    };
    if file.exists() {
        bail!("{} is there already; a copy never replaces a file", file.display());
    }
    if args.keep.is_some() && !is_folder {
        return Err(super::WrongUsage("--keep is for a folder of copies".to_owned()).into());
    }
    backup(config.database.expose_secret(), &file, &note_of(&config, &clock)).await?;
    let size = std::fs::metadata(&file).map_or(0, |data| data.len());
    let removed = args.keep.map(|keep| prune(&args.to, keep.into())).unwrap_or_default();
    if args.json {
        output::json(&json!({ "file": file.display().to_string(), "bytes": size,
            "removed": removed.iter().map(|old| old.display().to_string()).collect::<Vec<_>>() }));
    } else {
        say!("{} ({})", file.display(), output::bytes(size));
        for old in &removed {
            note!("removed {}", old.display());
        }
    }
    Ok(DONE)
}

/// What a copy of this configuration's store says of itself.
pub(super) fn note_of(config: &Config, clock: &Clock) -> CopyNote {
    let manifest = feed::files::manifest(&config.feeds.directory).unwrap_or_default();
    CopyNote {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: clock.now_ms(),
        engine: if config.database.expose_secret().starts_with("sqlite:") { "sqlite" } else { "postgres" }.to_owned(),
        gone: manifest.gone.into_iter().collect(),
    }
}

/// Removes all but the newest copies of a folder; which.
fn prune(folder: &Path, keep: usize) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with("bantin-") && name.ends_with("Z.db")
    };
    let mut copies: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(ours).collect();
    // By the time in the name, which comes last.
    copies.sort_by_key(|path| {
        path.file_stem().unwrap_or_default().to_string_lossy().rsplit('-').next().unwrap_or_default().to_owned()
    });
    copies.truncate(copies.len().saturating_sub(keep));
    copies.retain(|path| std::fs::remove_file(path).is_ok());
    copies
}
