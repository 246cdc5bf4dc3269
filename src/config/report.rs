//! What is wrong with a configuration: every mistake with its place, drawn for people or as JSON for programs.

use std::fmt::{self, Display};
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::codes::Code;

/// Whether the configuration can be used all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but somebody should look.
    Warning,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The stable code that `explain` knows.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// Where in the file, in bytes; `None` when it is not in the file (an environment variable, a missing file).
    pub span: Option<Range<usize>>,
    /// The key it is about: `section.news.schedule`.
    pub key: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// The mistakes of one file, with its text (secrets masked) to draw them on.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The file.
    pub file: PathBuf,
    source: String,
    problems: Vec<Problem>,
}

impl Report {
    /// A report on `file`. `masked` is its text with every secret replaced byte by byte.
    pub fn new(file: &Path, masked: String, mut problems: Vec<Problem>) -> Self {
        let start = |problem: &Problem| problem.span.as_ref().map(|span| span.start);
        problems.sort_by(|a, b| {
            let place = (start(a), a.severity, a.code.text());
            place.cmp(&(start(b), b.severity, b.code.text())).then_with(|| a.message.cmp(&b.message))
        });
        // A wrong value of [defaults] is met once for every section.
        problems.dedup();
        Self { file: file.to_owned(), source: masked, problems }
    }

    /// The problems, in the order of the file.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Line and column of a problem, both from 1, the column in characters.
    pub fn position(&self, problem: &Problem) -> Option<(usize, usize)> {
        let start = problem.span.as_ref()?.start.min(self.source.len());
        let before = self.source.get(..self.source.floor_char_boundary(start))?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(line_start..).map_or(0, |line| line.chars().count());
        Some((before.matches('\n').count() + 1, column + 1))
    }

    /// A problem in one line: its place and what is wrong.
    pub fn line(&self, problem: &Problem) -> String {
        match self.position(problem) {
            Some((line, column)) => format!("{}:{line}:{column}: {}", self.file.display(), problem.message),
            None => problem.message.clone(),
        }
    }

    /// Drawn for people; `colour` for terminals that take it.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let file = self.file.display().to_string();
        let drawn: Vec<_> = self.problems.iter().map(|problem| self.draw(problem, &file, &renderer)).collect();
        drawn.join("\n\n")
    }

    fn draw(&self, problem: &Problem, file: &str, renderer: &Renderer) -> String {
        let level = match problem.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(&problem.message).id(problem.code.text());
        let help = Level::HELP.message(&problem.help);
        let group = match (&problem.span, self.position(problem)) {
            (Some(span), Some((line, _))) => {
                let (text, span) = self.line_of(span);
                let mark = AnnotationKind::Primary.span(span);
                title.element(Snippet::source(text).path(file).line_start(line).annotation(mark)).element(help)
            }
            _ => Group::with_title(title).element(help),
        };
        renderer.render(&[group])
    }

    /// The line a span begins in, and the span within it.
    fn line_of(&self, span: &Range<usize>) -> (&str, Range<usize>) {
        let start = self.source.floor_char_boundary(span.start.min(self.source.len()));
        let before = self.source.get(..start).unwrap_or_default();
        let first = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.source.get(first..).unwrap_or_default();
        let line = line.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let start = (start - first).min(line.len());
        let end = line.floor_char_boundary(span.end.saturating_sub(first).clamp(start, line.len()));
        (line, start..end.max(start))
    }

    /// For programs: one object a problem.
    pub fn to_json(&self) -> serde_json::Value {
        self.problems
            .iter()
            .map(|problem| {
                let position = self.position(problem);
                serde_json::json!({
                    "severity": if problem.severity == Severity::Error { "error" } else { "warning" },
                    "code": problem.code.text(),
                    "file": self.file.display().to_string(),
                    "line": position.map(|(line, _)| line),
                    "column": position.map(|(_, column)| column),
                    "key": problem.key,
                    "message": problem.message,
                    "help": problem.help,
                })
            })
            .collect()
    }
}

/// Why a configuration cannot be used: all of its mistakes, and the warnings beside them.
#[derive(Debug, Clone)]
pub struct ConfigErrors(pub Report);

impl ConfigErrors {
    /// For programs: `{"errors": […]}`, warnings included with their severity.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "errors": self.0.to_json() })
    }

    /// The mistakes.
    pub fn report(&self) -> &Report {
        &self.0
    }
}

impl Display for ConfigErrors {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0.render(false))?;
        let count = self.0.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
        if count > 1 {
            write!(to, "\n\n{count} errors in {}", self.0.file.display())?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
