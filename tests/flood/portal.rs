//! A portal with many sections, as pages and as feeds, that can move: other addresses, guids, dates, teasers, headlines
//! and another frame around the same articles.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};

/// An article of the portal.
#[derive(Debug, Clone)]
pub struct Story {
    pub section: usize,
    pub number: usize,
    pub title: String,
    pub lead: String,
    pub body: Vec<String>,
    pub at: DateTime<Utc>,
    /// Its page answers 404; the list still has it.
    pub gone: bool,
    /// Published after the move: it is dated and told as ever.
    pub young: bool,
}

/// What has happened to the portal.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each can change by itself")]
pub struct Changed {
    /// All addresses and guids.
    pub addresses: bool,
    /// All dates: every article says it is of now.
    pub dates: bool,
    /// What the lists say below the headlines.
    pub teasers: bool,
    /// The headlines in the lists; the pages keep theirs.
    pub headlines: bool,
    /// The frame around every article.
    pub frame: bool,
    /// The class by which a selector finds the entries.
    pub class: bool,
    /// A line is added to the text of every article.
    pub texts: bool,
    /// Every entry of the lists stands there a second time, under another address.
    pub twice: bool,
}

/// The state of the portal.
pub struct Pages {
    pub now: DateTime<Utc>,
    base: String,
    pub stories: Vec<Story>,
    pub changed: Changed,
    pub asked: HashMap<String, usize>,
}

/// The portal; it serves until the test ends.
pub struct Portal {
    pub url: String,
    state: Arc<Mutex<Pages>>,
}

const WHO: &[&str] = &[
    "Ủy ban nhân dân tỉnh",
    "Sở Giáo dục và Đào tạo",
    "Ban Quản lý khu kinh tế",
    "Hội Nông dân huyện",
    "Công an thành phố",
    "Trung tâm Y tế dự phòng",
    "Đoàn Thanh niên xã",
    "Hội Chữ thập đỏ",
    "Sở Giao thông Vận tải",
    "Mặt trận Tổ quốc thị xã",
    "Chi cục Kiểm lâm",
    "Liên đoàn Lao động tỉnh",
    "Trường Cao đẳng nghề",
    "Bảo hiểm xã hội huyện",
    "Sở Khoa học và Công nghệ",
];
const DOES: &[&str] = &[
    "khánh thành",
    "phát động",
    "kiểm tra",
    "tổng kết",
    "bàn giao",
    "nghiệm thu",
    "đề xuất",
    "triển khai",
    "lấy ý kiến về",
    "tập huấn về",
    "giám sát",
    "ký kết",
    "mở rộng",
    "rà soát",
    "công bố",
];
const WHAT: &[&str] = &[
    "công trình cấp nước sạch",
    "mô hình trồng rừng gỗ lớn",
    "tuyến đường liên xã",
    "chương trình sữa học đường",
    "kế hoạch phòng chống lụt bão",
    "đề án chuyển đổi số",
    "quỹ khuyến học dòng họ",
    "hệ thống camera an ninh",
    "dự án nhà ở xã hội",
    "lớp học xóa mù chữ",
    "chợ phiên vùng cao",
    "phong trào đọc sách",
    "cụm công nghiệp làng nghề",
    "bếp ăn từ thiện",
    "vườn cây ăn quả đặc sản",
];
const WHERE: &[&str] = &[
    "ở xã Đồi Xanh",
    "tại phường Cầu Đá",
    "ở huyện Sông Mây",
    "tại thị trấn Bến Gió",
    "ở thôn Thượng Nguồn",
    "tại xã Tân Lập",
    "ở bản Nà Phòn",
    "tại khu phố Chợ Mới",
    "ở vùng Hạ Lưu",
    "tại xã đảo Hòn Nghệ",
    "ở cù lao Ông Chưởng",
    "tại buôn Ea Tlá",
];
const HOW: &[&str] = &[
    "với sự góp sức của bà con",
    "trước mùa mưa năm nay",
    "sau nhiều tháng chuẩn bị",
    "nhằm phục vụ người dân vùng khó",
    "theo nghị quyết của hội đồng",
    "bằng nguồn vốn xã hội hóa",
    "trong không khí phấn khởi",
    "dù thời tiết không thuận lợi",
    "và giao nhiệm vụ cho từng đơn vị",
    "với cam kết giữ gìn lâu dài",
];

