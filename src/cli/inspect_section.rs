//! `bantin inspect section`: how bantin reads a listing. Input is an address, a file, or `-` for a page on
//! standard input; with `--jsonl` many pages, one `{"id","url","path"}` a line.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use url::Url;

use super::output::{self, say};
use crate::app::LookError;
use crate::app::recognise::Prober;
use crate::article::Moment;
use crate::clock::Clock;
use crate::config::{Config, Section};
use crate::fetch::{Document, FetchError, Fetched, Fetcher, LARGE, Request, Room, Validators, Want, media_type_of};
use crate::source::{self, Context, Listing};

/// The address of a page that comes without one.
const NO_ADDRESS: &str = "http://localhost/";

/// Reads one listing and prints it: JSON with `json`, else a table. `input` may also be the slug of a section. With
/// the `rules` of a section a saved page is read as if it came from that section's address.
pub async fn run(
    config: Option<&Config>,
    rules: Option<Arc<Section>>,
    input: Option<&str>,
    json: bool,
    clock: Clock,
) -> anyhow::Result<()> {
    let section = match (rules, input) {
        (Some(section), Some(address)) if is_web(address) => with_address(&section, address)?,
        (Some(section), _) => section,
        (None, Some(input)) => section(config, input)?,
        (None, None) => bail!("no listing is named: give a file, a folder, `-`, an address, or a section's slug"),
    };
    let is_saved = input.is_some_and(|path| path == "-" || (section.slug != "inspect" && Path::new(path).is_file()));
    if !is_saved && is_web(section.url.as_str()) {
        let listing = recognised(config, &section, clock).await?;
        show(&section, &listing, json);
        return Ok(());
    }
    let document = match input {
        Some("-") => {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes).context("standard input could not be read")?;
            page(section.url.clone(), String::new(), bytes)
        }
        Some(path) if section.slug != "inspect" && Path::new(path).is_file() => saved(path, &section)?,
        _ => fetch(config, &section, clock.clone()).await?,
    };
    let mut listing = list(&document, &section, &clock)?;
    follow(config, &section, &mut listing, &clock).await?;
    show(&section, &listing, json);
    Ok(())
}

fn show(section: &Section, listing: &Listing, json: bool) {
    if json {
        output::json(&answer(&Value::String(section.slug.clone()), listing));
    } else {
        say!("{}", table(listing).trim_end());
    }
}

/// What a section on the web lists by the way that is recognised now; the ways chosen and refused stand under `why`.
async fn recognised(config: Option<&Config>, section: &Arc<Section>, clock: Clock) -> anyhow::Result<Listing> {
    let settings = config.map_or_else(|| Config::for_tests(NO_ADDRESS).fetch, |config| config.fetch.clone());
    // The address itself is asked for by a person; where it leads to is looked for as a look does it.
    let document = fetch(config, section, clock.clone()).await?;
    let prober = Prober::new(Fetcher::new(&settings, clock.clone()), clock, settings.allow_private);
    match prober.recognise_from(section, document, None).await {
        Ok(recognised) => Ok(Listing { why: recognised.why(), ..recognised.listing }),
        // Nothing is listed, and why not is the answer.
        Err(LookError::Empty { why, .. }) => {
            let why = why.split("; ").map(str::to_owned).collect();
            Ok(Listing { kind: "html", why, ..Listing::default() })
        }
        Err(LookError::Fetch(error)) => Err(told(error)),
        Err(error) => Err(error.into()),
    }
}

fn is_web(address: &str) -> bool {
    address.starts_with("http://") || address.starts_with("https://")
}

/// The rules of a section for another address.
fn with_address(section: &Section, address: &str) -> anyhow::Result<Arc<Section>> {
    let url = address.parse().with_context(|| format!("{address} is no address"))?;
    Ok(Arc::new(Section { url, ..section.clone() }))
}

/// Reads many listings, one JSON object a line from standard input, one with the same `id` a line out. A page
/// that cannot be read gives `{"id","error"}`.
pub async fn run_jsonl(config: Option<&Config>, rules: Option<Arc<Section>>, clock: Clock) -> anyhow::Result<()> {
    for line in std::io::stdin().lines() {
        let line = line.context("standard input could not be read")?;
        if line.trim().is_empty() {
            continue;
        }
        let asked: Value = match serde_json::from_str(&line) {
            Ok(asked) => asked,
            Err(error) => {
                let error = format!("not a line of {{\"id\",\"url\",\"path\"}}: {error}");
                say!("{}", json!({ "id": null, "error": error }));
                continue;
            }
        };
        let id = asked.get("id").cloned().unwrap_or_default();
        let told = match one(config, rules.as_deref(), &asked, &clock).await {
            Ok(listing) => answer(&id, &listing),
            Err(error) => json!({ "id": id, "error": format!("{error:#}") }),
        };
        say!("{told}");
    }
    Ok(())
}

/// One line of `--jsonl`: the page at `path` as if it came from `url`, or the page at `url`.
async fn one(
    config: Option<&Config>,
    rules: Option<&Section>,
    asked: &Value,
    clock: &Clock,
) -> anyhow::Result<Listing> {
    let text = |key: &str| asked.get(key).and_then(Value::as_str);
    let address = text("url").or_else(|| text("path")).unwrap_or(NO_ADDRESS);
    let section = match rules {
        Some(rules) if is_web(address) => with_address(rules, address)?,
        Some(rules) => Arc::new(rules.clone()),
        None => section(config, address)?,
    };
    let document = match text("path") {
        Some(path) => saved(path, &section)?,
        None => fetch(config, &section, clock.clone()).await?,
    };
    list(&document, &section, clock)
}

