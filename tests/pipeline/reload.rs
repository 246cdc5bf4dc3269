//! Another configuration while the daemon runs: good ones come into force, bad ones change nothing, and nobody who
//! reads, follows or waits for a message notices.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::flow::{World, posts, text};
use crate::harness::article::number_in;
use crate::harness::proof::Proof;
use crate::harness::{Article, Bantin, Config, Database, FakeTelegram, Site, amount, client, until};

/// Numbers that are the same at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).expect("small")
    }
}

/// A configuration with one mistake, made as hands and editors make them.
fn spoilt(good: &str, dice: &mut Dice) -> String {
    let lines: Vec<&str> = good.lines().collect();
    let at = dice.below(lines.len());
    let with = |line: &str| [&lines[..at], &[line], &lines[at..]].concat().join("\n");
    match dice.below(7) {
        0 => good.chars().take(dice.below(good.chars().count())).collect(),
        1 => with("[[["),
        2 => with("this is not TOML"),
        3 => good.replace("schedule = \"1s\"", "schedule = \"99 * * * *\""),
        4 => good.replacen("name =", "nmae =", 1),
        5 => good.replace("base_url = \"http", "base_url = \"gopher"),
        _ => {
            let mut all: Vec<char> = good.chars().collect();
            let at = dice.below(all.len());
            all[at] = ['"', '[', ']', '=', '\u{0}'][dice.below(5)];
            all.into_iter().collect()
        }
    }
}

/// Writes a file as an editor, a deployment or a container's volume does.
fn write(folder: &Path, text: &str, way: usize) {
    let file = folder.join("config.toml");
    match way % 3 {
        0 => {
            if file.is_symlink() {
                std::fs::remove_file(&file).expect("taken away");
            }
            std::fs::write(&file, text).expect("written in place");
        }
        1 => {
            std::fs::write(folder.join("config.toml.new"), text).expect("written beside it");
            std::fs::rename(folder.join("config.toml.new"), &file).expect("renamed");
        }
        _ => {
            let data = folder.join(format!("data-{}", Instant::now().elapsed().as_nanos() + way as u128));
            std::fs::create_dir_all(&data).expect("a folder");
            std::fs::write(data.join("config.toml"), text).expect("written elsewhere");
            symlink(data.join("config.toml"), folder.join("link")).expect("a link");
            std::fs::rename(folder.join("link"), &file).expect("turned");
        }
    }
}

async fn metric(bantin: &Bantin, name: &str) -> String {
    let metrics = bantin.text("/metrics").await;
    let line = metrics.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name}:\n{metrics}"));
    line.rsplit(' ').next().unwrap_or_default().to_owned()
}

const GOOD: &str = "bantin_config_last_reload_successful";

#[tokio::test(flavor = "multi_thread")]
async fn mutations_never_stop_it() {
    let proof = Proof::new("reload: no request fails, nothing bad applies, what is good does");
    let (rounds, mut dice) = (amount("BANTIN_RELOADS", 6), Dice(0x5eed_0001));
    let (site, database) = (Site::with("tin-tuc", 3).await, Database::sqlite());
    let config = Config::new(&database).section("tin-tuc", &site, "guard = \"off\"");
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;

    // Readers, fifty requests a second, all along.
    let (over, asked, failed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)), Arc::default());
    let reading = {
        let (over, asked, failed): (_, _, Arc<std::sync::Mutex<Vec<String>>>) =
            (over.clone(), asked.clone(), Arc::clone(&failed));
        let urls = ["/feeds/tin-tuc.rss", "/s/tin-tuc", "/feeds/all.json", "/"].map(|path| bantin.url(path));
        tokio::spawn(async move {
            let (client, mut ticks) = (client(), tokio::time::interval(Duration::from_millis(20)));
            while !over.load(Ordering::SeqCst) {
                ticks.tick().await;
                let url = &urls[asked.fetch_add(1, Ordering::SeqCst) % urls.len()];
                match client.get(url).send().await {
                    Ok(answer) if answer.status().is_success() => {}
                    Ok(answer) => failed.lock().unwrap().push(format!("{url}: {}", answer.status())),
                    Err(error) => failed.lock().unwrap().push(format!("{url}: {error}")),
                }
            }
        })
    };

    let mut slowest = Duration::ZERO;
    let (mut bad, folder) = (0, bantin.path(""));
    for round in 0..rounds {
        let name = format!("Tên thứ {round}");
        let good = config.text().replace("Tin tức tin-tuc", &name);
        let begun = Instant::now();
        write(&folder, &good, round);
        until("the new name", async || bantin.text("/s/tin-tuc").await.contains(&name).then_some(())).await;
        slowest = slowest.max(begun.elapsed());
        assert_eq!(metric(&bantin, GOOD).await, "1");

        let mut mistake = spoilt(&good, &mut dice);
        std::fs::write(bantin.path("tried.toml"), &mistake).unwrap();
        while bantin.command(&["--config", "tried.toml", "check", "--offline"]).await.code == 0 {
            mistake = spoilt(&good, &mut dice);
            std::fs::write(bantin.path("tried.toml"), &mistake).unwrap();
        }
        bad += 1;
        write(&folder, &mistake, round + 1);
        until("the mistake", async || (metric(&bantin, GOOD).await == "0").then_some(())).await;
        let page = bantin.text("/s/tin-tuc").await;
        assert!(page.contains(&name), "the last good one is in force, not:\n{mistake}");
        let status = bantin.text("/status?lang=en").await;
        assert!(status.contains("is in force; the files are broken since"), "{status}");
    }
    over.store(true, Ordering::SeqCst);
    reading.await.unwrap();
    let failed = std::mem::take(&mut *failed.lock().unwrap());
    assert!(failed.is_empty(), "{} of {} requests: {:?}", failed.len(), asked.load(Ordering::SeqCst), &failed[..1]);
    assert!(bantin.terminate().await.success());
    let asked = asked.load(Ordering::SeqCst);
    proof.ran(rounds, &format!("{bad} bad, {asked} requests, slowest {} ms", slowest.as_millis()));
}

