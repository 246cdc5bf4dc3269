//! Lists of readers as CSV: read row by row, every row that is wrong told with its line and remedy; and written in the
//! same form, so that what one bantin wrote another reads.

use std::io::{BufRead, BufReader, Read};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;

use crate::clock::from_ms;
use crate::config::Language;
use crate::store::{Exported, Newcomer, Standing};

/// The columns, in the order in which they are written.
pub const COLUMNS: [&str; 8] =
    ["address", "sections", "cadence", "language", "consent_at", "consent_source", "state", "confirmed_at"];

/// Most bytes of an address (RFC 5321).
const LONGEST_ADDRESS: usize = 254;
/// Most letters of what was agreed to.
const LONGEST_CONSENT: usize = 500;
/// How the consent of an imported reader begins.
const IMPORTED: &str = "imported: ";

/// What holds where a column or cell is empty, and what names mean.
#[derive(Debug)]
pub struct Rules<'a> {
    /// Slugs with their keys.
    pub sections: &'a [(String, i64)],
    /// Sections of rows that name none.
    pub follow: Vec<i64>,
    /// How often.
    pub cadence: &'static str,
    /// In which language.
    pub language: Language,
    /// When consent was given, where no row says it.
    pub consent_at: Option<i64>,
    /// Where it was given.
    pub consent_source: Option<String>,
    /// The zone of days and times without one.
    pub zone: Tz,
    /// Consent cannot be of later.
    pub now: DateTime<Utc>,
}

/// A row that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    /// Its line in the file.
    pub line: u64,
    /// What is wrong, and what to write; names no address.
    pub why: String,
}

/// Reads a list.
pub struct Roster<R> {
    reader: csv::Reader<BufReader<R>>,
    record: csv::StringRecord,
    columns: [Option<usize>; COLUMNS.len()],
    unconfirmed: u64,
}

/// The cadence of that name.
pub fn cadence(text: &str) -> Option<&'static str> {
    ["now", "daily", "weekly"].into_iter().find(|known| text.eq_ignore_ascii_case(known))
}

/// A moment, or a day in a zone.
pub fn moment(text: &str, zone: Tz) -> Option<i64> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.timestamp_millis());
    }
    let forms = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
    let at = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let at = at.or_else(|| Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN)))?;
    zone.from_local_datetime(&at).earliest().map(|at| at.timestamp_millis())
}

impl<R: Read> Roster<R> {
    /// Opens a list: its first line names the columns, separated by commas or semicolons.
    pub fn open(source: R) -> Result<Self, String> {
        let mut source = BufReader::with_capacity(1 << 16, source);
        let start = source.fill_buf().map_err(|error| error.to_string())?;
        let head = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let semicolons = !head.contains(&b',') && head.contains(&b';');
        if start.starts_with("\u{feff}".as_bytes()) {
            source.consume(3);
        }
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(if semicolons { b';' } else { b',' })
            .trim(csv::Trim::All)
            .from_reader(source);
        let names = reader.headers().map_err(|error| format!("line 1: {}", told(&error)))?;
        let mut columns = [None; COLUMNS.len()];
        for (index, name) in names.iter().enumerate() {
            let name = name.to_ascii_lowercase();
            let known = match name.as_str() {
                "email" | "e-mail" => Some(0),
                "consent_date" => Some(4),
                "consent" => Some(5),
                other => COLUMNS.iter().position(|known| *known == other),
            };
            match known {
                Some(known) if columns[known].is_some() => {
                    return Err(format!("line 1: column {name:?} is there twice"));
                }
                Some(known) => columns[known] = Some(index),
                None => {
                    let known = COLUMNS.join(", ");
                    return Err(format!("line 1: unknown column {name:?}; the first line names columns: {known}"));
                }
            }
        }
        if columns[0].is_none() {
            return Err(format!("line 1: no column \"address\"; the first line names columns: {}", COLUMNS.join(", ")));
        }
        Ok(Self { reader, record: csv::StringRecord::new(), columns, unconfirmed: 0 })
    }

    /// How many bytes are read.
    pub fn position(&self) -> u64 {
        self.reader.position().byte()
    }

    /// How many rows were passed over because they never confirmed.
    pub fn unconfirmed(&self) -> u64 {
        self.unconfirmed
    }

    /// The next row; `None` at the end.
    pub fn next(&mut self, rules: &Rules<'_>) -> Option<Result<Newcomer, Bad>> {
        loop {
            let before = self.reader.position().line();
            let line = |position: Option<&csv::Position>| position.map_or(before, csv::Position::line);
            match self.reader.read_record(&mut self.record) {
                Ok(false) => return None,
                Ok(true) if self.cell(6) == "pending" => self.unconfirmed += 1,
                Ok(true) => {
                    let line = line(self.record.position());
                    return Some(self.row(rules).map_err(|why| Bad { line, why }));
                }
                Err(error) => return Some(Err(Bad { line: line(error.position()), why: told(&error) })),
            }
        }
    }

