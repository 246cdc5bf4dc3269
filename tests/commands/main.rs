//! Every command of bantin as an admin types it: the real binary in a folder of its own, its output, its exit code,
//! and what it leaves behind. The shipped `config.toml` untouched, the demo, administration beside a running daemon.

mod beside;
mod check;
mod contained;
mod copies;
mod demo;
mod errors;
#[allow(dead_code, unused_imports, unused_macros, reason = "the pipeline's tests use the rest of it")]
#[path = "../pipeline/harness/mod.rs"]
mod harness;
mod help;
mod inspect;
mod lists;
mod made;
mod offline;
mod preview;
mod recognise;
mod redesign;
mod schema;
mod shipped;
mod site;
mod steady;
mod told;
mod transcripts;
