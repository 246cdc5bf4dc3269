//! Texts that were written down with their meaning before any of them was tried: as pages, programs and typists write
//! dates, and what only looks like one. They stand in `tests/fixtures/dates`.

use super::*;

fn rows(table: &str) -> Vec<(&str, &str)> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t')).collect()
}

#[test]
fn day_first() {
    let rows = rows(include_str!("../../../../tests/fixtures/dates/afresh.tsv"));
    assert!(rows.len() >= 400, "{}", rows.len());
    check(&rows, &options());
}

#[test]
fn month_first() {
    let rows = rows(include_str!("../../../../tests/fixtures/dates/month-first.tsv"));
    assert!(rows.len() >= 40, "{}", rows.len());
    let american = Options {
        language: Language::En,
        timezone: chrono_tz::America::New_York,
        order: DateOrder::Mdy,
        now: "2019-08-01T12:00:00-04:00".parse().unwrap(),
    };
    check(&rows, &american);
}

#[test]
fn of_strangers() {
    let table = include_str!("../../../../tests/fixtures/dates/strangers.tsv");
    let rows: Vec<Vec<&str>> =
        table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect()).collect();
    assert!(rows.len() >= 260, "{}", rows.len());
    for row in rows {
        let [text, language, order, meaning] = row[..] else { panic!("{row:?}") };
        let options = Options {
            language: if language == "vi" { Language::Vi } else { Language::En },
            order: if order == "mdy" { DateOrder::Mdy } else { DateOrder::Dmy },
            now: "2024-03-06T10:00:00+07:00".parse().unwrap(),
            ..options()
        };
        let read = parse(text, &options).map_or_else(|| "-".to_owned(), Moment::to_text);
        assert_eq!(read, meaning, "{text}");
    }
}
