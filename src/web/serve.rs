//! The loop that accepts connections. `axum::serve` knows no time-out for slow headers and no limit of connections;
//! a hundred idle sockets would be enough to lock everybody out.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Door;

/// Most connections at a time.
const CONNECTIONS: usize = 2_000;
/// Longest time for the headers of a request, and longest rest between two.
const HEADERS: Duration = Duration::from_secs(15);
/// How long open requests may take to finish at a stop.
const FINISH: Duration = Duration::from_secs(10);
/// Pause after a failed accept (no file handle left): long enough not to spin, short enough not to be noticed.
const PAUSE: Duration = Duration::from_millis(100);

/// The way in that is in force. Another one takes its place between two requests.
#[derive(Debug)]
pub struct Routes(ArcSwap<Door>);

impl Routes {
    /// Begins with this one.
    pub fn new(door: Door) -> Self {
        Self(ArcSwap::from_pointee(door))
    }

    /// Answers the requests that come from now on by another one.
    pub fn turn(&self, door: Door) {
        self.0.store(Arc::new(door));
    }

    fn current(&self) -> Arc<Door> {
        self.0.load_full()
    }
}

/// Serves until `cancel`, then lets open requests finish for ten seconds.
///
/// # Errors
/// None so far: a failed accept is logged and tried again.
pub async fn serve(listener: TcpListener, routes: Arc<Routes>, cancel: CancellationToken) -> io::Result<()> {
    let (seats, tasks) = (Arc::new(Semaphore::new(CONNECTIONS)), TaskTracker::new());
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => break,
            accepted = accept(&listener, &seats) => accepted,
        };
        match accepted {
            Ok((stream, peer, seat)) => {
                tasks.spawn(connection(stream, peer, routes.clone(), cancel.clone(), seat));
            }
            Err(error) => {
                tracing::warn!("a connection could not be accepted: {error}");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(FINISH, tasks.wait()).await.is_err() {
        tracing::warn!("{} connections were still busy and are cut", tasks.len());
    }
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    seats: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let seat = seats.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, seat))
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    routes: Arc<Routes>,
    cancel: CancellationToken,
    _seat: OwnedSemaphorePermit,
) {
    let _ = stream.set_nodelay(true); // only a matter of speed
    let service = service_fn(move |request| {
        let door = routes.current();
        async move { Ok::<_, Infallible>(door.answer(request, peer).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // What goes wrong on a connection is the client's affair: it left, or spoke no HTTP.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = cancel.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
