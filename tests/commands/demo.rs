//! `bantin demo`: everything it promises is seen to happen, every address it prints answers, Ctrl-C ends it, and
//! nothing is left.

use crate::harness::config::free_port;
use crate::harness::proof::Proof;
use crate::harness::{Bantin, client};

/// What has to happen, as the lines tell it.
const SEEN: [(&str, &str); 7] = [
    ("site", "published"),
    ("site", "corrected"),
    ("site", "withdrew"),
    ("telegram", "posted"),
    ("telegram", "edited"),
    ("telegram", "deleted"),
    ("mail", "to"),
];

#[tokio::test(flavor = "multi_thread")]
async fn it_shows_everything_and_leaves_nothing() {
    let port = free_port();
    let mut bantin = Bantin::empty(port);
    let scratch = bantin.path("tmp");
    std::fs::create_dir(&scratch).expect("a folder");
    bantin.set("TMPDIR", &scratch.display().to_string());
    bantin.spawn_command(&["demo", "--every", "1", "--port", &port.to_string()], &[]);
    bantin.logged("Ctrl-C ends it").await;
    let log = bantin.log();
    let addresses: Vec<&str> = log.split_whitespace().filter(|word| word.starts_with("http://127.0.0.1")).collect();
    assert_eq!(addresses.len(), 5, "{log}");
    assert!(addresses.contains(&bantin.url("/").as_str()), "the port that was asked for: {addresses:?}");
    bantin.ready().await;
    for address in &addresses {
        let answer = client().get(*address).send().await.unwrap_or_else(|error| panic!("{address}: {error}"));
        assert_eq!(answer.status().as_u16(), 200, "{address}");
    }
    for (place, verb) in SEEN {
        bantin.logged(&format!("  {place:<9} {verb:<10} ")).await;
    }
    assert!(bantin.signal("-INT").await.success(), "{}", bantin.log());
    let log = bantin.log();
    assert!(log.ends_with("nothing of it was kept.\n"), "{log}");
    assert!(!log.contains("WARN") && !log.contains("ERROR"), "{log}");
    assert_eq!(std::fs::read_dir(&scratch).expect("a folder").count(), 0, "nothing is left");
    Proof::new("demo shows publish, post, edit, delete and mail").ran(SEEN.len(), "kinds of lines");
}
