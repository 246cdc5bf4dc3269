//! `kill -9` again and again while messages are on their way (promise 1): nothing is lost, and at a kill at
//! most `window` messages per open connection are repeated. The journals of the fakes are the judge.

use std::collections::{BTreeMap, HashSet};

use serde_json::json;

use crate::flow::{World, mails, posts};
use crate::harness::proof::Proof;
use crate::harness::{Article, Database, amount, mail, on_both, until};

on_both! {
    nothing_is_lost => "kill -9 while sending",
}

/// Connections that can hold a message at a kill; the windows are 1. A chat gets one message at a time, so two
/// chats are two connections; the relay's are configured ([`World`]).
const TELEGRAM_CONNECTIONS: usize = 2;
const EMAIL_CONNECTIONS: usize = 2;
const ARTICLES: usize = 200;

/// Waits until an answer is owed, and a moment for the other channel; on how many channels one is. A chat may be
/// out of reach: on PostgreSQL what a killed instance was sending waits for its lease, and the chat with it.
async fn owed(world: &World) -> usize {
    tokio::select! {
        _ = world.telegram.withheld(20_000) => {}
        _ = world.smtp.withheld(20_000) => {}
    }
    let (telegram, smtp) = tokio::join!(world.telegram.withheld(1_000), world.smtp.withheld(1_000));
    telegram.min(1) + smtp.min(1)
}

async fn nothing_is_lost(database: Database, proof: Proof) {
    let kills = amount("BANTIN_KILLS", 6);
    let mut world = World::start(database, "[\"@chat_a\", \"@chat_b\"]").await;
    let mut numbers = 1001..1001 + ARTICLES;
    let mut in_sending = 0;
    for kill in 0..kills {
        let share = ARTICLES * (kill + 1) / kills - ARTICLES * kill / kills;
        for number in numbers.by_ref().take(share) {
            world.site.publish("tin-tuc", Article::new(number));
        }
        // Every sixth kill comes at a moment nobody chose; the others when answers are owed on both channels.
        if kill % 6 == 5 {
            let seen = world.telegram.journal().await.len();
            world.telegram.wait_at_most(seen + share / 2 + 1, &[], 5_000).await;
        } else {
            let late =
                |done: usize| json!({ "match": { "nth": done.max(1), "every": 1 }, "do": { "kind": "withhold" } });
            world.telegram.order(late(share)).await;
            let mut dot = late(share / 2);
            dot["match"]["verb"] = json!("dot");
            world.smtp.order(dot).await;
            let owed = owed(&world).await;
            in_sending += usize::from(owed > 0);
        }
        world.bantin.kill();
        world.telegram.behave().await;
        world.smtp.behave().await;
        world.bantin.start().await;
    }

    let wanted: HashSet<usize> = (1001..1001 + ARTICLES).collect();
    for chat in ["@chat_a", "@chat_b"] {
        until(&format!("all articles in {chat}"), async || {
            (posts(&world.telegram.journal().await, chat).len() >= wanted.len()).then_some(())
        })
        .await;
    }
    until("all articles in the inbox", async || {
        (mails(&world.smtp.journal().await).len() >= wanted.len()).then_some(())
    })
    .await;
    // A last article behind all that was queued: what would come twice has come.
    world.site.publish("tin-tuc", Article::new(1999));
    world.telegram.wait(1, &[]).await;
    until("the last article", async || {
        let (chat, inbox) = (posts(&world.telegram.journal().await, "@chat_b"), mails(&world.smtp.journal().await));
        (chat.contains_key(&1999) && inbox.contains_key(&1999)).then_some(())
    })
    .await;

    let telegram = world.telegram.journal().await;
    let smtp = world.smtp.journal().await;
    let mut repeats = [0, 0];
    for (channel, counts) in [(0, posts(&telegram, "@chat_a")), (0, posts(&telegram, "@chat_b")), (1, mails(&smtp))] {
        let lost: Vec<_> = wanted.iter().filter(|number| !counts.contains_key(number)).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
        assert!(counts.keys().all(|number| wanted.contains(number) || *number == 1999), "something old was pushed");
        repeats[channel] += counts.values().map(|n| n - 1).sum::<usize>();
    }
    assert!(repeats[0] <= kills * TELEGRAM_CONNECTIONS, "{} posts repeated in {kills} kills", repeats[0]);
    assert!(repeats[1] <= kills * EMAIL_CONNECTIONS, "{} mails repeated in {kills} kills", repeats[1]);
    let mut ids: BTreeMap<String, HashSet<String>> = BTreeMap::new();
    for record in &smtp {
        let mail = mail::read(record);
        ids.entry(mail.subject).or_default().insert(mail.message_id);
    }
    assert!(ids.values().all(|ids| ids.len() == 1), "a repeat keeps its Message-ID: {ids:?}");
    assert!(in_sending * 5 >= kills * 4, "only {in_sending} of {kills} kills hit a message on its way");
    assert_eq!(world.telegram.refused().await.len(), 0, "the Bot API had nothing to refuse");
    let note = format!("{in_sending} in sending; repeated {} posts, {} mails; lost 0", repeats[0], repeats[1]);
    proof.ran(kills, &note);
}
