//! bantin on a simulated site: the library itself, with a store on disk and a clock moved by hand.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard};

use bantin::app::App;
use bantin::clock::Clock;
use bantin::config::{Config, Expect, HtmlRules, ReadMode, Section};
use bantin::health::Finding;
use bantin::store::Store;
use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;

use crate::database::Database;
use crate::site::{Pages, Site};

pub struct World {
    pub app: App,
    pub site: Site,
    pub section: Arc<Section>,
    pub now: DateTime<Utc>,
    pub id: i64,
    /// Articles that were there before the first look.
    pub old: usize,
    /// The address of the database.
    pub database: String,
    _own: Database,
    _folder: TempDir,
}

/// The usual selectors of the simulated site.
pub fn selectors() -> HtmlRules {
    let text = |selector: &str| Some(selector.to_owned());
    HtmlRules {
        item: text("div.danh-sach div.tin"),
        title: text("h3 a"),
        date: text("span.ngay"),
        lead: text("p.tom-tat"),
        ..HtmlRules::default()
    }
}

/// A Monday.
pub fn begin() -> DateTime<Utc> {
    "2026-10-05T01:00:00Z".parse().expect("a time")
}

impl World {
    /// A site of that seed with `old` articles of the last days, `prepare`d; bantin has had its first look.
    pub async fn start(
        seed: u64,
        rules: HtmlRules,
        expect: Expect,
        old: usize,
        prepare: impl FnOnce(&mut Pages),
    ) -> Self {
        Self::reading(ReadMode::Listing, seed, rules, expect, old, prepare).await
    }

    /// The same, with article pages opened or not; on the engine that `BANTIN_TEST_ENGINE` names.
    pub async fn reading(
        read: ReadMode,
        seed: u64,
        rules: HtmlRules,
        expect: Expect,
        old: usize,
        prepare: impl FnOnce(&mut Pages),
    ) -> Self {
        Self::on(Database::chosen().await, read, seed, rules, expect, old, prepare).await
    }

    /// The same on a database.
    pub async fn on(
        own: Database,
        read: ReadMode,
        seed: u64,
        rules: HtmlRules,
        expect: Expect,
        old: usize,
        prepare: impl FnOnce(&mut Pages),
    ) -> Self {
        let now = begin();
        let mut pages = Pages::new(seed, now);
        prepare(&mut pages);
        for back in (1..=old).rev() {
            pages.publish_at(now - TimeDelta::hours(4 * i64::try_from(back).expect("few")));
        }
        let site = Site::start(pages).await;
        let folder = tempfile::tempdir().expect("a folder");
        let mut section = Section::for_tests("tin-tuc", &format!("{}/chuyen-muc/tin-tuc", site.url));
        section.read = read;
        section.html = rules;
        section.expect_every = expect;
        let mut config = Config::for_tests("http://127.0.0.1/").with_section(section);
        config.feeds.directory = folder.path().join("feeds");
        let section = config.sections["tin-tuc"].clone();
        let database = match own.url() {
            url if url.starts_with("sqlite:") => format!("sqlite:{}", folder.path().join("bantin.db").display()),
            url => url.to_owned(),
        };
        let store = Store::open(&database).await.expect("a store");
        let app = App::with_store(Arc::new(config), store, Clock::manual(now)).await.expect("the parts");
        let id = app.store.section_ids().await.expect("sections")["tin-tuc"];
        let mut world = Self { app, site, section, now, id, old, database, _own: own, _folder: folder };
        world.look().await;
        world
    }

    /// Another start on the same database: nothing is remembered but what it holds.
    pub async fn restart(&mut self) {
        let store = Store::open(&self.database).await.expect("a store");
        self.app = App::with_store(self.app.config.clone(), store, Clock::manual(self.now)).await.expect("the parts");
    }

    pub fn pages(&self) -> MutexGuard<'_, Pages> {
        self.site.pages.lock().expect("the site")
    }

    /// Lets time pass.
    pub fn pass(&mut self, hours: i64) {
        self.now += TimeDelta::hours(hours);
        self.app.clock.set(self.now);
        self.pages().now = self.now;
    }

    /// One look; it may fail.
    pub async fn look(&mut self) {
        let _ = self.app.look_and_tell(&self.section).await;
    }

    /// What is told now.
    pub async fn told(&self) -> Vec<Finding> {
        let findings = self.app.store.findings(self.id).await.expect("findings");
        findings.into_iter().filter(|finding| finding.told_at.is_some()).collect()
    }

    /// What was told and is over.
    pub async fn over(&self) -> Vec<Finding> {
        self.app.store.past_findings(self.id, 1000).await.expect("findings")
    }

    /// Every alarm so far, in words.
    pub async fn alarms(&self) -> Vec<String> {
        let all = self.told().await.into_iter().chain(self.over().await);
        all.map(|finding| format!("{} {}", finding.code.text(), finding.words)).collect()
    }

    /// Checks that what was let out is what was published since the first look, each article once; answers how many.
    pub async fn only_news_went_out(&self, what: &str) -> usize {
        let rows = self.app.store.article_rows(self.id, 100_000).await.expect("articles");
        let mut out: HashMap<String, usize> = HashMap::new();
        for row in rows.iter().filter(|row| row.release == "out") {
            *out.entry(row.title.clone()).or_default() += 1;
        }
        let pages = self.pages();
        let mut strangers: Vec<&String> = out.keys().collect();
        strangers.retain(|title| !pages.articles.iter().skip(self.old).any(|article| article.title == **title));
        assert!(strangers.is_empty(), "{what}: let out although no news: {strangers:?}");
        let twice: Vec<_> = out.iter().filter(|(_, count)| **count > 1).collect();
        assert!(twice.is_empty(), "{what}: let out twice: {twice:?}");
        out.len()
    }
}
