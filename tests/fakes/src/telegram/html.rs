//! Telegram's HTML as its documentation states it: text and entities out, or the literal words of a refusal.
//!
//! Two things are stricter here than on the real server, because the documentation forbids them and a reader
//! would see the mistake: a bare `&` (the server leaves `&nbsp;` standing as text) and a control character.

use serde::Serialize;

/// Telegram ignores what goes beyond.
const MOST_ENTITIES: usize = 100;

/// A formatted piece of a text; offsets and lengths are UTF-16 units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entity {
    /// "bold", "`text_link`", …
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where it begins.
    pub offset: usize,
    /// How long it is.
    pub length: usize,
    /// Where a "`text_link`" leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The programming language of a "pre".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// Text and its entities.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rich {
    /// Plain text, trimmed.
    pub text: String,
    /// In order of their beginning.
    pub entities: Vec<Entity>,
}

impl Rich {
    /// Text without formatting.
    pub fn plain(text: &str) -> Self {
        Self { text: text.trim().to_owned(), entities: Vec::new() }
    }

    /// Length as Telegram counts it.
    pub fn units(&self) -> usize {
        self.text.encode_utf16().count()
    }
}

struct Open {
    tag: String,
    argument: String,
    offset: usize,
}

/// Parses a text in Telegram's HTML. The error is what stands behind `can't parse entities: `.
pub fn parse(html: &str) -> Result<Rich, String> {
    let mut parser = Parser { html, at: 0, text: String::new(), units: 0, open: Vec::new(), entities: Vec::new() };
    while let Some(c) = parser.peek() {
        match c {
            '<' if parser.html[parser.at + 1..].starts_with('/') => parser.end_tag()?,
            '<' => parser.start_tag()?,
            '&' => {
                let c = parser.entity()?;
                parser.push(c);
            }
            c if c.is_control() && !matches!(c, '\n' | '\r' | '\t') => {
                return Err(format!("Control character U+{:04X} at byte offset {}", u32::from(c), parser.at));
            }
            c => {
                parser.at += c.len_utf8();
                parser.push(c);
            }
        }
    }
    if let Some(open) = parser.open.last() {
        return Err(format!("Can't find end tag corresponding to start tag \"{}\"", open.tag));
    }
    Ok(trimmed(&parser.text, parser.entities))
}

