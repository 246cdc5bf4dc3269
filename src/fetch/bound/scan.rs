//! Cuts HTML into tags, comments and text as the tokenizer of a parser does, without building anything.

use super::MAX_ATTRIBUTES;
use super::names::Name;

/// A stretch of the page.
#[derive(Debug)]
pub struct Piece<'a> {
    pub kind: Kind<'a>,
    /// As written.
    pub raw: &'a str,
}

/// What a stretch is.
#[derive(Debug)]
pub enum Kind<'a> {
    Text,
    Start(Tag<'a>),
    End(Name<'a>),
    Comment,
    Doctype,
    /// `<![CDATA[`, of which only the opening is taken.
    Cdata,
    /// A comment in an unusual form, a tag cut off by the end of the page, an end tag with very many attributes.
    Odd,
}

/// A start tag.
#[derive(Debug)]
pub struct Tag<'a> {
    pub name: Name<'a>,
    pub attributes: usize,
    pub self_closing: bool,
    /// The tag without its end (`>` or `/>`) and without the attributes beyond the limit.
    pub head: &'a str,
}

/// Where the scan stands.
#[derive(Debug)]
pub struct Scanner<'a> {
    html: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(html: &'a str) -> Self {
        Self { html, at: 0 }
    }

    /// Where the next piece begins.
    pub fn at(&self) -> usize {
        self.at
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.html.as_bytes().get(at).copied()
    }

    /// From `start` to `end`; both stand beside ASCII characters, so they are boundaries.
    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.html.get(start..end).unwrap_or_default()
    }

    fn find(&self, from: usize, byte: u8) -> Option<usize> {
        // As a character, for which the standard library looks at several bytes at a time; `from` may stand in the
        // middle of another one.
        let from = (from..self.html.len()).find(|&at| self.html.is_char_boundary(at))?;
        Some(from + self.html.get(from..)?.find(char::from(byte))?)
    }

    pub fn next(&mut self) -> Option<Piece<'a>> {
        let start = self.at;
        self.byte(start)?;
        let (kind, end) = self.piece(start);
        self.at = end;
        Some(Piece { kind, raw: self.slice(start, end) })
    }

    fn piece(&self, start: usize) -> (Kind<'a>, usize) {
        let end = self.html.len();
        match (self.byte(start), self.byte(start + 1)) {
            (Some(b'<'), Some(b)) if b.is_ascii_alphabetic() => self.tag(start, start + 1),
            (Some(b'<'), Some(b'/')) => match self.byte(start + 2) {
                Some(b) if b.is_ascii_alphabetic() => self.tag(start, start + 2),
                _ => (Kind::Odd, self.find(start, b'>').map_or(end, |at| at + 1)),
            },
            (Some(b'<'), Some(b'!')) => self.declaration(start),
            (Some(b'<'), Some(b'?')) => (Kind::Odd, self.find(start, b'>').map_or(end, |at| at + 1)),
            _ => (Kind::Text, self.find(start + 1, b'<').unwrap_or(end)),
        }
    }

    fn declaration(&self, start: usize) -> (Kind<'a>, usize) {
        let end = self.html.len();
        let rest = self.slice(start + 2, end);
        let has = |prefix: &str| {
            rest.as_bytes().get(..prefix.len()).is_some_and(|b| b.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        if rest.starts_with("--") {
            let body = start + 4;
            for empty in [">", "->"] {
                if self.slice(body, end).starts_with(empty) {
                    return (Kind::Odd, body + empty.len());
                }
            }
            let mut from = body;
            while let Some(at) = self.find(from, b'>') {
                if self.slice(body, at).ends_with("--") {
                    return (Kind::Comment, at + 1);
                }
                if self.slice(body, at).ends_with("--!") {
                    return (Kind::Odd, at + 1);
                }
                from = at + 1;
            }
            return (Kind::Odd, end);
        }
        if has("[CDATA[") {
            return (Kind::Cdata, start + 9);
        }
        let close = self.find(start, b'>').map_or(end, |at| at + 1);
        (if has("doctype") && close < end { Kind::Doctype } else { Kind::Odd }, close)
    }

    /// A tag whose name begins at `name`: "tag name" to "after attribute value" states of the tokenizer.
    fn tag(&self, start: usize, name: usize) -> (Kind<'a>, usize) {
        let is_space = |b: u8| matches!(b, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ');
        let mut at = name;
        while self.byte(at).is_some_and(|b| !is_space(b) && b != b'/' && b != b'>') {
            at += 1;
        }
        let element = Name(self.slice(name, at));
        let (mut attributes, mut head) = (0, at);
        let mut self_closing = false;
        loop {
            while let Some(b) = self.byte(at).filter(|&b| is_space(b) || b == b'/') {
                self_closing = b == b'/';
                at += 1;
            }
            match self.byte(at) {
                None => return (Kind::Odd, at),
                Some(b'>') => break,
                Some(_) => {}
            }
            self_closing = false;
            attributes += 1;
            // The first character belongs to the name even where it is `=`.
            at += 1;
            while self.byte(at).is_some_and(|b| !is_space(b) && !matches!(b, b'/' | b'>' | b'=')) {
                at += 1;
            }
            let mut value = at;
            while self.byte(value).is_some_and(is_space) {
                value += 1;
            }
            if self.byte(value) == Some(b'=') {
                value += 1;
                while self.byte(value).is_some_and(is_space) {
                    value += 1;
                }
                at = match self.byte(value) {
                    Some(quote @ (b'"' | b'\'')) => match self.find(value + 1, quote) {
                        Some(close) => close + 1,
                        None => return (Kind::Odd, self.html.len()),
                    },
                    Some(b'>') | None => value,
                    Some(_) => {
                        while self.byte(value).is_some_and(|b| !is_space(b) && b != b'>') {
                            value += 1;
                        }
                        value
                    }
                };
            }
            if attributes <= MAX_ATTRIBUTES {
                head = at;
            }
        }
        let kind = if name == start + 1 {
            Kind::Start(Tag { name: element, attributes, self_closing, head: self.slice(start, head) })
        } else if attributes > MAX_ATTRIBUTES {
            // A parser keeps those of an end tag too, before it drops them.
            Kind::Odd
        } else {
            Kind::End(element)
        };
        (kind, at + 1)
    }

    /// The text of a raw element up to its end tag, behind which the scan goes on; `None` when there is none.
    pub fn raw(&mut self, name: Name<'a>) -> Option<&'a str> {
        let start = self.at;
        let mut from = start;
        while let Some(at) = self.find(from, b'<') {
            from = at + 1;
            let after = at + 2 + name.0.len();
            let named = self.byte(at + 1) == Some(b'/')
                && self.html.as_bytes().get(at + 2..after).is_some_and(|b| b.eq_ignore_ascii_case(name.0.as_bytes()))
                && self.byte(after).is_some_and(|b| matches!(b, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b'/' | b'>'));
            if named {
                self.at = self.tag(at, at + 2).1;
                return Some(self.slice(start, at));
            }
        }
        self.at = self.html.len();
        None
    }
}
