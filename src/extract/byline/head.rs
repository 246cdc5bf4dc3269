//! The by-line among the short pieces of text around the title and right below the body: beside the date ("Jane Doe ·
//! March 12, 2024", "Đăng bởi Lan Anh lúc 8:15 ngày 12/3/2024"), or alone near it. A name without a label must be
//! a person's by its words.

use super::credits::{is_name_and_office, is_names, tidy};
use super::people::{are_persons, is_agency, is_person, is_person_in_full};
use crate::article::text;

/// Longest piece that is looked at.
const LONGEST: usize = 120;
/// How many pieces may stand between a lone name and the date.
const NEAR: usize = 4;
/// A piece of this length is a text of its own.
const TEXT: usize = 80;

/// Labels before a name, folded; the longest first.
const LABELS: &[&str] = &[
    "duoc dang boi",
    "nguoi dang bai",
    "nguoi dang tin",
    "nguoi dang",
    "dang boi",
    "viet boi",
    "nguoi viet",
    "tac gia",
    "boi",
    "article by",
    "story by",
    "posted by",
    "submitted by",
    "written by",
    "published by",
    "created by",
    "text by",
    "words by",
    "author",
    "reporter",
    "writer",
    "by",
];
/// Words at which a name ends, folded.
const ENDS: &[&str] = &[
    "on",
    "at",
    "in",
    "for",
    "from",
    "vao",
    "luc",
    "ngay",
    "published",
    "posted",
    "updated",
    "last",
    "dang",
    "cap",
    "ngay dang",
    "xuat",
    "jan",
    "january",
    "feb",
    "february",
    "mar",
    "march",
    "apr",
    "april",
    "may",
    "jun",
    "june",
    "jul",
    "july",
    "aug",
    "august",
    "sep",
    "sept",
    "september",
    "oct",
    "october",
    "nov",
    "november",
    "dec",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
    "thu hai",
];
/// What people are called beside their names.
const POSITIONS: &[&str] = &[
    "staff",
    "senior",
    "chief",
    "managing",
    "contributing",
    "guest",
    "freelance",
    "news",
    "sports",
    "political",
    "editor",
    "writer",
    "reporter",
    "correspondent",
    "columnist",
    "contributor",
    "journalist",
    "author",
    "intern",
    "producer",
    "phong",
    "vien",
    "bien",
    "tap",
    "and",
    "editorial",
    "associate",
    "assistant",
    "deputy",
    "executive",
    "digital",
    "features",
    "content",
    "marketing",
    "manager",
];

/// The by-line in a row of pieces between title and body, or right above the title (`strict`: beside the date only).
pub(in crate::extract) fn above(pieces: &[String]) -> Option<String> {
    let labelled = pieces.iter().filter(|piece| piece.chars().count() <= LONGEST).find_map(|piece| beside_date(piece));
    labelled.or_else(|| {
        let (index, piece) = pieces.iter().enumerate().find(|(index, piece)| {
            let near = |other: &String| is_dated(other) || is_position(other);
            let around = pieces.get(index.saturating_sub(NEAR)..).unwrap_or_default().iter().take(2 * NEAR + 1);
            is_full(piece) && around.clone().any(near)
        })?;
        // What readers said is signed and dated too.
        let comment = pieces.iter().skip(index + 1).take(3).any(|next| is_dated(next) && next.chars().count() > TEXT);
        if comment { None } else { tidy(lone(piece)?) }
    })
}

/// The by-line in the pieces right below the body: a name among short lines.
pub(in crate::extract) fn below(pieces: &[String]) -> Option<String> {
    let short: Vec<&String> = pieces.iter().take_while(|piece| piece.chars().count() <= TEXT).take(6).collect();
    let index = short.iter().position(|piece| is_lone(piece))?;
    // Whom the press may call.
    if pieces.get(index + 1).is_some_and(|next| next.contains('@')) {
        return None;
    }
    // "John Roe, March 13: Good news." is what a reader said.
    let comment = pieces
        .iter()
        .skip(index + 1)
        .take(3)
        .any(|next| next.chars().count() > TEXT || next.ends_with(['.', '!', '?']));
    let dated = pieces.iter().skip(index + 1).take(2).any(|next| is_dated(next));
    if comment && (dated || index > 0) { None } else { tidy(lone(short.get(index)?)?) }
}

