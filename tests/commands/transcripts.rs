//! What an admin sees in a terminal, from nothing to a mended mistake: commands and their whole output, as snapshots.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use quick_xml::events::Event;

use crate::harness::config::free_port;
use crate::harness::proof::Proof;
use crate::harness::{Bantin, until};
use crate::made::Made;
use crate::steady::{shipped, transcript};

/// Five mistakes as hands make them: a key, a word, a cron line, a selector, a zone.
const FIVE: [(&str, &str); 5] = [
    ("\ntimezone = \"Asia/Ho_Chi_Minh\"", "\ntimezone = \"Asia/Ho_Chi_Min\""),
    ("schedule = \"1m\"", "schedule = \"*/10 7-25 * * *\""),
    ("item = \"div.news_column\"", "item = \"div.news_column[\""),
    ("name = \"Kinh tế\"", "nmae = \"Kinh tế\""),
    ("translation_of = \"tin-tuc\"", "translation_of = \"tin-tc\""),
];

#[tokio::test(flavor = "multi_thread")]
async fn five_mistakes_in_one_check() {
    let bantin = shipped();
    let mut text = std::fs::read_to_string(bantin.path("config.toml")).expect("config.toml");
    for (right, wrong) in FIVE {
        assert_eq!(text.matches(right).count(), 1, "{right}");
        text = text.replace(right, wrong);
    }
    bantin.configure(&text);
    let said = transcript(&bantin, &["check"]).await;
    assert!(said.ends_with("5 problems in config.toml\n[2]\n"), "{said}");
    assert!(said.matches("did you mean").count() >= 2, "{said}");
    insta::assert_snapshot!("five_mistakes", unnumbered(&said));
    Proof::new("transcripts of commands").ran(1, "five mistakes in one check");
}

/// The same without the numbers of lines: the shipped file grows.
fn unnumbered(said: &str) -> String {
    let line = |line: &str| {
        let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).count();
        match line.split_once("config.toml:") {
            Some((before, after)) => format!("{before}config.toml:LINE{}\n", &after[digits(after)..]),
            None if line[digits(line)..].starts_with(" |") => format!("LINE{}\n", &line[digits(line)..]),
            None => format!("{line}\n"),
        }
    };
    said.lines().map(line).collect()
}

/// Whether a text is XML from its first to its last letter.
fn is_xml(text: &str) -> bool {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_nothing_to_feeds() {
    // The sample site, served as a web server would.
    let site = Made::start().await;
    serve(&site, &Path::new(env!("CARGO_MANIFEST_DIR")).join("sample/site"), "");
    let bantin = Bantin::empty(free_port());
    let begun = Instant::now();
    let mut said = String::new();
    for arguments in [&["init", "--yes", "--url", &site.url][..], &["check"], &["once"]] {
        let output = bantin.command(arguments).await;
        assert_eq!(output.code, 0, "{arguments:?}: {output:?}");
        let line = format!("$ bantin {}\n{}{}[{}]\n", arguments.join(" "), output.out, output.err, output.code);
        said.push_str(&line);
    }
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());
    let mut feeds = 0;
    for file in std::fs::read_dir(bantin.path("feeds")).expect("the feeds").flatten() {
        let (name, feed) = (file.file_name(), std::fs::read_to_string(file.path()).expect("a feed"));
        let valid = match file.path().extension().and_then(|end| end.to_str()) {
            Some("json") => serde_json::from_str::<serde_json::Value>(&feed).is_ok(),
            Some("rss" | "atom" | "opml") => is_xml(&feed),
            _ => continue,
        };
        assert!(valid, "{name:?}: {feed}");
        feeds += usize::from(feed.contains("tag:127.0.0.1,2026:"));
    }
    assert!(feeds >= 15, "{feeds} feeds with articles\n{said}");
    let words = format!("from nothing to feeds in {:.1} s", begun.elapsed().as_secs_f64());
    Proof::new("transcripts of commands").ran(3, &words);
    assert!(said.contains(" articles, the newest \"") && said.contains("config.toml is right: "), "{said}");
}

