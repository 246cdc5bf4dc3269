//! Dates that machines write: every common ISO 8601 form, epochs, digits alone, ASP.NET's `/Date(…)/`, and
//! NukeViet's `article:published_time`, in which the zone stands where the `T` should. The whole text has to
//! be one date; anything else is left to the words.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};

use super::resolve::{self, Clock};
use super::words::{self, Zone};
use super::{Moment, Options};

/// A cursor over ASCII bytes.
struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    /// Takes exactly `count` digits.
    fn digits(&mut self, count: usize) -> Option<u32> {
        let piece = self.rest.get(..count)?;
        if !piece.iter().all(u8::is_ascii_digit) {
            return None;
        }
        self.rest = self.rest.get(count..)?;
        Some(piece.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
    }

    /// Takes one byte out of `set`.
    fn one_of(&mut self, set: &[u8]) -> Option<u8> {
        let byte = *self.rest.first().filter(|byte| set.contains(byte))?;
        self.rest = self.rest.get(1..)?;
        Some(byte)
    }

    /// Takes letters.
    fn letters(&mut self) -> String {
        let end = self.rest.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        String::from_utf8_lossy(word).to_ascii_lowercase()
    }

    /// How many digits come next.
    fn ahead(&self) -> usize {
        self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    }

    fn done(&self) -> bool {
        self.rest.is_empty()
    }
}

/// The moment of a machine's date; `None` when the text is no such date or contradicts itself.
pub(super) fn parse(text: &str, options: &Options) -> Option<Moment> {
    let text = text.trim();
    if !text.is_ascii() || text.len() > 64 {
        return None;
    }
    // The date of a PDF: `D:20190708143500+07'00'`.
    if let Some(date) = text.strip_prefix("D:") {
        return parse(&date.replace('\'', ""), options);
    }
    // JSON may still carry its escapes: `\/Date(…)\/`.
    let escaped = text.strip_prefix("\\/Date(").and_then(|rest| rest.strip_suffix(")\\/"));
    let inner = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")).or(escaped);
    if let Some(epoch) = inner {
        let end = epoch.find(['+', '-']).filter(|&at| at > 0).unwrap_or(epoch.len());
        return epoch_ms(epoch.get(..end)?.parse().ok()?, options);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Ten, thirteen and sixteen digits that begin with 1 are seconds, milli- and microseconds from 2001 to 2033.
        match (text.len(), text.starts_with('1')) {
            (10, true) => return epoch_ms(text.parse::<i64>().ok()?.checked_mul(1000)?, options),
            (13, true) => return epoch_ms(text.parse().ok()?, options),
            (16, true) => return epoch_ms(text.parse::<i64>().ok()? / 1000, options),
            _ => {}
        }
    }
    if let Some((whole, fraction)) = text.split_once('.')
        && whole.len() == 10
        && whole.starts_with('1')
        && fraction.len() >= 3
        && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
    {
        return parse(whole, options);
    }
    // A zone's name in brackets (RFC 9557) repeats the offset before it, or stands for it.
    let (text, bracket) = match text.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        Some((before, name)) => (before, name.parse::<chrono_tz::Tz>().ok()),
        None => (text, None),
    };
    let mut cursor = Cursor { rest: text.as_bytes() };
    let date = date(&mut cursor)?;
    if cursor.done() {
        return resolve::settle(date, None, options);
    }
    let mut zone = bracket.map(Zone::Named);
    let misplaced = misplaced_zone(&mut cursor);
    if let Some(found) = misplaced {
        zone = Some(found);
    } else if !matches!(cursor.ahead(), 4 | 6)
        || cursor.rest.get(cursor.ahead()).is_some_and(|next| !matches!(next, b'+' | b'-' | b'Z'))
    {
        cursor.one_of(b"Tt _")?;
        while cursor.one_of(b" ").is_some() {}
    }
    // ISO 8601 writes the end of a day so.
    let (date, time) = match time(&mut cursor)? {
        Some(time) => (date, time),
        None => (date.succ_opt()?, NaiveTime::MIN),
    };
    if misplaced.is_none() {
        zone = offset(&mut cursor)?.or(zone);
    }
    cursor.done().then_some(())?;
    resolve::settle(date, Some(Clock { time, zone }), options)
}

/// `2019-07-08`, `20190708`, `2019/07/08`, `2019-W28-1`, `2019-189`.
fn date(cursor: &mut Cursor<'_>) -> Option<NaiveDate> {
    if cursor.ahead() >= 8 {
        return NaiveDate::from_ymd_opt(cursor.digits(4)? as i32, cursor.digits(2)?, cursor.digits(2)?);
    }
    let year = cursor.digits(4)? as i32;
    let separator = cursor.one_of(b"-/.").or_else(|| cursor.rest.first().copied().filter(|next| *next == b'W'))?;
    if cursor.one_of(b"Ww").is_some() {
        let week = cursor.digits(2)?;
        cursor.one_of(b"-");
        let day = cursor.digits(1)?;
        let weekday = chrono::Weekday::try_from(u8::try_from(day.checked_sub(1)?).ok()?).ok()?;
        return NaiveDate::from_isoywd_opt(year, week, weekday);
    }
    if separator == b'-' && cursor.ahead() == 3 {
        return NaiveDate::from_yo_opt(year, cursor.digits(3)?);
    }
    let month = cursor.digits(cursor.ahead().clamp(1, 2))?;
    cursor.one_of(&[separator])?;
    let day = cursor.digits(cursor.ahead().clamp(1, 2))?;
    NaiveDate::from_ymd_opt(year, month, day)
}

