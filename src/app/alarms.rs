//! What an admin has to know besides sources and holds: a configuration that is broken, a disk that fills, a database, relay
//! or mailbox that is away, a token that is refused, a chat that throws the bot out, messages that are given up. Looked at
//! every few seconds; what lasts is told once, and once when it has been well for as long (`store::troubles`).

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;

use super::App;
use crate::store::{Admin, Alert, Told, Trouble};

/// The longest and shortest time from one look to the next.
const SELDOM: Duration = Duration::from_secs(5);
const OFTEN: Duration = Duration::from_millis(300);
/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// What was given up is counted over so long.
const HOUR_MS: i64 = 3_600_000;
/// So many messages given up in that time, and so large a part of all (one in so many), are told.
const DEAD: u64 = 10;
const DEAD_PART: u64 = 20;

/// What is remembered from one look to the next.
#[derive(Debug, Default)]
pub struct Alarms(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Since when the database is away, and whether that was told.
    away: Option<(i64, bool)>,
    /// Moments with the messages sent and given up until then.
    tally: VecDeque<(i64, u64, u64)>,
}

impl Alarms {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many messages were given up within the hour, when they are too many.
    fn given_up(&self, sent: u64, dead: u64, now_ms: i64) -> Option<u64> {
        let mut state = self.lock();
        let minute = |at: i64| at / 60_000;
        if state.tally.back().is_none_or(|(at, ..)| minute(*at) != minute(now_ms)) {
            state.tally.push_back((now_ms, sent, dead));
        }
        while state.tally.len() > 1 && state.tally.get(1).is_some_and(|(at, ..)| now_ms - at >= HOUR_MS) {
            state.tally.pop_front();
        }
        let (_, sent_then, dead_then) = state.tally.front().copied().unwrap_or_default();
        let (sent, dead) = (sent.saturating_sub(sent_then), dead.saturating_sub(dead_then));
        (dead >= DEAD && dead.saturating_mul(DEAD_PART) >= sent + dead).then_some(dead)
    }
}

impl App {
    /// Looks every few seconds, until it is cancelled.
    pub(super) async fn run_alarms(self, cancel: CancellationToken) {
        let every = (self.config.admin.after / 3).clamp(OFTEN, SELDOM);
        // The first tick is now: what was told before a restart may be well.
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = cancel.cancelled() => return,
                _ = ticks.tick() => {}
            }
            tokio::select! {
                () = cancel.cancelled() => return,
                () = self.look_around() => {}
            }
        }
    }

    async fn look_around(&self) {
        let admins = self.outbox().admins();
        let after_ms = i64::try_from(self.config.admin.after.as_millis()).unwrap_or(i64::MAX);
        if !self.store_is_there(&admins, after_ms).await {
            return;
        }
        let now_ms = self.clock.now_ms();
        let noted = async {
            let own = self.own_troubles().await;
            let machine = self.machine();
            if !self.store.is_shared() {
                let all: Vec<Trouble> = own.into_iter().chain(self.common_troubles(&admins).await?).collect();
                return self.store.note_troubles("", &all, &admins, after_ms, now_ms).await;
            }
            let mut made = self.store.note_troubles(&machine, &own, &admins, after_ms, now_ms).await?;
            if self.is_mine("alarms").await {
                let common = self.common_troubles(&admins).await?;
                made += self.store.note_troubles("", &common, &admins, after_ms, now_ms).await?;
            }
            Ok(made)
        };
        match noted.await {
            Ok(0) => {}
            Ok(messages) => {
                tracing::info!(messages, "admins are told of what is not well, or is well again");
                self.outbox_bell.notify_waiters();
            }
            Err(error) => tracing::warn!(%error, "what is not well could not be noted; it is tried again"),
        }
    }

    /// Whether the database answers. Where it has not for long, admins are told without it, once; and once it is back.
    async fn store_is_there(&self, admins: &[Admin], after_ms: i64) -> bool {
        let reason = match tokio::time::timeout(PATIENCE, self.store.ping()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("it does not answer in time".to_owned()),
        };
        let now_ms = self.clock.now_ms();
        let Some(reason) = reason else {
            let away = self.alarms.lock().away.take();
            if let Some((since, true)) = away {
                let told = Told::about("alert-store", &[("reason", "")]);
                let about = format!("store.{since}.well");
                if let Err(error) = self.store.tell(admins, &about, &Alert::well(&told), now_ms).await {
                    tracing::warn!(%error, "that the database is back could not be told");
                    self.alarms.lock().away = away;
                }
            }
            return true;
        };
        let tell = {
            let mut state = self.alarms.lock();
            let (since, told) = state.away.get_or_insert((now_ms, false));
            let due = !*told && now_ms - *since >= after_ms;
            *told |= due;
            due
        };
        if tell {
            let told = Told::about("alert-store", &[("reason", &reason)]);
            self.outbox().tell_unrecorded(&Alert::trouble(&told)).await;
        }
        false
    }

    /// What only this machine sees.
    async fn own_troubles(&self) -> Vec<Trouble> {
        let machine = if self.store.is_shared() { self.machine() } else { String::new() };
        let trouble =
            |key: &str, told: Told| Trouble { key: format!("{key}@{machine}"), told, at_once: false, not_to: None };
        let mut troubles = Vec::new();
        let position = self.health.position();
        if let Some((_, mistake)) = &position.broken {
            let since = position.since.unwrap_or_else(|| self.clock.now());
            let since = since.with_timezone(&self.config.timezone).format("%Y-%m-%d %H:%M").to_string();
            troubles.push(trouble("config", Told::about("alert-config", &[("since", &since), ("mistake", mistake)])));
        }
        for (part, reason) in self.health.reasons() {
            if part == "feeds" {
                troubles.push(trouble("feeds", Told::about("alert-feeds", &[("reason", &reason)])));
            }
        }
        for (part, reason) in self.health.troubles() {
            troubles.push(trouble(part, Told::about(&format!("alert-{part}"), &[("reason", &reason)])));
        }
        for (place, free) in self.full_disks().await {
            let told = Told::about("alert-disk", &[("place", &place), ("free", &mebibytes(free))]);
            troubles.push(trouble(&format!("disk:{place}"), told));
        }
        let (sent, dead) = (self.metrics.settled("sent"), self.metrics.settled("dead"));
        if let Some(count) = self.alarms.given_up(sent, dead, self.clock.now_ms()) {
            let reason = self.store.last_death().await.ok().flatten().unwrap_or_default();
            let told = Told::about("alert-dead", &[("count", &count.to_string()), ("reason", &reason)]);
            troubles.push(trouble("dead", told));
        }
        troubles
    }

    /// What every instance sees alike.
    async fn common_troubles(&self, admins: &[Admin]) -> Result<Vec<Trouble>, crate::store::StoreError> {
        let mut troubles: Vec<Trouble> = Vec::new();
        let blocked = self.store.blocked(self.clock.now_ms()).await?;
        let away = self.channels.iter().flat_map(|channel| channel.away());
        for (key, reason) in away.chain(blocked.into_iter().map(|(key, _, reason)| (key, reason))) {
            let (told, at_once) = if let Some(relay) = key.strip_prefix("relay:") {
                (Told::about("alert-relay", &[("relay", relay), ("reason", &reason)]), false)
            } else if reason.contains("refused the token") {
                (Told::about("alert-refused", &[("reason", &reason)]), true)
            } else {
                continue;
            };
            if troubles.iter().all(|other| other.key != key) {
                troubles.push(Trouble { key, told, at_once, not_to: None });
            }
        }
        for (channel, address, reason) in self.store.resting_chats(admins).await? {
            let told = Told::about("alert-resting", &[("chat", &address), ("reason", &reason)]);
            let key = format!("rest:{channel}:{address}");
            troubles.push(Trouble { key, told, at_once: true, not_to: Some(address) });
        }
        Ok(troubles)
    }

    /// The folders that are written to and have too little room, with what they have.
    async fn full_disks(&self) -> Vec<(String, u64)> {
        let mut places = vec![self.config.feeds.directory.clone()];
        if let Some(file) = self.config.database.expose_secret().strip_prefix("sqlite:") {
            places.insert(0, Path::new(file).parent().unwrap_or(Path::new(".")).to_owned());
        }
        let least = self.config.admin.free;
        // A disk of the network may take its time.
        let asked = tokio::task::spawn_blocking(move || full_among(&places, least)).await;
        asked.unwrap_or_default()
    }

    /// This machine among those that share a database: the same after a restart.
    pub(super) fn machine(&self) -> String {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        format!("{} {}", host.trim(), self.config.server.listen)
    }
}

