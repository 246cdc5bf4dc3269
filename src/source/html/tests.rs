use proptest::prelude::*;

use super::*;
use crate::config::{HtmlRules, Section};
use crate::fetch::Validators;

const URL: &str = "https://tinh.example.vn/tin-tuc/";

fn read(html: &str, rules: HtmlRules) -> Listing {
    let document = Document {
        url: URL.parse().unwrap(),
        media_type: "text/html".to_owned(),
        charset: None,
        bytes: html.as_bytes().to_vec(),
        validators: Validators::default(),
        date: None,
        moved: false,
        room: crate::fetch::Room::default(),
    };
    let mut section = Section::for_tests("tin", URL);
    section.html = rules;
    crate::source::list(&document, Context { section: &section, now: "2026-11-09T10:00:00Z".parse().unwrap() }).unwrap()
}

fn paths(listing: &Listing) -> Vec<String> {
    let path = |url: &url::Url| url.as_str().trim_start_matches("https://tinh.example.vn").to_owned();
    listing.candidates.iter().map(|candidate| path(&candidate.url)).collect()
}

/// The addresses of the links marked `data-expect`, in order.
fn expected(html: &str) -> Vec<String> {
    let base: url::Url = URL.parse().unwrap();
    let document = dom_query::Document::from(html);
    document
        .select("a[data-expect]")
        .nodes()
        .iter()
        .map(|link| {
            base.join(link.attr("href").unwrap().trim())
                .unwrap()
                .as_str()
                .trim_start_matches("https://tinh.example.vn")
                .to_owned()
        })
        .collect()
}

#[test]
fn layouts_are_recognised_without_selectors() {
    for (name, html, next, dates, images) in [
        (
            "nukeviet-page",
            include_str!("../../../tests/fixtures/listings/nukeviet-page.html"),
            Some("/tin-tuc/page-2/"),
            5,
            5,
        ),
        ("nukeviet-list", include_str!("../../../tests/fixtures/listings/nukeviet-list.html"), None, 5, 0),
        ("nukeviet-grid", include_str!("../../../tests/fixtures/listings/nukeviet-grid.html"), None, 0, 5),
        ("liferay", include_str!("../../../tests/fixtures/listings/liferay.html"), Some("/web/guest/tin-tuc"), 5, 0),
        ("sharepoint", include_str!("../../../tests/fixtures/listings/sharepoint.html"), None, 5, 5),
        ("wordpress", include_str!("../../../tests/fixtures/listings/wordpress.html"), Some("/en/news/page/2/"), 4, 3),
        ("drupal", include_str!("../../../tests/fixtures/listings/drupal.html"), Some("/tin-tuc/"), 4, 0),
        ("newspaper", include_str!("../../../tests/fixtures/listings/newspaper.html"), Some("/trang-2.html"), 4, 5),
    ] {
        let listing = read(html, HtmlRules::default());
        assert_eq!(paths(&listing), expected(html), "{name}: {:#?}", listing.why);
        assert_eq!(listing.next.as_ref().map(url::Url::path), next, "{name}: next");
        let dated = listing.candidates.iter().filter(|c| c.published.is_some()).count();
        let pictured = listing.candidates.iter().filter(|c| c.image.is_some()).count();
        assert_eq!((dated, pictured), (dates, images), "{name}: dates and pictures {:#?}", listing.candidates);
        assert!(listing.candidates.iter().all(|c| c.title.is_some()), "{name}");
    }
}

