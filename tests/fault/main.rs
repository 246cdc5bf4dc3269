//! What befalls a daemon: it is killed, stopped, paused, its disk is full, read-only or damaged, its database and its
//! network go away, clocks leap, its configuration is torn. The real binary each time, the fakes' journals as the judge,
//! and one line a fault: how often, what was lost, what came twice, how long it took.
//!
//! `scripts/fault` runs these at their full counts (`BANTIN_FAULTS=full`); a plain run is short. What is drawn at random
//! comes from `BANTIN_SEED` (1 by default): the same seed draws the same run.

mod answers;
mod clock;
mod config;
mod damage;
mod disk;
#[allow(dead_code, unused_macros, unused_imports, reason = "the pipeline's tests use the rest of it")]
#[path = "../pipeline/harness/mod.rs"]
mod harness;
mod instances;
mod kill;
mod link;
mod network;
mod order;
mod parts;
mod report;
mod server;
mod stop;
mod world;
