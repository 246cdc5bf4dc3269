//! What the service manager is told (`sd_notify(3)`): ready, reloading, stopping, and that bantin is alive. Where
//! nobody asked to be told (no `NOTIFY_SOCKET`), nothing happens.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;

/// Ready, with a line for `systemctl status`.
pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// The configuration is read again; [`ready`] ends it, also where it could not be used. The time has to be told with
/// it (`Type=notify-reload`, from systemd 253 on).
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "the service manager cannot be told of a reload: there is no clock"),
    }
}

/// The orderly stop has begun.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Says that bantin is alive, twice in the time the service manager waits for it (`WatchdogSec=`), until it is
/// cancelled. A runtime that hangs says nothing, and is started anew by the manager.
pub async fn alive(cancel: CancellationToken) {
    let Some(every) = sd_notify::watchdog_enabled() else { return };
    let mut ticks = tokio::time::interval((every / 2).max(Duration::from_millis(100)));
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            _ = ticks.tick() => tell(&[NotifyState::Watchdog]),
        }
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the service manager could not be told how bantin fares");
    }
}
