use std::path::Path;

use secrecy::ExposeSecret as _;

use super::raw::all_keys;
use super::*;

mod canary;
mod codes;
mod files;
mod mutations;
mod webhooks;

const SHIPPED: &str = include_str!("../../config.toml");

fn no_env(_: &str) -> Option<String> {
    None
}

fn read(text: &str) -> Result<Config, ConfigErrors> {
    load_str(text, Path::new("/srv/bantin/config.toml"), &no_env)
}

/// The least that is a configuration, with `more` after it.
fn with(more: &str) -> String {
    format!("base_url = \"https://bantin.example.vn\"\nlanguage = \"vi\"\ntimezone = \"Asia/Ho_Chi_Minh\"\n{more}")
}

const SECTION: &str = "[section.tin]\nname = \"Tin\"\nurl = \"https://www.example.vn/tin\"\n";

fn codes(text: &str) -> Vec<&'static str> {
    match read(text) {
        Ok(config) => config.warnings.problems().iter().map(|problem| problem.code.text()).collect(),
        Err(errors) => errors.report().problems().iter().map(|problem| problem.code.text()).collect(),
    }
}

#[test]
fn the_shipped_file_is_a_configuration() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.toml");
    let config = load(&file, &no_env).unwrap_or_else(|errors| panic!("{errors}"));
    assert!(config.warnings.problems().is_empty(), "{}", config.warnings.render(false));
    let slugs: Vec<_> = config.sections.keys().map(String::as_str).collect();
    assert_eq!(slugs, ["tin-tuc", "kinh-te", "van-hoa-xa-hoi", "thong-bao", "news"], "in the order of the file");
    let news = &config.sections["news"];
    assert_eq!((news.language, news.translation_of.as_deref()), (Language::En, Some("tin-tuc")));
    for section in config.sections.values() {
        let path = section.url.to_file_path().unwrap();
        assert!(path.starts_with(env!("CARGO_MANIFEST_DIR")) && path.exists(), "{}", section.url);
    }
    assert_eq!(config.sections["tin-tuc"].html.item.as_deref(), Some("div.news_column"));
    assert!(config.sections["thong-bao"].url.path().ends_with('/'));
    assert!(config.telegram.is_none() && config.email.is_none());
    assert_eq!(config.database.expose_secret(), format!("sqlite:{}/data/bantin.db", env!("CARGO_MANIFEST_DIR")));
}

/// The shipped file with every setting in force.
fn uncommented() -> String {
    let on = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|letter: char| letter.is_ascii_lowercase() || matches!(letter, '[' | ']')) => {
            rest.to_owned()
        }
        Some(rest) if rest.starts_with("  ") => rest.to_owned(), // within a list
        _ => line.to_owned(),
    };
    SHIPPED.lines().map(on).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_setting_of_the_shipped_file_is_right() {
    // Only the files with secrets are not there.
    let key = "-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\\n-----END PRIVATE KEY-----";
    let text = uncommented()
        .replace("password_file = \"secrets/relay\"", "password = \"x\"")
        .replace("key_file = \"secrets/dkim.pem\"", &format!("key = \"{key}\""));
    let config = read(&text).unwrap_or_else(|errors| panic!("{errors}"));
    let email = config.email.unwrap();
    assert_eq!(email.smtp.len(), 2);
    assert!(matches!(&email.dkim, super::Dkim::Own(keys) if keys.len() == 1));
    assert_eq!(email.domains.len(), 2);
    let bounces = email.bounces.unwrap();
    assert_eq!(
        (bounces.before.as_str(), bounces.after.as_str(), bounces.domain.as_str()),
        ("bounces+", "", "example.vn")
    );
    let inbox = bounces.inbox.unwrap();
    assert_eq!((inbox.host.as_str(), inbox.port, inbox.folder.as_str()), ("mail.example.vn", 993, "INBOX"));
    assert_eq!(email.smtp[1].rate, Rate { per_minute: Some(30), per_day: Some(2000), ..Rate::default() });
    let section = &config.sections["tin-tuc"];
    assert_eq!(section.telegram.len(), 2);
    assert_eq!(section.telegram[1].topic, Some(7));
    // What it shows as defaults are the defaults.
    let (shipped, all) = (read(SHIPPED).unwrap(), read(&text).unwrap());
    assert_eq!(
        format!("{:?}", shipped.fetch).replace("contact: None", ""),
        format!("{:?}", all.fetch).replace("contact: Some(\"webmaster@example.vn\")", "")
    );
    assert_eq!(shipped.sections["tin-tuc"].guard, section.guard);
    assert_eq!((shipped.feeds.items, shipped.feeds.directory), (all.feeds.items, all.feeds.directory));
    assert_eq!(email.daily.source(), defaults::DAILY);
    assert_eq!(email.weekly.source(), defaults::WEEKLY);
    assert_eq!(section.schedule.source(), defaults::SCHEDULE);
    let telegram = all.telegram.unwrap();
    assert_eq!(telegram.per_second, defaults::TELEGRAM_PER_SECOND);
    assert_eq!(telegram.per_chat_minute, defaults::TELEGRAM_PER_CHAT_MINUTE);
}

