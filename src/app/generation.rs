//! The loops that run under one configuration: started together, stopped together. Another configuration is
//! another generation; the server, the store and what was learnt go on.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::App;

/// How long the parts may take to stop; what is on its way has a little less. With the listener and the database an
/// orderly stop takes at most 10 s.
const STOP: Duration = Duration::from_secs(9);

/// The loops of one configuration while they run.
pub(super) struct Generation {
    cancel: CancellationToken,
    tasks: TaskTracker,
    failed: CancellationToken,
}

impl Generation {
    /// Starts every loop of an app.
    pub(super) fn start(app: &App) -> Self {
        let cancel = CancellationToken::new();
        let new = Self { cancel: cancel.clone(), tasks: TaskTracker::new(), failed: CancellationToken::new() };
        new.spawn("the feeds", app.clone().run_feeds(cancel.clone()));
        let shared = Arc::new(app.clone());
        for section in app.config.sections.values() {
            new.tasks.spawn(shared.clone().keep_looking(section.clone(), cancel.clone()));
        }
        new.spawn("the WebSub hub", app.hub.clone().run(cancel.clone()));
        new.spawn("reading again", app.clone().run_rereading(cancel.clone()));
        new.spawn("the alarms", app.clone().run_alarms(cancel.clone()));
        new.spawn("housekeeping", app.clone().run_housekeeping(cancel.clone()));
        if app.config.server.push_key.is_some() {
            new.spawn("what is pushed", app.clone().run_pushes(cancel.clone()));
        }
        let back = app.config.email.as_ref().and_then(|email| email.bounces.as_ref());
        if let Some(inbox) = back.and_then(|bounces| bounces.inbox.clone()) {
            new.spawn("the mailbox of bounces", app.clone().run_bounces(inbox, cancel.clone()));
        }
        new.spawn("the bot", app.clone().run_bot(cancel.clone()));
        let outbox = app.outbox();
        let (expander, stop) = (outbox.clone(), cancel.clone());
        new.spawn("the outbox", async move { expander.run_expansion(stop).await });
        for channel in app.channels.iter() {
            new.spawn(channel.kind(), outbox.clone().run_channel(channel.clone(), cancel.clone()));
        }
        if app.store.is_shared() {
            new.spawn("the taking over", app.clone().run_takeover(cancel.clone()));
        } else {
            new.spawn("the watch of the clock", app.clone().run_clock_watch(cancel.clone()));
        }
        new
    }

    /// Comes back when a loop has panicked.
    pub(super) async fn failed(&self) {
        self.failed.cancelled().await;
    }

    /// Stops in order: nothing new is claimed, what is on its way has its time.
    pub(super) async fn stop(self) {
        self.cancel.cancel();
        self.tasks.close();
        let _ = tokio::time::timeout(STOP, self.tasks.wait()).await;
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
}
