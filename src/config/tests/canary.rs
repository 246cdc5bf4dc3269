//! No secret is ever shown, whatever is wrong with the file.

use std::path::Path;

use super::{no_env, with};
use crate::config::{ConfigErrors, load_str};

/// Mistakes on, around and instead of secrets.
#[test]
fn no_secret_is_ever_shown() {
    let canary = "CANARY-7d1f";
    let lines = [
        "[telegram]\ntoken = \"CANARY-7d1f\"\ntoken_file = \"x\"",
        "[telegram]\ntoken = [\"CANARY-7d1f\"]",
        "[telegram]\ntokne = \"CANARY-7d1f\"",
        "[telegram]\ntoken = \"CANARY-7d1f",
        "telegram = { token = \"CANARY-7d1f\", x = 1",
        "telegram = { token = \"CANARY-7d1f\", x = 1 }",
        "[database]\nurl = \"mysql://u:CANARY-7d1f@host/db\"",
        "[database]\nurl = \"CANARY-7d1f\"",
        "[email]\nsmtp = \"smtp://u:CANARY-7d1f@host:99999\"",
        "[email]\nsmtp = \"smtp://u:CANARY-7d1f@host\"\npassword = \"CANARY-7d1f\"",
        "[email]\nsmtp = [{ url = \"smtp://u:CANARY-7d1f@host\", password = \"CANARY-7d1f\", rate = \"x\" }]",
        "[email]\nsmtp = \"u:CANARY-7d1f@host\"",
        "[email]\npassword = 'CANARY-7d1f' x",
        "[server]\nadmin_token = \"CANARY-7d1f\" \"\nlisten = 1",
        "[server]\nadmin_token = \"\"\"\nCANARY-7d1f\n",
        "[webhook.a]\nurl = \"CANARY-7d1f\"\nx = 1",
        "[webhook.a]\nurl = \"https://h.example.vn/CANARY-7d1f",
        "[webhook.a]\nheaders = { \"X-Key\" = \"CANARY-7d1f\"\ntemplate = slack",
        "[webhok.a]\nurl = \"https://h.example.vn/CANARY-7d1f\" x\nurl = 1",
        "webhook.a.url = \"https://h.example.vn/CANARY-7d1f\" x",
        "webhook = { a = { url = \"https://h.example.vn/CANARY-7d1f\" }",
        "[webhook.a]\nurl = \"https://h.example.vn/CANARY-7d1f\"\ntemplate = \"slak\"",
        "[webhook.a]\nurl = \"https://h.example.vn/x\"\nheaders = { \"X-Key\" = \"CANARY-7d1f\", Host = \"CANARY-7d1f\" }",
        "[webhook.a]\nurl = \"https://h.example.vn/x\"\nheaders = { \"X-Key\" = \"CANARY-7d1f\" }\nsecret = \"CANARY-7d1f\"\ntoken = \"CANARY-7d1f\"",
        "[webhook.a]\nurl = \"https://u:CANARY-7d1f@h.example.vn/x\"",
        "[telegram]\ngeheim = \"CANARY-7d1f\"",
        "[bots.main]\nkey = [\"CANARY-7d1f\"]",
        "[section.y]\nname = \"Y\"\nurl = \"https://u:CANARY-7d1f@example.vn/\"",
    ];
    let secret = ["BANTIN_TELEGRAM_TOKEN", "BANTIN_SMTP_PASSWORD", "BANTIN_DATABASE_URL", "BANTIN_ADMIN_TOKEN"];
    let env = |name: &str| secret.contains(&name).then(|| "CANARY-7d1f".to_owned());
    for line in lines {
        for env in [&no_env as &dyn Fn(&str) -> Option<String>, &env] {
            match load_str(&with(line), Path::new("/srv/config.toml"), env) {
                Ok(config) => assert!(!format!("{config:?}").contains(canary), "{line}"),
                Err(errors) => {
                    let shown = shown(&errors);
                    assert!(!shown.contains(canary), "{line}\n{shown}");
                }
            }
        }
    }
}

fn shown(errors: &ConfigErrors) -> String {
    format!("{errors} {errors:?} {} {}", errors.to_json(), errors.report().render(true))
}
