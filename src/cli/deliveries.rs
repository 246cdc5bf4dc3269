//! `bantin deliveries`: what was sent, what waits, what failed, and each one's story.

use std::sync::Arc;

use anyhow::bail;
use serde_json::{Value, json};

use super::output::say;
use super::{DONE, output};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::Delivery;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin deliveries list --state dead\n  bantin deliveries retry 1874563829475")]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The newest deliveries.
    #[command(after_help = "Example:\n  bantin deliveries list --state dead --json")]
    List {
        /// Only of this state.
        #[arg(long, value_parser = ["pending", "sending", "retry", "uncertain", "sent", "dead", "dropped"])]
        state: Option<String>,
        /// How many.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
    },
    /// One delivery with every attempt.
    #[command(after_help = "Example:\n  bantin deliveries show 1882628718170800935")]
    Show {
        /// Its number, as `list` shows it.
        id: i64,
    },
    /// Try a dead or uncertain delivery once more, now.
    #[command(after_help = "Example:\n  bantin deliveries retry 1882628718170800935\n  bantin deliveries retry --all")]
    Retry {
        /// Its number, as `list` shows it.
        #[arg(required_unless_present = "all")]
        id: Option<i64>,
        /// All that are dead, uncertain or wait for another try.
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
    /// Give up a delivery that is open, dead or uncertain.
    #[command(after_help = "Example:\n  bantin deliveries drop 1882628718170800935")]
    Drop {
        /// Its number, as `list` shows it.
        id: i64,
    },
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let store = super::open(&config).await?;
    let unknown = |id: i64| anyhow::anyhow!("there is no such delivery {id}; `bantin deliveries list` shows them");
    match args.action {
        Action::List { state, limit } => {
            let rows = store.deliveries(state.as_deref(), limit).await?;
            if args.json {
                output::json(&rows.iter().map(as_json).collect());
            } else {
                let zone = config.timezone;
                let row = |d: &Delivery| {
                    vec![
                        d.id.to_string(),
                        output::moment(d.created_at, zone),
                        d.channel.clone(),
                        target(d),
                        d.kind.clone(),
                        d.state.clone(),
                        d.attempts.to_string(),
                        d.reason.clone(),
                    ]
                };
                let rows: Vec<_> = rows.iter().map(row).collect();
                let headers = ["ID", "MADE", "CHANNEL", "TARGET", "KIND", "STATE", "ATTEMPTS", "REASON"];
                output::table(&headers, &rows, "no deliveries");
            }
        }
        Action::Show { id } => {
            let Some(detail) = store.delivery(id).await? else { bail!(unknown(id)) };
            let mut value = as_json(&detail.delivery);
            value["title"] = json!(detail.title);
            value["story"] = detail
                .attempts
                .iter()
                .map(|(at, outcome, text)| json!({ "at": output::rfc3339(*at), "outcome": outcome, "detail": text }))
                .collect();
            if args.json {
                output::json(&value);
            } else {
                let d = &detail.delivery;
                say!("{} {} to {}: {}", d.channel, d.kind, target(d), d.state);
                say!(
                    "  made {}, due {}",
                    output::moment(d.created_at, config.timezone),
                    output::moment(d.due_at, config.timezone)
                );
                if let Some(title) = &detail.title {
                    say!("  article: {title}");
                }
                for (at, outcome, text) in &detail.attempts {
                    say!("  {}  {outcome}  {text}", output::moment(*at, config.timezone));
                }
            }
        }
        Action::Retry { id: Some(id), .. } => {
            if !store.retry_delivery(id, clock.now_ms()).await? {
                let Some(detail) = store.delivery(id).await? else { bail!(unknown(id)) };
                bail!("delivery {id} is {}: there is nothing to try again", detail.delivery.state);
            }
            settled(args.json, 1, &format!("{id}: goes once more"));
        }
        Action::Retry { id: None, .. } => {
            let count = store.retry_deliveries(clock.now_ms()).await?;
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            let text = format!("{} once more", output::counted(count, "delivery goes", "deliveries go"));
            settled(args.json, count, &text);
        }
        Action::Drop { id } => {
            if !store.drop_delivery(id, clock.now_ms()).await? {
                let Some(detail) = store.delivery(id).await? else { bail!(unknown(id)) };
                bail!("delivery {id} is {}: it cannot be dropped any more", detail.delivery.state);
            }
            settled(args.json, 1, &format!("{id}: dropped"));
        }
    }
    Ok(DONE)
}

/// What a change did.
fn settled(as_json: bool, count: usize, text: &str) {
    if as_json {
        output::json(&json!({ "deliveries": count }));
    } else {
        say!("{text}");
    }
}

/// A chat by its name, a reader by number only.
pub(super) fn target(d: &Delivery) -> String {
    if d.channel == "email" { format!("reader {}", d.target_id) } else { d.address.clone() }
}

fn as_json(d: &Delivery) -> Value {
    json!({
        "id": d.id.to_string(), "channel": d.channel, "target": target(d), "kind": d.kind, "state": d.state,
        "article": d.article_id.map(|id| id.to_string()), "attempts": d.attempts, "reason": d.reason,
        "made": output::rfc3339(d.created_at), "due": output::rfc3339(d.due_at),
    })
}
