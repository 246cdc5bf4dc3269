//! A whole site: `init` proposes its sections in both languages, `backfill` walks its older pages, `reread` reads again
//! those that are kept.

use serde_json::Value;

use crate::harness::config::free_port;
use crate::harness::proof::Proof;
use crate::harness::{Bantin, Config, Database, FakeTelegram, until};
use crate::made::{Made, article, listing, path_of};

const MENU: &str = "<nav class=\"main-menu\"><ul><li><a href=\"/\">Trang chủ</a></li><li><a href=\"/tin-tuc\">Tin tức</a></li>\
    <li><a href=\"/kinh-te\">Kinh tế</a></li><li><a href=\"/gioi-thieu-chung\">Cơ cấu tổ chức</a></li>\
    <li><a href=\"/lien-he\">Liên hệ</a></li></ul></nav><a href=\"/en/\" title=\"English\">EN</a>";
const ENGLISH_MENU: &str = "<nav class=\"main-menu\"><ul><li><a href=\"/en/\">Home</a></li><li><a href=\"/en/news\">News</a></li>\
    <li><a href=\"/en/economy\">Economy</a></li></ul></nav>";

fn with_menu(page: &str, menu: &str) -> String {
    page.replacen("<body>", &format!("<body>{menu}"), 1)
}

/// A site in two languages.
pub async fn two_languages() -> Made {
    let site = Made::start().await;
    site.articles(100..=180);
    let numbers = |from: usize| (from..from + 10).rev().collect::<Vec<_>>();
    site.page("/", with_menu(&listing("vi", "", "Cổng thông tin tỉnh Mẫu", &numbers(105), ""), MENU));
    site.page("/tin-tuc", with_menu(&listing("vi", "", "Tin tức", &numbers(110), ""), MENU));
    site.page("/kinh-te", with_menu(&listing("vi", "", "Kinh tế", &numbers(130), ""), MENU));
    site.page(
        "/gioi-thieu-chung",
        with_menu("<!DOCTYPE html><html lang=\"vi\"><body><h1>Cơ cấu tổ chức</h1><p>Ủy ban.</p></body></html>", MENU),
    );
    site.page("/en/", with_menu(&listing("en", "", "Portal of the province", &numbers(155), ""), ENGLISH_MENU));
    site.page("/en/news", with_menu(&listing("en", "", "News", &numbers(150), ""), ENGLISH_MENU));
    site.page("/en/economy", with_menu(&listing("en", "", "Economy", &numbers(170), ""), ENGLISH_MENU));
    site
}

