//! Texts that nothing needs to be done about, told quickly: nearly all of Vietnamese and English. What is looked at are
//! bytes, many at a time, which compilers turn into instructions that compare many at once.

#![expect(clippy::needless_bitwise_bool, reason = "without branches the comparisons are done many at once")]

/// Bytes looked at before anything is decided.
const AT_ONCE: usize = 32;
/// A character of these texts is not longer than three bytes: two more are in sight.
const IN_SIGHT: usize = AT_ONCE + 2;

/// Whether every character is one that XML, HTML and NFC leave as it is, whatever stands beside it: ASCII with tabs and
/// line feeds, U+00A0–02FF but the soft hyphen, U+1E00–1EFF, U+2002–203F.
pub(super) fn is_plain(text: &str) -> bool {
    all(text, |first, second, third| {
        let control = (first < b' ') & (first != b'\t') & (first != b'\n') | (first == 0x7F);
        control | is_strange(first, second, third)
    })
}

/// Whether it is a line of such characters besides: single spaces between words, and no other white space.
pub(super) fn is_line(text: &str) -> bool {
    !text.starts_with(' ')
        && !text.ends_with(' ')
        && all(text, |first, second, third| {
            let control = (first < b' ') | (first == 0x7F);
            let spaces = (first == b' ') & (second == b' ')
                | (first == 0xC2) & (second == 0xA0)
                | (first == 0xE2) & ((third < 0x8B) | (third == 0xA8) | (third == 0xA9) | (third == 0xAF));
            control | spaces | is_strange(first, second, third)
        })
}

/// Whether a character that begins with these bytes is none of the usual ones. Bytes within a character say nothing.
fn is_strange(first: u8, second: u8, third: u8) -> bool {
    // Combining marks and most scripts; two of three bytes are looked into.
    (first >= 0xCC) & (first != 0xE1) & (first != 0xE2)
        | (first == 0xC2) & ((second < 0xA0) | (second == 0xAD))
        | (first == 0xE1) & (second & 0xFC != 0xB8)
        // The wide spaces at its beginning are others in NFC.
        | (first == 0xE2) & ((second != 0x80) | (third < 0x82))
}

/// Whether nothing is found wrong with any byte and the two after it.
fn all(text: &str, is_wrong: impl Fn(u8, u8, u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let fine = |part: &[u8; IN_SIGHT]| {
        let from = |at: usize| part.get(at..at + AT_ONCE).unwrap_or_default().iter();
        !from(0).zip(from(1)).zip(from(2)).fold(false, |wrong, ((a, b), c)| wrong | is_wrong(*a, *b, *c))
    };
    let mut rest = bytes;
    while let Some(part) = rest.first_chunk::<IN_SIGHT>() {
        if !fine(part) {
            return false;
        }
        rest = rest.get(AT_ONCE..).unwrap_or_default();
    }
    // The last ones, as if letters followed.
    let mut last = [b'x'; IN_SIGHT * 2];
    if let Some(room) = last.get_mut(..rest.len()) {
        room.copy_from_slice(rest);
    }
    let end = last.get(AT_ONCE..).and_then(|end| end.first_chunk());
    last.first_chunk().is_some_and(fine) && end.is_some_and(fine)
}

#[cfg(test)]
mod tests {
    use unicode_normalization::char::is_combining_mark;
    use unicode_normalization::{IsNormalized, is_nfc_quick};

    use super::*;
    use crate::article::text::{is_xml_char, one_line};

    #[test]
    fn plain_characters_need_nothing_wherever_they_stand() {
        let mut count = 0;
        for c in '\0'..=char::MAX {
            let text = format!("a{c}b");
            let plain = is_plain(&text);
            if plain {
                count += 1;
                assert!(is_xml_char(c) && c != '\u{338}' && !is_combining_mark(c), "{c:?}");
                assert!(!matches!(c, '\u{7F}'..='\u{9F}' | '\u{FFFD}'), "{c:?}");
                assert_eq!(is_nfc_quick(std::iter::once(c)), IsNormalized::Yes, "{c:?}");
            }
            if is_line(&text) {
                assert!(plain && one_line(&text) == text, "{c:?}");
            } else {
                assert!(!plain || c.is_whitespace(), "{c:?}");
            }
            for (before, after) in [(0, 0), (30, 0), (31, 40), (32, 1), (33, 33), (60, 3), (64, 64)] {
                let text = format!("{}{c}{}", "x".repeat(before), "ệ".repeat(after));
                assert_eq!(is_plain(&text), plain, "{c:?} after {before}");
            }
        }
        assert_eq!(count, 1_022);
        for (text, line) in
            [("", true), ("a b", true), (" a", false), ("a ", false), ("a  b", false), ("a\u{A0}b", false)]
        {
            assert!(is_plain(text));
            assert_eq!(is_line(text), line, "{text:?}");
        }
    }
}
