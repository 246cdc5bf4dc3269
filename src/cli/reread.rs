//! `bantin reread SECTION`: reads its stored pages again by the rules of now. Nobody is told of what changes by that.

use std::sync::Arc;

use secrecy::ExposeSecret as _;

use super::output::{self, note, say};
use super::{DONE, IN_PART};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::store::DaemonLock;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  bantin reread tin-tuc\n  bantin reread tin-tuc --site\n\nafter a selector was mended, \
    or with a new version. No post is edited and no mail is sent by it."
)]
pub(super) struct Args {
    /// The section's slug.
    section: String,
    /// Have articles whose page is not kept any more read from the site, by the daemon, politely.
    #[arg(long)]
    site: bool,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let section = super::section(&config, &args.section)?.clone();
    // Beside a daemon, the daemon brings the feeds up to date; alone, this command does.
    let lock = DaemonLock::take(config.database.expose_secret()).ok();
    let app = App::build(config, clock).await?;
    let alone = lock.filter(|_| !app.store.is_shared());
    let told = app.reread_stored(&section, args.site).await?;
    if alone.is_some() && told.changed > 0 {
        app.refresh_feeds().await?;
    }
    let code = if told.failed.is_empty() { DONE } else { IN_PART };
    if args.json {
        output::json(&serde_json::to_value(&told)?);
        return Ok(code);
    }
    for why in &told.failed {
        note!("{why}");
    }
    let articles = output::counted(told.articles, "article", "articles");
    say!("{}: {articles}, {} read differently now; nobody is told of it", section.slug, told.changed);
    match (told.without_page, told.from_site) {
        (0, _) => {}
        (some, 0) => {
            say!("{} no stored page any more; --site has them read again", output::counted(some, "has", "have"));
        }
        (_, soon) => say!("{} from the site by the daemon", output::counted(soon, "is read again", "are read again")),
    }
    Ok(code)
}
