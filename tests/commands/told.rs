//! Every command that a document shows in a block of `sh` is run as it stands there, line by line, in a folder of its
//! own: the website is one of ours, Telegram and the relay are the fakes, and what belongs to the machine (`/etc`,
//! systemctl, docker) is stood in for. So a document cannot tell of a command that does not work.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::config::free_port;
use crate::harness::proof::Proof;
use crate::harness::{Bantin, Config, Database, FakeSmtp, FakeTelegram};
use crate::made::{Made, listing, path_of};
use crate::site::two_languages;

/// Documents whose commands another test runs.
const ELSEWHERE: &[(&str, &str)] = &[("docs/push.md", "tests/pipeline/sources.rs")];

/// Commands that rightly refuse in the folder of their document: the beginning of the line, the exit code, what is said.
const REFUSED: &[(&str, &str, i32, &str)] = &[
    ("docs/operating.md", "bantin init", 1, "is there already; --force replaces it"),
    ("docs/delivery.md", "bantin deliveries retry", 1, "is sent: there is nothing to try again"),
    ("docs/delivery.md", "bantin deliveries drop 1", 1, "is sent: it cannot be dropped any more"),
    ("docs/delivery.md", "bantin holds approve", 1, "there is no open hold"),
    ("docs/delivery.md", "bantin holds digest", 1, "there is no open hold"),
    ("docs/delivery.md", "bantin holds seen", 1, "there is no open hold"),
];

/// What a document names, and what stands for it here.
const PLACES: &[(&str, &str)] = &[
    ("/etc/bantin/config.toml", "config.toml"),
    ("/etc/systemd/system/", "units/"),
    ("/var/backups/bantin/bantin-0.1.0-20260301T020000Z.db", "$(ls backups/*.db | head -n 1)"),
    ("/var/backups/bantin/", "backups/"),
];

/// A number of a delivery or hold, in the documents.
const NUMBER: &str = "1874563829475";

/// What stands in for programs that would change the machine; each refuses what its document should not say.
const PROGRAMS: &[(&str, &str)] = &[
    ("systemctl", "case \"$*\" in daemon-reload|'enable --now bantin'|'reload bantin') ;; *) exit 1 ;; esac"),
    (
        "docker",
        "case \"$1 $2\" in 'build -t'|'run --read-only') ;; 'compose -f') [ -f \"$PROJECT/$3\" ] ;; *) exit 1 ;; esac",
    ),
    (
        "cargo",
        "case \"$1\" in run) while [ \"$1\" != -- ]; do shift || exit 1; done; shift; exec bantin \"$@\" ;;
         install) [ \"$*\" = 'install --path .' ] ;; test|bench|deny) ;; *) exit 1 ;; esac",
    ),
    // Goes on until it has shown what it is for, and is ended in order.
    (
        "bantin",
        "case \" $* \" in *' run '*) what=run ;; *' demo '*) what=demo; set -- \"$@\" --port 0 --every 1 ;;
           *) exec \"$BANTIN\" \"$@\" ;; esac
         \"$BANTIN\" \"$@\" >\"$what.out\" 2>&1 & pid=$!
         for left in $(seq 600); do
           kill -0 $pid 2>/dev/null || { cat $what.out >&2; exit 1; }
           if [ $what = demo ]; then grep -q 'Ctrl-C ends it' demo.out && break
           elif curl -sf \"$BANTIN_BASE_URL/feeds.opml\" -o served.opml; then
             curl -sf \"$BANTIN_BASE_URL/feeds/tin-tuc.rss\" -o served.rss && grep -q '<item>' served.rss && break
           fi
           sleep 0.1
         done
         [ $left -lt 600 ] || { cat $what.out >&2; kill $pid; exit 1; }
         kill -TERM $pid; wait $pid",
    ),
];

/// A script of the project; the parts it is asked for must be there.
const SCRIPT: &str = "case \"$0\" in */bench|*/prove) ;; *) exit 0 ;; esac; for part in \"$@\"; do case $part in -*) ;; *) \
    grep -qE \"(bench_$part\\(\\)|^    $part\\))\" \"$PROJECT/scripts/\"* \"$PROJECT/scripts/lib/\"*.sh 2>/dev/null || exit 1 ;; \
    esac; done";

