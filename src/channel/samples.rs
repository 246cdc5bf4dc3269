//! Articles, jobs and a configuration for the channels' tests.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, NaiveDate};
use futures_util::future::BoxFuture;

use super::{Channels, Entry, Job, Links, Message, Parts, Target, Uploads, Wanted};
use crate::article::{Article, Moment, Picture, Reading, SourceDate};
use crate::clock::Clock;
use crate::config::{
    Config, Dkim, Email, Language, Methods, OnUncertain, PostStyle, Rate, Relay, Section, Telegram, Tls,
};
use crate::fetch::Fetcher;
use crate::schedule::Plan;
use crate::templates::Templates;

/// Links that look like real ones.
struct TestLinks;

impl Links for TestLinks {
    fn unsubscribe(&self, subscriber: i64) -> String {
        format!("https://bantin.example.vn/unsubscribe/u{subscriber}")
    }

    fn preferences(&self, subscriber: i64) -> String {
        format!("https://bantin.example.vn/preferences/p{subscriber}")
    }

    fn mark(&self, delivery: i64) -> String {
        format!("mark{delivery}")
    }
}

/// Everything is wanted.
struct All;

impl Wanted for All {
    fn unwanted(&self, _deliveries: Vec<i64>) -> BoxFuture<'_, HashSet<i64>> {
        Box::pin(async { HashSet::new() })
    }
}

/// Pictures in memory.
#[derive(Default)]
struct Remembered(Mutex<HashMap<String, String>>);

impl Uploads for Remembered {
    fn find<'a>(&'a self, bot: &'a str, picture: &'a str) -> BoxFuture<'a, Option<String>> {
        Box::pin(async move { self.0.lock().unwrap().get(&format!("{bot} {picture}")).cloned() })
    }

    fn keep<'a>(&'a self, bot: &'a str, picture: &'a str, file: &'a str, _now_ms: i64) -> BoxFuture<'a, ()> {
        Box::pin(async move { drop(self.0.lock().unwrap().insert(format!("{bot} {picture}"), file.to_owned())) })
    }

    fn forget<'a>(&'a self, bot: &'a str, picture: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move { drop(self.0.lock().unwrap().remove(&format!("{bot} {picture}"))) })
    }
}

pub fn config() -> Config {
    let mut config = Config::for_tests("https://bantin.example.vn/");
    "Cổng thông tin Ninh Phước".clone_into(&mut config.organisation.name);
    config.organisation.address = Some("12 Lê Lợi, Ninh Phước".to_owned());
    config.organisation.privacy_url = Some("https://bantin.example.vn/privacy".parse().unwrap());
    config
}

pub fn parts(config: &Config) -> Parts {
    let clock = Clock::manual(DateTime::parse_from_rfc3339("2026-11-23T07:00:00+07:00").unwrap().to_utc());
    Parts {
        templates: Arc::new(Templates::load(config.templates.as_deref()).unwrap()),
        fetcher: Fetcher::new(&config.fetch, clock.clone()),
        links: Arc::new(TestLinks),
        wanted: Arc::new(All),
        uploads: Arc::new(Remembered::default()),
        clock,
    }
}

pub fn telegram(api: &str) -> Telegram {
    Telegram {
        token: "123456:secret-part-of-the-token".to_owned().into(),
        api_url: Some(api.parse().unwrap()),
        on_uncertain: OnUncertain::AtLeastOnce,
        per_second: 25,
        per_chat_minute: 20,
        methods: Methods::default(),
    }
}

pub fn relay(port: u16) -> Relay {
    Relay {
        host: "127.0.0.1".to_owned(),
        port,
        tls: Tls::None,
        login: None,
        connections: 1,
        window: 10,
        rate: Rate::default(),
        weight: 1,
        timeout: std::time::Duration::from_mins(1),
    }
}

pub fn email(relays: Vec<Relay>) -> Email {
    Email {
        from: "Bản tin Ninh Phước <bantin@example.vn>".parse().unwrap(),
        smtp: relays,
        daily: Plan::parse("0 7 * * *").unwrap(),
        weekly: Plan::parse("0 7 * * 1").unwrap(),
        on_uncertain: OnUncertain::AtLeastOnce,
        dkim: Dkim::None,
        domains: Vec::new(),
        bounces: None,
        pictures: true,
        farewell: false,
    }
}

/// Both channels; neither is reached.
pub fn channels() -> Channels {
    channels_with(|_| {})
}

/// The same with a configuration that `change` has touched.
pub fn channels_with(change: impl FnOnce(&mut Config)) -> Channels {
    let mut config = config();
    config.telegram = Some(telegram("http://127.0.0.1:9/"));
    config.email = Some(email(vec![relay(9)]));
    change(&mut config);
    let config = Arc::new(config);
    Channels::build(&config, &parts(&config)).unwrap()
}

pub fn section() -> Section {
    let mut section = Section::for_tests("tin-tuc", "https://www.example.vn/tin-tuc");
    "Tin tức - Sự kiện".clone_into(&mut section.name);
    section
}

