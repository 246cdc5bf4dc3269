//! Cuts the text of a date into numbers, words and signs. Words are folded (lower case, no accents), with the
//! accented spelling kept beside: "Thứ" and the English "Thu" differ by nothing else.

use crate::article::text;
use crate::extract::page::unescape;

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

    /// The word in lower case where it is written without accents: English names are, and "môn" is no "Mon".
    pub fn english(&self) -> Option<&str> {
        self.raw().filter(|raw| raw.is_ascii())
    }

    /// Whether it is this word of Vietnamese, as it should be spelled or without any accent ("tháng", "thang",
    /// but not "thắng").
    pub fn spells(&self, accented: &str, bare: &str) -> bool {
        self.raw().is_some_and(|raw| raw == accented || raw == bare)
    }

    /// Whether all its letters are capitals.
    pub fn is_capitals(&self) -> bool {
        matches!(self.kind, Kind::Word { capitals: true, .. })
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

/// The text as it would be typed on one plain line: tags and entities that were left over, digits of other scripts,
/// full-width forms, the many dashes and slashes, and signs that cannot be seen.
pub(super) fn plain(input: &str) -> String {
    // A date stands near the beginning: entities take a few characters each.
    let cut = input.char_indices().nth(LONGEST * 4).map_or(input, |(end, _)| &input[..end]);
    let mut line = text::one_line(cut);
    if line.contains('<') {
        line = without_tags(&line);
    }
    if line.contains('&') && line.contains(';') {
        line = unescape(&line);
    }
    if line.is_ascii() {
        return line;
    }
    line.chars().filter(|c| !is_unseen(*c)).map(typed).collect()
}

/// A space for each tag.
fn without_tags(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let is_tag =
            tag.get(1..).and_then(|name| name.chars().next()).is_some_and(|c| c.is_ascii_alphabetic() || c == '/');
        let end = tag.find('>').filter(|_| is_tag).unwrap_or(0);
        out.push(' ');
        rest = &tag[end + 1..];
    }
    out.push_str(rest);
    out
}

/// Signs without a shape: they break no word and no number.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{fe0e}' | '\u{fe0f}' | '\u{feff}')
}

/// The sign of a plain keyboard that a sign stands for.
fn typed(c: char) -> char {
    /// The zeros of the scripts whose digits are met.
    const ZEROS: [u32; 16] = [
        0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0x1040, 0x17e0,
        0xff10,
    ];
    let code = u32::from(c);
    if let Some(digit) = ZEROS.iter().find_map(|zero| code.checked_sub(*zero).filter(|digit| *digit < 10)) {
        return char::from_digit(digit, 10).unwrap_or(c);
    }
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        '\u{2044}' | '\u{2215}' => '/',
        '\u{2236}' | '\u{a789}' => ':',
        '\u{2024}' | '\u{3002}' => '.',
        '\u{2018}' | '\u{2019}' | '\u{2032}' | '\u{b4}' => '\'',
        '\u{1d7ce}'..='\u{1d7ff}' => char::from_digit((code - 0x1d7ce) % 10, 10).unwrap_or(c),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(code - 0xfee0).unwrap_or(c),
        other => other,
    }
}

/// The tokens of a plain line. Numbers of more than nine digits become a sign nobody looks for.
pub(super) fn tokens(line: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut glued = false;
    let mut rest: &str = line;
    if let Some((end, _)) = line.char_indices().nth(LONGEST) {
        rest = &line[..end];
    }
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
            glued = false;
            continue;
        }
        let same = |c: char| {
            if first.is_ascii_digit() { c.is_ascii_digit() } else { first.is_alphabetic() && c.is_alphabetic() }
        };
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (joined, end) = (end, seam(&out, rest, end));
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
            Kind::Sign(first)
        };
        out.push(Token { kind, glued });
        glued = joined == end;
        rest = after;
    }
    out
}

/// Where digits end that two elements without a space between left as one: "08/07/2019" and "14:35", "14:35" and
/// "08/07/2019".
fn seam(before: &[Token], rest: &str, end: usize) -> usize {
    let after = rest.get(end..).and_then(|rest| rest.chars().next());
    let sign = before.last();
    let is = |signs: &[char]| signs.iter().any(|sign_| sign.is_some_and(|token| token.glued && token.is(*sign_)));
    let digits = rest.starts_with(|c: char| c.is_ascii_digit());
    match (end, after) {
        (6, Some(':')) if digits && is(&['/', '-', '.']) && rest.starts_with("20") => 4,
        (4, Some('/')) if digits && is(&[':']) => 2,
        _ => end,
    }
}
