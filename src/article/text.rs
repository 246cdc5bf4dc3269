//! Plain-text helpers shared by every stage: NFC, white space, folded keys for matching and search.

use std::borrow::Cow;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// Where a word may be broken at the end of a line: no part of the word, which nobody would find with it.
const SOFT_HYPHEN: char = '\u{AD}';

/// NFC, without soft hyphens and characters that XML 1.0 forbids, white space collapsed to single spaces, trimmed.
pub fn one_line(text: &str) -> String {
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    if is_one_line(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut word: Option<usize> = None;
    let mut push = |word: &str| {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    };
    for (at, c) in text.char_indices() {
        if !is_settled(c) {
            return composed(text).split_whitespace().collect::<Vec<_>>().join(" ");
        }
        match word {
            Some(start) if c.is_whitespace() => {
                push(text.get(start..at).unwrap_or_default());
                word = None;
            }
            None if !c.is_whitespace() => word = Some(at),
            _ => {}
        }
    }
    if let Some(start) = word {
        push(text.get(start..).unwrap_or_default());
    }
    out
}

/// Whether a trimmed text is on one line, its words single spaces apart, in settled characters: most texts are.
fn is_one_line(text: &str) -> bool {
    let mut after_space = true;
    for c in text.chars() {
        if c == ' ' {
            if after_space {
                return false;
            }
            after_space = true;
            continue;
        }
        // The next line, the space that does not break, and that of Han are spaces too.
        if c < ' ' || matches!(c, '\u{85}' | '\u{A0}' | '\u{3000}') || !is_settled(c) {
            return false;
        }
        after_space = false;
    }
    true
}

/// Whether [`nfc`] would leave a text as it is; a few texts of which this is true are not seen to be so.
pub fn is_composed(text: &str) -> bool {
    text.chars().all(is_settled)
}

/// NFC without soft hyphens and characters that XML 1.0 forbids; white space is kept.
pub fn nfc(text: &str) -> String {
    composed(text).into_owned()
}

/// The same; most texts are in that form already, and composing costs twenty times as much as looking.
fn composed(text: &str) -> Cow<'_, str> {
    if is_composed(text) {
        return Cow::Borrowed(text);
    }
    // Forbidden characters go first: what stands on both sides of one may compose.
    Cow::Owned(text.chars().filter(|&c| is_xml_char(c) && c != SOFT_HYPHEN).nfc().collect())
}

/// Characters that XML allows and that NFC leaves alone beside each other: Latin with its Vietnamese letters, Cyrillic,
/// the usual punctuation, kana and Han.
fn is_settled(c: char) -> bool {
    matches!(
        c,
        '\t' | '\n'
            | '\r'
            | '\u{20}'..='\u{AC}'
            | '\u{AE}'..='\u{2FF}'
            | '\u{400}'..='\u{482}'
            | '\u{1E00}'..='\u{1EFF}'
            | '\u{2010}'..='\u{2027}'
            | '\u{2030}'..='\u{205E}'
            | '\u{20A0}'..='\u{20C0}'
            | '\u{3000}'..='\u{3029}'
            | '\u{3041}'..='\u{3096}'
            | '\u{309B}'..='\u{30FF}'
            | '\u{4E00}'..='\u{9FFF}'
    )
}

/// Whether XML 1.0 allows the character (§2.2).
pub fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// The key under which two spellings of one text are the same: NFC, lower case, white space collapsed,
/// the look-alike Ð (eth) read as Đ.
pub fn match_key(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in composed(text).split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        word.chars().for_each(|c| key_of(c, |letter| out.push(letter)));
    }
    out
}

/// Whether a text has a key; most texts are told apart by their first letters.
pub fn has_key(text: &str, key: &str) -> bool {
    let mut expected = key.chars();
    let mut begun = false;
    for word in text.split_whitespace() {
        let mut same = !begun || expected.next() == Some(' ');
        begun = true;
        let mut letters = word.chars().peekable();
        while let Some(c) = letters.next() {
            key_of(c, |letter| same = same && expected.next() == Some(letter));
            // What follows may compose with the letter.
            if !is_settled(c) || letters.peek().is_some_and(|&next| !is_settled(next)) {
                return match_key(text) == key;
            }
            if !same {
                return false;
            }
        }
    }
    expected.next().is_none()
}

/// Hands on a character as it stands in keys.
fn key_of(c: char, mut push: impl FnMut(char)) {
    match c {
        _ if c.is_ascii() => push(c.to_ascii_lowercase()),
        '\u{D0}' | '\u{F0}' => push('đ'),
        // Capitals are even there, and the small letter follows.
        '\u{1EA0}'..='\u{1EFF}' => push(char::from_u32(u32::from(c) | 1).unwrap_or(c)),
        _ => c.to_lowercase().for_each(push),
    }
}

/// Unaccented lower-case text, for search ("dang bo" finds "Đảng bộ") and slugs.
pub fn folded(text: &str) -> String {
    latin_folded(text).unwrap_or_else(|| {
        let mut out = deunicode::deunicode(&one_line(text));
        out.make_ascii_lowercase();
        out
    })
}

/// The same of a text of Latin letters, each by itself, which most texts are: it takes a quarter of the time.
fn latin_folded(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut is_apart = false;
    for c in text.chars() {
        match latin_letters(c)? {
            " " => is_apart = !out.is_empty(),
            letters => {
                if is_apart {
                    out.push(' ');
                    is_apart = false;
                }
                out.push_str(letters);
            }
        }
    }
    Some(out)
}

/// What a character of a text of Latin letters is without accent and in small letters; white space is one space.
/// `None` for others.
pub(super) fn latin_letters(c: char) -> Option<&'static str> {
    LATIN.get(latin_place(c)?)?.as_deref()
}

