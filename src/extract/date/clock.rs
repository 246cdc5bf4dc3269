//! Times of day as they stand in a line, and the zones behind them.

use chrono::NaiveTime;

use super::lex::Token;
use super::pieces::{What, month, separator};
use super::words::{self, Half, Zone};

/// A time of day as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Time {
    pub of_day: NaiveTime,
    pub zone: Option<Zone>,
    /// `2:35:00 PM`: the way ASP.NET writes beside a month-first date.
    pub american: bool,
}

/// Reads the tokens of one time.
struct Reader<'a> {
    tokens: &'a [Token],
    hour: u32,
    minute: u32,
    second: Option<u32>,
    end: usize,
    /// Written in a way that only times are: "25:00" is then a broken time, while "24h" may be a programme.
    sure: bool,
}

/// `14:35`, `14:35:00`, `2:35 PM`, `02:35 CH`, `14h35`, `14 giờ 35 phút`, `8 giờ kém 5`, `2 PM`, `2.35pm`, `noon`, with
/// the zone behind it.
pub(super) fn time(tokens: &[Token]) -> Option<(What, usize)> {
    let (hour, digits) = match tokens.first()?.number() {
        Some((hour, digits)) if digits <= 2 => (hour, digits),
        Some((packed, 4)) if tokens.get(1).and_then(Token::english) == Some("hrs") => {
            let (hour, minute) = (packed / 100, packed % 100);
            return Reader { tokens, hour, minute, second: None, end: 2, sure: false }.settle(2);
        }
        Some(_) => return None,
        None => return twelve(tokens),
    };
    let mut reader = Reader { tokens, hour, minute: 0, second: None, end: 1, sure: false };
    let sign = tokens.get(1)?;
    if sign.is(':') {
        reader.colons()?;
    } else if sign.word().is_some_and(|word| word == "h" || word == "g") || sign.spells("giờ", "gio") {
        reader.spoken();
        // … and a half of the day that contradicts it makes it broken too.
        reader.sure = words::half(tokens.get(reader.end..).unwrap_or_default()).is_some();
    } else if sign.is('.') && sign.glued {
        reader.points()?;
    } else {
        words::half(tokens.get(1..)?)?;
    }
    reader.settle(digits)
}

/// "noon", "midday": twelve without a number.
fn twelve(tokens: &[Token]) -> Option<(What, usize)> {
    if !matches!(tokens.first()?.english(), Some("noon" | "midday")) {
        return None;
    }
    Reader { tokens, hour: 12, minute: 0, second: None, end: 0, sure: false }.settle(2)
}

/// "14-16h", "2-4 PM": a span of hours, of which no single time is meant.
pub(super) fn span(tokens: &[Token]) -> Option<(What, usize)> {
    let hour = |at: usize| tokens.get(at).and_then(Token::number).filter(|&(hour, digits)| digits <= 2 && hour <= 24);
    hour(0)?;
    tokens.get(1).filter(|token| token.is('-'))?;
    hour(2)?;
    let unit = tokens.get(3)?;
    let marked = unit.word() == Some("h") || unit.spells("giờ", "gio") || matches!(unit.english(), Some("am" | "pm"));
    marked.then_some((What::Time(Time { of_day: NaiveTime::MIN, zone: Some(Zone::Unclear), american: false }), 4))
}

