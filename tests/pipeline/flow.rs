//! The way of an article from the site to feed, chat and inbox, and what becomes of it there when it changes.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::harness::article::number_in;
use crate::harness::proof::Proof;
pub use crate::harness::tally::{mails, posts, text};
use crate::harness::{Article, Bantin, Config, Database, FakeSmtp, FakeTelegram, Site, mail, on_both, until};

on_both! {
    a_new_article_arrives_everywhere => "first run pushes nothing old; a new article reaches feeds, Telegram and mail",
    an_edit_is_an_edit => "an edit edits the post and sends no second mail",
    a_withdrawn_article_disappears => "a withdrawn article leaves the chat and the feeds",
    a_restart_sends_nothing_twice => "SIGTERM and restart: nothing twice, nothing lost",
}

/// A site with three old articles, both channels, and one reader; the daemon has had its first look.
pub struct World {
    pub site: Site,
    pub telegram: FakeTelegram,
    pub smtp: FakeSmtp,
    pub bantin: Bantin,
    /// Dropped last: a database outlives the daemon that uses it.
    _database: Database,
}

pub const READER: &str = "doc.gia@example.vn";

impl World {
    /// The usual world; the chats of the section are `chats`, as TOML.
    pub async fn start(database: Database, chats: &str) -> Self {
        let site = Site::with("tin-tuc", 3).await;
        let (telegram, smtp) = (FakeTelegram::start(), FakeSmtp::start());
        let keys = format!("guard = \"off\"\ntelegram = {chats}");
        let config = Config::new(&database).telegram(&telegram).email(&smtp, 2).section("tin-tuc", &site, &keys);
        let mut bantin = Bantin::new(&config);
        bantin.start().await;
        bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
        bantin.subscribe(READER, "tin-tuc").await;
        Self { site, telegram, smtp, bantin, _database: database }
    }

    /// Publishes an article and waits until it is in the chat and in the inbox: what was queued before it has
    /// been sent by then.
    async fn fence(&self, number: usize) {
        let article = Article::new(number);
        let title = article.title.clone();
        self.site.publish("tin-tuc", article);
        until(&format!("article {number} in the chat"), async || {
            self.telegram.journal().await.iter().any(|post| number_in(text(post)) == Some(number)).then_some(())
        })
        .await;
        until(&format!("article {number} in the inbox"), async || {
            self.smtp.journal().await.iter().any(|record| mail::read(record).subject.contains(&title)).then_some(())
        })
        .await;
    }
}

async fn a_new_article_arrives_everywhere(database: Database, proof: Proof) {
    let world = World::start(database, "\"@chat_a\"").await;
    let article = Article::new(100).with_picture();
    world.site.publish("tin-tuc", article.clone());
    let post = world.telegram.wait(1, &[("chat", "@chat_a")]).await.remove(0);
    assert!(text(&post).contains(&article.title), "{post}");
    assert_eq!(post["photo"]["width"], 320, "the picture was uploaded: {post}");
    let link = format!("{}/100-ban-tin.html", world.site.listing("tin-tuc"));
    assert!(post.to_string().contains(&link), "the post leads to the article: {post}");

    let record = world.smtp.wait(1, &[]).await.remove(0);
    let mail = mail::read(&record);
    assert_eq!(mail.to, [READER]);
    assert!(mail.subject.contains(&article.title), "{mail:?}");
    for part in [&mail.text, &mail.html] {
        assert!(part.contains(&link), "{part}");
        assert!(part.contains("Theo Đài Khí tượng Thủy văn, mưa lớn"), "the whole text: {part}");
        assert!(!part.contains("Trang chủ"), "no menu of the site: {part}");
    }
    assert!(mail.list_unsubscribe.is_some_and(|value| value.contains("/unsubscribe/")), "RFC 2369");
    assert_eq!(mail.list_unsubscribe_post.as_deref(), Some("List-Unsubscribe=One-Click"), "RFC 8058");

    for format in ["rss", "atom", "json"] {
        let served = world.bantin.feed_with(&format!("/feeds/tin-tuc.{format}"), &article.title).await;
        assert!(served.contains("Bản tin số 0001"), "old articles are in the {format} feed");
        let all = world.bantin.feed_with(&format!("/feeds/all.{format}"), &article.title).await;
        assert!(all.contains(&link), "{format}");
        let file = world.bantin.path(&format!("feeds/tin-tuc.{format}"));
        until(&format!("the {format} file"), async || (std::fs::read_to_string(&file).ok()? == served).then_some(()))
            .await;
    }

    world.fence(101).await;
    let expected = BTreeMap::from([(100, 1), (101, 1)]);
    assert_eq!(posts(&world.telegram.journal().await, "@chat_a"), expected, "nothing old, nothing twice");
    assert_eq!(mails(&world.smtp.journal().await), expected);
    assert_eq!(world.telegram.refused().await, Vec::<Value>::new());
    assert_eq!(world.smtp.refused().await, Vec::<Value>::new());
    until("a look answered 304", async || (world.site.unchanged() > 0).then_some(())).await;
    proof.ran(2, "articles");
}

