//! The bot: admins order, everybody else is answered once, and of several instances one alone asks.

use serde_json::{Value, json};

use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, FakeTelegram, Site, on_both, until};
use crate::world::text;

on_both! {
    admins_order_and_strangers_are_answered_once => "Telegram: the bot serves admins, and answers others once",
}

const ADMIN: i64 = 777;

fn message(chat: i64, words: &str) -> Value {
    json!({ "message": {
        "message_id": 1, "date": 1, "text": words,
        "chat": { "id": chat, "type": "private", "first_name": "X" },
        "from": { "id": chat, "is_bot": false, "first_name": "X", "language_code": "en" },
    } })
}

fn press(chat: i64, id: &str, data: &str) -> Value {
    json!({ "callback_query": {
        "id": id, "data": data, "chat_instance": "1",
        "from": { "id": chat, "is_bot": false, "first_name": "X" },
        "message": { "message_id": 1, "date": 1, "text": "x",
                     "chat": { "id": chat, "type": "private", "first_name": "X" } },
    } })
}

/// The last message to a chat, once there are so many.
async fn last(fake: &FakeTelegram, chat: i64, count: usize) -> Value {
    fake.wait(count, &[("chat", &chat.to_string()), ("method", "sendMessage")]).await.pop().expect("a message")
}

fn config(database: &Database, fake: &FakeTelegram, site: &Site) -> Bantin {
    let keys = "telegram = \"@chat_a\"\nguard = { run = 2, per_hour = 0 }";
    let admin = format!("[admin]\ntelegram = {ADMIN}\nlanguage = \"en\"\n\n");
    Bantin::new(&Config::new(database).telegram(fake).raw(&admin).section("tin-tuc", site, keys))
}

async fn admins_order_and_strangers_are_answered_once(database: Database, proof: Proof) {
    let site = Site::with("tin-tuc", 3).await;
    let fake = FakeTelegram::start();
    // With PostgreSQL there are two instances: were both to ask, one would get 409.
    let shared = database.url().starts_with("postgres");
    let mut instances: Vec<Bantin> = (0..=usize::from(shared)).map(|_| config(&database, &fake, &site)).collect();
    for bantin in &mut instances {
        bantin.start().await;
        bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    }
    fake.update(message(ADMIN, "/status")).await;
    let said = last(&fake, ADMIN, 1).await;
    assert!(text(&said).contains("Tin tức tin-tuc (tin-tuc): well"), "{said}");

    // A stranger is told of the pages, once; and may order nothing.
    fake.update(message(42, "hello")).await;
    let said = last(&fake, 42, 1).await;
    assert!(text(&said).contains("http://127.0.0.1") && text(&said).starts_with("Hello"), "{said}");
    fake.update(message(42, "/pause tin-tuc")).await;

    fake.update(message(ADMIN, "/pause tin-tuc")).await;
    assert!(text(&last(&fake, ADMIN, 2).await).contains("paused"), "paused");
    fake.update(message(ADMIN, "/status")).await;
    assert!(text(&last(&fake, ADMIN, 3).await).contains("paused"), "its state");
    fake.update(message(ADMIN, "/resume tin-tuc")).await;
    assert!(text(&last(&fake, ADMIN, 4).await).contains("again"), "resumed");

    // A held run is shown with buttons; a stranger's press does nothing, an admin's lets it out.
    for number in 101..105 {
        site.publish("tin-tuc", Article::new(number));
    }
    let alert = last(&fake, ADMIN, 5).await;
    assert!(text(&alert).contains("bantin holds approve"), "the alert: {alert}");
    fake.update(message(ADMIN, "/holds")).await;
    let hold = last(&fake, ADMIN, 6).await;
    let buttons = hold["buttons"][0].as_array().expect("a row of buttons").clone();
    let data = buttons[0]["callback_data"].as_str().expect("what it sends").to_owned();
    assert_eq!(buttons.last().expect("a button")["text"], "Dismiss");
    fake.update(press(42, "stranger", &data)).await;
    fake.wait(1, &[("method", "answerCallbackQuery"), ("callback", "stranger")]).await;
    assert_eq!(fake.wait_at_most(1, &[("chat", "@chat_a")], 0).await, 0, "still held");
    fake.update(press(ADMIN, "admin", &data)).await;
    let note = fake.wait(1, &[("method", "answerCallbackQuery"), ("callback", "admin")]).await;
    assert!(text(&note[0]).contains("Approved"), "{note:?}");
    let posted = fake.wait(4, &[("chat", "@chat_a")]).await;

    // One article is pushed elsewhere, another one retracted everywhere.
    let address = |number: usize| format!("{}/{number}-ban-tin.html", site.listing("tin-tuc"));
    fake.update(message(ADMIN, &format!("/push {} @chat_b", address(102)))).await;
    fake.wait(1, &[("chat", "@chat_b")]).await;
    fake.update(message(ADMIN, &format!("/retract {}", address(103)))).await;
    let gone = fake.wait(1, &[("method", "deleteMessage")]).await;
    let of_it = posted.iter().find(|post| text(post).contains("Bản tin số 0103")).expect("its post");
    assert_eq!(gone[0]["message_id"], of_it["message_id"]);

    assert_eq!(fake.wait_at_most(2, &[("chat", "42")], 0).await, 1, "a stranger is answered once");
    assert_eq!(fake.refused().await, Vec::<Value>::new(), "no conflict, nothing refused");
    for bantin in &instances {
        assert!(!bantin.log().contains("chat 42"), "no address of a stranger in the log");
    }
    if shared {
        // The one that asks ends; the other one goes on.
        instances.remove(0).terminate().await;
        fake.update(message(ADMIN, "/status")).await;
        until("the other instance", async || {
            fake.journal().await.iter().rev().take(1).any(|post| text(post).contains("(tin-tuc): well")).then_some(())
        })
        .await;
    }
    proof.ran(9, "orders");
}
