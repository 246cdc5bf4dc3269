//! `bantin subscribers import`: a list is read whole before anything is written, so that a mistake in it leaves nothing
//! half done; then it is taken in by chunks, each whole, beside a running daemon. Doing it again does nothing twice.

use std::fs::File;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::json;

use super::super::output::{self, note, say};
use super::super::{DONE, FAILED, IN_PART};
use crate::clock::Clock;
use crate::config::{Config, Language};
use crate::store::{Imported, Newcomer, Store};
use crate::subscriber::roster::{self, Bad, Roster, Rules};

/// Rows of one transaction.
const CHUNK: usize = 2_000;
/// Rows that are sorted by address before they are written: neighbours in the list are then neighbours in the indexes,
/// where each row in turn would touch a page of its own.
const SORTED: usize = 50 * CHUNK;
/// Rows that are wrong and told one by one.
const TOLD: usize = 50;
/// Between two lines of progress.
const PROGRESS: Duration = Duration::from_millis(500);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The list: CSV in UTF-8, its first line naming columns (`address`, `sections`, `cadence`, `language`,
    /// `consent_at`, `consent_source`, `state`).
    file: PathBuf,
    /// Slug of a section for rows that name none; may be repeated.
    #[arg(long = "section")]
    sections: Vec<String>,
    /// How often, for rows that do not say it: now, daily or weekly.
    #[arg(long, default_value = "daily", value_parser = ["now", "daily", "weekly"])]
    cadence: String,
    /// Language of the mails, for rows that do not say it; the general one without it.
    #[arg(long, value_parser = ["vi", "en"])]
    language: Option<String>,
    /// When consent was given, for rows that do not say it.
    #[arg(long, value_name = "DATE")]
    consent_date: Option<String>,
    /// Where and to what it was given, for rows that do not say it.
    #[arg(long, value_name = "TEXT")]
    consent_source: Option<String>,
    /// Take in the rows that are right, although others are wrong; exit code 3.
    #[arg(long)]
    skip_bad: bool,
    /// Look at the list only; write nothing.
    #[arg(long)]
    dry_run: bool,
}

/// What a list was found to hold.
#[derive(Default)]
struct Read {
    rows: u64,
    bad: u64,
    unconfirmed: u64,
    told: Vec<Bad>,
}

pub(super) async fn run(
    config: &Config,
    store: &Store,
    args: Args,
    as_json: bool,
    clock: &Clock,
) -> anyhow::Result<u8> {
    for slug in &args.sections {
        super::super::section(config, slug)?;
    }
    super::super::sync(config, store, clock).await?;
    let ids = store.section_ids().await?;
    let sections: Vec<_> = config.sections.keys().filter_map(|slug| Some((slug.clone(), *ids.get(slug)?))).collect();
    let consent_at = args.consent_date.as_deref().map(|text| {
        roster::moment(text, config.timezone)
            .with_context(|| format!("--consent-date {text:?} is no date; write it like 2026-01-31"))
    });
    let rules = Rules {
        follow: sections.iter().filter(|(slug, _)| args.sections.contains(slug)).map(|(_, id)| *id).collect(),
        sections: &sections,
        cadence: roster::cadence(&args.cadence).unwrap_or("daily"),
        language: args.language.as_deref().and_then(Language::from_tag).unwrap_or(config.language),
        consent_at: consent_at.transpose()?,
        consent_source: args.consent_source,
        zone: config.timezone,
        now: clock.now(),
    };
    let read = read(&args.file, &rules)?;
    if !as_json {
        tell(&args.file, &read);
    }
    let refused = read.bad > 0 && !args.skip_bad;
    let done =
        if refused || args.dry_run { Imported::default() } else { write(store, &args.file, &rules, clock).await? };
    if as_json {
        output::json(&answer(&read, &done, refused, args.dry_run));
    } else if refused {
        note!("nothing was imported; mend these rows, or give --skip-bad to leave them out");
    } else if args.dry_run {
        let rows = output::counted(read.rows as usize, "row is", "rows are");
        say!("{rows} right; nothing was written");
    } else {
        say!("{}", summary(&read, &done));
        if config.email.is_none() {
            note!("note: e-mail is off until [email] is configured, so nothing is sent yet");
        }
    }
    Ok(match read.bad {
        0 => DONE,
        _ if refused => FAILED,
        _ => IN_PART,
    })
}

