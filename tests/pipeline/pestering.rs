//! What strangers and machines can do to readers through the pages: nothing. The real binary behind a proxy it trusts,
//! so that every request may come from another network.

use std::sync::Arc;

use serde_json::Value;

use crate::harness::proof::Proof;
use crate::harness::{Bantin, Config, Database, FakeSmtp, Site, amount, client, mail, on_both};

on_both! {
    nobody_is_bombed => "1000 posts for one address bring 1 mail; 2000 addresses of one network bring 5",
    looking_changes_nothing => "GET and HEAD on every link of a mail and of a page change nothing",
}

/// A daemon that trusts this machine's proxy, its relay, and what keeps them alive.
async fn start(database: &Database) -> (Site, FakeSmtp, Bantin) {
    let (site, smtp) = (Site::with("tin-tuc", 3).await, FakeSmtp::start());
    let config = Config::new(database).email(&smtp, 2).section("tin-tuc", &site, "guard = \"off\"");
    let mut bantin = Bantin::new(&config);
    bantin.configure(&config.text().replace("[server]\n", "[server]\ntrusted_proxies = [\"127.0.0.1\"]\n"));
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    (site, smtp, bantin)
}

/// The hidden token of a form that has been open for a second.
async fn token(bantin: &Bantin) -> String {
    let page = bantin.text("/subscribe").await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await; // the form's own least age
    page.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token").to_owned()
}

/// Posts the form for many (address, network) pairs, eight at a time; how many answers of each status.
async fn post(bantin: &Bantin, pairs: Vec<(String, String)>) -> std::collections::BTreeMap<u16, usize> {
    let (token, url) = (token(bantin).await, bantin.url("/subscribe"));
    let pairs = Arc::new(std::sync::Mutex::new(pairs));
    let mut posting = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (client, token, url, pairs) = (client(), token.clone(), url.clone(), pairs.clone());
        posting.spawn(async move {
            let mut seen = Vec::new();
            loop {
                let next = pairs.lock().expect("the list").pop();
                let Some((email, network)) = next else { return seen };
                let body = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs([("email", &*email), ("section", "tin-tuc"), ("token", &*token)])
                    .finish();
                let request = client.post(&url).header("content-type", "application/x-www-form-urlencoded");
                let answer = request.header("x-forwarded-for", network).body(body).send().await.expect("an answer");
                seen.push(answer.status().as_u16());
            }
        });
    }
    let mut counts = std::collections::BTreeMap::new();
    for status in posting.join_all().await.into_iter().flatten() {
        *counts.entry(status).or_default() += 1;
    }
    counts
}

async fn nobody_is_bombed(database: Database, proof: Proof) {
    let (_site, smtp, bantin) = start(&database).await;
    let (posts, addresses) = (amount("BANTIN_POSTS", 1_000), amount("BANTIN_ADDRESSES", 2_000));
    // From a thousand networks, in every capitalisation: 1 mail. The limit in all stops most of them before.
    let one = |n: usize| {
        let name: String = "doc.gia"
            .chars()
            .enumerate()
            .map(|(i, c)| if n >> i & 1 == 1 { c.to_ascii_uppercase() } else { c })
            .collect();
        (format!("{name}@example.vn"), format!("10.{}.{}.1", n / 250, n % 250))
    };
    let seen = post(&bantin, (0..posts).map(one).collect()).await;
    assert_eq!(seen.values().sum::<usize>(), posts);
    assert_eq!(seen.get(&200), Some(&100.min(posts)), "the limit in all: {seen:?}");
    smtp.wait(1, &[]).await;
    let said = bantin.command(&["deliveries", "list", "--json", "--limit", "10000"]).await;
    let queued: Vec<Value> = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(queued.len(), 1, "one mail, however often it is asked for");

    // The counters live in memory: a start forgets them, which is the best a bomber could hope for.
    let mut bantin = bantin;
    bantin.terminate().await;
    bantin.start().await;
    let many = |n: usize| (format!("doc.gia.{n}@example.vn"), format!("192.0.2.{}", n % 250));
    let seen = post(&bantin, (0..addresses).map(many).collect()).await;
    assert_eq!(seen.get(&200), Some(&5), "five an hour from one network: {seen:?}");
    smtp.wait(6, &[]).await;
    let journal = smtp.journal().await;
    assert_eq!(journal.len(), 6, "{} mails", journal.len());
    for record in &journal {
        let mail = mail::read(record);
        assert!(!mail.text.contains("doc.gia") && !mail.html.contains("doc.gia"), "no text of theirs in the mail");
    }
    proof.ran(posts + addresses, "posts");
}

async fn looking_changes_nothing(database: Database, proof: Proof) {
    let (site, smtp, bantin) = start(&database).await;
    bantin.subscribe("doc.gia@example.vn", "tin-tuc").await;
    post(&bantin, vec![("doc.bao@example.vn".to_owned(), "192.0.2.1".to_owned())]).await;
    site.publish("tin-tuc", crate::harness::Article::new(100));
    smtp.wait(2, &[]).await;
    let base = bantin.url("/");
    let mut links = std::collections::BTreeSet::from([base.clone(), bantin.url("/status"), bantin.url("/subscribe")]);
    for record in smtp.journal().await {
        let mail = mail::read(&record);
        links.extend(hrefs(&mail.html, &base));
        links.extend(mail.text.split_whitespace().filter(|word| word.starts_with(&base)).map(str::to_owned));
        links.extend(mail.list_unsubscribe.map(|header| header.trim_matches(['<', '>']).to_owned()));
    }
    let state = async || {
        let readers = bantin.command(&["subscribers", "list", "--json"]).await.out;
        let mails = bantin.command(&["deliveries", "list", "--json", "--limit", "10000"]).await.out;
        (readers, mails)
    };
    let before = state().await;
    // A scanner follows what it finds, and what it finds there.
    let (client, mut seen) = (client(), std::collections::BTreeSet::new());
    for depth in 0..3 {
        for link in std::mem::take(&mut links) {
            if !seen.insert(link.clone()) || seen.len() > 400 {
                continue;
            }
            for request in [client.head(&link), client.get(format!("{link}{}List-Unsubscribe=One-Click", sign(&link)))]
            {
                request.send().await.expect("an answer");
            }
            let page = client.get(&link).send().await.expect("an answer").text().await.expect("text");
            if depth < 2 {
                links.extend(hrefs(&page, &base).into_iter().filter(|next| !seen.contains(next)));
            }
        }
    }
    let kinds = ["/confirm/", "/unsubscribe/", "/preferences/", "/erase", "/s/tin-tuc", "/subscribe"];
    for kind in kinds {
        assert!(seen.iter().any(|link| link.contains(kind)), "{kind} was not found: {seen:?}");
    }
    assert_eq!(state().await, before, "a scanner changed something");
    assert_eq!(smtp.journal().await.len(), 2);
    proof.ran(seen.len(), "links");
}

fn sign(link: &str) -> char {
    if link.contains('?') { '&' } else { '?' }
}

/// What a page links to and where its forms lead, below bantin's address.
fn hrefs(html: &str, base: &str) -> Vec<String> {
    let attributes = html.split("href=\"").skip(1).chain(html.split("action=\"").skip(1));
    let values = attributes.filter_map(|rest| rest.split('"').next()).map(|value| value.replace("&amp;", "&"));
    let base = url::Url::parse(base).expect("an address");
    values
        .filter_map(|value| base.join(&value).ok())
        .map(String::from)
        .filter(|link| link.starts_with(base.as_str()))
        .collect()
}
