//! `bantin inspect article`: how bantin reads a page. A file, `-` or an address; with `--jsonl` many files, one
//! JSON object a line.

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::output::{self, say};
use crate::article::{Candidate, Reading};
use crate::clock::Clock;
use crate::config::{Config, DateOrder, HtmlRules, Language, Section};
use crate::extract::{self, Context};
use crate::fetch::{Document, Fetched, Fetcher, LARGE, Request, Room, Validators, Want};

/// What is inspected, and how it is shown.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// A path, `-` for standard input, or an http(s) address; `None` with `jsonl`.
    pub input: Option<String>,
    /// Print JSON.
    pub json: bool,
    /// Read `{"id","url","path"}` a line from standard input, answer one JSON object a line.
    pub jsonl: bool,
    /// The section whose rules, zone and language hold.
    pub section: Option<Arc<Section>>,
}

/// Reads and prints.
pub async fn run(arguments: &Arguments, config: Option<&Config>, clock: &Clock) -> anyhow::Result<()> {
    let context = context(arguments.section.as_deref(), config, clock.now());
    if arguments.jsonl {
        return tokio::task::spawn_blocking(move || many(std::io::stdin().lock(), &context, |answer| say!("{answer}")))
            .await?;
    }
    let input =
        arguments.input.as_deref().context("no page is named: give a file, `-` for standard input, or an address")?;
    let document = fetch(input, arguments.section.as_deref(), config, clock).await?;
    let reading = tokio::task::spawn_blocking(move || {
        let url = document.url.clone();
        extract::read(&document, &Candidate::of(url.clone()), &context).map(|reading| (url, reading))
    })
    .await?;
    let (url, reading) = reading?;
    if arguments.json {
        output::json(&object(&Value::Null, &url, &reading));
    } else {
        say!("{}", plain(&url, &reading).trim_end());
    }
    Ok(())
}

/// The section's context; without a section the configuration's zone and language.
fn context(section: Option<&Section>, config: Option<&Config>, now: DateTime<Utc>) -> Context {
    match section {
        Some(section) => Context::of(section, now),
        None => Context {
            timezone: config.map_or(chrono_tz::Asia::Ho_Chi_Minh, |config| config.timezone),
            language: config.map_or(Language::Vi, |config| config.language),
            date_order: DateOrder::Dmy,
            date_order_known: false,
            now,
            rules: HtmlRules::default(),
        },
    }
}

/// The document of an input.
async fn fetch(
    input: &str,
    section: Option<&Section>,
    config: Option<&Config>,
    clock: &Clock,
) -> anyhow::Result<Document> {
    if input == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).context("standard input could not be read")?;
        return Ok(document(Url::parse("https://stdin.invalid/")?, Path::new("-.html"), bytes));
    }
    if let Ok(url) = Url::parse(input)
        && matches!(url.scheme(), "http" | "https")
    {
        let fallback = defaults();
        let settings = config.map_or(&fallback, |config| &config.fetch);
        let request = Request {
            url: &url,
            validators: None,
            allow_private: settings.allow_private || section.is_some_and(|section| section.allow_private),
            root: None,
            want: Want::Text,
            large: LARGE,
        };
        let fetcher = Fetcher::new(settings, clock.clone()).by_hand();
        let fetcher = section.map_or_else(|| fetcher.clone(), |section| fetcher.of(section).by_hand());
        return match fetcher.get(&request).await? {
            Fetched::Document(document) => Ok(document),
            Fetched::NotModified => anyhow::bail!("{url} answered that nothing changed, to a request that did not ask"),
        };
    }
    let path = std::path::absolute(input).with_context(|| format!("{input} is no path"))?;
    let bytes = std::fs::read(&path).with_context(|| format!("{} could not be read", path.display()))?;
    let url = Url::from_file_path(&path).map_err(|()| anyhow::anyhow!("{} is no path of a file", path.display()))?;
    Ok(document(url, &path, bytes))
}

/// Reading the web without a configuration: an address given by hand may be private.
fn defaults() -> crate::config::Fetch {
    use crate::config::defaults as default;
    crate::config::Fetch {
        contact: None,
        own_site: false,
        allow_private: true,
        proxy: crate::config::Proxy::Off,
        timeout: default::FETCH_TIMEOUT,
        max_bytes: default::FETCH_MAX_BYTES,
        interval: default::FETCH_INTERVAL,
        reread: default::REREAD.to_vec(),
        withdrawn_after: default::WITHDRAWN_AFTER,
    }
}

/// A document made of a file's bytes; the kind is told by the extension, a page where it says nothing.
fn document(url: Url, path: &Path, bytes: Vec<u8>) -> Document {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase();
    let media_type = match extension.as_str() {
        "md" | "markdown" => "text/markdown",
        "txt" => "text/plain",
        _ => "text/html",
    };
    Document {
        url,
        media_type: media_type.to_owned(),
        charset: None,
        bytes,
        validators: Validators::default(),
        date: None,
        moved: false,
        room: Room::default(),
    }
}

/// One line of `--jsonl`.
#[derive(Debug, Deserialize)]
struct Line {
    id: Value,
    url: Option<String>,
    path: PathBuf,
}

