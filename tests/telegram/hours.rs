//! When posts come: topics, silence, fixed times, delay, quiet hours; what was withdrawn while it waited.

use bantin::clock::Clock;
use chrono::TimeDelta;
use serde_json::Value;

use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, FakeTelegram, Site, on_both, until};
use crate::world::text;

on_both! {
    every_chat_has_its_own_hours => "Telegram: topics, silence, fixed times, delay and quiet hours",
}

async fn every_chat_has_its_own_hours(database: Database, proof: Proof) {
    let site = Site::with("tin-tuc", 3).await;
    let fake = FakeTelegram::start();
    // Quiet from two hours ago until in two hours, in the section's zone.
    let now = Clock::default().now() + TimeDelta::hours(7);
    let quiet =
        format!("{}-{}", (now - TimeDelta::hours(2)).format("%H:%M"), (now + TimeDelta::hours(2)).format("%H:%M"));
    let keys = format!(
        "guard = \"off\"\ntelegram = [{{ chat = \"@topic\", topic = 7, silent = true }}, {{ chat = \"@held\", quiet = \"{quiet}\" }}, \
         {{ chat = \"@hushed\", quiet = \"{quiet}\", in_quiet = \"silent\" }}, {{ chat = \"@marks\", withdrawn = \"mark\" }}, \
         {{ chat = \"@slot\", at = \"*/2 * * * * *\" }}, {{ chat = \"@digest\", at = \"*/2 * * * * *\", as = \"digest\" }}]"
    );
    let later = "guard = \"off\"\ndelay = \"10s\"\ntelegram = \"@later\"";
    let config = Config::new(&database).telegram(&fake).section("tin-tuc", &site, &keys).section("cham", &site, later);
    let mut bantin = Bantin::new(&config);
    site.publish("cham", Article::new(1));
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    bantin.feed_with("/feeds/cham.rss", "Bản tin số 0001").await;
    // The first slot ever only marks the beginning.
    bantin.logged("listening").await;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    site.publish("cham", Article::new(301));
    bantin.feed_with("/feeds/cham.rss", "Bản tin số 0301").await;
    site.change("cham", 301, |article| article.withdrawn = true);
    site.publish("cham", Article::new(302));
    for number in 101..104 {
        site.publish("tin-tuc", Article::new(number));
    }
    let topic = fake.wait(3, &[("chat", "@topic")]).await;
    assert!(topic.iter().all(|post| post["thread"] == 7 && post["silent"] == true), "{topic:#?}");
    let hushed = fake.wait(3, &[("chat", "@hushed")]).await;
    assert!(hushed.iter().all(|post| post["silent"] == true), "{hushed:#?}");
    let slot = fake.wait(3, &[("chat", "@slot")]).await;
    assert!(slot.iter().all(|post| post["silent"] == false), "{slot:#?}");
    until("every article in a digest", async || {
        let all: String = fake.wait(1, &[("chat", "@digest")]).await.iter().map(|post| text(post).to_owned()).collect();
        (101..104).all(|number| all.contains(&format!("Bản tin số 0{number}"))).then_some(())
    })
    .await;
    // Withdrawn while it waits for the end of the quiet hours, or for its delay: never posted. Where posts are marked,
    // it says so.
    site.change("tin-tuc", 102, |article| article.withdrawn = true);
    let marked = fake.wait(1, &[("chat", "@marks"), ("method", "editMessageText")]).await.remove(0);
    assert!(text(&marked).starts_with("Bài này đã được gỡ"), "{marked}");
    fake.wait(1, &[("chat", "@topic"), ("method", "deleteMessage")]).await;
    let later = fake.wait(1, &[("chat", "@later")]).await;
    assert_eq!(later.len(), 1);
    assert!(text(&later[0]).contains("Bản tin số 0302"), "what was withdrawn in its delay is never posted: {later:?}");
    assert_eq!(fake.wait_at_most(1, &[("chat", "@held")], 0).await, 0, "quiet hours");
    let list = bantin.command(&["deliveries", "list", "--state", "dropped"]).await.out;
    assert!(list.contains("withdrawn"), "dropped from the queue of the quiet chat: {list}");
    assert_eq!(fake.refused().await, Vec::<Value>::new());
    proof.ran(7, "chats");
}
