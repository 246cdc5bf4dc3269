//! Whole feeds with hostile text: snapshots for the eye, and properties that hold whatever an article says.

use chrono::{DateTime, Utc};

use super::{Head, Item, Tombstone};
use crate::article::{Article, Picture, Reading};
use crate::config::{Config, Language, Section, TextMode};
use crate::fetch::Validators;
use crate::store::{Committed, NewArticle, ReleaseAs, Store};

mod set;
mod snapshots;
mod wellformed;

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn config() -> Config {
    let mut vi = Section::for_tests("tin-tuc", "https://www.example.vn/tin-tuc");
    vi.name = "Tin tức & Sự kiện".into();
    let mut en = Section::for_tests("news", "https://www.example.vn/en/news");
    (en.name, en.language, en.translation_of) = ("News".into(), Language::En, Some("tin-tuc".into()));
    Config::for_tests("https://bantin.example.vn/tin").with_section(vi).with_section(en)
}

pub(crate) fn head() -> Head {
    let config = config();
    Head::of_section(&config, &config.sections["tin-tuc"], "example.vn,2026")
}

pub(crate) fn article() -> Article {
    Article {
        id: 7,
        public_id: "tag:example.vn,2026:abc234".into(),
        url: Some("https://www.example.vn/tin/a-1.html?a=1&b=2".parse().unwrap()),
        source_url: "https://www.example.vn/tin/a-1.html".parse().unwrap(),
        reading: Reading {
            title: "Hội nghị triển khai nhiệm vụ".into(),
            lead: Some("Ngày 8-7, hội nghị giao ban.".into()),
            byline: Some("Thủy Châu".into()),
            html: "<p>Ngày 8-7, hội nghị giao ban.</p>\n<p>Đoạn hai.</p>".into(),
            text: "Ngày 8-7, hội nghị giao ban.\nĐoạn hai.".into(),
            image: Some(Picture {
                url: "https://www.example.vn/anh/1.jpg?w=800&h=600".into(),
                caption: Some("Quang cảnh hội nghị".into()),
                width: Some(800),
                height: Some(600),
            }),
            tags: vec!["Tuyên giáo".into()],
            ..Reading::default()
        },
        revision: 1,
        feed_date: at("2026-07-08T01:30:00Z"),
        updated_at: at("2026-07-08T01:30:00Z"),
        first_seen: at("2026-07-08T01:35:00Z"),
        withdrawn_at: None,
    }
}

/// An article that tries everything: markup, entities, CDATA's end, control characters, NFD, emoji.
pub(crate) fn hostile() -> Article {
    let mut article = article();
    article.public_id = " tag:example.vn,2026:\nbad234 ".into();
    article.url = None;
    article.feed_date = at("2026-07-09T05:00:00Z");
    article.updated_at = at("2026-07-09T06:00:00Z");
    article.revision = 2;
    article.reading = Reading {
        title: "L'\u{8}A & B <b>đậm</b> ]]> \u{FFFF}Đa\u{309}ng 🎉".into(),
        lead: Some("\"Trích\" & <script>alert('1')</script> ]]>".into()),
        byline: Some("A & <i>B</i>\u{B}".into()),
        html: "<p>Ậ Ễ Ộ Ữ — a &amp; b ]]&gt; ]]> \u{C}\u{1F389} e\u{302}\u{301}</p><p>\u{338}x</p>".into(),
        text: "Ậ Ễ Ộ Ữ".into(),
        language: Some("en".into()),
        image: Some(Picture {
            url: "https://www.example.vn/ảnh/\"2\".PNG?a=1&b=2".into(),
            caption: Some("Ảnh: \"A\" & <B>".into()),
            ..Picture::default()
        }),
        tags: vec!["A & B".into(), "Tin tức & Sự kiện".into(), " \u{8} ".into()],
        ..Reading::default()
    };
    article
}

pub(crate) fn item(article: Article) -> Item {
    let config = config();
    Item::new(&config, article, &[config.sections["tin-tuc"].clone()])
}

pub(crate) fn tombstones() -> Vec<Tombstone> {
    let when = at("2026-07-10T00:00:00Z");
    vec![
        Tombstone { public_id: "tag:example.vn,2026:gone&\"<".into(), article_id: 1, when },
        Tombstone { public_id: "tag:example.vn,2026:abc234".into(), article_id: 2, when },
    ]
}

pub(crate) fn lead_only(mut item: Item) -> Item {
    item.text = TextMode::Lead;
    item.article.public_id = "tag:example.vn,2026:lead34".into();
    item
}

/// A store in `folder` that knows the configuration's sections.
pub(crate) async fn store(folder: &std::path::Path, config: &Config) -> Store {
    let store = Store::open(&format!("sqlite:{}", folder.join("bantin.db").display())).await.unwrap();
    let slugs: Vec<_> = config.sections.values().map(|s| (s.slug.clone(), s.formerly.clone())).collect();
    store.sync_sections(&slugs, 0).await.unwrap();
    store
}

/// Stores an article, known by `key`, in a section.
pub(crate) async fn publish(store: &Store, slug: &str, key: &str, article: &Article) -> i64 {
    let section_id = store.section_ids().await.unwrap()[slug];
    let new = NewArticle {
        keys: vec![key.to_owned()],
        authority: "example.vn,2026".into(),
        url: article.url.clone(),
        source_url: article.source_url.clone(),
        reading: article.reading.clone(),
        extraction: "1".into(),
        feed_date: article.feed_date,
        validators: Validators::default(),
        page: None,
        next_read: None,
        section_id,
        listing_hash: String::new(),
        release: ReleaseAs::Quiet,
        guid: None,
        urgent: false,
    };
    match store.commit_new(&[new], article.first_seen.timestamp_millis()).await.unwrap()[0] {
        Committed::New(id) | Committed::Known(id) => id,
    }
}