struct Parser<'a> {
    html: &'a str,
    at: usize,
    text: String,
    units: usize,
    open: Vec<Open>,
    entities: Vec<Entity>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.html[self.at..].chars().next()
    }

    fn push(&mut self, c: char) {
        self.text.push(c);
        self.units += c.len_utf16();
    }

    /// The bytes up to the first that satisfies `end`.
    fn until(&mut self, end: impl Fn(char) -> bool) -> String {
        let rest = &self.html[self.at..];
        let taken = &rest[..rest.find(end).unwrap_or(rest.len())];
        self.at += taken.len();
        taken.to_owned()
    }

    fn spaces(&mut self) {
        self.until(|c| !c.is_ascii_whitespace());
    }

    fn entity(&mut self) -> Result<char, String> {
        let begin = self.at;
        let rest = &self.html[begin + 1..];
        let name = rest.split(';').next().filter(|name| name.len() < rest.len() && name.len() <= 10);
        let c = name.and_then(|name| match name {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "quot" => Some('"'),
            _ => {
                let digits = name.strip_prefix('#')?;
                let code = match digits.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => digits.parse(),
                };
                char::from_u32(code.ok()?).filter(|&c| c != '\0')
            }
        });
        self.at += 2 + name.map_or(0, str::len);
        c.ok_or_else(|| format!("Unescaped \"&\" at byte offset {begin}"))
    }

    fn start_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        self.at += 1;
        let tag = self.until(|c| c.is_ascii_whitespace() || c == '>').to_ascii_lowercase();
        if self.peek().is_none() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        if kind(&tag, "").is_none() && tag != "span" {
            return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
        }
        let mut argument = String::new();
        loop {
            self.spaces();
            match self.peek() {
                None => return Err(format!("Unclosed start tag \"{tag}\" at byte offset {begin}")),
                Some('>') => break,
                Some(_) => {}
            }
            let (name, value) = self.attribute(&tag, begin)?;
            match (tag.as_str(), name.as_str()) {
                ("a", "href") => argument = value,
                ("span", "class") => value.clone_into(&mut argument),
                ("code", "class") => value.strip_prefix("language-").unwrap_or_default().clone_into(&mut argument),
                ("blockquote", "expandable") => name.clone_into(&mut argument),
                _ => {}
            }
        }
        self.at += 1;
        if tag == "span" && argument != "tg-spoiler" {
            return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
        }
        self.open.push(Open { tag, argument, offset: self.units });
        Ok(())
    }

    fn attribute(&mut self, tag: &str, begin: usize) -> Result<(String, String), String> {
        let name = self.until(|c| c.is_ascii_whitespace() || matches!(c, '=' | '>')).to_ascii_lowercase();
        if name.is_empty() {
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}"));
        }
        self.spaces();
        if self.peek() != Some('=') {
            return Ok((name, String::new()));
        }
        self.at += 1;
        self.spaces();
        let mut value = String::new();
        if let Some(quote @ ('"' | '\'')) = self.peek() {
            self.at += 1;
            loop {
                match self.peek() {
                    None => return Err(format!("Unclosed start tag \"{tag}\" at byte offset {begin}")),
                    Some('&') => value.push(self.entity()?),
                    Some(c) => {
                        self.at += c.len_utf8();
                        if c == quote {
                            break;
                        }
                        value.push(c);
                    }
                }
            }
        } else {
            let token = self.at;
            value = self.until(|c| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-')).to_ascii_lowercase();
            if self.peek().is_some_and(|c| !c.is_ascii_whitespace() && c != '>') {
                return Err(format!("Unexpected end of name token at byte offset {token}"));
            }
        }
        Ok((name, value))
    }

    fn end_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        self.at += 2;
        let Some(open) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        let found = self.until(|c| c.is_ascii_whitespace() || c == '>').to_ascii_lowercase();
        self.spaces();
        if self.peek() != Some('>') {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        self.at += 1;
        let tag = open.tag;
        if !found.is_empty() && found != tag {
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{tag}>\", found \"</{found}>\""
            ));
        }
        let length = self.units - open.offset;
        // A link without an address, or to no web page, is quietly no link.
        let url = (tag == "a").then(|| open.argument.clone());
        let dropped = length == 0 || url.as_ref().is_some_and(|url| !is_link(url));
        let language = (tag == "code" && !open.argument.is_empty()).then(|| open.argument.clone());
        if let Some(kind) = kind(&tag, &open.argument).filter(|_| !dropped) {
            self.entities.push(Entity { kind, offset: open.offset, length, url, language });
        }
        Ok(())
    }
}

fn kind(tag: &str, argument: &str) -> Option<&'static str> {
    Some(match tag {
        "b" | "strong" => "bold",
        "i" | "em" => "italic",
        "u" | "ins" => "underline",
        "s" | "strike" | "del" => "strikethrough",
        "tg-spoiler" => "spoiler",
        "span" if argument == "tg-spoiler" => "spoiler",
        "a" => "text_link",
        "code" => "code",
        "pre" => "pre",
        "blockquote" if argument == "expandable" => "expandable_blockquote",
        "blockquote" => "blockquote",
        _ => return None,
    })
}

/// Whether Telegram takes the text for an address: a scheme it knows, and a host.
pub fn is_link(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    if lower.starts_with("tg://") || lower.starts_with("mailto:") || lower.starts_with("tel:") {
        return true;
    }
    is_web(url)
}

