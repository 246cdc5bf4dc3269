//! The order of system calls (strace): what says that a message is being sent is on the disk before the message leaves.
//! A `kill -9` cannot show that; only a power cut, or this, can.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::harness::{Database, program, until};
use crate::report::{Report, Tally, amount};
use crate::world::World;

/// What a trace shows.
#[derive(Debug, Default)]
struct Seen {
    sends: usize,
    /// Sends at a moment when something was written to the log and not synced.
    inversions: usize,
    /// Sends without a sync since the one before.
    bare: usize,
    syncs: usize,
}

fn read(trace: &str) -> Seen {
    let (mut seen, mut is_dirty, mut syncing) = (Seen::default(), false, std::collections::HashSet::new());
    let mut synced_at_last_send = usize::MAX;
    for line in trace.lines() {
        let thread = line.split_whitespace().next().unwrap_or_default();
        if line.contains("pwrite64(") && line.contains("bantin.db-wal") {
            is_dirty = true;
        } else if (line.contains("fdatasync(") || line.contains("fsync(")) && line.contains("bantin.db-wal") {
            if line.contains("unfinished") {
                syncing.insert(thread);
            } else if line.ends_with("= 0") || line.contains(") = 0") {
                is_dirty = false;
                seen.syncs += 1;
            }
        } else if (line.contains("fdatasync resumed") || line.contains("fsync resumed"))
            && syncing.remove(thread)
            && line.contains("= 0")
        {
            is_dirty = false;
            seen.syncs += 1;
        } else if (line.contains("/SendMessage") || line.contains("\"MAIL FROM")) && !line.contains("resumed") {
            seen.sends += 1;
            seen.inversions += usize::from(is_dirty);
            seen.bare += usize::from(seen.syncs == synced_at_last_send);
            synced_at_last_send = seen.syncs;
        }
    }
    seen
}

async fn trace(name: &str, telegram: bool) {
    let report = Report::new(name);
    if program("strace").is_none() {
        return report.skipped("strace is not installed");
    }
    let wanted = amount(15, 500);
    // One chat, and one connection to the relay; the other channel is kept from writing by never being answered.
    let mut world = World::with(Database::sqlite(), "at_least_once", |_, text| {
        text.replace("[\"@chat_a\", \"@chat_b\"]", "\"@chat_a\"").replace("connections = 2", "connections = 1")
    })
    .await;
    let late = json!({ "match": {}, "do": { "kind": "withhold" } });
    let dot = json!({ "match": { "verb": "dot" }, "do": { "kind": "withhold" } });
    world.telegram.order(late).await;
    world.smtp.order(dot).await;
    world.publish(wanted);
    until("everything queued", async || (world.in_state("pending").await + 2 >= 2 * wanted).then_some(())).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let file = world.bantin.path("trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-s", "64", "-e", "trace=pwrite64,fdatasync,fsync,sendto,write,writev,sendmsg", "-o"]);
    strace.arg(&file).args(["-p", &world.bantin.pid().to_string()]);
    let mut strace = strace.stderr(Stdio::null()).spawn().expect("strace");
    until("strace's first line", async || file.metadata().ok().filter(|m| m.len() > 0).map(|_| ())).await;
    if telegram {
        world.telegram.behave().await;
        world.telegram.wait(wanted, &[]).await;
    } else {
        world.smtp.behave().await;
        world.smtp.wait(wanted, &[]).await;
    }
    let _ = Command::new("kill").args(["-INT", &strace.id().to_string()]).status();
    let _ = strace.wait();
    let seen = read(&std::fs::read_to_string(&file).expect("the trace"));
    assert!(seen.sends + 2 >= wanted, "{seen:?}");
    // Between two sends there is a sync: without it, what says that the second is being sent is in no log on the disk.
    assert_eq!(seen.bare, 0, "{seen:?}");
    // A chat's posts follow each other, so at a send nothing may be written and not synced. The record of one mail may
    // be written while the next is sent.
    assert!(!telegram || seen.inversions == 0, "{seen:?}");
    let note = format!("{} syncs of the log, no send before its commit was on the disk", seen.syncs);
    report.done(seen.sends, Tally::default(), &note);
    // The other channel's answers, so that the daemon ends at once.
    world.telegram.behave().await;
    world.smtp.behave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_posts() {
    trace("fdatasync before the post", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_mails() {
    trace("fdatasync before the mail", false).await;
}