#[test]
fn fields_of_a_card_are_read() {
    let listing = read(include_str!("../../../tests/fixtures/listings/nukeviet-page.html"), HtmlRules::default());
    let first = &listing.candidates[0];
    assert_eq!(first.title.as_deref(), Some("Khánh thành cầu qua sông Đá ở phía bắc huyện"));
    assert_eq!(first.published.as_ref().unwrap().at.to_text(), "2026-11-08T14:35:00+07:00");
    assert_eq!(first.image.as_ref().unwrap().path(), "/anh/0.jpg");
    assert!(first.lead.as_deref().unwrap().starts_with("Cây cầu dài 300 m"));
    assert!(
        listing.why.iter().any(|why| why.contains("dropped") && why.contains("Tin xem nhiều")),
        "{:#?}",
        listing.why
    );
    let wordpress = read(include_str!("../../../tests/fixtures/listings/wordpress.html"), HtmlRules::default());
    assert_eq!(wordpress.candidates[1].image.as_ref().unwrap().path(), "/wp/1-1024.jpg");
    assert_eq!(wordpress.candidates[1].lead.as_deref(), Some(N_LEAD));
    assert!(wordpress.why.iter().any(|why| why.contains("/en/feed/")));
}

const N_LEAD: &str = "More than a hundred teachers were thanked for their years in the mountains.";

#[test]
fn selectors_override_recognition() {
    let html = "<div class=x><b class=t>Một</b> <i>20/10/2026</i><a href='/1'>đọc</a><u>dẫn</u><img src=/a.png></div>
        <div class=x><b class=t>Hai</b><a href=/2>đọc</a></div><div class=x>không</div>
        <ul><li><a href='/tin-rat-dai-va-hay-123.html'>Một tin rất dài và hay ở chỗ khác</a></ul>";
    let rule = |text: &str| Some(text.to_owned());
    let rules = HtmlRules {
        item: rule(".x"),
        title: rule(".t"),
        date: rule("i"),
        lead: rule("u"),
        image: rule("img"),
        ..HtmlRules::default()
    };
    let listing = read(html, rules);
    assert_eq!(paths(&listing), ["/1", "/2"]);
    let first = &listing.candidates[0];
    assert_eq!((first.title.as_deref(), first.lead.as_deref()), (Some("Một"), Some("dẫn")));
    assert_eq!(first.published.as_ref().unwrap().at.to_text(), "2026-10-20");
    assert_eq!(first.image.as_ref().unwrap().path(), "/a.png");
}

#[test]
fn an_empty_listing_says_why() {
    let rules = |item: &str| HtmlRules { item: Some(item.to_owned()), ..HtmlRules::default() };
    let prose = "Trang này có chữ. ".repeat(60);
    for (html, rules, word) in [
        (format!("<div class=list></div>{prose}"), rules("div.list > div.item"), "there and empty"),
        (prose.clone(), rules("div.list > div.item"), "matches nothing"),
        ("<div id=root></div><script src=app.js></script>".to_owned(), HtmlRules::default(), "JavaScript"),
        ("<title>Just a moment...</title><p>Checking".to_owned(), HtmlRules::default(), "captcha"),
        (prose.clone(), HtmlRules::default(), "no group"),
    ] {
        let listing = read(&html, rules);
        assert!(listing.candidates.is_empty());
        assert!(listing.why.last().unwrap().contains(word), "{word}: {:?}", listing.why);
    }
}

#[test]
fn json_ld_gives_the_list_where_there_are_no_cards() {
    let html = r#"<script type="application/ld+json">{"@graph":[{"@type":"BreadcrumbList","itemListElement":[{"item":"https://x.vn/"}]},
      {"@type":"ItemList","itemListElement":[{"@type":"ListItem","url":"/a-1.html","name":"A"},
      {"@type":"ListItem","item":{"@type":"NewsArticle","url":"/b-2.html","headline":"B","datePublished":"2026-11-08T08:00:00+07:00"}}]}]}</script>"#;
    let listing = read(html, HtmlRules::default());
    assert_eq!(paths(&listing), ["/a-1.html", "/b-2.html"]);
    assert_eq!(listing.candidates[1].published.as_ref().unwrap().at.to_text(), "2026-11-08T08:00:00+07:00");
}

