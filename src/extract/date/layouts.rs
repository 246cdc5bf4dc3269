//! The property: every day of two years, written in each layout, is read back as that day.

use chrono::{Datelike, NaiveDate, TimeDelta};
use proptest::prelude::*;

use super::table::options;
use super::*;

const VI: [&str; 7] = ["Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật"];
const SHORT: [&str; 7] = ["T2", "T3", "T4", "T5", "T6", "T7", "CN"];
const MONTHS: [&str; 12] =
    ["Một", "Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy", "Tám", "Chín", "Mười", "Mười Một", "Mười Hai"];

/// A layout: its name, whether it states the time, and how it is written.
type Layout = (&'static str, bool, fn(NaiveDate) -> String);

const LAYOUTS: &[Layout] = &[
    ("iso", false, |d| d.format("%Y-%m-%d").to_string()),
    ("iso compact", true, |d| d.format("%Y%m%dT143500+0700").to_string()),
    ("rfc 3339", true, |d| d.format("%Y-%m-%dT14:35:00+07:00").to_string()),
    ("rfc 2822", true, |d| d.format("%a, %d %b %Y 14:35:00 +0700").to_string()),
    ("rfc 850", true, |d| d.format("%A, %d-%b-%y 07:35:00 GMT").to_string()),
    ("asctime", true, |d| d.format("%a %b %e 14:35:00 %Y").to_string()),
    ("javascript", true, |d| d.format("%a %b %d %Y 14:35:00 GMT+0700 (Indochina Time)").to_string()),
    ("nukeviet meta", true, |d| d.format("%Y-%m-%d+0714:35:00").to_string()),
    ("nukeviet visible", true, |d| d.format(&format!("{} - %d/%m/%Y 14:35", vi(d))).to_string()),
    ("newspaper", true, |d| d.format(&format!("{}, %-d/%-m/%Y, 14:35 (GMT+7)", vi(d))).to_string()),
    ("short weekday", true, |d| {
        d.format(&format!("{}, %d/%m/%Y | 14:35", SHORT[d.weekday().num_days_from_monday() as usize])).to_string()
    }),
    ("english weekday", true, |d| d.format("%A, %d/%m/%Y 14:35").to_string()),
    ("time first", true, |d| d.format("14:35, %d/%m/%Y").to_string()),
    ("dashes", true, |d| d.format("14:35 ngày %d-%m-%Y").to_string()),
    ("points", false, |d| d.format("%d.%m.%Y").to_string()),
    ("afternoon", true, |d| d.format("%d/%m/%Y 02:35 CH").to_string()),
    ("with h", true, |d| d.format("14h35, ngày %-d/%-m/%Y").to_string()),
    ("updated", true, |d| d.format("Cập nhật lúc 14:35, %d/%m/%Y").to_string()),
    ("frame", true, |d| d.format("Lượt xem: 7370 | Gửi lúc: %d/%m/%Y 14:35").to_string()),
    ("words", false, |d| d.format("ngày %d tháng %-m năm %Y").to_string()),
    ("icu", true, |d| d.format(&format!("lúc 14:35:00 {}, %-d tháng %-m, %Y", vi(d))).to_string()),
    ("icu short", false, |d| d.format("%-d thg %-m, %Y").to_string()),
    ("wordpress", false, |d| d.format(&format!("%-d Tháng {}, %Y", MONTHS[d.month0() as usize])).to_string()),
    ("english", true, |d| d.format("%B %-d, %Y 2:35 PM").to_string()),
    ("british", false, |d| d.format("%-d %B %Y").to_string()),
    ("asp.net", true, |d| d.format("%-m/%-d/%Y 2:35:00 PM").to_string()),
    ("rfc 822", true, |d| d.format("%a, %d %b %y 14:35:00 +0700").to_string()),
    ("java", true, |d| d.format("%a %b %d 14:35:00 ICT %Y").to_string()),
    ("short months", true, |d| d.format("%b %-d, %Y @ 2:35pm").to_string()),
    ("hyphened months", false, |d| d.format("%d-%b-%y").to_string()),
    ("ordinal", false, |d| d.format(&format!("%-d{} of %B, %Y", ordinal(d.day()))).to_string()),
    ("english weekday first", true, |d| d.format("%A, %B %-d, %Y, 14:35").to_string()),
    ("british newspaper", true, |d| d.format("%a %-d %b %Y 14.35 ICT").to_string()),
    ("spoken", true, |d| d.format("2 giờ 35 phút chiều ngày %-d tháng %-m năm %Y").to_string()),
    ("afternoon in words", true, |d| d.format(&format!("{}, %-d tháng %-m, %Y lúc 2:35 chiều", vi(d))).to_string()),
    ("short thg", false, |d| d.format("%d Th%-m, %Y").to_string()),
    ("slashed year first", true, |d| d.format("%Y/%m/%d 14:35").to_string()),
    ("two digits", false, |d| d.format("%d/%m/%y").to_string()),
    ("week", false, |d| d.format("%G-W%V-%u").to_string()),
    ("day of the year", false, |d| d.format("%Y-%j").to_string()),
    ("full width", false, |d| d.format("%d/%m/%Y").to_string().chars().map(full_width).collect()),
    ("entities", false, |d| d.format("&nbsp;%d&#47;%m&#47;%Y&nbsp;").to_string()),
];

fn ordinal(day: u32) -> &'static str {
    match day {
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    }
}

