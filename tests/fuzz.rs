//! The fuzz targets without a fuzzer: every file of their corpora, and mutations of it, through the same functions.
//! `BANTIN_FUZZ` says how many of each file; the seed of a failure is printed and can be given back as
//! `BANTIN_SEED`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

#[path = "../fuzz/targets.rs"]
mod targets;

#[allow(dead_code, reason = "the ledger's other half is for other tests")]
#[path = "pipeline/harness/proof.rs"]
mod proof;

/// A small generator of numbers (xorshift), so that a seed is all there is to repeat a run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or(0)
    }
}

/// What parsers stumble over.
const PIECES: &[&[u8]] = &[
    b"<",
    b">",
    b"&",
    b"\"",
    b"'",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"&#xD800;",
    b"&amp;",
    b"<!--",
    b"-->",
    b"]]>",
    b"<![CDATA[",
    b"<!DOCTYPE x [",
    b"<b>",
    b"</p>",
    b"<table>",
    b"<svg>",
    b"<script>",
    b"{",
    b"[",
    b"]",
    b"}",
    b"\\u",
    b"\\ud83d",
    b"%",
    b"%zz",
    b"*",
    b"$",
    b"\r",
    b"\n",
    b"\t",
    b"/",
    b"//",
    b":",
    b"@",
    b"#",
    b"?",
    b"-",
    b"0",
    b"1",
    b"31",
    b"99999999999999999999",
    b"-1",
    b"2026",
    b"24:60",
    b"T",
    b"Z",
    b"+07",
    b"+99:99",
    b"ng\xc3\xa0y",
    b"gi\xe1\xbb\x9d tr\xc6\xb0\xe1\xbb\x9bc",
    b"CN",
    b"\xcc\x81",
    b"\xe2\x80\xae",
    b"\xf0\x9f\x98\x80",
];

fn mutate(seed: &[u8], others: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(8) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(32)).min(bytes.len());
        match dice.below(8) {
            0 => drop(bytes.drain(at..end)),
            1 => {
                let piece = PIECES[dice.below(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            2 => {
                let piece = PIECES[dice.below(PIECES.len())];
                bytes.splice(at..end, piece.iter().copied());
            }
            3 => {
                let part = bytes[at..end].repeat(1 + dice.below(40));
                bytes.splice(at..at, part);
            }
            4 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
            5 => bytes.truncate(at),
            6 => {
                let other = &others[dice.below(others.len())];
                let from = dice.below(other.len() + 1);
                let to = (from + dice.below(200)).min(other.len());
                bytes.splice(at..at, other[from..to].iter().copied());
            }
            _ => {
                let piece = PIECES[dice.below(PIECES.len())].repeat(1 + dice.below(300));
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).expect("its corpus").map(|file| file.expect("a file").path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).expect("a file")).collect()
}

#[test]
fn corpora_and_mutations_break_nothing() {
    let mutations = number("BANTIN_FUZZ", 40);
    let wanted = std::env::var("BANTIN_TARGET").ok();
    let (mut count, mut slowest, mut wrong) = (0, (Duration::ZERO, ""), Vec::new());
    for (name, target) in targets::TARGETS {
        if wanted.as_ref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        let files = corpus(name);
        assert!(!files.is_empty(), "{name} has no corpus");
        let mut dice = Dice(number("BANTIN_SEED", 20_261_125) | 1);
        for file in &files {
            for round in 0..=mutations {
                let input = if round == 0 { file.clone() } else { mutate(file, &files, &mut dice) };
                let began = Instant::now();
                let outcome = catch_unwind(AssertUnwindSafe(|| target(&input)));
                let took = began.elapsed();
                count += 1;
                if took > slowest.0 {
                    slowest = (took, *name);
                }
                if outcome.is_err() || took > Duration::from_secs(30) {
                    let path = std::env::temp_dir().join(format!("bantin-fuzz-{name}-{round}"));
                    let _ = std::fs::write(&path, &input);
                    wrong.push(format!("{name} after {took:?}: {}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} inputs broke something, kept as files:\n{}", wrong.len(), wrong.join("\n"));
    let note = format!(
        "inputs through {} targets; slowest {} ms ({})",
        targets::TARGETS.len(),
        slowest.0.as_millis(),
        slowest.1
    );
    proof::Proof::new("fuzz: corpora and mutations").ran(count, &note);
}
