//! `bantin subscribers`: the readers by e-mail.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde_json::json;

use super::output::{note, say};
use super::{DONE, output};
use crate::clock::Clock;
use crate::config::{Config, Language};
use crate::store::{ReaderTime, Store, Subscriber};

mod export;
mod import;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  bantin subscribers add doc-gia@example.vn --section tin-tuc --cadence daily --language vi"
)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The subscribers in the order in which they came.
    #[command(after_help = "Example:\n  bantin subscribers list --json")]
    List {
        /// How many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
    },
    /// Add a subscriber who has consented to you; confirmed at once.
    #[command(
        after_help = "Example:\n  bantin subscribers add doc-gia@example.vn --section tin-tuc --cadence daily --language vi"
    )]
    Add {
        /// The address.
        address: String,
        /// Slug of a section; may be repeated.
        #[arg(long = "section", required = true)]
        sections: Vec<String>,
        /// How often: now, daily or weekly.
        #[arg(long, default_value = "now", value_parser = ["now", "daily", "weekly"])]
        cadence: String,
        /// Language of the mails: vi or en.
        #[arg(long, default_value = "vi", value_parser = ["vi", "en"])]
        language: String,
        /// The hour of their digests, 0 to 23; as configured without it.
        #[arg(long, value_parser = clap::value_parser!(i64).range(0..=23))]
        hour: Option<i64>,
        /// The day of their weekly digests, 1 (Monday) to 7.
        #[arg(long, value_parser = clap::value_parser!(i64).range(1..=7))]
        day: Option<i64>,
        /// Their time zone (`Asia/Ho_Chi_Minh`); the general one without it.
        #[arg(long, value_parser = zone)]
        zone: Option<String>,
    },
    /// Remove a subscriber: nothing is sent any more, what is queued is dropped.
    #[command(after_help = "Example:\n  bantin subscribers remove doc-gia@example.vn")]
    Remove {
        /// The address.
        address: String,
    },
    /// Take in a list of people who have consented to you. Who left, bounced or was erased stays out; doing it again
    /// does nothing twice.
    #[command(after_help = "Example:\n  bantin subscribers import readers.csv\n  \
        bantin subscribers import old.csv --section tin-tuc --consent-date 2026-01-31 --consent-source 'paper form'")]
    Import(import::Args),
    /// Write every subscriber as CSV that `import` reads (--json: one JSON object a line).
    #[command(after_help = "Example:\n  bantin subscribers export > readers.csv")]
    Export {
        /// Only those in this state.
        #[arg(long, value_parser = ["pending", "active", "paused", "left", "bounced"])]
        state: Option<String>,
    },
    /// Erase a person: everything that names them goes, but for a salted hash by which no list brings them back.
    #[command(after_help = "Example:\n  bantin subscribers erase doc-gia@example.vn")]
    Erase {
        /// The address.
        address: String,
    },
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let store = super::open(&config).await?;
    match args.action {
        Action::List { limit } => list(&config, &store, limit, args.json).await?,
        Action::Add { address, sections, cadence, language, hour, day, zone } => {
            let parsed: lettre::Address =
                address.parse().with_context(|| format!("{address:?} is no e-mail address"))?;
            for slug in &sections {
                super::section(&config, slug)?;
            }
            if store.is_erased(parsed.as_ref()).await? {
                bail!("this person was erased at their wish; they can subscribe again on the page, by themselves");
            }
            super::sync(&config, &store, &clock).await?;
            let ids = store.section_ids().await?;
            let wanted: Vec<_> = sections.iter().filter_map(|slug| ids.get(slug).copied()).collect();
            let language = Language::from_tag(&language).unwrap_or_default();
            let consent = "added by an admin";
            let id =
                store.add_subscriber(parsed.as_ref(), &wanted, &cadence, language, consent, clock.now_ms()).await?;
            if hour.is_some() || day.is_some() || zone.is_some() {
                let time =
                    ReaderTime { zone: zone.unwrap_or_default(), hour: hour.unwrap_or(-1), day: day.unwrap_or(-1) };
                store.set_reader_time(id, &time, clock.now_ms()).await?;
            }
            if args.json {
                output::json(
                    &json!({ "id": id.to_string(), "state": "active", "sections": sections, "cadence": cadence }),
                );
            } else {
                say!("subscribed ({cadence}): {}", sections.join(", "));
            }
            if config.email.is_none() {
                note!("note: e-mail is off until [email] is configured, so nothing is sent yet");
            }
        }
        Action::Remove { address } => {
            let Some(subscriber) = store.subscriber_by_email(&address).await? else {
                bail!("there is no subscriber with this address");
            };
            let before = subscriber.state == "left";
            if !before {
                store.leave(subscriber.id, None, clock.now_ms()).await?;
            }
            if args.json {
                output::json(&json!({ "id": subscriber.id.to_string(), "state": "left", "before": before }));
            } else if before {
                say!("this reader had left before");
            } else {
                say!("removed; what was queued is dropped");
            }
        }
        Action::Import(import) => return import::run(&config, &store, import, args.json, &clock).await,
        Action::Export { state } => return export::run(&store, state.as_deref(), args.json).await,
        Action::Erase { address } => {
            let parsed: lettre::Address =
                address.parse().with_context(|| format!("{address:?} is no e-mail address"))?;
            let known = store.erase(parsed.as_ref(), clock.now_ms()).await?;
            if args.json {
                output::json(&json!({ "erased": true, "known": known }));
            } else if known {
                say!("erased; a salted hash is kept, so that no list brings this person back");
            } else {
                say!("there was no subscriber with this address; a salted hash is kept, so that no list brings one in");
            }
            note!("note: copies of the database that were made before still hold the address");
        }
    }
    Ok(DONE)
}

/// The name of a time zone.
fn zone(text: &str) -> Result<String, String> {
    text.parse::<chrono_tz::Tz>()
        .map(|zone| zone.name().to_owned())
        .map_err(|_| "not the name of a time zone".to_owned())
}

async fn list(config: &Config, store: &Store, limit: i64, as_json: bool) -> anyhow::Result<()> {
    let readers = store.subscribers(0, limit).await?;
    let ids = store.section_ids().await?;
    let follows = |s: &Subscriber| -> Vec<String> {
        let active = s.subscriptions.iter().filter(|(_, _, active)| *active);
        active
            .filter_map(|(id, cadence, _)| {
                let slug = ids.iter().find(|(_, known)| *known == id)?.0;
                Some(format!("{slug} ({cadence})"))
            })
            .collect()
    };
    if as_json {
        let list = readers.iter().map(|s| {
            json!({ "id": s.id.to_string(), "address": s.email, "state": s.state, "language": s.language.code(),
                    "follows": follows(s), "consent_at": output::rfc3339(s.consent_at),
                    "confirmed_at": s.confirmed_at.map(output::rfc3339) })
        });
        output::json(&list.collect());
    } else {
        let row = |s: &Subscriber| {
            vec![
                s.id.to_string(),
                s.email.clone(),
                s.state.clone(),
                s.language.code().into(),
                follows(s).join(", "),
                output::moment(s.consent_at, config.timezone),
            ]
        };
        let rows: Vec<_> = readers.iter().map(row).collect();
        output::table(&["ID", "ADDRESS", "STATE", "LANG", "FOLLOWS", "SINCE"], &rows, "no subscribers yet");
    }
    Ok(())
}
