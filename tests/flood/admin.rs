//! A suspicious run: held as a whole, told once whenever the daemon is killed, by chat and by mail, in the admin's
//! language; feeds go on with the same ids; approved, each article is posted once.

use std::time::Duration;

use crate::harness::proof::Proof;
use crate::harness::{Bantin, FakeSmtp, mail};
use crate::world::{ADMIN, Setup, World};

fn setup() -> Setup {
    let keys = "guard = { run = 6, per_hour = 0 }".to_owned();
    Setup { sections: 1, articles: 10, keys, ..Setup::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn held_told_and_approved() {
    let world = World::start(setup()).await;
    let titles: Vec<String> = (0..9).map(|_| world.portal.publish(0)).collect();
    let told = world.patiently("the alert", async || world.alerts().await.pop()).await;
    assert!(told.starts_with("Mục 0: đang giữ lại 9 bài mới"), "{told}");
    assert!(told.contains("guard.run = 6"), "{told}");
    assert_eq!(titles.iter().filter(|title| told.contains(*title)).count(), 3, "three samples: {told}");
    let hold = world.holds().await.remove(0);
    let number = hold["id"].as_str().expect("its number").to_owned();
    assert!(told.contains(&format!("bantin holds approve {number}")), "{told}");
    for title in &titles {
        world.bantin.feed_with("/feeds/muc-0.rss", title).await;
    }
    // What comes meanwhile is not suspicious by itself.
    let one = world.publish(1).await;
    assert_eq!(world.posts().await, one);
    assert_eq!(world.holds().await[0]["articles"], 9);
    let said = world.bantin.command(&["holds", "approve", &number]).await;
    assert_eq!(said.code, 0, "{said:?}");
    world.patiently("the posts", async || (world.posts().await.len() == 10).then_some(())).await;
    assert!(world.posts().await.values().all(|count| *count == 1));
    assert_eq!(world.alerts().await.len(), 1);
    Proof::new("a suspicious run is held, told once and approved").ran(9, "articles");
}

#[tokio::test(flavor = "multi_thread")]
async fn told_once_whenever_it_is_killed() {
    let rounds: usize = crate::harness::amount("BANTIN_KILLS", 6);
    let mut world = World::start(setup()).await;
    (0..9).for_each(|_| {
        world.portal.publish(0);
    });
    // Killed at the moment when the alert is handed to the outbox, then at random ones.
    world.bantin.kill();
    world.bantin.start_with(&[("BANTIN_FAULT", "alerts.queueing")]).await;
    world.bantin.logged("fault point reached: alerts.queueing").await;
    for round in 0..rounds {
        world.bantin.kill();
        world.bantin.start().await;
        let [a] = bantin::clock::random_bytes::<1>();
        tokio::time::sleep(Duration::from_millis(u64::from(a) * 4 + round as u64)).await;
    }
    world.patiently("the alert", async || (!world.alerts().await.is_empty()).then_some(())).await;
    world.looked(3).await;
    let posts = world.posts().await;
    assert!(posts.is_empty(), "held: {posts:?}");
    let holds = world.holds().await;
    assert_eq!((holds.len(), holds[0]["articles"].as_u64()), (1, Some(9)), "{holds:?}");
    let alerts = world.alerts().await;
    // A kill in the very send may repeat it, as with every message; nothing else may.
    assert!(alerts.len() <= 2, "{alerts:#?}");
    let said = world.bantin.command(&["deliveries", "list", "--json"]).await;
    let list: serde_json::Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"));
    let rows = list.as_array().into_iter().flatten().filter(|d| d["kind"] == "alert").count();
    assert_eq!(rows, 1, "{list:#}");
    Proof::new("an alert is queued once whenever the daemon is killed").ran(rounds + 1, "kills");
}

#[tokio::test(flavor = "multi_thread")]
async fn by_mail_in_english_too() {
    let smtp = FakeSmtp::start();
    let mut world = World::start(setup()).await;
    world.bantin.terminate().await;
    let text = std::fs::read_to_string(world.bantin.path("config.toml")).expect("the configuration");
    let admin = format!("[admin]\ntelegram = \"{ADMIN}\"\nemail = \"admin@example.vn\"\nlanguage = \"en\"\n");
    let email = format!(
        "[email]\nfrom = \"Bản tin <bantin@example.vn>\"\nsmtp = \"smtp://127.0.0.1:{}?tls=none\"\n\n{admin}",
        smtp.port()
    );
    world.bantin.configure(&text.replace(&format!("[admin]\ntelegram = \"{ADMIN}\"\n"), &email));
    world.bantin.start().await;
    (0..9).for_each(|_| {
        world.portal.publish(0);
    });
    let record = smtp.wait(1, &[]).await.remove(0);
    let mail = mail::read(&record);
    assert_eq!(mail.to, ["admin@example.vn"]);
    assert_eq!(mail.subject, "Mục 0: 9 new articles are held");
    for piece in ["more than `guard.run = 6`", "bantin holds digest", "marked as seen on"] {
        assert!(mail.text.contains(piece), "{}", mail.text);
    }
    let told = world.patiently("the post", async || world.alerts().await.pop()).await;
    assert!(told.starts_with("Mục 0: 9 new articles are held"), "{told}");
    Proof::new("an alert by mail and chat").ran(2, "messages");
    let _: &Bantin = &world.bantin;
}
