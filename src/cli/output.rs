//! How commands print: results on standard output ([`say`]), everything else on standard error ([`note`]), as
//! tables that fit, as JSON, and errors with their causes. A reader that has seen enough (`| head -1`) is no error.

use std::fmt::{Arguments, Write as _};
use std::io::{self, ErrorKind, Write as _};
use std::sync::OnceLock;

use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::clock::from_ms;
use crate::config;

/// Prints a line of the result.
macro_rules! say {
    ($($piece:tt)*) => { $crate::cli::output::line(format_args!($($piece)*)) };
}

/// Prints a line that is not the result.
macro_rules! note {
    ($($piece:tt)*) => { $crate::cli::output::aside(format_args!($($piece)*)) };
}

pub(super) use {note, say};

/// No column of a table is made narrower than this.
const NARROWEST: usize = 8;

/// Why a part of the result could not be written.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// A line on standard output; what [`say`] stands for.
pub(super) fn line(text: Arguments) {
    if let Err(error) = writeln!(io::stdout().lock(), "{text}")
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = LOST.set(error);
    }
}

/// A line on standard error; what [`note`] stands for. Where nobody reads it, nobody can be told.
pub(super) fn aside(text: Arguments) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// A line on a terminal's standard error that the next one is written over.
pub(super) fn over(text: Arguments) {
    let _ = write!(io::stderr().lock(), "\r{text}");
}

/// Writes a long result; a reader that has seen enough is no error, and ends it.
pub(super) struct Quiet<W> {
    inner: W,
    closed: bool,
}

impl<W: io::Write> Quiet<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, closed: false }
    }

    /// Whether nobody reads on.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    fn judge<T>(&mut self, outcome: io::Result<T>, instead: T) -> io::Result<T> {
        match outcome {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(instead)
            }
            other => other,
        }
    }
}

impl<W: io::Write> io::Write for Quiet<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let outcome = self.inner.write(bytes);
        self.judge(outcome, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let outcome = self.inner.flush();
        self.judge(outcome, ())
    }
}

/// Why the result is not whole, if a part of it could not be written.
pub(super) fn lost() -> Option<&'static io::Error> {
    LOST.get()
}

/// Whether colours may be used there: on a terminal, unless `NO_COLOR` asks for none.
pub(super) fn coloured(stream: &impl io::IsTerminal) -> bool {
    stream.is_terminal() && config::environment("NO_COLOR").is_none()
}

/// Prints a table with aligned columns; nothing where there are no rows but a line that says so.
pub(super) fn table(headers: &[&str], rows: &[Vec<String>], none: &str) {
    if rows.is_empty() {
        say!("{none}");
        return;
    }
    say!("{}", aligned(headers, rows, room()).trim_end());
}

/// How many letters a line of a table may have: on a terminal as many as it is wide; elsewhere nothing is cut.
fn room() -> Option<usize> {
    let width = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    width.filter(|&width| width > 0)
}

/// Makes the widest columns narrower until all of them, two spaces apart, have room.
fn fit(widths: &mut [usize], room: usize) {
    let gaps = 2 * widths.len().saturating_sub(1);
    loop {
        let too_much = (widths.iter().sum::<usize>() + gaps).saturating_sub(room);
        let widest = widths.iter().copied().max().unwrap_or(0);
        if too_much == 0 || widest <= NARROWEST {
            return;
        }
        let next = widths.iter().copied().filter(|&width| width < widest).max().unwrap_or(0).max(NARROWEST);
        let count = widths.iter().filter(|&&width| width == widest).count();
        let less = too_much.div_ceil(count).min(widest - next).max(1);
        widths.iter_mut().filter(|width| **width == widest).for_each(|width| *width -= less);
    }
}

/// A cell of at most so many letters.
fn cut(cell: &str, width: usize) -> std::borrow::Cow<'_, str> {
    if cell.chars().count() <= width {
        return cell.into();
    }
    let kept: String = cell.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end()).into()
}

