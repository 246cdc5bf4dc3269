//! `bantin articles`: what is stored of a section, one article whole, and taking one back.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde_json::json;

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
    List {
        /// The section's slug.
        section: String,
        /// How many.
        #[arg(long, default_value_t = 20)]
        limit: i64,
    },
    /// One article, by its number, id or address.
    Show { article: String },
    /// Take an article out of the feeds and delete its posts.
    Withdraw { article: String },
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let store = super::open(&config).await?;
    match args.action {
        Action::List { section, limit } => {
            let row = store.section(&section).await?;
            let row = row.with_context(|| {
                format!("the store has no section {section:?}; has `bantin run` or `once` seen it?")
            })?;
            let articles = store.article_rows(row.id, limit).await?;
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
                        let state = if a.withdrawn_at.is_some() { "withdrawn" } else { &a.release };
                        vec![
                            a.id.to_string(),
                            output::moment(a.feed_date, config.timezone),
                            state.to_owned(),
                            a.revision.to_string(),
                            text::shorten(&a.title, 70),
                        ]
                    })
                    .collect();
                output::table(&["ID", "DATE", "STATE", "REV", "TITLE"], &rows, "no articles yet");
            }
        }
        Action::Show { article } => {
            let id = find(&store, &article).await?;
            let Some(a) = store.article(id).await? else { bail!("article {article} is not stored") };
            let reading = serde_json::to_value(&a.reading)?;
            if args.json {
                output::json(
                    &json!({ "id": a.id.to_string(), "public_id": a.public_id, "url": a.url, "source": a.source_url,
                    "revision": a.revision, "feed_date": a.feed_date, "updated_at": a.updated_at,
                    "first_seen": a.first_seen, "withdrawn_at": a.withdrawn_at, "reading": reading }),
                );
            } else {
                println!("{}\n", a.reading.title);
                println!("id         {}  ({})", a.id, a.public_id);
                println!("address    {}", a.url.as_ref().map_or("none on the web", |u| u.as_str()));
                println!("read at    {}", a.source_url);
                let published = a.reading.published.as_ref();
                println!(
                    "published  {}",
                    published.map_or("not stated".into(), |d| format!("{} ({})", d.at.to_text(), d.provenance))
                );
                println!("by         {}", a.reading.byline.as_deref().unwrap_or("not stated"));
                println!("revision   {}\n\n{}", a.revision, a.reading.text);
            }
        }
        Action::Withdraw { article } => {
            let id = find(&store, &article).await?;
            if store.withdraw(id, clock.now_ms()).await? {
                println!("withdrawn: it leaves the feeds, and its posts are deleted");
            } else {
                println!("it was withdrawn before");
            }
        }
    }
    Ok(DONE)
}

async fn find(store: &crate::store::Store, name: &str) -> anyhow::Result<i64> {
    let id = store.find_article(name).await?;
    id.with_context(|| format!("no article {name:?}; give its number, its tag: id or its address"))
}
