//! Feeds over HTTP: validators, codings, media types, moved and gone.

use std::io::Read as _;

use axum::http::{Method, StatusCode};

use super::Site;

const RSS: &str = "/tin/feeds/tin-tuc.rss";

#[tokio::test]
async fn a_feed_names_its_type_its_validators_and_itself() {
    let site = Site::new().await;
    for (file, kind) in [
        ("feeds/tin-tuc.rss", "application/rss+xml; charset=utf-8"),
        ("feeds/tin-tuc.atom", "application/atom+xml; charset=utf-8"),
        ("feeds/tin-tuc.json", "application/feed+json; charset=utf-8"),
        ("feeds/all.rss", "application/rss+xml; charset=utf-8"),
        ("feeds/all-vi.rss", "application/rss+xml; charset=utf-8"),
        ("feeds/all-en.json", "application/feed+json; charset=utf-8"),
        ("feeds.opml", "text/x-opml; charset=utf-8"),
    ] {
        let answer = site.get(&format!("/tin/{file}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{file}");
        assert_eq!(answer.header("content-type"), kind, "{file}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("vary"), "Accept-Encoding");
        assert!(answer.header("etag").starts_with('"'), "strong");
        assert!(answer.header("last-modified").ends_with("GMT"));
        let hub = if file == "feeds.opml" { "" } else { ", <https://bantin.example.vn/tin/websub>; rel=\"hub\"" };
        assert_eq!(answer.header("link"), format!("<https://bantin.example.vn/tin/{file}>; rel=\"self\"{hub}"));
        let cors = if file.ends_with("json") { "*" } else { "" };
        assert_eq!(answer.header("access-control-allow-origin"), cors, "{file}");
        assert!(answer.text().contains(&format!("https://bantin.example.vn/tin/{file}")) || file == "feeds.opml");
    }
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let site = Site::new().await;
    let first = site.get(RSS).await;
    let (etag, modified) = (first.header("etag"), first.header("last-modified"));
    for (headers, expected) in [
        (vec![("if-none-match", etag)], 304),
        (vec![("if-none-match", "\"old\"")], 200),
        (vec![("if-modified-since", modified)], 304),
        (vec![("if-none-match", "\"old\""), ("if-modified-since", modified)], 200),
        (vec![("if-none-match", "\"old\""), ("a-im", "feed")], 200),
    ] {
        let answer = site.get_with(RSS, &headers).await;
        assert_eq!(answer.status.as_u16(), expected, "{headers:?}");
        assert_eq!(answer.header("etag"), etag);
        assert!(answer.header("cache-control").contains("max-age"));
        assert_eq!(answer.body.is_empty(), expected == 304);
    }
}

#[tokio::test]
async fn codings_carry_the_same_bytes_under_their_own_etags() {
    let site = Site::new().await;
    let plain = site.get(RSS).await;
    assert_eq!(plain.header("content-encoding"), "");
    let gzip = site.get_with(RSS, &[("accept-encoding", "gzip, deflate")]).await;
    assert_eq!(gzip.header("content-encoding"), "gzip");
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&*gzip.body).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    let brotli = site.get_with(RSS, &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(brotli.header("content-encoding"), "br");
    unpacked.clear();
    brotli::Decompressor::new(&*brotli.body, 4096).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    let tags = [plain.header("etag"), gzip.header("etag"), brotli.header("etag")];
    assert!(tags[0] != tags[1] && tags[1] != tags[2], "{tags:?}");
    let again = site.get_with(RSS, &[("accept-encoding", "gzip"), ("if-none-match", tags[1])]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn head_says_what_get_would() {
    let site = Site::new().await;
    let (get, head) = (site.get(RSS).await, site.ask(Method::HEAD, RSS, &[], "").await);
    assert_eq!(head.status, StatusCode::OK);
    assert!(head.body.is_empty());
    for name in ["etag", "content-type", "last-modified", "content-length", "vary"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    assert_eq!(site.post(RSS, "").await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_renamed_section_moves_and_a_removed_one_is_gone() {
    let site = Site::with(|config| {
        let mut section = config.sections["news"].as_ref().clone();
        section.formerly = vec!["english-news".into()];
        config.sections.insert("news".into(), section.into());
        config.removed = vec!["old".into()];
    })
    .await;
    let moved = site.get("/tin/feeds/english-news.atom").await;
    assert_eq!(moved.status, StatusCode::MOVED_PERMANENTLY);
    assert_eq!(moved.header("location"), "https://bantin.example.vn/tin/feeds/news.atom");
    assert_eq!(site.get("/tin/s/english-news").await.header("location"), "https://bantin.example.vn/tin/s/news");
    assert_eq!(site.get("/tin/feeds/old.rss").await.status, StatusCode::GONE);
    assert_eq!(site.get("/tin/s/old").await.status, StatusCode::GONE);
    for path in ["never.rss", "tin-tuc.xml", "tin-tuc", "..%2fbantin.db", "manifest.json", "tin-tuc.rss%00", ".rss"] {
        assert_eq!(site.get(&format!("/tin/feeds/{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_path_of_base_url_may_be_stripped_by_a_proxy() {
    let site = Site::new().await;
    assert_eq!(site.get("/feeds/tin-tuc.rss").await.body, site.get(RSS).await.body);
    for path in ["/", "/tin", "/tin/", "/livez", "/tin/livez"] {
        assert_eq!(site.get(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn requests_are_counted() {
    let site = Site::with(|config| config.server.admin_token = Some("s3cret".to_owned().into())).await;
    site.get(RSS).await;
    let token = [("authorization", "Bearer s3cret")];
    let metrics = site.get_with("/tin/metrics", &token).await;
    assert!(metrics.text().contains("bantin_feed_requests_total{status=\"200\"} 1"), "{}", metrics.text());
    assert_eq!(site.get("/tin/metrics").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        site.get_with("/tin/metrics", &[("authorization", "Bearer s3cre")]).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn zstd_is_spoken_and_a_coding_is_made_once_a_change() {
    let site = Site::new().await;
    let plain = site.get(RSS).await;
    let zstd = [("accept-encoding", "zstd, gzip")];
    let asked = futures_util::future::join_all((0..40).map(|_| site.get_with(RSS, &zstd))).await;
    for answer in &asked {
        assert_eq!(answer.header("content-encoding"), "zstd");
        assert_eq!(answer.body, asked[0].body);
    }
    assert_eq!(zstd::decode_all(&*asked[0].body).unwrap(), plain.body);
    assert_eq!(site.feeds.made(), 1, "made once, whoever asks at the same time");
    site.get_with(RSS, &[("accept-encoding", "gzip")]).await;
    site.get_with(RSS, &[("accept-encoding", "gzip")]).await;
    assert_eq!(site.feeds.made(), 2);
}

#[tokio::test]
async fn a_query_makes_a_feed_of_its_own() {
    let site = Site::new().await;
    let body = async |path: &str| site.get(&format!("/tin/feeds/{path}")).await.text();
    let titles = |feed: &str| feed.matches("<item").count();
    for (path, count) in [
        ("tin-tuc.rss?limit=1", 1),
        ("tin-tuc.rss?limit=50", 2),
        ("tin-tuc.rss?tag=tuyen+giao", 1),
        ("tin-tuc.rss?tag=A+%26+B&tag=tuyen+giao", 2),
        ("tin-tuc.rss?q=hoi+nghi", 1),
        ("tin-tuc.rss?q=H%E1%BB%99i+ngh%E1%BB%8B&tag=none", 0),
        ("all.rss?tag=tin+tuc+%26+su+kien", 2),
        ("news.rss?q=hoi", 0),
        ("tin-tuc.rss?utm_source=x", 2),
    ] {
        assert_eq!(titles(&body(path).await), count, "{path}");
    }
    let answer = site.get("/tin/feeds/tin-tuc.atom?tag=x&q=hoi+nghi&limit=5&utm=1&tag=tuyen+giao").await;
    let own = "https://bantin.example.vn/tin/feeds/tin-tuc.atom?limit=5&q=hoi+nghi&tag=tuyen+giao&tag=x";
    assert_eq!(answer.header("link"), format!("<{own}>; rel=\"self\""), "the sorted query, and no hub");
    assert!(
        answer.text().contains(&format!("href=\"{}\" rel=\"self\"", own.replace('&', "&amp;"))),
        "{}",
        answer.text()
    );
    assert!(!answer.text().contains("rel=\"hub\"") && answer.text().contains("· “hoi nghi”, “tuyen giao”, “x”"));
    let again = [("if-none-match", answer.header("etag"))];
    let path = "/tin/feeds/tin-tuc.atom?tag=tuyen+giao&tag=x&q=hoi+nghi&limit=5";
    assert_eq!(site.get_with(path, &again).await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(site.get("/tin/feeds/tin-tuc.rss?limit=x").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.get("/tin/feeds/none.rss?limit=1").await.status, StatusCode::NOT_FOUND);

    // What is made is bounded: each query costs its network something, what is kept costs nothing.
    let mut statuses = Vec::new();
    for n in 0..70 {
        statuses.push(site.get(&format!("/tin/feeds/tin-tuc.json?q=w{n}")).await.status);
    }
    assert!(statuses[..40].iter().all(|status| *status == StatusCode::OK));
    let refused = site.get("/tin/feeds/tin-tuc.json?q=more").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.header("retry-after").parse::<i64>().unwrap() > 0);
    assert_eq!(site.get(path).await.status, StatusCode::OK, "what is kept is given");
}

#[tokio::test]
async fn who_polls_without_end_is_told_to_wait() {
    let site = Site::with(|config| config.server.trusted_proxies = vec!["192.0.2.7".parse().unwrap()]).await;
    let from = ("x-forwarded-for", "8.8.4.4");
    let etag = site.get(RSS).await.header("etag").to_owned();
    let mut polled = 0;
    let refused = loop {
        let answer = site.get_with(RSS, &[from]).await;
        if answer.status != StatusCode::OK {
            break answer;
        }
        polled += 1;
    };
    assert_eq!((polled, refused.status), (120, StatusCode::TOO_MANY_REQUESTS));
    assert!((1..=5).contains(&refused.header("retry-after").parse::<i64>().unwrap()));
    assert_eq!(site.get_with(RSS, &[("x-forwarded-for", "8.8.4.5")]).await.status, StatusCode::OK, "others are not");
    let polite = [("x-forwarded-for", "8.8.4.6"), ("if-none-match", etag.as_str())];
    for _ in 0..1_000 {
        assert_eq!(site.get_with(RSS, &polite).await.status, StatusCode::NOT_MODIFIED);
    }
    for _ in 0..200 {
        assert_eq!(site.get(RSS).await.status, StatusCode::OK, "without a proxy that is named nobody is told apart");
    }
}
