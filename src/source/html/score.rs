//! How well listings are recognised without any selector: precision and recall of the item links on labelled pages.
//! The pages of `tests/fixtures/listings` mark their items by `data-expect` and name their address and their next
//! page in a comment; `labels.json` there holds the labels of pages that are no part of the project (hashes of the
//! addresses), read from the folder `BANTIN_LISTINGS` where it is set. `scripts/score-listings` prints all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use super::mutate;
use crate::article::canonical;
use crate::config::{HtmlRules, Section};
use crate::fetch::{Document, Validators};
use crate::source::{Context, Listing};

/// Floors of the project.
const PRECISION: f64 = 0.95;
const RECALL: f64 = 0.90;
/// Share of pages whose items proposed selectors name exactly.
const REPRODUCED: f64 = 0.80;

/// A labelled page.
pub struct Labelled {
    pub name: String,
    pub url: Url,
    pub html: Vec<u8>,
    /// Keys of the items.
    pub items: BTreeSet<String>,
    /// Keys that are neither right nor wrong.
    pub maybe: BTreeSet<String>,
    pub next: Option<Url>,
    /// Not looked at while the rules were made.
    pub held_out: bool,
}

/// What a page scored.
#[derive(Default, Clone, Copy)]
struct Score {
    right: usize,
    found: usize,
    wanted: usize,
}

impl Score {
    fn precision(self) -> f64 {
        share(self.right, self.found)
    }

    fn recall(self) -> f64 {
        share(self.right, self.wanted)
    }
}

fn share(part: usize, whole: usize) -> f64 {
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    if whole == 0 { 1.0 } else { count(part) / count(whole) }
}

fn key(url: &Url) -> String {
    canonical::key(&canonical::clean(url))
}

fn hash(key: &str) -> String {
    let digest = Sha256::digest(key);
    let mut out = String::new();
    for byte in digest.iter().take(8) {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/listings")
}

/// The pages written for the project, by name.
pub fn project() -> Vec<Labelled> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "html"));
    paths.sort();
    paths.iter().map(|path| labelled(path)).collect()
}

/// A page and the labels in it, which are taken out of what is read.
fn labelled(path: &Path) -> Labelled {
    let html = std::fs::read_to_string(path).unwrap();
    let head = html.split("<!-- url: ").nth(1).and_then(|rest| rest.split(" -->").next()).unwrap_or_default();
    let mut words = head.split(' ');
    let url: Url =
        words.next().filter(|url| !url.is_empty()).unwrap_or("https://tinh.example.vn/tin-tuc/").parse().unwrap();
    let words: Vec<&str> = words.collect();
    let next = words.iter().skip_while(|word| **word != "next:").nth(1).and_then(|next| next.parse().ok());
    let dom = dom_query::Document::from(html.as_str());
    let base =
        dom.select_single("base[href]").attr("href").map_or_else(|| url.clone(), |href| url.join(&href).unwrap());
    let mut items: BTreeSet<String> = dom
        .select("a[data-expect]")
        .nodes()
        .iter()
        .map(|link| key(&base.join(link.attr("href").unwrap().trim()).unwrap()))
        .collect();
    for noscript in &dom.select("noscript") {
        let inner = dom_query::Document::from(noscript.text().to_string());
        items.extend(inner.select("a[data-expect]").iter().map(|a| key(&base.join(&a.attr("href").unwrap()).unwrap())));
    }
    Labelled {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        url,
        html: html.replace(" data-expect", "").into_bytes(),
        items,
        maybe: BTreeSet::new(),
        next,
        held_out: words.contains(&"hold-out"),
    }
}

