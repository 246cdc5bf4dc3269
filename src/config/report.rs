//! What is wrong with a configuration: every mistake with its place, drawn for people or as JSON for programs.

use std::fmt::{self, Display};
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::codes::Code;
use super::text::Sources;

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

/// The mistakes of a configuration, with the text of its files (secrets masked) to draw them on.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The main file.
    pub file: PathBuf,
    sources: Sources,
    problems: Vec<Problem>,
}

impl Report {
    /// A report on files. `masked` is their text with every secret replaced byte by byte.
    pub fn new(masked: Sources, mut problems: Vec<Problem>) -> Self {
        let start = |problem: &Problem| problem.span.as_ref().map(|span| span.start);
        problems.sort_by(|a, b| {
            let place = (start(a), a.severity, a.code.text());
            place.cmp(&(start(b), b.severity, b.code.text())).then_with(|| a.message.cmp(&b.message))
        });
        // A wrong value of [defaults] is met once for every section.
        problems.dedup();
        let file = masked.pieces.first().map(|piece| piece.file.clone()).unwrap_or_default();
        Self { file, sources: masked, problems }
    }

    /// The problems of a file that cannot be read, without the text they would be drawn on.
    pub(super) fn into_unplaced(self) -> Vec<Problem> {
        let told = |problem: &Problem| {
            let place = self.position(problem).map_or_else(String::new, |(line, column)| format!(":{line}:{column}"));
            format!("{}{place}: {}", self.file.display(), problem.message)
        };
        let drawn: Vec<String> = self.problems.iter().map(told).collect();
        self.problems.into_iter().zip(drawn).map(|(p, message)| Problem { span: None, message, ..p }).collect()
    }

    /// The file that a problem is in.
    pub fn file_of(&self, problem: &Problem) -> &Path {
        let piece = problem.span.as_ref().and_then(|span| self.sources.piece(span.start));
        piece.map_or(&self.file, |piece| &piece.file)
    }

    /// The problems, in the order of the file.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Line and column of a problem in its file, both from 1, the column in characters.
    pub fn position(&self, problem: &Problem) -> Option<(usize, usize)> {
        let text = &self.sources.text;
        let start = problem.span.as_ref()?.start.min(text.len());
        let begin = self.sources.piece(start).map_or(0, |piece| piece.start);
        let before = text.get(begin..text.floor_char_boundary(start))?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(line_start..).map_or(0, |line| line.chars().count());
        Some((before.matches('\n').count() + 1, column + 1))
    }

    /// A problem in one line: its place and what is wrong.
    pub fn line(&self, problem: &Problem) -> String {
        match self.position(problem) {
            Some((line, column)) => {
                format!("{}:{line}:{column}: {}", self.file_of(problem).display(), problem.message)
            }
            None => problem.message.clone(),
        }
    }

    /// Drawn for people; `colour` for terminals that take it.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let drawn: Vec<_> = self.problems.iter().map(|problem| self.draw(problem, &renderer)).collect();
        drawn.join("\n\n")
    }

    fn draw(&self, problem: &Problem, renderer: &Renderer) -> String {
        let level = match problem.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(&problem.message).id(problem.code.text());
        let help = Level::HELP.message(&problem.help);
        let group = match (&problem.span, self.position(problem)) {
            (Some(span), Some((line, _))) => {
                let (text, span) = self.line_of(span);
                let file = self.file_of(problem).display().to_string();
                let mark = AnnotationKind::Primary.span(span);
                title.element(Snippet::source(text).path(file).line_start(line).annotation(mark)).element(help)
            }
            _ => Group::with_title(title).element(help),
        };
        renderer.render(&[group])
    }

    /// The line a span begins in, and the span within it.
    fn line_of(&self, span: &Range<usize>) -> (&str, Range<usize>) {
        let start = self.sources.text.floor_char_boundary(span.start.min(self.sources.text.len()));
        let before = self.sources.text.get(..start).unwrap_or_default();
        let first = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.sources.text.get(first..).unwrap_or_default();
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
                    "file": self.file_of(problem).display().to_string(),
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
            let files: std::collections::BTreeSet<&Path> =
                self.0.problems.iter().map(|problem| self.0.file_of(problem)).collect();
            match files.len() {
                0 | 1 => write!(to, "\n\n{count} errors in {}", self.0.file.display())?,
                files => write!(to, "\n\n{count} errors in {files} files")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
