//! The compose files of `contrib` fit the image that the `Dockerfile` makes, and what bantin reads; neither lets it do
//! more than it has to. `scripts/image` goes through the Dockerfile itself.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{has_word, nothing_wrong, read, root, sources};

/// The instructions of the Dockerfile's last stage, each on one line: its name and the rest.
fn image() -> Vec<(String, String)> {
    let text = read("Dockerfile").replace("\\\n", " ");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let all: Vec<_> =
        lines.filter_map(|line| line.split_once(' ')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
    let last = all.iter().rposition(|(name, _)| name == "FROM").expect("a FROM");
    all[last..].to_vec()
}

fn said(image: &[(String, String)], name: &str) -> String {
    let found: Vec<_> = image.iter().filter(|(known, _)| known == name).collect();
    let [(_, rest)] = found.as_slice() else { panic!("one {name} is wanted, not {}", found.len()) };
    rest.clone()
}

/// A list in JSON, wherever it stands in an instruction.
fn list(text: &str) -> Vec<String> {
    let start = text.find('[').unwrap_or_else(|| panic!("no list in {text}"));
    serde_json::from_str(&text[start..]).unwrap()
}

fn strings(value: &Value) -> Vec<String> {
    let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// What is wrong with one service that is bantin.
fn faults(name: &str, service: &Value, secrets: &Value, variables: &str) -> Vec<String> {
    let image = image();
    let mut wrong = Vec::new();
    let mut want = |what: &str, holds: bool| {
        if !holds {
            wrong.push(format!("{name}: {what}"));
        }
    };
    want("its root can be written", service["read_only"] == true);
    want("it has capabilities", strings(&service["cap_drop"]) == ["ALL"] && service["cap_add"].is_null());
    want("it may gain privileges", strings(&service["security_opt"]) == ["no-new-privileges:true"]);
    want("it is another user than the image's", service["user"] == said(&image, "USER").as_str());
    want(
        "another health check",
        strings(&service["healthcheck"]["test"])[1..] == list(&said(&image, "HEALTHCHECK"))[..],
    );
    for key in ["interval", "timeout", "start_period"] {
        let flag = format!("--{}={}", key.replace('_', "-"), service["healthcheck"][key].as_str().unwrap_or("nothing"));
        want(&format!("another health check: {flag}"), said(&image, "HEALTHCHECK").contains(&flag));
    }
    let port = said(&image, "EXPOSE");
    want(
        "another port",
        strings(&service["ports"]).iter().all(|given| given.rsplit(':').next() == Some(port.as_str())),
    );
    let volumes = strings(&service["volumes"]);
    let places: Vec<&str> = volumes.iter().filter_map(|volume| volume.split(':').nth(1)).collect();
    for place in list(&said(&image, "VOLUME")) {
        want(&format!("nothing keeps {place}"), places.contains(&place.as_str()));
    }
    let folder = |volume: &&String| volume.split(':').nth(1) == Some("/etc/bantin");
    want("the configuration can be written", volumes.iter().find(folder).is_some_and(|volume| volume.ends_with(":ro")));
    for variable in service["environment"].as_object().into_iter().flatten().map(|(variable, _)| variable) {
        want(&format!("nothing reads {variable}"), has_word(variables, variable));
    }
    for secret in strings(&service["secrets"]) {
        let variable = format!("BANTIN_{}", secret.replace('-', "_").to_uppercase());
        want(&format!("nothing reads the secret {secret}"), has_word(variables, &variable));
        want(&format!("the secret {secret} has no file"), secrets[&secret]["file"].is_string());
    }
    wrong
}

#[test]
fn compose_files_fit_the_image() {
    let variables = sources("src/config");
    let mut wrong = Vec::new();
    for (file, instances) in [("alone", 1), ("instances", 2)] {
        let yaml: serde_norway::Value =
            serde_norway::from_str(&read(&format!("contrib/compose/{file}.yaml"))).expect("YAML");
        let mut yaml = yaml;
        yaml.apply_merge().expect("its merges");
        let compose: Value = serde_norway::from_value(yaml).expect("what JSON knows too");
        let services = compose["services"].as_object().expect("services");
        let ours: Vec<_> = services.iter().filter(|(_, service)| service["image"] == "bantin").collect();
        assert_eq!(ours.len(), instances, "{file}");
        for (name, service) in &ours {
            wrong.extend(faults(&format!("{file}, {name}"), service, &compose["secrets"], &variables));
            wrong.extend(runs(&format!("{file}, {name}"), service));
        }
        for (name, service) in services {
            assert!(service["healthcheck"]["test"].is_array(), "{file}: {name} has no health check");
            for volume in strings(&service["volumes"]).iter().filter(|volume| !volume.starts_with('.')) {
                let name = volume.split(':').next().unwrap();
                assert!(compose["volumes"].get(name).is_some(), "{file}: nothing makes the volume {name}");
            }
        }
        // One volume is for one instance.
        let mut kept: Vec<_> = ours.iter().flat_map(|(_, service)| strings(&service["volumes"])).collect();
        kept.retain(|volume| !volume.starts_with('.'));
        let all = kept.len();
        kept.sort();
        kept.dedup();
        assert_eq!(kept.len(), all, "{file}: two instances share a volume");
    }
    nothing_wrong(&wrong);
}

/// What bantin says of the shipped configuration with the image's variables, the service's, and its secrets as files.
fn runs(name: &str, service: &Value) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let secrets = folder.path().join("run-secrets");
    std::fs::create_dir(&secrets).unwrap();
    for secret in strings(&service["secrets"]) {
        let value = if secret == "database-url" { "postgres://bantin:canary@database/bantin" } else { "1:canary" };
        std::fs::write(secrets.join(secret), value).unwrap();
    }
    let relay = "\n[email]\nfrom = \"bantin@example.vn\"\nsmtp = \"smtp://bantin@mail.example.vn:587\"\n";
    let text = read("config.toml").replacen("\n[email]\n", relay, 1);
    std::fs::write(folder.path().join("config.toml"), text).unwrap();
    std::os::unix::fs::symlink(root().join("sample"), folder.path().join("sample")).unwrap();
    let entry = list(&said(&image(), "ENTRYPOINT"));
    assert_eq!(entry[1], "--config");
    let run = |arguments: &[String]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bantin"));
        command.current_dir(folder.path()).env_clear().arg("--config").arg(folder.path().join(file_name(&entry[2])));
        for pair in said(&image(), "ENV").split_whitespace().filter_map(|pair| pair.split_once('=')) {
            command.env(pair.0, pair.1);
        }
        for (variable, value) in service["environment"].as_object().unwrap() {
            let value = value.as_str().unwrap();
            command.env(variable, if value == "/run/secrets" { secrets.to_str().unwrap() } else { value });
        }
        command.args(arguments).output().unwrap()
    };
    let mut wrong = Vec::new();
    let help = run(&[strings(&service["command"]), vec!["--help".into()]].concat());
    if !help.status.success() {
        wrong.push(format!("{name}: {}", String::from_utf8_lossy(&help.stderr)));
    }
    let shown = run(&["config".into(), "show".into(), "--json".into()]);
    let (out, err) = (String::from_utf8_lossy(&shown.stdout), String::from_utf8_lossy(&shown.stderr));
    if !shown.status.success() {
        return vec![format!("{name}: {err}")];
    }
    assert!(!out.contains("canary") && !err.contains("canary"), "a secret is shown");
    let shown: Value = serde_json::from_str(&out).expect("JSON");
    for (table, key) in [("telegram", "token"), ("email", "password"), ("server", "admin_token")] {
        if shown[table][key].is_null() {
            wrong.push(format!("{name}: bantin does not see the secret [{table}] {key}: {}", shown[table]));
        }
    }
    wrong
}