/// Puts the files of a folder up.
fn serve(site: &Made, folder: &Path, at: &str) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let at = format!("{at}/{name}");
        match path.extension().and_then(|end| end.to_str()) {
            _ if path.is_dir() => serve(site, &path, &at),
            Some("html") => {
                let page = std::fs::read_to_string(&path).expect("a page");
                if let Some(folder) = at.strip_suffix("index.html") {
                    site.page(folder, page.as_str());
                }
                site.page(&at, page);
            }
            Some("xml") => site.put(&at, "application/rss+xml", std::fs::read_to_string(&path).expect("a feed")),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_that_is_broken_and_mended() {
    let mut bantin = shipped();
    bantin.start().await;
    bantin.feed_with("/feeds/news.rss", "<item>").await;
    let good = std::fs::read_to_string(bantin.path("config.toml")).expect("config.toml");
    let gauge = async |bantin: &Bantin| {
        let metrics = bantin.text("/metrics").await;
        metrics.contains("bantin_config_last_reload_successful 1")
    };
    assert!(gauge(&bantin).await);
    bantin.configure(&good.replace("schedule = \"1m\"", "schedule = \"75 * * * *\""));
    until("the mistake", async || (!gauge(&bantin).await).then_some(())).await;
    let mut said = transcript(&bantin, &["status"]).await;
    let line = good.lines().position(|line| line == "schedule = \"1m\"").expect("the line") + 1;
    let place = format!("config.toml:{line}:12");
    assert!(said.contains(&place), "{place}: {said}");
    let page = bantin.text("/status?lang=en").await;
    assert!(page.contains(&place) && page.contains("is in force; the files are broken since"), "{page}");
    let json = bantin.command(&["status", "--json"]).await;
    let answer: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!((json.code, &answer["errors"][0]["line"], &answer["daemon"]["ready"]), (2, &line.into(), &true.into()));
    assert!(bantin.text("/feeds/news.rss").await.contains("<item>"), "served all along");
    bantin.configure(&good);
    until("the mending", async || gauge(&bantin).await.then_some(())).await;
    let mended = transcript(&bantin, &["status"]).await;
    assert!(mended.contains("daemon     ready on 127.0.0.1:8080"), "{mended}");
    said = said.replace(&format!(":{line}:"), ":LINE:").replace(&format!("{line} |"), "LINE |");
    insta::assert_snapshot!("reload_broken", said);
    Proof::new("transcripts of commands").ran(2, "a reload that is broken and mended");
    assert!(bantin.terminate().await.success());
}

/// The ways a program is called that are not meant: nothing, something else, nobody who reads, no terminal at all.
#[tokio::test(flavor = "multi_thread")]
async fn without_an_argument_a_reader_or_a_terminal() {
    let bantin = shipped();
    let mut said = transcript(&bantin, &[]).await;
    for line in ["chekc", "check --offlin", "preview tin-tuc --as atmo", "statu --json"] {
        said += &transcript(&bantin, &line.split(' ').collect::<Vec<_>>()).await;
    }
    insta::assert_snapshot!("nothing_and_typos", said);
    // `| head -0`: nobody reads. No command minds, and none says so.
    let through = |line: &str| {
        let line = format!("{line} | head -0; exit ${{PIPESTATUS[0]}}");
        let mut command = Command::new("bash");
        command.args(["-c", &line]).current_dir(bantin.path("")).stdin(Stdio::null());
        command.env("PATH", format!("{}:{}", bin().display(), std::env::var("PATH").unwrap_or_default()));
        command.output().expect("bash runs")
    };
    for line in ["bantin", "bantin check --offline", "bantin sections list", "bantin schema", "bantin config show"] {
        let output = through(line);
        let wanted = if line == "bantin" { Some(2) } else { Some(0) };
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), wanted, "{line}: {err}");
        assert!(line == "bantin" || err.is_empty(), "{line}: {err}");
    }
    // Without a terminal, and without any of the three streams.
    for arguments in [&["check", "--offline"][..], &["init", "--force"], &["status"]] {
        let mut command = bantin.program();
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let code = command.status().expect("bantin starts").code();
        assert_eq!(code, Some(0), "{arguments:?}");
    }
    Proof::new("transcripts of commands").ran(13, "nothing, typos, closed pipes, no terminal");
}

/// The folder of the binary.
fn bin() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_bantin")).parent().expect("a folder")
}
