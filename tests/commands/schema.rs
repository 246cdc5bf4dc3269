//! The schema and `check` judge alike: a real validator with `bantin schema` takes the shipped configuration, and refuses
//! exactly those broken ones whose keys, words and kinds of values `check` refuses.

use std::process::Command;

use serde_json::Value;

use crate::harness::Bantin;
use crate::harness::program;
use crate::harness::proof::Proof;

/// Reads every TOML file named on the command line; prints what the schema on standard input says of each.
const JUDGE: &str = "
import json, sys, tomllib, jsonschema
schema = json.load(sys.stdin)
jsonschema.Draft7Validator.check_schema(schema)
judge = jsonschema.Draft7Validator(schema)
print(json.dumps([judge.is_valid(tomllib.load(open(name, 'rb'))) for name in sys.argv[1:]]))
";

/// What is put into the shipped configuration: at its top, or below the table that is named.
const BROKEN: &[(&str, &str)] = &[
    ("", "langauge = \"vi\""),
    ("", "removed = \"old\""),
    ("", "[colours]\nred = 1"),
    ("[section.kinh-te]", "telegramm = \"@a\""),
    ("[section.kinh-te]", "text = \"half\""),
    ("[section.kinh-te]", "own_site = \"yes\""),
    ("[section.kinh-te]", "formerly = \"old\""),
    ("[section.kinh-te]", "formerly = [1]"),
    ("[section.kinh-te]", "guard = { run = \"many\" }"),
    ("[section.kinh-te]", "guard = { runs = 1 }"),
    ("[section.kinh-te]", "guard = true"),
    ("[section.kinh-te]", "telegram = [{ chat = true }]"),
    ("[section.kinh-te]", "telegram = { chat = 1, as = \"post\" }"),
    ("[section.kinh-te]", "html = { item = 1 }"),
    ("[section.kinh-te]", "html = { items = \"li\" }"),
    ("[section.kinh-te]", "filter = { include = { titel = \"a\" } }"),
    ("[section.kinh-te]", "keep_guid = 1"),
    ("[feeds]", "items = \"twenty\""),
    ("[feeds]", "memory = true"),
    ("[fetch]", "reread = \"1h\""),
];

/// What may stand there.
const RIGHT: &[(&str, &str)] = &[
    ("", "removed = [\"old\"]"),
    ("[section.kinh-te]", "guard = \"off\""),
    ("[section.kinh-te]", "guard = { run = 15, fresh = \"48h\" }"),
    ("[section.kinh-te]", "formerly = [\"old\"]"),
    ("[section.kinh-te]", "filter = { include = [\"a\", { title = [\"b\", \"c\"] }] }"),
    ("[section.kinh-te]", "html = { remove = \"p.a\", stop_at = [\"x\", \"y\"] }"),
    ("[feeds]", "memory = \"8 MiB\""),
    ("[feeds]", "memory = 1000000"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_and_check_judge_alike() {
    let proof = Proof::new("the schema and check judge alike");
    let bantin = Bantin::empty(1);
    let Some(python) = program("python3") else { return proof.skipped("python3 is not installed") };
    let with = Command::new(&python).args(["-c", "import jsonschema, tomllib"]).output().expect("python3 runs");
    if !with.status.success() {
        return proof.skipped("Python has no jsonschema and tomllib");
    }
    let shipped = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config.toml")).expect("config.toml");
    let mut texts = vec![(shipped.clone(), true)];
    for name in ["language", "base_url", "timezone"] {
        let without = shipped.lines().filter(|line| !line.starts_with(&format!("{name} = ")));
        texts.push((without.collect::<Vec<_>>().join("\n"), false));
    }
    for (cases, right) in [(BROKEN, false), (RIGHT, true)] {
        for (table, line) in cases {
            let text = if line.starts_with('[') {
                format!("{shipped}\n{line}\n")
            } else if table.is_empty() {
                format!("{line}\n{shipped}")
            } else {
                assert!(shipped.contains(&format!("\n{table}\n")), "the shipped configuration has {table}");
                shipped.replace(&format!("\n{table}\n"), &format!("\n{table}\n{line}\n"))
            };
            texts.push((text, right));
        }
    }
    let mut names = Vec::new();
    for (number, (text, right)) in texts.iter().enumerate() {
        let name = format!("{number}.toml");
        std::fs::write(bantin.path(&name), text).expect("a configuration");
        let said = bantin.command(&["check", "--offline", "--json", "--config", &name]).await;
        let answer: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        let shape = |problem: &Value| problem["code"].as_str().is_some_and(|code| ("E101".."E107").contains(&code));
        let errors = answer["errors"].as_array().expect("a list");
        assert_eq!(
            errors.iter().any(shape),
            !right,
            "check of {name}: {answer}\n{}",
            text.lines().next().unwrap_or("")
        );
        names.push(bantin.path(&name));
    }
    let schema = bantin.command(&["schema"]).await.out;
    let mut judge = Command::new(python);
    judge.arg("-c").arg(JUDGE).args(&names).stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut judge = judge.spawn().expect("python3 runs");
    std::io::Write::write_all(&mut judge.stdin.take().expect("its input"), schema.as_bytes()).expect("the schema");
    let output = judge.wait_with_output().expect("its end");
    let verdicts: Vec<bool> = serde_json::from_slice(&output.stdout).expect("verdicts");
    let wrong = verdicts.iter().zip(&texts).enumerate().filter(|(_, (verdict, (_, right)))| *verdict != right);
    let wrong: Vec<usize> = wrong.map(|(number, _)| number).collect();
    assert!(wrong.is_empty() && verdicts.len() == texts.len(), "the schema judges otherwise: {wrong:?} {verdicts:?}");
    proof.ran(texts.len(), "configurations");
}
