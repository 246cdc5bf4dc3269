//! A news site in the test's own process: sections, articles that come, change and go, conditional requests.
//! It counts what is asked of it.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, FixedOffset, TimeDelta};

use super::Article;

/// The site; it serves until the test ends.
pub struct Site {
    /// Its address, without a slash at the end.
    pub url: String,
    state: Arc<Mutex<Pages>>,
}

struct Pages {
    now: DateTime<FixedOffset>,
    sections: BTreeMap<String, Vec<Article>>,
    broken: BTreeMap<String, (u16, &'static str, String)>,
    asked: HashMap<String, usize>,
    unchanged: usize,
    /// How long an answer takes, how many are owed now, and the most that were owed at a time.
    slow: std::time::Duration,
    owed: usize,
    most: usize,
}

impl Site {
    /// A site without sections.
    pub async fn start() -> Self {
        let zone = FixedOffset::east_opt(7 * 3600).expect("+07:00");
        let now = bantin::clock::Clock::System.now().with_timezone(&zone);
        let now = now
            - TimeDelta::seconds(now.timestamp() % 60)
            - TimeDelta::nanoseconds(now.timestamp_subsec_nanos().into());
        let pages = Pages {
            now,
            sections: BTreeMap::new(),
            broken: BTreeMap::new(),
            asked: HashMap::new(),
            unchanged: 0,
            slow: std::time::Duration::ZERO,
            owed: 0,
            most: 0,
        };
        let state = Arc::new(Mutex::new(pages));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(page).with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, state }
    }

    /// A site with one section of `count` articles, numbered from 1.
    pub async fn with(section: &str, count: usize) -> Self {
        let site = Self::start().await;
        site.section(section, (1..=count).map(Article::new).collect());
        site
    }

    /// Puts up a section.
    pub fn section(&self, slug: &str, articles: Vec<Article>) {
        self.state.lock().expect("the site").sections.insert(slug.to_owned(), articles);
    }

    /// The address of a section's listing.
    pub fn listing(&self, slug: &str) -> String {
        format!("{}/{slug}", self.url)
    }

    /// Publishes an article.
    pub fn publish(&self, slug: &str, article: Article) {
        self.state.lock().expect("the site").sections.entry(slug.to_owned()).or_default().push(article);
    }

    /// Changes an article; its listing entry changes with it.
    pub fn change(&self, slug: &str, number: usize, change: impl FnOnce(&mut Article)) {
        let mut pages = self.state.lock().expect("the site");
        let articles = pages.sections.get_mut(slug).expect("the section");
        change(articles.iter_mut().find(|article| article.number == number).expect("the article"));
    }

    /// Answers a path with this status, type and body from now on.
    pub fn answer(&self, path: &str, status: u16, kind: &'static str, body: impl Into<String>) {
        self.state.lock().expect("the site").broken.insert(path.to_owned(), (status, kind, body.into()));
    }

    /// Serves a path as it should be again.
    pub fn mended(&self, path: &str) {
        self.state.lock().expect("the site").broken.remove(path);
    }

    /// When an article was published, as the site says it (whole minutes) in Unix seconds.
    pub fn published(&self, article: &Article) -> i64 {
        self.state.lock().expect("the site").date(article).timestamp()
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.state.lock().expect("the site").asked.get(path).copied().unwrap_or(0)
    }

    /// Takes its time for each answer, so that requests at the same time are seen.
    #[allow(dead_code, reason = "the tests of several instances share this harness")]
    pub fn slow(&self, time: std::time::Duration) {
        self.state.lock().expect("the site").slow = time;
    }

    /// The most requests that were under way at a time.
    #[allow(dead_code, reason = "the tests of several instances share this harness")]
    pub fn most_at_a_time(&self) -> usize {
        self.state.lock().expect("the site").most
    }

    /// How many requests were answered 304.
    pub fn unchanged(&self) -> usize {
        self.state.lock().expect("the site").unchanged
    }
}