/// The labelled pages of a folder that is no part of the project: `html/<id>.html.gz`, `ground-truth.json`.
fn elsewhere(folder: &Path) -> Vec<Labelled> {
    let json = |path: PathBuf| -> BTreeMap<String, Value> {
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let labels = json(fixtures().join("labels.json"));
    let pages = json(folder.join("ground-truth.json"));
    let set = |value: &Value, name: &str| -> BTreeSet<String> {
        value[name].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    labels
        .iter()
        .filter(|(_, label)| label.get("items").is_some())
        .map(|(id, label)| {
            let mut html = Vec::new();
            let packed = std::fs::File::open(folder.join(format!("html/{id}.html.gz"))).unwrap();
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(packed), &mut html).unwrap();
            Labelled {
                name: id.clone(),
                url: pages[id]["url"].as_str().unwrap().parse().unwrap(),
                html,
                items: set(label, "items"),
                maybe: set(label, "maybe"),
                next: None,
                held_out: false,
            }
        })
        .collect()
}

pub fn section(url: &Url) -> Section {
    Section::for_tests("tin", url.as_str())
}

pub fn document(url: &Url, html: &[u8]) -> Document {
    Document {
        url: url.clone(),
        media_type: "text/html".to_owned(),
        charset: Some("utf-8".to_owned()),
        bytes: html.to_vec(),
        validators: Validators::default(),
        date: None,
        moved: false,
        room: crate::fetch::Room::default(),
    }
}

fn read(page: &Labelled, html: &[u8], rules: Option<HtmlRules>) -> Listing {
    let mut section = section(&page.url);
    section.html = rules.unwrap_or_default();
    let now = "2026-11-09T10:00:00Z".parse().unwrap();
    crate::source::list(&document(&page.url, html), Context { section: &section, now }).unwrap()
}

fn propose(page: &Labelled) -> Option<HtmlRules> {
    let now = "2026-11-09T10:00:00Z".parse().unwrap();
    super::propose(&document(&page.url, &page.html), Context { section: &section(&page.url), now })
}

fn keys(listing: &Listing) -> BTreeSet<String> {
    listing.candidates.iter().map(|candidate| key(&candidate.url)).collect()
}

/// Compares what was found with the labels; the keys of the latter may be hashes.
fn score(page: &Labelled, found: &BTreeSet<String>) -> (Score, Vec<String>, Vec<String>) {
    let hashed = page.items.iter().next().is_some_and(|item| !item.starts_with("url:"));
    let told = |key: &String| if hashed { hash(key) } else { key.clone() };
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    let mut score = Score { wanted: page.items.len(), ..Score::default() };
    for key in found {
        let said = told(key);
        if page.items.contains(&said) {
            score.right += 1;
            score.found += 1;
        } else if !page.maybe.contains(&said) {
            score.found += 1;
            wrong.push(key.clone());
        }
        seen.insert(said);
    }
    (score, wrong, page.items.difference(&seen).cloned().collect())
}

fn add(total: &mut Score, one: Score) {
    total.right += one.right;
    total.found += one.found;
    total.wanted += one.wanted;
}

/// Scores pages, prints a line for each and the totals; returns the mean precision and recall over the pages and
/// the share of them whose items proposed selectors name.
fn table(title: &str, pages: &[Labelled]) -> (f64, f64, f64) {
    let loud = std::env::var_os("BANTIN_WHY").is_some();
    println!("{title}");
    println!(
        "{:<28} {:>6} {:>6} {:>6} {:>5} {:>5}  {:<5} rules",
        "page", "items", "prec", "recall", "conf", "next", "same"
    );
    let (mut total, mut precision, mut recall, mut same, mut nexts) = (Score::default(), 0.0, 0.0, 0usize, 0usize);
    for page in pages {
        let listing = read(page, &page.html, None);
        let found = keys(&listing);
        let (score, wrong, missed) = score(page, &found);
        add(&mut total, score);
        precision += score.precision();
        recall += score.recall();
        let rules = propose(page);
        let again = rules.clone().map(|rules| keys(&read(page, &page.html, Some(rules))));
        let reproduced = again.as_ref() == Some(&found) && !found.is_empty();
        same += usize::from(reproduced);
        let next = listing.next == page.next;
        nexts += usize::from(next);
        println!(
            "{:<28} {:>6} {:>6.3} {:>6.3} {:>5.2} {:>5}  {:<5} {}",
            page.name,
            score.wanted,
            score.precision(),
            score.recall(),
            listing.confidence,
            if next { "yes" } else { "no" },
            if reproduced { "yes" } else { "no" },
            rules.as_ref().map_or_else(String::new, shown),
        );
        if loud && (!wrong.is_empty() || !missed.is_empty() || !reproduced || !next) {
            for key in &wrong {
                println!("    wrong  {key}");
            }
            for key in &missed {
                println!("    missed {key}");
            }
            println!("    next {:?}, wanted {:?}", listing.next.map(String::from), page.next.as_ref().map(Url::as_str));
            for why in &listing.why {
                println!("    why    {why}");
            }
        }
    }
    let pages_count = pages.len().max(1);
    let mean = |sum: f64| sum / f64::from(u32::try_from(pages_count).unwrap());
    println!(
        "{} pages: mean precision {:.3}, mean recall {:.3}; over all links precision {:.3}, recall {:.3}; \
         proposed selectors name the same items on {:.0} %; next page right on {nexts} of {}",
        pages.len(),
        mean(precision),
        mean(recall),
        total.precision(),
        total.recall(),
        share(same, pages_count) * 100.0,
        pages.len(),
    );
    (mean(precision).min(total.precision()), mean(recall).min(total.recall()), share(same, pages_count))
}

fn shown(rules: &HtmlRules) -> String {
    [
        ("item", &rules.item),
        ("title", &rules.title),
        ("date", &rules.date),
        ("lead", &rules.lead),
        ("image", &rules.image),
    ]
    .iter()
    .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name}={value:?}")))
    .collect::<Vec<_>>()
    .join(" ")
}

