//! How large a run is, what is drawn at random in it, and the line that tells of it.

use std::io::Write as _;
use std::time::Instant;

use crate::harness::proof::Proof;

/// The short count, or the full one.
pub fn amount(short: usize, full: usize) -> usize {
    if std::env::var("BANTIN_FAULTS").is_ok_and(|text| text == "full") { full } else { short }
}

/// The seed of this run.
pub fn seed() -> u64 {
    std::env::var("BANTIN_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// Numbers that only look random (splitmix64): the same ones for the same seed.
pub struct Dice(u64);

impl Dice {
    /// Dice of their own for each fault.
    pub fn new(name: &str) -> Self {
        let name = name.bytes().fold(seed(), |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        Self(name)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % end.max(1) as u64).expect("it is below a usize")
    }
}

/// What came of a fault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages that never arrived.
    pub lost: usize,
    /// Messages that arrived once more than once.
    pub repeats: usize,
}

/// A fault being tried.
pub struct Report {
    name: String,
    proof: Proof,
    begun: Instant,
}

impl Report {
    /// Begins; the name is the proof's, behind "fault: ".
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), proof: Proof::new(&format!("fault: {name}")), begun: Instant::now() }
    }

    /// It was tried so often, with this outcome. Tells it past the test runner's capture.
    pub fn done(self, cycles: usize, tally: Tally, note: &str) {
        let Tally { lost, repeats } = tally;
        let line = format!(
            "fault {}: {cycles} cycles, lost {lost}, repeats {repeats}, {:.1} s, seed {}; {note}",
            self.name,
            self.begun.elapsed().as_secs_f64(),
            seed()
        );
        let _ = writeln!(std::io::stdout(), "{line}");
        self.proof.ran(cycles, &format!("lost {lost}, repeats {repeats}; {note}"));
    }

    /// It cannot be tried here.
    pub fn skipped(self, why: &str) {
        self.proof.skipped(why);
    }
}