/// `14:35`, `14:35:00`, `14:35:00.123`, `143500`, `14.35`; `Some(None)` is the end of the day, `24:00`.
#[expect(clippy::option_option, reason = "a fault and the end of the day are different answers")]
fn time(cursor: &mut Cursor<'_>) -> Option<Option<NaiveTime>> {
    let packed = cursor.ahead() >= 4;
    let hour = cursor.digits(if packed { 2 } else { cursor.ahead().clamp(1, 2) })?;
    if !packed {
        cursor.one_of(b":.")?;
    }
    let minute = cursor.digits(2)?;
    let mut second = 0;
    if (packed && cursor.ahead() >= 2) || (!packed && cursor.one_of(b":").is_some()) {
        second = cursor.digits(2)?;
        if cursor.one_of(b".,").is_some() {
            let fraction = cursor.ahead();
            if fraction == 0 {
                return None;
            }
            cursor.rest = cursor.rest.get(fraction..)?;
        }
    }
    // A leap second is the last second of its minute for us.
    let second = if second == 60 { 59 } else { second };
    if (hour, minute, second) == (24, 0, 0) {
        return Some(None);
    }
    NaiveTime::from_hms_opt(hour, minute, second).map(Some)
}

/// `Z`, `+07:00`, `+0700`, `+07`, ` GMT`, ` Asia/Ho_Chi_Minh`, or a space where a plus was lost in a query
/// string (`2019-07-08T14:35:00 07:00`). `None` is a fault, `Some(None)` no zone.
#[expect(clippy::option_option, reason = "a fault and an absent zone are different answers")]
fn offset(cursor: &mut Cursor<'_>) -> Option<Option<Zone>> {
    if cursor.done() {
        return Some(None);
    }
    let spaced = cursor.one_of(b" ").is_some();
    while cursor.one_of(b" ").is_some() {}
    if let Some(sign) = cursor.one_of(b"+-") {
        return signed(cursor, sign).map(Some);
    }
    if spaced && cursor.ahead() == 2 && cursor.rest.get(2) == Some(&b':') {
        return signed(cursor, b'+').map(Some);
    }
    if let Ok(name) = std::str::from_utf8(cursor.rest)
        && name.contains('/')
    {
        let zone = name.parse::<chrono_tz::Tz>().ok()?;
        cursor.rest = b"";
        return Some(Some(Zone::Named(zone)));
    }
    let word = cursor.letters();
    let zone = words::zone(&word)?;
    if zone == Zone::Offset(0)
        && let Some(sign) = cursor.one_of(b"+-")
    {
        return signed(cursor, sign).map(Some);
    }
    Some(Some(zone))
}

/// The digits after a sign.
fn signed(cursor: &mut Cursor<'_>, sign: u8) -> Option<Zone> {
    let hours = cursor.digits(cursor.ahead().clamp(1, 2))?;
    let colon = cursor.one_of(b":").is_some();
    let minutes = if colon || cursor.ahead() == 2 { cursor.digits(2)? } else { 0 };
    if hours > 14 || minutes > 59 {
        return None;
    }
    let east = (hours * 60 + minutes) as i32;
    Some(Zone::Offset(if sign == b'-' { -east } else { east }))
}

/// NukeViet writes PHP's zone abbreviation for the `T`: `2019-07-08+0714:35:00`, `2019-07-08CEST14:35:00`.
fn misplaced_zone(cursor: &mut Cursor<'_>) -> Option<Zone> {
    let mut ahead = Cursor { rest: cursor.rest };
    let zone = if let Some(sign) = ahead.one_of(b"+-") {
        let hours = ahead.digits(2)?;
        // `+07`, `+07:00` or `+0700`, told apart by the eight signs of the clock.
        let minutes = if ahead.one_of(b":").is_some() || ahead.rest.len() == 10 { ahead.digits(2)? } else { 0 };
        let east = (hours.min(14) * 60 + minutes) as i32;
        Zone::Offset(if sign == b'-' { -east } else { east })
    } else {
        let word = ahead.letters();
        if word.len() < 2 {
            return None;
        }
        // A name nobody knows leaves the day.
        words::zone(&word).unwrap_or(Zone::Unclear)
    };
    // The clock has to follow, whole.
    if ahead.rest.len() != 8 || ahead.ahead() != 2 {
        return None;
    }
    cursor.rest = ahead.rest;
    Some(zone)
}

/// The moment of an epoch, in the section's zone.
fn epoch_ms(ms: i64, options: &Options) -> Option<Moment> {
    let at: DateTime<FixedOffset> =
        DateTime::from_timestamp_millis(ms)?.with_timezone(&options.timezone).fixed_offset();
    resolve::within_reach(Moment::Instant(at), options)
}
