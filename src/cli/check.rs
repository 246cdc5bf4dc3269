//! `bantin check`: is the configuration right, and what would it do? In tiers: the text and its meaning, then (unless
//! `--offline`) what this machine has to offer: the port and the folder of the feeds. Bulk mail without what receivers
//! ask for is wrong too ([`bulk`]).

use std::io;
use std::path::Path;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;

use super::output::{coloured, note, say};
use super::{CheckArgs, bulk};
use crate::clock::Clock;
use crate::config::{self, Config, ConfigErrors, Section};

/// How many of a section's next looks are told.
const NEXT: usize = 3;

/// Checks `config` and says what is wrong or what will happen. Returns the exit code: 0, or 2 when something is wrong.
pub async fn run(config: &Path, args: &CheckArgs, clock: &Clock) -> u8 {
    let CheckArgs { offline, deny_warnings, json } = *args;
    let config = match config::load(config, &config::environment) {
        Ok(config) => config,
        Err(errors) => {
            refuse(&errors, json);
            return 2;
        }
    };
    let mut faults = bulk::faults(&config);
    if !offline {
        faults.extend(environment(&config).await);
    }
    let now = clock.now();
    if json {
        say!("{:#}", as_json(&config, &faults, now));
    } else {
        let warnings = config.warnings.render(coloured(&io::stderr()));
        for text in std::iter::once(warnings).filter(|text| !text.is_empty()).chain(faults.iter().map(error_line)) {
            note!("{text}");
        }
        let records = bulk::told(&bulk::records(&config));
        if !records.is_empty() {
            say!("{records}");
        }
        say!("{}", if faults.is_empty() { summary(&config, now) } else { looks(&config, now) });
    }
    let refused = deny_warnings && !config.warnings.problems().is_empty();
    if faults.is_empty() && !refused { 0 } else { 2 }
}

/// A fault of this machine, or of the whole rather than of one line.
pub(super) struct Fault {
    pub(super) key: &'static str,
    pub(super) message: String,
    pub(super) help: &'static str,
}

async fn environment(config: &Config) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Err(reason) = tokio::net::TcpListener::bind(&config.server.listen).await {
        faults.push(Fault {
            key: "server.listen",
            message: format!("cannot listen on {}: {reason}", config.server.listen),
            help: "stop what listens there (perhaps bantin itself), or choose another port",
        });
    }
    let directory = config.feeds.directory.clone();
    let written = tokio::task::spawn_blocking(move || writable(&directory)).await;
    if let Ok(Err(reason)) = written {
        faults.push(Fault {
            key: "feeds.directory",
            message: format!("cannot write to {}: {reason}", config.feeds.directory.display()),
            help: "let the user that bantin runs as write there, or name another folder",
        });
    }
    faults
}

/// Whether files can be made in a folder, or, where it is not there yet, in the nearest folder above it. Leaves
/// nothing behind.
fn writable(directory: &Path) -> io::Result<()> {
    let existing = directory.ancestors().find(|folder| folder.exists()).unwrap_or(directory);
    let probe = existing.join(format!(".bantin-check-{}", std::process::id()));
    std::fs::OpenOptions::new().write(true).create_new(true).open(&probe)?;
    std::fs::remove_file(&probe)
}

fn refuse(errors: &ConfigErrors, json: bool) {
    if json {
        let mut answer = errors.to_json();
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("ok".to_owned(), false.into());
        }
        say!("{answer:#}");
    } else {
        note!("{}", errors.report().render(coloured(&io::stderr())));
        let count = errors.report().problems().len();
        note!("\n{count} problem{} in {}", if count == 1 { "" } else { "s" }, errors.report().file.display());
    }
}

fn error_line(fault: &Fault) -> String {
    format!("error: {} ([{}])\n  help: {}", fault.message, fault.key, fault.help)
}

/// One line a section: when it is looked at, and when next.
fn looks(config: &Config, now: DateTime<Utc>) -> String {
    let width = config.sections.keys().map(String::len).max().unwrap_or_default();
    let mut text = String::new();
    for section in config.sections.values() {
        let mut next = String::new();
        let mut day = None;
        for at in times(section, now) {
            // A day is named once.
            let form = if day == Some(at.date_naive()) { ", %H:%M" } else { ", %a %d %b %H:%M" };
            day = Some(at.date_naive());
            next.push_str(&at.format(form).to_string());
        }
        let line = format!(
            "{:width$}  looks {}, next {} ({})\n",
            section.slug,
            section.schedule.text(),
            next.trim_start_matches(", "),
            section.timezone,
        );
        text.push_str(&line);
    }
    text
}

