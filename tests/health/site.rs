//! A news site that lives by a virtual clock: sections, articles that come and go, and everything that can happen to it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};

use crate::render;

/// Numbers that look random and are the same for a seed (`SplitMix64`).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, most: u64) -> u64 {
        self.roll() % most.max(1)
    }

    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }
}

/// What has happened to the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    ClassesRenamed,
    MarkupChanged,
    Emptied,
    ScriptRoot,
    Captcha,
    Forbidden,
    ServerError,
    NotFound,
    NewAddresses,
    NewAddressesAndDates,
    DatesGone,
    PicturesGone,
    HalfGone,
    NextPageFails,
    NextPageSame,
    PagerGone,
    OtherSection,
    SentHome,
    HomeInstead,
    PageForFeed,
    BrokenLetters,
    QuestionMarks,
    TitlesReadMore,
    BodiesGone,
}

/// An article of the site.
#[derive(Debug, Clone)]
pub struct Article {
    pub number: usize,
    pub title: String,
    pub lead: String,
    pub at: DateTime<Utc>,
    pub picture: bool,
    pub dated: bool,
    pub withdrawn: bool,
}

/// The whole site.
pub struct Pages {
    pub now: DateTime<Utc>,
    pub dice: Dice,
    /// The section that is watched, the newest article last.
    pub articles: Vec<Article>,
    /// The articles of another section.
    pub others: Vec<Article>,
    pub fault: Option<Fault>,
    pub per_page: usize,
    /// Articles that stand on top whatever comes.
    pub pinned: usize,
    /// Whether the order changes from look to look.
    pub shuffled: bool,
    /// Whether a box with the most read articles stands beside the list.
    pub sidebar: bool,
    /// Share of articles with a picture and with a date.
    pub pictures: u64,
    pub dates: u64,
    pub feed: bool,
}

/// The site, served until the test ends.
pub struct Site {
    pub url: String,
    pub pages: Arc<Mutex<Pages>>,
}

const WHAT: &[&str] = &[
    "Khai mạc hội nghị",
    "Triển khai kế hoạch",
    "Kiểm tra công tác",
    "Tổng kết phong trào",
    "Khởi công dự án",
    "Bàn giao công trình",
    "Tập huấn nghiệp vụ",
    "Giám sát thực hiện",
    "Phát động chiến dịch",
    "Trao thưởng cuộc thi",
];
const OF: &[&str] = &[
    "nông thôn mới",
    "chuyển đổi số",
    "phòng chống thiên tai",
    "cải cách hành chính",
    "bảo vệ môi trường",
    "giảm nghèo bền vững",
    "an toàn giao thông",
    "xây dựng trường học",
    "phát triển du lịch",
    "chăm sóc sức khỏe",
];
const PLACE: &[&str] = &[
    "huyện Sông Mây",
    "xã Đồi Xanh",
    "thị trấn Bến Gió",
    "phường Cầu Đá",
    "xã Thượng Nguồn",
    "huyện Hạ Lưu",
    "thành phố Hà Giang Nam",
    "xã Tân Lập",
    "huyện Núi Đôi",
    "phường Chợ Mới",
];

impl Pages {
    pub fn new(seed: u64, now: DateTime<Utc>) -> Self {
        let mut pages = Self {
            now,
            dice: Dice(seed),
            articles: Vec::new(),
            others: Vec::new(),
            fault: None,
            per_page: 20,
            pinned: 0,
            shuffled: false,
            sidebar: false,
            pictures: 100,
            dates: 100,
            feed: false,
        };
        for back in (1..40).rev() {
            let article = pages.article(10_000 + back, now - TimeDelta::hours(5 * back as i64));
            pages.others.push(article);
        }
        pages
    }

    fn article(&mut self, number: usize, at: DateTime<Utc>) -> Article {
        let mut pick = |from: &[&str]| from[self.dice.below(from.len() as u64) as usize].to_owned();
        let (what, of, place) = (pick(WHAT), pick(OF), pick(PLACE));
        Article {
            number,
            title: format!("{what} {of} tại {place} đợt {number}"),
            lead: format!(
                "Sáng nay, tại {place}, lãnh đạo tỉnh dự buổi {} {of} lần thứ {number}.",
                what.to_lowercase()
            ),
            at,
            picture: self.dice.percent(self.pictures),
            dated: self.dice.percent(self.dates),
            withdrawn: false,
        }
    }

    /// Publishes an article now.
    pub fn publish(&mut self) {
        let at = self.now;
        self.publish_at(at);
    }

    pub fn publish_at(&mut self, at: DateTime<Utc>) {
        let number = self.articles.len() + 1;
        let article = self.article(number, at);
        self.articles.push(article);
    }

    /// The articles of the list, as it orders them.
    pub fn listed(&mut self) -> Vec<Article> {
        let there: Vec<Article> = self.articles.iter().filter(|article| !article.withdrawn).cloned().collect();
        let (pinned, rest) = there.split_at(self.pinned.min(there.len()));
        let mut list: Vec<Article> = pinned.iter().cloned().chain(rest.iter().rev().cloned()).collect();
        if self.shuffled {
            let top = list.len().min(self.per_page);
            for at in (1..top).rev() {
                list.swap(at, self.dice.below(at as u64 + 1) as usize);
            }
        }
        list
    }
}

impl Site {
    pub async fn start(pages: Pages) -> Self {
        let pages = Arc::new(Mutex::new(pages));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(answer).with_state(pages.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, pages }
    }
}

async fn answer(State(pages): State<Arc<Mutex<Pages>>>, request: Request) -> Response {
    let uri = request.uri();
    let (path, query) = (uri.path().to_owned(), uri.query().unwrap_or_default().to_owned());
    let page: usize = query.strip_prefix("page=").and_then(|n| n.parse().ok()).unwrap_or(1);
    let mut pages = pages.lock().expect("the site");
    let html = "text/html; charset=utf-8";
    let is_list = path == "/chuyen-muc/tin-tuc";
    match pages.fault {
        Some(Fault::Forbidden) if is_list => return (StatusCode::FORBIDDEN, "Forbidden").into_response(),
        Some(Fault::ServerError) if is_list => return (StatusCode::BAD_GATEWAY, "Bad gateway").into_response(),
        Some(Fault::NotFound) if is_list => return (StatusCode::NOT_FOUND, "Not found").into_response(),
        Some(Fault::NextPageFails) if is_list && page > 1 => {
            return (StatusCode::INTERNAL_SERVER_ERROR, "oops").into_response();
        }
        Some(Fault::SentHome) if is_list => return (StatusCode::FOUND, [(header::LOCATION, "/")]).into_response(),
        _ => {}
    }
    let page = if pages.fault == Some(Fault::NextPageSame) { 1 } else { page };
    let (kind, body): (&str, Vec<u8>) = if path == "/" {
        (html, render::home(&pages).into_bytes())
    } else if is_list && pages.feed && pages.fault != Some(Fault::PageForFeed) {
        let list = pages.listed();
        ("application/rss+xml", render::feed(&list, pages.per_page).into_bytes())
    } else if is_list {
        render::list(&mut pages, page)
    } else if let Some(article) = pages.articles.iter().find(|a| path.ends_with(&format!("-{}.html", a.number))) {
        (html, render::article(article, pages.fault).into_bytes())
    } else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in &body {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let tag = format!("\"{hash:x}\"");
    if request.headers().get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::ETAG, tag)], body).into_response()
}
