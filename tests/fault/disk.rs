//! The disk under the database: full, not to be written to, failing at the moment of truth. Nothing is sent that could not
//! be recorded, feeds go on, and it heals by itself.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Bantin, Database, program, until};
use crate::report::{Report, Tally, amount};
use crate::world::{World, served_meanwhile};

/// A small file system of its own, filled to the last byte: by root a tmpfs of 8 MB, else a limit on the size of the
/// daemon's files.
enum Full {
    Tmpfs { ballast: PathBuf },
    Limit { pid: u32 },
}

impl Full {
    fn is_possible(folder: &Path) -> bool {
        std::fs::create_dir_all(folder).expect("a folder");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(folder).output();
        mounted.is_ok_and(|done| done.status.success())
    }

    fn now(bantin: &Bantin, mounted: bool) -> Self {
        let folder = bantin.path("data");
        if !mounted {
            let largest = ["bantin.db", "bantin.db-wal"].iter().filter_map(|f| folder.join(f).metadata().ok());
            let largest = largest.map(|m| m.len()).max().unwrap_or_default();
            limit(bantin.pid(), &largest.to_string());
            return Self::Limit { pid: bantin.pid() };
        }
        let ballast = folder.join("ballast");
        let mut file = std::fs::File::create(&ballast).expect("the ballast");
        for size in [65_536, 4_096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        Self::Tmpfs { ballast }
    }

    fn heal(&self) {
        match self {
            Self::Tmpfs { ballast } => std::fs::remove_file(ballast).expect("room again"),
            Self::Limit { pid } => limit(*pid, "unlimited"),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Tmpfs { .. } => "tmpfs of 8 MB",
            Self::Limit { .. } => "RLIMIT_FSIZE",
        }
    }
}

/// Takes the file system away at the end, whatever came of the test.
struct Unmount(PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

fn limit(pid: u32, size: &str) {
    let done = Command::new("prlimit").args(["--pid", &pid.to_string(), &format!("--fsize={size}:unlimited")]).output();
    assert!(done.is_ok_and(|done| done.status.success()), "prlimit");
}

/// Waits for what `/readyz` says.
async fn ready(bantin: &Bantin, wanted: u16) {
    until(&format!("/readyz {wanted}"), async || (bantin.get("/readyz").await.status() == wanted).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn full() {
    let report = Report::new("full disk");
    let cycles = amount(1, 10);
    let (mut all, mut slowest, mut asked, mut how) = (Tally::default(), Duration::ZERO, 0, "");
    // A disk of its own for each: what an earlier cycle left in the log would be room for the next.
    for _ in 0..cycles {
        let mut world = World::still(Database::sqlite(), "at_least_once", |_, text| text).await;
        let data = world.bantin.path("data");
        let mounted = Full::is_possible(&data);
        let _gone = mounted.then(|| Unmount(data));
        world.begin(&[]).await;
        let disk = Full::now(&world.bantin, mounted);
        how = disk.name();
        // More than the log has room for without growing.
        world.publish(30);
        let ((), answers, failed) = served_meanwhile(&world.bantin, ready(&world.bantin, 503)).await;
        assert_eq!(failed, 0, "feeds are served meanwhile");
        asked += answers;
        // Whatever left in between was recorded: nothing comes twice afterwards.
        let healed = Instant::now();
        disk.heal();
        ready(&world.bantin, 200).await;
        world.arrived().await;
        slowest = slowest.max(healed.elapsed());
        world.drained().await;
        let tally = world.tally().await;
        all.lost += tally.lost;
        all.repeats += tally.repeats;
    }
    assert_eq!((all.lost, all.repeats), (0, 0));
    assert!(slowest < Duration::from_mins(1), "{slowest:?}");
    let slowest = slowest.as_secs_f64();
    report.done(cycles, all, &format!("{how}; /readyz 503, {asked} feeds 200, healed in {slowest:.1} s at most"));
}

/// Makes system calls of the daemon fail until it is dropped.
struct Inject(Child);

impl Inject {
    fn into(bantin: &Bantin, calls: &str, error: &str) -> Self {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
        command.args(["-e", &format!("inject={calls}:error={error}"), "-p", &bantin.pid().to_string()]);
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("strace"))
    }
}

impl Drop for Inject {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-INT", &self.0.id().to_string()]).output();
        let _ = self.0.wait();
    }
}

async fn failing(report: Report, calls: &str, error: &str) {
    if program("strace").is_none() {
        return report.skipped("strace is not installed");
    }
    let cycles = amount(1, 10);
    let mut world = World::start(Database::sqlite(), "at_least_once").await;
    world.publish(1);
    world.arrived().await;
    let (mut slowest, mut asked) = (Duration::ZERO, 0);
    for _ in 0..cycles {
        // What is queued already is there to be sent, if anything dares.
        let inject = Inject::into(&world.bantin, calls, error);
        tokio::time::sleep(Duration::from_millis(300)).await;
        let before = world.telegram.journal().await.len() + world.smtp.journal().await.len();
        world.publish(3);
        let ((), answers, failed) = served_meanwhile(&world.bantin, ready(&world.bantin, 503)).await;
        asked += answers;
        assert_eq!(failed, 0, "feeds are served meanwhile");
        tokio::time::sleep(Duration::from_millis(500)).await;
        let after = world.telegram.journal().await.len() + world.smtp.journal().await.len();
        assert_eq!(after, before, "nothing is sent that cannot be recorded");
        drop(inject);
        let healed = Instant::now();
        ready(&world.bantin, 200).await;
        world.arrived().await;
        slowest = slowest.max(healed.elapsed());
    }
    world.drained().await;
    let tally = world.tally().await;
    assert_eq!((tally.lost, tally.repeats), (0, 0));
    assert!(slowest < Duration::from_mins(1), "{slowest:?}");
    let note = format!("0 sent meanwhile; {asked} feeds 200; healed in {:.1} s at most", slowest.as_secs_f64());
    report.done(cycles, tally, &note);
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only() {
    failing(Report::new("read-only disk"), "pwrite64", "EROFS").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_synced() {
    failing(Report::new("fdatasync fails"), "fsync,fdatasync", "EIO").await;
}
