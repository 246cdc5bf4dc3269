//! A damaged database: pages overwritten, the log cut, its index gone. Nothing is sent by what cannot be trusted, and
//! nothing empty is put in its place.

use std::fs::OpenOptions;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::time::{Duration, Instant};

use crate::harness::Database;
use crate::report::{Dice, Report, Tally, amount};
use crate::world::World;

const PAGE: usize = 4096;

#[tokio::test(flavor = "multi_thread")]
async fn pages() {
    let report = Report::new("damaged pages");
    let (cycles, mut dice) = (amount(3, 20), Dice::new("damage"));
    let mut world = World::start(Database::sqlite(), "at_least_once").await;
    world.publish(5);
    world.arrived().await;
    world.bantin.terminate().await;
    let file = world.bantin.path("data/bantin.db");
    let whole = std::fs::read(&file).expect("the database");
    // Something new is there to be sent by whoever dares.
    world.publish(1);
    let sent = world.telegram.journal().await.len();
    let (mut refused, mut slowest) = (0, Duration::ZERO);
    for cycle in 0..cycles {
        let page = if cycle == 0 { 0 } else { 1 + dice.below(whole.len() / PAGE - 1) };
        let mut garbage = whole.clone();
        for byte in garbage.iter_mut().skip(page * PAGE).take(PAGE) {
            *byte = u8::try_from(dice.below(256)).expect("a byte");
        }
        std::fs::write(&file, &garbage).expect("the damage");
        let begun = Instant::now();
        world.bantin.spawn(&[]);
        let said = world.bantin.end_within(Duration::from_secs(5)).await;
        slowest = slowest.max(begun.elapsed());
        if let Some(said) = said {
            assert_eq!(said.code, 1, "{}", said.err);
            assert!(said.err.contains("damaged") || said.err.contains("not a SQLite database"), "{}", said.err);
            assert_eq!(std::fs::read(&file).expect("it is there"), garbage, "the file is left as it was");
            refused += 1;
        } else {
            // A page that holds nothing.
            world.bantin.kill();
            assert!(cycle > 0, "a file that is no database is not opened");
        }
        let _ = std::fs::remove_file(world.bantin.path("data/bantin.db-wal"));
        let _ = std::fs::remove_file(world.bantin.path("data/bantin.db-shm"));
    }
    let news = world.telegram.journal().await.len() - sent;
    assert!(refused + cycles / 5 >= cycles, "only {refused} of {cycles} were seen");
    assert!(news <= 2 * (cycles - refused), "sent by a damaged database");
    std::fs::write(&file, &whole).expect("the backup");
    world.bantin.start().await;
    world.arrived().await;
    report.done(
        cycles,
        Tally::default(),
        &format!("{refused} refused within {:.1} s, nothing sent", slowest.as_secs_f64()),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn log() {
    let report = Report::new("a cut log, a lost index");
    let (cycles, mut dice) = (amount(2, 20), Dice::new("log"));
    let mut world = World::start(Database::sqlite(), "at_least_once").await;
    let mut repeats = 0;
    for cycle in 0..cycles {
        world.publish(3);
        world.arrived().await;
        world.bantin.kill();
        let log = world.bantin.path("data/bantin.db-wal");
        if cycle % 2 == 0 {
            // The last fifth of it: what was committed there never happened.
            let mut file = OpenOptions::new().write(true).open(&log).expect("the log");
            let length = file.metadata().expect("its size").len();
            let keep = length - dice.below(usize::try_from(length / 5).expect("a size")) as u64;
            file.set_len(keep).expect("a cut");
            file.seek(SeekFrom::End(0)).and_then(|_| file.flush()).expect("a cut");
        } else {
            std::fs::remove_file(world.bantin.path("data/bantin.db-shm")).expect("the index");
        }
        world.bantin.start().await;
        world.publish(1);
        world.arrived().await;
        let tally = world.tally().await;
        // The manifest of the feeds knows better than a store that lost its end: what comes twice is bounded.
        assert!(tally.repeats <= repeats + 4 * 3 * 3, "{tally:?}");
        repeats = tally.repeats;
    }
    let tally = world.tally().await;
    report.done(cycles, tally, "what the lost end of the log said comes once more at most");
}
