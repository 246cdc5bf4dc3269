//! `--help` of every command: what it says is held fast here, so that it changes on purpose only, and each shows
//! an example.

use crate::harness::Bantin;

/// Every command, found by reading the help of the one above it.
async fn all(bantin: &Bantin) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    let mut open = vec![Vec::new()];
    while let Some(command) = open.pop() {
        let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        arguments.push("--help");
        let said = bantin.command(&arguments).await;
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{command:?}");
        let listed =
            said.out.split("Commands:\n").nth(1).and_then(|text| text.split("\n\n").next()).unwrap_or_default();
        for line in listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
            let name = line.split_whitespace().next().expect("a name").to_owned();
            if name != "help" {
                open.push([command.clone(), vec![name]].concat());
            }
        }
        found.push((command, said.out));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_help_says_what_and_how_with_an_example() {
    let mut bantin = Bantin::empty(1);
    bantin.set("COLUMNS", "100");
    let all = all(&bantin).await;
    assert!(all.len() > 30, "{}", all.len());
    for (command, text) in all {
        let name = if command.is_empty() { "bantin".to_owned() } else { command.join("_") };
        assert!(text.contains("Example:\n  "), "`bantin {} --help` has no example:\n{text}", command.join(" "));
        assert!(text.contains(&format!("bantin {}", command.join(" "))), "its example is of another command:\n{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 120), "a line too long in {name}:\n{text}");
        insta::assert_snapshot!(name, text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_is_said() {
    let said = Bantin::empty(1).command(&["--version"]).await;
    assert_eq!((said.code, said.out.trim()), (0, concat!("bantin ", env!("CARGO_PKG_VERSION"))));
}