/// The rows below their headers. Numbers stand right-aligned under theirs.
fn aligned(headers: &[&str], rows: &[Vec<String>], room: Option<usize>) -> String {
    let cells = |column: usize| rows.iter().filter_map(move |row| row.get(column));
    let width = |column: usize, header: &str| {
        cells(column).map(|cell| cell.chars().count()).chain([header.chars().count()]).max().unwrap_or(0)
    };
    let counts = |column: usize| cells(column).all(|cell| cell.len() < 10 && cell.parse::<i64>().is_ok());
    let mut widths: Vec<usize> = headers.iter().enumerate().map(|(n, header)| width(n, header)).collect();
    if let Some(room) = room {
        fit(&mut widths, room);
    }
    let columns: Vec<_> = widths.into_iter().enumerate().map(|(n, width)| (width, counts(n))).collect();
    let mut text = String::new();
    let mut add = |cells: Vec<&str>| {
        let mut line = String::new();
        for (cell, &(width, right)) in cells.iter().zip(&columns) {
            let cell = cut(cell, width);
            // Writing to a String does not fail.
            let _ = if right { write!(line, "{cell:>width$}  ") } else { write!(line, "{cell:width$}  ") };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    };
    add(headers.to_vec());
    for row in rows {
        add(row.iter().map(String::as_str).collect());
    }
    text
}

/// Prints one JSON value, indented.
pub(super) fn json(value: &Value) {
    say!("{value:#}");
}

/// A stored moment in a zone, for people.
pub(super) fn moment(ms: i64, zone: Tz) -> String {
    from_ms(ms).with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A stored moment for programs.
pub(super) fn rfc3339(ms: i64) -> String {
    from_ms(ms).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// A size for people: "12.3 MB".
pub(super) fn bytes(count: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", count / unit, count % unit / (unit / 10));
    match count {
        0..1_000 => format!("{count} bytes"),
        1_000..1_000_000 => format!("{} kB", tenths(1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", tenths(1_000_000)),
        _ => format!("{} GB", tenths(1_000_000_000)),
    }
}

/// `1 article`, `2 articles`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// Prints an error with its causes: on standard error, or as JSON on standard output.
pub(super) fn error(error: &anyhow::Error, as_json: bool) {
    if error.is::<super::WrongConfig>() {
        return;
    }
    let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
    if as_json {
        json(&json!({ "error": { "message": chain.first(), "causes": chain.get(1..) } }));
    } else {
        note!("error: {}", chain.join(": "));
    }
}

/// Prints why the arguments are not understood: as clap draws it, or as JSON.
pub(super) fn usage(error: &clap::Error, as_json: bool) {
    if !as_json {
        let _ = error.print();
        return;
    }
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n").map(str::trim);
    let message = paragraphs.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let causes: Vec<&str> = paragraphs.filter(|text| text.starts_with("tip:")).collect();
    json(&json!({ "error": { "message": message, "causes": causes } }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_by_characters_and_counts_stand_right() {
        let rows = [["tin-tuc", "Tin tức - Sự kiện", "9"], ["news", "News", "118"]];
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
        let text = aligned(&["SLUG", "NAME", "ARTICLES"], &rows, None);
        assert_eq!(
            text,
            "SLUG     NAME               ARTICLES\n\
             tin-tuc  Tin tức - Sự kiện         9\n\
             news     News                    118\n"
        );
    }

    #[test]
    fn a_table_fits_its_terminal() {
        let row =
            ["tin-tuc", "Tin tức - Sự kiện trong tỉnh và trong nước", "https://www.example.vn/tin-tuc/trong-tinh"];
        let rows = vec![row.iter().map(ToString::to_string).collect::<Vec<_>>()];
        let headers = ["SLUG", "NAME", "SOURCE"];
        for room in [20, 40, 60, 80] {
            let text = aligned(&headers, &rows, Some(room));
            let width = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(width <= room.max(3 * NARROWEST + 4), "{room}: {width}\n{text}");
        }
        assert_eq!(
            aligned(&headers, &rows, Some(60)),
            "SLUG     NAME                      SOURCE\n\
             tin-tuc  Tin tức - Sự kiện trong…  https://www.example.vn/…\n"
        );
        assert_eq!(aligned(&headers, &rows, Some(200)), aligned(&headers, &rows, None), "nothing is cut that fits");
    }
}
