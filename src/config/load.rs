//! From a file to a [`Config`]: read its text, look at its keys, look at its values, and tell everything that is wrong
//! at once.

use std::io;
use std::path::Path;

use super::checker::Checker;
use super::codes::Code;
use super::mask::mask;
use super::parse::{line_of, parse};
use super::report::{ConfigErrors, Problem, Report, Severity};
use super::text::Sources;
use super::{Config, files, general};

/// The environment of this process, for [`load`].
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Reads and checks a file. `env` answers for environment variables ([`environment`] outside of tests).
pub fn load(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Config, ConfigErrors> {
    let mut sources = Sources::one(&read(path)?, path);
    let mut unread = Vec::new();
    for file in files::all(path).into_iter().skip(1) {
        match read(&file) {
            Ok(text) => sources.push(&text, file),
            Err(ConfigErrors(report)) => unread.extend(report.into_unplaced()),
        }
    }
    check(&sources, unread, path, env)
}

/// Whatever of a broken configuration can be read, its wrong values replaced by defaults: to ask where a daemon listens
/// that goes on with the last good one, and for nothing else. `None` where the essentials are missing.
pub fn load_in_part(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Option<Config> {
    let sources = Sources::one(&read(path).ok()?, path);
    let parsed = parse(&sources);
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut checker = Checker {
        problems: Vec::new(),
        folder: absolute.parent().unwrap_or(Path::new("/")),
        env,
        written: &parsed.written,
        broken: true,
    };
    general::resolve(&parsed.raw, path, &mut checker)
}

/// The text of a file.
fn read(path: &Path) -> Result<String, ConfigErrors> {
    let bytes = std::fs::read(path).map_err(|fault| unreadable(path, &fault))?;
    String::from_utf8(bytes).map_err(|fault| {
        let place = fault.utf8_error().valid_up_to();
        // What comes before may hold secrets, and cannot be understood: its lines count, its letters do not show.
        let before = fault.as_bytes().get(..place).unwrap_or_default();
        let hidden = before.iter().map(|&byte| if byte == b'\n' { '\n' } else { '*' });
        let text: String = hidden.chain(['?']).collect();
        let problem = Problem {
            code: Code::Unreadable,
            severity: Severity::Error,
            span: Some(place..place + 1),
            key: None,
            message: "the file is not UTF-8 from here on".to_owned(),
            help: "save it as UTF-8 (the editor's \"save with encoding\")".to_owned(),
        };
        ConfigErrors(Report::new(Sources::one(&text, path), vec![problem]))
    })
}

/// Checks a text as if it stood in `path`, which need not exist: relative paths start at its folder.
pub fn load_str(text: &str, path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Config, ConfigErrors> {
    check(&Sources::one(text, path), Vec::new(), path, env)
}

fn check(
    sources: &Sources,
    unread: Vec<Problem>,
    path: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Config, ConfigErrors> {
    let text = sources.text.as_str();
    let parsed = parse(sources);
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let of_text = parsed.problems.len();
    let broken = !parsed.broken_lines.is_empty();
    let mut checker = Checker {
        problems: parsed.problems,
        folder: absolute.parent().unwrap_or(Path::new("/")),
        env,
        written: &parsed.written,
        broken,
    };
    let config = general::resolve(&parsed.raw, path, &mut checker);
    let mut place = 0;
    checker.problems.retain(|problem| {
        place += 1;
        let line = problem.span.as_ref().and_then(|span| line_of(text, span));
        let untold = |line: &usize| parsed.broken_lines.contains(line) || parsed.orphans.contains(line);
        place <= of_text || !line.as_ref().is_some_and(untold)
    });
    checker.problems.extend(unread);
    let failed = checker.problems.iter().any(|problem| problem.severity == Severity::Error);
    let unknown = |problem: &&Problem| problem.code == Code::UnknownKey;
    let strange: Vec<String> =
        checker.problems.iter().filter(unknown).filter_map(|problem| problem.key.clone()).collect();
    // Where nothing has to be told there is nothing to draw on.
    let masked = if checker.problems.is_empty() {
        String::new()
    } else {
        mask(text, sources.tree().0.get_ref(), &parsed.broken_lines, &strange)
    };
    let report = Report::new(sources.saying(masked), checker.problems);
    match config {
        Some(config) if !failed => Ok(Config { warnings: report, ..config }),
        _ => Err(ConfigErrors(report)),
    }
}

fn unreadable(path: &Path, fault: &io::Error) -> ConfigErrors {
    let place = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (message, help) = if fault.kind() == io::ErrorKind::NotFound {
        let help =
            "name the file with --config, as in `bantin run --config FILE`; a commented example ships as config.toml";
        (format!("there is no file {}", place.display()), help)
    } else {
        let help = "name another with --config, or let the user that bantin runs as read it";
        (format!("{} cannot be read: {}", place.display(), reason(fault)), help)
    };
    let problem = Problem {
        code: Code::Unreadable,
        severity: Severity::Error,
        span: None,
        key: None,
        message,
        help: help.to_owned(),
    };
    ConfigErrors(Report::new(Sources::one("", path), vec![problem]))
}

/// Why the system refused, in words.
pub fn reason(fault: &io::Error) -> String {
    match fault.kind() {
        io::ErrorKind::NotFound => "it is not there".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8".to_owned(),
        _ => fault.to_string(),
    }
}
