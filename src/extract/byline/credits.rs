//! A line of credits taken apart: what each did ("Tin, ảnh:", "Words and pictures by") and who.

use super::LONGEST;
use super::head::without_position;
use crate::article::text;

/// What a person may have done, and the words that stand between, folded.
const ROLES: &[&str] = &[
    "tin",
    "bai",
    "anh",
    "hinh",
    "tg",
    "viet",
    "video",
    "clip",
    "thuc",
    "hien",
    "tac",
    "gia",
    "nguoi",
    "phong",
    "vien",
    "pv",
    "ctv",
    "btv",
    "nhom",
    "nguon",
    "bien",
    "soan",
    "tap",
    "theo",
    "chup",
    "tin-anh",
    "bai-anh",
    "tin/anh",
    "bai/anh",
    "tin,anh",
    "bai,anh",
    "story",
    "stories",
    "text",
    "words",
    "photo",
    "photos",
    "photography",
    "picture",
    "pictures",
    "images",
    "report",
    "reporting",
    "reported",
    "written",
    "interview",
    "author",
    "source",
    "posted",
    "submitted",
    "edited",
    "editing",
    "writing",
];
/// What a reporter does: two of these in a row need no colon ("Tin ảnh Lan Anh").
const WORKS: &[&str] = &["tin", "bai", "anh", "hinh", "viet", "video", "clip"];
const JOINERS: &[&str] = &["va", "and", "&", "-", "–", "/", "+", ","];

/// Single words of [`ROLES`] that mean something else at the beginning of a sentence: alone they need a colon and a
/// name.
const SIGNS: &[&str] = &[
    "pv",
    "ctv",
    "btv",
    "bbt",
    "nhom pv",
    "phong vien",
    "nhom phong vien",
    "bien tap vien",
    "cong tac vien",
    "ban bien tap",
    "toa soan",
];
/// How names of offices begin.
const OFFICES: &[&str] = &[
    "van phong",
    "phong",
    "so",
    "ban",
    "trung tam",
    "chi cuc",
    "cuc",
    "vu",
    "bo",
    "dai",
    "bao",
    "ubnd",
    "uy ban nhan dan",
    "cong an",
    "hoi",
    "doan",
    "truong",
    "khoa",
    "huyen uy",
    "thanh uy",
    "tinh uy",
    "dang uy",
    "office",
    "department",
    "ministry",
];

/// Words of buttons and titles of boxes, which no name has.
const BUTTONS: &[&str] = &[
    "read",
    "reading",
    "more",
    "share",
    "view",
    "edition",
    "articles",
    "comments",
    "newsletter",
    "subscribe",
    "download",
    "written",
    "by",
    "about",
    "contact",
    "related",
    "previous",
    "next",
    "xem",
    "đọc",
    "name",
    "email",
    "end",
    "thank",
    "thanks",
    "you",
    "comment",
    "post",
    "posts",
    "credit",
];

/// What is written in brackets behind a name.
const DONE: &[&str] = &[
    "thuc hien",
    "tong hop",
    "ghi",
    "luoc ghi",
    "luoc dich",
    "dich",
    "bien dich",
    "bien soan",
    "suu tam",
    "st",
    "t/h",
    "th",
    "tong hop va bien tap",
    "compiled",
    "translated",
];

/// The names in a line of credits; `Some(None)` where a label has nothing usable behind it; `None` where the line is
/// no such line.
#[expect(clippy::option_option, reason = "no label, and a label without a name, are different answers")]
pub(super) fn read(line: &str) -> Option<Option<String>> {
    // "Tin&ảnh:Lan Anh"
    let line = match line.split_once(':') {
        Some((label, rest)) if label.chars().count() < 30 => {
            format!("{}: {}", label.replace('&', " & "), rest.replace(':', ": "))
        }
        _ => line.to_owned(),
    };
    let line = text::one_line(&line);
    if line.chars().count() > LONGEST {
        return None;
    }
    if let Some(found) = labelled(&line) {
        return Some(found);
    }
    let folded = text::folded(&line);
    // "Lan Anh (tổng hợp)"
    if let Some((name, role)) = line.trim_end_matches('.').rsplit_once('(') {
        let role = text::folded(role.trim_end_matches(')'));
        let done = DONE.contains(&role.as_str()) || role.starts_with("theo ");
        if done && is_names(name.trim(), 8) {
            return Some(tidy(name));
        }
    }
    // "Lan Anh tổng hợp"
    let done = DONE.iter().filter(|done| done.len() > 3).find_map(|done| {
        let rest = folded.strip_suffix(done)?.strip_suffix(' ')?.chars().count();
        let name: String = line.chars().take(rest).collect();
        (name.contains(' ') && is_names(&name, 5)).then_some(name)
    });
    if let Some(name) = done {
        return Some(tidy(&name));
    }
    // "Bài và ảnh Lan Anh"
    let words: Vec<&str> = line.split_whitespace().collect();
    let is_work = |word: &str| WORKS.contains(&word);
    let labels: Vec<String> = words
        .iter()
        .map(|word| folded_word(word))
        .take_while(|word| is_work(word) || JOINERS.contains(&word.as_str()))
        .collect();
    let several = labels.iter().filter(|word| is_work(word)).count();
    let name = words.get(labels.len()..).unwrap_or_default().join(" ");
    if several >= 2 && name.contains(' ') && is_names(&name, 6) {
        return Some(tidy(&name));
    }
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    let is_sign = |part: &str| SIGNS.contains(&part.trim());
    if bare.split([',', '-', '–', '/']).all(is_sign) {
        return Some(tidy(&line));
    }
    for label in ["theo", "nguon", "source", "by", "pv", "ctv", "btv", "phong vien"] {
        let Some(rest) = folded.strip_prefix(label).filter(|rest| rest.starts_with([' ', '.'])) else { continue };
        if rest.trim().is_empty() {
            continue;
        }
        // Folding keeps the count of letters for Vietnamese and English.
        let tail: String = line.chars().skip(label.chars().count()).collect();
        let tail = tail.trim_start_matches(['.', ' ']).trim();
        // An office is named with small letters too ("Theo Sở Tài chính").
        let office = is_source(&line) && (is_office(tail) || is_domain(tail));
        let tail = without_position(tail);
        let tail = tail.as_str();
        let person = person(tail);
        return (office || is_names(person, 8)).then(|| tidy(if office { tail } else { person }));
    }
    None
}

