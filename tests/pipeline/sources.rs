//! Kinds of source, filters, ids that are kept, and what a CMS pushes: the real binary against a site that offers the
//! same articles in every way.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::flow::text;
use crate::harness::article::number_in;
use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, FakeTelegram, Site, client, program, until};

const KEY: &str = "the key of the CMS in this test";

/// The site's articles as a feed, a sitemap (and an index of it), the API of WordPress and one of the site's own.
fn offer(site: &Site, articles: &[Article]) {
    let url = |article: &Article| format!("{}/tin-tuc/{}-ban-tin.html", site.url, article.number);
    let (mut items, mut urls, mut posts, mut own) = (String::new(), String::new(), Vec::new(), Vec::new());
    for article in articles.iter().rev() {
        let (number, url, title) = (article.number, url(article), &article.title);
        let date = bantin::clock::from_ms(site.published(article) * 1000);
        let _ = write!(
            items,
            "<item><title>{title}</title><link>{url}</link><guid isPermaLink=\"false\">tin_{number}</guid>\
             <pubDate>{}</pubDate><description>{}</description></item>",
            date.to_rfc2822(),
            article.lead
        );
        let _ = write!(urls, "<url><loc>{url}</loc><lastmod>{}</lastmod></url>", date.to_rfc3339());
        posts.push(json!({
            "id": number, "date_gmt": date.format("%Y-%m-%dT%H:%M:%S").to_string(), "link": url,
            "guid": {"rendered": format!("{}/?p={number}", site.url)}, "title": {"rendered": title},
            "excerpt": {"rendered": format!("<p>{}</p>", article.lead)},
            "content": {"rendered": "<p>Bản trong API, không phải bản trên trang.</p>", "protected": false},
        }));
        own.push(json!({"name": title, "so": number, "unix": date.timestamp()}));
    }
    let feed = format!(
        "<rss version=\"2.0\"><channel><title>Tin</title><link>{}</link><description>Tin</description>{items}</channel></rss>",
        site.url
    );
    site.answer("/rss.xml", 200, "application/rss+xml", feed);
    let sitemap = format!("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{urls}</urlset>");
    site.answer("/sitemap-tin.xml", 200, "application/xml", sitemap);
    let index = format!("<sitemapindex><sitemap><loc>{}/sitemap-tin.xml</loc></sitemap></sitemapindex>", site.url);
    site.answer("/sitemap.xml", 200, "text/xml", index);
    site.answer("/wp-json/wp/v2/posts", 200, "application/json", Value::from(posts).to_string());
    site.answer("/api/tin", 200, "application/json", json!({"data": {"rows": own}}).to_string());
}

/// A section without selectors that reads a path of the site; `keys` may end with a table.
fn section(slug: &str, site: &Site, path: &str, keys: &str) -> String {
    format!(
        "[section.{slug}]\nname = \"{slug}\"\nurl = \"{}{path}\"\nschedule = \"1s\"\nguard = \"off\"\n{keys}\n\n",
        site.url
    )
}

fn kinds(site: &Site) -> [(&'static str, &'static str, String); 5] {
    let paths = format!(
        "[section.json.json]\nitems = \"data.rows\"\ntitle = \"name\"\ndate = \"unix\"\nurl = \"{}/tin-tuc/{{so}}-ban-tin.html\"",
        site.url
    );
    [
        ("html", "/tin-tuc", "source = \"html\"".to_owned()),
        ("feed", "/rss.xml", String::new()),
        ("sitemap", "/sitemap.xml", String::new()),
        ("wordpress", "/wp-json/wp/v2/posts", String::new()),
        ("json", "/api/tin", paths),
    ]
}

