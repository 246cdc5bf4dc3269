//! Answers that are withheld until a test releases them. A test waits until something stands at the gate,
//! does what it came to do (kills the sender, say), and opens it.

use std::time::Duration;

use tokio::sync::watch;

/// Where withheld answers wait.
pub struct Gate {
    waiting: watch::Sender<usize>,
    opened: watch::Sender<u64>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { waiting: watch::Sender::new(0), opened: watch::Sender::new(0) }
    }
}

/// One who waits; leaving (also because the peer is gone) is counted by the drop.
struct Waiting<'a>(&'a watch::Sender<usize>);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|n| *n -= 1);
    }
}

impl Gate {
    /// Stands at the gate until the next [`Gate::release`].
    pub async fn pass(&self) {
        let mut opened = self.opened.subscribe();
        self.waiting.send_modify(|n| *n += 1);
        let _waiting = Waiting(&self.waiting);
        let _ = opened.changed().await;
    }

    /// Lets everyone through who stands there now.
    pub fn release(&self) {
        self.opened.send_modify(|n| *n += 1);
    }

    /// How many stand there.
    pub fn waiting(&self) -> usize {
        *self.waiting.borrow()
    }

    /// Waits until at least `count` stand there, or the time is over; answers how many do.
    pub async fn wait(&self, count: usize, limit: Duration) -> usize {
        let mut waiting = self.waiting.subscribe();
        let _ = tokio::time::timeout(limit, waiting.wait_for(|n| *n >= count)).await;
        self.waiting()
    }
}
