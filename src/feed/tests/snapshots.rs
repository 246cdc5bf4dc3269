//! What the feeds look like, whole.

use super::super::{Head, Item, atom, json, opml, rss};
use super::{article, config, head, hostile, item, lead_only, tombstones};

fn items() -> Vec<Item> {
    vec![item(hostile()), item(article()), lead_only(item(article()))]
}

/// One element a line, so that a difference is seen.
fn lines(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap().replace("><", ">\n<")
}

#[test]
fn rss_whole() {
    insta::assert_snapshot!(lines(rss::render(&head(), &items())));
}

#[test]
fn atom_whole() {
    insta::assert_snapshot!(lines(atom::render(&head(), &items(), &tombstones())));
}

#[test]
fn json_whole() {
    let value: serde_json::Value = serde_json::from_slice(&json::render(&head(), &items())).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap());
}

#[test]
fn opml_whole() {
    let config = config();
    let heads: Vec<Head> =
        config.sections.values().map(|section| Head::of_section(&config, section, "example.vn,2026")).collect();
    insta::assert_snapshot!(lines(opml::render("Bản tin \"A\" & B", &heads)));
}

#[test]
fn an_empty_feed_has_no_date_of_its_own() {
    insta::assert_snapshot!(lines(rss::render(&head(), &[])));
    let atom = String::from_utf8(atom::render(&head(), &[], &[])).unwrap();
    assert!(atom.contains("<updated>2026-01-01T00:00:00+00:00</updated>"), "since when ids are made: {atom}");
}

#[test]
fn the_lead_picture_is_shown_once() {
    let shown = |html: &str| {
        let mut article = article();
        article.reading.html = html.to_owned();
        let feed = String::from_utf8(rss::render(&head(), &[item(article)])).unwrap();
        feed.matches("<img").count()
    };
    assert_eq!(shown("<p>Không ảnh.</p>"), 1);
    assert_eq!(shown("<p><img src=\"https://www.example.vn/anh/1.jpg?w=800&amp;h=600\"></p>"), 1);
    let mut article = article();
    article.reading.html = "<p><img src=\"https://www.example.vn/anh/1-300x200.jpg\"></p>".into();
    article.reading.pictures =
        vec![crate::article::Picture { url: "http://www.example.vn/anh/1-300x200.jpg".into(), ..Default::default() }];
    let feed = String::from_utf8(rss::render(&head(), &[item(article)])).unwrap();
    assert_eq!(feed.matches("<img").count(), 1, "the same picture in another size is the same picture");
}

#[test]
fn files_are_enclosures_and_a_document_is_summed_up_by_its_fields() {
    let mut article = article();
    let file = |name: &str| crate::article::Attachment {
        url: format!("https://www.example.vn/van-ban/{name}?a=1&b=2"),
        name: Some(name.to_owned()),
        media_type: Some("application/pdf".to_owned()),
    };
    article.reading.attachments = vec![file("19-NQ.pdf"), file("phu-luc.pdf")];
    article.reading.document = Some(crate::article::OfficialDocument {
        number: Some("19/NQ-HĐND".into()),
        date: Some("2023-07-12".into()),
        issuer: Some("Hội đồng nhân dân tỉnh".into()),
        ..Default::default()
    });
    article.reading.measured = vec![crate::article::Measured {
        url: article.reading.attachments[0].url.clone(),
        bytes: 48_211,
        media_type: Some("application/pdf".into()),
    }];
    let items = [item(article)];
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (rss, atom) = (text(rss::render(&head(), &items)), text(atom::render(&head(), &items, &[])));
    let json: serde_json::Value = serde_json::from_slice(&json::render(&head(), &items)).unwrap();
    assert_eq!(rss.matches("<enclosure ").count(), 1, "one an item: {rss}");
    assert!(rss.contains("url=\"https://www.example.vn/van-ban/19-NQ.pdf?a=1&amp;b=2\""), "{rss}");
    assert!(rss.contains("length=\"48211\""), "the true one: {rss}");
    assert_eq!(atom.matches("rel=\"enclosure\"").count(), 2, "{atom}");
    assert_eq!(atom.matches("length=\"48211\"").count(), 1, "{atom}");
    let files = &json["items"][0]["attachments"];
    assert_eq!(files[1]["url"], "https://www.example.vn/van-ban/phu-luc.pdf?a=1&b=2");
    assert_eq!((&files[0]["mime_type"], &files[0]["title"]), (&"application/pdf".into(), &"19-NQ.pdf".into()));
    assert_eq!((&files[0]["size_in_bytes"], &files[1]["size_in_bytes"]), (&48_211.into(), &serde_json::Value::Null));
    assert_eq!(json["items"][0]["summary"], "19/NQ-HĐND · Hội đồng nhân dân tỉnh · 12/07/2023");
}

