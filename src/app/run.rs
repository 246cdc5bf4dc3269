//! The daemon: starts every loop, serves, and stops them in order. On SIGTERM or Ctrl-C nothing new is
//! claimed, what is on its way has eight seconds, the listener closes, and the exit code is 0.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::App;
use crate::config::Section;
use crate::lifecycle;
use crate::web::{self, Web};

/// How long the parts may take to stop; what is on its way has a little less. With the listener and the database an
/// orderly stop takes at most 10 s.
const STOP: Duration = Duration::from_secs(9);
/// How long open connections of readers are waited for then, and the database.
const CLOSING: Duration = Duration::from_millis(300);

/// How long a section rests after a look that panicked.
const AFTER_A_FAILURE: Duration = Duration::from_mins(1);

/// The loops of the daemon. One that panics ends the daemon in order and with an error: whoever keeps it starts it again,
/// and nothing is silently undone any more.
struct Watched {
    tasks: TaskTracker,
    failed: CancellationToken,
}

impl Watched {
    fn spawn(&self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        let failed = self.failed.clone();
        let work = tokio::spawn(work);
        self.tasks.spawn(async move {
            if let Err(error) = work.await {
                tracing::error!(part = name, %error, "a part of bantin failed; please report this");
                failed.cancel();
            }
        });
    }
}

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
        self.enter_seed_mode_if_restored().await?;
        self.note_alive().await?;
        let outbox = self.outbox();
        outbox.sync_chats().await?;
        let taken = outbox.recover(!self.store.is_shared()).await?;
        if taken > 0 {
            tracing::warn!(deliveries = taken, "an earlier start was stopped while sending; these go once more");
        }
        self.say_what_is_off();
        let crew = Watched { tasks: TaskTracker::new(), failed: CancellationToken::new() };
        crew.spawn("the feeds", self.clone().run_feeds(cancel.clone()));
        for section in self.config.sections.values() {
            let (app, section, cancel) = (self.clone(), section.clone(), cancel.clone());
            crew.tasks.spawn(async move { app.keep_looking(section, cancel).await });
        }
        crew.spawn("reading again", self.clone().run_rereading(cancel.clone()));
        crew.spawn("housekeeping", self.clone().run_housekeeping(cancel.clone()));
        if self.config.server.push_key.is_some() {
            crew.spawn("what is pushed", self.clone().run_pushes(cancel.clone()));
        }
        let back = self.config.email.as_ref().and_then(|email| email.bounces.as_ref());
        if let Some(inbox) = back.and_then(|bounces| bounces.inbox.clone()) {
            crew.spawn("the mailbox of bounces", self.clone().run_bounces(inbox, cancel.clone()));
        }
        let (expander, stop) = (outbox.clone(), cancel.clone());
        crew.spawn("the outbox", async move { expander.run_expansion(stop).await });
        for channel in self.channels.iter() {
            crew.spawn(channel.kind(), outbox.clone().run_channel(channel.clone(), cancel.clone()));
        }
        if self.store.is_shared() {
            crew.spawn("the taking over", self.clone().run_takeover(cancel.clone()));
        }
        let address = listener.local_addr()?;
        tracing::info!(%address, base_url = %self.config.base_url, sections = self.config.sections.len(), "listening on {address}");
        let serving = tokio::spawn(web::serve(listener, self.web().router(), cancel.clone()));
        tokio::select! {
            () = cancel.cancelled() => {}
            () = crew.failed.cancelled() => cancel.cancel(),
        }
        tracing::info!("stopping: nothing new is started, what is on its way has eight seconds");
        crew.tasks.close();
        let _ = tokio::time::timeout(STOP, crew.tasks.wait()).await;
        let _ = tokio::time::timeout(CLOSING, serving).await;
        let _ = tokio::time::timeout(CLOSING, self.store.close()).await;
        if crew.failed.is_cancelled() {
            anyhow::bail!("a part of bantin failed (see the log above); please report it, and start bantin again");
        }
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

    /// Keeps looking at a section. A look that panics is a failure of that section, not of the daemon.
    async fn keep_looking(self, section: Arc<Section>, cancel: CancellationToken) {
        while !cancel.is_cancelled() {
            let looking = tokio::spawn(self.clone().run_section(section.clone(), cancel.clone()));
            let Err(error) = looking.await else { return };
            tracing::error!(section = section.slug, %error, "looking at a section failed; please report this");
            tokio::select! {
                () = cancel.cancelled() => {}
                () = tokio::time::sleep(AFTER_A_FAILURE) => {}
            }
        }
    }

    /// Takes over what an instance that stopped left in 'sending' (several instances on one PostgreSQL).
    async fn run_takeover(self, cancel: CancellationToken) {
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
