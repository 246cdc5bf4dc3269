//! The `config.toml` of the demo's daemon: an ordinary one, but for addresses of this machine and haste.

use std::fmt::Write as _;
use std::path::Path;

use super::{Demo, SECTIONS};

/// Writes it.
pub(super) fn toml(demo: &Demo, listen: &str, base_url: &str, data_dir: &Path) -> String {
    let quote = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let database = quote(&format!("sqlite:{}", data_dir.join("bantin.db").display()));
    let feeds = quote(&data_dir.join("feeds").display().to_string());
    let mut out = format!(
        r#"# Written by `bantin demo`: everything on this machine.
base_url = {base_url}
language = "vi"
timezone = "Asia/Ho_Chi_Minh"

[server]
listen = {listen}

[organisation]
name = "Cổng thông tin điện tử tỉnh Hà Giang Nam"
address = "Quảng trường Trung tâm, tỉnh Hà Giang Nam"

[database]
url = {database}

[feeds]
directory = {feeds}
# The sample site's articles keep their ids, whatever port the demo runs on.
authority = "demo.example.vn,2026"

[fetch]
allow_private = true
interval = "20ms"
# The site corrects and withdraws within seconds; a real one is looked at again within minutes and hours.
reread = ["10s", "20s", "30s", "45s", "1m", "90s", "2m", "3m", "4m", "5m", "7m", "10m", "15m"]
withdrawn_after = "5s"

[telegram]
token = "123456:demo"
api_url = {telegram}
# The local Telegram is in no hurry to refuse: corrections are seen as edits, however fast the site is.
per_chat_minute = 120

[email]
from = "Bản tin <bantin@tinhmau.example.vn>"
smtp = "smtp://127.0.0.1:{smtp}?tls=none"
# Daily for a demo is every other minute.
daily = "*/2 * * * *"

[defaults]
# The sample site publishes and corrects within minutes what others do in a week: nothing of it is suspicious.
guard = "off"
"#,
        base_url = quote(base_url),
        listen = quote(listen),
        telegram = quote(demo.telegram_api_url.as_str()),
        smtp = demo.smtp_port,
    );
    for section in &SECTIONS {
        let (name, language) = (quote(section.name), quote(section.language));
        let (url, chat) = (quote(&format!("{}{}", demo.site_url, section.source)), quote(section.chat));
        // Writing into a string cannot fail.
        let _ = write!(
            out,
            "\n[section.{slug}]\nname = {name}\nlanguage = {language}\nurl = {url}\nschedule = \"2s\"\ntelegram = {chat}\n",
            slug = section.slug,
        );
        if section.source != section.path {
            let _ = writeln!(out, "site = {}", quote(&format!("{}{}", demo.site_url, section.path)));
        }
        if section.slug == "news" {
            out.push_str("translation_of = \"tin-tuc\"\n");
        }
    }
    out
}
