//! The channel against a scripted server, and what it renders against an independent reading of Telegram's rules.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use super::render::Renderer;
use super::*;
use crate::article::Reading;
use crate::channel::samples::{self, job};
use crate::channel::{Entry, Posted};
use crate::config::{Language, PostStyle};

// ---- a scripted Bot API ----

#[derive(Clone, Default)]
struct Api {
    answers: Arc<Mutex<VecDeque<(u16, Value)>>>,
    calls: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Api {
    fn calls(&self) -> Vec<(String, Value)> {
        self.calls.lock().unwrap().clone()
    }

    fn methods(&self) -> Vec<String> {
        self.calls().into_iter().map(|(method, _)| method).collect()
    }
}

async fn answer(State(api): State<Api>, uri: Uri, body: Bytes) -> (StatusCode, String) {
    let path = uri.path().to_owned();
    assert!(path.starts_with("/bot123456:secret-part-of-the-token/"), "{path}");
    let method = path.rsplit('/').next().unwrap().to_owned();
    let call = serde_json::from_slice(&body).unwrap_or(Value::String(String::from_utf8_lossy(&body).into_owned()));
    api.calls.lock().unwrap().push((method, call));
    let (status, body) = api.answers.lock().unwrap().pop_front().expect("an unexpected call");
    (StatusCode::from_u16(status).unwrap(), body.to_string())
}

/// A channel, and the server it talks to, which gives the answers in turn.
async fn scripted(answers: impl IntoIterator<Item = (u16, Value)>) -> (TelegramChannel, Api) {
    let api = Api { answers: Arc::new(Mutex::new(answers.into_iter().collect())), ..Api::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(api.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (channel(&url), api)
}

fn channel(url: &str) -> TelegramChannel {
    let config = samples::config();
    TelegramChannel::build(&config, &samples::telegram(url), &samples::parts(&config)).unwrap()
}

fn sent(chat: i64, message: i32) -> (u16, Value) {
    let result =
        json!({"message_id": message, "date": 1, "chat": {"id": chat, "type": "channel", "title": "t"}, "text": "x"});
    (200, json!({"ok": true, "result": result}))
}

fn refused(code: u16, description: &str, parameters: Value) -> (u16, Value) {
    let mut answer = json!({"ok": false, "error_code": code, "description": description});
    if !parameters.is_null() {
        answer["parameters"] = parameters;
    }
    (code, answer)
}

async fn outcome(channel: &TelegramChannel, message: Message) -> Outcome {
    done(channel, job("@example_tintuc", message)).await
}

/// Every call of a job, as the outbox makes them claim by claim.
async fn done(channel: &TelegramChannel, job: Job) -> Outcome {
    let mut jobs = [job];
    for _ in 0..20 {
        let mut outcomes = channel.send(&jobs).await;
        assert_eq!(outcomes.len(), 1);
        match outcomes.remove(0) {
            Outcome::Partly { progress, moved_to, .. } => {
                jobs[0].progress = progress;
                jobs[0].target.address = moved_to.unwrap_or(jobs[0].target.address.clone());
            }
            outcome => return outcome,
        }
    }
    panic!("a job without an end")
}

static STYLE: PostStyle = PostStyle { full: false, split: false, album: false, hashtags: None, template: None };

fn seen(language: Language) -> View<'static> {
    View { language, style: &STYLE }
}

/// An article without a picture, so that a post is one text.
fn plain_entry() -> Entry {
    let mut reading = samples::reading();
    reading.image = None;
    samples::entry(reading, samples::section())
}

// ---- the dialogue ----

#[tokio::test]
async fn a_post_is_sent_edited_only_when_it_changed_and_deleted() {
    let (channel, api) = scripted([sent(-1001, 5), sent(-1001, 5), (200, json!({"ok": true, "result": true}))]).await;
    let Outcome::Accepted(posted) = outcome(&channel, Message::Post(plain_entry())).await else {
        panic!("not accepted")
    };
    assert_eq!((posted.chat.as_str(), posted.message.as_str(), posted.photo), ("-1001", "5", false));
    let (_, call) = api.calls().remove(0);
    assert_eq!(call["chat_id"], "@example_tintuc");
    assert_eq!(call["parse_mode"], "HTML");
    assert_eq!(call["link_preview_options"]["prefer_large_media"], true);
    assert_eq!(call["reply_markup"]["inline_keyboard"][0][0]["text"], "Đọc bài");

    let same = outcome(&channel, Message::Edit(plain_entry(), posted.clone())).await;
    assert_eq!((same, api.calls().len()), (Outcome::Accepted(posted.clone()), 1));

    let mut changed = plain_entry();
    Arc::make_mut(&mut changed.article).reading.title = "Sửa".to_owned();
    let Outcome::Accepted(edited) = outcome(&channel, Message::Edit(changed, posted.clone())).await else { panic!() };
    assert_ne!(edited.rendered, posted.rendered);
    let Outcome::Accepted(_) = outcome(&channel, Message::Delete(edited)).await else { panic!() };
    assert_eq!(api.methods(), ["SendMessage", "EditMessageText", "DeleteMessage"]);
    assert_eq!(api.calls()[1].1["chat_id"], -1001);
    assert_eq!(api.calls()[2].1["message_id"], 5);
}

#[tokio::test]
async fn topic_and_silence_are_passed_on() {
    let (channel, api) = scripted([sent(-1001, 5)]).await;
    let mut quiet = job("-1001234567890", Message::Post(plain_entry()));
    (quiet.target.topic, quiet.target.silent) = (Some(7), true);
    channel.send(&[quiet]).await;
    let (_, call) = api.calls().remove(0);
    assert_eq!((&call["chat_id"], &call["message_thread_id"]), (&json!(-1_001_234_567_890_i64), &json!(7)));
    assert_eq!(call["disable_notification"], true);
}

#[tokio::test]
async fn a_photo_is_edited_by_its_caption() {
    let (channel, api) = scripted([sent(-1001, 5)]).await;
    let posted =
        Posted { chat: "-1001".into(), message: "5".into(), photo: true, rendered: "old".into(), ..Posted::default() };
    let Outcome::Accepted(edited) = outcome(&channel, Message::Edit(samples::sample(), posted)).await else { panic!() };
    assert!(edited.photo);
    assert_eq!(api.methods(), ["EditMessageCaption"]);
}

/// A server with one picture, and an article that shows it.
async fn pictured(picture: Vec<u8>) -> Entry {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/a.gif", listener.local_addr().unwrap());
    let serve = move || async move { ([("content-type", "image/gif")], picture) };
    let router = Router::new().route("/a.gif", axum::routing::get(serve));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut reading = samples::reading();
    reading.image = Some(crate::article::Picture { url, ..Default::default() });
    samples::entry(reading, samples::section())
}

fn gif(width: u16, height: u16) -> Vec<u8> {
    [b"GIF89a".as_slice(), &width.to_le_bytes(), &height.to_le_bytes(), &[0; 16]].concat()
}

#[tokio::test]
async fn a_picture_is_uploaded_by_us_with_the_post_as_its_caption() {
    let (channel, api) = scripted([sent(-1001, 5)]).await;
    let Outcome::Accepted(posted) = outcome(&channel, Message::Post(pictured(gif(640, 480)).await)).await else {
        panic!()
    };
    assert!(posted.photo && !posted.rendered.is_empty());
    let calls = api.calls();
    assert_eq!(calls[0].0, "SendPhoto");
    let form = calls[0].1.as_str().unwrap();
    assert!(form.contains("GIF89a") && form.contains("picture.gif") && form.contains("Ninh Phước"), "{form}");
}

#[tokio::test]
async fn any_trouble_with_the_picture_makes_the_post_a_text() {
    // Beyond Telegram's limits: not even tried.
    let (channel, api) = scripted([sent(-1001, 5)]).await;
    let Outcome::Accepted(posted) = outcome(&channel, Message::Post(pictured(gif(6000, 6000)).await)).await else {
        panic!()
    };
    assert_eq!((posted.photo, api.methods()), (false, vec!["SendMessage".to_owned()]));
    // Refused by Telegram.
    for (code, description) in
        [(400, "Bad Request: IMAGE_PROCESS_FAILED"), (400, "Bad Request: PHOTO_INVALID_DIMENSIONS")]
    {
        let (channel, api) = scripted([refused(code, description, Value::Null), sent(-1001, 5)]).await;
        let Outcome::Accepted(posted) = outcome(&channel, Message::Post(pictured(gif(640, 480)).await)).await else {
            panic!()
        };
        assert_eq!((posted.photo, api.methods()), (false, vec!["SendPhoto".to_owned(), "SendMessage".to_owned()]));
    }
    // But not when the trouble is another one.
    let (channel, api) = scripted([refused(429, "Too Many Requests", json!({"retry_after": 3}))]).await;
    let answer = outcome(&channel, Message::Post(pictured(gif(640, 480)).await)).await;
    assert!(matches!(answer, Outcome::RetryAfter { counts: false, .. }), "{answer:?}");
    assert_eq!(api.methods(), ["SendPhoto"]);
}

#[tokio::test]
async fn too_many_requests_is_obeyed_and_no_attempt() {
    let (channel, _) = scripted([refused(429, "Too Many Requests: retry after 41", json!({"retry_after": 41}))]).await;
    let answer = outcome(&channel, Message::Post(plain_entry())).await;
    let Outcome::RetryAfter { after, counts, .. } = answer else { panic!("{answer:?}") };
    assert_eq!((after, counts), (Some(Duration::from_secs(41)), false));
}

#[tokio::test]
async fn refused_html_goes_out_once_as_plain_text_and_is_counted() {
    let entities = refused(400, "Bad Request: can't parse entities: unsupported start tag", Value::Null);
    let (channel, api) = scripted([entities.clone(), sent(-1001, 6)]).await;
    let Outcome::Accepted(_) = outcome(&channel, Message::Post(plain_entry())).await else { panic!() };
    let second = &api.calls()[1].1;
    assert_eq!(second["parse_mode"], Value::Null);
    let text = second["text"].as_str().unwrap();
    assert!(text.contains("<Ninh Phước>") && text.contains("https://www.example.vn/tin-tuc/le-hoi"), "{text}");
    assert_eq!(channel.entity_faults(), 1);

    let (channel, api) = scripted([entities.clone(), entities]).await;
    assert!(matches!(outcome(&channel, Message::Post(plain_entry())).await, Outcome::Rejected(_)));
    assert_eq!(api.calls().len(), 2);
}

#[tokio::test]
async fn an_edit_that_changes_nothing_is_done_and_one_of_nothing_is_refused() {
    let posted = Posted { chat: "-1001".into(), message: "5".into(), ..Posted::default() };
    let same = "Bad Request: message is not modified: specified new message content and reply markup are \
                exactly the same as a current content and reply markup of the message";
    let (channel, api) = scripted([
        refused(400, same, Value::Null),
        refused(400, "Bad Request: message to edit not found", Value::Null),
        refused(400, "Bad Request: message to delete not found", Value::Null),
        refused(400, "Bad Request: message can't be deleted", Value::Null),
    ])
    .await;
    let edit = || Message::Edit(plain_entry(), posted.clone());
    assert!(matches!(outcome(&channel, edit()).await, Outcome::Accepted(p) if !p.rendered.is_empty()));
    assert!(matches!(outcome(&channel, edit()).await, Outcome::Rejected(_)));
    assert!(matches!(outcome(&channel, Message::Delete(posted.clone())).await, Outcome::Accepted(_)));
    assert!(matches!(outcome(&channel, Message::Delete(posted.clone())).await, Outcome::Rejected(_)));
    // Nothing was posted anew.
    assert_eq!(api.methods(), ["EditMessageText", "EditMessageText", "DeleteMessage", "DeleteMessage"]);
}

#[tokio::test]
async fn a_group_that_moved_is_followed_once() {
    let moved = refused(400, "Bad Request: group chat was upgraded", json!({"migrate_to_chat_id": -1009}));
    let (channel, api) = scripted([moved.clone(), sent(-1009, 3)]).await;
    let Outcome::Accepted(posted) = outcome(&channel, Message::Post(plain_entry())).await else { panic!() };
    assert_eq!((posted.chat.as_str(), &api.calls()[1].1["chat_id"]), ("-1009", &json!(-1009)));
    let (channel, api) = scripted([moved.clone(), moved]).await;
    assert!(matches!(outcome(&channel, Message::Post(plain_entry())).await, Outcome::RetryAfter { .. }));
    assert_eq!(api.calls().len(), 2);
}

#[tokio::test]
async fn a_refused_token_stops_without_loss_and_is_not_shown() {
    let (channel, _) = scripted([refused(401, "Unauthorized", Value::Null)]).await;
    let answer = outcome(&channel, Message::Post(plain_entry())).await;
    let Outcome::RetryAfter { after, counts, reason } = answer else { panic!("{answer:?}") };
    assert_eq!((after, counts), (Some(Duration::ZERO), false));
    let blocks = channel.take_blocks();
    assert_eq!((blocks[0].key.as_str(), blocks[0].pause), (channel.limit.as_str(), Duration::from_mins(5)));
    assert!(reason.contains("token") && !reason.contains("secret-part"), "{reason}");
}

#[tokio::test]
async fn a_kicked_bot_and_a_missing_chat_are_the_targets_fault() {
    for description in ["Forbidden: bot was kicked from the channel chat", "Bad Request: chat not found"] {
        let code = if description.starts_with('F') { 403 } else { 400 };
        let (channel, _) = scripted([refused(code, description, Value::Null)]).await;
        assert!(matches!(outcome(&channel, Message::Post(plain_entry())).await, Outcome::RecipientGone(_)));
    }
}

#[tokio::test]
async fn a_cut_after_the_request_is_unknown_and_for_an_edit_harmless() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // The whole request is read (it ends with its JSON), then the line goes dead.
            let mut seen = Vec::new();
            while !seen.ends_with(b"}") {
                let mut piece = [0; 4096];
                let count = stream.read(&mut piece).await.unwrap();
                seen.extend_from_slice(&piece[..count]);
            }
        }
    });
    let channel = channel(&url);
    let answer = outcome(&channel, Message::Post(plain_entry())).await;
    let Outcome::Unknown(reason) = answer else { panic!("{answer:?}") };
    assert!(!reason.contains("secret-part"), "{reason}");
    let posted = Posted { chat: "-1001".into(), message: "5".into(), ..Posted::default() };
    let answer = outcome(&channel, Message::Edit(plain_entry(), posted)).await;
    assert!(matches!(answer, Outcome::RetryAfter { counts: true, .. }), "{answer:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_was_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let answer = outcome(&channel(&url), Message::Post(plain_entry())).await;
    let Outcome::RetryAfter { after, counts, reason } = answer else { panic!("{answer:?}") };
    assert_eq!((after, counts), (None, true));
    assert!(!reason.contains("secret-part"), "{reason}");
}

