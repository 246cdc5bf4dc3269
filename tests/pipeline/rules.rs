//! The rules of feed validators (`feed_rules.py`), held against every kind of feed that the real binary serves; and the
//! files of articles: their true length and type, asked for once, as the switch of `[feeds] enclosure` says.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, Site, program, until};

/// A Python that has html5lib.
pub fn python() -> Option<PathBuf> {
    let python = std::env::var_os("BANTIN_FEEDPARSER").map(PathBuf::from).or_else(|| program("python3"))?;
    let there = Command::new(&python).args(["-c", "import html5lib"]).output().ok()?;
    there.status.success().then_some(python)
}

/// What is said where it is not there.
pub const NEEDS: &str = "a Python with html5lib is needed; scripts/test installs it";

/// The checker, to be given files or addresses.
pub fn checker(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pipeline/feed_rules.py"));
    command.env("PYTHONIOENCODING", "utf-8").env("NO_PROXY", "*");
    command
}

/// What validators find and readers stumble over: words that look like markup, addresses that browsers alone take,
/// Windows' quotation marks, one minute for many, a file, another language.
fn articles() -> Vec<Article> {
    let minute = |number: usize| Article { age_minutes: 90, ..Article::new(number) };
    let mut words = minute(1);
    words.title = "Bản tin số 0001: giá < 5 & > 3, AT&T, &nbsp; và &#8; <i \u{93}mới\u{94}".into();
    words.lead = "R&D: 1 < 2 &amp; <a>".into();
    words
        .body
        .push("Địa chỉ <a href=\"/x|y/[1]?q={z}^`#[2]\">lạ</a>, dấu \u{92}cũ\u{92} \u{7F}\u{FFFD} và \u{FDD0}.".into());
    let mut file = minute(2).with_picture();
    file.body.push("<a href=\"/tep/19-NQ.pdf\">Nghị quyết số 19</a>".into());
    let mut english = minute(3);
    english.title = "Bản tin số 0003: The river has risen in the old town of Hue".into();
    english.lead =
        "The water at the station of Kim Long is above the alarm, and the people of the town are safe.".into();
    english.body = vec![
        "According to the station the rain is to last to the end of the week, and the level of the river in the north of \
         the town is going to rise to the mark of the year."
            .into(),
        "The people of the low quarters and of the market were taken to the schools in the hills in the night.".into(),
    ];
    vec![words, file, english, minute(4).with_picture(), minute(5)]
}

struct World {
    site: Site,
    bantin: Bantin,
    text: String,
}

impl World {
    async fn start() -> Self {
        let site = Site::start().await;
        site.section("tin-tuc", articles());
        site.section("news", vec![Article::new(11), Article::new(12)]);
        site.section(
            "van-ban",
            vec![Article::new(21).with_picture(), Article { lead: String::new(), ..Article::new(22) }],
        );
        site.answer("/tep/19-NQ.pdf", 200, "application/pdf", "%PDF-1.7 nghị quyết");
        let config = Config::new(&Database::sqlite())
            .section("tin-tuc", &site, "guard = \"off\"\ndescription = \"Hoạt động <của> tỉnh & huyện, mỗi ngày.\"")
            .section("news", &site, "guard = \"off\"\nlanguage = \"en\"\ntranslation_of = \"tin-tuc\"")
            .section("van-ban", &site, "guard = \"off\"\ntext = \"lead\"");
        let mut bantin = Bantin::new(&config);
        let text = config.text();
        bantin.configure(&text);
        bantin.start().await;
        let world = Self { site, bantin, text };
        for (feed, pieces) in [("tin-tuc", ["0001", "0005"]), ("news", ["0011", "0012"]), ("van-ban", ["0021", "0022"])]
        {
            world.complete(feed, &pieces).await;
        }
        world.complete("all", &["0001", "0012", "0022"]).await;
        world.complete("all-vi", &["0001", "0022"]).await;
        world.complete("all-en", &["0011", "0012"]).await;
        world
    }

    async fn complete(&self, feed: &str, pieces: &[&str]) {
        for format in ["rss", "atom", "json"] {
            for piece in pieces {
                self.bantin.feed_with(&format!("/feeds/{feed}.{format}"), &format!("Bản tin số {piece}")).await;
            }
        }
    }

    /// Every document that can be followed, by its address.
    fn addresses(&self) -> Vec<String> {
        let feeds = ["tin-tuc", "news", "van-ban", "all", "all-vi", "all-en"];
        let mut all: Vec<String> =
            feeds.iter().flat_map(|f| ["rss", "atom"].map(|x| format!("/feeds/{f}.{x}"))).collect();
        for query in ["limit=2", "q=ban+tin", "q=khong+co", "limit=3&q=tin&tag=Tin+t%E1%BB%A9c+tin-tuc"] {
            all.extend(["rss", "atom"].map(|format| format!("/feeds/all.{format}?{query}")));
        }
        all.push("/feeds.opml".to_owned());
        all.iter().map(|path| self.bantin.url(path)).collect()
    }

