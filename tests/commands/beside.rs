//! Administration beside a running daemon: each change is seen by it within seconds.

use serde_json::Value;

use crate::harness::article::number_in;
use crate::harness::proof::Proof;
use crate::harness::{Bantin, Config, Database, FakeTelegram, Site, until};

async fn json(bantin: &Bantin, arguments: &[&str]) -> Value {
    let said = bantin.command(&[arguments, &["--json"]].concat()).await;
    assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {said:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn withdraw_push_pause_and_look() {
    let (site, telegram, database) = (Site::with("tin-tuc", 3).await, FakeTelegram::start(), Database::sqlite());
    let config = Config::new(&database).telegram(&telegram).section("tin-tuc", &site, "telegram = \"@kenh\"");
    let mut bantin = Bantin::new(&config);
    assert_eq!(bantin.command(&["healthcheck"]).await.code, 1, "nothing runs yet");
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;

    let said = bantin.command(&["healthcheck"]).await;
    assert_eq!((said.code, said.out.as_str()), (0, "ready\n"), "{said:?}");
    let said = bantin.command(&["status"]).await;
    assert!(said.out.starts_with("daemon     ready on 127.0.0.1:"), "{said:?}");
    let status = json(&bantin, &["status"]).await;
    assert_eq!((&status["daemon"]["ready"], &status["sections"][0]["articles"]), (&true.into(), &3.into()));
    assert_eq!(status["sections"][0]["state"], "well");
    // Its selectors are its way: nothing was recognised, and nothing keeps it from looking as planned.
    assert_eq!((&status["sections"][0]["way"], &status["sections"][0]["backs_off"]), (&Value::Null, &false.into()));
    assert_eq!(bantin.command(&["check", "--offline"]).await.code, 0);
    let said = bantin.command(&["check"]).await;
    assert!(said.code == 0 && said.out.contains("is where bantin runs now"), "{said:?}");
    assert!(said.out.contains("has the schema of this version"), "{said:?}");

    // By hand to another chat: the running daemon sends it.
    let articles = json(&bantin, &["articles", "list", "tin-tuc"]).await;
    let address = |number: usize| {
        let of = |article: &&Value| number_in(article["title"].as_str().unwrap_or_default()) == Some(number);
        let found = articles.as_array().expect("a list").iter().find(of).expect("the article");
        found["url"].as_str().expect("its address").to_owned()
    };
    let push = ["push", &address(2), "--to", "@ban_bien_tap"];
    let said = bantin.command(&push).await;
    assert!(said.code == 0 && said.out.starts_with("queued"), "{said:?}");
    let post = telegram.wait(1, &[("chat", "@ban_bien_tap")]).await.remove(0);
    assert_eq!(number_in(post["text"].as_str().unwrap_or_default()), Some(2), "{post}");
    let said = bantin.command(&push).await;
    assert!(said.code == 1 && said.err.contains("sent there before"), "{said:?}");
    let sent = until("the delivery settled", async || {
        let sent = json(&bantin, &["deliveries", "list", "--state", "sent"]).await;
        sent.get(0).cloned()
    })
    .await;
    assert_eq!((&sent["target"], &sent["kind"]), (&"@ban_bien_tap".into(), &"post".into()));
    let id = sent["id"].as_str().expect("its number");
    let said = bantin.command(&["deliveries", "show", id]).await;
    assert!(said.code == 0 && said.out.starts_with("telegram post to @ban_bien_tap: sent\n"), "{said:?}");
    assert!(said.out.contains("Bản tin số 0002"), "{said:?}");
    let said = bantin.command(&["deliveries", "drop", id]).await;
    assert!(said.code == 1 && said.err.contains("sent"), "{said:?}");
    let said = bantin.command(&["test", "telegram", "@thu"]).await;
    assert!(said.code == 0 && said.out.starts_with("accepted: "), "{said:?}");
    assert_eq!(telegram.wait(1, &[("chat", "@thu")]).await.len(), 1);

    // Withdrawn by hand: it leaves the served feed, its file and the chat.
    assert_eq!(bantin.command(&["articles", "withdraw", &address(2)]).await.code, 0);
    until("the feed without the article", async || {
        let feed = bantin.text("/feeds/tin-tuc.rss").await;
        let file = std::fs::read_to_string(bantin.path("feeds/tin-tuc.rss")).ok()?;
        (!feed.contains("Bản tin số 0002") && file == feed).then_some(())
    })
    .await;
    telegram.wait(1, &[("chat", "@ban_bien_tap"), ("method", "deleteMessage")]).await;

    // Paused, the site is left alone; resumed, it is looked at again.
    assert_eq!(bantin.command(&["pause", "tin-tuc"]).await.code, 0);
    assert_eq!(json(&bantin, &["status"]).await["sections"][0]["state"], "paused");
    site.publish("tin-tuc", crate::harness::Article::new(4));
    assert_eq!(bantin.command(&["resume", "tin-tuc"]).await.code, 0);
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0004").await;
    // A pause with an end ends by itself.
    let said = bantin.command(&["pause", "--all", "3s"]).await;
    assert!(said.code == 0 && said.out.contains("paused until"), "{said:?}");
    assert_eq!(json(&bantin, &["status"]).await["sections"][0]["state"], "paused");
    site.publish("tin-tuc", crate::harness::Article::new(5));
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0005").await;
    assert_eq!(json(&bantin, &["status"]).await["sections"][0]["state"], "well");
    // After failed looks slots are left out, and the running daemon says so.
    site.answer("/tin-tuc", 500, "text/plain", "");
    let said = until("a section that backs off", async || {
        let said = bantin.command(&["status"]).await;
        said.out.contains(", backs off").then_some(said)
    })
    .await;
    assert!(said.out.contains("in trouble") && said.out.contains("500"), "{said:?}");
    assert_eq!(json(&bantin, &["status"]).await["sections"][0]["backs_off"], true);
    let said = bantin.command(&["pause", "2h"]).await;
    assert!(said.code == 2 && said.err.contains("name a section"), "{said:?}");
    assert!(bantin.terminate().await.success(), "{}", bantin.log());
    Proof::new("every command does what it says").ran(14, "beside a running daemon");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_as_json_names_section_article_and_delivery() {
    let (site, telegram, database) = (Site::with("tin-tuc", 2).await, FakeTelegram::start(), Database::sqlite());
    let config = Config::new(&database).telegram(&telegram).section("tin-tuc", &site, "telegram = \"@kenh\"");
    let mut bantin = Bantin::new(&config);
    bantin.spawn_command(&["--log-json", "run"], &[]);
    bantin.logged("first look").await;
    site.publish("tin-tuc", crate::harness::Article::new(3));
    telegram.wait(1, &[("chat", "@kenh")]).await;
    bantin.logged("\"message\":\"sent\"").await;
    let log = bantin.log();
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect();
    let said = |message: &str| {
        let fields = lines.iter().map(|line| &line["fields"]).filter(|fields| fields["message"] == message);
        let all: Vec<&Value> = fields.collect();
        assert_eq!(all.len(), 1, "{message}:\n{log}");
        all[0].clone()
    };
    let (new, sent) = (said("new"), said("sent"));
    assert_eq!((&new["section"], &sent["section"]), (&"tin-tuc".into(), &"tin-tuc".into()), "{new} {sent}");
    assert!(new["article"].is_i64() && new["article"] == sent["article"], "{new} {sent}");
    assert!(new["url"].as_str().is_some_and(|url| url.starts_with("http")), "{new}");
    let delivery = sent["delivery"].as_i64().expect("its number").to_string();
    let shown = bantin.command(&["deliveries", "show", &delivery]).await;
    assert!(shown.code == 0 && shown.out.contains("Bản tin số 0003"), "{shown:?}");
    let shown = bantin.command(&["explain", &new["article"].to_string()]).await;
    assert!(shown.code == 0 && shown.out.contains("Bản tin số 0003"), "{shown:?}");
    for line in &lines {
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
    assert!(
        lines
            .iter()
            .any(|line| line["fields"]["message"].as_str() == Some("looked") && line["fields"]["section"] == "tin-tuc")
    );
    assert!(bantin.terminate().await.success(), "{}", bantin.log());
    Proof::new("the log as JSON names section, article and delivery").ran(lines.len(), "lines");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_gives_memory_back_unless_somebody_says_otherwise() {
    let environment = |bantin: &Bantin| {
        let bytes = std::fs::read(format!("/proc/{}/environ", bantin.pid())).expect("its environment");
        String::from_utf8_lossy(&bytes)
            .split('\0')
            .filter(|line| line.starts_with("MALLOC_"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let mut bantin = Bantin::new(&Config::new(&Database::sqlite()));
    bantin.start().await;
    let (pid, settings) = (bantin.pid(), environment(&bantin));
    assert_eq!(settings, ["MALLOC_ARENA_MAX=2", "MALLOC_MMAP_THRESHOLD_=65536", "MALLOC_TRIM_THRESHOLD_=131072"]);
    let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).expect("its arguments");
    assert!(line.ends_with("bantin\0run\0"), "as it was called: {line:?}");
    assert!(bantin.terminate().await.success(), "{}", bantin.log());
    bantin.start_with(&[("MALLOC_ARENA_MAX", "4")]).await;
    assert_eq!(environment(&bantin), ["MALLOC_ARENA_MAX=4"], "what somebody set stays");
    assert!(bantin.terminate().await.success(), "{}", bantin.log());
}
