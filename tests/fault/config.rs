//! `config.toml` torn, cut, emptied and taken away under requests: a running daemon goes on with what it has.

use std::time::Duration;

use crate::harness::Database;
use crate::report::{Dice, Report, amount};
use crate::world::{World, served_meanwhile};

#[tokio::test(flavor = "multi_thread")]
async fn mutations() {
    let report = Report::new("configuration mutations under load");
    let (cycles, mut dice) = (amount(20, 200), Dice::new("config"));
    let mut world = World::start(Database::sqlite(), "at_least_once").await;
    let file = world.bantin.path("config.toml");
    let whole = std::fs::read(&file).expect("the configuration");
    let bantin = &world.bantin;
    let (refused, asked, failed) = served_meanwhile(bantin, async {
        let mut refused = 0;
        for cycle in 0..cycles {
            let mut torn = whole.clone();
            match cycle % 4 {
                0 => torn.truncate(dice.below(whole.len())),
                1 => {
                    for _ in 0..4 {
                        let at = dice.below(torn.len());
                        torn[at] = u8::try_from(dice.below(256)).expect("a byte");
                    }
                }
                2 => {
                    let (from, length) = (dice.below(whole.len()), dice.below(80));
                    torn.drain(from..(from + length).min(whole.len()));
                }
                _ => {}
            }
            // What happens to be good would be followed, rightly; that is another test's subject.
            let torn_file = bantin.path("torn.toml");
            std::fs::write(&torn_file, &torn).expect("a torn configuration");
            let said = bantin.command(&["--config", "torn.toml", "check", "--offline"]).await;
            assert!([0, 2].contains(&said.code), "{said:?}");
            if cycle % 4 == 3 {
                std::fs::remove_file(&file).expect("it goes");
            } else if said.code == 2 {
                std::fs::write(&file, &torn).expect("a torn configuration");
                refused += 1;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        refused
    })
    .await;
    std::fs::write(&file, &whole).expect("the configuration");
    assert_eq!(failed, 0, "of {asked}");
    world.publish(3);
    world.drained().await;
    let tally = world.tally().await;
    assert_eq!((tally.lost, tally.repeats), (0, 0));
    report.done(cycles, tally, &format!("{refused} refused, none applied; {asked} feeds asked for, all 200"));
}