#[test]
fn a_heavy_feed_carries_fewer_items_and_an_overlong_article_its_lead() {
    let mut head = head();
    head.max_bytes = 20_000;
    let sized = |bytes: usize| {
        let mut article = article();
        article.reading.html = format!("<p>{}</p>", "x".repeat(bytes));
        item(article)
    };
    let many: Vec<Item> = (0..20).map(|_| sized(3_000)).collect();
    let feed = rss::render(&head, &many);
    let count = String::from_utf8_lossy(&feed).matches("<item>").count();
    assert!(feed.len() <= 20_000 && (4..=6).contains(&count), "{count} items, {} bytes", feed.len());

    let feed = String::from_utf8(rss::render(&head, &[sized(30_000), sized(100)])).unwrap();
    assert_eq!(feed.matches("<item>").count(), 2);
    assert_eq!(feed.matches("<content:encoded>").count(), 1);
}

#[test]
fn enclosures_are_what_the_switch_says_and_have_a_true_length() {
    use crate::config::EnclosureMode::{Files, Off, Pictures};
    let of = |mode, files: usize, known: &[&str]| {
        let (mut head, mut article) = (head(), article());
        head.enclosure = mode;
        let url = |n: usize| format!("https://www.example.vn/{n}.pdf");
        article.reading.attachments =
            (0..files).map(|n| crate::article::Attachment { url: url(n), ..Default::default() }).collect();
        let measured = |url: &&str| crate::article::Measured { url: (*url).into(), bytes: 9, media_type: None };
        article.reading.measured = known.iter().map(measured).collect();
        let items = [item(article)];
        let count = |bytes: Vec<u8>, what: &str| String::from_utf8(bytes).unwrap().matches(what).count();
        (count(rss::render(&head, &items), "<enclosure "), count(atom::render(&head, &items, &[]), "rel=\"enclosure\""))
    };
    let picture = "https://www.example.vn/anh/1.jpg?w=800&h=600";
    let file = "https://www.example.vn/1.pdf";
    assert_eq!(of(Files, 0, &[picture]), (0, 0), "pictures are none by default");
    assert_eq!(of(Files, 2, &[]), (0, 2), "no length, no enclosure in RSS");
    assert_eq!(of(Files, 2, &[file]), (1, 2), "the first whose length is known");
    assert_eq!(of(Pictures, 0, &[picture]), (1, 1));
    assert_eq!(of(Pictures, 0, &[]), (0, 0));
    assert_eq!(of(Pictures, 2, &[picture]), (0, 2));
    assert_eq!(of(Off, 2, &[picture, file]), (0, 0));
}

#[test]
fn no_two_entries_have_one_updated_and_none_moves_with_its_neighbours() {
    let of = |numbers: std::ops::Range<usize>| {
        let items: Vec<Item> = numbers
            .map(|n| {
                let mut article = article();
                article.public_id = format!("tag:example.vn,2026:a{n}");
                item(article)
            })
            .collect();
        let feed = String::from_utf8(atom::render(&head(), &items, &[])).unwrap();
        let entries = feed.split("<entry>").skip(1);
        let said = |entry: &str, name: &str| entry.split(&format!("<{name}>")).nth(1).unwrap()[..32].to_owned();
        entries.map(|entry| (said(entry, "id"), said(entry, "updated"))).collect::<Vec<_>>()
    };
    let all = of(0..100);
    let different: std::collections::HashSet<&String> = all.iter().map(|(_, updated)| updated).collect();
    assert_eq!(different.len(), 100);
    assert!(
        all.iter().all(|(_, updated)| updated.starts_with("2026-07-08T08:30:00.") && updated.ends_with("+07:00")),
        "{all:?}"
    );
    assert_eq!(of(40..60), all[40..60]);
}

#[test]
fn full_text_has_a_summary_before_it_and_an_entry_some_text() {
    let mut article = article();
    (article.reading.lead, article.reading.text) = (None, String::new());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let rss = text(rss::render(&head(), &[item(article.clone())]));
    let title = &article.reading.title;
    assert!(rss.contains(&format!("<description><![CDATA[{title}]]></description>")), "{rss}");
    let atom_of = |article: &crate::article::Article| text(atom::render(&head(), &[item(article.clone())], &[]));
    assert!(!atom_of(&article).contains("<summary>"));
    article.reading.html.clear();
    assert!(atom_of(&article).contains(&format!("<summary>{title}</summary>")));
}

#[test]
fn what_a_page_says_wrongly_is_not_handed_on() {
    let mut article = article();
    article.reading.language = Some("vn".into());
    (article.reading.image.as_mut().unwrap().width, article.reading.image.as_mut().unwrap().height) =
        (Some(0), Some(600));
    article.reading.attachments = vec![crate::article::Attachment {
        url: "https://www.example.vn/a|b/[1].pdf".into(),
        name: None,
        media_type: Some("tệp PDF".into()),
    }];
    let items = [item(article)];
    let atom = String::from_utf8(atom::render(&head(), &items, &[])).unwrap();
    assert!(!atom.contains("xml:lang=\"vn\"") && !atom.contains("width=\"0\""), "{atom}");
    let file = "href=\"https://www.example.vn/a%7Cb/%5B1%5D.pdf\" rel=\"enclosure\" type=\"application/octet-stream\"";
    assert!(atom.contains(file), "{atom}");
}