/// Adds what a listing leads to (the sitemaps of an index).
async fn follow(
    config: Option<&Config>,
    section: &Section,
    listing: &mut Listing,
    clock: &Clock,
) -> anyhow::Result<()> {
    for url in std::mem::take(&mut listing.follow) {
        let part = Section { url, ..section.clone() };
        let document = fetch(config, &part, clock.clone()).await;
        match document.and_then(|document| list(&document, section, clock)) {
            Ok(part) => listing.join(part, section.timezone),
            Err(error) => listing.why.push(format!("{error:#}")),
        }
    }
    Ok(())
}

fn list(document: &Document, section: &Section, clock: &Clock) -> anyhow::Result<Listing> {
    Ok(source::list(document, Context { section, now: clock.now() })?)
}

/// The configured section of that slug or address, else one with every default.
fn section(config: Option<&Config>, input: &str) -> anyhow::Result<Arc<Section>> {
    if let Some(config) = config
        && let Some(found) = config.sections.values().find(|s| s.slug == input || s.url.as_str() == input)
    {
        return Ok(Arc::clone(found));
    }
    let url = address(input)?;
    let mut section = Section::for_tests("inspect", url.as_str());
    if let Some(config) = config {
        section.language = config.language;
        section.timezone = config.timezone;
    }
    Ok(Arc::new(section))
}

/// The address of an input: one of its own, or that of a file.
fn address(input: &str) -> anyhow::Result<Url> {
    if input == "-" {
        return Ok(NO_ADDRESS.parse()?);
    }
    if let Ok(url) = input.parse::<Url>() {
        return Ok(url);
    }
    let path = Path::new(input);
    let path =
        path.canonicalize().with_context(|| format!("`{input}` is no address, and no file of that name is there"))?;
    match Url::from_file_path(&path) {
        Ok(url) => Ok(url),
        Err(()) => bail!("{} has no address", path.display()),
    }
}

async fn fetch(config: Option<&Config>, section: &Section, clock: Clock) -> anyhow::Result<Document> {
    let settings = config.map_or_else(|| Config::for_tests(NO_ADDRESS).fetch, |config| config.fetch.clone());
    let root = section
        .url
        .to_file_path()
        .ok()
        .map(|path| if path.is_dir() { path } else { path.parent().map(Path::to_path_buf).unwrap_or_default() });
    let request = Request {
        url: &section.url,
        validators: None,
        allow_private: section.allow_private,
        root,
        want: Want::Text,
        large: LARGE,
    };
    match Fetcher::new(&settings, clock).of(section).by_hand().get(&request).await {
        Ok(Fetched::Document(document)) => Ok(document),
        Ok(Fetched::NotModified) => bail!("{} answered 304 to a first request", section.url),
        Err(error) => Err(told(error)),
    }
}

/// The error of a fetch; a refusal is no empty list, it says nothing of what the page holds.
fn told(error: FetchError) -> anyhow::Error {
    match error {
        FetchError::Status { url, status: status @ (401 | 403 | 429 | 451), .. } => anyhow::anyhow!(
            "{url} answered {status}: the site refuses to show the page to bantin (which says nothing of whether it lists \
             articles). If a browser shows it, ask the site's operator to let bantin's user agent in, or use its feed or \
             API as `url`"
        ),
        error => error.into(),
    }
}

/// The document of a file, as if it came from the section's address.
fn saved(path: &str, section: &Section) -> anyhow::Result<Document> {
    let bytes = std::fs::read(path).with_context(|| format!("{path} could not be read"))?;
    Ok(page(section.url.clone(), media_type_of(Path::new(path)).to_owned(), bytes))
}

/// A document of bytes that were not fetched.
fn page(url: Url, media_type: String, bytes: Vec<u8>) -> Document {
    // Saved pages often have no ending that tells what they are.
    let media_type = if media_type == "application/octet-stream" { String::new() } else { media_type };
    Document {
        url,
        media_type,
        charset: None,
        bytes,
        validators: Validators::default(),
        date: None,
        moved: false,
        room: Room::default(),
    }
}

/// The JSON of a listing.
fn answer(id: &Value, listing: &Listing) -> Value {
    let items: Vec<Value> = listing
        .candidates
        .iter()
        .map(|item| {
            json!({
                "url": item.url,
                "title": item.title,
                "published": item.published.as_ref().map(|date| date.at.to_text()),
                "image": item.image,
            })
        })
        .collect();
    json!({ "id": id, "source": listing.kind, "items": items, "next": listing.next, "why": listing.why })
}

/// The listing for a reader.
fn table(listing: &Listing) -> String {
    let coloured = output::coloured(&std::io::stdout());
    let bold = |text: &str| if coloured { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() };
    let count = output::counted(listing.candidates.len(), "article", "articles");
    // Writing to a String does not fail.
    let mut out = format!("{} · {count}\n", bold(listing.kind));
    for item in &listing.candidates {
        let date = item.published.as_ref().map(|date| date.at).map_or_else(|| "no date".to_owned(), Moment::to_text);
        let picture = if item.image.is_some() { "picture" } else { "no picture" };
        let _ = writeln!(out, "\n{}", bold(item.title.as_deref().unwrap_or("(no title)")));
        let _ = writeln!(out, "  {date} · {picture}\n  {}", item.url);
    }
    if let Some(next) = &listing.next {
        let _ = writeln!(out, "\nnext page: {next}");
    }
    out.push_str("\nwhy:\n");
    for reason in &listing.why {
        let _ = writeln!(out, "  {reason}");
    }
    out
}
