//! What a site asks of its guests is obeyed: robots.txt, Retry-After, a rest after failures.

use std::sync::Mutex;

use axum::extract::State;
use futures_util::future::BoxFuture;

use super::*;
use crate::config::Section;

/// What the site answers to `/robots.txt`, and what it was asked.
#[derive(Debug, Clone)]
struct Site {
    url: Url,
    state: Arc<Mutex<Pages>>,
}

#[derive(Debug)]
struct Pages {
    robots: (u16, String),
    page: (u16, Option<&'static str>),
    asked: Vec<String>,
}

async fn site(status: u16, robots: &str) -> Site {
    let pages = Pages { robots: (status, robots.to_owned()), page: (200, None), asked: Vec::new() };
    let state = Arc::new(Mutex::new(pages));
    let router = Router::new().fallback(answer).with_state(Arc::clone(&state));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Site { url, state }
}

async fn answer(State(state): State<Arc<Mutex<Pages>>>, request: axum::extract::Request) -> Response {
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let mut pages = state.lock().unwrap();
    pages.asked.push(path.clone());
    if path == "/robots.txt" {
        let (status, text) = pages.robots.clone();
        return (StatusCode::from_u16(status).unwrap(), text).into_response();
    }
    let (status, retry_after) = pages.page;
    let mut answer = (StatusCode::from_u16(status).unwrap(), "well").into_response();
    if let Some(retry_after) = retry_after {
        answer.headers_mut().insert("retry-after", retry_after.parse().unwrap());
    }
    answer
}

impl Site {
    fn section(&self) -> Section {
        Section::for_tests("tin", self.url.as_str())
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    fn robots(&self, status: u16, text: &str) {
        self.state.lock().unwrap().robots = (status, text.to_owned());
    }

    async fn get(&self, fetcher: &Fetcher, path: &str) -> Result<Fetched, FetchError> {
        fetcher.get(&request(&self.url.join(path).unwrap(), None)).await
    }
}

fn moving() -> (Fetcher, Clock) {
    moving_with(Arc::new(Forgetful))
}

fn moving_with(memory: Arc<dyn Memory>) -> (Fetcher, Clock) {
    let clock = Clock::manual("2026-11-22T10:00:00Z".parse().unwrap());
    let config = Config::for_tests("http://127.0.0.1/").fetch;
    (Fetcher::with(&config, clock.clone(), memory, Arc::new(guard::SystemNames)), clock)
}

fn later(clock: &Clock, seconds: i64) {
    clock.set(clock.now() + chrono::TimeDelta::seconds(seconds));
}

fn text(outcome: Result<Fetched, FetchError>) -> String {
    match outcome {
        Ok(Fetched::Document(document)) => document.text(),
        Ok(Fetched::NotModified) => "not modified".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn robots_txt_is_asked_once_a_day_and_obeyed() {
    let site = site(200, "User-agent: *\nAllow: /\n\nUser-agent: bantin\nDisallow: /rieng\nDisallow: /*?in=\n").await;
    let (fetcher, clock) = moving();
    assert_eq!(text(site.get(&fetcher, "tin").await), "well");
    assert_eq!(text(site.get(&fetcher, "tin?trang=2").await), "well");
    assert_eq!(site.asked(), ["/robots.txt", "/tin", "/tin?trang=2"]);
    let refused = text(site.get(&fetcher, "rieng/1").await);
    for piece in ["line 5 of http://127.0.0.1", "/robots.txt", "`Disallow: /rieng`", "own_site = true"] {
        assert!(refused.contains(piece), "{piece}: {refused}");
    }
    assert!(text(site.get(&fetcher, "tin?in=1").await).contains("line 6"));
    assert_eq!(site.asked(), [""; 0], "what is forbidden is not asked for");
    site.robots(200, "");
    later(&clock, 24 * 3600 - 1);
    assert!(site.get(&fetcher, "rieng/1").await.is_err());
    later(&clock, 1);
    assert_eq!(text(site.get(&fetcher, "rieng/1").await), "well");
    assert_eq!(site.asked(), ["/robots.txt", "/rieng/1"]);
}

#[tokio::test]
async fn ones_own_site_and_a_person_need_no_robots_txt() {
    let site = site(200, "User-agent: *\nDisallow: /\n").await;
    let (fetcher, _) = moving();
    assert!(site.get(&fetcher, "tin").await.is_err());
    assert!(site.get(&fetcher.of(&site.section()), "tin").await.is_err());
    let own = Section { own_site: true, ..site.section() };
    assert_eq!(text(site.get(&fetcher.of(&own), "tin").await), "well");
    assert_eq!(text(site.get(&fetcher.by_hand(), "tin").await), "well");
    let picture = site.url.join("a.png").unwrap();
    let picture = Request { want: Want::Picture, ..request(&picture, None) };
    assert!(!text(fetcher.get(&picture).await).contains("robots"), "a picture is no crawling");
    assert_eq!(site.asked(), ["/robots.txt", "/tin", "/tin", "/a.png"]);
}

#[tokio::test]
async fn a_refusal_of_robots_txt_allows_all() {
    for status in [401, 403, 404, 410] {
        let site = site(status, "User-agent: *\nDisallow: /\n").await;
        let (fetcher, _) = moving();
        assert_eq!(text(site.get(&fetcher, "tin").await), "well", "{status}");
    }
}

#[tokio::test]
async fn while_robots_txt_cannot_be_had_the_last_copy_holds_or_nothing_is_read() {
    let down = site(503, "").await;
    let (fetcher, clock) = moving();
    let refused = text(down.get(&fetcher, "tin").await);
    assert!(refused.contains("robots.txt answered 503") && refused.contains("own_site = true"), "{refused}");
    assert!(down.get(&fetcher, "tin").await.is_err());
    assert_eq!(down.asked(), ["/robots.txt"], "it is not asked at every request");
    later(&clock, 80);
    assert!(down.get(&fetcher, "tin").await.is_err());
    assert_eq!(down.asked(), ["/robots.txt"]);
    down.robots(200, "");
    later(&clock, 3600 * 5 / 4);
    assert_eq!(text(down.get(&fetcher, "tin").await), "well");

    let site = site(200, "User-agent: *\nDisallow: /rieng\n").await;
    let (fetcher, clock) = moving();
    assert_eq!(text(site.get(&fetcher, "tin").await), "well");
    site.robots(500, "");
    site.asked();
    for days in 1..30 {
        later(&clock, 24 * 3600 - 1);
        assert_eq!(text(site.get(&fetcher, "tin").await), "well", "day {days}");
        assert!(text(site.get(&fetcher, "rieng").await).contains("line 2"), "day {days}");
    }
    later(&clock, 2 * 24 * 3600);
    assert!(text(site.get(&fetcher, "tin").await).contains("answered 500"), "after thirty days it is too old");
}

#[tokio::test]
async fn a_long_robots_txt_is_read_to_its_limit() {
    let filler = "# lấp đầy cho dài thêm nữa\n".repeat(24_000);
    assert!(filler.len() > robots::MAX_BYTES);
    let site = site(200, &format!("User-agent: *\nDisallow: /a\n{filler}Disallow: /b\n")).await;
    let (fetcher, _) = moving();
    assert!(site.get(&fetcher, "a").await.is_err());
    assert_eq!(text(site.get(&fetcher, "b").await), "well");
}

#[tokio::test]
async fn a_crawl_delay_is_kept() {
    let site = site(200, "User-agent: *\nCrawl-delay: 0.2\n").await;
    let (fetcher, _) = moving();
    let began = tokio::time::Instant::now();
    for _ in 0..3 {
        assert_eq!(text(site.get(&fetcher, "tin").await), "well");
    }
    assert!(began.elapsed() >= Duration::from_millis(600), "robots.txt, and three requests a pause apart");
    let own = Section { own_site: true, ..site.section() };
    let (_, own) = (site.asked(), fetcher.of(&own));
    assert_eq!(text(site.get(&own, "tin").await), "well");
}

#[tokio::test]
async fn a_host_that_asks_to_be_left_alone_is() {
    for (status, retry_after, seconds) in [
        (429, Some("90"), 90),
        (503, Some("90"), 90),
        (503, Some("Sun, 22 Nov 2026 10:02:00 GMT"), 120),
        (429, None, 60),
        (429, Some("99999999999"), 6 * 3600),
        (503, None, 0),
        (500, Some("90"), 0),
    ] {
        let site = site(404, "").await;
        let (fetcher, clock) = moving();
        site.state.lock().unwrap().page = (status, retry_after);
        assert!(text(site.get(&fetcher, "tin").await).ends_with(&format!("answered {status}")));
        site.state.lock().unwrap().page = (200, None);
        site.asked();
        if seconds > 0 {
            later(&clock, seconds - 1);
            let resting = text(site.get(&fetcher, "khac").await);
            assert!(resting.contains("is not asked before") && resting.contains(&status.to_string()), "{resting}");
            assert_eq!(site.asked(), [""; 0]);
            later(&clock, 1);
        }
        assert_eq!(text(site.get(&fetcher, "khac").await), "well", "{status} {retry_after:?}");
    }
}

#[tokio::test]
async fn a_host_that_cannot_be_reached_is_not_tried_by_every_section() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url: Url = format!("http://{free}/").parse().unwrap();
    let (fetcher, clock) = moving();
    let first = text(fetcher.get(&request(&url, None)).await);
    assert!(first.contains("nothing listens there"), "{first}");
    let listener = tokio::net::TcpListener::bind(free).await.unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(|| async { "well" })).await.unwrap() });
    let second = text(fetcher.get(&request(&url, None)).await);
    assert!(second.contains("is not asked before") && second.contains("nothing listens there"), "{second}");
    later(&clock, 7);
    assert_eq!(text(fetcher.get(&request(&url, None)).await), "well");
}

