//! Mails that come back: real bounces in a real Dovecot, and by the API. Only the reader whose mail it was is given up.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::harness::config::free_port;
use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, FakeSmtp, Site, mail, program, until};
use crate::relays::open_store;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/bounces");
const KEY: &str = "a-push-key-for-tests";

/// A Dovecot of our own with one mailbox.
struct Dovecot {
    folder: tempfile::TempDir,
    child: Child,
    port: u16,
}

impl Dovecot {
    async fn start(program: &Path, openssl: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (root, port) = (folder.path().to_path_buf(), free_port());
        let open = |path: &Path| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).expect("a folder for everyone");
        };
        for name in ["", "run", "mail", "mail/bounces", "mail/bounces/new", "mail/bounces/cur", "mail/bounces/tmp"] {
            let _ = std::fs::create_dir(root.join(name));
            open(&root.join(name));
        }
        let (cert, key) = (root.join("cert.pem"), root.join("key.pem"));
        let made = Command::new(openssl)
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(&cert)
            .output();
        assert!(made.is_ok_and(|made| made.status.success()), "a certificate");
        let at = root.display();
        let text = format!(
            "base_dir = {at}/run\nlog_path = {at}/log\nprotocols = imap\nlisten = 127.0.0.1\nssl = yes\n\
             ssl_cert = <{at}/cert.pem\nssl_key = <{at}/key.pem\ndisable_plaintext_auth = no\n\
             mail_location = maildir:{at}/mail/%u\nfirst_valid_uid = 1\n\
             passdb {{\n driver = static\n args = password=open-sesame\n}}\n\
             userdb {{\n driver = static\n args = uid=nobody gid=nogroup home={at}/mail/%u\n}}\n\
             service imap-login {{\n inet_listener imap {{\n port = {port}\n }}\n inet_listener imaps {{\n port = 0\n }}\n chroot =\n}}\n\
             service anvil {{\n chroot =\n}}\n"
        );
        std::fs::write(root.join("dovecot.conf"), text).expect("a file");
        let child = Command::new(program)
            .args(["-F", "-c"])
            .arg(root.join("dovecot.conf"))
            .stdout(Stdio::null())
            .spawn()
            .expect("dovecot starts");
        let dovecot = Self { folder, child, port };
        until("dovecot", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
        dovecot
    }

    fn box_of(&self, part: &str) -> PathBuf {
        self.folder.path().join("mail/bounces").join(part)
    }

    /// Puts a message into the mailbox.
    fn receive(&self, name: &str, raw: &[u8]) {
        let (before, after) = (self.box_of("tmp").join(name), self.box_of("new").join(name));
        std::fs::write(&before, raw).expect("a message");
        std::fs::set_permissions(&before, std::fs::Permissions::from_mode(0o666)).expect("a message");
        std::fs::rename(before, after).expect("a message");
    }

    /// How many messages are marked as read.
    fn seen(&self) -> usize {
        let files = std::fs::read_dir(self.box_of("cur")).expect("the mailbox");
        files.filter_map(Result::ok).filter(|file| file.file_name().to_string_lossy().contains(":2,S")).count()
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// A bounce as a real server made it, for the mail with this envelope's sender.
fn bounce(file: &str, sender: &str) -> Vec<u8> {
    let raw = std::fs::read_to_string(Path::new(FIXTURES).join(file)).expect("a fixture");
    let case = file.rsplit('/').next().and_then(|name| name.strip_suffix(".eml")).expect("a case");
    let marked = raw.replace(&format!("bounces+{case}{}@example.vn", "a".repeat(23)), sender);
    assert_ne!(marked, raw, "{file} has no mark");
    marked.into_bytes()
}

/// POSTs to `/api/bounces`, signed; status and answer.
async fn post(bantin: &Bantin, kind: &str, body: Vec<u8>, key: &str) -> (u16, Value) {
    let at = (bantin::clock::Clock::System.now_ms() / 1000).to_string();
    let mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(key.as_bytes()).expect("a key");
    let code = mac.chain_update(at.as_bytes()).chain_update(b".").chain_update(&body).finalize().into_bytes();
    let answer = crate::harness::client()
        .post(bantin.url("/api/bounces"))
        .header("content-type", kind)
        .header("x-bantin-timestamp", at)
        .header("x-bantin-signature", format!("sha256={}", data_encoding::HEXLOWER.encode(&code)))
        .body(body)
        .send()
        .await
        .expect("an answer");
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.expect("text")).unwrap_or_default())
}

/// Publishes an article, waits until `count` readers have it, and until a fence behind it is out too; who has it.
async fn readers_of(site: &Site, smtp: &FakeSmtp, number: usize, count: usize) -> BTreeSet<String> {
    site.publish("tin-tuc", Article::new(number));
    let title = Article::new(number).title;
    until(&format!("{count} mails about {number}"), async || {
        let journal = smtp.journal().await;
        let own = journal.iter().map(mail::read).filter(|mail| mail.subject.contains(&title));
        let readers: BTreeSet<String> = own.map(|mail| mail.to[0].clone()).collect();
        (readers.len() >= count).then_some(readers)
    })
    .await
}

