//! A real relay: Postfix's smtp-sink takes what bantin sends.

use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::flow::READER;
use crate::harness::config::free_port;
use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, Site, mail, program, until};

struct Sink(Child);

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn smtp_sink() {
    let proof = Proof::new("Postfix's smtp-sink receives");
    let Some(program) = program("smtp-sink") else { return proof.skipped("smtp-sink (Postfix) is not installed") };
    let folder = tempfile::tempdir().expect("a folder");
    let port = free_port();
    let mut command = Command::new(program);
    let open = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o777);
    std::fs::set_permissions(folder.path(), open).expect("a folder for everyone");
    if std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
        command.args(["-u", "nobody"]);
    }
    // One file a mail, with the envelope in its first lines.
    command.args(["-d", "mail.%S.", &format!("127.0.0.1:{port}"), "100"]).current_dir(folder.path());
    let _sink = Sink(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("smtp-sink starts"));
    until("smtp-sink", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()).await;

    let database = Database::sqlite();
    let site = Site::with("tin-tuc", 1).await;
    let config = Config::new(&database).relay(port, 2).section("tin-tuc", &site, "guard = \"off\"");
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0001").await;
    bantin.subscribe(READER, "tin-tuc").await;
    for number in 2..=4 {
        site.publish("tin-tuc", Article::new(number));
    }
    let mails = until("three mails in the sink", async || {
        let files = std::fs::read_dir(folder.path()).ok()?.filter_map(Result::ok);
        let mails: Vec<String> = files.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect();
        let whole = mails.iter().filter(|mail| mail.contains("\nX-Rcpt-Args:") && mail.contains("Message-ID")).count();
        (whole >= 3).then_some(mails)
    })
    .await;
    for number in 2..=4 {
        let title = Article::new(number).title;
        let read = mails.iter().map(|raw| mail::read(&json!({ "to": [], "raw": raw })));
        let found: Vec<_> = read.filter(|mail| mail.subject.contains(&title)).collect();
        assert_eq!(found.len(), 1, "{title} once");
        assert!(found[0].text.contains("Theo Đài Khí tượng Thủy văn"), "{:?}", found[0]);
    }
    assert!(mails.iter().all(|mail| mail.contains(&format!("X-Rcpt-Args: <{READER}>"))), "the envelope: {mails:#?}");
    proof.ran(3, "mails");
}
