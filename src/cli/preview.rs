//! `bantin preview SECTION --as …`: what would be published or sent. It reads the source into a scratch
//! store that is thrown away: nothing is sent, nothing is stored, only the source is touched.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use secrecy::SecretString;
use serde_json::json;

use super::DONE;
use super::output::{self, note, say};
use crate::app::App;
use crate::channel::{Entry, Job, Message, Target};
use crate::clock::{Clock, random_bytes};
use crate::config::{
    Config, Dkim, Email, Methods, OnUncertain, Rate, Relay, Section, Telegram, Tls, defaults, webhook_for_preview,
};
use crate::feed::Coding;
use crate::schedule::Plan;
use crate::store::Store;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  bantin preview tin-tuc --as telegram\n  bantin preview news --as email --to mail.html\n  \
    bantin preview news --as digest --open"
)]
pub(super) struct Args {
    /// The section's slug.
    section: String,
    /// What to show.
    #[arg(long = "as", value_parser = ["rss", "atom", "json", "telegram", "email", "digest", "webhook"], default_value = "rss")]
    form: String,
    /// Write it to a file: of a mail `.html` is what readers see, `.txt` its text part, anything else the whole mail.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Open a mail in the browser, as readers would see it.
    #[arg(long, conflicts_with = "to")]
    open: bool,
    /// Print it inside of JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let section = super::section(&config, &args.section)?.clone();
    let scratch = Scratch::new()?;
    let text = render(&config, &section, &args.form, &scratch, clock).await?;
    let is_mail = matches!(args.form.as_str(), "email" | "digest");
    if args.open {
        if !is_mail {
            return Err(super::WrongUsage("--open shows mails: --as email or --as digest".to_owned()).into());
        }
        // It stays there: the browser reads it after this command has ended.
        let file = std::env::temp_dir().join(format!("bantin-preview-{}.html", section.slug));
        write(&file, &text, is_mail)?;
        return open(&file);
    }
    if args.json {
        output::json(&json!({ "section": args.section, "as": args.form, "content": text }));
        return Ok(DONE);
    }
    match args.to {
        Some(file) => write(&file, &text, is_mail)?,
        None => say!("{text}"),
    }
    Ok(DONE)
}

/// Writes what was made, of a mail the part that the file's name asks for.
fn write(file: &Path, text: &str, is_mail: bool) -> anyhow::Result<()> {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let kind = match ending {
        "html" | "htm" if is_mail => Some("text/html"),
        "txt" if is_mail => Some("text/plain"),
        _ => None,
    };
    let part = match kind {
        Some(kind) => {
            let mail = mailparse::parse_mail(text.as_bytes())?;
            let part = mail.parts().find(|part| part.ctype.mimetype == kind);
            part.with_context(|| format!("the mail has no {kind} part; this is a fault of bantin"))?.get_body()?
        }
        None => text.to_owned(),
    };
    std::fs::write(file, part).with_context(|| format!("{} could not be written", file.display()))?;
    note!("written to {}", file.display());
    Ok(())
}

/// Hands a file to the system's browser.
fn open(file: &Path) -> anyhow::Result<u8> {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let run = std::process::Command::new(program).arg(file).status();
    match run {
        Ok(status) if status.success() => Ok(DONE),
        _ => bail!("{program} could not open {}; open it in a browser yourself", file.display()),
    }
}

async fn render(
    config: &Arc<Config>,
    section: &Arc<Section>,
    form: &str,
    scratch: &Scratch,
    clock: Clock,
) -> anyhow::Result<String> {
    let mut own = Config::clone(config);
    allow_preview(&mut own)?;
    own.feeds.directory = scratch.folder.join("feeds");
    let store = Store::open(&format!("sqlite:{}", scratch.folder.join("preview.db").display())).await?;
    let app = App::with_store(Arc::new(own), store, clock).await?;
    let looked = app.look(section).await?;
    for why in &looked.failed {
        note!("{why}");
    }
    if matches!(form, "rss" | "atom" | "json") {
        app.refresh_feeds().await?;
        let path = format!("{}.{form}", section.slug);
        let bytes = app.feeds.open(&path, Coding::Identity).await.map(|(_, bytes)| bytes);
        let bytes = bytes.context("the feed was not rendered; this is a fault of bantin")?;
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    let row = app.store.section(&section.slug).await?.context("the section is not stored")?;
    let articles = app.store.older_articles(row.id, None, 10).await?;
    let entries: Vec<_> =
        articles.into_iter().map(|a| Entry { article: Arc::new(a), section: section.clone() }).collect();
    let Some(newest) = entries.first().cloned() else { bail!("the section lists no article") };
    let hook = section.webhook.first().map(|target| target.name.as_str());
    let hook = hook.or(app.config.webhooks.first().map(|own| own.name.as_str())).unwrap_or_default();
    let (kind, address) = match form {
        "telegram" => ("telegram", "@preview"),
        "webhook" => ("webhook", hook),
        _ => ("email", "reader@example.com"),
    };
    let at = app.clock.now();
    let message = match form {
        "digest" => Message::Digest { entries, at, cadence: "daily".into() },
        _ => Message::Post(newest),
    };
    let style = section.telegram.first().map(|chat| chat.style.clone()).unwrap_or_default();
    let target =
        Target { id: 1, address: address.into(), topic: None, language: section.language, silent: false, style };
    let progress = String::new();
    let job = Job { delivery: 1, message_id: "preview".into(), created: at, target, message, progress };
    let channel = app
        .channels
        .get(kind)
        .with_context(|| format!("[{kind}] is not configured, so there is nothing to preview"))?;
    channel.preview(&job).map_err(anyhow::Error::msg)
}

/// A message can be looked at before its channel is configured: nothing here is ever sent with these.
fn allow_preview(config: &mut Config) -> anyhow::Result<()> {
    config.telegram.get_or_insert_with(|| Telegram {
        token: SecretString::from("0:preview"),
        api_url: None,
        on_uncertain: OnUncertain::default(),
        per_second: 1,
        per_chat_minute: 1,
        methods: Methods::default(),
    });
    if config.webhooks.is_empty() {
        config.webhooks.push(webhook_for_preview());
    }
    if config.email.is_none() {
        config.email = Some(Email {
            from: "bantin@example.com".parse()?,
            // A relay that is never asked: the channel wants one.
            smtp: vec![Relay {
                host: "preview.invalid".to_owned(),
                port: 25,
                tls: Tls::None,
                login: None,
                connections: 1,
                window: 1,
                rate: Rate::default(),
                weight: 1,
                timeout: defaults::RELAY_TIMEOUT,
            }],
            daily: Plan::parse(defaults::DAILY).map_err(anyhow::Error::msg)?,
            weekly: Plan::parse(defaults::WEEKLY).map_err(anyhow::Error::msg)?,
            on_uncertain: OnUncertain::default(),
            dkim: Dkim::None,
            domains: Vec::new(),
            bounces: None,
            pictures: true,
            farewell: false,
        });
    }
    Ok(())
}

/// A folder that is removed when the preview is over.
struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let name = format!("bantin-preview-{}", data_encoding::HEXLOWER.encode(&random_bytes::<8>()));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).with_context(|| format!("{} could not be made", folder.display()))?;
        Ok(Self { folder })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
