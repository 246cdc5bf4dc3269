//! More real readers: Liferea on a screen that nobody sees, python-reader (which reads JSON Feed), and the parsers that
//! readers written in JavaScript are built on.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use sqlx::{ConnectOptions, Row};

use super::{COUNT, Listed, Scene};
use crate::harness::proof::Proof;
use crate::harness::{program, until};

/// Node, and the folder of its packages (`scripts/lib/needs.sh` fills it).
fn node() -> Option<(PathBuf, PathBuf)> {
    let packages = std::env::var_os("BANTIN_NODE").map(PathBuf::from)?;
    packages.join("feedsmith").is_dir().then_some((program("node")?, packages))
}

/// A program and all that it starts, which end with this.
struct Session(std::process::Child);

impl Session {
    fn start(command: &mut Command) -> Self {
        Self(command.process_group(0).spawn().expect("a session"))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.0.id())]).status();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn liferea() {
    let proof = Proof::new("Liferea lists titles and dates");
    let programs = ["liferea", "liferea-add-feed", "Xvfb", "dbus-run-session"].map(program);
    let [Some(liferea), Some(add), Some(screen), Some(bus)] = programs else {
        return proof.skipped("liferea, xvfb or dbus is not installed");
    };
    let scene = Scene::set().await;
    // The screen says on which number it is. Whichever of the two calls of Liferea is on the bus first is the reader,
    // and stays; the other hands over and ends.
    let script = format!(
        "{} -displayfd 3 -screen 0 800x600x24 -nolisten tcp 3>screen 2>/dev/null &\n\
         while [ ! -s screen ]; do sleep 0.1; done; export DISPLAY=:$(cat screen)\n\
         {} -w hidden >log 2>&1 &\n\
         until {} '{}' >>log 2>&1; do sleep 0.5; done\n\
         wait\n",
        screen.display(),
        liferea.display(),
        add.display(),
        scene.feed("rss")
    );
    let script = scene.write("session", &script);
    let mut command = Command::new(bus);
    command.args(["--", "sh"]).arg(&script).current_dir(scene.path("")).env("HOME", scene.path(""));
    command.env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME").env("LC_ALL", "C.UTF-8").env("NO_AT_BRIDGE", "1");
    let _session = Session::start(command.stdout(Stdio::null()).stderr(Stdio::null()));
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(scene.path(".local/share/liferea/liferea.db"))
        .read_only(true);
    let listed = until("Liferea's items", async || {
        let mut database = options.clone().connect().await.ok()?;
        let sql = "SELECT title, source, date FROM items WHERE source LIKE '%ban-tin%'";
        let rows = sqlx::query(sql).fetch_all(&mut database).await.ok()?;
        let listed: Listed = rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect();
        (listed.len() >= COUNT).then_some(listed)
    })
    .await;
    assert_eq!(listed, scene.expected());
    proof.ran(COUNT, "items");
}

#[tokio::test(flavor = "multi_thread")]
async fn python_reader() {
    let proof = Proof::new("python-reader lists titles, dates and links of all three formats");
    let python = std::env::var_os("BANTIN_FEEDPARSER").map(PathBuf::from).or_else(|| program("python3"));
    let has_it = |python: &PathBuf| {
        let output = Command::new(python).args(["-c", "import reader"]).output();
        output.is_ok_and(|output| output.status.success())
    };
    let Some(python) = python.filter(has_it) else { return proof.skipped("no Python with reader") };
    let scene = Scene::set().await;
    let script = "import reader, sys
r = reader.make_reader('reader.db')
for url in sys.argv[1:]: r.add_feed(url)
for result in r.update_feeds_iter(): assert not isinstance(result.value, Exception), result
for e in r.get_entries(): print(e.feed_url.rsplit('.')[-1], e.title, e.link, int(e.published.timestamp()), sep='\\t')
";
    let feeds = ["rss", "atom", "json"].map(|format| scene.feed(format));
    let arguments: Vec<&str> = ["-c", script].into_iter().chain(feeds.iter().map(String::as_str)).collect();
    let lines = scene.run(&python, &arguments, "").await;
    for format in ["rss", "atom", "json"] {
        let of = lines.lines().filter_map(|line| line.strip_prefix(format)?.strip_prefix('\t'));
        let listed: Listed = of
            .map(|line| {
                let cells: Vec<&str> = line.split('\t').collect();
                (cells[0].to_owned(), (cells[1].to_owned(), cells[2].parse().expect("a time")))
            })
            .collect();
        assert_eq!(listed, scene.expected(), "{format}");
    }
    proof.ran(3 * COUNT, "items");
}

