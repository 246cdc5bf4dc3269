//! A site, a chat or two, a reader, a daemon with its guards off, and the account of what arrived.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::tally::{mails, posts};
use crate::harness::{Article, Bantin, Config, Database, FakeSmtp, FakeTelegram, Site, until};
use crate::report::Tally;

pub const READER: &str = "doc.gia@example.vn";
pub const CHATS: [&str; 2] = ["@chat_a", "@chat_b"];
/// The lease of a daemon under test: short, so that nothing has to be waited for.
pub const LEASE_MS: u64 = 1_500;

/// The usual world.
pub struct World {
    pub site: Site,
    pub telegram: FakeTelegram,
    pub smtp: FakeSmtp,
    pub bantin: Bantin,
    next: usize,
    _database: Database,
}

/// Its configuration, before anything is changed in it.
pub fn config(
    database: &Database,
    site: &Site,
    telegram: &FakeTelegram,
    smtp: &FakeSmtp,
    policy: &'static str,
) -> Config {
    let keys = "guard = \"off\"\ntelegram = [\"@chat_a\", \"@chat_b\"]";
    Config::new(database).on_uncertain(policy).telegram(telegram).email(smtp, 2).section("tin-tuc", site, keys)
}

impl World {
    /// A world whose daemon has had its first look.
    pub async fn start(database: Database, policy: &'static str) -> Self {
        Self::with(database, policy, |_, text| text).await
    }

    /// The same, its configuration changed by `change` (of the folder's path and the text).
    pub async fn with(
        database: Database,
        policy: &'static str,
        change: impl FnOnce(&Bantin, String) -> String,
    ) -> Self {
        let mut world = Self::still(database, policy, change).await;
        world.begin(&[]).await;
        world
    }

    /// The same, its daemon not started.
    pub async fn still(
        database: Database,
        policy: &'static str,
        change: impl FnOnce(&Bantin, String) -> String,
    ) -> Self {
        let site = Site::with("tin-tuc", 3).await;
        let (telegram, smtp) = (FakeTelegram::start(), FakeSmtp::start());
        let config = config(&database, &site, &telegram, &smtp, policy);
        let mut bantin = Bantin::empty(config.port);
        // Rereading is another subject, and would write at moments of its own.
        let text = calm(&config.text());
        bantin.configure(&change(&bantin, text));
        bantin.set("BANTIN_LEASE_MS", &LEASE_MS.to_string());
        Self { site, telegram, smtp, bantin, next: 1001, _database: database }
    }

    /// The first start.
    pub async fn begin(&mut self, environment: &[(&str, &str)]) {
        self.bantin.start_with(environment).await;
        self.bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
        self.bantin.subscribe(READER, "tin-tuc").await;
    }

    /// Publishes so many articles.
    pub fn publish(&mut self, count: usize) {
        for _ in 0..count {
            self.site.publish("tin-tuc", Article::new(self.next));
            self.next += 1;
        }
    }

    /// How many were published since the beginning.
    pub fn published(&self) -> usize {
        self.next - 1001
    }

    /// Waits until nothing is on its way any more; what waits for another try is tried at once.
    pub async fn drained(&self) {
        self.drained_of(self.published()).await;
    }

    async fn drained_of(&self, articles: usize) {
        until("an empty queue", async || {
            let status = self.bantin.command(&["status", "--json"]).await;
            let status: Value = serde_json::from_str(&status.out).ok()?;
            let queue = status["queue"].as_array()?;
            let count = |states: &[&str]| -> u64 {
                let rows = queue.iter().filter(|row| states.contains(&row["state"].as_str().unwrap_or_default()));
                rows.filter_map(|row| row["count"].as_u64()).sum()
            };
            if count(&["retry", "dead"]) > 0 {
                self.bantin.command(&["deliveries", "retry", "--all"]).await;
            }
            let made = count(&["sent", "uncertain"]);
            (count(&["pending", "sending", "retry", "dead"]) == 0 && made >= 3 * articles as u64).then_some(())
        })
        .await;
    }

    /// How many deliveries are in a state.
    pub async fn in_state(&self, state: &str) -> usize {
        let said = self.bantin.command(&["deliveries", "list", "--state", state, "--limit", "10000", "--json"]).await;
        serde_json::from_str::<Vec<Value>>(&said.out).expect("a list").len()
    }

    /// What was lost and what came twice so far, of everything published.
    pub async fn tally(&self) -> Tally {
        let (telegram, smtp) = (self.telegram.journal().await, self.smtp.journal().await);
        assert_eq!(self.old(&telegram, &smtp), Vec::<usize>::new(), "something old was pushed");
        let mut tally = Tally::default();
        for counts in [posts(&telegram, CHATS[0]), posts(&telegram, CHATS[1]), mails(&smtp)] {
            tally.lost += (1001..self.next).filter(|number| !counts.contains_key(number)).count();
            tally.repeats += counts.values().map(|n| n - 1).sum::<usize>();
        }
        tally
    }

    fn old(&self, telegram: &[Value], smtp: &[Value]) -> Vec<usize> {
        let all: [BTreeMap<usize, usize>; 3] = [posts(telegram, CHATS[0]), posts(telegram, CHATS[1]), mails(smtp)];
        all.iter().flat_map(BTreeMap::keys).copied().filter(|n| !(1001..self.next).contains(n)).collect()
    }

    /// Waits until everything published has arrived; how long that took.
    pub async fn arrived(&self) -> Duration {
        let begun = Instant::now();
        until("everything to arrive", async || (self.tally().await.lost == 0).then_some(())).await;
        begun.elapsed()
    }

    /// The numbers of `/metrics` for a channel and an outcome.
    pub async fn counted(&self, channel: &str, outcome: &str) -> usize {
        let name = format!("bantin_deliveries_total{{channel=\"{channel}\",outcome=\"{outcome}\"}} ");
        let text = self.bantin.text("/metrics").await;
        text.lines().filter_map(|line| line.strip_prefix(&name)?.parse::<usize>().ok()).sum()
    }
}

/// A configuration without planned readings.
pub fn calm(text: &str) -> String {
    let line = text.lines().find(|line| line.starts_with("reread = ")).expect("the planned readings");
    text.replace(line, "reread = [\"72h\"]")
}

/// Asks for a feed again and again while `work` goes on; how many answers there were, and how many were not 200.
pub async fn served_meanwhile<T>(bantin: &Bantin, work: impl Future<Output = T>) -> (T, usize, usize) {
    let url = bantin.url("/feeds/tin-tuc.rss");
    let client = crate::harness::client();
    let (end, mut ended) = tokio::sync::oneshot::channel::<()>();
    let asking = tokio::spawn(async move {
        let (mut asked, mut failed) = (0, 0);
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                _ = &mut ended => return (asked, failed),
                _ = ticks.tick() => {}
            }
            asked += 1;
            let answer = client.get(&url).timeout(Duration::from_secs(5)).send().await;
            failed += usize::from(!answer.is_ok_and(|answer| answer.status() == 200));
        }
    });
    let done = work.await;
    let _ = end.send(());
    let (asked, failed) = asking.await.expect("the asking");
    (done, asked, failed)
}
