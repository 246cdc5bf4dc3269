//! `bantin subscribers`: the readers by e-mail.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde_json::json;

use super::{DONE, output};
use crate::clock::Clock;
use crate::config::{Config, Language};
use crate::store::{Store, Subscriber};

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
    List {
        /// How many.
        #[arg(long, default_value_t = 100)]
        limit: i64,
    },
    /// Add a subscriber who has consented to you; confirmed at once.
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
    },
    /// Remove a subscriber: nothing is sent any more, what is queued is dropped.
    Remove { address: String },
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let store = super::open(&config).await?;
    match args.action {
        Action::List { limit } => list(&config, &store, limit, args.json).await?,
        Action::Add { address, sections, cadence, language } => {
            let parsed: lettre::Address =
                address.parse().with_context(|| format!("{address:?} is no e-mail address"))?;
            sync(&config, &store, &clock).await?;
            let ids = store.section_ids().await?;
            let mut wanted = Vec::new();
            for slug in &sections {
                match ids.get(slug) {
                    Some(&id) => wanted.push(id),
                    None => bail!("there is no section {slug:?}; `bantin sections list` names them"),
                }
            }
            let language = Language::from_tag(&language).unwrap_or_default();
            let consent = "added by an admin";
            let id =
                store.add_subscriber(parsed.as_ref(), &wanted, &cadence, language, consent, clock.now_ms()).await?;
            if args.json {
                output::json(
                    &json!({ "id": id.to_string(), "state": "active", "sections": sections, "cadence": cadence }),
                );
            } else {
                println!("subscribed ({cadence}): {}", sections.join(", "));
            }
            if config.email.is_none() {
                eprintln!("note: no [email] is configured, so nothing is sent yet");
            }
        }
        Action::Remove { address } => {
            let Some(subscriber) = store.subscriber_by_email(&address).await? else {
                bail!("there is no subscriber with this address");
            };
            store.leave(subscriber.id, None, clock.now_ms()).await?;
            println!("removed; what was queued is dropped");
        }
    }
    Ok(DONE)
}

/// Sections the daemon has not seen yet get their rows.
async fn sync(config: &Config, store: &Store, clock: &Clock) -> anyhow::Result<()> {
    let sections: Vec<_> = config.sections.values().map(|s| (s.slug.clone(), s.formerly.clone())).collect();
    Ok(store.sync_sections(&sections, clock.now_ms()).await?)
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
