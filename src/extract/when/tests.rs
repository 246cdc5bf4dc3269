//! Pages that state their dates in many ways, and in ways that contradict each other.

use crate::article::{Candidate, Moment, SourceDate};
use crate::config::{DateOrder, HtmlRules, Language};
use crate::extract::metadata;
use crate::extract::page::Page;
use crate::extract::{Context, when};

const TITLE: &str = "Triển khai nhiệm vụ công tác sáu tháng cuối năm";
const PROSE: &str = "<p>Hội nghị đánh giá kết quả đã đạt được và bàn nhiệm vụ của thời gian tới, với sự tham dự của \
                     đông đảo cán bộ trong toàn ngành và các địa phương trong tỉnh về dự.</p>";

fn context() -> Context {
    Context {
        timezone: chrono_tz::Asia::Ho_Chi_Minh,
        language: Language::Vi,
        date_order: DateOrder::Dmy,
        date_order_known: false,
        now: "2026-01-05T12:00:00+07:00".parse().unwrap(),
        rules: HtmlRules::default(),
    }
}

/// Published and updated of a page, with what its listing said.
fn dates_listed(html: &str, url: &str, listed: Option<&str>) -> (Option<String>, Option<String>) {
    let page = Page::parse(html, &url.parse().unwrap());
    let said = metadata::read(&page);
    let mut candidate = Candidate::of(page.url.clone());
    candidate.published =
        listed.map(|text| SourceDate { at: Moment::from_text(text).unwrap(), provenance: "listing".to_owned() });
    let (published, updated) = when::find(&page, &said, TITLE, &candidate, &context());
    (published.map(|date| date.at.to_text()), updated.map(|date| date.at.to_text()))
}

fn dates(html: &str) -> (Option<String>, Option<String>) {
    dates_listed(html, "https://www.example.vn/tin/a.html", None)
}

/// A page with these parts in its head, above the title, below it and behind the text.
fn page(head: &str, above: &str, below: &str, end: &str) -> String {
    format!(
        "<html lang=vi><head><title>{TITLE}</title>{head}</head><body>{above}<h1>{TITLE}</h1>{below}<div>{}</div>{end}</body></html>",
        PROSE.repeat(16)
    )
}

fn published(html: &str) -> Option<String> {
    dates(html).0
}

#[expect(clippy::unnecessary_wraps, reason = "compared with what may be absent")]
fn is(day: &str) -> Option<String> {
    Some(day.to_owned())
}

const JSON_LD: &str = r#"<script type="application/ld+json">{"@type":"NewsArticle","headline":"x","datePublished":"2019-07-08T14:35:00+07:00","dateModified":"2019-07-09T09:00:00+07:00"}</script>"#;
const NUKEVIET: &str = r#"<meta name="generator" content="NukeViet v4.5">"#;

/// The four repairs of NukeViet's machine dates; that of its feed is tested beside the feed reader.
#[test]
fn nukeviets_visible_date_comes_before_its_machine_dates() {
    let edited = r#"<meta itemprop="datePublished" content="2019-08-20T08:00:00+07:00"><meta itemprop="dateModified" content="2019-08-20T08:00:00+07:00">"#;
    let head =
        format!("{NUKEVIET}<meta property=\"article:published_time\" content=\"2019-07-08+0714:35:00\">{edited}");
    let visible = "<span class=\"h5\">Thứ hai - 08/07/2019 14:35</span>";
    assert_eq!(dates(&page(&head, "", visible, "")), (is("2019-07-08T14:35:00+07:00"), None));
    // without the visible date the malformed one is repaired …
    assert_eq!(published(&page(&head, "", "", "")), is("2019-07-08T14:35:00+07:00"));
    // … and the day of the feed, whose minutes are its month, is the last resort
    let page = page(NUKEVIET, "", "", "");
    assert_eq!(dates_listed(&page, "https://www.example.vn/a-1.html", Some("2019-07-08")).0, is("2019-07-08"));
}

#[test]
fn metadata_is_believed_and_the_last_change_kept_apart() {
    let both = (is("2019-07-08T14:35:00+07:00"), is("2019-07-09T09:00:00+07:00"));
    assert_eq!(dates(&page(JSON_LD, "", "", "")), both);
    // the day under the title agrees; the machine knows the minute
    assert_eq!(dates(&page(JSON_LD, "", "<p class=date>08/07/2019</p>", "")), both);
    assert_eq!(dates(&page(JSON_LD, "", "<p>Đăng lúc: 08/07/2019 - Cập nhật: 09/07/2019</p>", "")), both);
    let graph = r#"<script type="application/ld+json">{"@graph":[{"@type":"WebSite"},{"@type":"WebPage","datePublished":"2019-07-08T07:35:00Z"}]}</script>"#;
    assert_eq!(published(&page(graph, "", "", "")), is("2019-07-08T07:35:00Z"));
    let broken = r#"<script type="application/ld+json">{"@type":"NewsArticle","headline":"A "broken" one","datePublished":"2019-07-08"}</script>"#;
    assert_eq!(published(&page(broken, "", "", "")), is("2019-07-08"));
    let data = r#"<script>window.state = {"article":{"publishedAt":"2019-07-08T07:35:00Z"}}</script>"#;
    assert_eq!(published(&page(data, "", "", "")), is("2019-07-08T07:35:00Z"));
    let list = r#"<script>window.state = [{"publishedAt":"2019-07-08"},{"publishedAt":"2019-07-01"}]</script>"#;
    assert_eq!(published(&page(list, "", "", "")), None, "a list of articles is no article");
}

