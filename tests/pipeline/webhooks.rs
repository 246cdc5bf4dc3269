//! Webhooks from outside: the real binary against a strict receiver that checks signatures, knows repeats and
//! misbehaves.

use std::time::Duration;

use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, Site, on_both, until};

mod receiver;

use receiver::{Order, Receiver, Taken};

on_both! {
    articles_come_signed_and_once => "webhook: posts, edits and deletions, signed, each once over a restart",
    a_receiver_that_misbehaves => "webhook: 429, 503, 500, a cut and silence lose nothing; a repeat is known by its id",
    one_that_is_gone_rests => "webhook: 410 pauses the target, loses nothing, and a start tries it again",
}

struct World {
    site: Site,
    receiver: Receiver,
    bantin: Bantin,
    _database: Database,
}

impl World {
    async fn start(database: Database, template: &str, more: &str) -> Self {
        let site = Site::with("tin-tuc", 3).await;
        let receiver = Receiver::start().await;
        let keys = "guard = \"off\"\nwebhook = \"phong-tin\"";
        let mut config = Config::new(&database).section("tin-tuc", &site, keys);
        config = config.raw(&format!(
            "[webhook.phong-tin]\nurl = \"{}\"\nsecret = \"{}\"\ntemplate = \"{template}\"\nrate = \"1000/s\"\n{more}\n\n",
            receiver.url(),
            Receiver::SECRET
        ));
        let mut bantin = Bantin::new(&config);
        bantin.start().await;
        bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
        Self { site, receiver, bantin, _database: database }
    }

    fn publish(&self, number: usize) -> Article {
        let article = Article::new(number);
        self.site.publish("tin-tuc", article.clone());
        article
    }

    /// Waits for an article to be taken, as the generic form tells it.
    async fn taken(&self, article: &Article) -> Taken {
        self.receiver.wait(&article.title, |taken| about(taken, article)).await
    }

    /// What must hold at the end of every test.
    fn well(&self) {
        assert_eq!(self.receiver.faults(), Vec::<String>::new());
        let log = self.bantin.log();
        assert!(!log.contains("C4NARY") && !log.contains(Receiver::SECRET), "a secret stands in the log:\n{log}");
    }
}

fn about(taken: &Taken, article: &Article) -> bool {
    taken.body["event"] == "article.published" && taken.body["article"]["title"] == article.title.as_str()
}

fn times(world: &World, article: &Article) -> usize {
    world.receiver.taken().iter().filter(|taken| about(taken, article)).count()
}

async fn articles_come_signed_and_once(database: Database, proof: Proof) {
    let mut world = World::start(database, "discord", "").await;
    let article = world.publish(100);
    let shown = article.title.clone();
    let post = world.receiver.wait("the post", |taken| taken.method == "POST").await;
    assert_eq!(post.path, format!("{}?wait=true", Receiver::PATH));
    assert_eq!(post.body["embeds"][0]["title"], shown.as_str());

    world.site.change("tin-tuc", 100, |article| article.title += " (sửa)");
    let edit = world.receiver.wait("the edit", |taken| taken.method == "PATCH").await;
    assert_eq!(edit.path, format!("{}/messages/1000", Receiver::PATH), "the id of the answer to the post");
    assert!(edit.body["embeds"][0]["title"].as_str().is_some_and(|title| title.contains("sửa")), "{edit:?}");
    assert_ne!(edit.delivery, post.delivery);

    assert!(world.bantin.terminate().await.success());
    world.bantin.start().await;
    world.publish(101);
    until("the article after the restart", async || {
        (world.receiver.taken().iter().filter(|taken| taken.method == "POST").count() == 2).then_some(())
    })
    .await;

    let link = format!("{}/100-ban-tin.html", world.site.listing("tin-tuc"));
    let said = world.bantin.command(&["articles", "withdraw", &link]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let deleted = world.receiver.wait("the deletion", |taken| taken.method == "DELETE").await;
    assert_eq!(deleted.path, format!("{}/messages/1000", Receiver::PATH));
    assert!(world.receiver.taken().iter().all(|taken| !taken.repeat), "{:?}", world.receiver.taken());
    assert_eq!(world.receiver.taken().len(), 4, "{:?}", world.receiver.taken());
    world.well();
    proof.ran(4, "requests");
}

async fn a_receiver_that_misbehaves(database: Database, proof: Proof) {
    let world = World::start(database, "generic", "timeout = \"1s\"").await;
    let said = world.bantin.command(&["test", "webhook", "phong-tin"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(world.receiver.taken().len(), 1);

    world.receiver.order(Order::Answer(429, "Retry-After: 3"));
    let busy = world.publish(100);
    let taken = world.taken(&busy).await;
    let asked: Vec<_> = world.receiver.asked().into_iter().filter(|(_, id)| *id == taken.delivery).collect();
    assert_eq!(asked.len(), 2, "one refusal, one yes");
    assert!(asked[1].0 - asked[0].0 >= Duration::from_millis(2_900), "not before it asked to");

    world.receiver.order(Order::Answer(503, "Retry-After: 1"));
    world.receiver.order(Order::Answer(503, "Retry-After: 1"));
    let down = world.publish(101);
    world.taken(&down).await;
    assert_eq!(times(&world, &down), 1);

    world.receiver.order(Order::Answer(500, ""));
    let failed = world.publish(102);
    world.taken(&failed).await;
    assert_eq!(times(&world, &failed), 1);

    // It was taken, but nobody could know: it comes once more, and the receiver knows it by its id.
    world.receiver.order(Order::TakeAndCut);
    let cut = world.publish(103);
    until("the repeat", async || (times(&world, &cut) == 2).then_some(())).await;
    let both: Vec<Taken> = world.receiver.taken().into_iter().filter(|taken| about(taken, &cut)).collect();
    assert!(both[0].delivery == both[1].delivery && both[1].repeat, "{both:?}");

    world.receiver.order(Order::Silence);
    let slow = world.publish(104);
    world.taken(&slow).await;

    // What is refused for good is dead at once, and holds nobody back.
    world.receiver.order(Order::Answer(422, ""));
    world.publish(105);
    world.bantin.logged("could not be delivered").await;
    let last = world.publish(106);
    world.taken(&last).await;
    let said = world.bantin.command(&["deliveries", "list"]).await;
    assert!(said.out.contains("422"), "{said:?}");
    assert!(!said.out.contains("C4NARY"), "{said:?}");
    world.well();
    proof.ran(7, "articles");
}

async fn one_that_is_gone_rests(database: Database, proof: Proof) {
    let mut world = World::start(database, "generic", "").await;
    world.receiver.order(Order::Answer(410, ""));
    let first = world.publish(100);
    world.bantin.logged("it rests").await;
    let second = world.publish(101);
    world.bantin.feed_with("/feeds/tin-tuc.rss", &second.title).await;
    let status = world.bantin.command(&["status"]).await;
    assert!(status.out.contains("phong-tin") && status.out.contains("410"), "{status:?}");
    assert!(!status.out.contains("C4NARY"), "{status:?}");
    assert!(world.receiver.taken().is_empty());

    assert!(world.bantin.terminate().await.success());
    world.bantin.start().await;
    world.taken(&second).await;
    assert_eq!((times(&world, &first), times(&world, &second)), (1, 1));
    world.well();
    proof.ran(2, "articles");
}
