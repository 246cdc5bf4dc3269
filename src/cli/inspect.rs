//! `bantin inspect article|section|date`: how bantin reads a page, a listing, a date.

use std::path::Path;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{DONE, inspect_article, inspect_date, inspect_section};
use crate::clock::Clock;
use crate::config::{DateOrder, Language};
use crate::extract::date;

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
    #[command(after_help = "Example:\n  bantin inspect article page.html --json\n  \
        curl -s https://www.example.vn/tin-tuc/bai-1.html | bantin inspect article - --section tin-tuc")]
    Article(Source),
    /// List a section's page, feed or folder: a file, a folder, `-`, an address, or a section's slug.
    #[command(after_help = "Example:\n  bantin inspect section https://www.example.vn/tin-tuc\n  \
        bantin inspect section saved.html --section tin-tuc --json")]
    Section(Source),
    /// Read a date; prints RFC 3339, or a bare day where the text states no time.
    #[command(after_help = "Example:\n  bantin inspect date 'Ngày 8-7' --now 2019-08-01T00:00:00Z")]
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
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
struct Source {
    /// A file, `-` for standard input, or an http(s) address.
    #[arg(required_unless_present_any = ["jsonl", "section"], conflicts_with = "jsonl")]
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
            What::Article(input) | What::Section(input) => input.json || input.jsonl,
            What::Date { json, .. } => *json,
        }
    }
}

pub(super) async fn run(file: &Path, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let (input, article) = match args.what {
        What::Date { text, language, timezone, order, now, json } => {
            let language = Language::from_tag(&language).unwrap_or_default();
            let order = if order == "mdy" { DateOrder::Mdy } else { DateOrder::Dmy };
            let options = date::Options { language, timezone, order, now: now.unwrap_or_else(|| clock.now()) };
            inspect_date::run(&text, &options, json)?;
            return Ok(DONE);
        }
        What::Article(input) => (input, true),
        What::Section(input) => (input, false),
    };
    // A configuration is a help here, not a need, unless one of its sections is named.
    let config = if input.section.is_some() || file.is_file() { Some(super::load(file, input.json)?) } else { None };
    let config = config.as_deref();
    let section = match (&input.section, config) {
        (Some(slug), Some(config)) => Some(super::section(config, slug)?.clone()),
        _ => None,
    };
    if !article {
        if input.jsonl {
            inspect_section::run_jsonl(config, section, clock).await?;
        } else {
            inspect_section::run(config, section, input.input.as_deref(), input.json, clock).await?;
        }
        return Ok(DONE);
    }
    let arguments = inspect_article::Arguments { input: input.input, json: input.json, jsonl: input.jsonl, section };
    inspect_article::run(&arguments, config, &clock).await?;
    Ok(DONE)
}
