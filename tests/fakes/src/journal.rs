//! What was accepted: one JSON object a line, in a file and in memory, written before the sender gets its
//! answer. What was refused is kept apart, in memory only, to explain a failing test.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use tokio::sync::watch;

/// The record of a fake's life.
pub struct Journal {
    inner: Mutex<Inner>,
    changed: watch::Sender<usize>,
}

struct Inner {
    file: Option<File>,
    accepted: Vec<Value>,
    refused: Vec<Value>,
}

impl Journal {
    /// Opens the journal; an existing file is continued, so that a restarted fake keeps its past on disk.
    pub fn open(path: Option<&Path>) -> io::Result<Self> {
        let file = path.map(|path| OpenOptions::new().create(true).append(true).open(path)).transpose()?;
        let inner = Inner { file, accepted: Vec::new(), refused: Vec::new() };
        Ok(Self { inner: Mutex::new(inner), changed: watch::Sender::new(0) })
    }

    /// Records an accepted message under the next number (`seq`, from 1) and the time (Unix milliseconds).
    /// When this returns, the line is in the file (with the kernel; the fakes are not the ones being killed).
    pub fn accept(&self, record: Map<String, Value>) {
        let mut inner = self.inner.lock().expect("the journal's lock");
        let record = stamped(inner.accepted.len() + 1, record);
        if let Some(file) = &mut inner.file {
            file.write_all(format!("{record}\n").as_bytes()).expect("writing the journal");
        }
        inner.accepted.push(record);
        self.changed.send_replace(inner.accepted.len());
    }

    /// Remembers a refusal.
    pub fn refuse(&self, record: Map<String, Value>) {
        let mut inner = self.inner.lock().expect("the journal's lock");
        let record = stamped(inner.refused.len() + 1, record);
        inner.refused.push(record);
    }

    /// Everything accepted so far.
    pub fn accepted(&self) -> Vec<Value> {
        self.inner.lock().expect("the journal's lock").accepted.clone()
    }

    /// Everything refused so far.
    pub fn refused(&self) -> Vec<Value> {
        self.inner.lock().expect("the journal's lock").refused.clone()
    }

    /// Waits until at least `count` accepted records satisfy `filter`, or the time is over; answers how many do.
    pub async fn wait(&self, count: usize, filter: impl Fn(&Value) -> bool, limit: Duration) -> usize {
        let deadline = tokio::time::Instant::now() + limit;
        let mut changes = self.changed.subscribe();
        loop {
            changes.borrow_and_update();
            let now = self.inner.lock().expect("the journal's lock").accepted.iter().filter(|r| filter(r)).count();
            if now >= count || tokio::time::timeout_at(deadline, changes.changed()).await.is_err() {
                return now;
            }
        }
    }
}

fn stamped(seq: usize, record: Map<String, Value>) -> Value {
    let mut line = json!({ "seq": seq, "time": now_ms() });
    line.as_object_mut().expect("an object").extend(record);
    line
}

/// The present in Unix milliseconds.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