/// Numbers that look random and are the same for a seed (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn of<'a>(&mut self, from: &[&'a str]) -> &'a str {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        from[usize::try_from((z ^ (z >> 31)) % from.len() as u64).expect("small")]
    }

    fn sentence(&mut self) -> String {
        let (who, does, what) = (self.of(WHO), self.of(DOES), self.of(WHAT));
        format!("{who} {does} {what} {} {}", self.of(WHERE), self.of(HOW))
    }
}

impl Story {
    fn new(section: usize, number: usize, at: DateTime<Utc>) -> Self {
        let mut dice = Dice((section * 100_000 + number) as u64);
        let mut paragraph = || format!("{}. {}. {}.", dice.sentence(), dice.sentence(), dice.sentence());
        let body = (0..4).map(|_| paragraph()).collect();
        let title = dice.sentence();
        let lead = format!("Ngày cuối tuần, {}.", dice.sentence());
        Self { section, number, title, lead, body, at, gone: false, young: false }
    }

    /// Where its page stands.
    fn path(&self, changed: Changed) -> String {
        if changed.addresses {
            let code = (self.section * 100_000 + self.number) as u64;
            format!("/vi/noi-dung/{:x}.aspx", code.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 16)
        } else {
            format!("/muc-{}/bai-{}.html", self.section, self.number)
        }
    }

    fn shown(&self, changed: Changed, now: DateTime<Utc>) -> (String, String, DateTime<Utc>) {
        let mut dice = Dice((self.section * 100_000 + self.number + 77_000_000) as u64);
        let title = if changed.headlines && !self.young { dice.sentence() } else { self.title.clone() };
        let lead = if changed.teasers && !self.young { format!("{}…", dice.sentence()) } else { self.lead.clone() };
        // A migration writes all articles within minutes.
        let written = now - TimeDelta::seconds(i64::try_from(self.number % 600).unwrap_or(0));
        (title, lead, if changed.dates && !self.young { written } else { self.at })
    }
}

impl Portal {
    /// A portal of so many sections and articles each, the newest a quarter of an hour old.
    pub async fn start(sections: usize, articles: usize) -> Self {
        let now = bantin::clock::Clock::System.now();
        let story = |section, number: usize| {
            let back = i64::try_from(articles - number).expect("few");
            Story::new(section, number, now - TimeDelta::minutes(15 + 47 * back))
        };
        let stories = (0..sections).flat_map(|s| (1..=articles).map(move |n| story(s, n))).collect();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let pages = Pages { now, base: url.clone(), stories, changed: Changed::default(), asked: HashMap::new() };
        let state = Arc::new(Mutex::new(pages));
        let router = Router::new().fallback(page).with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, state }
    }

    pub fn pages(&self) -> MutexGuard<'_, Pages> {
        self.state.lock().expect("the portal")
    }

    /// Publishes a truly new article; its headline.
    pub fn publish(&self, section: usize) -> String {
        let now = bantin::clock::Clock::System.now();
        self.publish_at(section, now)
    }

    /// The same with a date of its own.
    pub fn publish_at(&self, section: usize, at: DateTime<Utc>) -> String {
        let mut pages = self.pages();
        let number = 1 + pages.stories.iter().filter(|story| story.section == section).count();
        let story = Story { young: true, ..Story::new(section, number, at) };
        let title = story.title.clone();
        pages.stories.push(story);
        title
    }

    /// How often a page was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.pages().asked.get(path).copied().unwrap_or(0)
    }
}

async fn page(State(state): State<Arc<Mutex<Pages>>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let mut pages = state.lock().expect("the portal");
    *pages.asked.entry(path.clone()).or_default() += 1;
    let section = |prefix: &str, suffix: &str| path.strip_prefix(prefix)?.strip_suffix(suffix)?.parse::<usize>().ok();
    let (kind, body) = if let Some(section) = section("/muc-", "") {
        ("text/html; charset=utf-8", pages.listing(section))
    } else if let Some(section) = section("/rss/", ".xml") {
        ("application/rss+xml; charset=utf-8", pages.feed(section))
    } else {
        let changed = pages.changed;
        match pages.stories.iter().find(|story| story.path(changed) == path) {
            Some(story) if !story.gone => ("text/html; charset=utf-8", article(story, changed, pages.now)),
            _ => return StatusCode::NOT_FOUND.into_response(),
        }
    };
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}