/// The form in which Asian keyboards type a sign.
fn full_width(c: char) -> char {
    char::from_u32(u32::from(c) + 0xfee0).unwrap()
}

fn vi(day: NaiveDate) -> &'static str {
    VI[day.weekday().num_days_from_monday() as usize]
}

/// Read two days after: then a swap of day and month may lie ahead, or not.
fn read(text: &str, day: NaiveDate) -> Option<Moment> {
    let now = (day + TimeDelta::days(2)).and_hms_opt(3, 0, 0).unwrap().and_utc();
    parse(text, &Options { now, ..options() })
}

#[test]
fn every_day_of_two_years_is_read_back() {
    let first = NaiveDate::from_ymd_opt(2023, 3, 1).unwrap();
    for day in first.iter_days().take(731) {
        for (name, timed, write) in LAYOUTS {
            let text = write(day);
            let expected = if *timed { format!("{day}T14:35:00+07:00") } else { day.to_string() };
            let found = read(&text, day).map(|at| match at {
                Moment::Instant(at) => Moment::Instant(at.with_timezone(&options().timezone).fixed_offset()).to_text(),
                Moment::Day(day) => day.to_string(),
            });
            assert_eq!(found.as_deref(), Some(expected.as_str()), "{name}: {text}");
        }
    }
}

#[test]
fn a_day_without_a_year_is_the_last_one_that_came() {
    let first = NaiveDate::from_ymd_opt(2023, 1, 1).unwrap();
    let written: [fn(NaiveDate) -> String; 6] = [
        |d| d.format(&format!("{}, %-d/%-m", vi(d))).to_string(),
        |d| d.format("ngày %-d tháng %-m").to_string(),
        |d| d.format("%a %-d %b").to_string(),
        |d| d.format("Ngày %-d-%-m").to_string(),
        |d| d.format("14:35, %d/%m").to_string(),
        |d| d.format("%B %-d").to_string(),
    ];
    for day in first.iter_days().take(731) {
        for write in written {
            for later in [-1, 0, 1, 40, 300] {
                let now = (day + TimeDelta::days(later)).and_hms_opt(9, 0, 0).unwrap().and_utc();
                let options = Options { now, ..options() };
                let found = parse(&write(day), &options).map(|at| at.day(options.timezone));
                assert_eq!(found, Some(day), "{} at {now}", write(day));
            }
        }
    }
}

proptest! {
    #[test]
    fn anything_is_read_without_panic_and_never_lies_ahead(text in "\\PC{0,80}") {
        let options = options();
        if let Some(at) = parse(&text, &options) {
            prop_assert!(at.day(options.timezone) <= options.now.with_timezone(&options.timezone).date_naive() + TimeDelta::days(1));
        }
    }

    #[test]
    fn number_salad_is_read_without_panic(text in "[0-9 :/.+,TZthngày-]{0,40}") {
        let _ = parse(&text, &options());
    }
}
