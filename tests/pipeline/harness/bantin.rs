//! The binary under test, as a process: started, killed, stopped, asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use tempfile::TempDir;
use tokio::sync::watch;

use super::{Config, PATIENCE, client, until};

/// bantin in a folder of its own.
pub struct Bantin {
    folder: TempDir,
    port: u16,
    child: Option<Child>,
    environment: Vec<(String, String)>,
    log: watch::Sender<String>,
    client: reqwest::Client,
}

/// The program under test: the one built with the tests, or a ready one that `BANTIN_BINARY` names (a release build,
/// measured without building it once more).
fn binary() -> PathBuf {
    std::env::var_os("BANTIN_BINARY").map_or_else(|| env!("CARGO_BIN_EXE_bantin").into(), PathBuf::from)
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    /// The exit code; -1 for a signal.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Bantin {
    /// A folder with this configuration; nothing runs yet.
    pub fn new(config: &Config) -> Self {
        let bantin = Self::empty(config.port);
        bantin.configure(&config.text());
        bantin
    }

    /// A folder without a configuration.
    pub fn empty(port: u16) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let log = watch::Sender::new(String::new());
        Self { folder, port, child: None, environment: Vec::new(), log, client: client() }
    }

    /// Writes `config.toml`.
    pub fn configure(&self, text: &str) {
        std::fs::write(self.path("config.toml"), text).expect("writing config.toml");
    }

    /// Sets an environment variable for every start and command.
    #[allow(dead_code, reason = "the tests of the commands share this harness")]
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Something in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// An address on the daemon.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Starts the daemon and waits until it is ready.
    pub async fn start(&mut self) {
        self.start_with(&[]).await;
    }

    /// The same with environment variables (`BANTIN_FAULT`).
    pub async fn start_with(&mut self, environment: &[(&str, &str)]) {
        self.spawn(environment);
        self.ready().await;
    }

    /// Starts the daemon and waits for nothing.
    pub fn spawn(&mut self, environment: &[(&str, &str)]) {
        self.spawn_command(&["run"], environment);
    }

    /// Starts the daemon under another program (`strace`, `prlimit`): its name and arguments.
    #[allow(dead_code, reason = "the tests of faults share this harness")]
    pub fn spawn_under(&mut self, under: &[&str], environment: &[(&str, &str)]) {
        assert!(self.child.is_none(), "bantin runs already");
        self.log.send_replace(String::new());
        let (name, arguments) = under.split_first().expect("a program");
        let mut command = Command::new(name);
        command.args(arguments).arg(binary()).arg("run");
        command.current_dir(self.folder.path()).env("HOME", self.folder.path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value))).envs(environment.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("bantin starts");
        self.follow(child.stdout.take().expect("its output"));
        self.follow(child.stderr.take().expect("its errors"));
        self.child = Some(child);
    }

    /// Starts a command that goes on by itself, and waits for nothing.
    pub fn spawn_command(&mut self, arguments: &[&str], environment: &[(&str, &str)]) {
        assert!(self.child.is_none(), "bantin runs already");
        self.log.send_replace(String::new());
        let mut command = self.program();
        command.args(arguments).envs(environment.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("bantin starts");
        self.follow(child.stdout.take().expect("its output"));
        self.follow(child.stderr.take().expect("its errors"));
        self.child = Some(child);
    }

    /// The process.
    #[allow(dead_code, reason = "the tests of hostile sites share this harness")]
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("bantin runs").id()
    }

    /// Waits until `/readyz` says so.
    pub async fn ready(&mut self) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let answer = self.client.get(self.url("/readyz")).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            let ended = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            assert!(ended.is_none(), "bantin ended ({ended:?}):\n{}", self.log());
            assert!(tokio::time::Instant::now() < deadline, "bantin is not ready:\n{}", self.log());
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // One that was stopped is ended too.
            child.kill().expect("killing bantin");
            child.wait().expect("bantin's end");
        }
    }

    /// SIGTERM, and the end it leads to.
    pub async fn terminate(&mut self) -> ExitStatus {
        self.signal("-TERM").await
    }

    /// A signal (`-INT` is Ctrl-C), and the end it leads to.
    pub async fn signal(&mut self, signal: &str) -> ExitStatus {
        let mut child = self.child.take().expect("bantin runs");
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "{signal} could not be sent");
        let status = self.ended(&mut child).await;
        self.child = None;
        status
    }

    /// A signal that does not end it: `-STOP`, `-CONT`.
    #[allow(dead_code, reason = "the tests of faults share this harness")]
    pub fn tell(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.pid().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "{signal} could not be sent");
    }

    /// Waits for the daemon to end by itself, but not longer than this; `None`: it runs on.
    #[allow(dead_code, reason = "the tests of faults share this harness")]
    pub async fn end_within(&mut self, time: std::time::Duration) -> Option<Said> {
        let deadline = tokio::time::Instant::now() + time;
        loop {
            let status = self.child.as_mut().expect("bantin runs").try_wait().expect("bantin's end");
            if let Some(status) = status {
                self.child = None;
                // What it said last is on its way through the pipe.
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                return Some(Said { code: status.code().unwrap_or(-1), out: String::new(), err: self.log() });
            }
            if tokio::time::Instant::now() > deadline {
                return None;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// Waits for the daemon to end by itself.
    pub async fn end(&mut self) -> Said {
        let mut child = self.child.take().expect("bantin runs");
        let status = self.ended(&mut child).await;
        Said { code: status.code().unwrap_or(-1), out: String::new(), err: self.log() }
    }

    async fn ended(&self, child: &mut Child) -> ExitStatus {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(status) = child.try_wait().expect("bantin's end") {
                return status;
            }
            if tokio::time::Instant::now() > deadline {
                let _ = child.kill();
                panic!("bantin does not end:\n{}", self.log());
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// Everything this run has written so far.
    pub fn log(&self) -> String {
        self.log.borrow().clone()
    }

    /// Waits until the log has a piece of text.
    pub async fn logged(&self, piece: &str) {
        let mut log = self.log.subscribe();
        let waited = tokio::time::timeout(PATIENCE, log.wait_for(|log| log.contains(piece))).await.is_ok();
        assert!(waited, "the log never said {piece:?}:\n{}", self.log());
    }

    /// Runs a command in the folder, beside the daemon or without it.
    pub async fn command(&self, arguments: &[&str]) -> Said {
        self.command_with(arguments, &[], "").await
    }

    /// The same with environment variables and standard input.
    pub async fn command_with(&self, arguments: &[&str], environment: &[(&str, &str)], input: &str) -> Said {
        let mut command = self.program();
        command.args(arguments).envs(environment.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let input = input.to_owned();
        let run = move || {
            let mut child = command.spawn().expect("bantin starts");
            // A command that reads nothing may be gone by now.
            let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
            child.wait_with_output().expect("bantin's end")
        };
        let output = tokio::task::spawn_blocking(run).await.expect("no panic");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Adds a confirmed reader by e-mail, as an admin does.
    pub async fn subscribe(&self, address: &str, section: &str) {
        let cadence = ["--section", section, "--cadence", "now", "--language", "vi"];
        let said = self.command(&[["subscribers", "add", address].as_slice(), &cadence].concat()).await;
        assert_eq!(said.code, 0, "{said:?}");
    }

    /// GETs a page.
    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(self.url(path)).send().await.unwrap_or_else(|error| panic!("{path}: {error}\n{}", self.log()))
    }

    /// GETs a page as text; it must be there.
    pub async fn text(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert!(answer.status().is_success(), "{path}: {}\n{}", answer.status(), self.log());
        answer.text().await.expect("text")
    }

    /// Waits until a feed mentions a piece of text; answers the feed.
    pub async fn feed_with(&self, path: &str, piece: &str) -> String {
        until(&format!("{piece:?} in {path}"), async || {
            let answer = self.client.get(self.url(path)).send().await.ok()?;
            let text = answer.text().await.ok()?;
            text.contains(piece).then_some(text)
        })
        .await
    }

    /// The binary in the folder, not started.
    pub fn program(&self) -> Command {
        let mut command = Command::new(binary());
        command.current_dir(self.folder.path()).env("HOME", self.folder.path());
        command.env_remove("BANTIN_FAULT").env_remove("RUST_LOG");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    fn follow(&self, output: impl Read + Send + 'static) {
        let log = self.log.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let Ok(line) = line else { return };
                log.send_modify(|log| *log += &(line + "\n"));
            }
        });
    }
}

impl Drop for Bantin {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("bantin's log:\n{}", self.log());
        }
    }
}
