//! The daemon: starts every loop, serves, and stops them in order. On SIGTERM or Ctrl-C nothing new is
//! claimed, what is on its way has ten seconds, the listener closes, and the exit code is 0.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::App;
use super::generation::Generation;
use super::reload::Reload;
use crate::service;
use crate::web::{self, Routes, Web};

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

    /// Runs until `cancel`, then stops in order; follows the configuration's files where `reload` is given.
    pub async fn run(
        &self,
        listener: TcpListener,
        reload: Option<Reload>,
        cancel: CancellationToken,
    ) -> anyhow::Result<()> {
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
        let address = listener.local_addr()?;
        tracing::info!(%address, base_url = %self.config.base_url, sections = self.config.sections.len(), "listening on {address}");
        let routes = Arc::new(Routes::new(self.web().door()));
        let serving = tokio::spawn(web::serve(listener, routes.clone(), cancel.clone()));
        let now = self.clock.now();
        self.health.applied(self.config.sections.keys(), now);
        self.metrics.config_applied(now);
        service::ready(&format!("{} sections", self.config.sections.len()));
        let watchdog = tokio::spawn(service::alive(cancel.clone()));
        let (next, current) = watch::channel(self.clone());
        // Without anybody who reads the files again the one configuration stays, and `next` with it.
        let (reloading, _next) = match reload {
            Some(reload) => (Some(tokio::spawn(reload.run(self.clone(), routes, next, cancel.clone()))), None),
            None => (None, Some(next)),
        };
        run_generations(current, &cancel).await;
        let _ = tokio::time::timeout(Duration::from_secs(1), serving).await;
        for task in reloading.into_iter().chain([watchdog]) {
            task.abort();
        }
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
            limits: self.limits.clone(),
            hub: self.config.feeds.websub.then(|| self.hub.clone()),
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
    pub(super) async fn run_takeover(self, cancel: CancellationToken) {
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

/// Runs the loops of one configuration after the other, until it is cancelled.
async fn run_generations(mut current: watch::Receiver<App>, cancel: &CancellationToken) {
    loop {
        let app = current.borrow_and_update().clone();
        let generation = Generation::start(&app);
        drop(app);
        tokio::select! {
            () = cancel.cancelled() => {
                tracing::info!("stopping: nothing new is started, what is on its way has ten seconds");
                service::stopping();
                generation.stop().await;
                return;
            }
            Ok(()) = current.changed() => generation.stop().await,
            // Nobody reads the files any more: the configuration stays until the end.
            else => std::future::pending().await,
        }
    }
}
