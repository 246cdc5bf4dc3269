//! The fakes as processes, and the questions tests ask them.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use super::{PATIENCE, client};

/// What both fakes have in common.
pub struct Fake {
    child: Child,
    address: String,
    control: String,
    client: reqwest::Client,
}

/// A strict fake of the Bot API.
pub struct FakeTelegram(Fake);

/// A relay that misbehaves on order.
pub struct FakeSmtp(Fake);

const TOKEN: &str = "4242:AAFakeTokenForTests";

impl FakeTelegram {
    /// A well-behaved server with generous limits.
    pub fn start() -> Self {
        Self(Fake::start("fake-telegram", &["--token", TOKEN]))
    }

    /// The same with limits (`--per-group-minute 20`).
    #[allow(dead_code, reason = "the tests of Telegram share this harness")]
    pub fn with(arguments: &[&str]) -> Self {
        Self(Fake::start("fake-telegram", &[&["--token", TOKEN], arguments].concat()))
    }

    /// The API's address.
    pub fn url(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// Somebody writes to the bot, or presses a button: an update as JSON, without its number.
    #[allow(dead_code, reason = "the tests of Telegram share this harness")]
    pub async fn update(&self, update: Value) {
        let url = format!("{}/control/update", self.url());
        let answer = self.0.client.post(url).body(update.to_string()).send().await.expect("the fake");
        assert!(answer.status().is_success(), "{update}");
    }

    /// The only right token.
    pub const TOKEN: &str = TOKEN;
}

impl FakeSmtp {
    /// A well-behaved relay.
    pub fn start() -> Self {
        Self(Fake::start("fake-smtp", &[]))
    }

    /// Where it listens on loopback.
    pub fn port(&self) -> u16 {
        self.0.address.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
    }
}

impl std::ops::Deref for FakeTelegram {
    type Target = Fake;
    fn deref(&self) -> &Fake {
        &self.0
    }
}

impl std::ops::Deref for FakeSmtp {
    type Target = Fake;
    fn deref(&self) -> &Fake {
        &self.0
    }
}

impl Fake {
    fn start(name: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(program(name))
            .args(arguments)
            .args(["--lifeline", "stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut line = |begin: &str| {
            let line = lines.next().and_then(Result::ok).unwrap_or_default();
            line.strip_prefix(begin).unwrap_or_else(|| panic!("{name} said {line:?} instead of {begin:?}")).to_owned()
        };
        let address = line("listening on ");
        let control = if name == "fake-smtp" { line("control on ") } else { address.clone() };
        Self { child, address, control: format!("http://{control}/control"), client: client() }
    }

    /// Orders misbehaviour: a rule or a list of rules (see the fakes' `rules`).
    pub async fn order(&self, rules: Value) {
        let answer = self.client.post(&self.control).body(rules.to_string()).send().await.expect("the fake");
        let status = answer.status();
        assert!(status.is_success(), "{rules}: {}", answer.text().await.unwrap_or_default());
    }

    /// Back to good behaviour; withheld answers go out.
    pub async fn behave(&self) {
        self.client.delete(&self.control).send().await.expect("the fake");
        self.client.post(format!("{}/release", self.control)).send().await.expect("the fake");
    }

    /// Everything accepted so far.
    pub async fn journal(&self) -> Vec<Value> {
        self.lines("journal").await
    }

    /// Everything refused so far.
    pub async fn refused(&self) -> Vec<Value> {
        self.lines("refused").await
    }

    /// Waits for `count` accepted records with these values.
    pub async fn wait(&self, count: usize, values: &[(&str, &str)]) -> Vec<Value> {
        let found = self.wait_at_most(count, values, PATIENCE.as_millis()).await;
        let journal = self.journal().await;
        assert!(
            found >= count,
            "{found} of {count} arrived; accepted: {journal:#?}\nrefused: {:#?}",
            self.refused().await
        );
        journal.into_iter().filter(|record| values.iter().all(|(key, value)| record[*key] == *value)).collect()
    }

    /// How many accepted records have these values, once `count` do or the time is over.
    pub async fn wait_at_most(&self, count: usize, values: &[(&str, &str)], milliseconds: u128) -> usize {
        let mut url = url::Url::parse(&format!("{}/wait", self.control)).expect("an address");
        url.query_pairs_mut().append_pair("count", &count.to_string());
        url.query_pairs_mut().append_pair("timeout_ms", &milliseconds.to_string());
        for (key, value) in values {
            url.query_pairs_mut().append_pair(key, value);
        }
        self.text(url.as_str()).await.parse().expect("a number")
    }

    /// Waits until an answer is withheld; answers how many are after `milliseconds` at most.
    pub async fn withheld(&self, milliseconds: u128) -> usize {
        let url = format!("{}/pending?wait=1&timeout_ms={milliseconds}", self.control);
        self.text(&url).await.parse().expect("a number")
    }

    async fn lines(&self, what: &str) -> Vec<Value> {
        let text = self.text(&format!("{}/{what}", self.control)).await;
        text.lines().map(|line| serde_json::from_str(line).expect("a journal line")).collect()
    }

    async fn text(&self, url: &str) -> String {
        self.client.get(url).send().await.expect("the fake").text().await.expect("its answer")
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A fake's executable beside this test's own; a plain `cargo test` has not built it, so that is done here.
fn program(name: &str) -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    let this = std::env::current_exe().expect("this test's executable");
    let profile = this.parent().and_then(Path::parent).expect("target/<profile>/deps");
    BUILT.get_or_init(|| {
        if profile.join("fake-telegram").exists() && profile.join("fake-smtp").exists() {
            return;
        }
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "-p", "bantin-fakes", "--manifest-path"]);
        build.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        build.env("CARGO_TARGET_DIR", profile.parent().expect("target"));
        if profile.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().is_ok_and(|status| status.success()), "the fakes could not be built");
    });
    profile.join(name)
}