#[test]
fn the_pages_of_the_project_are_recognised() {
    let mut pages = project();
    assert!(pages.len() >= 40, "{} labelled pages", pages.len());
    assert!(pages.iter().all(|page| !page.items.is_empty()));
    if std::env::var_os("BANTIN_TUNING").is_some() {
        pages.retain(|page| !page.held_out);
    }
    let (held, open): (Vec<Labelled>, Vec<Labelled>) = pages.into_iter().partition(|page| page.held_out);
    for (title, pages) in [("pages the rules were made with", open), ("pages held out", held)] {
        if pages.is_empty() {
            continue;
        }
        let (precision, recall, same) = table(title, &pages);
        assert!(precision >= PRECISION && recall >= RECALL, "{title}: precision {precision:.3}, recall {recall:.3}");
        assert!(same >= REPRODUCED, "{title}: proposed selectors name the same items on {:.0} %", same * 100.0);
    }
}

#[test]
fn labelled_pages_elsewhere_are_recognised() {
    let Some(folder) = std::env::var_os("BANTIN_LISTINGS") else { return };
    let pages = elsewhere(Path::new(&folder));
    let (precision, recall, _) = table("pages elsewhere", &pages);
    assert!(precision >= PRECISION && recall >= RECALL, "precision {precision:.3}, recall {recall:.3}");
}

#[test]
fn renamed_wrapped_and_reordered_pages_are_recognised() {
    let seeds: u64 = std::env::var("BANTIN_LISTING_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(2);
    let mut pages = project();
    if std::env::var_os("BANTIN_TUNING").is_some() {
        pages.retain(|page| !page.held_out);
    }
    for way in mutate::WAYS {
        let (mut total, mut bad) = (Score::default(), Vec::new());
        for page in &pages {
            for seed in 0..seeds {
                let html = mutate::page(&String::from_utf8_lossy(&page.html), *way, seed);
                let listing = read(page, html.as_bytes(), None);
                let (score, wrong, missed) = score(page, &keys(&listing));
                if !wrong.is_empty() || !missed.is_empty() {
                    if std::env::var_os("BANTIN_WHY").is_some() && seed == 0 {
                        println!("  {way:?} {}", page.name);
                        for line in listing.why.iter().take(12) {
                            println!("      why    {line}");
                        }
                    }
                    bad.push(format!("{} (seed {seed}): {} wrong, {} missed", page.name, wrong.len(), missed.len()));
                }
                add(&mut total, score);
            }
        }
        println!("{way:?}: precision {:.3}, recall {:.3}", total.precision(), total.recall());
        for line in &bad {
            println!("    {line}");
        }
        assert!(total.precision() >= mutate::FLOOR && total.recall() >= mutate::FLOOR, "{way:?}: {bad:#?}");
    }
}
