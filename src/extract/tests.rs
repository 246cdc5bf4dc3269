//! Pages written in the layouts of known systems, read whole; and hostile pages, which only must not hurt.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::fetch::Validators;

pub(super) fn context() -> Context {
    Context {
        timezone: chrono_tz::Asia::Ho_Chi_Minh,
        language: Language::Vi,
        date_order: DateOrder::Dmy,
        date_order_known: true,
        now: "2026-01-05T12:00:00+07:00".parse().unwrap(),
        rules: HtmlRules::default(),
    }
}

fn document(media_type: &str, source: &str) -> Document {
    Document {
        url: "https://www.example.vn/tin/a.html".parse().unwrap(),
        media_type: media_type.to_owned(),
        charset: None,
        bytes: source.as_bytes().to_vec(),
        validators: Validators::default(),
        date: None,
        moved: false,
        room: crate::fetch::Room::default(),
    }
}

pub(super) fn read_as(media_type: &str, source: &str, context: &Context) -> Result<Reading, ExtractError> {
    let document = document(media_type, source);
    read(&document, &Candidate::of(document.url.clone()), context)
}

/// A reading as a person would check it.
fn shown(reading: &Reading) -> String {
    let object = crate::cli::inspect_article::object(
        &serde_json::Value::Null,
        &"https://www.example.vn/".parse().unwrap(),
        reading,
    );
    let mut fields = object.as_object().cloned().unwrap_or_default();
    let (text, html) = (fields.remove("text"), fields.remove("html"));
    fields.remove("id");
    fields.remove("url");
    let part = |value: Option<serde_json::Value>| value.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
    format!("{}\n\n{}\n\n{}", serde_json::to_string_pretty(&fields).unwrap(), part(text), part(html))
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/articles");
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

#[test]
fn pages_in_the_layouts_of_known_systems_are_read_whole() {
    for path in fixtures() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let source = std::fs::read_to_string(&path).unwrap();
        let reading = read_as(media_type(&path), &source, &context()).unwrap();
        insta::with_settings!({snapshot_suffix => name, prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!("article", shown(&reading));
        });
    }
}

/// The sample site's page of the article that the project's first user pasted, and the same as a text file.
#[test]
fn the_first_article_is_read_alike_as_page_and_as_text() {
    let page =
        include_str!("../../sample/site/tin-tuc/trien-khai-nhiem-vu-cong-tac-tuyen-giao-6-thang-cuoi-nam-10762.html");
    let reading = read_as("text/html", page, &context()).unwrap();
    assert_eq!(reading.title, "Triển khai nhiệm vụ công tác Tuyên giáo 6 tháng cuối năm");
    assert_eq!(reading.byline.as_deref(), Some("Thủy Châu"));
    assert_eq!(reading.published.map(|date| date.at.to_text()).as_deref(), Some("2019-07-08T14:35:00+07:00"));
    assert_eq!(reading.pictures.len(), 1);
    assert!(reading.pictures[0].caption.as_deref().unwrap().ends_with("kết luận hội nghị."));
    assert!(reading.text.starts_with("- Ngày 8-7, Ban Tuyên giáo") && reading.text.ends_with("nhân dân."));

    let body = reading.text.replace('\n', "\n\n") + "\n\n";
    let pasted =
        format!("Tiếng việt | English\n\n{}\n\n{body}Tin, ảnh: Thủy Châu\n\nTin cùng chuyên mục", reading.title);
    let text = read_as("text/plain", &pasted, &context()).unwrap();
    assert_eq!((text.title, text.byline, text.text), (reading.title, reading.byline, reading.text));
}

#[test]
fn selectors_of_the_section_come_first() {
    let page = "<html><h1>Sai</h1><div class=t>Đúng là tiêu đề này</div><div class=d>5/6/2024</div><div class=l>Lời dẫn</div>\
                <article><p>Một đoạn văn khác không phải bài.</p></article>\
                <div class=b><p>Thân bài ở đây.</p><p class=x>Bỏ đi.</p><p>HẾT BÀI</p><p>Phần đuôi.</p></div><i class=a>Lan</i>";
    let rules = HtmlRules {
        body: Some(".b".into()),
        article_title: Some(".t".into()),
        article_lead: Some(".l".into()),
        article_date: Some(".d".into()),
        byline: Some(".a".into()),
        remove: vec![".x".into()],
        stop_at: vec!["Hết bài".into()],
        ..HtmlRules::default()
    };
    let reading = read_as("text/html", page, &Context { rules, ..context() }).unwrap();
    assert_eq!(reading.title, "Đúng là tiêu đề này");
    assert_eq!(reading.text, "Thân bài ở đây.");
    assert_eq!(reading.lead.as_deref(), Some("Lời dẫn"));
    assert_eq!(reading.byline.as_deref(), Some("Lan"));
    assert_eq!(reading.published.map(|date| date.at.to_text()).as_deref(), Some("2024-06-05"));
}

