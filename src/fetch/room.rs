//! How much of what is read is in memory at a time: ordinary pages beside each other, large ones only a few, so that
//! many large answers at once cannot fill the memory, and cannot keep the ordinary ones waiting.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// From this size on an answer is large.
pub const LARGE: usize = 512 * 1024;
/// Large answers in memory at a time.
const LARGE_AT_A_TIME: usize = 4;

/// The room that a large answer takes; it is given back when the last clone is dropped.
#[derive(Debug, Clone, Default)]
pub struct Room {
    _permit: Option<Arc<OwnedSemaphorePermit>>,
}

/// The room there is.
#[derive(Debug, Clone)]
pub struct Rooms(Arc<Semaphore>);

impl Default for Rooms {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LARGE_AT_A_TIME)))
    }
}

impl Rooms {
    /// Waits for the room of a large answer.
    pub async fn large(&self) -> Room {
        // The semaphore is never closed; were it, there would be room.
        Room { _permit: Arc::clone(&self.0).acquire_owned().await.ok().map(Arc::new) }
    }
}
