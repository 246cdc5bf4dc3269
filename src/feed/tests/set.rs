//! The served feeds over a store, a folder and restarts.

use super::super::refresh::{Refreshed, Shown};
use super::super::{Coding, FeedSet, files};
use super::{article, at, config, hostile, publish, store};
use crate::config::{Config, Section};

fn etag(feeds: &FeedSet, name: &str) -> String {
    feeds.get(name).unwrap().etag(Coding::Identity)
}

async fn body(feeds: &FeedSet, name: &str) -> String {
    String::from_utf8(feeds.open(name, Coding::Identity).await.unwrap().1.to_vec()).unwrap()
}

fn configured(folder: &std::path::Path) -> Config {
    let mut config = config();
    config.feeds.directory = folder.join("feeds");
    config
}

#[tokio::test]
async fn what_is_served_is_what_is_written_and_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path());
    let store = store(folder.path(), &config).await;
    publish(&store, "tin-tuc", "a", &article()).await;
    let feeds = FeedSet::load(&config);
    assert!(feeds.is_empty());
    // 2 sections, all, all-vi, all-en in three formats, and the OPML list.
    assert_eq!(feeds.refresh(&store, &config).await.unwrap().count, 16);
    assert_eq!(feeds.refresh(&store, &config).await.unwrap().count, 0, "nothing changed");

    let again = FeedSet::load(&config);
    assert_eq!(again.len(), 16);
    assert_eq!(again.manifest_revision(), Some(store.revision().await.unwrap()));
    for name in ["tin-tuc.rss", "tin-tuc.atom", "tin-tuc.json", "all.rss", "all-vi.json", "news.rss", "feeds.opml"] {
        assert_eq!(etag(&feeds, name), etag(&again, name), "{name}");
        assert_eq!(feeds.get(name).unwrap().modified(), again.get(name).unwrap().modified(), "{name}");
        assert_eq!(std::fs::read_to_string(config.feeds.directory.join(name)).unwrap(), body(&feeds, name).await);
    }
    assert_eq!(again.refresh(&store, &config).await.unwrap().count, 0, "a restart writes nothing");
}

#[tokio::test]
async fn a_new_article_changes_only_what_it_touches() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path());
    let store = store(folder.path(), &config).await;
    publish(&store, "tin-tuc", "a", &article()).await;
    let feeds = FeedSet::load(&config);
    let shown = feeds.refresh(&store, &config).await.unwrap().shown;
    let (news, all) = (feeds.get("news.rss").unwrap(), etag(&feeds, "all.rss"));

    publish(&store, "tin-tuc", "b", &hostile()).await;
    let revision = store.revision().await.unwrap();
    let own = feeds.follow(&store, &config, shown, false).await.unwrap();
    assert_eq!(own, Refreshed { count: 3, shown: Shown { own: revision, ..shown } }, "tin-tuc");
    assert_eq!(etag(&feeds, "all.rss"), all, "those of several sections are not due");
    assert!(FeedSet::load(&config).manifest_revision() < Some(revision), "nor is it claimed that they are shown");
    let joint = feeds.follow(&store, &config, own.shown, true).await.unwrap();
    assert_eq!(joint, Refreshed { count: 6, shown: Shown { own: revision, joint: revision } }, "all, all-vi");
    assert_eq!(FeedSet::load(&config).manifest_revision(), Some(revision));
    assert!(std::sync::Arc::ptr_eq(&news, &feeds.get("news.rss").unwrap()), "what did not change stays as it is");
    assert_ne!(etag(&feeds, "all.rss"), all);
}

#[tokio::test]
async fn news_that_comes_while_everything_is_rendered_goes_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = configured(folder.path());
    for n in 0..60 {
        config =
            config.with_section(Section::for_tests(&format!("muc-{n}"), &format!("https://www.example.vn/muc-{n}")));
    }
    let store = store(folder.path(), &config).await;
    publish(&store, "muc-1", "a", &article()).await;
    let before = store.revision().await.unwrap();
    let feeds = FeedSet::load(&config);
    let news = async {
        // The first ones are there: the rest is under way.
        while feeds.is_empty() {
            tokio::task::yield_now().await;
        }
        publish(&store, "tin-tuc", "b", &article()).await;
    };
    let (refreshed, ()) = tokio::join!(feeds.refresh(&store, &config), news);
    let shown = refreshed.unwrap().shown;
    let after = store.revision().await.unwrap();
    assert_eq!(shown, Shown { own: after, joint: before }, "those of several sections may be rendered before it came");
    assert!(body(&feeds, "tin-tuc.rss").await.contains("<item>"));
    assert_eq!(FeedSet::load(&config).manifest_revision(), Some(before), "no more is claimed than all files show");
    let joint = feeds.follow(&store, &config, shown, true).await.unwrap();
    assert_eq!(joint.shown, Shown { own: after, joint: after });
    assert!(joint.count <= 6, "all, all-vi");
    assert_eq!(FeedSet::load(&config).manifest_revision(), Some(after));
}

