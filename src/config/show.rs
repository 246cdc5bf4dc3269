//! The configuration in force, as a file would say it: what is written, what the environment says instead, what sections
//! take from `[defaults]`, and bantin's own defaults as `docs/configuration.md` tells them (a test holds them to the code).
//! Without secrets.

use std::path::Path;

use toml::de::DeTable;
use toml::{Table, Value};

use super::files;
use super::mask::mask;
use super::schema::documented;
use super::shape::{Shape, Step, Taken, taken};

/// What stands where a secret is given.
const SECRET: &str = "(secret)";
/// Tables that hold without being written.
const ALWAYS: [&str; 6] = ["server", "organisation", "database", "feeds", "fetch", "retention"];
/// Tables of a section that are read key by key over those of `[defaults]`.
const BY_KEY: [&str; 3] = ["guard", "html", "json"];
/// Variables of the environment, the keys they stand for, and whether they are secrets.
const VARIABLES: [(&str, &str, &str, bool); 8] = [
    ("BANTIN_BASE_URL", "", "base_url", false),
    ("BANTIN_LISTEN", "server", "listen", false),
    ("BANTIN_ADMIN_TOKEN", "server", "admin_token", true),
    ("BANTIN_PUSH_KEY", "server", "push_key", true),
    ("BANTIN_DATABASE_URL", "database", "url", true),
    ("BANTIN_FEEDS_DIRECTORY", "feeds", "directory", false),
    ("BANTIN_TELEGRAM_TOKEN", "telegram", "token", true),
    ("BANTIN_SMTP_PASSWORD", "email", "password", true),
];

/// The credential that stands for a variable, if systemd (or who sets its variable) passed one.
fn passed(variable: &str, env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let (name, path) = super::secrets::credential(variable, env("CREDENTIALS_DIRECTORY")?)?;
    path.exists().then_some(name)
}

/// What holds, of a file that loads: `texts` are the file's and those beside it.
pub fn effective(texts: &[String], env: &dyn Fn(&str) -> Option<String>) -> Table {
    let mut all = Table::new();
    for text in texts {
        merge(&mut all, written(text));
    }
    for (variable, table, key, is_secret) in VARIABLES {
        let value = match env(variable).filter(|value| !value.trim().is_empty()) {
            Some(value) if !is_secret || value.starts_with("sqlite:") => value.trim().to_owned(),
            Some(_) => format!("{SECRET}, from {variable}"),
            None if is_secret => match passed(variable, env) {
                Some(credential) => format!("{SECRET}, from the credential {credential}"),
                None => continue,
            },
            None => continue,
        };
        let place = match table {
            "" => Some(&mut all),
            table => all.entry(table).or_insert_with(|| Value::Table(Table::new())).as_table_mut(),
        };
        if let Some(place) = place {
            place.insert(key.to_owned(), value.into());
        }
    }
    let defaults = all.remove("defaults").and_then(|value| value.try_into::<Table>().ok()).unwrap_or_default();
    let sections = all.get_mut("section").and_then(Value::as_table_mut);
    for section in
        sections.into_iter().flat_map(|sections| sections.iter_mut()).filter_map(|(_, own)| own.as_table_mut())
    {
        for (key, value) in &defaults {
            match (section.get_mut(key), value) {
                (Some(Value::Table(own)), Value::Table(common)) if BY_KEY.contains(&key.as_str()) => {
                    for (key, value) in common {
                        own.entry(key.as_str()).or_insert_with(|| value.clone());
                    }
                }
                (Some(_), _) => {}
                (None, value) => {
                    section.insert(key.clone(), value.clone());
                }
            }
        }
        // Said once for all sections.
        for key in ["language", "timezone"] {
            section.entry(key).or_insert_with(|| Value::String(String::new()));
        }
    }
    for key in ["language", "timezone"] {
        let general = all.get(key).cloned();
        let sections = all.get_mut("section").and_then(Value::as_table_mut);
        for section in sections.into_iter().flat_map(|all| all.iter_mut()).filter_map(|(_, own)| own.as_table_mut()) {
            if section.get(key).and_then(Value::as_str) == Some("")
                && let Some(general) = &general
            {
                section.insert(key.to_owned(), general.clone());
            }
        }
    }
    for table in ALWAYS {
        all.entry(table).or_insert_with(|| Value::Table(Table::new()));
    }
    fill(&mut all, &mut Vec::new());
    all
}

/// What a text says, without its secrets.
fn written(text: &str) -> Table {
    let text = text.trim_start_matches('\u{feff}');
    let Ok(tree) = DeTable::parse(text) else { return Table::new() };
    let mut table: Table = mask(text, tree.get_ref(), &[], &[]).parse().unwrap_or_default();
    for (_, value) in &mut table {
        name_secrets(value);
    }
    table
}

/// A value that is covered is named for what it is; its length is nobody's business.
fn name_secrets(value: &mut Value) {
    match value {
        Value::String(text) if !text.is_empty() && text.bytes().all(|byte| byte == b'*') => SECRET.clone_into(text),
        Value::Array(list) => list.iter_mut().for_each(name_secrets),
        Value::Table(table) => table.iter_mut().for_each(|(_, value)| name_secrets(value)),
        _ => {}
    }
}

