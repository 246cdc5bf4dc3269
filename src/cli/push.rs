//! `bantin push ARTICLE --to TARGET`: queues one article for one target by hand; with `--urgent` it waits for no quiet
//! hours there. `bantin push ARTICLE --urgent` calls it urgent wherever it is followed.

use std::sync::Arc;

use anyhow::{Context as _, bail};

use serde_json::json;

use super::DONE;
use super::output::{self, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::{MadeUrgent, Store};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  bantin push https://www.example.vn/tin-tuc/bai-1.html --to @example_tintuc\n  bantin push https://www.example.vn/tin-tuc/bai-1.html --urgent"
)]
pub(super) struct Args {
    /// The article: its number, its tag: id or its address.
    article: String,
    /// A chat (`@name`, a number, `number/topic`), the name of a webhook, or the address of a subscriber.
    #[arg(long, required_unless_present = "urgent")]
    to: Option<String>,
    /// It waits for no delay, fixed time or quiet hours; without `--to`, wherever its sections are followed.
    #[arg(long)]
    urgent: bool,
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
    let Some(to) = &args.to else {
        let made = store.make_urgent(id, None, clock.now_ms()).await?;
        return tell_urgent(id, made, args.json);
    };
    let (channel, target) = target(&config, &store, to, &clock).await?;
    if !store.push(id, target, channel, section, args.urgent, clock.now_ms()).await? {
        bail!("the article was sent there before, or is on its way; `bantin deliveries list` shows it");
    }
    if args.json {
        output::json(&json!({ "queued": true, "article": id.to_string(), "channel": channel, "target": to }));
    } else {
        say!("queued; the running daemon sends it, or the next `bantin once`");
    }
    Ok(DONE)
}

/// The channel and the key of who is meant.
async fn target(config: &Config, store: &Store, to: &str, clock: &Clock) -> anyhow::Result<(&'static str, i64)> {
    let is_chat = to.starts_with('@') && !to[1..].contains('@')
        || to.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()) && !to.contains('@');
    if config.webhooks.iter().any(|own| own.name == to) {
        return Ok(("webhook", store.target("webhook", to, clock.now_ms()).await?.id));
    }
    if is_chat {
        if config.telegram.is_none() {
            bail!(super::test::not_configured("telegram", config));
        }
        return Ok(("telegram", store.target("telegram", to, clock.now_ms()).await?.id));
    }
    if config.email.is_none() {
        bail!(super::test::not_configured("email", config));
    }
    let subscriber = store.subscriber_by_email(to).await?;
    let subscriber = subscriber
        .context("there is no subscriber with this address; mails go to subscribers only (`bantin subscribers add`)")?;
    Ok(("email", subscriber.id))
}

/// What calling it urgent came to.
fn tell_urgent(id: i64, made: MadeUrgent, json: bool) -> anyhow::Result<u8> {
    let MadeUrgent { let_out, out, held, hurried } = made;
    if json {
        output::json(&json!({ "urgent": let_out + out + held > 0 || hurried > 0, "article": id.to_string(),
            "let_out": let_out, "out": out, "held": held, "hurried": hurried }));
        return Ok(DONE);
    }
    if let_out + out + held == 0 && hurried == 0 {
        bail!(
            "nothing waits for it: it was urgent before, or it is for feeds only (`bantin explain {id}`); with --to it \
             goes to one chat, webhook or reader"
        );
    }
    if held > 0 {
        say!("held in {held}: it is urgent once an admin approves it (`bantin holds list`)");
    }
    if let_out > 0 {
        say!("let out in {let_out} without its delay");
    }
    if out > 0 || let_out > 0 {
        say!("chats with fixed times get it now");
    }
    if hurried > 0 {
        say!("{hurried} that waited go first now");
    }
    say!("the running daemon sends it, or the next `bantin once`");
    Ok(DONE)
}
