//! The fetcher against a server on loopback that misbehaves.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::StreamExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::config::Config;

mod guest;
mod old_tls;
pub(super) mod tricks;
mod ways_in;

static CANARY: AtomicUsize = AtomicUsize::new(0);

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

async fn plain(headers: HeaderMap) -> Response {
    if headers.get("if-none-match").is_some_and(|etag| etag == "\"v1\"") {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let asked = ["authorization", "cookie", "referer"].iter().any(|name| headers.contains_key(*name));
    let agent = headers.get("user-agent").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let head = [
        ("content-type", "text/html; charset=utf-8"),
        ("etag", "\"v1\""),
        ("last-modified", "Sun, 22 Nov 2026 09:00:00 GMT"),
        ("date", "Sun, 22 Nov 2026 10:00:00 GMT"),
    ];
    (head, format!("{agent} {asked}")).into_response()
}

/// A server on a free port of loopback; its base address.
async fn server() -> Url {
    let html = [("content-type", "text/html")];
    let routes = Router::new()
        .route("/plain", get(plain))
        .route("/same", get(move || async move { (html, "always the same") }))
        .route("/canary", get(|| async { CANARY.fetch_add(1, Ordering::SeqCst).to_string() }))
        .route(
            "/slow",
            get(|| async {
                let drops = futures_util::stream::iter(0..600).then(|_| async {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    Ok::<_, std::convert::Infallible>("x")
                });
                Body::from_stream(drops).into_response()
            }),
        )
        .route(
            "/huge",
            get(|| async {
                Body::from_stream(futures_util::stream::repeat_with(|| {
                    Ok::<_, std::convert::Infallible>(vec![b'x'; 65536])
                }))
                .into_response()
            }),
        )
        .route(
            "/bomb",
            get(|| async {
                ([("content-encoding", "gzip"), ("content-type", "text/html")], gzip(&vec![0; 40_000_000]))
                    .into_response()
            }),
        )
        .route("/stacked", get(|| async { ([("content-encoding", "gzip, gzip")], gzip(&gzip(b"x"))).into_response() }))
        .route(
            "/twice",
            get(|| async {
                ([("content-encoding", "gzip"), ("content-type", "text/html")], gzip(&gzip(b"x"))).into_response()
            }),
        )
        .route("/damaged", get(|| async { ([("content-encoding", "gzip")], "no gzip at all").into_response() }))
        .route(
            "/gzip",
            get(|| async {
                ([("content-encoding", "gzip"), ("content-type", "text/html")], gzip("tin tức".as_bytes()))
                    .into_response()
            }),
        )
        .route("/latin", get(|| async { ([("content-type", "text/html; charset=windows-1252")], b"caf\xe9".to_vec()) }))
        .route(
            "/hop/{left}",
            get(|Path(left): Path<u32>| async move {
                Redirect::permanent(&if left == 0 { "/plain".to_owned() } else { format!("/hop/{}", left - 1) })
            }),
        )
        .route("/temporary", get(|| async { Redirect::temporary("/hop/0") }))
        .route(
            "/to/{*target}",
            get(
                |Path(target): Path<String>| async move { (StatusCode::FOUND, [("location", target)]).into_response() },
            ),
        )
        .route("/file.pdf", get(|| async { ([("content-type", "application/pdf")], vec![7_u8; 4711]) }))
        .route("/busy", get(|| async { (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "90")]).into_response() }))
        .route("/gone", get(|| async { StatusCode::GONE }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    base
}

fn fetcher(allow_private: bool) -> Fetcher {
    let mut config = Config::for_tests("http://127.0.0.1/").fetch;
    config.contact = Some("admin@example.vn".to_owned());
    config.allow_private = allow_private;
    config.max_bytes = 1_000_000;
    config.timeout = Duration::from_secs(2);
    Fetcher::new(&config, Clock::System)
}

fn request<'a>(url: &'a Url, validators: Option<&'a Validators>) -> Request<'a> {
    Request { url, validators, allow_private: false, root: None, want: Want::Text, large: LARGE }
}

async fn read(base: &Url, path: &str) -> Result<Fetched, FetchError> {
    fetcher(true).get(&request(&base.join(path).unwrap(), None)).await
}

async fn document(base: &Url, path: &str) -> Document {
    match read(base, path).await {
        Ok(Fetched::Document(document)) => document,
        other => panic!("{path}: {other:?}"),
    }
}

#[tokio::test]
async fn a_page_is_read_with_its_validators_and_read_again_for_a_304() {
    let base = server().await;
    let page = document(&base, "plain").await;
    assert_eq!(page.text(), "bantin/0.1 (+admin@example.vn) false");
    assert_eq!((page.media_type.as_str(), page.charset.as_deref()), ("text/html", Some("utf-8")));
    assert_eq!(page.date.unwrap().timestamp(), 1_795_341_600);
    assert!(!page.moved);
    let url = base.join("plain").unwrap();
    assert!(matches!(fetcher(true).get(&request(&url, Some(&page.validators))).await, Ok(Fetched::NotModified)));
    let same = document(&base, "same").await;
    let url = base.join("same").unwrap();
    assert!(
        matches!(fetcher(true).get(&request(&url, Some(&same.validators))).await, Ok(Fetched::NotModified)),
        "by its bytes"
    );
}

#[tokio::test]
async fn credentials_in_an_address_are_not_sent() {
    let mut base = server().await;
    base.set_username("user").unwrap();
    base.set_password(Some("secret")).unwrap();
    let page = document(&base, "plain").await;
    assert!(page.text().ends_with("false") && !page.url.as_str().contains("secret"));
}

#[tokio::test]
async fn redirects_are_followed_and_counted() {
    let base = server().await;
    let moved = document(&base, "hop/3").await;
    assert_eq!((moved.url.path(), moved.moved), ("/plain", true));
    assert!(!document(&base, "temporary").await.moved);
    let error = read(&base, "hop/8").await.unwrap_err().to_string();
    assert!(error.contains("redirects more than 5 times"), "{error}");
    for target in ["file:///etc/passwd", "ftp://127.0.0.1/", "data:text/html,x", "javascript:alert(1)"] {
        let refused = read(&base, &format!("to/{target}")).await;
        assert!(matches!(refused, Err(FetchError::Refused { .. })), "{target}: {refused:?}");
    }
}

#[tokio::test]
async fn private_addresses_are_refused_by_number_and_by_name() {
    let base = server().await;
    let port = base.port().unwrap();
    for host in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "0x7f.1"] {
        let url: Url = format!("http://{host}:{port}/canary").parse().unwrap();
        let refused = fetcher(false).get(&request(&url, None)).await;
        assert!(
            matches!(&refused, Err(FetchError::Refused { reason, .. }) if reason.contains("allow_private")),
            "{host}: {refused:?}"
        );
    }
    assert_eq!(CANARY.load(Ordering::SeqCst), 0);
    let url = base.join("plain").unwrap();
    let allowed = Request { allow_private: true, ..request(&url, None) };
    assert!(matches!(fetcher(false).get(&allowed).await, Ok(Fetched::Document(_))), "allowed for this section");
}

