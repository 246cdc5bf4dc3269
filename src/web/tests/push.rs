use axum::http::{Method, StatusCode};
use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use secrecy::SecretString;
use serde_json::Value;
use sha2::Sha256;

use super::{Answer, Site};
use crate::article::Candidate;

const KEY: &str = "a key of the CMS";
/// The site's clock stands here.
const NOW: i64 = 1_783_641_600;
const ARTICLE: &str = r#"{"section": "tin-tuc", "url": "https://www.example.vn/tin-tuc/cau-1.html", "guid": "7", "title": "Cầu mới",
  "published": "10/07/2026 06:30", "tags": ["Thời sự"], "html": "<p>Toàn văn</p>"}"#;

async fn site() -> Site {
    Site::with(|config| config.server.push_key = Some(SecretString::from(KEY))).await
}

fn signature(key: &str, time: &str, body: &str) -> String {
    let mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_bytes()).unwrap();
    let code = mac.chain_update(format!("{time}.{body}")).finalize().into_bytes();
    format!("sha256={}", HEXLOWER.encode(&code))
}

async fn push_at(site: &Site, time: i64, path: &str, body: &str) -> Answer {
    let time = time.to_string();
    let signature = signature(KEY, &time, body);
    let headers = [("x-bantin-timestamp", time.as_str()), ("x-bantin-signature", signature.as_str())];
    site.ask(Method::POST, path, &headers, body).await
}

async fn push(site: &Site, path: &str, body: &str) -> Answer {
    push_at(site, NOW, path, body).await
}

fn told(answer: &Answer) -> (u16, String, String) {
    let body: Value = serde_json::from_str(&answer.text()).unwrap();
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), text("error"), text("field"))
}