/// Which of these folders have less room; two folders of one disk are told once, by the first.
fn full_among(places: &[PathBuf], least: u64) -> Vec<(String, u64)> {
    let (mut seen, mut full) = (Vec::new(), Vec::new());
    for place in places {
        let disk = device(place);
        if disk.is_some() && seen.contains(&disk) {
            continue;
        }
        seen.push(disk);
        if let Some(free) = free(place).filter(|free| *free < least) {
            full.push((place.display().to_string(), free));
        }
    }
    full
}

#[cfg(unix)]
fn device(place: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(place).ok().map(|data| data.dev())
}

#[cfg(not(unix))]
fn device(_place: &Path) -> Option<u64> {
    None
}

/// The bytes that may still be written where a folder is.
#[cfg(unix)]
fn free(place: &Path) -> Option<u64> {
    let room = rustix::fs::statvfs(place).ok()?;
    Some(room.f_bavail.saturating_mul(room.f_frsize))
}

#[cfg(not(unix))]
fn free(_place: &Path) -> Option<u64> {
    None
}

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes / (1024 * 1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_messages_given_up_within_an_hour_are_too_many() {
        let alarms = Alarms::default();
        let minute = 60_000;
        assert_eq!(alarms.given_up(1_000, 50, 0), None, "what was before the start does not count");
        assert_eq!(alarms.given_up(1_100, 59, minute), None);
        assert_eq!(alarms.given_up(1_100, 62, 2 * minute), Some(12));
        assert_eq!(alarms.given_up(9_000, 62, 3 * minute), None, "a small part of many");
        for n in 4..70 {
            alarms.given_up(9_000, 62, n * minute);
        }
        assert_eq!(alarms.given_up(9_000, 62, 70 * minute), None, "an hour without any");
    }

    #[cfg(unix)]
    #[test]
    fn a_disk_tells_its_room() {
        assert!(free(Path::new("/")).is_some_and(|bytes| bytes > 0) && device(Path::new("/")).is_some());
        assert_eq!(free(Path::new("/nowhere at all")), None);
        let places = ["/", "/", "/nowhere at all"].map(PathBuf::from);
        assert_eq!(full_among(&places, u64::MAX).len(), 1, "one disk is told once");
        assert_eq!(full_among(&places, 0), []);
    }
}
