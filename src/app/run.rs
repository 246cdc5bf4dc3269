//! The daemon: starts every loop, serves, and stops them in order. On SIGTERM or Ctrl-C nothing new is
//! claimed, what is on its way has ten seconds, the listener closes, and the exit code is 0.

use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::App;
use crate::web::{self, Web};

/// How long an orderly stop may take in all.
const STOP: Duration = Duration::from_secs(10);

impl App {
    /// Takes the listening address; its failure is an error of configuration or of the machine.
    pub async fn listen(&self) -> anyhow::Result<TcpListener> {
        let listen = &self.config.server.listen;
        TcpListener::bind(listen).await.with_context(|| {
            format!(
                "{listen} cannot be listened on (`[server] listen`); is another program, or another bantin, using it?"
            )
        })
    }

    /// Runs until `cancel`, then stops in order.
    pub async fn run(&self, listener: TcpListener, cancel: CancellationToken) -> anyhow::Result<()> {
        // Held as long as the daemon runs: a second one on the same SQLite file refuses to start.
        let lock = self.store.lock_daemon()?;
        self.enter_seed_mode_if_restored().await?;
        self.note_alive().await?;
        let outbox = self.outbox();
        outbox.sync_chats().await?;
        let taken = outbox.recover(!self.store.is_shared()).await?;
        if taken > 0 {
            tracing::warn!(deliveries = taken, "an earlier start was stopped while sending; these go once more");
        }
        self.say_what_is_off();
        let tasks = TaskTracker::new();
        tasks.spawn(self.clone().run_feeds(cancel.clone()));
        for section in self.config.sections.values() {
            tasks.spawn(self.clone().run_section(section.clone(), cancel.clone()));
        }
        tasks.spawn(self.clone().run_rereading(cancel.clone()));
        tasks.spawn(self.clone().run_housekeeping(cancel.clone()));
        if self.config.server.push_key.is_some() {
            tasks.spawn(self.clone().run_pushes(cancel.clone()));
        }
        let back = self.config.email.as_ref().and_then(|email| email.bounces.as_ref());
        if let Some(inbox) = back.and_then(|bounces| bounces.inbox.clone()) {
            tasks.spawn(self.clone().run_bounces(inbox, cancel.clone()));
        }
        tasks.spawn(self.clone().run_bot(cancel.clone()));
        let (expander, stop) = (outbox.clone(), cancel.clone());
        tasks.spawn(async move { expander.run_expansion(stop).await });
        for channel in self.channels.iter() {
            tasks.spawn(outbox.clone().run_channel(channel.clone(), cancel.clone()));
        }
        if self.store.is_shared() {
            tasks.spawn(self.clone().run_takeover(cancel.clone()));
        }
        let address = listener.local_addr()?;
        tracing::info!(%address, base_url = %self.config.base_url, sections = self.config.sections.len(), "listening on {address}");
        let serving = tokio::spawn(web::serve(listener, self.web().router(), cancel.clone()));
        cancel.cancelled().await;
        tracing::info!("stopping: nothing new is started, what is on its way has ten seconds");
        tasks.close();
        let _ = tokio::time::timeout(STOP, tasks.wait()).await;
        let _ = tokio::time::timeout(Duration::from_secs(1), serving).await;
        self.store.close().await;
        drop(lock);
        tracing::info!("stopped");
        Ok(())
    }

    /// What the server works with.
    pub fn web(&self) -> Web {
        Web {
            config: self.config.clone(),
            store: self.store.clone(),
            feeds: self.feeds.clone(),
            templates: self.templates.clone(),
            tokens: self.tokens.clone(),
            metrics: self.metrics.clone(),
            health: self.health.clone(),
            clock: self.clock.clone(),
            push_bell: self.push_bell.clone(),
        }
    }

    /// One line about the ways of pushing that are not configured.
    pub(super) fn say_what_is_off(&self) {
        let off: Vec<&str> = [("telegram", "Telegram"), ("email", "e-mail")]
            .into_iter()
            .filter(|(kind, _)| self.channels.get(kind).is_none())
            .map(|(_, name)| name)
            .collect();
        if !off.is_empty() {
            let off = off.join(" and ");
            tracing::info!("{off}: off until configured; feeds and pages are on");
        }
    }

    /// Takes over what an instance that stopped left in 'sending' (several instances on one PostgreSQL).
    async fn run_takeover(self, cancel: CancellationToken) {
        let outbox = self.outbox();
        loop {
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(15)) => {}
            }
            match outbox.recover(false).await {
                Ok(0) => {}
                Ok(deliveries) => tracing::warn!(deliveries, "taken over from an instance that stopped while sending"),
                Err(error) => tracing::error!(%error, "another instance's deliveries could not be looked after"),
            }
        }
    }
}
