//! The words of dates in Vietnamese and English: months, weekdays, zones, halves of the day, labels.

use chrono::Weekday;

use super::lex::Token;

/// A number of 1 to 12 in Vietnamese words, as months are written ("Tháng Mười Hai"), and the words it takes.
pub(super) fn vietnamese_month(tokens: &[Token]) -> Option<(u32, usize)> {
    let first = tokens.first()?.raw()?;
    let ten = first == "mười";
    if ten {
        return Some(match tokens.get(1).and_then(Token::raw) {
            Some("một") => (11, 2),
            Some("hai") => (12, 2),
            _ => (10, 1),
        });
    }
    let month = match first {
        "giêng" | "một" => 1,
        "hai" => 2,
        "ba" => 3,
        "tư" | "bốn" => 4,
        "năm" => 5,
        "sáu" => 6,
        "bảy" | "bẩy" => 7,
        "tám" => 8,
        "chín" => 9,
        "chạp" => 12,
        _ => return None,
    };
    Some((month, 1))
}

/// The month of an English name, whole or cut to three letters (four for "sept").
pub(super) fn english_month(word: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let at = NAMES.iter().position(|name| *name == word || (word.len() == 3 && name.starts_with(word)));
    match at {
        Some(at) => Some(at as u32 + 1),
        None if word == "sept" => Some(9),
        None => None,
    }
}

/// The weekday that begins here, and the tokens it takes.
pub(super) fn weekday(tokens: &[Token]) -> Option<(Weekday, usize)> {
    let first = tokens.first()?;
    let word = first.word()?;
    let next = tokens.get(1);
    let next_word = next.and_then(Token::word);
    let digit = next.and_then(Token::number).filter(|(_, digits)| *digits == 1).map(|(value, _)| value);
    let by_number = |value: u32| match value {
        2 => Some(Weekday::Mon),
        3 => Some(Weekday::Tue),
        4 => Some(Weekday::Wed),
        5 => Some(Weekday::Thu),
        6 => Some(Weekday::Fri),
        7 => Some(Weekday::Sat),
        _ => None,
    };
    match word {
        "chu" | "chua" if next_word == Some("nhat") => return Some((Weekday::Sun, 2)),
        "cn" => return Some((Weekday::Sun, 1)),
        "t" if next.is_some_and(|token| token.glued) => return Some((by_number(digit?)?, 2)),
        "thu" => {
            let named = match next_word {
                Some("hai") => Some(Weekday::Mon),
                Some("ba") => Some(Weekday::Tue),
                Some("tu") => Some(Weekday::Wed),
                Some("nam") => Some(Weekday::Thu),
                Some("sau") => Some(Weekday::Fri),
                Some("bay") => Some(Weekday::Sat),
                _ => None,
            };
            if let Some(day) = named {
                return Some((day, 2));
            }
            // "Thứ 2, 08/07/2019" against "Thu 2 Jul 2019": the accent tells, or what follows the digit.
            let accented = first.raw() == Some("thứ");
            let followed =
                tokens.get(2).is_some_and(|token| token.is(',') || token.is('-') || token.number().is_some());
            if let Some(day) = digit.and_then(by_number)
                && (accented || followed)
            {
                return Some((day, 2));
            }
            return (!accented).then_some((Weekday::Thu, 1));
        }
        _ => {}
    }
    let day = match word {
        "monday" | "mon" => Weekday::Mon,
        "tuesday" | "tue" | "tues" => Weekday::Tue,
        "wednesday" | "wed" => Weekday::Wed,
        "thursday" | "thur" | "thurs" => Weekday::Thu,
        "friday" | "fri" => Weekday::Fri,
        "saturday" | "sat" => Weekday::Sat,
        "sunday" | "sun" => Weekday::Sun,
        _ => return None,
    };
    Some((day, 1))
}

/// What a zone's name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// Minutes east of Greenwich.
    Offset(i32),
    /// A zone of the tz database.
    Named(chrono_tz::Tz),
    /// A name used for several zones: the time cannot be trusted, the day can.
    Unclear,
}

