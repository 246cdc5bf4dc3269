//! A schedule in English words, so that an admin sees what a cron line means before it fires.

use std::time::Duration;

use super::cron::Fields;
use super::field::{Field, MONTHS, WEEKDAYS};

/// A length of time in words: "10 minutes", "1 hour 30 minutes".
pub fn duration(length: Duration) -> String {
    let ms = length.as_millis() as u64;
    let parts = [
        (ms / 86_400_000, "day"),
        (ms / 3_600_000 % 24, "hour"),
        (ms / 60_000 % 60, "minute"),
        (ms / 1000 % 60, "second"),
        (ms % 1000, "millisecond"),
    ];
    let words: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| counted(*count, unit)).collect();
    if words.is_empty() { "0 seconds".to_owned() } else { words.join(" ") }
}

/// An interval in words: "every minute", "every 10 minutes".
pub fn every(length: Duration) -> String {
    let words = duration(length);
    let single = words.strip_prefix("1 ").filter(|unit| !unit.contains(' '));
    format!("every {}", single.unwrap_or(&words))
}

/// A cron line in words: "at 07:00 on Monday to Friday".
pub fn cron(fields: &Fields) -> String {
    let mut words = times(fields);
    let month = (!fields.month.full()).then(|| format!("in {}", months(&fields.month)));
    let days = (!fields.day.full()).then(|| {
        format!(
            "day{} {} of the month",
            if fields.day.len() == 1 { "" } else { "s" },
            ranges(&fields.day, &|day| day.to_string())
        )
    });
    let weekdays = (!fields.weekday.full()).then(|| ranges(&fields.weekday, &|day| name(&WEEKDAYS, day)));
    let either = fields.day.restricted() && fields.weekday.restricted();
    let days = match (days, weekdays) {
        (Some(days), Some(weekdays)) if either => Some(format!("on {days} or on {weekdays}")),
        (Some(days), Some(weekdays)) => Some(format!("on {days} that are {weekdays}")),
        (Some(days), None) => Some(format!("on {days}")),
        (None, Some(weekdays)) => Some(format!("on {weekdays}")),
        (None, None) if words.starts_with("at ") && !words.contains(" of ") && month.is_none() => {
            Some("every day".to_owned())
        }
        (None, None) => None,
    };
    for part in [days, month].into_iter().flatten() {
        words.push(' ');
        words.push_str(&part);
    }
    words
}

/// The months of a field by name.
pub fn months(field: &Field) -> String {
    ranges(field, &|month| name(&MONTHS, month.saturating_sub(1)))
}

fn times(fields: &Fields) -> String {
    let Fields { second, minute, hour, .. } = fields;
    let seconds: Vec<u32> = second.values().collect();
    let minutes: Vec<u32> = minute.values().collect();
    if let [second] = seconds.as_slice()
        && minutes.len() as u32 * hour.len() <= 6
    {
        let tail = if *second == 0 { String::new() } else { format!(":{second:02}") };
        let times = hour.values().flat_map(|hour| minutes.iter().map(move |minute| (hour, *minute)));
        return format!(
            "at {}",
            listed(&times.map(|(hour, minute)| format!("{hour:02}:{minute:02}{tail}")).collect::<Vec<_>>())
        );
    }
    let often = match (seconds.as_slice(), even_step(&minutes, 60)) {
        ([0], Some(1)) => "every minute".to_owned(),
        ([0], Some(60)) => "every hour".to_owned(),
        ([0], Some(step)) => format!("every {step} minutes"),
        ([0], None) => format!("at minute {} of the hour", ranges(minute, &|minute| minute.to_string())),
        (_, Some(1)) => match even_step(&seconds, 60) {
            Some(1) => "every second".to_owned(),
            Some(step) => format!("every {step} seconds"),
            None => format!("at second {} of every minute", ranges(second, &|second| second.to_string())),
        },
        _ => format!(
            "at second {} of minute {}",
            ranges(second, &|second| second.to_string()),
            ranges(minute, &|minute| minute.to_string())
        ),
    };
    let hours: Vec<u32> = hour.values().collect();
    match (hours.as_slice(), even_step(&hours, 24)) {
        _ if hour.full() => often,
        ([first, .., last], _) if last - first + 1 == hour.len() => {
            format!("{often} from {first:02}:00 to {last:02}:59")
        }
        (_, Some(step)) if often == "every hour" => format!("every {step} hours"),
        (_, Some(step)) => format!("{often} in one hour of {step}"),
        _ => format!(
            "{often} in the hours {}",
            listed(&hours.iter().map(|hour| format!("{hour:02}")).collect::<Vec<_>>())
        ),
    }
}

/// The step of values that start at 0 and divide the whole evenly.
fn even_step(values: &[u32], whole: u32) -> Option<u32> {
    let step = whole.checked_div(values.len() as u32)?;
    let even = whole.is_multiple_of(values.len() as u32)
        && values.iter().enumerate().all(|(at, value)| *value == at as u32 * step);
    even.then_some(step)
}

/// Values in words, three or more in a row as a range: "1, 5 to 8 and 20".
fn ranges(field: &Field, name: &dyn Fn(u32) -> String) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for value in field.values() {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == value => *last = value,
            _ => runs.push((value, value)),
        }
    }
    let words: Vec<String> = runs
        .into_iter()
        .flat_map(|(first, last)| match last - first {
            0 => vec![name(first)],
            1 => vec![name(first), name(last)],
            _ => vec![format!("{} to {}", name(first), name(last))],
        })
        .collect();
    listed(&words)
}

fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn counted(count: u64, unit: &str) -> String {
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

fn name(names: &[&str], at: u32) -> String {
    names.get(at as usize).copied().unwrap_or_default().to_owned()
}
