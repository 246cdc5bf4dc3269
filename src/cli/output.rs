//! How commands print: tables that fit, JSON, errors with their causes.

use chrono_tz::Tz;
use serde_json::Value;

use crate::clock::from_ms;

/// Prints a table with aligned columns; nothing where there are no rows but a line that says so.
pub fn table(headers: &[&str], rows: &[Vec<String>], none: &str) {
    if rows.is_empty() {
        println!("{none}");
        return;
    }
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(headers.get(column).map(|h| h.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headers.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        println!("{}", padded.join("  ").trim_end());
    };
    line(headers.to_vec());
    for row in rows {
        line(row.iter().map(String::as_str).collect());
    }
}

/// Prints one JSON value, indented.
pub fn json(value: &Value) {
    println!("{value:#}");
}

/// A stored moment in a zone, for people.
pub fn moment(ms: i64, zone: Tz) -> String {
    from_ms(ms).with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A stored moment for programs.
pub fn rfc3339(ms: i64) -> String {
    from_ms(ms).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Prints an error with its causes: on standard error, or as JSON on standard output.
pub fn error(error: &anyhow::Error, as_json: bool) {
    if error.is::<super::WrongConfig>() {
        return;
    }
    let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
    if as_json {
        json(&serde_json::json!({ "error": { "message": chain.first(), "causes": chain.get(1..) } }));
    } else {
        eprintln!("error: {}", chain.join(": "));
    }
}
