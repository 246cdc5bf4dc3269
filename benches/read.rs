//! How much one core gets through, for `docs/performance.md`: articles read, listings read, feeds rendered, dates
//! read. `cargo bench --bench read` prints one line a number; with `BANTIN_BENCH_PAGES=DIR` the pages of that folder
//! are read besides the sample site's. Nothing is asserted.
//!
//! Each loop runs for about [`SPAN`] of processor time on one thread and counts that time, not the wall's, so that
//! other work on the machine disturbs it little.

#![expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bantin::article::{Article, Candidate, Moment, Reading};
use bantin::config::{self, Config, DateOrder, HtmlRules, Language, Section};
use bantin::extract::{self, date};
use bantin::feed::{self, Head, Item};
use bantin::fetch::{Document, Validators, media_type_of};
use bantin::source;
use chrono::{DateTime, Utc};
use url::Url;

/// How long each loop runs.
const SPAN: Duration = Duration::from_secs(3);
/// Where the sample site would stand on the web.
const SITE: &str = "https://www.hagiangnam.example.vn/";

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = config::load(&root.join("config.toml"), &|_| None).expect("the shipped configuration is good");
    let now = "2026-11-23T06:00:00Z".parse().expect("a date");
    let site = root.join("sample/site");
    let (listings, articles): (Vec<_>, Vec<_>) =
        html_files(&site).into_iter().partition(|path| path.file_name().is_some_and(|name| name == "index.html"));

    let Some(section) = config.sections.values().next() else { return };
    // Without selectors: what every page needs.
    let context = extract::Context { rules: HtmlRules::default(), ..extract::Context::of(section, now) };
    let pages = documents(&site, &articles);
    let readings = read_all("articles", &pages, &context);
    if let Some(folder) = std::env::var_os("BANTIN_BENCH_PAGES") {
        let folder = PathBuf::from(folder);
        read_all("given_articles", &documents(&folder, &html_files(&folder)), &context);
    }
    list_all(&config, &site, &listings, now);
    render_all(&config, readings, now);
    dates(&config, now);
}

/// Reads every page again and again; hands on what was read.
fn read_all(name: &str, pages: &[Document], context: &extract::Context) -> Vec<(Url, Reading)> {
    let read = |page: &Document| extract::read(page, &Candidate::of(page.url.clone()), context);
    let readings: Vec<_> = pages.iter().filter_map(|page| Some((page.url.clone(), read(page).ok()?))).collect();
    let rate = rate(pages, |page| drop(black_box(read(page))));
    let failed = pages.len() - readings.len();
    let kib = pages.iter().map(|page| page.bytes.len()).sum::<usize>() as f64 / 1024.0 / pages.len().max(1) as f64;
    println!("{name}_per_cpu_second {rate:.0} ({} pages, mean {kib:.1} KiB, {failed} not read)", pages.len());
    readings
}

/// Lists the sample site's listing pages, each as the section that reads it: by recognition and by rules as shipped.
fn list_all(config: &Config, site: &Path, paths: &[PathBuf], now: DateTime<Utc>) {
    let of_path = |path: &PathBuf| {
        config.sections.values().find(|section| section.url.to_file_path().is_ok_and(|listing| listing == *path))
    };
    let pages: Vec<(Document, &Section)> = paths
        .iter()
        .filter_map(|path| Some((documents(site, std::slice::from_ref(path)).pop()?, of_path(path)?.as_ref())))
        .collect();
    let list = |page: &Document, section| source::list(page, source::Context { section, now });
    let listed: usize =
        pages.iter().filter_map(|(page, section)| list(page, section).ok()).map(|found| found.candidates.len()).sum();
    let rate = rate(&pages, |(page, section)| drop(black_box(list(page, section))));
    println!("listings_per_cpu_second {rate:.0} ({} pages, {listed} articles on them)", pages.len());
}