#[tokio::test(flavor = "multi_thread")]
async fn init_proposes_both_languages_of_a_site() {
    let site = two_languages().await;
    let bantin = Bantin::empty(free_port());
    let said = bantin.command(&["init", "--yes", "--url", &site.url]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("left out"), "what lists nothing is left out, with the reason: {said:?}");
    let text = std::fs::read_to_string(bantin.path("config.toml")).expect("the file");
    for lines in [
        format!("[section.tin-tuc]\nname = \"Tin tức\"\nurl = \"{}/tin-tuc\"\n", site.url),
        format!("[section.kinh-te]\nname = \"Kinh tế\"\nurl = \"{}/kinh-te\"\n", site.url),
        format!(
            "[section.news]\nname = \"News\"\nlanguage = \"en\"\nurl = \"{}/en/news\"\ntranslation_of = \"tin-tuc\"\n",
            site.url
        ),
        format!(
            "[section.economy]\nname = \"Economy\"\nlanguage = \"en\"\nurl = \"{}/en/economy\"\ntranslation_of = \"kinh-te\"\n",
            site.url
        ),
    ] {
        assert!(text.contains(&lines), "{lines}\n{said:?}");
    }
    assert_eq!(text.matches("\n[section.").count(), 4, "{said:?}");
    assert_eq!(bantin.command(&["check", "--offline"]).await.code, 0);
    let said = bantin.command(&["once"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let feed = std::fs::read_to_string(bantin.path("feeds/news.rss")).expect("the feed");
    assert!(feed.contains("Bản tin số 0159"), "{feed}");
    // A file that is there is not overwritten.
    let before = std::fs::read_to_string(bantin.path("config.toml")).expect("the file");
    let said = bantin.command(&["init", "--yes"]).await;
    assert!(said.code == 1 && said.err.contains("--force"), "{said:?}");
    assert_eq!(std::fs::read_to_string(bantin.path("config.toml")).expect("the file"), before);
    Proof::new("every command does what it says").ran(2, "init");
}

#[tokio::test(flavor = "multi_thread")]
async fn init_without_a_site_writes_the_commented_start() {
    let bantin = Bantin::empty(free_port());
    let said = bantin.command(&["init"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let said = bantin.command(&["check", "--offline"]).await;
    assert!(said.code == 0 && said.err.contains("bantin add URL"), "{said:?}");
}

/// A section of 40 articles on four pages.
async fn paged() -> Made {
    let site = Made::start().await;
    site.articles(101..=140);
    for page in 1..=4 {
        let last = 140 - (page - 1) * 10;
        let numbers: Vec<usize> = (last - 9..=last).rev().collect();
        let links: Vec<String> = (1..=4).map(|n| format!("<a href=\"/tin?page={n}\">{n}</a> ")).collect();
        let links = links.concat();
        let html = listing("vi", "", "Tin", &numbers, &format!("<div class=\"pagination\">{links}</div>"));
        site.page(&if page == 1 { "/tin".to_owned() } else { format!("/tin?page={page}") }, html.clone());
        if page == 1 {
            site.page("/tin?page=1", html);
        }
    }
    site
}

async fn config(site: &Made, telegram: &FakeTelegram) -> Config {
    let section =
        format!("[section.tin]\nname = \"Tin\"\nurl = \"{}/tin\"\ntelegram = \"@kenh\"\nguard = \"off\"\n", site.url);
    Config::new(&Database::chosen().await.left()).telegram(telegram).raw(&section)
}

async fn count(bantin: &Bantin) -> usize {
    let said = bantin.command(&["articles", "list", "tin", "--limit", "100", "--json"]).await;
    let rows: Value = serde_json::from_str(&said.out).expect("JSON");
    rows.as_array().map_or(0, Vec::len)
}

#[tokio::test(flavor = "multi_thread")]
async fn backfill_walks_the_older_pages_and_goes_on_after_a_kill() {
    let (site, telegram) = (paged().await, FakeTelegram::start());
    let mut bantin = Bantin::new(&config(&site, &telegram).await);
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    assert_eq!(count(&bantin).await, 10);
    // Killed after its second page.
    bantin.spawn_command(&["backfill", "tin"], &[("BANTIN_FAULT", "backfill.page:2")]);
    bantin.logged("fault point reached: backfill.page").await;
    bantin.kill();
    assert_eq!(count(&bantin).await, 20);
    let second = site.asked("/tin?page=2");
    let said = bantin.command(&["backfill", "tin", "--json"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let walked: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(
        (&walked["resumed"], &walked["new"], &walked["next"]),
        (&true.into(), &20.into(), &Value::Null),
        "{walked:#}"
    );
    assert_eq!(site.asked("/tin?page=2"), second, "it goes on where it stopped");
    assert_eq!(count(&bantin).await, 40, "each once");
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    assert_eq!(telegram.journal().await, Vec::<Value>::new(), "nobody is pushed to");
    let said = bantin.command(&["backfill", "tin", "--anew", "--pages", "2", "--json"]).await;
    let walked: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!((&walked["pages"], &walked["new"]), (&2.into(), &0.into()), "{walked:#}");
    assert!(walked["next"].as_str().is_some_and(|next| next.ends_with("page=3")), "{walked:#}");
    Proof::new("backfill: killed, goes on where it stopped").ran(40, "articles");
}

#[tokio::test(flavor = "multi_thread")]
async fn backfill_pushes_when_told_and_says_what_cannot_be_walked() {
    let (site, telegram) = (paged().await, FakeTelegram::start());
    let bantin = Bantin::new(&config(&site, &telegram).await);
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    let said = bantin.command(&["backfill", "tin", "--pages", "2", "--push"]).await;
    assert!(said.code == 0 && said.out.contains("10 articles recorded"), "{said:?}");
    until("ten posts", async || {
        bantin.command(&["once"]).await;
        (telegram.journal().await.len() == 10).then_some(())
    })
    .await;

    let pager = "<div class=\"pagination\"><span class=\"current\">1</span>\
        <a href=\"javascript:__doPostBack('ctl00$pager','2')\">2</a></div>";
    site.page("/aspx", listing("vi", "", "Tin", &[109, 108, 107, 106, 105, 104], pager));
    let section = format!("[section.tin]\nname = \"Tin\"\nurl = \"{}/aspx\"\n", site.url);
    let bantin = Bantin::new(&Config::new(&Database::chosen().await.left()).raw(&section));
    let said = bantin.command(&["backfill", "tin"]).await;
    assert!(said.code == 0 && said.out.contains("__doPostBack"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reread_applies_the_rules_of_now_and_tells_nobody() {
    let (site, telegram) = (Made::start().await, FakeTelegram::start());
    let numbers: Vec<usize> = (101..=106).rev().collect();
    site.page("/tin", listing("vi", "", "Tin", &numbers, ""));
    for number in 101..=106 {
        let page = article(number).replacen("<p>Theo", "<p class=\"luu-y\">Lưu ý của tòa soạn.</p><p>Theo", 1);
        site.page(&path_of(number), page);
    }
    let config = config(&site, &telegram).await;
    let bantin = Bantin::new(&config);
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    let feed = || std::fs::read_to_string(bantin.path("feeds/tin.rss")).expect("the feed");
    assert_eq!(feed().matches("Lưu ý của tòa soạn").count(), 6, "{}", feed());
    let asked = site.asked(&path_of(101));
    bantin.configure(&format!("{}\n[section.tin.html]\nremove = \".luu-y\"\n", config.text()));
    let said = bantin.command(&["reread", "tin", "--json"]).await;
    let told: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    assert_eq!((said.code, &told["articles"], &told["changed"]), (0, &6.into(), &6.into()), "{told:#}");
    if std::env::var("BANTIN_TEST_ENGINE").is_ok_and(|engine| engine == "postgres") {
        // Instances elsewhere may share it: there a daemon, or the next pass, brings the feeds up to date.
        assert_eq!(bantin.command(&["once"]).await.code, 0);
    }
    assert!(!feed().contains("Lưu ý của tòa soạn"), "{}", feed());
    let said = bantin.command(&["reread", "tin"]).await;
    assert!(said.out.contains("6 articles, 0 read differently now"), "{said:?}");
    assert_eq!(site.asked(&path_of(101)), asked, "the stored pages are read, not the site");
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    assert_eq!(telegram.journal().await, Vec::<Value>::new(), "no post, no edit");
}
