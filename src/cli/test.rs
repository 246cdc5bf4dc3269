//! `bantin test telegram|email TARGET`: a real message that says it is a test.

use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::DONE;
use crate::app::App;
use crate::channel::{Job, Message, Outcome, Target};
use crate::clock::Clock;
use crate::config::Config;
use crate::outbox::chat_and_topic;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin test telegram @example_tintuc\n  bantin test email doc-gia@example.vn")]
pub(super) struct Args {
    /// The channel.
    #[arg(value_parser = ["telegram", "email"])]
    channel: String,
    /// A chat (`@name`, a number, `number/topic`) or an address.
    target: String,
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let app = App::build(config.clone(), clock).await?;
    let channel = app.channels.get(&args.channel).with_context(|| {
        format!("{} is not configured in {}: set [{}]", args.channel, config.file.display(), args.channel)
    })?;
    let (address, topic) =
        if args.channel == "telegram" { chat_and_topic(&args.target) } else { (args.target.as_str(), None) };
    let job = Job {
        delivery: 0,
        message_id: format!("test.{}", app.clock.now_ms()),
        target: Target { id: 0, address: address.to_owned(), topic, language: config.language, silent: false },
        message: Message::Test,
    };
    match channel.send(std::slice::from_ref(&job)).await.into_iter().next() {
        Some(Outcome::Accepted(posted)) => println!("accepted: {}", posted.message),
        Some(Outcome::RetryAfter { reason, .. }) => bail!("not accepted now: {reason}"),
        Some(Outcome::Rejected(reason)) => bail!("rejected: {reason}"),
        Some(Outcome::RecipientGone(reason)) => bail!("the recipient refuses: {reason}"),
        Some(Outcome::Unknown(reason)) => bail!("it may have arrived: {reason}"),
        None => bail!("the channel gave no answer"),
    }
    Ok(DONE)
}
