//! SIGTERM while a mail is on its way, with a reader's connection left open; and while an answer never comes.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::Database;
use crate::report::{Dice, Report, amount};
use crate::world::World;

const LONGEST: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_is_finished() {
    let report = Report::new("SIGTERM in a send");
    let (cycles, mut dice) = (amount(1, 50), Dice::new("stop"));
    let mut world = World::start(Database::sqlite(), "at_least_once").await;
    let mut slowest = Duration::ZERO;
    for _ in 0..cycles {
        let ms = amount(1_000, 1_000 + dice.below(4_000));
        let delay = json!({ "match": { "verb": "dot" }, "do": { "kind": "delay", "ms": ms } });
        world.smtp.order(delay).await;
        let open = idle(&world.bantin.url("/"));
        let before = world.telegram.journal().await.len();
        world.publish(1);
        // The post is there: the mail was claimed beside it.
        world.telegram.wait(before + 2, &[]).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let begun = Instant::now();
        let status = world.bantin.terminate().await;
        assert_eq!(status.code(), Some(0), "{}", world.bantin.log());
        slowest = slowest.max(begun.elapsed());
        drop(open);
        world.smtp.behave().await;
        world.bantin.start().await;
    }
    world.drained().await;
    let tally = world.tally().await;
    assert_eq!((tally.lost, tally.repeats), (0, 0));
    assert!(slowest < LONGEST, "{slowest:?}");
    report.done(cycles, tally, &format!("exit 0, {:.1} s at most", slowest.as_secs_f64()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_answers_does_not_keep_it() {
    let report = Report::new("SIGTERM while no answer comes");
    let mut world = World::start(Database::sqlite(), "at_most_once").await;
    world.telegram.order(json!({ "match": { "nth": 1 }, "do": { "kind": "withhold" } })).await;
    world.publish(1);
    world.telegram.withheld(20_000).await;
    world.smtp.wait(1, &[]).await;
    let begun = Instant::now();
    let status = world.bantin.terminate().await;
    let took = begun.elapsed();
    assert_eq!(status.code(), Some(0), "{}", world.bantin.log());
    assert!(took < LONGEST, "{took:?}");
    world.telegram.behave().await;
    world.bantin.start().await;
    world.drained().await;
    let tally = world.tally().await;
    assert_eq!((tally.lost, tally.repeats), (0, 0), "it had arrived, and at_most_once sends nothing twice");
    assert_eq!(world.in_state("uncertain").await, 1);
    report.done(1, tally, &format!("exit 0 after {:.1} s, the message is told as uncertain", took.as_secs_f64()));
}

/// A reader whose connection stays open after an answer.
fn idle(url: &str) -> std::net::TcpStream {
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = std::net::TcpStream::connect(host).expect("bantin listens");
    write!(stream, "GET /livez HTTP/1.1\r\nHost: {host}\r\n\r\n").expect("a request");
    let mut first = [0; 12];
    stream.read_exact(&mut first).expect("an answer");
    stream
}
