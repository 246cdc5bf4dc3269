//! The daemon: starts every loop, serves, and stops them in order. On SIGTERM or Ctrl-C nothing new is
//! claimed, what is on its way has eight seconds, the listener closes, and the exit code is 0.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::FutureExt as _;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::App;
use super::generation::Generation;
use super::reload::Reload;
use crate::config::Section;
use crate::web::{self, Routes, Web};
use crate::{lifecycle, service};

/// How long open connections of readers are waited for at the end, and the database.
const CLOSING: Duration = Duration::from_millis(300);

/// How long a section rests after a look that panicked.
const AFTER_A_FAILURE: Duration = Duration::from_mins(1);

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
        self.enter_seed_mode_if_restored().await?;
        self.note_alive().await?;
        let outbox = self.outbox();
        outbox.sync_chats().await?;
        let taken = outbox.recover(!self.store.is_shared()).await?;
        if taken > 0 {
            tracing::warn!(deliveries = taken, "an earlier start was stopped while sending; these go once more");
        }
        self.store.wake_webhooks(self.clock.now_ms()).await?;
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
        let whole = run_generations(current, &cancel).await;
        let _ = tokio::time::timeout(CLOSING, serving).await;
        for task in reloading.into_iter().chain([watchdog]) {
            task.abort();
        }
        let _ = tokio::time::timeout(CLOSING, self.store.close()).await;
        whole?;
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

    /// Keeps looking at a section. A look that panics is a failure of that section, not of the daemon.
    pub(super) async fn keep_looking(self: Arc<Self>, section: Arc<Section>, cancel: CancellationToken) {
        while !cancel.is_cancelled() {
            let looking = AssertUnwindSafe(self.run_section(&section, &cancel)).catch_unwind();
            // The message and its place are on standard error by then.
            let Err(_) = looking.await else { return };
            tracing::error!(
                section = section.slug,
                "looking at a section failed by a fault of bantin; please report this"
            );
            tokio::select! {
                () = cancel.cancelled() => {}
                () = tokio::time::sleep(AFTER_A_FAILURE) => {}
            }
        }
    }

    /// Takes over what an instance that stopped left in 'sending' (several instances on one PostgreSQL).
    pub(super) async fn run_takeover(self, cancel: CancellationToken) {
        let outbox = self.outbox();
        let keeping = self.store.keep_mine();
        tokio::pin!(keeping);
        loop {
            tokio::select! {
                () = cancel.cancelled() => return,
                () = &mut keeping => {}
                () = tokio::time::sleep(lifecycle::lease() / 4) => {}
            }
            match outbox.recover(false).await {
                Ok(0) => {}
                Ok(deliveries) => tracing::warn!(deliveries, "taken over from an instance that stopped while sending"),
                Err(error) => tracing::error!(%error, "another instance's deliveries could not be looked after"),
            }
        }
    }
}

/// Runs the loops of one configuration after the other, until it is cancelled. A loop that panics ends the daemon in
/// order and with an error: whoever keeps it starts it again, and nothing is silently undone any more.
async fn run_generations(mut current: watch::Receiver<App>, cancel: &CancellationToken) -> anyhow::Result<()> {
    let mut follows = true;
    loop {
        let app = current.borrow_and_update().clone();
        let generation = Generation::start(&app);
        drop(app);
        let failed = loop {
            tokio::select! {
                () = cancel.cancelled() => break false,
                () = generation.failed() => {
                    cancel.cancel();
                    break true;
                }
                changed = current.changed(), if follows => match changed {
                    Ok(()) => break false,
                    // Nobody reads the files any more: the configuration stays until the end.
                    Err(_) => follows = false,
                },
            }
        };
        if cancel.is_cancelled() {
            tracing::info!("stopping: nothing new is started, what is on its way has eight seconds");
            service::stopping();
        }
        generation.stop().await;
        anyhow::ensure!(
            !failed,
            "a part of bantin failed (see the log above); please report it, and start bantin again"
        );
        if cancel.is_cancelled() {
            return Ok(());
        }
    }
}