#[tokio::test]
async fn one_article_has_one_id_in_all_feeds_and_is_in_each_once() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path());
    let store = store(folder.path(), &config).await;
    let id = publish(&store, "tin-tuc", "a", &article()).await;
    let news = store.section_ids().await.unwrap()["news"];
    let also = crate::store::Also {
        article_id: id,
        keys: vec!["a".to_owned()],
        listing_hash: String::new(),
        release: crate::store::ReleaseAs::Quiet,
        guid: None,
        urgent: false,
    };
    store.commit_also(news, &[also], 0).await.unwrap();
    let feeds = FeedSet::load(&config);
    feeds.refresh(&store, &config).await.unwrap();
    let guids = async |name: &str| {
        let feed = body(&feeds, name).await;
        feed.split("<guid").skip(1).map(|rest| rest.split("</guid>").next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(guids("all.rss").await.len(), 1);
    assert_eq!(guids("all.rss").await, guids("tin-tuc.rss").await);
    assert_eq!(guids("all.rss").await, guids("news.rss").await);
    let news = body(&feeds, "news.rss").await;
    assert!(news.contains("<category>News</category><category>Tin tức &#x26; Sự kiện</category>"), "{news}");
}

#[tokio::test]
async fn an_empty_store_keeps_what_the_folder_serves() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path());
    let full = store(folder.path(), &config).await;
    publish(&full, "tin-tuc", "a", &article()).await;
    FeedSet::load(&config).refresh(&full, &config).await.unwrap();

    let elsewhere = tempfile::tempdir().unwrap();
    let mut moved = config.clone();
    moved.base_url = "https://new.example.vn/".parse().unwrap();
    let empty = store(elsewhere.path(), &moved).await;
    let feeds = FeedSet::load(&moved);
    assert!(feeds.manifest_revision().unwrap() > empty.revision().await.unwrap(), "the store is older: seed mode");
    let before = etag(&feeds, "tin-tuc.rss");
    feeds.refresh(&empty, &moved).await.unwrap();
    assert_eq!(etag(&feeds, "tin-tuc.rss"), before);
    assert_eq!(FeedSet::load(&moved).manifest_revision(), feeds.manifest_revision(), "still seen at the next start");
    let authority = feeds.authority(&empty, &moved).await.unwrap();
    assert_eq!(authority, "bantin.example.vn,2026", "a lost database makes the same ids again");
}

#[tokio::test]
async fn a_withdrawn_article_leaves_a_tombstone() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path());
    let store = store(folder.path(), &config).await;
    let id = publish(&store, "tin-tuc", "a", &article()).await;
    let public_id = store.article(id).await.unwrap().unwrap().public_id;
    let feeds = FeedSet::load(&config);
    feeds.refresh(&store, &config).await.unwrap();
    store.withdraw(id, at("2026-07-20T00:00:00Z").timestamp_millis()).await.unwrap();
    feeds.refresh(&store, &config).await.unwrap();
    assert!(body(&feeds, "tin-tuc.atom").await.contains(&format!("<at:deleted-entry ref=\"{public_id}\"")));
    for name in ["tin-tuc.rss", "tin-tuc.json"] {
        assert!(!body(&feeds, name).await.contains(&public_id), "{name}");
    }
}

