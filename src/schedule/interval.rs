//! Lengths of time as people write them: `30s`, `5m`, `2h`, `1d`, `1h30m`.

use std::time::Duration;

/// Reads a length of time: whole numbers with `ms`, `s`, `m`, `h`, `d` or `w`, one or several in a row.
/// The error is a sentence without a full stop.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let wrong = || format!("\"{text}\" is not a length of time like \"30s\", \"5m\", \"2h\" or \"1d\"");
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("\"{text}\" has no unit; write \"{text}s\" for seconds or \"{text}m\" for minutes"));
    }
    let mut rest = text;
    let mut total = 0_u64;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, after) = rest.split_at_checked(digits).ok_or_else(wrong)?;
        let letters = after.find(|letter: char| letter.is_ascii_digit() || letter == ' ').unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(letters).ok_or_else(wrong)?;
        let unit_ms: u64 = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" | "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 7 * 86_400_000,
            _ => return Err(wrong()),
        };
        let number: u64 = number.parse().map_err(|_| wrong())?;
        total = number
            .checked_mul(unit_ms)
            .and_then(|ms| total.checked_add(ms))
            .filter(|&ms| ms <= LONGEST_MS)
            .ok_or_else(|| format!("\"{text}\" is longer than ten years"))?;
        rest = after.trim_start();
    }
    if text.is_empty() { Err(wrong()) } else { Ok(Duration::from_millis(total)) }
}

/// Far beyond every use, and far from the limits of the types that carry times.
const LONGEST_MS: u64 = 3_660 * 86_400_000;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_of_time() {
        for (text, seconds) in [("30s", 30), ("5m", 300), ("2h", 7200), ("1d", 86400), ("1h30m", 5400), ("1w", 604_800)]
        {
            assert_eq!(parse_duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("0"), Ok(Duration::ZERO));
        for text in ["", "m", "5", "-5m", "5 m m", "5 phút", "1.5h", "99999999999999999999d", "9999999d"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
        assert_eq!(
            parse_duration("5"),
            Err("\"5\" has no unit; write \"5s\" for seconds or \"5m\" for minutes".into())
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*|[0-9smhd ]{0,12}") {
            let _ = parse_duration(&text);
        }
    }
}
