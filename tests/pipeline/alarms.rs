//! What is not well with bantin itself is told to admins once when it has lasted, and once when it is well again: a broken
//! configuration, a disk without room, a relay that refuses, messages that are given up.

use serde_json::{Value, json};

use crate::flow::text;
use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, FakeSmtp, FakeTelegram, Site, until};

const ADMIN: &str = "@quan_tri";

/// What admins were told so far that has this piece in it.
async fn told(telegram: &FakeTelegram, piece: &str) -> Vec<String> {
    let journal: Vec<Value> = telegram.journal().await;
    let own = journal.iter().filter(|record| record["chat"] == ADMIN).map(|record| text(record).to_owned());
    own.filter(|text| text.contains(piece)).collect()
}

/// Waits for the first such message.
async fn wait(telegram: &FakeTelegram, piece: &str) -> String {
    until(&format!("an admin told {piece:?}"), async || told(telegram, piece).await.into_iter().next()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_told_once_and_its_end_once() {
    let proof = Proof::new("admins are told once what breaks, and once that it is well");
    let (site, database) = (Site::with("tin-tuc", 3).await, Database::sqlite());
    let (telegram, smtp) = (FakeTelegram::start(), FakeSmtp::start());
    let more = |free: &str| {
        format!(
            "[email]\nfrom = \"bantin@example.vn\"\nsmtp = {{ url = \"smtp://127.0.0.1:{}?tls=none\", timeout = \"1s\" }}\n\n\
             [admin]\ntelegram = \"{ADMIN}\"\nlanguage = \"en\"\nafter = \"1s\"\nfree = \"{free}\"\n\n",
            smtp.port()
        )
    };
    let with = |free: &str| {
        let keys = "guard = \"off\"\ntelegram = \"@kenh_tin\"";
        Config::new(&database).telegram(&telegram).raw(&more(free)).section("tin-tuc", &site, keys)
    };
    let config = with("0");
    let good = config.text();
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    bantin.subscribe("doc.gia@example.vn", "tin-tuc").await;

    // A broken configuration, with its place and what to do.
    bantin.configure(&good.replace("schedule = \"1s\"", "schedule = \"99 * * * *\""));
    let alert = wait(&telegram, "files are broken").await;
    assert!(alert.contains("config.toml:") && alert.contains("bantin check"), "{alert}");
    let status = bantin.command(&["status"]).await;
    assert_eq!(status.code, 2, "{status:?}");
    bantin.configure(&good);
    wait(&telegram, "files are in force again").await;

    // A disk with less room than is wanted.
    bantin.configure(&good.replace("free = \"0\"", "free = \"1048576 GiB\""));
    let alert = wait(&telegram, "MiB of room left").await;
    assert!(alert.contains("[retention]"), "{alert}");
    let status = bantin.command(&["status"]).await;
    assert!(status.out.contains("MiB of room left"), "{status:?}");
    bantin.configure(&good);
    wait(&telegram, "has room again").await;

    // A relay that refuses; mails wait for it.
    smtp.order(
        json!({ "match": { "verb": "greeting" }, "do": { "kind": "reply", "code": 421, "text": "4.3.2 closed" } }),
    )
    .await;
    site.publish("tin-tuc", Article::new(101));
    let alert = wait(&telegram, "takes no mail").await;
    assert!(alert.contains("4.3.2 closed") && alert.contains("Mails wait"), "{alert}");
    smtp.behave().await;
    smtp.wait(1, &[]).await;
    wait(&telegram, "takes mail again").await;

    // Posts that are refused for good, one after the other.
    let refuse = json!({ "kind": "refuse", "code": 400, "description": "Bad Request: TOPIC_NOT_TO_OUR_TASTE" });
    telegram.order(json!({ "match": { "chat": "@kenh_tin" }, "do": refuse })).await;
    for number in 201..213 {
        site.publish("tin-tuc", Article::new(number));
    }
    let alert = wait(&telegram, "could not be delivered within an hour").await;
    assert!(alert.contains("TOPIC_NOT_TO_OUR_TASTE") && alert.contains("deliveries list --state dead"), "{alert}");
    assert!(bantin.terminate().await.success());
    let all = told(&telegram, "").await;
    for piece in ["files are", "room", "The relay", "within an hour"] {
        let count = all.iter().filter(|text| text.contains(piece)).count();
        let wanted = if piece == "within an hour" { 1 } else { 2 };
        assert_eq!(count, wanted, "{piece}: {all:#?}");
    }
    proof.ran(all.len(), "messages, each once");
}
