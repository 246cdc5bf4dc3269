//! `bantin inspect`: pages, listings and dates, from files, standard input and the web, one or many.

use serde_json::{Value, json};

use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, Site};
use crate::steady::shipped;

const PAGE: &str = "sample/site/en/news/cable-stayed-bridge-opens-over-the-nam-thanh-river-1903.html";
const LISTING: &str = "sample/site/en/news/index.html";

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_from_a_file_standard_input_or_many() {
    let bantin = shipped();
    let said = bantin.command(&["inspect", "article", PAGE]).await;
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    // The fields; how well texts are read is proved elsewhere.
    let fields = said.out.split("\n\n").next().unwrap_or_default();
    insta::assert_snapshot!("inspect_article", crate::steady::steady(&bantin, fields));
    let file = parsed(&bantin.command(&["inspect", "article", PAGE, "--json"]).await.out);
    let keys =
        ["id", "url", "canonical", "title", "byline", "published", "updated", "language", "lead", "text", "html"];
    let keys = keys.iter().chain(&["image", "images", "tags", "section", "attachments", "document", "provenance"]);
    let object = file.as_object().expect("an object");
    assert!(keys.clone().all(|key| object.contains_key(*key)), "absent fields are null: {file:#}");
    assert_eq!(object.len(), keys.count());
    let page = std::fs::read_to_string(bantin.path(PAGE)).expect("the page");
    let stdin = bantin.command_with(&["inspect", "article", "-", "--section", "news", "--json"], &[], &page).await;
    let stdin = parsed(&stdin.out);
    assert_eq!((&stdin["title"], &stdin["text"]), (&file["title"], &file["text"]));

    let input = format!(
        "{}\n{}\nnot JSON\n",
        json!({ "id": 1, "url": "https://www.example.vn/en/a.html", "path": PAGE }),
        json!({ "id": "two", "url": "https://www.example.vn/en/b.html", "path": "none.html" }),
    );
    let said = bantin.command_with(&["inspect", "article", "--jsonl"], &[], &input).await;
    let answers: Vec<Value> = said.out.lines().map(parsed).collect();
    assert_eq!((said.code, answers.len()), (0, 3), "{said:?}");
    assert_eq!((&answers[0]["id"], &answers[0]["title"]), (&1.into(), &file["title"]));
    assert_eq!(answers[1]["id"], "two");
    assert!(answers[1]["error"].as_str().is_some_and(|text| text.contains("none.html")), "{answers:?}");
    assert!(answers[2]["error"].is_string() && answers[2]["id"].is_null());
    Proof::new("every command does what it says").ran(4, "inspect article");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_by_slug_file_standard_input_or_many() {
    let bantin = shipped();
    let slug = parsed(&bantin.command(&["inspect", "section", "news", "--json"]).await.out);
    assert_eq!((&slug["id"], &slug["source"]), (&"news".into(), &"html".into()));
    let items = slug["items"].as_array().expect("items");
    assert_eq!(items.len(), 14);
    assert!(items[0]["title"].is_string() && items[0]["published"].is_string() && items[0]["image"].is_string());
    let said = bantin.command(&["inspect", "section", LISTING]).await;
    assert!(
        said.code == 0 && said.out.starts_with("html · 14 articles\n") && said.out.contains("\nwhy:\n"),
        "{said:?}"
    );
    // A saved page, read by a section's rules as if it came from there; from a file and from standard input.
    std::fs::copy(bantin.path(LISTING), bantin.path("saved.html")).expect("a copy");
    for input in ["saved.html", "-"] {
        let page = std::fs::read_to_string(bantin.path(LISTING)).expect("the listing");
        let arguments = ["inspect", "section", input, "--section", "news", "--json"];
        let said = bantin.command_with(&arguments, &[], &page).await;
        assert_eq!(parsed(&said.out)["items"], slug["items"], "{input}");
    }
    let folder = parsed(&bantin.command(&["inspect", "section", "sample/site/thong-bao", "--json"]).await.out);
    assert_eq!((&folder["source"], folder["items"].as_array().map(Vec::len)), (&"folder".into(), Some(6)));
    let input =
        format!("{}\nnot JSON\n", json!({ "id": "a", "url": "https://www.example.vn/en/news", "path": LISTING }));
    let said = bantin.command_with(&["inspect", "section", "--jsonl"], &[], &input).await;
    let answers: Vec<Value> = said.out.lines().map(parsed).collect();
    assert_eq!((said.code, answers.len(), &answers[0]["id"]), (0, 2, &"a".into()), "{said:?}");
    assert_eq!(answers[0]["items"].as_array().map(Vec::len), Some(14));
    assert!(answers[0]["items"][0]["url"].as_str().is_some_and(|url| url.starts_with("https://www.example.vn/")));
    assert!(answers[1]["error"].is_string());
    Proof::new("every command does what it says").ran(6, "inspect section");
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http() {
    let site = Site::with("tin-tuc", 3).await;
    site.publish("tin-tuc", Article::new(4));
    let bantin = Bantin::new(&Config::new(&Database::sqlite()).section("tin-tuc", &site, ""));
    let listing = parsed(&bantin.command(&["inspect", "section", &site.listing("tin-tuc"), "--json"]).await.out);
    assert_eq!(listing["items"].as_array().map(Vec::len), Some(4), "{listing:#}");
    let url = listing["items"][0]["url"].as_str().expect("an address");
    let article = parsed(&bantin.command(&["inspect", "article", url, "--section", "tin-tuc", "--json"]).await.out);
    assert_eq!((&article["url"], &article["title"]), (&url.into(), &listing["items"][0]["title"]));
    let said = bantin.command(&["inspect", "article", &site.listing("nowhere")]).await;
    assert!(said.code == 1 && said.err.contains("404"), "{said:?}");
    // Refused, a captcha, JavaScript and an empty page are told apart.
    for (path, status, body, word) in [
        ("/refused", 403, "<p>Forbidden", "refuses to show the page"),
        ("/captcha", 200, "<title>Just a moment...</title><p>Checking", "captcha"),
        ("/script", 200, "<div id=root></div><script src=app.js></script>", "JavaScript"),
    ] {
        site.answer(path, status, "text/html", body);
        let said = bantin.command(&["inspect", "section", &site.listing(path.trim_start_matches('/'))]).await;
        assert!(format!("{}{}", said.out, said.err).contains(word), "{path}: {said:?}");
        assert_eq!(said.code, i32::from(status == 403), "{path}: {said:?}");
    }
    assert!(!bantin.path("data").exists(), "nothing is stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn dates() {
    let bantin = Bantin::empty(1);
    let now = ["--now", "2019-08-01T12:00:00+07:00"];
    for (text, options, date) in [
        ("Ngày 8-7", &[][..], "2019-07-08"),
        ("Thứ hai - 08/07/2019 14:35", &[][..], "2019-07-08T14:35:00+07:00"),
        ("Monday, 8 July 2019", &["--language", "en"][..], "2019-07-08"),
        ("07/08/2018", &["--language", "en", "--order", "mdy"][..], "2018-07-08"),
        ("8 July 2019 14:35", &["--language", "en", "--timezone", "UTC"][..], "2019-07-08T14:35:00Z"),
    ] {
        let said = bantin.command(&[&["inspect", "date", text], &now[..], options].concat()).await;
        assert_eq!((said.code, said.out.trim()), (0, date), "{text}: {said:?}");
    }
    let said = bantin.command(&[&["inspect", "date", "Ngày 8-7", "--json"], &now[..]].concat()).await;
    assert_eq!(parsed(&said.out), json!({ "text": "Ngày 8-7", "date": "2019-07-08" }));
}
