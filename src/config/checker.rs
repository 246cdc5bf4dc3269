//! The second look at a file: what its values mean. A [`Checker`] reads them one by one and gathers what is wrong
//! instead of stopping, so that one run tells all.

use std::path::Path;
use std::time::Duration;

use serde_spanned::Spanned;

use super::codes::Code;
use super::parse::Written;
use super::raw::{Number, Text};
use super::report::{Problem, Severity};
use super::tree::{Entry, Span, entry_at};
use crate::schedule::{Plan, parse_duration};

/// Gathers problems while values are read.
pub struct Checker<'a> {
    /// What is wrong so far.
    pub problems: Vec<Problem>,
    /// The folder of the file, absolute: relative paths start here.
    pub folder: &'a Path,
    /// The environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// Everything that is written in the file.
    pub written: &'a Written<'a>,
    /// Whether the file has syntax errors.
    pub broken: bool,
}

impl Checker<'_> {
    /// Notes a mistake.
    pub fn error(&mut self, code: Code, span: &Span, message: impl Into<String>, help: impl Into<String>) {
        self.note(Severity::Error, code, span, message.into(), help.into());
    }

    /// Notes a warning.
    pub fn warning(&mut self, code: Code, span: &Span, message: impl Into<String>, help: impl Into<String>) {
        self.note(Severity::Warning, code, span, message.into(), help.into());
    }

    fn note(&mut self, severity: Severity, code: Code, span: &Span, message: String, help: String) {
        if self.broken && span.is_empty() {
            return; // a value that the parser made up where it could not read one
        }
        let key = entry_at(self.written.entries(), span).map(Entry::name);
        self.problems.push(Problem { code, severity, span: Some(span.clone()), key, message, help });
    }

    /// Notes a mistake in an environment variable.
    pub fn env_error(&mut self, code: Code, variable: &str, message: &str, help: &str) {
        self.problems.push(Problem {
            code,
            severity: Severity::Error,
            span: None,
            key: Some(variable.to_owned()),
            message: format!("environment variable {variable}: {message}"),
            help: help.to_owned(),
        });
    }

    /// Notes that a key without a default is not there, unless it is there and wrong, or the file is half readable.
    pub fn missing(&mut self, path: &[&str], message: &str, help: &str) {
        if self.broken || self.written.entries().iter().any(|entry| entry.path == path) {
            return;
        }
        let Some((key, table)) = path.split_last() else { return };
        let (within, meant) = (table.join("."), format!("did you mean `{key}`?"));
        let misspelt = |problem: &Problem| {
            let parent = problem.key.as_deref().map(|key| key.rsplit_once('.').map_or("", |(parent, _)| parent));
            problem.code == Code::UnknownKey && problem.help == meant && parent == Some(within.as_str())
        };
        if self.problems.iter().any(misspelt) {
            return; // told already
        }
        let span = self.place(table);
        self.error(Code::MissingKey, &span, message, help);
    }

    /// Where a table or key stands.
    pub fn place(&self, path: &[&str]) -> Span {
        self.written.entries().iter().find(|entry| entry.path == path).map_or(0..0, |entry| entry.key.clone())
    }

    /// A variable of the environment; an empty one counts as not set.
    pub fn variable(&self, name: &str) -> Option<String> {
        (self.env)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// Reads a text; notes what `read` says is wrong with it.
    pub fn read<T>(
        &mut self,
        code: Code,
        text: Option<&Text>,
        help: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = text?;
        read(text.get_ref()).map_err(|message| self.error(code, &text.span(), message, help)).ok()
    }

    /// Reads a length of time.
    pub fn duration(&mut self, text: Option<&Text>) -> Option<Duration> {
        self.read(Code::Duration, text, "write \"30s\", \"5m\", \"2h\" or \"1d\"", parse_duration)
    }

    /// Reads a schedule.
    pub fn plan(&mut self, text: Option<&Text>) -> Option<Plan> {
        let help =
            "five fields: minute hour day month weekday, as in \"*/10 7-21 * * *\"; or an interval, as in \"10m\"";
        self.read(Code::Schedule, text, help, Plan::parse)
    }

    /// Reads a number that has to lie in a range.
    pub fn number(&mut self, number: Option<&Number>, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let number = number?;
        if range.contains(number.get_ref()) {
            return Some(*number.get_ref());
        }
        let help = format!("write a number between {} and {}", range.start(), range.end());
        self.error(Code::Range, &number.span(), format!("{} is out of range", number.get_ref()), help);
        None
    }

    /// A text that is not empty.
    pub fn words(&mut self, text: Option<&Text>) -> Option<String> {
        self.read(Code::Range, text, "write something, or leave the key out", |text| {
            let text = text.trim();
            if text.is_empty() { Err("an empty text".to_owned()) } else { Ok(text.to_owned()) }
        })
    }

    /// Reads a list, each entry on its own.
    pub fn list<T>(
        &mut self,
        code: Code,
        texts: &[Spanned<String>],
        help: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        texts.iter().filter_map(|text| self.read(code, Some(text), help, &read)).collect()
    }
}
