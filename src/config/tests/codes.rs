//! Every code that the reading of a file can give: a file that has it, the key it is at, and that its line is shown with a
//! caret. The codes of what is around a file are tested where they are made (`cli::check`).

use super::{Code, SECTION, no_env, with};
use crate::config::{Problem, Report, load_str};

/// A file, the code, and the key it is told at; of a text that is not TOML none is known.
const CASES: &[(&str, Code, &str)] = &[
    ("[feeds]\nitems = = 5\n", Code::Syntax, ""),
    ("[feeds]\nitems = 5\nitems = 6\n", Code::Duplicate, ""),
    ("[feeds]\nitmes = 5\n", Code::UnknownKey, "feeds.itmes"),
    ("[feeds]\nitems = \"five\"\n", Code::WrongType, "feeds.items"),
    ("[section.x]\nurl = \"https://x.vn/\"\n", Code::MissingKey, "section.x"),
    ("[defaults]\ntext = \"fll\"\n", Code::UnknownWord, "defaults.text"),
    ("[server]\nadmin_token_file = \"none\"\n", Code::Unreadable, "server.admin_token_file"),
    ("[defaults]\ntimezone = \"Asia/Hanoi\"\n", Code::Zone, "defaults.timezone"),
    ("[defaults]\nschedule = \"*/10 7-25 * * *\"\n", Code::Schedule, "defaults.schedule"),
    ("[defaults]\ntelegram = { chat = \"@kenh_tin\", quiet = \"21:30\" }\n", Code::Quiet, "defaults.telegram.quiet"),
    ("[fetch]\ntimeout = \"30\"\n", Code::Duration, "fetch.timeout"),
    ("[organisation]\nprivacy_url = \"here\"\n", Code::Address, "organisation.privacy_url"),
    ("[feeds]\nitems = 0\n", Code::Range, "feeds.items"),
    ("[defaults]\nhtml = { item = \"div[\" }\n", Code::Selector, "defaults.html.item"),
    ("[admin]\nemail = \"nobody\"\n", Code::Mailbox, "admin.email"),
    ("[telegram]\ntoken = \"1:a\"\nmethods = { send = \"many\" }\n", Code::Rate, "telegram.methods.send"),
    ("[email]\nfrom = \"a@b.vn\"\nsmtp = \"mail.b.vn\"\n", Code::Relay, "email.smtp"),
    ("[defaults]\ntelegram = \"kenh tin\"\n", Code::Chat, "defaults.telegram"),
    ("[server]\nlisten = \":8080\"\n", Code::Listen, "server.listen"),
    ("[section.\"Tin Tức\"]\nname = \"A\"\nurl = \"https://a.vn/\"\n", Code::Slug, "section.Tin Tức"),
    ("[feeds]\nmemory = \"much\"\n", Code::Size, "feeds.memory"),
    ("[defaults]\nfilter = { include = \"re:(\" }\n", Code::Filter, "defaults.filter.include"),
    ("[defaults]\njson = { items = \"a..b\" }\n", Code::JsonPath, "defaults.json.items"),
    (
        "[email]\nfrom = \"a@b.vn\"\nsmtp = \"smtps://mail.b.vn\"\ndkim = { selector = \"b\", key = \"x\" }\n",
        Code::Dkim,
        "email.dkim.key",
    ),
    (
        "[defaults]\ntelegram = { chat = \"@kenh_tin\", hashtags = [\"a b\"] }\n",
        Code::Hashtag,
        "defaults.telegram.hashtags[1]",
    ),
    (
        "[defaults]\ntelegram = { chat = \"@kenh_tin\", template = \"../x\" }\n",
        Code::TemplateName,
        "defaults.telegram.template",
    ),
    ("[section.all]\nname = \"A\"\nurl = \"https://a.vn/\"\n", Code::Reserved, "section.all"),
    (
        "[section.b]\nname = \"B\"\nurl = \"https://b.vn/\"\nformerly = [\"tin\"]\n",
        Code::SlugTwice,
        "section.b.formerly[1]",
    ),
    (
        "[section.b]\nname = \"B\"\nurl = \"https://b.vn/\"\ntranslation_of = \"tn\"\n",
        Code::Translation,
        "section.b.translation_of",
    ),
    ("[server]\nadmin_token = \"a\"\nadmin_token_file = \"b\"\n", Code::SecretTwice, "server.admin_token"),
    (
        "[defaults]\ntelegram = { chat = \"@kenh_tin\", as = \"digest\" }\n",
        Code::DigestWithoutSlot,
        "defaults.telegram.as",
    ),
    ("[defaults]\nname = \"A\"\n", Code::Misplaced, "defaults.name"),
    (
        "[defaults]\ntelegram = \"@kenh_tin\"\n[section.b]\nname = \"B\"\nurl = \"https://b.vn/\"\ntelegram = \"@kenh_hai\"\n",
        Code::NoToken,
        "section.b.telegram",
    ),
    ("[email]\nfrom = \"a@b.vn\"\nsmtp = \"smtp://u:p@mail.b.vn?tls=none\"\n", Code::PlainLogin, "email.smtp"),
];