    fn cell(&self, column: usize) -> &str {
        self.columns[column].and_then(|index| self.record.get(index)).unwrap_or_default()
    }

    fn row(&self, rules: &Rules<'_>) -> Result<Newcomer, String> {
        let email = self.cell(0);
        if email.is_empty() {
            return Err("no address".to_owned());
        }
        if email.len() > LONGEST_ADDRESS || email.parse::<lettre::Address>().is_err() {
            return Err("the address is no e-mail address".to_owned());
        }
        let standing = match self.cell(6) {
            "" | "active" => Standing::Active,
            "left" => Standing::Left,
            "bounced" => Standing::Bounced,
            other => return Err(format!("state {other:?}; write active, left or bounced (or leave it out)")),
        };
        let follow = self.sections(rules)?;
        if follow.is_empty() && standing == Standing::Active {
            return Err("no section; name slugs in the column \"sections\", or give --section".to_owned());
        }
        let own = match self.cell(2) {
            "" => rules.cadence,
            text => cadence(text).ok_or_else(|| format!("cadence {text:?}; write now, daily or weekly"))?,
        };
        let language = match self.cell(3) {
            "" => rules.language,
            text => Language::from_tag(text).ok_or_else(|| format!("language {text:?}; write vi or en"))?,
        };
        let consent_at = match self.cell(4) {
            "" => rules.consent_at.ok_or("no date of consent; fill consent_at, or give --consent-date")?,
            text => moment(text, rules.zone).ok_or_else(|| {
                format!("consent_at {text:?} is no date; write 2026-01-31 or 2026-01-31T09:00:00+07:00")
            })?,
        };
        if consent_at > rules.now.timestamp_millis() {
            return Err("consent_at lies in the future".to_owned());
        }
        let source = match self.cell(5) {
            "" => rules
                .consent_source
                .as_deref()
                .ok_or("no source of consent; fill consent_source, or give --consent-source")?,
            text => text,
        };
        if source.chars().count() > LONGEST_CONSENT {
            return Err(format!("consent_source is longer than {LONGEST_CONSENT} letters"));
        }
        let consent = if source.starts_with(IMPORTED) { source.to_owned() } else { format!("{IMPORTED}{source}") };
        Ok(Newcomer {
            email: email.to_owned(),
            sections: follow,
            cadence: own,
            language,
            standing,
            consent,
            consent_at,
        })
    }

    /// The sections of a row.
    fn sections(&self, rules: &Rules<'_>) -> Result<Vec<i64>, String> {
        let text = self.cell(1);
        if text.is_empty() {
            return Ok(rules.follow.clone());
        }
        let mut found = Vec::new();
        for slug in text.split([' ', ';', '|', ',']).filter(|slug| !slug.is_empty()) {
            let known = rules.sections.iter().find(|(known, _)| known == slug);
            let Some(&(_, id)) = known else {
                let meant =
                    crate::config::suggest::nearest(slug, rules.sections.iter().map(|(known, _)| known.as_str()));
                let meant = meant.map(|meant| format!("; did you mean {meant:?}?")).unwrap_or_default();
                return Err(format!("there is no section {slug:?}{meant}"));
            };
            if !found.contains(&id) {
                found.push(id);
            }
        }
        Ok(found)
    }
}

fn told(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "not UTF-8; save the list as CSV in UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} cells where the first line names {expected_len} columns")
        }
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    }
}

/// The rows of one reader: one for each cadence, as a row of a list has one.
pub fn cells(reader: &Exported) -> Vec<[String; COLUMNS.len()]> {
    let time = |ms: i64| from_ms(ms).to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let mut cadences: Vec<&str> = reader.follows.iter().map(|(_, cadence)| cadence.as_str()).collect();
    cadences.sort_unstable();
    cadences.dedup();
    if cadences.is_empty() {
        cadences.push("");
    }
    let row = |cadence: &str| {
        let slugs = reader.follows.iter().filter(|(_, own)| own == cadence).map(|(slug, _)| slug.as_str());
        [
            reader.email.clone(),
            slugs.collect::<Vec<_>>().join(" "),
            cadence.to_owned(),
            reader.language.clone(),
            time(reader.consent_at),
            reader.consent.clone(),
            reader.state.clone(),
            reader.confirmed_at.map(time).unwrap_or_default(),
        ]
    };
    cadences.into_iter().map(row).collect()
}