/// The items of a JSON feed by their ids: title and text.
fn items(feed: &str) -> BTreeMap<String, (String, String)> {
    let feed: Value = serde_json::from_str(feed).expect("a JSON feed");
    let items = feed["items"].as_array().expect("items").iter();
    let field = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    items.map(|item| (field(item, "id"), (field(item, "title"), field(item, "content_html")))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sections_on_one_sitemap_index_do_not_hide_its_news_from_each_other() {
    let mut articles: Vec<Article> = (1..=3).map(Article::new).collect();
    let site = Site::start().await;
    site.section("tin-tuc", articles.clone());
    offer(&site, &articles);
    let sections = ["mot", "hai"].map(|slug| section(slug, &site, "/sitemap.xml", "source = \"sitemap\""));
    let bantin = Bantin::new(&Config::new(&Database::chosen().await.left()).raw(&sections.concat()));
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    articles.push(Article::new(4));
    site.section("tin-tuc", articles.clone());
    offer(&site, &articles);
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    for slug in ["mot", "hai"] {
        let feed = std::fs::read_to_string(bantin.path(&format!("feeds/{slug}.json"))).expect("the feed");
        assert_eq!(items(&feed).len(), 4, "{slug}: {feed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_without_news_writes_nothing() {
    let articles: Vec<Article> = (1..=3).map(Article::new).collect();
    let site = Site::start().await;
    site.section("tin-tuc", articles.clone());
    offer(&site, &articles);
    let all: String = kinds(&site).iter().map(|(slug, path, keys)| section(slug, &site, path, keys)).collect();
    let bantin = Bantin::new(&Config::new(&Database::sqlite()).raw(&all));
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    // A pass that wrote puts its log into the file itself: the next one has nothing of it to write.
    assert!(std::fs::metadata(bantin.path("data/bantin.db-wal")).map_or(0, |log| log.len()) == 0, "its log is left");
    let files = async || {
        // What stands in the log goes into the file first.
        let path = bantin.path("data/bantin.db");
        let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display())).await.expect("the database");
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&pool).await.expect("a checkpoint");
        pool.close().await;
        let database = std::fs::read(path).expect("the database");
        let entry = |entry: std::io::Result<std::fs::DirEntry>| {
            let entry = entry.expect("an entry");
            (entry.file_name(), entry.metadata().and_then(|data| data.modified()).expect("its moment of change"))
        };
        let feeds: BTreeMap<_, _> = std::fs::read_dir(bantin.path("feeds")).expect("feeds").map(entry).collect();
        (database, feeds)
    };
    let before = files().await;
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    let after = files().await;
    assert!(before.0 == after.0, "the database was written");
    assert_eq!(before.1, after.1, "a feed was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_article_is_the_same_through_every_kind_of_source() {
    let articles: Vec<Article> = (1..=5).map(Article::new).collect();
    let site = Site::start().await;
    site.section("tin-tuc", articles.clone());
    offer(&site, &articles);
    let mut seen = Vec::new();
    for (slug, path, keys) in kinds(&site) {
        let database = Database::chosen().await;
        // The authority would be the host of base_url, whose port is each time another.
        let config = Config::new(&database).raw(&section(slug, &site, path, &keys));
        let text = config.text().replace("items = 20", "items = 20\nauthority = \"example.vn,2026\"");
        let bantin = Bantin::new(&config);
        bantin.configure(&text);
        let said = bantin.command(&["once"]).await;
        assert_eq!(said.code, 0, "{slug}: {said:?}");
        let inspected = bantin.command(&["inspect", "section", slug, "--json"]).await;
        assert_eq!(serde_json::from_str::<Value>(&inspected.out).expect("JSON")["source"], slug, "{inspected:?}");
        let feed = std::fs::read_to_string(bantin.path(&format!("feeds/{slug}.json"))).expect("the feed");
        let found = items(&feed);
        assert_eq!(found.len(), 5, "{slug}: {feed}");
        assert!(found.values().all(|(_, text)| text.contains("hộ dân vùng thấp trũng")), "{slug}: {feed}");
        seen.push((slug, found));
    }
    let (_, first) = &seen[0];
    for (slug, found) in &seen {
        assert_eq!(found, first, "{slug}: ids, titles and texts");
    }
    // And all of them in one store are one article each, on both engines.
    let all: String = kinds(&site).iter().map(|(slug, path, keys)| section(slug, &site, path, keys)).collect();
    let stores = [("sqlite", Some(Database::sqlite())), ("postgres", Database::postgres().await)];
    for (engine, database) in stores {
        let proof = Proof::new(&format!("five kinds of source in one store bring each article once, {engine}"));
        let Some(database) = database else {
            proof.skipped("BANTIN_TEST_POSTGRES names no server");
            continue;
        };
        let bantin = Bantin::new(&Config::new(&database).raw(&all));
        assert_eq!(bantin.command(&["once"]).await.code, 0, "{engine}");
        let feed = std::fs::read_to_string(bantin.path("feeds/all.json")).expect("the feed of all");
        assert_eq!(items(&feed).len(), 5, "{engine}");
        proof.ran(5, "");
    }
    Proof::new("one article has one id and one text through five kinds of source").ran(5, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_who_come_over_see_nothing_twice() {
    let articles: Vec<Article> = (1..=4).map(Article::new).collect();
    let site = Site::start().await;
    site.section("tin-tuc", articles.clone());
    offer(&site, &articles);
    let database = Database::chosen().await;
    let sections =
        section("feed", &site, "/rss.xml", "") + &section("wp", &site, "/wp-json/wp/v2/posts", "keep_guid = true");
    let config = Config::new(&database).raw(&sections);
    let bantin = Bantin::new(&config);
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    let feed = |name: &str| std::fs::read_to_string(bantin.path(&format!("feeds/{name}"))).expect("a feed");
    assert!(items(&feed("feed.json")).keys().all(|id| id.starts_with("tag:")));
    // Turned on later, it holds from the next change of the source on.
    bantin.configure(&config.text().replace("[section.feed]\n", "[section.feed]\nkeep_guid = true\n"));
    let more: Vec<Article> = (1..=5).map(Article::new).collect();
    site.section("tin-tuc", more.clone());
    offer(&site, &more);
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    let expected: Vec<String> = (1..=5).map(|number| format!("tin_{number}")).collect();
    assert_eq!(items(&feed("feed.json")).into_keys().collect::<Vec<_>>(), expected);
    let rss = feed("feed.rss");
    assert!(expected.iter().all(|id| rss.contains(&format!("<guid isPermaLink=\"false\">{id}</guid>"))), "{rss}");
    assert!(feed("feed.atom").matches("<id>tag:").count() >= 5, "Atom needs a URI");
    let kept: Vec<String> = (1..=5).map(|number| format!("{}/?p={number}", site.url)).collect();
    assert_eq!(items(&feed("wp.json")).into_keys().collect::<Vec<_>>(), kept);
    assert!(kept.iter().all(|id| feed("wp.atom").contains(&format!("<id>{id}</id>"))));
    let all = items(&feed("all.json"));
    assert!(kept.iter().all(|id| all.contains_key(id)), "an address is unique, so all feeds carry it: {all:?}");
    Proof::new("with kept guids readers who come over see nothing twice").ran(5, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_filter_drops_is_read_once_and_never_pushed() {
    let site = Site::with("tin-tuc", 3).await;
    let telegram = FakeTelegram::start();
    let database = Database::chosen().await;
    let keys = "guard = \"off\"\ntelegram = \"@kenh\"\n[section.tin-tuc.filter]\n\
                exclude = [\"số 0005\", { text = 're:đến 10 giờ, 1\\d7 hộ' }]";
    let config = Config::new(&database).telegram(&telegram).section("tin-tuc", &site, keys);
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    for number in 4..=8 {
        site.publish("tin-tuc", Article::new(number));
    }
    until("article 8 in the chat", async || {
        telegram.journal().await.iter().any(|post| number_in(text(post)) == Some(8)).then_some(())
    })
    .await;
    let looks = site.asked("/tin-tuc");
    site.publish("tin-tuc", Article::new(9));
    until("article 9 in the chat", async || {
        let posted = telegram.journal().await.iter().any(|post| number_in(text(post)) == Some(9));
        (posted && site.asked("/tin-tuc") > looks + 1).then_some(())
    })
    .await;
    let posted: Vec<usize> = telegram.journal().await.iter().filter_map(|post| number_in(text(post))).collect();
    assert_eq!(posted, [4, 6, 8, 9], "5 by its title, 7 by its text");
    assert_eq!(site.asked("/tin-tuc/5-ban-tin.html"), 0, "its title was enough");
    assert_eq!(site.asked("/tin-tuc/7-ban-tin.html"), 1, "read once, and remembered");
    let said = bantin.command(&["inspect", "section", "tin-tuc"]).await;
    assert!(said.out.contains("dropped by filter.exclude: \"số 0005\": Bản tin số 0005"), "{said:?}");
    Proof::new("what a filter drops is opened once and never pushed").ran(2, "");
}

/// Sends a signed message.
async fn push(bantin: &Bantin, path: &str, body: &str) -> (u16, String) {
    let time = bantin::clock::Clock::System.now().timestamp().to_string();
    let mac = <Hmac<Sha256> as Mac>::new_from_slice(KEY.as_bytes()).expect("a key");
    let code = HEXLOWER.encode(&mac.chain_update(format!("{time}.{body}")).finalize().into_bytes());
    let request = client().post(bantin.url(path)).body(body.to_owned());
    let request = request.header("X-Bantin-Timestamp", time).header("X-Bantin-Signature", format!("sha256={code}"));
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_cms_pushes_reaches_the_channel_at_once() {
    let site = Site::with("tin-tuc", 3).await;
    let telegram = FakeTelegram::start();
    let database = Database::chosen().await;
    let config = Config::new(&database).telegram(&telegram).section("tin-tuc", &site, "telegram = \"@kenh\"");
    let mut bantin = Bantin::new(&config);
    // The schedule alone would take a day.
    bantin.configure(&config.text().replace("schedule = \"1s\"", "schedule = \"1d\""));
    bantin.set("BANTIN_PUSH_KEY", KEY);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    let posted = async |number: usize| {
        until(&format!("article {number} in the chat"), async || {
            telegram.journal().await.iter().any(|post| number_in(text(post)) == Some(number)).then_some(())
        })
        .await;
    };
    site.publish("tin-tuc", Article::new(4));
    let (status, said) = push(&bantin, "/api/ping/tin-tuc", "").await;
    assert_eq!(status, 202, "{said}");
    posted(4).await;

    site.publish("tin-tuc", Article::new(5));
    let page = "/tin-tuc/5-ban-tin.html";
    let message = json!({"section": "tin-tuc", "id": "m-5", "url": format!("{}{page}", site.url)}).to_string();
    let looks = site.asked("/tin-tuc");
    assert_eq!(push(&bantin, "/api/articles", &message).await.0, 202);
    posted(5).await;
    for _ in 0..100 {
        assert_eq!(push(&bantin, "/api/articles", &message).await.0, 409, "used once");
    }
    let elsewhere = json!({"section": "tin-tuc", "url": "file:///etc/passwd"}).to_string();
    assert_eq!(push(&bantin, "/api/articles", &elsewhere).await.0, 422);
    // A look behind it: what was pushed and is listed now is no news.
    site.publish("tin-tuc", Article::new(6));
    assert_eq!(push(&bantin, "/api/ping/tin-tuc", r#"{"id": "m-6"}"#).await.0, 202);
    posted(6).await;
    assert_eq!(site.asked("/tin-tuc"), looks + 1, "a hundred replays made no look");
    let numbers: Vec<usize> = telegram.journal().await.iter().filter_map(|post| number_in(text(post))).collect();
    assert_eq!(numbers, [4, 5, 6], "each once");
    assert!(!bantin.log().contains(KEY), "no secret in the log");
    bantin.terminate().await;
    Proof::new("a push reaches the channel; a hundred replays are none").ran(100, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_scripts_work() {
    for needed in ["sh", "openssl", "curl", "sed"] {
        if program(needed).is_none() {
            println!("SKIPPED the scripts of docs/push.md: {needed} is not installed");
            return;
        }
    }
    let site = Site::with("tin-tuc", 2).await;
    let database = Database::chosen().await;
    let config = Config::new(&database).section("tin-tuc", &site, "");
    let mut bantin = Bantin::new(&config);
    bantin.configure(&config.text().replace("schedule = \"1s\"", "schedule = \"1d\""));
    bantin.set("BANTIN_PUSH_KEY", KEY);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0002").await;
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/push.md")).expect("the document");
    let scripts: Vec<&str> = document.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(scripts.len(), 2);
    for (script, number) in scripts.iter().zip([3, 4]) {
        site.publish("tin-tuc", Article::new(number));
        let script = script
            .replace("the-key-of-the-configuration", &format!("'{KEY}'"))
            .replace("http://127.0.0.1:8080", &bantin.url(""))
            .replace(
                "http://127.0.0.1:8000/tin-tuc/cau-moi-4711.html",
                &format!("{}/tin-tuc/4-ban-tin.html", site.url),
            );
        let run = move || Command::new("sh").arg("-c").arg(script).output().expect("a shell");
        let output = tokio::task::spawn_blocking(run).await.expect("no panic");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("\"accepted\""), "{said} {}", String::from_utf8_lossy(&output.stderr));
        bantin.feed_with("/feeds/tin-tuc.rss", &format!("Bản tin số {number:04}")).await;
    }
}
