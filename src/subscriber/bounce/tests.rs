//! Bounces of real servers (`tests/fixtures/bounces`, made by `scripts/bounces`), and written ones in the layouts of others:
//! how many are understood, and that none of them gives up an address that lives.

use std::path::Path;

use super::class::{self, Class};
use super::{FORGOTTEN_MS, MOST, Score, read};

mod layouts;
mod written;

use self::written::written;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/bounces");

/// Name, message, and what it means.
type Case = (String, Vec<u8>, Class);

fn class_of(word: &str) -> Class {
    [Class::Hard, Class::Soft, Class::Sender, Class::Complaint, Class::Notice]
        .into_iter()
        .find(|class| class.word() == word)
        .unwrap_or_else(|| panic!("no class {word}"))
}

/// The bounces that Postfix, Exim and `OpenSMTPD` made of the same refusals.
fn real() -> Vec<Case> {
    let table = std::fs::read_to_string(Path::new(FIXTURES).join("cases.json")).unwrap();
    let table: Vec<serde_json::Value> = serde_json::from_str(&table).unwrap();
    let mut cases = Vec::new();
    for server in ["postfix", "exim", "opensmtpd"] {
        for case in &table {
            let name = format!("{server}/{}.eml", case["id"].as_str().unwrap());
            let raw = std::fs::read(Path::new(FIXTURES).join(&name)).unwrap();
            // OpenSMTPD's first word on what may come right is a warning.
            let warned = raw.windows(15).any(|piece| piece == b"Action: delayed");
            let class = if warned { Class::Notice } else { class_of(case["class"].as_str().unwrap()) };
            cases.push((name, raw, class));
        }
    }
    cases
}

#[test]
fn bounces_mean_what_they_mean() {
    let cases: Vec<Case> = real().into_iter().chain(written()).collect();
    assert!(cases.len() >= 200, "{}", cases.len());
    let (mut wrong, mut false_hard) = (Vec::new(), Vec::new());
    for (name, raw, expected) in &cases {
        let report = read(raw);
        let got = report.as_ref().map(|report| report.class);
        if got != Some(*expected) {
            wrong.push(format!("{name}: {got:?} instead of {expected:?}: {report:?}"));
        }
        if got == Some(Class::Hard) && *expected != Class::Hard {
            false_hard.push(name.clone());
        }
        if let Some(report) = report {
            assert!(!report.words.contains('@'), "an address in {:?}", report.words);
        }
    }
    let right = cases.len() - wrong.len();
    println!("{right} of {} bounces right, {} falsely hard", cases.len(), false_hard.len());
    assert!(false_hard.is_empty(), "living addresses given up: {false_hard:?}\n{}", wrong.join("\n"));
    assert!(right * 100 >= cases.len() * 98, "{right} of {}:\n{}", cases.len(), wrong.join("\n"));
}

#[test]
fn whose_mail_it_was_is_told_by_what_we_signed() {
    let tokens = crate::subscriber::Tokens::new("a key");
    let bounces = crate::config::Bounces {
        before: "bounces+".to_owned(),
        after: String::new(),
        domain: "example.vn".to_owned(),
        inbox: None,
    };
    let (mut marked, mut linked) = (0, 0);
    for (name, raw, _) in real() {
        let text = String::from_utf8(raw).unwrap();
        let case = name.split(['/', '.']).nth(1).unwrap();
        assert_eq!(super::take::whose(text.as_bytes(), &tokens, Some(&bounces)), (None, None), "a forged mark: {name}");
        let mark = text.replace(&format!("{case}{}", "a".repeat(23)), &tokens.mark(77).to_uppercase());
        marked += usize::from(super::take::whose(mark.as_bytes(), &tokens, Some(&bounces)) == (Some(77), None));
        // A relay that makes the envelope's sender its own: the copy of the mail still tells.
        let link = text.replace(&format!("UNSUBSCRIBE-{case}"), &tokens.unsubscribe(42));
        linked += usize::from(super::take::whose(link.as_bytes(), &tokens, None) == (None, Some(42)));
    }
    assert_eq!((marked, linked), (165, 165));
    let given = format!("Reporting-MTA: dns; mx.example.org\nOriginal-Envelope-Id: {}\n", tokens.mark(78));
    assert_eq!(super::take::whose(given.as_bytes(), &tokens, None), (Some(78), None));
    assert_eq!(super::take::whose(b"Original-Envelope-Id: aaaaaaaaaaaaaaaaaaaaaaaaaa\n", &tokens, None), (None, None));
}

#[test]
fn what_is_no_bounce_is_none() {
    for raw in [
        "",
        "From: reader@example.org\r\nSubject: Re: Tin\r\n\r\nuser unknown",
        "From: newsletter@example.org\r\nSubject: failure notice\r\n\r\nuser unknown",
        "Return-Path: <>\r\nFrom: postmaster@example.org\r\nSubject: Hello\r\n\r\n550 5.1.1 user unknown",
        "\r\n\r\n--\r\n--\r\n",
    ] {
        assert_eq!(read(raw.as_bytes()), None, "{raw}");
    }
}

#[test]
fn whatever_comes_costs_little_and_panics_never() {
    let nested = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(20_000);
    let many = format!("{}--x\r\n", "Content-Type: message/delivery-status\r\n\r\n--x\r\n".repeat(5_000));
    let hyphens = format!(
        "Content-Type: multipart/report; boundary=q\r\n\r\n--q\r\nContent-Type: message/delivery-status\r\n\r\n{}",
        "--r\r\n".repeat(50_000)
    );
    let began = std::time::Instant::now();
    for raw in [nested, many, hyphens, "\u{0}\u{ff}".repeat(50_000), "--\r\n".repeat(60_000)] {
        let _ = read(raw.as_bytes());
    }
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}

#[test]
fn codes_are_found_in_words() {
    assert_eq!(class::status_in("host said: 550-5.1.1 no such user"), Some((5, 1, 1)));
    assert_eq!(class::status_in("(#5.7.26)."), Some((5, 7, 26)));
    assert_eq!(class::status_in("127.0.0.1 said no, version 6.1.1"), None);
    assert_eq!(class::code_in("after RCPT TO: 550-no"), Some(550));
    assert_eq!(class::code_in("of 2026 in room 4550, 999 times"), None);
}

#[test]
fn soft_failures_are_forgotten_and_add_up() {
    let day = 86_400_000;
    let mut daily = Score::default();
    let mut days = 0;
    while !daily.is_too_much() {
        days += 1;
        daily = daily.after(days * day);
    }
    assert!((6..=7).contains(&days), "a mailbox that is full every day is given up after {days} days");
    let mut weekly = Score::default();
    let mut weeks = 0;
    while !weekly.is_too_much() {
        weeks += 1;
        weekly = weekly.after(weeks * 7 * day);
    }
    assert!((8..=10).contains(&weeks), "{weeks}");
    let mut rare = Score::default();
    for month in 1..100 {
        rare = rare.after(month * 30 * day);
        assert!(rare.points <= 1_000, "a failure a month is nothing");
    }
    let often = (0..50).fold(Score::default(), |score, minute| score.after(FORGOTTEN_MS + minute * 60_000));
    assert!(often.points < MOST && often.points == 1_000, "a bad hour is one failure");
}
