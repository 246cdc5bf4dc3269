//! The judgement by itself: what is unusual and what is not, and the course of a finding.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;

fn now() -> DateTime<Utc> {
    "2026-10-05T01:00:00Z".parse().unwrap()
}

fn usual() -> Run {
    let kind = "html".to_owned();
    Run { kind, items: 20, dated: 20, pictured: 15, worded: 20, titles: 20, known: 19, next: true, ..Run::default() }
}

/// A section of which `days` days are known.
fn known(days: i64) -> Memory {
    let mut memory = Memory::default();
    for day in 0..days {
        let more = u32::try_from(day % 5).unwrap();
        let run = Run { pictured: 12 + more, ..usual() };
        memory.learn(&run, 3, Some(850), now() + TimeDelta::days(day));
    }
    memory.last_news = (now() + TimeDelta::days(days - 1)).timestamp_millis();
    memory
}

fn codes(memory: &Memory, run: &Run) -> Vec<Code> {
    judge(memory, run).into_iter().map(|signal| signal.code).collect()
}

#[test]
fn what_is_usual_is_no_signal() {
    let memory = known(10);
    let few = Run { pictured: 9, ..usual() };
    let withdrawn = Run { items: 17, dated: 17, worded: 17, titles: 17, pictured: 12, ..usual() };
    let longer = Run { items: 60, dated: 58, pictured: 40, titles: 60, worded: 60, ..usual() };
    let twins = Run { titles: 16, ..usual() };
    for run in [usual(), few, withdrawn, longer, twins] {
        assert_eq!(codes(&memory, &run), [], "{run:?}");
    }
    assert_eq!(codes(&Memory::default(), &Run { items: 1, ..Run::default() }), [], "nothing is known yet");
}

#[test]
fn what_is_lost_is_a_signal() {
    let memory = known(10);
    assert_eq!(codes(&memory, &Run { dated: 0, ..usual() }), [Code::Dates]);
    assert_eq!(codes(&memory, &Run { pictured: 1, ..usual() }), [Code::Pictures]);
    assert_eq!(codes(&memory, &Run { titles: 2, ..usual() }), [Code::Titles]);
    assert_eq!(codes(&memory, &Run { renamed: 18, ..usual() }), [Code::Titles]);
    assert_eq!(codes(&memory, &Run { garbled: 18, dated: 0, ..usual() }), [Code::Garbled], "nothing else can be told");
    assert_eq!(codes(&memory, &Run { next: false, ..usual() }), [Code::Pager]);
    assert_eq!(codes(&memory, &Run { items: 10, dated: 10, pictured: 8, titles: 10, ..usual() }), [Code::Fewer]);
    assert_eq!(codes(&memory, &Run { moved: 15, ..usual() }), [Code::Addresses]);
}

#[test]
fn small_lists_prove_nothing() {
    let mut memory = Memory::default();
    let small = Run { kind: "html".into(), items: 4, dated: 4, pictured: 2, titles: 4, worded: 4, ..Run::default() };
    memory.learn(&small, 1, None, now());
    assert_eq!(codes(&memory, &Run { items: 2, dated: 2, pictured: 0, titles: 2, ..small.clone() }), []);
    assert_eq!(codes(&memory, &Run { pictured: 0, ..small }), []);
}

#[test]
fn articles_that_lose_their_text_are_a_signal() {
    let lost = |letters: &str| judge_articles(letters, 0).map(|signal| signal.words);
    assert_eq!(lost("777777777777"), None);
    assert_eq!(lost("77777777777753"), None, "two may be short");
    assert!(lost("777777777777777773333").is_some_and(|words| words.contains("4 articles were read without text")));
    assert_eq!(lost("757575755757575555"), None, "pictures that come and go");
}

#[test]
fn another_list_is_told_from_news() {
    let memory = known(10);
    let day = 86_400_000;
    let list = |known, all_newer, gap_ms| Overlap { listed: 20, known, all_newer, gap_ms, led_away: false };
    assert!(!other_list(&memory, &list(17, true, day)));
    assert!(!other_list(&memory, &list(7, false, day)), "a third is known");
    assert!(other_list(&memory, &list(3, false, day)));
    assert!(other_list(&memory, &list(0, true, day)), "20 in a day where 3 are usual");
    assert!(!other_list(&memory, &list(0, true, 4 * day)), "after four days away it may be");
    assert!(other_list(&memory, &Overlap { led_away: true, ..list(8, true, 4 * day) }), "sent to the front page");
    let longer = Overlap { listed: 60, known: 20, all_newer: false, gap_ms: day, led_away: false };
    assert!(!other_list(&memory, &longer), "all of it is still there");
}

#[test]
fn silence_is_learnt() {
    let mut memory = Memory::default();
    for day in [0, 1, 2, 5, 6, 9, 12, 13, 16, 20] {
        memory.learn(&usual(), 1, None, now() + TimeDelta::days(day));
    }
    memory.last_news = (now() + TimeDelta::days(20)).timestamp_millis();
    let after = |days: i64| (now() + TimeDelta::days(20 + days)).timestamp_millis();
    assert_eq!(stale(&memory, None, after(12)), None, "three times the longest silence");
    assert!(stale(&memory, None, after(13)).is_some_and(|signal| signal.at_once));
    assert!(stale(&memory, Some(2 * 86_400_000), after(3)).is_some_and(|signal| signal.words.contains("3 days")));
    assert_eq!(stale(&known(3), None, after(300)), None, "too little is known");
}

