//! Starting and stopping: signals, the order of an orderly stop, named points where a test may kill bantin,
//! and what `/readyz` says meanwhile. [`Health`] is what every part tells of
//! itself; `/readyz` and `/status` read it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

/// A named point at which a test may stop bantin for ever, to kill it there, or for a while. `BANTIN_FAULT=point[:n[:ms]]`
/// makes a debug build say so on standard error at the n-th passage, and wait. A release build has no such points.
pub async fn fault(point: &str) {
    #[cfg(debug_assertions)]
    {
        use std::sync::LazyLock;
        use std::sync::atomic::{AtomicU64, Ordering};
        static WANTED: LazyLock<Option<(String, u64, Option<u64>)>> = LazyLock::new(|| {
            let text = std::env::var("BANTIN_FAULT").ok()?;
            let mut parts = text.split(':');
            let point = parts.next()?.to_owned();
            let n = parts.next().and_then(|n| n.parse().ok()).unwrap_or(1);
            Some((point, n, parts.next().and_then(|ms| ms.parse().ok())))
        });
        static PASSED: AtomicU64 = AtomicU64::new(0);
        if let Some((wanted, n, ms)) = WANTED.as_ref()
            && wanted == point
            && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *n
        {
            eprintln!("fault point reached: {point}");
            match ms {
                Some(ms) => tokio::time::sleep(Duration::from_millis(*ms)).await,
                None => std::future::pending::<()>().await,
            }
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = point;
}

/// Panics over a title with the text of `BANTIN_POISON` in it, as a library may over a strange article. In debug builds
/// only: by it tests see that such an article's failure is nobody else's.
///
/// # Panics
/// That is what it is for.
pub fn poison(title: &str) {
    #[cfg(debug_assertions)]
    {
        use std::sync::LazyLock;
        static WANTED: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("BANTIN_POISON").ok());
        if let Some(poison) = WANTED.as_ref() {
            assert!(!title.contains(poison.as_str()), "poisoned on purpose: {title}");
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = title;
}

/// How long a claim lasts unless it is renewed, and by what the silence of an instance is measured. A debug build can be
/// told another one (`BANTIN_LEASE_MS`), so that tests need not wait for a minute.
pub fn lease() -> Duration {
    #[cfg(debug_assertions)]
    {
        use std::sync::LazyLock;
        static WANTED: LazyLock<Option<u64>> = LazyLock::new(|| std::env::var("BANTIN_LEASE_MS").ok()?.parse().ok());
        if let Some(ms) = *WANTED {
            return Duration::from_millis(ms.max(100));
        }
    }
    Duration::from_mins(1)
}

/// What is taken for a clock being set back, not corrected by a little.
pub const SET_BACK_MS: i64 = 30_000;

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

/// Rings at every SIGHUP from now on: the configuration is to be read again. Without such signals it never rings.
pub fn hangups() -> tokio::sync::mpsc::Receiver<()> {
    let (ring, bell) = tokio::sync::mpsc::channel(1);
    #[cfg(unix)]
    if let Ok(mut hangup) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()) {
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                // One that waits already stands for all.
                let _ = ring.try_send(());
            }
        });
    }
    bell
}

/// A file that may not grow any more (`ulimit -f`) is an error of a write, not the end of the process. Called once, inside
/// the runtime.
pub fn outlive_full_disks() {
    #[cfg(target_os = "linux")]
    {
        // SIGXFSZ. Who listens for a signal is not ended by it.
        let kind = tokio::signal::unix::SignalKind::from_raw(25);
        if let Ok(mut signals) = tokio::signal::unix::signal(kind) {
            tokio::spawn(async move { while signals.recv().await.is_some() {} });
        }
    }
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
    /// Slots of its schedule are left out before that, because looks failed or its site asked for it.
    pub backs_off: bool,
    /// By what it is looked at: the kind of source and its address. Empty: not known yet.
    pub way: String,
}

/// The configuration in force, and what is wrong with the one that was to follow it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Position {
    /// Since when the one in force is; `None`: nothing is known yet.
    pub since: Option<DateTime<Utc>>,
    /// When the files were last found broken, and their first mistake with its place; `None`: they are in force.
    pub broken: Option<(DateTime<Utc>, String)>,
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
    /// What is not well without keeping bantin from its work.
    troubles: BTreeMap<&'static str, String>,
    sections: BTreeMap<String, SectionHealth>,
    config: Position,
    looks: BTreeMap<String, VecDeque<PastLook>>,
}

impl Health {
    /// Says that a configuration is in force, with sections of these slugs: what is known of others is forgotten.
    pub fn applied<'a>(&self, slugs: impl Iterator<Item = &'a String>, at: DateTime<Utc>) {
        let slugs: std::collections::HashSet<&String> = slugs.collect();
        let mut state = self.lock();
        state.config = Position { since: Some(at), broken: None };
        state.sections.retain(|slug, _| slugs.contains(slug));
        state.looks.retain(|slug, _| slugs.contains(slug));
    }

    /// Says that the files were found broken: the configuration in force stays.
    pub fn broken(&self, mistake: String, at: DateTime<Utc>) {
        self.lock().config.broken = Some((at, mistake));
    }

    /// How it stands with the configuration.
    pub fn position(&self) -> Position {
        self.lock().config.clone()
    }

    /// Says why `part` ("store", "feeds", "start") is not ready, in words an admin understands; `None`: it is.
    pub fn set(&self, part: &str, reason: Option<String>) {
        let mut state = self.lock();
        match reason {
            Some(reason) => state.reasons.insert(part.to_owned(), reason),
            None => state.reasons.remove(part),
        };
    }

    /// Says why `part` does not do its work at present; `None`: it does. That keeps nothing else from working.
    pub fn trouble(&self, part: &'static str, reason: Option<String>) {
        let mut state = self.lock();
        match reason {
            Some(reason) => state.troubles.insert(part, reason),
            None => state.troubles.remove(part),
        };
    }

    /// What does not do its work at present: (part, reason).
    pub fn troubles(&self) -> Vec<(&'static str, String)> {
        self.lock().troubles.iter().map(|(part, reason)| (*part, reason.clone())).collect()
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

    /// Records when a section is looked at next, and whether slots of its schedule are left out before that.
    pub fn planned(&self, slug: &str, at: DateTime<Utc>, backs_off: bool) {
        let mut state = self.lock();
        let section = state.sections.entry(slug.to_owned()).or_default();
        (section.next_look, section.backs_off) = (Some(at), backs_off);
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
