//! The first look at a file: its text. Hands on what could be read of it, and every mistake of syntax, key and type.
//!
//! serde stops at the first mistake. So the entry that is wrong is noted, taken out of the tree, and the rest is read
//! again, until nothing is wrong with what is left.

use std::cell::OnceCell;

use super::codes::Code;
use super::raw::{
    Raw, RawAdmin, RawDatabase, RawEmail, RawFeeds, RawFetch, RawOrganisation, RawRetention, RawSection, RawServer,
    RawTelegram, RawWebhook, expected_words, keys_of,
};
use super::report::{Problem, Severity};
use super::suggest::nearest;
use super::text::{Misplaced, Sources};
use super::tree::{Entry, Span, entries, entry_at, without};
use serde::Deserialize as _;
use serde_spanned::Spanned;

/// A file with more mistakes than this has one: it is not a configuration.
const MOST: usize = 100;

/// What the text of a file says.
pub struct Parsed<'a> {
    /// What could be read.
    pub raw: Raw,
    /// Everything that is written, right or wrong.
    pub written: Written<'a>,
    /// The mistakes.
    pub problems: Vec<Problem>,
    /// The lines (from 0) with syntax errors; what else is said of them is not to be trusted.
    pub broken_lines: Vec<usize>,
    /// The lines below a header that is broken: whose keys they are cannot be told, so nothing is said of them.
    pub orphans: Vec<usize>,
}

/// Every entry of the files in their order. Only mistakes are told by them, and thousands of sections have many: they are
/// gathered when the first mistake asks.
pub struct Written<'a> {
    sources: &'a Sources,
    entries: OnceCell<Vec<Entry>>,
}

impl Written<'_> {
    /// All of them.
    pub fn entries(&self) -> &[Entry] {
        self.entries.get_or_init(|| entries(self.sources.tree().0.get_ref()))
    }

    /// Whether a key is written within a table, be it so that it could not be read.
    pub fn has(&self, key: &str, table: &Span) -> bool {
        let is_inside = |place: &Span| table.start <= place.start && place.end <= table.end;
        self.entries().iter().any(|entry| entry.path.last().is_some_and(|last| last == key) && is_inside(&entry.key))
    }
}

/// Reads the files.
pub fn parse(sources: &Sources) -> Parsed<'_> {
    let text = sources.text.as_str();
    let written = Written { sources, entries: OnceCell::new() };
    let (tree, errors, misplaced) = sources.tree();
    let (span, tree) = (tree.span(), tree.into_inner());
    let orphans = below_broken_headers(text, &errors);
    let mut problems = syntax(text, &errors, &written, &orphans);
    let broken_lines: Vec<usize> =
        problems.iter().filter_map(|problem| line_of(text, problem.span.as_ref()?)).collect();

    problems.extend(misplaced.into_iter().map(|place| in_the_wrong_file(sources, place)));

    // The tree of a file with thousands of sections is large: nothing keeps a second one while nothing is wrong.
    let (mut first, mut rest) = (Some(tree), None);
    let raw = loop {
        let table = first.take().or_else(|| rest.clone()).unwrap_or_default();
        let error = match Raw::deserialize(toml::de::Deserializer::from(Spanned::new(span.clone(), table))) {
            Ok(raw) => break raw,
            Err(error) => error,
        };
        let whole = rest.take().unwrap_or_else(|| sources.tree().0.into_inner());
        let left = entries(&whole);
        let at = error.span().and_then(|span| entry_at(&left, &span));
        let Some(entry) = at.filter(|_| problems.len() < MOST) else {
            // Without a place nothing can be taken out; the beginning of the file is as good as any.
            problems.push(problem(
                Code::WrongType,
                error.span().unwrap_or(0..0),
                None,
                error.message().to_owned(),
                String::new(),
            ));
            break Raw::default();
        };
        let problem = explain(&error, entry);
        // One slip of the pen is one mistake: what follows from a broken line is not reported.
        let line = problem.span.as_ref().and_then(|span| line_of(text, span));
        if !line.is_some_and(|line| broken_lines.contains(&line) || orphans.contains(&line)) {
            problems.push(problem);
        }
        let path = entry.path.clone();
        rest = Some(without(whole, &path));
    };
    Parsed { raw, written, problems, broken_lines, orphans }
}

