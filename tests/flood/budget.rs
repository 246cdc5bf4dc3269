//! A chat gets so many posts an hour; the rest comes as one digest and never as a queue that drains later.

use crate::harness::proof::Proof;
use crate::world::{Setup, World};

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_is_one_digest() {
    let keys = "guard = { run = 50, day = 100, per_hour = 4 }".to_owned();
    let world = World::start(Setup { sections: 1, articles: 10, keys, ..Setup::new() }).await;
    let titles: Vec<String> = (0..14).map(|_| world.portal.publish(0)).collect();
    world.patiently("the posts", async || (world.posts().await.len() >= 4).then_some(())).await;
    world.looked(3).await;
    assert_eq!(world.posts().await.len(), 4, "no more within the hour");
    let said = world.bantin.command(&["deliveries", "list", "--json"]).await;
    let list: serde_json::Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"));
    let digests: Vec<_> =
        list.as_array().into_iter().flatten().filter(|d| d["kind"] == "digest" && d["state"] == "pending").collect();
    assert_eq!(digests.len(), 1, "{list:#}");
    // More within the hour joins it.
    let more = world.portal.publish(0);
    world.patiently("the article", async || (world.articles().await == 25).then_some(())).await;
    world.looked(2).await;
    let url = format!("sqlite:{}", world.bantin.path("data/bantin.db").display());
    let store = bantin::store::Store::open(&url).await.expect("the store");
    let waiting: Vec<_> = store
        .deliveries(Some("pending"), 100)
        .await
        .expect("deliveries")
        .into_iter()
        .filter(|delivery| delivery.kind == "digest")
        .collect();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    let payload: serde_json::Value = serde_json::from_str(&waiting[0].payload).expect("its list");
    assert_eq!(payload["articles"].as_array().map(Vec::len), Some(11), "14 and 1 without the 4 posts");
    let hour = waiting[0].due_at - waiting[0].created_at;
    assert!((3_500_000..=3_600_000).contains(&hour), "due when the hour is over: {hour}");
    assert_eq!(world.posts().await.keys().filter(|title| titles.contains(title)).count(), 4);
    assert!(!world.posts().await.contains_key(&more));
    Proof::new("a chat's budget: the rest is one digest").ran(15, "articles, 4 posts an hour");
}
