//! Dates with months named in other languages, which pages from abroad show: "3. Mai 2013", "1er mars 2024", "5 de marzo
//! de 2024", "5 марта 2024", "2024年3月5日". The whole year must stand there; nothing is guessed from less.

use chrono::NaiveDate;

use super::lex::Token;
use super::pieces::{Date, What};
use super::resolve::Written;

/// Names of months without accents, as they stand in dates; twelve rows. A name that is another month's in a neighbouring
/// language is left out.
const MONTHS: [&str; 12] = [
    "januar janner janvier janv enero gennaio janeiro januari stycznia ledna ocak января",
    "februar feber fevrier fevr febrero febbraio fevereiro februari lutego unora subat февраля",
    "marz mars marzo marco maart marts marca brezna maret mart марта",
    "avril avr abril aprile kwietnia dubna nisan апреля",
    "mai mayo maggio maio mei maj maja kvetna mayis мая",
    "juni juin junio giugno junho czerwca cervna haziran июня",
    "juli juillet juil julio luglio julho lipca cervence temmuz июля",
    "aout agosto augustus augusti sierpnia srpna agustos августа",
    "septembre septiembre setiembre settembre setembro wrzesnia zari eylul сентября",
    "oktober octobre octubre ottobre outubro pazdziernika rijna ekim октября",
    "novembre noviembre novembro kasim ноября",
    "dezember decembre diciembre dicembre dezembro desember prosince grudnia aralik декабря",
];

fn month(token: &Token) -> Option<u32> {
    let holds = |word: &str| MONTHS.iter().position(|row| row.split(' ').any(|name| name == word));
    let at = token.word().and_then(holds).or_else(|| token.raw().and_then(holds))?;
    u32::try_from(at + 1).ok()
}

/// A date in another language that begins here, and the tokens it takes.
pub(super) fn worded(tokens: &[Token], at: usize) -> Option<(What, usize)> {
    let (first, digits) = tokens.get(at)?.number()?;
    let (date, end) = if digits == 4 { of_asia(tokens, at, first)? } else { of_europe(tokens, at, first)? };
    let what =
        date.map_or(What::Fault, |day| What::Date(Date { written: Written::Certain(day), padded: false, weak: false }));
    Some((what, end - at))
}

/// Day, month, year, with "de", "." and the like between.
fn of_europe(tokens: &[Token], at: usize, day: u32) -> Option<(Option<NaiveDate>, usize)> {
    if !(1..=31).contains(&day) {
        return None;
    }
    let between = |mut index: usize| {
        while tokens.get(index).is_some_and(|token| {
            token.is('.') || token.is(',') || matches!(token.word(), Some("de" | "del" | "d" | "of"))
        }) {
            index += 1;
        }
        index
    };
    let mut next = at + 1;
    if tokens.get(next).is_some_and(|token| token.glued && matches!(token.word(), Some("er" | "o" | "º" | "ª"))) {
        next += 1;
    }
    let next = between(next);
    let month = month(tokens.get(next)?)?;
    let next = between(next + 1);
    let (year @ 1900..=2999, 4) = tokens.get(next)?.number()? else { return None };
    Some((NaiveDate::from_ymd_opt(year as i32, month, day), next + 1))
}

/// Year, month and day, each with its sign behind it.
fn of_asia(tokens: &[Token], at: usize, year: u32) -> Option<(Option<NaiveDate>, usize)> {
    const SIGNS: [[&str; 3]; 2] = [["年", "月", "日"], ["년", "월", "일"]];
    SIGNS.iter().find_map(|[of_year, of_month, of_day]| {
        let sign =
            |index: usize, sign: &str| tokens.get(index).and_then(Token::raw).is_some_and(|raw| raw.starts_with(sign));
        let number = |index: usize| tokens.get(index).and_then(Token::number).map(|(value, _)| value);
        (sign(at + 1, of_year) && sign(at + 3, of_month) && sign(at + 5, of_day)).then_some(())?;
        Some((NaiveDate::from_ymd_opt(year as i32, number(at + 2)?, number(at + 4)?), at + 6))
    })
}
