//! Several instances on one PostgreSQL: any of them looks, renders, serves and sends; one paused or dead is replaced; what
//! a paused one would still do is fenced.

use std::time::Duration;

use serde_json::json;

use crate::harness::tally::{mails, posts};
use crate::harness::{Article, Bantin, Database, FakeSmtp, FakeTelegram, Site, config::free_port, until};
use crate::report::{Dice, Report, Tally, amount};
use crate::world::{CHATS, LEASE_MS, READER, calm, config};

const SLOTS: &str = "@chat_slots";

/// Three daemons on one database.
struct Crowd {
    site: Site,
    telegram: FakeTelegram,
    smtp: FakeSmtp,
    daemons: Vec<Bantin>,
    next: usize,
    _database: Database,
}

impl Crowd {
    async fn start(policy: &'static str, count: usize) -> Option<Self> {
        let mut crowd = Self::still(policy, count).await?;
        crowd.begin().await;
        Some(crowd)
    }

    async fn still(policy: &'static str, count: usize) -> Option<Self> {
        let database = Database::postgres().await?;
        let site = Site::with("tin-tuc", 3).await;
        let (telegram, smtp) = (FakeTelegram::start(), FakeSmtp::start());
        let first = config(&database, &site, &telegram, &smtp, policy);
        let slots = format!("\"@chat_b\", {{ chat = \"{SLOTS}\", at = \"*/4 * * * * *\", as = \"digest\" }}]");
        let text = calm(&first.text()).replace("\"@chat_b\"]", &slots);
        let mut daemons = Vec::new();
        for number in 0..count {
            // The same public address for all, as behind a balancer; each listens on a port of its own.
            let port = if number == 0 { first.port } else { free_port() };
            let listen = |port: u16| format!("listen = \"127.0.0.1:{port}\"");
            let mut bantin = Bantin::empty(port);
            bantin.configure(&text.replace(&listen(first.port), &listen(port)));
            bantin.set("BANTIN_LEASE_MS", &LEASE_MS.to_string());
            daemons.push(bantin);
        }
        Some(Self { site, telegram, smtp, daemons, next: 1001, _database: database })
    }

    async fn begin(&mut self) {
        for bantin in &mut self.daemons {
            bantin.start().await;
            bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
        }
        self.daemons[0].subscribe(READER, "tin-tuc").await;
    }

    fn publish(&mut self, count: usize) {
        for _ in 0..count {
            self.site.publish("tin-tuc", Article::new(self.next));
            self.next += 1;
        }
    }

    async fn tally(&self) -> Tally {
        let (telegram, smtp) = (self.telegram.journal().await, self.smtp.journal().await);
        let mut tally = Tally::default();
        for counts in [posts(&telegram, CHATS[0]), posts(&telegram, CHATS[1]), mails(&smtp)] {
            tally.lost += (1001..self.next).filter(|number| !counts.contains_key(number)).count();
            tally.repeats += counts.values().map(|n| n - 1).sum::<usize>();
        }
        tally
    }

    async fn arrived(&self) {
        until("everything to arrive", async || (self.tally().await.lost == 0).then_some(())).await;
    }

    /// The articles that digests of the slots named, each as often as it was.
    async fn in_digests(&self) -> Vec<usize> {
        let journal = self.telegram.journal().await;
        let texts = journal.iter().filter(|post| post["chat"] == SLOTS).filter_map(|post| post["text"].as_str());
        let number = |rest: &str| rest.get(..4)?.parse().ok();
        let mut seen: Vec<usize> = texts.flat_map(|t| t.split("Bản tin số ").skip(1).filter_map(number)).collect();
        seen.sort_unstable();
        seen
    }