/// Renders the three formats of a feed of 20 articles.
fn render_all(config: &Config, readings: Vec<(Url, Reading)>, now: DateTime<Utc>) {
    let Some(section) = config.sections.values().next() else { return };
    let mut head = Head::of_section(config, section, "example.vn,2026");
    head.max_bytes = usize::MAX; // all 20, however long
    let items: Vec<Item> = readings
        .into_iter()
        .take(config.feeds.items)
        .enumerate()
        .map(|(at, (url, reading))| {
            Item::new(config, article(at as i64, url, reading, now), std::slice::from_ref(section))
        })
        .collect();
    let render = |items: &&[Item]| feed::render(&head, items, &[]);
    let bytes: usize = render(&items.as_slice()).iter().map(|(_, bytes)| bytes.len()).sum();
    let rate = rate(&[items.as_slice()], |items| drop(black_box(render(items))));
    println!(
        "feeds_per_cpu_second {:.0} ({} articles each, RSS, Atom and JSON in turn, mean {:.1} KiB)",
        rate * 3.0,
        items.len(),
        bytes as f64 / 3.0 / 1024.0
    );
    println!("feed_megabytes_per_cpu_second {:.0}", rate * bytes as f64 / 1e6);
}

/// Reads dates as sites print them.
fn dates(config: &Config, now: DateTime<Utc>) {
    const TEXTS: &[&str] = &[
        "Thứ Hai, 23/11/2026 | 08:15",
        "Ngày 8-7",
        "Đăng lúc 07:30 ngày 22/11/2026, cập nhật lúc 09:00 ngày 23/11/2026",
        "2026-11-22T07:30:00+07:00",
        "Sun, 22 Nov 2026 07:30:00 GMT",
        "November 22, 2026 at 7:30 AM",
        "3 giờ trước",
        "Lượt xem: 7370 | Gửi lúc: 22/11/2026 07:30",
    ];
    let options = date::Options { language: Language::Vi, timezone: config.timezone, order: DateOrder::Dmy, now };
    let read = TEXTS.iter().filter(|text| date::parse(text, &options).is_some()).count();
    let rate = rate(TEXTS, |text| {
        black_box(date::parse(black_box(text), &options));
    });
    println!("dates_per_cpu_second {rate:.0} ({} texts, {read} of them understood)", TEXTS.len());
}

/// A stored article as a feed takes it.
fn article(id: i64, url: Url, reading: Reading, now: DateTime<Utc>) -> Article {
    let feed_date = match reading.published.as_ref().map(|date| date.at) {
        Some(Moment::Instant(at)) => at.with_timezone(&Utc),
        _ => now,
    };
    Article {
        id,
        public_id: format!("tag:example.vn,2026:{id:016x}"),
        url: Some(url.clone()),
        source_url: url,
        reading,
        revision: 1,
        feed_date,
        updated_at: feed_date,
        first_seen: now,
        withdrawn_at: None,
    }
}

/// Files as if they had been fetched from the web.
fn documents(root: &Path, paths: &[PathBuf]) -> Vec<Document> {
    let site = Url::parse(SITE).expect("an address");
    let document = |path: &PathBuf| {
        let place = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
        Some(Document {
            url: site.join(&place).ok()?,
            media_type: media_type_of(path).to_owned(),
            charset: None,
            bytes: std::fs::read(path).ok()?,
            validators: Validators::default(),
            date: None,
            moved: false,
            room: bantin::fetch::Room::default(),
        })
    };
    paths.iter().filter_map(document).collect()
}

/// Every .html file below a folder, but the front page, in the order of the names.
fn html_files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for path in std::fs::read_dir(next).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "html") && path != folder.join("index.html")
            {
                found.insert(path.clone(), path);
            }
        }
    }
    found.into_values().collect()
}

/// How many of the things one core gets through in a second of its time.
fn rate<T>(things: &[T], mut work: impl FnMut(&T)) -> f64 {
    if things.is_empty() {
        return 0.0;
    }
    things.iter().for_each(&mut work); // warm
    let (cpu, wall, mut done) = (cpu_time(), Instant::now(), 0);
    loop {
        things.iter().for_each(&mut work);
        done += things.len();
        let spent = match (cpu, cpu_time()) {
            (Some(from), Some(to)) => to.saturating_sub(from),
            _ => wall.elapsed(),
        };
        if spent >= SPAN {
            return done as f64 / spent.as_secs_f64();
        }
    }
}

/// The processor time of this thread; `None` where the system does not tell it this way, then the wall's clock counts.
fn cpu_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
