//! WebSub from outside: a subscriber finds the hub in a feed, confirms, and gets each new article within seconds,
//! over a restart too. The cases of websub.rocks (100 to 106) are among them.

mod subscriber;

use std::time::{Duration, Instant};

use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, Site, on_both, until};
use subscriber::{Manner, Subscriber};

on_both! {
    news_are_carried => "WebSub: a new article is with the subscriber within 5 s, signed, and over a restart",
}

/// Further fields of an ask.
type Fields = &'static [(&'static str, &'static str)];

/// From the site to the subscriber, a look at the site every second in it.
const SOON: Duration = Duration::from_secs(5);

async fn news_are_carried(database: Database, proof: Proof) {
    let site = Site::with("tin-tuc", 3).await;
    let config = Config::new(&database).section("tin-tuc", &site, "guard = \"off\"");
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    bantin.feed_with("/feeds/all.json", "Bản tin số 0003").await;
    let reader = Subscriber::start().await;
    let topic = |name: &str| bantin.url(&format!("/feeds/{name}"));

    // 100 typical, 101 with a secret, 102 with further parameters, 105 and 106 other media types, and a callback with
    // a query of its own.
    let asks: [(&str, &str, Fields); 5] = [
        ("tin-tuc.atom", "/typical?own=1&hub.topic=mine", &[]),
        ("tin-tuc.atom", "/secret", &[("hub.secret", "một bí mật"), ("hub.lease_seconds", "3600")]),
        ("tin-tuc.atom", "/further", &[("hub.verify", "sync"), ("foo", "bar")]),
        ("tin-tuc.rss", "/rss", &[]),
        ("all.json", "/json", &[("hub.secret", "s")]),
    ];
    for (name, callback, more) in asks {
        assert_eq!(reader.ask(&topic(name), callback, more).await, 202, "{callback}");
        let path = callback.split('?').next().expect("a path");
        let asked = reader.wait(path, 1).await.remove(0);
        assert_eq!((asked.asked("hub.mode"), asked.asked("hub.challenge").len()), ("subscribe", 32));
        assert!(asked.asked.contains(&("hub.topic".into(), topic(name))), "{:?}", asked.asked);
        let lease = if path == "/secret" { "3600" } else { "864000" };
        assert_eq!(asked.asked("hub.lease_seconds"), lease);
    }
    assert_eq!(reader.got("/typical")[0].asked("own"), "1", "the callback's own query stays");
    // 103: again before it ends, with a new secret.
    reader.ask(&topic("tin-tuc.atom"), "/secret", &[("hub.secret", "another")]).await;
    reader.wait("/secret", 2).await;
    // Those that do not mean it.
    reader.manner("/wrong", Manner::Wrong);
    reader.manner("/denies", Manner::Denies);
    for callback in ["/wrong", "/denies"] {
        assert_eq!(reader.ask(&topic("tin-tuc.rss"), callback, &[]).await, 202);
        reader.wait(callback, 1).await;
    }
    assert_eq!(reader.ask(&topic("tin-tuc.rss"), "/x", &[("hub.mode", "publish")]).await, 400);
    subscribed(&bantin, 5).await;

    let begun = Instant::now();
    site.publish("tin-tuc", Article::new(4));
    let mut slowest = Duration::ZERO;
    for (path, kind, name, secret) in [
        ("/typical", "application/atom+xml; charset=utf-8", "tin-tuc.atom", ""),
        ("/secret", "application/atom+xml; charset=utf-8", "tin-tuc.atom", "another"),
        ("/further", "application/atom+xml; charset=utf-8", "tin-tuc.atom", ""),
        ("/rss", "application/rss+xml; charset=utf-8", "tin-tuc.rss", ""),
        ("/json", "application/feed+json; charset=utf-8", "all.json", "s"),
    ] {
        let got = reader.feed_with(path, "Bản tin số 0004").await;
        slowest = slowest.max(got.at - begun);
        assert_eq!(got.header("content-type"), kind, "{path}");
        let links = format!("<{}>; rel=\"self\", <{}>; rel=\"hub\"", topic(name), bantin.url("/websub"));
        assert_eq!(got.header("link"), links, "{path}");
        assert_eq!(got.body, bantin.text(&format!("/feeds/{name}")).await, "the bytes of the feed");
        let is_signed =
            if secret.is_empty() { got.header("x-hub-signature").is_empty() } else { got.is_signed_by(secret) };
        assert!(is_signed, "{path}");
    }
    assert!(slowest < SOON, "{slowest:?}");

    // 104: no more of it. What cannot take it now gets it later, who is gone is left alone.
    reader.ask(&topic("tin-tuc.atom"), "/further", &[("hub.mode", "unsubscribe")]).await;
    let asked = reader.wait("/further", 3).await.remove(2);
    assert_eq!((asked.asked("hub.mode"), asked.asked("hub.lease_seconds")), ("unsubscribe", ""));
    until("the end of /further", async || metric(&bantin, "unsubscribed").await.eq(&1).then_some(())).await;
    reader.manner("/rss", Manner::Answers(503));
    reader.manner("/json", Manner::Answers(410));
    site.publish("tin-tuc", Article::new(5));
    reader.feed_with("/typical", "Bản tin số 0005").await;
    reader.feed_with("/rss", "Bản tin số 0005").await;
    reader.feed_with("/json", "Bản tin số 0005").await;
    until("the end of /json", async || metric(&bantin, "gone").await.eq(&1).then_some(())).await;

    // A restart: the subscriptions are there, and what came meanwhile is carried.
    assert!(bantin.terminate().await.success());
    reader.manner("/rss", Manner::Good);
    site.publish("tin-tuc", Article::new(6));
    bantin.start().await;
    for path in ["/typical", "/secret", "/rss"] {
        let got = reader.feed_with(path, "Bản tin số 0006").await;
        assert!(got.body.contains("Bản tin số 0005"), "with what it could not take before");
    }
    let times = |path: &str, piece: &str| reader.feeds(path).iter().filter(|got| got.body.contains(piece)).count();
    assert_eq!(times("/typical", "Bản tin số 0004"), 3, "each change once: {:#?}", reader.feeds("/typical").len());
    for (path, count) in [("/further", 1), ("/json", 2), ("/wrong", 0), ("/denies", 0)] {
        assert_eq!(reader.feeds(path).len(), count, "{path}");
    }
    proof.ran(reader.feeds("/typical").len() + reader.feeds("/secret").len(), &format!("slowest after {slowest:?}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_feed_is_refused_and_strangers_are_kept_out() {
    let proof = Proof::new("WebSub: strangers reach no private address, nobody is pestered, a removed feed ends");
    let site = Site::with("tin-tuc", 3).await;
    let database = Database::sqlite();
    let plain = Config::new(&database).section("tin-tuc", &site, "guard = \"off\"");
    let mut bantin = Bantin::new(&plain);
    // A proxy in front, so that strangers can be told from this machine.
    let proxied = plain.text().replace("[server]", "[server]\ntrusted_proxies = [\"127.0.0.1\"]");
    bantin.configure(&proxied);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    let reader = Subscriber::start().await;
    let client = crate::harness::client();
    let (topic, hub) = (bantin.url("/feeds/tin-tuc.rss"), bantin.url("/websub"));
    let post = async |callback: &str, from: &str| {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs([("hub.mode", "subscribe"), ("hub.topic", &topic), ("hub.callback", callback)]);
        let request = client.post(&hub).header("content-type", "application/x-www-form-urlencoded");
        request.header("x-forwarded-for", from).body(form.finish()).send().await.expect("the hub").status().as_u16()
    };
    let at = url::Url::parse(&reader.callback("/")).expect("an address").port().expect("a port");
    for host in ["127.0.0.1", "[::1]", "0x7f000001", "[::ffff:127.0.0.1]", "169.254.169.254"] {
        assert_eq!(post(&format!("http://{host}:{at}/number"), "8.8.4.4").await, 400, "{host}");
    }
    // A name is looked up later: it is refused then, and nothing came.
    assert_eq!(post(&format!("http://localhost:{at}/name"), "8.8.4.4").await, 202);
    bantin.logged("a WebSub callback did not confirm").await;
    assert!(reader.got("/number").is_empty() && reader.got("/name").is_empty());

    // Somebody who never confirms is asked ten times an hour, whoever asks in his name.
    reader.manner("/victim", Manner::Denies);
    let mut refused = 0;
    for n in 0..30 {
        let status = post(&reader.callback("/victim"), &format!("10.0.{n}.1")).await;
        refused += usize::from(status == 429);
        let before = reader.got("/victim").len();
        if status == 202 {
            reader.wait("/victim", before.max(1)).await;
        }
    }
    let asked = reader.got("/victim").len();
    assert!(refused >= 10 && asked <= 18, "{refused} refused, {asked} asked");
    // One network is heard three hundred times an hour.
    let mut statuses = Vec::new();
    for _ in 0..310 {
        statuses.push(post("nothing", "10.9.9.9").await);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 10);

    // A start forgets who did not confirm; who did is told when the section goes.
    assert!(bantin.terminate().await.success());
    bantin.start().await;
    let second = Subscriber::start().await;
    assert_eq!(post(&second.callback("/stays"), "10.8.8.8").await, 202);
    second.wait("/stays", 1).await;
    subscribed(&bantin, 1).await;
    assert!(bantin.terminate().await.success());
    bantin.configure(&proxied.replace("[section.tin-tuc", "[section.khac"));
    bantin.start().await;
    let refusal = second.wait("/stays", 2).await.remove(1);
    assert_eq!((refusal.asked("hub.mode"), refusal.asked("hub.topic")), ("denied", topic.as_str()));
    proof.ran(asked, "asks of a victim, of 30");
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_hubs_are_told() {
    let proof = Proof::new("WebSub: an outside hub is told which feeds changed, and after it was away");
    let site = Site::with("tin-tuc", 3).await;
    let hub = Subscriber::start().await;
    let config = Config::new(&Database::sqlite()).section("tin-tuc", &site, "guard = \"off\"");
    let mut bantin = Bantin::new(&config);
    let hubs = format!("[feeds]\nwebsub = false\nhubs = [\"{}\"]", hub.callback("/hub"));
    bantin.configure(&config.text().replace("[feeds]", &hubs));
    bantin.start().await;
    let feed = bantin.feed_with("/feeds/tin-tuc.atom", "Bản tin số 0003").await;
    assert!(feed.contains(&format!("<link href=\"{}\" rel=\"hub\"/>", hub.callback("/hub"))), "{feed}");
    assert!(!feed.contains("/websub") && bantin.get("/websub").await.status() == 404, "not its own hub");
    let told = |got: &subscriber::Got, name: &str| {
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(got.body.as_bytes()).into_owned().collect();
        assert_eq!(fields[0], ("hub.mode".to_owned(), "publish".to_owned()));
        fields.contains(&("hub.url".to_owned(), bantin.url(&format!("/feeds/{name}"))))
    };
    let times = |piece: &str| hub.feeds("/hub").iter().filter(|got| told(got, piece)).count();
    // It hears of what comes, and not of what was there when it was named.
    hub.manner("/hub", Manner::Answers(503));
    until("the hub to be known", async || bantin.text("/feeds/all.rss").await.contains("0003").then_some(())).await;
    let before = times("tin-tuc.rss");
    site.publish("tin-tuc", Article::new(4));
    until("word of the news", async || (times("tin-tuc.rss") > before).then_some(())).await;
    assert!(times("all.json") > 0 && times("all-vi.atom") > 0 && times("all-en.atom") == 0);
    let refused = hub.feeds("/hub").len();
    hub.manner("/hub", Manner::Good);
    assert!(bantin.terminate().await.success());
    let said = bantin.command(&["once"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(hub.feeds("/hub").len(), refused + 1, "told again, by `once` too");
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    assert_eq!(hub.feeds("/hub").len(), refused + 1, "and no more");
    proof.ran(1, "hub");
}

async fn metric(bantin: &Bantin, outcome: &str) -> usize {
    let name = format!("bantin_websub_total{{outcome=\"{outcome}\"}} ");
    let text = bantin.text("/metrics").await;
    text.lines().find_map(|line| line.strip_prefix(&name)?.parse().ok()).unwrap_or(0)
}

async fn subscribed(bantin: &Bantin, count: usize) {
    until("subscriptions", async || (metric(bantin, "subscribed").await >= count).then_some(())).await;
}
