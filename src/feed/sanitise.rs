//! The one layer between stored text and the feed writers, which escape and do nothing else. XML forbids some
//! characters altogether; readers disagree about relative addresses and white space in ids. Everything a feed says passes through here first, so that no writer has to think of it.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use url::Url;

use crate::article::text::is_xml_char;

/// Media RSS; the trailing slash belongs to it.
pub const MEDIA: &str = "http://search.yahoo.com/mrss/";
/// RFC 6721.
pub const TOMBSTONES: &str = "http://purl.org/atompub/tombstones/1.0";

/// The stroke that composes with `<`, `>` and `=` (U+226E, U+226F, U+2260), and how HTML names it.
const STROKE: (char, &str) = ('\u{338}', "&#824;");

/// Plain text on one line: NFC, no forbidden characters, white space collapsed and trimmed; no combining mark at its
/// beginning, where a tool that normalises the document would join it to the tag before.
pub fn line(text: &str) -> String {
    let line = crate::article::text::one_line(text);
    match line.trim_start_matches(|c: char| is_combining_mark(c) || c.is_whitespace()) {
        rest if rest.len() == line.len() => line,
        rest => rest.to_owned(),
    }
}

/// An id: no white space at all (newsboat keeps what stands around a guid), no forbidden characters.
pub fn id(text: &str) -> String {
    text.chars().filter(|&c| is_xml_char(c) && !c.is_whitespace()).collect()
}

/// An absolute http or https address in ASCII; `None` for anything else.
pub fn url(text: &str) -> Option<String> {
    let text = text.trim();
    if is_settled(text) {
        return Some(text.to_owned());
    }
    web(&Url::parse(text).ok()?)
}

/// The same of one that was parsed.
pub fn web(url: &Url) -> Option<String> {
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| url.as_str().to_owned())
}

/// Whether parsing would leave an address as it is; a few of which this is true are not seen to be so. Parsing costs
/// more than everything else that is done to a short item.
fn is_settled(text: &str) -> bool {
    let Some((host, rest)) = text.strip_prefix("https://").and_then(|rest| rest.split_once('/')) else { return false };
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_~.=&,+?".contains(&byte);
    // A host that ends with a digit is a number, "xn--" has rules of its own, a segment that begins with a dot may be
    // taken out.
    host.bytes().all(is_name)
        && host.bytes().next_back().is_some_and(|last| last.is_ascii_lowercase())
        && !host.contains("--")
        && rest.bytes().all(is_plain)
        && !rest.starts_with('.')
        && !rest.contains("/.")
}

/// Clean HTML as a feed may carry it. Forbidden characters become spaces: dropping them could join what stood
/// apart for good reason (`java\u{8}script:`). The composing stroke becomes a character reference before NFC, which
/// would otherwise swallow markup: `>` and `=` have composed forms.
pub fn html(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut out = Cow::Borrowed(text);
    if !text.chars().all(is_xml_char) {
        out = Cow::Owned(text.chars().map(|c| if is_xml_char(c) { c } else { ' ' }).collect());
    }
    if out.contains(STROKE.0) {
        out = Cow::Owned(out.replace(STROKE.0, STROKE.1));
    }
    match is_nfc_quick(out.chars()) {
        IsNormalized::Yes => out,
        _ => Cow::Owned(out.nfc().collect()),
    }
}

/// Characters that nothing needs to be done about, whatever stands beside them: nearly all of Vietnamese and English,
/// so that most texts are looked at once and quickly.
fn is_plain(c: char) -> bool {
    matches!(c, '\t' | '\n' | ' '..='~' | '\u{A0}'..='\u{2FF}' | '\u{1EA0}'..='\u{1EF9}' | '\u{2010}'..='\u{2027}')
}

/// Text for HTML and for attributes in double quotes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    super::xml::escape_into(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_survives_composition() {
        assert_eq!(html("<p>\u{338} onclick=x</p>"), "<p>&#824; onclick=x</p>");
        assert_eq!(html("<a title=\u{338}\"x\">"), "<a title=&#824;\"x\">");
        assert_eq!(html("<b>e\u{302}\u{301}</b>"), "<b>ế</b>");
    }

    #[test]
    fn plain_characters_need_nothing() {
        for c in ('\0'..=char::MAX).filter(|&c| is_plain(c)) {
            assert!(is_xml_char(c) && c != STROKE.0 && !is_combining_mark(c), "{c:?}");
            assert_eq!(is_nfc_quick(std::iter::once(c)), IsNormalized::Yes, "{c:?}");
        }
    }

    #[test]
    fn forbidden_characters_part_what_they_parted() {
        assert_eq!(html("<a href=\"java\u{8}script:x\">"), "<a href=\"java script:x\">");
        assert_eq!(line("\u{338} \u{301}a"), "a");
        assert_eq!(line(" \u{0}a\u{8}b \u{FFFF}\n c "), "ab c");
        assert_eq!(id(" tag:a,\n2026:x\u{b} "), "tag:a,2026:x");
    }

    #[test]
    fn only_absolute_web_addresses_pass() {
        assert_eq!(url(" https://a.vn/ảnh.jpg?a=1&b=2 ").as_deref(), Some("https://a.vn/%E1%BA%A3nh.jpg?a=1&b=2"));
        for settled in ["https://www.example.vn/", "https://a.vn/b/c-d_e.jpg?w=1&h=2,3+4", "https://a.b.vn/x?.="] {
            assert!(is_settled(settled), "{settled}");
            assert_eq!(Url::parse(settled).unwrap().as_str(), settled);
        }
        for other in
            ["https://1.2", "https://0x7f.1/", "https://a.vn/../b", "https://A.vn/", "https://xn--a.vn/", "https:///x"]
        {
            assert!(!is_settled(other), "{other}");
        }
        for bad in ["/x.jpg", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "//a.vn/x", ""] {
            assert_eq!(url(bad), None, "{bad}");
        }
    }
}
