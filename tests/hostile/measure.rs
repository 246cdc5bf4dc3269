//! What a run of the binary took of CPU time and memory, as the kernel counts it.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a run took.
pub struct Run {
    pub code: Option<i32>,
    /// What it wrote to both outputs.
    pub said: String,
    pub cpu: Duration,
    /// The most memory at a time, in KiB.
    pub peak: u64,
}

/// Runs a command to its end, or kills it after `limit`.
pub fn run(mut command: Command, limit: Duration) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| std::fs::File::create(folder.path().join(name)).expect("a file");
    let mut child =
        command.stdin(Stdio::null()).stdout(file("out")).stderr(file("err")).spawn().expect("bantin starts");
    let began = Instant::now();
    let (mut peak, mut killed) = (0, false);
    // A process that has ended keeps its times until it is waited for, but not its memory.
    let cpu = loop {
        let (state, cpu) = state(child.id());
        if state == 'Z' {
            break cpu;
        }
        peak = peak.max(peak_of(child.id()));
        if began.elapsed() > limit && !killed {
            child.kill().expect("killing bantin");
            killed = true;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let status = child.wait().expect("bantin's end");
    let said =
        ["out", "err"].map(|name| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default()).concat();
    Run { code: status.code(), said, cpu, peak }
}

/// The state of a process, and the CPU time it has taken.
pub fn state(pid: u32) -> (char, Duration) {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process");
    // Its name may have spaces and brackets.
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let state = fields.first().and_then(|text| text.chars().next()).unwrap_or('?');
    // A tick is a hundredth of a second on every Linux there is.
    (state, Duration::from_millis((ticks(11) + ticks(12)) * 10))
}

/// The most memory a process has had at a time, in KiB.
pub fn peak_of(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