#[test]
fn every_key_stands_in_the_shipped_file() {
    let all = all_keys();
    for key in &all {
        let found = SHIPPED.match_indices(key.as_str()).any(|(at, _)| {
            let after = SHIPPED[at + key.len()..].trim_start();
            let before = SHIPPED[..at].chars().next_back();
            let own_word = before.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_');
            own_word && (after.starts_with('=') || after.starts_with(']') || after.starts_with('.'))
        });
        assert!(found, "`{key}` does not stand in config.toml");
    }
    assert!(all.len() > 80, "the keys were found at all");
}

#[test]
fn every_mistake_is_told_at_once() {
    let text = r#"base_url = "bantin.example.vn"
language = "vn"
timezone = "Asia/Ho_Chi_Min"
colour = "red"

[server]
listen = ":8080"

[feeds]
items = "twenty"

[email]
smtp = ["smtp://bantin@mail.example.vn", { url = "http://relay", rate = "30 a minute" }]
dayly = "0 7 * * *"

[section.all]
name = "All"
url = "https://www.example.vn/"

[section.tin-tuc]
nmae = "Tin tức"
url = "https://www.example.vn/tin-tuc"
schedule = "75 * * * *"
formerly = ["news"]
telegram = { chat = "@example_tintuc", qiuet = "21:30-06:30", as = "digset" }
guard = { run = -1, fresh = "2 days" }

[section.news]
name = "News"
url = "https://www.example.vn/en/news"
translation_of = "tintuc"
language = 5
html = { item = "div[", stop_at = ["Related", 7] }
"#;
    let errors = read(text).unwrap_err();
    insta::assert_snapshot!("every_mistake", errors.to_string().replace("/srv/bantin/", ""));
    insta::assert_json_snapshot!("every_mistake_json", errors.to_json()["errors"][0]);
}

#[test]
fn broken_text_does_not_hide_the_rest() {
    let text = with(
        "[feeds]\nitems = = 5\ndirectory = \"feeds\ncolor = 1\n[section.x]\nname = \"X\"\nurl = \"https://x.vn/\"\nname = \"Y\"\n",
    );
    let errors = read(&text).unwrap_err();
    insta::assert_snapshot!("broken_text", errors.to_string().replace("/srv/bantin/", ""));
}

#[test]
fn a_section_in_four_lines() {
    let config = read(&with(SECTION)).unwrap();
    let section = &config.sections["tin"];
    assert_eq!(section.schedule.source(), "10m");
    assert_eq!(section.guard, Some(defaults::GUARD));
    assert_eq!((section.text, section.read), (TextMode::Full, ReadMode::Article));
    assert_eq!(config.base_url.as_str(), "https://bantin.example.vn/");
    assert_eq!(config.server.listen, "127.0.0.1:8080");
    assert_eq!(config.organisation.name, "bantin.example.vn");
    assert_eq!(config.feeds.directory, Path::new("/srv/bantin/feeds"));
    assert_eq!(config.database.expose_secret(), "sqlite:/srv/bantin/data/bantin.db");
}

