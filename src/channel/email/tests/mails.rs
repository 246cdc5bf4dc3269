//! The mails themselves: whole outputs, and what a parser of another hand reads out of them.

use std::fmt::Write as _;
use std::sync::Arc;

use mailparse::{MailHeaderMap as _, ParsedMail, parse_mail};
use proptest::prelude::*;

use crate::channel::samples::{self, job};
use crate::channel::{Correction, Message};
use crate::config::{Language, TextMode};

const READER: &str = "reader@example.org";

fn raw(message: Message) -> String {
    let channels = samples::channels();
    channels.get("email").unwrap().preview(&job(READER, message)).unwrap()
}

fn parts(mail: &ParsedMail<'_>) -> (String, String) {
    assert_eq!(mail.ctype.mimetype, "multipart/alternative");
    let body = |n: usize, kind: &str| {
        assert_eq!(
            (mail.subparts[n].ctype.mimetype.as_str(), mail.subparts[n].ctype.charset.as_str()),
            (kind, "utf-8")
        );
        mail.subparts[n].get_body().unwrap().replace("\r\n", "\n").trim_end().to_owned()
    };
    (body(0, "text/plain"), body(1, "text/html"))
}

/// Headers as they are, both parts decoded.
fn show(message: Message) -> String {
    let raw = raw(message);
    let (headers, _) = raw.split_once("\r\n\r\n").unwrap();
    let mail = parse_mail(raw.as_bytes()).unwrap();
    let (text, html) = parts(&mail);
    let mut out = headers.replace("\r\n", "\n");
    write!(out, "\n\nSubject, decoded: {}", mail.headers.get_first_value("Subject").unwrap()).unwrap();
    write!(out, "\n\n--- text\n{text}\n\n--- html\n{html}").unwrap();
    out
}

#[test]
fn mails_look_as_they_should() {
    insta::assert_snapshot!("post", show(Message::Post(samples::sample())));
    let mut lead = samples::section();
    lead.text = TextMode::Lead;
    insta::assert_snapshot!("post_lead", show(Message::Post(samples::entry(samples::reading(), lead))));
    insta::assert_snapshot!("digest", show(samples::digest(samples::several(5), "daily")));
    let confirm = Message::Confirm {
        link: "https://bantin.example.vn/confirm/c123".to_owned(),
        sections: vec!["Tin tức - Sự kiện".to_owned(), "Văn hóa".to_owned()],
    };
    insta::assert_snapshot!("confirm", show(confirm));
    insta::assert_snapshot!("test", show(Message::Test));
    let note = "Ngày khai mạc là 12-7, không phải 11-7.".to_owned();
    let about = Correction { note, after: "p:42:7".to_owned() };
    insta::assert_snapshot!("correction", show(Message::Correction(samples::sample(), about)));
    insta::assert_snapshot!("farewell", show(Message::Farewell));
}

#[test]
fn a_mail_can_do_without_pictures_and_says_the_size_of_those_it_has() {
    let html = |pictures: bool, message: Message| {
        let raw = samples::channels_with(|config| {
            if let Some(email) = &mut config.email {
                email.pictures = pictures;
            }
        });
        let raw = raw.get("email").unwrap().preview(&job(READER, message)).unwrap();
        parts(&parse_mail(raw.as_bytes()).unwrap()).1
    };
    for message in [Message::Post(samples::sample()), samples::digest(samples::several(5), "daily")] {
        assert!(!html(false, message.clone()).contains("<img"));
        let html = html(true, message);
        let images: Vec<&str> = html.split("<img ").skip(1).filter_map(|rest| rest.split('>').next()).collect();
        assert!(!images.is_empty());
        for image in images {
            assert!(image.contains("width=\"") && image.contains("alt="), "{image}");
        }
    }
}

#[test]
fn a_mail_in_the_browser_has_an_address_that_tells_nothing_of_the_reader() {
    let view = |id: i64, message: Message| {
        let mut job = job(READER, message);
        job.target.id = id;
        let raw = samples::channels().get("email").unwrap().preview(&job).unwrap();
        let (text, _) = parts(&parse_mail(raw.as_bytes()).unwrap());
        let line = text.lines().find(|line| line.contains("?lang=")).map(str::to_owned);
        line.unwrap_or_else(|| panic!("no such address in\n{text}"))
    };
    for message in [Message::Post(samples::sample()), samples::digest(samples::several(5), "daily")] {
        assert_eq!(view(42, message.clone()), view(43, message), "the same for every reader");
    }
    let (daily, weekly) =
        (samples::digest(samples::several(5), "daily"), samples::digest(samples::several(5), "weekly"));
    assert_ne!(view(42, daily), view(42, weekly));
}

#[test]
fn a_bulk_mail_has_what_receivers_ask_for_and_a_question_has_not() {
    let post = raw(Message::Post(samples::sample()));
    for header in [
        "Message-ID: <d7.3f2a@example.vn>\r\n",
        "List-Unsubscribe: <https://bantin.example.vn/unsubscribe/u42>\r\n",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        "List-Id: ",
        "<tin-tuc.example.vn>\r\n",
        "Precedence: bulk\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "MIME-Version: 1.0\r\n",
        "Content-Language: vi\r\n",
        "Date: Mon, 23 Nov 2026 00:00:00 +0000\r\n",
    ] {
        assert!(post.contains(header), "{header} in\n{post}");
    }
    let confirm = raw(Message::Confirm { link: "https://x.vn/c".to_owned(), sections: vec![] });
    assert!(!confirm.contains("List-") && confirm.contains("Auto-Submitted: auto-generated\r\n"));
    // A retry is the same mail.
    assert_eq!(post, raw(Message::Post(samples::sample())));
}

