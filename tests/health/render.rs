//! The pages of the simulated site, whole and broken.

use std::fmt::Write;

use chrono::{DateTime, Utc};

use crate::site::{Article, Fault, Pages};

/// The address of an article.
fn address(article: &Article, fault: Option<Fault>) -> String {
    match fault {
        Some(Fault::NewAddresses | Fault::NewAddressesAndDates) => format!("/bai-viet/2026/id-{}.html", article.number),
        _ if article.number > 10_000 => format!("/chuyen-muc/kinh-te/ban-tin-{}.html", article.number),
        _ => format!("/chuyen-muc/tin-tuc/ban-tin-{}.html", article.number),
    }
}

fn frame(title: &str, body: &str, sidebar: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>{title} - Cổng thông tin</title></head>\n\
         <body><header><a href=\"/\">Cổng thông tin tỉnh</a></header>\n\
         <nav class=\"menu\"><ul><li><a href=\"/chuyen-muc/tin-tuc\">Tin tức</a></li><li><a href=\"/chuyen-muc/kinh-te\">\
         Kinh tế</a></li><li><a href=\"/lien-he\">Liên hệ</a></li></ul></nav>\n{body}\n{sidebar}\
         <footer>Bản quyền thuộc Cổng thông tin điện tử tỉnh</footer></body></html>"
    )
}

fn item(article: &Article, now: DateTime<Utc>, fault: Option<Fault>) -> String {
    let zone = chrono_tz::Asia::Ho_Chi_Minh;
    let href = address(article, fault);
    let at = if fault == Some(Fault::NewAddressesAndDates) { now } else { article.at };
    let date = if article.dated && fault != Some(Fault::DatesGone) {
        format!("<span class=\"ngay\">{}</span>", at.with_timezone(&zone).format("%d/%m/%Y %H:%M"))
    } else {
        String::new()
    };
    let picture = if article.picture && fault != Some(Fault::PicturesGone) {
        format!(
            "<a href=\"{href}\"><img src=\"/anh/{}.jpg\" width=\"320\" height=\"200\" alt=\"\"></a>",
            article.number
        )
    } else {
        String::new()
    };
    let Article { title, lead, .. } = article;
    match fault {
        Some(Fault::ClassesRenamed) => format!(
            "<div class=\"x-card\">{picture}<h4 class=\"x-head\"><a href=\"{href}\">{title}</a></h4>{date}<p class=\"x-text\">\
             {lead}</p></div>\n"
        ),
        Some(Fault::MarkupChanged) => format!(
            "<li class=\"entry\">{picture}<div><strong><a href=\"{href}\">{title}</a></strong>{date}<em>{lead}</em></div></li>\n"
        ),
        Some(Fault::TitlesReadMore) => format!(
            "<div class=\"tin\">{picture}<h3><a href=\"{href}\">Xem chi tiết bài viết</a></h3>{date}<p class=\"tom-tat\">{lead}\
             </p></div>\n"
        ),
        _ => format!(
            "<div class=\"tin\">{picture}<h3><a href=\"{href}\">{title}</a></h3>{date}<p class=\"tom-tat\">{lead}</p></div>\n"
        ),
    }
}