#[tokio::test]
async fn a_removed_section_is_gone_and_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path());
    let store = store(folder.path(), &config).await;
    FeedSet::load(&config).refresh(&store, &config).await.unwrap();
    let mut smaller = config.clone();
    smaller.sections.shift_remove("news");
    let feeds = FeedSet::load(&smaller);
    feeds.refresh(&store, &smaller).await.unwrap();
    assert!(feeds.is_gone("news") && !feeds.is_gone("tin-tuc") && !feeds.is_gone("all-en"));
    assert!(!config.feeds.directory.join("news.rss").exists());
    assert!(FeedSet::load(&smaller).is_gone("news"), "also after a restart");

    let back = FeedSet::load(&config);
    back.refresh(&store, &config).await.unwrap();
    assert!(!back.is_gone("news"));
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_does_not_stop_the_feeds() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = configured(folder.path());
    std::fs::write(folder.path().join("file"), "x").unwrap();
    config.feeds.directory = folder.path().join("file");
    let store = store(folder.path(), &config).await;
    publish(&store, "tin-tuc", "a", &article()).await;
    let feeds = FeedSet::load(&config);
    let error = feeds.refresh(&store, &config).await.unwrap_err().to_string();
    assert!(error.contains("could not be written") && error.contains("must be writable"), "{error}");
    assert!(feeds.get("tin-tuc.rss").is_some());
    assert!(files::manifest(&config.feeds.directory).is_none());
}

#[tokio::test]
async fn files_are_read_when_asked_for_and_memory_has_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = configured(folder.path());
    let store = store(folder.path(), &config).await;
    publish(&store, "tin-tuc", "a", &article()).await;
    FeedSet::load(&config).refresh(&store, &config).await.unwrap();
    let weight = |feeds: &FeedSet| -> usize {
        ["tin-tuc.rss", "tin-tuc.atom", "all.rss", "all-vi.rss"].map(|n| feeds.get(n).unwrap().weight()).iter().sum()
    };
    config.feeds.memory = 12_000;
    let feeds = FeedSet::load(&config);
    assert_eq!(weight(&feeds), 0, "nothing is in memory before somebody asks");
    for name in ["tin-tuc.rss", "tin-tuc.atom", "all.rss", "all-vi.rss"] {
        for _ in 0..2 {
            assert_eq!(body(&feeds, name).await, std::fs::read_to_string(config.feeds.directory.join(name)).unwrap());
        }
        assert!(weight(&feeds) <= config.feeds.memory, "{}", weight(&feeds));
    }
    assert!(feeds.get("all-vi.rss").unwrap().weight() > 0, "what was asked for last stays");
}

#[tokio::test]
async fn a_file_that_was_taken_away_or_changed_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path());
    let store = store(folder.path(), &config).await;
    publish(&store, "tin-tuc", "a", &article()).await;
    let feeds = FeedSet::load(&config);
    feeds.refresh(&store, &config).await.unwrap();
    let good = body(&feeds, "tin-tuc.rss").await;
    let path = |name: &str| config.feeds.directory.join(name);

    std::fs::remove_file(path("tin-tuc.atom")).unwrap();
    assert!(feeds.open("tin-tuc.atom", Coding::Identity).await.is_none() && feeds.is_damaged());
    feeds.refresh(&store, &config).await.unwrap();
    assert!(body(&feeds, "tin-tuc.atom").await.contains("<entry") && !feeds.is_damaged());

    let feeds = FeedSet::load(&config);
    std::fs::write(path("tin-tuc.rss"), "something else").unwrap();
    let (served, bytes) = feeds.open("tin-tuc.rss", Coding::Identity).await.unwrap();
    assert_eq!(served.hash(), super::super::Hash::of(&bytes), "what is sent has its own validator");
    assert!(feeds.is_damaged());
    feeds.refresh(&store, &config).await.unwrap();
    assert_eq!(body(&feeds, "tin-tuc.rss").await, good);
}

#[tokio::test]
async fn where_nothing_changed_a_restart_renders_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path());
    let full = store(folder.path(), &config).await;
    publish(&full, "tin-tuc", "a", &article()).await;
    FeedSet::load(&config).refresh(&full, &config).await.unwrap();
    let manifest = std::fs::read(config.feeds.directory.join(files::MANIFEST)).unwrap();
    // A name in the configuration is another feed; the same configuration is the same.
    assert_eq!(FeedSet::load(&config).refresh(&full, &config).await.unwrap().count, 0);
    assert_eq!(std::fs::read(config.feeds.directory.join(files::MANIFEST)).unwrap(), manifest);
    let mut renamed = config.clone();
    renamed.organisation.name = "Báo".to_owned();
    assert!(FeedSet::load(&renamed).refresh(&full, &renamed).await.unwrap().count > 0);
}
