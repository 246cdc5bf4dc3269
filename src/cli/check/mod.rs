//! `bantin check`: is the configuration right, and what would it do? In three tiers: the text and its meaning
//! ([`config::load`]); what values mean together or in other files ([`meaning`]); and, unless `--offline`, what is around
//! it ([`ground`], [`push`], [`sources`]): asked like any guest, at most so many at a time, each within its time, and
//! nothing is written or sent. Every mistake is told with its place, in one form.

use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use self::wrong::Tried;
pub(super) use self::wrong::Wrong;
use super::output::{coloured, note, say};
use super::{CheckArgs, bulk};
use crate::clock::Clock;
use crate::config::{self, Code, Config, ConfigErrors, Places, Problem, Report, Severity};

mod ground;
mod looks;
mod meaning;
mod push;
mod sources;
mod wrong;

/// The JSON Schema of what `check --json` prints.
pub const SCHEMA: &str = include_str!("../../../check.schema.json");

/// How long one thing may take to answer, unless `--timeout` says otherwise.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was found out.
struct Found {
    config: Config,
    report: Report,
    tried: Vec<Tried>,
}

/// Checks `file` and says what is wrong or what will happen. Returns the exit code: 0, or 2 when something is wrong.
pub async fn run(file: &Path, args: &CheckArgs, clock: &Clock) -> u8 {
    let CheckArgs { offline, deny_warnings, json, timeout } = *args;
    let config = match config::load(file, &config::environment) {
        Ok(config) => config,
        Err(errors) => {
            refuse(&errors, json);
            return 2;
        }
    };
    let mut wrong = meaning::all(&config);
    let mut tried = Vec::new();
    if !offline {
        let patience = timeout.unwrap_or(PATIENCE);
        let progress = !json && io::stderr().is_terminal();
        tried = around(&config, patience, progress, clock).await;
        wrong.extend(tried.iter_mut().flat_map(|one| std::mem::take(&mut one.wrong)));
    }
    let places = Places::read(file);
    let report = places.report(problems(&config, &places, wrong));
    let errors = report.problems().iter().any(|problem| problem.severity == Severity::Error);
    let refused = deny_warnings && !report.problems().is_empty();
    let found = Found { config, report, tried };
    if json {
        say!("{:#}", found.as_json(clock));
    } else {
        found.tell(errors, clock);
    }
    if errors || refused { 2 } else { 0 }
}

/// Asks everything around the configuration.
async fn around(config: &Config, patience: Duration, progress: bool, clock: &Clock) -> Vec<Tried> {
    let glance = ground::database(config, patience).await;
    let (ground, push, sources) = tokio::join!(
        ground::all(config),
        push::all(config, patience),
        sources::all(config, glance.store.clone(), patience, progress, clock),
    );
    // Let go before the answer: whoever closes the database last puts its log into the file.
    if let Some(store) = glance.store {
        store.close().await;
    }
    ground.into_iter().chain([glance.tried]).chain(push).chain(sources).collect()
}

/// What the configuration's own reading warned of, and everything else, each at its place.
fn problems(config: &Config, places: &Places, wrong: Vec<Wrong>) -> Vec<Problem> {
    // Bulk mail without https is an error of its own; the warning says less.
    let told = wrong.iter().any(|one| one.code == Code::OneClick);
    let warned = config.warnings.problems().iter().filter(|problem| !(told && problem.code == Code::PlainHttp));
    warned.cloned().chain(wrong.into_iter().map(|one| one.placed(places))).collect()
}

fn refuse(errors: &ConfigErrors, json: bool) {
    if json {
        let answer = json!({
            "ok": false, "errors": errors.report().to_json(), "records": [], "sections": [], "environment": [],
        });
        say!("{answer:#}");
    } else {
        note!("{}", errors.report().render(coloured(&io::stderr())));
        let count = errors.report().problems().len();
        note!("\n{count} problem{} in {}", if count == 1 { "" } else { "s" }, errors.report().file.display());
    }
}

impl Found {
    fn tell(&self, errors: bool, clock: &Clock) {
        let problems = self.report.render(coloured(&io::stderr()));
        if !problems.is_empty() {
            note!("{problems}");
        }
        let records = bulk::told(&bulk::records(&self.config));
        if !records.is_empty() {
            say!("{records}");
        }
        let looks = looks::told(&self.config, &self.tried, clock.now());
        if !looks.is_empty() {
            say!("{looks}");
        }
        for line in self.tried.iter().filter(|one| one.section.is_none()).filter_map(Tried::line) {
            say!("{line}");
        }
        if !errors {
            say!("{}", summary(&self.config));
        }
    }

    fn as_json(&self, clock: &Clock) -> Value {
        let errors = self.report.problems().iter().any(|problem| problem.severity == Severity::Error);
        json!({
            "ok": !errors,
            "errors": self.report.to_json(),
            "records": bulk::records(&self.config),
            "sections": looks::as_json(&self.config, &self.tried, clock.now()),
            "environment": self.tried.iter().filter(|one| one.section.is_none()).map(Tried::as_json).collect::<Vec<_>>(),
        })
    }
}

/// That all is well.
fn summary(config: &Config) -> String {
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
    format!("{} is right: {sections}; {pushes}{hooks}", config.file.display())
}

/// What is waited for, but not for ever.
async fn within<T>(patience: Duration, what: impl Future<Output = T>) -> Result<T, String> {
    let late = || format!("there was no answer within {}", crate::schedule::duration_in_words(patience));
    tokio::time::timeout(patience, what).await.map_err(|_| late())
}

#[cfg(test)]
mod tests;
