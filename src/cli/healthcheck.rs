//! `bantin healthcheck`: asks the running daemon; for containers and service managers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use reqwest::redirect::Policy;

use super::output::{self, note, say};
use super::{DONE, FAILED};
use crate::config::Config;

/// A daemon of this machine that has not answered by then is not ready.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin healthcheck || systemctl restart bantin")]
pub(super) struct Args {
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) async fn run(config: Arc<Config>, args: &Args) -> anyhow::Result<u8> {
    match ready(&config).await {
        outcome if args.json => {
            let reason = outcome.as_ref().err().map(|error| format!("{error:#}"));
            output::json(&serde_json::json!({ "ready": outcome.is_ok(), "reason": reason }));
            Ok(if outcome.is_ok() { DONE } else { FAILED })
        }
        Ok(()) => {
            say!("ready");
            Ok(DONE)
        }
        Err(error) => {
            note!("not ready: {error:#}");
            Ok(FAILED)
        }
    }
}

/// Where the daemon of this configuration is asked: one that listens everywhere on loopback.
fn asked_at(config: &Config) -> String {
    config.server.listen.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]")
}

fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().no_proxy().redirect(Policy::none()).timeout(PATIENCE).build()
}

/// Whether what listens there is a bantin, ready or not.
pub(super) async fn is_bantin(config: &Config) -> bool {
    let Ok(client) = client() else { return false };
    let url = format!("http://{}{}livez", asked_at(config), config.base_url.path());
    match client.get(&url).send().await {
        Ok(answer) if answer.status().is_success() => answer.text().await.is_ok_and(|text| text == "ok\n"),
        _ => false,
    }
}

/// When the running daemon looks at its sections next, and whether it leaves slots of their schedules out. Nothing where
/// none answers.
pub(super) async fn next_looks(config: &Config) -> HashMap<String, (DateTime<Utc>, bool)> {
    let Ok(client) = client() else { return HashMap::new() };
    let url = format!("http://{}{}status", asked_at(config), config.base_url.path());
    let asked = client.get(&url).header(reqwest::header::ACCEPT, "application/json").send().await;
    let Ok(answer) = asked.and_then(reqwest::Response::error_for_status) else { return HashMap::new() };
    let Ok(told) = answer.json::<serde_json::Value>().await else { return HashMap::new() };
    let sections = told.get("sections").and_then(serde_json::Value::as_array);
    let one = |section: &serde_json::Value| {
        let next = section.get("next_look")?.as_str()?.parse().ok()?;
        Some((section.get("slug")?.as_str()?.to_owned(), (next, section.get("backs_off")?.as_bool()?)))
    };
    sections.into_iter().flatten().filter_map(one).collect()
}

/// Whether the daemon of this configuration answers that it is ready; else why not.
pub(super) async fn ready(config: &Config) -> anyhow::Result<()> {
    let listen = asked_at(config);
    let url = format!("http://{listen}{}readyz", config.base_url.path());
    let client = client()?;
    let answer = match client.get(&url).send().await {
        Ok(answer) => answer,
        Err(error) if error.is_connect() => bail!("nothing listens on {listen}; `bantin run` starts the daemon"),
        Err(error) if error.is_timeout() => bail!("{listen} has not answered within {} s", PATIENCE.as_secs()),
        Err(error) => {
            return Err(error.without_url()).with_context(|| format!("what listens on {listen} is no bantin"));
        }
    };
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let text = answer.text().await.unwrap_or_default();
    // Anything else may listen there: no more of it is shown than bantin would say.
    let reasons: Vec<String> = text.lines().take(8).map(|line| line.chars().take(200).collect()).collect();
    match status.as_u16() {
        503 => bail!("{}", reasons.join("; ")),
        status => bail!("{url} answers {status}; is it bantin that listens there?"),
    }
}
