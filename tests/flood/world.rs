//! The portal, the fake and the binary together, and the questions every test asks of them.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::harness::{Bantin, Database, FakeTelegram, amount, config::free_port};
use crate::portal::Portal;

/// The chat that alerts go to.
pub const ADMIN: &str = "@quan_tri";

/// How the sections are configured.
pub struct Setup {
    /// Every second section is read as a feed, the others as pages.
    pub feeds: bool,
    /// Keys of every section.
    pub keys: String,
    /// Selectors instead of recognition.
    pub selectors: Option<&'static str>,
    /// `[fetch] reread`.
    pub reread: &'static str,
    /// Further tables.
    pub raw: &'static str,
    pub sections: usize,
    pub articles: usize,
    pub database: String,
}

impl Setup {
    pub fn new() -> Self {
        Self {
            feeds: false,
            keys: String::new(),
            selectors: None,
            reread: "[\"10m\"]",
            raw: "",
            sections: amount("BANTIN_FLOOD_SECTIONS", 2),
            articles: amount("BANTIN_FLOOD_ARTICLES", 40),
            database: Database::sqlite().url().to_owned(),
        }
    }
}

pub struct World {
    pub portal: Portal,
    pub telegram: FakeTelegram,
    pub bantin: Bantin,
    pub setup: Setup,
    port: u16,
}

impl World {
    /// Everything runs, and every section has had its first look.
    pub async fn start(setup: Setup) -> Self {
        let portal = Portal::start(setup.sections, setup.articles).await;
        let port = free_port();
        let mut world = Self { portal, telegram: FakeTelegram::start(), bantin: Bantin::empty(port), setup, port };
        world.configure();
        world.bantin.start().await;
        world.seeded().await;
        world
    }

    /// Writes the configuration as it is set up now.
    pub fn configure(&self) {
        let Setup { keys, selectors, reread, raw, database, .. } = &self.setup;
        let mut text = format!(
            "base_url = \"http://127.0.0.1:{0}\"\nlanguage = \"vi\"\ntimezone = \"Asia/Ho_Chi_Minh\"\n\n\
             [server]\nlisten = \"127.0.0.1:{0}\"\n\n[database]\nurl = \"{database}\"\n\n[feeds]\ndirectory = \"feeds\"\n\
             items = 20\n\n[fetch]\nallow_private = true\nown_site = true\ninterval = \"0s\"\nwithdrawn_after = \"1s\"\n\
             reread = {reread}\n\n[telegram]\ntoken = \"{1}\"\napi_url = \"{2}\"\nper_second = 1000\nper_chat_minute = 1000\n\n\
             [admin]\ntelegram = \"{ADMIN}\"\n\n{raw}\n",
            self.port,
            FakeTelegram::TOKEN,
            self.telegram.url()
        );
        for section in 0..self.setup.sections {
            let is_feed = self.setup.feeds && section % 2 == 1;
            let path = if is_feed { format!("/rss/{section}.xml") } else { format!("/muc-{section}") };
            let source = if is_feed { "feed" } else { "html" };
            let _ = write!(
                text,
                "[section.muc-{section}]\nname = \"Mục {section}\"\nurl = \"{}{path}\"\nschedule = \"1s\"\n\
                 source = \"{source}\"\ntelegram = \"@chat_{section}\"\n{keys}\n",
                self.portal.url
            );
            if let Some(selectors) = selectors.filter(|_| !is_feed) {
                let _ = write!(text, "[section.muc-{section}.html]\n{selectors}\n");
            }
        }
        self.bantin.configure(&text);
    }

    /// Waits until every section has all its articles.
    pub async fn seeded(&self) {
        let all = self.setup.sections * self.setup.articles;
        self.patiently("the first looks", async || (self.articles().await >= all).then_some(())).await;
        let first = "first look: recorded";
        self.patiently("the first looks' end", async || {
            (self.bantin.log().matches(first).count() >= self.setup.sections).then_some(())
        })
        .await;
    }

    /// How many articles the store has.
    pub async fn articles(&self) -> usize {
        let said = self.bantin.command(&["status", "--json"]).await;
        let status: Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"));
        let list = status["sections"].as_array().cloned().unwrap_or_default();
        list.iter().filter_map(|row| row["articles"].as_u64()).map(|n| usize::try_from(n).expect("few")).sum()
    }

    /// Waits until every section was looked at `times` more often.
    pub async fn looked(&self, times: usize) {
        for section in 0..self.setup.sections {
            let is_feed = self.setup.feeds && section % 2 == 1;
            let path = if is_feed { format!("/rss/{section}.xml") } else { format!("/muc-{section}") };
            let before = self.portal.asked(&path);
            self.patiently(&format!("looks at {path}"), async || {
                (self.portal.asked(&path) >= before + times).then_some(())
            })
            .await;
        }
    }

    /// What stands in all chats but the admins': headline → how often.
    pub async fn posts(&self) -> BTreeMap<String, usize> {
        let mut posts = BTreeMap::new();
        for record in self.telegram.journal().await {
            let is_post = record["method"].as_str().is_some_and(|method| method.starts_with("send"));
            if is_post && record["chat"] != ADMIN {
                let text = record["text"].as_str().unwrap_or_default();
                *posts.entry(text.lines().next().unwrap_or_default().trim().to_owned()).or_default() += 1;
            }
        }
        posts
    }

    /// What admins were told.
    pub async fn alerts(&self) -> Vec<String> {
        let journal = self.telegram.journal().await;
        let told = journal.iter().filter(|record| record["chat"] == ADMIN);
        told.map(|record| record["text"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The open holds.
    pub async fn holds(&self) -> Vec<Value> {
        let said = self.bantin.command(&["holds", "list", "--json"]).await;
        let list: Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"));
        list.as_array().cloned().unwrap_or_default()
    }

    /// Publishes truly new articles round the sections and waits until each stands in its chat; their headlines.
    pub async fn publish(&self, count: usize) -> BTreeMap<String, usize> {
        self.publish_at(count, bantin::clock::Clock::System.now()).await
    }

    /// The same, of another moment.
    pub async fn publish_at(&self, count: usize, at: DateTime<Utc>) -> BTreeMap<String, usize> {
        let news: BTreeMap<String, usize> =
            (0..count).map(|n| (self.portal.publish_at(n % self.setup.sections, at), 1)).collect();
        self.patiently("the news in their chats", async || {
            let posts = self.posts().await;
            news.keys().all(|title| posts.contains_key(title)).then_some(())
        })
        .await;
        news
    }

    /// Waits longer than anything takes: hundreds of pages are read one after another.
    pub async fn patiently<T, F: Future<Output = Option<T>>>(&self, what: &str, mut ask: impl FnMut() -> F) -> T {
        let pages = (self.setup.sections * self.setup.articles) as u64;
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(60 + pages / 5);
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            assert!(tokio::time::Instant::now() < deadline, "waited in vain for {what}");
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }
}
