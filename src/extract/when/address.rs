//! The date in a page's address: `/2019/07/08/`, a slug that ends in a timestamp, `2019-07-08-slug`.

use crate::article::Moment;
use crate::extract::date::{self, Options};
use crate::extract::page::Page;

/// The day, or the second, that the address names.
pub(super) fn day(page: &Page, options: &Options) -> Option<Moment> {
    let path = path(page);
    let parts: Vec<&str> = path.split('/').collect();
    let by_folders = parts.windows(3).find_map(|three| match three {
        [year, month, day] if year.len() == 4 && (1..=3).contains(&month.len()) && (1..=2).contains(&day.len()) => {
            let month = number_of_month(month)?;
            day.parse::<u32>().ok().and_then(|day| date::parse(&format!("{year}-{month:0>2}-{day:0>2}"), options))
        }
        _ => None,
    });
    let by_name = || {
        path.split(|c: char| !c.is_ascii_digit())
            .filter(|digits| matches!(digits.len(), 14 | 17))
            .find_map(|digits| date::parse(digits.get(..14)?, options))
    };
    let by_dashes = || {
        let name = parts.iter().rev().find(|part| !part.is_empty())?;
        let at = name.find("20")?;
        let day = name.get(at..at + 10)?;
        let alone = name.get(at + 10..).is_none_or(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
        (alone && day.as_bytes().get(4) == Some(&b'-')).then(|| date::parse(day, options)).flatten()
    };
    // `/20190708-slug`
    let packed = || {
        let name = parts.iter().rev().find(|part| !part.is_empty() && !part.starts_with("index."))?;
        let digits = name.split(|c: char| !c.is_ascii_digit()).next()?;
        (digits.len() == 8 && digits.starts_with("20")).then(|| date::parse(digits, options)).flatten()
    };
    by_folders.or_else(by_name).or_else(by_dashes).or_else(packed)
}

/// The year and month of `/2019/07/slug`, the year of `/2019/slug`: no date, but a witness.
pub(super) fn period(page: &Page) -> Option<(i32, Option<u32>)> {
    let parts: Vec<&str> = path(page).split('/').collect();
    let year = |text: &str| text.parse().ok().filter(|year| text.len() == 4 && (1990..2100).contains(year));
    let at = parts.iter().position(|part| year(part).is_some())?;
    let month = parts.get(at + 1).filter(|part| part.len() <= 3).and_then(|part| number_of_month(part));
    Some((year(parts.get(at)?)?, month.filter(|month| (1..=12).contains(month))))
}

/// The path; of an archived page ("/web/20210916140120/https://…") that of the page itself.
fn path(page: &Page) -> &str {
    let path = page.url.path();
    path.find("/http").filter(|_| path.contains(":/")).and_then(|at| path.get(at + 1..)).unwrap_or(path)
}

/// `07`, `7`, `jul`.
fn number_of_month(text: &str) -> Option<u32> {
    const NAMES: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    text.parse().ok().or_else(|| {
        NAMES.iter().position(|name| text.eq_ignore_ascii_case(name)).and_then(|at| u32::try_from(at + 1).ok())
    })
}
