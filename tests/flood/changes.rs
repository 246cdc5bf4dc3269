//! Many edits or withdrawals at a time wait for an admin; a few do not.

use serde_json::Value;

use crate::harness::proof::Proof;
use crate::world::{ADMIN, Setup, World};

/// The edits and deletions that reached chats.
async fn changes(world: &World) -> (usize, usize) {
    let journal = world.telegram.journal().await;
    let count = |begin: &str| {
        let is =
            |r: &&serde_json::Value| r["method"].as_str().is_some_and(|m| m.starts_with(begin)) && r["chat"] != ADMIN;
        journal.iter().filter(is).count()
    };
    (count("edit"), count("delete"))
}

fn setup() -> Setup {
    Setup {
        sections: 1,
        articles: 12,
        reread: "[\"2s\", \"4s\", \"6s\", \"8s\", \"10s\", \"12s\", \"14s\", \"16s\", \"18s\", \"20s\", \"25s\", \"30s\", \"40s\", \"50s\", \"60s\", \"80s\"]",
        keys: "guard = { run = 50, day = 100, per_hour = 0 }".to_owned(),
        ..Setup::new()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mass_edit_is_held() {
    let world = World::start(setup()).await;
    world.publish(12).await;
    world.portal.pages().changed.texts = true;
    let hold = world
        .patiently("the hold", async || {
            let all = |hold: &Value| hold["kind"] == "edits" && hold["articles"].as_u64().is_some_and(|n| n >= 7);
            world.holds().await.into_iter().find(all)
        })
        .await;
    world.patiently("the alert", async || (!world.alerts().await.is_empty()).then_some(())).await;
    world.looked(6).await;
    // What is read within the first moments may stay below what is suspicious.
    let before = changes(&world).await.0;
    assert!(before <= 5, "{before} posts were edited");
    let feed = world.bantin.feed_with("/feeds/muc-0.atom", "sau khi kiểm tra lại các số liệu").await;
    assert!(feed.contains("<id>tag:"), "feeds have the new texts");
    let alerts = world.alerts().await;
    assert_eq!(alerts.len(), 1, "{alerts:#?}");
    assert_eq!(alerts[0].matches('•').count(), 3, "three samples: {}", alerts[0]);
    let said = world.bantin.command(&["holds", "digest", hold["id"].as_str().expect("its number")]).await;
    assert_eq!(said.code, 1, "edits are no digest: {said:?}");
    let said = world.bantin.command(&["holds", "approve", hold["id"].as_str().expect("its number")]).await;
    assert_eq!(said.code, 0, "{said:?}");
    world.patiently("the edits", async || (changes(&world).await.0 >= 12).then_some(())).await;
    world.looked(2).await;
    assert_eq!(changes(&world).await.0, 12, "each post once");
    Proof::new("a mass edit is held").ran(12, "posts");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mass_withdrawal_is_held_and_a_single_one_is_not() {
    let world = World::start(setup()).await;
    world.publish(12).await;
    world.portal.pages().stories.iter_mut().filter(|story| story.number == 24).for_each(|story| story.gone = true);
    world.patiently("the deletion", async || (changes(&world).await.1 == 1).then_some(())).await;
    world.portal.pages().stories.iter_mut().for_each(|story| story.gone = true);
    let hold = world
        .patiently("the hold", async || world.holds().await.into_iter().find(|hold| hold["kind"] == "withdrawals"))
        .await;
    world.patiently("the alert", async || (!world.alerts().await.is_empty()).then_some(())).await;
    world.looked(6).await;
    let before = changes(&world).await.1;
    assert!(before <= 5, "{before} posts were deleted");
    let said = world.bantin.command(&["holds", "seen", hold["id"].as_str().expect("its number")]).await;
    assert_eq!(said.code, 0, "{said:?}");
    world.looked(4).await;
    assert_eq!(changes(&world).await, (0, before), "they stay");
    Proof::new("a mass withdrawal is held").ran(12, "posts");
}
