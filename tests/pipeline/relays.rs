//! What a relay can do to mails, a hundred readers each: nothing is lost, a repeat comes only after the final dot and once,
//! nobody is given up who was not refused by name, and a relay that does not want us is not hammered.

use std::collections::BTreeMap;

use bantin::config::Language;
use bantin::store::Store;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, FakeSmtp, Site, amount, mail, until};

/// One way to misbehave.
struct Fault {
    name: &'static str,
    orders: Value,
    /// Readers that the relay refuses by name.
    gone: usize,
    /// The relay takes mails and does not say so.
    repeats: bool,
    /// The relay refuses us, until it is told to behave.
    closed: bool,
}

fn faults() -> Vec<Fault> {
    let reply = |code: u16, text: &str| json!({ "kind": "reply", "code": code, "text": text });
    let order = |matching: Value, action: Value| json!({ "match": matching, "do": action });
    let fault = |name, orders| Fault { name, orders, gone: 0, repeats: false, closed: false };
    let named: Vec<Value> = (0..10)
        .map(|n| order(json!({ "verb": "RCPT", "rcpt": address(n) }), reply(550, "5.1.1 user unknown")))
        .collect();
    let full: Vec<Value> = (0..10)
        .map(|n| order(json!({ "verb": "RCPT", "rcpt": address(n), "times": 1 }), reply(452, "4.2.2 mailbox full")))
        .collect();
    vec![
        fault("421 at greeting", order(json!({ "verb": "greeting", "times": 3 }), reply(421, "4.3.2 not now"))),
        fault("450 at MAIL", order(json!({ "verb": "MAIL", "every": 4, "times": 20 }), reply(450, "4.3.0 later"))),
        fault("451 at RCPT", order(json!({ "verb": "RCPT", "every": 4, "times": 20 }), reply(451, "4.3.0 later"))),
        fault("451 at DATA", order(json!({ "verb": "DATA", "every": 4, "times": 20 }), reply(451, "4.3.0 later"))),
        fault(
            "452 after the dot",
            order(json!({ "verb": "dot", "every": 4, "times": 20 }), reply(452, "4.3.1 disk full")),
        ),
        fault("mailboxes full", Value::Array(full)),
        Fault { gone: 10, ..fault("550 5.1.1 for ten", Value::Array(named)) },
        Fault {
            closed: true,
            ..fault("554 5.7.1 for all", order(json!({ "verb": "RCPT" }), reply(554, "5.7.1 blocked")))
        },
        Fault {
            closed: true,
            ..fault("530 at MAIL", order(json!({ "verb": "MAIL" }), reply(530, "5.7.0 authentication required")))
        },
        Fault {
            closed: true,
            ..fault("a daily limit", order(json!({ "verb": "MAIL" }), reply(451, "4.7.1 hourly limit exceeded")))
        },
        fault(
            "silence at MAIL",
            order(json!({ "verb": "MAIL", "every": 20, "times": 5 }), json!({ "kind": "silence" })),
        ),
        fault("slow", order(json!({ "verb": "DATA", "every": 10 }), json!({ "kind": "delay", "ms": 300 }))),
        fault("cut at DATA", order(json!({ "verb": "DATA", "every": 8, "times": 10 }), json!({ "kind": "cut" }))),
        fault(
            "cut after 250",
            order(json!({ "verb": "dot", "every": 8, "times": 10 }), json!({ "kind": "reply_then_cut" })),
        ),
        fault(
            "silence after the dot",
            order(json!({ "verb": "dot", "every": 30, "times": 3 }), json!({ "kind": "silence" })),
        ),
        Fault {
            repeats: true,
            ..fault(
                "taken, then cut",
                order(json!({ "verb": "dot", "every": 8, "times": 10 }), json!({ "kind": "accept_then_cut" })),
            )
        },
    ]
}

fn address(reader: usize) -> String {
    format!("reader{reader}@example.org")
}

/// The daemon's own store, beside it.
pub async fn open_store(bantin: &Bantin, database: &Database) -> Store {
    let url = match database.url().strip_prefix("sqlite:") {
        Some(path) => format!("sqlite:{}", bantin.path(path).display()),
        None => database.url().to_owned(),
    };
    Store::open(&url).await.expect("the store")
}

/// Waits until nothing is queued or on its way: what would come twice has come.
async fn drained(store: &Store, what: &str) {
    until(&format!("an empty queue under {what}"), async || {
        let open = |state: &str| ["pending", "sending", "retry"].contains(&state);
        let queue = store.queue_counts().await.ok()?;
        queue.iter().all(|q| !open(&q.state) || q.count == 0).then_some(())
    })
    .await;
}

