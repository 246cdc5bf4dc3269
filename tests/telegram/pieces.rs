//! `kill -9` while a post of several messages is on its way (promise 1): no piece is lost, at a kill the one piece (or
//! the one album) that was on its way comes again at most, and what stands in the chat is known, so that it can be
//! deleted as a whole. The fake's journal is the judge.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::article::number_in;
use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, FakeTelegram, Site, amount, on_both, until};
use crate::world::text;

on_both! {
    no_piece_is_lost_and_one_a_kill_comes_again => "Telegram: kill -9 between the pieces of a post",
}

/// Pieces of the text of each article.
const PIECES: usize = 3;

/// An article whose whole text takes [`PIECES`] messages, each with marks of its own, and three pictures.
fn long(number: usize) -> Article {
    let mut article = Article::new(number).with_picture();
    for n in 0..16 {
        let sentence =
            format!("Đoạn {n} của bài {number} kể về mực nước trên sông Hương và người dân vùng thấp trũng. ");
        article.body.push(format!("[{number}/{n:02}] {}", sentence.repeat(6)));
    }
    for n in 1..3 {
        article.body.push(format!("<img src=\"{number}.png?n={n}\" width=\"320\" height=\"320\" alt=\"\">"));
    }
    article
}

/// How often each paragraph of each article stands in a chat.
fn paragraphs(journal: &[Value], chat: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for post in journal.iter().filter(|post| post["chat"] == chat && post["method"] == "sendMessage") {
        for mark in text(post).split('[').skip(1).filter_map(|rest| rest.split_once(']')).map(|(mark, _)| mark) {
            *counts.entry(mark.to_owned()).or_default() += 1;
        }
    }
    counts
}

/// How many messages with a picture each article has in a chat.
fn pictures(journal: &[Value], chat: &str) -> BTreeMap<usize, usize> {
    let mut counts = BTreeMap::new();
    let mut last = 0;
    for post in journal.iter().filter(|post| post["chat"] == chat && post["method"] == "sendMediaGroup") {
        // The caption stands under the first picture of an album.
        last = number_in(text(post)).unwrap_or(last);
        *counts.entry(last).or_default() += 1;
    }
    counts
}

async fn no_piece_is_lost_and_one_a_kill_comes_again(database: Database, proof: Proof) {
    let kills = amount("BANTIN_PIECE_KILLS", 4);
    let site = Site::with("tin-tuc", 3).await;
    let fake = FakeTelegram::start();
    let keys = "guard = \"off\"\ntelegram = [{ chat = \"@split\", text = \"full\", long = \"split\" }, \
                { chat = \"@album\", pictures = \"album\" }]";
    let config = Config::new(&database).telegram(&fake).section("tin-tuc", &site, keys);
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    for kill in 0..kills {
        // The answer to this piece, or to the album, is still owed when the kill comes.
        let chat = if kill % 4 == 3 { "@album" } else { "@split" };
        let nth = if chat == "@album" { 1 } else { 1 + kill % PIECES };
        fake.order(json!({ "match": { "chat": chat, "nth": nth }, "do": { "kind": "withhold" } })).await;
        site.publish("tin-tuc", long(101 + kill));
        assert!(fake.withheld(20_000).await > 0, "no answer is owed to piece {nth} in {chat}");
        bantin.kill();
        fake.behave().await;
        bantin.start().await;
        until(&format!("article {} is whole", 101 + kill), async || {
            let journal = fake.journal().await;
            let last = format!("{}/15", 101 + kill);
            let whole = paragraphs(&journal, "@split").contains_key(&last)
                && pictures(&journal, "@album").contains_key(&(101 + kill));
            whole.then_some(())
        })
        .await;
    }
    let journal = fake.journal().await;
    let (split, albums) = (paragraphs(&journal, "@split"), pictures(&journal, "@album"));
    let wanted = |kill: usize| (0..16).map(move |n| format!("{}/{n:02}", 101 + kill));
    let lost: Vec<String> = (0..kills).flat_map(wanted).filter(|mark| !split.contains_key(mark)).collect();
    assert_eq!(lost, Vec::<String>::new());
    let mut repeated = 0;
    for kill in 0..kills {
        let sent = journal.iter().filter(|post| {
            post["chat"] == "@split"
                && post["method"] == "sendMessage"
                && text(post).contains(&format!("[{}/", 101 + kill))
        });
        let more = sent.count() - PIECES;
        assert!(more <= 1, "{more} pieces of article {} came again", 101 + kill);
        let album = albums[&(101 + kill)];
        assert!(album == 3 || album == 6, "an album of 3 pictures came as {album} messages");
        repeated += more + usize::from(album == 6);
    }
    assert!(repeated <= kills, "{repeated} repeats in {kills} kills");
    // What was sent before a kill and after it is one post: it is deleted as a whole, but for what nobody knows of.
    site.change("tin-tuc", 101, |article| article.withdrawn = true);
    until("the post of several messages is gone", async || {
        let journal = fake.journal().await;
        let gone = journal.iter().filter(|call| call["chat"] == "@split" && call["method"] == "deleteMessages");
        (gone.count() == PIECES).then_some(())
    })
    .await;
    assert_eq!(fake.refused().await, Vec::<Value>::new());
    proof.ran(kills, &format!("lost 0 pieces; repeated {repeated}, one a kill at most"));
}