/// The name of a person, also with his office, or of an agency that stands alone.
fn lone(piece: &str) -> Option<&str> {
    let piece = piece.trim_matches(|c: char| matches!(c, '—' | '–' | '-' | '|' | '·' | '•' | ',') || c.is_whitespace());
    let with_office = || {
        is_name_and_office(piece)
            && [" - ", " – ", " ("].iter().any(|sign| piece.split_once(sign).is_some_and(|(name, _)| is_person(name)))
    };
    (are_persons(piece) || is_agency(piece) || with_office()).then_some(piece)
}

fn is_lone(piece: &str) -> bool {
    lone(piece).is_some()
}

/// The same where names of sections stand too.
fn is_full(piece: &str) -> bool {
    lone(piece).is_some_and(|name| {
        is_agency(name)
            || name.split([',', '/', ';']).all(|one| {
                is_person_in_full(one)
                    || one.contains(" - ")
                    || one.contains(" and ")
                    || one.contains(" và ")
                    || one.contains(" & ")
            })
    })
}

/// The name in a line that holds the date too, or a label.
fn beside_date(line: &str) -> Option<String> {
    let dated = is_dated(line);
    let mut parts: Vec<&str> = line.split(['|', '·', '•', '—', '–', '\t']).collect();
    parts = parts.iter().flat_map(|part| part.split(" - ")).map(str::trim).filter(|part| !part.is_empty()).collect();
    let several = parts.len() > 1;
    for part in &parts {
        if let Some(name) = labelled(part, dated) {
            return Some(name);
        }
        if dated && several && !is_dated(part) && is_full(part) {
            return tidy(part);
        }
        // "Jane Doe, March 12, 2024"
        if dated
            && let Some((name, rest)) = part.split_once(", ")
            && is_dated(rest)
            && is_lone(name)
        {
            return tidy(name);
        }
    }
    None
}

/// "By Jane Doe on March 12, 2024", "Posted on March 12, 2024 by Jane Doe".
fn labelled(part: &str, dated_line: bool) -> Option<String> {
    let words: Vec<&str> = part.split_whitespace().collect();
    let keys: Vec<String> =
        words.iter().map(|word| text::folded(word).trim_matches(|c: char| !c.is_alphanumeric()).to_owned()).collect();
    let dated = is_dated(part);
    for at in 0..keys.len().min(12) {
        let rest = keys.get(at..)?;
        let Some(length) = LABELS.iter().find_map(|label| {
            let length = label.split(' ').count();
            (rest.get(..length)?.join(" ") == **label).then_some(length)
        }) else {
            continue;
        };
        // Inside a line a label must follow the date: "read by Jane" is none.
        if at > 0 && !(dated && is_dated(&words.get(..at).unwrap_or_default().join(" "))) {
            continue;
        }
        let from = words.get(at + length..).unwrap_or_default();
        let names: Vec<&str> = from
            .iter()
            .enumerate()
            .take_while(|(index, word)| {
                let key = text::folded(word);
                let key = key.trim_matches(|c: char| !c.is_alphanumeric());
                let digits = word.chars().any(|c| c.is_ascii_digit());
                // "April Jones" is a name, "April 5" is none.
                let named = (*index == 0
                    || index.checked_sub(1).and_then(|i| from.get(i)).is_some_and(|w| matches!(*w, "and" | "&")))
                    && from.get(index + 1).is_none_or(|next| !next.chars().any(|c| c.is_ascii_digit()));
                !digits && (named || !ENDS.contains(&key))
            })
            .map(|(_, word)| *word)
            .collect();
        let whole = names.len() == from.len();
        let name = without_position(&names.join(" "));
        let name = name.trim_matches(|c: char| matches!(c, ',' | ':' | ';' | '-' | '–' | ' ' | '(' | ')'));
        let one = name.contains(' ') || (length == 1 && !whole) || length > 1;
        let clause = whole && !dated_line && !are_persons(name);
        if !name.is_empty() && one && !clause && is_names(name, 8) {
            return tidy(name);
        }
    }
    None
}

/// A name without the position behind it: "Jane Doe, Staff Writer".
pub(super) fn without_position(name: &str) -> String {
    match name.split_once(',') {
        Some((before, after)) if is_position(after) && before.trim().contains(' ') => before.trim().to_owned(),
        _ => name.to_owned(),
    }
}

/// Whether a text is a position at a paper and nothing else.
fn is_position(text: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().map(text::folded).collect();
    (1..=5).contains(&words.len())
        && words.iter().all(|word| POSITIONS.contains(&word.trim_matches(|c: char| !c.is_alphanumeric())))
}