    /// Waits until nothing is on its way any more, as an instance that runs sees it.
    async fn settled(&self, running: usize) {
        until("an empty queue", async || {
            let bantin = &self.daemons[running];
            for state in ["pending", "sending"] {
                let said = bantin.command(&["deliveries", "list", "--state", state, "--json"]).await;
                if !serde_json::from_str::<Vec<serde_json::Value>>(&said.out).ok()?.is_empty() {
                    return None;
                }
            }
            bantin.command(&["deliveries", "retry", "--all"]).await.out.starts_with("0 ").then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn share_the_work() {
    let report = Report::new("three instances, no fault");
    let Some(mut crowd) = Crowd::start("at_least_once", 3).await else {
        return report.skipped("BANTIN_TEST_POSTGRES names no server");
    };
    crowd.site.slow(Duration::from_millis(20));
    let (listing, begun) = (crowd.site.asked("/tin-tuc"), std::time::Instant::now());
    let rounds = amount(3, 100);
    for _ in 0..rounds {
        crowd.publish(amount(3, 10));
        crowd.arrived().await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let looks = crowd.site.asked("/tin-tuc") - listing;
    assert!(
        f64::from(u32::try_from(looks).expect("few")) <= seconds * 1.3 + 3.0,
        "{looks} looks in {seconds:.1} s: one instance looks, not three"
    );
    assert_eq!(crowd.site.most_at_a_time(), 1, "one request at a time over all instances");
    let wanted: Vec<usize> = (1001..crowd.next).collect();
    until("the digests", async || (crowd.in_digests().await.len() >= wanted.len()).then_some(())).await;
    assert_eq!(crowd.in_digests().await, wanted, "every slot fires once");
    // The same bytes and the same tag from each.
    let newest = (1001..crowd.next).min_by_key(|&number| Article::new(number).age_minutes).expect("articles");
    let newest = format!("Bản tin số {newest}");
    for format in ["rss", "atom", "json"] {
        let path = format!("/feeds/tin-tuc.{format}");
        let mut served = Vec::new();
        for bantin in &crowd.daemons {
            bantin.feed_with(&path, &newest).await;
            let answer = bantin.get(&path).await;
            let tag = answer.headers().get("etag").expect("a tag").to_str().expect("text").to_owned();
            served.push((tag, answer.text().await.expect("the feed")));
        }
        assert!(served.iter().all(|one| *one == served[0]), "{format} is the same from all");
    }
    // Who looked: any may, one did. Who sent: every instance that claimed something says so in the story.
    let tally = crowd.tally().await;
    assert_eq!((tally.lost, tally.repeats), (0, 0));
    report.done(
        wanted.len(),
        tally,
        &format!("articles; {looks} looks in {seconds:.0} s, 1 request at a time, same bytes and tags"),
    );
}

async fn pauses(policy: &'static str) {
    let report = Report::new(&format!("three instances, SIGSTOP and kill, {policy}"));
    let Some(mut crowd) = Crowd::start(policy, 3).await else {
        return report.skipped("BANTIN_TEST_POSTGRES names no server");
    };
    let (cycles, mut dice) = (amount(1, 30), Dice::new("instances"));
    for cycle in 0..cycles {
        // The first cycles hit the one that looks; it began first.
        let victim = if cycle == 0 { 0 } else { dice.below(3) };
        if cycle % 2 == 0 {
            let nth = 1 + dice.below(2);
            crowd.telegram.order(json!({ "match": { "nth": nth }, "do": { "kind": "withhold" } })).await;
        }
        crowd.publish(1 + dice.below(3));
        tokio::time::sleep(Duration::from_millis(dice.below(1_200) as u64)).await;
        if cycle % 3 == 2 {
            crowd.daemons[victim].kill();
            crowd.publish(1);
            tokio::time::sleep(Duration::from_millis(2 * LEASE_MS)).await;
            crowd.telegram.behave().await;
            crowd.daemons[victim].start().await;
        } else {
            crowd.daemons[victim].tell("-STOP");
            crowd.publish(1);
            tokio::time::sleep(Duration::from_millis(2 * LEASE_MS)).await;
            crowd.telegram.behave().await;
            crowd.daemons[victim].tell("-CONT");
        }
    }
    if policy == "at_least_once" {
        crowd.arrived().await;
    } else {
        tokio::time::sleep(Duration::from_millis(3 * LEASE_MS)).await;
    }
    crowd.settled(0).await;
    let tally = crowd.tally().await;
    let said =
        crowd.daemons[0].command(&["deliveries", "list", "--state", "uncertain", "--limit", "10000", "--json"]).await;
    let told = serde_json::from_str::<Vec<serde_json::Value>>(&said.out).expect("a list").len();
    if policy == "at_least_once" {
        assert_eq!(tally.lost, 0);
        assert!(tally.repeats <= 4 * cycles, "{tally:?} in {cycles} pauses");
    } else {
        assert_eq!(tally.repeats, 0, "a paused instance sends nothing that another has taken over");
        assert!(tally.lost <= told, "{tally:?}, {told} told");
    }
    report.done(cycles, tally, &format!("{} articles to 3 targets; {told} told as uncertain", crowd.next - 1001));
}

#[tokio::test(flavor = "multi_thread")]
async fn are_paused_and_killed() {
    pauses("at_least_once").await;
    pauses("at_most_once").await;
}

/// An instance that stands still between its claim and its send for longer than its lease: another takes the row over and
/// sends it; the first must not.
#[tokio::test(flavor = "multi_thread")]
async fn a_stale_claim_is_not_sent() {
    let report = Report::new("an instance stands still between claim and send");
    let Some(mut crowd) = Crowd::still("at_least_once", 2).await else {
        return report.skipped("BANTIN_TEST_POSTGRES names no server");
    };
    let still = format!("outbox.claimed:1:{}", 2 * LEASE_MS);
    let cycles = amount(1, 5);
    crowd.begin().await;
    for _ in 0..cycles {
        // Alone at first, so that it is the one that claims.
        crowd.daemons[1].terminate().await;
        crowd.daemons[0].terminate().await;
        crowd.daemons[0].start_with(&[("BANTIN_FAULT", &still)]).await;
        crowd.publish(1);
        crowd.daemons[0].logged("fault point reached").await;
        crowd.daemons[1].start().await;
        crowd.arrived().await;
        // A mail is asked for in the database at the last moment, and is found to be another's there.
        let words = ["not sent: this instance was stopped", "taken over by another instance meanwhile"];
        until("its waking", async || {
            let log = crowd.daemons[0].log();
            words.iter().any(|said| log.contains(said)).then_some(())
        })
        .await;
    }
    tokio::time::sleep(Duration::from_millis(LEASE_MS)).await;
    let tally = crowd.tally().await;
    assert_eq!((tally.lost, tally.repeats), (0, 0));
    report.done(cycles, tally, "taken over and sent by the other, not by the first");
}
