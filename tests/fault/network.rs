//! The network goes: site, Telegram and relay out of reach, refused or silent. Feeds go on, nothing is lost.

use std::time::{Duration, Instant};

use crate::harness::Database;
use crate::link::Link;
use crate::report::{Dice, Report, amount};
use crate::world::{World, served_meanwhile};

/// The address without "http://".
fn host(url: &str) -> String {
    url.trim_start_matches("http://").trim_end_matches('/').to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn cut() {
    let report = Report::new("network cut");
    let (cycles, mut dice) = (amount(1, 10), Dice::new("network"));
    let mut links = Vec::new();
    let mut world = World::still(Database::sqlite(), "at_least_once", |_, text| text).await;
    let file = world.bantin.path("config.toml");
    let mut text = std::fs::read_to_string(&file).expect("the configuration");
    for target in [host(&world.site.url), host(&world.telegram.url()), format!("127.0.0.1:{}", world.smtp.port())] {
        let link = Link::to(&target).await;
        text = text.replace(&target, &format!("127.0.0.1:{}", link.port));
        links.push(link);
    }
    std::fs::write(&file, text).expect("the configuration");
    world.begin(&[]).await;
    let (mut asked, mut slowest) = (0, Duration::ZERO);
    for cycle in 0..cycles {
        world.publish(3);
        tokio::time::sleep(Duration::from_millis(dice.below(1_500) as u64)).await;
        for link in &links {
            if cycle % 2 == 0 { link.cut() } else { link.stand_still() }
        }
        let time = Duration::from_millis(amount(2_000, 10_000) as u64);
        let ((), answers, failed) = served_meanwhile(&world.bantin, tokio::time::sleep(time)).await;
        assert_eq!(failed, 0, "feeds are served meanwhile");
        asked += answers;
        links.iter().for_each(Link::mend);
        let begun = Instant::now();
        world.drained().await;
        slowest = slowest.max(begun.elapsed());
    }
    let tally = world.tally().await;
    assert_eq!(tally.lost, 0);
    assert!(tally.repeats <= 4 * cycles, "{tally:?}");
    report.done(
        cycles,
        tally,
        &format!("{asked} feeds 200, all there {:.1} s after the mending", slowest.as_secs_f64()),
    );
}
