//! What `check` finds beyond the configuration's own reading: something that is [`Wrong`], and what came of one thing that
//! was [`Tried`].

use serde_json::{Value, json};

use crate::config::{Code, Places, Problem, Severity};

/// Something that is wrong, and where it is configured.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Wrong {
    pub(in crate::cli) code: Code,
    severity: Severity,
    /// The keys it is about, the likeliest first: which of them is written is not known here.
    paths: Vec<Vec<String>>,
    message: String,
    help: String,
}

/// The parts of a key as it is written in the documents; a slug has no dots.
fn path(key: &str) -> Vec<String> {
    key.split('.')
        .flat_map(|part| match part.split_once('[') {
            Some((name, at)) => vec![name.to_owned(), format!("[{at}")],
            None => vec![part.to_owned()],
        })
        .collect()
}

impl Wrong {
    pub(in crate::cli) fn error(code: Code, key: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        let (message, help) = (message.into(), help.into());
        Self { code, severity: Severity::Error, paths: vec![path(key)], message, help }
    }

    pub(super) fn warning(code: Code, key: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, key, message, help) }
    }

    /// It may be written there instead.
    #[must_use]
    pub(super) fn or(mut self, key: &str) -> Self {
        self.paths.push(path(key));
        self
    }

    /// The key it is about first of all.
    #[cfg(test)]
    pub(in crate::cli) fn key(&self) -> String {
        self.paths.first().map(|path| path.join(".")).unwrap_or_default()
    }

    pub(super) fn placed(self, places: &Places) -> Problem {
        let (span, key) = places.find(&self.paths);
        let Self { code, severity, message, help, .. } = self;
        Problem { code, severity, span, key: Some(key), message, help }
    }
}

/// What came of one thing that was tried.
#[derive(Debug, Default)]
pub(super) struct Tried {
    /// What it is, in a word or two: "database", "relay".
    pub(super) what: &'static str,
    /// The key it is configured by.
    pub(super) key: String,
    /// The section, of a source.
    pub(super) section: Option<String>,
    /// What is well, in words.
    pub(super) says: Option<String>,
    /// What a source would yield.
    pub(super) yields: Option<Value>,
    /// What is not.
    pub(super) wrong: Vec<Wrong>,
    /// Whether anything was not, when `wrong` was taken out.
    pub(super) failed: bool,
}

impl Tried {
    /// Of something with a key of its own.
    pub(super) fn new(what: &'static str, key: impl Into<String>) -> Self {
        Self { what, key: key.into(), ..Self::default() }
    }

    pub(super) fn well(mut self, says: impl Into<String>) -> Self {
        self.says = Some(says.into());
        self
    }

    pub(super) fn not(mut self, wrong: Wrong) -> Self {
        self.failed |= wrong.severity == Severity::Error;
        self.wrong.push(wrong);
        self
    }

    /// A line of what is well.
    pub(super) fn line(&self) -> Option<String> {
        self.says.as_ref().map(|says| format!("{:9}  {says}", self.what))
    }

    pub(super) fn as_json(&self) -> Value {
        json!({ "what": self.what, "key": self.key, "ok": !self.failed, "says": self.says })
    }
}
