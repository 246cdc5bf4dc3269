//! `bantin restore`: a copy made by `bantin backup` becomes the database, on either engine. What may have been sent since
//! the copy was made is not sent again by itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::DONE;
use super::output::{self, note, say};
use crate::clock::{Clock, from_ms};
use crate::config::Config;
use crate::feed::files::{self, MANIFEST, Manifest};
use crate::outbox;
use crate::store::{CopyNote, Quieted, Store, aside, check_copy, lock_sqlite};

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin restore /var/backups/bantin/bantin-0.1.0-20260301T020000Z.db --replace\n\n\
    Stop bantin first. What was queued in the copy may have been sent since: it waits as `uncertain` for `bantin \
    deliveries retry`. What the site published since is recorded by the next look and held, one hold a section.")]
pub(super) struct Args {
    /// The copy.
    file: PathBuf,
    /// Replace a database that is there. A SQLite file is kept beside the new one.
    #[arg(long)]
    replace: bool,
    /// The copy was made of a stopped bantin, and nothing was sent since: go on exactly where it stopped.
    #[arg(long)]
    as_it_was: bool,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// What was done.
struct Done {
    quieted: Option<Quieted>,
    aside: Option<PathBuf>,
    erased: u64,
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let copy = check_copy(&args.file).await?;
    let done = match config.database.expose_secret().strip_prefix("sqlite:") {
        Some(path) => into_file(&config, &args, copy.as_ref(), Path::new(path), &clock).await?,
        None => into_server(&config, &args, copy.as_ref(), &clock).await?,
    };
    keep_gone(&config, copy.as_ref())?;
    if args.json {
        output::json(
            &json!({ "restored": args.file.display().to_string(), "made_at": copy.as_ref().map(|c| output::rfc3339(c.made_at)),
            "quieted": done.quieted, "erased_again": done.erased,
            "replaced": done.aside.as_ref().map(|path| path.display().to_string()) }),
        );
        return Ok(DONE);
    }
    let made =
        copy.map(|copy| format!(" (made {})", output::moment(copy.made_at, config.timezone))).unwrap_or_default();
    say!("restored {}{made}", args.file.display());
    if let Some(aside) = &done.aside {
        say!("the database that was there is kept as {}", aside.display());
    }
    if let Some(Quieted { deliveries, subscriptions, held }) = done.quieted {
        if deliveries > 0 {
            say!("{deliveries} queued messages may have been sent since: `bantin deliveries list --state uncertain`");
        }
        if held > 0 {
            say!("{held} articles that waited are held: `bantin holds list`");
        }
        if subscriptions > 0 {
            say!("{subscriptions} subscriptions begin at the newest article of the copy");
        }
        say!("the next look at each section records what is there and pushes nothing old");
    }
    if done.erased > 0 {
        say!("{} readers who were erased since were erased again", done.erased);
    }
    Ok(DONE)
}

async fn into_file(
    config: &Config,
    args: &Args,
    copy: Option<&CopyNote>,
    file: &Path,
    clock: &Clock,
) -> anyhow::Result<Done> {
    if file.exists() && !args.replace {
        bail!("{} is there already; --replace puts the copy in its place and keeps it beside", file.display());
    }
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let _lock = lock_sqlite(file)?;
    let erased = if file.exists() {
        // A database that cannot be read any more is what a restore is for.
        Store::erased_of(&format!("sqlite:{}", file.display())).await.unwrap_or_default()
    } else {
        None
    };
    let scratch = file.with_extension(format!("restoring-{}", std::process::id()));
    let made = prepare(config, args, copy, &scratch, erased, clock).await;
    let (quieted, erased) = match made {
        Ok(made) => made,
        Err(error) => {
            for end in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{end}", scratch.display())); // half of it helps nobody
            }
            return Err(error);
        }
    };
    let kept = aside(file, &clock.now().format("%Y%m%dT%H%M%SZ").to_string())
        .with_context(|| format!("{} could not be put aside", file.display()))?;
    std::fs::rename(&scratch, file).with_context(|| format!("{} could not be put in place", file.display()))?;
    Ok(Done { quieted, aside: kept, erased })
}

async fn into_server(config: &Config, args: &Args, copy: Option<&CopyNote>, clock: &Clock) -> anyhow::Result<Done> {
    let target = super::open(config).await?;
    let others = target.others_connected().await?;
    if others > 0 {
        bail!("{others} connections of bantin are open on {}; stop every instance first", target.place());
    }
    if !target.is_empty().await? && !args.replace {
        bail!(
            "{} holds something already; --replace puts the copy in its place (no copy of it is kept)",
            target.place()
        );
    }
    let erased = target.erased_here().await?;
    let scratch = std::env::temp_dir().join(format!("bantin-restoring-{}.db", std::process::id()));
    let outcome = async {
        let (quieted, erased) = prepare(config, args, copy, &scratch, erased, clock).await?;
        let from = Store::open_copy(&scratch).await?;
        from.copy_to(&target, |table, rows| tracing::debug!(table, rows, "copied")).await?;
        from.close().await;
        Ok(Done { quieted, aside: None, erased })
    }
    .await;
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", scratch.display())); // it was only in between
    }
    outcome
}

/// Makes `scratch` the database that is to be: the copy, in the present schema, without what must not happen again.
async fn prepare(
    config: &Config,
    args: &Args,
    copy: Option<&CopyNote>,
    scratch: &Path,
    erased: Option<(String, Vec<String>)>,
    clock: &Clock,
) -> anyhow::Result<(Option<Quieted>, u64)> {
    std::fs::copy(&args.file, scratch).with_context(|| format!("{} cannot be copied", args.file.display()))?;
    let store = Store::open_copy(scratch).await?;
    let again = match erased {
        Some((salt, hashes)) => store.erase_again(&salt, &hashes).await?,
        None => 0,
    };
    let quieted = if args.as_it_was {
        None
    } else {
        let made_at = match copy {
            Some(copy) => copy.made_at,
            None => store.last_seen().await?.unwrap_or_default(),
        };
        let times = store.reader_times().await?;
        let passed = outbox::passed(config, &times, from_ms(made_at), clock.now());
        let revision = files::manifest(&config.feeds.directory).map_or(0, |manifest| manifest.revision);
        Some(store.quieten(&passed, revision, clock.now_ms()).await?)
    };
    store.close().await;
    Ok((quieted, again))
}

/// Addresses of removed sections go on answering 410, also in a folder of feeds that was lost.
fn keep_gone(config: &Config, copy: Option<&CopyNote>) -> anyhow::Result<()> {
    let folder = &config.feeds.directory;
    let Some(copy) = copy.filter(|copy| !copy.gone.is_empty()) else { return Ok(()) };
    if files::manifest(folder).is_some() {
        return Ok(());
    }
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let gone = copy.gone.iter().cloned().collect();
    let manifest = serde_json::to_vec_pretty(&Manifest { gone, ..Manifest::default() })?;
    let file = folder.join(MANIFEST);
    if let Err(error) = std::fs::write(&file, manifest) {
        note!("note: {} could not be written ({error}), so removed sections answer 404 instead of 410", file.display());
    }
    Ok(())
}