#[tokio::test]
async fn a_signed_article_is_taken_once_and_a_hundred_replays_are_none() {
    let site = site().await;
    let answer = push(&site, "/api/articles", ARTICLE).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    assert_eq!(answer.text(), r#"{"accepted":"article","section":"tin-tuc","paused":false}"#);
    for _ in 0..100 {
        assert_eq!(told(&push(&site, "/api/articles", ARTICLE).await), (409, "replay".into(), "id".into()));
    }
    let open = site.store.open_pushes(200).await.unwrap();
    assert_eq!(open.len(), 1);
    let candidate: Candidate = serde_json::from_str(&open[0].body).unwrap();
    assert_eq!(candidate.url.as_str(), "https://www.example.vn/tin-tuc/cau-1.html");
    assert_eq!(candidate.native_id.as_deref(), Some("7"));
    assert_eq!(candidate.published.unwrap().at.to_text(), "2026-07-10T06:30:00+07:00");
    // The same article once more is another message.
    assert_eq!(push_at(&site, NOW + 1, "/api/articles", ARTICLE).await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn an_article_may_be_urgent_and_a_wish_to_look_may_not() {
    let site = site().await;
    let urgent = ARTICLE.replace("\"guid\": \"7\"", "\"urgent\": true");
    assert_eq!(push(&site, "/api/articles", &urgent).await.status, StatusCode::ACCEPTED);
    assert_eq!(push(&site, "/api/articles", ARTICLE).await.status, StatusCode::ACCEPTED);
    let bodies: Vec<String> = site.store.open_pushes(9).await.unwrap().into_iter().map(|push| push.body).collect();
    let read = |body: &String| serde_json::from_str::<Candidate>(body).unwrap().urgent;
    assert_eq!((bodies.len(), bodies.iter().filter(|body| read(body)).count()), (2, 1));
    let look = push(&site, "/api/articles", r#"{"section": "tin-tuc", "urgent": true}"#).await;
    assert_eq!(told(&look), (422, "invalid".into(), "urgent".into()));
}

#[tokio::test]
async fn an_id_is_used_once_however_the_message_is_signed() {
    let site = site().await;
    let body = r#"{"id": "m-1"}"#;
    assert_eq!(push(&site, "/api/ping/tin-tuc", body).await.status, StatusCode::ACCEPTED);
    assert_eq!(told(&push_at(&site, NOW + 9, "/api/ping/tin-tuc", body).await).0, 409);
    assert_eq!(told(&push_at(&site, NOW + 9, "/api/ping/news", body).await).0, 409);
    assert_eq!(push(&site, "/api/ping/tin-tuc", "").await.status, StatusCode::ACCEPTED);
    let bare = r#"{"section": "tin-tuc", "id": "m-2"}"#;
    assert_eq!(
        push(&site, "/api/articles", bare).await.text(),
        r#"{"accepted":"look","section":"tin-tuc","paused":false}"#
    );
    assert_eq!(site.store.open_pushes(9).await.unwrap().len(), 3);
}

#[tokio::test]
async fn who_has_no_key_is_told_nothing_and_sets_nothing_in_motion() {
    let site = site().await;
    let time = NOW.to_string();
    let good = signature(KEY, &time, ARTICLE);
    let other_key = signature("another key", &time, ARTICLE);
    let other_body = signature(KEY, &time, "{}");
    let other_time = signature(KEY, &(NOW - 1).to_string(), ARTICLE);
    let headers: [&[(&str, &str)]; 8] = [
        &[],
        &[("x-bantin-timestamp", &time)],
        &[("x-bantin-signature", &good)],
        &[("x-bantin-timestamp", &time), ("x-bantin-signature", &other_key)],
        &[("x-bantin-timestamp", &time), ("x-bantin-signature", &other_body)],
        &[("x-bantin-timestamp", &time), ("x-bantin-signature", &other_time)],
        &[("x-bantin-timestamp", "now"), ("x-bantin-signature", &good)],
        &[("x-bantin-timestamp", &time), ("x-bantin-signature", &good[..60])],
    ];
    for headers in headers {
        let answer = site.ask(Method::POST, "/api/articles", headers, ARTICLE).await;
        assert_eq!(told(&answer).0, 401, "{headers:?}");
        assert!(!answer.text().contains(KEY));
    }
    for late in [NOW - 301, NOW + 301] {
        assert_eq!(told(&push_at(&site, late, "/api/articles", ARTICLE).await).1, "stale");
    }
    assert_eq!(push_at(&site, NOW - 299, "/api/articles", ARTICLE).await.status, StatusCode::ACCEPTED);
    assert_eq!(site.store.open_pushes(9).await.unwrap().len(), 1);
    let closed = Site::new().await;
    assert_eq!(told(&push(&closed, "/api/articles", ARTICLE).await), (404, "off".into(), String::new()));
}

#[tokio::test]
async fn a_message_can_only_name_a_section_and_a_page_of_its_site() {
    let site = site().await;
    let with = |key: &str, value: &str| {
        let mut body: Value = serde_json::from_str(ARTICLE).unwrap();
        body[key] = value.into();
        body.to_string()
    };
    for (body, expected) in [
        (with("section", "none"), (404, "unknown_section", "section")),
        (with("url", "file:///etc/passwd"), (422, "invalid", "url")),
        (with("url", "https://evil.example.org/a"), (422, "invalid", "url")),
        (with("url", "https://www.example.vn.evil.org/a"), (422, "invalid", "url")),
        (with("url", "https://www.example.vn@evil.org/a"), (422, "invalid", "url")),
        (with("url", "http://127.0.0.1/a"), (422, "invalid", "url")),
        (with("url", "http://www.example.vn:8080/a"), (422, "invalid", "url")),
        (with("url", "javascript:alert(1)"), (422, "invalid", "url")),
        (with("url", "tin-tuc/cau"), (422, "invalid", "url")),
        (with("image", "data:image/png;base64,x"), (422, "invalid", "image")),
        (with("published", "hồi ấy"), (422, "invalid", "published")),
        (with("id", ""), (422, "invalid", "id")),
        (with("titel", "x"), (422, "invalid", "")),
        ("{".to_owned(), (422, "invalid", "")),
        (String::new(), (422, "invalid", "")),
    ] {
        let (status, error, field) = told(&push(&site, "/api/articles", &body).await);
        assert_eq!((status, error.as_str(), field.as_str()), expected, "{body}");
    }
    assert_eq!(told(&push(&site, "/api/ping/none", "").await).1, "unknown_section");
    let long = with("html", &"x".repeat(1024 * 1024));
    assert_eq!(told(&push(&site, "/api/articles", &long).await).0, 413);
    assert!(site.store.open_pushes(9).await.unwrap().is_empty());
    for body in [with("url", "http://example.vn/tin/a"), with("url", "https://www.example.vn/b?c=1")] {
        assert_eq!(push(&site, "/api/articles", &body).await.status, StatusCode::ACCEPTED, "{body}");
    }
}
