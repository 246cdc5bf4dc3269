//! Whole texts, split and cut, albums, file ids, and posts that are marked.

use super::*;

fn style(change: impl FnOnce(&mut PostStyle)) -> PostStyle {
    let mut style = STYLE.clone();
    change(&mut style);
    style
}

fn styled(message: Message, style: PostStyle) -> Job {
    let mut job = job("@example_tintuc", message);
    job.target.style = style;
    job
}

fn long_entry(paragraphs: usize) -> Entry {
    let mut reading = samples::reading();
    reading.image = None;
    reading.text =
        (0..paragraphs).map(|n| format!("Đoạn {n}: {}", "lũ lên nhanh ".repeat(40))).collect::<Vec<_>>().join("\n");
    samples::entry(reading, samples::section())
}

fn texts(api: &Api) -> String {
    api.calls().iter().map(|(_, call)| call["text"].as_str().unwrap_or_default().to_owned() + "\n").collect()
}

#[tokio::test]
async fn a_long_text_goes_on_in_further_messages_one_call_at_a_time() {
    let (channel, api) = scripted([sent(-1001, 5), sent(-1001, 6), sent(-1001, 7)]).await;
    let entry = long_entry(20);
    let split = style(|style| (style.full, style.split) = (true, true));
    let mut only = styled(Message::Post(entry.clone()), split.clone());
    let Outcome::Partly { progress, .. } = channel.send(std::slice::from_ref(&only)).await.remove(0) else { panic!() };
    assert_eq!(api.calls().len(), 1, "one call a claim");
    only.progress = progress;
    let Outcome::Accepted(posted) = done(&channel, only).await else { panic!() };
    assert_eq!(
        (posted.message.as_str(), posted.further.as_slice()),
        ("5", ["6".to_owned(), "7".to_owned()].as_slice())
    );
    let all = texts(&api);
    for n in 0..20 {
        assert!(all.contains(&format!("Đoạn {n}:")), "{n}");
    }
    assert_eq!(channel.counts(), [("entity_faults", 0), ("cut", 0)]);

    // One changed paragraph is one edited message.
    let mut changed = entry.clone();
    let text = &mut Arc::make_mut(&mut changed.article).reading.text;
    *text = text.replace("Đoạn 9:", "Mục 9:");
    let (channel, api) = scripted([sent(-1001, 6)]).await;
    let Outcome::Accepted(edited) = done(&channel, styled(Message::Edit(changed, posted.clone()), split.clone())).await
    else {
        panic!()
    };
    assert_eq!((api.methods(), api.calls()[0].1["message_id"].clone()), (vec!["EditMessageText".to_owned()], json!(6)));
    assert_ne!(edited.rendered, posted.rendered);

    // A shorter text leaves no rest behind, a longer one is cut in the last message.
    let yes = (200, json!({"ok": true, "result": true}));
    let (channel, api) = scripted([sent(-1001, 5), yes.clone()]).await;
    let Outcome::Accepted(shorter) =
        done(&channel, styled(Message::Edit(long_entry(1), posted.clone()), split.clone())).await
    else {
        panic!()
    };
    assert_eq!(api.methods(), ["EditMessageText", "DeleteMessages"]);
    assert!(shorter.further.is_empty());
    let (channel, api) = scripted([sent(-1001, 7)]).await;
    let Outcome::Accepted(longer) =
        done(&channel, styled(Message::Edit(long_entry(60), posted.clone()), split.clone())).await
    else {
        panic!()
    };
    assert_eq!((api.calls().len(), longer.further.len()), (1, 2), "no new post");
    assert!(texts(&api).contains('…') && texts(&api).contains("www.example.vn"));
    assert_eq!(channel.counts(), [("entity_faults", 0), ("cut", 1)]);

    // All of them are deleted at once.
    let (channel, api) = scripted([yes]).await;
    let deletion = styled(Message::Delete(posted), split);
    assert_eq!(channel.weight(&deletion), 3);
    let Outcome::Accepted(_) = done(&channel, deletion).await else { panic!() };
    assert_eq!(api.calls()[0].1["message_ids"], json!([5, 6, 7]));
}