#[test]
fn the_line_nearest_to_the_title_is_the_date() {
    for (above, below) in [
        ("", "<p>08/07/2019</p>"),
        ("", "<div class=meta><span>Thủy Châu</span><span>08/07/2019</span></div>"),
        ("", "<p>Lượt xem: 7370 | Ngày đăng: 08/07/2019</p>"),
        ("", "<time datetime=\"2019-07-08\">hôm nọ</time>"),
        ("<span class=ngay>08/07/2019</span>", ""),
        ("<p>Thứ hai, 08/07/2019</p>", ""),
        ("", "<p>Ngày đăng</p><p>08/07/2019</p>"),
        ("", "<div class=date-box><div>08</div><div>Th7</div><div>2019</div></div>"),
        ("", "<abbr class=published title=\"2019-07-08\">3 ngày trước</abbr>"),
        ("<div>Hôm nay: 05/01/2026</div><p>x</p>", "<i class=date>08/07/2019</i>"),
    ] {
        assert_eq!(published(&page("", above, below, "")), is("2019-07-08"), "{above} {below}");
    }
    // old pages set their title in any element
    let old = format!(
        "<html><body><table><tr><td><b>{TITLE}</b></td></tr><tr><td>08/07/2019</td></tr></table>{PROSE}</body></html>"
    );
    assert_eq!(published(&old), is("2019-07-08"));
    // … while the only heading names the site
    let logo = format!(
        "<html><body><h1>Cổng thông tin</h1><p>{}</p><div class=tieu-de>{TITLE}</div><p>08/07/2019</p>{PROSE}</body></html>",
        "Mục ".repeat(300)
    );
    assert_eq!(published(&logo), is("2019-07-08"));
    // WordPress hides the last change behind the first
    let two = "<div>Đăng ngày <a href=/x><time class='entry-date published' datetime='2019-07-08T14:35:00+07:00'>8/7/2019</time>\
               <time class=updated datetime='2019-07-09T09:00:00+07:00'>9/7/2019</time></a></div>";
    assert_eq!(dates(&page("", "", two, "")), (is("2019-07-08T14:35:00+07:00"), is("2019-07-09T09:00:00+07:00")));
}

#[test]
fn dates_of_other_things_are_not_the_articles() {
    for other in [
        "<footer>© 2019 Bản quyền, cập nhật 08/07/2019</footer>",
        "<div class=comments><p>Lan, 08/07/2019</p></div>",
        "<div class=related><p>08/07/2019</p></div>",
        "<h3>Tin liên quan</h3><ul><li>Tin khác (08/07/2019)</li></ul>",
        "<ul><li><a href=/b>Một tin khác có tiêu đề rất dài ở đây</a> <span class=date>08/07/2019</span></li></ul>",
        "<p>Hội chợ bắt đầu ngày 08/07/2019 tại trung tâm thành phố, mời bà con tới dự đông đủ và giới thiệu sản phẩm.</p>",
        "<p>Đăng 2 giờ trước</p>",
    ] {
        assert_eq!(published(&page("", "", "", other)), None, "{other}");
        assert_eq!(published(&page("", "", other, "")), None, "below the title: {other}");
    }
    // a clock names today, with its weekday
    let clock = "<div>Thứ Hai, 05/01/2026</div>";
    assert_eq!(published(&page("", clock, "", "")), None);
}

#[test]
fn nobody_comments_on_what_is_not_published() {
    let comments = "<div class=comments><p>3 bình luận</p><div class=comment><span class=comment-time>12/03/2016</span>\
                    <p>Bài viết hay, xem thêm ngày 01/02/2013</p></div></div>";
    let shown = "<span class=date>08/07/2019</span>";
    assert_eq!(dates(&page("", "", shown, comments)), (None, is("2019-07-08")));
    // day and month may be read the wrong way round
    let near = comments.replace("12/03/2016", "10/12/2018");
    assert_eq!(published(&page("", "", shown, &near)), is("2019-07-08"));
    // what the comment tells of is no date of its own
    let later = comments.replace("12/03/2016", "12/08/2019");
    assert_eq!(published(&page("", "", shown, &later)), is("2019-07-08"));
}

