//! JSON of unknown origin into a tree whose size and depth are bounded.

use serde_json::Value;

/// Most values of one document: a tree of them stays below some tens of megabytes.
const MAX_VALUES: usize = 400_000;

/// The tree of a JSON text; what is wrong with it in words. The parser itself stops at a depth of 128.
pub fn parse(text: &str) -> Result<Value, String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    check_size(text)?;
    serde_json::from_str(text).map_err(|error| format!("the JSON cannot be read: {error}"))
}

/// The JSON value at the start of a text that goes on with something else, as in a script, and where it ends.
pub fn parse_start(text: &str) -> Result<(Value, usize), String> {
    check_size(text)?;
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    match values.next() {
        Some(Ok(value)) => Ok((value, values.byte_offset())),
        Some(Err(error)) => Err(format!("the JSON cannot be read: {error}")),
        None => Err("there is no JSON".to_owned()),
    }
}

fn check_size(text: &str) -> Result<(), String> {
    // Every value but the first stands behind a comma or a bracket.
    let values = text.bytes().filter(|b| matches!(b, b',' | b'[' | b'{')).count();
    if values > MAX_VALUES {
        return Err(format!("the JSON holds more than {MAX_VALUES} values; ask the API for fewer"));
    }
    Ok(())
}