#[test]
fn what_a_section_says_stands_over_the_defaults() {
    let text = with(&format!(
        "[defaults]\nschedule = \"2m\"\nguard = {{ run = 5, fresh = \"1d\" }}\ntelegram = \"@everything\"\nhtml = {{ item = \"li\", body = \"main\" }}\n\
         {SECTION}schedule = \"0 7 * * *\"\nguard = {{ run = 7 }}\ntelegram = []\nhtml = {{ item = \"div\" }}\n\
         [section.b]\nname = \"B\"\nurl = \"https://b.vn/\"\nguard = \"off\"\ntelegram = [-1001, \"@beeees\"]\n"
    ));
    let config = read(&text).unwrap();
    let (a, b) = (&config.sections["tin"], &config.sections["b"]);
    assert_eq!((a.schedule.source(), b.schedule.source()), ("0 7 * * *", "2m"));
    let guard = Guard { run: 7, fresh: Duration::from_hours(24), ..defaults::GUARD };
    assert_eq!((a.guard, b.guard), (Some(guard), None));
    assert_eq!((a.telegram.len(), b.telegram.len()), (0, 2));
    assert_eq!((a.html.item.as_deref(), a.html.body.as_deref()), (Some("div"), Some("main")));
    assert_ne!(a.rules_hash, b.rules_hash);
}

#[test]
fn relations_between_sections() {
    let pair = |more: &str| with(&format!("{SECTION}{more}"));
    let b = "[section.b]\nname = \"B\"\nurl = \"https://b.vn/\"\n";
    assert_eq!(codes(&pair(&format!("formerly = [\"b\"]\n{b}"))), ["E302"]);
    assert_eq!(codes(&pair(&format!("formerly = [\"old\"]\n{b}formerly = [\"old\"]\n"))), ["E302"]);
    assert_eq!(codes(&pair("formerly = [\"tin\"]\n")), ["E302"]);
    assert_eq!(codes(&pair("formerly = [\"Tin Cũ\"]\n")), ["E213"]);
    assert_eq!(codes(&pair("translation_of = \"tin\"\n")), ["E303"]);
    assert_eq!(codes(&pair(&format!("translation_of = \"b\"\n{b}"))), ["E303"], "both in Vietnamese");
    assert_eq!(codes(&pair(&format!("translation_of = \"b\"\n{b}language = \"en\"\n"))), [""; 0]);
    assert_eq!(codes(&with(&format!("removed = [\"tin\"]\n{SECTION}"))), ["E302"]);
    assert_eq!(codes(&with("[section.all-vi]\nname = \"A\"\nurl = \"https://a.vn/\"\n")), ["E301"]);
    assert_eq!(codes(&with("[section.\"Tin Tức\"]\nname = \"A\"\nurl = \"https://a.vn/\"\n")), ["E213"]);
    assert_eq!(codes(&with("[section.a.b]\nname = \"A\"\n")), ["E105", "E105", "E103"]);
    assert_eq!(codes(&with("[defaults]\nname = \"A\"\n")), ["W403", "E307"]);
}

#[test]
fn warnings_do_not_stop() {
    assert_eq!(codes(&with(&format!("{SECTION}telegram = \"@example\"\n"))), ["W402"]);
    assert_eq!(codes(&with("")), ["W403"]);
    let mail = "[email]\nfrom = \"a@b.vn\"\nsmtp = \"smtp://u:p@mail.b.vn?tls=none\"\n";
    assert_eq!(codes(&with(&format!("{mail}{SECTION}"))), ["W404"]);
    let plain = with(&format!("{mail}{SECTION}")).replace("https://bantin", "http://bantin");
    assert_eq!(codes(&plain), ["W401", "W404"]);
}

