//! `bantin healthcheck`: asks the running daemon; for containers and service managers.

use std::sync::Arc;

use super::{DONE, FAILED};
use crate::clock::Clock;
use crate::config::Config;
use crate::fetch::{Fetcher, Request, Want};

pub(super) async fn run(config: Arc<Config>, clock: Clock) -> anyhow::Result<u8> {
    match ready(&config, clock).await {
        Ok(()) => {
            println!("ready");
            Ok(DONE)
        }
        Err(error) => {
            eprintln!("not ready: {error:#}");
            Ok(FAILED)
        }
    }
}

/// Whether the daemon of this configuration answers that it is ready.
pub(super) async fn ready(config: &Config, clock: Clock) -> anyhow::Result<()> {
    // A daemon that listens everywhere is asked on loopback.
    let listen = config.server.listen.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]");
    let path = config.base_url.path();
    let url = format!("http://{listen}{path}readyz").parse()?;
    let fetcher = Fetcher::new(&config.fetch, clock);
    let request = Request { url: &url, validators: None, allow_private: true, root: None, want: Want::Text };
    fetcher.get(&request).await?;
    Ok(())
}
