//! A reader with a browser: every page and every step of a subscription in a headless Chromium with JavaScript off, in
//! both languages; axe on every page and every mail, light and dark, narrow and wide. The pictures stay in the target
//! directory (`browser-shots/`) to be looked at.

mod driver;
mod walk;

use std::path::PathBuf;

use serde_json::json;

use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, FakeSmtp, Site, mail, until};
use driver::Driver;

/// The world of a reader: two sections with pictures, a relay, digests every few seconds.
struct World {
    site: Site,
    smtp: FakeSmtp,
    bantin: Bantin,
}

impl World {
    async fn start(articles: usize) -> Self {
        let site = Site::start().await;
        for slug in ["tin-tuc", "van-hoa"] {
            site.section(slug, (1..=articles).map(|number| Article::new(number).with_picture()).collect());
        }
        let smtp = FakeSmtp::start();
        let config = Config::new(&Database::sqlite())
            .email(&smtp, 2)
            .raw("farewell = true\ndaily = \"*/2 * * * * *\"\n\n")
            .section("tin-tuc", &site, "guard = \"off\"\ntelegram = \"@example_tintuc\"")
            .section("van-hoa", &site, "guard = \"off\"\nlanguage = \"en\"\ntranslation_of = \"tin-tuc\"");
        let text = config.text().replace("[server]\n", "[server]\nadmin_token = \"the-admins-token\"\n");
        let mut bantin = Bantin::new(&config);
        bantin.configure(&text);
        bantin.start().await;
        for slug in ["tin-tuc", "van-hoa"] {
            bantin.feed_with(&format!("/feeds/{slug}.rss"), &format!("Bản tin số {articles:04}")).await;
        }
        Self { site, smtp, bantin }
    }