/// Whether the text is an http(s) address with a host and without white space.
pub fn is_web(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    host.is_some_and(|host| !host.is_empty()) && !url.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// The text without white space at its ends, the entities moved and cut accordingly.
fn trimmed(text: &str, entities: Vec<Entity>) -> Rich {
    let kept = text.trim_start();
    let lead = text[..text.len() - kept.len()].encode_utf16().count();
    let kept = kept.trim_end();
    let end = kept.encode_utf16().count();
    let mut entities: Vec<Entity> = entities
        .into_iter()
        .filter_map(|entity| {
            let from = entity.offset.saturating_sub(lead);
            let to = (entity.offset + entity.length).saturating_sub(lead).min(end);
            (from < to).then(|| Entity { offset: from, length: to - from, ..entity })
        })
        .collect();
    entities.sort_by_key(|entity| (entity.offset, usize::MAX - entity.length));
    entities.truncate(MOST_ENTITIES);
    Rich { text: kept.to_owned(), entities }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(html: &str) -> String {
        parse(html).expect_err("must be refused")
    }

    fn shape(html: &str) -> (String, Vec<(&'static str, usize, usize)>) {
        let rich = parse(html).expect("must be accepted");
        (rich.text, rich.entities.iter().map(|e| (e.kind, e.offset, e.length)).collect())
    }

    #[test]
    fn offsets_are_utf16_units() {
        let (text, entities) = shape("🌾 <b>Lúa</b> chín");
        assert_eq!(text, "🌾 Lúa chín");
        assert_eq!(entities, [("bold", 3, 3)]);
    }

    #[test]
    fn every_documented_tag_is_known() {
        for tag in "b strong i em u ins s strike del tg-spoiler code pre blockquote".split(' ') {
            assert_eq!(shape(&format!("<{tag}>x</{tag}>")).1.len(), 1, "{tag}");
        }
        assert_eq!(shape("<span class=\"tg-spoiler\">x</span>").1, [("spoiler", 0, 1)]);
        assert_eq!(shape("<blockquote expandable>x</blockquote>").1, [("expandable_blockquote", 0, 1)]);
        let code = parse("<pre><code class=\"language-rust\">fn</code></pre>").expect("accepted");
        assert_eq!(code.entities.iter().find_map(|e| e.language.as_deref()), Some("rust"));
    }

    #[test]
    fn links_carry_their_address() {
        let rich = parse("<a href=\"https://a.vn/?x=1&amp;y=2\">Đọc tiếp</a>").expect("accepted");
        assert_eq!(rich.entities[0].url.as_deref(), Some("https://a.vn/?x=1&y=2"));
        assert_eq!(shape("<a href='javascript:alert(1)'>x</a>").1, []);
        assert_eq!(shape("<a href='https://a.vn/a b'>x</a>").1, []);
    }

    #[test]
    fn entities_of_the_five_kinds_only() {
        assert_eq!(shape("&lt;b&gt; &amp;amp; &quot;&#7877;&#x1F33E;").0, "<b> &amp; \"ễ🌾");
        assert_eq!(refused("một &nbsp; hai"), "Unescaped \"&\" at byte offset 6");
        assert_eq!(refused("Q&A"), "Unescaped \"&\" at byte offset 1");
        assert_eq!(refused("&#xD800;"), "Unescaped \"&\" at byte offset 0");
        assert_eq!(refused("<a href=\"http://a.vn/?a=1&b=2\">x</a>"), "Unescaped \"&\" at byte offset 25");
        assert_eq!(refused("&é;"), "Unescaped \"&\" at byte offset 0");
    }

    #[test]
    fn refusals_have_telegrams_words_and_byte_offsets() {
        assert_eq!(refused("ễ<p>x</p>"), "Unsupported start tag \"p\" at byte offset 3");
        assert_eq!(refused("a<br/>b"), "Unsupported start tag \"br/\" at byte offset 1");
        assert_eq!(refused("giá < 5 triệu"), "Unsupported start tag \"\" at byte offset 5");
        assert_eq!(refused("a <b"), "Unclosed start tag at byte offset 2");
        assert_eq!(refused("<b>x"), "Can't find end tag corresponding to start tag \"b\"");
        assert_eq!(refused("x</b>"), "Unexpected end tag at byte offset 1");
        assert_eq!(refused("<b>x</i>"), "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\"");
        assert_eq!(refused("<b>x</b"), "Unclosed end tag at byte offset 4");
        assert_eq!(refused("<span>x</span>"), "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0");
        assert_eq!(refused("<a =x>y</a>"), "Empty attribute name in the tag \"a\" at byte offset 0");
        assert_eq!(refused("<a href=\"x>y</a>"), "Unclosed start tag \"a\" at byte offset 0");
        assert_eq!(refused("<a href=http://a>y</a>"), "Unexpected end of name token at byte offset 8");
        assert_eq!(refused("a\u{8}b"), "Control character U+0008 at byte offset 1");
        assert_eq!(refused("x<"), "Unclosed start tag at byte offset 1");
    }

    #[test]
    fn white_space_around_is_cut_and_entities_follow() {
        let (text, entities) = shape(" \n<b> Tin </b>\n<i> </i>\n");
        assert_eq!((text.as_str(), entities.as_slice()), ("Tin", [("bold", 0, 3)].as_slice()));
        assert_eq!(shape("<b> </b>"), (String::new(), vec![]));
    }

    #[test]
    fn entities_nest_and_beyond_a_hundred_are_ignored() {
        assert_eq!(shape("<b>a<i>b</i></b>").1, [("bold", 0, 2), ("italic", 1, 1)]);
        assert_eq!(shape(&"<b>x</b> ".repeat(120)).1.len(), 100);
    }
}