#[tokio::test]
async fn size_and_time_are_limited() {
    let base = server().await;
    for path in ["huge", "bomb"] {
        let error = read(&base, path).await.unwrap_err();
        assert!(matches!(error, FetchError::TooLarge { limit: 1_000_000, .. }), "{path}: {error}");
    }
    assert!(matches!(read(&base, "slow").await, Err(FetchError::Timeout { seconds: 2, .. })));
    for path in ["stacked", "twice"] {
        assert!(matches!(read(&base, path).await, Err(FetchError::Refused { .. })), "{path}");
    }
    assert!(matches!(read(&base, "damaged").await, Err(FetchError::Network { .. })));
    assert_eq!(document(&base, "gzip").await.text(), "tin tức");
    assert_eq!(document(&base, "latin").await.text(), "café");
}

/// An address whose answer comes in so many pieces of `size` bytes, each a chunk of its own.
async fn in_pieces(count: usize, size: usize) -> Url {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        // robots.txt is asked for first.
        let (mut wire, _) = listener.accept().await.unwrap();
        let mut asked = vec![0; 4096];
        let _ = tokio::io::AsyncReadExt::read(&mut wire, &mut asked).await;
        let none = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        let _ = tokio::io::AsyncWriteExt::write_all(&mut wire, none).await;
        drop(wire);
        let (mut wire, _) = listener.accept().await.unwrap();
        let _ = tokio::io::AsyncReadExt::read(&mut wire, &mut asked).await;
        let mut answer = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ntransfer-encoding: chunked\r\n\r\n".to_owned();
        answer.push_str(&format!("{size:x}\r\n{}\r\n", "x".repeat(size)).repeat(count));
        answer.push_str("0\r\n\r\n");
        // The reader may hang up before the end.
        let _ = tokio::io::AsyncWriteExt::write_all(&mut wire, answer.as_bytes()).await;
    });
    base
}

