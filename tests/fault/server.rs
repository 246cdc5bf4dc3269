//! PostgreSQL is restarted under the daemon, without warning, and its link is cut: in a commit, for a while, in silence.
//! Feeds go on from memory; nothing is lost, and it heals by itself.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Database, config::free_port, until};
use crate::link::Link;
use crate::report::{Dice, Report, amount};
use crate::world::{World, served_meanwhile};

/// A server of our own.
struct Server {
    folder: tempfile::TempDir,
    bin: PathBuf,
    port: u16,
}

impl Server {
    fn start() -> Option<Self> {
        let bin = bin()?;
        let folder = tempfile::tempdir().expect("a folder");
        let server = Self { folder, bin, port: free_port() };
        if is_root() {
            let owned = Command::new("chown").arg("nobody").arg(server.folder.path()).status();
            assert!(owned.is_ok_and(|status| status.success()), "the server refuses to run as root");
        }
        let data = server.data();
        server.run("initdb", &["-D", &data, "-U", "bantin", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]);
        server.control("start", &[]);
        Some(server)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn control(&self, what: &str, more: &[&str]) {
        let (data, log) = (self.data(), self.folder.path().join("log").display().to_string());
        let folder = self.folder.path().display();
        let options = format!("-p {} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=60", self.port);
        self.run("pg_ctl", &[&[what, "-w", "-D", &data, "-l", &log, "-o", &options], more].concat());
    }

    /// As a crash would have it.
    fn restart(&self) {
        self.control("restart", &["-m", "immediate"]);
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new("env");
        if is_root() {
            command = Command::new("runuser");
            command.args(["-u", "nobody", "--"]);
        }
        command.arg(self.bin.join(program)).args(arguments).current_dir(self.folder.path());
        let done = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(done.is_ok_and(|status| status.success()), "{program} {arguments:?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.control("stop", &["-m", "immediate"]);
    }
}

fn is_root() -> bool {
    std::env::var("USER").is_ok_and(|user| user == "root")
        || Command::new("id").arg("-u").output().is_ok_and(|done| done.stdout.starts_with(b"0"))
}

/// The folder of the newest server's programs.
fn bin() -> Option<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|one| one.path().join("bin")).collect();
    all.sort();
    all.into_iter().rev().find(|bin| bin.join("pg_ctl").exists())
}

#[tokio::test(flavor = "multi_thread")]
async fn restarted_and_cut() {
    let (first, second) = (Report::new("PostgreSQL restarted"), Report::new("PostgreSQL cut off"));
    let started = tokio::task::spawn_blocking(Server::start).await.expect("no panic");
    let Some(server) = started else {
        first.skipped("PostgreSQL's programs are not installed");
        return second.skipped("PostgreSQL's programs are not installed");
    };
    let link = Link::to(&format!("127.0.0.1:{}", server.port)).await;
    let url = format!("postgres://bantin@127.0.0.1:{}/postgres", link.port);
    let mut world = World::start(Database::at(&url), "at_least_once").await;
    let mut dice = Dice::new("server");

    let cycles = amount(1, 5);
    let (mut slowest, mut asked) = (Duration::ZERO, 0);
    let server = std::sync::Arc::new(server);
    for _ in 0..cycles {
        world.publish(4);
        tokio::time::sleep(Duration::from_millis(dice.below(1_800) as u64)).await;
        let again = server.clone();
        let restart = tokio::task::spawn_blocking(move || again.restart());
        let (done, answers, failed) = served_meanwhile(&world.bantin, restart).await;
        done.expect("a restart");
        assert_eq!(failed, 0, "feeds are served meanwhile");
        asked += answers;
        let begun = Instant::now();
        world.drained().await;
        slowest = slowest.max(begun.elapsed());
    }
    let tally = world.tally().await;
    assert_eq!(tally.lost, 0);
    assert!(tally.repeats <= 4 * cycles, "{tally:?}");
    assert!(slowest < Duration::from_secs(30), "{slowest:?}");
    first.done(cycles, tally, &format!("{asked} feeds 200; all there {:.1} s after it", slowest.as_secs_f64()));

    let (before, cycles, mut slowest, mut asked) = (tally.repeats, amount(2, 30), Duration::ZERO, 0);
    for cycle in 0..cycles {
        world.publish(3);
        tokio::time::sleep(Duration::from_millis(dice.below(1_500) as u64)).await;
        // For a moment, so that it hits what is under way (a commit among it); then for a while; then in silence.
        match cycle % 3 {
            2 => link.stand_still(),
            _ => link.cut(),
        }
        let long = if cycle == 1 { amount(2_000, 60_000) } else { 200 + dice.below(1_500) };
        let while_cut = tokio::time::sleep(Duration::from_millis(long as u64));
        let ((), answers, failed) = served_meanwhile(&world.bantin, while_cut).await;
        assert_eq!(failed, 0, "feeds are served meanwhile");
        asked += answers;
        link.mend();
        let begun = Instant::now();
        world.drained().await;
        slowest = slowest.max(begun.elapsed());
    }
    let mut tally = world.tally().await;
    tally.repeats -= before;
    assert_eq!(tally.lost, 0);
    assert!(tally.repeats <= 4 * cycles, "{tally:?}");
    assert!(slowest < Duration::from_secs(30), "{slowest:?}");
    until("readiness", async || (world.bantin.get("/readyz").await.status() == 200).then_some(())).await;
    second.done(
        cycles,
        tally,
        &format!("{asked} feeds 200; all there {:.1} s after the mending", slowest.as_secs_f64()),
    );
}
