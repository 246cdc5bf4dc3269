//! Where the keys of a configuration stand, for what is found out about their values after it was read: a login that is
//! refused is told with the line that has it, in the same form as every other mistake.

use std::path::Path;

use super::mask::mask;
use super::report::{Problem, Report};
use super::text::Sources;
use super::tree::{Entry, Span, entries, name};

/// The places of a configuration's keys.
#[derive(Debug, Clone, Default)]
pub struct Places {
    sources: Sources,
    entries: Vec<Entry>,
}

impl Places {
    /// Of the configuration in a file. What cannot be read (any more) has no place.
    pub fn read(file: &Path) -> Self {
        let Ok(text) = std::fs::read_to_string(file) else { return Self::default() };
        let mut sources = Sources::one(&text, file);
        for more in super::files::all(file).into_iter().skip(1) {
            if let Ok(text) = std::fs::read_to_string(&more) {
                sources.push(&text, more);
            }
        }
        let entries = entries(sources.tree().0.get_ref());
        Self { sources, entries }
    }

    /// The place of the first of these paths that is written, else of the nearest table around the first one; and its
    /// name.
    pub fn find(&self, paths: &[Vec<String>]) -> (Option<Span>, String) {
        let written = |path: &[String]| self.entries.iter().find(|entry| entry.path == path);
        if let Some(entry) = paths.iter().find_map(|path| written(path)) {
            return (Some(place(entry)), entry.name());
        }
        let Some(first) = paths.first() else { return (None, String::new()) };
        let around = (1..first.len()).rev().find_map(|length| written(first.get(..length)?));
        (around.map(place), name(first))
    }

    /// These problems, drawn on the files; their spans are those of [`Self::find`], or of the configuration itself.
    pub fn report(&self, problems: Vec<Problem>) -> Report {
        if problems.is_empty() {
            return Report::new(self.sources.saying(String::new()), problems);
        }
        let masked = mask(&self.sources.text, self.sources.tree().0.get_ref(), &[], &[]);
        Report::new(self.sources.saying(masked), problems)
    }
}

/// A value; of a table the name, because its value may be long.
fn place(entry: &Entry) -> Span {
    if matches!(entry.kind, "table" | "array") && !entry.key.is_empty() {
        entry.key.clone()
    } else {
        entry.value.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_or_what_is_around_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, "[email]\nsmtp = [\"smtp://a\", { url = \"smtp://b\" }]\n").unwrap();
        std::fs::create_dir(folder.path().join("sections.d")).unwrap();
        std::fs::write(folder.path().join("sections.d/a.toml"), "[section.a]\nurl = \"x\"\n").unwrap();
        let places = Places::read(&file);
        let path = |path: &str| path.split('.').map(str::to_owned).collect::<Vec<_>>();
        let found = |paths: &[&str]| {
            let (span, name) = places.find(&paths.iter().map(|one| path(one)).collect::<Vec<_>>());
            (span.map(|span| places.sources.text[span].to_owned()), name)
        };
        assert_eq!(found(&["email.smtp.[2].url"]), (Some("\"smtp://b\"".into()), "email.smtp[2].url".into()));
        assert_eq!(found(&["email.smtp.[1].url"]), (Some("\"smtp://a\"".into()), "email.smtp[1].url".into()));
        assert_eq!(found(&["section.a.schedule", "section.a.url"]), (Some("\"x\"".into()), "section.a.url".into()));
        assert_eq!(found(&["telegram.token"]), (None, "telegram.token".into()));
        assert_eq!(found(&["email.password"]), (Some("email".into()), "email.password".into()));
    }
}
