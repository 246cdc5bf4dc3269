//! The few fragments of SQL that differ between the engines where one parameter holds many rows, as JSON: a statement
//! then costs a round trip a batch instead of one a row, and its text stays the same whatever their number.

use super::sql::{Pool, Tx};
use super::{Result, Store};

/// The engine of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// The numbers of a parameter that [`numbers`] made, as what stands behind `IN`.
    pub(super) fn numbers(self, place: &str) -> String {
        match self {
            Self::Sqlite => format!("(SELECT value FROM json_each({place}))"),
            Self::Postgres => {
                format!("(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST({place} AS JSON)))")
            }
        }
    }

    /// The rows `v (id, said)` of a parameter that [`said`] made.
    pub(super) fn said(self, place: &str) -> String {
        match self {
            Self::Sqlite => format!("(SELECT CAST(key AS INTEGER) AS id, value AS said FROM json_each({place})) v"),
            Self::Postgres => {
                format!(
                    "(SELECT CAST(key AS BIGINT) AS id, value AS said FROM json_each_text(CAST({place} AS JSON))) v"
                )
            }
        }
    }
}

/// Numbers as one parameter.
pub(super) fn numbers(ids: impl IntoIterator<Item = i64>) -> String {
    let mut out = String::from("[");
    for id in ids {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&id.to_string());
    }
    out.push(']');
    out
}

/// A text for each number, as one parameter.
pub(super) fn said<'a>(pairs: impl IntoIterator<Item = (i64, &'a str)>) -> Result<String> {
    let pairs: std::collections::BTreeMap<i64, &str> = pairs.into_iter().collect();
    Ok(serde_json::to_string(&pairs)?)
}

impl Tx {
    /// Which engine it is of.
    pub(super) fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }
}

impl Store {
    /// Which engine it is.
    pub(super) fn engine(&self) -> Engine {
        match &self.pool {
            Pool::Sqlite { .. } => Engine::Sqlite,
            Pool::Postgres(_) => Engine::Postgres,
        }
    }
}
