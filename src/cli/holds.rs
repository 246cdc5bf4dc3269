//! `bantin holds`: suspicious runs that wait for a decision.

use std::sync::Arc;

use anyhow::bail;
use serde_json::json;

use super::output::say;
use super::{DONE, output};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::{Decision, Settled};

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin holds list\n  bantin holds approve 1874563829475")]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The runs that wait, with up to three titles each.
    #[command(after_help = "Example:\n  bantin holds list --json")]
    List,
    /// Let the articles of a held run out.
    #[command(after_help = "Example:\n  bantin holds approve 1882628718170800935")]
    Approve {
        /// Its number, as `list` shows it.
        id: i64,
    },
    /// Send the articles of a held run as one digest instead of single messages.
    #[command(after_help = "Example:\n  bantin holds digest 1882628718170800935")]
    Digest {
        /// Its number, as `list` shows it.
        id: i64,
    },
    /// Mark the articles of a held run as seen: feeds show them, nothing is pushed.
    #[command(after_help = "Example:\n  bantin holds seen 1882628718170800935")]
    Seen {
        /// Its number, as `list` shows it.
        id: i64,
    },
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let store = super::open(&config).await?;
    let (id, decision) = match args.action {
        Action::List => {
            let holds = store.holds().await?;
            if args.json {
                let list = holds.iter().map(|h| {
                    json!({ "id": h.id.to_string(), "section": h.section, "since": output::rfc3339(h.created_at),
                            "kind": h.kind.word(), "reason": h.reason, "articles": h.count, "samples": h.samples })
                });
                output::json(&list.collect());
            } else {
                let row = |h: &crate::store::Hold| {
                    vec![
                        h.id.to_string(),
                        h.section.clone(),
                        output::moment(h.created_at, config.timezone),
                        h.kind.word().to_owned(),
                        h.count.to_string(),
                        h.reason.clone(),
                        h.samples.join(" · "),
                    ]
                };
                let rows: Vec<_> = holds.iter().map(row).collect();
                output::table(
                    &["ID", "SECTION", "SINCE", "KIND", "ARTICLES", "REASON", "SAMPLES"],
                    &rows,
                    "nothing is held",
                );
            }
            return Ok(DONE);
        }
        Action::Approve { id } => (id, Decision::Approve),
        Action::Digest { id } => (id, Decision::Digest),
        Action::Seen { id } => (id, Decision::Seen),
    };
    let count = match store.settle_hold(id, decision, clock.now_ms()).await? {
        Settled::Done(count) => count,
        Settled::Unknown => bail!("there is no open hold {id}; `bantin holds list` shows them"),
        Settled::NoDigest => {
            bail!("what hold {id} keeps back cannot be put into a digest; approve it, or mark it as seen")
        }
    };
    let articles = output::counted(count, "article", "articles");
    if args.json {
        let (out, digest) = (decision == Decision::Approve, decision == Decision::Digest);
        output::json(&json!({ "id": id.to_string(), "articles": count, "let_out": out, "digest": digest }));
    } else if count == 0 {
        let what = match decision {
            Decision::Approve => "approved; what is fresh of it is pushed",
            Decision::Digest | Decision::Seen => "marked as seen",
        };
        say!("{what}: a list that was kept out is taken in at the next look");
    } else {
        match decision {
            Decision::Approve => say!("let out {articles}"),
            Decision::Digest => say!("{articles} go out as one digest"),
            Decision::Seen => say!("marked {articles} as seen"),
        }
    }
    Ok(DONE)
}
