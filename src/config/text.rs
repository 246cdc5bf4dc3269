//! The texts of a configuration's files as one: those of `sections.d` stand behind the main file's, each line in its
//! place, so that one number says where something stands, whichever file it is in.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::tree::Span;

/// All files.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Their texts, one after another.
    pub text: String,
    /// Where each begins, in the order of the text; the first is the main file at 0.
    pub pieces: Vec<Piece>,
    /// The text of each file behind the main one, moved to its place by white space: what a parser says of it is a
    /// place in `text`.
    moved: Vec<String>,
}

/// One file's part of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Piece {
    /// Where it begins.
    pub start: usize,
    /// The file.
    pub file: PathBuf,
}

/// A key of a file behind the main one that cannot stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misplaced {
    /// It is not a section: its name and place.
    Foreign(String, Span),
    /// A section that is set already: its slug, this place, and the first one.
    Twice(String, Span, Span),
}

/// What the files say: one tree, and what is wrong with their form.
pub type Tree<'t> = (Spanned<DeTable<'t>>, Vec<Error>, Vec<Misplaced>);

impl Sources {
    /// The main file alone.
    pub fn one(text: &str, file: &Path) -> Self {
        Self { text: unmarked(text), pieces: vec![Piece { start: 0, file: file.to_owned() }], moved: Vec::new() }
    }

    /// Puts another file behind.
    pub fn push(&mut self, text: &str, file: PathBuf) {
        if !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        let start = self.text.len();
        let text = unmarked(text);
        self.moved.push(format!("{}{text}", " ".repeat(start)));
        self.text.push_str(&text);
        self.pieces.push(Piece { start, file });
    }

    /// Reads the text; what cannot be read is left out of the tree.
    pub fn tree(&self) -> Tree<'_> {
        let main = self.pieces.get(1).map_or(self.text.len(), |next| next.start);
        let (mut tree, mut errors) = DeTable::parse_recoverable(self.text.get(..main).unwrap_or_default());
        let mut misplaced = Vec::new();
        for text in &self.moved {
            let (more, wrong) = DeTable::parse_recoverable(text);
            errors.extend(wrong);
            merge(tree.get_mut(), more.into_inner(), &mut misplaced);
        }
        (tree, errors, misplaced)
    }

    /// The places of the files with another text: masked, or none.
    pub fn saying(&self, text: String) -> Self {
        Self { text, pieces: self.pieces.clone(), moved: Vec::new() }
    }

    /// The file that a place is in, and where in the text it begins.
    pub fn piece(&self, at: usize) -> Option<&Piece> {
        self.pieces.iter().rfind(|piece| piece.start <= at)
    }
}

/// A byte order mark is no part of the text, but keeps its three bytes, so that places stay.
fn unmarked(text: &str) -> String {
    text.strip_prefix('\u{feff}').map_or_else(|| text.to_owned(), |rest| format!("   {rest}"))
}

fn merge<'t>(into: &mut DeTable<'t>, from: DeTable<'t>, misplaced: &mut Vec<Misplaced>) {
    for (key, value) in from {
        let span = key.span();
        let DeValue::Table(sections) = value.into_inner() else {
            misplaced.push(Misplaced::Foreign(key.into_inner().into_owned(), span));
            continue;
        };
        if key.get_ref() != "section" {
            misplaced.push(Misplaced::Foreign(key.into_inner().into_owned(), span));
            continue;
        }
        if !into.contains_key("section") {
            into.insert(Spanned::new(span.clone(), Cow::Borrowed("section")), Spanned::new(span, empty()));
        }
        let Some(DeValue::Table(all)) = into.get_mut("section").map(Spanned::get_mut) else { continue };
        for (slug, section) in sections {
            let first = all.get_key_value(slug.get_ref().as_ref()).map(|(first, _)| first.span());
            match first {
                Some(first) => {
                    let span = slug.span();
                    misplaced.push(Misplaced::Twice(slug.into_inner().into_owned(), span, first));
                }
                None => {
                    all.insert(slug, section);
                }
            }
        }
    }
}

fn empty<'t>() -> DeValue<'t> {
    DeValue::Table(DeTable::new())
}
