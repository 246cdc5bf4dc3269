//! What is refused in a feed's XML, what is wrong in it and where, and what can be mended.

use std::borrow::Cow;

/// Deepest nesting of a feed that is read.
const MAX_DEPTH: usize = 200;
/// Most attributes of one tag.
const MAX_ATTRIBUTES: usize = 256;

/// Most tags and entries that are read.
const MAX_TAGS: usize = 100_000;
const MAX_ENTRIES: usize = 2_000;
/// Most references to characters, and bare `&`: escaped markup has three a tag.
const MAX_REFERENCES: usize = 1_000_000;

/// Something wrong at a place.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    at: usize,
    what: Cow<'static, str>,
    /// Never read, not even repaired.
    refused: bool,
}

impl Fault {
    /// The fault with its line and column.
    pub fn tell(&self, xml: &str) -> String {
        let before = xml.get(..self.at).unwrap_or(xml);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("line {line}, column {column}: {}", self.what)
    }
}

/// The feed within the limits: itself, or its first entries where there are very many. A fault where it is unsafe to
/// parse: a document type with definitions, extreme nesting, very many attributes, very many tags before the end of the
/// first entry.
pub fn bounded(xml: &str) -> Result<Cow<'_, str>, Fault> {
    let mut walk = Walk::new(xml);
    if let Some(fault) = walk.by_ref().find(|fault| fault.refused) {
        return Err(fault);
    }
    if !walk.cut {
        return Ok(Cow::Borrowed(xml));
    }
    let Some((end, open)) = walk.last_entry else {
        let what = format!(
            "the feed has more than {MAX_TAGS} tags, or {MAX_REFERENCES} references, before its first entry ends"
        );
        return Err(Fault { at: walk.at, what: what.into(), refused: true });
    };
    let mut out = xml.get(..end).unwrap_or_default().to_owned();
    for name in open.iter().rev() {
        out.extend(["</", name, ">"]);
    }
    Ok(Cow::Owned(out))
}

/// The first thing that is not well-formed.
pub fn fault(xml: &str) -> Option<Fault> {
    Walk::new(xml).next()
}

/// Bare ampersands escaped, characters that XML forbids dropped, an RSS version `feed-rs` knows. CDATA sections
/// and comments stay as they are.
pub fn repair(xml: &str) -> String {
    let mut out = String::with_capacity(xml.len() + 64);
    let mut rest = xml;
    while !rest.is_empty() {
        let verbatim = if rest.starts_with("<![CDATA[") {
            Some("]]>")
        } else if rest.starts_with("<!--") {
            Some("-->")
        } else {
            None
        };
        if let Some(end) = verbatim {
            let length = rest.find(end).map_or(rest.len(), |at| at + end.len());
            let (part, after) = rest.split_at(length);
            out.extend(part.chars().filter(|&c| crate::article::text::is_xml_char(c)));
            rest = after;
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        let (part, after) = rest.split_at(c.len_utf8());
        if c == '&' && !is_reference(rest) {
            out.push_str("&amp;");
        } else if crate::article::text::is_xml_char(c) {
            out.push_str(part);
        }
        rest = after;
    }
    known_version(out)
}

/// `<rss version="0.93">` and `<rss>` are read as 2.0, of which they are subsets.
fn known_version(xml: String) -> String {
    let Some(start) = xml.find("<rss") else { return xml };
    let Some(end) = xml.get(start..).and_then(|rest| rest.find('>')).map(|at| start + at) else { return xml };
    let tag = xml.get(start..end).unwrap_or_default();
    if ["2.0", "0.91", "0.92"]
        .iter()
        .any(|v| tag.contains(&format!("version=\"{v}\"")) || tag.contains(&format!("version='{v}'")))
    {
        return xml;
    }
    let others: Vec<&str> = tag.split_whitespace().skip(1).filter(|part| !part.starts_with("version")).collect();
    let (before, after) = (xml.get(..start).unwrap_or_default(), xml.get(end..).unwrap_or_default());
    format!("{before}<rss version=\"2.0\" {}{after}", others.join(" "))
}

/// Whether `&` begins a reference: `&name;`, `&#10;`, `&#xA;`.
fn is_reference(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('&') else { return false };
    let Some((name, _)) = rest.char_indices().take(32).find(|&(_, c)| c == ';').map(|(at, _)| rest.split_at(at)) else {
        return false;
    };
    match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()),
            None => !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()),
        },
        None => {
            name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
                && name.bytes().all(|b| b.is_ascii_alphanumeric())
        }
    }
}

/// Walks through the markup and stops at each fault.
struct Walk<'a> {
    xml: &'a str,
    at: usize,
    open: Vec<&'a str>,
    done: bool,
    tags: usize,
    references: usize,
    entries: usize,
    /// Where the last entry ended, and what was open around it.
    last_entry: Option<(usize, Vec<&'a str>)>,
    /// There is more than is read.
    cut: bool,
}

impl<'a> Walk<'a> {
    fn new(xml: &'a str) -> Self {
        Self {
            xml,
            at: 0,
            open: Vec::new(),
            done: false,
            tags: 0,
            references: 0,
            entries: 0,
            last_entry: None,
            cut: false,
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "every step answers with a fault or none")]
    fn fault(at: usize, what: impl Into<Cow<'static, str>>) -> Option<Fault> {
        Some(Fault { at, what: what.into(), refused: false })
    }

