use std::path::{Path, PathBuf};

use super::*;

fn online(json: bool) -> CheckArgs {
    CheckArgs { json, ..CheckArgs::default() }
}

fn offline() -> CheckArgs {
    CheckArgs { offline: true, json: true, ..CheckArgs::default() }
}

fn clock() -> Clock {
    Clock::manual("2026-03-29T00:05:00Z".parse().unwrap())
}

/// A configuration with one section of a folder, whose page lists three articles.
fn file(folder: &Path, more: &str) -> PathBuf {
    let path = folder.join("config.toml");
    let text = format!(
        "base_url = \"http://127.0.0.1:8080\"\nlanguage = \"vi\"\ntimezone = \"Europe/Berlin\"\n{more}\n\
         [section.tin-tuc]\nname = \"Tin\"\nurl = \"file:site/index.html\"\nschedule = \"30 2 * * *\"\n\
         [section.tin-tuc.html]\nitem = \"li\"\ntitle = \"a\"\ndate = \"i\"\n"
    );
    std::fs::write(&path, text).unwrap();
    std::fs::create_dir_all(folder.join("site")).unwrap();
    let item = |n: u8| {
        format!(
            "<li><a href=\"{n}.html\">Bản tin số {n} về công tác phòng chống lụt bão</a> <i>{n:02}/03/2026</i></li>"
        )
    };
    let page = format!("<html><body><ul>{}{}{}</ul></body></html>", item(5), item(20), item(7));
    std::fs::write(folder.join("site/index.html"), page).unwrap();
    path
}

async fn found(path: &Path) -> (Vec<Tried>, Report) {
    let config = config::load(path, &|_| None).unwrap();
    let mut wrong = meaning::all(&config);
    let mut tried = around(&config, Duration::from_millis(500), false, &clock()).await;
    wrong.extend(tried.iter_mut().flat_map(|one| std::mem::take(&mut one.wrong)));
    let places = Places::read(path);
    let report = places.report(problems(&config, &places, wrong));
    (tried, report)
}

#[tokio::test]
async fn exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let right = file(folder.path(), "[server]\nlisten = \"127.0.0.1:0\"");
    let before = names(folder.path());
    assert_eq!(run(&right, &online(false), &clock()).await, 0);
    assert_eq!(names(folder.path()), before, "nothing is left behind");
    assert_eq!(run(&folder.path().join("none.toml"), &offline(), &clock()).await, 2);
    let wrong = file(folder.path(), "colour = 1");
    assert_eq!(run(&wrong, &offline(), &clock()).await, 2);
    let warned = file(folder.path(), "[admin]\ntelegram = \"@kenh\"");
    assert_eq!(run(&warned, &offline(), &clock()).await, 0);
    let strict = CheckArgs { deny_warnings: true, ..offline() };
    assert_eq!(run(&warned, &strict, &clock()).await, 2);
    assert_eq!(run(&file(folder.path(), ""), &strict, &clock()).await, 0);
}

fn names(folder: &Path) -> Vec<std::ffi::OsString> {
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_taken_port_is_found_unless_offline() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), &format!("[server]\nlisten = \"{}\"", taken.local_addr().unwrap()));
    assert_eq!(run(&path, &online(true), &clock()).await, 2);
    assert_eq!(run(&path, &offline(), &clock()).await, 0);
}

#[test]
fn one_line_a_section() {
    let folder = tempfile::tempdir().unwrap();
    let more = "[section.b]\nname = \"B\"\nurl = \"https://example.vn/b\"";
    let config = config::load(&file(folder.path(), more), &|_| None).unwrap();
    let text = looks::told(&config, &[], clock().now()) + "\n" + &summary(&config);
    insta::assert_snapshot!(text.replace(&folder.path().display().to_string(), ""));
    let json = looks::as_json(&config, &[], clock().now());
    let section = json.iter().find(|one| one["slug"] == "tin-tuc").unwrap();
    assert_eq!(section["next"][0], "2026-03-29T03:00:00+02:00", "the night the clocks go forward");
}

#[tokio::test]
async fn what_a_source_yields_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "[server]\nlisten = \"127.0.0.1:0\"");
    let (tried, report) = found(&path).await;
    assert!(report.problems().is_empty(), "{}", report.render(false));
    let source = tried.iter().find(|one| one.section.is_some()).unwrap();
    let says = source.says.as_deref().unwrap();
    assert!(says.contains("3 articles, the newest \"Bản tin số 20") && says.ends_with("(2026-03-20)"), "{says}");
    assert_eq!(source.yields.as_ref().unwrap()["newest"]["published"], "2026-03-20");
    assert!(!folder.path().join("data").exists() && !folder.path().join("feeds").exists());
    std::fs::write(folder.path().join("site/index.html"), "<html><body><p>Bảo trì</p></body></html>").unwrap();
    let (_, report) = found(&path).await;
    let [empty] = report.problems() else { panic!("{}", report.render(false)) };
    assert_eq!((empty.code, report.position(empty)), (Code::SourceFails, Some((8, 7))));
    std::fs::remove_file(folder.path().join("site/index.html")).unwrap();
    let (_, report) = found(&path).await;
    assert!(report.problems()[0].message.contains("is not there"), "{}", report.render(false));
}

