//! The governor: one pace for all instances, kept over restarts, never a call into a penalty, no chat delayed by
//! another's. Counts: `BANTIN_TELEGRAM_CHATS` (50), `BANTIN_TELEGRAM_POSTS` (16 to each; 100 in `scripts/prove`).

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::alone;
use crate::harness::proof::Proof;
use crate::harness::{Article, Database, Site, amount, until};
use crate::world::{by_chat, groups, instance, pace, paced_fake, speed};

fn chats() -> usize {
    amount("BANTIN_TELEGRAM_CHATS", 50)
}

fn posts() -> usize {
    amount("BANTIN_TELEGRAM_POSTS", 16)
}

/// How far a run may be from the ideal: at the full counts as far as bantin promises; at small ones, where the fake's
/// clock runs five times as fast and other tests' work is felt as much more, only far enough to see that nothing stands
/// still.
fn slowest(promised: f64) -> f64 {
    if posts() >= 50 { promised } else { 3.0 }
}

/// How many of so many posts may be told to come later; the same.
fn late(wanted: usize, promised: usize) -> usize {
    if posts() >= 50 { promised } else { wanted.div_ceil(100) }
}

/// The least time in which a chat can get so many posts, and all chats together theirs.
fn ideal(chats: usize, posts: usize) -> Duration {
    let of_chat = Duration::from_mins(1) / 20 * (posts as u32 - 1);
    let of_all = Duration::from_secs(1) * (chats * posts) as u32 / 25;
    of_chat.max(of_all) / speed()
}

fn refusals(refused: &[Value]) -> (usize, usize) {
    let many = refused.iter().filter(|call| call["code"] == 429).count();
    (many, refused.iter().filter(|call| call["ignored"] == true).count())
}

/// When the first and the last of these came.
fn span(times: impl Iterator<Item = u64>) -> Duration {
    let (first, last) = times.fold((u64::MAX, 0), |(first, last), at| (first.min(at), last.max(at)));
    Duration::from_millis(last.saturating_sub(first))
}

