//! One field of a cron line: `*`, `*/5`, `7`, `7-21`, `7-21/2`, `mon-fri`, and lists of these, as a set of numbers.

/// What a field may say.
#[derive(Debug)]
pub struct Unit {
    name: &'static str,
    min: u32,
    max: u32,
    /// Names from `min` on, in full; three letters suffice.
    names: &'static [&'static str],
}

pub const SECOND: Unit = Unit { name: "second", min: 0, max: 59, names: &[] };
pub const MINUTE: Unit = Unit { name: "minute", min: 0, max: 59, names: &[] };
pub const HOUR: Unit = Unit { name: "hour", min: 0, max: 23, names: &[] };
pub const DAY: Unit = Unit { name: "day", min: 1, max: 31, names: &[] };
pub const MONTH: Unit = Unit { name: "month", min: 1, max: 12, names: &MONTHS };
/// 0 and 7 are Sunday, as in Unix.
pub const WEEKDAY: Unit = Unit { name: "weekday", min: 0, max: 7, names: &WEEKDAYS };

pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The values of a field, as bits, and whether it was written with a leading `*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    bits: u64,
    star: bool,
    full: bool,
}

impl Field {
    /// Reads a field; the error is a sentence.
    pub fn parse(text: &str, unit: &Unit) -> Result<Self, String> {
        let mut bits = 0_u64;
        for item in text.split(',') {
            bits |= item_bits(item, unit)?;
        }
        if unit.max == 7 && bits & (1 << 7) != 0 {
            bits = bits & !(1 << 7) | 1; // Sunday has two numbers
        }
        let all = all_bits(unit.min, if unit.max == 7 { 6 } else { unit.max });
        Ok(Self { bits, star: text.starts_with(['*', '?']), full: bits == all })
    }

    /// Whether it restricts the days in the sense of Unix: it does not start with `*`.
    pub fn restricted(&self) -> bool {
        !self.star
    }

    /// Whether every value is in it.
    pub fn full(&self) -> bool {
        self.full
    }

    /// The values, rising.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = u32> + use<> {
        let bits = self.bits;
        (0..60).filter(move |bit| bits & (1 << bit) != 0)
    }

    /// How many values.
    pub fn len(&self) -> u32 {
        self.bits.count_ones()
    }

    /// The values in the crate's notation.
    pub fn list(&self) -> String {
        self.joined(|value| value.to_string())
    }

    /// The weekdays in the crate's notation: by name, because its numbers are not those of Unix.
    pub fn list_names(&self) -> String {
        self.joined(|value| WEEKDAYS.get(value as usize).copied().unwrap_or_default().to_owned())
    }

    fn joined(&self, name: impl Fn(u32) -> String) -> String {
        if self.full { "*".to_owned() } else { self.values().map(name).collect::<Vec<_>>().join(",") }
    }
}

fn all_bits(min: u32, max: u32) -> u64 {
    (min..=max).fold(0, |bits, value| bits | 1 << value)
}

fn item_bits(item: &str, unit: &Unit) -> Result<u64, String> {
    let Unit { name, min, max, .. } = *unit;
    let (range, step) = match item.split_once('/') {
        None => (item, None),
        Some((range, step)) => {
            let step: u32 = step.parse().map_err(|_| format!("the step of {name} \"{item}\" is not a number"))?;
            if step == 0 {
                return Err(format!("the step of {name} \"{item}\" must be at least 1"));
            }
            (range, Some(step))
        }
    };
    let (from, until) = match (range, range.split_once('-')) {
        ("*" | "?", _) => (min, if max == 7 { 6 } else { max }),
        (_, Some((from, until))) => {
            let (from, mut until) = (value(from, unit)?, value(until, unit)?);
            if max == 7 && until == 0 && from > 0 {
                until = 7; // "fri-sun"
            }
            if from > until {
                return Err(format!(
                    "{name} \"{range}\" runs backwards; write \"{from}-{},{min}-{until}\"",
                    if max == 7 { 6 } else { max }
                ));
            }
            (from, until)
        }
        // "5/15": from 5 on, as most crons have it.
        _ => (value(range, unit)?, if step.is_some() { max } else { value(range, unit)? }),
    };
    Ok((from..=until).step_by(step.unwrap_or(1) as usize).fold(0, |bits, value| bits | 1 << value))
}

fn value(text: &str, unit: &Unit) -> Result<u32, String> {
    let Unit { name, min, max, names } = *unit;
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return match text.parse() {
            Ok(value) if (min..=max).contains(&value) => Ok(value),
            _ => Err(format!("{name} {text} is not between {min} and {max}")),
        };
    }
    let lower = text.to_ascii_lowercase();
    if lower.len() >= 3
        && let Some(index) = names.iter().position(|name| name.to_ascii_lowercase().starts_with(&lower))
    {
        return Ok(min + index as u32);
    }
    Err(match name {
        _ if text.is_empty() => format!("an empty value in the field of the {name}"),
        "month" => format!("month \"{text}\" is not known; use 1-12 or jan, feb, …, dec"),
        "weekday" => format!("weekday \"{text}\" is not known; use 0-7 (0 and 7 are Sunday) or mon, tue, …, sun"),
        _ => format!("{name} \"{text}\" is not a number between {min} and {max}"),
    })
}