/// The zone of an abbreviation. Only names with one common meaning in the news are known.
pub(super) fn zone(word: &str) -> Option<Zone> {
    Some(match word {
        "z" | "utc" | "gmt" | "ut" | "wet" => Zone::Offset(0),
        "ict" | "wib" | "hovt" => Zone::Offset(7 * 60),
        "bst" | "cet" | "west" => Zone::Offset(60),
        "cest" | "eet" | "sast" => Zone::Offset(2 * 60),
        "eest" | "msk" | "eat" => Zone::Offset(3 * 60),
        "sgt" | "hkt" | "awst" | "wita" | "pht" => Zone::Offset(8 * 60),
        "jst" | "kst" => Zone::Offset(9 * 60),
        "aest" => Zone::Offset(10 * 60),
        "aedt" | "acdt" => Zone::Offset(11 * 60),
        "nzst" => Zone::Offset(12 * 60),
        "nzdt" => Zone::Offset(13 * 60),
        "edt" => Zone::Offset(-4 * 60),
        "est" | "cdt" => Zone::Offset(-5 * 60),
        "mdt" => Zone::Offset(-6 * 60),
        "mst" | "pdt" => Zone::Offset(-7 * 60),
        "pst" | "akdt" => Zone::Offset(-8 * 60),
        "akst" => Zone::Offset(-9 * 60),
        "hst" => Zone::Offset(-10 * 60),
        "et" => Zone::Named(chrono_tz::America::New_York),
        "ct" => Zone::Named(chrono_tz::America::Chicago),
        "mt" => Zone::Named(chrono_tz::America::Denver),
        "pt" => Zone::Named(chrono_tz::America::Los_Angeles),
        "cst" | "ist" | "ast" | "gst" => Zone::Unclear,
        _ => return None,
    })
}

/// A half of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    /// AM, SA (sáng), a.m.
    Morning,
    /// PM, CH (chiều), p.m.
    Afternoon,
    /// trưa: 11 and 12 as they are, 1 and 2 after noon.
    Noon,
}

/// The half of the day that begins here, and the tokens it takes ("PM", "p.m.", "CH", "chiều").
pub(super) fn half(tokens: &[Token]) -> Option<(Half, usize)> {
    let word = tokens.first()?.word()?;
    let half = match word {
        "am" | "sa" | "sang" => Half::Morning,
        "pm" | "ch" | "chieu" | "toi" => Half::Afternoon,
        "trua" => Half::Noon,
        "a" | "p" => {
            let dotted = tokens.get(1)?.is('.') && tokens.get(2)?.word() == Some("m");
            let length = if tokens.get(3).is_some_and(|token| token.is('.')) { 4 } else { 3 };
            let half = if word == "a" { Half::Morning } else { Half::Afternoon };
            return dotted.then_some((half, length));
        }
        _ => return None,
    };
    Some((half, 1))
}

/// What a date is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// "Đăng lúc", "Published".
    Published,
    /// "Cập nhật", "Updated".
    Updated,
}

/// The label that begins here.
pub(super) fn label(tokens: &[Token]) -> Option<Label> {
    let word = tokens.first()?.word()?;
    let next = tokens.get(1).and_then(Token::word);
    match (word, next) {
        ("cap", Some("nhat")) | ("chinh", Some("sua")) | ("sua", Some("doi" | "luc" | "lan" | "ngay" | "cuoi")) => {
            Some(Label::Updated)
        }
        ("updated" | "update" | "modified" | "edited" | "revised", _) => Some(Label::Updated),
        ("dang", Some("luc" | "ngay" | "tai" | "tin" | "bai" | "boi" | "vao"))
        | ("ngay" | "da", Some("dang" | "tao" | "gui" | "viet"))
        | ("xuat", Some("ban"))
        | ("gui", Some("luc" | "ngay" | "vao"))
        | ("published" | "posted" | "created" | "publish" | "issued", _) => Some(Label::Published),
        _ => None,
    }
}
