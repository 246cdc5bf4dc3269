//! Generated articles against the strict fake: nothing is refused, and every word arrives unless a cut was configured.
//! `BANTIN_TELEGRAM_ARTICLES` (600; 100 000 in `scripts/prove`). The channel is called as the outbox calls it.

use std::collections::HashMap;
use std::sync::Arc;

use bantin::app::App;
use bantin::article::{Article, Reading, clean};
use bantin::channel::{Channel, Entry, Job, Message, Outcome, Posted, Target};
use bantin::clock::Clock;
use bantin::config::{Config as Loaded, Language, PostStyle, load_str};
use serde_json::Value;

use crate::harness::proof::Proof;
use crate::harness::{FakeTelegram, amount};

/// Articles for one fake, whose journal is kept in memory.
const BATCH: usize = 2_000;

/// A small generator of its own: the same numbers on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}

const WORDS: &[&str] = &[
    "lũ",
    "lên",
    "nhanh",
    "Huế",
    "người",
    "dân",
    "được",
    "sơ",
    "tán",
    "Thừa-Thiên",
    "nước",
    "khẩn",
    "trương",
    "đường",
    "مرحبا",
    "שלום",
    "العربية",
    "\u{202e}đảo",
    "news",
    "flood",
    "😀",
    "👨‍👩‍👧‍👦",
    "🇻🇳",
    "e\u{301}",
    "ư\u{323}",
    "𝒳𝓎",
    "<b>",
    "</b>",
    "<i><b>",
    "</i>",
    "<script>x</script>",
    "&amp;",
    "&",
    "&lt;b&gt;",
    "<",
    ">",
    "\"trích\"",
    "'",
    "`*_[](",
    "#thẻ",
    "@ten",
    "/lenh",
    "https://e.vn/?a=1&b=2",
    "{{",
    "}}",
    "{%",
    "%}",
    "\u{200b}",
    "\u{fffd}",
    "1.234,5",
    "…",
    "—",
    "\u{0}",
    "\u{1f}",
    "ﷺ",
    "zalgo\u{335}\u{336}\u{337}",
    "ข่าว",
    "新闻",
    "नमस्ते",
];

fn words(dice: &mut Dice, count: usize) -> String {
    (0..count).map(|_| dice.pick(WORDS)).collect::<Vec<_>>().join(" ")
}

/// Paragraphs as a page has them: nested and broken tags, read by bantin itself.
fn paragraphs(dice: &mut Dice) -> String {
    const TAGS: &[&str] = &[
        "<b>",
        "<i>",
        "</b>",
        "</i>",
        "<p>",
        "</p>",
        "<div><span>",
        "</div>",
        "<a href='x'>",
        "<ul><li>",
        "<blockquote>",
        "<table><tr><td>",
        "</td>",
        "<svg>",
        "<br>",
    ];
    let mut html = String::from("<p>");
    let pieces = match dice.roll(10) {
        0 => 400,
        1 | 2 => 60,
        _ => 8,
    };
    for _ in 0..pieces {
        html.push_str(dice.pick(TAGS));
        let count = 1 + dice.roll(12);
        let plain = words(dice, count);
        html.push_str(&plain.replace('&', "&amp;").replace('<', "&lt;"));
    }
    let base = "https://www.example.vn/".parse().expect("an address");
    clean::to_text(&clean::clean_html(&html, &base))
}

fn reading(dice: &mut Dice) -> Reading {
    let length = if dice.roll(50) == 0 { 1_200 } else { 1 + dice.roll(14) };
    let lead = dice.roll(4) > 0;
    let lead_length = 1 + dice.roll(60);
    Reading {
        title: words(dice, length),
        lead: lead.then(|| words(dice, lead_length)),
        text: if dice.roll(3) == 0 {
            let count = dice.roll(3_000);
            words(dice, count)
        } else {
            paragraphs(dice)
        },
        ..Reading::default()
    }
}

fn style(dice: &mut Dice) -> PostStyle {
    let full = dice.roll(4) > 0;
    PostStyle { full, split: full && dice.roll(3) > 0, ..PostStyle::default() }
}

/// What must arrive of a text: its words in canonical form, without what no message can carry.
fn seen(text: &str) -> Vec<String> {
    use unicode_normalization::UnicodeNormalization as _;
    let unseen = |c: char| c.is_control() && !c.is_whitespace() || matches!(c, '\u{fffe}' | '\u{ffff}');
    let clean: String = text.chars().filter(|&c| !unseen(c)).nfc().collect();
    clean.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).map(str::to_owned).collect()
}

fn counts(words: &[String]) -> HashMap<&str, usize> {
    words.iter().fold(HashMap::new(), |mut counts, word| {
        *counts.entry(word.as_str()).or_default() += 1;
        counts
    })
}