#[test]
fn far_from_the_title_only_a_label_makes_a_date() {
    let end = "<p>Ngày đăng: 08/07/2019</p>";
    assert_eq!(published(&page("", "", "", end)), is("2019-07-08"));
    assert_eq!(published(&page("", "", "", "<p>08/07/2019</p>")), None);
}

#[test]
fn a_page_that_shows_its_last_change_only_has_that_date() {
    assert_eq!(
        dates(&page("", "", "<p>Cập nhật lúc 14:35, 08/07/2019</p>", "")),
        (is("2019-07-08T14:35:00+07:00"), None)
    );
    assert_eq!(published(&page("", "", "<p>Last updated</p><p>July 8, 2019</p>", "")), is("2019-07-08"));
}

#[test]
fn a_contradiction_is_settled_by_a_third_witness_or_leaves_no_date() {
    let renewed = page(JSON_LD, "", "<p>Cập nhật: 25/11/2025</p>", "");
    assert_eq!(dates(&renewed), (None, is("2025-11-25")));
    let at = |url: &str, listed: Option<&str>| dates_listed(&renewed, url, listed).0;
    let machine = is("2019-07-08T14:35:00+07:00");
    assert_eq!(at("https://www.example.vn/2019/07/a.html", None), machine);
    assert_eq!(at("https://www.example.vn/a.html", Some("2019-07-08")), machine);
    assert_eq!(at("https://www.example.vn/a.html", Some("2025-11-25")), is("2025-11-25"));
    assert_eq!(at("https://www.example.vn/2019/a.html", None), machine);
    // what was published after its last change was not
    let early = page(JSON_LD, "", "<p>Cập nhật: 01/07/2019</p>", "");
    assert_eq!(published(&early), is("2019-07-01"));
    // a small change renews nothing
    assert_eq!(published(&page(JSON_LD, "", "<p>Cập nhật: 20/07/2019</p>", "")), machine);
    // the day that somebody set under the title, against that of a database
    assert_eq!(published(&page(JSON_LD, "", "<p class=date>02/03/2018</p>", "")), is("2018-03-02"));
}

#[test]
fn the_only_h1_is_the_title_though_a_heading_in_the_text_repeats_it() {
    let text = PROSE.repeat(8);
    let renewed = format!(
        "<html lang=vi><head><title>{TITLE}</title>{JSON_LD}</head><body><h1>Nhiệm vụ nào của công tác sáu tháng cuối năm \
         cần được ưu tiên? Mời bạn đọc cùng tìm hiểu</h1><div>Cập nhật: 25/11/2025</div>{text}<h2>Sáu tháng cuối năm: triển khai nhiệm vụ, công tác</h2>{text}</body></html>"
    );
    assert_eq!(dates(&renewed), (None, is("2025-11-25")), "the line stands under the title");
}

#[test]
fn a_sentence_tells_of_the_first_publication() {
    let end = "<p>Bài viết được đăng lần đầu ngày 08/07/2019 và đã được bổ sung nhiều lần cho tới nay.</p>";
    assert_eq!(published(&page("", "", "<p class=date>25/11/2025</p>", end)), is("2019-07-08"));
}

#[test]
fn addresses_name_days() {
    let bare = page("", "", "", "");
    let at = |path: &str| dates_listed(&bare, &format!("https://www.example.vn/{path}"), None).0;
    assert_eq!(at("2019/07/08/tin.html"), is("2019-07-08"));
    assert_eq!(at("2019/jul/08/tin"), is("2019-07-08"));
    assert_eq!(at("tin-20190708143500123.htm"), is("2019-07-08T14:35:00+07:00"));
    assert_eq!(at("tin/2019-07-08-mot-tin"), is("2019-07-08"));
    assert_eq!(at("tin/20190708-mot-tin"), is("2019-07-08"));
    assert_eq!(at("2019/07/tin.html"), None);
    assert_eq!(at("tin-20191308.htm"), None);
}

#[test]
fn what_the_page_says_elsewhere_settles_order_and_year() {
    let head = r#"<meta property="article:modified_time" content="2019-07-08T14:35:00+07:00">"#;
    assert_eq!(published(&page(head, "", "<p class=date>7/8/2019</p>", "")), is("2019-07-08"));
    assert_eq!(published(&page(head, "", "<p class=date>Ngày 8-7</p>", "")), is("2019-07-08"));
    // a year that nothing names is filled in for what is recent
    assert_eq!(published(&page("", "", "<p class=date>Ngày 20-12</p>", "")), is("2025-12-20"));
    assert_eq!(published(&page("", "", "<p class=date>Ngày 8-7</p>", "")), None);
}