/// A block of commands of a document: the line it begins at, and its commands.
struct Block {
    line: usize,
    commands: Vec<String>,
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The blocks of `sh` of a document; a line that ends with a backslash goes on.
fn blocks(document: &str) -> Vec<Block> {
    let text = std::fs::read_to_string(project().join(document)).expect("the document");
    let (mut blocks, mut open) = (Vec::new(), None::<(usize, String)>);
    for (at, line) in text.lines().enumerate() {
        match &mut open {
            None if line.trim() == "```sh" => open = Some((at + 1, String::new())),
            None => {}
            Some((start, code)) if line.trim() == "```" => {
                let code = code.replace("\\\n", " ");
                let commands = code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
                blocks.push(Block { line: *start, commands: commands.map(str::to_owned).collect() });
                open = None;
            }
            Some((_, code)) => {
                code.push_str(line);
                code.push('\n');
            }
        }
    }
    blocks
}

fn documents() -> Vec<String> {
    let mut paths = vec!["README.md".to_owned(), "CONTRIBUTING.md".into(), "SECURITY.md".into(), "CHANGELOG.md".into()];
    for entry in std::fs::read_dir(project().join("docs")).expect("the documents").flatten() {
        let name = entry.file_name().into_string().expect("a name");
        if Path::new(&name).extension().is_some_and(|ending| ending == "md") {
            paths.push(format!("docs/{name}"));
        }
    }
    paths
}

/// A folder in which a document's commands are run.
struct Sandbox {
    bantin: Bantin,
    bin: PathBuf,
    port: u16,
    site: Made,
    telegram: FakeTelegram,
    smtp: FakeSmtp,
    number: String,
    /// Where `bantin move` goes.
    server: Option<Database>,
}

impl Sandbox {
    async fn new() -> Self {
        let port = free_port();
        let (bantin, site) = (Bantin::empty(port), two_languages().await);
        // A section that no menu leads to.
        site.articles(200..=210);
        site.page("/van-hoa", listing("vi", "", "Văn hóa", &(200..=210).rev().collect::<Vec<_>>(), ""));
        let bin = bantin.path("bin");
        for folder in ["bin", "scripts", "units", "backups", "secrets"] {
            std::fs::create_dir(bantin.path(folder)).expect("a folder");
        }
        for (name, body) in PROGRAMS {
            program(&bin.join(name), body);
        }
        for script in std::fs::read_dir(project().join("scripts")).expect("the scripts").flatten() {
            if script.path().is_file() {
                program(&bantin.path("scripts").join(script.file_name()), SCRIPT);
            }
        }
        std::os::unix::fs::symlink(project().join("contrib"), bantin.path("contrib")).expect("a link");
        let (telegram, smtp) = (FakeTelegram::start(), FakeSmtp::start());
        Self { bantin, bin, port, site, telegram, smtp, number: NUMBER.to_owned(), server: None }
    }

    /// What an admin has who reads a document for somebody who runs bantin already: sections, readers, something sent.
    async fn in_use(&mut self) {
        let mut sections = String::new();
        for (slug, name, path) in [("tin-tuc", "Tin tức", "/tin-tuc"), ("kinh-te", "Kinh tế", "/kinh-te")] {
            let url = format!("{}{path}", self.site.url);
            let lines = ["name", name, "url", &url, "telegram", "@example_tintuc"];
            let lines = lines.chunks(2).map(|pair| format!("{} = \"{}\"\n", pair[0], pair[1]));
            sections = format!("{sections}[section.{slug}]\n{}", lines.collect::<String>());
        }
        let config = Config::new(&Database::sqlite()).telegram(&self.telegram).email(&self.smtp, 1).raw(&sections);
        let text = config.text().replace(&format!(":{}", config.port), &format!(":{}", self.port));
        self.bantin.configure(&text);
        let said = self.bantin.command(&["once"]).await;
        assert_eq!(said.code, 0, "{said:?}");
        let known = format!("{}{}", self.site.url, path_of(111));
        let said = self.bantin.command(&["push", &known, "--to", "@example_khac"]).await;
        assert_eq!(said.code, 0, "{said:?}");
        assert_eq!(self.bantin.command(&["once"]).await.code, 0);
        let said = self.bantin.command(&["deliveries", "list", "--json"]).await;
        let deliveries: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
        deliveries[0]["id"].as_str().expect("a delivery").clone_into(&mut self.number);
        let csv = "address,sections,consent_at,consent_source\ndoc.gia.1@example.vn,tin-tuc,2026-01-31,form\n";
        std::fs::write(self.bantin.path("readers.csv"), csv).expect("a file");
        self.server = Database::postgres().await;
        if let Some(server) = &self.server {
            std::fs::write(self.bantin.path("secrets/database"), server.url()).expect("a file");
        }
    }

    /// After `init`: the bot and the relay are the fakes.
    fn adopt(&self) {
        let path = self.bantin.path("config.toml");
        let Ok(text) = std::fs::read_to_string(&path) else { return };
        if text.contains("\napi_url = ") {
            return;
        }
        let (token, url) = (FakeTelegram::TOKEN, self.telegram.url());
        let telegram = format!("\n[telegram]\ntoken = \"{token}\"\napi_url = \"{url}\"\n");
        let relay = format!("smtp://127.0.0.1:{}?tls=none", self.smtp.port());
        let email = format!("\n[email]\nfrom = \"bantin@example.vn\"\nsmtp = \"{relay}\"\n");
        let text = text.replacen("\n[telegram]\n", &telegram, 1).replacen("\n[email]\n", &email, 1);
        std::fs::write(path, text).expect("the file");
    }

    /// A stranger who typed this block has a feed, served and as a file.
    fn has_a_feed(&self, document: &str, block: &Block) {
        assert!(block.commands.len() <= 5, "{document}: {:?}", block.commands);
        for place in ["served.rss", "feeds/tin-tuc.rss"] {
            let feed = std::fs::read_to_string(self.bantin.path(place)).unwrap_or_default();
            assert!(feed.contains("<item>") && feed.contains("Bản tin số 01"), "{document}: {place}: {feed}");
        }
        Proof::new("a stranger's first feed takes at most five commands").ran(block.commands.len(), document);
    }