impl Reader<'_> {
    fn number(&self, at: usize) -> Option<(u32, usize)> {
        self.tokens.get(at).and_then(Token::number)
    }

    fn is(&self, at: usize, sign: char) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is(sign))
    }

    fn glued(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.glued)
    }

    fn word(&self, at: usize) -> Option<&str> {
        self.tokens.get(at).and_then(Token::word)
    }

    fn says(&self, at: usize, accented: &str, bare: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.spells(accented, bare))
    }

    /// `14:35`, `14:35:00`, `14:35:00.123`.
    fn colons(&mut self) -> Option<()> {
        let (minute, 2) = self.number(2)? else { return None };
        (self.minute, self.end, self.sure) = (minute, 3, true);
        if self.is(3, ':')
            && self.glued(4)
            && let Some((second, 2)) = self.number(4)
        {
            (self.second, self.end) = (Some(second), 5);
            let fraction = self.is(5, '.') || self.is(5, ',');
            if fraction && self.glued(5) && self.glued(6) && self.number(6).is_some() {
                self.end = 7;
            }
        }
        Some(())
    }

    /// What follows "14h", "14 giờ": minutes and seconds, "rưỡi", "kém 5".
    fn spoken(&mut self) {
        self.end = 2;
        // "14h:35"
        if self.is(2, ':')
            && self.glued(2)
            && let Some((minute, 2)) = self.number(3).filter(|_| self.glued(3))
        {
            (self.minute, self.end) = (minute, 4);
            return;
        }
        if self.says(2, "rưỡi", "ruoi") {
            (self.minute, self.end) = (30, 3);
            return;
        }
        if self.says(2, "kém", "kem") {
            if let Some((before, 1 | 2)) = self.number(3).filter(|(before, _)| (1..60).contains(before)) {
                self.hour = self.hour.checked_sub(1).unwrap_or(23);
                (self.minute, self.end) = (60 - before, 4);
                self.end += usize::from(self.says(self.end, "phút", "phut"));
            }
            return;
        }
        let closing = |reader: &Self, at: usize| {
            reader.says(at, "phút", "phut") || matches!(reader.word(at), Some("p" | "ph" | "m"))
        };
        let minutes = self.number(2).filter(|&(minute, digits)| {
            let closed = closing(self, 3) || self.is(3, '\'');
            let date_follows = separator(self.tokens.get(3)).is_some() || month(self.tokens, 3).is_some();
            digits <= 2 && minute < 60 && (closed || self.glued(2) || (digits == 2 && !date_follows))
        });
        let Some((minute, _)) = minutes else { return };
        (self.minute, self.end) = (minute, 3);
        if closing(self, 3) {
            self.end = 4;
            if let Some((second, 1 | 2)) = self.number(4)
                && (self.says(5, "giây", "giay") || (self.word(5) == Some("s") && self.glued(5)))
            {
                (self.second, self.end) = (Some(second), 6);
            }
        }
    }

    /// `2.35pm`, `14.35 BST`, `14.35h`: only with a half of the day, a zone or the hour's sign behind it is that a time.
    fn points(&mut self) -> Option<()> {
        let (minute, 2) = self.number(2)? else { return None };
        let behind = self.tokens.get(3..)?;
        let zoned =
            behind.first().is_some_and(|word| word.is_capitals() && word.word().and_then(words::zone).is_some());
        let hours = self.glued(3) && matches!(self.word(3), Some("h" | "g"));
        if !self.glued(2) || !(zoned || hours || words::half(behind).is_some()) {
            return None;
        }
        (self.minute, self.end) = (minute, 3 + usize::from(hours));
        Some(())
    }

    /// The time with the half of the day and the zone that follow.
    fn settle(mut self, digits: usize) -> Option<(What, usize)> {
        self.end += usize::from(self.is(self.end, '\''));
        let mut american = false;
        let mut unclear = false;
        let mut hour = Some(self.hour);
        if let Some((half, length)) = words::half(self.tokens.get(self.end..).unwrap_or_default()) {
            let english = self.tokens.get(self.end).and_then(Token::english);
            american =
                self.second.is_some() && matches!(english, Some("am" | "pm")) && (digits == 1 || self.hour >= 10);
            self.end += length;
            (hour, unclear) = of_day(self.hour, half);
        }
        let second = self.second.unwrap_or(0);
        // A leap second is the last second of its minute for us.
        let second = if second == 60 { 59 } else { second };
        if (hour, self.minute, second) == (Some(24), 0, 0) {
            // The end of a day is the beginning of the next: nobody knows which of the two is meant.
            (hour, unclear) = (Some(0), true);
        }
        let Some(of_day) = hour.and_then(|hour| NaiveTime::from_hms_opt(hour, self.minute, second)) else {
            return self.sure.then_some((What::Fault, self.end));
        };
        match zone(self.tokens, self.end) {
            Ok(found) => {
                let (zone, end) = found.map_or((None, self.end), |(zone, end)| (Some(zone), end));
                let zone = if unclear { Some(Zone::Unclear) } else { zone };
                Some((What::Time(Time { of_day, zone, american }), end))
            }
            Err(end) => Some((What::Fault, end)),
        }
    }
}

/// The hour of the day of an hour in a half of it, and whether the day it belongs to is in doubt. No hour where the
/// two contradict each other.
pub(super) fn of_day(hour: u32, half: Half) -> (Option<u32>, bool) {
    match half {
        Half::Am if hour == 12 => (Some(0), false),
        Half::Morning if hour == 12 => (Some(0), true),
        Half::Am | Half::Morning => ((hour < 12).then_some(hour), false),
        Half::Noon if hour < 3 => (Some(hour + 12), false),
        Half::Evening | Half::Night if hour == 12 || hour == 0 || hour == 24 => (Some(0), true),
        Half::Evening if hour < 4 => (Some(hour), true),
        Half::Evening | Half::Night if (6..12).contains(&hour) => (Some(hour + 12), false),
        Half::Afternoon | Half::Evening if hour < 12 => (Some(hour + 12), false),
        Half::Afternoon | Half::Noon | Half::Evening | Half::Night => (Some(hour), false),
        Half::Midnight => (Some(0), true),
    }
}