    /// Waits for a mail that has the piece in its subject.
    async fn mail(&self, piece: &str) -> mail::Mail {
        until(&format!("a mail about {piece:?}"), async || {
            self.smtp.journal().await.iter().map(mail::read).find(|mail| mail.subject.contains(piece))
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_from_the_first_page_to_being_forgotten() {
    let proof =
        Proof::new("a browser without JavaScript subscribes, chooses, pauses, leaves and is forgotten, vi and en");
    let Some(mut driver) = Driver::start("walk") else { return proof.skipped(Driver::NEEDS) };
    let world = World::start(12).await;
    for words in [&walk::VI, &walk::EN] {
        walk::through(&world, &mut driver, words).await;
    }
    proof.ran(2, "languages");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_and_mail_is_open_to_all() {
    let proof = Proof::new("axe finds nothing serious on pages and mails, light and dark, narrow and wide");
    let Some(mut driver) = Driver::start("looks") else { return proof.skipped(Driver::NEEDS) };
    let world = World::start(4).await;
    world.bantin.subscribe("doc.gia@example.vn", "tin-tuc").await;
    let daily = ["subscribers", "add", "doc.bao@example.vn", "--section", "tin-tuc", "--section", "van-hoa"];
    let said = world.bantin.command(&[&daily[..], &["--cadence", "daily"]].concat()).await;
    assert_eq!(said.code, 0, "{said:?}");
    for slug in ["tin-tuc", "van-hoa"] {
        world.site.publish(slug, Article::new(100).with_picture());
    }
    let post = world.mail("Bản tin số 0100").await;
    let digest = world.mail("Bản tin hằng ngày").await;
    let address = format!("{}/100-ban-tin.html", world.site.listing("tin-tuc"));
    let said = world.bantin.command(&["articles", "correct", &address, "--note", "Ngày đúng là 12-7."]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let correction = world.mail("Đính chính").await;

    let token = |mail: &mail::Mail, part: &str| {
        mail.text.split(&format!("/{part}/")).nth(1).and_then(|rest| rest.split_whitespace().next()).map(str::to_owned)
    };
    let preferences = token(&post, "preferences").expect("the link of the preferences");
    let unsubscribe = token(&post, "unsubscribe").expect("the link to leave");
    let of_digest = token(&digest, "digest").expect("the digest's page");
    let of_post = token(&post, "s/tin-tuc").expect("the article's page");
    let pages = [
        ("index", "/".to_owned()),
        ("index-en", "/?lang=en".to_owned()),
        ("section", "/s/tin-tuc".to_owned()),
        ("search", "/s/tin-tuc?q=ban+tin&lang=en".to_owned()),
        ("older", "/s/tin-tuc?before=9999999999999-1".to_owned()),
        ("status", "/status?lang=en".to_owned()),
        ("subscribe", "/subscribe?section=tin-tuc".to_owned()),
        ("preferences", format!("/preferences/{preferences}")),
        ("preferences-en", format!("/preferences/{preferences}?lang=en")),
        ("erase", format!("/preferences/{preferences}/erase")),
        ("unsubscribe", format!("/unsubscribe/{unsubscribe}")),
        ("article", format!("/s/tin-tuc/{of_post}")),
        ("digest", format!("/digest/{of_digest}")),
        ("not-found", "/there-is-no-such-page".to_owned()),
    ];
    let mut found = Vec::new();
    for (name, path) in &pages {
        let weight = world.bantin.get(path).await.bytes().await.expect("the page").len();
        assert!(weight <= 50_000, "{path} weighs {weight} bytes");
        let look = json!({ "name": name, "path": world.bantin.url(path), "widths": [320, 1280] });
        found.extend(driver.strings("look", look));
    }
    // What is seen only after something was pressed, in its order.
    let address = |value: &str| json!({ "label": walk::VI.address, "value": value });
    let (rest, press) = (json!({ "rest": 1_100 }), |button: &str| json!({ "button": button }));
    let asked = [address("doc.moi@example.vn"), rest.clone(), press(walk::VI.subscribe)];
    let mut after = vec![
        (
            "subscribe-wrong",
            "/subscribe".to_owned(),
            json!([address("not.an@address"), rest, press(walk::VI.subscribe)]),
        ),
        ("subscribe-sent", "/subscribe?section=tin-tuc".to_owned(), json!(asked)),
        (
            "status-wrong",
            "/status".to_owned(),
            json!([{ "label": "Mã truy cập của quản trị viên", "value": "x" }, press("Xem chi tiết")]),
        ),
        (
            "admin",
            "/status?lang=en".to_owned(),
            json!([{ "label": "Admin token", "value": "the-admins-token" }, press("Show the details")]),
        ),
    ];
    for (name, path, first) in &after {
        let look = json!({ "name": name, "path": world.bantin.url(path), "widths": [320, 1280], "first": first });
        found.extend(driver.strings("look", look));
    }
    let confirm = world.mail(walk::VI.confirm_subject).await;
    let confirming = token(&confirm, "confirm").expect("the link to confirm");
    let own = format!("/preferences/{preferences}");
    let last = [
        ("confirm", format!("/confirm/{confirming}"), json!([])),
        ("confirmed", format!("/confirm/{confirming}"), json!([press(walk::VI.confirm[1])])),
        ("paused", own.clone(), json!([press(walk::VI.pause[0])])),
        ("preferences-paused", own.clone(), json!([])),
        ("unsubscribed", format!("/unsubscribe/{unsubscribe}"), json!([press(walk::VI.leave[2])])),
        ("erased", format!("{own}/erase"), json!([press(walk::VI.erase[1])])),
        ("expired", own, json!([])),
    ];
    for (name, path, first) in &last {
        let look = json!({ "name": name, "path": world.bantin.url(path), "widths": [320, 1280], "first": first });
        found.extend(driver.strings("look", look));
    }
    after.extend(last);
    for personal in ["doc.bao", "/preferences/", "/unsubscribe/"] {
        let page = world.bantin.text(&format!("/digest/{of_digest}")).await;
        assert!(!page.contains(personal), "a digest's page shows nothing personal: {personal}");
    }
    let thirty = PathBuf::from("digest-30.html");
    let said = world.bantin.command(&["preview", "tin-tuc", "--as", "digest", "--to", "digest-30.html"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let mut mails = vec![("mail-digest-preview".to_owned(), world.bantin.path(thirty.to_str().expect("a name")))];
    for (name, mail) in [("post", &post), ("digest", &digest), ("correction", &correction), ("confirm", &confirm)] {
        let file = world.bantin.path(&format!("{name}.html"));
        std::fs::write(&file, &mail.html).expect("writing");
        mails.push((format!("mail-{name}"), file));
    }
    for (name, file) in &mails {
        let look = json!({ "name": name, "file": file, "widths": [320, 600],
                           "rules": { "region": { "enabled": false } } });
        found.extend(driver.strings("look", look));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    proof.ran((pages.len() + after.len() + mails.len()) * 4, "pages and mails in a width and a colour scheme");
}
