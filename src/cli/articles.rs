//! `bantin articles`: what is stored of a section, one article whole, and taking one back.

use std::sync::Arc;

use serde_json::json;

use super::output::say;
use super::{DONE, output};
use crate::article::text;
use crate::clock::Clock;
use crate::config::Config;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  bantin articles list tin-tuc\n  bantin articles show https://www.example.vn/tin-tuc/bai-1.html"
)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The newest articles of a section.
    #[command(after_help = "Example:\n  bantin articles list tin-tuc --limit 5")]
    List {
        /// The section's slug.
        section: String,
        /// How many.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
    },
    /// One article whole.
    #[command(after_help = "Example:\n  bantin articles show https://www.example.vn/tin-tuc/bai-1.html")]
    Show {
        /// Its number, its tag: id or its address.
        article: String,
    },
    /// Mail a correction to every reader who was mailed the article, by itself or in a digest; once a revision.
    #[command(
        after_help = "Example:\n  bantin articles correct https://www.example.vn/tin-tuc/bai-1.html --note \"Ngày \
        khai mạc là 12-7, không phải 11-7.\""
    )]
    Correct {
        /// Its number, its tag: id or its address.
        article: String,
        /// What was wrong, in one or two sentences; a general one without it.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Take an article out of the feeds and delete its posts.
    #[command(after_help = "Example:\n  bantin articles withdraw https://www.example.vn/tin-tuc/bai-1.html")]
    Withdraw {
        /// Its number, its tag: id or its address.
        article: String,
    },
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let store = super::open(&config).await?;
    match args.action {
        Action::List { section, limit } => {
            // A section that was taken out of the file can still be looked into.
            let articles = if let Some(row) = store.section(&section).await? {
                store.article_rows(row.id, limit).await?
            } else {
                super::section(&config, &section)?;
                Vec::new()
            };
            if args.json {
                let list = articles.iter().map(|a| {
                    json!({ "id": a.id.to_string(), "title": a.title, "url": a.url, "revision": a.revision,
                            "date": output::rfc3339(a.feed_date), "release": a.release,
                            "withdrawn": a.withdrawn_at.map(output::rfc3339) })
                });
                output::json(&list.collect());
            } else {
                let rows: Vec<_> = articles
                    .iter()
                    .map(|a| {
                        let state = if a.withdrawn_at.is_some() { "withdrawn" } else { state(&a.release) };
                        vec![
                            a.id.to_string(),
                            output::moment(a.feed_date, config.timezone),
                            state.to_owned(),
                            a.revision.to_string(),
                            text::shorten(&a.title, 70),
                        ]
                    })
                    .collect();
                let none = "no articles yet: the section was not looked at, or lists none";
                output::table(&["ID", "DATE", "STATE", "REV", "TITLE"], &rows, none);
            }
        }
        Action::Show { article } => {
            let id = super::article(&store, &article).await?;
            let Some(a) = store.article(id).await? else { anyhow::bail!("article {article} is not stored") };
            let reading = serde_json::to_value(&a.reading)?;
            if args.json {
                output::json(
                    &json!({ "id": a.id.to_string(), "public_id": a.public_id, "url": a.url, "source": a.source_url,
                    "revision": a.revision, "feed_date": a.feed_date, "updated_at": a.updated_at,
                    "first_seen": a.first_seen, "withdrawn_at": a.withdrawn_at, "reading": reading }),
                );
            } else {
                say!("{}\n", a.reading.title);
                say!("id         {}  ({})", a.id, a.public_id);
                say!("address    {}", a.url.as_ref().map_or("none on the web", |u| u.as_str()));
                say!("read at    {}", a.source_url);
                let published = a.reading.published.as_ref();
                say!(
                    "published  {}",
                    published.map_or("not stated".into(), |d| format!("{} ({})", d.at.to_text(), d.provenance))
                );
                say!("by         {}", a.reading.byline.as_deref().unwrap_or("not stated"));
                say!("revision   {}", a.revision);
                if let Some(at) = a.withdrawn_at {
                    say!("withdrawn  {}", output::moment(at.timestamp_millis(), config.timezone));
                }
                say!("\n{}", a.reading.text);
            }
        }
        Action::Correct { article, note } => {
            let id = super::article(&store, &article).await?;
            let queued = store.correct(id, &text::shorten(&text::one_line(&note), 500), clock.now_ms()).await?;
            if args.json {
                output::json(&json!({ "id": id.to_string(), "queued": queued }));
            } else if queued == 0 {
                say!(
                    "nobody to tell: no reader was mailed it in the last 30 days, or all were told of this revision before"
                );
            } else {
                say!("queued for readers: {queued}");
            }
        }
        Action::Withdraw { article } => {
            let id = super::article(&store, &article).await?;
            let now = store.withdraw(id, clock.now_ms()).await?;
            if args.json {
                output::json(&json!({ "id": id.to_string(), "withdrawn": true, "before": !now }));
            } else if now {
                say!("withdrawn: it leaves the feeds, and its posts are deleted");
            } else {
                say!("it was withdrawn before");
            }
        }
    }
    Ok(DONE)
}

/// How an article was let out, in words.
fn state(release: &str) -> &str {
    match release {
        "quiet" => "feeds only",
        "out" => "let out",
        other => other,
    }
}
