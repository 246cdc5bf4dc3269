//! The figures: for each, how many answers are right of how many.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::truth::Truth;

/// Sums by figure.
#[derive(Debug, Default)]
pub struct Scores {
    figures: BTreeMap<&'static str, (f64, usize)>,
    misses: Vec<String>,
}

impl Scores {
    /// One answer.
    pub fn add(&mut self, truth: &Truth, answer: &Value) {
        let line = |key: &str| answer[key].as_str().map(one_line);
        let text = answer["text"].as_str().unwrap_or_default();
        let shown = shown(answer);

        let leak = truth.related.iter().find(|other| shown.contains(&one_line(other)));
        self.yes("no related article", leak.is_none(), truth, || format!("{leak:?}"));
        let site = truth.boilerplate.iter().find(|other| shown.contains(&one_line(other)));
        self.yes("no text of the site", site.is_none(), truth, || format!("{site:?}"));
        let same = |found: &Option<String>, right: Option<&str>| *found == right.map(one_line);
        for (name, right) in [("title", Some(truth.title.as_str())), ("lead", truth.lead.as_deref())] {
            let found = line(name);
            self.yes(if name == "title" { "title" } else { "lead" }, same(&found, right), truth, || {
                format!("{found:?}, not {right:?}")
            });
        }
        let (found, right) = (names(answer["byline"].as_str()), names(truth.byline.as_deref()));
        self.yes("by-line", found == right, truth, || format!("{found:?}, not {right:?}"));
        let (found, right) = (answer["published"].as_str(), truth.published.as_deref());
        self.yes("date", found == right, truth, || format!("{found:?}, not {right:?}"));
        self.yes("no wrong date", found.is_none() || day(found) == day(right), truth, || {
            format!("{found:?}, not {right:?}")
        });
        // `vi-VN` is Vietnamese too.
        let language = answer["language"].as_str().and_then(|tag| tag.split('-').next());
        self.yes("language", language == Some(truth.language.as_str()), truth, || format!("{language:?}"));
        if truth.section.is_some() {
            let found = line("section");
            self.yes("section", same(&found, truth.section.as_deref()), truth, || {
                format!("{found:?}, not {:?}", truth.section)
            });
        }
        let found = list(&answer["tags"], None);
        self.yes("tags", found == truth.tags, truth, || format!("{found:?}, not {:?}", truth.tags));
        self.text(truth, answer, text);
        self.pictures(truth, answer);
        let mut found = list(&answer["attachments"], Some("url"));
        let mut right: Vec<String> = truth.attachments.iter().map(|file| file.url.clone()).collect();
        found.sort();
        right.sort();
        right.dedup();
        self.yes("attachments", found == right, truth, || format!("{found:?}, not {right:?}"));
        if let Some(document) = &truth.document {
            let fields = [("number", &document.number), ("date", &document.date), ("issuer", &document.issuer)];
            let found = &answer["document"];
            let right = fields.iter().all(|(key, right)| found[*key].as_str().map(one_line) == Some(one_line(right)));
            self.yes("document's fields", right, truth, || format!("{found}"));
        }
    }

    /// Words of lead and text together: layouts differ in which of the two the first paragraph belongs to.
    fn text(&mut self, truth: &Truth, answer: &Value, text: &str) {
        if truth.document.is_some() {
            // The table of its fields is as much its text as the abstract is.
            let all = one_line(&truth.paragraphs.join(" "));
            self.yes("abstract of a document", one_line(text).contains(&all), truth, || text.to_owned());
            return;
        }
        let with_lead = |lead: Option<&str>, text: &str| {
            let lead = lead.map(one_line).filter(|lead| !one_line(text).contains(lead.as_str()));
            format!("{} {text}", lead.unwrap_or_default())
        };
        let found = words(&with_lead(answer["lead"].as_str(), text));
        let right = words(&with_lead(truth.lead.as_deref(), &truth.paragraphs.join("\n")));
        let common: usize = right.iter().map(|(word, n)| found.get(word).copied().unwrap_or(0).min(*n)).sum();
        let total = found.values().sum::<usize>() + right.values().sum::<usize>();
        #[expect(clippy::cast_precision_loss, reason = "counts of words")]
        let f1 = if total == 0 { 0.0 } else { 2.0 * common as f64 / total as f64 };
        self.part("words F1", f1, truth, || {
            let extra: Vec<_> = found.iter().filter(|(w, n)| right.get(*w).copied().unwrap_or(0) < **n).collect();
            let lost: Vec<_> = right.iter().filter(|(w, n)| found.get(*w).copied().unwrap_or(0) < **n).collect();
            format!("{f1:.3} extra {extra:?} lost {lost:?}")
        });
    }