fn merge(all: &mut Table, more: Table) {
    for (key, value) in more {
        match (all.get_mut(&key), value) {
            (Some(Value::Table(there)), Value::Table(more)) => merge(there, more),
            (_, value) => {
                all.insert(key, value);
            }
        }
    }
}

/// Puts in the defaults of a table and of those below it.
fn fill(table: &mut Table, path: &mut Vec<Step>) {
    let keys = match taken(path) {
        Some(Taken::Table(keys)) => keys,
        Some(Taken::Names) => {
            path.push(Step::AnyKey);
            table.iter_mut().for_each(|(_, value)| fill_value(value, path));
            path.pop();
            return;
        }
        _ => return,
    };
    for (key, default) in documented(keys) {
        // A secret, or an address, that is given in a file of its own is given.
        let has = |key: &str| table.contains_key(key) || table.contains_key(&format!("{key}_file"));
        if !has(key) {
            table.insert(key.to_owned(), default);
        }
    }
    for &key in keys {
        if let Some(value) = table.get_mut(key) {
            path.push(Step::Key(key));
            fill_value(value, path);
            path.pop();
        }
    }
}

fn fill_value(value: &mut Value, path: &mut Vec<Step>) {
    let several = taken(path) == Some(Taken::Any);
    match value {
        Value::Table(table) if several => {
            path.push(Step::As(Shape::Table));
            fill(table, path);
            path.pop();
        }
        Value::Table(table) => fill(table, path),
        Value::Array(list) => {
            let depth = path.len();
            path.extend([Step::As(Shape::List), Step::Entry].iter().skip(usize::from(!several)));
            for value in list.iter_mut() {
                fill_value(value, path);
            }
            path.truncate(depth);
        }
        _ => {}
    }
}

/// The texts that make up a configuration: the file, and those of `sections.d` beside it.
pub fn texts(file: &Path) -> std::io::Result<Vec<String>> {
    files::all(file).iter().map(std::fs::read_to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Report, load_str};

    fn meaning(text: &str) -> String {
        let mut config =
            load_str(text, "/srv/config.toml".as_ref(), &|_| None).unwrap_or_else(|e| panic!("{e}\n{text}"));
        config.sections.sort_keys();
        format!("{:#?}", Config { warnings: Report::default(), ..config })
    }

    #[test]
    fn what_is_shown_loads_and_means_the_same() {
        let shipped = include_str!("../../config.toml");
        let own = "base_url = \"https://a.vn\"\nlanguage = \"vi\"\ntimezone = \"Asia/Ho_Chi_Minh\"\n\
            [telegram]\ntoken = \"12:CANARY\"\n[email]\nfrom = \"a@a.vn\"\n\
            smtp = [{ url = \"smtp://127.0.0.1\", weight = 2 }, \"smtp://127.0.0.2\"]\n\
            [defaults]\nschedule = \"5m\"\nguard = { run = 9, day = 50 }\n[defaults.html]\nstop_at = [\"Tin\"]\nitem = \"li\"\n\
            [section.a]\nname = \"A\"\nurl = \"https://a.vn/a\"\nguard = { run = 3 }\nhtml = { item = \"p\" }\n\
            [section.b]\nname = \"B\"\nurl = \"https://a.vn/b\"\nlanguage = \"en\"\n\
            telegram = [\"@kenh\", { chat = -1, at = \"0 8 * * *\" }]\nguard = \"off\"\ntranslation_of = \"a\"\n";
        for text in [shipped, own] {
            let shown = toml::to_string_pretty(&effective(&[text.to_owned()], &|_| None)).unwrap();
            assert_eq!(meaning(&shown), meaning(text), "{shown}");
            assert_eq!(
                effective(std::slice::from_ref(&shown), &|_| None),
                effective(&[text.to_owned()], &|_| None),
                "{shown}"
            );
            assert!(!shown.contains("CANARY"), "{shown}");
        }
    }

    #[test]
    fn no_secret_is_shown_and_the_environment_is() {
        let text = "base_url = \"https://a.vn\"\nlanguage = \"vi\"\ntimezone = \"UTC\"\n[server]\nadmin_token = \"CANARY1\"\n\
            push_key = \"CANARY2\"\n[database]\nurl = \"postgres://u:CANARY3@h/d\"\n[email]\nfrom = \"a@a.vn\"\n\
            password = \"CANARY4\"\nsmtp = { url = \"smtps://CANARY5@h\", password = \"CANARY6\" }\n\
            dkim = { selector = \"b\", key = \"CANARY7\" }\n[webhook.x]\nurl = \"https://h/CANARY8\"\nsecret = \"CANARY9\"\n\
            headers = { Authorization = \"CANARY0\" }\n";
        let env = |name: &str| match name {
            "BANTIN_LISTEN" => Some("0.0.0.0:1".to_owned()),
            "BANTIN_TELEGRAM_TOKEN" => Some("CANARY".to_owned()),
            _ => None,
        };
        let shown = toml::to_string_pretty(&effective(&[text.to_owned()], &env)).unwrap();
        assert!(!shown.contains("CANARY"), "{shown}");
        assert!(shown.contains("listen = \"0.0.0.0:1\"") && shown.contains("from BANTIN_TELEGRAM_TOKEN"), "{shown}");
    }
}
