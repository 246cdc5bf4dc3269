//! Are two titles one? For articles that come back under a new address, and for lists that show something else.

use std::collections::HashSet;

use super::text;

/// Shortest folded title that says which article it is.
const TELLING: usize = 12;
/// Shortest piece before "…" that does.
const TELLING_PIECE: usize = 25;

/// A title without accents, case and punctuation; empty where too little is left to tell an article by.
pub fn key(title: &str) -> String {
    let folded = text::folded(title);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let key = words.join(" ");
    if key.chars().count() < TELLING { String::new() } else { key }
}

/// Whether a title has a key; most titles are told apart by their first letters. None has the empty key.
pub fn has_key(title: &str, key: &str) -> bool {
    let mut expected = key.bytes();
    let mut is_apart = false;
    let mut begun = false;
    for c in title.chars() {
        let Some(letters) = text::latin_letters(c) else { return !key.is_empty() && self::key(title) == key };
        for letter in letters.bytes() {
            if !letter.is_ascii_alphanumeric() {
                is_apart = begun;
                continue;
            }
            let is_here = (!is_apart || expected.next() == Some(b' ')) && expected.next() == Some(letter);
            if !is_here {
                return false;
            }
            (is_apart, begun) = (false, true);
        }
    }
    begun && expected.next().is_none()
}

/// Whether two titles are the same, but for accents, case, punctuation and a cut end.
pub fn same(one: &str, other: &str) -> bool {
    let (a, b) = (key(one), key(other));
    if a.is_empty() || b.is_empty() {
        return false;
    }
    if a == b {
        return true;
    }
    let is_cut = |title: &str| title.trim_end().ends_with('…') || title.trim_end().ends_with("...");
    let begins = |long: &str, short: &str| short.chars().count() >= TELLING_PIECE && long.starts_with(short);
    (is_cut(one) && begins(&b, &a)) || (is_cut(other) && begins(&a, &b))
}

/// Whether two titles share most of their words (at least `percent` of all of both).
pub fn similar(one: &str, other: &str, percent: usize) -> bool {
    Words::of(one).share(&Words::of(other), percent)
}

/// The words of a title, without accents and case, for many comparisons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(HashSet<String>);

impl Words {
    /// Those of a title.
    pub fn of(title: &str) -> Self {
        let folded = text::folded(title);
        let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        Self(words.map(str::to_owned).collect())
    }

    /// Whether both have at least `percent` of all their words in common.
    pub fn share(&self, other: &Self, percent: usize) -> bool {
        let common = self.0.intersection(&other.0).count();
        let all = self.0.len() + other.0.len() - common;
        all > 0 && common * 100 >= all * percent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_the_same_but_for_their_dress() {
        assert!(same("Đảng bộ tỉnh họp phiên thứ 5", "ĐẢNG BỘ TỈNH HỌP PHIÊN THỨ 5!"));
        assert!(same("Hội nghị triển khai nhiệm vụ công tác năm…", "Hội nghị triển khai nhiệm vụ công tác năm 2027"));
        assert!(!same("Đảng bộ tỉnh họp phiên thứ 5", "Đảng bộ tỉnh họp phiên thứ 6"));
        assert!(!same("Tin", "Tin"), "too short to tell an article by");
        assert!(!same("Thông báo số 1…", "Thông báo số 12 về lịch tiếp công dân"), "too short a piece");
    }

    proptest::proptest! {
        #[test]
        fn a_title_has_its_key(title in "[ \ta-cAỆệĐÐ–5!\u{302}\u{a0}中]{0,20}", other in "[ a-cệđ5-]{0,20}") {
            for one in [&title, &other] {
                let key = key(one);
                proptest::prop_assert_eq!(has_key(one, &key), !key.is_empty());
                proptest::prop_assert_eq!(has_key(&title, &key), !key.is_empty() && self::key(&title) == key);
            }
        }
    }

    #[test]
    fn similar_titles_share_their_words() {
        assert!(similar("Họp báo thường kỳ quý III của tỉnh", "Họp báo thường kỳ quý III của tỉnh ta", 80));
        assert!(!similar("Xem thêm", "Họp báo thường kỳ quý III của tỉnh", 50));
        assert!(!similar("", "", 50));
    }
}
