use proptest::prelude::*;

use super::*;
use crate::fetch::Validators;

fn read_as(section: &Section, media_type: &str, text: &str) -> Result<Listing, SourceError> {
    let document = Document {
        url: section.url.clone(),
        media_type: media_type.to_owned(),
        charset: None,
        bytes: text.as_bytes().to_vec(),
        validators: Validators::default(),
        date: None,
        moved: false,
        room: crate::fetch::Room::default(),
    };
    crate::source::list(&document, Context { section, now: "2026-11-22T10:00:00Z".parse().unwrap() })
}

fn section(rules: JsonRules) -> Section {
    Section { json: rules, ..Section::for_tests("tin", "https://tinh.example.vn/api/tin?page=2") }
}

fn read(rules: JsonRules, text: &str) -> Listing {
    read_as(&section(rules), "application/json", text).unwrap()
}

fn paths(listing: &Listing) -> Vec<&str> {
    listing.candidates.iter().map(|candidate| candidate.url.path()).collect()
}

#[test]
fn configured_paths_name_every_field() {
    let rules = JsonRules {
        items: Some("data.items".into()),
        title: Some("fields.name".into()),
        url: Some("https://www.tinh.example.vn/{cat.slug}/{slug}-{id}.html".into()),
        date: Some("time".into()),
        lead: Some("fields.short".into()),
        image: Some("img.0.src".into()),
        byline: Some("who".into()),
        tags: Some("labels.text".into()),
        body: Some("fields.long".into()),
        id: Some("id".into()),
        page: Some("page".into()),
        ..JsonRules::default()
    };
    let listing = read(
        rules.clone(),
        r#"{"data": {"items": [
          {"id": 7, "slug": "cau-moi", "cat": {"slug": "thoi-su"}, "time": 1795255200, "who": "Thủy Châu", "labels": [{"text": "Cầu"}, {"text": "Chợ"}],
           "fields": {"name": "Cầu &amp; đường", "short": "<p>Lời dẫn</p>", "long": "Một.\nHai."}, "img": [{"src": "/anh/7.jpg"}]},
          {"id": 8, "fields": {"name": "Không có slug"}}]}}"#,
    );
    let [one] = listing.candidates.as_slice() else { panic!("{listing:?}") };
    assert_eq!(one.url.as_str(), "https://www.tinh.example.vn/thoi-su/cau-moi-7.html");
    assert_eq!(one.title.as_deref(), Some("Cầu & đường"));
    assert_eq!(one.lead.as_deref(), Some("Lời dẫn"));
    assert_eq!(one.body.as_deref(), Some("<p>Một.</p><p>Hai.</p>"));
    assert_eq!(one.image.as_ref().unwrap().as_str(), "https://tinh.example.vn/anh/7.jpg");
    assert_eq!(one.published.as_ref().unwrap().at.to_text(), "2026-11-21T17:00:00+07:00");
    assert_eq!((one.byline.as_deref(), one.native_id.as_deref()), (Some("Thủy Châu"), Some("7")));
    assert_eq!(one.tags, ["Cầu", "Chợ"]);
    assert_eq!(listing.next.as_ref().unwrap().query(), Some("page=3"));
    assert!(listing.why.iter().any(|why| why.contains("1 entries were left out: no address")), "{:?}", listing.why);
    let wrong = read(rules, r#"{"data": {"posts": [], "total": 0}}"#);
    assert!(wrong.why[0].contains("`posts`, `total`"), "{:?}", wrong.why);
}

#[test]
fn known_systems_are_read_without_a_word() {
    let ghost = r#"{"posts": [
        {"id": "65a1b2c3d4e5f60718293a4b", "title": "Cầu mới thông xe sáng nay", "slug": "cau", "url": "https://tinh.example.vn/cau/", "feature_image": "https://tinh.example.vn/a.jpg",
         "published_at": "2026-11-21T08:00:00.000+07:00", "updated_at": "2026-11-21T09:00:00.000+07:00", "excerpt": "Dẫn", "primary_author": {"name": "Hà"}, "tags": [{"name": "Tin"}]},
        {"title": "Chợ phiên họp lại", "url": "https://tinh.example.vn/cho/", "published_at": "2026-11-20T08:00:00.000+07:00"}],
        "meta": {"pagination": {"page": 1, "next": 2}}}"#;
    let listing = read(JsonRules::default(), ghost);
    assert_eq!((listing.kind, paths(&listing)), ("json", vec!["/cau/", "/cho/"]));
    let first = &listing.candidates[0];
    assert_eq!(first.native_id.as_deref(), Some("65a1b2c3d4e5f60718293a4b"));
    assert_eq!((first.byline.as_deref(), first.tags.as_slice()), (Some("Hà"), &["Tin".to_owned()][..]));
    assert_eq!(first.updated.as_ref().unwrap().at.to_text(), "2026-11-21T09:00:00+07:00");

    let drupal = r#"{"jsonapi": {"version": "1.0"}, "data": [
        {"type": "node--article", "id": "4f0e6a6c-8a2b-4c55-9f7e-0d6b6f3f0a01", "links": {"self": {"href": "https://tinh.example.vn/jsonapi/node/article/4f"}},
         "attributes": {"title": "Hội nghị toàn tỉnh", "created": "2026-11-21T02:00:00+00:00", "path": {"alias": "/tin/hoi-nghi", "langcode": "vi"}, "body": {"value": "x", "processed": "<p>Bài</p>"}}},
        {"type": "node--article", "attributes": {"title": "Ngày hội đoàn kết", "created": "2026-11-20T02:00:00+00:00", "path": {"alias": "/tin/ngay-hoi"}}}],
        "links": {"next": {"href": "https://tinh.example.vn/jsonapi/node/article?page%5Boffset%5D=50"}}}"#;
    let listing = read(JsonRules::default(), drupal);
    assert_eq!(paths(&listing), ["/tin/hoi-nghi", "/tin/ngay-hoi"]);
    assert_eq!(listing.candidates[0].body.as_deref(), Some("<p>Bài</p>"));
    assert_eq!(listing.next.unwrap().path(), "/jsonapi/node/article");

    let sharepoint = r#"{"d": {"results": [
        {"Title": "Thông báo tuyển dụng", "FileRef": "/tin-tuc/Pages/tuyen-dung.aspx", "ArticleStartDate": "2026-11-21T17:00:00Z", "PublishingPageImage": null, "Created": "2026-11-20T01:00:00Z"},
        {"Title": "Lịch tiếp dân tháng 12", "FileRef": "/tin-tuc/Pages/lich.aspx", "ArticleStartDate": "/Date(1795255200000)/"}]}}"#;
    let listing = read(JsonRules::default(), sharepoint);
    assert_eq!(paths(&listing), ["/tin-tuc/Pages/tuyen-dung.aspx", "/tin-tuc/Pages/lich.aspx"]);
    assert_eq!(listing.candidates[1].published.as_ref().unwrap().at.to_text(), "2026-11-21T17:00:00+07:00");
}

