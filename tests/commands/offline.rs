//! The commands that look at and change what is stored, without a daemon: their tables as they are read.

use serde_json::Value;

use crate::harness::{Bantin, proof::Proof};
use crate::steady::{SECTIONS, shipped, transcript};

async fn json(bantin: &Bantin, arguments: &[&str]) -> Value {
    let said = bantin.command(&[arguments, &["--json"]].concat()).await;
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{arguments:?}: {said:?}");
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{arguments:?}: {error}:\n{}", said.out))
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_look() {
    let bantin = shipped();
    insta::assert_snapshot!("sections", transcript(&bantin, &["sections", "list"]).await);
    assert!(!bantin.path("data").exists(), "looking at the file makes no database");
    let check = transcript(&bantin, &["check"]).await;
    let check: String =
        check.split_inclusive(", next ").map(|line| line.split_once(" (Asia").map_or(line, |(_, rest)| rest)).collect();
    insta::assert_snapshot!("check", check);
    let check = json(&bantin, &["check", "--offline"]).await;
    assert_eq!(check["ok"], true);
    assert_eq!(check["sections"].as_array().map(Vec::len), Some(SECTIONS.len()));
    assert!(!bantin.path("data").exists() && !bantin.path("feeds").exists(), "checking makes nothing");
    insta::assert_snapshot!("status_before", transcript(&bantin, &["status"]).await);
    insta::assert_snapshot!("articles_none", transcript(&bantin, &["articles", "list", "news"]).await);
    // Pausing comes before the first look.
    insta::assert_snapshot!("pause", transcript(&bantin, &["pause", "news", "tin-tuc"]).await);
    let status = json(&bantin, &["status"]).await;
    assert_eq!(status["sections"][0]["state"], "paused");
    assert_eq!(status["daemon"]["ready"], false);
    insta::assert_snapshot!("resume", transcript(&bantin, &["resume", "--all"]).await);
    assert_eq!(json(&bantin, &["status"]).await["sections"][0]["state"], "not looked at yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_one_pass() {
    let bantin = shipped();
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    let sections = json(&bantin, &["sections", "list"]).await;
    let slugs: Vec<_> = sections.as_array().expect("a list").iter().map(|s| s["slug"].clone()).collect();
    assert_eq!(slugs, SECTIONS);
    insta::assert_snapshot!("status_after", transcript(&bantin, &["status"]).await);

    insta::assert_snapshot!(
        "articles_list",
        transcript(&bantin, &["articles", "list", "thong-bao", "--limit", "3"]).await
    );
    let articles = json(&bantin, &["articles", "list", "tin-tuc"]).await;
    assert_eq!(articles.as_array().map(Vec::len), Some(18));
    let seed = articles.as_array().expect("a list").last().expect("an article").clone();
    let (id, url) = (seed["id"].as_str().expect("its number"), seed["url"].as_str().expect("its address"));
    let show = transcript(&bantin, &["articles", "show", url]).await;
    let fields: Vec<&str> = show.split("\n\n").take(2).collect();
    // The public id of a file comes from where the file stands.
    let public = json(&bantin, &["articles", "show", url]).await["public_id"].as_str().unwrap_or_default().to_owned();
    insta::assert_snapshot!("articles_show", fields.join("\n\n").replace(&public, "tag:…"));
    let shown = json(&bantin, &["articles", "show", id]).await;
    assert_eq!((&shown["url"], &shown["reading"]["title"]), (&seed["url"], &seed["title"]));
    let public = shown["public_id"].as_str().expect("its public id");
    assert!(public.starts_with("tag:"), "{public}");
    assert_eq!(json(&bantin, &["articles", "show", public]).await["id"], id);
    insta::assert_snapshot!("articles_withdraw", transcript(&bantin, &["articles", "withdraw", url]).await);
    assert_eq!(json(&bantin, &["articles", "withdraw", id]).await["before"], true);
    assert!(transcript(&bantin, &["articles", "list", "tin-tuc"]).await.contains("withdrawn"));
    assert!(transcript(&bantin, &["articles", "show", id]).await.contains("\nwithdrawn  "));
    let said = bantin.command(&["push", id, "--to", "@kenh"]).await;
    assert!(said.code == 1 && said.err.contains("withdrawn"), "{said:?}");
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    let feed = std::fs::read_to_string(bantin.path("feeds/tin-tuc.rss")).expect("the feed");
    assert!(!feed.contains(url), "an article withdrawn by hand stays withdrawn");

    insta::assert_snapshot!("deliveries_none", transcript(&bantin, &["deliveries", "list"]).await);
    insta::assert_snapshot!("holds_none", transcript(&bantin, &["holds", "list"]).await);
    assert_eq!(json(&bantin, &["deliveries", "retry", "--all"]).await["deliveries"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_come_and_go() {
    let bantin = shipped();
    insta::assert_snapshot!("subscribers_none", transcript(&bantin, &["subscribers", "list"]).await);
    let add = ["subscribers", "add", "doc-gia@example.vn", "--section", "tin-tuc", "--section", "news"];
    insta::assert_snapshot!("subscribers_add", transcript(&bantin, &add).await);
    let again = ["subscribers", "add", "doc-gia@example.vn", "--section", "news", "--cadence", "daily"];
    assert_eq!(bantin.command(&again).await.code, 0);
    insta::assert_snapshot!("subscribers_list", transcript(&bantin, &["subscribers", "list"]).await);
    let readers = json(&bantin, &["subscribers", "list"]).await;
    assert_eq!(readers.as_array().map(Vec::len), Some(1), "one address, one reader");
    insta::assert_snapshot!(
        "subscribers_remove",
        transcript(&bantin, &["subscribers", "remove", "doc-gia@example.vn"]).await
    );
    insta::assert_snapshot!(
        "subscribers_gone",
        transcript(&bantin, &["subscribers", "remove", "doc-gia@example.vn"]).await
    );
    assert_eq!(json(&bantin, &["subscribers", "list"]).await[0]["state"], "left");
    Proof::new("every command does what it says").ran(1, "subscribers, without a daemon");
}
