//! Is a section's source well? Pure: what one look saw ([`Run`]), what is usual for the section ([`Memory`]), what is
//! not as usual ([`judge`], [`signals`](Signal)), and what becomes of it over several looks ([`note`]): a finding is
//! told when two looks in a row saw it, once, and once more when two looks in a row were well again. Nothing here
//! reads a clock, a page or the store; `app::health` does.

mod code;
mod course;
mod failure;
mod garbled;
mod judge;
mod memory;
mod overlap;
mod run;

pub use self::code::Code;
pub use self::course::{Event, Evidence, Finding, note};
pub use self::failure::{empty, status};
pub use self::judge::{DATE, PICTURE, Signal, TEXT, judge, judge_articles, stale};
pub use self::memory::{Day, Memory};
pub use self::overlap::{Overlap, other_list};
pub use self::run::Run;

#[cfg(test)]
mod tests;
