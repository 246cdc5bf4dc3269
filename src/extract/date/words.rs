//! The words of dates in Vietnamese and English: months, weekdays, zones, halves of the day, labels.

use chrono::Weekday;

use super::lex::Token;

/// A number of 1 to 12 in Vietnamese words, as months are written ("Tháng Mười Hai"), and the words it takes.
/// "Giêng" and "chạp" are left out: today they name months of the lunar calendar.
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
        "một" => 1,
        "hai" => 2,
        "ba" => 3,
        "tư" | "bốn" => 4,
        "năm" => 5,
        "sáu" => 6,
        "bảy" | "bẩy" => 7,
        "tám" => 8,
        "chín" => 9,
        _ => return None,
    };
    Some((month, 1))
}

/// The month of an English name, whole or cut to three letters (four for "sept"). The word has no accent: "máy" is
/// no May.
pub(super) fn english_month(word: &Token) -> Option<u32> {
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
    let word = word.english()?;
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
        // "Th 2, 08/07/2019": a date in numbers follows, so it is not the month of "Th2 8, 2019".
        "th" if !first.glued => {
            let skipped = tokens.get(2).is_some_and(|token| token.is(',') || token.is('-') || token.is('.'));
            let at = 2 + usize::from(skipped);
            let dated = tokens.get(at).is_some_and(|token| token.number().is_some())
                && tokens.get(at + 1).is_some_and(|token| ['/', '-', '.'].into_iter().any(|sign| token.is(sign)))
                && tokens.get(at + 2).is_some_and(|token| token.number().is_some());
            return if dated { Some((by_number(digit?)?, 2)) } else { None };
        }
        "thu" if first.spells("thứ", "thu") => {
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
    let day = match first.english()? {
        "monday" | "mon" => Weekday::Mon,
        "tuesday" | "tue" | "tues" => Weekday::Tue,
        "wednesday" | "wed" | "weds" => Weekday::Wed,
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
        "ict" | "wib" => Zone::Offset(7 * 60),
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

/// The zone of a place's time: "giờ Việt Nam", "Hanoi time", "Eastern Time", and the tokens it takes. Of a place
/// that is not known the time is unclear.
pub(super) fn place(tokens: &[Token]) -> Option<(Zone, usize)> {
    let english = |at: usize| tokens.get(at).and_then(Token::english);
    let folded = |at: usize| tokens.get(at).and_then(Token::word);
    if tokens.first()?.spells("giờ", "gio") {
        let zone = match (folded(1)?, folded(2)) {
            ("vn", _) => (Zone::Named(VIET_NAM), 2),
            ("viet", Some("nam")) | ("ha", Some("noi")) | ("dong", Some("duong")) => (Zone::Named(VIET_NAM), 3),
            ("dia", Some("phuong")) | ("quoc", Some("te")) | ("mien", _) | ("bac", Some("kinh")) => (Zone::Unclear, 3),
            ("my" | "anh" | "phap" | "nga" | "duc" | "uc" | "han" | "nhat" | "tokyo" | "london" | "paris", _) => {
                (Zone::Unclear, 2)
            }
            _ => return None,
        };
        return Some(zone);
    }
    let zone = match english(0)? {
        "eastern" => Zone::Named(chrono_tz::America::New_York),
        "central" => Zone::Named(chrono_tz::America::Chicago),
        "mountain" => Zone::Named(chrono_tz::America::Denver),
        "pacific" => Zone::Named(chrono_tz::America::Los_Angeles),
        "hanoi" | "vietnam" | "saigon" | "indochina" => Zone::Named(VIET_NAM),
        "london" => Zone::Named(chrono_tz::Europe::London),
        _ => Zone::Unclear,
    };
    let kind = usize::from(matches!(english(1), Some("standard" | "daylight" | "summer")));
    let timed = english(1 + kind) == Some("time");
    match zone {
        // "Central" alone may begin a name; only the times of North America are written so.
        Zone::Unclear if timed && !matches!(english(0), Some("at" | "date" | "local" | "read" | "reading")) => {
            Some((zone, 2 + kind))
        }
        Zone::Unclear if timed && english(0) == Some("local") => Some((zone, 2 + kind)),
        Zone::Unclear => None,
        _ if timed => Some((zone, 2 + kind)),
        _ => {
            let american = matches!(english(0), Some("eastern" | "pacific" | "central" | "mountain"));
            (american && folded(1).is_none()).then_some((zone, 1))
        }
    }
}

/// The zone of Việt Nam: +07 today, +08 before 13 June 1975.
const VIET_NAM: chrono_tz::Tz = chrono_tz::Asia::Ho_Chi_Minh;

/// The zone of a name of the tz database that was cut into tokens (`Asia/Ho_Chi_Minh`), and the tokens it takes.
pub(super) fn tz_name(tokens: &[Token]) -> Option<(Zone, usize)> {
    const REGIONS: [&str; 9] =
        ["africa", "america", "antarctica", "asia", "atlantic", "australia", "europe", "indian", "pacific"];
    let region = tokens.first()?.english().filter(|word| REGIONS.contains(word))?;
    if !tokens.get(1).is_some_and(|token| token.is('/') && token.glued) {
        return None;
    }
    let mut name = region.to_owned();
    let mut end = 1;
    while let Some(token) = tokens.get(end).filter(|token| token.glued) {
        match token.english() {
            Some(word) => name.push_str(word),
            None if token.is('/') => name.push('/'),
            None if token.is('_') => name.push('_'),
            None => break,
        }
        end += 1;
    }
    let zone = chrono_tz::TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(&name));
    Some((zone.map_or(Zone::Unclear, |zone| Zone::Named(*zone)), end))
}

/// A part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    /// AM, SA, a.m.: twelve is midnight.
    Am,
    /// sáng, "in the morning".
    Morning,
    /// PM, CH, chiều, p.m.
    Afternoon,
    /// trưa, noon: 11 and 12 as they are, 1 and 2 after noon.
    Noon,
    /// tối, "in the evening".
    Evening,
    /// đêm, khuya, "at night": from 6 to 11 before midnight, from 1 to 5 after it.
    Night,
    /// nửa đêm, midnight: nobody knows of which of two days.
    Midnight,
}

/// The part of the day of a Vietnamese word.
pub(super) fn spoken_half(word: &Token) -> Option<Half> {
    let words = [
        ("sáng", "sang", Half::Morning),
        ("trưa", "trua", Half::Noon),
        ("chiều", "chieu", Half::Afternoon),
        ("tối", "toi", Half::Evening),
        ("đêm", "dem", Half::Night),
        ("khuya", "khuya", Half::Night),
    ];
    words.iter().find(|(accented, bare, _)| word.spells(accented, bare)).map(|(_, _, half)| *half)
}

/// The part of the day that begins here, and the tokens it takes ("PM", "p.m.", "CH", "chiều", "in the evening").
pub(super) fn half(tokens: &[Token]) -> Option<(Half, usize)> {
    let first = tokens.first()?;
    let english = |at: usize| tokens.get(at).and_then(Token::english);
    if let Some(half) = spoken_half(first) {
        // "chiều nay", "tối qua" name a day as well.
        let day = tokens.get(1).is_some_and(|token| token.spells("nay", "nay") || token.spells("qua", "qua"));
        return (!day).then_some((half, 1));
    }
    if first.spells("nửa", "nua") && tokens.get(1).is_some_and(|token| token.spells("đêm", "dem")) {
        return Some((Half::Midnight, 2));
    }
    let half = match first.english()? {
        // "Sa Pa" and "Sa Đéc" are towns.
        "sa" if first.is_capitals()
            || !tokens.get(1).is_some_and(|token| matches!(token.word(), Some("pa" | "dec" | "huynh"))) =>
        {
            Half::Am
        }
        "am" => Half::Am,
        "pm" | "ch" => Half::Afternoon,
        "noon" | "midday" => Half::Noon,
        "midnight" => Half::Midnight,
        word @ ("a" | "p") => {
            let dotted = tokens.get(1).is_some_and(|token| token.is('.')) && english(2) == Some("m");
            let length = if tokens.get(3).is_some_and(|token| token.is('.')) { 4 } else { 3 };
            let half = if word == "a" { Half::Am } else { Half::Afternoon };
            // "2:35p"
            let bare = tokens.get(1).is_none_or(|token| first.glued && !token.glued);
            return dotted.then_some((half, length)).or_else(|| bare.then_some((half, 1)));
        }
        "in" if english(1) == Some("the") => {
            let half = match english(2)? {
                "morning" => Half::Morning,
                "afternoon" => Half::Afternoon,
                "evening" => Half::Evening,
                _ => return None,
            };
            return Some((half, 3));
        }
        "at" if english(1) == Some("night") => return Some((Half::Night, 2)),
        "o" if tokens.get(1).is_some_and(|token| token.is('\'')) && english(2) == Some("clock") => {
            let (half, length) = self::half(tokens.get(3..)?)?;
            return Some((half, 3 + length));
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
    /// "Hạn nộp", "Reviewed", "Expires": neither.
    Other,
}

/// The label that begins here.
pub(super) fn label(tokens: &[Token]) -> Option<Label> {
    let first = tokens.first()?;
    let word = first.word()?;
    let next = tokens.get(1).and_then(Token::word);
    let label = match (word, next) {
        ("cap", Some("nhat"))
        | ("chinh", Some("sua"))
        | ("thay", Some("doi"))
        | ("sua", Some("doi" | "luc" | "lan" | "ngay" | "cuoi"))
        | ("mis" | "mise", Some("a" | "jour"))
        | (
            "updated" | "update" | "modified" | "edited" | "revised" | "amended" | "changed" | "refreshed"
            | "aktualisiert" | "actualizado" | "atualizado" | "aggiornato" | "bijgewerkt" | "actualise",
            _,
        ) => Label::Updated,
        ("dang", Some("luc" | "ngay" | "tai" | "tin" | "bai" | "boi" | "vao" | "hom"))
        | ("ngay" | "da", Some("dang" | "tao" | "gui" | "viet" | "dua"))
        | ("xuat" | "ban", Some("ban" | "hanh"))
        | ("phat", Some("hanh"))
        | ("gui" | "tao", Some("luc" | "ngay" | "vao" | "boi"))
        | ("post", Some("date" | "on"))
        | (
            "published" | "posted" | "created" | "publish" | "issued" | "publication" | "released" | "veroffentlicht"
            | "veroffentlichung" | "publie" | "publicado" | "pubblicato" | "gepubliceerd",
            _,
        ) => Label::Published,
        // "Đăng: 08/07/2019", "đăng 3 ngày trước", but not "đăng ký".
        ("dang", None) if first.spells("đăng", "dang") => Label::Published,
        ("hieu", Some("luc"))
        | ("het", Some("han" | "hieu"))
        | ("han", Some("nop" | "chot" | "cuoi" | "dang"))
        | ("bat", Some("dau"))
        | ("ket", Some("thuc"))
        | ("khai" | "be", Some("mac"))
        | (
            "expires" | "expiry" | "expired" | "deadline" | "effective" | "reviewed" | "due" | "closes" | "closing"
            | "starts" | "ends" | "begins" | "accessed" | "retrieved",
            _,
        ) => Label::Other,
        _ => return None,
    };
    Some(label)
}
