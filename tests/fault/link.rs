//! A link that a test can cut: everything that goes to its port goes on to another one, until it is cut or stands still.

#![allow(dead_code, reason = "the tests of faults alone cut links")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const UP: u8 = 0;
const CUT: u8 = 1;
const STILL: u8 = 2;

/// The link; it is there until the test ends.
pub struct Link {
    /// Where it listens on loopback.
    pub port: u16,
    state: Arc<AtomicU8>,
    broken: watch::Sender<u64>,
}

impl Link {
    /// A link to an address.
    pub async fn to(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(AtomicU8::new(UP));
        let broken = watch::Sender::new(0);
        let (target, now, breaks) = (target.to_owned(), state.clone(), broken.clone());
        tokio::spawn(async move {
            while let Ok((inside, _)) = listener.accept().await {
                let (target, now, mut breaks) = (target.clone(), now.clone(), breaks.subscribe());
                tokio::spawn(async move {
                    match now.load(Ordering::SeqCst) {
                        CUT => return,
                        // Taken, and never answered.
                        STILL => {
                            let _ = breaks.changed().await;
                            return;
                        }
                        _ => {}
                    }
                    let Ok(outside) = TcpStream::connect(&target).await else { return };
                    let _ = (inside.set_nodelay(true), outside.set_nodelay(true));
                    let (mut inside, mut outside) = (inside, outside);
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut inside, &mut outside) => {}
                        _ = breaks.changed() => {}
                    }
                });
            }
        });
        Self { port, state, broken }
    }

    /// Cuts every connection; new ones are closed at once.
    pub fn cut(&self) {
        self.state.store(CUT, Ordering::SeqCst);
        self.broken.send_modify(|n| *n += 1);
    }

    /// Cuts every connection; new ones are taken and never answered.
    pub fn stand_still(&self) {
        self.state.store(STILL, Ordering::SeqCst);
        self.broken.send_modify(|n| *n += 1);
    }

    /// As it was.
    pub fn mend(&self) {
        self.state.store(UP, Ordering::SeqCst);
        self.broken.send_modify(|n| *n += 1);
    }
}