#[tokio::test(flavor = "multi_thread")]
async fn three_instances_keep_one_pace_and_no_chat_waits_for_another() {
    let proof = Proof::new("three instances keep one pace; one chat's penalty delays no other");
    let Some(database) = Database::postgres().await else {
        proof.skipped("BANTIN_TEST_POSTGRES names no PostgreSQL server");
        return;
    };
    let _alone = alone().await;
    let (chats, posts) = (chats(), posts());
    let site = Site::with("tin-tuc", 3).await;
    let fake = paced_fake();
    let names = groups(chats);
    let punished = &names[0];
    let mut instances: Vec<_> = (0..3).map(|_| instance(&database, &fake, &pace(), &site, &names, "")).collect();
    for bantin in &mut instances {
        bantin.start().await;
        bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    }
    // The third call to one chat: an hour.
    let hour = json!({ "match": { "chat": punished, "nth": 3 }, "do": { "kind": "retry_after", "seconds": 3600 } });
    fake.order(hour).await;
    for number in 1001..1001 + posts {
        site.publish("tin-tuc", Article::new(number));
    }
    let least = ideal(chats, posts);
    let wanted = posts * (chats - 1) + 2;
    until("every post but those of the chat that has to wait", async || {
        (fake.wait_at_most(wanted, &[("method", "sendMessage")], 1_000).await >= wanted).then_some(())
    })
    .await;
    let refused = fake.refused().await;
    let (many, ignored) = refusals(&refused);
    assert_eq!(ignored, 0, "calls inside a penalty: {refused:#?}");
    assert!(many - 1 <= late(wanted, wanted / 1000), "{many} times 429 for {wanted} posts: {refused:#?}");
    let chats = by_chat(&fake.journal().await);
    assert_eq!(chats[punished].len(), 2, "the chat that has to wait");
    let others = || chats.iter().filter(|(name, _)| *name != punished).map(|(_, posts)| posts);
    let took = span(others().flatten().map(|(at, _)| *at));
    let order: Vec<usize> = others().next().expect("a chat").iter().map(|(_, number)| *number).collect();
    let mut worst = Duration::ZERO;
    for posts in others() {
        assert_eq!(posts.iter().map(|(_, number)| *number).collect::<Vec<_>>(), order, "the order within a chat");
        let gaps = posts.windows(2).map(|pair| Duration::from_millis(pair[1].0 - pair[0].0));
        worst = worst.max(gaps.max().unwrap_or_default());
    }
    println!(
        "3 instances, {} chats, {wanted} posts: {took:.2?}, ideal {least:.2?} ({:.3}); 429: {}, in a penalty: {ignored}; \
         the longest pause of another chat {worst:.2?}",
        chats.len(),
        took.as_secs_f64() / least.as_secs_f64(),
        many - 1,
    );
    assert!(took <= least.mul_f64(slowest(1.1)), "{took:?} for what can be done in {least:?}");
    let turn = Duration::from_secs(3) / speed();
    assert!(worst < turn + Duration::from_secs(2), "a chat waited {worst:?}");
    proof.ran(wanted, &format!("posts in {:.2} × the ideal time", took.as_secs_f64() / least.as_secs_f64()));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_instance_is_never_refused() {
    let proof = Proof::new("one instance: no 429 at the limits Telegram has");
    let _alone = alone().await;
    let database = Database::sqlite();
    let (chats, posts) = (10, posts());
    let site = Site::with("tin-tuc", 3).await;
    let fake = paced_fake();
    let mut bantin = instance(&database, &fake, &pace(), &site, &groups(chats), "");
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    for number in 1001..1001 + posts {
        site.publish("tin-tuc", Article::new(number));
    }
    let wanted = chats * posts;
    fake.wait(wanted, &[("method", "sendMessage")]).await;
    let refused = fake.refused().await;
    let (many, ignored) = refusals(&refused);
    assert_eq!((ignored, refused.len() - many), (0, 0), "{refused:#?}");
    assert!(many <= late(wanted, 0), "{refused:#?}");
    let chats = by_chat(&fake.journal().await);
    let (took, least) = (span(chats.values().flatten().map(|(at, _)| *at)), ideal(chats.len(), posts));
    let ratio = took.as_secs_f64() / least.as_secs_f64();
    println!(
        "1 instance, {} chats, {wanted} posts: {took:.2?}, ideal {least:.2?} ({ratio:.3}); 429: {many}",
        chats.len()
    );
    assert!(ratio <= slowest(1.05), "{took:?} for what can be done in {least:?}");
    proof.ran(wanted, &format!("posts in {ratio:.3} × the ideal time"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_penalty_outlasts_a_restart() {
    let proof = Proof::new("a penalty is obeyed over a restart");
    let database = Database::sqlite();
    let site = Site::with("tin-tuc", 3).await;
    let fake = paced_fake();
    let names = groups(2);
    let mut bantin = instance(&database, &fake, &pace(), &site, &names, "");
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    let wait = json!({ "match": { "chat": names[0], "nth": 1 }, "do": { "kind": "retry_after", "seconds": 3 } });
    fake.order(wait).await;
    let begun = Instant::now();
    for number in 1001..1004 {
        site.publish("tin-tuc", Article::new(number));
    }
    bantin.logged("Telegram asks to wait").await;
    bantin.kill();
    bantin.start().await;
    fake.wait(3, &[("chat", &names[1])]).await;
    assert_eq!(fake.wait_at_most(1, &[("chat", &names[0])], 0).await, 0, "before its time");
    fake.wait(3, &[("chat", &names[0])]).await;
    assert!(begun.elapsed() >= Duration::from_secs(3));
    let refused = fake.refused().await;
    assert_eq!(refusals(&refused), (1, 0), "{refused:#?}");
    proof.ran(1, "penalty of 3 s over kill -9");
}
