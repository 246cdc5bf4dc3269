//! JSON of unknown origin into a tree whose size and depth are bounded: a tree takes up to a hundred times the bytes of
//! its text.

use serde_json::Value;

/// Most weight of one document: a tree of it stays below some tens of megabytes. A value weighs one, a list two, an
/// object eight, as their trees do.
pub const MAX_WEIGHT: usize = 200_000;

/// The tree of a JSON text; what is wrong with it in words. The parser itself stops at a depth of 128.
pub fn json(text: &str) -> Result<Value, String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if light(text).len() < text.len() {
        return Err(format!("the JSON holds too many values, some {MAX_WEIGHT}; ask the API for fewer"));
    }
    serde_json::from_str(text).map_err(|error| format!("the JSON cannot be read: {error}"))
}

/// The JSON value at the start of a text that goes on with something else, as in a script, and where it ends.
pub fn json_start(text: &str) -> Result<(Value, usize), String> {
    let mut values = serde_json::Deserializer::from_str(light(text)).into_iter::<Value>();
    match values.next() {
        Some(Ok(value)) => Ok((value, values.byte_offset())),
        Some(Err(error)) => Err(format!("the JSON cannot be read: {error}")),
        None => Err("there is no JSON".to_owned()),
    }
}

/// The beginning of a JSON text that is within the weight: all of it, where it is ordinary.
pub fn light(text: &str) -> &str {
    let mut all = 0;
    let end = text.bytes().position(|b| {
        all += weighs(b);
        all > MAX_WEIGHT
    });
    // It stands at an ASCII character.
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// What the tree of a text weighs at most.
pub fn weight(text: &str) -> usize {
    text.bytes().map(weighs).sum()
}

/// What stands behind a character: every value but the first stands behind a comma or a bracket.
fn weighs(byte: u8) -> usize {
    match byte {
        b',' => 1,
        b'[' => 2,
        b'{' => 8,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_too_large_a_tree_is_refused_and_its_beginning_may_be_read() {
        assert!(json(&format!("[{}0]", "0,".repeat(MAX_WEIGHT / 2))).is_ok());
        for (unit, end) in [("0,", "0]"), ("[],", "0]"), ("{},", "0]")] {
            let text = format!("[{}{end}", unit.repeat(MAX_WEIGHT));
            assert!(json(&text).is_err(), "{unit}");
            assert!(json_start(&text).is_err(), "{unit}");
        }
        let script = format!("{{\"a\":[1,2]}};{}", "f(a,b);".repeat(MAX_WEIGHT));
        assert_eq!(json_start(&script).map(|(_, length)| length), Ok(11));
    }
}