/// What the store keeps, without a store.
#[derive(Debug, Default)]
struct Notebook(Mutex<Remembered>);

impl Memory for Notebook {
    fn of<'a>(&'a self, _host: &'a str) -> BoxFuture<'a, Remembered> {
        Box::pin(std::future::ready(self.0.lock().unwrap().clone()))
    }

    fn robots<'a>(&'a self, _host: &'a str, rules: &'a Robots, asked: i64) -> BoxFuture<'a, ()> {
        self.0.lock().unwrap().robots = Some((rules.clone(), asked));
        Box::pin(std::future::ready(()))
    }

    fn rest<'a>(&'a self, _host: &'a str, until: i64, why: &'a str) -> BoxFuture<'a, ()> {
        self.0.lock().unwrap().rest = Some((until, why.to_owned()));
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn a_restart_forgets_neither_robots_txt_nor_a_rest() {
    let site = site(200, "User-agent: *\nDisallow: /rieng\n").await;
    let memory = Arc::new(Notebook::default());
    let (fetcher, _) = moving_with(Arc::clone(&memory) as _);
    site.state.lock().unwrap().page = (503, Some("600"));
    assert!(site.get(&fetcher, "tin").await.is_err());
    assert_eq!(site.asked(), ["/robots.txt", "/tin"]);
    let (restarted, clock) = moving_with(memory);
    assert!(text(site.get(&restarted, "rieng").await).contains("line 2"));
    assert!(text(site.get(&restarted, "tin").await).contains("is not asked before 10:10:00 UTC"));
    later(&clock, 600);
    site.state.lock().unwrap().page = (200, None);
    assert_eq!(text(site.get(&restarted, "tin").await), "well");
    assert_eq!(site.asked(), ["/tin"]);
}

