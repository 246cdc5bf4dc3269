//! A database that is empty, new, or three days old; a chat that is new; another selector: nothing old is pushed.

use std::path::Path;

use chrono::TimeDelta;
use sqlx::Connection as _;

use crate::harness::proof::Proof;
use crate::world::{Setup, World};

/// Copies the files of a folder.
fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

/// Makes the backup look as if it was made three days ago.
async fn three_days_older(world: &World) {
    let url = format!("sqlite:{}", world.bantin.path("backup/bantin.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("the backup");
    let sql = "UPDATE articles SET first_seen = first_seen - 259200000";
    sqlx::query(sql).execute(&mut connection).await.expect("an update");
    connection.close().await.expect("its end");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_database() {
    let mut world = World::start(Setup { articles: 20, ..Setup::new() }).await;
    let now = bantin::clock::Clock::System.now();
    let mut expected = world.publish_at(2, now - TimeDelta::minutes(10)).await;
    let newest = |world: &World| {
        let pages = world.portal.pages();
        pages.stories.iter().rfind(|story| story.section == 0).map(|story| story.title.clone()).expect("an article")
    };
    let title = newest(&world);
    let feed = world.bantin.feed_with("/feeds/muc-0.rss", &title).await;
    world.bantin.terminate().await;
    std::fs::remove_dir_all(world.bantin.path("data")).expect("the database");
    // Dates are right to the minute: as if the feeds had been written five minutes ago.
    let manifest = std::fs::File::options().append(true).open(world.bantin.path("feeds/manifest.json")).expect("it");
    let written = std::time::SystemTime::from(now - TimeDelta::minutes(5));
    manifest.set_modified(written).expect("a time");
    // Published while nothing ran: newer than the manifest, so an admin decides.
    let missed = world.portal.publish(0);
    world.bantin.start().await;
    world.bantin.logged("the store is older than the feeds it published").await;
    world.patiently("the hold", async || (!world.holds().await.is_empty()).then_some(())).await;
    world.looked(2).await;
    expected.extend(world.publish(2).await);
    assert_eq!(world.posts().await, expected, "nothing old");
    let holds = world.holds().await;
    assert_eq!(
        (holds.len(), holds[0]["articles"].as_u64(), &holds[0]["samples"][0]),
        (1, Some(1), &missed.clone().into())
    );
    let id = |feed: &str, title: &str| {
        let item = feed.split("<item>").find(|item| item.contains(title)).expect("the item").to_owned();
        item.split("<guid").nth(1).and_then(|rest| rest.split(['>', '<']).nth(1)).expect("its id").to_owned()
    };
    let again = world.bantin.feed_with("/feeds/muc-0.rss", &missed).await;
    assert_eq!(id(&feed, &title), id(&again, &title), "the same ids");
    let hold = holds[0]["id"].as_str().expect("its number").to_owned();
    let said = world.bantin.command(&["holds", "approve", &hold]).await;
    assert_eq!(said.code, 0, "{said:?}");
    expected.insert(missed, 1);
    world.patiently("what was approved", async || (world.posts().await == expected).then_some(())).await;
    Proof::new("an emptied database pushes nothing old").ran(40, "articles");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_three_days_ago() {
    let mut world = World::start(Setup { articles: 20, ..Setup::new() }).await;
    let mut expected = world.publish(2).await;
    world.bantin.terminate().await;
    copy(&world.bantin.path("data"), &world.bantin.path("backup"));
    three_days_older(&world).await;
    world.bantin.start().await;
    expected.extend(world.publish(12).await);
    world.bantin.terminate().await;
    // What the daemon learnt since is lost; the feeds stay.
    copy(&world.bantin.path("backup"), &world.bantin.path("data"));
    world.bantin.start().await;
    world.patiently("the holds", async || (world.holds().await.len() == 2).then_some(())).await;
    world.looked(2).await;
    assert_eq!(world.posts().await, expected, "nothing again");
    let held: u64 = world.holds().await.iter().filter_map(|hold| hold["articles"].as_u64()).sum();
    assert_eq!(held, 12, "what is newer than the backup waits: {:?}", world.holds().await);
    expected.extend(world.publish(4).await);
    assert_eq!(world.posts().await, expected);
    assert!(world.alerts().await.len() <= 2, "{:?}", world.alerts().await);
    Proof::new("a restored backup pushes nothing old").ran(12, "articles newer than it, held");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_chat_and_other_selectors() {
    let setup = Setup { articles: 20, selectors: Some("item = \"div.tin\"\ntitle = \"h3 a\""), ..Setup::new() };
    let mut world = World::start(setup).await;
    let mut expected = world.publish(2).await;
    world.bantin.terminate().await;
    // Other selectors that read other leads and dates, and find the links elsewhere; and another chat.
    world.setup.selectors = Some(
        "item = \"main > div\"\ntitle = \"h3\"\nlink = \"h3 a\"\nlead = \"p.tom-tat\"\ndate = \"span.ngay\"\nbody = \"div.content\"",
    );
    world.setup.keys = "guard = { fresh = \"30d\" }".to_owned();
    world.configure();
    let text = std::fs::read_to_string(world.bantin.path("config.toml")).expect("the configuration");
    world.bantin.configure(&text.replace("telegram = \"@chat_0\"", "telegram = [\"@chat_0\", \"@chat_moi\"]"));
    let edits = world.telegram.journal().await.len();
    world.bantin.start().await;
    world.looked(3).await;
    let mut next = world.publish(2).await;
    let both = world.posts().await;
    // The new one of the first section stands in both of its chats.
    for (title, count) in &mut next {
        *count = both.get(title).copied().unwrap_or(0);
    }
    expected.extend(next);
    assert_eq!(both, expected, "nothing old, in no chat");
    let journal = world.telegram.journal().await;
    let edited: Vec<_> =
        journal.iter().skip(edits).filter(|r| r["method"].as_str().is_some_and(|m| m.starts_with("edit"))).collect();
    assert_eq!(edited, Vec::<&serde_json::Value>::new(), "no edits, no corrections");
    let old = world.bantin.command(&["articles", "list", "muc-0"]).await;
    assert_eq!(old.code, 0, "{old:?}");
    Proof::new("a new chat and other selectors push nothing old and edit nothing").ran(40, "articles");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_outage_made_old() {
    let keys = "guard = { fresh = \"1h\" }".to_owned();
    let mut world = World::start(Setup { articles: 20, keys, sections: 1, ..Setup::new() }).await;
    let mut expected = world.publish(1).await;
    world.bantin.terminate().await;
    // As if the last hour in which it ran were five hours ago.
    let now = bantin::clock::Clock::System.now();
    let before = (now - TimeDelta::hours(5)).timestamp_millis();
    let url = format!("sqlite:{}", world.bantin.path("data/bantin.db").display());
    let store = bantin::store::Store::open(&url).await.expect("the store");
    store.set_meta("alive_at", &before.to_string()).await.expect("a fact");
    drop(store);
    let late: Vec<String> = [4, 3, 2].map(|hours| world.portal.publish_at(0, now - TimeDelta::hours(hours))).to_vec();
    let older = world.portal.publish_at(0, now - TimeDelta::days(9));
    let fresh = world.portal.publish_at(0, now - TimeDelta::minutes(5));
    world.bantin.start().await;
    expected.insert(fresh, 1);
    world.patiently("the fresh one", async || (world.posts().await == expected).then_some(())).await;
    world.patiently("the hold", async || (!world.holds().await.is_empty()).then_some(())).await;
    world.looked(2).await;
    let holds = world.holds().await;
    assert_eq!(
        (holds.len(), holds[0]["kind"].as_str(), holds[0]["articles"].as_u64()),
        (1, Some("late"), Some(3)),
        "{holds:?}"
    );
    assert_eq!(world.posts().await, expected, "too old for a post");
    assert_eq!(world.articles().await, 26, "all are recorded");
    world.bantin.feed_with("/feeds/muc-0.rss", &late[0]).await;
    let said = world.bantin.command(&["holds", "digest", holds[0]["id"].as_str().expect("its number")]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let digest = world
        .patiently("one digest", async || {
            let journal = world.telegram.journal().await;
            let has = |text: &str| late.iter().all(|title| text.contains(title));
            journal.iter().filter_map(|r| r["text"].as_str()).find(|text| has(text)).map(str::to_owned)
        })
        .await;
    assert!(!digest.contains(&older), "{digest}");
    world.looked(2).await;
    let texts: Vec<String> =
        world.telegram.journal().await.iter().filter_map(|r| r["text"].as_str().map(str::to_owned)).collect();
    for title in &late {
        let told = texts.iter().filter(|text| text.contains(title) && !text.contains("bantin holds")).count();
        assert_eq!(told, 1, "{title}: {texts:#?}");
    }
    Proof::new("what an outage made old waits in one hold").ran(3, "articles");
}
