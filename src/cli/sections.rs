//! `bantin sections list`: the configured sections.

use serde_json::json;

use super::{DONE, output};
use crate::clock::Clock;
use crate::config::Config;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin sections list --json")]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The sections in the file's order, with their next look.
    #[command(after_help = "Example:\n  bantin sections list --json")]
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Args {
    pub(super) fn json(&self) -> bool {
        let Action::List { json } = self.action;
        json
    }
}

pub(super) fn run(config: &Config, args: &Args, clock: &Clock) -> u8 {
    let now = clock.now();
    let sections = config.sections.values().map(|s| {
        let next = s.schedule.next(now, s.timezone).at;
        (s, next.with_timezone(&s.timezone))
    });
    if args.json() {
        let list = sections.map(|(s, next)| {
            json!({ "slug": s.slug, "name": s.name, "language": s.language.code(), "url": s.url.as_str(),
                    "schedule": s.schedule.source(), "next_look": next.to_rfc3339(),
                    "feed": format!("{}feeds/{}.rss", config.base_url, s.slug) })
        });
        output::json(&list.collect());
    } else {
        let rows: Vec<_> = sections
            .map(|(s, next)| {
                vec![
                    s.slug.clone(),
                    s.name.clone(),
                    s.language.code().into(),
                    s.schedule.text().to_owned(),
                    next.format("%a %H:%M:%S").to_string(),
                    s.url.to_string(),
                ]
            })
            .collect();
        output::table(&["SLUG", "NAME", "LANG", "LOOKS", "NEXT", "SOURCE"], &rows, "no section is configured");
    }
    DONE
}
