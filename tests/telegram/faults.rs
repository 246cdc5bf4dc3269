//! What becomes of chats and tokens: a moved group, a bot that was thrown out, a token that was revoked.

use serde_json::json;

use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, FakeSmtp, FakeTelegram, Site, mail, on_both};
use crate::world::text;

on_both! {
    a_moved_group_is_followed_for_good => "Telegram: a moved group's id is kept",
    who_throws_the_bot_out_is_told_of_once => "Telegram: a chat that refuses rests, one alert, at most one try an hour",
    a_revoked_token_loses_nothing => "Telegram: a revoked token stops the queue, tells, and loses nothing",
}

async fn a_moved_group_is_followed_for_good(database: Database, proof: Proof) {
    let site = Site::with("tin-tuc", 3).await;
    let fake = FakeTelegram::start();
    let keys = "guard = \"off\"\ntelegram = -100";
    let config = Config::new(&database).telegram(&fake).section("tin-tuc", &site, keys);
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    fake.order(json!({ "match": { "chat": "-100" }, "do": { "kind": "migrate", "to": -1_009_999 } })).await;
    site.publish("tin-tuc", Article::new(101));
    fake.wait(1, &[("chat", "-1009999")]).await;
    bantin.terminate().await;
    bantin.start().await;
    site.publish("tin-tuc", Article::new(102));
    fake.wait(2, &[("chat", "-1009999")]).await;
    let asked = fake.refused().await;
    assert_eq!(asked.len(), 1, "the old id was tried once, also after a restart: {asked:#?}");
    proof.ran(1, "move, a restart between");
}

async fn who_throws_the_bot_out_is_told_of_once(database: Database, proof: Proof) {
    let site = Site::with("tin-tuc", 3).await;
    let fake = FakeTelegram::start();
    let keys = "guard = \"off\"\ntelegram = [\"@chat_a\", \"@chat_b\"]";
    let admin = "[admin]\ntelegram = \"@quan_tri\"\nlanguage = \"en\"\n\n";
    let config = Config::new(&database).telegram(&fake).raw(admin).section("tin-tuc", &site, keys);
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    fake.order(json!({ "match": { "chat": "@chat_a" }, "do": { "kind": "forbidden" } })).await;
    for number in 101..105 {
        site.publish("tin-tuc", Article::new(number));
    }
    fake.wait(4, &[("chat", "@chat_b")]).await;
    let alert = fake.wait(1, &[("chat", "@quan_tri")]).await.remove(0);
    assert!(text(&alert).contains("@chat_a") && text(&alert).contains("kicked"), "{alert}");
    // Neither a restart nor further articles make it try again within the hour, or tell again.
    bantin.terminate().await;
    bantin.start().await;
    site.publish("tin-tuc", Article::new(105));
    fake.wait(5, &[("chat", "@chat_b")]).await;
    assert_eq!(fake.refused().await.len(), 1, "one try");
    assert_eq!(fake.wait_at_most(2, &[("chat", "@quan_tri")], 300).await, 1, "one alert");
    let status = bantin.command(&["status"]).await.out;
    assert!(status.contains("@chat_a rests"), "{status}");
    proof.ran(1, "alert, 1 try for 5 articles and a restart");
}

async fn a_revoked_token_loses_nothing(database: Database, proof: Proof) {
    let site = Site::with("tin-tuc", 3).await;
    let (fake, smtp) = (FakeTelegram::start(), FakeSmtp::start());
    let keys = "guard = \"off\"\ntelegram = [\"@chat_a\", \"@chat_b\", \"@chat_c\"]";
    let admin = "[admin]\nemail = \"admin@example.vn\"\nlanguage = \"en\"\n\n";
    let good = Config::new(&database).telegram(&fake).email(&smtp, 1).raw(admin).section("tin-tuc", &site, keys).text();
    let mut bantin = Bantin::empty(port_of(&good));
    bantin.configure(&good.replace(FakeTelegram::TOKEN, "4242:AARevokedTokenOfTests"));
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    for number in 101..104 {
        site.publish("tin-tuc", Article::new(number));
    }
    let mail = mail::read(&smtp.wait(1, &[]).await.remove(0));
    assert!(mail.text.contains("token") && !mail.text.contains("AARevoked"), "{mail:?}");
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0103").await;
    bantin.command(&["status"]).await;
    let calls = fake.refused().await;
    assert!(calls.len() <= 3, "the queue stops with the first answers: {calls:#?}");
    bantin.terminate().await;
    bantin.configure(&good);
    bantin.start().await;
    for chat in ["@chat_a", "@chat_b", "@chat_c"] {
        let posts = fake.wait(3, &[("chat", chat)]).await;
        assert_eq!(posts.len(), 3);
    }
    assert_eq!(smtp.journal().await.len(), 1, "told once");
    assert_eq!(fake.refused().await.len(), calls.len(), "no further call with the bad one");
    proof.ran(9, "posts after the token was put right");
}

fn port_of(text: &str) -> u16 {
    let listen = text.split("listen = \"127.0.0.1:").nth(1).and_then(|rest| rest.split('"').next());
    listen.and_then(|port| port.parse().ok()).expect("a port")
}
