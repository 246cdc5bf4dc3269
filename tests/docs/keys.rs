//! Every key of the configuration has its row in `docs/configuration.md`; every row's example loads, and its default
//! is what holds without the key.

use std::collections::BTreeSet;
use std::path::Path;

use bantin::config::{Config, Report, load_str};

use super::{nothing_wrong, read};

/// Headings of the document, and the types of `src/config/raw` that hold these keys.
const TABLES: &[(&str, &str)] = &[
    ("At the top of the file", "Raw"),
    ("`[server]`", "RawServer"),
    ("`[organisation]`", "RawOrganisation"),
    ("`[database]`", "RawDatabase"),
    ("`[feeds]`", "RawFeeds"),
    ("`[fetch]`", "RawFetch"),
    ("`[telegram]`", "RawTelegram"),
    ("`methods`", "RawMethods"),
    ("`[email]`", "RawEmail"),
    ("A key of `dkim`", "RawDkim"),
    ("`[email.bounces]`", "RawBounces"),
    ("A relay", "RawRelay"),
    ("`[webhook.NAME]`", "RawWebhook"),
    ("`webhook`", "RawHook"),
    ("`[admin]`", "RawAdmin"),
    ("A chat of `[admin]`", "RawAdminChat"),
    ("`[retention]`", "RawRetention"),
    ("`[section.SLUG]` and `[defaults]`", "RawSection"),
    ("`guard`", "RawGuard"),
    ("`telegram`", "RawTarget"),
    ("`[section.SLUG.html]`", "RawHtml"),
    ("`[section.SLUG.json]`", "RawJson"),
    ("`[section.SLUG.filter]`", "RawFilter"),
    ("`include`, `exclude` and `urgent`", "RawFilterRule"),
];

/// One row: the type its table stands for, its key, default and example as they are written.
struct KeyRow {
    table: &'static str,
    key: String,
    default: String,
    example: String,
}

fn rows() -> Vec<KeyRow> {
    let text = read("docs/configuration.md");
    let (mut table, mut rows) = (None, Vec::new());
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix('#') {
            let heading = heading.trim_start_matches('#').trim();
            table = TABLES.iter().find(|(known, _)| *known == heading).map(|(_, table)| *table);
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let (Some(table), [_, key, default, example, ..]) = (table, cells.as_slice())
            && let Some(key) = code(key)
        {
            rows.push(KeyRow { table, key: key.to_owned(), default: (*default).into(), example: (*example).into() });
        }
    }
    rows
}

/// What a cell says in backticks and nothing else.
fn code(cell: &str) -> Option<&str> {
    let inside = cell.strip_prefix('`')?.strip_suffix('`')?;
    (!inside.contains('`')).then_some(inside)
}

/// The keys of a type in `src/config/raw`; tables with a type of their own are told by their own heading.
fn keys_of(source: &str, table: &str) -> BTreeSet<String> {
    let body = source.split(&format!("pub struct {table} {{")).nth(1).unwrap_or_else(|| panic!("no type {table}"));
    let body = body.split("\n}").next().unwrap_or_default();
    let mut renamed = None;
    let mut keys = BTreeSet::new();
    for line in body.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("#[serde(rename = \"") {
            renamed = name.split('"').next();
        } else if let Some((key, kind)) = line.strip_prefix("pub ").and_then(|field| field.split_once(": "))
            && (table != "Raw" || !kind.contains("Raw"))
            && kind != "RawBounces,"
        {
            keys.insert(renamed.take().unwrap_or(key).to_owned());
        }
    }
    keys
}

#[test]
fn every_key_has_its_row() {
    let source = read("src/config/raw.rs") + &read("src/config/raw/section.rs");
    let rows = rows();
    let mut wrong = Vec::new();
    for (heading, table) in TABLES {
        let told: BTreeSet<String> = rows.iter().filter(|row| row.table == *table).map(|row| row.key.clone()).collect();
        let known = keys_of(&source, table);
        wrong.extend(known.difference(&told).map(|key| format!("{heading}: no row for `{key}`")));
        wrong.extend(told.difference(&known).map(|key| format!("{heading}: there is no `{key}`")));
    }
    nothing_wrong(&wrong);
}

/// The keys without which nothing loads.
const TOP: &[&str] =
    &["base_url = \"https://bantin.example.vn\"", "language = \"vi\"", "timezone = \"Asia/Ho_Chi_Minh\""];
const SECTION: &[&str] = &["name = \"Tin\"", "url = \"https://www.example.vn/tin\""];
const EMAIL: &[&str] = &["from = \"a@example.vn\"", "smtp = \"smtp://127.0.0.1\""];
const RELAY: &[&str] = &["url = \"smtp://bantin@mail.example.vn\"", "password = \"x\""];
const DKIM: &[&str] = &["selector = \"b\"", "key_file = \"secrets/dkim.pem\""];
const BOUNCES: &[&str] = &["address = \"b@example.vn\"", "imap = \"imap://b@127.0.0.1\"", "password = \"x\""];
const HOOK: &[&str] = &["url = \"https://hooks.example.vn/x\"", "id = \"id\""];
const TARGET: &[&str] = &["name = \"phong-tin\"", "at = \"0 8 * * *\""];
const CHAT: &[&str] = &["chat = 1", "at = \"0 8 * * *\""];

