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

/// `14:35`, `14:35:00`, `2:35 PM`, `02:35 CH`, `14h35`, `14 giờ 35 phút`, `2 PM`, with the zone behind it.
pub(super) fn time(tokens: &[Token]) -> Option<(What, usize)> {
    let (hour, digits) = tokens.first()?.number().filter(|(_, digits)| *digits <= 2)?;
    let number = |index: usize| tokens.get(index).and_then(Token::number);
    let glued = |index: usize| tokens.get(index).is_some_and(|token| token.glued);
    let word = |index: usize| tokens.get(index).and_then(Token::word);
    let mut seconds = None;
    let mut colon = false;
    let (minute, mut end) = match tokens.get(1) {
        Some(sign) if sign.is(':') => {
            let (minute, 2) = number(2)? else { return None };
            colon = true;
            let mut end = 3;
            if tokens.get(3).is_some_and(|token| token.is(':'))
                && glued(4)
                && let Some((second, 2)) = number(4)
            {
                seconds = Some(second);
                end = 5;
                // a fraction of a second
                if tokens.get(5).is_some_and(|token| token.is('.') && token.glued) && glued(6) && number(6).is_some() {
                    end = 7;
                }
            }
            (minute, end)
        }
        Some(token) if matches!(token.word(), Some("h" | "g" | "gio")) => {
            let minutes = number(2).filter(|&(minute, digits)| {
                let closed = matches!(word(3), Some("phut" | "p" | "m")) || tokens.get(3).is_some_and(|t| t.is('\''));
                let date_follows = separator(tokens.get(3)).is_some() || month(tokens, 3).is_some();
                digits == 2 && minute < 60 && (closed || glued(2) || !date_follows)
            });
            match minutes {
                Some((minute, _)) => (minute, 3 + usize::from(matches!(word(3), Some("phut" | "p" | "m")))),
                None => (0, 2),
            }
        }
        Some(token) if matches!(token.word(), Some("am" | "pm")) => (0, 1),
        _ => return None,
    };
    if tokens.get(end).is_some_and(|token| token.is('\'')) {
        end += 1;
    }
    let mut american = false;
    let mut hour_of_day = Some(hour);
    if let Some((half, length)) = words::half(tokens.get(end..)?) {
        american = seconds.is_some() && matches!(word(end), Some("am" | "pm")) && (digits == 1 || hour >= 10);
        end += length;
        hour_of_day = match half {
            Half::Morning if hour == 12 => Some(0),
            Half::Morning => (hour < 12).then_some(hour),
            Half::Afternoon if hour < 12 => Some(hour + 12),
            Half::Noon if hour < 3 => Some(hour + 12),
            Half::Afternoon | Half::Noon => Some(hour),
        };
    }
    let time = hour_of_day.and_then(|hour| NaiveTime::from_hms_opt(hour, minute, seconds.unwrap_or(0).min(59)));
    let Some(time) = time else {
        // "24h" is a programme; "25:00" is a broken clock.
        return colon.then_some((What::Fault, end));
    };
    match zone(tokens, end) {
        Ok(found) => {
            let (zone, end) = found.map_or((None, end), |(zone, end)| (Some(zone), end));
            Some((What::Time(Time { of_day: time, zone, american }), end))
        }
        Err(end) => Some((What::Fault, end)),
    }
}

/// The zone right behind a time: `GMT+7`, `(UTC+07:00)`, `+0700`, `ICT`. The error is a malformed offset.
fn zone(tokens: &[Token], at: usize) -> Result<Option<(Zone, usize)>, usize> {
    let start = at + usize::from(tokens.get(at).is_some_and(|token| token.is('(')));
    let Some(first) = tokens.get(start) else { return Ok(None) };
    let closed = |end: usize| if start > at && tokens.get(end).is_some_and(|t| t.is(')')) { end + 1 } else { end };
    if let Some(word) = first.word() {
        let Some(zone) = words::zone(word) else {
            return Ok(first.is_abbreviation().then_some((Zone::Unclear, closed(start + 1))));
        };
        if zone == Zone::Offset(0)
            && let Some((zone, end)) = offset(tokens, start + 1, true)?
        {
            return Ok(Some((zone, closed(end))));
        }
        return Ok(Some((zone, closed(start + 1))));
    }
    Ok(offset(tokens, start, false)?.map(|(zone, end)| (zone, closed(end))))
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