impl Pages {
    fn of(&self, section: usize) -> Vec<&Story> {
        let mut stories: Vec<&Story> = self.stories.iter().filter(|story| story.section == section).collect();
        stories.sort_by_key(|story| std::cmp::Reverse(story.number));
        stories
    }

    fn listing(&self, section: usize) -> String {
        let class = if self.changed.class { "muc-tin-moi" } else { "tin" };
        let mut items = String::new();
        for story in self.of(section) {
            let (title, lead, at) = story.shown(self.changed, self.now);
            let at = at.with_timezone(&chrono_tz::Asia::Ho_Chi_Minh).format("%d/%m/%Y %H:%M:%S");
            let path = story.path(self.changed);
            let _ = writeln!(
                items,
                "<div class=\"{class}\"><h3><a href=\"{path}\">{title}</a></h3><span class=\"ngay\">{at}</span>\
                 <p class=\"tom-tat\">{lead}</p></div>"
            );
            if self.changed.twice {
                let _ = writeln!(
                    items,
                    "<div class=\"{class}\"><h3><a href=\"{path}?vi-tri=2\">{title}</a></h3><span class=\"ngay\">{at}</span>\
                     <p class=\"tom-tat\">{lead}</p></div>"
                );
            }
        }
        format!(
            "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Mục {section}</title></head><body>\
             <nav><a href=\"/\">Trang chủ</a></nav><main>\n{items}</main><footer>Cổng thông tin</footer></body></html>"
        )
    }

    fn feed(&self, section: usize) -> String {
        let mut items = String::new();
        for story in self.of(section) {
            let (title, lead, at) = story.shown(self.changed, self.now);
            let path = story.path(self.changed);
            let guid =
                if self.changed.addresses { format!("moi:{path}") } else { format!("bai-{section}-{}", story.number) };
            let _ = writeln!(
                items,
                "<item><title>{title}</title><link>{}{path}</link><guid isPermaLink=\"false\">{guid}</guid>\
                 <description>{lead}</description><pubDate>{}</pubDate></item>",
                self.base,
                at.to_rfc2822()
            );
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel><title>Mục {section}</title>\
             <link>/muc-{section}</link><description>Tin</description>\n{items}</channel></rss>"
        )
    }
}

fn article(story: &Story, changed: Changed, now: DateTime<Utc>) -> String {
    let (_, _, at) = story.shown(changed, now);
    let checked = if changed.texts { " Số liệu đã được kiểm tra lại." } else { "" };
    let (title, lead) = (&story.title, format!("{}{checked}", story.lead));
    let mut body: String = story.body.iter().fold(String::new(), |all, p| all + "<p>" + p + "</p>\n");
    if changed.texts {
        body += "<p>Bài viết đã được cập nhật sau khi kiểm tra lại các số liệu trong toàn bộ chuyên mục.</p>";
    }
    let time = at.to_rfc3339();
    if changed.frame {
        return format!(
            "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>{title} | Cổng mới</title>\
             <meta property=\"article:published_time\" content=\"{time}\"></head><body><header>Cổng thông tin mới</header>\
             <section id=\"noi-dung-moi\"><h1>{title}</h1><div class=\"mo-dau\">{lead}</div><div class=\"than-bai\">{body}\
             <p>Theo dõi chúng tôi trên mạng xã hội.</p></div></section><footer>Bản quyền</footer></body></html>"
        );
    }
    format!(
        "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>{title} - Cổng thông tin</title>\
         <meta property=\"article:published_time\" content=\"{time}\"></head><body><nav><a href=\"/\">Trang chủ</a></nav>\
         <article><h1>{title}</h1><p class=\"lead\">{lead}</p><div class=\"content\">{body}</div></article>\
         <footer>Cổng thông tin điện tử</footer></body></html>"
    )
}