/// What came of one fault: repeats, attempts at a relay that refuses us, suppressed readers.
async fn suffer(fault: &Fault, readers: usize) -> (usize, usize, usize) {
    let (database, smtp, site) = (Database::sqlite(), FakeSmtp::start(), Site::with("tin-tuc", 1).await);
    let relay = format!(
        "[email]\nfrom = \"bantin@example.vn\"\nsmtp = {{ url = \"smtp://127.0.0.1:{}?tls=none\", connections = 4, \
         timeout = \"1s\" }}\n\n",
        smtp.port()
    );
    let config = Config::new(&database).raw(&relay).section("tin-tuc", &site, "guard = \"off\"");
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0001").await;
    let store = open_store(&bantin, &database).await;
    let section = store.section("tin-tuc").await.expect("the store").expect("the section").id;
    for reader in 0..readers {
        let now = bantin::clock::Clock::System.now_ms();
        let added = store.add_subscriber(&address(reader), &[section], "now", Language::Vi, "test", now).await;
        added.expect("a reader");
    }
    smtp.order(fault.orders.clone()).await;
    site.publish("tin-tuc", Article::new(200));
    let mut attempts = 0;
    if fault.closed {
        bantin.logged("a relay is left alone").await;
        // Nothing happens now, which takes a while to see.
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        // What a pipelining client had said before it was refused is refused in its turn (5.5.1).
        let own = |record: &&Value| !record["description"].as_str().is_some_and(|text| text.starts_with("5.5.1"));
        attempts = smtp.refused().await.iter().filter(own).count();
        assert!(smtp.journal().await.is_empty(), "{}", fault.name);
        smtp.behave().await;
    }
    let wanted = readers - fault.gone;
    let reached = |journal: &[Value]| {
        journal.iter().fold(BTreeMap::<String, Vec<String>>::new(), |mut all, record| {
            let mail = mail::read(record);
            all.entry(mail.to[0].clone()).or_default().push(mail.message_id);
            all
        })
    };
    let counts = until(&format!("{wanted} readers to be reached under {}", fault.name), async || {
        let counts = reached(&smtp.journal().await);
        (counts.len() >= wanted).then_some(counts)
    })
    .await;
    smtp.behave().await;
    drained(&store, fault.name).await;
    assert_eq!(counts.len(), wanted, "{}: exactly the others", fault.name);
    let first: Vec<Value> = smtp.journal().await;
    let mut repeats = 0;
    for (reader, ids) in reached(&first) {
        assert!(ids.len() <= if fault.repeats { 2 } else { 1 }, "{}: {reader} got it {} times", fault.name, ids.len());
        assert!(ids.iter().all(|id| *id == ids[0]), "a repeat keeps its Message-ID: {ids:?}");
        repeats += ids.len() - 1;
    }
    let gone = store.troubled_targets().await.expect("the store");
    let named = gone.iter().filter(|target| (0..fault.gone).any(|n| target.address == address(n))).count();
    assert_eq!((gone.len(), named), (fault.gone, fault.gone), "{}: {gone:?}", fault.name);
    let dead = store.deliveries(Some("dead"), 1_000).await.expect("the store").len();
    assert_eq!(dead, fault.gone, "{}: nothing else is given up", fault.name);
    assert!(attempts <= 10, "{}: {attempts} attempts at a relay that refuses us", fault.name);
    (repeats, attempts, gone.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost() {
    let proof = Proof::new("SMTP misbehaviours: nothing lost, repeats after the dot only, nobody wrongly given up");
    let readers = amount("BANTIN_FAULT_READERS", 100);
    let faults = faults();
    let (mut repeats, mut most) = (0, 0);
    for group in faults.chunks(4) {
        for (again, attempts, _) in join_all(group.iter().map(|fault| suffer(fault, readers))).await {
            repeats += again;
            most = most.max(attempts);
        }
    }
    let note = format!("ways, {readers} readers each; lost 0, {repeats} repeats, at most {most} attempts when refused");
    proof.ran(faults.len(), &note);
}

/// A daemon with a table `[email]`, its site, and readers at this domain.
async fn world(email: &str, addresses: &[String]) -> (Bantin, Site, Store, Database) {
    let (database, site) = (Database::sqlite(), Site::with("tin-tuc", 1).await);
    let text = format!("[email]\nfrom = \"bantin@example.vn\"\n{email}\n\n");
    let config = Config::new(&database).raw(&text).section("tin-tuc", &site, "guard = \"off\"");
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0001").await;
    let store = open_store(&bantin, &database).await;
    let section = store.section("tin-tuc").await.expect("the store").expect("the section").id;
    for address in addresses {
        let now = bantin::clock::Clock::System.now_ms();
        store.add_subscriber(address, &[section], "now", Language::Vi, "test", now).await.expect("a reader");
    }
    (bantin, site, store, database)
}

fn at(domain: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("reader{n}@{domain}")).collect()
}

/// How often each reader got a mail.
async fn counts(relays: &[&FakeSmtp]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for relay in relays {
        for record in relay.journal().await {
            *counts.entry(record["to"][0].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn relays_share_and_stand_in_for_each_other() {
    let proof =
        Proof::new("two relays share by weight; one that dies is replaced within 5 s, nothing lost or repeated");
    let (one, other) = (FakeSmtp::start(), FakeSmtp::start());
    let table = |relay: &FakeSmtp, weight| {
        format!("{{ url = \"smtp://127.0.0.1:{}?tls=none\", connections = 3, weight = {weight} }}", relay.port())
    };
    let email = format!("smtp = [{}, {}]", table(&one, 1), table(&other, 3));
    let readers = at("example.org", 80);
    let (_bantin, site, _store, _database) = world(&email, &readers).await;
    site.publish("tin-tuc", Article::new(100));
    until("the first article", async || (counts(&[&one, &other]).await.len() == 80).then_some(())).await;
    let (few, many) = (one.journal().await.len(), other.journal().await.len());
    assert!(few > 5 && many > few && few + many == 80, "{few} and {many}");
    for relay in [&one, &other] {
        let connections = relay.journal().await.iter().filter_map(|record| record["connection"].as_u64()).max();
        assert!(connections.unwrap_or_default() <= 3, "never more connections than configured");
    }
    // The greater one dies.
    drop(other);
    let began = std::time::Instant::now();
    site.publish("tin-tuc", Article::new(101));
    until("the second article, all by the other", async || (one.journal().await.len() == few + 80).then_some(())).await;
    let took = began.elapsed();
    assert!(took.as_secs() < 10, "{took:?}, a look of a second included");
    let second = counts(&[&one]).await;
    assert!(second.len() == 80 && second.values().all(|&n| n <= 2), "{second:?}");
    proof.ran(
        160,
        &format!("mails; {few} and {many} by weights 1 and 3; the second article in {:.1} s", took.as_secs_f64()),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_domain_keeps_nobody_else_waiting() {
    let proof = Proof::new("a limit for one domain of readers holds and keeps nobody else waiting");
    let smtp = FakeSmtp::start();
    let email =
        format!("smtp = \"smtp://127.0.0.1:{}?tls=none\"\ndomains = {{ \"slow.example\" = \"30/m\" }}", smtp.port());
    // The limited ones come first, and are more than a claim looks at.
    let readers: Vec<String> = at("slow.example", 150).into_iter().chain(at("fast.example", 60)).collect();
    let (_bantin, site, store, _database) = world(&email, &readers).await;
    let began = std::time::Instant::now();
    site.publish("tin-tuc", Article::new(100));
    let of = |counts: &BTreeMap<String, usize>, domain: &str| counts.keys().filter(|to| to.ends_with(domain)).count();
    let all = until("everybody at the other domain", async || {
        let counts = counts(&[&smtp]).await;
        (of(&counts, "fast.example") == 60).then_some(counts)
    })
    .await;
    // Five at once, then one every 2.3 seconds.
    let most = 5 + began.elapsed().as_millis() as usize / 2_300 + 1;
    let slow = of(&all, "slow.example");
    assert!(slow <= most, "{slow} of at most {most}");
    until("a few of the limited ones", async || (of(&counts(&[&smtp]).await, "slow.example") >= 7).then_some(())).await;
    assert_eq!(store.deliveries(Some("dead"), 10).await.expect("the store").len(), 0);
    proof.ran(60, &format!("mails past {slow} of 150 limited ones, in {:.1} s", began.elapsed().as_secs_f64()));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_gets_nothing_more() {
    let proof = Proof::new("unsubscribing takes effect before the next send, also for mails on a slow connection");
    let smtp = FakeSmtp::start();
    let email =
        format!("smtp = {{ url = \"smtp://127.0.0.1:{}?tls=none\", connections = 1, window = 100 }}", smtp.port());
    let readers = at("example.org", 60);
    let (bantin, site, store, _database) = world(&email, &readers).await;
    smtp.order(json!({ "match": { "verb": "dot" }, "do": { "kind": "delay", "ms": 200 } })).await;
    site.publish("tin-tuc", Article::new(100));
    smtp.wait(5, &[]).await;
    let key = store.meta("token_key").await.expect("the store").expect("a key");
    let tokens = bantin::subscriber::Tokens::new(key);
    let had: Vec<String> = counts(&[&smtp]).await.into_keys().collect();
    let leaving: Vec<&String> = readers.iter().filter(|reader| !had.contains(reader)).collect();
    let leaving = &leaving[leaving.len().saturating_sub(40)..];
    for address in leaving {
        let reader = store.subscriber_by_email(address).await.expect("the store").expect("a reader");
        let answer = crate::harness::client()
            .post(bantin.url(&format!("/unsubscribe/{}", tokens.unsubscribe(reader.id))))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("List-Unsubscribe=One-Click")
            .send()
            .await
            .expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.status());
    }
    let by_then: Vec<String> = counts(&[&smtp]).await.into_keys().collect();
    // What was on its way is over.
    drained(&store, "leaving").await;
    let got: Vec<String> = counts(&[&smtp]).await.into_keys().collect();
    let late: Vec<&&String> = leaving.iter().filter(|who| got.contains(who) && !by_then.contains(who)).collect();
    // One was on its way, and another within the quarter of a second for which an answer holds.
    assert!(late.len() <= 3, "{} of {} got it after they had left: {late:?}", late.len(), leaving.len());
    let stayed = readers.iter().filter(|who| !leaving.contains(who));
    assert!(stayed.clone().all(|who| got.contains(who)), "who stayed gets it");
    proof.ran(
        leaving.len(),
        &format!("left while their mails waited on the connection; {} were on their way", late.len()),
    );
}

/// Mails to many readers, `window` on each of `connections`: how many mails and connections, the most that were open at
/// a time, and the turns they took beside those of greeting.
async fn pace(connections: usize, window: usize, readers: usize) -> (usize, usize, u64, u64) {
    let (database, smtp, site) = (Database::sqlite(), FakeSmtp::start(), Site::with("tin-tuc", 1).await);
    let relay = format!(
        "[email]\nfrom = \"bantin@example.vn\"\nsmtp = {{ url = \"smtp://127.0.0.1:{}?tls=none\", \
         connections = {connections}, window = {window} }}\n\n",
        smtp.port()
    );
    let config = Config::new(&database).raw(&relay).section("tin-tuc", &site, "guard = \"off\"");
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0001").await;
    let store = open_store(&bantin, &database).await;
    let section = store.section("tin-tuc").await.expect("the store").expect("the section").id;
    for reader in 0..readers {
        let now = bantin::clock::Clock::System.now_ms();
        let added = store.add_subscriber(&address(reader), &[section], "now", Language::Vi, "test", now).await;
        added.expect("a reader");
    }
    site.publish("tin-tuc", Article::new(200));
    let mails = smtp.wait(readers, &[]).await;
    let mut turns = BTreeMap::<u64, u64>::new();
    for mail in &mails {
        let number = |key: &str| mail[key].as_u64().expect("a number");
        let last = turns.entry(number("connection")).or_default();
        *last = (*last).max(number("turns"));
    }
    // The reply to the last dot of each connection is not counted yet; greeting and EHLO take two turns.
    let taken = turns.values().sum::<u64>() - turns.len() as u64;
    (mails.len(), turns.len(), mails.iter().filter_map(|mail| mail["open"].as_u64()).max().unwrap_or(0), taken)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_takes_two_turns_and_connections_are_as_many_as_configured() {
    let proof = Proof::new("a mail waits for the relay twice at most, over no more connections than configured");
    let mut most = 0;
    for (connections, window) in [(3, 1), (3, 20)] {
        let (mails, used, open, turns) = pace(connections, window, 90).await;
        assert!(used <= connections && open <= connections as u64, "{used} connections, {open} at a time");
        assert!(turns <= 2 * mails as u64, "{turns} turns for {mails} mails with a window of {window}");
        most = most.max(turns * 100 / mails as u64);
    }
    proof.ran(180, &format!("mails; {}.{:02} turns each at most, 3 connections of 3", most / 100, most % 100));
}
