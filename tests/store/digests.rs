//! Digests over simulated months: a thousand readers of six cadences in five zones, through both clock changes. Every article
//! reaches every reader once, none before its time and none more than a minute after it.

use std::collections::HashMap;
use std::sync::Arc;

use bantin::app::App;
use bantin::article::Reading;
use bantin::clock::Clock;
use bantin::config::{Config, Dkim, Email, Language, OnUncertain};
use bantin::schedule::Plan;
use bantin::store::{ReaderTime, ReleaseAs, Store};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::fixture::{article, claim, prove};

const ZONES: [Tz; 5] = [
    chrono_tz::Asia::Ho_Chi_Minh,
    chrono_tz::Europe::Berlin,
    chrono_tz::America::New_York,
    // Its clock change is of half an hour, in the other half of the year.
    chrono_tz::Australia::Lord_Howe,
    chrono_tz::Africa::Casablanca,
];
/// As configured: 07:00, and Mondays at 07:00.
const USUAL: (u32, u32) = (7, 1);

/// What one reader chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Now,
    Daily(u32),
    Weekly(u32, u32),
    /// Another one every ten days.
    Fickle,
}

struct Reader {
    zone: Tz,
    wish: Wish,
}

fn wish(n: usize) -> Wish {
    match n % 6 {
        0 => Wish::Now,
        1 => Wish::Daily(USUAL.0),
        // Two o'clock is in the gap of most clock changes, and comes twice in autumn.
        2 => Wish::Daily([2, 18][n / 6 % 2]),
        3 => Wish::Weekly(USUAL.1, USUAL.0),
        // Sunday, the day of the clock changes.
        4 => Wish::Weekly(7, [2, 20][n / 6 % 2]),
        _ => Wish::Fickle,
    }
}

/// The first instant at or after a local time, by the zone's own rules, searched for by hand.
fn instant(zone: Tz, day: NaiveDate, hour: u32) -> DateTime<Utc> {
    let local = day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap());
    if let Some(at) = zone.from_local_datetime(&local).earliest() {
        return at.to_utc();
    }
    // In a gap: the first instant after it, minute by minute.
    let mut at = zone.from_local_datetime(&(local - TimeDelta::hours(3))).earliest().unwrap().to_utc();
    while at.with_timezone(&zone).naive_local() < local {
        at += TimeDelta::minutes(1);
    }
    at
}

/// The slot at which what was released at `at` has to go out.
fn due(reader: &Reader, at: DateTime<Utc>) -> DateTime<Utc> {
    let (hour, weekday) = match reader.wish {
        Wish::Daily(hour) => (hour, None),
        Wish::Weekly(day, hour) => (hour, Some(day)),
        Wish::Now | Wish::Fickle => return at,
    };
    let mut day = at.with_timezone(&reader.zone).date_naive() - TimeDelta::days(1);
    loop {
        if weekday.is_none_or(|wanted| day.weekday().number_from_monday() == wanted) {
            let slot = instant(reader.zone, day, hour);
            if slot >= at {
                return slot;
            }
        }
        day += TimeDelta::days(1);
    }
}

async fn choose(store: &Store, id: i64, section: i64, zone: Tz, wish: Wish, now_ms: i64) {
    let (cadence, hour, day) = match wish {
        Wish::Now => ("now", -1, -1),
        Wish::Daily(hour) => ("daily", if hour == USUAL.0 { -1 } else { i64::from(hour) }, -1),
        Wish::Weekly(day, hour) if (day, hour) == (USUAL.1, USUAL.0) => ("weekly", -1, -1),
        Wish::Weekly(day, hour) => ("weekly", i64::from(hour), i64::from(day)),
        Wish::Fickle => ("daily", -1, -1),
    };
    store.set_preferences(id, &[(section, cadence.to_owned())], Language::Vi, now_ms).await.unwrap();
    let time = ReaderTime { zone: zone.name().to_owned(), hour, day };
    store.set_reader_time(id, &time, now_ms).await.unwrap();
}

