//! Copies of the database: made while the daemon works, restored without sending anything old, moved to the other engine.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::harness::article::number_in;
use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, FakeTelegram, Site, on_both, until};

on_both! {
    a_restored_copy_pushes_nothing_old => "backup while running; restore gives the same feeds and pushes nothing old",
}

async fn json(bantin: &Bantin, arguments: &[&str]) -> Value {
    let said = bantin.command(&[arguments, &["--json"]].concat()).await;
    assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {said:?}"))
}

/// The feed files with their bytes; not the manifest, whose revision grows.
fn feeds(bantin: &Bantin) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(bantin.path("feeds")).expect("feeds").flatten();
    let named = files.map(|file| (file.file_name().to_string_lossy().into_owned(), file.path()));
    let feeds = named.filter(|(name, _)| !name.starts_with('.') && name != "manifest.json");
    feeds.map(|(name, path)| (name, std::fs::read(path).expect("a feed"))).collect()
}

async fn posts(telegram: &FakeTelegram) -> Vec<usize> {
    let journal = telegram.journal().await;
    let sent = journal.iter().filter(|entry| entry["method"].as_str().is_some_and(|method| method.starts_with("send")));
    sent.filter_map(|entry| number_in(entry["text"].as_str()?)).collect()
}

async fn a_restored_copy_pushes_nothing_old(database: Database, proof: Proof) {
    let (site, telegram) = (Site::with("tin-tuc", 3).await, FakeTelegram::start());
    let keys = "telegram = \"@kenh\"";
    let config = Config::new(&database).telegram(&telegram).section("tin-tuc", &site, keys);
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    let reader = ["subscribers", "add", "doc-gia@example.vn", "--section", "tin-tuc", "--cadence", "now"];
    assert_eq!(bantin.command(&reader).await.code, 0);
    assert_eq!(bantin.command(&["subscribers", "add", "xoa@example.vn", "--section", "tin-tuc"]).await.code, 0);
    site.publish("tin-tuc", Article::new(4));
    telegram.wait(1, &[("chat", "@kenh")]).await;
    bantin.feed_with("/feeds/tin-tuc.json", "Bản tin số 0004").await;

    // While it works; into a folder, of which only so many are kept, and into a file, which is never replaced.
    let made = json(&bantin, &["backup", "copies/"]).await;
    let copy = made["file"].as_str().expect("its name").to_owned();
    assert!(made["bytes"].as_u64().is_some_and(|bytes| bytes > 10_000), "{made}");
    assert_eq!(bantin.command(&["backup", "one.db"]).await.code, 0);
    let said = bantin.command(&["backup", "one.db"]).await;
    assert!(said.code == 1 && said.err.contains("there already"), "{said:?}");
    let said = bantin.command(&["restore", &copy, "--replace"]).await;
    assert!(said.code == 1 && said.err.contains("stop"), "the daemon works: {said:?}");
    bantin.terminate().await;
    let before = feeds(&bantin);
    assert!(before.len() >= 6, "{:?}", before.keys());
    let ids = json(&bantin, &["articles", "list", "tin-tuc"]).await;

    // What happens after the copy: one article more, posted; one reader less.
    bantin.start().await;
    site.publish("tin-tuc", Article::new(5));
    telegram.wait(2, &[("chat", "@kenh")]).await;
    let mails = || async { json(&bantin, &["deliveries", "list"]).await };
    assert!(!mails().await.as_array().expect("a list").is_empty());
    assert_eq!(bantin.command(&["subscribers", "erase", "xoa@example.vn"]).await.code, 0);
    bantin.terminate().await;

    // Nothing is replaced unasked, and nothing but a copy is taken for one.
    let said = bantin.command(&["restore", &copy]).await;
    assert!(said.code == 1 && said.err.contains("--replace"), "{said:?}");
    let said = bantin.command(&["restore", "config.toml", "--replace"]).await;
    assert!(said.code == 1 && said.err.contains("no copy"), "{said:?}");

    let done = json(&bantin, &["restore", &copy, "--replace"]).await;
    assert_eq!(done["erased_again"], 1, "who was erased since stays so: {done}");
    let readers = json(&bantin, &["subscribers", "list"]).await;
    assert_eq!(readers.as_array().map(Vec::len), Some(1), "{readers}");
    assert_eq!(json(&bantin, &["articles", "list", "tin-tuc"]).await, ids, "the same articles under the same keys");

    // The feeds are made anew of what the copy holds, byte for byte, with the site away.
    site.answer("/tin-tuc", 503, "text/plain", "away");
    bantin.command(&["once"]).await;
    assert_eq!(feeds(&bantin), before);
    let lost = bantin.path("feeds");
    std::fs::remove_dir_all(&lost).expect("the folder of the feeds");
    bantin.command(&["once"]).await;
    assert_eq!(feeds(&bantin), before, "with their folder lost, too");

    // With the site back: recorded and served, posted nowhere (what is dated later than the copy is held: tests/flood).
    site.mended("/tin-tuc");
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0005").await;
    // What is new from now on goes out as ever; by then the old would have, too.
    site.publish("tin-tuc", Article::new(6));
    until("the new article's post", async || posts(&telegram).await.contains(&6).then_some(())).await;
    bantin.terminate().await;
    let mut all = posts(&telegram).await;
    all.sort_unstable();
    assert_eq!(all, [4, 5, 6], "each once");
    proof.ran(2, "restores");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_queued_in_a_copy_waits_for_an_admin() {
    let (site, telegram) = (Site::with("tin-tuc", 1).await, FakeTelegram::start());
    let config = Config::new(&Database::sqlite()).telegram(&telegram).section("tin-tuc", &site, "telegram = \"@kenh\"");
    let bantin = Bantin::new(&config);
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    telegram.order(serde_json::json!({ "match": {}, "do": { "kind": "status", "code": 500 } })).await;
    site.publish("tin-tuc", Article::new(2));
    bantin.command(&["once"]).await;
    let queued = json(&bantin, &["deliveries", "list"]).await;
    let waits = |list: &Value| list.as_array().into_iter().flatten().filter(|d| d["state"] == "retry").count();
    assert_eq!(waits(&queued), 1, "{queued}");
    assert_eq!(bantin.command(&["backup", "copy.db"]).await.code, 0);
    telegram.behave().await;
    let said = bantin.command(&["restore", "copy.db", "--replace", "--as-it-was"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(waits(&json(&bantin, &["deliveries", "list"]).await), 1, "exactly as it was");
    let said = bantin.command(&["restore", "copy.db", "--replace"]).await;
    assert!(said.code == 0 && said.out.contains("uncertain"), "{said:?}");
    let list = json(&bantin, &["deliveries", "list"]).await;
    assert_eq!(list[0]["state"], "uncertain", "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_moves_to_the_other_engine_and_goes_on() {
    let proof = Proof::new("everything moves to the other engine and goes on");
    let Some(there) = Database::postgres().await else {
        return proof.skipped("BANTIN_TEST_POSTGRES names no PostgreSQL server");
    };
    let (site, telegram, here) = (Site::with("tin-tuc", 3).await, FakeTelegram::start(), Database::sqlite());
    let config = |database: &Database| {
        Config::new(database).telegram(&telegram).section("tin-tuc", &site, "telegram = \"@kenh\"")
    };
    let mut bantin = Bantin::new(&config(&here));
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    assert_eq!(bantin.command(&["subscribers", "add", "doc-gia@example.vn", "--section", "tin-tuc"]).await.code, 0);
    site.publish("tin-tuc", Article::new(4));
    telegram.wait(1, &[("chat", "@kenh")]).await;
    let said = bantin.command(&["move", "--to", there.url()]).await;
    assert!(said.code == 1 && said.err.contains("stop"), "the daemon works: {said:?}");
    bantin.terminate().await;
    let readers = json(&bantin, &["subscribers", "list"]).await;
    let said = bantin.command(&["move", "--to", "sqlite:other.db"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    std::fs::write(bantin.path("address"), there.url()).expect("a file");
    let said = bantin.command(&["move", "--to-file", "address"]).await;
    assert!(said.code == 0 && said.out.contains("counted on both sides"), "{said:?}");
    let said = bantin.command(&["move", "--to-file", "address"]).await;
    assert!(said.code == 1 && said.err.contains("something already"), "{said:?}");

    // On the other engine it goes on: the same readers, nothing posted again, what is new goes out.
    let text = std::fs::read_to_string(bantin.path("config.toml")).expect("config.toml");
    bantin.configure(&text.replace(here.url(), there.url()));
    assert_eq!(json(&bantin, &["subscribers", "list"]).await, readers);
    bantin.start().await;
    site.publish("tin-tuc", Article::new(5));
    telegram.wait(2, &[("chat", "@kenh")]).await;
    let said = bantin.command(&["backup", "from-the-server.db"]).await;
    assert_eq!(said.code, 0, "while it works: {said:?}");
    let said = bantin.command(&["move", "--to", "sqlite:back.db"]).await;
    assert!(said.code == 1 && said.err.contains("stop"), "{said:?}");
    bantin.terminate().await;
    assert_eq!(bantin.command(&["move", "--to", "sqlite:back.db"]).await.code, 0);
    bantin.configure(&text.replace(here.url(), "sqlite:back.db"));
    bantin.start().await;
    site.publish("tin-tuc", Article::new(6));
    telegram.wait(3, &[("chat", "@kenh")]).await;
    bantin.terminate().await;
    assert_eq!(posts(&telegram).await, [4, 5, 6], "each once");
    assert_eq!(json(&bantin, &["subscribers", "list"]).await, readers);
    proof.ran(2, "moves");
}