#[tokio::test]
async fn a_database_is_looked_at_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "[server]\nlisten = \"127.0.0.1:0\"\n[database]\nurl = \"sqlite:b.db\"");
    let database = |tried: &[Tried]| tried.iter().find(|one| one.what == "database").unwrap().says.clone().unwrap();
    assert!(database(&found(&path).await.0).ends_with("is made at the first start"));
    let url = format!("sqlite:{}", folder.path().join("b.db").display());
    let store = crate::store::Store::open(&url).await.unwrap();
    let said = database(&found(&path).await.0);
    assert!(said.contains("the schema of this version"), "beside a daemon: {said}");
    store.close().await;
    let before = std::fs::read(folder.path().join("b.db")).unwrap();
    assert!(database(&found(&path).await.0).contains("the schema of this version"));
    assert_eq!(std::fs::read(folder.path().join("b.db")).unwrap(), before);
    assert!(!folder.path().join("b.db-wal").exists() && !folder.path().join("b.db-shm").exists());
    std::fs::write(folder.path().join("b.db"), "no database at all, but long enough to be one ".repeat(50)).unwrap();
    let (_, report) = found(&path).await;
    let [broken] = report.problems() else { panic!("{}", report.render(false)) };
    assert_eq!((broken.code, report.position(broken)), (Code::Database, Some((7, 7))), "{}", report.render(false));
    assert!(broken.message.contains("is not a SQLite database"), "{}", broken.message);
    let path = file(
        folder.path(),
        "[server]\nlisten = \"127.0.0.1:0\"\n[database]\nurl = \"postgres://u:geheim@127.0.0.1:1/x\"",
    );
    let (_, report) = found(&path).await;
    assert_eq!(report.problems()[0].code, Code::Database);
    assert!(!report.render(false).contains("geheim"), "{}", report.render(false));
}

#[tokio::test]
async fn what_is_not_there_or_misbehaves_is_told_at_its_key() {
    // Takes connections and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let held = tokio::spawn(async move {
        let mut links = Vec::new();
        while let Ok((link, _)) = silent.accept().await {
            links.push(link);
        }
    });
    // Says something else than what is asked.
    let strange = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = strange.local_addr().unwrap().port();
    let talking = tokio::spawn(async move {
        while let Ok((mut link, _)) = strange.accept().await {
            let _ =
                tokio::io::AsyncWriteExt::write_all(&mut link, b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await;
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[telegram]\ntoken = \"1:geheimes-token\"\napi_url = \"http://127.0.0.1:{other}\"\n\
         [email]\nfrom = \"a@b.vn\"\nsmtp = [\n  \"smtp://127.0.0.1:{port}?tls=none\",\n  \"smtp://127.0.0.1:{other}?tls=none\",\n]\n\
         [email.bounces]\naddress = \"b@b.vn\"\nimap = \"imap://b@127.0.0.1:{other}?tls=none\"\npassword = \"geheim\"\n\
         [webhook.tin]\nurl = \"https://hooks.example.vn/geheim\"\ntemplate = \"templates/own.json\"\n\
         [fetch]\nallow_private = true"
    );
    std::fs::create_dir(folder.path().join("templates")).unwrap();
    std::fs::write(folder.path().join("templates/own.json"), "{ \"text\": {{ item.title }").unwrap();
    let (_, report) = found(&file(folder.path(), &text)).await;
    let drawn = report.render(false);
    let told: Vec<_> = report.problems().iter().map(|one| (one.code, one.key.clone().unwrap_or_default())).collect();
    let wanted = [
        (Code::BotToken, "telegram.token"),
        (Code::RelayLogin, "email.smtp[1]"),
        (Code::RelayLogin, "email.smtp[2]"),
        (Code::InboxLogin, "email.bounces.imap"),
        (Code::Template, "webhook.tin.template"),
    ];
    assert_eq!(told, wanted.map(|(code, key)| (code, key.to_owned())), "{drawn}");
    assert!(report.problems().iter().all(|one| report.position(one).is_some() && !one.help.is_empty()), "{drawn}");
    assert!(drawn.contains("no answer within 500 milliseconds"), "{drawn}");
    assert!(!drawn.contains("geheim"), "{drawn}");
    held.abort();
    talking.abort();
}

#[test]
fn what_values_mean_together_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("own/email/post")).unwrap();
    std::fs::create_dir_all(folder.path().join("own/telegram")).unwrap();
    std::fs::write(folder.path().join("own/email/post/html.html"), "{% if %}").unwrap();
    std::fs::write(folder.path().join("own/telegram/short.html"), "{{ title").unwrap();
    let path = file(folder.path(), "templates = \"own\"");
    let text = std::fs::read_to_string(&path).unwrap().replace("http://127.0.0.1:8080", "https://b.vn");
    std::fs::write(&path, &text).unwrap();
    let judged = || {
        let config = config::load(&path, &|_| None).unwrap();
        let places = Places::read(&path);
        let report = places.report(problems(&config, &places, meaning::all(&config)));
        report.problems().iter().map(|one| (one.code, report.position(one))).collect::<Vec<_>>()
    };
    let proxy = (Code::ProxyUnknown, Some((1, 12)));
    assert_eq!(judged(), [proxy, (Code::Template, Some((4, 13))), (Code::Template, Some((4, 13)))]);
    std::fs::remove_dir_all(folder.path().join("own/email")).unwrap();
    std::fs::write(folder.path().join("own/telegram/short.html"), "{{ title }}").unwrap();
    assert_eq!(judged(), [proxy]);
    let own = "schedule = \"30 2 * * *\"\ntelegram = { chat = \"@kenh\", template = \"shrt\" }\n";
    std::fs::write(&path, text.replace("schedule = \"30 2 * * *\"\n", own)).unwrap();
    let told = judged();
    assert!(told.contains(&(Code::Template, Some((9, 41)))), "{told:?}");
    std::fs::write(
        &path,
        text.replace("[section.", "[server]\ntrusted_proxies = [\"127.0.0.1\"]\n[section.").replacen(
            "[server]\ntrusted_proxies = [\"127.0.0.1\"]\n[section.tin-tuc.html]",
            "[section.tin-tuc.html]",
            1,
        ),
    )
    .unwrap();
    assert_eq!(judged(), []);
}
