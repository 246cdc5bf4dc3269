//! Whatever the text of an article: control characters, `]]>`, a lone surrogate's replacement, unclosed tags,
//! emoji, decomposed Vietnamese. It goes through the whole pipeline, and every feed is well-formed, every post is
//! taken by the strict fake, every mail parses back to the same text.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config as Cases, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::flow::{READER, World, mails, text};
use crate::harness::article::number_in;
use crate::harness::proof::Proof;
use crate::harness::site::escaped;
use crate::harness::{Article, Database, amount, mail, program, until};

const BATCH: usize = 16;

/// A piece of text as it comes from the worst of websites.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Zàáạảãđêôơư ]{1,30}",
        1 => any::<String>(),
        2 => prop::sample::select(vec![
            "]]>", "<![CDATA[", "<b>", "</item>", "<script>alert(1)</script>", "&amp;", "&nbsp;", "&", "&#8;", "<!--", "-->",
            "<?xml?>", "\u{8}\u{B}\u{C}\u{1F}", "\u{FFFD}", "\u{FFFE}\u{FFFF}", "\u{202E}", "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}",
            "e\u{302}\u{301}", "Tie\u{302}\u{301}ng Vie\u{323}\u{302}t", "\r\n.\r\n", "\n.\n", "\"'", "{{ x }}", "{% x %}",
            "=?utf-8?q?x?=", "\u{85}\u{2028}", "مرحبا", "https://e.vn/?a=1&b=2", "From ", "--x",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 1..12).prop_map(|pieces| pieces.concat())
}

/// HTML that closes nothing and means nothing.
fn junk() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<b>",
        "<i><u>",
        "<a href=\"javascript:alert(1)\">",
        "<a href='?a=1&b=2'>",
        "<img src=\"/a.png?w=1&h=2\" onerror=x>",
        "<td>",
        "<",
        "<3",
        "&bogus;",
        "&#xD800;",
        "&#0;",
        "<p><p>",
        "<blockquote>",
        "<svg><style>",
        "</svg>",
        "<br/><br>",
        "chữ ",
        "<ul><li>",
        "]]>",
    ]);
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

/// What must survive of a text: everything that is seen, in canonical form, without the white space between.
fn essence(text: &str) -> String {
    let format = |c| matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{AD}');
    let unseen = |c: char| c.is_whitespace() || c.is_control() || format(c) || matches!(c, '\u{FFFD}'..='\u{FFFF}');
    text.chars().filter(|&c| !unseen(c)).nfc().collect()
}

fn article(runner: &mut TestRunner, number: usize) -> (Article, Vec<String>) {
    let mut text = || hostile().new_tree(runner).expect("a text").current();
    let mut article = Article::new(number);
    article.title = format!("Bản tin số {number:04}: {}", text());
    article.lead = format!("Tóm tắt {}", text());
    // A paragraph begins and ends with words, so that it is one whatever stands between.
    let paragraphs: Vec<String> =
        (0..3).map(|n| format!("Đoạn {n} của bài {number} {} hết đoạn {n}.", text())).collect();
    article.body = paragraphs.iter().map(|paragraph| escaped(paragraph)).collect();
    article.body.push(junk().new_tree(runner).expect("junk").current());
    (article, paragraphs)
}

#[tokio::test(flavor = "multi_thread")]
async fn survives() {
    let proof = Proof::new("any text: feeds are well-formed, Telegram takes every post, mails parse back");
    let Some(xmllint) = program("xmllint") else { return proof.skipped("xmllint is not installed") };
    let cases = amount("PROPTEST_CASES", 64).next_multiple_of(BATCH);
    let seed = amount("PROPTEST_RNG_SEED", 20_261_123);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(Cases::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let world = World::start(Database::sqlite(), "\"@chat_a\"").await;
    let mut numbers = 1000..;
    let mut done = 0;
    while done < cases {
        let batch: Vec<_> = numbers.by_ref().take(BATCH).map(|number| article(&mut runner, number)).collect();
        for (article, _) in &batch {
            world.site.publish("tin-tuc", article.clone());
        }
        done += batch.len();
        until("every post", async || {
            let journal = world.telegram.journal().await;
            (journal.len() >= done || !world.telegram.refused().await.is_empty()).then_some(())
        })
        .await;
        assert_eq!(world.telegram.refused().await, Vec::<Value>::new(), "Telegram refuses nothing");
        until("every mail", async || {
            (mails(&world.smtp.journal().await).len() >= done || !world.smtp.refused().await.is_empty()).then_some(())
        })
        .await;
        assert_eq!(world.smtp.refused().await, Vec::<Value>::new(), "the relay refuses nothing");
        judge(&world, &batch).await;
        for path in ["/feeds/tin-tuc.rss", "/feeds/tin-tuc.atom", "/feeds/all.rss", "/feeds.opml"] {
            let file = world.bantin.path("document.xml");
            std::fs::write(&file, world.bantin.text(path).await).expect("writing");
            let output = std::process::Command::new(&xmllint).args(["--noout", "--nonet"]).arg(&file).output();
            let output = output.expect("xmllint starts");
            assert!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
    proof.ran(done, "articles through the whole pipeline");
}

/// Post, mail and feed of each article say what it says.
async fn judge(world: &World, batch: &[(Article, Vec<String>)]) {
    let posts = world.telegram.journal().await;
    let mails: Vec<_> = world.smtp.journal().await.iter().map(mail::read).collect();
    let newest = batch.iter().map(|(article, _)| article.number).max().unwrap_or_default();
    let feed = world.bantin.feed_with("/feeds/tin-tuc.json", &format!("Bản tin số {newest:04}")).await;
    let feed: Value = serde_json::from_str(&feed).expect("JSON");
    let items = feed["items"].as_array().expect("items");
    for (article, paragraphs) in batch {
        let title = essence(&article.title);
        let post = posts.iter().find(|post| number_in(text(post)) == Some(article.number)).expect("its post");
        assert!(essence(text(post)).contains(&title), "{:?} in {post}", article.title);
        let mail = mails.iter().find(|mail| number_in(&mail.subject) == Some(article.number)).expect("its mail");
        assert_eq!(mail.to, [READER]);
        // A long title is cut short in the subject, and stands whole in the text.
        let subject = essence(&mail.subject);
        let begin = subject.strip_suffix('…').filter(|begin| begin.chars().count() > 100);
        assert!(
            subject == title || begin.is_some_and(|begin| title.starts_with(begin)),
            "{:?}: {subject}",
            article.title
        );
        assert!(essence(&mail.text).contains(&title), "{:?}: {}", article.title, mail.text);
        let item = items.iter().find(|item| item["title"].as_str().and_then(number_in) == Some(article.number));
        let item = item.expect("its item");
        assert_eq!(essence(item["title"].as_str().unwrap_or_default()), title);
        let body = essence(&mail.text);
        for paragraph in paragraphs {
            assert!(body.contains(&essence(paragraph)), "{paragraph:?} in {:?}", mail.text);
        }
    }
}