#[test]
fn only_web_addresses_become_candidates() {
    let html: String =
        ["javascript:void(0)", "mailto:a@b.vn", "file:///etc/passwd", "data:text/html,x", "#top", "ftp://x/y"]
            .iter()
            .map(|href| format!("<h2><a href=\"{href}\">Một tiêu đề đủ dài để là bài</a></h2>"))
            .collect::<Vec<_>>()
            .concat();
    assert!(read(&html, HtmlRules::default()).candidates.is_empty());
}

#[test]
fn a_hostile_page_costs_little() {
    let class = "x".repeat(100_000);
    let deep: String =
        (0..400).map(|n| if n == 0 { format!("<div class='{class}'>") } else { "<div>".to_owned() }).collect();
    let links: Vec<String> = (0..3000)
        .map(|n| {
            format!("<section class=\"c{}\"><h2><a href=/tin-{n}.html>Tin số</a></h2></section>", "k".repeat(n % 60))
        })
        .collect();
    let begin = crate::clock::cpu_time();
    read(&format!("{deep}{}", links.concat()), HtmlRules::default());
    let took = crate::clock::cpu_time().saturating_sub(begin);
    assert!(took.as_secs() < if cfg!(debug_assertions) { 10 } else { 1 }, "{took:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_page_panics(text in "[<>/a-z =\"'0-9ạĐ&;#-]{0,300}", at in 0usize..4000) {
        let page = include_str!("../../../tests/fixtures/listings/newspaper.html");
        let mut broken: String = page.chars().take(at).collect();
        broken.push_str(&text);
        broken.extend(page.chars().skip(at));
        read(&text, HtmlRules::default());
        read(&broken, HtmlRules::default());
    }
}

/// The days and leads of a listing's articles.
fn said(listing: &Listing) -> Vec<(Option<String>, bool)> {
    let day = |candidate: &crate::article::Candidate| Some(candidate.published.as_ref()?.at.to_text());
    listing.candidates.iter().map(|candidate| (day(candidate), candidate.lead.is_some())).collect()
}

#[test]
fn what_stands_beside_the_titles_of_a_flat_list_is_theirs() {
    let titles = ["Khai trương thư viện lưu động", "Rét đậm ở vùng cao phía bắc", "Trao học bổng cho học sinh"];
    let lead = "Một đoạn dẫn đủ dài để người đọc biết bài này nói về việc gì và ở đâu.";
    let list = |one: &dyn Fn(usize, &str) -> String| -> Vec<(Option<String>, bool)> {
        let items: Vec<String> = titles.iter().enumerate().map(|(n, title)| one(n + 1, title)).collect();
        said(&read(&format!("<body><div id=main>{}</div></body>", items.concat()), HtmlRules::default()))
    };
    let title = |n: usize, title: &str| format!("<a href=/tin/bai-viet-so-{n}-123{n}.html>{title}</a>");
    let days = |lead: bool| -> Vec<(Option<String>, bool)> {
        (1..=3).map(|n| (Some(format!("2026-11-0{n}")), lead)).collect()
    };
    let below = |n: usize, text: &str| format!("<h3>{}</h3><p>0{n}/11/2026</p><p>{lead}</p><hr>", title(n, text));
    assert_eq!(list(&below), days(true), "below the title");
    let above = |n: usize, text: &str| format!("<p>0{n}/11/2026</p><h3>{}</h3>", title(n, text));
    assert_eq!(list(&above), days(false), "above the title");
    let rows = |n: usize, text: &str| {
        format!(
            "<table><tr><td>{}</td></tr></table><table><tr><td>Ngày 0{n}/11/2026</td></tr><tr><td>{lead}</td></tr></table>",
            title(n, text)
        )
    };
    assert_eq!(list(&rows), days(true), "in a table of its own");
    let terms = |n: usize, text: &str| format!("<dt>Nov {n}</dt><dd>{}</dd>", title(n, text));
    assert_eq!(list(&terms), days(false), "in the term above");
}

#[test]
fn a_day_and_month_alone_are_a_date_where_the_page_shows_that_they_are() {
    let rows = |days: [&str; 3]| {
        let row = |(n, day): (usize, &&str)| {
            format!(
                "<tr><td>{day}</td><td><a href=/tb.php?id=330{n}>Thông báo số {n} về lịch học của khóa mới</a></td></tr>"
            )
        };
        let rows: Vec<String> = days.iter().enumerate().map(row).collect();
        let listing = read(&format!("<table>{}</table>", rows.concat()), HtmlRules::default());
        said(&listing).into_iter().map(|(day, _)| day.unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(rows(["7/11", "28/10", "5/10"]), ["2026-11-07", "2026-10-28", "2026-10-05"]);
    assert_eq!(rows(["1/3", "2/3", "3/3"]), ["", "", ""], "pages of three");
    assert_eq!(rows(["24/7", "1/2", "3/4"]), ["", "", ""], "a promise and fractions");
}

#[test]
fn signs_and_buttons_are_no_pictures() {
    let card = |n: usize| {
        format!(
            "<li><a href=/tin/bai-viet-so-{n}-123{n}.html>Bài viết số {n} của trang tin hôm nay</a><img src=/new.gif>\
             <a href=/tep-{n}.pdf><img src=/tai-ve-{n}.png></a><img src=/images/pdf_button.png></li>"
        )
    };
    let listing = read(&format!("<ul>{}</ul>", (1..=4).map(card).collect::<String>()), HtmlRules::default());
    assert_eq!(listing.candidates.len(), 4, "{:#?}", listing.why);
    assert!(listing.candidates.iter().all(|candidate| candidate.image.is_none()), "{:#?}", listing.candidates);
}

#[test]
fn a_title_beside_its_link_is_found() {
    let card = |n: usize, title: &str| {
        format!(
            "<div class=box><h3>{title}</h3><p>Ngày 0{n}/11/2026</p><p>Một đoạn dẫn đủ dài để người đọc biết bài nói về việc gì.</p>\
             <a href=/bai-viet-so-{n}-cua-trang.html>Xem chi tiết</a></div>"
        )
    };
    let html = format!(
        "<nav><a href=/gioi-thieu>Giới thiệu chung về cơ quan</a></nav><main>{}{}{}</main>",
        card(1, "Khai trương thư viện lưu động"),
        card(2, "Rét đậm"),
        card(3, "Trao học bổng cho học sinh vùng cao")
    );
    let listing = read(&html, HtmlRules::default());
    assert_eq!(paths(&listing)[0], "/bai-viet-so-1-cua-trang.html", "{:#?}", listing.why);
    assert_eq!(listing.candidates[0].title.as_deref(), Some("Khai trương thư viện lưu động"));
    assert_eq!(listing.candidates.last().unwrap().title.as_deref(), Some("Trao học bổng cho học sinh vùng cao"));
    assert_eq!(listing.candidates[0].published.as_ref().unwrap().at.to_text(), "2026-11-01");
}

#[test]
fn short_titles_in_the_row_and_only_they_are_added() {
    let row = |title: &str, slug: &str| format!("<li><a href=/mon-an/{slug}.html>{title}</a></li>");
    let html = format!(
        "<ul>{}{}{}{}{}<li><a href=/mon-an>Xem tất cả</a></li></ul>",
        row("Cách nấu canh cá chua của người miền tây", "canh-ca-chua-1"),
        row("Bún riêu", "bun-rieu-2"),
        row("Cách làm bánh tét lá cẩm cho ngày Tết", "banh-tet-la-cam-3"),
        row("Kẹo lạc", "keo-lac-4"),
        row("Cách muối dưa cải giòn mà không bị khú", "dua-cai-muoi-5"),
    );
    let listing = read(&html, HtmlRules::default());
    let wanted = ["canh-ca-chua-1", "bun-rieu-2", "banh-tet-la-cam-3", "keo-lac-4", "dua-cai-muoi-5"];
    assert_eq!(paths(&listing), wanted.map(|slug| format!("/mon-an/{slug}.html")), "{:#?}", listing.why);
    assert_eq!(listing.candidates[1].title.as_deref(), Some("Bún riêu"));
}

#[test]
fn pagers_of_every_kind_lead_on_or_say_why_not() {
    let items: String = (0..5)
        .map(|n| format!("<h3><a href=/tin-tuc/khanh-thanh-cau-treo-dan-sinh-{n}.html>Khánh thành cầu treo dân sinh bản {n}</a></h3>"))
        .collect::<Vec<_>>()
        .concat();
    for (pager, next, why) in [
        ("<a href=/tin-tuc/trang-2.html>Trang sau &gt;&gt;</a>", Some("/tin-tuc/trang-2.html"), ""),
        ("<a href=/tin-tuc?page=2>2</a> <a href=/tin-tuc?page=3>3</a>", Some("/tin-tuc"), ""),
        ("<a class=btn href='/tin-tuc/?trang=2'>Xem thêm</a>", Some("/tin-tuc/"), ""),
        ("<button data-url='/tin-tuc/?page=2'>Tải thêm</button>", Some("/tin-tuc/"), ""),
        ("<link rel=next href=/khac/2>", Some("/khac/2"), ""),
        ("<div class=pager><a href=\"javascript:__doPostBack('x','Page$2')\">2</a></div>", None, "__doPostBack"),
        ("<ul class=pagination><li data-page=2><a>2</a></li></ul>", None, "data-page"),
        ("<a href=/tin-tuc/2026>2026</a> <a href=/lien-he>Tiếp dân</a>", None, ""),
    ] {
        let listing = read(&format!("<main>{items}</main>{pager}"), HtmlRules::default());
        assert_eq!(listing.next.as_ref().map(url::Url::path), next, "{pager} {:#?}", listing.why);
        assert!(listing.why.iter().any(|said| said.contains(why)), "{pager} {:#?}", listing.why);
    }
}

#[test]
fn a_doubtful_list_is_less_sure_than_a_plain_one() {
    let plain = read(include_str!("../../../tests/fixtures/listings/nukeviet-page.html"), HtmlRules::default());
    let menu = read(
        "<div><ul><li><a href=/gioi-thieu/co-cau-to-chuc-bo-may>Cơ cấu tổ chức bộ máy của sở</a>
         <li><a href=/gioi-thieu/chuc-nang-va-nhiem-vu>Chức năng và nhiệm vụ của sở</a></ul></div>",
        HtmlRules::default(),
    );
    assert!(plain.confidence > 0.85 && menu.confidence < 0.5, "{} {}", plain.confidence, menu.confidence);
    let rules = HtmlRules { item: Some("div.news_column".to_owned()), ..HtmlRules::default() };
    let named = read(include_str!("../../../tests/fixtures/listings/nukeviet-page.html"), rules);
    assert!((named.confidence - 1.0).abs() < 1e-6);
    assert!(plain.why.iter().any(|why| why.starts_with("confidence 0.")), "{:#?}", plain.why);
}

#[test]
fn what_an_empty_page_says_is_told() {
    let prose = "Trang này có chữ. ".repeat(60);
    for (html, word) in [
        (format!("<p>{prose}</p><p>Chưa có bài viết nào trong chuyên mục này.</p>"), "says so itself"),
        ("<form><input type=password></form><p>Mời đăng nhập để xem".to_owned(), "log in"),
    ] {
        let listing = read(&html, HtmlRules::default());
        assert!(listing.why.last().unwrap().contains(word), "{:?}", listing.why);
    }
    let rules = HtmlRules { item: Some("ul.a > li, div.list article".to_owned()), ..HtmlRules::default() };
    let listing = read(&format!("<div class=list></div><p>{prose}</p>"), rules);
    assert!(listing.why.last().unwrap().contains("there and empty"), "{:?}", listing.why);
}

#[test]
fn proposing_selectors_for_a_hostile_page_costs_little() {
    let cards: String = (0..3000)
        .map(|n| format!("<div class='c{n} k{}'><p><b><a href=/tin-tuc/bai-so-{n}-cua-trang.html>Một tiêu đề dài số {n}</a></b></div>", n % 7))
        .collect::<Vec<_>>()
        .concat();
    let document = super::score::document(&URL.parse().unwrap(), cards.as_bytes());
    let section = Section::for_tests("tin", URL);
    let begin = crate::clock::cpu_time();
    super::propose(&document, Context { section: &section, now: "2026-11-09T10:00:00Z".parse().unwrap() });
    let took = crate::clock::cpu_time().saturating_sub(begin);
    assert!(took.as_secs() < if cfg!(debug_assertions) { 10 } else { 1 }, "{took:?}");
}

#[test]
fn a_selector_for_one_field_overrules_only_that() {
    let page = include_str!("../../../tests/fixtures/listings/nukeviet-page.html");
    let rules = HtmlRules { lead: Some("p".to_owned()), ..HtmlRules::default() };
    let (plain, overruled) = (read(page, HtmlRules::default()), read(page, rules));
    assert_eq!(paths(&plain), paths(&overruled));
    assert_eq!(overruled.candidates[0].lead.as_deref(), Some("Chủ nhật - 08/11/2026 14:35"));
    assert_eq!(overruled.candidates[0].title, plain.candidates[0].title);
    assert!(overruled.why.iter().any(|why| why.contains("selectors in each recognised card: lead")));
}

#[test]
fn pictures_are_found_where_lazy_pages_keep_them() {
    for (image, path) in [
        ("<img src=/x.gif data-src=/a.jpg>", "/a.jpg"),
        ("<img srcset='/s.jpg 300w,/l.jpg 1000w, /m.jpg 600w' src=/f.jpg>", "/l.jpg"),
        ("<img srcset='/w_300,h_2/a.jpg 1x, /w_600,h_4/a.jpg 2x'>", "/w_600,h_4/a.jpg"),
        ("<img class=avatar src=/face.jpg><noscript><img src=/n.jpg></noscript>", "/n.jpg"),
        ("<div style=\"background-image: url('/b.jpg')\"></div>", "/b.jpg"),
        ("<div data-bg='url(/c.jpg)'></div>", "/c.jpg"),
        ("<picture><source srcset='/p.webp 2x'><img src='data:image/gif;base64,AA'></picture>", "/p.webp"),
    ] {
        let html = format!("<div class=x>{image}<h3><a href=/tin-1>Một tiêu đề đủ dài</a></h3></div>");
        let rules = HtmlRules { item: Some("div.x".to_owned()), ..HtmlRules::default() };
        let listing = read(&html, rules);
        assert_eq!(listing.candidates[0].image.as_ref().map(url::Url::path), Some(path), "{image}");
    }
}

#[test]
fn boxes_with_day_and_month_apart_are_dates() {
    for (month, date) in [
        ("Th3", Some("2026-03-10")),
        ("03/2025", Some("2025-03-10")),
        ("Tháng 3", Some("2026-03-10")),
        ("Mar 2025", Some("2025-03-10")),
        ("lượt xem", None),
    ] {
        let card = |n: usize| {
            format!(
                "<div class=tb><div class=ngay-box><span>10</span><span>{month}</span></div><div class=nd>\
                 <a href=/tin-tuc/thong-bao-{n}.html>Danh sách sinh viên nhận học bổng đợt {n}</a></div></div>"
            )
        };
        let cards: String = (1..9).map(card).collect();
        let listing = read(&format!("<html><body><h2>Thông báo</h2>{cards}</body></html>"), HtmlRules::default());
        assert_eq!(listing.candidates.len(), 8, "{month}: {:#?}", listing.why);
        for candidate in &listing.candidates {
            assert_eq!(candidate.published.as_ref().map(|date| date.at.to_text()).as_deref(), date, "{month}");
        }
    }
}