const STATE: &str = r#"{"menu": [{"title": "Trang chủ", "url": "/"}, {"title": "Tin tức", "url": "/tin"}, {"title": "Liên hệ", "url": "/lien-he"}],
  "page": {"articles": [
    {"tieuDe": "Cầu mới thông xe sáng nay", "duongDan": "/tin/cau-1.html", "ngayDang": "21/11/2026 08:00", "anhDaiDien": "/a/1.jpg", "tomTat": "Dẫn một"},
    {"tieuDe": "Chợ phiên họp lại sau mùa mưa", "duongDan": "/tin/cho-2.html", "ngayDang": "20/11/2026 08:00"},
    {"tieuDe": "Lễ hội \u003cmùa\u003e thu", "duongDan": "/tin/le-3.html", "ngayDang": "19/11/2026"}]}}"#;

#[test]
fn a_page_that_carries_its_articles_in_a_script_is_read() {
    let pages = [
        format!(r#"<script id="__NEXT_DATA__" type="application/json">{STATE}</script>"#),
        format!("<script>var a = 1; window.__STATE__ = {STATE}; window.b = {{}};</script>"),
        format!("<script>window['__STATE__']=JSON.parse({});</script>", serde_json::to_string(STATE).unwrap()),
        format!(r#"<script type="application/json" class="state">{STATE}</script>"#),
        format!("<div id=app data-page='{STATE}'></div>"),
    ];
    let expected = ["/tin/cau-1.html", "/tin/cho-2.html", "/tin/le-3.html"];
    for (page, rule) in
        pages.iter().zip(["__NEXT_DATA__", "window.__STATE__", "__STATE__", "script.state", "#app@data-page"])
    {
        let page = format!(
            "<!doctype html><html><head><title>Tin</title></head><body><div id=root></div>{page}</body></html>"
        );
        let named = section(JsonRules { script: Some(rule.into()), ..JsonRules::default() });
        let listing = read_as(&named, "text/html", &page).unwrap();
        assert_eq!((listing.kind, paths(&listing)), ("json", expected.to_vec()), "{rule}: {:?}", listing.why);
        assert_eq!(listing.candidates[2].published.as_ref().unwrap().at.to_text(), "2026-11-19");
        let found = read_as(&section(JsonRules::default()), "text/html", &page).unwrap();
        assert_eq!((found.kind, paths(&found)), ("json", expected.to_vec()), "{rule}: {:?}", found.why);
    }
    let named = section(JsonRules { script: Some("__NONE__".into()), ..JsonRules::default() });
    let error = read_as(&named, "text/html", "<html><script>x</script></html>").unwrap_err().to_string();
    assert!(error.contains("__NONE__"), "{error}");
}

#[test]
fn a_menu_is_no_list_of_articles() {
    let listing =
        read(JsonRules::default(), r#"{"menu": [{"title": "Tin", "url": "/tin"}, {"title": "Ảnh", "url": "/anh"}]}"#);
    assert!(listing.candidates.is_empty());
    assert!(listing.why[0].contains("items"), "{:?}", listing.why);
}

#[test]
fn json_that_is_too_large_or_too_deep_is_refused() {
    let section = section(JsonRules::default());
    let many = format!("[{}0]", "0,".repeat(500_000));
    assert!(read_as(&section, "application/json", &many).unwrap_err().to_string().contains("values"));
    let deep = "[".repeat(100_000);
    assert!(read_as(&section, "application/json", &deep).is_err());
}

proptest! {
    #[test]
    fn rubbish_is_no_panic(text in "[\\[\\]{}:,\"a-z0-9= /đ]{0,200}") {
        let section = section(JsonRules { items: Some("a.b".into()), script: Some("a".into()), ..JsonRules::default() });
        let _ = read_as(&section, "application/json", &format!("{{{text}"));
        let _ = read_as(&section, "text/html", &format!("<html><script>a={text}</script>"));
        let _ = script::found(&format!("<html><script>window.x = {{{text}{}</script>", " ".repeat(300)));
    }
}
