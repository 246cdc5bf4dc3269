//! `bantin add URL`: a section is recognised from its address, shown, and appended to `config.toml`: the fewest lines
//! that say it, and the rest of the file as it was.

use std::fmt::Write as _;
use std::io::{BufRead as _, IsTerminal as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use url::Url;

use super::output::{self, note, say};
use super::proposal::{Proposal, slug_of};
use super::{DONE, FAILED, WrongUsage, write};
use crate::app::LookError;
use crate::app::recognise::{Prober, Recognised};
use crate::article::{Candidate, Moment, canonical};
use crate::clock::Clock;
use crate::config::{Config, HtmlRules, Language, Section, check_slug};
use crate::fetch::{FetchError, Fetcher};
use crate::source::recognise::SURE;
use crate::source::recognise::facts::Facts;
use crate::source::{Context, html};

/// How many articles are shown.
const SHOWN: usize = 5;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin add https://www.example.vn/tin-tuc\n  \
    bantin add https://www.example.vn/en/news --name News --slug news --language en --yes")]
pub(super) struct Args {
    /// The section's page, feed or API.
    url: String,
    /// The name readers see; by default the page's own.
    #[arg(long)]
    name: Option<String>,
    /// The slug; by default made of the address or the name.
    #[arg(long)]
    slug: Option<String>,
    /// The language: vi or en; by default recognised.
    #[arg(long, value_parser = ["vi", "en"])]
    language: Option<String>,
    /// A chat its articles are posted to.
    #[arg(long, value_name = "CHAT", allow_hyphen_values = true)]
    telegram: Option<String>,
    /// Write without asking.
    #[arg(long, short)]
    yes: bool,
    /// Show what would be written; write nothing.
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) async fn run(file: &Path, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let config = super::load(file, args.json)?;
    let url = address(&args.url)?;
    if let Some(slug) = &args.slug {
        check_slug(slug).map_err(|why| WrongUsage(format!("--slug: {why}")))?;
        if config.sections.contains_key(slug) {
            return Err(WrongUsage(format!("--slug: there is a section {slug:?} already")).into());
        }
    }
    let same = config.sections.values().find(|section| canonical::key(&section.url) == canonical::key(&url));
    if let Some(same) = same {
        bail!("{url} is the section {:?} already", same.slug);
    }
    let section = Arc::new(blank(&config, &url));
    let prober =
        Prober::new(Fetcher::new(&config.fetch, clock.clone()), clock, config.fetch.allow_private).keeping_page();
    let recognised = prober.recognise(&section, None).await.map_err(explained)?;
    let document = match &recognised.page {
        Some(page) => page.clone(),
        None => prober.get(&section, &url).await?,
    };
    let (proposal, facts) = propose(&config, &args, &recognised, document).await;
    if args.json {
        let written = !args.dry_run;
        if written {
            append(file, &proposal)?;
        }
        output::json(&as_json(&proposal, &recognised, &facts, written));
        return Ok(DONE);
    }
    say!("{}", shown(&recognised));
    say!("\n{}", proposal.toml().trim_end());
    if args.dry_run {
        say!("\nnothing is written (--dry-run)");
        return Ok(DONE);
    }
    if !args.yes && std::io::stdin().is_terminal() && !asked(&format!("Add this to {}?", file.display())) {
        say!("nothing is written");
        return Ok(FAILED);
    }
    append(file, &proposal)?;
    say!("\nadded to {}", file.display());
    let slug = &proposal.slug;
    note!("next: `bantin check`, `bantin preview {slug}`, then `bantin run` (a running daemon takes it by itself)");
    Ok(DONE)
}

/// The address as people type it.
pub(super) fn address(text: &str) -> anyhow::Result<Url> {
    let typed = text.trim();
    let text = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let wrong =
        |why: String| WrongUsage(format!("{typed:?} is no address ({why}); write https://www.example.vn/tin-tuc"));
    let url = Url::parse(&text).map_err(|error| wrong(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(format!("it begins with {}:", url.scheme())).into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("an address here cannot carry a user and password".to_owned()).into());
    }
    if !url.host_str().is_some_and(|host| host.contains('.') || host == "localhost" || host.starts_with('[')) {
        return Err(wrong("its host has no dot".to_owned()).into());
    }
    Ok(url)
}

/// A section of which only the address is known.
pub(super) fn blank(config: &Config, url: &Url) -> Section {
    let mut section = Section::for_tests("new", url.as_str());
    section.language = config.language;
    section.timezone = config.timezone;
    section.allow_private = config.fetch.allow_private;
    section
}

/// A failure, with what it means for somebody who wants to add a section.
pub(super) fn explained(error: LookError) -> anyhow::Error {
    let status = match &error {
        LookError::Fetch(FetchError::Status { status, .. }) => Some(*status),
        _ => None,
    };
    let help = match status {
        Some(401 | 403 | 429 | 451) => {
            "the site refuses to be read by a program; ask its operator to let bantin in, or look for its feed"
        }
        Some(404 | 410) => "the page is not there; copy the address from a browser",
        Some(500..) => "the site is in trouble at the moment; try again later",
        _ => return error.into(),
    };
    anyhow::anyhow!("{error}: {help}")
}

/// What would be written, and what the page says of itself.
async fn propose(
    config: &Config,
    args: &Args,
    recognised: &Recognised,
    document: crate::fetch::Document,
) -> (Proposal, Facts) {
    let titles: Vec<String> = recognised.listing.candidates.iter().filter_map(|c| c.title.clone()).collect();
    let url = Url::parse(document.url.as_str()).unwrap_or_else(|_| recognised.way.url.clone());
    let read = tokio::task::spawn_blocking(move || Facts::of(&document, &titles)).await;
    let facts = read.unwrap_or_default();
    let asked = address(&args.url).unwrap_or(url);
    let host = asked.host_str().unwrap_or_default().trim_start_matches("www.").to_owned();
    let name = args.name.clone().or_else(|| facts.name.clone()).unwrap_or(host);
    let language = args.language.as_deref().and_then(Language::from_tag).or(facts.language);
    let html = selectors(config, recognised, &asked).await;
    let taken = |slug: &str| {
        config.sections.contains_key(slug)
            || config.removed.iter().any(|removed| removed == slug)
            || config.sections.values().any(|section| section.formerly.iter().any(|former| former == slug))
    };
    let slug = args.slug.clone().unwrap_or_else(|| slug_of(&asked, &name, taken));
    let proposal = Proposal {
        slug,
        name,
        url: asked.to_string(),
        language: language.filter(|language| *language != config.language),
        translation_of: None,
        telegram: args.telegram.clone(),
        html,
    };
    (proposal, facts)
}

/// Selectors for a page whose list is not recognised for sure: written, so that the admin sees and mends them.
async fn selectors(config: &Config, recognised: &Recognised, url: &Url) -> Option<HtmlRules> {
    if recognised.way.kind != "html" || recognised.way.confidence >= SURE {
        return None;
    }
    let (page, section, now) = (recognised.page.clone()?, blank(config, url), recognised.at);
    let proposed = tokio::task::spawn_blocking(move || html::propose(&page, Context { section: &section, now }));
    proposed.await.ok().flatten()
}

/// What was understood, for a reader.
fn shown(recognised: &Recognised) -> String {
    let way = &recognised.way;
    let count = output::counted(recognised.listing.candidates.len(), "article", "articles");
    let sure = if way.confidence >= SURE { "sure" } else { "not sure: look closely" };
    let mut out = format!("{} · {count} · {} % ({sure})\n{}\n", way.kind, way.confidence, way.url);
    for item in recognised.listing.candidates.iter().take(SHOWN) {
        let date = item.published.as_ref().map_or_else(|| "no date".to_owned(), |date| date.at.to_text());
        let picture = item.image.as_ref().map_or("no picture", Url::as_str);
        let title = item.title.as_deref().unwrap_or("(no title)");
        let _ = writeln!(out, "\n{title}\n  {date} · {picture}\n  {}", item.url);
    }
    out.push_str("\nwhy:\n");
    for why in recognised.why() {
        let _ = writeln!(out, "  {why}");
    }
    out.trim_end().to_owned()
}

fn as_json(proposal: &Proposal, recognised: &Recognised, facts: &Facts, written: bool) -> Value {
    let item = |item: &Candidate| {
        json!({
            "url": item.url,
            "title": item.title,
            "published": item.published.as_ref().map(|date| Moment::to_text(date.at)),
            "image": item.image,
        })
    };
    let refused: Vec<Value> =
        recognised.refused.iter().map(|refused| json!({ "url": refused.url, "why": refused.why })).collect();
    json!({
        "slug": proposal.slug,
        "name": proposal.name,
        "url": proposal.url,
        "language": facts.language.map(Language::code),
        "source": recognised.way.kind,
        "source_url": recognised.way.url,
        "confidence": recognised.way.confidence,
        "sure": recognised.way.confidence >= SURE,
        "items": recognised.listing.candidates.iter().take(SHOWN).map(item).collect::<Vec<_>>(),
        "refused": refused,
        "why": recognised.why(),
        "toml": proposal.toml(),
        "written": written,
    })
}

/// Appends a section to the file; everything before it stays byte for byte.
fn append(file: &Path, proposal: &Proposal) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} could not be read", file.display()))?;
    write::replace(file, &appended(&text, &proposal.toml()))
}

