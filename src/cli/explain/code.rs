//! `explain CODE`: what a code means, in English and Vietnamese.

use serde_json::{Value, json};

use crate::{config, health};

/// A code with its meaning, and what to do where that can be said of all its cases.
pub(super) struct Explained {
    code: &'static str,
    english: (&'static str, &'static str),
    vietnamese: (&'static str, &'static str),
}

/// Whether it is written like a code.
pub(super) fn looks_like_one(thing: &str) -> bool {
    let mut letters = thing.chars();
    letters.next().is_some_and(|first| matches!(first, 'E' | 'W' | 'H' | 'e' | 'w' | 'h'))
        && thing.len() == 4
        && letters.all(|digit| digit.is_ascii_digit())
}

/// What a code means.
pub(super) fn explain(thing: &str) -> Option<Explained> {
    if let Some(code) = health::Code::from_text(thing) {
        return Some(Explained { code: code.text(), english: code.english(), vietnamese: code.vietnamese() });
    }
    let code = config::Code::from_text(thing)?;
    let english = "`bantin check` shows where it stands in the file, and what to write instead.";
    let vietnamese = "`bantin check` chỉ ra vị trí trong tệp và cách viết đúng.";
    Some(Explained {
        code: code.text(),
        english: (code.meaning(), english),
        vietnamese: (code.vietnamese(), vietnamese),
    })
}

impl Explained {
    pub(super) fn text(&self) -> String {
        let Self { code, english, vietnamese } = self;
        format!("{code}\n\n{}\n{}\n\n{}\n{}\n", english.0, english.1, vietnamese.0, vietnamese.1)
    }

    pub(super) fn json(&self) -> Value {
        let language = |(meaning, remedy): (&str, &str)| json!({ "meaning": meaning, "remedy": remedy });
        json!({ "code": self.code, "en": language(self.english), "vi": language(self.vietnamese) })
    }
}
