//! Threads of their own for work that takes the processor. Always the same few: each keeps what it took from the
//! system for the next piece of work, so that many threads would keep many times as much. Used by `lanes`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// Some threads that take work in the order of its coming; clones share them. They start with the first piece of
/// work and end with the last clone.
#[derive(Debug, Clone)]
pub struct Crew {
    hands: usize,
    jobs: Arc<OnceLock<Sender<Job>>>,
}

/// The work panicked: that is the failure of one piece, not of the daemon.
#[derive(Debug)]
pub struct Panicked;

impl Crew {
    /// Of so many threads.
    pub fn new(hands: usize) -> Self {
        Self { hands: hands.max(1), jobs: Arc::default() }
    }

    /// Does the work when it is its turn, also where nobody waits for it any more.
    pub async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Panicked> {
        let (tell, told) = oneshot::channel();
        let job: Job = Box::new(move || {
            let done = catch_unwind(AssertUnwindSafe(work)).map_err(|_| Panicked);
            // Whoever has gone does not need it.
            let _ = tell.send(done);
        });
        // Where no thread could be started, nobody takes the job, and it is dropped.
        let _ = self.jobs.get_or_init(|| start(self.hands)).send(job);
        told.await.unwrap_or(Err(Panicked))
    }
}

fn start(hands: usize) -> Sender<Job> {
    let (jobs, queue) = mpsc::channel();
    let queue = Arc::new(Mutex::new(queue));
    for _ in 0..hands {
        let queue = Arc::clone(&queue);
        let thread = std::thread::Builder::new().name("reading".to_owned());
        if let Err(error) = thread.spawn(move || {
            while let Some(job) = next(&queue) {
                job();
            }
        }) {
            tracing::error!(%error, "a thread to read pages could not be started; is there a limit on threads?");
        }
    }
    jobs
}

fn next(queue: &Mutex<Receiver<Job>>) -> Option<Job> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_done_in_its_order_and_a_panic_ends_one_piece() {
        let crew = Crew::new(1);
        let done = Arc::new(Mutex::new(Vec::new()));
        let piece = |n: usize| {
            let done = done.clone();
            crew.work(move || {
                assert_ne!(n, 2, "on purpose");
                done.lock().unwrap().push(n);
                n
            })
        };
        let all = futures_util::future::join_all((0..5).map(piece)).await;
        assert_eq!(
            all.iter().map(|one| one.as_ref().ok().copied()).collect::<Vec<_>>(),
            [Some(0), Some(1), None, Some(3), Some(4)]
        );
        assert_eq!(*done.lock().unwrap(), [0, 1, 3, 4]);
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_done_all_the_same() {
        let crew = Crew::new(2);
        let (tell, told) = oneshot::channel();
        let mut work = Box::pin(crew.work(move || tell.send(7)));
        let _ = futures_util::poll!(&mut work);
        drop(work);
        assert_eq!(told.await, Ok(7));
    }
}