#[tokio::test]
async fn an_address_that_is_no_chat_is_refused_without_a_call() {
    let (channel, api) = scripted([]).await;
    let outcomes = channel.send(&[job("example", Message::Test)]).await;
    assert!(matches!(&outcomes[..], [Outcome::Rejected(_)]));
    assert_eq!(api.calls().len(), 0);
}

#[test]
fn limits_stand_under_their_names() {
    let channel = channel("http://127.0.0.1:9/");
    let bot = channel.limit.clone();
    let limit = |key: String, every_ms, slack_ms| Limit { key, every_ms, burst: 1, slack_ms };
    assert_eq!(channel.limits("@a"), [limit(bot.clone(), 40, 80), limit(format!("{bot}:@a"), 3_060, 612)]);
    let other = super::fingerprint(&"123456:another-secret".to_owned().into());
    assert!(bot.starts_with("telegram/") && !bot.ends_with(&other), "a corrected token begins with fresh limits");
}

// ---- what is rendered ----

fn renderer() -> Renderer {
    Renderer::new(samples::parts(&samples::config()).templates, "Cổng thông tin".to_owned())
}

#[test]
fn posts_look_as_they_should() {
    let channel = channel("http://127.0.0.1:9/");
    let show = |message| channel.preview(&job("@a", message)).unwrap();
    insta::assert_snapshot!("post", show(Message::Post(samples::sample())));
    let bare = samples::several(3).pop().unwrap();
    insta::assert_snapshot!("post_without_picture_date_and_page", show(Message::Post(bare)));
    insta::assert_snapshot!("digest", show(samples::digest(samples::several(4), "slot")));
    insta::assert_snapshot!("test", show(Message::Test));
}

