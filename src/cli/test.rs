//! `bantin test telegram|email|webhook TARGET`: a real message that says it is a test.

use std::sync::Arc;

use anyhow::{Context as _, bail};

use serde_json::json;

use super::DONE;
use super::output::{self, say};
use crate::app::App;
use crate::channel::{Job, Message, Outcome, Target};
use crate::clock::Clock;
use crate::config::{Config, PostStyle};
use crate::outbox::chat_and_topic;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  bantin test telegram @example_tintuc\n  bantin test email doc-gia@example.vn\n  bantin test webhook phong-tin"
)]
pub(super) struct Args {
    /// The channel.
    #[arg(value_parser = ["telegram", "email", "webhook"])]
    channel: String,
    /// A chat (`@name`, a number, `number/topic`), an address, or the name of a webhook.
    target: String,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    if args.channel == "email" {
        args.target.parse::<lettre::Address>().with_context(|| format!("{:?} is no e-mail address", args.target))?;
    }
    if args.channel == "webhook" && !config.webhooks.iter().any(|own| own.name == args.target) {
        let names: Vec<&str> = config.webhooks.iter().map(|own| own.name.as_str()).collect();
        if names.is_empty() {
            bail!(not_configured("webhook", &config));
        }
        bail!("there is no webhook {:?}; the configured ones are {}", args.target, names.join(", "));
    }
    let app = App::build(config.clone(), clock).await?;
    let channel = app.channels.get(&args.channel).with_context(|| not_configured(&args.channel, &config))?;
    let (address, topic) =
        if args.channel == "telegram" { chat_and_topic(&args.target) } else { (args.target.as_str(), None) };
    let mut job = Job {
        delivery: 0,
        message_id: format!("test.{}", app.clock.now_ms()),
        created: app.clock.now(),
        target: Target {
            id: 0,
            address: address.to_owned(),
            topic,
            language: config.language,
            silent: false,
            style: PostStyle::default(),
        },
        message: Message::Test,
        progress: String::new(),
    };
    let mut outcome = channel.send(std::slice::from_ref(&job)).await.into_iter().next();
    // A few calls at most: another form, or the new id of a group.
    for _ in 0..3 {
        let Some(Outcome::Partly { progress, moved_to, .. }) = outcome else { break };
        job.progress = progress;
        job.target.address = moved_to.unwrap_or(job.target.address);
        outcome = channel.send(std::slice::from_ref(&job)).await.into_iter().next();
    }
    match outcome {
        Some(Outcome::Accepted(posted)) if args.json => {
            output::json(&json!({ "accepted": posted.message, "channel": args.channel }));
        }
        Some(Outcome::Accepted(posted)) => say!("accepted: {}", posted.message),
        Some(Outcome::RetryAfter { reason, .. }) => bail!("not accepted now: {reason}"),
        Some(Outcome::Rejected(reason)) => bail!("rejected: {reason}"),
        Some(Outcome::RecipientGone(reason)) => bail!("the recipient refuses: {reason}"),
        Some(Outcome::RecipientBusy { reason, .. }) => {
            bail!("the recipient's mailbox takes nothing at present: {reason}")
        }
        Some(Outcome::Unwanted(reason)) => bail!("not sent: {reason}"),
        Some(Outcome::Partly { reason, .. }) => bail!("not accepted: {reason}"),
        Some(Outcome::Unknown(reason)) => bail!("it may have arrived: {reason}"),
        None => bail!("the channel gave no answer"),
    }
    Ok(DONE)
}

/// What to do about a channel that has no configuration.
pub(super) fn not_configured(channel: &str, config: &Config) -> String {
    let file = config.file.display();
    match channel {
        "telegram" => {
            format!("Telegram is not configured: set `token` in [telegram] of {file}, or BANTIN_TELEGRAM_TOKEN")
        }
        "webhook" => format!("no webhook is configured: add [webhook.NAME] with its `url` to {file}"),
        _ => format!("e-mail is not configured: set `from` and `smtp` in [email] of {file}"),
    }
}
