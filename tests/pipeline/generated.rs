//! Feeds of thousands of articles that nobody wrote, each as awkward as articles get: xmllint and Perl's `XML::Feed` take
//! every one of them, and every JSON feed is JSON.

use std::process::{Command, Stdio};

use bantin::article::{Article, Attachment, Measured, Picture, Reading};
use bantin::config::{Config, EnclosureMode, Language, Section, TextMode};
use bantin::feed::{Head, Item, Tombstone, atom, json, opml, rss};
use chrono::{DateTime, TimeDelta};

use crate::harness::proof::Proof;
use crate::harness::{amount, program};
use crate::rules;

const ITEMS: usize = 20;

/// The same numbers on every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }

    fn is(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    fn text(&mut self, most: usize) -> String {
        const PIECES: [&str; 40] = [
            "Đảng bộ ",
            "Ậ Ễ Ộ Ữ ",
            "thành phố ",
            "news ",
            "ngày 8-7 ",
            "]]>",
            "<![CDATA[",
            "<b>đậm</b>",
            "</item>",
            "&amp;",
            "&nbsp;",
            "&#8;",
            "& ",
            "<!--",
            "-->",
            "\u{0}\u{8}\u{B}\u{C}\u{1F}",
            "\u{FFFE}\u{FFFF}\u{FFFD}",
            "\u{85}\u{2028}\u{A0}",
            "Tie\u{302}\u{301}ng ",
            "\u{338}",
            "🎉👨‍👩‍👧",
            "\u{202E}abc\u{202C}",
            "مرحبا ",
            "\"'",
            "{{ x }}",
            "?>",
            "<?xml version=\"1.0\"?>",
            "\n\t ",
            "%00%zz",
            "https://e.vn/?a=1&b=2 ",
            "1 < 2 > 0 ",
            "\u{1D11E}",
            "𠀀",
            "\u{FEFF}",
            "a\u{301}\u{302}\u{303}",
            "&lt;p&gt;",
            "<p>",
            "<script>x</script>",
            "<a href=x>",
            "=\u{338}",
        ];
        (0..=self.below(most)).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }
}

fn article(numbers: &mut Numbers, id: i64) -> Article {
    let feed_date = DateTime::UNIX_EPOCH + TimeDelta::seconds(1_780_000_000 + id * 997);
    let url =
        |numbers: &mut Numbers| format!("https://www.example.vn/{}/{id}?a=1&b={}", numbers.text(2), numbers.text(2));
    let picture = |numbers: &mut Numbers| Picture {
        url: format!("https://www.example.vn/anh/{id}.jpg?w={}", numbers.text(2)),
        caption: numbers.is(2).then(|| numbers.text(6)),
        width: numbers.is(2).then_some(800),
        height: numbers.is(2).then_some(600),
    };
    let file = Attachment {
        url: url(numbers),
        name: Some(numbers.text(4)),
        media_type: numbers.is(2).then(|| "application/pdf".to_owned()),
    };
    let measured = Measured { url: file.url.clone(), bytes: 4711, media_type: None };
    Article {
        id,
        public_id: format!("tag:example.vn,2026:{id}"),
        url: if numbers.is(9) { None } else { url(numbers).parse().ok() },
        source_url: format!("https://www.example.vn/{id}").parse().expect("an address"),
        reading: Reading {
            title: numbers.text(8),
            lead: numbers.is(2).then(|| numbers.text(10)),
            byline: numbers.is(2).then(|| numbers.text(3)),
            html: (0..numbers.below(12)).fold(String::new(), |all, _| all + "<p>" + &numbers.text(20) + "</p>\n"),
            text: numbers.text(12),
            language: numbers.is(5).then(|| "en".to_owned()),
            image: numbers.is(2).then(|| picture(numbers)),
            tags: (0..numbers.below(4)).map(|_| numbers.text(2)).collect(),
            attachments: if numbers.is(4) { vec![file] } else { Vec::new() },
            measured: if numbers.is(2) { vec![measured] } else { Vec::new() },
            ..Reading::default()
        },
        revision: 1,
        feed_date,
        updated_at: feed_date + TimeDelta::seconds(if numbers.is(3) { 3_600 } else { 0 }),
        first_seen: feed_date,
        withdrawn_at: None,
    }
}

fn clean(mut item: Item) -> Item {
    let reading = &mut item.article.reading;
    reading.html = bantin::article::clean::clean_html(&reading.html, &item.article.source_url);
    item
}

