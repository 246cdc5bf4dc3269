//! Names, tables, metrics, fault points and variables that documents tell of are those of the code, and all of them.

use super::{documents, has_word, nothing_wrong, read, sources, spans, split};

#[test]
fn names_of_code_exist() {
    let code = sources("src");
    let mut wrong = Vec::new();
    for document in documents() {
        let (prose, _) = split(&document.text);
        for span in spans(&prose) {
            let parts: Vec<&str> = span.split("::").collect();
            let is_name =
                parts.len() > 1 && parts.iter().all(|part| part.chars().all(|c| c.is_alphanumeric() || c == '_'));
            for part in parts.iter().filter(|part| is_name && !has_word(&code, part)) {
                wrong.push(format!("{}: `{span}`: there is no {part} in src", document.path.display()));
            }
        }
    }
    nothing_wrong(&wrong);
}

/// What stands between `before` and the next `after`, wherever `before` is found.
fn between<'a>(text: &'a str, before: &'a str, after: char) -> impl Iterator<Item = &'a str> {
    text.split(before).skip(1).filter_map(move |rest| rest.split(after).next())
}

fn all_named(what: &str, document: &str, names: impl Iterator<Item = String>) {
    let text = read(document);
    let mut count = 0;
    let mut wrong = Vec::new();
    for name in names {
        count += 1;
        if !text.contains(&format!("| `{name}` |")) {
            wrong.push(format!("{document}: no row for the {what} {name}"));
        }
    }
    assert!(count > 0, "no {what} was found at all");
    nothing_wrong(&wrong);
}

#[test]
fn no_limit_makes_sqlite_prepare_a_statement_anew() {
    let code = sources("src/store");
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let is_bare = |line: &&str| {
        let after = line.split("LIMIT $").skip(1).map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
        after.into_iter().any(|rest| !rest.starts_with(" + 0"))
    };
    let bare: Vec<String> =
        lines.filter(is_bare).map(|line| format!("{}: see src/store/sql.rs", line.trim())).collect();
    nothing_wrong(&bare);
}

#[test]
fn every_table_of_the_store_has_its_row() {
    let sql = sources("migrations");
    all_named("table", "docs/architecture.md", between(&sql, "CREATE TABLE ", ' ').map(str::to_owned));
}

#[test]
fn every_fault_point_has_its_row() {
    let code = sources("src");
    all_named("fault point", "docs/architecture.md", between(&code, "fault(\"", '"').map(str::to_owned));
}

/// `/metrics` with everything counted once.
pub fn all_counted() -> String {
    let metrics = bantin::telemetry::Metrics::new();
    // What was never counted is not written out.
    metrics.look("a", "ok");
    metrics.articles("a", "new", 1);
    metrics.deliveries("email", "sent", 1);
    metrics.queue(&[("email".into(), "sent".into(), 1)]);
    metrics.findings(&[("a".into(), "H508".into())]);
    metrics.noted("telegram", "cut", 1);
    metrics.websub("told");
    metrics.feed_request(200);
    metrics.fetch(std::time::Duration::from_secs(1));
    metrics.config_broken();
    metrics.encode()
}

#[test]
fn every_metric_has_its_row() {
    let text = all_counted();
    let names: Vec<String> = between(&text, "# TYPE ", '\n')
        .map(|line| match line.split_once(' ') {
            Some((name, "counter")) => format!("{name}_total"),
            Some((name, _)) => name.to_owned(),
            None => line.to_owned(),
        })
        .collect();
    let registered = read("src/telemetry.rs").matches("registry.register").count();
    assert_eq!(names.len(), registered, "a metric is registered that is not counted above");
    all_named("metric", "docs/operating.md", names.into_iter());
}

#[test]
fn every_state_of_a_delivery_has_its_row() {
    let sql = read("migrations/0001_pipeline.sql");
    let line = sql.lines().find(|line| line.contains("'uncertain'") && line.contains("state TEXT")).unwrap();
    let states = line.split('\'').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    all_named("state", "docs/delivery.md", states.into_iter());
}

#[test]
fn environment_variables_are_read_somewhere() {
    let code = ["src", "scripts", "tests/pipeline"].map(sources).concat();
    let mut wrong = Vec::new();
    for document in documents() {
        let words = document.text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        for name in words.filter(|word| word.starts_with("BANTIN_") && word.len() > 7) {
            if !has_word(&code, name) {
                wrong.push(format!("{}: nothing reads {name}", document.path.display()));
            }
        }
    }
    nothing_wrong(&wrong);
}
