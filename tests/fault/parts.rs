//! A second daemon on one SQLite file, and an article that makes a library panic.

use std::time::{Duration, Instant};

use crate::harness::{Article, Database, config::free_port};
use crate::report::{Report, Tally, amount};
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_daemon_is_refused() {
    let report = Report::new("a second daemon on one SQLite file");
    let cycles = amount(2, 20);
    let mut world = World::start(Database::sqlite(), "at_least_once").await;
    let first = std::fs::read_to_string(world.bantin.path("config.toml")).expect("the configuration");
    // Another address, and other sections: nothing of that may reach the database.
    let listen = first.lines().find(|line| line.starts_with("listen = ")).expect("the address");
    let other = first
        .replace(listen, &format!("listen = \"127.0.0.1:{}\"", free_port()))
        .replace("[section.tin-tuc", "[section.khac");
    std::fs::write(world.bantin.path("other.toml"), other).expect("another configuration");
    let mut slowest = Duration::ZERO;
    for _ in 0..cycles {
        let begun = Instant::now();
        let said = world.bantin.command(&["--config", "other.toml", "run"]).await;
        slowest = slowest.max(begun.elapsed());
        assert_eq!(said.code, 1, "{said:?}");
        assert_eq!(said.err.trim_end().lines().count(), 1, "one line: {}", said.err);
        assert!(
            said.err.contains("another bantin daemon is working with") && said.err.contains("data/bantin.db;"),
            "{}",
            said.err
        );
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    let list = world.bantin.command(&["sections", "list"]).await;
    assert!(list.code == 0 && list.out.contains("tin-tuc"), "commands work beside the first: {list:?}");
    world.publish(3);
    world.drained().await;
    let tally = world.tally().await;
    assert_eq!((tally.lost, tally.repeats), (0, 0));
    report.done(
        cycles,
        tally,
        &format!("refused in one line within {:.1} s; commands work beside the first", slowest.as_secs_f64()),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_article_is_its_own_failure() {
    let report = Report::new("an article that panics");
    let others = amount(4, 100);
    let mut world = World::still(Database::sqlite(), "at_least_once", |_, text| text).await;
    world.begin(&[("BANTIN_POISON", "Độc dược")]).await;
    let mut poisoned = Article::new(900);
    poisoned.title = "Độc dược".to_owned();
    world.site.publish("tin-tuc", poisoned);
    world.publish(others);
    world.arrived().await;
    crate::harness::until("its three messages are dead", async || (world.in_state("dead").await == 3).then_some(()))
        .await;
    let show = world.bantin.command(&["deliveries", "list", "--state", "dead"]).await;
    assert!(show.out.contains("cannot be rendered"), "{}", show.out);
    assert_eq!(world.bantin.get("/readyz").await.status(), 200);
    world.bantin.feed_with("/feeds/tin-tuc.rss", "Độc dược").await;
    report.done(
        others + 1,
        Tally { lost: 0, ..world.tally().await },
        "its 3 messages are dead with their reason, the others arrived",
    );
}
