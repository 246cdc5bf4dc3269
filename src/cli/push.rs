//! `bantin push ARTICLE --to TARGET`: queues one article for one target by hand.

use std::sync::Arc;

use anyhow::{Context as _, bail};

use serde_json::json;

use super::DONE;
use super::output::{self, say};
use crate::clock::Clock;
use crate::config::Config;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin push https://www.example.vn/tin-tuc/bai-1.html --to @example_tintuc")]
pub(super) struct Args {
    /// The article: its number, its tag: id or its address.
    article: String,
    /// A chat (`@name`, a number, `number/topic`), the name of a webhook, or the address of a subscriber.
    #[arg(long)]
    to: String,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let store = super::open(&config).await?;
    let id = super::article(&store, &args.article).await?;
    if store.article(id).await?.is_some_and(|article| article.withdrawn_at.is_some()) {
        bail!("the article is withdrawn; it is not sent any more");
    }
    let sections = store.sections_of(&[id]).await?.remove(&id).unwrap_or_default();
    let Some(&section) = sections.first() else { bail!("the article is in no section") };
    let is_chat = args.to.starts_with('@') && !args.to[1..].contains('@')
        || args.to.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()) && !args.to.contains('@');
    let (channel, target) = if config.webhooks.iter().any(|own| own.name == args.to) {
        ("webhook", store.target("webhook", &args.to, clock.now_ms()).await?.id)
    } else if is_chat {
        if config.telegram.is_none() {
            bail!(super::test::not_configured("telegram", &config));
        }
        ("telegram", store.target("telegram", &args.to, clock.now_ms()).await?.id)
    } else {
        if config.email.is_none() {
            bail!(super::test::not_configured("email", &config));
        }
        let subscriber = store.subscriber_by_email(&args.to).await?;
        (
            "email",
            subscriber
                .context(
                    "there is no subscriber with this address; mails go to subscribers only (`bantin subscribers add`)",
                )?
                .id,
        )
    };
    if !store.push(id, target, channel, section, clock.now_ms()).await? {
        bail!("the article was sent there before, or is on its way; `bantin deliveries list` shows it");
    }
    if args.json {
        output::json(&json!({ "queued": true, "article": id.to_string(), "channel": channel, "target": args.to }));
    } else {
        say!("queued; the running daemon sends it, or the next `bantin once`");
    }
    Ok(DONE)
}