/// The same, and that all is well.
fn summary(config: &Config, now: DateTime<Utc>) -> String {
    let pushes = match (&config.telegram, &config.email) {
        (Some(_), Some(_)) => "Telegram and e-mail are on",
        (Some(_), None) => "Telegram is on, e-mail is off",
        (None, Some(_)) => "Telegram is off, e-mail is on",
        (None, None) => "Telegram and e-mail are off",
    };
    let hooks = match config.webhooks.len() {
        0 => String::new(),
        1 => ", 1 webhook".to_owned(),
        many => format!(", {many} webhooks"),
    };
    let count = config.sections.len();
    let sections = if count == 1 { "1 section".to_owned() } else { format!("{count} sections") };
    looks(config, now) + &format!("{} is right: {sections}; {pushes}{hooks}", config.file.display())
}

fn as_json(config: &Config, faults: &[Fault], now: DateTime<Utc>) -> serde_json::Value {
    let faults = faults.iter().map(|fault| {
        json!({ "severity": "error", "code": null, "file": null, "line": null, "column": null,
            "key": fault.key, "message": fault.message, "help": fault.help })
    });
    let warnings = config.warnings.to_json();
    let problems: Vec<_> = warnings.as_array().into_iter().flatten().cloned().chain(faults.clone()).collect();
    json!({
        "ok": faults.len() == 0,
        "errors": problems,
        "records": bulk::records(config),
        "sections": config.sections.values().map(|section| section_json(section, now)).collect::<Vec<_>>(),
    })
}

/// A section's next looks, in its zone.
fn times(section: &Section, now: DateTime<Utc>) -> Vec<DateTime<Tz>> {
    let mut after = now;
    let mut next = || {
        after = section.schedule.next(after, section.timezone).at;
        after.with_timezone(&section.timezone)
    };
    (0..NEXT).map(|_| next()).collect()
}

fn section_json(section: &Section, now: DateTime<Utc>) -> serde_json::Value {
    let next: Vec<String> = times(section, now).iter().map(DateTime::to_rfc3339).collect();
    json!({
        "slug": section.slug,
        "name": section.name,
        "language": section.language.code(),
        "url": section.url.as_str(),
        "schedule": section.schedule.source(),
        "schedule_in_words": section.schedule.text(),
        "next": next,
    })
}

/// A reader that closed the pipe has seen enough.
#[cfg(test)]
mod tests {
    use super::*;

    fn online(json: bool) -> CheckArgs {
        CheckArgs { json, ..CheckArgs::default() }
    }

    fn offline() -> CheckArgs {
        CheckArgs { offline: true, json: true, ..CheckArgs::default() }
    }

    fn right_again(folder: &Path) -> std::path::PathBuf {
        file(folder, "")
    }

    fn clock() -> Clock {
        Clock::manual("2026-03-29T00:05:00Z".parse().unwrap())
    }

    fn file(folder: &Path, more: &str) -> std::path::PathBuf {
        let path = folder.join("config.toml");
        let text = format!(
            "base_url = \"http://127.0.0.1:8080\"\nlanguage = \"vi\"\ntimezone = \"Europe/Berlin\"\n{more}\n\
             [section.tin-tuc]\nname = \"Tin\"\nurl = \"https://example.vn/\"\nschedule = \"30 2 * * *\"\n\
             [section.b]\nname = \"B\"\nurl = \"https://example.vn/b\"\n"
        );
        std::fs::write(&path, text).unwrap();
        path
    }

    #[tokio::test]
    async fn exit_codes() {
        let folder = tempfile::tempdir().unwrap();
        let right = file(folder.path(), "[server]\nlisten = \"127.0.0.1:0\"");
        assert_eq!(run(&right, &online(false), &clock()).await, 0);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
        assert_eq!(run(&folder.path().join("none.toml"), &offline(), &clock()).await, 2);
        let wrong = file(folder.path(), "colour = 1");
        assert_eq!(run(&wrong, &offline(), &clock()).await, 2);
        let warned = file(folder.path(), "[admin]\ntelegram = \"@kenh\"");
        assert_eq!(run(&warned, &offline(), &clock()).await, 0);
        let strict = CheckArgs { deny_warnings: true, ..offline() };
        assert_eq!(run(&warned, &strict, &clock()).await, 2);
        assert_eq!(run(&right_again(folder.path()), &strict, &clock()).await, 0);
    }

    #[tokio::test]
    async fn a_taken_port_is_found_unless_offline() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), &format!("[server]\nlisten = \"{}\"", taken.local_addr().unwrap()));
        assert_eq!(run(&path, &online(true), &clock()).await, 2);
        assert_eq!(run(&path, &offline(), &clock()).await, 0);
    }

    #[test]
    fn one_line_a_section() {
        let folder = tempfile::tempdir().unwrap();
        let config = config::load(&file(folder.path(), ""), &|_| None).unwrap();
        let text = summary(&config, clock().now()).replace(&folder.path().display().to_string(), "");
        insta::assert_snapshot!(text);
        let json = as_json(&config, &[], clock().now());
        assert_eq!(json["sections"][0]["next"][0], "2026-03-29T03:00:00+02:00", "the night the clocks go forward");
    }
}
