//! The shipped configuration in a folder, and outputs without what differs from run to run.

use std::path::Path;

use crate::harness::Bantin;
use crate::harness::config::free_port;

/// The shipped `config.toml` with its sample site, untouched, in a folder of its own; only the port is a free one.
pub fn shipped() -> Bantin {
    let port = free_port();
    let mut bantin = Bantin::empty(port);
    bantin.set("BANTIN_LISTEN", &format!("127.0.0.1:{port}"));
    bantin.set("BANTIN_BASE_URL", &format!("http://127.0.0.1:{port}"));
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::copy(project.join("config.toml"), bantin.path("config.toml")).expect("config.toml");
    copy(&project.join("sample"), &bantin.path("sample"));
    bantin
}

/// The sections of the shipped configuration.
pub const SECTIONS: [&str; 5] = ["tin-tuc", "kinh-te", "van-hoa-xa-hoi", "thong-bao", "news"];

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file");
        }
    }
}

/// The files below a folder with their contents.
pub fn files(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push((entry.path(), std::fs::read(entry.path()).expect("a file")));
        }
    }
    found.sort();
    found
}

/// An output with its folder, port, numbers and moments made the same on every run, in the same width.
pub fn steady(bantin: &Bantin, text: &str) -> String {
    let port = bantin.url("").rsplit(':').next().unwrap_or_default().to_owned();
    let folder = bantin.path("").display().to_string();
    let folder = folder.trim_end_matches('/');
    let text = text.replace(folder, "/srv/bantin").replace(&format!(":{port}"), ":8080");
    // How large a database is differs.
    let text: String = text
        .split_inclusive('\n')
        .map(|line| match line.split_once("bantin.db, ") {
            Some((before, _)) if line.starts_with("database ") => format!("{before}bantin.db, SIZE\n"),
            _ => line.to_owned(),
        })
        .collect();
    text.split_inclusive([' ', '\n', '"', ',', '(']).map(word).collect()
}

/// A word of digits that is a number of ours, a day or a time of day gets noughts; the name of a day becomes "Day".
fn word(word: &str) -> String {
    let core = word.trim_end_matches([' ', '\n', '"', ',', '(']);
    if ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(&core) {
        return word.replace(core, "Day");
    }
    let moment = core.chars().all(|c| c.is_ascii_digit() || "-:+TZ.".contains(c));
    let ours = core.len() >= 15 || core.matches(['-', ':']).count() >= 2;
    if moment && ours && core.starts_with(|c: char| c.is_ascii_digit()) {
        return word.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    }
    word.to_owned()
}

/// A command and what it says, as in a terminal.
pub async fn transcript(bantin: &Bantin, arguments: &[&str]) -> String {
    let said = bantin.command(arguments).await;
    let text = format!("$ bantin {}\n{}{}[{}]\n", arguments.join(" "), said.out, said.err, said.code);
    steady(bantin, &text)
}
