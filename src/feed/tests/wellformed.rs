//! Whatever an article says, every feed is well-formed and says it. A Rust reader of the same family proves little,
//! so the checks here are the strict ones: declared prefixes, no attribute twice, no character XML forbids.

use proptest::prelude::*;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;

use super::super::{atom, json, opml, rss, sanitise};
use super::{article, config, head, item, tombstones};
use crate::article::text::is_xml_char;

/// Panics unless the document is well-formed and every prefix is declared; answers its text.
pub(super) fn strict(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    assert!(text.chars().all(is_xml_char), "a character that XML forbids: {text:?}");
    let mut reader = quick_xml::NsReader::from_str(text);
    reader.config_mut().check_end_names = true;
    let (mut depth, mut out) = (0_i32, String::new());
    loop {
        let (namespace, event) = reader.read_resolved_event().unwrap_or_else(|e| panic!("{e} in {text}"));
        assert!(!matches!(namespace, ResolveResult::Unknown(_)), "an undeclared prefix in {text}");
        match event {
            Event::Start(start) | Event::Empty(start) if start.name().as_ref().is_empty() => panic!("no name"),
            Event::Start(start) => {
                depth += 1;
                for attribute in start.attributes().with_checks(true) {
                    let attribute = attribute.unwrap_or_else(|e| panic!("{e} in {text}"));
                    let value: &str = &attribute.value;
                    assert!(!value.contains('<'), "a raw < in an attribute: {value}");
                    quick_xml::escape::unescape(value).unwrap_or_else(|e| panic!("{e}: {value}"));
                }
            }
            Event::End(_) => depth -= 1,
            Event::Text(part) => out.push_str(&part),
            Event::CData(part) => out.push_str(&part),
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "an element is not closed: {text}");
    out
}

/// Text as hostile as it gets: markup, entities, control characters, combining marks, emoji, plain words.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("]]>".to_owned()),
        Just("<![CDATA[".to_owned()),
        Just("</item>".to_owned()),
        Just("&nbsp;&#8;&".to_owned()),
        Just("\u{0}\u{8}\u{B}\u{C}\u{FFFE}\u{FFFF}\u{7F}\u{85}".to_owned()),
        Just("e\u{302}\u{301}\u{338}".to_owned()),
        Just("<?xml version=\"1.0\"?><!--".to_owned()),
        any::<String>(),
        "[ -~]{0,12}",
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn every_feed_is_well_formed(title in text(), lead in text(), byline in text(), html in text(), tag in text(), caption in text(), url in text()) {
        let mut article = article();
        article.reading.title.clone_from(&title);
        article.reading.lead = Some(lead);
        article.reading.byline = Some(byline);
        article.reading.html = html;
        article.reading.tags = vec![tag];
        if let Some(image) = &mut article.reading.image {
            image.url.push_str(&url);
            image.caption = Some(caption);
        }
        let items = [item(article)];
        strict(&rss::render(&head(), &items));
        strict(&atom::render(&head(), &items, &tombstones()));
        let json: serde_json::Value = serde_json::from_slice(&json::render(&head(), &items)).unwrap();
        let shown = json["items"][0]["title"].as_str().unwrap();
        let title = sanitise::line(&title);
        prop_assert!(title.is_empty() || shown == title);

        let mut config = config();
        config.organisation.name = title;
        strict(&opml::render("x", &[super::Head::of_section(&config, &config.sections["tin-tuc"], "a")]));
    }

    #[test]
    fn sanitising_twice_changes_nothing(text in text()) {
        let once = sanitise::html(&text).into_owned();
        prop_assert!(once.chars().all(is_xml_char));
        prop_assert_eq!(sanitise::html(&once), once.as_str());
        let line = sanitise::line(&text);
        prop_assert_eq!(sanitise::line(&line), line);
    }

    #[test]
    fn an_address_is_what_parsing_makes_of_it(rest in "[a-zA-Z0-9./?=&%#:@_~ -]{0,24}") {
        for text in [format!("https://{rest}"), format!("https://a.vn/{rest}"), format!("https://www.a-b.vn/x/{rest}")] {
            let parsed = url::Url::parse(text.trim()).ok().map(String::from);
            prop_assert_eq!(sanitise::url(&text), parsed);
        }
    }

    #[test]
    fn markup_stays_what_it_was(text in text()) {
        let marks = |s: &str| s.chars().filter(|c| matches!(c, '<' | '>' | '=' | '"')).collect::<String>();
        prop_assert_eq!(marks(&sanitise::html(&text)), marks(&text));
    }
}

#[test]
fn an_address_in_an_attribute_is_escaped_once() {
    let feed = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let expected = "url=\"https://www.example.vn/anh/1.jpg?w=800&amp;h=600\"";
    assert!(feed(atom::render(&head(), &[item(article())], &[])).contains(expected));
    assert!(feed(rss::render(&head(), &[item(article())])).contains(expected));
}
