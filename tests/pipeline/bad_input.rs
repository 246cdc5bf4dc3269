//! What an admin meets when something is wrong: one clear message (what, where, what to do), the right exit
//! code, and nothing is lost.

use serde_json::json;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

use crate::flow::{READER, mails, posts, text};
use crate::harness::article::number_in;
use crate::harness::config::free_port;
use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, FakeSmtp, FakeTelegram, Site, until};

/// A site with one old article in `tin-tuc`.
async fn site() -> Site {
    Site::with("tin-tuc", 1).await
}

/// What an admin does who does not want to wait for the next attempt.
async fn retry_all(bantin: &Bantin) {
    let said = bantin.command(&["deliveries", "list", "--state", "retry", "--json"]).await;
    let waiting: serde_json::Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"));
    for delivery in waiting.as_array().expect("a list") {
        let id = delivery["id"].as_str().map_or_else(|| delivery["id"].to_string(), str::to_owned);
        let said = bantin.command(&["deliveries", "retry", &id]).await;
        assert_eq!(said.code, 0, "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_configuration() {
    let bantin = Bantin::empty(free_port());
    let said = bantin.command(&["run"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("config.toml"), "{said:?}");
    assert_eq!(said.out, "", "errors go to standard error");
    Proof::new("bad input: no config.toml").ran(1, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_configuration() {
    let bantin = Bantin::empty(free_port());
    bantin.configure(
        "base_url = \"http://127.0.0.1:1\"\nlangauge = \"vi\"\ntimezone = \"Asia/Hanoi\"\n\n\
         [section.tin-tuc]\nname = \"Tin\"\nurl = \"ftp://example.vn\"\nschedule = \"61 * * * *\"\n",
    );
    let said = bantin.command(&["run"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    for piece in ["config.toml:2:1", "config.toml:3:12", "config.toml:7:7", "config.toml:8:12", "language"] {
        assert!(said.err.contains(piece), "all mistakes at once, with their places ({piece}):\n{}", said.err);
    }
    Proof::new("bad input: broken config.toml").ran(4, "mistakes named at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken() {
    let site = site().await;
    let config = Config::new(&Database::sqlite()).section("tin-tuc", &site, "");
    let _taken = std::net::TcpListener::bind(("127.0.0.1", config.port)).expect("the port");
    let mut bantin = Bantin::new(&config);
    bantin.spawn(&[]);
    let said = bantin.end().await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains(&format!("127.0.0.1:{}", config.port)), "{said:?}");
    Proof::new("bad input: port taken").ran(1, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_from_a_newer_version() {
    let site = site().await;
    let config = Config::new(&Database::sqlite()).section("tin-tuc", &site, "");
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.terminate().await;
    let file = bantin.path("data/bantin.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
    let mut database = options.connect().await.expect("the database");
    let row = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
               VALUES (9999, 'the future', TRUE, x'00', 0)";
    database.execute(AssertSqlSafe(row.to_owned())).await.expect("a migration of the future");
    sqlx::Connection::close(database).await.expect("closing");
    let before = std::fs::read(&file).expect("the database");
    bantin.spawn(&[]);
    let said = bantin.end().await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("newer") && said.err.contains("9999"), "{said:?}");
    assert_eq!(std::fs::read(&file).expect("the database"), before, "it is left as it was");
    Proof::new("bad input: database from a newer version").ran(1, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused() {
    let (site, telegram) = (site().await, FakeTelegram::start());
    let database = Database::sqlite();
    let keys = "guard = \"off\"\ntelegram = \"@chat_a\"";
    let config = Config::new(&database).telegram(&telegram).section("tin-tuc", &site, keys);
    let mut bantin = Bantin::new(&config);
    let wrong = "4242:AAWrongSecretToken";
    bantin.configure(&config.text().replace(FakeTelegram::TOKEN, wrong));
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0001").await;
    site.publish("tin-tuc", Article::new(2));
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0002").await;
    bantin.logged("token").await;
    assert!(!bantin.log().contains("AAWrongSecretToken"), "the token is not printed:\n{}", bantin.log());
    bantin.terminate().await;
    bantin.configure(&config.text());
    bantin.start().await;
    retry_all(&bantin).await;
    let post = telegram.wait(1, &[("chat", "@chat_a")]).await.remove(0);
    assert_eq!(number_in(text(&post)), Some(2), "what waited is not lost");
    Proof::new("bad input: Telegram refuses the token").ran(1, "sent once the token is right");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_says_no() {
    let (site, smtp) = (site().await, FakeSmtp::start());
    let database = Database::sqlite();
    let config = Config::new(&database).email(&smtp, 1).section("tin-tuc", &site, "guard = \"off\"");
    let mut bantin = Bantin::new(&config);
    smtp.order(json!([
        { "match": { "verb": "RCPT", "rcpt": "nobody@example.vn" }, "do": { "kind": "reply", "code": 550, "text": "5.1.1 no such user" } },
        { "match": { "verb": "MAIL", "nth": 1 }, "do": { "kind": "reply", "code": 451, "text": "4.3.0 try later" } },
    ]))
    .await;
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0001").await;
    bantin.subscribe("nobody@example.vn", "tin-tuc").await;
    bantin.subscribe(READER, "tin-tuc").await;
    site.publish("tin-tuc", Article::new(2));
    bantin.logged("4.3.0").await;
    retry_all(&bantin).await;
    let record = smtp.wait(1, &[]).await.remove(0);
    assert_eq!(record["to"], json!([READER]));
    bantin.logged("5.1.1").await;
    assert!(!bantin.log().contains("nobody@example.vn"), "no address of a reader in the log:\n{}", bantin.log());
    assert_eq!(mails(&smtp.journal().await).len(), 1);
    Proof::new("bad input: the relay says no").ran(2, "4xx is tried again, 5.1.1 is not");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_with_a_bare_ampersand() {
    let (site, telegram) = (site().await, FakeTelegram::start());
    let broken = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Nông & Lâm</title><link>http://a.vn/</link>\
                  <description>x</description><item><title>Giá lúa & gạo</title><link>http://a.vn/1</link></item></channel></rss>";
    site.answer("/hong", 200, "application/rss+xml", broken);
    let database = Database::sqlite();
    let keys = "guard = \"off\"\ntelegram = \"@chat_a\"";
    let config = Config::new(&database).telegram(&telegram).section("tin-tuc", &site, keys).raw("");
    let text = format!(
        "{}[section.hong]\nname = \"Hỏng\"\nurl = \"{}\"\nschedule = \"1s\"\n",
        config.text(),
        site.listing("hong")
    );
    let mut bantin = Bantin::new(&config);
    bantin.configure(&text);
    let once = bantin.command(&["once"]).await;
    let read = once.code == 0;
    assert!(read || once.code == 3, "read all the same, or done in part: {once:?}");
    assert!(read || once.err.contains("hong"), "the message names the section: {once:?}");
    bantin.start().await;
    site.publish("tin-tuc", Article::new(2));
    telegram.wait(1, &[("chat", "@chat_a")]).await;
    Proof::new("bad input: a feed with a bare &")
        .ran(1, if read { "read all the same" } else { "named; the rest goes on" });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_cannot_be_read() {
    let (site, telegram) = (site().await, FakeTelegram::start());
    let database = Database::sqlite();
    let keys = "guard = \"off\"\ntelegram = \"@chat_a\"";
    let config = Config::new(&database).telegram(&telegram).section("tin-tuc", &site, keys);
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0001").await;
    let page = |number: usize| format!("/tin-tuc/{number}-ban-tin.html");
    site.answer(&page(2), 500, "text/html", "<h1>Lỗi máy chủ</h1>");
    site.answer(&page(3), 200, "application/pdf", "%PDF-1.4\n%\u{1}\u{2}\u{3}");
    for number in 2..=4 {
        site.publish("tin-tuc", Article::new(number));
    }
    telegram.wait(1, &[("chat", "@chat_a")]).await;
    until("two attempts at the broken page", async || (site.asked(&page(2)) >= 2).then_some(())).await;
    site.mended(&page(2));
    until("the article once its page is well", async || {
        posts(&telegram.journal().await, "@chat_a").contains_key(&2).then_some(())
    })
    .await;
    let log = bantin.log();
    assert!(log.contains("2-ban-tin.html") || log.contains("tin-tuc"), "{log}");
    Proof::new("bad input: a page that cannot be read").ran(2, "read once it is well");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_that_is_no_page() {
    let (site, telegram) = (site().await, FakeTelegram::start());
    let database = Database::sqlite();
    let keys = "guard = \"off\"\ntelegram = \"@chat_a\"";
    let config = Config::new(&database).telegram(&telegram).section("tin-tuc", &site, keys);
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0001").await;
    site.answer("/tin-tuc", 200, "image/png", "\u{89}PNG");
    let asked = site.asked("/tin-tuc");
    site.publish("tin-tuc", Article::new(2));
    until("two looks at it", async || (site.asked("/tin-tuc") >= asked + 2).then_some(())).await;
    bantin.logged("tin-tuc").await;
    assert!(bantin.text("/feeds/tin-tuc.rss").await.contains("Bản tin số 0001"), "the last good feed is served");
    site.mended("/tin-tuc");
    let post = telegram.wait(1, &[("chat", "@chat_a")]).await.remove(0);
    assert_eq!(number_in(text(&post)), Some(2));
    Proof::new("bad input: a listing that is not HTML").ran(1, "the old feed stays");
}
