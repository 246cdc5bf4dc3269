//! Rendering feeds against plain concatenation with escaping, on one core: `cargo bench --bench render` prints the
//! megabytes of feed a second of processor time for each format, both ways, and the ratio. Nothing is asserted.
//!
//! The other way is the least that could be done: the same elements, texts pushed through a loop that escapes one
//! character after another; nothing is sanitised, no date is formatted, no address is parsed.

#![expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]

use std::hint::black_box;
use std::time::Duration;

use bantin::article::{Article, Picture, Reading};
use bantin::config::{Config, Section};
use bantin::feed::{self, Head, Item, atom, json, rss};
use chrono::{DateTime, TimeDelta};

/// How long each loop runs.
const SPAN: Duration = Duration::from_secs(2);
const ITEMS: i64 = 20;

fn main() {
    let section = Section::for_tests("tin-tuc", "https://www.example.vn/tin-tuc");
    let config = Config::for_tests("https://bantin.example.vn/").with_section(section);
    let section = config.sections["tin-tuc"].clone();
    let head = Head::of_section(&config, &section, "example.vn,2026");
    for (size, paragraphs) in [("brief", 3), ("full", 32)] {
        let items: Vec<Item> =
            (0..ITEMS).map(|n| Item::new(&config, article(n, paragraphs), std::slice::from_ref(&section))).collect();
        let ours: [(&str, &dyn Fn() -> Vec<u8>); 3] = [
            ("rss", &|| rss::render(&head, &items)),
            ("atom", &|| atom::render(&head, &items, &[])),
            ("json", &|| json::render(&head, &items)),
        ];
        let plain = rate(&|| concatenated(&head, &items).len());
        println!("render_{size}_plain {plain:.0} MB/s of concatenation with escaping");
        for (format, write) in ours {
            let rate = rate(&|| write().len());
            println!(
                "render_{size}_{format} {rate:.0} MB/s, {:.2} times plain ({} bytes)",
                rate / plain,
                write().len()
            );
        }
        // As after a change: what is sanitised once serves all three.
        let all = rate(&|| feed::render(&head, &items, &[]).iter().map(|(_, bytes)| bytes.len()).sum());
        println!(
            "render_{size}_all {all:.0} MB/s, {:.2} times plain: three formats at a time, as they are made",
            all / plain
        );
    }
}

fn article(n: i64, paragraphs: usize) -> Article {
    let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(1_780_000_000 + n * 997);
    let sentence = "Ủy ban nhân dân tỉnh vừa thông qua kế hoạch trồng rừng ở 12 xã ven sông, trong khi trạm khí tượng \
                    cảnh báo mưa lớn & gió mạnh; người dân được “sơ tán” trước 18 giờ.";
    Article {
        id: n,
        public_id: format!("tag:example.vn,2026:abcdefghij{n}"),
        url: format!("https://www.example.vn/tin-tuc/bai-viet-so-{n}.html").parse().ok(),
        source_url: "https://www.example.vn/".parse().expect("an address"),
        reading: Reading {
            title: format!("Kế hoạch trồng rừng số {n}: mười hai xã ven sông bắt đầu từ sáng nay"),
            lead: Some(sentence.to_owned()),
            byline: Some("Trần Minh Phương".to_owned()),
            html: (0..paragraphs)
                .map(|p| format!("<p>{sentence} <a href=\"https://www.example.vn/{p}?a=1&amp;b=2\">Xem</a></p>\n"))
                .collect::<Vec<_>>()
                .concat(),
            text: String::new(),
            image: Some(Picture { url: format!("https://www.example.vn/anh/{n}.jpg"), ..Picture::default() }),
            tags: vec!["Lâm nghiệp".to_owned(), "Thời tiết".to_owned()],
            ..Reading::default()
        },
        revision: 1,
        feed_date: at,
        updated_at: at,
        first_seen: at,
        withdrawn_at: None,
    }
}

/// What anybody would write first.
fn concatenated(head: &Head, items: &[Item]) -> Vec<u8> {
    let mut out = String::new();
    let element = |out: &mut String, name: &str, text: &str| {
        out.push('<');
        out.push_str(name);
        out.push('>');
        escape(out, text);
        out.push_str("</");
        out.push_str(name);
        out.push('>');
    };
    out.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel>");
    element(&mut out, "title", &head.title);
    element(&mut out, "link", &head.link);
    element(&mut out, "description", &head.description);
    for item in items {
        let reading = &item.article.reading;
        out.push_str("<item>");
        element(&mut out, "title", &reading.title);
        element(&mut out, "link", item.article.url.as_ref().map_or("", |url| url.as_str()));
        element(&mut out, "description", reading.lead.as_deref().unwrap_or_default());
        for tag in &reading.tags {
            element(&mut out, "category", tag);
        }
        element(&mut out, "guid", &item.article.public_id);
        element(&mut out, "pubDate", "Wed, 8 Jul 2026 08:30:00 +0700");
        element(&mut out, "content:encoded", &reading.html);
        element(&mut out, "dc:creator", reading.byline.as_deref().unwrap_or_default());
        out.push_str("</item>");
    }
    out.push_str("</channel></rss>");
    out.into_bytes()
}

fn escape(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
}

/// Megabytes a second of this thread's processor time.
fn rate(write: &dyn Fn() -> usize) -> f64 {
    let begun = processor();
    let mut bytes = 0;
    let spent = || processor().saturating_sub(begun);
    while spent() < SPAN {
        for _ in 0..16 {
            bytes += black_box(write());
        }
    }
    bytes as f64 / spent().as_secs_f64() / 1e6
}

fn processor() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
