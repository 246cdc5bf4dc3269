//! The one layer between stored text and the feed writers, which escape and do nothing else. XML forbids some
//! characters altogether, HTML others, addresses more; readers disagree about relative addresses and white space in
//! ids. Everything a feed says passes through here first, so that no writer has to think of it.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use url::{Position, Url};

use super::plain;
use crate::article::text::is_xml_char;

/// Media RSS; the trailing slash belongs to it.
pub const MEDIA: &str = "http://search.yahoo.com/mrss/";
/// RFC 6721.
pub const TOMBSTONES: &str = "http://purl.org/atompub/tombstones/1.0";

/// The stroke that composes with `<`, `>` and `=` (U+226E, U+226F, U+2260), and how HTML names it.
const STROKE: (char, &str) = ('\u{338}', "&#824;");

/// The codes of two letters of ISO 639-1; pages say others too ("vn").
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el \
                         en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu \
                         ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na \
                         nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so \
                         sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Plain text on one line: NFC, no forbidden characters, white space collapsed and trimmed; no combining mark at its
/// beginning, where a tool that normalises the document would join it to the tag before.
pub fn line(text: &str) -> String {
    lined(text).into_owned()
}

/// The same; most texts are such lines already.
pub(super) fn lined(text: &str) -> Cow<'_, str> {
    if plain::is_line(text) {
        return Cow::Borrowed(text);
    }
    let line = crate::article::text::one_line(text);
    let line = if line.chars().all(is_shown) {
        line
    } else {
        crate::article::text::one_line(&line.chars().filter_map(shown).collect::<String>())
    };
    match line.trim_start_matches(|c: char| is_combining_mark(c) || c.is_whitespace()) {
        rest if rest.len() == line.len() => Cow::Owned(line),
        rest => Cow::Owned(rest.to_owned()),
    }
}

/// An id: no white space at all (newsboat keeps what stands around a guid), no forbidden characters.
pub fn id(text: &str) -> String {
    text.chars().filter(|&c| is_xml_char(c) && !c.is_whitespace()).collect()
}

/// An absolute http or https address in ASCII; `None` for anything else.
pub fn url(text: &str) -> Option<String> {
    address(text).map(Cow::into_owned)
}

/// The same; most addresses are as they should be already.
pub(super) fn address(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    if is_settled(text) {
        return Some(Cow::Borrowed(text));
    }
    Some(Cow::Owned(web(&Url::parse(text).ok()?)?.into_owned()))
}

/// The same of one that was parsed. Browsers leave some characters in addresses that RFC 3986 has no place for.
pub(super) fn web(url: &Url) -> Option<Cow<'_, str>> {
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    let is_strange = |byte: u8| b"\"<>[\\]^`{|}".contains(&byte);
    let (host, rest) = url.as_str().split_at(url[..Position::BeforePath].len());
    if !rest.bytes().any(is_strange) {
        return Some(Cow::Borrowed(url.as_str()));
    }
    let mut out = host.to_owned();
    // All of it is ASCII.
    for byte in rest.bytes() {
        if is_strange(byte) {
            let _ = write!(out, "%{byte:02X}"); // writing to a String does not fail
        } else {
            out.push(char::from(byte));
        }
    }
    Some(Cow::Owned(out))
}

/// The media type of a file as feeds may say it; `None` for what is none.
pub fn media_type(text: &str) -> Option<String> {
    let text = line(text);
    let is_token = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    let (kind, subtype) = text.split(';').next()?.trim().split_once('/')?;
    (is_token(kind) && is_token(subtype)).then(|| format!("{kind}/{subtype}").to_ascii_lowercase())
}

/// A language as it may be told: its first part is a code of ISO 639, be it one of the many of three letters.
pub fn language(tag: &str) -> Option<&str> {
    let first = tag.split('-').next().unwrap_or_default();
    let known = match first.len() {
        2 => {
            let code = first.to_ascii_lowercase();
            LANGUAGES.split(' ').any(|known| known == code)
        }
        length => length == 3,
    };
    known.then_some(tag)
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
    if plain::is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut out = Cow::Borrowed(text);
    if !text.chars().all(is_shown) {
        out = Cow::Owned(text.chars().map(|c| shown(c).unwrap_or(' ')).collect());
    }
    if out.contains(STROKE.0) {
        out = Cow::Owned(out.replace(STROKE.0, STROKE.1));
    }
    match is_nfc_quick(out.chars()) {
        IsNormalized::Yes => out,
        _ => Cow::Owned(out.nfc().collect()),
    }
}

/// Whether a feed may show a character: XML allows it, HTML calls it no error, and it is not the sign that something
/// could not be decoded.
fn is_shown(c: char) -> bool {
    is_xml_char(c)
        && !matches!(c, '\u{7F}'..='\u{9F}' | '\u{FDD0}'..='\u{FDEF}' | '\u{FFFD}')
        && u32::from(c) & 0xFFFE != 0xFFFE
}

/// A character as a feed shows it. What stands where old Windows pages have quotation marks and dashes is read so, as
/// browsers do.
fn shown(c: char) -> Option<char> {
    if let '\u{80}'..='\u{9F}' = c {
        let byte = u8::try_from(u32::from(c)).unwrap_or_default();
        return encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().find(|&c| is_shown(c));
    }
    is_shown(c).then_some(c)
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
    fn forbidden_characters_part_what_they_parted() {
        assert_eq!(html("<a href=\"java\u{8}script:x\">"), "<a href=\"java script:x\">");
        assert_eq!(line("\u{338} \u{301}a"), "a");
        assert_eq!(line(" \u{0}a\u{8}b \u{FFFF}\n c "), "ab c");
        assert_eq!(line("a\u{93}b\u{94} c\u{97}d \u{FFFD}\u{7F}\u{81}e\u{FDD0}\u{1FFFE}"), "a“b” c—d e");
        assert_eq!(html("<p>we\u{92}re\u{FFFD}</p>"), "<p>we’re </p>");
        assert_eq!(id(" tag:a,\n2026:x\u{b} "), "tag:a,2026:x");
    }

    #[test]
    fn types_and_languages_are_told_where_they_are_some() {
        assert_eq!(media_type(" Application/PDF; charset=utf-8").as_deref(), Some("application/pdf"));
        assert_eq!(media_type("image/svg+xml").as_deref(), Some("image/svg+xml"));
        for bad in ["", "pdf", "a/", "/b", "a b/c", "a/b/c", "tệp/pdf"] {
            assert_eq!(media_type(bad), None, "{bad}");
        }
        for good in ["vi", "en-GB", "VI", "hmn", "zh-Hant-TW"] {
            assert_eq!(language(good), Some(good));
        }
        for bad in ["vn", "xx", "", "e", "english", "-vi"] {
            assert_eq!(language(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_absolute_web_addresses_pass() {
        assert_eq!(url(" https://a.vn/ảnh.jpg?a=1&b=2 ").as_deref(), Some("https://a.vn/%E1%BA%A3nh.jpg?a=1&b=2"));
        // What RFC 3986 has no place for.
        assert_eq!(
            url("https://a.vn/x|y/[1]?q={z}^`#[2]").as_deref(),
            Some("https://a.vn/x%7Cy/%5B1%5D?q=%7Bz%7D%5E%60#%5B2%5D")
        );
        assert_eq!(url("http://[::1]:80/a|b").as_deref(), Some("http://[::1]/a%7Cb"));
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
