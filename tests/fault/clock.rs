//! Clocks that leap (libfaketime): an hour on, back, an hour back, on, a month on. Everything arrives once, and at once.

use std::path::Path;
use std::time::Duration;

use crate::harness::tally::posts;
use crate::harness::{Database, until};
use crate::report::{Report, amount};
use crate::world::World;

const SLOTS: &str = "@chat_slots";

fn library() -> Option<String> {
    let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
    let mut found = folders.iter().map(|folder| format!("{folder}/faketime/libfaketime.so.1"));
    found.find(|file| Path::new(file).exists())
}

#[tokio::test(flavor = "multi_thread")]
async fn leaps() {
    let report = Report::new("clock leaps");
    let Some(library) = library() else { return report.skipped("libfaketime is not installed") };
    let rounds = amount(0, 10);
    let mut world = World::still(Database::sqlite(), "at_least_once", |_, text| {
        // Beside the two chats one that gets its posts as a digest at fixed times, every five seconds.
        let slots = format!("\"@chat_b\", {{ chat = \"{SLOTS}\", at = \"*/5 * * * * *\", as = \"digest\" }}]");
        // A limit of our own, whose next turn is a moment of the clock.
        text.replace("\"@chat_b\"]", &slots).replace("per_chat_minute = 1000", "per_chat_minute = 600")
    })
    .await;
    let offset = world.bantin.path("offset");
    let leap = |seconds: i64| std::fs::write(&offset, format!("{seconds:+}")).expect("the clock");
    leap(0);
    let offset_file = offset.display().to_string();
    let environment = [
        ("LD_PRELOAD", library.as_str()),
        ("FAKETIME_TIMESTAMP_FILE", &offset_file),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("DONT_FAKE_MONOTONIC", "1"),
    ];
    world.begin(&environment).await;
    // The first slot of a schedule only marks its beginning.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (mut leaps, mut slowest) = (0, Duration::ZERO);
    let hour = 3_600;
    let mut all: Vec<i64> = (0..rounds).flat_map(|_| [hour, 0, -hour, 0]).collect();
    // A month at the end; a short run has an hour on and back.
    all.extend(if rounds == 0 { [hour, 0] } else { [0, 30 * 24 * hour] });
    for seconds in all {
        world.publish(2);
        world.arrived().await;
        leap(seconds);
        leaps += 1;
        world.publish(2);
        slowest = slowest.max(world.arrived().await);
        assert_eq!(world.bantin.get("/readyz").await.status(), 200);
    }
    let tally = world.tally().await;
    assert_eq!((tally.lost, tally.repeats), (0, 0));
    assert!(slowest < Duration::from_secs(20), "{slowest:?} after a leap");
    // The digests: every article in one of them, none in two.
    let wanted: Vec<usize> = (1001..1001 + world.published()).collect();
    let mut seen: Vec<usize> = until("the digests", async || {
        let journal = world.telegram.journal().await;
        let texts = journal.iter().filter(|post| post["chat"] == SLOTS).filter_map(|post| post["text"].as_str());
        let seen: Vec<usize> = texts.flat_map(numbers).collect();
        (seen.len() >= wanted.len()).then_some(seen)
    })
    .await;
    seen.sort_unstable();
    assert_eq!(seen, wanted, "each article in one digest");
    assert!(posts(&world.telegram.journal().await, "@chat_a").len() == wanted.len());
    let which = if rounds == 0 { "an hour on and back" } else { "±1 h and +30 d" };
    let slowest = slowest.as_secs_f64();
    report.done(leaps, tally, &format!("{which}; everything {slowest:.1} s after a leap at most; digests once"));
}

/// The numbers of the articles that a digest names.
fn numbers(text: &str) -> Vec<usize> {
    text.split("Bản tin số ").skip(1).filter_map(|rest| rest.get(..4)?.parse().ok()).collect()
}
