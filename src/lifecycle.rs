//! Starting and stopping: signals, the order of an orderly stop, named points where a test may kill bantin,
//! and what `/readyz` says meanwhile. [`Health`] is what every part tells of
//! itself; `/readyz` and `/status` read it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

/// A named point at which a test may stop bantin for ever, to kill it there. `BANTIN_FAULT=point[:n]` makes a
/// debug build say so on standard error at the n-th passage, and wait. A release build has no such points.
pub async fn fault(point: &str) {
    #[cfg(debug_assertions)]
    {
        use std::sync::LazyLock;
        use std::sync::atomic::{AtomicU64, Ordering};
        static WANTED: LazyLock<Option<(String, u64)>> = LazyLock::new(|| {
            let text = std::env::var("BANTIN_FAULT").ok()?;
            let (point, n) = text.split_once(':').unwrap_or((&text, "1"));
            Some((point.to_owned(), n.parse().unwrap_or(1)))
        });
        static PASSED: AtomicU64 = AtomicU64::new(0);
        if let Some((wanted, n)) = WANTED.as_ref()
            && wanted == point
            && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *n
        {
            eprintln!("fault point reached: {point}");
            std::future::pending::<()>().await;
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = point;
}

/// A token that is cancelled by SIGTERM or Ctrl-C. A second Ctrl-C ends the process at once.
pub fn stop_on_signal() -> tokio_util::sync::CancellationToken {
    let cancel = tokio_util::sync::CancellationToken::new();
    let stop = cancel.clone();
    tokio::spawn(async move {
        signalled().await;
        stop.cancel();
        signalled().await;
        std::process::exit(130);
    });
    cancel
}

async fn signalled() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut term) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = term.recv() => return,
                _ = tokio::signal::ctrl_c() => return,
            }
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// How a section fares: what its last look brought and when the next comes.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct SectionHealth {
    /// When it was last looked at.
    pub last_look: Option<DateTime<Utc>>,
    /// What came of it in words; empty when all was well.
    pub trouble: String,
    /// When the next look is due.
    pub next_look: Option<DateTime<Utc>>,
}

/// One look at a section, for the admin's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastLook {
    /// When.
    pub at: DateTime<Utc>,
    /// Articles listed, and how many of them were new; none of both where nothing had changed.
    pub found: Option<(usize, usize)>,
    /// What went wrong, in words; empty when all was well.
    pub trouble: String,
}

/// Looks of a section that are remembered.
const LOOKS: usize = 20;

/// What the parts of the daemon say of themselves.
#[derive(Debug, Default)]
pub struct Health {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    reasons: BTreeMap<String, String>,
    sections: BTreeMap<String, SectionHealth>,
    looks: BTreeMap<String, VecDeque<PastLook>>,
}

impl Health {
    /// Says why `part` ("store", "feeds", "start") is not ready, in words an admin understands; `None`: it is.
    pub fn set(&self, part: &str, reason: Option<String>) {
        let mut state = self.lock();
        match reason {
            Some(reason) => state.reasons.insert(part.to_owned(), reason),
            None => state.reasons.remove(part),
        };
    }

    /// Records how a section fares.
    pub fn section(&self, slug: &str, health: SectionHealth) {
        self.lock().sections.insert(slug.to_owned(), health);
    }

    /// Remembers a look at a section.
    pub fn looked(&self, slug: &str, look: PastLook) {
        let mut state = self.lock();
        let looks = state.looks.entry(slug.to_owned()).or_default();
        looks.push_front(look);
        looks.truncate(LOOKS);
    }

    /// The last looks at a section since the start, the newest first.
    pub fn looks(&self, slug: &str) -> Vec<PastLook> {
        self.lock().looks.get(slug).map(|looks| looks.iter().cloned().collect()).unwrap_or_default()
    }

    /// Records when a section is looked at next.
    pub fn planned(&self, slug: &str, at: DateTime<Utc>) {
        self.lock().sections.entry(slug.to_owned()).or_default().next_look = Some(at);
    }

    /// When a section was last looked at well (Unix milliseconds); 0: not since the start.
    pub fn last_look_ms(&self, slug: &str) -> i64 {
        let state = self.lock();
        let section = state.sections.get(slug).filter(|section| section.trouble.is_empty());
        section.and_then(|section| section.last_look).map_or(0, |at| at.timestamp_millis())
    }

    /// Why bantin is not ready, as (part, reason); empty when it is.
    pub fn reasons(&self) -> Vec<(String, String)> {
        self.lock().reasons.iter().map(|(part, reason)| (part.clone(), reason.clone())).collect()
    }

    /// How every section fares that was looked at or planned so far, by slug.
    pub fn sections(&self) -> BTreeMap<String, SectionHealth> {
        self.lock().sections.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_recovers_is_ready_again() {
        let health = Health::default();
        health.set("store", Some("the database is locked".into()));
        assert_eq!(health.reasons(), [("store".into(), "the database is locked".into())]);
        health.set("store", None);
        assert_eq!(health.reasons(), []);
    }
}