/// The key of RFC 8463, appendix A.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

/// `key = value` (or nothing, to leave the key out) among what else its table needs.
fn table_with(needed: &[&str], key: &str, value: Option<&str>) -> Vec<String> {
    let stands_for =
        |line: &str| line.split(' ').next().is_some_and(|name| key == name || key == format!("{name}_file"));
    let mut lines: Vec<String> =
        needed.iter().filter(|line| !stands_for(line)).map(|line| (*line).to_owned()).collect();
    lines.extend(value.map(|value| format!("{key} = {value}")));
    lines
}

/// The least that is a configuration, with `key = value` in `table`, or without the key.
fn config_with(table: &str, key: &str, value: Option<&str>) -> String {
    let own = |needed: &[&str]| table_with(needed, key, value);
    let inline = |name: &str, needed: &[&str]| format!("{name} = {{ {} }}", own(needed).join(", "));
    let all = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let (mut top, mut general, mut section) = (all(TOP), Vec::new(), all(SECTION));
    match table {
        "Raw" => top = own(TOP),
        "RawEmail" if key == "smtp" => general = [all(&["[email]", "password = \"x\""]), own(EMAIL)].concat(),
        "RawEmail" => general = [all(&["[email]"]), own(EMAIL)].concat(),
        "RawRelay" => general = [all(&["[email]", EMAIL[0]]), vec![inline("smtp", RELAY)]].concat(),
        "RawDkim" => general = [all(&["[email]"]), all(EMAIL), vec![inline("dkim", DKIM)]].concat(),
        "RawBounces" => general = [all(&["[email]"]), all(EMAIL), all(&["[email.bounces]"]), own(BOUNCES)].concat(),
        "RawAdminChat" => general = [all(&["[admin]"]), vec![inline("telegram", &CHAT[..1])]].concat(),
        "RawSection" => section = own(SECTION),
        "RawWebhook" => general = [all(&["[webhook.phong-tin]"]), own(HOOK)].concat(),
        "RawMethods" => general = [all(&["[telegram]"]), vec![inline("methods", &[])]].concat(),
        "RawHook" => section.push(inline("webhook", TARGET)),
        "RawGuard" => section.push(inline("guard", &[])),
        "RawTarget" => section.push(inline("telegram", CHAT)),
        "RawJson" => section.extend([all(&["[section.tin.json]"]), own(&[])].concat()),
        "RawFilter" => section.extend([all(&["[section.tin.filter]"]), own(&[])].concat()),
        "RawFilterRule" => section.extend([all(&["[section.tin.filter]"]), vec![inline("include", &[])]].concat()),
        "RawHtml" => section.extend([all(&["[section.tin.html]"]), own(&[])].concat()),
        other => {
            general.push(format!("[{}]", other.trim_start_matches("Raw").to_lowercase()));
            general.extend(own(&[]));
        }
    }
    let other =
        all(&["[section.news]", "name = \"News\"", "url = \"https://www.example.vn/news\"", "language = \"en\""]);
    let hook = all(&["[webhook.phong-tin]", "url = \"https://hooks.example.vn/x\""]);
    let hook = if table == "RawHook" || key == "webhook" { hook } else { Vec::new() };
    [top, general, hook, all(&["[section.tin]"]), section, other].concat().join("\n")
}

fn load(text: &str, folder: &Path) -> Result<Config, String> {
    load_str(text, &folder.join("config.toml"), &|_| None).map_err(|errors| format!("{errors}\n{text}"))
}

/// What a configuration says, without how it was written.
fn meaning(config: &Config) -> String {
    format!("{:?}", Config { warnings: Report::default(), ..config.clone() })
}

#[test]
fn examples_load_and_defaults_are_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("secrets")).unwrap();
    for name in ["admin", "push", "telegram", "smtp", "relay", "hook", "hook-token"] {
        std::fs::write(folder.path().join("secrets").join(name), "s3cret-s3cret").unwrap();
    }
    std::fs::write(folder.path().join("secrets/bounces"), "s3cret-s3cret").unwrap();
    std::fs::write(folder.path().join("secrets/dkim.pem"), KEY).unwrap();
    std::fs::write(folder.path().join("secrets/hook-url"), "https://hooks.example.vn/x").unwrap();
    std::fs::write(folder.path().join("secrets/database"), "postgres://bantin@db.example.vn/bantin").unwrap();
    let mut wrong = Vec::new();
    for KeyRow { table, key, default, example } in rows() {
        if let Some(example) = code(&example)
            && let Err(fault) = load(&config_with(table, &key, Some(example)), folder.path())
        {
            wrong.push(format!("the example of `{key}` ({table}) does not load: {fault}"));
        }
        if let Some(default) = code(&default) {
            let [told, left_out] =
                [Some(default), None].map(|value| load(&config_with(table, &key, value), folder.path()));
            match (&told, &left_out) {
                (Ok(told), Ok(left_out)) if meaning(told) == meaning(left_out) => {}
                (Ok(_), Ok(_)) => wrong.push(format!("{default} is not the default of `{key}` ({table})")),
                _ => wrong.push(format!("`{key}` ({table}): {:?}", told.err().or(left_out.err()))),
            }
        }
    }
    nothing_wrong(&wrong);
}