#[test]
fn what_is_no_article_says_so() {
    let error = read_as("application/pdf", "%PDF", &context()).unwrap_err().to_string();
    assert!(error.contains("application/pdf"), "{error}");
    let error = read_as("text/html", "<title>Trang trống hoàn toàn</title>", &context()).unwrap_err().to_string();
    assert!(error.contains("no text"), "{error}");
    assert!(read_as("text/plain", "", &context()).is_err());
}

#[test]
fn a_listing_alone_makes_an_article() {
    let mut candidate = Candidate::of("https://www.example.vn/tin/a.html".parse().unwrap());
    assert!(from_candidate(&candidate, &context()).is_err());
    candidate.title = Some("Một tin".into());
    candidate.lead = Some("Lời dẫn <b> của tin.".into());
    let reading = from_candidate(&candidate, &context()).unwrap();
    assert_eq!(reading.html.trim(), "<p>Lời dẫn &lt;b&gt; của tin.</p>");
    candidate.body = Some("<p>Thân bài. <a href='/b'>Xem</a></p><script>x()</script><p>Tin: Lan Anh</p>".into());
    let reading = from_candidate(&candidate, &context()).unwrap();
    assert_eq!(reading.byline.as_deref(), Some("Lan Anh"));
    assert_eq!(reading.html.trim(), "<p>Thân bài. <a href=\"https://www.example.vn/b\" rel=\"noopener\">Xem</a></p>");
}

/// Nesting, attributes and repetition that cost a parser minutes: read or refused, each within a bound that a
/// loaded machine and an unoptimised build still keep.
#[test]
fn hostile_pages_cost_bounded_time() {
    let bombs = [
        "<div>".repeat(40_000),
        "<ul><li>".repeat(20_000),
        "<table><tr><td>".repeat(8_000),
        "<b>".repeat(20_000) + &"<p>x".repeat(2_000),
        format!("<p {}>x", (0..20_000).map(|n| n.to_string()).collect::<Vec<_>>().join("=1 a")),
        "<a href='/x'>y".repeat(10_000),
        "<h1>".repeat(5_000) + "Tin",
        format!("<article>{}</article>", "<p>Một câu ngắn. </p>".repeat(5_000)),
    ];
    for bomb in bombs {
        let began = crate::clock::cpu_time();
        let page = format!("<title>Một trang dữ</title>{bomb}");
        let _ = read_as("text/html", &page, &context());
        let took = crate::clock::cpu_time().saturating_sub(began);
        assert!(took.as_secs() < 20, "{took:?} for {}…", bomb.chars().take(30).collect::<String>());
    }
}

/// Pieces of pages, in any order.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("<div class='related'>".to_owned()),
        Just("<article><p>".to_owned()),
        Just("</div></p></table>".to_owned()),
        Just("<table><tr><td>".to_owned()),
        Just("<figure><img src='/a.jpg'><figcaption>".to_owned()),
        Just("<ul><li><a href='javascript:x()'>".to_owned()),
        Just("<br><br>".to_owned()),
        Just("<h1>Một tiêu đề dài</h1>".to_owned()),
        Just("<time datetime='2024-02-30'>".to_owned()),
        Just("Tin, ảnh: ".to_owned()),
        Just(
            "<script type='application/ld+json'>[{\"@type\":\"NewsArticle\",\"headline\":1,\"author\":[[]]}]</script>"
                .to_owned()
        ),
        Just("<svg><style></p><template><math>".to_owned()),
        "\\PC{0,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]
    #[test]
    fn any_page_is_read_without_panic_and_comes_out_clean(pieces in proptest::collection::vec(piece(), 0..24)) {
        if let Ok(reading) = read_as("text/html", &pieces.concat(), &context()) {
            let html = reading.html.to_lowercase();
            prop_assert!(!html.contains("<script") && !html.contains("javascript:x"), "{}", html);
            prop_assert!(reading.html.chars().all(crate::article::text::is_xml_char));
            prop_assert!(!reading.title.contains('\n'));
        }
        let _ = read_as("text/markdown", &pieces.concat(), &context());
        let _ = read_as("text/plain", &pieces.concat(), &context());
    }
}

/// The media type of a fixture.
fn media_type(path: &Path) -> &'static str {
    if path.extension().is_some_and(|extension| extension == "md") { "text/markdown" } else { "text/html" }
}