#[tokio::test]
async fn an_answer_in_very_many_tiny_pieces_is_refused() {
    let fetcher = fetcher(true);
    for (count, size, refused) in [(25_000, 1, true), (15_000, 1, false), (6_000, 100, false)] {
        let url = in_pieces(count, size).await;
        let answer = fetcher.get(&request(&url, None)).await;
        match answer {
            Err(FetchError::Refused { reason, .. }) if refused => assert!(reason.contains("pieces"), "{reason}"),
            Ok(Fetched::Document(document)) if !refused => assert_eq!(document.bytes.len(), count * size),
            other => panic!("{count} pieces of {size} bytes: {other:?}"),
        }
    }
}

/// A server that sends these bytes, and then others again and again, while somebody reads.
async fn endless(first: &'static [u8], again: Vec<u8>) -> Url {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let again = again.clone();
            tokio::spawn(async move {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                let mut sent = stream.write_all(first).await;
                while sent.is_ok() && !again.is_empty() {
                    sent = stream.write_all(&again).await;
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn interim_answers_are_passed_over_but_not_without_end() {
    let hint = "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
    let some = Box::leak(format!("{}HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx", hint.repeat(9)).into_boxed_str());
    let some = endless(some.as_bytes(), Vec::new()).await;
    let read = fetcher(true).by_hand().get(&request(&some, None)).await.unwrap();
    assert!(matches!(read, Fetched::Document(document) if document.bytes == b"x"));
    for status in ["100 Continue", "102 Processing", "103 Early Hints", "199 Whatever"] {
        let url = endless(b"", format!("HTTP/1.1 {status}\r\n\r\n").repeat(500).into_bytes()).await;
        let told = fetcher(true).by_hand().get(&request(&url, None)).await;
        assert!(matches!(&told, Err(FetchError::Refused { reason, .. }) if reason.contains("interim")), "{told:?}");
        assert_eq!(fetcher(true).size(&url, true).await, None, "{status}");
    }
}

#[tokio::test]
async fn what_comes_is_counted_though_nothing_becomes_of_it() {
    // An empty block of deflate, again and again.
    let mut stream = gzip(b"");
    stream.truncate(10);
    let head = Box::leak(
        [b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n", stream.as_slice()].concat().into_boxed_slice(),
    );
    let url = endless(head, [0, 0, 0, 0xff, 0xff].repeat(1000)).await;
    let told = fetcher(true).by_hand().get(&request(&url, None)).await;
    assert!(matches!(told, Err(FetchError::TooLarge { .. })), "{told:?}");
}

#[tokio::test]
async fn refusals_of_the_server_are_told() {
    let base = server().await;
    let busy = read(&base, "busy").await.unwrap_err();
    assert!(matches!(busy, FetchError::Status { status: 429, retry_after: Some(wait), .. } if wait.as_secs() == 90));
    assert!(read(&base, "gone").await.unwrap_err().is_gone());
    let url = base.join("plain").unwrap();
    let picture = fetcher(true).get(&Request { want: Want::Picture, ..request(&url, None) }).await;
    assert!(matches!(picture, Err(FetchError::Refused { .. })));
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = read(&format!("http://{free}/").parse().unwrap(), "").await.unwrap_err().to_string();
    assert!(error.contains("nothing listens there"), "{error}");
}

#[tokio::test]
async fn the_size_of_a_file_is_told_without_reading_it() {
    let base = server().await;
    let size = async |path: &str, open: bool| fetcher(open).size(&base.join(path).unwrap(), false).await;
    let known = Some(Size { bytes: 4711, media_type: Some("application/pdf".to_owned()) });
    assert_eq!(size("file.pdf", true).await, known);
    assert_eq!(size("to/file.pdf", true).await, None, "a redirect to nowhere");
    for path in ["gone", "gzip", "hop/9"] {
        assert_eq!(size(path, true).await, None, "{path}");
    }
    assert_eq!(size("file.pdf", false).await, None, "the guard holds");
}
