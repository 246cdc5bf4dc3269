//! `bantin inspect article|section|date`: how bantin reads a page, a listing, a date.

use std::path::Path;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{DONE, inspect_article, inspect_date, inspect_section};
use crate::clock::Clock;
use crate::config::{DateOrder, Language};

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin inspect article page.html --json\n  \
    bantin inspect section https://www.example.vn/tin-tuc\n  \
    bantin inspect date 'Thứ hai - 08/07/2019 14:35' --language vi --timezone Asia/Ho_Chi_Minh")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Read an article page: a file, `-` or an address.
    Article(Source),
    /// List a section's page, feed or folder: a file, a folder, `-` or an address.
    Section(Source),
    /// Read a date; prints RFC 3339, or a bare day where the text states no time.
    Date {
        /// The text, such as "Ngày 8-7" or "Monday, 8 July 2019".
        text: String,
        /// Its language: vi or en.
        #[arg(long, default_value = "vi", value_parser = ["vi", "en"])]
        language: String,
        /// The zone of times without one.
        #[arg(long, default_value = "Asia/Ho_Chi_Minh")]
        timezone: Tz,
        /// Day or month first: dmy or mdy.
        #[arg(long, default_value = "dmy", value_parser = ["dmy", "mdy"])]
        order: String,
        /// The moment of reading (RFC 3339): years are filled in by it, and nothing lies after it.
        #[arg(long)]
        now: Option<DateTime<Utc>>,
    },
}

#[derive(Debug, clap::Args)]
struct Source {
    /// A file, `-` for standard input, or an http(s) address.
    #[arg(required_unless_present_any = ["jsonl", "section"])]
    input: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Read `{"id","url","path"}` a line from standard input, answer one JSON object with the same id a line.
    #[arg(long)]
    jsonl: bool,
    /// Use the rules, zone and language of this section of the configuration.
    #[arg(long)]
    section: Option<String>,
}

impl Args {
    pub(super) fn json(&self) -> bool {
        match &self.what {
            What::Article(input) | What::Section(input) => input.json,
            What::Date { .. } => false,
        }
    }
}

pub(super) async fn run(file: &Path, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let (input, article) = match args.what {
        What::Date { text, language, timezone, order, now } => {
            let language = Language::from_tag(&language).unwrap_or_default();
            let order = if order == "mdy" { DateOrder::Mdy } else { DateOrder::Dmy };
            inspect_date::run(&text, language, timezone, order, now.unwrap_or_else(|| clock.now()))?;
            return Ok(DONE);
        }
        What::Article(input) => (input, true),
        What::Section(input) => (input, false),
    };
    // A configuration is a help here, not a need, unless one of its sections is named.
    let config = if input.section.is_some() || file.is_file() { Some(super::load(file, input.json)?) } else { None };
    let config = config.as_deref();
    if !article {
        // A section's listing is asked for by its slug, any other by its address.
        let named = input.section.or(input.input).unwrap_or_default();
        if input.jsonl {
            inspect_section::run_jsonl(config, clock).await?;
        } else {
            inspect_section::run(config, &named, input.json, clock).await?;
        }
        return Ok(DONE);
    }
    let section = match (&input.section, config) {
        (Some(slug), Some(config)) => {
            let section = config.sections.get(slug);
            Some(section.cloned().with_context(|| format!("there is no section {slug:?} in {}", file.display()))?)
        }
        _ => None,
    };
    let arguments = inspect_article::Arguments { input: input.input, json: input.json, jsonl: input.jsonl, section };
    inspect_article::run(&arguments, config, &clock).await?;
    Ok(DONE)
}
