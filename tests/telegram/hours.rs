//! When posts come: topics, silence, fixed times, delay, quiet hours; what was withdrawn while it waited.

use bantin::clock::Clock;
use chrono::TimeDelta;
use serde_json::Value;

use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, FakeTelegram, Site, on_both, until};
use crate::world::text;

on_both! {
    every_chat_has_its_own_hours => "Telegram: topics, silence, fixed times, delay and quiet hours",
    what_is_urgent_waits_for_none_of_them => "Telegram: urgent articles wait for no delay, fixed time or quiet hours",
    a_digest_waits_for_the_end_of_quiet_hours => "Telegram: a digest waits for the end of quiet hours",
}

/// Quiet hours from two hours ago until in two hours, in the sections' zone.
fn quiet_now() -> String {
    let now = Clock::default().now() + TimeDelta::hours(7);
    format!("{}-{}", (now - TimeDelta::hours(2)).format("%H:%M"), (now + TimeDelta::hours(2)).format("%H:%M"))
}

async fn every_chat_has_its_own_hours(database: Database, proof: Proof) {
    let site = Site::with("tin-tuc", 3).await;
    let fake = FakeTelegram::start();
    let quiet = quiet_now();
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

async fn what_is_urgent_waits_for_none_of_them(database: Database, proof: Proof) {
    const NEVER: &str = "0 0 29 2 *";
    let site = Site::with("tin-tuc", 3).await;
    let fake = FakeTelegram::start();
    let quiet = quiet_now();
    let keys = format!(
        "guard = \"off\"\nurgent = {{ title = 're:^(tin )?khẩn' }}\n\
         telegram = [{{ chat = \"@held\", quiet = \"{quiet}\" }}, {{ chat = \"@slot\", at = \"{NEVER}\", silent = true }}, \
         {{ chat = \"@digest\", at = \"{NEVER}\", as = \"digest\", quiet = \"{quiet}\" }}]"
    );
    let later = "guard = \"off\"\ndelay = \"1h\"\nurgent = \"khẩn cấp\"\ntelegram = \"@later\"";
    let config = Config::new(&database).telegram(&fake).section("tin-tuc", &site, &keys).section("cham", &site, later);
    let mut bantin = Bantin::new(&config);
    site.publish("cham", Article::new(1));
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    bantin.feed_with("/feeds/cham.rss", "Bản tin số 0001").await;
    let hot = |number: usize, word: &str| {
        let mut article = Article::new(number);
        article.title = format!("{word}: {}", article.title);
        article
    };
    // In its order: what waits was there first.
    site.publish("tin-tuc", Article::new(101));
    site.publish("cham", Article::new(201));
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0101").await;
    bantin.feed_with("/feeds/cham.rss", "Bản tin số 0201").await;
    site.publish("tin-tuc", hot(102, "TIN KHẨN"));
    site.publish("cham", hot(202, "Khan cap"));
    for (chat, number) in [("@held", 102), ("@slot", 102), ("@digest", 102), ("@later", 202)] {
        let posts = fake.wait(1, &[("chat", chat)]).await;
        assert_eq!(posts.len(), 1, "{chat}: the others wait");
        assert!(text(&posts[0]).contains(&format!("Bản tin số 0{number}")), "{chat}: {posts:#?}");
        assert_eq!(posts[0]["silent"], false, "{chat}");
    }
    // What waits becomes urgent when an admin says so, once.
    for (slug, number, chats) in [("tin-tuc", 101, vec!["@held", "@slot", "@digest"]), ("cham", 201, vec!["@later"])] {
        let address = format!("{}/{number}-ban-tin.html", site.listing(slug));
        let said = bantin.command(&["push", &address, "--urgent"]).await;
        assert_eq!(said.code, 0, "{}", said.err);
        for chat in chats {
            let posts = fake.wait(2, &[("chat", chat)]).await;
            assert!(text(&posts[1]).contains(&format!("Bản tin số 0{number}")), "{chat}: {posts:#?}");
        }
        let again = bantin.command(&["push", &address, "--urgent"]).await;
        assert_eq!(again.code, 1, "once: {}", again.out);
    }
    let (mut asked, mut sent) = (0, 0);
    for chat in ["@held", "@slot", "@digest", "@later"] {
        asked += 2;
        sent += fake.wait_at_most(3, &[("chat", chat)], 50).await;
    }
    assert_eq!(sent, asked, "each once");
    assert_eq!(fake.refused().await, Vec::<Value>::new());
    proof.ran(sent, "posts in quiet hours, between slots and within a delay");
}

async fn a_digest_waits_for_the_end_of_quiet_hours(database: Database, proof: Proof) {
    let site = Site::with("tin-tuc", 3).await;
    let fake = FakeTelegram::start();
    let chat =
        |name: &str, quiet: &str| format!("{{ chat = \"{name}\", at = \"*/2 * * * * *\", as = \"digest\"{quiet} }}");
    let quiet = format!(", quiet = \"{}\"", quiet_now());
    let keys = format!("guard = \"off\"\ntelegram = [{}, {}]", chat("@quiet", &quiet), chat("@open", ""));
    let config = Config::new(&database).telegram(&fake).section("tin-tuc", &site, &keys);
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    // The first slot ever only marks the beginning.
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    let mut digests = 0;
    for number in 101..103 {
        site.publish("tin-tuc", Article::new(number));
        digests += 1;
        let open = fake.wait(digests, &[("chat", "@open")]).await;
        assert!(text(&open[digests - 1]).contains(&format!("Bản tin số 0{number}")), "{open:#?}");
        // Its slot may fall just before the article where that of the other chat falls just after: then its digest is made
        // two seconds later, and the next article may not come before.
        until("its digests wait, each once", async || {
            let list = bantin.command(&["deliveries", "list", "--state", "retry"]).await.out;
            (list.matches("quiet hours").count() == digests).then_some(())
        })
        .await;
    }
    assert_eq!(fake.wait_at_most(1, &[("chat", "@quiet")], 0).await, 0);
    // Its quiet hours are over: both go out, in their order.
    bantin.terminate().await;
    bantin.configure(&config.text().replace(&quiet, ""));
    bantin.start().await;
    bantin.command(&["deliveries", "retry", "--all", "--state", "retry"]).await;
    let posts = fake.wait(2, &[("chat", "@quiet")]).await;
    assert!(posts.len() == 2 && text(&posts[0]).contains("0101") && text(&posts[1]).contains("0102"), "{posts:#?}");
    proof.ran(digests, "digests in quiet hours");
}
