//! `explain ARTICLE`: where each field came from, how the article was let out in each section and why, and what was
//! sent of it.

use serde_json::json;

use crate::article::Article;
use crate::cli::output::{self, say};
use crate::cli::{DONE, deliveries};
use crate::config::Config;
use crate::store::{ReleaseRow, Store};

/// Messages that are shown.
const MESSAGES: i64 = 50;
/// Messages of which every attempt is shown; `deliveries show` has the others'.
const STORIES: usize = 10;

pub(super) async fn run(config: &Config, store: &Store, name: &str, json: bool) -> anyhow::Result<u8> {
    let id = crate::cli::article(store, name).await?;
    let Some(article) = store.article(id).await? else { anyhow::bail!("article {name} is not stored") };
    let releases = store.releases_of(id).await?;
    let keys = store.keys_of(id).await?;
    let sent = store.deliveries_of(id, MESSAGES).await?;
    if json {
        let mut messages = Vec::new();
        for d in &sent {
            messages.push(json!({ "id": d.id.to_string(), "channel": d.channel, "kind": d.kind, "state": d.state,
                "reason": d.reason, "target": deliveries::target(d), "story": deliveries::story(&store.story(d.id).await?) }));
        }
        output::json(&json!({
            "id": id.to_string(), "public_id": article.public_id, "url": article.url, "source": article.source_url,
            "title": article.reading.title, "keys": keys, "provenance": article.reading.provenance,
            "published": article.reading.published.as_ref().map(|date| date.at.to_text()),
            "feed_date": article.feed_date, "first_seen": article.first_seen, "revision": article.revision,
            "withdrawn": article.withdrawn_at,
            "releases": releases.iter().map(|release| json!({ "section": release.section, "state": release.state,
                "since": output::rfc3339(release.created_at), "urgent": release.urgent, "why": why(config, &article, release) })).collect::<Vec<_>>(),
            "deliveries": messages,
        }));
        return Ok(DONE);
    }
    let moment = |ms: i64| output::moment(ms, config.timezone);
    say!("{}\n", article.reading.title);
    say!("id         {id}  ({})", article.public_id);
    say!("address    {}", article.url.as_ref().map_or("none on the web", |url| url.as_str()));
    say!("read at    {}", article.source_url);
    say!("first seen {}", moment(article.first_seen.timestamp_millis()));
    say!("in feeds   {} ({})", moment(article.feed_date.timestamp_millis()), feed_date_why(&article));
    say!("revision   {}", article.revision);
    if let Some(at) = article.withdrawn_at {
        say!("withdrawn  {}", moment(at.timestamp_millis()));
    }
    say!("known by   {}", keys.join("\n           "));
    say!("\nfields");
    for (field, from) in &article.reading.provenance {
        say!("  {field:<10} {from}");
    }
    if article.reading.published.is_none() {
        say!("  {:<10} no date was found", "published");
    }
    say!("\nlet out");
    for release in &releases {
        say!("  {}: {}, since {}", release.section, why(config, &article, release), moment(release.created_at));
    }
    say!("");
    let rows: Vec<Vec<String>> = sent
        .iter()
        .map(|d| {
            let target = deliveries::target(d);
            vec![d.id.to_string(), d.channel.clone(), target, d.kind.clone(), d.state.clone(), d.reason.clone()]
        })
        .collect();
    let none = "no message is about it alone (digests name it without a row of its own)";
    output::table(&["ID", "CHANNEL", "TARGET", "KIND", "STATE", "REASON"], &rows, none);
    for d in sent.iter().take(STORIES) {
        say!("\n{} {} to {}", d.id, d.kind, deliveries::target(d));
        for attempt in store.story(d.id).await? {
            say!("  {}", deliveries::line(&attempt, config.timezone));
        }
    }
    Ok(DONE)
}

fn feed_date_why(article: &Article) -> &'static str {
    match &article.reading.published {
        None => "the first sight: no date was found",
        Some(date) if date.at.to_text().len() == 10 => "the source's day",
        Some(_) if article.feed_date == article.first_seen => "the first sight",
        Some(_) => "the source's date",
    }
}

/// Why an article was let out or not, in words.
fn why(config: &Config, article: &Article, release: &ReleaseRow) -> String {
    match release.state.as_str() {
        "out" => match &release.hold {
            Some((_, reason, _)) => format!("let out when an admin approved it (it was held: {reason})"),
            None if release.urgent => "let out as urgent: channels push it at once, whatever their times".to_owned(),
            None => "let out: channels push it".to_owned(),
        },
        "waiting" => format!("waits for its `delay`, until {}", output::moment(release.due_at, config.timezone)),
        "held" => {
            let (id, reason) = release.hold.as_ref().map_or((0, ""), |(id, reason, _)| (*id, reason.as_str()));
            format!("held: {reason}; `bantin holds approve|seen {id}`")
        }
        _ => quiet(config, article, release),
    }
}

/// Why an article is for feeds only.
fn quiet(config: &Config, article: &Article, release: &ReleaseRow) -> String {
    if let Some((_, reason, _)) = &release.hold {
        return format!("feeds only: its run was held and marked as seen ({reason})");
    }
    if article.withdrawn_at.is_some() {
        return "not pushed: it was withdrawn".to_owned();
    }
    if release.seeded_at.is_none_or(|seeded| release.created_at <= seeded) {
        return "feeds only: it was there at the section's first look".to_owned();
    }
    let fresh = config.sections.get(&release.section).and_then(|section| section.guard).map(|guard| guard.fresh);
    let age = release.created_at - article.feed_date.timestamp_millis();
    match fresh {
        Some(fresh) if article.reading.published.is_some() && i128::from(age) > fresh.as_millis() as i128 => {
            format!("feeds only: it was {} h old when it was found, more than `guard.fresh` allows", age / 3_600_000)
        }
        _ => "feeds only: it was recorded without being news".to_owned(),
    }
}