/// The lines from each broken header to the next one.
fn below_broken_headers(text: &str, errors: &[toml::de::Error]) -> Vec<usize> {
    let is_header = |line: &&str| line.trim_start().starts_with('[');
    let lines: Vec<&str> = text.split('\n').collect();
    let mut below = Vec::new();
    for error in errors.iter().filter(|error| !is_duplicate(error)) {
        let Some(at) = error.span().and_then(|span| line_of(text, &span)) else { continue };
        if lines.get(at).is_some_and(is_header) {
            let end = lines.iter().skip(at + 1).take_while(|line| !is_header(line)).count();
            below.extend(at + 1..=at + end);
        }
    }
    below
}

fn is_duplicate(error: &toml::de::Error) -> bool {
    error.message().contains("duplicate key")
}

fn syntax(text: &str, errors: &[toml::de::Error], written: &Written<'_>, orphans: &[usize]) -> Vec<Problem> {
    let mut lines = Vec::new();
    let mut problems = Vec::new();
    for error in errors {
        let span = error.span().unwrap_or(text.len()..text.len());
        let line = line_of(text, &span);
        let of_another_table = is_duplicate(error) && line.is_some_and(|line| orphans.contains(&line));
        if of_another_table || lines.contains(&line) || problems.len() >= MOST {
            continue;
        }
        lines.push(line);
        let key = entry_at(written.entries(), &span).map(Entry::name);
        problems.push(if is_duplicate(error) {
            let name = text.get(span.clone()).unwrap_or("this").to_owned();
            let help = "keep one of the two; a table is opened once, with all of its keys below it";
            problem(Code::Duplicate, span, key, format!("`{name}` is given twice"), help.to_owned())
        } else {
            let help = syntax_help(error.message());
            problem(Code::Syntax, span, key, format!("this is not TOML: {}", error.message()), help.to_owned())
        });
    }
    problems
}

fn in_the_wrong_file(sources: &Sources, place: Misplaced) -> Problem {
    let named = |at: &Span| match sources.piece(at.start) {
        Some(piece) => {
            let line = sources.text.get(piece.start..at.start).unwrap_or_default().matches('\n').count() + 1;
            format!("{}:{line}", piece.file.display())
        }
        None => "another file".to_owned(),
    };
    match place {
        Misplaced::Foreign(key, span) => problem(
            Code::UnknownKey,
            span,
            Some(key.clone()),
            format!("`{key}` cannot be set in a file of `sections.d`"),
            "such a file holds [section.SLUG] tables only; move this into the main file".to_owned(),
        ),
        Misplaced::Twice(slug, span, first) => problem(
            Code::Duplicate,
            span.clone(),
            Some(format!("section.{slug}")),
            format!("the section `{slug}` is set in {} and again in {}", named(&first), named(&span)),
            "keep one of the two; a section stands in one file, with all of its keys".to_owned(),
        ),
    }
}

fn syntax_help(message: &str) -> &'static str {
    if message.contains("string") || message.contains("quote") || message.contains("literal") {
        "texts stand in straight quotes, \"like this\", and end in the line they begin in"
    } else if message.contains("array") || message.contains("table") || message.contains("comma") {
        "lists are [\"a\", \"b\"], tables in a line { key = \"value\", other = 5 }, headers [section.slug]"
    } else {
        "a line is `key = value`; texts stand in straight quotes, numbers and true or false without"
    }
}

