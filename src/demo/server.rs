//! Starting and stopping the demo's servers, all on 127.0.0.1.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

/// The demo's tasks and how they are told to stop.
#[derive(Debug, Clone, Default)]
pub(super) struct Tasks {
    pub(super) cancel: CancellationToken,
    pub(super) tracker: TaskTracker,
}

/// Takes a port of 127.0.0.1; 0 is any free one.
///
/// # Errors
/// Says which port of what is taken, and what to do.
pub(super) async fn listen(what: &str, port: u16) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.with_context(|| {
        format!("the demo's {what} cannot listen on 127.0.0.1:{port}; stop what uses it or choose another port")
    })?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// The http address of a server on this machine.
pub(super) fn url_of(address: SocketAddr) -> anyhow::Result<Url> {
    Ok(Url::parse(&format!("http://{address}/"))?)
}

impl Tasks {
    /// Serves until the demo stops.
    pub(super) fn serve(&self, listener: TcpListener, router: Router) {
        let cancel = self.cancel.clone();
        self.tracker.spawn(async move {
            let graceful = cancel.clone().cancelled_owned();
            let server = axum::serve(listener, router).with_graceful_shutdown(graceful);
            // A browser may keep a connection open for ever; the demo does not wait for it.
            tokio::select! {
                result = server => if let Err(error) = result { tracing::warn!(%error, "a server of the demo ended"); },
                () = async { cancel.cancelled().await; tokio::time::sleep(std::time::Duration::from_secs(1)).await } => {}
            }
        });
    }

    /// Stops every server and waits for it.
    pub(super) async fn stop(&self) {
        self.cancel.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}