#[test]
fn every_feed_of_generated_articles_is_taken() {
    let proof = Proof::new("generated articles: xmllint and XML::Feed take every feed");
    let perl = program("perl").filter(|perl| {
        Command::new(perl).args(["-MXML::Feed", "-e", "1"]).output().is_ok_and(|output| output.status.success())
    });
    let (Some(xmllint), Some(perl)) = (program("xmllint"), perl) else {
        return proof.skipped("xmllint or XML::Feed is not installed");
    };
    let count = amount("BANTIN_GENERATED", 400).next_multiple_of(ITEMS);
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let folder = tempfile::tempdir().expect("a folder");
    let (mut files, mut cleaned) = (Vec::new(), Vec::new());
    // A strict reader of HTML takes its time.
    let ruled = amount("BANTIN_RULED", 8);
    for feed in 0..count / ITEMS {
        let mut section = Section::for_tests("tin-tuc", "https://www.example.vn/tin-tuc?a=1&b=2");
        section.name = format!("Mục {}", numbers.text(3));
        section.language = if numbers.is(3) { Language::En } else { Language::Vi };
        section.text = if numbers.is(6) { TextMode::Lead } else { TextMode::Full };
        let mut config = Config::for_tests("https://bantin.example.vn/tin").with_section(section);
        config.organisation.name = format!("Cổng {}", numbers.text(3));
        config.feeds.enclosure = [EnclosureMode::Off, EnclosureMode::Files, EnclosureMode::Pictures][numbers.below(3)];
        let section = config.sections["tin-tuc"].clone();
        let head = Head::of_section(&config, &section, "example.vn,2026");
        let from = i64::try_from(feed * ITEMS).expect("a number");
        let items: Vec<Item> = (from..from + 20)
            .map(|id| Item::new(&config, article(&mut numbers, id), std::slice::from_ref(&section)))
            .collect();
        let gone = Tombstone {
            public_id: format!("tag:example.vn,2026:x{}", numbers.text(1)),
            article_id: 1,
            when: DateTime::UNIX_EPOCH,
        };
        for (kind, bytes) in [
            ("rss", rss::render(&head, &items)),
            ("atom", atom::render(&head, &items, &[gone])),
            ("opml", opml::render(&format!("Tin {}", numbers.text(3)), std::slice::from_ref(&head))),
        ] {
            let file = folder.path().join(format!("{feed}.{kind}"));
            std::fs::write(&file, bytes).expect("writing");
            files.push(file);
        }
        if feed < ruled {
            // As articles are stored: their HTML has been cleaned.
            let items: Vec<Item> = items.iter().cloned().map(clean).collect();
            for (kind, bytes) in [("rss", rss::render(&head, &items)), ("atom", atom::render(&head, &items, &[]))] {
                let file = folder.path().join(format!("{feed}-clean.{kind}"));
                std::fs::write(&file, bytes).expect("writing");
                cleaned.push(file);
            }
            cleaned.push(folder.path().join(format!("{feed}.opml")));
        }
        let json: serde_json::Value = serde_json::from_slice(&json::render(&head, &items)).expect("JSON");
        let ids: std::collections::BTreeSet<&str> =
            json["items"].as_array().expect("items").iter().filter_map(|item| item["id"].as_str()).collect();
        assert_eq!(ids.len(), ITEMS);
    }
    for some in files.chunks(200) {
        let output = Command::new(&xmllint).args(["--noout", "--nonet"]).args(some).output().expect("it starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let feeds = some.iter().filter(|file| file.extension().is_some_and(|kind| kind != "opml"));
        let script = "for (@ARGV) { my $f = XML::Feed->parse($_) or die \"$_: \" . XML::Feed->errstr; \
                      my @e = $f->entries; die \"$_: \" . @e unless @e == 20; for (@e) { die $_ unless $_->id && $_->issued } }";
        let output = Command::new(&perl).args(["-MXML::Feed", "-e", script]).args(feeds).output().expect("it starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    proof.ran(count, &format!("articles in {} documents", files.len()));

    let proof = Proof::new("generated articles: no rule of validators is broken");
    let Some(python) = rules::python() else { return proof.skipped(rules::NEEDS) };
    let empty = folder.path().join("empty.atom");
    let section = Section::for_tests("tin-tuc", "https://www.example.vn/tin-tuc");
    let config = Config::for_tests("https://bantin.example.vn/").with_section(section);
    let head = Head::of_section(&config, &config.sections["tin-tuc"], "example.vn,2026");
    std::fs::write(&empty, atom::render(&head, &[], &[])).expect("writing");
    cleaned.push(empty);
    let halves: Vec<_> = cleaned
        .chunks(cleaned.len().div_ceil(2))
        .map(|some| {
            rules::checker(&python).arg("--hostile").args(some).stdout(Stdio::piped()).spawn().expect("it starts")
        })
        .collect();
    for half in halves {
        let output = half.wait_with_output().expect("its end");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    proof.ran(cleaned.len(), "documents");
}