/// A text with lines added at its end, parted by an empty line, with the line ends it has.
fn appended(text: &str, lines: &str) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = text.to_owned();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str(end);
    }
    if !out.is_empty() && !out.ends_with(&end.repeat(2)) {
        out.push_str(end);
    }
    out.push_str(&lines.replace('\n', end));
    out
}

/// Asks a question on the terminal; Enter means yes.
pub(super) fn asked(question: &str) -> bool {
    note!("{question} [Y/n]");
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.is_ok_and(|bytes| bytes > 0)
        && matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes" | "c" | "co" | "có")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_type_them() {
        assert_eq!(address("www.example.vn/tin-tuc").unwrap().as_str(), "https://www.example.vn/tin-tuc");
        assert_eq!(address(" http://127.0.0.1:8080/a ").unwrap().as_str(), "http://127.0.0.1:8080/a");
        for wrong in ["tin-tuc", "ftp://a.example/", "file:///etc/passwd", "https://", "https://user:x@a.example/"] {
            assert!(address(wrong).unwrap_err().is::<WrongUsage>(), "{wrong}");
        }
    }

    #[test]
    fn what_stood_there_stays() {
        assert_eq!(appended("a = 1\n# end", "[x]\n"), "a = 1\n# end\n\n[x]\n");
        assert_eq!(appended("a = 1\r\n", "[x]\nb = 2\n"), "a = 1\r\n\r\n[x]\r\nb = 2\r\n");
        assert_eq!(appended("a = 1\n\n", "[x]\n"), "a = 1\n\n[x]\n");
    }
}