fn open(file: &Path) -> anyhow::Result<Roster<File>> {
    let opened = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    match Roster::open(opened) {
        Ok(roster) => Ok(roster),
        Err(why) => bail!("{}: {why}", file.display()),
    }
}

/// Reads the whole list, without keeping it.
fn read(file: &Path, rules: &Rules<'_>) -> anyhow::Result<Read> {
    let mut roster = open(file)?;
    let mut read = Read::default();
    while let Some(row) = roster.next(rules) {
        match row {
            Ok(_) => read.rows += 1,
            Err(bad) => {
                read.bad += 1;
                if read.told.len() < TOLD {
                    read.told.push(bad);
                }
            }
        }
    }
    read.unconfirmed = roster.unconfirmed();
    Ok(read)
}

fn tell(file: &Path, read: &Read) {
    for bad in &read.told {
        note!("{}:{}: {}", file.display(), bad.line, bad.why);
    }
    let more = read.bad.saturating_sub(read.told.len() as u64);
    if more > 0 {
        note!("… and {more} more");
    }
    if read.bad > 0 {
        let bad = output::counted(read.bad as usize, "row is", "rows are");
        note!("{bad} wrong, {} right", read.rows);
    }
}

async fn write(store: &Store, file: &Path, rules: &Rules<'_>, clock: &Clock) -> anyhow::Result<Imported> {
    let mut roster = open(file)?;
    let size = std::fs::metadata(file).map_or(0, |data| data.len());
    let mut progress = Progress::new(size);
    let eraser = store.eraser().await?;
    let mut done = Imported::default();
    loop {
        let mut rows: Vec<Newcomer> = Vec::new();
        while rows.len() < SORTED {
            match roster.next(rules) {
                Some(Ok(row)) => rows.push(row),
                Some(Err(_)) => {}
                None => break,
            }
        }
        if rows.is_empty() {
            return Ok(done);
        }
        rows.sort_by(|one, other| one.email.cmp(&other.email));
        let (from, to) = (progress.at, roster.position());
        let chunks = rows.len().div_ceil(CHUNK) as u64;
        for (number, chunk) in (1..).zip(rows.chunks(CHUNK)) {
            let began = Instant::now();
            done += store.import(&eraser, chunk, clock.now_ms()).await?;
            progress.tell(from + (to - from) * number / chunks);
            // A daemon that works on the same SQLite file has its turn.
            if !store.is_shared() {
                tokio::time::sleep(began.elapsed() / 10).await;
            }
        }
    }
}

/// One line on a terminal, which is written over.
struct Progress {
    size: u64,
    at: u64,
    began: Instant,
    told: Option<Instant>,
}

impl Progress {
    fn new(size: u64) -> Self {
        Self { size, at: 0, began: Instant::now(), told: std::io::stderr().is_terminal().then(Instant::now) }
    }

    fn tell(&mut self, at: u64) {
        self.at = at;
        let Some(told) = self.told.as_mut().filter(|told| told.elapsed() >= PROGRESS || at >= self.size) else {
            return;
        };
        *told = Instant::now();
        let percent = (100 * at).checked_div(self.size).unwrap_or(100).min(100);
        let left = self.began.elapsed() * (100 - percent) as u32 / percent.max(1) as u32;
        let end = if at >= self.size { "\n" } else { "" };
        output::over(format_args!("{percent:3} %, {} s left {end}", left.as_secs()));
    }
}

fn summary(read: &Read, done: &Imported) -> String {
    let mut parts = vec![output::counted(done.added as usize, "subscriber added", "subscribers added")];
    for (count, words) in [
        (done.known, "known already"),
        (done.suppressed, "left or bounced before and stay so"),
        (done.erased, "erased before and stay so"),
        (read.unconfirmed, "never confirmed and left out"),
        (read.bad, "wrong and left out"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    }
    parts.join("; ")
}

fn answer(read: &Read, done: &Imported, refused: bool, dry: bool) -> serde_json::Value {
    let mut answer = json!({ "rows": read.rows, "bad": read.bad, "unconfirmed": read.unconfirmed, "written": !refused && !dry,
        "added": done.added, "known": done.known, "suppressed": done.suppressed, "erased": done.erased,
        "errors": read.told.iter().map(|bad| json!({ "line": bad.line, "message": bad.why })).collect::<Vec<_>>() });
    if refused {
        let message =
            format!("{} wrong, so nothing was imported", output::counted(read.bad as usize, "row is", "rows are"));
        answer["error"] = json!({ "message": message, "causes": [] });
    }
    answer
}
