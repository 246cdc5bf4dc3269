//! Pages through the real binary: `bantin inspect article --jsonl`.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::truth::Truth;

/// The answers, in the order of the pages.
pub fn all(pages: &[(Truth, String)]) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut asked = String::new();
    for (index, (truth, source)) in pages.iter().enumerate() {
        let path = folder.path().join(format!("{index}.html"));
        std::fs::write(&path, encoded(source)).expect("a page");
        asked.push_str(&json!({ "id": index, "url": truth.url, "path": path }).to_string());
        asked.push('\n');
    }
    let mut bantin = Command::new(env!("CARGO_BIN_EXE_bantin"))
        .args(["inspect", "article", "--jsonl"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("bantin");
    let mut input = bantin.stdin.take().expect("its standard input");
    let writer = std::thread::spawn(move || input.write_all(asked.as_bytes()).expect("bantin reads on"));
    let output = bantin.wait_with_output().expect("its answers");
    writer.join().expect("all was asked");
    assert!(output.status.success(), "bantin ended with {}", output.status);
    let text = String::from_utf8(output.stdout).expect("text");
    let answers: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    assert_eq!(answers.len(), pages.len(), "an answer a page");
    answers
}

/// The page in the charset that it states.
fn encoded(source: &str) -> Vec<u8> {
    let charset = if source.contains("charset=windows-1258") {
        encoding_rs::WINDOWS_1258
    } else if source.contains("charset=windows-1252") {
        encoding_rs::WINDOWS_1252
    } else {
        encoding_rs::UTF_8
    };
    charset.encode(source).0.into_owned()
}