/// One or more "label name" parts, each label closed by a colon or "by".
#[expect(clippy::option_option, reason = "as above")]
fn labelled(line: &str) -> Option<Option<String>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut names: Vec<String> = Vec::new();
    let mut at = label(&words)?;
    let strict = words.first().is_some_and(|word| SIGNS.contains(&folded_word(word).as_str()));
    loop {
        let rest = words.get(at..).unwrap_or_default();
        // A label begins behind a sign: "Lan Anh" holds no picture.
        let parted = |skip: usize| {
            let before = skip.checked_sub(1).and_then(|before| rest.get(before));
            before.is_some_and(|word| word.ends_with([',', ';', '|', '-', '–', '/', ')', '.']))
        };
        let next =
            (1..rest.len()).filter(|&skip| parted(skip)).find_map(|skip| Some((skip, label(rest.get(skip..)?)?)));
        let end = next.map_or(rest.len(), |(skip, _)| skip);
        let name = rest.get(..end).unwrap_or_default().join(" ");
        let name =
            name.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '-' | '–' | '/' | '.'));
        let begins = name.trim_start_matches(['(', '"', '“']).chars().next().is_some_and(|c| !c.is_lowercase());
        let sentence = name.ends_with(['!', '?', ':', ';']) || name.split_whitespace().count() > 12;
        let closed =
            rest.get(..end).unwrap_or_default().join(" ").ends_with('.') && name.split_whitespace().count() > 5;
        if !name.is_empty() && (sentence || closed || (strict && !is_names(name, 8))) {
            return None;
        }
        if name.is_empty() || tidy(name).is_none() {
            // an account, or nothing
        } else if begins || is_domain(name) {
            let name = person(name).to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        } else {
            return None;
        }
        match next {
            Some((skip, length)) => at += skip + length,
            None => break,
        }
    }
    Some(tidy(&names.join(", ")).filter(|name| name.chars().count() <= 90))
}

/// How many words a label at the beginning of a row of words has, if there is one.
fn label(words: &[&str]) -> Option<usize> {
    let mut role = false;
    for (index, word) in words.iter().take(7).enumerate() {
        let folded = folded_word(word);
        let closed = word.ends_with(':');
        if folded == "by" {
            // "By Jane Doe" at the beginning is read elsewhere, with more care.
            return (role && !closed).then_some(index + 1);
        }
        if ROLES.contains(&folded.as_str()) {
            role = true;
        } else if !(JOINERS.contains(&folded.as_str()) || folded.is_empty()) || index == 0 {
            return None;
        }
        if closed {
            return role.then_some(index + 1);
        }
    }
    None
}

fn folded_word(word: &str) -> String {
    let folded = text::folded(word);
    let bare = folded.trim_matches(|c: char| matches!(c, ',' | ':' | ';' | '.' | '(' | ')'));
    bare.to_owned()
}

/// The name without the place behind it: "Jane Doe in Hanoi".
fn person(name: &str) -> &str {
    for between in [" in ", " at ", " from "] {
        if let Some((before, place)) = name.split_once(between)
            && is_names(before, 6)
            && is_names(place, 4)
        {
            return before.trim();
        }
    }
    name
}

/// Whether a line names where the text was taken from rather than who wrote it.
pub(super) fn is_source(line: &str) -> bool {
    let folded = text::folded(line);
    folded.starts_with("theo") || folded.starts_with("nguon") || folded.starts_with("source")
}

/// Whether a text may be the name of an office: a few words that begin with a capital, and no clause.
fn is_office(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_uppercase)
        && text.split_whitespace().count() <= 8
        && !text.contains([',', ';', ':', '!', '?'])
        && !text.ends_with('.')
}