fn readers(numbers: &[usize]) -> BTreeSet<String> {
    numbers.iter().map(|n| format!("reader{n}@example.org")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_is_read() {
    let proof = Proof::new("bounces by IMAP (Dovecot) and by the API give up whose mail it was, and nobody else");
    let Some(dovecot) = program("dovecot") else { return proof.skipped("dovecot (dovecot-imapd) is not installed") };
    let Some(openssl) = program("openssl") else { return proof.skipped("openssl is not installed") };
    if !std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
        return proof.skipped("Dovecot wants to be started by root");
    }
    let inbox = Dovecot::start(&dovecot, &openssl).await;
    let (database, smtp, site) = (Database::sqlite(), FakeSmtp::start(), Site::with("tin-tuc", 1).await);
    let back = format!(
        "[email.bounces]\naddress = \"bounces@example.vn\"\npassword = \"open-sesame\"\nevery = \"1s\"\n\
         imap = \"imap://bounces@127.0.0.1:{}?tls=opportunistic\"\n\n",
        inbox.port
    );
    let config = Config::new(&database).email(&smtp, 2).raw(&back).section("tin-tuc", &site, "guard = \"off\"");
    let mut bantin = Bantin::empty(config.port);
    bantin.configure(&config.text().replace("[server]\n", &format!("[server]\npush_key = \"{KEY}\"\n")));
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0001").await;
    for reader in 0..5 {
        bantin.subscribe(&format!("reader{reader}@example.org"), "tin-tuc").await;
    }
    assert_eq!(readers_of(&site, &smtp, 100, 5).await, readers(&[0, 1, 2, 3, 4]));
    let journal = smtp.journal().await;
    let sender = |reader: usize| {
        let to = format!("reader{reader}@example.org");
        let own = journal.iter().find(|record| record["to"][0] == to.as_str()).expect("a mail");
        own["from"].as_str().expect("a sender").to_owned()
    };
    let senders: BTreeSet<String> = (0..5).map(sender).collect();
    assert_eq!(senders.len(), 5, "each mail has a sender of its own: {senders:?}");
    assert!(senders.iter().all(|from| from.starts_with("bounces+") && from.ends_with("@example.vn")), "{senders:?}");

    // By IMAP: gone, full, refused because of us; one without our mark, and one that is no bounce.
    inbox.receive("1", &bounce("postfix/c00.eml", &sender(0)));
    inbox.receive("2", &bounce("exim/c24.eml", &sender(1)));
    inbox.receive("3", &bounce("opensmtpd/c34.eml", &sender(2)));
    let forged = format!("bounces+{}@example.vn", "a".repeat(26));
    inbox.receive(
        "4",
        &bounce("postfix/c01.eml", &forged).replace_all(b"c01.reader@example.org", b"reader3@example.org"),
    );
    inbox.receive("5", b"From: somebody@example.org\r\nSubject: Hello\r\n\r\nAre you there?\r\n");
    until("all of them to be read", async || (inbox.seen() == 5).then_some(())).await;
    assert_eq!(readers_of(&site, &smtp, 101, 4).await, readers(&[1, 2, 3, 4]));

    // By the API: the message itself, and JSON.
    let gone = bounce("exim/c05.eml", &sender(3));
    let (status, answer) = post(&bantin, "message/rfc822", gone.clone(), "another-key").await;
    assert_eq!((status, answer["error"].as_str()), (401, Some("signature")));
    let (status, answer) = post(&bantin, "message/rfc822", gone.clone(), KEY).await;
    assert_eq!(
        (status, answer),
        (202, json!({ "accepted": "bounce", "class": "hard", "known": true, "suppressed": true }))
    );
    assert_eq!(post(&bantin, "message/rfc822", gone, KEY).await.0, 409, "once");
    let refused =
        json!({ "recipient": "reader2@example.org", "diagnostic": "550 5.7.1 blocked using zen.spamhaus.org" });
    let (status, answer) = post(&bantin, "application/json", refused.to_string().into_bytes(), KEY).await;
    assert_eq!((status, answer["class"].as_str(), answer["suppressed"].as_bool()), (202, Some("sender"), Some(false)));
    let complaint = json!({ "recipient": "READER4@example.org", "kind": "complaint", "id": "c1" });
    let (_, answer) = post(&bantin, "application/json", complaint.to_string().into_bytes(), KEY).await;
    assert_eq!((answer["class"].as_str(), answer["suppressed"].as_bool()), (Some("complaint"), Some(true)));
    assert_eq!(post(&bantin, "text/plain", b"hello".to_vec(), KEY).await.0, 422);
    assert_eq!(readers_of(&site, &smtp, 102, 2).await, readers(&[1, 2]));

    // The story of the mail tells it, and who comes back gets what is new, not what was missed.
    let store = open_store(&bantin, &database).await;
    let given_up = store.troubled_targets().await.expect("the store");
    let words: Vec<&str> = given_up.iter().map(|target| target.reason.split(':').next().unwrap_or_default()).collect();
    assert_eq!(words, ["bounced", "bounced", "complained"]);
    assert!(given_up.iter().all(|target| !target.reason.contains('@')), "{given_up:?}");
    bantin.subscribe("reader0@example.org", "tin-tuc").await;
    assert_eq!(readers_of(&site, &smtp, 103, 3).await, readers(&[0, 1, 2]));
    let to_first = smtp.journal().await.iter().filter(|record| record["to"][0] == "reader0@example.org").count();
    assert_eq!(to_first, 2, "the first article and the last");
    assert_eq!(smtp.refused().await, Vec::<Value>::new());
    proof.ran(9, "mails came back, of servers and services");
}

trait ReplaceAll {
    fn replace_all(&self, from: &[u8], to: &[u8]) -> Vec<u8>;
}

impl ReplaceAll for Vec<u8> {
    fn replace_all(&self, from: &[u8], to: &[u8]) -> Vec<u8> {
        let text = String::from_utf8_lossy(self);
        text.replace(&*String::from_utf8_lossy(from), &String::from_utf8_lossy(to)).into_bytes()
    }
}
