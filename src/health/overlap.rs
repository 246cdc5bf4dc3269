//! Is it still the section's list? Held against what was listed before: a list that shares hardly anything with it is
//! another one, unless news explain it.

use super::Memory;
use super::memory::share;

/// How a list stands to the one before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overlap {
    /// Articles listed.
    pub listed: u32,
    /// Of these, known to be the section's, by address or title; those of following pages too, where these were asked.
    pub known: u32,
    /// Whether every unknown one is dated, and later than the last news.
    pub all_newer: bool,
    /// Milliseconds since the last good look.
    pub gap_ms: i64,
    /// Whether the address leads somewhere else now.
    pub led_away: bool,
}

/// Articles that must have been listed before.
const ENOUGH: u32 = 5;
/// Least share of known ones, in thousandths.
const LEAST: u32 = 300;
const DAY_MS: i64 = 86_400_000;

impl Overlap {
    /// The share of the list before (or of this one, where it is shorter) that is here, in thousandths.
    pub fn share(&self, before: u32) -> u32 {
        share(self.known, before.min(self.listed)).min(1000)
    }
}

/// Whether it is another list than the section's.
pub fn other_list(memory: &Memory, overlap: &Overlap) -> bool {
    let before = memory.last.items;
    if before < ENOUGH || overlap.listed == 0 {
        return false;
    }
    // A source that turns over quickly is known to.
    let usual = if memory.looks() < 2 { 1000 } else { memory.least(|day| day.overlap) };
    let shared = overlap.share(before);
    let least = if overlap.led_away { LEAST * 2 } else { LEAST.min(usual / 2) };
    if shared >= least {
        return false;
    }
    let unknown = i64::from(overlap.listed.saturating_sub(overlap.known));
    let pace = i64::from(memory.most(|day| day.new).max(memory.pace.div_ceil(100)));
    // At least a quarter of a day: news come in bunches.
    let plausible = 3 + 3 * pace * overlap.gap_ms.max(DAY_MS / 4) / DAY_MS;
    !(overlap.all_newer && unknown <= plausible) || overlap.led_away
}
