//! What bantin knows, in SQLite or PostgreSQL: one SQL text for both, one migration set, portable types.
//! One file per table family; every query stands once.

/// The open store.
#[derive(Debug, Clone)]
pub struct Store {
    _todo: (),
}