    /// Runs one command; what is wrong with it.
    async fn run(&self, document: &str, command: &str) -> Option<String> {
        if command.starts_with("bantin move") && self.server.is_none() {
            println!("SKIPPED {command}: BANTIN_TEST_POSTGRES names no PostgreSQL server");
            return None;
        }
        let article = format!("https://www.example.vn{}", path_of(110));
        let mut line = command.replace("https://www.example.vn/tin-tuc/bai-1.html", &article);
        line = line.replace("https://www.example.vn", &self.site.url).replace(NUMBER, &self.number);
        for (place, here) in PLACES {
            line = line.replace(place, here);
        }
        let mut shell = Command::new("bash");
        shell.args(["-c", &line]).current_dir(self.bantin.path("")).env("HOME", self.bantin.path(""));
        let path = std::env::var("PATH").unwrap_or_default();
        shell.env("PATH", format!("{}:{path}", self.bin.display())).env("PROJECT", project());
        shell.env("BANTIN", env!("CARGO_BIN_EXE_bantin")).env_remove("RUST_LOG").env_remove("BANTIN_LOG");
        shell.env("BANTIN_LISTEN", format!("127.0.0.1:{}", self.port));
        shell.env("BANTIN_BASE_URL", format!("http://127.0.0.1:{}", self.port));
        shell.stdin(std::process::Stdio::null());
        let begun = std::time::Instant::now();
        let output = tokio::task::spawn_blocking(move || shell.output().expect("bash")).await.expect("no panic");
        println!("{:>6} ms  {command}", begun.elapsed().as_millis());
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let code = output.status.code().unwrap_or(-1);
        let refused = REFUSED.iter().find(|(of, begins, ..)| *of == document && command.starts_with(begins));
        let wanted = refused.map_or((0, ""), |(_, _, code, piece)| (*code, *piece));
        (code != wanted.0 || !said.contains(wanted.1)).then(|| format!("`{command}` ends with {code}:\n{said}"))
    }
}

/// Documents in which the block that begins a configuration is what a stranger types.
const FIRST: &[&str] = &["README.md", "docs/first-section.md", "docs/bat-dau-nhanh.md"];

fn program(path: &Path, body: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, format!("#!/usr/bin/env bash\n{body}\n")).expect("a program");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("its mode");
}

/// Runs the commands of a document; how many.
async fn run(document: &str) -> usize {
    let blocks = blocks(document);
    let mut sandbox = Sandbox::new().await;
    // A document that begins with `init` is for somebody who has nothing yet.
    let needs = ["bantin ", "cargo run -- run"];
    let mut commands = blocks.iter().flat_map(|block| &block.commands);
    let begins = commands.find(|command| needs.iter().any(|need| command.starts_with(need)));
    if begins.is_some_and(|first| !first.starts_with("bantin init")) {
        sandbox.in_use().await;
    }
    let (mut wrong, mut count) = (Vec::new(), 0);
    for block in &blocks {
        for command in &block.commands {
            count += 1;
            wrong.extend(sandbox.run(document, command).await.map(|what| format!("{document}:{}: {what}", block.line)));
            sandbox.adopt();
        }
        if wrong.is_empty()
            && FIRST.contains(&document)
            && block.commands.iter().any(|command| command.starts_with("bantin init"))
        {
            sandbox.has_a_feed(document, block);
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    Proof::new("every command of the documents is run").ran(count, document);
    count
}

macro_rules! documents {
    ($($name:ident => $path:literal),* $(,)?) => {
        const RUN: &[&str] = &[$($path),*];
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            assert!(run($path).await > 0);
        })*
    };
}

documents! {
    readme => "README.md",
    contributing => "CONTRIBUTING.md",
    first_section => "docs/first-section.md",
    vietnamese => "docs/bat-dau-nhanh.md",
    configuration => "docs/configuration.md",
    sources => "docs/sources.md",
    telegram => "docs/telegram.md",
    email => "docs/email.md",
    delivery => "docs/delivery.md",
    operating => "docs/operating.md",
    performance => "docs/performance.md",
    scaling => "docs/scaling.md",
}

#[test]
fn no_document_is_left_out() {
    for document in documents() {
        let is_run = RUN.contains(&document.as_str()) || ELSEWHERE.iter().any(|(path, _)| *path == document);
        assert!(is_run || blocks(&document).is_empty(), "nothing runs the commands of {document}");
    }
    for document in FIRST {
        let first = blocks(document)
            .into_iter()
            .flat_map(|block| block.commands)
            .find(|command| command.starts_with("bantin init"));
        assert!(first.is_some(), "{document} does not tell how to begin");
    }
    for (document, test) in ELSEWHERE {
        let text = std::fs::read_to_string(project().join(test)).expect("the test");
        assert!(text.contains(document), "{test} says nothing of {document}");
    }
}
