//! `bantin deliveries`: what was sent, what waits, what failed, and each one's story.

use std::sync::Arc;

use anyhow::bail;
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::output::say;
use super::{DONE, output};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::{Attempt, Delivery, DeliveryDetail};

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
    /// Try dead or uncertain deliveries once more, now.
    #[command(
        after_help = "Example:\n  bantin deliveries retry 1882628718170800935\n  bantin deliveries retry --all\n  \
                      bantin deliveries retry --all --state uncertain"
    )]
    Retry {
        /// Their numbers, as `list` shows them.
        #[arg(required_unless_present = "all")]
        ids: Vec<i64>,
        /// All that are dead or wait for another try. What may have arrived already only with --state uncertain.
        #[arg(long, conflicts_with = "ids")]
        all: bool,
        /// With --all: only those of this state; uncertain: those that wait for your decision.
        #[arg(long, requires = "all", value_parser = ["dead", "retry", "uncertain"])]
        state: Option<String>,
    },
    /// Give up deliveries that are open, dead or uncertain.
    #[command(
        after_help = "Example:\n  bantin deliveries drop 1882628718170800935\n  bantin deliveries drop --all --state uncertain"
    )]
    Drop {
        /// Their numbers, as `list` shows them.
        #[arg(required_unless_present = "all")]
        ids: Vec<i64>,
        /// All of the state given.
        #[arg(long, conflicts_with = "ids", requires = "state")]
        all: bool,
        /// With --all: dead, or uncertain (those that wait for your decision).
        #[arg(long, requires = "all", value_parser = ["dead", "uncertain"])]
        state: Option<String>,
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
            if args.json {
                output::json(&whole(&detail));
            } else {
                tell(&detail, config.timezone);
            }
        }
        Action::Retry { ids, all, state } => {
            let (now, mut count) = (clock.now_ms(), 0);
            if all {
                count = store.retry_deliveries(state.as_deref(), now).await?;
            }
            for id in ids {
                if !store.retry_delivery(id, now).await? {
                    let Some(detail) = store.delivery(id).await? else { bail!(unknown(id)) };
                    bail!("delivery {id} is {}: there is nothing to try again", detail.delivery.state);
                }
                count += 1;
            }
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            let text = format!("{} once more", output::counted(count, "delivery goes", "deliveries go"));
            settled(args.json, count, &text);
        }
        Action::Drop { ids, all, state } => {
            let (now, mut count) = (clock.now_ms(), 0);
            if let Some(state) = state.filter(|_| all) {
                count = store.drop_deliveries(&state, now).await?;
            }
            for id in ids {
                if !store.drop_delivery(id, now).await? {
                    let Some(detail) = store.delivery(id).await? else { bail!(unknown(id)) };
                    bail!("delivery {id} is {}: it cannot be dropped any more", detail.delivery.state);
                }
                count += 1;
            }
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            settled(args.json, count, &format!("{} dropped", output::counted(count, "delivery", "deliveries")));
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
        "made": output::rfc3339(d.created_at), "due": output::rfc3339(d.due_at.max(d.created_at)), "urgent": d.urgent,
    })
}

/// The whole story for people.
fn tell(detail: &DeliveryDetail, zone: Tz) {
    let d = &detail.delivery;
    let moment = |ms: i64| output::moment(ms, zone);
    say!("{} {} to {}: {}", d.channel, d.kind, target(d), d.state);
    if let Some(section) = &detail.section {
        say!("  section  {section}");
    }
    if let Some(title) = &detail.title {
        say!("  article  {title}");
    }
    say!("  identity {} (the same on every try)", d.dedup);
    say!("  made     {}", moment(d.created_at));
    match (&detail.sender, d.state.as_str()) {
        (Some((instance, until)), _) => {
            say!("  sent by  instance {instance}, whose lease runs until {}", moment(*until));
        }
        (None, "pending" | "retry") => say!("  due      {}", moment(d.due_at.max(d.created_at))),
        _ => {}
    }
    if d.urgent {
        say!("  urgent   before the others, in quiet hours too");
    }
    if !d.reason.is_empty() {
        say!("  reason   {}", d.reason);
    }
    if !detail.receipt.is_empty() {
        say!("  answer   {}", detail.receipt);
    }
    if detail.asks {
        say!(
            "  it may have arrived: `bantin deliveries retry {0}` sends it again, `bantin deliveries drop {0}` does not",
            d.id
        );
    }
    say!("  {} counted attempts", d.attempts);
    for attempt in &detail.attempts {
        say!("  {}", line(attempt, zone));
    }
}

/// One entry of a story in a line: when, what, the words, and who.
pub(super) fn line(attempt: &Attempt, zone: Tz) -> String {
    let Attempt { at, outcome, detail, instance } = attempt;
    let who = match instance.as_str() {
        "" | "admin" => String::new(),
        instance => format!("  [instance {instance}]"),
    };
    format!("{}  {outcome}  {detail}{who}", output::moment(*at, zone))
}

/// The story for programs.
pub(super) fn story(attempts: &[Attempt]) -> Value {
    let entry = |a: &Attempt| json!({ "at": output::rfc3339(a.at), "outcome": a.outcome, "detail": a.detail, "who": a.instance });
    attempts.iter().map(entry).collect()
}

fn whole(detail: &DeliveryDetail) -> Value {
    let mut value = as_json(&detail.delivery);
    value["title"] = json!(detail.title);
    value["section"] = json!(detail.section);
    value["identity"] = json!(detail.delivery.dedup);
    value["answer"] = json!(detail.receipt);
    value["asks"] = json!(detail.asks);
    value["sender"] = json!(detail.sender.as_ref().map(|(instance, until)| json!({
        "instance": instance, "lease_until": output::rfc3339(*until),
    })));
    value["story"] = story(&detail.attempts);
    value
}
