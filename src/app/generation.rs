//! The loops that run under one configuration: started together, stopped together. Another configuration is
//! another generation; the server, the store and what was learnt go on.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::App;

/// How long an orderly stop may take in all.
const STOP: Duration = Duration::from_secs(10);

/// The loops of one configuration while they run.
pub(super) struct Generation {
    cancel: CancellationToken,
    tasks: TaskTracker,
}

impl Generation {
    /// Starts every loop of an app.
    pub(super) fn start(app: &App) -> Self {
        let (cancel, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(app.clone().run_feeds(cancel.clone()));
        for section in app.config.sections.values() {
            tasks.spawn(app.clone().run_section(section.clone(), cancel.clone()));
        }
        tasks.spawn(app.hub.clone().run(cancel.clone()));
        tasks.spawn(app.clone().run_rereading(cancel.clone()));
        tasks.spawn(app.clone().run_housekeeping(cancel.clone()));
        if app.config.server.push_key.is_some() {
            tasks.spawn(app.clone().run_pushes(cancel.clone()));
        }
        let back = app.config.email.as_ref().and_then(|email| email.bounces.as_ref());
        if let Some(inbox) = back.and_then(|bounces| bounces.inbox.clone()) {
            tasks.spawn(app.clone().run_bounces(inbox, cancel.clone()));
        }
        let outbox = app.outbox();
        let (expander, stop) = (outbox.clone(), cancel.clone());
        tasks.spawn(async move { expander.run_expansion(stop).await });
        for channel in app.channels.iter() {
            tasks.spawn(outbox.clone().run_channel(channel.clone(), cancel.clone()));
        }
        if app.store.is_shared() {
            tasks.spawn(app.clone().run_takeover(cancel.clone()));
        }
        Self { cancel, tasks }
    }

    /// Stops in order: nothing new is claimed, what is on its way has ten seconds.
    pub(super) async fn stop(self) {
        self.cancel.cancel();
        self.tasks.close();
        let _ = tokio::time::timeout(STOP, self.tasks.wait()).await;
    }
}
