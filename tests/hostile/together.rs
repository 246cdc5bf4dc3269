//! All hostile things at once, beside healthy sections: these are never late, and the memory stays bounded.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::alone::{head, section};
use super::harness::config::free_port;
use super::harness::proof::Proof;
use super::harness::{Article, Bantin, Site, until};
use super::server::{canary, serve};
use super::{cases, full, measure, scale};

/// Articles published in the healthy section, one after the other.
const ARTICLES: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn healthy_sections_stay_on_time() {
    let (canary, touched) = canary().await;
    let site = Site::with("well", 1).await;
    let port = free_port();
    let healthy = section("well", &site.listing("well"), "1s");
    let mut bantin = Bantin::empty(port);
    bantin.configure(&(head(port, "allow_private = true") + &healthy));
    bantin.start().await;
    let alone = delays(&bantin, &site, 2).await;
    bantin.terminate().await;

    // A debug build is as slow as ten of them together: it gets a part of them.
    let share = if cfg!(debug_assertions) && !full() { 16 } else { 1 };
    let mut config = head(port, "allow_private = true") + &healthy;
    let mut count = 0;
    for (number, case) in cases(&canary).into_iter().enumerate().step_by(share) {
        let url = serve(case.answer).await;
        count += 1;
        config += &section(&format!("listing-{number}"), &format!("{url}/listing"), "10s");
        config += case.keys;
        if case.article {
            config += &section(&format!("article-{number}"), &format!("{url}/well"), "10s");
        }
    }
    bantin.configure(&config);
    bantin.start().await;
    let pid = bantin.pid();
    let beside = delays(&bantin, &site, 2 + ARTICLES).await;
    let peak = measure::peak_of(pid);
    let log = bantin.log();
    bantin.terminate().await;
    assert!(!log.contains("panicked"), "{log}");
    assert_eq!(touched.load(Ordering::SeqCst), 0, "the canary was touched");
    let later = beside.saturating_sub(alone);
    // What is promised is promised of a release build on a machine with nothing else to do.
    if !cfg!(debug_assertions) || full() {
        assert!(later <= Duration::from_secs(1), "{later:?} later than alone");
        assert!(peak <= 256 * 1024, "{peak} KiB at a time; {later:?} later than alone");
    }
    let note = format!(
        "at 1/{} of their size: an article came {:.2} s after its publication at the latest, {:.2} s alone; most {} MiB",
        scale(),
        beside.as_secs_f64(),
        alone.as_secs_f64(),
        peak / 1024
    );
    Proof::new("hostile: all at once beside a healthy section").ran(count, &note);
}

/// Publishes articles with these numbers, each when the one before is in the feed; the longest wait.
async fn delays(bantin: &Bantin, site: &Site, first: usize) -> Duration {
    let mut longest = Duration::ZERO;
    bantin.feed_with("/feeds/well.rss", "Bản tin số 0001").await;
    for number in first..first + ARTICLES {
        site.publish("well", Article::new(number));
        let began = Instant::now();
        let title = format!("Bản tin số {number:04}");
        until(&title, async || {
            let feed = bantin.text("/feeds/well.rss").await;
            feed.contains(&title).then_some(())
        })
        .await;
        longest = longest.max(began.elapsed());
    }
    longest
}
