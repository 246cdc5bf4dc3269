//! The loops that run under one configuration: started together, stopped together. Another configuration is
//! another generation; the server, the store and what was learnt go on.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::App;
use crate::config::Section;

/// How long the loops may take to stop; what is on its way has a little less. With the listener and the database an orderly
/// stop takes at most 10 s.
const STOP: Duration = Duration::from_secs(9);
/// How long a section rests after a look that panicked.
const AFTER_A_FAILURE: Duration = Duration::from_mins(1);

/// The loops of one configuration while they run.
pub(super) struct Generation {
    cancel: CancellationToken,
    tasks: TaskTracker,
    /// A loop panicked: the daemon ends in order and with an error. Whoever keeps it starts it again, and nothing is
    /// silently undone any more.
    failed: CancellationToken,
}

impl Generation {
    /// Starts every loop of an app.
    pub(super) fn start(app: &App) -> Self {
        let (cancel, tasks, failed) = (CancellationToken::new(), TaskTracker::new(), CancellationToken::new());
        let crew = Self { cancel: cancel.clone(), tasks, failed };
        crew.spawn("the feeds", app.clone().run_feeds(cancel.clone()));
        for section in app.config.sections.values() {
            let (app, section, cancel) = (app.clone(), section.clone(), cancel.clone());
            crew.tasks.spawn(async move { app.keep_looking(section, cancel).await });
        }
        crew.spawn("reading again", app.clone().run_rereading(cancel.clone()));
        crew.spawn("housekeeping", app.clone().run_housekeeping(cancel.clone()));
        if app.config.server.push_key.is_some() {
            crew.spawn("what is pushed", app.clone().run_pushes(cancel.clone()));
        }
        let back = app.config.email.as_ref().and_then(|email| email.bounces.as_ref());
        if let Some(inbox) = back.and_then(|bounces| bounces.inbox.clone()) {
            crew.spawn("the mailbox of bounces", app.clone().run_bounces(inbox, cancel.clone()));
        }
        let outbox = app.outbox();
        let (expander, stop) = (outbox.clone(), cancel.clone());
        crew.spawn("the outbox", async move { expander.run_expansion(stop).await });
        for channel in app.channels.iter() {
            crew.spawn(channel.kind(), outbox.clone().run_channel(channel.clone(), cancel.clone()));
        }
        if app.store.is_shared() {
            crew.spawn("the taking over", app.clone().run_takeover(cancel.clone()));
        } else {
            crew.spawn("the watch of the clock", app.clone().run_clock_watch(cancel));
        }
        crew
    }

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

    /// Waits until one of the loops has failed.
    pub(super) async fn failed(&self) {
        self.failed.cancelled().await;
    }

    /// Stops in order: nothing new is claimed, what is on its way has eight seconds.
    pub(super) async fn stop(self) {
        self.cancel.cancel();
        self.tasks.close();
        let _ = tokio::time::timeout(STOP, self.tasks.wait()).await;
    }
}

impl App {
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
}