async fn send(channel: &Arc<dyn Channel>, mut job: Job) -> (Posted, usize) {
    for calls in 1..100 {
        match channel.send(std::slice::from_ref(&job)).await.remove(0) {
            Outcome::Accepted(posted) => return (posted, calls),
            Outcome::Partly { progress, .. } => job.progress = progress,
            other => panic!("{other:?}"),
        }
    }
    panic!("a job without an end")
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_refused_and_no_word_is_lost() {
    let proof = Proof::new("generated articles: Telegram refuses none, every word arrives unless a cut was configured");
    let wanted = amount("BANTIN_TELEGRAM_ARTICLES", 600);
    let folder = tempfile::tempdir().expect("a folder");
    let mut dice = Dice(amount("BANTIN_SEED", 20_261_130) as u64 | 1);
    let (mut done, mut messages, mut cut, mut counted) = (0, 0, 0, 0);
    while done < wanted {
        let fake = FakeTelegram::start();
        let text = format!(
            "base_url = \"http://127.0.0.1:8080\"\nlanguage = \"vi\"\ntimezone = \"Asia/Ho_Chi_Minh\"\n\
             [database]\nurl = \"sqlite:{done}.db\"\n[telegram]\ntoken = \"{}\"\napi_url = \"{}\"\n\
             [section.tin-tuc]\nname = \"Tin tức\"\nurl = \"https://www.example.vn/tin-tuc\"\n",
            FakeTelegram::TOKEN,
            fake.url()
        );
        let config: Loaded = load_str(&text, &folder.path().join("config.toml"), &|_| None).expect("a configuration");
        let app = App::build(Arc::new(config), Clock::default()).await.expect("the parts");
        let channel = app.channels.get("telegram").expect("the channel").clone();
        let section = app.config.sections["tin-tuc"].clone();
        let mut given = Vec::new();
        for n in 0..BATCH.min(wanted - done) {
            let (reading, style) = (reading(&mut dice), style(&mut dice));
            let now = app.clock.now();
            let article = Article {
                id: n as i64 + 1,
                public_id: format!("tag:e.vn,2026:{n}"),
                url: (dice.roll(10) > 0).then(|| "https://www.example.vn/bai?a=1&b=2".parse().expect("an address")),
                source_url: "https://www.example.vn/bai".parse().expect("an address"),
                reading: reading.clone(),
                revision: 1,
                feed_date: now,
                updated_at: now,
                first_seen: now,
                withdrawn_at: None,
            };
            let entry = Entry { article: Arc::new(article), section: section.clone() };
            let target = Target {
                id: 1,
                address: "@chat_a".to_owned(),
                topic: None,
                language: Language::Vi,
                silent: false,
                style: style.clone(),
            };
            let job = Job {
                delivery: n as i64,
                message_id: String::new(),
                created: now,
                target,
                message: Message::Post(entry),
                progress: String::new(),
            };
            let (posted, calls) = send(&channel, job).await;
            assert_eq!(calls, 1 + posted.further.len(), "no form was tried twice: {:?}", reading.title);
            messages += calls;
            given.push((reading, style, posted));
        }
        assert_eq!(fake.refused().await, Vec::<Value>::new());
        let journal: HashMap<String, String> = fake
            .journal()
            .await
            .iter()
            .map(|post| (post["message_id"].to_string(), post["text"].as_str().unwrap_or_default().to_owned()))
            .collect();
        for (reading, style, posted) in &given {
            let all = std::iter::once(&posted.message).chain(&posted.further);
            let sent: String = all.map(|id| journal[id].clone() + "\n").collect();
            let arrived = seen(&sent);
            let arrived = counts(&arrived);
            let has = |text: &str| {
                let wanted = seen(text);
                counts(&wanted).iter().all(|(word, count)| arrived.get(word).is_some_and(|there| there >= count))
            };
            let whole = format!("{}\n{}", reading.title, reading.text);
            if style.split {
                assert!(has(&whole), "lost words of {reading:?}\nsent: {sent}");
                assert!(reading.lead.as_deref().is_none_or(has), "lost words of the lead {reading:?}\nsent: {sent}");
            } else if style.full && !has(&whole) {
                cut += 1;
                assert!(sent.contains('…'), "a cut is shown: {sent}");
            } else if reading.title.encode_utf16().count() < 1_000 {
                assert!(has(&reading.title), "lost words of the title {reading:?}\nsent: {sent}");
            }
        }
        counted += channel.counts().iter().find(|(name, _)| *name == "cut").map_or(0, |(_, count)| *count as usize);
        assert_eq!(channel.counts().iter().find(|(name, _)| *name == "entity_faults").map(|(_, n)| *n), Some(0));
        done += given.len();
    }
    assert!(cut > 0 && counted >= cut, "{cut} posts were cut, {counted} counted");
    println!("{done} articles in {messages} messages: 0 refused; {cut} cut as configured ({counted} counted)");
    proof.ran(done, &format!("articles in {messages} messages, 0 refused, {cut} cut as configured"));
}
