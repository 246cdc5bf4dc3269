//! Another configuration while the daemon runs (promise 6). When the files change or a SIGHUP comes they are read and
//! checked as a whole; what is good replaces what was, what is not is told with its place, and the last good one
//! stays in force. Requests are answered all along: the server turns from one router to the next between two of them.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::App;
use crate::config::{self, Config, Severity};
use crate::service;
use crate::web::Routes;

/// Reads the configuration again when it has to be.
pub struct Reload {
    file: PathBuf,
    hangups: mpsc::Receiver<()>,
}

impl Reload {
    /// Follows the configuration in `file`; `hangups` rings when it is to be read without having changed.
    pub fn new(file: PathBuf, hangups: mpsc::Receiver<()>) -> Self {
        Self { file, hangups }
    }

    /// Follows the files until it is cancelled. Each good configuration is served at once and handed on in `next`.
    pub(super) async fn run(
        mut self,
        mut app: App,
        routes: Arc<Routes>,
        next: watch::Sender<App>,
        cancel: CancellationToken,
    ) {
        let mut watched = config::watch::Watched::new(&self.file);
        let mut ticks = tokio::time::interval(config::watch::EVERY);
        let mut can_ring = true;
        loop {
            let rung = tokio::select! {
                () = cancel.cancelled() => return,
                _ = ticks.tick() => false,
                rung = self.hangups.recv(), if can_ring => {
                    can_ring = rung.is_some();
                    can_ring
                }
            };
            if rung {
                service::reloading();
                watched.taken();
            } else if !watched.changed() {
                continue;
            }
            match self.read(&app).await {
                Ok((new, words)) => {
                    routes.turn(new.web().door());
                    app = new;
                    let now = app.clock.now();
                    app.health.applied(app.config.sections.keys(), now);
                    app.metrics.config_applied(now);
                    next.send_replace(app.clone());
                    tracing::info!("{} is in force: {words}", self.file.display());
                    service::ready(&format!("{} sections", app.config.sections.len()));
                }
                Err(Broken { first, whole }) => {
                    tracing::error!("the configuration is not used, the last good one stays in force:\n{whole}");
                    app.metrics.config_broken();
                    service::ready(&format!("the last good configuration is in force; {first}"));
                    app.health.broken(first, app.clock.now());
                }
            }
        }
    }

    /// Reads and checks the files, and builds every part anew that depends on them; what changed in words.
    async fn read(&self, app: &App) -> Result<(App, String), Broken> {
        let file = self.file.clone();
        // A file with thousands of sections takes its time, and secrets may lie on a slow disk.
        let loaded = tokio::task::spawn_blocking(move || config::load(&file, &config::environment)).await;
        let mut config = match loaded {
            Ok(Ok(config)) => config,
            Ok(Err(errors)) => return Err(Broken::of(&errors)),
            Err(error) => return Err(Broken::plain(&anyhow::Error::from(error).context("it could not be read"))),
        };
        let warnings = config.warnings.render(false);
        if !warnings.is_empty() {
            tracing::warn!("the configuration can be used, but look at this:\n{warnings}");
        }
        let later = keep_what_stays(&mut config, &app.config);
        let mut words = difference(&app.config, &config);
        let new = app.rebuilt(Arc::new(config)).await.map_err(|error| Broken::plain(&error))?;
        if !later.is_empty() {
            words.push(format!("{} takes effect at the next start", later.join(", ")));
        }
        if words.is_empty() {
            words.push("no section changed".to_owned());
        }
        Ok((new, words.join("; ")))
    }
}

/// Why a configuration is not used.
struct Broken {
    /// The first mistake, with its place, in a line.
    first: String,
    /// Everything, as `check` tells it.
    whole: String,
}

impl Broken {
    fn of(errors: &config::ConfigErrors) -> Self {
        let report = errors.report();
        let first = report.problems().iter().find(|problem| problem.severity == Severity::Error);
        let first = first.map_or_else(String::new, |problem| report.line(problem));
        Self { first, whole: errors.to_string() }
    }

    fn plain(error: &anyhow::Error) -> Self {
        let text = format!("{error:#}");
        Self { first: text.clone(), whole: text }
    }
}

