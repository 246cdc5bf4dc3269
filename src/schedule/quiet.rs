//! Quiet hours: the part of the day in which nothing is pushed.

use chrono::{DateTime, Days, NaiveTime, Utc};
use chrono_tz::Tz;

use super::zone;

/// Hours of the day in which nothing is pushed (`21:30-06:30`); may span midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// Begins.
    pub from: NaiveTime,
    /// Ends.
    pub until: NaiveTime,
}

impl Quiet {
    /// Reads `HH:MM-HH:MM`. The error is a sentence without a full stop.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is not of the form \"21:30-06:30\"");
        let (from, until) = text.split_once(['-', '–']).ok_or_else(wrong)?;
        let (from, until) = (time(from).ok_or_else(wrong)?, time(until).ok_or_else(wrong)?);
        if from == until {
            return Err(format!("\"{text}\" begins and ends at once; leave the key out to have no quiet hours"));
        }
        Ok(Self { from, until })
    }

    /// If `now` is quiet in `zone`, the instant at which the quiet ends.
    pub fn ends(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let local = now.with_timezone(&zone).naive_local();
        let (time, spans_midnight) = (local.time(), self.from > self.until);
        let quiet = if spans_midnight {
            time >= self.from || time < self.until
        } else {
            (self.from..self.until).contains(&time)
        };
        if !quiet {
            return None;
        }
        let day = if time < self.until { Some(local.date()) } else { local.date().checked_add_days(Days::new(1)) };
        let end = day?.and_time(self.until);
        // In the second pass of a repeated hour the first end has gone by.
        [zone::instant(end, zone), zone::last_instant(end, zone)].into_iter().find(|&end| end > now)
    }
}

/// `HH:MM`; 24:00 is midnight.
fn time(text: &str) -> Option<NaiveTime> {
    let (hour, minute) = text.trim().split_once(':')?;
    if hour.is_empty() || hour.len() > 2 || minute.len() != 2 {
        return None;
    }
    match (hour.parse().ok()?, minute.parse().ok()?) {
        (24, 0) => Some(NaiveTime::MIN),
        (hour, minute) => NaiveTime::from_hms_opt(hour, minute, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Asia::Ho_Chi_Minh;
    use chrono_tz::Europe::Berlin;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn over_midnight() {
        let quiet = Quiet::parse("21:30-06:30").unwrap();
        // Ho Chi Minh City is seven hours ahead, all year.
        assert_eq!(quiet.ends(at("2026-07-10T14:29:59Z"), Ho_Chi_Minh), None);
        let morning = Some(at("2026-07-10T23:30:00Z"));
        assert_eq!(quiet.ends(at("2026-07-10T14:30:00Z"), Ho_Chi_Minh), morning);
        assert_eq!(quiet.ends(at("2026-07-10T20:00:00Z"), Ho_Chi_Minh), morning);
        assert_eq!(quiet.ends(at("2026-07-10T23:30:00Z"), Ho_Chi_Minh), None);
    }

    #[test]
    fn an_end_in_the_gap_is_the_first_instant_after_it() {
        let quiet = Quiet::parse("22:00-02:30").unwrap();
        assert_eq!(quiet.ends(at("2026-03-29T00:30:00Z"), Berlin), Some(at("2026-03-29T01:00:00Z")));
    }

    #[test]
    fn an_end_in_the_repeated_hour_comes_after_now() {
        let quiet = Quiet::parse("22:00-02:30").unwrap();
        assert_eq!(quiet.ends(at("2026-10-25T00:15:00Z"), Berlin), Some(at("2026-10-25T00:30:00Z")));
        assert_eq!(quiet.ends(at("2026-10-25T01:15:00Z"), Berlin), Some(at("2026-10-25T01:30:00Z")));
    }

    #[test]
    fn wrong_texts_say_the_form() {
        for text in ["", "21:30", "21:30-", "25:00-06:00", "21.30-06.30", "7-8", "07:00-07:00", "21:60-06:00"] {
            let fault = Quiet::parse(text).unwrap_err();
            assert!(fault.contains("21:30-06:30") || fault.contains("at once"), "{fault}");
        }
        assert_eq!(Quiet::parse("20:00-24:00").unwrap().until, NaiveTime::MIN);
    }

    proptest! {
        #[test]
        fn the_end_is_later_and_within_a_day(
            second in 1_700_000_000_i64..1_900_000_000, from in 0_u32..1440, length in 1_u32..1439,
        ) {
            let until = (from + length) % 1440;
            let text = format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60, until % 60);
            let quiet = Quiet::parse(&text).unwrap();
            let now = DateTime::from_timestamp(second, 0).unwrap();
            for zone in [Berlin, Ho_Chi_Minh, chrono_tz::Australia::Lord_Howe] {
                if let Some(end) = quiet.ends(now, zone) {
                    prop_assert!(end > now && end - now <= chrono::TimeDelta::hours(25), "{now} {text} {end}");
                }
            }
        }
    }
}
