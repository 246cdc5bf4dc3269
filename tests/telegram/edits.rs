//! Many edits: as many as there were changes, and no new post. `BANTIN_TELEGRAM_EDITS` (100; 500 in `scripts/prove`).

use std::collections::HashSet;

use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, FakeTelegram, Site, amount};

const ARTICLES: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_one_edit() {
    let proof = Proof::new("Telegram: every change is one edit and no post");
    let edits = amount("BANTIN_TELEGRAM_EDITS", 100).next_multiple_of(ARTICLES);
    let database = Database::sqlite();
    let site = Site::with("tin-tuc", 3).await;
    let fake = FakeTelegram::start();
    let keys = "guard = \"off\"\ntelegram = \"@chat_a\"";
    let mut bantin = Bantin::new(&Config::new(&database).telegram(&fake).section("tin-tuc", &site, keys));
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    for number in 101..101 + ARTICLES {
        site.publish("tin-tuc", Article::new(number));
    }
    fake.wait(ARTICLES, &[("method", "sendMessage")]).await;
    for round in 1..=edits / ARTICLES {
        for number in 101..101 + ARTICLES {
            // The body changes what feeds show, and nothing of a post; the title changes both.
            site.change("tin-tuc", number, |article| {
                article.title = format!("{} (lần {round})", article.title.split(" (lần").next().unwrap_or_default());
                article.body.push(format!("Bổ sung lần {round}."));
            });
        }
        fake.wait(round * ARTICLES, &[("method", "editMessageText")]).await;
    }
    // A change that no post shows is no call.
    for number in 101..101 + ARTICLES {
        site.change("tin-tuc", number, |article| article.body.push("Thêm một câu ở cuối bài.".into()));
    }
    bantin.feed_with("/feeds/tin-tuc.rss", "Thêm một câu ở cuối bài.").await;
    site.publish("tin-tuc", Article::new(200));
    fake.wait(ARTICLES + 1, &[("method", "sendMessage")]).await;
    let journal = fake.journal().await;
    let edited: Vec<_> = journal.iter().filter(|post| post["method"] == "editMessageText").collect();
    let posts = journal.iter().filter(|post| post["method"] == "sendMessage").count();
    let messages: HashSet<_> = edited.iter().map(|post| post["message_id"].as_i64()).collect();
    assert_eq!((edited.len(), posts, messages.len()), (edits, ARTICLES + 1, ARTICLES));
    assert!(fake.refused().await.is_empty(), "{:?}", fake.refused().await);
    println!("{edits} changes: {} edits, {} new posts", edited.len(), posts - ARTICLES - 1);
    proof.ran(edits, "edits, 0 new posts");
}