/// What a running daemon cannot change keeps its old value; the names of what the file wants otherwise.
fn keep_what_stays(new: &mut Config, old: &Config) -> Vec<&'static str> {
    let mut later = Vec::new();
    if new.server.listen != old.server.listen {
        new.server.listen.clone_from(&old.server.listen);
        later.push("[server] listen");
    }
    if new.database.expose_secret() != old.database.expose_secret() {
        new.database = old.database.clone();
        later.push("[database] url");
    }
    if new.feeds.directory != old.feeds.directory {
        new.feeds.directory.clone_from(&old.feeds.directory);
        later.push("[feeds] directory");
    }
    if new.feeds.memory != old.feeds.memory {
        new.feeds.memory = old.feeds.memory;
        later.push("[feeds] memory");
    }
    later
}

/// What became of the sections, in words.
fn difference(old: &Config, new: &Config) -> Vec<String> {
    let named = |word: &str, slugs: Vec<&String>| {
        const SHOWN: usize = 5;
        let more = slugs.len().saturating_sub(SHOWN);
        let shown: Vec<&str> = slugs.iter().take(SHOWN).map(|slug| slug.as_str()).collect();
        match (shown.is_empty(), more) {
            (true, _) => None,
            (false, 0) => Some(format!("{word} {}", shown.join(", "))),
            (false, more) => Some(format!("{word} {} and {more} more", shown.join(", "))),
        }
    };
    let added = new.sections.keys().filter(|slug| !old.sections.contains_key(*slug)).collect();
    let removed = old.sections.keys().filter(|slug| !new.sections.contains_key(*slug)).collect();
    let changed = new.sections.iter().filter(|(slug, section)| old.sections.get(*slug).is_some_and(|o| o != *section));
    [named("added", added), named("changed", changed.map(|(slug, _)| slug).collect()), named("removed", removed)]
        .into_iter()
        .flatten()
        .collect()
}

impl App {
    /// The parts for another configuration around everything that lasts: the store, the served feeds, what is
    /// counted and known. Nothing runs yet, and where it fails nothing is changed.
    async fn rebuilt(&self, config: Arc<Config>) -> anyhow::Result<Self> {
        let now_ms = self.clock.now_ms();
        let built = self.with_parts(config)?;
        built.store.sync_sections(&super::names_of(&built.config), now_ms).await.context("the store is not well")?;
        built.outbox().sync_chats().await.context("the store is not well")?;
        Ok(built)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        let text = format!("base_url = \"https://bantin.example.vn\"\nlanguage = \"vi\"\ntimezone = \"UTC\"\n{text}");
        config::load_str(&text, std::path::Path::new("/etc/bantin/config.toml"), &|_| None).expect("a good file")
    }

    const TIN: &str = "[section.tin]\nname = \"Tin\"\nurl = \"https://a.example.vn/tin\"\n";
    const NEWS: &str = "[section.news]\nname = \"News\"\nurl = \"https://a.example.vn/news\"\n";

    #[test]
    fn what_became_of_the_sections_is_told() {
        let old = config(&format!("{TIN}{NEWS}"));
        let new = config(&format!("{}{}", TIN.replace("\"Tin\"", "\"Tin tức\""), NEWS.replace(".news", ".more")));
        assert_eq!(difference(&old, &new), ["added more", "changed tin", "removed news"]);
        assert!(difference(&old, &old).is_empty());
        let many: String = (0..8).map(|n| TIN.replace(".tin", &format!(".tin-{n}"))).collect();
        assert_eq!(
            difference(&old, &config(&format!("{TIN}{NEWS}{many}"))),
            ["added tin-0, tin-1, tin-2, tin-3, tin-4 and 3 more"]
        );
    }

    #[test]
    fn what_a_running_daemon_cannot_change_waits_for_the_next_start() {
        let old = config(TIN);
        let mut new = config(&format!("[server]\nlisten = \"127.0.0.1:9\"\n[database]\nurl = \"sqlite:x.db\"\n{TIN}"));
        assert_eq!(keep_what_stays(&mut new, &old), ["[server] listen", "[database] url"]);
        assert_eq!(new.server.listen, old.server.listen);
        assert_eq!(new.database.expose_secret(), old.database.expose_secret());
        assert!(keep_what_stays(&mut config(TIN), &old).is_empty());
    }
}
