//! `kill -9` at moments drawn by dice, under both policies with the same seed: `at_least_once` loses nothing and repeats
//! at most what was on the wire, `at_most_once` repeats nothing and says of each message that it may not have arrived.

use std::time::Duration;

use serde_json::json;

use crate::harness::Database;
use crate::report::{Dice, Report, Tally, amount};
use crate::world::World;

/// Chats and connections to the relay, with one message each.
const ON_THE_WIRE: usize = 4;

async fn kills(database: Database, policy: &'static str, cycles: usize) -> (World, Tally) {
    let mut dice = Dice::new("kill");
    let mut world = World::start(database, policy).await;
    for cycle in 0..cycles {
        world.publish(1 + dice.below(3));
        let (wait, nth) = (dice.below(1_200) as u64, 1 + dice.below(2));
        if cycle % 2 == 0 {
            // At a moment when an answer is owed.
            let late = json!({ "match": { "nth": nth, "every": 1 }, "do": { "kind": "withhold" } });
            world.telegram.order(late.clone()).await;
            let mut dot = late;
            dot["match"]["verb"] = json!("dot");
            world.smtp.order(dot).await;
            world.telegram.withheld(5_000).await;
            world.smtp.withheld(300).await;
        } else {
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
        world.bantin.kill();
        world.telegram.behave().await;
        world.smtp.behave().await;
        world.bantin.start().await;
    }
    world.drained().await;
    let tally = world.tally().await;
    (world, tally)
}

async fn under_both(engine: &str, databases: [Database; 2]) {
    let cycles = amount(2, 200);
    let [first, second] = databases;
    let report = Report::new(&format!("kill -9, at_least_once, {engine}"));
    let (world, tally) = kills(first, "at_least_once", cycles).await;
    assert_eq!(tally.lost, 0);
    assert!(tally.repeats <= cycles * ON_THE_WIRE, "{tally:?} in {cycles} kills");
    report.done(cycles, tally, &format!("{} articles to 3 targets", world.published()));
    drop(world);

    let report = Report::new(&format!("kill -9, at_most_once, {engine}"));
    let (world, tally) = kills(second, "at_most_once", cycles).await;
    assert_eq!(tally.repeats, 0);
    assert!(tally.lost <= cycles * ON_THE_WIRE, "{tally:?} in {cycles} kills");
    let told = world.in_state("uncertain").await;
    assert!(told >= tally.lost, "{told} are said to be uncertain, {} are missing", tally.lost);
    assert!(told > 0, "no kill hit a message on its way");
    report.done(cycles, tally, &format!("{told} said to be uncertain, among them all that is missing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite() {
    under_both("sqlite", [Database::sqlite(), Database::sqlite()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres() {
    match (Database::postgres().await, Database::postgres().await) {
        (Some(first), Some(second)) => under_both("postgres", [first, second]).await,
        _ => {
            for policy in ["at_least_once", "at_most_once"] {
                Report::new(&format!("kill -9, {policy}, postgres")).skipped("BANTIN_TEST_POSTGRES names no server");
            }
        }
    }
}