fn file_name(path: &str) -> &str {
    Path::new(path).file_name().unwrap().to_str().unwrap()
}

#[test]
fn the_image_lets_bantin_do_little_and_keeps_its_data() {
    let image = image();
    assert_ne!(said(&image, "USER").split(':').next(), Some("0"));
    let (entry, health) = (list(&said(&image, "ENTRYPOINT")), list(&said(&image, "HEALTHCHECK")));
    assert_eq!(entry[..], health[..3], "the health check asks another configuration");
    assert_eq!(list(&said(&image, "CMD")), ["run"]);
    let volumes = list(&said(&image, "VOLUME"));
    for document in ["Dockerfile", "docs/operating.md"] {
        let text = read(document).replace("\\\n#", "");
        let line = text.lines().find(|line| line.contains("docker run")).expect("how it is run");
        for piece in volumes.iter().map(String::as_str).chain(["--read-only", "--cap-drop ALL", "/etc/bantin:ro"]) {
            assert!(line.contains(piece), "{document} runs it without {piece}: {line}");
        }
    }
    // What the variables name lies in a volume.
    for pair in said(&image, "ENV").split_whitespace().filter_map(|pair| pair.split_once('=')) {
        let path = pair.1.trim_start_matches("sqlite:");
        if path.starts_with('/') {
            assert!(volumes.iter().any(|volume| path.starts_with(volume)), "{} lies in no volume", pair.0);
        } else if !pair.0.starts_with("MALLOC_") {
            assert_eq!(pair, ("BANTIN_LISTEN", format!("0.0.0.0:{}", said(&image, "EXPOSE")).as_str()));
        }
    }
}

/// What `bantin run` would start itself once more for is said by the unit and the image.
#[test]
fn the_allocator_is_told_to_give_memory_back() {
    let code = read("src/cli/lean.rs");
    let settings = code.split("(\"MALLOC_").skip(1).filter_map(|rest| rest.split_once("\", \""));
    let (unit, mut count) = (read("contrib/systemd/bantin.service"), 0);
    for (name, rest) in settings {
        let setting = format!("MALLOC_{name}={}", rest.split('"').next().unwrap_or_default());
        assert!(unit.contains(&setting) && said(&image(), "ENV").contains(&setting), "{setting}");
        count += 1;
    }
    assert_eq!(count, 3);
}