#[test]
fn one_click_is_promised_only_where_it_is_safe() {
    for (base, promised) in [
        ("https://a.vn/", true),
        ("http://a.vn/", false),
        ("http://127.0.0.1:8080/", true),
        ("http://[::1]/", true),
        ("http://localhost/", true),
    ] {
        assert_eq!(crate::channel::email::one_click(&base.parse().unwrap()), promised, "{base}");
    }
}

#[test]
fn thirty_long_articles_make_no_more_than_100_kb() {
    let mut entries = samples::several(30);
    for entry in &mut entries {
        let reading = &mut Arc::make_mut(&mut entry.article).reading;
        reading.title = reading.title.repeat(3);
        reading.lead = Some("Ậ Ễ Ộ Ữ Ỵ đồng lòng ".repeat(40));
        reading.image = samples::reading().image;
    }
    let mail = raw(samples::digest(entries, "daily"));
    let (text, html) = parts(&parse_mail(mail.as_bytes()).unwrap());
    assert!(html.len() <= 100 * 1024, "{}", html.len());
    for n in 1..=30 {
        assert!(text.contains(&format!("({n})")) && html.contains(&format!("({n})")), "{n}");
    }
    let many = raw(samples::digest(samples::several(1000), "weekly"));
    let (_, html) = parts(&parse_mail(many.as_bytes()).unwrap());
    assert!(html.len() <= 100 * 1024 && html.contains("bài khác trên trang"), "{}", html.len());
}

#[test]
fn an_article_too_long_for_a_mail_is_read_on_the_website() {
    let mut reading = samples::reading();
    reading.html = format!("<p>{}</p>", "Ậ Ễ Ộ Ữ Ỵ ".repeat(20_000));
    let mail = raw(Message::Post(samples::entry(reading, samples::section())));
    let (text, html) = parts(&parse_mail(mail.as_bytes()).unwrap());
    assert!(html.len() < 20_000 && text.contains("Bài này dài") && html.contains("cho-phien.jpg"));
}

#[test]
fn the_readers_language_frames_the_mail() {
    let channels = samples::channels();
    let mut english = job(READER, Message::Post(samples::sample()));
    english.target.language = Language::En;
    let raw = channels.get("email").unwrap().preview(&english).unwrap();
    let mail = parse_mail(raw.as_bytes()).unwrap();
    let (text, html) = parts(&mail);
    assert!(text.contains("Unsubscribe: https://") && html.contains("<html lang=\"en\">"));
    assert!(html.contains("lang=\"vi\"") && text.contains("Sunday, 22 November 2026 09:15"));
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Zàáạảãđêôơư ]{0,40}",
        1 => any::<String>(),
        1 => prop::sample::select(vec![
            "]]>", "<b>", "</table>", "<script>", "&amp;", "\u{0}", "\u{b}", "\u{202e}", "\u{fffd}", "\u{85}", "\u{2028}", "\r\n", "\n.\n", "\r",
            "\n.\r\nMAIL FROM:<x@y>\r\n", "=?utf-8?q?x?=", "{{ x }}", "{% x %}", "e\u{302}\u{301}", "Bcc: x@y", "=", " \t ", "مرحبا",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn whatever_the_article_says_the_mail_reads_back(title in hostile(), lead in hostile(), body in hostile(), name in hostile()) {
        use crate::channel::entry;
        let mut reading = samples::reading();
        (reading.title, reading.lead, reading.text) = (title, Some(lead), body.clone());
        reading.html = format!("<p>{}</p>", crate::templates::escape(&body));
        let mut section = samples::section();
        section.name = name;
        let entry = samples::entry(reading, section);
        let raw = raw(Message::Post(entry.clone()));

        // Every line ends with CRLF, is no longer than RFC 5322 allows, and is plain ASCII.
        for line in raw.split_inclusive('\n') {
            prop_assert!(line.ends_with("\r\n") && line.len() <= 998, "{line:?}");
            prop_assert!(line.bytes().all(|b| matches!(b, b'\r' | b'\n' | b'\t' | b' '..=b'~')), "{line:?}");
            prop_assert!(line.matches('\r').count() == 1, "{line:?}");
        }
        let mail = parse_mail(raw.as_bytes()).unwrap();
        let names: Vec<String> = mail.headers.iter().map(mailparse::MailHeader::get_key).collect();
        let expected = ["From", "To", "Date", "Message-ID", "Subject", "Content-Language", "Auto-Submitted", "Precedence",
            "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"];
        prop_assert_eq!(&names, &expected);
        let subject = crate::article::text::shorten(&entry::title(&entry), 200);
        prop_assert_eq!(mail.headers.get_first_value("Subject").unwrap(), subject);

        let (text, html) = parts(&mail);
        prop_assert!(text.contains(&entry::title(&entry)));
        for paragraph in entry.article.reading.text.lines().map(entry::line).filter(|p| !p.is_empty()) {
            prop_assert!(text.contains(&paragraph), "{paragraph:?} in {text:?}");
        }
        prop_assert!(html.ends_with("</html>") && !html.contains("<script"));
        // Nothing of the wire's language survives in the content.
        let wire = crate::channel::email::dots::dotted(raw.as_bytes());
        prop_assert_eq!(String::from_utf8_lossy(&wire).matches("\r\n.\r\n").count(), 1);
    }
}
