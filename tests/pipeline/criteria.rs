//! What readers complained about elsewhere, as tests: twelve criteria, each judged by the programs that readers use
//! (sfeed, xmllint, rss2email, jq), on feeds of articles that try them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, Site, client, program, until};

const SECTION: &str = "/feeds/tin-tuc";

/// One line of sfeed: time, title, link, content, type, id, author, enclosure, category.
type Line = Vec<String>;

struct World {
    bantin: Bantin,
    site: Site,
    folder: tempfile::TempDir,
}

impl World {
    async fn start() -> Self {
        let site = Site::with("tin-tuc", 3).await;
        site.publish("tin-tuc", awkward());
        site.publish("tin-tuc", Article { age_minutes: -600, ..Article::new(5) });
        // Another section lists one of its own and one of the first's.
        let listing = format!(
            "<!DOCTYPE html><html lang=\"vi\"><body><main class=\"news-list\">\
             <div class=\"news-item\"><h3><a href=\"/kinh-te-bai/9-ban-tin.html\">{}</a></h3><span class=\"date\">08/07/2026 \
             09:15</span><p class=\"summary\">Riêng của mục này.</p></div>\
             <div class=\"news-item\"><h3><a href=\"/tin-tuc/1-ban-tin.html\">{}</a></h3><span class=\"date\">08/07/2026 \
             08:15</span><p class=\"summary\">Chung hai mục.</p></div></main></body></html>",
            Article::new(9).title,
            Article::new(1).title
        );
        site.answer("/kinh-te", 200, "text/html; charset=utf-8", listing);
        site.section("kinh-te-bai", vec![Article::new(9)]);
        let config = Config::new(&Database::sqlite());
        let config = config.section("tin-tuc", &site, "guard = \"off\"").section("kinh-te", &site, "guard = \"off\"");
        let mut bantin = Bantin::new(&config);
        bantin.configure(&config.text());
        bantin.start().await;
        let world = Self { bantin, site, folder: tempfile::tempdir().expect("a folder") };
        world.complete().await;
        world
    }

    async fn complete(&self) {
        for (feed, pieces) in [("tin-tuc", ["0001", "0005"]), ("kinh-te", ["0009", "0001"]), ("all", ["0009", "0005"])]
        {
            for format in ["rss", "atom", "json"] {
                for piece in pieces {
                    self.bantin.feed_with(&format!("/feeds/{feed}.{format}"), &format!("Bản tin số {piece}")).await;
                }
            }
        }
    }

    /// Runs a program with `input`; its output. It has to succeed.
    fn run(&self, program: &Path, arguments: &[&str], input: &str) -> String {
        let file = self.folder.path().join("input");
        std::fs::write(&file, input).expect("writing");
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8");
        let output = command.stdin(std::fs::File::open(file).expect("its input")).stderr(Stdio::piped()).output();
        let output = output.expect("it starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {errors}\n{input}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    async fn sfeed(&self, path: &str) -> Vec<Line> {
        let sfeed = program("sfeed").expect("looked for");
        let lines = self.run(&sfeed, &[&self.bantin.url("/")], &self.bantin.text(path).await);
        lines.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
    }

    async fn ids(&self, path: &str) -> BTreeSet<String> {
        let lines = self.sfeed(path).await;
        let ids: BTreeSet<String> = lines.iter().map(|line| line[5].clone()).collect();
        assert_eq!(ids.len(), lines.len(), "{path}: an id is there twice");
        ids
    }

    async fn xpath(&self, path: &str, expression: &str) -> String {
        let xmllint = program("xmllint").expect("looked for");
        let found = self.run(&xmllint, &["--nonet", "--xpath", expression, "-"], &self.bantin.text(path).await);
        found.trim().to_owned()
    }
}

/// An article with everything that went wrong somewhere.
fn awkward() -> Article {
    let mut article = Article::new(4).with_picture();
    article.title =
        "Bản tin số 0004: L\u{8}ũ & “bão” ]]> số \u{FFFF} 🎉 Tie\u{302}\u{301}ng Vie\u{323}\u{302}t\u{B}".into();
    article.lead = "Tóm \u{B}tắt ]]> & 1 < 2 \u{8}🎉".into();
    article.body.extend([
        "Ảnh <img src=\"/anh/a.png?w=1&h=2\" srcset=\"/anh/a.png 1x, /anh/b.png 2x\" data-src=\"/anh/c.png\" onerror=\"x()\"> \
         và <a href=\"../b.html?x=1&y=2#z\">liên kết</a>, <a href=\"javascript:x()\">khác</a> ]]> \u{8} \u{FFFE}"
            .to_owned(),
        "<iframe src=\"//example.org/x\"></iframe><script>x()</script>Đoạn cuối của bài viết, đủ dài để là một đoạn văn."
            .to_owned(),
    ]);
    article
}

fn missing() -> Option<&'static str> {
    ["sfeed", "xmllint", "r2e", "jq"].into_iter().find(|name| program(name).is_none())
}