/// The place of a Latin letter or a usual sign among all of them.
fn latin_place(c: char) -> Option<usize> {
    match c {
        // It is no letter: words are put together across it.
        SOFT_HYPHEN => None,
        '\0'..='\u{24F}' => Some(c as usize),
        '\u{1E00}'..='\u{1EFF}' => Some(c as usize - 0x1E00 + 0x250),
        '\u{2010}'..='\u{205E}' => Some(c as usize - 0x2010 + 0x350),
        _ => None,
    }
}

/// Their letters, in that order; without those that [`one_line`] does not leave as they are.
static LATIN: LazyLock<Vec<Option<Box<str>>>> = LazyLock::new(|| {
    let all = ('\0'..='\u{24F}').chain('\u{1E00}'..='\u{1EFF}').chain('\u{2010}'..='\u{205E}');
    let letters = |c: char| match c {
        '\t' | '\n' | '\r' => Some(" ".into()),
        '\0'..' ' | '\x7F'..='\u{A0}' | '\u{2028}'..='\u{202F}' => None,
        _ => deunicode::deunicode_char(c).map(|letters| letters.to_ascii_lowercase().into()),
    };
    all.map(letters).collect()
});

/// At most `max` characters, cut at a word with "…"; whole where it fits.
pub fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let cut: String = text.chars().take(max.saturating_sub(1)).collect();
    let end = cut.rfind(char::is_whitespace).filter(|&i| i * 2 > cut.len()).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end_matches([' ', ',', ';', ':', '-', '–']))
}

/// Whether a text begins with these words, the last of them whole: a lead that does is not shown twice.
pub fn begins_with(text: &str, words: &str) -> bool {
    let goes_on = |next: char| next.is_alphanumeric() || unicode_normalization::char::is_combining_mark(next);
    text.strip_prefix(words).is_some_and(|rest| !rest.starts_with(goes_on))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settled_characters_are_those_that_nfc_leaves_alone() {
        for c in ('\0'..=char::MAX).filter(|&c| is_settled(c)) {
            assert!(is_xml_char(c), "{c:?}");
            let quick = unicode_normalization::is_nfc_quick(['a', c, 'a'].into_iter());
            assert_eq!(quick, unicode_normalization::IsNormalized::Yes, "{c:?}");
        }
        assert!("Đường về Huế – “chợ” nổi…".chars().all(is_settled));
    }

    #[test]
    fn letters_of_keys_are_small() {
        for c in ('\0'..=char::MAX).filter(|c| !matches!(c, '\u{D0}' | '\u{F0}')) {
            let mut key = String::new();
            key_of(c, |letter| key.push(letter));
            assert_eq!(key, c.to_lowercase().collect::<String>(), "{c:?}");
        }
    }

    #[test]
    fn a_text_on_one_line_has_no_space_but_single_ones() {
        for c in ('\0'..=char::MAX).filter(|&c| is_one_line(&format!("a{c}b"))) {
            assert!(c == ' ' || (!c.is_whitespace() && is_settled(c)), "{c:?}");
        }
        assert!(is_one_line("") && is_one_line("Đường về Huế") && !is_one_line("a  b") && !is_one_line("a\nb"));
    }

    #[test]
    fn latin_letters_fold_alike_one_by_one() {
        for c in ('\0'..='\u{2FFF}').filter(|&c| latin_folded(&c.to_string()).is_some()) {
            let text = format!(" A{c}b\n {c}");
            let mut whole = deunicode::deunicode(&one_line(&text));
            whole.make_ascii_lowercase();
            assert_eq!(latin_folded(&text), Some(whole), "{c:?}");
        }
        assert_eq!(folded(" Đảng\u{a0}bộ –  Huế\t"), "dang bo - hue");
        assert_eq!(latin_folded("Đảng bộ  Huế\n").as_deref(), Some("dang bo hue"));
    }

    proptest::proptest! {
        #[test]
        fn a_text_has_its_key(text in "[ \taAỆệĐÐđe\u{302}\u{323}\u{1f0}İ\u{8}]{0,12}", other in "[ aệđ]{0,4}") {
            proptest::prop_assert!(has_key(&text, &match_key(&text)));
            proptest::prop_assert_eq!(has_key(&text, &match_key(&other)), match_key(&text) == match_key(&other));
        }

        /// The short way for texts that need nothing comes to the same as the long one.
        #[test]
        fn texts_are_composed_and_without_forbidden_characters(
            text in "([a-zđĐêảị \t\n\u{1}\u{FFFE}\u{300}\u{301}\u{323}\u{308}“–€₫\u{1E9B}\u{212B}\u{1100}\u{1161}]|\\PC){0,24}",
        ) {
            let whole: String = text.chars().filter(|&c| is_xml_char(c)).nfc().collect();
            proptest::prop_assert_eq!(nfc(&text), whole);
        }

        #[test]
        fn lines_are_composed_and_single_spaced(text in "[a ệ\t\n\u{a0}\u{302}\u{323}\u{8}\u{2028}\u{3000}]{0,16}") {
            let words: Vec<String> = nfc(&text).split_whitespace().map(str::to_owned).collect();
            proptest::prop_assert_eq!(one_line(&text), words.join(" "));
        }
    }

    #[test]
    fn a_text_begins_with_whole_words_only() {
        for (text, words, wanted) in [
            ("Bão số 5 đổ bộ.", "Bão số 5", true),
            ("Bão số 5.", "Bão số 5", true),
            ("Bão số 5", "Bão số 5", true),
            ("Bão số 57 đổ bộ", "Bão số 5", false),
            ("Tỉnh u\u{323} lo", "Tỉnh u", false),
            ("Khác", "Bão", false),
        ] {
            assert_eq!(begins_with(text, words), wanted, "{text}");
        }
    }
}