#[tokio::test]
async fn a_whole_text_is_cut_at_a_word_with_a_link_and_counted() {
    let (channel, api) = scripted([sent(-1001, 5)]).await;
    let full = style(|style| style.full = true);
    let Outcome::Accepted(posted) = done(&channel, styled(Message::Post(long_entry(20)), full)).await else { panic!() };
    let text = api.calls()[0].1["text"].as_str().unwrap().to_owned();
    let (units, read) = strict::read(&text).unwrap();
    assert!((3_900..=4_096).contains(&units), "{units}");
    assert!(read.contains('…') && text.contains("https://www.example.vn/tin-tuc/le-hoi"), "{read}");
    assert!(posted.further.is_empty());
    assert_eq!(channel.counts(), [("entity_faults", 0), ("cut", 1)]);
}

/// A server with pictures, and an article with so many of them.
async fn gallery(count: usize) -> Entry {
    let mut entry = pictured(gif(640, 480)).await;
    let reading = &mut Arc::make_mut(&mut entry.article).reading;
    let first = reading.image.clone().unwrap();
    let at = |n: usize| crate::article::Picture { url: format!("{}?{n}", first.url), ..first.clone() };
    reading.pictures = std::iter::once(first.clone()).chain((1..count).map(at)).collect();
    entry
}

fn album(first: i32, count: i32) -> (u16, Value) {
    let one = |n: i32| {
        json!({"message_id": first + n, "date": 1, "chat": {"id": -1001, "type": "channel", "title": "t"},
               "media_group_id": "1", "photo": [{"file_id": format!("f{n}"), "file_unique_id": "u", "width": 1,
               "height": 1, "file_size": 1}]})
    };
    (200, json!({"ok": true, "result": (0..count).map(one).collect::<Vec<_>>()}))
}

#[tokio::test]
async fn a_gallery_is_one_album_whose_pictures_are_uploaded_once() {
    let (channel, api) = scripted([album(5, 3), album(15, 3), sent(-1001, 5)]).await;
    let albums = style(|style| style.album = true);
    let entry = gallery(3).await;
    let post = styled(Message::Post(entry.clone()), albums.clone());
    assert_eq!(channel.weight(&post), 3);
    let Outcome::Accepted(posted) = done(&channel, post.clone()).await else { panic!() };
    assert_eq!((posted.message.as_str(), posted.further.len(), posted.photo), ("5", 2, true));
    let form = api.calls()[0].1.as_str().unwrap().to_owned();
    assert_eq!(form.matches("GIF89a").count(), 3);
    // Another chat: by their ids.
    let Outcome::Accepted(_) = done(&channel, post).await else { panic!() };
    let form = api.calls()[1].1.to_string();
    assert!(!form.contains("GIF89a") && form.contains("f0") && form.contains("f2"), "{form}");
    // The caption stands with the first one; an album has no buttons.
    let mut changed = entry;
    Arc::make_mut(&mut changed.article).reading.title = "Sửa".to_owned();
    let Outcome::Accepted(edited) = done(&channel, styled(Message::Edit(changed, posted.clone()), albums)).await else {
        panic!()
    };
    let (method, call) = api.calls().remove(2);
    assert_eq!(
        (method.as_str(), &call["message_id"], &call["reply_markup"]),
        ("EditMessageCaption", &json!(5), &Value::Null)
    );
    assert_eq!(edited.further, posted.further);
}

#[tokio::test]
async fn a_picture_that_is_not_accepted_any_more_is_uploaded_anew() {
    let photo = |file: &str| {
        let mut answer = album(5, 1).1["result"][0].clone();
        answer["photo"][0]["file_id"] = json!(file);
        (200, json!({"ok": true, "result": answer}))
    };
    let wrong = refused(400, "Bad Request: wrong file identifier/HTTP URL specified", Value::Null);
    let (channel, api) = scripted([photo("one"), wrong, photo("two"), photo("two")]).await;
    let entry = pictured(gif(640, 480)).await;
    for _ in 0..3 {
        let Outcome::Accepted(posted) = outcome(&channel, Message::Post(entry.clone())).await else { panic!() };
        assert!(posted.photo);
    }
    let uploads: Vec<bool> = api.calls().iter().map(|(_, call)| call.to_string().contains("GIF89a")).collect();
    assert_eq!(uploads, [true, false, true, false]);
}

