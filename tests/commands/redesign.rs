//! A redesign as an admin lives through it: the daemon tells it once, `status`, `/status`, `/metrics` and `explain`
//! show it with what is proposed, the feeds stay, and it is told once more when it is well.

use serde_json::Value;

use crate::harness::proof::Proof;
use crate::harness::{Bantin, Config, Database, Site, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_redesign_is_told_by_the_real_binary() {
    let site = Site::with("tin-tuc", 12).await;
    let database = Database::chosen().await;
    let mut bantin = Bantin::new(&Config::new(&database).section("tin-tuc", &site, ""));
    bantin.start().await;
    let before = bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0012").await;
    let page = reqwest::get(site.listing("tin-tuc")).await.expect("the page").text().await.expect("its text");
    site.answer("/tin-tuc", 200, "text/html; charset=utf-8", page.replace("news-item", "x-card"));
    bantin.logged("not well").await;

    let shown = bantin.text("/status?lang=en").await;
    assert!(shown.contains("H507") && shown.contains("12 of them known"), "{shown}");
    assert!(bantin.text("/metrics").await.contains(r#"bantin_findings{section="tin-tuc",code="H507"} 1"#));
    let status = bantin.command(&["status"]).await;
    assert!(status.out.contains("in trouble") && status.out.contains("(H507)"), "{status:?}");
    let explained = bantin.command(&["explain", "tin-tuc", "--json"]).await;
    let answer: Value = serde_json::from_str(&explained.out).unwrap_or_else(|error| panic!("{error}: {explained:?}"));
    assert_eq!(answer["findings"][0]["code"], "H507", "{answer:#}");
    assert!(answer["now"]["proposal"].as_str().is_some_and(|text| text.contains("12 articles")), "{answer:#}");
    let explained = bantin.command(&["explain", "tin-tuc"]).await;
    assert!(explained.out.contains("not well     H507") && explained.out.contains("matches nothing"), "{explained:?}");
    assert_eq!(bantin.text("/feeds/tin-tuc.rss").await, before, "the last good feed stays");

    site.mended("/tin-tuc");
    bantin.logged("well again").await;
    until("an end in /metrics", async || (!bantin.text("/metrics").await.contains("H507")).then_some(())).await;
    assert_eq!(bantin.log().matches("not well").count(), 1, "told once:\n{}", bantin.log());
    assert_eq!(bantin.log().matches("well again").count(), 1, "{}", bantin.log());
    let explained = bantin.command(&["explain", "tin-tuc"]).await;
    assert!(explained.out.contains("12 known") && explained.out.contains("was not well H507"), "{explained:?}");
    let article = bantin.command(&["explain", &format!("{}/12-ban-tin.html", site.listing("tin-tuc"))]).await;
    assert!(article.out.contains("feeds only: it was there at the section's first look"), "{article:?}");
    assert!(article.out.contains("title"), "{article:?}");
    Proof::new("a redesign is told by the real binary").ran(1, "redesign");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_code_is_explained_in_both_languages() {
    let bantin = Bantin::empty(1);
    let codes = bantin::config::Code::ALL.iter().map(|code| code.text());
    for code in codes.chain(bantin::health::Code::ALL.iter().map(|code| code.text())) {
        let said = bantin.command(&["explain", &code.to_lowercase(), "--json"]).await;
        assert_eq!(said.code, 0, "{said:?}");
        let answer: Value = serde_json::from_str(&said.out).expect("JSON");
        for language in ["en", "vi"] {
            for part in ["meaning", "remedy"] {
                assert!(answer[language][part].as_str().is_some_and(|text| text.len() > 10), "{answer:#}");
            }
        }
    }
    let said = bantin.command(&["explain", "E999"]).await;
    assert!(said.code == 1 && said.err.contains("there is no code E999"), "{said:?}");
}
