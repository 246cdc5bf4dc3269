//! The Bot API over HTTP.

use bantin_fakes::control::Control;
use bantin_fakes::journal::Journal;
use bantin_fakes::telegram::{limits::Limits, router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{get, http, order};

async fn start(limits: Limits) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let control = Control::new(Journal::open(None).expect("a journal"));
    let router = router(Some("1:right".to_owned()), limits, control);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn generous() -> String {
    start(Limits { per_chat_second: 1000, per_group_minute: 1000, global_second: 1000, speed: 1 }).await
}

async fn call(address: &str, method: &str, params: Value) -> (u16, Value) {
    let path = format!("/bot1:right/{method}");
    let body = params.to_string();
    let (status, body) = http(address, "POST", &path, "application/json", body.as_bytes()).await.expect("an answer");
    (status, serde_json::from_str(&body).expect("JSON"))
}

async fn refused(address: &str, method: &str, params: Value) -> String {
    let (status, body) = call(address, method, params).await;
    assert_eq!((status, &body["ok"]), (400, &json!(false)), "{body}");
    body["description"].as_str().expect("a description").trim_start_matches("Bad Request: ").to_owned()
}

async fn journal(address: &str) -> Vec<Value> {
    get(address, "/control/journal").await.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// A multipart form with one picture of the size, as a client sends it.
fn upload(width: u32, height: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    body.extend(b"--x\r\nContent-Disposition: form-data; name=\"f1\"; filename=\"a.png\"\r\n\r\n");
    body.extend(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR");
    body.extend(width.to_be_bytes());
    body.extend(height.to_be_bytes());
    body.extend(b"\r\n--x--\r\n");
    body
}

async fn send_photo(address: &str, width: u32, height: u32) -> (u16, Value) {
    let form = upload(width, height, &[("chat_id", "@a"), ("photo", "attach://f1"), ("caption", "Ảnh")]);
    let answer = http(address, "POST", "/bot1:right/SendPhoto", "multipart/form-data; boundary=x", &form).await;
    let (status, body) = answer.expect("an answer");
    (status, serde_json::from_str(&body).expect("JSON"))
}

#[tokio::test]
async fn a_post_is_sent_edited_and_deleted() {
    let address = generous().await;
    let button = json!({ "inline_keyboard": [[{ "text": "Đọc tiếp", "url": "https://a.vn/1" }]] });
    let post = json!({ "chat_id": "@A", "text": "<b>Tin</b> mới", "parse_mode": "HTML", "reply_markup": button });
    let (status, sent) = call(&address, "SendMessage", post.clone()).await;
    assert_eq!(status, 200);
    let message = &sent["result"];
    assert_eq!(message["text"], "Tin mới");
    assert_eq!(message["entities"], json!([{ "type": "bold", "offset": 0, "length": 3 }]));
    let (chat, id) = (message["chat"]["id"].clone(), message["message_id"].clone());
    let mut same = post;
    same["message_id"] = id.clone();
    let unchanged = refused(&address, "editMessageText", same).await;
    assert!(unchanged.starts_with("message is not modified"), "{unchanged}");
    let edit = json!({ "chat_id": chat, "message_id": id, "text": "Tin đã sửa" });
    let (status, edited) = call(&address, "editMessageText", edit).await;
    assert_eq!((status, &edited["result"]["text"]), (200, &json!("Tin đã sửa")));
    assert!(edited["result"]["edit_date"].is_number());
    assert_eq!(call(&address, "deleteMessage", json!({ "chat_id": chat, "message_id": id })).await.0, 200);
    let gone = json!({ "chat_id": chat, "message_id": id, "text": "x" });
    assert_eq!(refused(&address, "editMessageText", gone).await, "message to edit not found");
    let lines = journal(&address).await;
    let seen: Vec<_> = lines.iter().map(|l| (l["method"].as_str(), l["chat"].as_str())).collect();
    let expected = ["sendMessage", "editMessageText", "deleteMessage"].map(|m| (Some(m), Some("@a")));
    assert_eq!(seen, expected, "the channel has one name, however it was called");
}

#[tokio::test]
async fn pictures_are_uploaded_once_and_used_again() {
    let address = generous().await;
    let (status, sent) = send_photo(&address, 640, 480).await;
    assert_eq!(status, 200, "{sent}");
    let id = sent["result"]["photo"][0]["file_id"].clone();
    assert_eq!(call(&address, "sendPhoto", json!({ "chat_id": "@b", "photo": id })).await.0, 200);
    let lines = journal(&address).await;
    assert_eq!(lines[0]["photo"]["hash"], lines[1]["photo"]["hash"]);
    let text = json!({ "chat_id": "@b", "message_id": 1, "text": "x" });
    assert_eq!(refused(&address, "editMessageText", text).await, "there is no text in the message to edit");
    let caption = json!({ "chat_id": "@a", "message_id": 1, "caption": "<i>mới</i>", "parse_mode": "HTML" });
    assert_eq!(call(&address, "editMessageCaption", caption).await.0, 200);
    assert_eq!(send_photo(&address, 2100, 100).await.1["description"], "Bad Request: PHOTO_INVALID_DIMENSIONS");
    assert_eq!(send_photo(&address, 5001, 5000).await.1["description"], "Bad Request: PHOTO_INVALID_DIMENSIONS");
    let local = json!({ "chat_id": "@a", "photo": "http://127.0.0.1:80/a.png" });
    assert_eq!(refused(&address, "sendPhoto", local).await, "wrong file identifier/HTTP URL specified");
    let album = json!([{ "type": "photo", "media": id }, { "type": "photo", "media": id, "caption": "hai" }]);
    let (status, sent) = call(&address, "sendMediaGroup", json!({ "chat_id": "@a", "media": album })).await;
    assert_eq!((status, sent["result"].as_array().map(Vec::len)), (200, Some(2)));
}

#[tokio::test]
async fn limits_are_utf16_units_after_parsing() {
    let address = generous().await;
    let send = |text: String| json!({ "chat_id": "@a", "text": text, "parse_mode": "HTML" });
    assert_eq!(call(&address, "sendMessage", send(format!("<b>{}</b>&amp;", "ễ".repeat(4095)))).await.0, 200);
    assert_eq!(refused(&address, "sendMessage", send("🌾".repeat(2049))).await, "message is too long");
    assert_eq!(refused(&address, "sendMessage", send("<b> </b>\n".to_owned())).await, "message text is empty");
    let broken = refused(&address, "sendMessage", send("a<br>b".to_owned())).await;
    assert_eq!(broken, "can't parse entities: Unsupported start tag \"br\" at byte offset 1");
    let photo = send_photo(&address, 10, 10).await.1["result"]["photo"][0]["file_id"].clone();
    let long = json!({ "chat_id": "@a", "photo": photo, "caption": "x".repeat(1025) });
    assert_eq!(refused(&address, "sendPhoto", long).await, "message caption is too long");
    let url = json!({ "inline_keyboard": [[{ "text": "x", "url": "/relative" }]] });
    let button = refused(&address, "sendMessage", json!({ "chat_id": "@a", "text": "x", "reply_markup": url })).await;
    assert_eq!(button, "inline keyboard button URL '/relative' is invalid: Wrong HTTP URL");
    assert_eq!(refused(&address, "sendMessage", json!({ "chat_id": "tin", "text": "x" })).await, "chat not found");
}

#[tokio::test]
async fn the_token_is_checked() {
    let address = generous().await;
    let path = |token: &str| format!("/bot{token}/getMe");
    assert_eq!(http(&address, "GET", &path("1:right"), "", b"").await.expect("an answer").0, 200);
    assert_eq!(http(&address, "GET", &path("1:wrong"), "", b"").await.expect("an answer").0, 401);
    assert_eq!(http(&address, "GET", &path("nonsense"), "", b"").await.expect("an answer").0, 404);
}

#[tokio::test]
async fn too_many_calls_must_wait_and_wait_longer() {
    let address = start(Limits { per_chat_second: 1, per_group_minute: 20, global_second: 30, speed: 1 }).await;
    let send = json!({ "chat_id": "@a", "text": "x" });
    assert_eq!(call(&address, "sendMessage", send.clone()).await.0, 200);
    let waits: [u64; 2] = [
        call(&address, "sendMessage", send.clone()).await.1["parameters"]["retry_after"].as_u64().expect("seconds"),
        call(&address, "sendMessage", send).await.1["parameters"]["retry_after"].as_u64().expect("seconds"),
    ];
    assert!(waits[0] < waits[1], "{waits:?}");
    assert_eq!(journal(&address).await.len(), 1);
}

#[tokio::test]
async fn it_misbehaves_as_ordered() {
    let address = generous().await;
    let send = |chat: &str| json!({ "chat_id": chat, "text": "x" });
    order(
        &address,
        r#"[{"match":{"chat":"@a","nth":1},"do":{"kind":"status","code":502}},
        {"match":{"chat":"@a","nth":1},"do":{"kind":"migrate","to":-100777}},
        {"match":{"chat":"@b"},"do":{"kind":"forbidden"}},
        {"match":{"chat":"@c","times":1},"do":{"kind":"accept_then_cut"}},
        {"match":{"chat":"@d"},"do":{"kind":"retry_after","seconds":7}}]"#,
    )
    .await;
    assert_eq!(call(&address, "sendMessage", send("@a")).await.0, 502);
    let (status, moved) = call(&address, "sendMessage", send("@a")).await;
    assert_eq!((status, &moved["parameters"]["migrate_to_chat_id"]), (400, &json!(-100_777)));
    assert_eq!(call(&address, "sendMessage", send("@a")).await.0, 200);
    assert_eq!(call(&address, "sendMessage", send("@b")).await.0, 403);
    let path = "/bot1:right/sendMessage";
    let cut = http(&address, "POST", path, "application/json", send("@c").to_string().as_bytes()).await;
    assert_eq!(cut, None);
    let (status, wait) = call(&address, "sendMessage", send("@d")).await;
    assert_eq!((status, &wait["parameters"]["retry_after"]), (429, &json!(7)));
    let chats: Vec<_> = journal(&address).await.iter().map(|line| line["chat"].clone()).collect();
    assert_eq!(chats, ["@a", "@c"], "what was cut after acceptance was accepted");
    assert_eq!(get(&address, "/control/refused").await.lines().count(), 4);
}

#[tokio::test]
async fn an_answer_is_withheld_until_released_or_given_up() {
    let address = generous().await;
    order(&address, r#"{"match":{"times":2},"do":{"kind":"withhold"}}"#).await;
    let other = address.clone();
    let sending =
        tokio::spawn(async move { call(&other, "sendMessage", json!({ "chat_id": "@a", "text": "x" })).await });
    assert_eq!(get(&address, "/control/pending?wait=1").await, "1");
    assert_eq!(get(&address, "/control/wait?count=1&chat=@a").await, "1", "accepted, though not answered");
    http(&address, "POST", "/control/release", "", b"").await.expect("an answer");
    assert_eq!(sending.await.expect("no panic").0, 200);
    let other = address.clone();
    let killed =
        tokio::spawn(async move { call(&other, "sendMessage", json!({ "chat_id": "@a", "text": "x" })).await });
    assert_eq!(get(&address, "/control/pending?wait=1").await, "1");
    killed.abort();
    while get(&address, "/control/pending").await != "0" {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn updates_are_fetched_once_and_by_one_poller() {
    let address = generous().await;
    let other = address.clone();
    let first = tokio::spawn(async move { call(&other, "getUpdates", json!({ "timeout": 20 })).await });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let other = address.clone();
    let second = tokio::spawn(async move { call(&other, "getUpdates", json!({ "timeout": 20 })).await });
    assert_eq!(first.await.expect("no panic").0, 409);
    http(&address, "POST", "/control/update", "", br#"{"message":{}}"#).await.expect("an answer");
    let (status, updates) = second.await.expect("no panic");
    assert_eq!((status, &updates["result"][0]["update_id"]), (200, &json!(1)));
    let (_, rest) = call(&address, "getUpdates", json!({ "offset": 2 })).await;
    assert_eq!(rest["result"], json!([]));
}