async fn an_edit_is_an_edit(database: Database, proof: Proof) {
    let world = World::start(database, "\"@chat_a\"").await;
    world.fence(100).await;
    world.site.publish("tin-tuc", Article::new(101).with_picture());
    world.telegram.wait(2, &[]).await;
    for number in [100, 101] {
        world.site.change("tin-tuc", number, |article| article.title += " (đã đính chính)");
    }
    let edit = world.telegram.wait(1, &[("method", "editMessageText")]).await.remove(0);
    assert!(text(&edit).contains("đã đính chính"), "{edit}");
    assert_eq!(number_in(text(&edit)), Some(100));
    let journal = world.telegram.journal().await;
    let first = journal.iter().find(|post| number_in(text(post)) == Some(100)).expect("the post");
    assert_eq!(first["message_id"], edit["message_id"], "the same message");
    until("the caption's edit", async || {
        let journal = world.telegram.journal().await;
        let edited = |post: &&Value| post["edited"] == true && number_in(text(post)) == Some(101);
        journal.iter().find(edited).map(|post| assert!(!post["photo"].is_null(), "the picture stays: {post}"))
    })
    .await;
    for format in ["rss", "atom", "json"] {
        world.bantin.feed_with(&format!("/feeds/tin-tuc.{format}"), "đã đính chính").await;
    }
    world.fence(102).await;
    let expected = BTreeMap::from([(100, 1), (101, 1), (102, 1)]);
    assert_eq!(posts(&world.telegram.journal().await, "@chat_a"), expected, "an edit is no new post");
    assert_eq!(mails(&world.smtp.journal().await), expected, "an edit is no new mail");
    proof.ran(2, "edits");
}

async fn a_withdrawn_article_disappears(database: Database, proof: Proof) {
    let world = World::start(database, "\"@chat_a\"").await;
    world.fence(100).await;
    let journal = world.telegram.journal().await;
    let id = journal.first().expect("the post")["message_id"].clone();
    world.site.change("tin-tuc", 100, |article| article.withdrawn = true);
    let deleted = world.telegram.wait(1, &[("method", "deleteMessage")]).await.remove(0);
    assert_eq!(deleted["message_id"], id);
    let atom = world.bantin.feed_with("/feeds/tin-tuc.atom", "deleted-entry").await;
    assert!(!atom.contains("Bản tin số 0100"), "{atom}");
    for format in ["rss", "json"] {
        until(&format!("an end in {format}"), async || {
            (!world.bantin.text(&format!("/feeds/tin-tuc.{format}")).await.contains("Bản tin số 0100")).then_some(())
        })
        .await;
    }
    world.fence(101).await;
    assert_eq!(mails(&world.smtp.journal().await), BTreeMap::from([(100, 1), (101, 1)]));
    proof.ran(1, "withdrawal");
}

async fn a_restart_sends_nothing_twice(database: Database, proof: Proof) {
    let mut world = World::start(database, "[\"@chat_a\", \"@chat_b\"]").await;
    for number in 100..110 {
        world.site.publish("tin-tuc", Article::new(number));
    }
    // In the middle of it, and then twice more with everything done.
    world.telegram.wait(3, &[]).await;
    for number in 110..113 {
        let status = world.bantin.terminate().await;
        assert_eq!(status.code(), Some(0), "SIGTERM is an orderly stop:\n{}", world.bantin.log());
        world.bantin.start().await;
        world.fence(number).await;
    }
    let expected: BTreeMap<usize, usize> = (100..113).map(|number| (number, 1)).collect();
    until("the other chat", async || (posts(&world.telegram.journal().await, "@chat_b").len() == 13).then_some(()))
        .await;
    for chat in ["@chat_a", "@chat_b"] {
        assert_eq!(posts(&world.telegram.journal().await, chat), expected, "{chat}");
    }
    until("every mail", async || (mails(&world.smtp.journal().await).len() == 13).then_some(())).await;
    assert_eq!(mails(&world.smtp.journal().await), expected);
    proof.ran(3, "restarts");
}
