//! Pages: language, weight, links, what they must not contain.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};

use super::{Site, article, at, publish};
use crate::lifecycle::SectionHealth;

#[tokio::test]
async fn a_section_page_leads_to_its_feeds() {
    let site = Site::new().await;
    let page = site.get("/tin/s/tin-tuc").await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert_eq!(text.matches("rel=\"alternate\"").count(), 3, "{text}");
    assert!(text.contains("href=\"https://bantin.example.vn/tin/feeds/tin-tuc.rss\""));
    assert_eq!(page.header("link").matches("rel=\"alternate\"").count(), 3);
    assert!(text.contains("Hội nghị triển khai nhiệm vụ") && text.contains("Tin tức &amp; Sự kiện"));
    assert!(text.contains("href=\"/tin/s/news\""), "the other language");
    let first = site.get("/tin/").await;
    for format in ["rss", "atom", "json"] {
        let link = format!("<https://bantin.example.vn/tin/feeds/all.{format}>; rel=\"alternate\"");
        assert!(first.header("link").contains(&link), "{}", first.header("link"));
    }
    assert!(page.body.len() < 50_000, "{} bytes", page.body.len());
    assert!(text.contains("Đọc toàn bài") && text.contains("id=\""), "an article without a page is read here");
}

#[tokio::test]
async fn hostile_text_stays_text() {
    let site = Site::new().await;
    for path in
        ["/tin/", "/tin/s/tin-tuc", "/tin/subscribe?section=%3Cscript%3E&email=%22%3E%3Cscript%3E", "/tin/%3Cscript%3E"]
    {
        let page = site.get(path).await;
        let text = page.text();
        assert!(!text.contains("<script") && !text.contains("<b>đậm"), "{path}: {text}");
        assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
        assert!(!page.header("content-security-policy").contains("unsafe"));
        assert!(!text.contains(" style=") && !text.contains(" onclick="));
        assert_eq!(page.header("referrer-policy"), "no-referrer");
    }
}

#[tokio::test]
async fn the_reader_chooses_the_language() {
    let site = Site::new().await;
    for (path, header, lang) in [
        ("/tin/", "", "vi"),
        ("/tin/", "en-GB,en;q=0.9", "en"),
        ("/tin/", "fr", "vi"),
        ("/tin/?lang=en", "vi", "en"),
        ("/tin/subscribe?lang=vi", "en", "vi"),
        ("/tin/none", "en", "en"),
    ] {
        let page = site.get_with(path, &[("accept-language", header)]).await;
        assert!(page.text().contains(&format!("<html lang=\"{lang}\">")), "{path} {header}");
        assert_eq!(page.header("content-language"), lang);
        assert_eq!(page.header("vary"), "Accept-Language");
    }
    let page = site.get("/tin/subscribe?section=news&lang=en").await.text();
    assert!(page.contains("href=\"/tin/subscribe?section=news&amp;lang=vi\""), "the switch keeps the page: {page}");
    assert!(page.contains("href=\"/tin/?lang=en\""), "links keep the choice");
}

#[tokio::test]
async fn no_page_shows_the_host_header() {
    let site = Site::new().await;
    for path in ["/tin/", "/tin/s/tin-tuc", "/tin/subscribe", "/tin/status", "/tin/feeds/tin-tuc.rss"] {
        let page = site.get_with(path, &[("host", "evil.example"), ("x-forwarded-host", "evil.example")]).await;
        assert!(!page.text().contains("evil.example"), "{path}");
    }
}