#[test]
fn a_long_digest_says_how_many_are_missing() {
    let rendered = renderer().digest(&samples::several(300), Language::En);
    let (units, text) = strict::read(&rendered.html).unwrap();
    assert!(units <= 4096, "{units}");
    let shown = text.lines().filter(|l| l.starts_with('•')).count();
    assert!(shown > 20 && text.ends_with(&format!("… and {} more", 300 - shown)), "{text}");
}

#[test]
fn a_template_that_makes_no_valid_post_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("telegram")).unwrap();
    for broken in ["<p>{{ title }}</p>", "<b>{{ title|safe }}", "{{ nothing.at.all }}", "{{ 'ư' * 5000 }}", "{% if %}"]
    {
        std::fs::write(folder.path().join("telegram/post.html"), broken).unwrap();
        let Ok(templates) = crate::templates::Templates::load(Some(folder.path())) else { continue };
        let rendered = Renderer::new(Arc::new(templates), String::new()).text(&samples::sample(), seen(Language::Vi));
        let (_, text) = strict::read(&rendered.html).unwrap();
        assert!(text.contains("#TinTuc_SuKien") && text.contains("<Ninh Phước>"), "{broken}: {text}");
    }
}

/// Text as it comes from the worst of websites.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Zàáạảãđêôơư ]{0,40}",
        1 => any::<String>(),
        1 => prop::sample::select(vec![
            "]]>", "<b>", "</b>", "<script>", "&amp;", "&", "&#0;", "\u{0}", "\u{b}", "\u{202e}", "\u{fffd}", "\u{1F468}\u{200D}\u{1F469}",
            "e\u{302}\u{301}", "\r\n", "\n.\n", "\"'", "{{ x }}", "{% x %}", "=?utf-8?q?x?=", "\u{85}", "مرحبا", "https://e.vn/?a=1&b=2",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn whatever_the_article_says_telegram_takes_it(title in hostile(), lead in prop::option::of(hostile()), body in hostile(), name in hostile()) {
        let renderer = renderer();
        let reading = Reading { title: title.clone(), lead, text: body, ..samples::reading() };
        let mut section = samples::section();
        section.name = name;
        let entry = samples::entry(reading, section);
        let text = renderer.text(&entry, seen(Language::Vi));
        let caption = renderer.caption_at_any_price(&entry, seen(Language::En));
        let digest = renderer.digest(&vec![entry.clone(); 30], Language::Vi);
        for (rendered, most) in [(&text, 4096), (&caption, 1024), (&digest, 4096)] {
            let (units, read) = strict::read(&rendered.html).map_err(TestCaseError::fail)?;
            prop_assert!(units <= most, "{units} > {most}");
            prop_assert!(rendered.plain.encode_utf16().count() <= most);
            prop_assert!(!read.is_empty());
        }
        // The title is there whole wherever it fits.
        let clean = crate::article::text::one_line(&title);
        if clean.encode_utf16().count() < 3000 {
            prop_assert!(strict::read(&text.html).unwrap().1.contains(&clean));
        }
    }
}

mod pieces;