/// Answers every line; a page that cannot be read is answered with `{"id","error"}` and stops nothing.
fn many(input: impl BufRead, context: &Context, mut answer: impl FnMut(Value)) -> anyhow::Result<()> {
    for line in input.lines() {
        let line = line.context("standard input could not be read")?;
        if line.trim().is_empty() {
            continue;
        }
        answer(match serde_json::from_str::<Line>(&line) {
            Ok(asked) => {
                one(&asked, context).unwrap_or_else(|error| json!({"id": asked.id, "error": format!("{error:#}")}))
            }
            Err(error) => json!({"id": null, "error": format!("not a line of {{\"id\",\"url\",\"path\"}}: {error}")}),
        });
    }
    Ok(())
}

/// The answer to one line.
fn one(asked: &Line, context: &Context) -> anyhow::Result<Value> {
    let bytes = std::fs::read(&asked.path).with_context(|| format!("{} could not be read", asked.path.display()))?;
    let url = match asked.url.as_deref().map(str::trim).filter(|url| !url.is_empty()) {
        Some(url) => Url::parse(url).with_context(|| format!("{url} is no address"))?,
        None => Url::from_file_path(std::path::absolute(&asked.path)?)
            .map_err(|()| anyhow::anyhow!("{} is no path of a file", asked.path.display()))?,
    };
    let document = document(url.clone(), &asked.path, bytes);
    let reading = extract::read(&document, &Candidate::of(url.clone()), context)?;
    Ok(object(&asked.id, &url, &reading))
}

/// The object of the contract: absent fields are null.
pub fn object(id: &Value, url: &Url, reading: &Reading) -> Value {
    let pictures: Vec<Value> =
        reading.pictures.iter().map(|picture| json!({"url": picture.url, "caption": picture.caption})).collect();
    let files: Vec<Value> = reading
        .attachments
        .iter()
        .map(|file| json!({"url": file.url, "name": file.name, "media_type": file.media_type}))
        .collect();
    let date = |date: &Option<crate::article::SourceDate>| date.as_ref().map(|date| date.at.to_text());
    json!({
        "id": id,
        "url": url,
        "canonical": reading.canonical,
        "title": reading.title,
        "byline": reading.byline,
        "published": date(&reading.published),
        "updated": date(&reading.updated),
        "language": reading.language,
        "lead": reading.lead,
        "text": reading.text,
        "html": reading.html,
        "image": reading.image.as_ref().map(|picture| &picture.url),
        "images": pictures,
        "tags": reading.tags,
        "section": reading.section,
        "attachments": files,
        "document": reading.document,
        "provenance": reading.provenance,
    })
}

/// The reading for people: fields with where they came from, then the text.
fn plain(url: &Url, reading: &Reading) -> String {
    use std::fmt::Write as _;
    let date = |date: &Option<crate::article::SourceDate>| date.as_ref().map(|date| date.at.to_text());
    let fields = [
        ("title", Some(reading.title.clone())),
        ("byline", reading.byline.clone()),
        ("published", date(&reading.published)),
        ("updated", date(&reading.updated)),
        ("language", reading.language.clone()),
        ("lead", reading.lead.clone()),
        ("image", reading.image.as_ref().map(|picture| picture.url.clone())),
        ("tags", (!reading.tags.is_empty()).then(|| reading.tags.join(", "))),
        ("section", reading.section.clone()),
        ("document", reading.document.as_ref().map(crate::article::OfficialDocument::line)),
        ("canonical", reading.canonical.as_ref().map(Url::to_string)),
    ];
    let mut out = format!("{url}\n");
    for (name, value) in fields {
        let from = reading.provenance.get(name).map(|from| format!("  [{from}]")).unwrap_or_default();
        let _ = writeln!(out, "{name:>10}  {}{from}", value.as_deref().unwrap_or("-"));
    }
    for picture in &reading.pictures {
        let _ = writeln!(out, "{:>10}  {}  {}", "picture", picture.url, picture.caption.as_deref().unwrap_or("-"));
    }
    for file in &reading.attachments {
        let _ = writeln!(out, "{:>10}  {}  {}", "file", file.url, file.name.as_deref().unwrap_or("-"));
    }
    out.push('\n');
    out.push_str(&reading.text);
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_pages_are_answered_in_order_and_a_broken_one_stops_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("a.html");
        let text = "Hội nghị bàn việc mùa màng và giao thông nông thôn trong tỉnh. ".repeat(12);
        std::fs::write(&page, format!("<html lang=vi><h1>Một tin về hội nghị</h1><article><p>{text}</p></article>"))
            .unwrap();
        let input = format!(
            "{}\n\n{}\nkhông phải JSON\n",
            json!({"id": "a", "url": "https://www.example.vn/a.html", "path": page}),
            json!({"id": 7, "url": "https://www.example.vn/b.html", "path": folder.path().join("b.html")}),
        );
        let context = context(None, None, DateTime::UNIX_EPOCH);
        let mut answers: Vec<Value> = Vec::new();
        many(input.as_bytes(), &context, |answer| answers.push(answer)).unwrap();
        assert_eq!(answers.len(), 3);
        assert_eq!(answers[0]["id"], "a");
        assert_eq!(answers[0]["title"], "Một tin về hội nghị");
        assert_eq!(answers[0]["byline"], Value::Null);
        assert_eq!(answers[1]["id"], 7);
        assert!(answers[1]["error"].as_str().unwrap().contains("b.html"));
        assert!(answers[2]["error"].is_string());
    }
}
