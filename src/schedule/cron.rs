//! One cron line: read in the Unix dialect, checked with sentences, handed to the `cron` crate in the crate's dialect
//! (seconds first, weekdays by name), and evaluated on naive local time.

use chrono::{Datelike, NaiveDateTime};

use super::field::{DAY, Field, HOUR, MINUTE, MONTH, SECOND, WEEKDAY};

/// The fields of a line, for [`super::words`].
#[derive(Debug, Clone)]
pub struct Fields {
    pub second: Field,
    pub minute: Field,
    pub hour: Field,
    pub day: Field,
    pub month: Field,
    pub weekday: Field,
}

/// A cron line.
#[derive(Debug)]
pub struct CronLine {
    fields: Fields,
    /// One, or two of which either fires: Unix means "either" where both kinds of day are restricted, the crate "both".
    schedules: Vec<cron::Schedule>,
}

/// The years for which the crate has slots.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2100;
/// Days of a month in its longest year.
const LONGEST: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

impl CronLine {
    /// Reads five Unix fields, six with seconds first, or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = if text.starts_with('@') { shorthand(text)? } else { text };
        let parts: Vec<&str> = text.split_whitespace().collect();
        let fields = match parts.as_slice() {
            [minute, hour, day, month, weekday] => read(["0", minute, hour, day, month, weekday])?,
            [second, minute, hour, day, month, weekday] => read([second, minute, hour, day, month, weekday])
                .map_err(|fault| format!("{fault} (six fields start with seconds; without the first, five fields are minute hour day month weekday)"))?,
            others => {
                return Err(format!(
                    "{} field{} instead of five: minute hour day month weekday (\"0 7 * * 1-5\"), or six that start with seconds",
                    others.len(),
                    if others.len() == 1 { "" } else { "s" }
                ));
            }
        };
        possible(&fields)?;
        let either = fields.day.restricted() && fields.weekday.restricted();
        let lines = if either {
            vec![crate_line(&fields, true, false), crate_line(&fields, false, true)]
        } else {
            vec![crate_line(&fields, true, true)]
        };
        let schedules = lines
            .iter()
            .map(|line| line.parse().map_err(|_| format!("the schedule \"{text}\" is not understood")))
            .collect::<Result<_, _>>()?;
        Ok(Self { fields, schedules })
    }

    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The first local time after `after` that the line names.
    pub fn next(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        // The crate works on zoned times; dressed as UTC, which has no clock changes, they are plain wall-clock times.
        let after = YEARS.contains(&after.year()).then(|| after.and_utc())?;
        self.schedules.iter().filter_map(|schedule| schedule.after(&after).next()).map(|at| at.naive_utc()).min()
    }

    /// The last local time before `before` that the line names.
    pub fn previous(&self, before: NaiveDateTime) -> Option<NaiveDateTime> {
        let before = YEARS.contains(&before.year()).then(|| before.and_utc())?;
        self.schedules.iter().filter_map(|schedule| schedule.after(&before).next_back()).map(|at| at.naive_utc()).max()
    }
}

fn shorthand(text: &str) -> Result<&'static str, String> {
    match text {
        "@hourly" => Ok("0 * * * *"),
        "@daily" | "@midnight" => Ok("0 0 * * *"),
        "@weekly" => Ok("0 0 * * 0"),
        "@monthly" => Ok("0 0 1 * *"),
        "@yearly" | "@annually" => Ok("0 0 1 1 *"),
        _ => Err(format!("\"{text}\" is not one of @hourly, @daily, @weekly, @monthly, @yearly")),
    }
}

fn read([second, minute, hour, day, month, weekday]: [&str; 6]) -> Result<Fields, String> {
    Ok(Fields {
        second: Field::parse(second, &SECOND)?,
        minute: Field::parse(minute, &MINUTE)?,
        hour: Field::parse(hour, &HOUR)?,
        day: Field::parse(day, &DAY)?,
        month: Field::parse(month, &MONTH)?,
        weekday: Field::parse(weekday, &WEEKDAY)?,
    })
}

/// A line that names no day at all would be searched for until the end of the calendar.
fn possible(fields: &Fields) -> Result<(), String> {
    if fields.day.restricted() && fields.weekday.restricted() {
        return Ok(()); // either: every month has every weekday
    }
    let first = fields.day.values().next().unwrap_or(1);
    let longest = fields.month.values().filter_map(|month| LONGEST.get(month as usize - 1)).max();
    if longest.is_some_and(|&longest| first > longest) {
        return Err(format!("this never happens: there is no day {first} in {}", super::words::months(&fields.month)));
    }
    Ok(())
}

fn crate_line(fields: &Fields, day: bool, weekday: bool) -> String {
    let day = if day { fields.day.list() } else { "*".to_owned() };
    let weekday = if weekday { fields.weekday.list_names() } else { "*".to_owned() };
    format!(
        "{} {} {} {day} {} {weekday}",
        fields.second.list(),
        fields.minute.list(),
        fields.hour.list(),
        fields.month.list()
    )
}
