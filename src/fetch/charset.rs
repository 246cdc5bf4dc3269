//! From bytes to text: by byte-order mark, what the transport says, what the document says, else by the bytes.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252, WINDOWS_1258};

/// How far into a document its own statement is looked for.
const HEAD: usize = 4096;

/// The text of `bytes`, never failing: what is wrong becomes U+FFFD.
pub fn decode(bytes: &[u8], transport: Option<&str>) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0.into_owned();
    }
    let named = transport.and_then(|label| Encoding::for_label(label.as_bytes()));
    let stated = named.or_else(|| stated(bytes.get(..HEAD).unwrap_or(bytes)));
    match (std::str::from_utf8(bytes), stated) {
        // A wide encoding is the only one whose text can look like UTF-8 by chance.
        (Ok(text), Some(encoding)) if encoding.is_ascii_compatible() => text.to_owned(),
        (Ok(text), None) => text.to_owned(),
        (Err(_), Some(encoding)) if encoding == UTF_8 && !has_sequences(bytes) => guess(bytes),
        (_, Some(encoding)) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
        (Err(_), None) if has_sequences(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        (Err(_), None) => guess(bytes),
    }
}

/// The charset a document states of itself in `<meta charset>`, `<meta http-equiv>` or its XML declaration.
fn stated(head: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let label = if head.trim_start().starts_with("<?xml") {
        let declaration = head.split("?>").next().unwrap_or_default();
        value_after(declaration, "encoding")
    } else {
        None
    };
    let label =
        label.or_else(|| head.split("<meta").skip(1).find_map(|tag| value_after(tag.split('>').next()?, "charset")));
    let encoding = Encoding::for_label(label?.as_bytes())?;
    // A document that can say "utf-16" in ASCII is not UTF-16 (WHATWG HTML, "prescan a byte stream").
    Some(if encoding.is_ascii_compatible() { encoding } else { UTF_8 })
}

/// The value after `name =`, with or without quotes.
fn value_after(text: &str, name: &str) -> Option<String> {
    let after = text.split_once(name)?.1.trim_start().strip_prefix('=')?.trim_start();
    let value: String = after
        .trim_start_matches(['"', '\''])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_:.".contains(*c))
        .collect();
    (!value.is_empty()).then_some(value)
}

/// Whether there is at least one good sequence of several bytes for every two bytes that are in none: then the
/// document is UTF-8 with some damage, and not a legacy charset.
fn has_sequences(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    good * 2 > bad
}

/// windows-1258 when its combining marks stand after vowels (or the text says it is Vietnamese), else windows-1252.
fn guess(bytes: &[u8]) -> String {
    let is_mark = |b: u8| matches!(b, 0xCC | 0xD2 | 0xDE | 0xEC | 0xF2);
    let is_vowel = |b: u8| {
        b"aeiouyAEIOUY".contains(&b)
            || matches!(b, 0xC2 | 0xC3 | 0xCA | 0xD4 | 0xD5 | 0xDD | 0xE2 | 0xE3 | 0xEA | 0xF4 | 0xF5 | 0xFD)
    };
    let (mut after_vowel, mut elsewhere) = (0usize, 0usize);
    for pair in bytes.windows(2) {
        if let [before, mark] = *pair
            && is_mark(mark)
        {
            if is_vowel(before) { after_vowel += 1 } else { elsewhere += 1 }
        }
    }
    let encoding = if after_vowel > elsewhere { WINDOWS_1258 } else { WINDOWS_1252 };
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization as _;

    const TEXT: &str = "Đảng bộ tỉnh họp bàn việc xây dựng nông thôn mới ở các huyện";

    /// windows-1258 writes tones as combining marks after the vowel.
    fn windows_1258(text: &str) -> Vec<u8> {
        let marked: String = text
            .chars()
            .flat_map(|c| {
                let parts: Vec<char> = c.to_string().nfd().collect();
                let tone = parts
                    .iter()
                    .copied()
                    .find(|c| matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}'));
                let base: String = parts.iter().copied().filter(|&c| Some(c) != tone).nfc().collect();
                base.chars().chain(tone).collect::<Vec<_>>()
            })
            .collect();
        WINDOWS_1258.encode(&marked).0.into_owned()
    }

    #[test]
    fn the_charset_is_found_where_it_is_stated() {
        let legacy = windows_1258(TEXT);
        let nfc = |bytes: &[u8], transport| decode(bytes, transport).nfc().collect::<String>();
        assert_eq!(nfc(TEXT.as_bytes(), None), TEXT);
        assert_eq!(nfc(&legacy, Some("windows-1258")), TEXT);
        assert_eq!(nfc(&legacy, None), TEXT, "by its tone marks");
        assert_eq!(nfc(&legacy, Some("utf-8")), TEXT, "the transport lies");
        let page = |meta: &str, body: &[u8]| [meta.as_bytes(), body].concat();
        for meta in [
            "<meta charset=windows-1258>",
            "<META HTTP-EQUIV='x' content=\"text/html; charset=windows-1258\">",
            "<?xml version='1.0' encoding='windows-1258'?>",
        ] {
            assert!(nfc(&page(meta, &legacy), None).ends_with(TEXT), "{meta}");
            assert!(nfc(&page(meta, TEXT.as_bytes()), None).ends_with(TEXT), "{meta} over UTF-8");
        }
        let mut utf16: Vec<u8> = vec![0xFF, 0xFE];
        utf16.extend(TEXT.encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(nfc(&utf16, Some("utf-8")), TEXT);
        assert_eq!(decode(b"caf\xe9", None), "café");
        assert_eq!(
            decode("Tin tức từ".as_bytes().get(..12).unwrap(), None),
            "Tin tức t\u{fffd}",
            "cut off in a character"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_become_text(bytes: Vec<u8>, label in proptest::option::of("[a-z0-9-]{0,12}")) {
            decode(&bytes, label.as_deref());
        }
    }
}