fn report(text: &str) -> Report {
    match load_str(text, std::path::Path::new("/srv/bantin/config.toml"), &no_env) {
        Ok(config) => config.warnings,
        Err(errors) => errors.report().clone(),
    }
}

#[test]
fn every_code_is_told_at_its_key_with_a_caret() {
    let (mut missing, mut wrong) = (Code::ALL.to_vec(), Vec::new());
    for (more, code, key) in CASES {
        let report = report(&with(&format!("{more}{SECTION}")));
        let found: Vec<&Problem> = report.problems().iter().filter(|one| one.code == *code).collect();
        let drawn = report.render(false);
        let right = found.first().is_some_and(|one| {
            let placed = report.position(one).is_some() && drawn.contains('^');
            one.key.as_deref().unwrap_or_default() == *key && placed && !one.help.is_empty()
        });
        if !right {
            let keys: Vec<_> = report.problems().iter().map(|one| (one.code, one.key.clone())).collect();
            wrong.push(format!("{code:?} at {key}: {more}{keys:?}\n{drawn}"));
        }
        missing.retain(|one| one != code);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let plain = with(&format!("[email]\nfrom = \"a@b.vn\"\nsmtp = \"smtps://mail.b.vn\"\n{SECTION}"));
    assert!(
        report(&plain.replace("https://bantin", "http://bantin")).problems().iter().any(|p| p.code == Code::PlainHttp)
    );
    assert!(report(&with("")).problems().iter().any(|p| p.code == Code::NoSection));
    missing.retain(|one| ![Code::PlainHttp, Code::NoSection].contains(one));
    // What is told by `check` alone.
    let elsewhere = |code: &Code| {
        code.text().starts_with("E5") || ["E220", "E308", "E309", "E310", "E311", "W405"].contains(&code.text())
    };
    missing.retain(|code| !elsewhere(code));
    assert_eq!(missing, [], "codes without a file that has them");
}

#[test]
fn below_a_broken_header_nothing_is_told_a_second_time() {
    for broken in [
        "[section.x\nname = 5\nurl = \"https://x.vn/\"\n",
        "[[[\nname = \"X\"\nurl = \"https://x.vn/\"\n",
        "[section.x]]\nname = 5\ncolour = \"red\"\n",
        "[section.]\nname = \"X\"\nname = \"Y\"\n",
    ] {
        let report = report(&with(&format!("{SECTION}{broken}")));
        assert_eq!(report.problems().len(), 1, "{broken}\n{}", report.render(false));
        assert_eq!(report.problems()[0].code, Code::Syntax, "{broken}\n{}", report.render(false));
        if broken.starts_with("[[[") {
            continue; // what the parser makes of three is its own affair
        }
        let after = report_after(broken);
        assert!(
            after.problems().iter().any(|one| one.code == Code::Range),
            "what follows is read\n{}",
            after.render(false)
        );
    }
}

/// The same, with a table that is whole behind it.
fn report_after(broken: &str) -> Report {
    report(&with(&format!("{SECTION}{broken}[feeds]\nitems = 0\n")))
}
