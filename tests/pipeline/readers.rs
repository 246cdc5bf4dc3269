//! Real feed readers subscribe: they list the Vietnamese titles, the dates and the links, and their second
//! poll gets 304. Strict parsers accept every byte.

mod programs;
mod proxy;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use mailparse::MailHeaderMap;
use sqlx::{ConnectOptions, Row};

use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, Site, program};
use proxy::Proxy;

const COUNT: usize = 5;

/// A daemon with a full feed, seen through a proxy that keeps count.
struct Scene {
    site: Site,
    bantin: Bantin,
    proxy: Proxy,
    folder: tempfile::TempDir,
}

/// An article as a reader lists it: title, link, Unix time of its date.
type Listed = BTreeMap<String, (String, i64)>;

impl Scene {
    async fn set() -> Self {
        let site = Site::start().await;
        let articles = (1..=COUNT).map(|number| Article::new(number).with_picture()).collect();
        site.section("tin-tuc", articles);
        let database = Database::sqlite();
        let config = Config::new(&database).section("tin-tuc", &site, "guard = \"off\"");
        let mut bantin = Bantin::new(&config);
        bantin.start().await;
        for format in ["rss", "atom", "json"] {
            bantin.feed_with(&format!("/feeds/tin-tuc.{format}"), "Bản tin số 0005").await;
        }
        let proxy = Proxy::start(&bantin.url("")).await;
        Self { site, bantin, proxy, folder: tempfile::tempdir().expect("a folder") }
    }

    fn feed(&self, format: &str) -> String {
        format!("{}/feeds/tin-tuc.{format}", self.proxy.url)
    }

    fn expected(&self) -> Listed {
        let article = |number| {
            let article = Article::new(number);
            let link = format!("{}/{number}-ban-tin.html", self.site.listing("tin-tuc"));
            (article.title.clone(), (link, self.site.published(&article)))
        };
        (1..=COUNT).map(article).collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("writing");
        path
    }

