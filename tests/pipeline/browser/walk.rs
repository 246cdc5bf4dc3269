//! The walk through a subscription, once in each language.

use serde_json::{Value, json};

use super::World;
use super::driver::Driver;

/// What the reader sees in their language.
pub struct Words {
    lang: &'static str,
    other: &'static str,
    width: u32,
    section: &'static str,
    by_email: &'static str,
    pub address: &'static str,
    daily: &'static str,
    pub subscribe: &'static str,
    sent: &'static str,
    pub confirm_subject: &'static str,
    pub confirm: [&'static str; 3],
    preferences: &'static str,
    save: &'static str,
    saved: &'static str,
    weekly: &'static str,
    pub pause: [&'static str; 2],
    resume: [&'static str; 2],
    export: &'static str,
    pub leave: [&'static str; 4],
    farewell: &'static str,
    pub erase: [&'static str; 3],
    wrong: [&'static str; 2],
    search: [&'static str; 2],
}

pub const VI: Words = Words {
    lang: "vi",
    other: "English",
    width: 320,
    section: "Tin tức tin-tuc",
    by_email: "Thư điện tử",
    address: "Địa chỉ thư điện tử",
    daily: "Mỗi ngày một thư",
    subscribe: "Đăng ký",
    sent: "Mời bạn xem hộp thư",
    confirm_subject: "Xác nhận đăng ký tin",
    confirm: ["Xác nhận đăng ký", "Tôi muốn nhận tin", "Đã đăng ký"],
    preferences: "Tùy chọn nhận tin",
    save: "Lưu",
    saved: "Đã lưu.",
    weekly: "Mỗi tuần một thư",
    pause: ["Tạm nghỉ 30 ngày", "Đã tạm ngừng gửi thư"],
    resume: ["Nhận lại ngay", "Thư đã được gửi trở lại"],
    export: "Tải về dữ liệu của tôi",
    leave: ["Hủy đăng ký tất cả", "Hủy đăng ký", "Hủy đăng ký tất cả", "Bạn đã hủy đăng ký"],
    farewell: "Đã hủy đăng ký tin của",
    erase: ["Xóa dữ liệu của tôi", "Xóa tất cả", "Dữ liệu của bạn đã được xóa"],
    wrong: ["Liên kết này không đúng", "Hãy nhập một địa chỉ thư điện tử đúng"],
    search: ["Tìm trong chuyên mục", "Tìm"],
};

pub const EN: Words = Words {
    lang: "en",
    other: "Tiếng Việt",
    width: 1280,
    section: "Tin tức tin-tuc",
    by_email: "E-mail",
    address: "E-mail address",
    daily: "One mail a day",
    subscribe: "Subscribe",
    sent: "Please look into your mailbox",
    confirm_subject: "Please confirm: news of",
    confirm: ["Confirm your subscription", "Yes, send me the news", "You are subscribed"],
    preferences: "Your preferences",
    save: "Save",
    saved: "Saved.",
    weekly: "One mail a week",
    pause: ["Pause for 30 days", "Your mails are paused"],
    resume: ["Begin again now", "Your mails begin again"],
    export: "Download my data",
    leave: ["Unsubscribe from everything", "Unsubscribe", "Unsubscribe from everything", "You are unsubscribed"],
    farewell: "Unsubscribed: news of",
    erase: ["Erase my data", "Erase everything", "Your data is erased"],
    wrong: ["This link is not right", "Please enter a valid e-mail address"],
    search: ["Search this section", "Search"],
};

/// From the front page to being forgotten.
pub async fn through(world: &World, driver: &mut Driver, words: &Words) {
    let (base, lang) = (world.bantin.url("/"), words.lang);
    let reader = format!("doc.gia.{lang}@example.vn");
    let click = |role: &str, name: &str, heading: &str| {
        let mut with = json!({ "role": role, "name": name, "lang": lang });
        if !heading.is_empty() {
            with["heading"] = json!(heading);
        }
        with
    };
    driver.step("reader", json!({ "url": base, "lang": lang, "width": words.width }));
    driver.step("go", json!({ "path": base, "lang": lang, "status": 200 }));
    // The switch keeps the page, and leads back.
    driver.step("click", json!({ "role": "link", "name": words.section, "within": "main", "lang": lang }));
    let here = driver.text("where", json!({}));
    driver.step("click", json!({ "role": "link", "name": words.other, "heading": words.section }));
    assert_eq!(driver.text("where", json!({})).split('?').next(), Some(here.as_str()), "the switch keeps the page");
    driver.step("back", json!({ "lang": lang }));
    // Without accents, in a section that writes with them.
    driver.step("fill", json!({ "label": words.search[0], "value": "ban tin so 0007" }));
    driver.step("click", click("button", words.search[1], words.section));
    let found = driver.text("text", json!({}));
    assert!(found.contains("Bản tin số 0007") && !found.contains("Bản tin số 0008"), "{found}");
    driver.step("go", json!({ "path": here, "lang": lang }));
    driver.step("click", json!({ "role": "link", "name": words.by_email, "within": "main", "lang": lang }));

    // A mistake is told and what was chosen stays; a browser that checks by itself would not let it through.
    driver.step("check", json!({ "label": words.daily }));
    driver.step("fill", json!({ "label": words.address, "value": "not.an@address" }));
    driver.step("rest", json!({ "ms": 1_100 }));
    driver.step("click", click("button", words.subscribe, ""));
    assert!(driver.text("text", json!({})).contains(words.wrong[1]), "the mistake is told");
    driver.step("fill", json!({ "label": words.address, "value": reader }));
    driver.step("rest", json!({ "ms": 1_100 }));
    driver.step("click", click("button", words.subscribe, words.sent));

    let asked = world.mail(words.confirm_subject).await;
    assert_eq!(asked.to, [reader.as_str()]);
    let link = asked.text.split_whitespace().find(|word| word.contains("/confirm/")).expect("a link").to_owned();
    assert!(link.starts_with(&base), "links come from base_url: {link}");
    driver.step("go", json!({ "path": link, "lang": lang, "heading": words.confirm[0] }));
    driver.step("click", click("button", words.confirm[1], words.confirm[2]));
    driver.step("click", click("link", words.preferences, words.preferences));
    let own = driver.text("where", json!({}));
    assert_eq!(driver.text("selected", json!({ "label": words.section })), "daily");
    driver.step("select", json!({ "label": words.section, "value": { "label": words.weekly } }));
    driver.step("click", click("button", words.save, words.preferences));
    assert!(driver.text("text", json!({})).contains(words.saved));
    assert_eq!(driver.text("selected", json!({ "label": words.section })), "weekly");

    driver.step("click", click("button", words.pause[0], words.pause[1]));
    driver.step("click", click("link", words.preferences, words.preferences));
    assert_eq!(driver.text("selected", json!({ "label": words.section })), "weekly", "a pause keeps the choices");
    driver.step("click", click("button", words.resume[0], words.resume[1]));
    driver.step("click", click("link", words.preferences, words.preferences));
    let copy: Value = serde_json::from_str(&driver.text("download", json!({ "name": words.export }))).expect("JSON");
    assert_eq!((copy["address"].as_str(), copy["state"].as_str()), (Some(reader.as_str()), Some("active")), "{copy}");
    assert!(copy["consent"]["wording"].as_str().is_some_and(|text| text.contains("Cổng thông tin")), "{copy}");
    assert_eq!(copy["sections"][0], json!({ "section": "tin-tuc", "cadence": "weekly", "active": true }));

    driver.step("click", click("link", words.leave[0], words.leave[1]));
    driver.step("click", click("button", words.leave[2], words.leave[3]));
    let farewell = world.mail(words.farewell).await;
    assert!(farewell.text.contains("/preferences/") && farewell.list_unsubscribe.is_none(), "{farewell:?}");
    driver.step("go", json!({ "path": own, "lang": lang, "heading": words.preferences }));
    driver.step("click", click("link", words.erase[0], words.erase[0]));
    driver.step("click", click("button", words.erase[1], words.erase[2]));
    driver.step("go", json!({ "path": own, "status": 404, "lang": lang, "heading": words.wrong[0] }));
    let said = world.bantin.command(&["subscribers", "list", "--json"]).await;
    assert!(!said.out.contains(&reader), "nothing is kept: {}", said.out);
}