/// Whether a piece holds a date: a year, or a day and a month in numbers.
pub(super) fn is_dated(piece: &str) -> bool {
    let bytes = piece.as_bytes();
    let year = |at: usize| {
        let digits = bytes.get(at..at + 4).is_some_and(|four| four.iter().all(u8::is_ascii_digit));
        let edge = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_digit());
        digits
            && edge(at.checked_sub(1).and_then(|before| bytes.get(before)))
            && edge(bytes.get(at + 4))
            && (bytes.get(at..at + 2) == Some(b"19") || bytes.get(at..at + 2) == Some(b"20"))
    };
    piece.chars().count() <= LONGEST && (0..bytes.len()).any(year)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(list: &[&str]) -> Vec<String> {
        list.iter().map(|piece| (*piece).to_owned()).collect()
    }

    #[test]
    fn a_name_beside_the_date_is_found() {
        for (list, name) in [
            (&["Jane Doe", "March 12, 2024"][..], "Jane Doe"),
            (&["12/03/2024 08:15", "Nguyễn Thị Hoa"], "Nguyễn Thị Hoa"),
            (&["Nguyễn Thị Hoa | 12/03/2024 08:15"], "Nguyễn Thị Hoa"),
            (&["Nguyễn Thị Hoa - 12/03/2024, 08:15"], "Nguyễn Thị Hoa"),
            (&["March 12, 2024 · Jane Doe · 4 min read"], "Jane Doe"),
            (&["Jane Doe, March 12, 2024"], "Jane Doe"),
            (&["By Jane Doe on March 12, 2024"], "Jane Doe"),
            (&["By Jane Doe March 12, 2024"], "Jane Doe"),
            (&["By April Jones April 12, 2024"], "April Jones"),
            (&["By Jane Doe - March 12, 2024"], "Jane Doe"),
            (&["By Mirela Xhaferi - March 12, 2024"], "Mirela Xhaferi"),
            (&["Posted by Jane Doe on March 12, 2024"], "Jane Doe"),
            (&["Posted on March 12, 2024 by Jane Doe"], "Jane Doe"),
            (&["By Jane Doe, Staff Writer"], "Jane Doe"),
            (&["Jane Doe", "Staff reporter"], "Jane Doe"),
            (&["Reporter: Jane Doe"], "Jane Doe"),
            (&["Được đăng bởi Nguyễn Thị Hoa vào lúc 08:15 ngày 12/03/2024"], "Nguyễn Thị Hoa"),
            (&["Người đăng: Nguyễn Thị Hoa - Ngày đăng: 12/03/2024"], "Nguyễn Thị Hoa"),
            (&["12/03/2024", "TTXVN"], "TTXVN"),
        ] {
            assert_eq!(above(&pieces(list)).as_deref(), Some(name), "{list:?}");
        }
        for list in [
            &["Local News", "March 12, 2024"][..],
            &["Kinh Tế", "12/03/2024"],
            &["Yên Bái, ngày 12/03/2024"],
            &["Yen Bai", "March 12, 2024"],
            &["Thời Sự | 12/03/2024 08:15"],
            &["Example Portal | March 12, 2024"],
            &["By admin on March 12, 2024"],
            &["By Tuesday evening all canals were full."],
            &["By the end of 2024 all of the work will be done"],
            &["Jane Doe"],
            &["Last Updated", "March 12, 2024"],
        ] {
            assert_eq!(above(&pieces(list)), None, "{list:?}");
        }
    }

    #[test]
    fn a_name_right_below_the_text_is_found_and_a_reader_is_not() {
        for (list, name) in [
            (&["Jane Doe"][..], "Jane Doe"),
            (&["March 12, 2024", "News", "Pham Hai Yen"], "Pham Hai Yen"),
            (&["Thanh Hà", "Chia sẻ"], "Thanh Hà"),
            (&["— Jane Doe"], "Jane Doe"),
            (&["Thủy Châu - Trung tâm VHTT&TT huyện"], "Thủy Châu - Trung tâm VHTT&TT huyện"),
        ] {
            assert_eq!(below(&pieces(list)).as_deref(), Some(name), "{list:?}");
        }
        for list in [
            &["John Roe", "March 13, 2024", "Good news for the district."][..],
            &["3 comments", "John Roe", "Good news for the district."],
            &["In Trang", "Gửi Email"],
            &["John Roe,", "press@example.vn"],
            &["Next Article", "Highland Fair Draws Crowds"],
        ] {
            assert_eq!(below(&pieces(list)), None, "{list:?}");
        }
    }
}