#[tokio::test(flavor = "multi_thread")]
async fn eleven_of_twelve() {
    let proof = Proof::new("the criteria 1 to 11 of feeds hold, by sfeed, xmllint, jq and rss2email");
    if let Some(name) = missing() {
        return proof.skipped(&format!("{name} is not installed"));
    }
    let mut world = World::start().await;
    let paths: Vec<String> = ["tin-tuc", "kinh-te", "all", "all-vi"]
        .iter()
        .flat_map(|f| ["rss", "atom"].map(|x| format!("/feeds/{f}.{x}")))
        .collect();

    // 2 and 3, 4: no white space in ids, none twice, one article one id.
    for path in &paths {
        world.ids(path).await;
        let ids = if path.ends_with("rss") { "guid" } else { "*[local-name()='id']" };
        let expression = format!("count(//{ids}[normalize-space(.)!=string(.)])");
        assert_eq!(world.xpath(path, &expression).await, "0", "{path}");
    }
    let (first, second) = (world.ids("/feeds/tin-tuc.rss").await, world.ids("/feeds/kinh-te.rss").await);
    assert_eq!(first.intersection(&second).count(), 1, "the shared article");
    let all = world.ids("/feeds/all.rss").await;
    assert_eq!(all, first.union(&second).cloned().collect());
    assert_eq!(all, world.ids("/feeds/all.atom").await);

    // 5 and 6: nothing in the future, the right minute in the right zone.
    let now = bantin::clock::Clock::System.now().timestamp();
    for line in world.sfeed("/feeds/all.rss").await {
        assert!(line[0].parse::<i64>().expect("a time") <= now + 60, "{line:?}");
    }
    let lines = world.sfeed("/feeds/tin-tuc.rss").await;
    let of = |piece: &str| lines.iter().find(|line| line[1].contains(piece)).expect("the article");
    for number in [1, 2, 3] {
        let article = Article::new(number);
        assert_eq!(of(&article.title)[0], world.site.published(&article).to_string(), "{number}");
    }
    assert!(world.bantin.text("/feeds/tin-tuc.rss").await.contains(" +0700</pubDate>"));

    // 7, 8: absolute addresses, pictures once.
    for path in ["/feeds/tin-tuc.rss", "/feeds/tin-tuc.atom"] {
        for line in world.sfeed(path).await {
            for name in ["src", "href", "poster", "srcset", "data-src"] {
                for value in line[3].split(&format!(" {name}=\"")).skip(1) {
                    assert!(value.starts_with("http://") || value.starts_with("https://"), "{name}={value}");
                }
            }
            for bad in ["<script", "<iframe", "onerror", "javascript:", "<style"] {
                assert!(!line[3].contains(bad), "{bad} in {line:?}");
            }
        }
    }
    let picture = format!("{}/4.png", world.site.listing("tin-tuc"));
    assert_eq!(of("0004")[3].matches(&picture).count(), 1, "{:?}", of("0004"));
    let item = "//item[contains(title, '0004')]";
    let media = format!("count({item}/*[local-name()='content' and @url='{picture}' and @type='image/png'])");
    assert_eq!(world.xpath("/feeds/tin-tuc.rss", &media).await, "1");
    assert_eq!(world.xpath("/feeds/tin-tuc.rss", "count(//enclosure)").await, "0");

    // 9: the whole text, the summary first.
    let text =
        world.xpath("/feeds/tin-tuc.rss", "string(//item[contains(title, '0001')]/*[local-name()='encoded'])").await;
    for paragraph in &Article::new(1).body {
        assert!(text.contains(paragraph.as_str()) || text.contains(&paragraph.replace("&amp;", "&")), "{paragraph}");
    }
    let after = "count(//*[local-name()='encoded']/following-sibling::description)";
    assert_eq!(world.xpath("/feeds/tin-tuc.rss", after).await, "0");

    // 10: valid bytes in every document, and types that name their charset.
    let xmllint = program("xmllint").expect("looked for");
    for path in paths.iter().map(String::as_str).chain(["/feeds.opml"]) {
        world.run(&xmllint, &["--noout", "--nonet", "-"], &world.bantin.text(path).await);
    }
    let jq = program("jq").expect("looked for");
    let check = r#".version=="https://jsonfeed.org/version/1.1" and (.title|type=="string") and .feed_url==$u
        and (.home_page_url|test("^https?://")) and ([.items[].id]|all(type=="string" and length>0) and (unique|length)==length)
        and all(.items[]; (has("content_html") or has("content_text")) and (.url|test("^https?://"))
          and (.date_published|test("T\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$")) and ((.title//"")|test("<[a-z/]")|not))
        and .hubs[0].type=="WebSub""#;
    for name in ["tin-tuc", "kinh-te", "all", "all-vi"] {
        let path = format!("/feeds/{name}.json");
        let url = world.bantin.url(&path);
        world.run(&jq, &["-e", "--arg", "u", &url, check], &world.bantin.text(&path).await);
    }
    for path in paths.iter().map(String::as_str).chain(["/feeds/all.json", "/feeds.opml"]) {
        let answer = world.bantin.get(path).await;
        assert!(answer.headers()["content-type"].to_str().expect("text").ends_with("; charset=utf-8"), "{path}");
    }

    // 11: cheap polling.
    let feed = world.bantin.url("/feeds/tin-tuc.rss");
    let ask = async |headers: &[(&str, &str)]| {
        let mut request = client().get(&feed);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.expect("an answer")
    };
    let head = client().head(&feed).header("accept-encoding", "identity").send().await.expect("an answer");
    let (status, headers) = (head.status().as_u16(), head.headers().clone());
    let (etag, modified) = (headers["etag"].to_str().expect("text"), headers["last-modified"].to_str().expect("text"));
    let plain = ask(&[("accept-encoding", "identity")]).await;
    assert_eq!(
        (status, &plain.headers()["content-length"]),
        (200, &headers["content-length"]),
        "HEAD says what GET does"
    );
    assert_eq!(ask(&[("if-none-match", etag), ("accept-encoding", "identity")]).await.status(), 304);
    assert_eq!(ask(&[("if-none-match", "\"other\""), ("if-modified-since", modified)]).await.status(), 200);
    assert_eq!(ask(&[("if-none-match", "\"old\""), ("a-im", "feed")]).await.status(), 200);
    let plain = plain.bytes().await.expect("a body");
    assert!(plain.len() <= 250_000);
    for coding in ["gzip", "br"] {
        // This client unpacks what it gets.
        assert_eq!(ask(&[("accept-encoding", coding)]).await.bytes().await.expect("a body"), plain, "{coding}");
    }

    // 3 again: a body that changes is no new item, nor mails anybody.
    let r2e = program("r2e").expect("looked for");
    let mails = world.folder.path().join("mails");
    let sendmail = world.folder.path().join("sendmail");
    std::fs::write(&sendmail, "#!/bin/sh\necho mail >>\"$HOME/mails\"\ncat >/dev/null\n").expect("writing");
    let mode = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    std::fs::set_permissions(&sendmail, mode).expect("a script");
    let config = "[DEFAULT]\nfrom = a@localhost\nto = b@localhost\nemail-protocol = sendmail\nsendmail = ";
    std::fs::write(world.folder.path().join("r2e.cfg"), format!("{config}{}\n", sendmail.display())).expect("writing");
    let mail = |arguments: &[&str]| world.run(&r2e, &[&["-c", "r2e.cfg", "-d", "r2e.json"], arguments].concat(), "");
    mail(&["add", "tin", &feed, "b@localhost"]);
    mail(&["run"]);
    let count = || std::fs::read_to_string(&mails).map_or(0, |text| text.lines().count());
    assert_eq!(count(), lines.len(), "one mail an item");
    world.site.change("tin-tuc", 2, |article| article.body.push("Một đoạn được thêm vào sau, khi bài đã đăng.".into()));
    world.bantin.feed_with("/feeds/tin-tuc.rss", "Một đoạn được thêm vào sau").await;
    mail(&["run"]);
    assert_eq!(count(), lines.len(), "no mail for an edit of the body");

    // 1: ids stay over a restart, another address, and a lost database; so do the ETag and the dates.
    let before: Vec<(String, String)> = lines.iter().map(|line| (line[5].clone(), line[0].clone())).collect();
    let etag =
        client().head(&feed).header("accept-encoding", "identity").send().await.expect("an answer").headers()["etag"]
            .clone();
    assert!(world.bantin.terminate().await.success());
    world.bantin.start().await;
    assert_eq!(
        client().head(&feed).header("accept-encoding", "identity").send().await.expect("an answer").headers()["etag"],
        etag,
        "the same after a restart"
    );
    assert!(world.bantin.terminate().await.success());
    let text = std::fs::read_to_string(world.bantin.path("config.toml")).expect("it");
    world.bantin.configure(&text.replacen("base_url = \"http://127.0.0.1", "base_url = \"http://localhost", 1));
    std::fs::remove_dir_all(world.bantin.path("data")).expect("the database goes");
    world.bantin.start().await;
    until("the new address in the feed", async || {
        let text = world.bantin.text("/feeds/tin-tuc.rss").await;
        (text.contains("http://localhost") && text.matches("<item>").count() == before.len()).then_some(())
    })
    .await;
    let after: BTreeSet<String> = world.ids("/feeds/tin-tuc.rss").await;
    assert_eq!(after, before.iter().map(|(id, _)| id.clone()).collect());
    proof.ran(11, &format!("criteria, on {} articles", all.len()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_twelfth() {
    let proof = Proof::new(
        "criterion 12 of feeds holds: a renamed section moves rss2email on, a withdrawn article has a tombstone",
    );
    if let Some(name) = missing() {
        return proof.skipped(&format!("{name} is not installed"));
    }
    let mut world = World::start().await;
    let hub = "string(//*[local-name()='link'][@rel='hub']/@href)";
    for format in ["rss", "atom"] {
        assert_eq!(world.xpath(&format!("{SECTION}.{format}"), hub).await, world.bantin.url("/websub"));
    }
    let id = world.sfeed("/feeds/tin-tuc.rss").await.into_iter().find(|line| line[1].contains("0002")).expect("it")[5]
        .clone();
    world.site.change("tin-tuc", 2, |article| article.withdrawn = true);
    until("the withdrawal", async || (!world.bantin.text("/feeds/tin-tuc.rss").await.contains(&id)).then_some(()))
        .await;
    let gone = world.xpath("/feeds/tin-tuc.atom", "string(//*[local-name()='deleted-entry']/@ref)").await;
    assert_eq!(gone, id);
    assert!(!world.bantin.text("/feeds/tin-tuc.json").await.contains(&id));

    let r2e = program("r2e").expect("looked for");
    let config = world.folder.path().join("r2e.cfg");
    std::fs::write(
        &config,
        "[DEFAULT]\nfrom = a@localhost\nto = b@localhost\nemail-protocol = sendmail\nsendmail = /bin/true\n",
    )
    .expect("writing");
    let old = world.bantin.url("/feeds/tin-tuc.atom");
    let mail = |arguments: &[&str]| world.run(&r2e, &[&["-c", "r2e.cfg", "-d", "r2e.json"], arguments].concat(), "");
    mail(&["add", "tin", &old, "b@localhost"]);
    mail(&["run"]);
    assert!(world.bantin.terminate().await.success());
    let text = std::fs::read_to_string(world.bantin.path("config.toml")).expect("it");
    let text = text.replace("[section.tin-tuc]", "[section.thoi-su]\nformerly = [\"tin-tuc\"]");
    let text = text.replace("[section.tin-tuc.html]", "[section.thoi-su.html]");
    let (kept, _) = text.split_once("[section.kinh-te]").expect("the other section");
    world.bantin.configure(kept);
    world.bantin.start().await;
    let new = world.bantin.url("/feeds/thoi-su.atom");
    until("the renamed feed", async || (world.bantin.get("/feeds/thoi-su.atom").await.status() == 200).then_some(()))
        .await;
    let mail = |arguments: &[&str]| world.run(&r2e, &[&["-c", "r2e.cfg", "-d", "r2e.json"], arguments].concat(), "");
    mail(&["run"]);
    let known = std::fs::read_to_string(config).expect("it");
    assert!(known.contains(&format!("url = {new}")), "{known}");
    until("the removed feed", async || (world.bantin.get("/feeds/kinh-te.rss").await.status() == 410).then_some(()))
        .await;
    assert!(world.xpath("/feeds/thoi-su.atom", "string(/*/*[local-name()='id'])").await.ends_with(":feed:tin-tuc"));
    proof.ran(3, "moved, gone, withdrawn");
}
