//! The shipped `config.toml`, untouched, on a machine without network: feeds and pages are served, the state is
//! kept, and a start, a stop and a second start do what they should.

use crate::harness::config::free_port;
use crate::harness::proof::Proof;
use crate::harness::until;
use crate::steady::{SECTIONS, shipped};

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_stops_and_runs_again() {
    let mut bantin = shipped();
    bantin.start().await;
    for slug in SECTIONS {
        bantin.feed_with(&format!("/feeds/{slug}.rss"), "<item>").await;
    }
    // The files are the bytes that are served; they are written once the feeds have settled.
    let mut names: Vec<String> = Vec::new();
    for slug in SECTIONS.iter().chain(&["all", "all-vi", "all-en"]) {
        names.extend(["rss", "atom", "json"].map(|form| format!("feeds/{slug}.{form}")));
    }
    names.push("feeds/feeds.opml".into());
    for name in &names {
        let path = if name.ends_with("opml") { "/feeds.opml".to_owned() } else { format!("/{name}") };
        until(&format!("{name} as it is served"), async || {
            let file = std::fs::read_to_string(bantin.path(name)).ok()?;
            (file.contains("tin") && file == bantin.text(&path).await).then_some(())
        })
        .await;
    }
    let manifest = std::fs::read_to_string(bantin.path("feeds/manifest.json")).expect("the manifest");
    assert!(manifest.contains("revision"), "{manifest}");
    assert!(bantin.path("data/bantin.db").exists());
    let log = bantin.log();
    let off: Vec<&str> = log.lines().filter(|line| line.contains("off until configured")).collect();
    assert_eq!(off.len(), 1, "one line says what is off:\n{log}");
    assert!(off[0].contains("Telegram") && off[0].contains("e-mail"), "{off:?}");
    assert!(!log.contains("WARN") && !log.contains("ERROR"), "all is well:\n{log}");
    assert!(bantin.terminate().await.success(), "{}", bantin.log());

    // The second start serves what was known at once, even with the site gone.
    std::fs::rename(bantin.path("sample"), bantin.path("elsewhere")).expect("the site goes");
    bantin.start().await;
    for slug in SECTIONS {
        let feed = bantin.text(&format!("/feeds/{slug}.rss")).await;
        assert!(feed.contains("<item>"), "{slug} is served at once:\n{feed}");
    }

    // A second daemon on the same database is refused, in one line.
    let port = free_port();
    let elsewhere = [("BANTIN_LISTEN", format!("127.0.0.1:{port}"))];
    let elsewhere = elsewhere.each_ref().map(|(name, value)| (*name, value.as_str()));
    for command in ["run", "once"] {
        let said = bantin.command_with(&[command], &elsewhere, "").await;
        assert_eq!(said.code, 1, "{said:?}");
        let lines: Vec<&str> = said.err.lines().collect();
        assert_eq!(lines.len(), 1, "{said:?}");
        assert!(lines[0].contains("another bantin daemon") && lines[0].contains("bantin.db"), "{said:?}");
    }
    assert!(bantin.terminate().await.success(), "{}", bantin.log());
    Proof::new("the shipped config.toml works offline").ran(names.len(), "feeds as files and over HTTP");
}

#[tokio::test(flavor = "multi_thread")]
async fn once_does_the_same_and_ends() {
    let bantin = shipped();
    let said = bantin.command(&["once"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.starts_with("5 sections: 64 new, 0 changed, 0 sent"), "{said:?}");
    assert_eq!(said.err.matches("off until configured").count(), 1, "{said:?}");
    for slug in SECTIONS {
        let feed = std::fs::read_to_string(bantin.path(&format!("feeds/{slug}.rss"))).expect("a feed");
        assert!(feed.contains("<item>"), "{slug}");
    }
    assert_eq!(bantin.command(&["once", "news", "--json"]).await.out.lines().nth(1), Some("  \"sections\": 1,"));

    // One section that cannot be read: the others are done, and the exit code says so.
    std::fs::rename(bantin.path("sample/site/kinh-te"), bantin.path("elsewhere")).expect("a section goes");
    let said = bantin.command(&["once"]).await;
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.err.lines().any(|line| line.starts_with("kinh-te: ")), "{said:?}");
    let said = bantin.command(&["once", "--json"]).await;
    let answer: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!((said.code, &answer["failed"][0][0]), (3, &"kinh-te".into()), "{said:?}");
    let said = bantin.command(&["once", "kinh-te"]).await;
    assert_eq!(said.code, 1, "nothing was done: {said:?}");
    let feed = std::fs::read_to_string(bantin.path("feeds/kinh-te.rss")).expect("the feed");
    assert!(feed.contains("<item>"), "what was known stays");
}
