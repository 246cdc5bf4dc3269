//! `bantin demo`: the sample site, the local chat and mailbox, and the daemon reading and feeding them, all
//! on this machine. Nothing of it is kept: the daemon works in a folder that goes when the demo ends.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use tokio::net::TcpListener;

use super::DONE;
use super::output::say;
use crate::app::App;
use crate::clock::{Clock, random_bytes};
use crate::config;
use crate::demo::{Demo, Options};
use crate::lifecycle;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin demo --every 3")]
pub(super) struct Args {
    /// Port of bantin's own pages; when it is taken, another one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Seconds between two things the sample site does.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..=3600))]
    every: u64,
}

pub(super) async fn run(args: Args, clock: Clock) -> anyhow::Result<u8> {
    let cancel = lifecycle::stop_on_signal();
    let listener = listen(args.port).await?;
    let address = listener.local_addr()?.to_string();
    let base_url = format!("http://{address}/");
    let options = Options { interval: Duration::from_secs(args.every), ..Options::new(base_url.parse()?) };
    let demo = Demo::start(clock.clone(), options).await?;
    let folder = Folder::new()?;
    let text = demo.config_toml(&address, &base_url, &folder.0);
    let file = folder.0.join("config.toml");
    // The demo is the same everywhere: no environment reaches its configuration.
    let config = config::load_str(&text, &file, &|_| None).map_err(|errors| anyhow!("{errors}"))?;
    say!("The demo, on this machine only. Open:\n");
    say!("  {}   everything side by side", demo.view_url);
    say!("  {}   the sample news site", demo.site_url);
    say!("  {base_url}   bantin's pages: sections, feeds, subscribing");
    say!("  {}mail   the readers' mailbox", demo.view_url);
    say!("  {}telegram   the chat\n", demo.view_url);
    say!("Ctrl-C ends it. What happens:\n");
    let app = App::build(Arc::new(config), clock).await?;
    let show = tokio::spawn(demo.run(cancel.clone()));
    let outcome = app.run(listener, None, cancel.clone()).await;
    cancel.cancel();
    let _ = show.await;
    outcome?;
    say!("\nThe demo is over; nothing of it was kept.");
    Ok(DONE)
}

async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind(("127.0.0.1", 0)).await.context("no port of this machine can be listened on"),
    }
}

/// The daemon's folder, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Self> {
        let name = format!("bantin-demo-{}", data_encoding::HEXLOWER.encode(&random_bytes::<8>()));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).with_context(|| format!("{} could not be made", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
