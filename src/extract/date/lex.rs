//! Cuts the text of a date into numbers, words and signs. Words are folded (lower case, no accents), with the
//! accented spelling kept beside: "Thứ" and the English "Thu" differ by nothing else.

use crate::article::text;

/// Longest text in which a date is looked for: a date stands in a line, not in an article.
const LONGEST: usize = 400;

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Digits: their value and how many there were ("07" has two).
    Number { value: u32, digits: usize },
    /// Letters, folded ("thu"), as they stood in lower case ("thứ"), and whether all were capitals.
    Word { folded: String, raw: String, capitals: bool },
    /// Any other sign.
    Sign(char),
}

/// A token, and whether it touches the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub glued: bool,
}

impl Token {
    /// The number with its count of digits.
    pub fn number(&self) -> Option<(u32, usize)> {
        match self.kind {
            Kind::Number { value, digits } => Some((value, digits)),
            _ => None,
        }
    }

    /// The folded word.
    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word { folded, .. } => Some(folded),
            _ => None,
        }
    }

    /// The word as it stood, in lower case.
    pub fn raw(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word { raw, .. } => Some(raw),
            _ => None,
        }
    }

    /// Whether it is a word of three to five Latin capitals, as zones are abbreviated.
    pub fn is_abbreviation(&self) -> bool {
        matches!(&self.kind, Kind::Word { raw, capitals: true, .. } if raw.is_ascii() && (3..=5).contains(&raw.len()))
    }

    /// Whether it is this sign.
    pub fn is(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }
}

/// The tokens of a text. Numbers of more than nine digits become a sign nobody looks for.
pub(super) fn tokens(input: &str) -> Vec<Token> {
    let line = text::one_line(input);
    let mut out = Vec::new();
    let mut glued = false;
    let mut rest: &str = &line;
    if let Some((end, _)) = line.char_indices().nth(LONGEST) {
        rest = &line[..end];
    }
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() || matches!(first, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}') {
            rest = &rest[first.len_utf8()..];
            glued = false;
            continue;
        }
        let same = |c: char| {
            if first.is_ascii_digit() { c.is_ascii_digit() } else { first.is_alphabetic() && c.is_alphabetic() }
        };
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (piece, after) = rest.split_at(end);
        let kind = if first.is_ascii_digit() {
            match piece.parse() {
                Ok(value) if piece.len() <= 9 => Kind::Number { value, digits: piece.len() },
                _ => Kind::Sign('#'),
            }
        } else if first.is_alphabetic() {
            let capitals = piece.chars().all(char::is_uppercase);
            Kind::Word { folded: text::folded(piece), raw: text::match_key(piece), capitals }
        } else {
            Kind::Sign(match first {
                '–' | '—' | '‐' | '‑' | '−' => '-',
                '’' | '‘' | '′' => '\'',
                '：' => ':',
                other => other,
            })
        };
        out.push(Token { kind, glued });
        glued = true;
        rest = after;
    }
    out
}