    /// Runs a program in the scratch folder, which is also its home, and hands it `input`.
    async fn run(&self, program: &Path, arguments: &[&str], input: &str) -> String {
        let input_file = self.write("input", input);
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8");
        command.stdin(std::fs::File::open(input_file).expect("its input")).stderr(Stdio::piped());
        let shown = format!("{command:?}");
        let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{shown}: {}\n{text}\n{errors}", output.status);
        text
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sfeed() {
    let proof = Proof::new("sfeed lists titles, dates and links");
    let Some(sfeed) = program("sfeed") else { return proof.skipped("sfeed is not installed") };
    let scene = Scene::set().await;
    for format in ["rss", "atom"] {
        let feed = reqwest::get(scene.feed(format)).await.expect("the feed").text().await.expect("text");
        let lines = scene.run(&sfeed, &[&scene.proxy.url], &feed).await;
        let listed: Listed = lines
            .lines()
            .map(|line| {
                let cells: Vec<&str> = line.split('\t').collect();
                (cells[1].to_owned(), (cells[2].to_owned(), cells[0].parse().expect("a time")))
            })
            .collect();
        assert_eq!(listed, scene.expected(), "{format}");
    }
    proof.ran(2 * COUNT, "items");
}

#[tokio::test(flavor = "multi_thread")]
async fn newsboat() {
    let proof = Proof::new("newsboat lists titles, dates and links; a later poll gets 304");
    let Some(newsboat) = program("newsboat") else { return proof.skipped("newsboat is not installed") };
    let scene = Scene::set().await;
    scene.write("urls", &format!("{}\n", scene.feed("rss")));
    scene.write("config", "");
    // newsboat asks conditionally from its third reload on.
    for _ in 0..3 {
        scene.run(&newsboat, &["-u", "urls", "-C", "config", "-c", "cache.db", "-x", "reload"], "").await;
    }
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(scene.path("cache.db"));
    let mut cache = options.connect().await.expect("newsboat's cache");
    let rows = sqlx::query("SELECT title, url, pubDate FROM rss_item").fetch_all(&mut cache).await.expect("its items");
    let listed: Listed = rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect();
    assert_eq!(listed, scene.expected());
    assert_eq!(scene.proxy.seen().last(), Some(&304), "{:?}", scene.proxy.seen());
    proof.ran(COUNT, "items");
}

#[tokio::test(flavor = "multi_thread")]
async fn rss2email() {
    let proof = Proof::new("rss2email mails each item once; the second poll gets 304");
    let Some(r2e) = program("r2e") else { return proof.skipped("rss2email is not installed") };
    let scene = Scene::set().await;
    let sendmail =
        scene.write("sendmail", "#!/bin/sh\ncat >> \"$HOME/mails\"\nprintf '\\n=====\\n' >> \"$HOME/mails\"\n");
    let mode = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    std::fs::set_permissions(&sendmail, mode).expect("a script");
    let config = "[DEFAULT]\nfrom = a@localhost\nto = b@localhost\nemail-protocol = sendmail\nsendmail = ";
    scene.write("r2e.cfg", &format!("{config}{}\n", sendmail.display()));
    let files = ["-c", "r2e.cfg", "-d", "r2e.json"];
    let feed = scene.feed("rss");
    scene.run(&r2e, &[&files[..], &["add", "tin", &feed, "b@localhost"]].concat(), "").await;
    for _ in 0..2 {
        scene.run(&r2e, &[&files[..], &["run"]].concat(), "").await;
    }
    let mails = std::fs::read_to_string(scene.path("mails")).expect("mails");
    let mails: Vec<&str> = mails.split("\n=====\n").filter(|mail| !mail.trim().is_empty()).collect();
    assert_eq!(mails.len(), COUNT, "one each, none at the second run");
    for (title, (link, _)) in scene.expected() {
        let found = mails.iter().any(|mail| {
            let parsed = mailparse::parse_mail(mail.as_bytes()).expect("a mail");
            let subject = parsed.headers.get_first_value("Subject");
            subject.as_deref() == Some(&title) && parsed.get_body().is_ok_and(|body| body.contains(&link))
        });
        assert!(found, "{title}: {mails:#?}");
    }
    assert_eq!(scene.proxy.seen().last(), Some(&304), "{:?}", scene.proxy.seen());
    proof.ran(COUNT, "mails");
}

#[tokio::test(flavor = "multi_thread")]
async fn feedparser() {
    let proof = Proof::new("feedparser lists titles, dates and links; the second poll gets 304");
    let python = std::env::var_os("BANTIN_FEEDPARSER").map(PathBuf::from).or_else(|| program("python3"));
    let has_it = |python: &PathBuf| {
        let output = Command::new(python).args(["-c", "import feedparser"]).output();
        output.is_ok_and(|output| output.status.success())
    };
    let Some(python) = python.filter(has_it) else { return proof.skipped("no Python with feedparser") };
    let scene = Scene::set().await;
    let script = "import calendar, feedparser, sys
d = feedparser.parse(sys.argv[1])
assert d.status == 200 and not d.bozo, (d.status, d.bozo and d.bozo_exception)
for e in d.entries: print(e.title, e.link, calendar.timegm(e.published_parsed), sep='\\t')
again = feedparser.parse(sys.argv[1], etag=d.etag)
assert again.status == 304, again.status
again = feedparser.parse(sys.argv[1], modified=d.modified)
assert again.status == 304, again.status
";
    for format in ["rss", "atom"] {
        let lines = scene.run(&python, &["-c", script, &scene.feed(format)], "").await;
        let listed: Listed = lines
            .lines()
            .map(|line| {
                let cells: Vec<&str> = line.split('\t').collect();
                (cells[0].to_owned(), (cells[1].to_owned(), cells[2].parse().expect("a time")))
            })
            .collect();
        assert_eq!(listed, scene.expected(), "{format}");
    }
    assert_eq!(scene.proxy.seen(), [200, 304, 304, 200, 304, 304]);
    proof.ran(2 * COUNT, "items");
}

#[tokio::test(flavor = "multi_thread")]
async fn xmllint() {
    let proof = Proof::new("xmllint accepts every byte");
    let Some(xmllint) = program("xmllint") else { return proof.skipped("xmllint is not installed") };
    let scene = Scene::set().await;
    let paths = ["/feeds/tin-tuc.rss", "/feeds/tin-tuc.atom", "/feeds/all.rss", "/feeds/all.atom", "/feeds.opml"];
    for path in paths {
        let text = reqwest::get(format!("{}{path}", scene.proxy.url)).await.expect("it").text().await.expect("text");
        scene.run(&xmllint, &["--noout", "--nonet", "-"], &text).await;
        assert!(text.contains("Tin tức"), "{path}");
    }
    proof.ran(paths.len(), "documents");
}

#[tokio::test(flavor = "multi_thread")]
async fn xml_feed() {
    let proof = Proof::new("Perl's XML::Feed accepts RSS and Atom");
    let has_it = |perl: &PathBuf| {
        let output = Command::new(perl).args(["-MXML::Feed", "-e", "1"]).output();
        output.is_ok_and(|output| output.status.success())
    };
    let Some(perl) = program("perl").filter(has_it) else { return proof.skipped("XML::Feed is not installed") };
    let scene = Scene::set().await;
    let script = "binmode STDOUT, ':utf8'; $XML::Atom::ForceUnicode = 1; my $f = XML::Feed->parse(URI->new(shift)) or die XML::Feed->errstr;\
                  print join(\"\\t\", $_->title, $_->link, $_->issued->epoch), \"\\n\" for $f->entries";
    for format in ["rss", "atom"] {
        let lines = scene.run(&perl, &["-MXML::Feed", "-MURI", "-e", script, &scene.feed(format)], "").await;
        let listed: Listed = lines
            .lines()
            .map(|line| {
                let cells: Vec<&str> = line.split('\t').collect();
                (cells[0].to_owned(), (cells[1].to_owned(), cells[2].parse().expect("a time")))
            })
            .collect();
        assert_eq!(listed, scene.expected(), "{format}");
    }
    proof.ran(2 * COUNT, "items");
}