#[tokio::test]
async fn a_proxy_of_the_configuration_is_asked() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let proxy = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = proxy.local_addr().unwrap();
    let (told, mut heads) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = proxy.accept().await {
            let mut head = vec![0; 8192];
            let length = stream.read(&mut head).await.unwrap();
            told.send(String::from_utf8_lossy(&head[..length]).into_owned()).unwrap();
            let answer =
                b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: 4\r\n\r\nwell";
            let _ = stream.write_all(answer).await;
        }
    });
    let (fetcher, _) = moving();
    let url: Url = format!("http://{at}/").parse().unwrap();
    let through = |tls| config::Proxy::Through { url: url.clone(), tls };
    // "8.8.8.8" needs no name server.
    let section = |tls| Section {
        own_site: true,
        allow_private: false,
        proxy: Some(through(tls)),
        ..Section::for_tests("tin", "https://8.8.8.8/tin")
    };
    let old = section(true);
    assert_eq!(text(fetcher.of(&old).get(&request(&old.url, None)).await), "well");
    let head = heads.recv().await.unwrap();
    assert!(head.starts_with("GET http://8.8.8.8/tin HTTP/1.1\r\n"), "{head}");
    assert!(head.to_lowercase().contains("x-forwarded-proto: https"), "{head}");
    let modern = section(false);
    let _ = fetcher.of(&modern).get(&request(&modern.url, None)).await;
    let head = heads.recv().await.unwrap();
    assert!(head.starts_with("CONNECT 8.8.8.8:443 HTTP/1.1\r\n"), "{head}");

    let mut config = Config::for_tests("http://127.0.0.1/").fetch;
    config.allow_private = false;
    let guarded = Fetcher::new(&config, Clock::System);
    for inside in ["http://127.0.0.1/", "http://localhost/", "http://no-such-name.invalid/"] {
        let inside: Url = inside.parse().unwrap();
        let refused = text(guarded.of(&modern).get(&request(&inside, None)).await);
        assert!(refused.contains("allow_private"), "{refused}");
    }
    assert!(heads.try_recv().is_err(), "the proxy was not asked for any of these");
}
