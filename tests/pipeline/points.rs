//! One kill at each named point of the code (`BANTIN_FAULT`): between the commit and the send, between the
//! acceptance and its record, in the middle of an expansion, between a feed's writing and its renaming.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::flow::posts;
use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, FakeTelegram, Site, on_both, until};

on_both! {
    claimed_but_not_sent => "kill at outbox.claimed",
    accepted_but_not_settled => "kill at outbox.accepted",
    in_the_middle_of_an_expansion => "kill at outbox.expanding",
    feed_written_but_not_renamed => "kill at feed.written",
}

const CHATS: [&str; 3] = ["@chat_a", "@chat_b", "@chat_c"];
const NEW: std::ops::Range<usize> = 100..105;

/// A site and three chats; the daemon has had its first look and is stopped.
struct Scene {
    site: Site,
    telegram: FakeTelegram,
    bantin: Bantin,
    _database: Database,
}

impl Scene {
    async fn set(database: Database) -> Self {
        let site = Site::with("tin-tuc", 3).await;
        let telegram = FakeTelegram::start();
        let keys = "guard = \"off\"\ntelegram = [\"@chat_a\", \"@chat_b\", \"@chat_c\"]";
        let config = Config::new(&database).telegram(&telegram).section("tin-tuc", &site, keys);
        let mut bantin = Bantin::new(&config);
        bantin.start().await;
        bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
        bantin.terminate().await;
        Self { site, telegram, bantin, _database: database }
    }

    /// Publishes the new articles, lets the daemon run into the point, and kills it there.
    async fn killed_at(&mut self, point: &str) {
        for number in NEW {
            self.site.publish("tin-tuc", Article::new(number));
        }
        self.bantin.spawn(&[("BANTIN_FAULT", point)]);
        self.bantin.logged(&format!("fault point reached: {}", point.split(':').next().unwrap_or(point))).await;
        self.bantin.kill();
    }

    /// Starts again; everything arrives. Answers how many posts came more than once.
    async fn repeats(&mut self) -> usize {
        self.bantin.start().await;
        let mut repeats = 0;
        for chat in CHATS {
            until(&format!("every article in {chat}"), async || {
                (posts(&self.telegram.journal().await, chat).len() == NEW.len()).then_some(())
            })
            .await;
        }
        self.site.publish("tin-tuc", Article::new(199));
        for chat in CHATS {
            until("the last article", async || {
                posts(&self.telegram.journal().await, chat).contains_key(&199).then_some(())
            })
            .await;
            let counts: BTreeMap<usize, usize> = posts(&self.telegram.journal().await, chat);
            assert!(counts.keys().all(|number| NEW.contains(number) || *number == 199), "nothing old: {counts:?}");
            repeats += counts.values().map(|n| n - 1).sum::<usize>();
        }
        assert_eq!(self.telegram.refused().await, Vec::<Value>::new());
        repeats
    }
}

async fn claimed_but_not_sent(database: Database, proof: Proof) {
    let mut scene = Scene::set(database).await;
    scene.killed_at("outbox.claimed").await;
    assert_eq!(scene.telegram.journal().await.len(), 0, "nothing had left yet");
    assert_eq!(scene.repeats().await, 0, "what was not sent is sent once");
    proof.ran(1, "nothing lost, nothing repeated");
}

async fn accepted_but_not_settled(database: Database, proof: Proof) {
    let mut scene = Scene::set(database).await;
    scene.killed_at("outbox.accepted").await;
    assert!(!scene.telegram.journal().await.is_empty(), "something had arrived");
    let repeats = scene.repeats().await;
    assert!((1..=CHATS.len()).contains(&repeats), "{repeats} repeats: what is not recorded is sent once more");
    proof.ran(1, &format!("nothing lost, {repeats} repeated"));
}

async fn in_the_middle_of_an_expansion(database: Database, proof: Proof) {
    let mut scene = Scene::set(database).await;
    scene.killed_at("outbox.expanding").await;
    assert_eq!(scene.repeats().await, 0, "a chunk is committed whole or not at all");
    proof.ran(1, "nothing lost, nothing repeated");
}

async fn feed_written_but_not_renamed(database: Database, proof: Proof) {
    let mut scene = Scene::set(database).await;
    let file = scene.bantin.path("feeds/tin-tuc.rss");
    let before = std::fs::read_to_string(&file).expect("the feed of the first look");
    scene.killed_at("feed.written").await;
    let after = std::fs::read_to_string(&file).expect("the feed is there at every moment");
    // Files are written beside each other: the one that is killed at may be another feed than this.
    let newest = after.find("<item>").and_then(|at| after.get(at..)).unwrap_or_default();
    assert!(
        after == before || newest.starts_with("<item><title>Bản tin số 010"),
        "the old feed or a new one, never a part: {after}"
    );
    assert!(after.trim_end().ends_with("</rss>"), "{after}");
    assert!(scene.repeats().await <= CHATS.len(), "what was on its way meanwhile");
    until("the new feed in its file", async || {
        std::fs::read_to_string(&file).ok()?.contains("Bản tin số 0199").then_some(())
    })
    .await;
    proof.ran(1, "the file was whole");
}