    /// The enclosures of an article in RSS and JSON: address, length, type.
    async fn enclosures(&self, piece: &str) -> (Vec<String>, Value) {
        let rss = self.bantin.text("/feeds/tin-tuc.rss").await;
        let item = rss.split("<item").find(|item| item.contains(piece)).expect("the item").to_owned();
        let found =
            item.split("<enclosure ").skip(1).map(|rest| rest.split("/>").next().unwrap_or_default().to_owned());
        let json: Value = serde_json::from_str(&self.bantin.text("/feeds/tin-tuc.json").await).expect("JSON");
        let items = json["items"].as_array().expect("items");
        let item = items.iter().find(|item| item["title"].as_str().is_some_and(|title| title.contains(piece)));
        (found.collect(), item.expect("the item")["attachments"].clone())
    }
}

#[test]
fn the_checker_sees_what_is_broken() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("broken.atom");
    std::fs::write(&file, include_str!("../fixtures/broken.atom")).expect("writing");
    let output = checker(&python).arg(&file).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && said.ends_with("1 documents, 9 findings\n"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_rule_of_validators_is_broken() {
    let proof = Proof::new("feeds break no rule of validators: sections, all, queries, tombstones, lists");
    let Some(python) = python() else { return proof.skipped(NEEDS) };
    let world = World::start().await;
    let look = async || {
        let mut command = checker(&python);
        command.args(world.addresses());
        let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it starts");
        assert!(
            output.status.success(),
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    };
    look().await;
    let rss = world.bantin.text("/feeds/tin-tuc.rss").await;
    assert!(rss.contains("<item xml:lang=\"en\">") && rss.matches("xml:lang").count() == 1, "{rss}");
    assert!(rss.contains("<description>Hoạt động &#x3C;của&#x3E; tỉnh &#x26; huyện, mỗi ngày.</description>"), "{rss}");
    let atom = world.bantin.text("/feeds/tin-tuc.atom").await;
    assert!(atom.contains("<entry xml:lang=\"en\">") && atom.matches("xml:lang").count() == 2, "{atom}");
    let page = world.bantin.text("/s/tin-tuc?lang=en").await;
    assert!(
        page.contains("<p class=\"intro\" lang=\"vi\">Hoạt động &lt;của&gt; tỉnh &amp; huyện, mỗi ngày.</p>"),
        "{page}"
    );
    // Others are asked in the reader's language.
    assert!(world.bantin.text("/s/news?lang=vi").await.contains("trong chuyên mục"));

    world.site.change("tin-tuc", 5, |article| article.withdrawn = true);
    until("a tombstone", async || world.bantin.text("/feeds/all.atom").await.contains("deleted-entry").then_some(()))
        .await;
    look().await;
    proof.ran(world.addresses().len() * 2, "documents");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_have_their_true_length_and_type_as_the_switch_says() {
    let proof = Proof::new("an enclosure has its true length and type, asked for once, by a switch");
    let world = World::start().await;
    let length = "%PDF-1.7 nghị quyết".len();
    let (rss, json) = world.enclosures("0002").await;
    let pdf = format!("{}/tep/19-NQ.pdf", world.site.url);
    assert_eq!(rss, [format!("url=\"{pdf}\" length=\"{length}\" type=\"application/pdf\"")]);
    assert_eq!((&json[0]["size_in_bytes"], &json[0]["mime_type"]), (&length.into(), &"application/pdf".into()));
    assert_eq!(json[0]["title"], "Nghị quyết số 19");
    assert!(world.enclosures("0004").await.0.is_empty(), "pictures are none by default");
    // It is read again and again, and its file asked for once.
    until("another reading", async || (world.site.asked("/tin-tuc/2-ban-tin.html") >= 3).then_some(())).await;
    assert_eq!(world.site.asked("/tep/19-NQ.pdf"), 1);

    let switch = |to: &str| world.text.replace("items = 20\n", &format!("items = 20\nenclosure = \"{to}\"\n"));
    world.bantin.configure(&switch("off"));
    until("no enclosure", async || world.enclosures("0002").await.0.is_empty().then_some(())).await;
    world.bantin.configure(&switch("pictures"));
    until("files again", async || (world.enclosures("0002").await.0.len() == 1).then_some(())).await;
    let picture = include_bytes!("../fixtures/picture.png").len();
    world.site.publish("tin-tuc", Article::new(6).with_picture());
    world.complete("tin-tuc", &["0006"]).await;
    let (rss, json) = world.enclosures("0006").await;
    let url = format!("{}/6.png", world.site.listing("tin-tuc"));
    assert_eq!(rss, [format!("url=\"{url}\" length=\"{picture}\" type=\"image/png\"")]);
    assert_eq!(json[0]["size_in_bytes"], picture);
    assert_eq!(world.enclosures("0002").await.0.len(), 1, "files go before pictures");
    proof.ran(3, "settings of the switch");
}
