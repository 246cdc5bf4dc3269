//! What is typed wrong, named wrong or not configured: one helpful line, the right exit code; and outputs that
//! nobody reads.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::harness::proof::Proof;
use crate::harness::{Bantin, program};
use crate::steady::{shipped, transcript};

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_is_one_helpful_line() {
    let bantin = shipped();
    let mut all = String::new();
    for line in [
        "statsu",
        "run --confg x.toml",
        "once tin-tc",
        "preview tin-tuk --as telegram",
        "preview tin-tuc --as pdf",
        "articles list xyz",
        "articles list tin-tuc --limit 0",
        "articles show 1",
        "articles withdraw https://www.example.vn/none.html",
        "deliveries list --state lost",
        "deliveries show 1",
        "deliveries retry",
        "deliveries retry 1",
        "deliveries drop 1",
        "holds approve 1",
        "subscribers add nobody --section tin-tuc",
        "subscribers add doc-gia@example.vn --section tin-tc",
        "subscribers add doc-gia@example.vn",
        "subscribers remove nobody@example.vn",
        "pause tin-tuc kinhte",
        "pause",
        "push 1 --to @kenh",
        "test telegram @kenh",
        "test email doc-gia@example.vn",
        "test email doc-gia",
        "test pigeon home",
        "inspect article none.html",
        "inspect article",
        "inspect section none.html",
        "inspect article page.html --section tin-tc",
        "inspect date tomorrow --now 2019-08-01T00:00:00Z",
        "healthcheck",
    ] {
        let said = bantin.command(&line.split(' ').collect::<Vec<_>>()).await;
        assert!(said.code == 1 || said.code == 2, "{line}: {said:?}");
        assert_eq!(said.out, "", "{line}: errors go to standard error");
        assert!(!said.err.contains("panicked"), "{line}: {said:?}");
        all += &transcript(&bantin, &line.split(' ').collect::<Vec<_>>()).await;
        all.push('\n');
    }
    insta::assert_snapshot!("mistakes", all);
    assert_eq!(transcript(&bantin, &["resume", "tin-tuc", "--all"]).await.lines().last(), Some("[2]"));
    Proof::new("every command does what it says").ran(32, "mistakes");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_typed_shows_the_way() {
    let said = Bantin::empty(1).command(&[]).await;
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("Commands:") && said.err.contains("bantin demo"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_errors_are_json() {
    let bantin = shipped();
    for (line, code) in [
        ("once xyz --json", 1),
        ("status --json --colour", 2),
        ("articles show 1 --json", 1),
        ("articles --json", 2),
        ("deliveries show 1 --json", 1),
        ("subscribers remove nobody@example.vn --json", 1),
        ("inspect article none.html --json", 1),
        ("inspect date never --json", 1),
        ("status --json --config none.toml", 2),
        ("sections list --json --config none.toml", 2),
    ] {
        let said = bantin.command(&line.split(' ').collect::<Vec<_>>()).await;
        assert_eq!(said.code, code, "{line}: {said:?}");
        let answer: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{line}: {error}: {said:?}"));
        assert!(answer["error"]["message"].as_str().is_some_and(|text| text.len() > 10), "{line}: {said:?}");
    }
    let said = bantin.command(&["check", "--json", "--config", "none.toml"]).await;
    let answer: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!((said.code, &answer["ok"], &answer["errors"][0]["code"]), (2, &false.into(), &"E107".into()));
}

/// Output that nobody reads ends a command quietly; output that cannot be kept is an error.
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_pipe_is_no_fault_and_a_full_disk_is() {
    let bantin = shipped();
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    let lines: [&[&str]; 8] = [
        &["sections", "list"],
        &["sections", "list", "--json"],
        &["status"],
        &["check", "--offline"],
        &["articles", "list", "tin-tuc"],
        &["preview", "tin-tuc"],
        &["inspect", "section", "tin-tuc"],
        &["--help"],
    ];
    for arguments in lines {
        let mut command = bantin.program();
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("bantin starts");
        drop(child.stdout.take());
        let output =
            tokio::task::spawn_blocking(move || child.wait_with_output()).await.expect("no panic").expect("its end");
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), err.as_ref()), (Some(0), ""), "{arguments:?}");
    }
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let mut command = bantin.program();
    let output = command.args(["sections", "list"]).stdout(full).output().expect("bantin starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not be written"), "{output:?}");
}

/// On a terminal there are colours, unless `NO_COLOR` is set; elsewhere there are none.
#[tokio::test(flavor = "multi_thread")]
async fn no_color_is_obeyed() {
    let bantin = shipped();
    bantin.configure("base_url = \"http://127.0.0.1:1\"\nlangauge = \"vi\"\n");
    let said = bantin.command(&["check", "--offline"]).await;
    assert!(said.code == 2 && !said.err.contains('\x1b'), "{said:?}");
    let Some(script) = program("script") else {
        println!("no terminal to try: script is not installed");
        return;
    };
    let line = format!(
        "{} check --offline; {0} statsu; {0} inspect section sample/site/en/news/index.html",
        env!("CARGO_BIN_EXE_bantin")
    );
    let seen = |name: &str| {
        let mut command = Command::new(&script);
        command.args(["-qec", &line, "/dev/null"]).current_dir(bantin.path("")).stdin(Stdio::null());
        command.env_remove("NO_COLOR").env("TERM", "xterm").env(name, "1");
        String::from_utf8_lossy(&command.output().expect("script runs").stdout).into_owned()
    };
    assert!(seen("NO_COLOR").contains("langauge"), "{}", seen("NO_COLOR"));
    assert!(!seen("NO_COLOR").contains('\x1b'), "{}", seen("NO_COLOR"));
    assert!(seen("ANY_OTHER").contains('\x1b'), "{}", seen("ANY_OTHER"));
}