/// The zone right behind a time: `GMT+7`, `(UTC+07:00)`, `+0700`, `ICT`, `giờ Việt Nam`, `Eastern Time`. The error is a
/// malformed offset.
fn zone(tokens: &[Token], at: usize) -> Result<Option<(Zone, usize)>, usize> {
    let start = at + usize::from(tokens.get(at).is_some_and(|token| token.is('(')));
    let Some(first) = tokens.get(start) else { return Ok(None) };
    let closed = |end: usize| if start > at && tokens.get(end).is_some_and(|t| t.is(')')) { end + 1 } else { end };
    let rest = tokens.get(start..).unwrap_or_default();
    if let Some((zone, length)) = words::tz_name(rest).or_else(|| words::place(rest)) {
        return Ok(Some((zone, closed(start + length))));
    }
    if first.spells("giờ", "gio") && tokens.get(start + 1).is_some_and(|t| matches!(t.english(), Some("gmt" | "utc")))
    {
        return zone(tokens, start + 1);
    }
    if let Some(word) = first.english() {
        // "ET" is a zone, "et" is a word.
        let known = words::zone(word).filter(|_| first.is_capitals() || word.len() > 2 || word == "z");
        let Some(zone) = known else {
            return Ok(first.is_abbreviation().then_some((Zone::Unclear, closed(start + 1))));
        };
        if zone == Zone::Offset(0)
            && let Some((zone, end)) = offset(tokens, start + 1, true)?
        {
            return Ok(Some((zone, closed(end))));
        }
        if zone == Zone::Offset(0)
            && let Some((zone, end)) = lost_plus(tokens, start + 1)
        {
            return Ok(Some((zone, closed(end))));
        }
        return Ok(Some((zone, closed(start + 1))));
    }
    Ok(offset(tokens, start, false)?.map(|(zone, end)| (zone, closed(end))))
}

/// `GMT 7`, `GMT 7+`: a plus that was taken for a space, or strayed. It closes the line or the bracket: "14:35 GMT 8
/// July" goes on with the day.
fn lost_plus(tokens: &[Token], at: usize) -> Option<(Zone, usize)> {
    let (hours, 1 | 2) = tokens.get(at)?.number().filter(|(hours, _)| *hours <= 14)? else { return None };
    let end = at + 1 + usize::from(tokens.get(at + 1).is_some_and(|token| token.is('+')));
    let closes = tokens.get(end).is_none_or(|token| token.is(')') || token.is(']') || token.is('|'));
    closes.then_some((Zone::Offset(hours as i32 * 60), end))
}

/// `+7`, `+07`, `+0700`, `+07:00`. After a bare time a hyphen means an offset only with all four digits.
fn offset(tokens: &[Token], at: usize, named: bool) -> Result<Option<(Zone, usize)>, usize> {
    let Some(sign) = tokens.get(at) else { return Ok(None) };
    let (plus, minus) = (sign.is('+'), sign.is('-'));
    let number = |index: usize| tokens.get(index).filter(|token| token.glued || named).and_then(Token::number);
    if !plus && !minus {
        return Ok(None);
    }
    let Some((value, digits)) = number(at + 1) else { return Ok(None) };
    let colon = tokens.get(at + 2).is_some_and(|token| token.is(':') && token.glued);
    let minutes_after = colon.then(|| number(at + 3)).flatten().filter(|(_, digits)| *digits == 2);
    if minus && !named && digits != 4 && minutes_after.is_none() {
        return Ok(None);
    }
    let (hours, minutes, end) = match (digits, minutes_after) {
        (4, _) => (value / 100, value % 100, at + 2),
        (1 | 2, Some((minutes, _))) => (value, minutes, at + 4),
        // "14:35 +5" may count comments.
        (1, None) if !named => return Ok(Some((Zone::Unclear, at + 2))),
        (1 | 2, None) => (value, 0, at + 2),
        _ => return Err(at + 2),
    };
    if hours > 14 || minutes > 59 {
        // "14:35 -2019" is no offset; "+99:00" is a broken one.
        return if plus { Err(end) } else { Ok(None) };
    }
    let east = (hours * 60 + minutes) as i32;
    Ok(Some((Zone::Offset(if minus { -east } else { east }), end)))
}
