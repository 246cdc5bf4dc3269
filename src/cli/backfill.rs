//! `bantin backfill SECTION`: walks the older pages of a section and records what they list. Nobody is pushed to,
//! unless told; a walk that was cut off goes on where it stopped.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use secrecy::ExposeSecret as _;

use chrono::NaiveDate;
use serde_json::json;

use super::output::{self, note, over, say};
use super::{DONE, IN_PART};
use crate::app::App;
use crate::app::backfill::{Walked, Wanted};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::DaemonLock;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin backfill tin-tuc --pages 20\n  \
    bantin backfill tin-tuc --since 2026-01-01\n\nThe next walk goes on where this one ends; --anew begins again.")]
pub(super) struct Args {
    /// The section's slug.
    section: String,
    /// Most pages of this walk.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pages: u16,
    /// No articles from before this day (2026-01-31).
    #[arg(long, value_name = "DATE")]
    since: Option<NaiveDate>,
    /// Push what is found, as if it were new.
    #[arg(long)]
    push: bool,
    /// Begin at the first page again.
    #[arg(long)]
    anew: bool,
    /// Print what was done as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let section = super::section(&config, &args.section)?.clone();
    // Beside a daemon, the daemon brings the feeds up to date; alone, this command does.
    let lock = DaemonLock::take(config.database.expose_secret()).ok();
    let app = App::build(config, clock).await?;
    let alone = lock.filter(|_| !app.store.is_shared());
    let wanted = Wanted { pages: args.pages.into(), since: args.since, push: args.push, anew: args.anew };
    let shown = Progress::new(usize::from(args.pages));
    let walked = app.backfill(&section, &wanted, |walked| shown.tell(walked)).await?;
    shown.end();
    if alone.is_some() {
        app.refresh_feeds().await?;
    }
    if args.json {
        output::json(&serde_json::to_value(&walked)?);
    } else {
        say!("{}", summary(&section.slug, &walked, args.push));
        for why in &walked.failed {
            note!("{why}");
        }
    }
    Ok(if walked.failed.is_empty() { DONE } else { IN_PART })
}

/// How far it is, on standard error: a bar with the time that is left on a terminal, one JSON object a page elsewhere.
struct Progress {
    of: usize,
    begun: Instant,
    bar: bool,
}

/// How long the bar is.
const BAR: usize = 20;

impl Progress {
    fn new(of: usize) -> Self {
        Self { of, begun: Instant::now(), bar: std::io::stderr().is_terminal() }
    }

    fn tell(&self, walked: &Walked) {
        if !self.bar {
            let page = json!({
                "page": walked.pages, "of": self.of, "in_all": walked.pages_in_all, "resumed": walked.resumed,
                "listed": walked.listed, "new": walked.new, "oldest": walked.oldest, "url": walked.url,
            });
            note!("{page}");
            return;
        }
        if walked.pages == 1 && walked.resumed {
            note!("going on where the last walk stopped");
        }
        over(format_args!("{}", self.line(walked, self.begun.elapsed())));
    }

    fn line(&self, walked: &Walked, taken: Duration) -> String {
        let done = walked.pages.clamp(1, self.of.max(1));
        let full = BAR * done / self.of.max(1);
        let left = taken / u32::try_from(done).unwrap_or(1) * u32::try_from(self.of.saturating_sub(done)).unwrap_or(0);
        let back = walked.oldest.as_ref().map(|day| format!(", back to {day}")).unwrap_or_default();
        format!(
            "[{}{}] page {done} of {}, {} new{back}, at most {} left   ",
            "#".repeat(full),
            " ".repeat(BAR - full),
            self.of,
            walked.new,
            crate::schedule::duration_in_words(Duration::from_secs(left.as_secs())),
        )
    }

    fn end(&self) {
        if self.bar {
            note!("");
        }
    }
}

fn summary(slug: &str, walked: &Walked, push: bool) -> String {
    let pages = output::counted(walked.pages, "page", "pages");
    let new = output::counted(walked.new, "article", "articles");
    let pushed = if push { "they go out as new ones do" } else { "nothing is pushed" };
    let mut out = format!("{slug}: {pages}, {new} recorded ({pushed}); {}", walked.ended);
    if walked.next.is_some() {
        out.push_str("; the next `bantin backfill` goes on from there");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_tells_how_far_it_is() {
        let walked = Walked { pages: 3, new: 27, oldest: Some("2026-01-31".into()), ..Walked::default() };
        let shown = Progress { of: 10, begun: Instant::now(), bar: true };
        assert_eq!(
            shown.line(&walked, Duration::from_secs(6)).trim_end(),
            "[######              ] page 3 of 10, 27 new, back to 2026-01-31, at most 14 seconds left"
        );
    }
}