#[tokio::test(flavor = "multi_thread")]
async fn javascript() {
    let proof = Proof::new("rss-parser and feedsmith list titles, dates and links; feedsmith reads the list of feeds");
    let Some((node, packages)) = node() else { return proof.skipped("no Node with rss-parser and feedsmith") };
    let scene = Scene::set().await;
    std::os::unix::fs::symlink(packages, scene.path("node_modules")).expect("a link");
    let script = "import Parser from 'rss-parser'; import { parseFeed, parseOpml } from 'feedsmith';
const [base] = process.argv.slice(2), out = [], seconds = text => Math.floor(Date.parse(text) / 1000);
for (const format of ['rss', 'atom']) for (const e of (await new Parser().parseURL(`${base}/feeds/tin-tuc.${format}`)).items)
  out.push([`rss-parser ${format}`, e.title, e.link, seconds(e.isoDate)]);
for (const format of ['rss', 'atom', 'json']) {
  const { format: kind, feed } = parseFeed(await (await fetch(`${base}/feeds/tin-tuc.${format}`)).text());
  if (kind !== format) throw new Error(kind);
  for (const e of feed.items ?? feed.entries)
    out.push([`feedsmith ${format}`, e.title?.value ?? e.title, e.url ?? e.link ?? e.links.find(l => l.rel === 'alternate').href, seconds(e.pubDate ?? e.published ?? e.date_published)]);
}
const opml = parseOpml(await (await fetch(`${base}/feeds.opml`)).text());
for (const o of opml.body.outlines) out.push(['opml', o.text, o.xmlUrl, 0]);
console.log(JSON.stringify(out));
";
    let script = scene.write("list.mjs", script);
    let out = scene.run(&node, &[script.to_str().expect("a path"), &scene.proxy.url], "").await;
    let rows: Vec<(String, String, String, i64)> = serde_json::from_str(&out).expect("rows");
    let ways = ["rss-parser rss", "rss-parser atom", "feedsmith rss", "feedsmith atom", "feedsmith json"];
    for way in ways {
        let of = rows.iter().filter(|(own, ..)| own == way);
        let listed: Listed = of.map(|(_, title, link, at)| (title.clone(), (link.clone(), *at))).collect();
        assert_eq!(listed, scene.expected(), "{way}");
    }
    let outlines: Vec<&str> = rows.iter().filter(|row| row.0 == "opml").map(|row| row.1.as_str()).collect();
    assert_eq!(outlines, ["Tin tức tin-tuc – Cổng thông tin thử nghiệm"]);
    proof.ran(ways.len() * COUNT, "items");
}

#[tokio::test(flavor = "multi_thread")]
async fn pubsubhubbub() {
    let proof = Proof::new("WebSub: the subscriber of npm's pubsubhubbub gets a signed feed");
    let Some((node, packages)) = node() else { return proof.skipped("no Node with pubsubhubbub") };
    let mut scene = Scene::set().await;
    std::os::unix::fs::symlink(packages, scene.path("node_modules")).expect("a link");
    let port = crate::harness::config::free_port();
    let topic = scene.bantin.url("/feeds/tin-tuc.atom");
    let script = format!(
        "const hub = require('pubsubhubbub'), fs = require('fs'), crypto = require('crypto');
const own = hub.createServer({{ callbackUrl: 'http://127.0.0.1:{port}/callback', secret: 'một bí mật dài' }});
const say = line => fs.appendFileSync('said', JSON.stringify(line) + '\\n');
// It gives the hub a secret made of this one and the topic, and forgets to check by that (1.0.2).
own.on('subscribe', data => {{
  own.secret = crypto.createHmac('sha1', own.secret).update(data.topic).digest('hex');
  say(['subscribed', data.topic]);
}});
own.on('denied', data => say(['denied', data.topic]));
own.on('error', error => say(['error', String(error)]));
own.on('feed', data => say(['feed', data.topic, data.hub, data.headers['content-type'], data.feed.toString()]));
own.on('listen', () => own.subscribe('{topic}', '{}', error => error && say(['error', String(error)])));
own.listen({port}, '127.0.0.1');
",
        scene.bantin.url("/websub")
    );
    scene.write("subscriber.cjs", &script);
    let mut command = Command::new(node);
    let log = std::fs::File::create(scene.path("log")).expect("a log");
    command.arg("subscriber.cjs").current_dir(scene.path("")).stdout(Stdio::null()).stderr(log);
    let mut subscriber = command.spawn().expect("it starts");
    let said = async |word: &str| {
        until(&format!("{word} by the subscriber"), async || {
            let text = std::fs::read_to_string(scene.path("said")).ok()?;
            let lines = text.lines().filter_map(|line| serde_json::from_str::<Vec<Value>>(line).ok());
            lines.into_iter().find(|line| line[0] == word)
        })
        .await
    };
    assert_eq!(said("subscribed").await[1], topic.as_str());
    until("it is stored", async || {
        scene.bantin.text("/metrics").await.contains("outcome=\"subscribed\"} 1").then_some(())
    })
    .await;
    scene.site.publish("tin-tuc", crate::harness::Article::new(77));
    let feed = said("feed").await;
    let _ = subscriber.kill();
    let _ = subscriber.wait();
    assert_eq!((&feed[1], &feed[3]), (&topic.as_str().into(), &"application/atom+xml; charset=utf-8".into()));
    assert!(feed[4].as_str().is_some_and(|body| body.contains("Bản tin số 0077")), "{feed:?}");
    assert!(scene.bantin.terminate().await.success());
    proof.ran(1, "feed, taken only with the right signature");
}
