//! Every command line that a document shows is one of the real binary's, with its flags, and no command is left out.

use std::process::Command;

use super::{documents, has_word, nothing_wrong, spans, split};

/// What the binary says for `--help` after these words; `None` when it knows no such command.
fn help(words: &[&str]) -> Option<String> {
    let out = Command::new(env!("CARGO_BIN_EXE_bantin")).args(words).arg("--help").output().unwrap();
    out.status.success().then(|| String::from_utf8(out.stdout).unwrap())
}

/// The commands that a help text lists.
fn listed(help: &str) -> Vec<&str> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let named = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    named.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect()
}

/// The arguments of `bantin` in a line, if it is one: without comment, quotes and what stands before every command.
fn arguments(line: &str) -> Option<Vec<String>> {
    let line = line.split(" #").next()?.trim();
    let rest = match line.split_once(" -- ") {
        Some((before, rest)) if before.starts_with("cargo run") => rest,
        _ => line.strip_prefix("bantin ")?,
    };
    let mut words = Vec::new();
    for (index, piece) in rest.split('\'').enumerate() {
        match index % 2 {
            0 => words.extend(piece.split_whitespace().map(str::to_owned)),
            _ => words.push(piece.to_owned()),
        }
    }
    while words.first().is_some_and(|word| word == "--config" || word == "--log-json") {
        let count = if words[0] == "--config" { 2 } else { 1 };
        words.drain(..count);
    }
    Some(words)
}

fn fault(words: &[String]) -> Option<String> {
    let mut path: Vec<&str> = Vec::new();
    let mut text = help(&path)?;
    for word in words.iter().map(String::as_str).filter(|word| !word.starts_with('-')) {
        let commands = listed(&text);
        if commands.is_empty() {
            break;
        }
        if !commands.contains(&word) {
            return Some(format!("there is no command {word}, but {}", commands.join(", ")));
        }
        path.push(word);
        text = match help(&path) {
            Some(text) => text,
            None => return Some(format!("`{} --help` fails", path.join(" "))),
        };
    }
    let flags =
        words.iter().filter_map(|word| word.strip_prefix("--").map(|flag| flag.split('=').next().unwrap_or(flag)));
    flags.filter(|flag| !text.contains(&format!("--{flag}"))).map(|flag| format!("there is no --{flag}")).next()
}

#[test]
fn commands_shown_are_commands() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for document in documents() {
        let (prose, code) = split(&document.text);
        for line in spans(&prose).chain(code) {
            let Some(words) = arguments(line) else { continue };
            count += 1;
            if let Some(fault) = fault(&words) {
                wrong.push(format!("{}: `{}`: {fault}", document.path.display(), line.trim()));
            }
        }
    }
    assert!(count > 20, "only {count} command lines were found");
    nothing_wrong(&wrong);
}

#[test]
fn no_command_is_left_out() {
    let all: String = documents().into_iter().map(|document| document.text).collect();
    let help = help(&[]).unwrap();
    let missing = listed(&help)
        .into_iter()
        .filter(|name| !has_word(&all, &format!("bantin {name}")) && !all.contains(&format!("`{name}`")));
    nothing_wrong(&missing.map(|name| format!("no document tells of `bantin {name}`")).collect::<Vec<_>>());
}