async fn page(State(state): State<Arc<Mutex<Pages>>>, request: Request) -> Response {
    let slow = {
        let mut pages = state.lock().expect("the site");
        pages.owed += 1;
        pages.most = pages.most.max(pages.owed);
        pages.slow
    };
    let _owed = Owed(state.clone());
    if !slow.is_zero() {
        tokio::time::sleep(slow).await;
    }
    let path = request.uri().path().to_owned();
    let mut pages = state.lock().expect("the site");
    *pages.asked.entry(path.clone()).or_default() += 1;
    if let Some((status, kind, body)) = pages.broken.get(&path) {
        let status = StatusCode::from_u16(*status).expect("a status");
        return (status, [(header::CONTENT_TYPE, *kind)], body.clone()).into_response();
    }
    let Some(body) = pages.html(&path) else { return StatusCode::NOT_FOUND.into_response() };
    let Ok(body) = body else { return StatusCode::GONE.into_response() };
    if path.contains(".png") {
        return ([(header::CONTENT_TYPE, "image/png")], PICTURE).into_response();
    }
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    let tag = format!("\"{:x}\"", hasher.finish());
    if request.headers().get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == tag.as_bytes()) {
        pages.unchanged += 1;
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()), (header::ETAG, tag)], body).into_response()
}

/// A request under way; over when it is dropped, answered or not.
struct Owed(Arc<Mutex<Pages>>);

impl Drop for Owed {
    fn drop(&mut self) {
        if let Ok(mut pages) = self.0.lock() {
            pages.owed -= 1;
        }
    }
}

impl Pages {
    /// The page at a path; `Some(Err)` for a withdrawn article, `None` for what never was.
    fn html(&self, path: &str) -> Option<Result<String, ()>> {
        let (slug, rest) = path.trim_matches('/').split_once('/').unwrap_or((path.trim_matches('/'), ""));
        let articles = self.sections.get(slug)?;
        if rest.is_empty() {
            return Some(Ok(self.listing(slug, articles)));
        }
        let number: usize = rest.split(['-', '.']).next()?.parse().ok()?;
        let article = articles.iter().find(|article| article.number == number)?;
        Some(if article.withdrawn { Err(()) } else { Ok(self.article(article)) })
    }

    fn listing(&self, slug: &str, articles: &[Article]) -> String {
        let mut items = String::new();
        for article in articles.iter().rev().filter(|article| !article.withdrawn) {
            let _ = write!(
                items,
                "<div class=\"news-item\"><h3><a href=\"/{slug}/{}-ban-tin.html\">{}</a></h3>\n\
                 <span class=\"date\">{}</span><p class=\"summary\">{}</p></div>\n",
                article.number,
                escaped(&article.title),
                self.date(article).format("%d/%m/%Y %H:%M"),
                escaped(&article.lead)
            );
        }
        format!(
            "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Tin tức</title></head><body>\n\
             <nav><a href=\"/\">Trang chủ</a> <a href=\"/lien-he\">Liên hệ</a></nav>\n\
             <main class=\"news-list\">\n{items}</main><footer>Cổng thông tin điện tử</footer></body></html>"
        )
    }

    fn article(&self, article: &Article) -> String {
        let date = self.date(article);
        let paragraphs: String = article.body.iter().fold(String::new(), |all, p| all + "<p>" + p + "</p>\n");
        let picture = if article.picture {
            format!(
                "<figure><img src=\"{}.png\" width=\"320\" height=\"320\" alt=\"\"><figcaption>Nước lên. Ảnh: Thủy Châu\
                 </figcaption></figure>\n",
                article.number
            )
        } else {
            String::new()
        };
        format!(
            "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>{title} - Cổng thông tin</title>\n\
             <meta property=\"article:published_time\" content=\"{}\"></head><body>\n\
             <nav><a href=\"/\">Trang chủ</a></nav><article><h1 class=\"title\">{title}</h1>\n\
             <div class=\"meta\">Ngày {}</div><p class=\"lead\">{}</p>\n<div class=\"content\">{picture}{paragraphs}\
             <p><strong>Tin, ảnh: Thủy Châu</strong></p></div></article><footer>Cổng thông tin điện tử</footer></body></html>",
            date.to_rfc3339(),
            date.format("%d/%m/%Y %H:%M"),
            escaped(&article.lead),
            title = escaped(&article.title),
        )
    }

    fn date(&self, article: &Article) -> DateTime<FixedOffset> {
        self.now - TimeDelta::minutes(article.age_minutes)
    }
}

/// Plain text as HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A whole, true PNG of 320 × 320 pixels.
const PICTURE: &[u8] = include_bytes!("../../fixtures/picture.png");
