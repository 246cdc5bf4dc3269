//! Reading pages beside the rest of the daemon: on the blocking pool, ordinary pages a few at a time, large ones one
//! at a time in a lane of their own, so that pages made to be slow neither hold up the others nor fill the memory.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::fetch::LARGE;

/// Ordinary pages read at a time. More than there are cores, so that a slow one does not hold up the others.
const ORDINARY: usize = 4;

/// The two lanes; clones share them.
#[derive(Debug, Clone)]
pub struct Lanes {
    ordinary: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

impl Default for Lanes {
    fn default() -> Self {
        Self { ordinary: Arc::new(Semaphore::new(ORDINARY)), large: Arc::new(Semaphore::new(1)) }
    }
}

/// The work panicked: that is the failure of one page, not of the daemon.
#[derive(Debug)]
pub struct Panicked;

impl Lanes {
    /// Does the work of reading `bytes` bytes, when it is its turn.
    pub async fn read<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Panicked> {
        let lane = if bytes > LARGE { &self.large } else { &self.ordinary };
        let turn = Arc::clone(lane).acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            // Held until the work is done, whether or not somebody still waits for it.
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| Panicked)
    }
}
