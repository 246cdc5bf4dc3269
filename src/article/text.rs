//! Plain-text helpers shared by every stage: NFC, white space, folded keys for matching and search.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// NFC, without characters that XML 1.0 forbids, white space collapsed to single spaces, trimmed.
pub fn one_line(text: &str) -> String {
    let text = composed(text);
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// NFC without characters that XML 1.0 forbids; white space is kept.
pub fn nfc(text: &str) -> String {
    composed(text).into_owned()
}

/// The same, untouched where it is so already, as nearly every text is.
fn composed(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    // Forbidden characters go first: what stands on both sides of one may compose.
    Cow::Owned(text.chars().filter(|&c| is_xml_char(c)).nfc().collect())
}

/// Whether a character is allowed and NFC leaves it alone wherever it stands: Latin letters up to the combining marks
/// and the ready-made Vietnamese ones, and common punctuation. That others are, too, only costs a look at the tables.
fn is_plain(c: char) -> bool {
    matches!(c, '\u{20}'..='\u{2FF}' | '\t' | '\n' | '\r' | '\u{1EA0}'..='\u{1EF9}' | '\u{2010}'..='\u{2027}' | '\u{20AB}' | '\u{20AC}')
}

/// Whether XML 1.0 allows the character (§2.2).
pub fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// The key under which two spellings of one text are the same: NFC, lower case, white space collapsed,
/// the look-alike Ð (eth) read as Đ.
pub fn match_key(text: &str) -> String {
    one_line(text)
        .chars()
        .map(|c| match c {
            '\u{D0}' | '\u{F0}' => 'đ',
            other => other,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

/// Unaccented lower-case text, for search ("dang bo" finds "Đảng bộ") and slugs.
pub fn folded(text: &str) -> String {
    deunicode::deunicode(&one_line(text)).to_lowercase()
}

/// At most `max` characters, cut at a word with "…"; whole where it fits.
pub fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let cut: String = text.chars().take(max.saturating_sub(1)).collect();
    let end = cut.rfind(char::is_whitespace).filter(|&i| i * 2 > cut.len()).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end_matches([' ', ',', ';', ':', '-', '–']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The short way for texts that need nothing comes to the same as the long one.
        #[test]
        fn texts_are_composed_and_without_forbidden_characters(
            text in "([a-zđĐêảị \t\n\u{1}\u{FFFE}\u{300}\u{301}\u{323}\u{308}“–€₫\u{1E9B}\u{212B}\u{1100}\u{1161}]|\\PC){0,24}",
        ) {
            let whole: String = text.chars().filter(|&c| is_xml_char(c)).nfc().collect();
            prop_assert_eq!(nfc(&text), whole);
        }
    }
}