/// Says in our words what serde found wrong with `entry`.
fn explain(error: &toml::de::Error, entry: &Entry) -> Problem {
    let message = error.message();
    let key = entry.path.last().cloned().unwrap_or_default();
    let name = Some(entry.name());
    if message.starts_with("unknown field") {
        let (text, help) = unknown_key(&key, entry, &expected_words(message));
        return problem(Code::UnknownKey, entry.key.clone(), name, text, help);
    }
    if message.starts_with("unknown variant") {
        let words = expected_words(message);
        let given =
            message.strip_prefix("unknown variant `").and_then(|rest| rest.split('`').next()).unwrap_or_default();
        let meant = nearest(given, words.iter().map(String::as_str)).map(|word| format!("did you mean \"{word}\"? "));
        let help = format!("{}write {}", meant.unwrap_or_default(), quoted(&words));
        return problem(Code::UnknownWord, entry.value.clone(), name, format!("`{key}` cannot be \"{given}\""), help);
    }
    if message.starts_with("missing field") {
        return problem(
            Code::MissingKey,
            entry.key.clone(),
            name,
            message.replace("missing field", "missing key"),
            String::new(),
        );
    }
    let expected = message.rsplit_once(", expected ").map(|(_, expected)| expected_in_words(expected));
    let subject = if key.starts_with('[') { "an entry of the list".to_owned() } else { format!("`{key}`") };
    let (text, help) = match expected {
        Some(expected) if message.starts_with("invalid value") => {
            (format!("{subject} is out of range"), format!("write {expected}"))
        }
        Some(expected) => {
            (format!("{subject} must be {expected}, not {}", kind_in_words(entry.kind)), format!("write {expected}"))
        }
        None if message.starts_with("wanted string") => (
            format!("{subject} must be a text in quotes, not {}", kind_in_words(entry.kind)),
            "put it in quotes".to_owned(),
        ),
        None => (format!("{subject} is wrong: {message}"), "see the commented config.toml for its form".to_owned()),
    };
    problem(Code::WrongType, entry.value.clone(), name, text, help)
}

fn unknown_key(key: &str, entry: &Entry, known: &[String]) -> (String, String) {
    let parent = entry.path.split_last().map(|(_, parent)| super::tree::name(parent)).filter(|name| !name.is_empty());
    let text = match &parent {
        Some(parent) => format!("unknown key `{key}` in `{parent}`"),
        None => format!("unknown key `{key}`"),
    };
    if let Some(meant) = nearest(key, known.iter().map(String::as_str)) {
        return (text, format!("did you mean `{meant}`?"));
    }
    if parent.is_some() && keys_of::<Raw>().iter().any(|top| top == key) {
        return (text, format!("`{key}` is a key of the whole file: put it above the first [table]"));
    }
    let tables = [
        ("[server]", keys_of::<RawServer>()),
        ("[organisation]", keys_of::<RawOrganisation>()),
        ("[database]", keys_of::<RawDatabase>()),
        ("[feeds]", keys_of::<RawFeeds>()),
        ("[fetch]", keys_of::<RawFetch>()),
        ("[telegram]", keys_of::<RawTelegram>()),
        ("[email]", keys_of::<RawEmail>()),
        ("[webhook.NAME]", keys_of::<RawWebhook>()),
        ("[admin]", keys_of::<RawAdmin>()),
        ("[retention]", keys_of::<RawRetention>()),
        ("a section, or of [defaults]", keys_of::<RawSection>()),
    ];
    let home = tables.iter().find(|(_, keys)| keys.iter().any(|known| known == key)).map(|(table, _)| table);
    match home {
        Some(table) => (text, format!("`{key}` is a key of {table}")),
        None => (text, format!("the keys here are {}", known.join(", "))),
    }
}

fn expected_in_words(expected: &str) -> String {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" => "a whole number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" => "a text in quotes".to_owned(),
        "a sequence" => "a list in brackets".to_owned(),
        "a map" => "a table".to_owned(),
        _ if expected.starts_with("struct ") => "a table".to_owned(),
        _ if expected.starts_with("enum ") || expected.contains("string or table") => "a text in quotes".to_owned(),
        other => other.to_owned(),
    }
}

fn kind_in_words(kind: &str) -> &str {
    match kind {
        "string" => "a text",
        "integer" => "a whole number",
        "float" => "a number with a point",
        "boolean" => "true or false",
        "datetime" => "a date",
        "array" => "a list",
        "table" => "a table",
        other => other,
    }
}

fn quoted(words: &[String]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" or ")
}

fn problem(code: Code, span: Span, key: Option<String>, message: String, help: String) -> Problem {
    Problem { code, severity: Severity::Error, span: Some(span), key, message, help }
}

/// The line (from 0) a place is in.
pub fn line_of(text: &str, span: &Span) -> Option<usize> {
    text.get(..text.floor_char_boundary(span.start.min(text.len()))).map(|before| before.matches('\n').count())
}
