//! What stands beside the numbers of a date and changes what they are: a document's number, the lunar calendar, a
//! span of days, "năm ngoái".

use super::clock;
use super::lex::Token;
use super::resolve::Written;
use super::words;

/// The words of the sixty-year cycle that begin a lunar year ("năm Kỷ Hợi").
const STEMS: [&str; 10] = ["giáp", "ất", "bính", "đinh", "mậu", "kỷ", "canh", "tân", "nhâm", "quý"];

/// Whether the date in `from..to` belongs to the lunar calendar.
pub(super) fn is_lunar(tokens: &[Token], from: usize, to: usize) -> bool {
    let is = |at: usize, accented: &str, bare: &str| tokens.get(at).is_some_and(|token| token.spells(accented, bare));
    let named =
        |at: usize| (is(at, "âm", "âm") && is(at + 1, "lịch", "lich")) || is(at, "âl", "âl") || is(at, "tết", "tết");
    let mut after = to;
    while tokens.get(after).is_some_and(|token| token.is('(') || token.is(',') || token.is(')')) {
        after += 1;
    }
    if is(after, "năm", "nam") && tokens.get(after + 1).and_then(Token::raw).is_some_and(|word| STEMS.contains(&word))
    {
        return true;
    }
    let before = from.saturating_sub(4);
    let dated =
        tokens.get(before..to).is_some_and(|part| part.iter().any(|token| token.number().is_some_and(|n| n.1 == 4)));
    // "mùng 8 tháng 3" is said of both calendars.
    let first = |at: usize| is(at, "mùng", "mùng") || is(at, "mồng", "mồng") || is(at, "rằm", "rằm");
    named(after)
        || (before..from).any(|at| {
            named(at)
                && (at + 1..from)
                    .all(|at| tokens.get(at).is_some_and(|t| t.word().is_none_or(|w| matches!(w, "lich" | "ngay"))))
        })
        || (from.checked_sub(1).is_some_and(first) && !dated)
}

/// Whether the numbers are those of a document: "Số: 08/07/2019", "12/05/2019/NĐ-CP".
pub(super) fn is_number_of_document(tokens: &[Token], from: usize, to: usize) -> bool {
    let mut before = from;
    while before > 0 && tokens.get(before - 1).is_some_and(|token| token.is(':') || token.is('.')) {
        before -= 1;
    }
    let named = before > 0 && tokens.get(before - 1).is_some_and(|token| token.spells("số", "so"));
    let joined = tokens.get(to).is_some_and(|token| token.glued && (token.is('/') || token.is('-')));
    let signed = joined
        && tokens.get(to + 1).is_some_and(|token| token.glued && token.is_capitals() && token.word() != Some("t"));
    named || signed
}

/// Whether a word right before says that the points that follow number something: "Version 2.4.18", "v2.4.18".
pub(super) fn names_something(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|index| tokens.get(index));
    before.is_some_and(|token| {
        token.word().is_some_and(|word| !super::is_small_word(word)) || (token.glued && token.is('.'))
    })
}

/// Whether the number at `at` counts something and is no day: "Tuần 2 tháng 7/2019", "Issue 8, July 2019", "G20 June
/// 2019", "Covid-19 tháng 7/2020". Tokens before `consumed` belong to other pieces.
pub(super) fn counts_something(tokens: &[Token], at: usize, consumed: usize) -> bool {
    let get = |back: usize| at.checked_sub(back).filter(|index| *index >= consumed).and_then(|index| tokens.get(index));
    let glued = |back: usize| at.checked_sub(back).and_then(|index| tokens.get(index)).is_some_and(|token| token.glued);
    let Some(before) = get(1) else { return false };
    let numbered = |token: &Token, ahead: Option<&Token>| match token.raw() {
        // "Hoa Kỳ" is a country.
        Some("kỳ" | "kì") => ahead.is_none_or(|token| token.raw() != Some("hoa")),
        // "Thu" is a weekday.
        Some("thứ" | "tuần" | "đợt" | "tập" | "khóa" | "khoá" | "lần" | "phần" | "chương" | "vòng" | "số") => {
            true
        }
        _ => matches!(
            token.english(),
            Some(
                "tuan"
                    | "vol"
                    | "volume"
                    | "issue"
                    | "no"
                    | "week"
                    | "chapter"
                    | "part"
                    | "season"
                    | "round"
                    | "episode"
                    | "top"
                    | "lesson"
            )
        ),
    };
    if before.is('.') {
        return get(2).is_some_and(|token| numbered(token, get(3)));
    }
    if before.is('-') && glued(1) && glued(0) {
        return get(2).is_some_and(|token| token.word().is_some());
    }
    let named = before.word().is_some() && !before.spells("ngày", "ngay") && words::spoken_half(before).is_none();
    (named && glued(0)) || numbered(before, get(2))
}

/// Whether a date is the first day of a week that is meant as a whole: "Week of July 8, 2019".
pub(super) fn names_a_week(tokens: &[Token], at: usize) -> bool {
    let english = |back: usize| at.checked_sub(back).and_then(|index| tokens.get(index)).and_then(Token::english);
    english(1) == Some("of") && english(2) == Some("week")
}

