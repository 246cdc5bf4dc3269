//! The whole demo on loopback: driven as visitors, bots and mail clients drive it.

use teloxide::Bot;
use teloxide::payloads::{EditMessageCaptionSetters, SendMessageSetters, SendPhotoSetters};
use teloxide::requests::Requester;
use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup, InputFile, ParseMode};

use super::*;

const LISTING: &str = r#"<!doctype html><html><head><meta charset="utf-8"><title>Tin tức</title>
    <link rel="canonical" href="https://www.tinhmau.example.vn/tin-tuc/"></head><body>
    <div class="card" data-id="cu-1"><a href="cu-1.html">Bài cũ</a> <i data-date="vi-short">09/11/2026</i></div>
    <div class="card" data-id="moi-2"><a href="moi-2.html">Bài mới</a> <i data-date="vi-short">09/11/2026</i></div>
    </body></html>"#;
const OLD: &str = r#"<!doctype html><html><head><meta charset="utf-8"><meta name="demo:id" content="cu-1"></head>
    <body><h1>Bài cũ</h1><ul><li data-id="moi-2"><a href="moi-2.html">Bài mới</a></li></ul></body></html>"#;
const NEW: &str = r#"<!doctype html><html><head><meta charset="utf-8"><meta name="demo:id" content="moi-2">
    <meta property="og:title" content="Bài mới"></head>
    <body><h1>Bài mới</h1><time datetime="2026-11-09T14:35:00+07:00" data-date="vi-weekday iso">Thứ hai - 09/11/2026 14:35</time>
    <p>Có 12 người.</p></body></html>"#;
const SCRIPT: &str = r#"
    [[publish]]
    id = "moi-2"
    section = "tin-tuc"
    [[correct]]
    id = "moi-2"
    find = "12 người"
    replace = "13 người"
    after = 1
    [[withdraw]]
    id = "cu-1"
    after = 1
"#;

fn stand_in() -> Files {
    let files = [("tin-tuc/index.html", LISTING), ("tin-tuc/cu-1.html", OLD), ("tin-tuc/moi-2.html", NEW)];
    files.into_iter().map(|(path, text)| (path.to_owned(), text.as_bytes())).collect()
}

