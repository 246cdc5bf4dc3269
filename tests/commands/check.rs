//! `bantin check` with everything around it: what is well is told, what is not at its key, nothing is sent or stored; its
//! JSON is what its schema says, in a good case and in bad ones.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::harness::proof::Proof;
use crate::harness::{Bantin, Config, Database, FakeSmtp, FakeTelegram, Site, program};
use crate::steady::{files, shipped};

/// Judges JSON documents, one a line, by a schema; prints what is wrong with them.
const JUDGE: &str = "
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
for line in sys.stdin:
    for error in jsonschema.Draft7Validator(schema).iter_errors(json.loads(line)):
        print(list(error.absolute_path), error.message[:200])
";

/// What is wrong with these answers; `None` where no validator is installed.
fn judged(answers: &[Value]) -> Option<String> {
    let python = program("python3")?;
    let there = Command::new(&python).args(["-c", "import jsonschema"]).output().ok()?;
    if !there.status.success() {
        return None;
    }
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/check.schema.json");
    let mut judge = Command::new(python);
    judge.args(["-c", JUDGE, schema]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut judge = judge.spawn().expect("python3 runs");
    let lines = answers.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    std::io::Write::write_all(&mut judge.stdin.take().expect("its input"), lines.as_bytes()).expect("the answers");
    Some(String::from_utf8_lossy(&judge.wait_with_output().expect("its end").stdout).into_owned())
}

async fn answer(bantin: &Bantin, arguments: &[&str], code: i32) -> Value {
    let said = bantin.command(&[&["check", "--json"], arguments].concat()).await;
    assert_eq!(said.code, code, "{said:?}");
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_around_it_is_asked_and_nothing_is_sent() {
    let (proof, database) = (Proof::new("check asks what is around the configuration"), Database::sqlite());
    let (site, telegram, smtp) = (Site::with("tin-tuc", 3).await, FakeTelegram::start(), FakeSmtp::start());
    let keys = "guard = \"off\"\ntelegram = [\"@kenh_tin\", -1001]";
    let admin = "[admin]\ntelegram = \"@quan_tri\"\n\n";
    let config = Config::new(&database).telegram(&telegram).email(&smtp, 1).raw(admin).section("tin-tuc", &site, keys);
    let bantin = Bantin::new(&config);
    let before = files(&bantin.path(""));
    let said = bantin.command(&["check"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    for piece in [
        " is free",
        "feeds can be written",
        "is made at the first start",
        "the token is that of @bantin_test_bot",
        "may post in @kenh_tin",
        "may post in -1001",
        "may post in @quan_tri",
        "takes connections without a login, without encryption",
        ": 3 articles, the newest \"Bản tin số 000",
        "config.toml is right: 1 section; Telegram and e-mail are on",
    ] {
        assert!(said.out.contains(piece), "{piece}: {said:?}");
    }
    let good = answer(&bantin, &[], 0).await;
    assert_eq!(good["sections"][0]["source"]["items"], 3, "{good:#}");
    assert_eq!(good["environment"].as_array().map(Vec::len), Some(8), "{good:#}");
    assert_eq!(files(&bantin.path("")), before, "nothing is made, nothing is written");
    assert!(telegram.journal().await.is_empty() && smtp.journal().await.is_empty(), "nothing is sent");

    // Everybody misbehaves: each is told at its key, with the file's line, and none keeps another from being told.
    telegram
        .order(json!([
            { "match": { "chat": "@kenh_tin" }, "do": { "kind": "not_found" } },
            { "match": { "chat": "-1001", "method": "getchatmember" },
              "do": { "kind": "refuse", "code": 403, "description": "Forbidden: bot was kicked from the group chat" } },
            { "match": { "chat": "@quan_tri" }, "do": { "kind": "retry_after", "seconds": 3 } },
        ]))
        .await;
    smtp.order(json!({ "match": { "verb": "greeting" }, "do": { "kind": "reply", "code": 554, "text": "5.7.1 no" } }))
        .await;
    site.section("tin-tuc", Vec::new());
    let bad = answer(&bantin, &[], 2).await;
    let told: Vec<(&str, &str, bool)> = bad["errors"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap_or_default();
            (text("code"), text("key"), one["line"].is_u64() && one["column"].is_u64())
        })
        .collect();
    let wanted = [
        ("E506", "email.smtp.url", true),
        ("E505", "admin.telegram", true),
        ("E508", "section.tin-tuc.url", true),
        ("E505", "section.tin-tuc.telegram[1]", true),
        ("E505", "section.tin-tuc.telegram[2]", true),
    ];
    assert_eq!(told, wanted, "{bad:#}");
    assert_eq!(bad["errors"][1]["severity"], "warning", "to be asked to wait is no mistake");
    let said = bantin.command(&["check"]).await;
    assert!(said.err.contains('^') && said.err.contains("bot was kicked") && said.err.contains("5.7.1 no"), "{said:?}");
    telegram.behave().await;
    bantin.configure(&config.text().replace(FakeTelegram::TOKEN, "4242:AARevokedTokenOfTests"));
    let refused = answer(&bantin, &[], 2).await;
    assert!(refused.to_string().contains("E504") && !refused.to_string().contains("AARevoked"), "{refused:#}");
    telegram.order(json!({ "match": { "method": "getme" }, "do": { "kind": "delay", "ms": 20_000 } })).await;
    bantin.configure(&config.text());
    let late = answer(&bantin, &["--timeout", "1s"], 2).await;
    assert!(late.to_string().contains("no answer within 1 second"), "{late:#}");
    assert!(telegram.journal().await.is_empty() && smtp.journal().await.is_empty(), "nothing is sent");

    let offline = answer(&bantin, &["--offline"], 0).await;
    assert_eq!((&offline["environment"], &offline["sections"][0]["source"]), (&json!([]), &Value::Null));
    bantin.configure("base_url = 5\nlangauge = \"vi\"\n");
    let broken = answer(&bantin, &[], 2).await;
    let answers = [good, bad, refused, late, offline, broken];
    let printed = bantin.command(&["schema", "check"]).await.out;
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/check.schema.json")).expect("it");
    assert_eq!(printed.trim_end(), committed.trim_end());
    match judged(&answers) {
        Some(wrong) => assert_eq!(wrong, "", "answers that are not what the schema says"),
        None => return proof.skipped("Python has no jsonschema"),
    }
    let mut twisted = answers[1].clone();
    twisted["errors"][0]["code"] = json!("none");
    assert_ne!(judged(&[twisted]), Some(String::new()), "the schema can refuse");
    proof.ran(answers.len(), "answers, each by the schema");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_site_yields_its_articles() {
    let bantin = shipped();
    let answer = answer(&bantin, &[], 0).await;
    let items = |slug: &str| {
        let section = answer["sections"].as_array().into_iter().flatten().find(|section| section["slug"] == slug);
        section.map_or(0, |section| section["source"]["items"].as_u64().unwrap_or_default())
    };
    assert!(
        ["tin-tuc", "kinh-te", "van-hoa-xa-hoi", "thong-bao", "news"].map(items).iter().all(|n| *n > 2),
        "{answer:#}"
    );
    assert!(!bantin.path("data").exists() && !bantin.path("feeds").exists(), "checking makes nothing");
}