#[tokio::test]
async fn another_picture_takes_the_place_of_the_old_one() {
    let (channel, api) = scripted([sent(-1001, 5), sent(-1001, 5)]).await;
    let entry = pictured(gif(640, 480)).await;
    let Outcome::Accepted(posted) = outcome(&channel, Message::Post(entry.clone())).await else { panic!() };
    let same = outcome(&channel, Message::Edit(entry.clone(), posted.clone())).await;
    assert_eq!((same, api.calls().len()), (Outcome::Accepted(posted.clone()), 1), "nothing changed");
    let mut changed = entry;
    let image = &mut Arc::make_mut(&mut changed.article).reading.image;
    image.as_mut().unwrap().url += "?2";
    let Outcome::Accepted(edited) = outcome(&channel, Message::Edit(changed, posted.clone())).await else { panic!() };
    assert_eq!(api.methods(), ["SendPhoto", "EditMessageMedia"]);
    assert_ne!(edited.picture, posted.picture);
}

#[tokio::test]
async fn a_withdrawn_post_is_marked_where_that_is_wanted() {
    let (channel, api) = scripted([sent(-1001, 5), (200, json!({"ok": true, "result": true}))]).await;
    let posted = Posted {
        chat: "-1001".into(),
        message: "5".into(),
        further: vec!["6".into(), "7".into()],
        ..Posted::default()
    };
    let Outcome::Accepted(_) = outcome(&channel, Message::Mark(plain_entry(), posted)).await else { panic!() };
    assert_eq!(api.methods(), ["EditMessageText", "DeleteMessages"]);
    let text = api.calls()[0].1["text"].as_str().unwrap().to_owned();
    assert!(text.contains("Bài này đã được gỡ") && text.contains("<s>"), "{text}");
    assert_eq!(api.calls()[0].1["reply_markup"], Value::Null);
}

#[tokio::test]
async fn several_chats_that_must_wait_together_mean_the_bot() {
    let busy = |seconds: u64| refused(429, "Too Many Requests", json!({ "retry_after": seconds }));
    let (channel, _) = scripted([busy(40), busy(3), busy(9)]).await;
    for chat in ["@one_chat", "@two_chat", "@three_chat"] {
        assert!(channel.take_blocks().is_empty());
        let answer = done(&channel, job(chat, Message::Test)).await;
        assert!(matches!(answer, Outcome::RetryAfter { counts: false, .. }));
    }
    let blocks = channel.take_blocks();
    assert_eq!((blocks.len(), blocks[0].key.as_str(), blocks[0].pause.as_secs()), (1, channel.limit.as_str(), 3));
}

#[test]
fn methods_have_limits_of_their_own_and_hashtags_are_chosen() {
    let config = samples::config();
    let mut own = samples::telegram("http://127.0.0.1:9/");
    own.methods.edit = Some(crate::config::Rate { per_minute: Some(20), ..Default::default() });
    let channel = TelegramChannel::build(&config, &own, &samples::parts(&config)).unwrap();
    let keys = |kind: &str| channel.limits_of("@a", kind).into_iter().map(|limit| limit.key).collect::<Vec<_>>();
    let bot = channel.limit.clone();
    assert_eq!(keys("post"), [bot.clone(), format!("{bot}:@a")]);
    assert_eq!(keys("edit"), [bot.clone(), format!("{bot}/edit:m"), format!("{bot}:@a")]);
    let tags = style(|style| style.hashtags = Some(vec!["Huế".into(), "LuLut".into()]));
    let made = renderer().text(&plain_entry(), View { language: Language::Vi, style: &tags });
    assert!(made.html.contains("#Huế #LuLut"), "{}", made.html);
}