#[tokio::test(flavor = "multi_thread")]
async fn sections_come_change_and_go_alone() {
    let proof = Proof::new("reload: sections come, change and go without touching the others");
    let (site, database) = (Site::with("tin-tuc", 3).await, Database::sqlite());
    site.section("van-ban", (11..=13).map(Article::new).collect());
    let slow = |config: Config| config.text().replace("schedule = \"1s\"", "schedule = \"1h\"");
    let one = || Config::new(&database).section("tin-tuc", &site, "guard = \"off\"");
    let first = one();
    let mut bantin = Bantin::empty(first.port);
    let on_port = |text: String| {
        let own = text.split("127.0.0.1:").nth(1).and_then(|rest| rest.split(['"', '/']).next()).unwrap().to_owned();
        text.replace(&format!("127.0.0.1:{own}"), &format!("127.0.0.1:{}", first.port))
    };
    bantin.configure(&on_port(slow(one())));
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    let looks = || site.asked("/tin-tuc");
    let before = looks();
    assert!(before > 0, "it was looked at");

    bantin.configure(&on_port(slow(one().section("van-ban", &site, "guard = \"off\""))));
    bantin.logged("added van-ban").await;
    bantin.feed_with("/feeds/van-ban.rss", "Bản tin số 0013").await;
    bantin.configure(&on_port(slow(one().section("van-ban", &site, "delay = \"5m\""))));
    bantin.logged("changed van-ban").await;
    bantin.configure(&on_port(slow(one())));
    bantin.logged("removed van-ban").await;
    until("its feed to be gone", async || (bantin.get("/feeds/van-ban.rss").await.status() == 410).then_some(())).await;
    assert!(bantin.text("/feeds/tin-tuc.rss").await.contains("Bản tin số 0003"));
    assert_eq!(looks(), before, "the section nobody touched was not looked at again");

    // What a daemon cannot change while it runs is said, and the rest is taken.
    let moved = on_port(slow(one())).replace("directory = \"feeds\"", "directory = \"other\"");
    bantin.configure(&moved.replace("Tin tức tin-tuc", "Tin mới"));
    bantin.logged("changed tin-tuc; [feeds] directory takes effect at the next start").await;
    assert!(bantin.text("/s/tin-tuc").await.contains("Tin mới"));
    assert!(!bantin.path("other").exists());
    assert!(bantin.terminate().await.success());
    proof.ran(5, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_arrives_once() {
    let proof = Proof::new("reload: posts under way arrive once");
    let articles = amount("BANTIN_RELOAD_POSTS", 20);
    let mut world = World::start(Database::sqlite(), "\"@kenh_tin\"").await;
    let (pid, over) = (world.bantin.pid().to_string(), Arc::new(AtomicBool::new(false)));
    let hangups = {
        let over = over.clone();
        tokio::spawn(async move {
            let (mut sent, mut ticks) = (0, tokio::time::interval(Duration::from_millis(150)));
            while !over.load(Ordering::SeqCst) {
                ticks.tick().await;
                let status = std::process::Command::new("kill").args(["-HUP", &pid]).status();
                assert!(status.is_ok_and(|status| status.success()));
                sent += 1;
            }
            sent
        })
    };
    for number in 4..4 + articles {
        world.site.publish("tin-tuc", Article::new(number));
    }
    until("every article in the chat", async || {
        let journal = world.telegram.journal().await;
        (4..4 + articles).all(|n| journal.iter().any(|post| number_in(text(post)) == Some(n))).then_some(())
    })
    .await;
    over.store(true, Ordering::SeqCst);
    let reloads = hangups.await.unwrap();
    world.bantin.logged("config.toml is in force: no section changed").await;
    assert!(world.bantin.terminate().await.success());
    let journal = world.telegram.journal().await;
    for (number, count) in posts(&journal, "@kenh_tin") {
        assert_eq!(count, 1, "article {number}");
        assert!(number > 3, "an old article was pushed: {number}");
    }
    proof.ran(articles, &format!("{reloads} reloads"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_chat_and_token_come_into_force() {
    let proof = Proof::new("reload: another chat begins at the head, by another token");
    let (site, database) = (Site::with("tin-tuc", 3).await, Database::sqlite());
    let telegram = FakeTelegram::start();
    let keys = |chat: &str| format!("guard = \"off\"\ntelegram = \"{chat}\"");
    let config = Config::new(&database).telegram(&telegram).section("tin-tuc", &site, &keys("@kenh_mot"));
    let mut bantin = Bantin::new(&config);
    bantin.start().await;
    bantin.feed_with("/feeds/tin-tuc.rss", "Bản tin số 0003").await;
    site.publish("tin-tuc", Article::new(4));
    telegram.wait(1, &[("chat", "@kenh_mot")]).await;
    bantin.configure(&config.text().replace("\"@kenh_mot\"", "\"@kenh_hai\""));
    bantin.logged("changed tin-tuc").await;
    site.publish("tin-tuc", Article::new(5));
    telegram.wait(1, &[("chat", "@kenh_hai")]).await;
    let journal = telegram.journal().await;
    assert_eq!(posts(&journal, "@kenh_hai").into_keys().collect::<Vec<_>>(), [5], "a new chat gets nothing old");
    assert_eq!(
        posts(&journal, "@kenh_mot").into_keys().collect::<Vec<_>>(),
        [4],
        "a chat that is gone gets nothing more"
    );
    assert!(bantin.terminate().await.success());
    proof.ran(1, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_manager_is_told() {
    let proof = Proof::new("reload: systemd is told ready, reloading, ready, stopping, and that it is alive");
    let (site, database) = (Site::with("tin-tuc", 1).await, Database::sqlite());
    let mut bantin = Bantin::new(&Config::new(&database).section("tin-tuc", &site, ""));
    let address = bantin.path("notify");
    let socket = tokio::net::UnixDatagram::bind(&address).unwrap();
    let next = async || {
        let mut buffer = vec![0; 4096];
        let length = tokio::time::timeout(crate::harness::PATIENCE, socket.recv(&mut buffer)).await.unwrap().unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    };
    // Everything up to a message that begins so.
    let until_said = async |wanted: &str| {
        let mut heard = Vec::new();
        loop {
            heard.push(next().await);
            if heard.last().is_some_and(|last| last.starts_with(wanted)) {
                return heard;
            }
        }
    };
    bantin.spawn(&[("NOTIFY_SOCKET", address.to_str().unwrap()), ("WATCHDOG_USEC", "1000000")]);
    until_said("READY=1\nSTATUS=1 sections").await;
    until_said("WATCHDOG=1").await;
    let hangup = |bantin: &Bantin| {
        let sent = std::process::Command::new("kill").args(["-HUP", &bantin.pid().to_string()]).status();
        assert!(sent.unwrap().success());
    };
    hangup(&bantin);
    let heard = until_said("RELOADING=1").await;
    assert!(heard.last().unwrap().contains("MONOTONIC_USEC="), "{heard:?}");
    until_said("READY=1\nSTATUS=1 sections").await;
    // A broken file ends the reload too, and says where it is broken.
    std::fs::write(bantin.path("config.toml"), "base_url = 5\n").unwrap();
    hangup(&bantin);
    let heard = until_said("READY=1\nSTATUS=the last good configuration is in force; config.toml:1:1: ").await;
    assert!(heard.iter().any(|said| said.starts_with("RELOADING=1")), "{heard:?}");
    until_said("WATCHDOG=1").await;
    assert!(bantin.terminate().await.success());
    until_said("STOPPING=1").await;
    proof.ran(3, "");
}

#[test]
fn the_unit_is_narrow() {
    let proof = Proof::new("the unit of systemd lets bantin do little else");
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/systemd/bantin.service");
    let Some(program) = crate::harness::program("systemd-analyze") else {
        return proof.skipped("systemd-analyze is not installed");
    };
    let said =
        std::process::Command::new(program).args(["security", "--offline=true", "--threshold=20"]).arg(unit).output();
    let said = said.expect("it runs");
    let text = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "{text}");
    let last = text.lines().last().unwrap_or_default();
    proof.ran(1, last.trim_start_matches(|sign: char| !sign.is_ascii()).trim());
}
