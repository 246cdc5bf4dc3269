//! The health of sources, on a simulated site and a clock moved by hand: every redesign is told within two looks, once,
//! and once more when it is well; quiet days raise no alarm; nothing old is ever let out.
//!
//! `BANTIN_SEEDS` says how many random sites are simulated (3 by default).

mod healthy;
mod quiet;
mod redesigns;
mod render;
mod site;
mod versions;
mod world;

#[path = "../pipeline/harness/database.rs"]
mod database;
#[allow(dead_code, reason = "the pipeline's tests use the rest of it")]
#[path = "../pipeline/harness/proof.rs"]
mod proof;

/// How many random sites are simulated.
fn seeds() -> u64 {
    std::env::var("BANTIN_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3)
}