pub fn reading() -> Reading {
    Reading {
        title: "Lễ hội “Mùa vàng” & chợ phiên: Đảng bộ <Ninh Phước> đón 1.000 khách".to_owned(),
        lead: Some("Ậ Ễ Ộ Ữ Ỵ: sáng 22-11, hơn một nghìn du khách đã về dự lễ hội mùa vàng bên dòng sông Dinh.".to_owned()),
        byline: Some("Thủy Châu".to_owned()),
        html: "<p>Từ tờ mờ sáng, <b>chợ phiên</b> đã đông vui; xem <a href=\"https://www.example.vn/lich?a=1&amp;b=2\">lịch lễ hội</a>.</p>\
               <figure><img src=\"https://www.example.vn/anh/cho-phien.jpg\" alt=\"Chợ phiên\" width=\"1200\" height=\"800\"><figcaption>Chợ phiên bên sông Dinh. Ảnh: Thủy Châu</figcaption></figure>\
               <h2>Nghề gốm</h2><p>Nghệ nhân làng gốm trình diễn suốt ngày.</p>\
               <ul><li>Thi kéo co</li><li>Đua thuyền</li></ul><blockquote><p>“Chưa bao giờ vui thế này.”</p></blockquote>\
               <table><tr><th>Giờ</th><th>Việc</th></tr><tr><td>08:00</td><td>Khai mạc</td></tr></table>"
            .to_owned(),
        text: "Từ tờ mờ sáng, chợ phiên đã đông vui; xem lịch lễ hội.\nNghề gốm\nNghệ nhân làng gốm trình diễn suốt ngày.\nThi kéo co\nĐua thuyền\n“Chưa bao giờ vui thế này.”\nGiờ Việc\n08:00 Khai mạc".to_owned(),
        language: Some("vi".to_owned()),
        image: Some(Picture {
            url: "https://www.example.vn/anh/cho-phien.jpg".to_owned(),
            caption: Some("Chợ phiên bên sông Dinh. Ảnh: Thủy Châu".to_owned()),
            width: Some(1200),
            height: Some(800),
        }),
        published: Some(SourceDate {
            at: Moment::Instant(DateTime::parse_from_rfc3339("2026-11-22T09:15:00+07:00").unwrap()),
            provenance: "json-ld".to_owned(),
        }),
        ..Reading::default()
    }
}

pub fn entry(reading: Reading, section: Section) -> Entry {
    let seen = DateTime::parse_from_rfc3339("2026-11-22T09:20:00+07:00").unwrap().to_utc();
    let url: url::Url = "https://www.example.vn/tin-tuc/le-hoi-mua-vang-41207.html".parse().unwrap();
    Entry {
        article: Arc::new(Article {
            id: 1,
            public_id: "tag:example.vn,2026:abc".to_owned(),
            url: Some(url.clone()),
            source_url: url,
            reading,
            revision: 1,
            feed_date: seen,
            updated_at: seen,
            first_seen: seen,
            withdrawn_at: None,
        }),
        section: Arc::new(section),
    }
}

pub fn sample() -> Entry {
    entry(reading(), section())
}

/// Several articles in two sections, one of them with a bare day and one without picture, date and page.
pub fn several(count: usize) -> Vec<Entry> {
    (0..count)
        .map(|n| {
            let mut reading = reading();
            reading.title = format!("{} ({})", reading.title, n + 1);
            let mut section = section();
            if n % 3 == 1 {
                "van-hoa".clone_into(&mut section.slug);
                "Văn hóa".clone_into(&mut section.name);
                let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
                reading.published = Some(SourceDate { at: Moment::Day(day), provenance: "listing".to_owned() });
            }
            if n % 3 == 2 {
                (reading.image, reading.published, reading.lead) = (None, None, None);
            }
            let mut entry = entry(reading, section);
            let article = Arc::make_mut(&mut entry.article);
            article.id = n as i64 + 1;
            article.url = Some(format!("https://www.example.vn/tin-tuc/bai-{}.html", n + 1).parse().unwrap());
            if n % 3 == 2 {
                article.url = None;
            }
            entry
        })
        .collect()
}

pub fn job(address: &str, message: Message) -> Job {
    Job {
        delivery: 7,
        message_id: "d7.3f2a".to_owned(),
        created: DateTime::parse_from_rfc3339("2026-11-23T00:00:00Z").unwrap().to_utc(),
        target: Target {
            id: 42,
            address: address.to_owned(),
            topic: None,
            language: Language::Vi,
            silent: false,
            style: PostStyle::default(),
        },
        progress: String::new(),
        message,
    }
}

pub fn digest(entries: Vec<Entry>, cadence: &str) -> Message {
    let at = DateTime::parse_from_rfc3339("2026-11-23T07:00:00+07:00").unwrap().to_utc();
    Message::Digest { entries, at, cadence: cadence.to_owned() }
}