#[test]
fn every_article_reaches_every_reader_once_and_in_time() {
    let number = |name: &str, usual: usize| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    // Around the clock changes of spring in the north, where a short run has to begin.
    let (readers, days) = (number("BANTIN_DIGEST_READERS", 60), number("BANTIN_DIGEST_DAYS", 45) as i64);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::for_tests("https://bantin.example.vn/");
        config.timezone = ZONES[0];
        config.feeds.directory = folder.path().join("feeds");
        config.email = Some(Email {
            from: "bantin@example.vn".parse().unwrap(),
            smtp: vec![bantin::config::Relay {
                host: "127.0.0.1".into(),
                port: 9,
                tls: bantin::config::Tls::None,
                login: None,
                connections: 1,
                window: 1,
                rate: bantin::config::Rate::default(),
                weight: 1,
                timeout: std::time::Duration::from_secs(1),
            }],
            daily: Plan::parse("0 7 * * *").unwrap(),
            weekly: Plan::parse("0 7 * * 1").unwrap(),
            on_uncertain: OnUncertain::AtLeastOnce,
            dkim: Dkim::None,
            domains: Vec::new(),
            bounces: None,
            pictures: true,
            farewell: false,
        });
        let store = Store::open(&format!("sqlite:{}", folder.path().join("bantin.db").display())).await.unwrap();
        let begin: DateTime<Utc> = "2026-03-01T00:00:00Z".parse().unwrap();
        let clock = Clock::manual(begin);
        let app = App::with_store(Arc::new(config), store.clone(), clock.clone()).await.unwrap();
        store.sync_sections(&[("a".into(), vec![])], begin.timestamp_millis()).await.unwrap();
        let section = store.section_ids().await.unwrap()["a"];
        let outbox = app.outbox();
        // Before anybody subscribes, each timetable has its beginning.
        let mut all: Vec<(i64, Reader)> = Vec::new();
        for n in 0..readers {
            let reader = Reader { zone: ZONES[n / 6 % ZONES.len()], wish: wish(n) };
            let now = begin.timestamp_millis();
            let address = format!("reader{n}@example.org");
            let id = store.add_subscriber(&address, &[section], "now", Language::Vi, "test", now).await.unwrap();
            choose(&store, id, section, reader.zone, reader.wish, now).await;
            all.push((id, reader));
        }
        // The weekly timetables have one slot behind them by the time of the first article.
        let first = begin + TimeDelta::days(8);
        let (mut now, end) = (begin, begin + TimeDelta::days(days));
        let mut released: HashMap<i64, DateTime<Utc>> = HashMap::new();
        let mut had: HashMap<(i64, i64), Vec<DateTime<Utc>>> = HashMap::new();
        let (mut step, mut seed) = (0i64, 20_261_130u64);
        while now <= end {
            clock.set(now + TimeDelta::seconds(20));
            outbox.expand_due().await.unwrap();
            // Everything that is queued goes out at once; what was queued is the oracle's only witness.
            loop {
                let at = (now + TimeDelta::seconds(21)).timestamp_millis();
                let rows = claim(&store, "email", 1_000, at).await;
                if rows.is_empty() {
                    break;
                }
                let settled: Vec<_> =
                    rows.into_iter().map(|row| (row, bantin::store::Settle::Dropped("seen".to_owned()))).collect();
                for (row, _) in &settled {
                    let articles: Vec<i64> = if let Some(article) = row.article_id {
                        vec![article]
                    } else {
                        let list: serde_json::Value = serde_json::from_str(&row.payload).unwrap();
                        let list = list["articles"].as_array().unwrap().clone();
                        assert!(!list.is_empty(), "an empty digest");
                        list.iter().map(|pair| pair[0].as_i64().unwrap()).collect()
                    };
                    for article in articles {
                        had.entry((row.target_id, article)).or_default().push(bantin::clock::from_ms(row.created_at));
                    }
                }
                store.settle("me", &settled, at).await.unwrap();
            }
            // One article or none in each half hour; none in the last eight days, so that all are due by the end.
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if now >= first && now < end - TimeDelta::days(8) && (seed >> 33) % 32 == 0 {
                let at = now + TimeDelta::minutes(5);
                clock.set(at);
                let mut new = article(section, step, ReleaseAs::Out);
                new.reading = Reading { title: format!("Bài {step}"), ..Reading::default() };
                match store.commit_new(&[new], at.timestamp_millis()).await.unwrap()[0] {
                    bantin::store::Committed::New(id) | bantin::store::Committed::Known(id) => released.insert(id, at),
                };
                outbox.expand_due().await.unwrap();
            }
            if step % 480 == 479 {
                // Ten days later the fickle ones want something else.
                let turn = step / 480;
                for (n, (id, reader)) in all.iter().enumerate().filter(|(_, (_, reader))| reader.wish == Wish::Fickle) {
                    let wishes = [Wish::Weekly(3, 9), Wish::Now, Wish::Daily(12), Wish::Daily(USUAL.0)];
                    let zone = ZONES[(n / 6 + turn as usize) % ZONES.len()];
                    let wish = wishes[(n + turn as usize) % wishes.len()];
                    choose(&store, *id, section, zone, wish, clock.now_ms()).await;
                    let _ = reader;
                }
            }
            now += TimeDelta::minutes(30);
            step += 1;
        }
        assert!(released.len() > 10, "{} articles", released.len());
        let (mut wrong, mut latest) = (Vec::new(), 0);
        for (id, reader) in &all {
            for (article, &at) in &released {
                let got = had.get(&(*id, *article)).map(Vec::as_slice).unwrap_or_default();
                let [got] = got else {
                    wrong.push(format!(
                        "{:?} {}: {article} of {at} came {} times",
                        reader.wish,
                        reader.zone,
                        got.len()
                    ));
                    continue;
                };
                if reader.wish == Wish::Fickle {
                    continue;
                }
                let off = (*got - due(reader, at)).num_seconds();
                latest = latest.max(off.abs());
                if !(0..=60).contains(&off) {
                    wrong.push(format!(
                        "{:?} {}: {article} of {at} came {off} s off, at {got}",
                        reader.wish, reader.zone
                    ));
                }
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
        let note = format!("{readers} readers, {days} days, {} articles; at most {latest} s off", released.len());
        println!("{note}");
        prove(&note, "sqlite", true);
    });
}
