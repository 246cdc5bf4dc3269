//! `bantin status`: sections, queue, holds and resting targets; is the daemon running?

use std::collections::HashMap;
use std::sync::Arc;

use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::json;

use super::output::say;
use super::{DONE, healthcheck, output};
use crate::clock::Clock;
use crate::config::Config;
use crate::source::recognise::Way;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin status --json")]
pub(super) struct Args {
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// How one section fares.
struct Line {
    slug: String,
    state: &'static str,
    articles: i64,
    newest: i64,
    next: DateTime<Tz>,
    /// The running daemon leaves slots of its schedule out.
    backs_off: bool,
    /// What was recognised, where something was.
    way: Option<Way>,
    trouble: String,
}

/// The tables whose sizes are told: what grows.
const SIZES: [&str; 9] = [
    "articles",
    "pages",
    "releases",
    "subscribers",
    "subscriptions",
    "deliveries",
    "attempts",
    "digest_pages",
    "bounces",
];

/// The same while the configuration's files are broken: the mistakes are printed already; what can be told besides is
/// whether a daemon goes on with the last good one.
pub(super) async fn broken(file: &std::path::Path, as_json: bool, errors: &crate::config::ConfigErrors) -> u8 {
    let ready = match crate::config::load_in_part(file, &crate::config::environment) {
        Some(config) => healthcheck::ready(&config).await.map_err(|error| format!("{error:#}")),
        None => Err("where it would be cannot be read from the configuration".to_owned()),
    };
    if as_json {
        let mut answer = super::wrong_config(errors);
        answer["daemon"] = json!({ "ready": ready.is_ok(), "reason": ready.as_ref().err() });
        output::json(&answer);
    } else {
        match ready {
            Ok(()) => {
                say!("daemon     ready; it goes on with the last good configuration until these files are mended");
            }
            Err(reason) => say!("daemon     not ready: {reason}"),
        }
    }
    super::USAGE
}

pub(super) async fn run(config: Arc<Config>, args: Args, clock: Clock) -> anyhow::Result<u8> {
    let store = super::open(&config).await?;
    let daemon = healthcheck::ready(&config).await.map_err(|e| format!("{e:#}"));
    let rows: HashMap<String, _> = store.sections().await?.into_iter().map(|s| (s.slug.clone(), s)).collect();
    let counts: HashMap<i64, (i64, i64)> =
        store.section_counts().await?.into_iter().map(|(id, count, newest)| (id, (count, newest))).collect();
    let queue = store.queue_counts().await?;
    let holds = store.holds().await?;
    let troubled = store.troubled_targets().await?;
    let told = store.told_findings().await?;
    let ways = store.ways().await?;
    let looks = if daemon.is_ok() { healthcheck::next_looks(&config).await } else { HashMap::new() };
    let now = clock.now();
    let asking = store.asking().await?;
    let paused = store.blocked(now.timestamp_millis()).await?;
    let unwell: Vec<_> = store.troubles().await?.into_iter().filter(|t| t.told_at.is_some()).collect();
    let bytes = store.bytes().await?;
    let sizes = store.row_counts_of(&SIZES).await?;
    let pruned = store.pruned_articles().await?;
    let bounces = store.bounces_since((now - chrono::TimeDelta::days(30)).timestamp_millis()).await?;
    let sections: Vec<_> = config
        .sections
        .values()
        .map(|s| {
            let row = rows.get(&s.slug);
            let (articles, newest) = row.and_then(|r| counts.get(&r.id)).copied().unwrap_or_default();
            let state = match row {
                None => "not looked at yet",
                Some(r) if r.paused && r.paused_until.is_none_or(|until| until > now.timestamp_millis()) => "paused",
                Some(r) if !r.outcome.is_empty() || told.iter().any(|(slug, _)| *slug == s.slug) => "in trouble",
                Some(r) if r.seeded_at.is_none() => "not looked at yet",
                Some(_) => "well",
            };
            let planned = (s.schedule.next(now, s.timezone).at, false);
            let (next, backs_off) = looks.get(&s.slug).copied().filter(|(at, _)| *at > now).unwrap_or(planned);
            Line {
                slug: s.slug.clone(),
                state,
                articles,
                newest,
                next: next.with_timezone(&s.timezone),
                backs_off,
                way: row.and_then(|r| ways.get(&r.id)).map(|stored| stored.way.clone()),
                trouble: row.map(|r| r.outcome.clone()).unwrap_or_default(),
            }
        })
        .collect();
    if args.json {
        output::json(&json!({
            "daemon": { "ready": daemon.is_ok(), "reason": daemon.as_ref().err() },
            "database": store.place(),
            "database_bytes": bytes,
            "rows": sizes.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            "articles_without_text": pruned,
            "troubles": unwell.iter().map(|t| json!({ "key": t.key, "words": t.told.english(),
                "since": output::rfc3339(t.since) })).collect::<Vec<_>>(),
            "sections": sections.iter().map(|line| json!({
                "slug": line.slug, "state": line.state, "articles": line.articles, "trouble": line.trouble,
                "next_look": line.next.to_rfc3339(), "backs_off": line.backs_off,
                "newest": (line.newest > 0).then(|| output::rfc3339(line.newest)),
                "way": line.way.as_ref().map(|way| json!({ "kind": way.kind, "url": way.url, "why": way.why,
                    "confidence": way.confidence })),
            })).collect::<Vec<_>>(),
            "queue": queue.iter().map(|q| json!({ "channel": q.channel, "state": q.state, "count": q.count })).collect::<Vec<_>>(),
            "holds": holds.len(),
            "deliveries_to_decide": asking,
            "resting_relays": paused.iter().map(|(key, until, reason)| json!({ "relay": key.trim_start_matches("relay:"),
                "until": output::rfc3339(*until), "reason": reason })).collect::<Vec<_>>(),
            "bounces_in_30_days": bounces.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
            "findings": told.iter().map(|(slug, f)| json!({ "section": slug, "code": f.code.text(), "words": f.words,
                "since": output::rfc3339(f.since), "remedy": f.code.english().1, "proposal": f.proposal,
                "hold": f.hold_id.map(|id| id.to_string()) })).collect::<Vec<_>>(),
            "resting_targets": troubled.iter().map(|t| json!({ "channel": t.channel, "state": t.state, "reason": t.reason,
                "target": if t.channel == "email" { format!("reader {}", t.id) } else { t.address.clone() } })).collect::<Vec<_>>(),
        }));
        return Ok(DONE);
    }
    match &daemon {
        Ok(()) => say!("daemon     ready on {}", config.server.listen),
        Err(reason) => say!("daemon     not ready: {reason}"),
    }
    say!("database   {}, {}", store.place(), output::bytes(bytes.unsigned_abs()));
    say!("holds      {}\n", held(&sizes, pruned));
    for trouble in &unwell {
        say!("since {}: {}\n", output::moment(trouble.since, config.timezone), trouble.told.english());
    }
    let shown: Vec<_> = sections
        .iter()
        .map(|line| {
            let newest = if line.newest > 0 { output::moment(line.newest, config.timezone) } else { "-".into() };
            let next = match line.state {
                "paused" => "-".to_owned(),
                _ if line.backs_off => line.next.format("%H:%M:%S, backs off").to_string(),
                _ => line.next.format("%H:%M:%S").to_string(),
            };
            vec![
                line.slug.clone(),
                line.state.to_owned(),
                line.way.as_ref().map_or_else(|| "-".to_owned(), |way| way.kind.clone()),
                line.articles.to_string(),
                newest,
                next,
                line.trouble.clone(),
            ]
        })
        .collect();
    output::table(
        &["SECTION", "STATE", "WAY", "ARTICLES", "NEWEST SEEN", "NEXT LOOK", "TROUBLE"],
        &shown,
        "no section is configured",
    );
    for (slug, finding) in &told {
        say!("\n{slug}: not well since {} ({})", output::moment(finding.since, config.timezone), finding.code.text());
        say!("  {}", finding.words);
        if !finding.proposal.is_empty() {
            say!("  {}", finding.proposal);
        }
        say!("  bantin explain {slug}");
    }
    say!("");
    let shown: Vec<_> = queue.iter().map(|q| vec![q.channel.clone(), q.state.clone(), q.count.to_string()]).collect();
    output::table(&["CHANNEL", "DELIVERIES", "NUMBER"], &shown, "nothing has been delivered yet");
    for (key, until, reason) in &paused {
        let until = output::moment(*until, config.timezone);
        if key.starts_with("telegram/") {
            say!("\nthe Telegram bot rests until {until}: {reason}");
        } else {
            say!("\nthe relay {} rests until {until}: {reason}", key.trim_start_matches("relay:"));
        }
    }
    if !bounces.is_empty() {
        let counts: Vec<String> = bounces.iter().map(|(class, count)| format!("{count} {class}")).collect();
        say!("\ncame back in 30 days: {}", counts.join(", "));
    }
    if !holds.is_empty() {
        say!("\n{} held: bantin holds list", output::counted(holds.len(), "run is", "runs are"));
    }
    if asking > 0 {
        let asking = usize::try_from(asking).unwrap_or_default();
        say!(
            "\n{} for your decision: bantin deliveries list --state uncertain",
            output::counted(asking, "delivery that may have arrived waits", "deliveries that may have arrived wait")
        );
    }
    for target in troubled.iter().filter(|t| t.channel != "email") {
        say!("\n{} rests: {}", target.address, target.reason);
    }
    Ok(DONE)
}

/// What the database holds, in a line.
fn held(sizes: &[(String, u64)], pruned: i64) -> String {
    let of = |table: &str| sizes.iter().find(|(name, _)| name == table).map_or(0, |(_, count)| *count);
    let count =
        |table: &str, one: &str, many: &str| output::counted(usize::try_from(of(table)).unwrap_or_default(), one, many);
    let articles = count("articles", "article", "articles");
    let bare = if pruned > 0 { format!(" ({pruned} without their text)") } else { String::new() };
    let readers = count("subscribers", "subscriber", "subscribers");
    let deliveries = count("deliveries", "delivery", "deliveries");
    let stories = count("attempts", "line of their stories", "lines of their stories");
    format!("{articles}{bare}, {readers}, {deliveries} with {stories}")
}
