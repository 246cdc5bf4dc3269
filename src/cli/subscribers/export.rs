//! `bantin subscribers export`: every subscriber, as CSV that `import` reads, or as one JSON object a line.

use std::io::{self, Write};

use serde_json::json;

use super::super::{DONE, output};
use crate::store::{Exported, Store};
use crate::subscriber::roster;

/// Subscribers read at a time.
const PAGE: i64 = 1_000;

pub(super) async fn run(store: &Store, state: Option<&str>, as_json: bool) -> anyhow::Result<u8> {
    let mut out = output::Quiet::new(io::BufWriter::with_capacity(1 << 16, io::stdout().lock()));
    if !as_json {
        out.write_all(&csv_line(&roster::COLUMNS)?)?;
    }
    let mut after = i64::MIN;
    loop {
        let page = store.export(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for reader in page.iter().filter(|reader| state.is_none_or(|state| state == reader.state)) {
            if as_json {
                writeln!(out, "{}", one(reader))?;
            } else {
                for cells in roster::cells(reader) {
                    out.write_all(&csv_line(&cells)?)?;
                }
            }
        }
        if out.is_closed() {
            break;
        }
    }
    out.flush()?;
    Ok(DONE)
}

fn csv_line<T: AsRef<[u8]>>(cells: &[T]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells)?;
    Ok(writer.into_inner().map_err(csv::IntoInnerError::into_error)?)
}

fn one(reader: &Exported) -> serde_json::Value {
    json!({ "id": reader.id.to_string(), "address": reader.email, "state": reader.state, "language": reader.language,
        "follows": reader.follows.iter().map(|(slug, cadence)| json!({ "section": slug, "cadence": cadence })).collect::<Vec<_>>(),
        "consent": reader.consent, "consent_at": output::rfc3339(reader.consent_at),
        "confirmed_at": reader.confirmed_at.map(output::rfc3339) })
}