#[tokio::test]
async fn older_articles_are_paged() {
    let site = Site::new().await;
    for n in 0..12 {
        let mut article = article();
        article.reading.title = format!("Bài số {n:02}");
        article.url = Some(format!("https://www.example.vn/{n}").parse().unwrap());
        article.feed_date = at("2026-06-01T00:00:00Z") + chrono::Duration::days(n);
        publish(&site.store, "tin-tuc", &format!("n{n}"), &article).await;
    }
    let first = site.get("/tin/s/tin-tuc").await.text();
    assert_eq!(first.matches("<article").count(), 10);
    let older = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let second = site.get(&older).await.text();
    assert_eq!(second.matches("<article").count(), 4);
    assert!(second.contains("Bài số 00") && !second.contains("Bài số 11") && !second.contains("rel=\"next\""));
    for wrong in ["x", "1", "1-", "1-x"] {
        let page = site.get(&format!("/tin/s/tin-tuc?before={wrong}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{wrong}");
    }
}

#[tokio::test]
async fn readiness_names_its_reasons() {
    let site = Site::new().await;
    assert_eq!(site.get("/readyz").await.text(), "ok\n");
    site.health.set("telegram", Some("the token was refused".into()));
    let answer = site.get("/tin/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.text(), "telegram: the token was refused\n");
    assert_eq!(site.get("/livez").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_public_status_says_no_more_than_it_must() {
    let site = Site::with(|config| config.server.admin_token = Some("s3cret".to_owned().into())).await;
    let trouble = "http://10.0.0.5/internal answered 500".to_owned();
    let look = Some(at("2026-07-10T00:00:00Z"));
    let way = "rss https://internal.example.vn/rss/tin.rss".to_owned();
    let health =
        SectionHealth { last_look: look, trouble: trouble.clone(), way: way.clone(), ..SectionHealth::default() };
    site.health.section("tin-tuc", health);
    site.health.planned("tin-tuc", at("2026-07-10T01:00:00Z"), true);
    let public = site.get("/tin/status?lang=en").await.text();
    assert!(public.contains("Could not be read") && !public.contains(&trouble), "{public}");
    assert!(!public.contains(&way) && !public.contains("left out"), "{public}");
    assert!(public.contains("Friday, 10 July 2026 07:00"), "local time: {public}");
    let admin = site.get_with("/tin/status?lang=en", &[("authorization", "Bearer s3cret")]).await.text();
    assert!(admin.contains(&trouble) && admin.contains(&way) && admin.contains("left out"), "{admin}");
    let asked = site.get_with("/tin/status", &[("accept", "application/json")]).await;
    assert_eq!(asked.header("content-type"), "application/json");
    assert!(asked.header("vary").contains("Accept"));
    let told: serde_json::Value = serde_json::from_str(&asked.text()).unwrap();
    let section = told["sections"].as_array().unwrap().iter().find(|section| section["slug"] == "tin-tuc").unwrap();
    assert_eq!(section["next_look"], "2026-07-10T01:00:00Z");
    assert_eq!((&section["backs_off"], &section["well"]), (&true.into(), &false.into()));
    assert!(!asked.text().contains("internal") && !asked.text().contains("10.0.0.5"), "for everybody");
}

#[tokio::test]
async fn without_a_token_metrics_answer_this_machine_only() {
    let site = Site::new().await;
    assert_eq!(site.get("/metrics").await.status, StatusCode::UNAUTHORIZED);
    for (forwarded, expected) in [(None, StatusCode::OK), (Some("203.0.113.9"), StatusCode::UNAUTHORIZED)] {
        let mut request = Request::get("/metrics");
        if let Some(client) = forwarded {
            request = request.header("x-forwarded-for", client);
        }
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo("127.0.0.1:1".parse::<SocketAddr>().unwrap()));
        assert_eq!(site.send(request).await.status, expected, "{forwarded:?}");
    }
}

#[tokio::test]
async fn the_style_sheet_is_kept_until_it_changes() {
    let site = Site::new().await;
    let page = site.get("/tin/").await.text();
    let href = page.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(href.starts_with("/tin/style.css?v="), "{href}");
    let style = site.get(href).await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert!(style.header("cache-control").contains("immutable"));
    assert!(!style.text().contains("url(") && !style.text().contains("@import"), "nothing from elsewhere");
}

#[tokio::test]
async fn a_search_finds_without_accents_and_only_in_its_section() {
    let site = Site::new().await;
    for (n, title) in ["Đảng bộ tỉnh họp", "Bộ đội giúp dân", "100% hộ có điện", "Lễ hội"].into_iter().enumerate()
    {
        let mut article = article();
        (article.reading.title, article.reading.lead) = (title.to_owned(), None);
        article.url = Some(format!("https://www.example.vn/tim/{n}").parse().unwrap());
        publish(&site.store, "tin-tuc", &format!("tim{n}"), &article).await;
    }
    for (asked, expected) in [
        ("dang+bo", vec!["Đảng bộ tỉnh họp"]),
        ("%C4%90%E1%BA%A3ng+b%E1%BB%99", vec!["Đảng bộ tỉnh họp"]),
        ("BO", vec!["Đảng bộ tỉnh họp", "Bộ đội giúp dân"]),
        ("hop+tinh", vec!["Đảng bộ tỉnh họp"]),
        ("100%25", vec!["100% hộ có điện"]),
        ("_", vec![]),
        ("khong+co+gi", vec![]),
    ] {
        let page = site.get(&format!("/tin/s/tin-tuc?q={asked}")).await;
        let text = page.text();
        assert_eq!(text.matches("<article").count(), expected.len(), "{asked}: {text}");
        assert!(expected.iter().all(|title| text.contains(title)), "{asked}");
        assert!(text.contains("name=\"robots\" content=\"noindex\""), "{asked}");
    }
    let other = site.get("/tin/s/news?q=dang+bo").await.text();
    assert_eq!(other.matches("<article").count(), 0);
    let page = site.get("/tin/s/tin-tuc?q=%3Cscript%3E").await.text();
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
    let mut last = StatusCode::OK;
    for _ in 0..70 {
        last = site.get("/tin/s/tin-tuc?q=x").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS, "a search costs more than a page");
    assert_eq!(site.get("/tin/s/tin-tuc").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_status_shows_its_charts_and_opens_to_the_token_only() {
    let site = Site::with(|config| config.server.admin_token = Some("s3cret".to_owned().into())).await;
    let look =
        crate::lifecycle::PastLook { at: at("2026-07-10T00:00:00Z"), found: Some((20, 3)), trouble: String::new() };
    site.health.looked("tin-tuc", look);
    let public = site.get("/tin/status?lang=en").await;
    let text = public.text();
    assert!(text.contains("<svg") && text.contains("Articles a day in the last 14 days: 0,"), "{text}");
    assert!(text.contains("type=\"password\"") && !text.contains("20 articles listed"), "{text}");
    assert!(public.header("cache-control").contains("max-age"));
    let wrong = site.post("/tin/status?lang=en", "token=guess").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.text().contains("This token is not right") && !wrong.text().contains("20 articles listed"));
    let admin = site.post("/tin/status?lang=en", "token=s3cret").await;
    assert_eq!(
        (admin.status, admin.header("cache-control"), admin.header("set-cookie")),
        (StatusCode::OK, "no-store", "")
    );
    assert!(admin.text().contains("20 articles listed, 3 new") && admin.text().contains("Nothing is held"));
    let mut last = StatusCode::OK;
    for _ in 0..30 {
        last = site.post("/tin/status", "token=guess").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS, "guessing is slowed down");
    let closed = Site::new().await;
    assert_eq!(closed.post("/tin/status", "token=").await.status, StatusCode::UNAUTHORIZED, "no token opens nothing");
}

#[tokio::test]
async fn an_article_and_a_digest_have_a_page_of_their_own() {
    let site = Site::new().await;
    let section = site.store.section("tin-tuc").await.unwrap().unwrap();
    let articles = site.store.older_articles(section.id, None, 10).await.unwrap();
    let path = format!("/tin/s/tin-tuc/{}", articles[0].id);
    let page = site.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("noindex") && page.body.len() < 50_000);
    assert_eq!(site.get(&format!("/tin/s/news/{}", articles[0].id)).await.status, StatusCode::NOT_FOUND);
    for wrong in ["/tin/s/tin-tuc/1", "/tin/s/tin-tuc/x", "/tin/digest/x", "/tin/digest/"] {
        assert_eq!(site.get(wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    let list = crate::store::DigestPage {
        cadence: "weekly".to_owned(),
        at: site.clock.now_ms(),
        articles: articles.iter().map(|article| (article.id, "tin-tuc".to_owned())).collect(),
    };
    site.store.keep_digest_page(&list.name(), &list, site.clock.now_ms()).await.unwrap();
    let digest = site.get(&format!("/tin/digest/{}?lang=en", list.name())).await.text();
    assert!(digest.contains("Weekly news") && digest.contains("2 new articles"), "{digest}");
    site.store.withdraw(articles[0].id, site.clock.now_ms()).await.unwrap();
    assert_eq!(site.get(&path).await.status, StatusCode::GONE);
    let digest = site.get(&format!("/tin/digest/{}?lang=en", list.name())).await.text();
    assert!(digest.contains("1 new article"), "what was withdrawn is gone from digests too: {digest}");
}

#[tokio::test]
async fn pages_stay_light_with_many_sections() {
    let site = Site::with(|config| {
        let one = config.sections["tin-tuc"].as_ref().clone();
        for n in 0..38 {
            let mut section = one.clone();
            section.slug = format!("chuyen-muc-so-{n}");
            section.name = format!("Chuyên mục thứ {n} của cổng thông tin");
            config.sections.insert(section.slug.clone(), section.into());
        }
    })
    .await;
    for path in ["/tin/", "/tin/status", "/tin/subscribe"] {
        let page = site.get(path).await;
        assert!(page.body.len() < 50_000, "{path}: {} bytes for 40 sections", page.body.len());
    }
}
