//! Sites made for the tests of recognition: pages by path and query, with an ETag each, counted. Each is laid out as a known
//! system does it, with articles of our own.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A site; it serves until the test ends.
pub struct Made {
    /// Its address, without a slash at the end.
    pub url: String,
    state: Arc<Mutex<Pages>>,
}

#[derive(Default)]
struct Pages {
    by_path: BTreeMap<String, (String, String)>,
    asked: HashMap<String, usize>,
    unchanged: HashMap<String, usize>,
}

impl Made {
    /// A site without pages.
    pub async fn start() -> Self {
        let state = Arc::new(Mutex::new(Pages::default()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(answer).with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, state }
    }

    /// Puts up a page at a path with its query.
    pub fn page(&self, path: &str, body: impl Into<String>) {
        self.put(path, "text/html; charset=utf-8", body);
    }

    /// Puts up anything.
    pub fn put(&self, path: &str, kind: &str, body: impl Into<String>) {
        self.state.lock().expect("the site").by_path.insert(path.to_owned(), (kind.to_owned(), body.into()));
    }

    /// Takes a page down.
    pub fn remove(&self, path: &str) {
        self.state.lock().expect("the site").by_path.remove(path);
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.state.lock().expect("the site").asked.get(path).copied().unwrap_or(0)
    }

    /// How often a path was answered with 304.
    pub fn unchanged(&self, path: &str) -> usize {
        self.state.lock().expect("the site").unchanged.get(path).copied().unwrap_or(0)
    }

    /// Puts up the pages of articles.
    pub fn articles(&self, numbers: impl IntoIterator<Item = usize>) {
        for number in numbers {
            self.page(&path_of(number), article(number));
        }
    }
}

async fn answer(State(state): State<Arc<Mutex<Pages>>>, request: Request) -> Response {
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let mut pages = state.lock().expect("the site");
    *pages.asked.entry(path.clone()).or_default() += 1;
    let Some((kind, body)) = pages.by_path.get(&path).cloned() else { return StatusCode::NOT_FOUND.into_response() };
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    let tag = format!("\"{:x}\"", hasher.finish());
    if request.headers().get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == tag.as_bytes()) {
        *pages.unchanged.entry(path).or_default() += 1;
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    ([(header::CONTENT_TYPE, kind), (header::ETAG, tag)], body).into_response()
}

/// The path of an article.
pub fn path_of(number: usize) -> String {
    format!("/bai-viet/{number}-tin-moi.html")
}

/// The title of an article.
pub fn title_of(number: usize) -> String {
    format!("Bản tin số {number:04}: Hội nghị tổng kết công tác phòng, chống thiên tai của tỉnh")
}

/// The English title of an article.
pub fn english_title_of(number: usize) -> String {
    format!("Bulletin number {number:04}: the province reviews its work on preventing natural disasters")
}

/// The page of an article.
pub fn article(number: usize) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>{title} - Cổng</title></head><body>\
         <nav><a href=\"/\">Trang chủ</a></nav><article><h1>{title}</h1>\
         <p>Sáng nay, Ủy ban nhân dân tỉnh tổ chức hội nghị tổng kết công tác năm {number} với sự tham dự của đại diện \
         các sở, ban, ngành và địa phương trên toàn tỉnh.</p>\
         <p>Theo báo cáo, trong năm qua các lực lượng đã sơ tán hơn {number} hộ dân khỏi vùng nguy hiểm và khắc phục kịp \
         thời hậu quả của mưa lũ, bảo đảm giao thông thông suốt.</p></article></body></html>",
        title = title_of(number)
    )
}

/// A listing page with what stands in its head, its articles, and what stands below them.
pub fn listing(lang: &str, head: &str, name: &str, numbers: &[usize], below: &str) -> String {
    let title = if lang == "en" { english_title_of } else { title_of };
    let mut items = String::new();
    for &number in numbers {
        let _ = writeln!(
            items,
            "<div class=\"news-item\"><a href=\"{path}\"><img src=\"/anh/{number}.jpg\" width=\"320\" height=\"200\" alt=\"\"></a>\
             <h3><a href=\"{path}\">{title}</a></h3><span class=\"date\">{:02}/{:02}/2026</span>\
             <p class=\"summary\">Tóm tắt của bài viết số {number} về công tác của tỉnh trong năm qua.</p></div>",
            number % 28 + 1,
            number / 28 % 11 + 1,
            path = path_of(number),
            title = title(number),
        );
    }
    format!(
        "<!DOCTYPE html><html lang=\"{lang}\"><head><meta charset=\"utf-8\"><title>{name} | Cổng thông tin</title>\n{head}\n\
         </head><body>\n<main><h1>{name}</h1>\n<div class=\"news-list\">\n{items}</div>\n{below}</main>\n\
         <footer>Cổng thông tin điện tử</footer></body></html>"
    )
}

/// An RSS feed with these articles.
pub fn rss(site: &str, name: &str, numbers: &[usize], head: &str) -> String {
    let mut items = String::new();
    for &number in numbers {
        let _ = writeln!(
            items,
            "<item><title>{}</title><link>{site}{}</link><guid isPermaLink=\"false\">tin_{number}</guid>\
             <description>Tóm tắt trong nguồn tin của bài viết số {number}.</description></item>",
            title_of(number),
            path_of(number)
        );
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel>\
         <title>{name}</title><link>{site}/</link><description>{name}</description>{head}\n{items}</channel></rss>"
    )
}