#[test]
fn broken_letters_are_known_and_capitals_are_not() {
    let broken = |text: &str| garbled::is(text);
    assert!(broken("Há»™i nghá»‹ triá»ƒn khai"));
    assert!(broken("H\u{FFFD}i nghị"));
    assert!(broken("H?i ngh? tri?n khai"));
    for fine in
        ["ĐÃ XÃ HỘI HÓA “XÃ”", "Bao giờ xong? Chưa rõ?", "Ngày “Ã”", "Hội nghị triển khai", "Châu Âu, Ấn Độ – «Á»"]
    {
        assert!(!broken(fine), "{fine}");
    }
}

#[test]
fn a_finding_is_told_once_and_closed_once() {
    let mut findings = Vec::new();
    let bad = || Evidence::Read(vec![Signal::new(Code::Dates, "3 of 20")], Vec::new());
    let good = || Evidence::Read(Vec::new(), Vec::new());
    assert_eq!(note(&mut findings, &bad(), 1), [], "one look is no verdict");
    assert!(
        matches!(note(&mut findings, &Evidence::Unchanged(Vec::new()), 2)[..], [Event::Opened(_)]),
        "the same page again"
    );
    for at in 3..6 {
        assert_eq!(note(&mut findings, &bad(), at), []);
    }
    assert_eq!(note(&mut findings, &good(), 6), []);
    assert_eq!(note(&mut findings, &bad(), 7), [], "not well yet");
    assert_eq!(note(&mut findings, &good(), 8), []);
    assert!(matches!(note(&mut findings, &good(), 9)[..], [Event::Closed(_)]));
    assert_eq!(findings.len(), 1);
    assert_eq!(note(&mut findings, &bad(), 10), []);
    assert_eq!(note(&mut findings, &good(), 11), [], "seen once: nothing was told, nothing is taken back");
}

#[test]
fn failures_are_one_trouble_and_say_nothing_of_the_list() {
    let mut findings = Vec::new();
    let bad = Evidence::Read(vec![Signal::new(Code::Dates, "dates")], Vec::new());
    note(&mut findings, &bad, 1);
    note(&mut findings, &bad, 2);
    let failed = |code| Evidence::Failed(vec![Signal::new(code, "it fails")]);
    assert_eq!(note(&mut findings, &failed(Code::Refused), 3), []);
    assert_eq!(note(&mut findings, &failed(Code::Challenge), 4).len(), 1);
    assert_eq!(note(&mut findings, &failed(Code::Unreachable), 5), [], "another failure is the same trouble");
    let open: Vec<Code> = findings.iter().filter(|f| f.closed_at.is_none()).map(|f| f.code).collect();
    assert_eq!(open, [Code::Dates, Code::Unreachable]);
    assert_eq!(note(&mut findings, &bad, 6), []);
    assert!(matches!(&note(&mut findings, &bad, 7)[..], [Event::Closed(f)] if f.code == Code::Unreachable));
}

#[test]
fn what_stays_for_a_week_becomes_the_usual() {
    let mut findings = Vec::new();
    let bad = Evidence::Read(vec![Signal::new(Code::Pictures, "0 of 20")], Vec::new());
    note(&mut findings, &bad, 1);
    note(&mut findings, &bad, 2);
    assert_eq!(note(&mut findings, &bad, 7 * 86_400_000), []);
    assert!(matches!(note(&mut findings, &bad, 8 * 86_400_000)[..], [Event::Usual(_)]));
}

proptest! {
    /// However looks follow each other, nothing is told twice without having been well, nor well without being told.
    #[test]
    fn openings_and_closings_take_turns(looks in prop::collection::vec(0..4_u8, 1..60)) {
        let mut findings = Vec::new();
        let mut open = false;
        for (at, look) in looks.into_iter().enumerate() {
            let signal = || vec![Signal::new(Code::Fewer, "few")];
            let evidence = match look {
                0 => Evidence::Read(signal(), Vec::new()),
                1 => Evidence::Read(Vec::new(), Vec::new()),
                2 => Evidence::Unchanged(Vec::new()),
                _ => Evidence::Failed(vec![Signal::new(Code::Gone, "gone")]),
            };
            for event in note(&mut findings, &evidence, i64::try_from(at).unwrap()) {
                match event {
                    Event::Opened(f) if f.code == Code::Fewer => { prop_assert!(!open); open = true; }
                    Event::Closed(f) if f.code == Code::Fewer => { prop_assert!(open); open = false; }
                    _ => {}
                }
            }
        }
    }

    /// A list within what was seen so far is never unusual.
    #[test]
    fn what_was_seen_before_is_usual(figures in prop::collection::vec((5..40_u32, 0..101_u32, 0..101_u32), 2..40)) {
        let mut memory = Memory::default();
        let run = |&(items, dated, pictured): &(u32, u32, u32)| Run {
            kind: "html".into(), items, dated: items * dated / 100, pictured: items * pictured / 100, titles: items,
            worded: items, known: items, ..Run::default()
        };
        for (at, figure) in figures.iter().enumerate() {
            memory.learn(&run(figure), 1, Some(900), now() + TimeDelta::hours(i64::try_from(at).unwrap() * 7));
        }
        for figure in &figures {
            prop_assert_eq!(codes(&memory, &run(figure)), []);
        }
    }
}