    fn pictures(&mut self, truth: &Truth, answer: &Value) {
        let image = answer["image"].as_str().map(str::to_owned);
        let right = image.as_ref().map_or(truth.image.is_empty(), |url| truth.image.contains(url));
        self.yes("lead picture", right, truth, || format!("{image:?}, not {:?}", truth.image));
        let empty = Vec::new();
        let found = answer["images"].as_array().unwrap_or(&empty);
        let url = |picture: &Value| picture["url"].as_str().unwrap_or_default().to_owned();
        for wanted in &truth.pictures {
            let same = found.iter().find(|picture| wanted.urls.contains(&url(picture)));
            self.yes("pictures found", same.is_some(), truth, || format!("lost {:?}", wanted.urls));
            let caption = same.and_then(|picture| picture["caption"].as_str()).map(one_line);
            let right = wanted.caption.as_deref().map(one_line);
            let name = if right.is_some() { "captions paired" } else { "no invented caption" };
            self.yes(name, same.is_some() && caption == right, truth, || format!("{caption:?}, not {right:?}"));
        }
        for picture in found {
            let known = truth.pictures.iter().any(|wanted| wanted.urls.contains(&url(picture)));
            self.yes("no foreign picture", known, truth, || url(picture));
        }
    }

    fn yes(&mut self, name: &'static str, right: bool, truth: &Truth, miss: impl FnOnce() -> String) {
        self.part(name, if right { 1.0 } else { 0.0 }, truth, miss);
    }

    fn part(&mut self, name: &'static str, share: f64, truth: &Truth, miss: impl FnOnce() -> String) {
        let (sum, count) = self.figures.entry(name).or_default();
        *sum += share;
        *count += 1;
        let wanted = std::env::var("BANTIN_SHOW").is_ok_and(|show| show.split(',').any(|one| one == name));
        if wanted && share < 0.995 {
            self.misses.push(format!("   {name} · {}: {}", truth.name, miss()));
        }
    }

    /// The share of a figure that is right.
    pub fn share(&self, name: &str) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "counts of pages")]
        self.figures.get(name).map(|(sum, count)| sum / *count as f64)
    }

    /// A line for each figure, and the misses that were asked for.
    pub fn table(&self) -> String {
        let mut out = String::new();
        for (name, (sum, count)) in &self.figures {
            let _ = writeln!(out, "{name:<24} {:>7.4}  {sum:.0}/{count}", self.share(name).unwrap_or_default());
        }
        out + &self.misses.join("\n")
    }
}

/// Everything that a reader is shown, on one line.
fn shown(answer: &Value) -> String {
    let mut all: Vec<&str> =
        ["title", "lead", "byline", "text"].iter().filter_map(|key| answer[*key].as_str()).collect();
    all.extend(answer["images"].as_array().into_iter().flatten().filter_map(|picture| picture["caption"].as_str()));
    one_line(&all.join("\n"))
}

/// NFC in lower case, white space as one space.
fn one_line(text: &str) -> String {
    let text: String = text.nfc().collect::<String>().to_lowercase().replace('\u{200b}', "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The names of a by-line, in any order and however they are joined.
fn names(line: Option<&str>) -> Vec<String> {
    let line = one_line(line.unwrap_or_default()).replace(" và ", ",").replace(" and ", ",").replace(" - ", ",");
    let mut all: Vec<String> = line.split([',', ';', '&', '–']).map(|name| name.trim().to_owned()).collect();
    all.retain(|name| !name.is_empty());
    all.sort();
    all
}

fn day(date: Option<&str>) -> Option<&str> {
    date.and_then(|date| date.get(..10))
}

fn list(value: &Value, key: Option<&str>) -> Vec<String> {
    let one = |item: &Value| key.map_or(item, |key| &item[key]).as_str().unwrap_or_default().to_owned();
    value.as_array().map(|all| all.iter().map(one).collect()).unwrap_or_default()
}

fn words(text: &str) -> HashMap<String, usize> {
    let mut out = HashMap::new();
    for word in one_line(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        *out.entry(word.to_owned()).or_default() += 1;
    }
    out
}
