//! Signed mails out of the real binary, judged by dkimpy with the very records that `bantin check` says to publish.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, FakeSmtp, Site, amount, program, until};

const READERS: usize = 10;

/// A Python that has dkimpy.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("BANTIN_FEEDPARSER").map(PathBuf::from).or_else(|| program("python3"))?;
    let there = Command::new(&python).args(["-c", "import dkim, nacl.signing"]).output().ok()?;
    there.status.success().then_some(python)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mail_is_verified() {
    let proof = Proof::new("dkimpy verifies every mail, RSA and Ed25519, List-* signed");
    let Some(python) = python() else { return proof.skipped("dkimpy (with PyNaCl) is not installed") };
    let Some(openssl) = program("openssl") else { return proof.skipped("openssl is not installed") };
    let wanted = amount("BANTIN_DKIM_MAILS", 100);
    let (database, smtp, site) = (Database::sqlite(), FakeSmtp::start(), Site::with("tin-tuc", 1).await);
    let keys = "dkim = [{ selector = \"r2026\", key_file = \"rsa.pem\" }, { selector = \"e2026\", key_file = \"ed.pem\" }]\n\n";
    let config = Config::new(&database).email(&smtp, 4).raw(keys).section("tin-tuc", &site, "guard = \"off\"");
    let mut bantin = Bantin::empty(config.port);
    for (file, kind) in [("rsa.pem", ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"].as_slice()), ("ed.pem", &["ed25519"])]
    {
        let out = Command::new(&openssl)
            .args(["genpkey", "-out"])
            .arg(bantin.path(file))
            .arg("-algorithm")
            .args(kind)
            .output()
            .expect("openssl runs");
        assert!(out.status.success(), "{out:?}");
    }
    bantin.configure(&config.text());
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0001").await;
    for reader in 0..READERS {
        bantin.subscribe(&format!("doc.gia.{reader}@example.org"), "tin-tuc").await;
    }
    for number in 0..wanted.div_ceil(READERS) {
        site.publish("tin-tuc", Article::new(100 + number));
    }
    let journal = until("every mail", async || {
        let journal = smtp.journal().await;
        (journal.len() >= wanted).then_some(journal)
    })
    .await;

    // The records as an admin is told them; on loopback none are needed, so the public address is another one.
    let public = config.text().replacen(&format!("http://127.0.0.1:{}", config.port), "https://bantin.example.vn", 1);
    std::fs::write(bantin.path("public.toml"), public.replace("[organisation]", "[organisation]\naddress = \"1 A\""))
        .expect("a file");
    let said = bantin.command(&["check", "--offline", "--json", "--config", "public.toml"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let told: Value = serde_json::from_str(&said.out).expect("JSON");
    let records = told["records"].as_array().expect("records").iter().filter(|record| record["kind"] == "TXT");
    let records: serde_json::Map<String, Value> =
        records.map(|r| (r["name"].as_str().expect("a name").to_owned(), r["value"].clone())).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let (mails, dns) = (folder.path().join("mails"), folder.path().join("records"));
    std::fs::write(&dns, Value::Object(records).to_string()).expect("a file");
    let lines: Vec<String> = journal.iter().map(|record| record["raw"].to_string()).collect();
    std::fs::write(&mails, lines.join("\n")).expect("a file");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pipeline/dkim_verify.py");
    let out = Command::new(python).arg(script).args([&mails, &dns]).output().expect("python runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let judged: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let count = journal.len();
    let tampered = count.div_ceil(10) * 5 * 2;
    assert_eq!(
        judged,
        json!({ "mails": count, "signatures": 2 * count, "good": count, "lists": count, "tried": tampered, "caught": tampered })
    );
    proof.ran(count, &format!("mails, two signatures each; {tampered} changed copies refused"));
}