async fn get(url: &str) -> (u16, String) {
    let client = reqwest::Client::builder().build().unwrap();
    let answer = client.get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn the_site_publishes_corrects_and_withdraws() {
    let clock = Clock::manual(DateTime::from_timestamp(1_795_400_000, 0).unwrap());
    let (journal, _events) = Journal::new(clock.clone());
    let tasks = Tasks::default();
    let (listener, address) = listen("test", 0).await.unwrap();
    let url = url_of(address).unwrap();
    let site = Site::new(stand_in(), Script::parse(SCRIPT).unwrap(), &url, clock, journal);
    tasks.serve(listener, site.router());
    let [listing, old, new] = ["tin-tuc", "tin-tuc/cu-1.html", "tin-tuc/moi-2.html"].map(|p| format!("{url}{p}"));

    assert_eq!(get(&new).await.0, 404);
    let (status, html) = get(&listing).await;
    assert_eq!(status, 200, "a folder without its slash leads to the folder");
    assert!(html.contains(&format!("{url}tin-tuc/\"")), "the site names itself by the address it is served under");
    assert!(!html.contains("moi-2") && !get(&old).await.1.contains("moi-2"));
    assert!(!site.visited(&["tin-tuc/", "van-hoa-xa-hoi/rss.xml"]) && site.visited(&["tin-tuc/"]));

    let steps: Vec<_> = std::iter::from_fn(|| site.step()).map(|event| event.to_string()).collect();
    insta::assert_snapshot!(steps.join("\n"), @r"
    site      published  Tin tức - Sự kiện: Bài mới
    site      corrected  Bài mới (12 người → 13 người)
    site      withdrew   Bài cũ
    ");
    let (status, html) = get(&new).await;
    assert_eq!(status, 200);
    for shown in ["datetime=\"2026-11-23T09:13:20+07:00\"", ">Thứ hai - 23/11/2026 09:13</time>", "Có 13 người."]
    {
        assert!(html.contains(shown), "{shown} is missing in {html}");
    }
    let (_, html) = get(&listing).await;
    assert!(html.contains("moi-2") && !html.contains("cu-1"), "{html}");
    assert_eq!(get(&old).await.0, 404);
    tasks.stop().await;
}

#[tokio::test]
async fn an_unchanged_page_answers_304() {
    let (journal, _events) = Journal::new(Clock::System);
    let tasks = Tasks::default();
    let (listener, address) = listen("test", 0).await.unwrap();
    let url = url_of(address).unwrap();
    let site = Site::new(stand_in(), Script::parse(SCRIPT).unwrap(), &url, Clock::System, journal);
    tasks.serve(listener, site.router());
    let client = reqwest::Client::builder().build().unwrap();
    let listing = format!("{url}tin-tuc/");
    let ask = |name: &'static str, value: String| client.get(&listing).header(name, value).send();

    let first = client.get(&listing).send().await.unwrap();
    let header = |name: &str| first.headers()[name].to_str().unwrap().to_owned();
    let (etag, modified) = (header("etag"), header("last-modified"));
    let again = ask("if-none-match", format!("\"x\", W/{etag}")).await.unwrap();
    assert_eq!((again.status().as_u16(), again.headers()["etag"].to_str().unwrap()), (304, etag.as_str()));
    assert_eq!(ask("if-modified-since", modified).await.unwrap().status().as_u16(), 304);
    site.publish_next().unwrap();
    assert_eq!(ask("if-none-match", etag).await.unwrap().status().as_u16(), 200);
    tasks.stop().await;
}

/// A JPEG as small as its header: 16 × 9 pixels.
const PICTURE: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x11\x08\x00\x09\x00\x10\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01\xff\xd9";

fn keyboard(label: &str) -> InlineKeyboardMarkup {
    let url = Url::parse("http://127.0.0.1:1/a").unwrap();
    InlineKeyboardMarkup::new([[InlineKeyboardButton::url(label, url)]])
}

#[tokio::test]
async fn teloxide_posts_edits_and_deletes() {
    let mut demo = Demo::start(Clock::System, Options::new(Url::parse("http://127.0.0.1:1/").unwrap())).await.unwrap();
    let bot = Bot::new("123456:demo").set_api_url(demo.telegram_api_url.clone());
    let chat = "@bantin_demo".to_owned();
    assert!(bot.get_me().await.unwrap().user.is_bot);

    let text = "<b>Cầu mới &amp; đường</b>\n\nLời dẫn <i>ngắn</i>. #Tin_tức";
    let send = bot.send_message(chat.clone(), text).parse_mode(ParseMode::Html).reply_markup(keyboard("Đọc"));
    let message = send.await.unwrap();
    assert_eq!(message.text(), Some("Cầu mới & đường\n\nLời dẫn ngắn. #Tin_tức"));
    assert!(message.chat.is_channel() && message.reply_markup().is_some());

    let photo = InputFile::memory(PICTURE).file_name("a.jpg");
    let posted = bot.send_photo(chat.clone(), photo).caption("<b>Ảnh</b>").parse_mode(ParseMode::Html).await.unwrap();
    let sizes = posted.photo().unwrap();
    assert_eq!((sizes[0].width, sizes[0].height, posted.caption()), (16, 9, Some("Ảnh")));
    let again = bot.send_photo(chat.clone(), InputFile::file_id(sizes[0].file.id.clone())).await.unwrap();
    assert_eq!(again.photo().unwrap()[0].file.id, sizes[0].file.id);

    // Edits and deletes name the chat by the number of the answer.
    let edited = bot.edit_message_caption(posted.chat.id, posted.id).caption("Ảnh đẹp").await.unwrap();
    assert!(edited.edit_date().is_some());
    let same = bot.edit_message_caption(posted.chat.id, posted.id).caption("Ảnh đẹp").await.unwrap_err();
    assert!(same.to_string().contains("not modified"), "{same}");
    assert!(bot.edit_message_text(posted.chat.id, posted.id, "x").await.is_err());
    bot.delete_message(again.chat.id, again.id).await.unwrap();
    assert!(bot.delete_message(again.chat.id, again.id).await.unwrap_err().to_string().contains("delete"));
    let long = bot.send_message(chat, "a".repeat(4097)).await.unwrap_err();
    assert!(long.to_string().contains("too long"), "{long}");

    let (status, page) = get(&format!("{}telegram?lang=en", demo.view_url)).await;
    assert_eq!(status, 200);
    for shown in ["<b>Cầu mới &amp; đường</b>", "Đọc</a>", ">edited</i>", "This post was deleted", "/telegram/photo/"]
    {
        assert!(page.contains(shown), "{shown} is missing in {page}");
    }
    assert!(!page.contains("http-equiv=\"refresh\""));
    assert!(get(&format!("{}telegram?live", demo.view_url)).await.1.contains("http-equiv=\"refresh\""));
    let mut events = Vec::new();
    while let Ok((_, event)) = demo.events.try_recv() {
        events.push(event.to_string());
    }
    insta::assert_snapshot!(events.join("\n"), @r"
    telegram  posted     @bantin_demo: Cầu mới & đường
    telegram  posted     @bantin_demo: Ảnh
    telegram  posted     @bantin_demo: (photo)
    telegram  edited     @bantin_demo: Ảnh đẹp
    telegram  deleted    @bantin_demo: (photo)
    ");
    demo.tasks.stop().await;
}

#[tokio::test]
async fn a_mail_is_shown_without_its_scripts() {
    let demo = Demo::start(Clock::System, Options::new(Url::parse("http://127.0.0.1:1/").unwrap())).await.unwrap();
    let mail = "From: Bản tin <bantin@tinhmau.example.vn>\r\nSubject: Cầu mới\r\n\
        List-Unsubscribe: <http://127.0.0.1:1/unsubscribe/x>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\
        Content-Type: text/html; charset=utf-8\r\n\r\n<p>Xin chào <a href=\"http://127.0.0.1:1/a\">đọc</a></p>\r\n";
    demo.mailbox().deliver(&["doc-gia@example.vn".into(), "reader@example.com".into()], &mail.into());

    let list = get(&format!("{}mail?box=doc-gia%40example.vn&lang=vi", demo.view_url)).await.1;
    assert!(list.contains("Cầu mới") && list.matches("class=\"badge\">1<").count() == 2, "{list}");
    let open = get(&format!("{}mail?id=0", demo.view_url)).await.1;
    let button = dom_query::Document::from(open.as_str()).select("form[method=post]").attr("action");
    assert_eq!(button.as_deref(), Some("http://127.0.0.1:1/unsubscribe/x"), "{open}");
    assert!(open.contains("sandbox=\"allow-popups") && open.contains("/mail/0/html"), "{open}");
    assert!(demo.mailbox().mail(0).unwrap().read && !demo.mailbox().mail(1).unwrap().read);
    let client = reqwest::Client::builder().build().unwrap();
    let frame = client.get(format!("{}mail/0/html", demo.view_url)).send().await.unwrap();
    let policy = frame.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("sandbox") && policy.contains("default-src 'none'") && !policy.contains("script"));
    assert!(frame.text().await.unwrap().contains("<base target=\"_blank\">"));
    assert!(get(&format!("{}mail?id=0&as=source", demo.view_url)).await.1.contains("List-Unsubscribe-Post"));
    assert_eq!(get(&format!("{}mail/7/html", demo.view_url)).await.0, 404);
    assert_eq!(get(demo.view_url.as_str()).await.0, 200);
    demo.tasks.stop().await;
}

#[tokio::test]
async fn the_configuration_is_one_that_bantin_takes() {
    let demo = Demo::start(Clock::System, Options::new(Url::parse("http://127.0.0.1:1/").unwrap())).await.unwrap();
    let text = demo.config_toml("127.0.0.1:8080", "http://127.0.0.1:8080", Path::new("/data"));
    let config = crate::config::load_str(&text, Path::new("/data/config.toml"), &|_| None).unwrap();
    assert_eq!(config.base_url.as_str(), "http://127.0.0.1:8080/");
    assert!(config.fetch.allow_private && config.fetch.withdrawn_after == Duration::from_secs(5));
    assert_eq!(config.telegram.unwrap().api_url.as_ref(), Some(&demo.telegram_api_url));
    assert_eq!(config.email.unwrap().smtp[0].port, demo.smtp_port);
    let sections: Vec<_> = config.sections.values().map(|s| (s.slug.as_str(), s.url.path())).collect();
    assert_eq!(sections.len(), SECTIONS.len());
    assert!(sections.contains(&("van-hoa-xa-hoi", "/van-hoa-xa-hoi/rss.xml")), "{sections:?}");
    assert_eq!(config.sections["news"].translation_of.as_deref(), Some("tin-tuc"));
    demo.tasks.stop().await;
}

#[test]
fn the_sample_fits_its_script() {
    let (journal, _events) = Journal::new(Clock::System);
    let script = sample_script().unwrap();
    let expected = script.publish.len() + script.correct.len() + script.withdraw.len();
    assert!(expected > 0, "the demo has nothing to show");
    let files = sample_files();
    for section in &SECTIONS {
        let path = section.source;
        let file = if path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
        assert!(files.contains_key(&file), "{file} is missing");
    }
    let site = Site::new(files, script, &Url::parse("http://127.0.0.1:1/").unwrap(), Clock::System, journal);
    let steps: Vec<_> = std::iter::from_fn(|| site.step()).collect();
    assert_eq!(steps.len(), expected, "every step of the script finds its article and its words: {steps:#?}");
}
