// The entry functions: one for each parser that reads what comes from outside. They may refuse whatever they like, but
// not crash, hang or break the properties that are asserted here. Shared by the fuzz targets and by `tests/fuzz.rs`.

use bantin::article::{Candidate, canonical};
use bantin::config::{Section, load_str};
use bantin::extract::{self, date};
use bantin::fetch::{Document, Robots, Room, Validators, bound::bound_html as bounded, decode};
use bantin::schedule::Plan;
use bantin::source;
use chrono::{DateTime, Utc};
use url::Url;

/// What is done with an input.
pub type Target = fn(&[u8]);

/// Every target by its name.
pub const TARGETS: &[(&str, Target)] = &[
    ("article_html", article_html),
    ("bound_html", bound_html),
    ("canonical_url", canonical_url),
    ("charset", charset),
    ("config", config),
    ("cron", cron),
    ("date", date),
    ("feed", feed),
    ("json", json),
    ("listing_html", listing_html),
    ("robots", robots),
    ("sitemap", sitemap),
];

const ADDRESS: &str = "https://www.example.vn/tin-tuc";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_341_600, 0).unwrap_or_default()
}

fn document(media_type: &str, bytes: &[u8]) -> Document {
    Document {
        url: Section::for_tests("tin", ADDRESS).url,
        media_type: media_type.to_owned(),
        charset: None,
        bytes: bytes.to_vec(),
        validators: Validators::default(),
        date: None,
        moved: false,
        room: Room::default(),
    }
}

/// Lists it; every address that comes out is one.
fn list(media_type: &str, bytes: &[u8]) {
    let section = Section::for_tests("tin", ADDRESS);
    let context = source::Context { section: &section, now: now() };
    if let Ok(listing) = source::list(&document(media_type, bytes), context) {
        for candidate in &listing.candidates {
            assert!(!candidate.url.cannot_be_a_base(), "{}", candidate.url);
            let _ = extract::from_candidate(candidate, &extract::Context::of(&section, now()));
        }
    }
}

/// An article page: what comes out has no characters that XML forbids.
pub fn article_html(bytes: &[u8]) {
    let section = Section::for_tests("tin", ADDRESS);
    let candidate = Candidate::of(section.url.clone());
    let context = extract::Context::of(&section, now());
    if let Ok(reading) = extract::read(&document("text/html", bytes), &candidate, &context) {
        assert!(!reading.title.contains('\0'), "{:?}", reading.title);
    }
}

/// The bounding pass; what it writes anew it hands on as it is.
pub fn bound_html(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let once = bounded(&text).into_owned();
    assert!(once.len() <= 64 + 8 * text.len(), "it grows");
    let _ = bounded(&once);
}

/// Canonical addresses: cleaning twice is cleaning once, and does not change the key.
pub fn canonical_url(bytes: &[u8]) {
    let Ok(url) = String::from_utf8_lossy(bytes).parse::<Url>() else { return };
    let once = canonical::clean(&url);
    assert_eq!(canonical::clean(&once), once, "{url}");
    assert_eq!(canonical::key(&once), canonical::key(&url), "{url}");
}

/// From bytes to text, whatever the transport says.
pub fn charset(bytes: &[u8]) {
    let (label, rest) = bytes.split_at(bytes.len().min(8));
    decode(bytes, None);
    decode(rest, Some(&String::from_utf8_lossy(label)));
    decode(bytes, Some("utf-16le"));
}

/// `config.toml`: errors can be shown.
pub fn config(bytes: &[u8]) {
    if let Err(errors) = load_str(&String::from_utf8_lossy(bytes), std::path::Path::new("/x/config.toml"), &|_| None) {
        let _ = errors.to_string();
    }
}

/// Schedules: slots rise strictly.
pub fn cron(bytes: &[u8]) {
    let Ok(plan) = Plan::parse(&String::from_utf8_lossy(bytes)) else { return };
    let mut at = now();
    for _ in 0..3 {
        let next = plan.next(at, chrono_tz::Europe::Berlin).at;
        assert!(next > at, "{next} after {at}");
        at = next;
    }
}

/// Dates.
pub fn date(bytes: &[u8]) {
    let section = Section::for_tests("tin", ADDRESS);
    let options =
        date::Options { language: section.language, timezone: section.timezone, order: section.date_order, now: now() };
    let _ = date::parse(&String::from_utf8_lossy(bytes), &options);
}

/// RSS, Atom, RDF and JSON feeds.
pub fn feed(bytes: &[u8]) {
    list("application/rss+xml", bytes);
    list("", bytes);
}

/// JSON of any kind.
pub fn json(bytes: &[u8]) {
    list("application/json", bytes);
}

/// A listing page.
pub fn listing_html(bytes: &[u8]) {
    list("text/html", bytes);
}

/// robots.txt.
pub fn robots(bytes: &[u8]) {
    let rules = Robots::parse(&String::from_utf8_lossy(bytes));
    let path = String::from_utf8_lossy(bytes.get(..40).unwrap_or(bytes)).into_owned();
    for url in [ADDRESS.parse::<Url>(), ADDRESS.parse::<Url>().and_then(|url| url.join(&path))].into_iter().flatten() {
        let _ = rules.forbids(&url);
    }
    assert!(rules.delay().as_secs() <= 30);
}

/// Sitemaps, plain and packed.
pub fn sitemap(bytes: &[u8]) {
    list("application/xml", bytes);
    list("application/gzip", bytes);
}