    #[expect(clippy::unnecessary_wraps, reason = "every step answers with a fault or none")]
    fn refused(at: usize, what: impl Into<Cow<'static, str>>) -> Option<Fault> {
        Some(Fault { at, what: what.into(), refused: true })
    }

    fn stop_when(&mut self, enough: bool) {
        self.cut |= enough;
        self.done |= enough;
    }

    /// Behind `end`, or the fault that it never comes.
    fn behind(&mut self, end: &str, what: &str) -> Option<Fault> {
        let start = self.at;
        if let Some(at) = self.xml.get(start..).and_then(|rest| rest.find(end)) {
            self.at = start + at + end.len();
            return None;
        }
        self.at = self.xml.len();
        Self::fault(start, format!("this {what} is never closed"))
    }

    fn text(&mut self, until: &[char]) -> Option<Fault> {
        let start = self.at;
        let rest = self.xml.get(start..)?;
        let end = rest.find(until).unwrap_or(rest.len());
        self.at = start + end;
        let part = rest.get(..end)?;
        self.references += part.bytes().filter(|byte| *byte == b'&').count();
        self.stop_when(self.references > MAX_REFERENCES);
        let bad = part.char_indices().find(|&(at, c)| {
            !crate::article::text::is_xml_char(c) || (c == '&' && !is_reference(rest.get(at..).unwrap_or_default()))
        });
        bad.and_then(|(at, c)| match c {
            '&' => Self::fault(start + at, "a bare `&`; it should be `&amp;`"),
            _ => Self::fault(start + at, format!("the character U+{:04X}, which XML forbids", u32::from(c))),
        })
    }

    /// A start or empty tag at `<`.
    fn tag(&mut self) -> Option<Fault> {
        let start = self.at;
        let rest = self.xml.get(start + 1..)?;
        let length = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(rest.len());
        let name = rest.get(..length)?;
        self.at = start + 1 + length;
        self.tags += 1;
        self.stop_when(self.tags > MAX_TAGS);
        let mut attributes = 0usize;
        let mut first = None;
        loop {
            match self.xml.get(self.at..).and_then(|rest| rest.chars().next()) {
                None => return Self::fault(start, format!("the tag <{name}> is cut off")),
                Some('>') => {
                    self.at += 1;
                    self.open.push(name);
                    break;
                }
                Some('/') if self.xml.get(self.at..).is_some_and(|rest| rest.starts_with("/>")) => {
                    self.at += 2;
                    break;
                }
                Some('<') => return Self::fault(self.at, format!("a `<` inside the tag <{name}>")),
                Some(quote @ ('"' | '\'')) => {
                    attributes += 1;
                    self.at += 1;
                    first = first.or(self.text(&[quote]));
                    self.at += 1;
                }
                Some(c) => self.at += c.len_utf8(),
            }
        }
        if attributes > MAX_ATTRIBUTES {
            return Self::refused(
                start,
                format!("the tag has {attributes} attributes; at most {MAX_ATTRIBUTES} are read"),
            );
        }
        if self.open.len() > MAX_DEPTH {
            self.done = true;
            return Self::refused(start, format!("the elements are nested deeper than {MAX_DEPTH}"));
        }
        first
    }

    fn end_tag(&mut self) -> Option<Fault> {
        let start = self.at;
        self.at += 2;
        let from = self.at;
        let unclosed = self.behind(">", "end tag");
        if unclosed.is_some() {
            return unclosed;
        }
        let name = self.xml.get(from..self.at - 1).unwrap_or_default().trim();
        match self.open.pop() {
            Some(open) if open == name => {
                if matches!(name.rsplit(':').next(), Some("item" | "entry")) {
                    self.entries += 1;
                    self.last_entry = Some((self.at, self.open.clone()));
                    self.stop_when(self.entries >= MAX_ENTRIES);
                }
                None
            }
            Some(open) => Self::fault(start, format!("</{name}> where </{open}> is due")),
            None => Self::fault(start, format!("</{name}> closes nothing")),
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Fault;

    fn next(&mut self) -> Option<Fault> {
        while !self.done {
            let rest = self.xml.get(self.at..).unwrap_or_default();
            if rest.is_empty() {
                self.done = true;
                return match self.open.last() {
                    Some(open) => Self::fault(self.xml.len(), format!("the end comes before </{open}>")),
                    None => None,
                };
            }
            let found = if rest.starts_with("<!--") {
                self.behind("-->", "comment")
            } else if rest.starts_with("<![CDATA[") {
                self.behind("]]>", "CDATA section")
            } else if rest.starts_with("<?") {
                self.behind("?>", "processing instruction")
            } else if rest.starts_with("<!") {
                let start = self.at;
                if rest.split('>').next().is_some_and(|head| head.contains('[')) {
                    self.done = true;
                    Self::refused(
                        start,
                        "a document type with definitions of its own, which is not read: entities can be made to explode",
                    )
                } else {
                    self.behind(">", "declaration")
                }
            } else if rest.starts_with("</") {
                self.end_tag()
            } else if rest.starts_with('<') {
                self.tag()
            } else {
                self.text(&['<'])
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }
}