/// Whether a word right before says that what follows is a version, however much it looks like a day: "v8.7.2019",
/// "phiên bản 8.7.2019".
pub(super) fn is_version(tokens: &[Token], at: usize) -> bool {
    let mut before = at.checked_sub(1);
    if before.and_then(|index| tokens.get(index)).is_some_and(|token| token.is(':') || token.is('.')) {
        before = before.and_then(|index| index.checked_sub(1));
    }
    let word = |back: usize| before.and_then(|index| index.checked_sub(back)).and_then(|index| tokens.get(index));
    word(0).is_some_and(|token| {
        matches!(token.english(), Some("version" | "ver" | "v"))
            || (token.spells("bản", "ban") && word(1).is_some_and(|token| token.spells("phiên", "phien")))
    })
}

/// Whether a small number stands right behind a date without a year: it may be the year, or anything.
pub(super) fn doubtful_number(tokens: &[Token], at: usize) -> bool {
    let small = tokens.get(at).and_then(Token::number).is_some_and(|(_, digits)| digits <= 2);
    small && tokens.get(at..).is_some_and(|rest| clock::time(rest).is_none())
}

/// What is said of the year behind a date without one, and where that ends: "năm ngoái", "last year". `None` where the
/// date is still to come ("8/7 tới").
pub(super) fn told_year(tokens: &[Token], at: usize, day: u32, month: u32) -> Option<(Option<Written>, usize)> {
    let is =
        |index: usize, accented: &str, bare: &str| tokens.get(index).is_some_and(|token| token.spells(accented, bare));
    let english = |index: usize| tokens.get(index).and_then(Token::english);
    let ago = |years: i32| Some((Some(Written::YearsAgo { day, month, years }), at + 2));
    if is(at, "năm", "nam") {
        return match tokens.get(at + 1)?.word() {
            Some("nay") => ago(0),
            Some("ngoai" | "truoc") => ago(1),
            Some("kia") => ago(2),
            _ => None,
        };
    }
    match (english(at), english(at + 1)) {
        (Some("this"), Some("year")) => return ago(0),
        (Some("last"), Some("year")) => return ago(1),
        (Some("next"), _) => return None,
        _ => {}
    }
    let coming = is(at, "tới", "tới") || is(at, "sắp", "sắp") || is(at, "sau", "sau");
    (!coming).then_some((None, at))
}

/// Whether a number before makes the date the end of a span of days or the last of a list: "8 - 10/7/2019", "từ ngày 8
/// đến ngày 10/7/2019", "8 and 9 July 2019". Tokens before `consumed` belong to other pieces.
pub(super) fn ends_a_span(tokens: &[Token], at: usize, consumed: usize) -> bool {
    let get = |index: Option<usize>| index.filter(|index| *index >= consumed).and_then(|index| tokens.get(index));
    let mut before = at.checked_sub(1);
    if get(before).is_some_and(|token| token.spells("ngày", "ngay") || token.word() == Some("the")) {
        before = before.and_then(|index| index.checked_sub(1));
    }
    let Some(connector) = get(before) else { return false };
    let spoken = ["đến", "tới", "và"].into_iter().any(|word| connector.raw() == Some(word))
        || matches!(connector.english(), Some("den" | "va" | "to" | "through" | "thru" | "until" | "and"));
    let signed = [',', '-', '&', '+'].into_iter().any(|sign| connector.is(sign));
    if !spoken && !signed {
        return false;
    }
    let glued = connector.glued && tokens.get(at).is_some_and(|token| token.glued);
    let mut number = before.and_then(|index| index.checked_sub(1));
    if get(number).is_some_and(|token| token.glued && matches!(token.raw(), Some("st" | "nd" | "rd" | "th"))) {
        number = number.and_then(|index| index.checked_sub(1));
    }
    if !get(number).and_then(Token::number).is_some_and(|(day, digits)| (1..=31).contains(&day) && digits <= 2) {
        return false;
    }
    // "Lượt xem: 12 - 08/07/2019", "Covid-19, 8/7/2019": the number belongs to what stands before it.
    let Some(leading) = get(number.and_then(|index| index.checked_sub(1))) else { return true };
    let opening = leading.is('(') || leading.is(',') || leading.is('&') || leading.is('|');
    let small = leading
        .word()
        .is_some_and(|word| super::is_small_word(word) || matches!(word, "tu" | "hai" | "cac" | "between"));
    spoken || opening || small || (glued && connector.is('-') && leading.word().is_some())
}

/// Whether a second day follows the first: "July 8-10, 2019", "July 8 and 9".
pub(super) fn begins_a_span(tokens: &[Token], at: usize) -> bool {
    let Some(connector) = tokens.get(at) else { return false };
    let joined = connector.is('-')
        || connector.is('&')
        || matches!(connector.english(), Some("to" | "through" | "and" | "den" | "va"));
    let day =
        tokens.get(at + 1).and_then(Token::number).is_some_and(|(day, digits)| (1..=31).contains(&day) && digits <= 2);
    joined && day && tokens.get(at + 1..).is_some_and(|rest| clock::time(rest).is_none())
}