/// Whether a text is the address of a site: "baochinhphu.vn".
fn is_domain(text: &str) -> bool {
    let end = text.rsplit_once('.').map_or("", |(_, end)| end);
    (2..=5).contains(&end.len())
        && end.bytes().all(|byte| byte.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

/// "Hoàng Long - Văn phòng Tỉnh ủy", "Lan Anh (Trung tâm VH-TT huyện)": a name, and the office behind it.
pub(super) fn is_name_and_office(line: &str) -> bool {
    let both = |name: &str, office: &str| {
        (2..=5).contains(&name.split_whitespace().count()) && is_names(name, 5) && is_office(office)
    };
    let bracketed = line.strip_suffix(')').and_then(|line| line.split_once('('));
    [" - ", " – ", ", "].iter().any(|sign| line.split_once(sign).is_some_and(|(name, office)| both(name, office)))
        || bracketed.is_some_and(|(name, office)| both(name.trim(), office))
}

/// "Văn phòng Sở", "Phòng Văn hóa - Thông tin": the name of an office and nothing else.
pub(super) fn is_office_alone(line: &str) -> bool {
    let folded = text::folded(line);
    let words = line.split_whitespace().count();
    (2..=9).contains(&words)
        && is_office(line)
        && line.split_whitespace().filter(|word| word.chars().next().is_some_and(char::is_uppercase)).count() >= 2
        && OFFICES.iter().any(|office| folded.strip_prefix(office).is_some_and(|rest| rest.starts_with(' ')))
}

/// "N.L", "H.T.A": the first letters of a name.
pub(super) fn is_initials(line: &str) -> bool {
    let letters: Vec<&str> = line.trim_end_matches('.').split('.').collect();
    (2..=4).contains(&letters.len())
        && letters
            .iter()
            .all(|letter| letter.trim().chars().count() == 1 && letter.trim().chars().all(char::is_uppercase))
}

/// The name in an element that is called the author's: a name and nothing else.
pub(in crate::extract) fn named(line: &str) -> Option<String> {
    // "Wellness & Prevention" is no couple of names.
    let couple =
        |name: &String| name.split_once(" & ").is_none_or(|(one, other)| one.contains(' ') && other.contains(' '));
    tidy(line).filter(|name| is_names(name, 6) && couple(name))
}

/// Whether a text is nothing but names: few words, each with a capital, no end of a sentence.
pub(super) fn is_names(text: &str, most: usize) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    // Buttons are written like names.
    let button = |word: &&str| BUTTONS.contains(&word.to_lowercase().as_str());
    if words.iter().any(button) || words.iter().any(|word| word.ends_with(':')) {
        return false;
    }
    let small = |word: &str| matches!(word, "và" | "and" | "-" | "–" | "/" | "&" | "," | "|" | "of" | "the");
    !words.is_empty()
        && words.len() <= most
        && !text.ends_with(['.', '!', '?', ':', ';'])
        && words.iter().all(|word| {
            let begins = word.trim_start_matches(['(', '"', '“']).chars().next();
            small(word) || begins.is_some_and(char::is_uppercase)
        })
}

/// A name without its wrapping, or nothing where it is the name of an account, an address or a number.
pub(in crate::extract) fn tidy(raw: &str) -> Option<String> {
    let mut name = text::one_line(raw);
    for prefix in [
        "by ",
        "by: ",
        "written by ",
        "posted by ",
        "submitted by ",
        "bởi ",
        "viết bởi ",
        "đăng bởi ",
        "tác giả:",
        "author:",
    ] {
        if name.to_lowercase().starts_with(prefix) {
            let rest: String = name.chars().skip(prefix.chars().count()).collect();
            name = text::one_line(&rest);
        }
    }
    let trimmed = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '-' | '–' | ':' | '*' | '@' | '"');
    let mut name = name.trim_matches(trimmed);
    // A bracket that the name opened itself stays.
    if !name.contains('(') || name.starts_with('(') {
        name = name.trim_matches(|c: char| trimmed(c) || matches!(c, '(' | ')'));
    }
    let name = name.trim_end_matches("./.").trim_end();
    let name = name.strip_suffix('.').filter(|rest| rest.contains(' ')).unwrap_or(name);
    let folded = text::folded(name);
    let account = [
        "admin",
        "administrator",
        "webmaster",
        "editor",
        "root",
        "user",
        "superadmin",
        "super user",
        "quan tri",
        "quan tri vien",
        "ban bien tap web",
        "nukeviet",
        "unknown",
        "none",
        "null",
    ]
    .contains(&folded.as_str());
    let address =
        name.contains("://") || name.contains('@') || folded.starts_with("www.") || folded.starts_with("http");
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let dated = name.chars().filter(char::is_ascii_digit).count() >= 4;
    (!account && !address && !dated && letters >= 2 && name.chars().count() <= LONGEST).then(|| name.to_owned())
}