/// A page of the list, with its media type.
pub fn list(pages: &mut Pages, page: usize) -> (&'static str, Vec<u8>) {
    let fault = pages.fault;
    let html = "text/html; charset=utf-8";
    let list = match fault {
        Some(Fault::OtherSection) => pages.others.iter().rev().cloned().collect(),
        Some(Fault::HomeInstead) => return (html, home(pages).into_bytes()),
        Some(Fault::ScriptRoot) => {
            let body = "<!DOCTYPE html><html><head><title>Tin tức</title><script src=\"/app.js\"></script></head><body>\
                        <noscript>Hãy bật JavaScript để xem trang này.</noscript><div id=\"app\"></div></body></html>";
            return (html, body.into());
        }
        Some(Fault::Captcha) => {
            let body = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><h1>Xác minh bạn là người</h1>\
                        <form id=\"challenge-form\" action=\"/verify\"><p>Vui lòng nhập mã captcha để tiếp tục.</p></form>\
                        </body></html>";
            return (html, body.into());
        }
        Some(Fault::Emptied) => Vec::new(),
        _ => pages.listed(),
    };
    let per_page = pages.per_page;
    let shown: Vec<&Article> = list.iter().skip((page - 1) * per_page).take(per_page).collect();
    let half = if fault == Some(Fault::HalfGone) { shown.len() / 2 } else { shown.len() };
    let items: String = shown.iter().take(half).map(|article| item(article, pages.now, fault)).collect();
    let items = if fault == Some(Fault::MarkupChanged) { format!("<ul class=\"entries\">{items}</ul>") } else { items };
    let next = if list.len() > page * per_page && fault != Some(Fault::PagerGone) {
        format!(
            "<ul class=\"pagination\"><li class=\"active\">{page}</li><li><a href=\"?page={}\">{}</a></li></ul>",
            page + 1,
            page + 1
        )
    } else {
        String::new()
    };
    let mut sidebar = String::new();
    if pages.sidebar {
        sidebar.push_str("<aside class=\"doc-nhieu\"><h4>Đọc nhiều</h4><ul>");
        for article in pages.others.iter().take(8) {
            let _ = write!(sidebar, "<li><a href=\"{}\">{}</a></li>", address(article, None), article.title);
        }
        sidebar.push_str("</ul></aside>");
    }
    let container = if fault == Some(Fault::ClassesRenamed) { "x-list" } else { "danh-sach" };
    let text = frame("Tin tức", &format!("<main><div class=\"{container}\">\n{items}</div>{next}</main>"), &sidebar);
    match fault {
        // UTF-8 that went through windows-1252 once more.
        Some(Fault::BrokenLetters) => (html, text.bytes().map(cp1252).collect::<String>().into_bytes()),
        Some(Fault::QuestionMarks) => {
            (html, text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect::<String>().into())
        }
        _ => (html, text.into_bytes()),
    }
}

/// What a byte is read as in windows-1252.
fn cp1252(byte: u8) -> char {
    let (text, _, _) = encoding_rs::WINDOWS_1252.decode(std::slice::from_ref(&byte));
    text.chars().next().unwrap_or('?')
}

/// The front page: what is new in the whole site.
pub fn home(pages: &Pages) -> String {
    let own = pages.articles.iter().rev().take(3);
    let others = pages.others.iter().rev().take(15);
    let items: String = own.chain(others).map(|article| item(article, pages.now, None)).collect();
    frame("Trang chủ", &format!("<main><div class=\"danh-sach\">{items}</div></main>"), "")
}

/// The section as RSS.
pub fn feed(list: &[Article], items: usize) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel><title>Tin tức</title><link>http://localhost/</link>\
         <description>Tin</description>",
    );
    for article in list.iter().take(items) {
        let _ = write!(
            out,
            "<item><title>{}</title><link>{}</link><guid isPermaLink=\"false\">bai-{}</guid><description>{}</description>\
             <pubDate>{}</pubDate></item>",
            article.title,
            address(article, None),
            article.number,
            article.lead,
            article.at.to_rfc2822()
        );
    }
    out + "</channel></rss>"
}

/// The page of an article.
pub fn article(article: &Article, fault: Option<Fault>) -> String {
    let Article { title, lead, .. } = article;
    if fault == Some(Fault::BodiesGone) {
        return frame(title, &format!("<div><h1>{title}</h1><div class=\"x-body\"></div></div>"), "");
    }
    let text: String = (1..6).fold(String::new(), |all, n| {
        all + &format!(
            "<p>Đoạn {n}: {lead} Các đại biểu đã thảo luận, thống nhất nhiều giải pháp và giao nhiệm vụ cụ thể.</p>\n"
        )
    });
    frame(
        title,
        &format!("<article><h1>{title}</h1><p class=\"sapo\">{lead}</p><div class=\"noi-dung\">{text}</div></article>"),
        "",
    )
}