#[test]
fn secrets_come_one_way_only() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "1:from-file\n").unwrap();
    let file = folder.path().join("config.toml");
    let env = |name: &str| (name == "BANTIN_TELEGRAM_TOKEN").then(|| "1:from-env".to_owned());
    let token = |table: &str, env: &dyn Fn(&str) -> Option<String>| {
        load_str(&with(&format!("[telegram]\n{table}\n{SECTION}")), &file, env)
            .map(|config| config.telegram.map(|telegram| telegram.token.expose_secret().to_owned()))
            .map_err(|errors| errors.report().problems()[0].message.clone())
    };
    assert_eq!(token("", &no_env), Ok(None));
    assert_eq!(token("token = \"1:x\"", &no_env), Ok(Some("1:x".into())));
    assert_eq!(token("token_file = \"token\"", &no_env), Ok(Some("1:from-file".into())));
    assert_eq!(token("", &env), Ok(Some("1:from-env".into())));
    let twice = token("token = \"1:x\"", &env).unwrap_err();
    assert!(twice.contains("token and by the environment variable BANTIN_TELEGRAM_TOKEN"), "{twice}");
    let twice = token("token = \"1:x\"\ntoken_file = \"token\"", &no_env).unwrap_err();
    assert!(twice.contains("token and by token_file"), "{twice}");
    let held = folder.path().join("credentials");
    std::fs::create_dir(&held).unwrap();
    let passed = |name: &str| (name == "CREDENTIALS_DIRECTORY").then(|| held.display().to_string());
    assert_eq!(token("", &passed), Ok(None), "no credential of this name");
    std::fs::write(held.join("telegram-token"), "1:from-systemd\n").unwrap();
    assert_eq!(token("", &passed), Ok(Some("1:from-systemd".into())));
    let twice = token("token = \"1:x\"", &passed).unwrap_err();
    assert!(twice.contains("token and by the credential telegram-token"), "{twice}");
    std::fs::write(held.join("telegram-token"), "\n").unwrap();
    assert!(token("", &passed).unwrap_err().contains("telegram-token: the credential cannot be used: it is empty"));
    assert!(token("token_file = \"nothing\"", &no_env).unwrap_err().contains("cannot be read: it is not there"));
    assert!(token("token = \"\"", &no_env).unwrap_err().contains("empty"));
}

#[test]
fn the_environment_stands_over_addresses() {
    let env = |name: &str| match name {
        "BANTIN_LISTEN" => Some("0.0.0.0:80".to_owned()),
        "BANTIN_BASE_URL" => Some("https://x.vn/b".to_owned()),
        "BANTIN_DATABASE_URL" => Some("postgres://u:p@db/bantin".to_owned()),
        _ => None,
    };
    let config = load_str(&with(SECTION), Path::new("/srv/config.toml"), &env).unwrap();
    assert_eq!((config.server.listen.as_str(), config.base_url.as_str()), ("0.0.0.0:80", "https://x.vn/b/"));
    assert_eq!(config.database.expose_secret(), "postgres://u:p@db/bantin");
    let wrong = |_: &str| Some("x".to_owned());
    let errors = load_str(&with(SECTION), Path::new("/srv/config.toml"), &wrong).unwrap_err().to_string();
    for name in ["BANTIN_LISTEN", "BANTIN_BASE_URL", "BANTIN_DATABASE_URL"] {
        assert!(errors.contains(name), "{errors}");
    }
}

#[test]
fn unreadable_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let fault = load(&path, &no_env).unwrap_err().to_string();
    assert!(fault.contains("there is no file") && fault.contains("bantin run --config FILE"), "{fault}");
    std::fs::write(&path, b"base_url = \"x\"\nname = \"Ti\xffn\"\n").unwrap();
    let errors = load(&path, &no_env).unwrap_err();
    assert_eq!(errors.report().position(&errors.report().problems()[0]), Some((2, 11)));
    assert!(load(folder.path(), &no_env).unwrap_err().to_string().contains("it is a folder"));
    assert!(read(&format!("\u{feff}{}", with(SECTION))).is_ok(), "a byte order mark is no mistake");
    assert!(read(&with(SECTION).replace('\n', "\r\n")).is_ok());
}
