//! How well articles are read: the Vietnamese set (`tests/fixtures/vietnamese`) through the real binary, as it is and
//! changed by the mutator, held against the floor file. `scripts/articles` prints the figures.
//!
//! `BANTIN_MUTATIONS` is how many changed copies of each page are read (2; `scripts/prove articles` takes more),
//! `BANTIN_SHOW` names a figure whose misses are listed, `BANTIN_PARTS` the parts that are scored.

mod mutate;
#[allow(dead_code, reason = "the pipeline's tests use the rest of it")]
#[path = "../pipeline/harness/proof.rs"]
mod proof;
mod read;
mod score;
mod truth;

use std::collections::BTreeMap;
use std::path::Path;

use score::Scores;
use truth::Truth;

/// The lowest share of each figure, by part: `[open] "by-line" = 0.95`.
type Floor = BTreeMap<String, BTreeMap<String, f64>>;

fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/vietnamese"))
}

fn floor() -> Floor {
    let text = std::fs::read_to_string(fixtures().join("floor.toml")).expect("the floor file");
    toml::from_str(&text).expect("a table of shares for each part")
}

/// Scores a part, prints its table, and names the figures below the floor.
fn judge(part: &str, pages: &[(Truth, String)], floor: &BTreeMap<String, f64>) -> Vec<String> {
    let answers = read::all(pages);
    let mut scores = Scores::default();
    for ((truth, _), answer) in pages.iter().zip(&answers) {
        scores.add(truth, answer);
    }
    println!("== {part}: {} pages\n{}", pages.len(), scores.table());
    for (name, least) in floor {
        assert!(scores.share(name).is_some(), "the floor names {name}, which nothing measures");
        assert!((0.0..=1.0).contains(least), "{name} = {least} is no share");
    }
    let below = |(name, least): (&String, &f64)| {
        let share = scores.share(name).unwrap_or_default();
        // The file holds four digits.
        (share + 0.00005 < *least).then(|| format!("{part}: {name} is {share:.4}, the floor {least}"))
    };
    floor.iter().filter_map(below).collect()
}

#[test]
fn the_vietnamese_set_is_read_no_worse_than_its_floor() {
    let count = |name: &str, default: usize| {
        std::env::var(name).map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} is a number")))
    };
    let mutations = count("BANTIN_MUTATIONS", 2);
    let chosen = std::env::var("BANTIN_PARTS").unwrap_or_default();
    let mut sunk = Vec::new();
    let mut scored = 0;
    for (part, least) in floor() {
        if !chosen.is_empty() && !chosen.split(',').any(|name| name == part) {
            continue;
        }
        let folder = part.strip_suffix("-changed").unwrap_or(&part);
        let whole = truth::pages(&fixtures().join("pages").join(folder));
        let pages = if part.ends_with("-changed") { mutate::copies(&whole, mutations) } else { whole };
        scored += pages.len();
        sunk.extend(judge(&part, &pages, &least));
    }
    assert!(sunk.is_empty(), "{}", sunk.join("\n"));
    proof::Proof::new("the Vietnamese set is read no worse than its floor").ran(scored, "pages");
}
